"""A home battery: stored energy, what it can take and give, its losses and its temperature."""

from math import sqrt

from .curves import clamp

_TAPER_FROM_PCT = 90.0
"""Above this SOC the charge power falls, to a tenth at 100 %."""
_INSTANT_S, _AHEAD_S = 1.0, 60.0
"""In less than an instant it takes what it could take for so long: it is full, not thirsty for a moment."""
_HEAT_CAPACITY_J_PER_K = 120_000.0
_COOLING_W_PER_K = 12.0
_AMBIENT_C = 19.0
_CYCLES_TO_80_PCT = 6_000.0


class Battery:
    """Usable energy behind terminals; every power here is a magnitude or signed + discharging."""

    def __init__(
        self,
        *,
        capacity_wh: float,
        max_charge_w: float,
        max_discharge_w: float,
        efficiency: float,
        self_discharge_w: float,
        soc_pct: float,
    ) -> None:
        """Start at this SOC; the efficiency is that of a full cycle and is lost in equal halves."""
        self.capacity_wh = capacity_wh
        self.max_charge_w = max_charge_w
        self.max_discharge_w = max_discharge_w
        self.stored_wh = capacity_wh * soc_pct / 100
        self.temperature_c = _AMBIENT_C
        self._one_way = sqrt(efficiency)
        self._self_discharge_w = self_discharge_w
        self._discharged_wh = 0.0

    @property
    def soc_pct(self) -> float:
        """State of charge, 0 to 100; 0 where there is no battery."""
        if not self.capacity_wh:
            return 0.0
        return self.stored_wh / self.capacity_wh * 100

    @property
    def soh_pct(self) -> float:
        """State of health; it falls by a fifth over the cycles of a life."""
        if not self.capacity_wh:
            return 100.0
        return 100 - 20 * self._discharged_wh / self.capacity_wh / _CYCLES_TO_80_PCT

    def charge_w(self, ceiling_pct: float, seconds: float) -> float:
        """Power that the terminals can take for so long without passing this SOC."""
        soc_pct = self.soc_pct
        room_wh = (min(ceiling_pct, 100.0) - soc_pct) / 100 * self.capacity_wh
        if room_wh <= 0:
            return 0.0
        power_w = self.max_charge_w
        if soc_pct > _TAPER_FROM_PCT:
            power_w *= 1 - 0.9 * (soc_pct - _TAPER_FROM_PCT) / (100 - _TAPER_FROM_PCT)
        ahead_s = seconds if seconds >= _INSTANT_S else _AHEAD_S
        return min(power_w, room_wh / self._one_way * 3600 / ahead_s)

    def discharge_w(self, floor_pct: float, seconds: float) -> float:
        """Power that the terminals can give for so long without passing this SOC."""
        spare_wh = (self.soc_pct - max(floor_pct, 0.0)) / 100 * self.capacity_wh
        if spare_wh <= 0:
            return 0.0
        power_w = self.max_discharge_w
        return min(power_w, spare_wh * self._one_way * 3600 / seconds) if seconds else power_w

    def losses_w(self, power_w: float, seconds: float) -> float:
        """Tell what is lost behind the terminals at this power, + discharging, self-discharge included."""
        moved_w = power_w / self._one_way if power_w > 0 else power_w * self._one_way
        left_w = self.stored_wh * 3600 / seconds - moved_w if seconds else self._self_discharge_w
        return moved_w - power_w + clamp(left_w, 0.0, self._self_discharge_w)

    def exchange(self, power_w: float, losses_w: float, seconds: float) -> None:
        """Give (+) or take (-) this power at the terminals for so long."""
        hours = seconds / 3600
        self.stored_wh = min(self.capacity_wh, max(0.0, self.stored_wh - (power_w + losses_w) * hours))
        self._discharged_wh += max(0.0, power_w) * hours
        heat_w = losses_w - _COOLING_W_PER_K * (self.temperature_c - _AMBIENT_C)
        self.temperature_c += heat_w * seconds / _HEAT_CAPACITY_J_PER_K
