"""Counters that begin anew each day, and the lifetime sums made of them; pure.

A fall to a lower value is either the new day or a slip of the stick, which gives 0 for a sample now and then.
A slip shown as a new day would count the day twice, so a fall is believed only when it lasts.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

NEW_DAY_READINGS = 2
"""So often in a row it must be lower, once the device's date has changed."""
SAME_DAY_AFTER = timedelta(minutes=15)
"""So long it must be lower within one day: the device's zone or clock may be wrong, or it was reset."""
_AWAY = timedelta(minutes=30)
_LEEWAY = timedelta(minutes=5)
"""A device begins its day so much earlier or later than its clock says."""


@dataclass(slots=True)
class DayCounter:
    """One counter, in kWh."""

    days_kwh: float = 0.0
    """Sum of the days that are over."""
    today_kwh: float | None = None
    """What to show for today."""
    _day: date | None = None
    """Of the device, for which it counts."""
    _at: datetime | None = None
    _lower_since: datetime | None = None
    _lower_readings: int = 0

    @property
    def total_kwh(self) -> float | None:
        """Sum of all days; None while nothing was read."""
        return None if self.today_kwh is None else self.days_kwh + self.today_kwh

    def feed(self, kwh: float | None, at: datetime, clock: datetime) -> None:
        """Take a reading made at `at`; `clock` is the device's own wall-clock time then."""
        if kwh is None or kwh < 0:
            return
        if self.today_kwh is None:
            self._accept(kwh, at, clock.date())
        elif kwh < self.today_kwh:
            if self._lasts(at, clock):
                self._begin(kwh, at, clock)
        elif self._day_was_missed(at, clock):
            self._begin(kwh, at, clock)
        else:
            self._accept(kwh, at, clock.date() if _is_settled(clock) else None)

    def _begin(self, kwh: float, at: datetime, clock: datetime) -> None:
        """Count a new day; the device may be a little early with it."""
        self.days_kwh += self.today_kwh or 0.0
        self._accept(kwh, at, (clock + _LEEWAY).date())

    def _accept(self, kwh: float, at: datetime, day: date | None) -> None:
        self.today_kwh, self._at = kwh, at
        self._day = max((one for one in (self._day, day) if one is not None), default=None)
        self._lower_since, self._lower_readings = None, 0

    def _is_later_day(self, clock: datetime) -> bool:
        return self._day is not None and clock.date() > self._day

    def _day_was_missed(self, at: datetime, clock: datetime) -> bool:
        """Tell whether nobody looked while the day changed, so that a higher value is a new day's too."""
        away = self._at is not None and at - self._at > _AWAY
        return away and self._is_later_day(clock) and _is_settled(clock)

    def _lasts(self, at: datetime, clock: datetime) -> bool:
        self._lower_since = self._lower_since or at
        self._lower_readings += 1
        if self._is_later_day(clock):
            return self._lower_readings >= NEW_DAY_READINGS
        return at - self._lower_since >= SAME_DAY_AFTER

    def to_json(self) -> dict[str, Any]:
        """Give what `from_json` takes."""
        return {
            "days_kwh": self.days_kwh,
            "today_kwh": self.today_kwh,
            "day": None if self._day is None else self._day.isoformat(),
            "at": None if self._at is None else self._at.isoformat(),
        }

    @classmethod
    def from_json(cls, saved: object) -> Self:
        """Take over what was kept, or begin anew where it makes no sense."""
        match saved:
            case {
                "days_kwh": int() | float() as days,
                "today_kwh": int() | float() as today,
                "day": str(day),
                "at": str(at),
            }:
                try:
                    return cls(float(days), float(today), date.fromisoformat(day), datetime.fromisoformat(at))
                except ValueError:
                    return cls()
        return cls()


def _is_settled(clock: datetime) -> bool:
    """Tell whether the day has begun long enough ago for every counter to know it."""
    return clock - clock.replace(hour=0, minute=0, second=0, microsecond=0) >= _LEEWAY
