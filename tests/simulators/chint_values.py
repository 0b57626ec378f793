"""What the registers of a simulated Chint plant are made from, and helpers to say how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .chint_config import Identity
from .chint_settings import Settings
from .flows import Energies, Flows, Phases
from .register_map import RegisterValue

PHASES = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The device at one moment."""

    identity: Identity
    settings: Settings
    flows: Flows
    life: Energies
    """Counted in the life of the device."""
    today: Energies
    """Since midnight of the device's own clock."""
    backup_kwh: float
    backup_today_kwh: float
    smart_kwh: float
    smart_today_kwh: float
    peak_today_w: float
    run_today_s: float
    life_h: float
    soc_pct: float
    soh_pct: float
    temperature_c: float
    battery_v: float
    capacity_kwh: float
    charge_a: float
    """What the battery takes now at most, in its own amperes."""
    discharge_a: float
    volts: Phases
    """At the grid terminals; 0 where there is no grid."""
    inverter_volts: Phases
    hertz: float
    """Of the grid, 0 where there is none."""
    inverter_hertz: float
    relay_closed: bool
    islanded: bool
    running: bool
    faulty: bool
    derated: bool
    mode: int
    """ECH running mode in force."""
    autotest_state: int
    autotest_step: int
    smart_on: bool
    smart_w: float
    bms_there: bool
    meter_there: bool
    rated_w: float
    three_phase: bool

    @property
    def battery_a(self) -> float:
        """Current of the battery, + discharging."""
        return self.flows.battery_w / self.battery_v if self.battery_v else 0.0

    @property
    def load_phases_w(self) -> Phases:
        """What the house takes on each phase."""
        grid, inverter = self.flows.grid_phases_w, self.flows.inverter_phases_w
        return grid[0] + inverter[0], grid[1] + inverter[1], grid[2] + inverter[2]

    @property
    def backup_phases_w(self) -> Phases:
        """What the backup output carries: the house, while it is an island."""
        return self.flows.inverter_phases_w if self.islanded else (0.0, 0.0, 0.0)


type Source = Callable[[Reading], RegisterValue | None]
"""How a value is made, in the table's unit; None is a value that the device does not know."""


def amps(watts: Phases, volts: Phases, phase: int) -> float:
    """Return the current of a phase, + with the power."""
    return watts[phase] / volts[phase] if volts[phase] else 0.0


def per_phase(names: Sequence[str], source: Callable[[Reading, int], float | None]) -> Mapping[str, Source]:
    """Make one source a phase, under these three names."""

    def of(phase: int) -> Source:
        return lambda reading: source(reading, phase)

    return {name: of(phase) for phase, name in enumerate(names)}


def lines(pattern: str) -> tuple[str, ...]:
    """Name the three phases of a pattern, `grid_l{}_power`."""
    return tuple(pattern.format(phase + 1) for phase in PHASES)


def strings(count: int) -> Mapping[str, Source]:
    """Make volts, amps and watts of each PV string; one that is not there reads 0."""

    def string(reading: Reading, index: int) -> tuple[float, float]:
        readings = reading.flows.pv_strings
        return readings[index] if index < len(readings) else (0.0, 0.0)

    def of(index: int) -> Mapping[str, Source]:
        name = f"pv{index + 1}"
        return {
            f"{name}_voltage": lambda reading: string(reading, index)[0],
            f"{name}_current": lambda reading: string(reading, index)[1],
            f"{name}_power": lambda reading: string(reading, index)[0] * string(reading, index)[1],
        }

    return {name: source for index in range(count) for name, source in of(index).items()}


def battery(source: Source) -> Source:
    """Make a value that is unknown while nobody answers from the battery."""
    return lambda reading: source(reading) if reading.bms_there else None


def metered(source: Callable[[Reading, int], float]) -> Callable[[Reading, int], float | None]:
    """Make a value of a phase that is unknown while the meter does not answer."""
    return lambda reading, phase: source(reading, phase) if reading.meter_there else None


def at_meter(source: Source) -> Source:
    """Make a value that is unknown while the meter does not answer."""
    return lambda reading: source(reading) if reading.meter_there else None
