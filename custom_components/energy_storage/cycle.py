"""The loop that reads the plant: one task, one tick at a time, whoever listens."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from homeassistant.util.dt import utcnow

from .const import LOGGER
from .controller import ControlView
from .engine.metering import OBEYED_AFTER
from .engine.plant import PlantState, Stage, reading_stage
from .vendors.driver import Driver, DriverError, Due, Tier

INTERVALS_S: Mapping[Tier, float] = {Tier.COUNTERS: 60, Tier.SETTINGS: 60, Tier.STATIC: 3600}
"""How often each tier is asked for; the fast one in every tick."""
FAST_REQUESTS = 2
"""What the fast readings need of a tick."""
_ONE_BY_ONE = 5
"""So many requests at most follow a tick one by one, where a meter may have news in between."""
DECIDE_EVERY_S = 5.0
"""A plant that is read less often is decided on all the same: time passes, and other readings come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is known about the plant at one moment."""

    at: datetime
    """When this was said, UTC; `state.read_at` is when the device said it."""
    state: PlantState
    stage: Stage
    error: DriverError | None = None
    """Why the plant could not be read just now; None when it was."""
    control: ControlView | None = None
    """What was decided and what became of it; None where nothing can be commanded."""


class CycleStoppedError(Exception):
    """Nothing is asked of the plant any more."""


@dataclass(slots=True, kw_only=True)
class Statistics:
    """What the cycle has been through since set-up, for diagnostics."""

    ticks: int = 0
    failed: int = 0
    outages: int = 0
    longest_tick_s: float = 0.0
    last_error: str | None = None


class Calendar:
    """Which tiers are due."""

    def __init__(self) -> None:
        """Have everything due at once."""
        self._asked: dict[Tier, float] = {}

    def due(self, now_s: float) -> frozenset[Tier]:
        """Name what is due now, the fast tier always."""
        return frozenset(
            {Tier.FAST}
            | {
                tier
                for tier, every_s in INTERVALS_S.items()
                if tier not in self._asked or now_s - self._asked[tier] >= every_s
            }
        )

    def asked(self, tiers: frozenset[Tier], now_s: float) -> None:
        """Note that these were asked for."""
        self._asked.update(dict.fromkeys(tiers, now_s))


def requests_beside_fast(poll: timedelta, spacing_s: float) -> int:
    """How many further requests fit into a tick, with one left over for a slow answer."""
    return max(1, int(poll.total_seconds() / spacing_s) - FAST_REQUESTS - 1)


class Cycle:
    """Reads on and on, says how far the last reading can be trusted, and tells outages once."""

    def __init__(
        self,
        driver: Driver,
        state: PlantState,
        *,
        name: str,
        poll: timedelta,
        spacing_s: float,
        lag: timedelta = timedelta(0),
        publish: Callable[[Reading], Awaitable[None]],
        control: Callable[[PlantState], Awaitable[ControlView]] | None = None,
        turn: asyncio.Lock | None = None,
        listens: bool = False,
    ) -> None:
        """Start from a reading that was already taken; nothing runs before `start`.

        A reading may be as old as `lag` when it comes. Who holds `turn` speaks with the plant; where the
        cycle `listens` to a meter, nobody holds it for longer than what is read fast, or one request, takes.
        """
        self._listens = listens
        self._driver = driver
        self._state = state
        self._name = name
        self._poll = poll
        self._lag = lag
        self._asked_s = monotonic()
        self._most_requests = requests_beside_fast(poll, spacing_s)
        self._publish = publish
        self._control = control
        self._view: ControlView | None = None
        self._turn = turn or asyncio.Lock()
        self._stopped = False
        self._calendar = Calendar()
        self._error: DriverError | None = None
        self._lost_at: datetime | None = None
        self._unreachable: frozenset[str] = frozenset()
        self._defects: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._beside: asyncio.Future[Any] | None = None
        self.statistics = Statistics()

    def reading(self) -> Reading:
        """What is known now, and how far it can be trusted."""
        now = utcnow()
        stage = reading_stage(now - self._state.read_at, self._poll, self._lag)
        return Reading(at=now, state=self._state, stage=stage, error=self._error, control=self._view)

    def start(self, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        """Run in tasks of its own."""
        self._tasks = [spawn(self._run()), spawn(self._run_on_news())]

    async def stop(self) -> None:
        """End the tasks; when this returns nothing is asked or decided any more."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._beside is not None:
            self._beside.cancel()
        async with self._turn:
            pass

    async def beside[T](self, request: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Make one request between two ticks: a tick that has come due meanwhile goes before the next.

        Raises:
            CycleStoppedError: the plant is being handed back.

        """
        async with self._turn:
            if self._stopped:
                raise CycleStoppedError
            return await self._until_stopped(request)

    async def _until_stopped[T](self, request: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Make a request that `stop` cuts short: nobody waits for a slow answer before a release."""
        asked = asyncio.ensure_future(request())
        self._beside = asked
        try:
            return await asked
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._stopped and (task is None or not task.cancelling()):
                raise CycleStoppedError from None
            raise
        finally:
            self._beside = None

    async def _run(self) -> None:
        """Tick until cancelled: at least in step with the poll interval, at once when a tick took longer."""
        while True:
            started = monotonic()
            await self.tick()
            took = monotonic() - started
            self.statistics.longest_tick_s = max(self.statistics.longest_tick_s, took)
            every_s = min(self._poll.total_seconds(), DECIDE_EVERY_S)
            await asyncio.sleep(max(0.0, every_s - took))

    async def _run_on_news(self) -> None:
        """Decide at once whenever a meter has news."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.hear()

    def tell(self) -> None:
        """Have the news of a meter decided on as soon as nobody else speaks with the plant."""
        self._news.set()

    async def tick(self) -> None:
        """Read what is due, decide, and publish what is known then; nothing but a cancellation gets out."""
        async with self._turn:
            due = self._is_due()
            if due:
                await self._read_or_tell()
            await self._decide_and_publish()
        if due and self._listens and self._error is None:
            await self._read_the_rest()

    async def _read_the_rest(self) -> None:
        """Read what is due besides, with a chance for news of a meter before each request."""
        for _ in range(min(self._most_requests, _ONE_BY_ONE)):
            async with self._turn:
                if self._stopped:
                    return
                try:
                    self._state = await self._driver.read(Due(tiers=frozenset(), most_requests=1))
                except DriverError as err:
                    LOGGER.debug("%s: not read: %s", self._name, err)
                    return
                except Exception as err:  # noqa: BLE001  a defect in a driver must not end the cycle
                    self._tell_defect("reading", err)
                    return

    def _is_due(self) -> bool:
        """Tell whether the plant is to be asked in this tick, as in each where it is read that often."""
        poll_s = self._poll.total_seconds()
        if poll_s <= DECIDE_EVERY_S:
            return True
        return monotonic() - self._asked_s >= poll_s - DECIDE_EVERY_S / 2

    async def decide(self) -> Reading:
        """Decide at once on what is known: a setting has changed, or somebody has asked for something."""
        async with self._turn:
            if not self._stopped:
                await self._decide_and_publish()
        return self.reading()

    async def hear(self) -> None:
        """Decide on the news of a meter.

        What the battery does counts with it. So after a write of ours the plant is asked first, until it
        has had the time to obey; not a plant that tells it late.
        """
        async with self._turn:
            if self._stopped:
                return
            wrote_at = None if self._view is None else self._view.wrote_at
            obeying = wrote_at is not None and self._state.read_at < wrote_at + OBEYED_AFTER
            if obeying and not self._lag:
                await self._read_or_tell(Due(tiers=frozenset({Tier.FAST}), most_requests=0))
            await self._decide_and_publish()

    async def _read_or_tell(self, due: Due | None = None) -> None:
        """Ask the plant for this, or for what is due."""
        self.statistics.ticks += 1
        self._error = None
        self._asked_s = monotonic()
        try:
            await self._read(due)
        except DriverError as err:
            self._error = err
            self._failed(str(err))
        except Exception as err:  # noqa: BLE001  a defect in a driver must not end the cycle
            self._failed(f"{type(err).__name__}: {err}")
            self._tell_defect("reading", err)
        self._tell_outage(self.reading())

    async def _decide_and_publish(self) -> None:
        if self._control is not None:
            try:
                self._view = await self._control(self._state)
            except Exception as err:  # noqa: BLE001  a defect must not end the cycle
                self._tell_defect("controlling", err)
        reading = self.reading()
        try:
            await self._publish(reading)
        except Exception as err:  # noqa: BLE001  nor must one in an entity
            self._tell_defect("publishing", err)

    async def _read(self, due: Due | None) -> None:
        now_s = monotonic()
        most = 0 if self._listens else self._most_requests
        due = due or Due(tiers=self._calendar.due(now_s), most_requests=most)
        state = await self._driver.read(due)
        self._calendar.asked(due.tiers, now_s)
        self._state = state
        if state.clock_frozen:
            self._failed("it answers, but its clock stands still")

    def _failed(self, why: str) -> None:
        self.statistics.failed += 1
        self.statistics.last_error = why
        LOGGER.debug("%s: no reading: %s", self._name, why)

    def _tell_defect(self, doing: str, err: Exception) -> None:
        """Report an error that is ours, once of each kind; its trace only where someone looks for it."""
        kind = f"{doing} {type(err).__name__}"
        if kind not in self._defects:
            self._defects.add(kind)
            LOGGER.error("%s: unexpected error while %s: %s: %s", self._name, doing, type(err).__name__, err)
            LOGGER.debug("%s: where it happened", self._name, exc_info=err)

    def _tell_outage(self, reading: Reading) -> None:
        """Log when the plant is lost and when it is back, and the same of each device; each once."""
        if reading.stage is Stage.LOST:
            if self._lost_at is None:
                self._lost_at = reading.state.read_at
                self.statistics.outages += 1
                LOGGER.warning("%s is unavailable: %s", self._name, self.statistics.last_error)
            return
        if self._lost_at is not None and reading.stage is Stage.FRESH:
            silent_s = (reading.state.read_at - self._lost_at).total_seconds()
            LOGGER.info("%s is available again after %.0f s", self._name, silent_s)
            self._lost_at = None
        unreachable = frozenset(key for key, answers in reading.state.reachable.items() if not answers)
        for key in sorted(unreachable - self._unreachable):
            LOGGER.info("%s: %s does not answer", self._name, key)
        for key in sorted(self._unreachable - unreachable):
            LOGGER.info("%s: %s answers again", self._name, key)
        self._unreachable = unreachable
