"""What the registers of a simulated meter show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import copysign, sqrt
import struct

from .flows import Phases
from .meter_config import MeterConfig

VOLTS = (230.4, 231.1, 229.8)
HERTZ = 50.02
POWER_FACTOR = 0.97
_PASSWORD, _METER_TYPE, _RTU_8N1, _9600_BAUD = 701, 166, 5, 3
_MODBUS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The grid at one moment, as the mains have it."""

    phases_w: Phases
    """+ import."""
    imported_kwh: float
    exported_kwh: float

    @property
    def total_w(self) -> float:
        """Power of all phases."""
        return sum(self.phases_w)


type Source = Callable[[Reading, MeterConfig], float]


def _per_phase(pattern: str, source: Callable[[Reading, int], float]) -> dict[str, Source]:
    def of(phase: int) -> Source:
        return lambda reading, _: source(reading, phase)

    return {pattern.format(phase + 1): of(phase) for phase in range(3)}


def _amps(reading: Reading, phase: int) -> float:
    """Give a magnitude: the direction stands in the power alone."""
    return abs(reading.phases_w[phase]) / VOLTS[phase] / POWER_FACTOR


def _vars(watts: float) -> float:
    return abs(watts) * sqrt(1 / POWER_FACTOR**2 - 1)


def _between(first: int, second: int) -> float:
    return sqrt(3) * (VOLTS[first] + VOLTS[second]) / 2


SOURCES: Mapping[str, Source] = {
    "rev": lambda *_: 106,
    "ucode": lambda *_: _PASSWORD,
    "net": lambda *_: 0,
    "ct_ratio_IrAt": lambda _, config: config.ct_ratio,
    "pt_ratio_UrAt": lambda _, config: config.pt_ratio,
    "meter_type": lambda *_: _METER_TYPE,
    "float_word_order": lambda _, config: config.word_order,
    "protocol": lambda _, config: _MODBUS if config.meter == "ddsu666" else _RTU_8N1,
    "address": lambda _, config: config.unit,
    "baud_code": lambda *_: _9600_BAUD,
    "baud_code_or_address": lambda _, config: config.unit if config.counters == "401e" else _9600_BAUD,
    "address_or_baud": lambda _, config: _9600_BAUD if config.counters == "401e" else config.unit,
    "voltage": lambda *_: VOLTS[0],
    "current": lambda r, _: _amps(r, 0),
    **_per_phase("voltage_l{}", lambda _, p: VOLTS[p]),
    "voltage_l1l2": lambda *_: _between(0, 1),
    "voltage_l2l3": lambda *_: _between(1, 2),
    "voltage_l3l1": lambda *_: _between(2, 0),
    **_per_phase("current_l{}", _amps),
    "active_power": lambda r, _: r.total_w,
    "active_power_demand": lambda r, _: r.total_w,
    **_per_phase("active_power_l{}", lambda r, p: r.phases_w[p]),
    "reactive_power": lambda r, _: sum(_vars(watts) for watts in r.phases_w),
    **_per_phase("reactive_power_l{}", lambda r, p: _vars(r.phases_w[p])),
    "apparent_power": lambda r, _: abs(r.total_w) / POWER_FACTOR,
    "power_factor": lambda r, _: copysign(POWER_FACTOR, r.total_w),
    **_per_phase("power_factor_l{}", lambda r, p: copysign(POWER_FACTOR, r.phases_w[p])),
    "frequency": lambda *_: HERTZ,
    "import_energy_total": lambda r, _: r.imported_kwh,
    "export_energy_total": lambda r, _: r.exported_kwh,
    **_per_phase("import_energy_l{}", lambda r, _: r.imported_kwh / 3),
    **_per_phase("export_energy_l{}", lambda r, _: r.exported_kwh / 3),
    "import_energy_total_alt": lambda r, _: r.imported_kwh,
    "export_energy_total_alt": lambda r, _: r.exported_kwh,
    "import_energy_total_alt2": lambda r, _: r.imported_kwh,
    "export_energy_total_alt2": lambda r, _: r.exported_kwh,
    "energy_total_alt3": lambda r, _: r.imported_kwh,
}
"""Everything else reads 0. Energies of a phase are a third each [assumed]."""

_ORDERS = ((0, 1, 2, 3), (2, 3, 0, 1), (1, 0, 3, 2), (3, 2, 1, 0))


def value_of(name: str, reading: Reading, config: MeterConfig) -> float:
    """Return what a register means at the mains, in the table's unit."""
    source = SOURCES.get(name)
    return source(reading, config) if source else 0.0


def ratio_of(unit: str, config: MeterConfig) -> float:
    """Return by how much the mains exceed what a secondary-side meter shows in this unit."""
    if config.primary_side or config.meter != "dtsu666":
        return 1.0
    match unit:
        case "V":
            return config.pt_ratio
        case "A":
            return float(config.ct_ratio)
        case "W" | "var" | "kWh" | "kvarh":
            return config.pt_ratio * config.ct_ratio
    return 1.0


def ordered(words: tuple[int, ...], order: int) -> tuple[int, ...]:
    """Put the bytes of a float in the order that the meter is set to."""
    raw = struct.pack(">2H", *words)
    return struct.unpack(">2H", bytes(raw[place] for place in _ORDERS[order]))
