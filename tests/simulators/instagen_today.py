"""What an Instagen inverter counts since midnight, and how it splits its powers by where they go."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .flows import Flows, Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Powers by origin and destination, each ≥ 0; what the inverter loses belongs to nobody."""

    pv_to_load: float
    pv_to_battery: float
    pv_to_grid: float
    battery_to_load: float
    battery_to_grid: float
    grid_to_load: float
    grid_to_battery: float


def split(flows: Flows) -> Split:
    """Let PV serve the load first, then the battery; let the battery serve what the load still lacks."""
    load_w = max(0.0, flows.load_w - flows.third_party_pv_w - flows.generator_w)
    charge_w, discharge_w = max(0.0, -flows.battery_w), max(0.0, flows.battery_w)
    export_w, import_w = max(0.0, -flows.grid_w), max(0.0, flows.grid_w)
    pv_to_load = min(flows.pv_w, load_w)
    pv_to_battery = min(flows.pv_w - pv_to_load, charge_w)
    battery_to_load = min(discharge_w, load_w - pv_to_load)
    grid_to_load = min(import_w, load_w - pv_to_load - battery_to_load)
    return Split(
        pv_to_load=pv_to_load,
        pv_to_battery=pv_to_battery,
        pv_to_grid=min(flows.pv_w - pv_to_load - pv_to_battery, export_w),
        battery_to_load=battery_to_load,
        battery_to_grid=min(discharge_w - battery_to_load, export_w),
        grid_to_load=grid_to_load,
        grid_to_battery=min(import_w - grid_to_load, charge_w - pv_to_battery),
    )


def load_phases(flows: Flows, *, three_phase: bool) -> Phases:
    """Find what is taken on each phase: what inverter, grid, generator and third-party PV put in."""
    even_w = flows.third_party_pv_w + flows.generator_w
    shares = (even_w / 3,) * 3 if three_phase else (even_w, 0.0, 0.0)
    first, second, third = (
        inverter + grid + share
        for inverter, grid, share in zip(flows.inverter_phases_w, flows.grid_phases_w, shares, strict=True)
    )
    return first, second, third


@dataclass(slots=True)
class Today:
    """Energies in kWh since midnight of the device's clock."""

    pv_to_load: float = 0.0
    pv_to_battery: float = 0.0
    pv_to_grid: float = 0.0
    battery_to_load: float = 0.0
    grid_to_load: float = 0.0
    charged: float = 0.0
    discharged: float = 0.0
    generator: float = 0.0
    external_pv: float = 0.0
    strings: list[float] = field(default_factory=list[float])
    exported: list[float] = field(default_factory=lambda: [0.0] * 3)
    imported: list[float] = field(default_factory=lambda: [0.0] * 3)
    load: list[float] = field(default_factory=lambda: [0.0] * 3)

    def add(self, flows: Flows, seconds: float, *, three_phase: bool) -> None:
        """Count these powers for so long."""
        kwh = seconds / 3_600_000
        shares = split(flows)
        self.pv_to_load += shares.pv_to_load * kwh
        self.pv_to_battery += shares.pv_to_battery * kwh
        self.pv_to_grid += shares.pv_to_grid * kwh
        self.battery_to_load += shares.battery_to_load * kwh
        self.grid_to_load += shares.grid_to_load * kwh
        self.charged += max(0.0, -flows.battery_w) * kwh
        self.discharged += max(0.0, flows.battery_w) * kwh
        self.generator += flows.generator_w * kwh
        self.external_pv += flows.third_party_pv_w * kwh
        self.strings = self.strings or [0.0] * len(flows.pv_strings)
        _count(self.strings, [volts * amps for volts, amps in flows.pv_strings], kwh)
        _count(self.exported, [-power for power in flows.grid_phases_w], kwh)
        _count(self.imported, flows.grid_phases_w, kwh)
        _count(self.load, load_phases(flows, three_phase=three_phase), kwh)


def _count(counters: list[float], powers_w: Sequence[float], kwh: float) -> None:
    for index, power_w in enumerate(powers_w):
        counters[index] += max(0.0, power_w) * kwh
