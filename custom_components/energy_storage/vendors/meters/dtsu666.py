"""Chint DTSU666: three phases, directly or behind transformers.

Sources: Chint manuals ZTY0.464.1002 V1.5, ZTY0.464.1267 and the quick manual of 2016.
"""

from ...engine.plant import DeviceKind
from ..driver import Tier
from ..fields import Table, f32, u16
from .meter import Measured, MeterModel, Values, number, times, within

_VOLTS = (45, 300)
"""Of one phase, at its transformer's secondary side where there is one."""
_HERTZ = (45, 65)


class _Registers(Table):
    """Holding registers; nothing is read across addresses that no manual names."""

    device = DeviceKind.METER
    max_gap = 1


class Electricity(_Registers):
    """Voltages, currents and powers at the secondary side of the transformers, import positive."""

    tier = Tier.FAST

    voltage_l1 = f32(0x2006, "V", 0.1)
    voltage_l2 = f32(0x2008, "V", 0.1)
    voltage_l3 = f32(0x200A, "V", 0.1)
    current_l1 = f32(0x200C, "A", 0.001)
    current_l2 = f32(0x200E, "A", 0.001)
    current_l3 = f32(0x2010, "A", 0.001)
    power = f32(0x2012, "W", 0.1)
    power_l1 = f32(0x2014, "W", 0.1)
    power_l2 = f32(0x2016, "W", 0.1)
    power_l3 = f32(0x2018, "W", 0.1)


class Frequency(_Registers):
    """What proves, together with the voltages, that this is the map of the manuals."""

    frequency = f32(0x2044, "Hz", 0.01)


class Ratios(_Registers):
    """Ratios of the transformers: IrAt and UrAt; a meter without any has 1 and 1.0."""

    tier = Tier.SETTINGS
    pace_s = 60.0

    current_ratio = u16(0x0006, low=1, high=9_999)
    voltage_ratio = u16(0x0007, scale=0.1, low=0.1, high=999.9)


class _Counters(_Registers):
    tier = Tier.COUNTERS
    pace_s = 60.0


class Counters2019(_Counters):
    """Energy on meters from 2019 on."""

    import_energy = f32(0x101E, "kWh", low=0, total=True)
    export_energy = f32(0x1028, "kWh", low=0, total=True)


class Counters2016(_Counters):
    """Energy on meters of the quick manual of 2016; newer ones may answer here with 0."""

    import_energy = f32(0x401E, "kWh", low=0, total=True)
    export_energy = f32(0x4028, "kWh", low=0, total=True)


class CountersThird(_Counters):
    """Energy where one public integration finds it on its first kind of meter."""

    import_energy = f32(0x4026, "kWh", low=0, total=True)
    export_energy = f32(0x4030, "kWh", low=0, total=True)


class CountersFourth(_Counters):
    """Imported energy where OpenEMS reads it; nobody says where such a meter keeps the other."""

    import_energy = f32(0x4000, "kWh", low=0, total=True)


def _plausible(values: Values) -> bool:
    """Ask for one phase under voltage, none over it, the frequency of a grid, and a power."""
    volts = [number(values, f"voltage_l{phase}") for phase in (1, 2, 3)]
    return (
        any(within(volt, *_VOLTS) for volt in volts)
        and all(within(volt, 0, _VOLTS[1]) for volt in volts)
        and within(number(values, "frequency"), *_HERTZ)
        and number(values, "power") is not None
    )


def _reading(values: Values, voltage_ratio: float, current_ratio: float) -> Measured:
    def each(name: str, ratio: float) -> tuple[float | None, float | None, float | None]:
        l1, l2, l3 = (times(number(values, f"{name}_l{phase}"), ratio) for phase in (1, 2, 3))
        return (l1, l2, l3)

    ratio = voltage_ratio * current_ratio
    return Measured(
        power_w=times(number(values, "power"), ratio),
        phase_power_w=each("power", ratio),
        voltage_v=each("voltage", voltage_ratio),
        current_a=each("current", current_ratio),
    )


DTSU666 = MeterModel(
    key="dtsu666",
    maker="Chint",
    name="DTSU666",
    phases=3,
    measured=Electricity,
    proof=Frequency,
    plausible=_plausible,
    reading=_reading,
    ratios=Ratios,
    counters=(Counters2019, Counters2016, CountersThird, CountersFourth),
)
