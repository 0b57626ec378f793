"""What a plant finds at its site: light on its roofs and a household that takes power."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .curves import Series, noise
from .flows import Phases
from .household import Household
from .plant_config import PlantConfig
from .sun import Roof, Sky

_OPEN_CIRCUIT_V = 640.0
_SAG_AT_PEAK_V = 90.0


class Site:
    """PV on offer and household load at every moment; a test may set either."""

    def __init__(self, config: PlantConfig) -> None:
        """Lay out the roofs and move the family in."""
        self.pv_override_w: float | Series | None = None
        """PV on offer from the inverter's own strings, before curtailment."""
        self.load_override_w: float | Series | None = None
        """What the household would take."""
        self._three_phase = config.three_phase
        self._string_peak_w = config.pv_peak_w / max(1, len(config.pv_azimuths_deg))
        self._strings = tuple(
            _roof(config, self._string_peak_w, azimuth).curve() for azimuth in config.pv_azimuths_deg
        )
        self._third_party_peak_w = config.third_party_pv_peak_w
        self._third_party = _roof(config, config.third_party_pv_peak_w, 180.0).curve()
        self._sky = Sky(config.seed, config.cloudiness)
        self._household = Household(
            config.seed, year_kwh=config.year_load_kwh, time_zone=ZoneInfo(config.time_zone)
        )
        self._leaning = noise(config.seed + 20, 900), noise(config.seed + 21, 700)

    def string_powers_w(self, epoch_s: float) -> tuple[float, ...]:
        """PV that each string of the inverter could give."""
        if self.pv_override_w is not None:
            total_w = _value(self.pv_override_w, epoch_s)
            return tuple(total_w / len(self._strings) for _ in self._strings)
        light = self._sky.transmission(epoch_s)
        return tuple([string.at(epoch_s) * light for string in self._strings])

    def third_party_pv_w(self, epoch_s: float) -> float:
        """What the inverter of somebody else feeds in while there is a grid."""
        if not self._third_party_peak_w:
            return 0.0
        return self._third_party.at(epoch_s) * self._sky.transmission(epoch_s)

    def household_w(self, epoch_s: float) -> float:
        """What the household takes while it has power."""
        if self.load_override_w is not None:
            return _value(self.load_override_w, epoch_s)
        return self._household.load_w(epoch_s)

    def on_phases(self, household_w: float, even_w: float, epoch_s: float) -> Phases:
        """Share a load between the phases: the household leans to and fro, the rest is even."""
        if not self._three_phase:
            return household_w + even_w, 0.0, 0.0
        first = 0.25 + 0.3 * self._leaning[0].at(epoch_s)
        second = (1 - first) * (0.3 + 0.4 * self._leaning[1].at(epoch_s))
        third = 1 - first - second
        even_w /= 3
        return household_w * first + even_w, household_w * second + even_w, household_w * third + even_w

    def string_readings(self, powers_w: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
        """Volts and amps of strings that give these powers; a dark string has neither."""
        return tuple(
            [(volts := self._volts(power_w), power_w / volts if volts else 0.0) for power_w in powers_w]
        )

    def _volts(self, power_w: float) -> float:
        if power_w <= 0:
            return 0.0
        return _OPEN_CIRCUIT_V - _SAG_AT_PEAK_V * min(1.0, power_w / max(1.0, self._string_peak_w))


def _roof(config: PlantConfig, peak_w: float, azimuth_deg: float) -> Roof:
    return Roof(latitude=config.latitude, longitude=config.longitude, peak_w=peak_w, azimuth_deg=azimuth_deg)


def _value(override: float | Series, epoch_s: float) -> float:
    return override(datetime.fromtimestamp(epoch_s, UTC)) if callable(override) else override
