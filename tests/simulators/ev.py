"""An electric vehicle at a charger of the plant."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Ev:
    """One charger with what is plugged into it; the caller connects, releases and limits."""

    connected: bool = False
    charging: bool = False
    """Released by the charger; power flows while the vehicle also wants energy."""
    max_power_w: float = 11_000.0
    limit_w: float | None = None
    energy_needed_wh: float = 0.0
    soc_pct: float | None = None
    capacity_wh: float = 60_000.0

    def wanted_w(self, seconds: float) -> float:
        """Power that the vehicle would take for so long."""
        if not (self.connected and self.charging) or self.energy_needed_wh <= 0:
            return 0.0
        power_w = self.max_power_w if self.limit_w is None else min(self.max_power_w, self.limit_w)
        return min(power_w, self.energy_needed_wh * 3600 / seconds) if seconds else power_w

    def take(self, power_w: float, seconds: float) -> None:
        """Charge the vehicle with this power for so long."""
        energy_wh = power_w * seconds / 3600
        self.energy_needed_wh = max(0.0, self.energy_needed_wh - energy_wh)
        if self.soc_pct is not None:
            self.soc_pct = min(100.0, self.soc_pct + energy_wh / self.capacity_wh * 100)
