"""What a simulated Chint plant counts: energies in its life and since its own midnight."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from .flows import Energies

LIFE_BEFORE = Energies(
    pv=6_412.7,
    battery_charge=2_903.4,
    battery_discharge=2_655.8,
    grid_import=1_874.2,
    grid_export=2_760.9,
    household=5_102.6,
)
"""What the plant counted before the simulation begins: its lifetime counters do not start at 0."""
_HOURS_BEFORE = 3_150.0


@dataclass(slots=True, kw_only=True)
class Counters:
    """Energies in kWh; the physics counts its own since the simulation began, which is added."""

    before: Energies = field(default_factory=lambda: replace(LIFE_BEFORE))
    day: date
    """The day that `today` belongs to, by the device's own clock."""
    day_began: Energies = field(default_factory=lambda: replace(LIFE_BEFORE))
    backup_kwh: float = 12.4
    backup_began_kwh: float = 12.4
    smart_kwh: float = 0.0
    smart_began_kwh: float = 0.0
    peak_today_w: float = 0.0
    run_today_s: float = 0.0
    life_h: float = _HOURS_BEFORE

    def life(self, counted: Energies) -> Energies:
        """Return what was counted in the life of the device."""
        zero = Energies()
        return counted.since(zero.since(self.before))

    def begin(self, day: date, counted: Energies) -> None:
        """Start a day."""
        self.day = day
        self.day_began = self.life(counted)
        self.backup_began_kwh, self.smart_began_kwh = self.backup_kwh, self.smart_kwh
        self.peak_today_w = self.run_today_s = 0.0

    def saved(self, counted: Energies) -> dict[str, Any]:
        """Return all of it for a file."""
        return asdict(replace(self, before=self.life(counted))) | {"day": self.day.isoformat()}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> Counters:
        """Go on from what was saved."""
        return cls(
            **{
                **saved,
                "day": date.fromisoformat(saved["day"]),
                "before": Energies(**saved["before"]),
                "day_began": Energies(**saved["day_began"]),
            }
        )
