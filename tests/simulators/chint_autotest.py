"""The self test of Italian grid protection (CEI 0-21) in a simulated ECH; its registers are assumed.

For each protection in turn the device moves its own limit towards what it measures until it trips,
notes what happened, lets go of the grid and connects again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

RAMP_S, RECONNECT_S = 12.0, 30.0
"""Eight of both make between 5 and 6 minutes: makers differ between 3 and 15 [assumed]."""
_UN_V = 230.0
_TRIP_SHARE = 0.8
"""Of the longest time allowed, in which a sound device trips."""
_TOO_SLOW = 1.6


class State(IntEnum):
    """What the state register says."""

    IDLE = 0
    RUNNING = 1
    PASSED = 2
    FAILED = 3
    ABORTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One protection under test: volts or hertz, and the longest time to trip."""

    limit: float
    time_ms: int
    volts: bool = False

    def words(self, grid: float, *, slow: bool) -> tuple[int, ...]:
        """Return the record of a finished step: hertz in hundredths, volts in tenths, milliseconds."""
        gain = 10 if self.volts else 100
        trip_ms = round(self.time_ms * (_TOO_SLOW if slow else _TRIP_SHARE))
        at_trip = round(grid * gain)
        return round(self.limit * gain), self.time_ms, at_trip, trip_ms, at_trip, 2 if slow else 1


DEFAULTS: Mapping[str, Protection] = {
    "autotest_81gt_s1": Protection(limit=50.2, time_ms=100),
    "autotest_81gt_s2": Protection(limit=51.5, time_ms=100),
    "autotest_81lt_s1": Protection(limit=49.8, time_ms=100),
    "autotest_81lt_s2": Protection(limit=47.5, time_ms=100),
    "autotest_59_s1": Protection(limit=1.10 * _UN_V, time_ms=3_000, volts=True),
    "autotest_59_s2": Protection(limit=1.15 * _UN_V, time_ms=200, volts=True),
    "autotest_27_s1": Protection(limit=0.85 * _UN_V, time_ms=1_500, volts=True),
    "autotest_27_s2": Protection(limit=0.15 * _UN_V, time_ms=200, volts=True),
}
"""Name of the record in the table → protection, in the order of the test; editions differ."""


class AutoTest:
    """The test, moved on by whoever has the time."""

    def __init__(self, protections: Mapping[str, Protection]) -> None:
        """Stand idle, without a record."""
        self.state = State.IDLE
        self.step = 0
        self.records: dict[str, tuple[int, ...]] = {}
        self._protections = tuple(protections.items())
        self._turn_at: datetime | None = None
        self._tripped = False

    @property
    def off_grid(self) -> bool:
        """Whether it has tripped and not connected again."""
        return self.state is State.RUNNING and self._tripped

    @property
    def feed_in_allowed(self) -> bool:
        """Whether the last test did not fail."""
        return self.state is not State.FAILED

    def start(self, now: datetime, *, ready: bool) -> None:
        """Begin, where the grid is sound and the device works in parallel with it."""
        self.records.clear()
        self.step, self._tripped = 0, False
        self.state = State.RUNNING if ready else State.ABORTED
        self._turn_at = now + timedelta(seconds=RAMP_S)

    def abort(self) -> None:
        """End a test that runs."""
        if self.state is State.RUNNING:
            self.state = State.ABORTED

    def seconds_left(self, now: datetime) -> float | None:
        """Return the seconds until something happens, None while no test runs."""
        if self.state is not State.RUNNING or self._turn_at is None:
            return None
        return max(0.0, (self._turn_at - now).total_seconds())

    def move(self, now: datetime, *, volts: float, hertz: float, slow_step: int | None) -> bool:
        """Let happen what is due, and tell whether something was; `slow_step` is one that trips too late."""
        moved = False
        while self.state is State.RUNNING and self._turn_at is not None and now >= self._turn_at:
            if self._tripped:
                self._connect_again()
            else:
                name, protection = self._protections[self.step]
                grid = volts if protection.volts else hertz
                self.records[name] = protection.words(grid, slow=slow_step == self.step)
                self._tripped = True
            self._turn_at += timedelta(seconds=RECONNECT_S if self._tripped else RAMP_S)
            moved = True
        return moved

    def _connect_again(self) -> None:
        self._tripped = False
        if self.step + 1 < len(self._protections):
            self.step += 1
        else:
            failed = any(record[-1] == 2 for record in self.records.values())
            self.state = State.FAILED if failed else State.PASSED
