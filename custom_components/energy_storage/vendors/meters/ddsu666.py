"""Chint DDSU666: one phase, directly connected. Source: Chint manual ZTY0.464.1224."""

from ...engine.plant import DeviceKind
from ..driver import Tier
from ..fields import Table, f32
from .meter import Measured, MeterModel, Values, number, within

_VOLTS = (80, 300)
_HERTZ = (45, 65)


class _Registers(Table):
    """Holding registers; nothing is read across addresses that the manual does not name."""

    device = DeviceKind.METER
    max_gap = 1


class Electricity(_Registers):
    """Voltage, current and power, import positive; the meter counts power in kW."""

    tier = Tier.FAST

    voltage = f32(0x2000, "V")
    current = f32(0x2002, "A")
    power = f32(0x2004, "W", 1000)


class Frequency(_Registers):
    """What proves, together with the voltage, that this is the map of the manual."""

    frequency = f32(0x200E, "Hz")


class Counters(_Registers):
    """Energy. That of the export is not in the manual: two public projects read it."""

    tier = Tier.COUNTERS
    pace_s = 60.0

    import_energy = f32(0x4000, "kWh", low=0, total=True)
    export_energy = f32(0x400A, "kWh", low=0, total=True)


def _plausible(values: Values) -> bool:
    return (
        within(number(values, "voltage"), *_VOLTS)
        and within(number(values, "frequency"), *_HERTZ)
        and number(values, "power") is not None
    )


def _reading(values: Values, _voltage_ratio: float, _current_ratio: float) -> Measured:
    return Measured(
        power_w=number(values, "power"),
        voltage_v=(number(values, "voltage"), None, None),
        current_a=(number(values, "current"), None, None),
    )


DDSU666 = MeterModel(
    key="ddsu666",
    maker="Chint",
    name="DDSU666",
    phases=1,
    measured=Electricity,
    proof=Frequency,
    plausible=_plausible,
    reading=_reading,
    counters=(Counters,),
)
