"""The counters of a plant: of today as the devices give them, made safe, and lifetime sums of them; pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ...engine.plant import Counter
from .live_data import LiveData
from .readings import ROWS, Row, find
from .today import DayCounter
from .totals import whole

_LIFETIME: Mapping[str, Counter] = {
    "grid_import_energy_today": Counter.GRID_IMPORT,
    "grid_export_energy_today": Counter.GRID_EXPORT,
    "ess_charge_energy_today": Counter.BATTERY_CHARGE,
    "ess_discharge_energy_today": Counter.BATTERY_DISCHARGE,
    "pv_energy_today": Counter.PV,
    "load_energy_today": Counter.LOAD,
}
_KEPT_FOR = timedelta(minutes=30)
"""What is kept goes to the disk each time that it changes."""
_THIRD_PARTY_PV = "external_pv"
_COUNTERS: tuple[Row, ...] = tuple(row for row in ROWS if row.total)


def lifetime_of(row: Row) -> Counter | None:
    """Tell of which lifetime counter a counter of today is a part."""
    if row.key == "energy_today":
        return Counter.THIRD_PARTY_PV if row.path.startswith(_THIRD_PARTY_PV) else None
    return _LIFETIME.get(row.key)


class Counters:
    """All counters of one plant, by serial number of the inverter that gives them."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._counters: dict[tuple[str, str], DayCounter] = {}
        self._kept: dict[str, Any] = {}
        self._kept_at: datetime | None = None
        self._kept_days: dict[tuple[str, str], float] = {}

    def feed(self, serial: str, data: LiveData, at: datetime) -> None:
        """Take in new values that an inverter gave for this time."""
        clock = (data.unix_time or 0) + (data.tz_offset or 0)
        wall = datetime.fromtimestamp(max(0, clock), at.tzinfo)
        for row in _COUNTERS:
            raw = find(data, row.path)
            counter = self._counters.get((serial, row.path))
            if raw is not None and counter is None:
                counter = self._counters[serial, row.path] = DayCounter()
            if counter is not None:
                counter.feed(None if raw is None else round(raw * row.scale, 3), at, wall)

    def today(self, serial: str, row: Row) -> float | None:
        """Give a counter of today; None while unknown."""
        counter = self._counters.get((serial, row.path))
        return None if counter is None else counter.today_kwh

    def lifetime(self, serials: Iterable[str]) -> dict[Counter, float | None]:
        """Give the sums of all days, as far as these inverters count that at all."""
        serials = tuple(serials)
        parts: dict[Counter, list[float | None]] = {}
        for counter, total in self._totals(serials):
            parts.setdefault(counter, []).append(total)
        return {counter: whole(totals) for counter, totals in parts.items()}

    def _totals(self, serials: tuple[str, ...]) -> Iterator[tuple[Counter, float | None]]:
        for row in _COUNTERS:
            lifetime = lifetime_of(row)
            for serial in serials:
                counter = self._counters.get((serial, row.path))
                if lifetime is not None and counter is not None:
                    yield lifetime, counter.total_kwh

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Give what `restore` takes; the same for half an hour, unless a day has ended."""
        days = {key: counter.days_kwh for key, counter in self._counters.items()}
        if self._kept_at is None or now - self._kept_at >= _KEPT_FOR or days != self._kept_days:
            self._kept_at, self._kept_days = now, days
            self._kept = {
                f"{serial} {path}": counter.to_json() for (serial, path), counter in self._counters.items()
            }
        return self._kept

    def restore(self, saved: object) -> None:
        """Take over what was kept, as far as it makes sense."""
        known = {row.path for row in _COUNTERS}
        for key, kept in saved.items() if isinstance(saved, dict) else ():
            serial, _, path = str(key).partition(" ")
            counter = DayCounter.from_json(kept)
            if path in known and counter.today_kwh is not None:
                self._counters[serial, path] = counter
