"""The inverters behind a stick: asks them one after another, and remembers what each said last."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ..driver import DriverConnectionError
from ..line import Backoff, Clock
from .clock import DeviceClock
from .counters import Counters
from .live_data import LiveData
from .messages import serial_text
from .readings import ROWS, raw_of
from .roster import Inverter
from .stick import Stick

_MISSES = 2
"""So often in a row an inverter may be missed before it counts as silent."""


@dataclass(slots=True)
class Heard:
    """What one inverter said last."""

    data: LiveData | None = None
    """None while it is silent."""
    asked: bool = False
    seen: set[str] = field(default_factory=set[str])
    """Paths of all that it has ever given since `connect`."""
    clock: DeviceClock = field(default_factory=DeviceClock)
    rest: Backoff = field(default_factory=Backoff)
    misses: int = 0

    @property
    def answers(self) -> bool:
        """Whether it answers, for all we know."""
        return self.misses < _MISSES

    def miss(self, now_s: float) -> None:
        """Note that it did not answer; what it said is forgotten when that happens again."""
        self.misses += 1
        if not self.answers:
            self.data = None
            self.rest.fail(now_s)


class Crew:
    """All inverters of a plant, by serial number."""

    def __init__(
        self, stick: Stick, counters: Counters, *, now: Callable[[], datetime], monotonic: Clock
    ) -> None:
        """Know nothing yet; what is counted goes to `counters`."""
        self._stick = stick
        self._counters = counters
        self._now = now
        self._monotonic = monotonic
        self._heard: dict[int, Heard] = {}

    def of(self, inverter: Inverter) -> Heard:
        """Give what an inverter said last."""
        return self._heard.setdefault(inverter.serial, Heard())

    def forget(self) -> None:
        """Begin anew."""
        self._heard = {}

    async def read(self, inverters: tuple[Inverter, ...]) -> None:
        """Ask these inverters; one that was silent lately is left alone, except for the master.

        Raises:
            DriverConnectionError: the master does not answer.

        """
        for inverter in inverters:
            heard, now_s = self.of(inverter), self._monotonic()
            if inverter.number != 1 and heard.rest.resting(now_s):
                continue
            heard.asked = True
            try:
                self._take(inverter, await self._stick.live_data(inverter.serial, inverter.target))
            except DriverConnectionError:
                if inverter.number == 1:
                    raise
                heard.miss(now_s)
                self._stick.link.wake()  # the stick itself answers: the next inverter need not wait

    def _take(self, inverter: Inverter, data: LiveData) -> None:
        heard, now = self.of(inverter), self._now()
        heard.data, heard.misses = data, 0
        heard.rest.succeed()
        heard.seen.update(row.path for row in ROWS if raw_of(row, data, None) is not None)
        if heard.clock.feed(data.unix_time, now, self._monotonic()):
            self._counters.feed(serial_text(inverter.serial) or "", data, heard.clock.measured_at or now)
