"""What a simulated plant is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantConfig:
    """A plant of a family house; every part can be sized and most can be left out."""

    seed: int = 1
    """Weather and household: the same seed gives the same days."""
    latitude: float = 52.5
    longitude: float = 13.4
    time_zone: str = "Europe/Berlin"
    pv_peak_w: float = 12_000.0
    """All strings of the inverter together."""
    pv_azimuths_deg: tuple[float, ...] = (135.0, 225.0)
    """Direction of each string, clockwise from north; they share the peak power evenly."""
    third_party_pv_peak_w: float = 0.0
    """Behind an inverter of somebody else on the AC bus; nobody here can curtail it."""
    cloudiness: float = 0.8
    """0 is a clear sky for ever, 1 a changeable one."""
    battery_capacity_wh: float = 16_000.0
    """Usable energy; 0 is a plant without a battery."""
    battery_packs: int = 2
    max_charge_w: float = 8_000.0
    max_discharge_w: float = 8_000.0
    battery_efficiency: float = 0.95
    """Of a full cycle, at the terminals."""
    self_discharge_w: float = 4.0
    soc_pct: float = 50.0
    """At the start."""
    inverter_ac_w: float = 10_000.0
    inverter_efficiency: float = 0.97
    standby_w: float = 35.0
    year_load_kwh: float = 4_500.0
    three_phase: bool = True
    backup_supply: bool = True
    """The house lives on without the grid; its chargers and third-party PV do not."""
    generator_w: float = 6_000.0
    """What the generator can give; it runs the house only while the grid is gone."""
    grid_sensor: bool = True
    """Without it nobody knows the house: the battery rests in self-consumption, grid limits are not held."""
    restart_margin_pct: float = 5.0
    """Above the cut-off, before a house that went dark for lack of energy is served again."""
