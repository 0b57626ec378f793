"""The plant's own clock: which time it keeps, and whether it runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_TRUSTED = timedelta(hours=1)
_FROZEN_POLLS = 3
_FROZEN_S = 10.0


def time_base(device_s: float, offset_min: float, now: datetime) -> timedelta | None:
    """Tell what to subtract from the device's seconds to get UTC.

    Nobody has documented whether they count UTC or wall-clock time, so the nearer one is taken.
    None when the device's clock is so far off that both could be meant.
    """
    ahead = datetime.fromtimestamp(device_s, UTC) - now
    local = timedelta(minutes=offset_min)
    base = min(timedelta(0), local, key=lambda base: abs(ahead - base))
    return base if abs(ahead - base) <= _TRUSTED else None


@dataclass(slots=True)
class ClockWatch:
    """Notices a clock that stands still although the device answers."""

    live_at: datetime | None = None
    """When the clock was last seen to have moved."""
    _seconds: float | None = None
    _since_s: float = 0.0
    _polls: int = 0

    def feed(self, seconds: float | None, at: datetime, monotonic_s: float) -> bool:
        """Take in a reading; tell whether the clock is frozen."""
        if seconds is None or seconds != self._seconds:
            self._seconds, self._since_s, self._polls, self.live_at = seconds, monotonic_s, 1, at
            return False
        self._polls += 1
        return self._polls >= _FROZEN_POLLS and monotonic_s - self._since_s >= _FROZEN_S
