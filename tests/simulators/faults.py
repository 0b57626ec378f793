"""What can go wrong between a client and a Modbus device: faults by name, switched at run time."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
import random
from typing import override

from .modbus import Connection, Request, Wire


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a fault does, the default of the one value it has, and whether it ends after VALUE seconds."""

    text: str
    value: float = 0
    ends: bool = False


WIRE_FAULTS: Mapping[str, FaultKind] = {
    "late_replies": FaultKind("every reply leaves VALUE seconds late, with the id of its own request", 4.5),
    "dropped_replies": FaultKind("requests are executed, replies are lost"),
    "other_transaction": FaultKind("replies carry the id of another transaction"),
    "wrong_unit_id": FaultKind("replies carry another unit id"),
    "truncated_frame": FaultKind("replies lack their last byte, the connection stays"),
    "garbage": FaultKind("random bytes instead of a reply"),
    "reset_in_reply": FaultKind("RST in the middle of a reply"),
    "half_open": FaultKind("connections are accepted, but those that are used meanwhile stay dead for ever"),
    "silence": FaultKind("nothing is heard or answered for VALUE seconds", 10, ends=True),
    "silent_after_writes": FaultKind("nothing is heard any more once VALUE writes were heard", 1),
    "exception": FaultKind("every request is answered with exception code VALUE", 4),
    "refused_writes": FaultKind("every write is answered with exception code VALUE, and not done", 4),
    "one_connection": FaultKind("a second connection is cut at once"),
    "modbus_off": FaultKind("the port is closed"),
    "restart": FaultKind("connections are cut, the port is closed for VALUE seconds", 3, ends=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that is switched on."""

    name: str
    value: float
    unit: int | None = None
    """Only for requests to this unit id; None for all."""


class Faults:
    """The faults of one device; switching one calls `changed(name, on)`."""

    def __init__(
        self, known: Mapping[str, FaultKind], changed: Callable[[str, bool], None] | None = None
    ) -> None:
        """Start without faults; what lasts some seconds needs a running loop."""
        self.known = known
        self._changed = changed or (lambda _name, _on: None)
        self._on: dict[str, Fault] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def add(self, name: str, value: float | None = None, *, unit: int | None = None) -> None:
        """Switch a fault on until it is removed or ends by itself."""
        if (kind := self.known.get(name)) is None:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(self.known)}")
        fault = Fault(name=name, value=kind.value if value is None else value, unit=unit)
        self._on[name] = fault
        self._stop_timer(name)
        if kind.ends:
            self._timers[name] = asyncio.get_running_loop().call_later(fault.value, self.remove, name)
        self._changed(name, True)

    def remove(self, name: str) -> None:
        """Switch a fault off; nothing happens when it is off."""
        self._stop_timer(name)
        if self._on.pop(name, None) is not None:
            self._changed(name, False)

    def clear(self) -> None:
        """Switch every fault off."""
        for name in tuple(self._on):
            self.remove(name)

    def get(self, name: str, unit: int | None = None) -> Fault | None:
        """Return the fault when it is on, and meant for this unit."""
        fault = self._on.get(name)
        if fault is None or (fault.unit is not None and unit is not None and fault.unit != unit):
            return None
        return fault

    def __contains__(self, name: str) -> bool:
        """Tell whether the fault is on."""
        return name in self._on

    def __iter__(self) -> Iterator[str]:
        """Walk through the names of the faults that are on."""
        return iter(tuple(self._on))

    def stop(self) -> None:
        """Forget what would end by itself, at the end of the simulation."""
        for name in tuple(self._timers):
            self._stop_timer(name)

    def _stop_timer(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()


class FaultyWire(Wire):
    """Spoils answers as the faults say."""

    def __init__(self, faults: Faults, seed: int = 0) -> None:
        """Take the faults to obey; the seed makes garbage repeatable."""
        self.faults = faults
        self._random = random.Random(seed)
        self._heard: tuple[Fault | None, int] = (None, 0)
        """Writes since a fault that counts them was switched on."""

    @override
    def accepts(self, open_connections: int) -> bool:
        return not (open_connections and "one_connection" in self.faults)

    @override
    def hears(self, connection: Connection, request: Request) -> bool:
        if self.faults.get("half_open", request.unit):
            connection.dead = True
        if (fault := self.faults.get("silent_after_writes", request.unit)) is not None:
            heard = self._heard[1] if self._heard[0] is fault else 0
            if heard >= fault.value:
                return False
            self._heard = (fault, heard + request.writes)
        return not connection.dead and not self.faults.get("silence", request.unit)

    @override
    def refuses(self, request: Request) -> int | None:
        fault = self.faults.get("exception", request.unit)
        if fault is None and request.writes:
            fault = self.faults.get("refused_writes", request.unit)
        return int(fault.value) if fault else None

    @override
    async def send(self, connection: Connection, request: Request, frame: bytes) -> None:
        def on(name: str) -> Fault | None:
            return self.faults.get(name, request.unit)

        if on("dropped_replies"):
            return
        if late := on("late_replies"):
            await asyncio.sleep(late.value)
        if on("other_transaction"):
            frame = connection.framing.with_other_transaction(frame)
        if on("wrong_unit_id"):
            frame = connection.framing.with_unit(frame, connection.framing.unit_of(frame) ^ 0x55)
        if on("truncated_frame"):
            frame = frame[:-1]
        if on("garbage"):
            frame = self._random.randbytes(len(frame))
        if on("reset_in_reply"):
            connection.write(frame[: len(frame) // 2])
            connection.reset()
            return
        connection.write(frame)
