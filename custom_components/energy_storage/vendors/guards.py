"""Keeps readings away that cannot be true: a leaping SOC, a counter that falls."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_SOC_LEAP_PCT = 5.0
_BELIEVED_AFTER = timedelta(minutes=15)
_MIDNIGHT_SLACK = timedelta(minutes=5)
_LEAP_KWH = 1_000.0
_LEAP_KWH_PER_H = 1_000.0


@dataclass(slots=True)
class SocGuard:
    """Holds back a SOC that leaps, until the next reading confirms it."""

    _last: float | None = None

    def feed(self, soc_pct: float | None) -> float | None:
        """Give the reading, or None while it cannot be believed."""
        last, self._last = self._last, soc_pct if soc_pct is not None else self._last
        if soc_pct is None or (last is not None and abs(soc_pct - last) > _SOC_LEAP_PCT):
            return None
        return soc_pct


@dataclass(slots=True)
class CounterGuard:
    """Holds a counter at its last value while it reads less than before, or far more.

    After a reconnect counters read 0 for a while. A counter of the day may fall at local midnight.
    """

    daily: bool = False
    value: float | None = None
    _at: datetime | None = None
    _doubted_since: datetime | None = None
    _doubted: float | None = None

    def feed(self, value: float | None, at: datetime, local_offset: timedelta | None) -> float | None:
        """Give the reading, or the last one that could be believed; `at` is UTC."""
        if value is None:
            return self.value
        if self.value is None or self._at is None or self._believable(value, self.value, self._at, at):
            return self._accept(value, at)
        if value > self.value:
            if self._doubted is not None and 0 <= value - self._doubted <= _LEAP_KWH:
                return self._accept(value, at)
            self._doubted = value
        else:
            self._doubted = None
            if self._midnight_between(at, local_offset):
                return self._accept(value, at)
            self._doubted_since = self._doubted_since or at
            if at - self._doubted_since > _BELIEVED_AFTER:
                return self._accept(value, at)
        return self.value

    def _believable(self, value: float, last: float, last_at: datetime, at: datetime) -> bool:
        hours = (at - last_at) / timedelta(hours=1)
        return 0 <= value - last <= _LEAP_KWH + _LEAP_KWH_PER_H * hours

    def _accept(self, value: float, at: datetime) -> float:
        self.value, self._at, self._doubted_since, self._doubted = value, at, None, None
        return value

    def _midnight_between(self, at: datetime, local_offset: timedelta | None) -> bool:
        if not self.daily or self._at is None or local_offset is None:
            return False
        before = self._at + local_offset - _MIDNIGHT_SLACK
        after = at + local_offset + _MIDNIGHT_SLACK
        return before.date() != after.date()
