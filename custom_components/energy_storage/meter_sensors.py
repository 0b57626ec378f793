"""The sensors of the owner's meter at the grid connection."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple, override

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
)
from homeassistant.helpers.entity import Entity

from .coordinator import PlantCoordinator, PlantRuntime
from .devices import meter_uid
from .engine.inputs import MeterUse
from .engine.plant import Counter, Device, DeviceKind, Identity, MeterReading, Stage, Value, reading_stage
from .grid_meter import GridMeter
from .measures import BY_UNIT
from .reading_sensors import CounterSensor, IntegratedSensor, ReadingSensor

METER_USE: Final = "meter_use"


class Row(NamedTuple):
    """Something that a meter measures; its key is also that of its text, after `meter_`."""

    key: str
    unit: str
    value: Callable[[MeterReading], float | None]
    detail: bool = False
    """Whether it waits disabled."""


TOTAL = Row("power", UnitOfPower.WATT, lambda reading: reading.power_w)
BY_PHASE = tuple(
    Row(f"power_phase_{phase}", UnitOfPower.WATT, partial(lambda at, reading: reading.phase_power_w[at], at))
    for at, phase in enumerate("abc")
)
DETAILS = tuple(
    row
    for at, phase in enumerate("abc")
    for row in (
        Row(
            f"voltage_phase_{phase}",
            UnitOfElectricPotential.VOLT,
            partial(lambda at, reading: reading.voltage_v[at], at),
            detail=True,
        ),
        Row(
            f"current_phase_{phase}",
            UnitOfElectricCurrent.AMPERE,
            partial(lambda at, reading: reading.current_a[at], at),
            detail=True,
        ),
    )
)
WAYS: Final = {Counter.GRID_IMPORT: "import_energy", Counter.GRID_EXPORT: "export_energy"}


def meter_sensors(runtime: PlantRuntime) -> Iterator[Entity]:
    """Make the sensors of the owner's meter, if there is one."""
    if (own := runtime.meter) is None:
        return
    coordinator, plant = runtime.coordinator, runtime.driver.devices[0]
    device = Device(
        key="grid_meter",
        uid=meter_uid(plant),
        kind=DeviceKind.METER,
        unit_id=0,
        identity=Identity(),
    )
    rows = (TOTAL, *(BY_PHASE if own.by_phase else ()))
    if own.model is not None:
        rows += DETAILS[: len(DETAILS) * own.model.phases // 3]
    yield from (MeterSensor(coordinator, device, own.meter, row) for row in rows)
    energy = MeterSum if own.model is None else MeterCounter
    yield from (energy(coordinator, device, own.meter, counter) for counter in WAYS)
    if runtime.controller is not None:
        yield MeterUseSensor(coordinator, device, own.meter)


class _OfMeter(ReadingSensor):
    """Follows the meter, whether or not the plant answers."""

    meter: GridMeter

    @property
    @override
    def available(self) -> bool:
        """Whether the meter was heard lately."""
        newest, interval = self.meter.newest, self.meter.interval
        if newest is None or interval is None:
            return False
        return reading_stage(self.coordinator.data.at - newest.read_at, interval) is not Stage.LOST


class MeterSensor(_OfMeter):
    """Something that the meter measures."""

    def __init__(self, coordinator: PlantCoordinator, device: Device, meter: GridMeter, row: Row) -> None:
        """Show one row."""
        super().__init__(coordinator, device, row.key)
        self.meter, self._value = meter, row.value
        measure = BY_UNIT[row.unit]
        self._attr_translation_key = f"meter_{row.key}"
        self._attr_native_unit_of_measurement = row.unit
        self._attr_device_class = measure.device_class
        self._attr_state_class = measure.state_class
        self._attr_suggested_display_precision = measure.digits
        self._pace, self._digits = measure.pace, measure.digits
        if row.detail:
            self._attr_entity_category = EntityCategory.DIAGNOSTIC
            self._attr_entity_registry_enabled_default = False

    @override
    def read_value(self) -> Value:
        newest = self.meter.newest
        return None if newest is None else self._value(newest)


class MeterCounter(_OfMeter, CounterSensor):
    """Energy that the meter counts itself."""

    def __init__(
        self, coordinator: PlantCoordinator, device: Device, meter: GridMeter, counter: Counter
    ) -> None:
        """Show what was counted one way."""
        super().__init__(coordinator, device, counter)
        self.meter = meter
        self._attr_unique_id = f"{device.uid}_{WAYS[counter]}"
        self._attr_translation_key = f"meter_{WAYS[counter]}"

    @override
    def counted_kwh(self) -> float | None:
        """Give what the meter says; a missed reading is no news."""
        if (newest := self.meter.newest) is None:
            return None
        return newest.import_kwh if self.counter is Counter.GRID_IMPORT else newest.export_kwh


class MeterSum(_OfMeter, IntegratedSensor):
    """Energy summed up from each power that a sensor says."""

    def __init__(
        self, coordinator: PlantCoordinator, device: Device, meter: GridMeter, counter: Counter
    ) -> None:
        """Sum up one way."""
        super().__init__(coordinator, device, counter)
        self.meter = meter
        self._sign = 1 if counter is Counter.GRID_IMPORT else -1
        self._attr_unique_id = f"{device.uid}_{WAYS[counter]}_integrated"
        self._attr_translation_key = f"meter_{WAYS[counter]}_integrated"

    @override
    async def async_added_to_hass(self) -> None:
        """Hear every reading: more often than anything is shown."""
        await super().async_added_to_hass()
        self.async_on_remove(self.meter.listen(self._add))

    def _add(self) -> None:
        if (newest := self.meter.newest) is not None and newest.power_w is not None:
            self._energy.add(self._sign * newest.power_w, newest.read_at)

    @override
    def read_value(self) -> Value:
        self._add()
        return self._energy.kwh


class MeterUseSensor(ReadingSensor):
    """Whether limits follow the meter, and if not, why; it can tell at any time."""

    _attr_translation_key = METER_USE
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, coordinator: PlantCoordinator, device: Device, meter: GridMeter) -> None:
        """Watch the decisions."""
        super().__init__(coordinator, device, "use")
        self._meter = meter
        self._attr_options = list(MeterUse)
        self._attr_extra_state_attributes = {"problem": meter.problem}

    @property
    @override
    def available(self) -> bool:
        """Always: silence is one of the things that it tells."""
        return True

    @override
    def read_value(self) -> Value:
        control = self.coordinator.data.control
        return None if control is None or control.decision.meter is None else control.decision.meter.value

    @override
    def take_reading(self) -> bool:
        changed, before = super().take_reading(), self._attr_extra_state_attributes
        self._attr_extra_state_attributes = {"problem": self._meter.problem}
        return changed or self._attr_extra_state_attributes != before
