"""Times every turn of the event loop, and in it the time that our coroutines are at work."""

from asyncio.events import Handle
from asyncio.tasks import Task
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
import inspect
from operator import attrgetter
from pathlib import Path
import sys
from time import perf_counter, thread_time
from types import CodeType

_OURS = str(Path(__file__).resolve().parents[2] / "custom_components" / "energy_storage")
_callback = attrgetter("_callback")
_EVENTS = sys.monitoring.events


@dataclass(slots=True)
class Longest:
    """The longest of many stretches of time."""

    ms: float = 0.0
    name: str = ""

    def see(self, seconds: float, name: Callable[[], str]) -> None:
        """Keep this one if it took longer."""
        if seconds * 1000 > self.ms:
            self.ms, self.name = seconds * 1000, name()


@dataclass(slots=True)
class Watch:
    """What was seen while the loop was watched."""

    block: Longest = field(default_factory=Longest)
    """A turn of the loop: one callback, or one task until it waits for something."""
    ours: Longest = field(default_factory=Longest)
    """Processor time of that while a coroutine of ours was at work, with all that it called.

    Processor time, because on a busy machine the clock also counts what others do meanwhile.
    """


class _Attribution:
    """Adds up, in one turn of the loop, the time inside coroutines of ours."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.name = ""
        self._depth = 0
        self._since = 0.0

    def begin(self) -> None:
        """Start with a new turn of the loop."""
        self.seconds, self.name, self._depth = 0.0, "", 0

    def enter(self, code: CodeType, *_: object) -> object:
        """Note that a function starts or goes on."""
        if not _is_ours(code):
            return sys.monitoring.DISABLE
        self._depth += 1
        if self._depth == 1:
            self._since, self.name = thread_time(), code.co_qualname
        return None

    def throw(self, code: CodeType, *_: object) -> None:
        """Note that a function goes on with an exception; this event cannot be switched off."""
        if _is_ours(code):
            self.enter(code)

    def leave(self, code: CodeType, *_: object) -> object:
        """Note that a function ends or waits."""
        if not _is_ours(code):
            return sys.monitoring.DISABLE
        self._depth -= 1
        if self._depth == 0:
            self.seconds += thread_time() - self._since
        return None

    def unwind(self, code: CodeType, *_: object) -> None:
        """Note that a function ends by an exception; this event cannot be switched off."""
        if _is_ours(code):
            self.leave(code)


def _is_ours(code: CodeType) -> bool:
    """Tell whether this is a coroutine of the integration: plain functions would cost more than they take."""
    return bool(code.co_flags & inspect.CO_COROUTINE) and code.co_filename.startswith(_OURS)


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch the event loop of this thread until the block ends."""
    watch, attribution, run = Watch(), _Attribution(), Handle._run  # noqa: SLF001  every turn passes here

    def timed(handle: Handle) -> None:
        attribution.begin()
        named = partial(_name, _callback(handle))  # now, because a cancellation forgets it
        worked, started = thread_time(), perf_counter()
        run(handle)
        took, worked = perf_counter() - started, thread_time() - worked
        watch.block.see(took, lambda: f"{named()}, at work for {worked * 1000:.1f} ms")
        watch.ours.see(attribution.seconds, lambda: attribution.name)

    callbacks = {
        _EVENTS.PY_START: attribution.enter,
        _EVENTS.PY_RESUME: attribution.enter,
        _EVENTS.PY_THROW: attribution.throw,
        _EVENTS.PY_RETURN: attribution.leave,
        _EVENTS.PY_YIELD: attribution.leave,
        _EVENTS.PY_UNWIND: attribution.unwind,
    }
    tool = sys.monitoring.PROFILER_ID
    sys.monitoring.use_tool_id(tool, __name__)
    for event, callback in callbacks.items():
        sys.monitoring.register_callback(tool, event, callback)
    sys.monitoring.set_events(tool, sum(callbacks))
    sys.monitoring.restart_events()
    setattr(Handle, run.__name__, timed)
    try:
        yield watch
    finally:
        setattr(Handle, run.__name__, run)
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.free_tool_id(tool)


def _name(callback: object) -> str:
    while isinstance(callback, partial):
        callback = callback.func
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, Task):
        return f"task {owner.get_name()!r}"
    return str(getattr(callback, "__qualname__", callback))
