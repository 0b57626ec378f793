"""What a unit of measurement means in Home Assistant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactivePower,
    UnitOfTemperature,
    UnitOfTime,
)

from . import publish
from .publish import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How readings in one unit are shown."""

    device_class: SensorDeviceClass | None
    pace: Pace
    digits: int
    """Decimals that are kept: what lies beyond is noise."""
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT


POWER = Measure(device_class=SensorDeviceClass.POWER, pace=publish.POWER, digits=0)
COUNTER = Measure(
    device_class=SensorDeviceClass.ENERGY,
    pace=publish.ENERGY,
    digits=2,
    state_class=SensorStateClass.TOTAL_INCREASING,
)
PART_COUNTER = replace(COUNTER, pace=publish.SLOW_ENERGY)
"""Of today, of one inverter or charger: what the energy dashboard does not ask for each minute."""
STORED_ENERGY = Measure(device_class=SensorDeviceClass.ENERGY_STORAGE, pace=publish.SLOW_ENERGY, digits=2)
SHARE = Measure(device_class=None, pace=publish.PERCENT, digits=1)
DURATION = Measure(device_class=SensorDeviceClass.DURATION, pace=publish.SLOW, digits=0)
NUMBER = Measure(device_class=None, pace=publish.SLOW, digits=3, state_class=None)

BY_UNIT: Mapping[str | None, Measure] = {
    UnitOfPower.WATT: POWER,
    UnitOfReactivePower.VOLT_AMPERE_REACTIVE: Measure(
        device_class=SensorDeviceClass.REACTIVE_POWER, pace=publish.POWER, digits=0
    ),
    UnitOfApparentPower.VOLT_AMPERE: Measure(
        device_class=SensorDeviceClass.APPARENT_POWER, pace=publish.POWER, digits=0
    ),
    UnitOfEnergy.KILO_WATT_HOUR: STORED_ENERGY,
    PERCENTAGE: SHARE,
    UnitOfElectricPotential.VOLT: Measure(
        device_class=SensorDeviceClass.VOLTAGE, pace=Pace(every_s=60, dead_band=1), digits=1
    ),
    UnitOfElectricCurrent.AMPERE: Measure(
        device_class=SensorDeviceClass.CURRENT, pace=Pace(every_s=60, dead_band=0.2), digits=2
    ),
    UnitOfElectricCurrent.MILLIAMPERE: Measure(
        device_class=SensorDeviceClass.CURRENT, pace=publish.SLOW, digits=0
    ),
    UnitOfFrequency.HERTZ: Measure(
        device_class=SensorDeviceClass.FREQUENCY, pace=Pace(every_s=60, dead_band=0.02), digits=2
    ),
    UnitOfTemperature.CELSIUS: Measure(
        device_class=SensorDeviceClass.TEMPERATURE, pace=publish.TEMPERATURE, digits=1
    ),
    "kΩ": Measure(device_class=None, pace=publish.SLOW, digits=0),
    UnitOfTime.SECONDS: DURATION,
    UnitOfTime.MINUTES: DURATION,
}
"""Units that are missing here are shown as plain numbers."""
