"""The device's own clock: how far it is off, how old its values are, and whether it runs; pure."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_KEPT = 20
_SET_ANEW = timedelta(minutes=10)
_FROZEN_POLLS = 4
_FROZEN_S = 120.0
_LAST_MOMENT = 253_402_300_799


@dataclass(slots=True)
class DeviceClock:
    """Turns the time that the stick gives with its values into our time.

    Its clock may be wrong by hours, and its values are up to half a minute old when they come, by an
    amount that changes. So the device is ahead by the most that any of the last values was ahead of us:
    that one was the freshest.
    """

    device_time: datetime | None = None
    """What the device's clock said with the newest values, as if it were UTC."""
    measured_at: datetime | None = None
    """When the newest values were made, by our clock."""
    _ahead: deque[timedelta] = field(default_factory=lambda: deque[timedelta](maxlen=_KEPT))
    _same_polls: int = 0
    _same_since_s: float = 0.0

    @property
    def ahead(self) -> timedelta | None:
        """How far the device's clock is ahead of ours; None while unknown."""
        return max(self._ahead, default=None)

    @property
    def repeated(self) -> bool:
        """Whether the newest answer had the same values as the one before."""
        return self._same_polls > 1

    def feed(self, unix_time: int | None, now: datetime, monotonic_s: float) -> bool:
        """Take in an answer; tell whether its values are new."""
        if unix_time is None or not 0 < unix_time <= _LAST_MOMENT:
            self.device_time, self.measured_at, self._same_polls = None, now, 0
            return True
        device_time = datetime.fromtimestamp(unix_time, UTC)
        if device_time == self.device_time:
            self._same_polls += 1
            return False
        self.device_time, self._same_polls, self._same_since_s = device_time, 1, monotonic_s
        ahead = device_time - now
        if self.ahead is not None and abs(ahead - self.ahead) > _SET_ANEW:
            self._ahead.clear()
        self._ahead.append(ahead)
        self._date(now)
        return True

    def frozen(self, monotonic_s: float) -> bool:
        """Tell whether answers go on with a clock that stands still."""
        return self._same_polls >= _FROZEN_POLLS and monotonic_s - self._same_since_s >= _FROZEN_S

    def _date(self, now: datetime) -> None:
        if self.device_time is None or self.ahead is None:
            return
        made_at = min(now, self.device_time - self.ahead)
        self.measured_at = made_at if self.measured_at is None else max(made_at, min(self.measured_at, now))
