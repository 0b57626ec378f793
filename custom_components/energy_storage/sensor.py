"""Sensors: the state of the plant, its energy counters, and every further reading its driver offers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator
from .cycle import Reading
from .engine.plant import Counter, Device, DeviceKind, GridState, RunningState, Stage, Value
from .entity import Offer, PlantEntity, add_as_they_appear
from .integrate import POWER_OF, Integral
from .measures import BY_UNIT, COUNTER, NUMBER, POWER, SHARE, STORED_ENERGY, Measure
from .publish import Pace, worth_publishing
from .vendors.driver import Point, PointRole

PARALLEL_UPDATES = 0

CLOCK_PACE = Pace(every_s=60, dead_band=5)


@dataclass(frozen=True, kw_only=True)
class PlantSensorDescription(SensorEntityDescription):
    """A sensor of the plant as a whole."""

    value_fn: Callable[[Reading], Value]
    wanted_fn: Callable[[Reading, tuple[Device, ...]], bool] = lambda _reading, _devices: True
    attributes_fn: Callable[[Reading], Mapping[str, Any]] | None = None
    pace: Pace = NUMBER.pace
    digits: int = NUMBER.digits
    always_available: bool = False
    """Whether it can tell something while the plant is silent."""


def _power(key: str, value_fn: Callable[[Reading], Value], **more: Any) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key, native_unit_of_measurement=UnitOfPower.WATT, value_fn=value_fn, **_shown_as(POWER), **more
    )


def _percent(key: str, value_fn: Callable[[Reading], Value], **more: Any) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key, native_unit_of_measurement=PERCENTAGE, value_fn=value_fn, **_shown_as(SHARE) | more
    )


def _stored(key: str, value_fn: Callable[[Reading], Value], **more: Any) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        value_fn=value_fn,
        **_shown_as(STORED_ENERGY),
        **more,
    )


def _enum(
    key: str, options: list[str], value_fn: Callable[[Reading], Value], **more: Any
) -> PlantSensorDescription:
    return PlantSensorDescription(
        key=key, device_class=SensorDeviceClass.ENUM, options=options, value_fn=value_fn, **more
    )


def _shown_as(measure: Measure) -> dict[str, Any]:
    """What a description takes from the measure of its unit."""
    return {
        "device_class": measure.device_class,
        "state_class": measure.state_class,
        "suggested_display_precision": measure.digits,
        "pace": measure.pace,
        "digits": measure.digits,
    }


def _stored_energy_kwh(reading: Reading) -> float | None:
    soc_pct, full_wh = reading.state.soc_pct, reading.state.rated_energy_wh
    return None if soc_pct is None or full_wh is None else soc_pct * full_wh / 100_000


def _capacity_kwh(reading: Reading) -> float | None:
    full_wh = reading.state.rated_energy_wh
    return None if full_wh is None else full_wh / 1000


def _clock_deviation_s(reading: Reading) -> float | None:
    clock = reading.state.device_clock
    return None if clock is None else (clock - reading.state.read_at).total_seconds()


def _alarm_list(reading: Reading) -> Mapping[str, Any]:
    return {
        "alarms": [
            {"device": alarm.device, "code": alarm.code, "text": alarm.text, "level": alarm.level.value}
            for alarm in reading.state.alarms
        ]
    }


def _has_charger(_: Reading, devices: tuple[Device, ...]) -> bool:
    return any(device.kind in (DeviceKind.AC_CHARGER, DeviceKind.DC_CHARGER) for device in devices)


def _has_third_party_pv(reading: Reading, _: tuple[Device, ...]) -> bool:
    state = reading.state
    return bool(state.third_party_pv_power_w or state.counters_kwh.get(Counter.THIRD_PARTY_PV))


PLANT_SENSORS: tuple[PlantSensorDescription, ...] = (
    _percent("battery_soc", lambda r: r.state.soc_pct, device_class=SensorDeviceClass.BATTERY),
    _power("grid_power", lambda r: r.state.grid_power_w),
    _power("battery_power", lambda r: r.state.battery_power_w),
    _power("pv_power", lambda r: r.state.pv_power_w),
    _power("third_party_pv_power", lambda r: r.state.third_party_pv_power_w, wanted_fn=_has_third_party_pv),
    _power("load_power", lambda r: r.state.load_power_w),
    _power("ev_power", lambda r: r.state.ev_power_w, wanted_fn=_has_charger),
    _stored("battery_stored_energy", _stored_energy_kwh),
    _enum(
        "grid_state",
        [state.value for state in GridState if state is not GridState.UNKNOWN],
        lambda r: None if r.state.grid_state is GridState.UNKNOWN else r.state.grid_state.value,
    ),
    _enum(
        "running_state",
        [state.value for state in RunningState if state is not RunningState.UNKNOWN],
        lambda r: None if r.state.running_state is RunningState.UNKNOWN else r.state.running_state.value,
    ),
    PlantSensorDescription(
        key="active_alarms",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda r: len(r.state.alarms),
        attributes_fn=_alarm_list,
        pace=Pace(every_s=0, dead_band=1),
        digits=0,
    ),
    _percent("battery_soh", lambda r: r.state.soh_pct, entity_category=EntityCategory.DIAGNOSTIC),
    _stored("battery_capacity", _capacity_kwh, entity_category=EntityCategory.DIAGNOSTIC),
    _power("rated_power", lambda r: r.state.rated_power_w, entity_category=EntityCategory.DIAGNOSTIC),
    _power(
        "available_charge_power",
        lambda r: r.state.available_charge_power_w,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _power(
        "available_discharge_power",
        lambda r: r.state.available_discharge_power_w,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _percent(
        "charge_cutoff_soc",
        lambda r: r.state.charge_cutoff_soc_pct,
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=None,
    ),
    _percent(
        "discharge_cutoff_soc",
        lambda r: r.state.discharge_cutoff_soc_pct,
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=None,
    ),
    *(
        _power(
            f"grid_power_phase_{phase}",
            partial(lambda index, r: r.state.grid_phase_power_w[index], index),
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        )
        for index, phase in enumerate("abc")
    ),
    PlantSensorDescription(
        key="clock_deviation",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_clock_deviation_s,
        pace=CLOCK_PACE,
        digits=0,
    ),
    _enum(
        "reading_stage",
        [stage.value for stage in Stage],
        lambda r: r.stage.value,
        entity_category=EntityCategory.DIAGNOSTIC,
        always_available=True,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of one plant."""
    coordinator = entry.runtime_data.coordinator
    integrated_before = _integrated_before(hass, entry)

    def offer() -> Offer:
        devices = {device.key: device for device in coordinator.driver.devices}
        yield from _offered_of_plant(coordinator)
        yield from _offered_counters(coordinator, integrated_before)
        for point in coordinator.driver.points:
            if point.role is not PointRole.REGISTER:
                make = partial(PointSensor, coordinator, devices[point.device], point)
                yield f"{point.device}_{point.key}", make

    add_as_they_appear(entry, async_add_entities, offer)


def _offered_of_plant(coordinator: PlantCoordinator) -> Offer:
    devices = coordinator.driver.devices
    for row in PLANT_SENSORS:
        if row.wanted_fn(coordinator.data, devices):
            yield row.key, partial(PlantSensor, coordinator, devices[0], row)


def _offered_counters(coordinator: PlantCoordinator, integrated_before: frozenset[Counter]) -> Offer:
    """Offer each counter of the device, and a sum of our own where it has none.

    A sum that was shown before goes on even when new firmware brings a counter: the two start from
    different values, and the owner's statistics must not jump.
    """
    state, plant = coordinator.data.state, coordinator.driver.devices[0]
    for counter in Counter:
        counted = counter in state.counters_kwh
        if counted and (counter is not Counter.THIRD_PARTY_PV or state.counters_kwh[counter]):
            yield counter.value, partial(CounterSensor, coordinator, plant, counter)
        missing = coordinator.driver.settled and not counted and POWER_OF[counter](state) is not None
        if missing or counter in integrated_before:
            yield f"{counter}_integrated", partial(IntegratedSensor, coordinator, plant, counter)


def _integrated_before(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> frozenset[Counter]:
    """Name the counters that an earlier run has integrated."""
    registry, plant = er.async_get(hass), entry.runtime_data.driver.devices[0]
    return frozenset(
        counter
        for counter in Counter
        if registry.async_get_entity_id("sensor", DOMAIN, f"{plant.uid}_{counter}_integrated")
    )


class ReadingSensor(PlantEntity, SensorEntity):
    """A sensor that follows its reading no closer than its pace."""

    _pace: Pace = NUMBER.pace
    _digits: int = NUMBER.digits
    _shown_at: datetime | None = None

    def read_value(self) -> Value:
        """What the newest reading says."""
        raise NotImplementedError

    @override
    def take_reading(self) -> bool:
        value = self.read_value()
        if isinstance(value, float):
            value = round(value, self._digits) if self._digits else round(value)
        if not self._worth_showing(value):
            return False
        self._attr_native_value = value
        self._shown_at = self.coordinator.data.at
        return True

    def _worth_showing(self, value: Value) -> bool:
        shown = self._attr_native_value
        if isinstance(shown, (int, float)) and isinstance(value, (int, float)) and self._shown_at is not None:
            age_s = (self.coordinator.data.at - self._shown_at).total_seconds()
            return worth_publishing(shown, value, age_s, self._pace)
        return shown != value


class PlantSensor(ReadingSensor):
    """Something of the plant as a whole."""

    entity_description: PlantSensorDescription
    _unrecorded_attributes = frozenset({"alarms"})

    def __init__(
        self, coordinator: PlantCoordinator, device: Device, description: PlantSensorDescription
    ) -> None:
        """Show one row of the table."""
        super().__init__(coordinator, device, description.key)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._pace, self._digits = description.pace, description.digits

    @property
    @override
    def available(self) -> bool:
        """As of every entity, but how old a reading is can be told at any time."""
        return self.entity_description.always_available or super().available

    @override
    def read_value(self) -> Value:
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    def take_reading(self) -> bool:
        changed = super().take_reading()
        if (attributes_fn := self.entity_description.attributes_fn) is None:
            return changed
        before = getattr(self, "_attr_extra_state_attributes", None)
        self._attr_extra_state_attributes = dict(attributes_fn(self.coordinator.data))
        return changed or self._attr_extra_state_attributes != before


class CounterSensor(ReadingSensor):
    """Energy that the device counts itself."""

    _attr_device_class = COUNTER.device_class
    _attr_state_class = COUNTER.state_class
    _attr_native_unit_of_measurement = UnitOfEnergy.KILO_WATT_HOUR
    _attr_suggested_display_precision = COUNTER.digits
    _pace, _digits = COUNTER.pace, COUNTER.digits

    def __init__(self, coordinator: PlantCoordinator, device: Device, counter: Counter) -> None:
        """Show one of the plant's counters."""
        super().__init__(coordinator, device, counter.value)
        self.counter = counter
        self._attr_translation_key = counter.value

    @override
    def read_value(self) -> Value:
        return self.coordinator.data.state.counters_kwh.get(self.counter)


class IntegratedSensor(ReadingSensor, RestoreSensor):
    """Energy summed up from power, because the device does not count it; goes on after a restart."""

    _attr_device_class = COUNTER.device_class
    _attr_state_class = COUNTER.state_class
    _attr_native_unit_of_measurement = UnitOfEnergy.KILO_WATT_HOUR
    _attr_suggested_display_precision = COUNTER.digits
    _attr_extra_state_attributes = {"source": "integrated"}  # noqa: RUF012  Home Assistant's own pattern
    _pace, _digits = COUNTER.pace, 3

    def __init__(self, coordinator: PlantCoordinator, device: Device, counter: Counter) -> None:
        """Sum up for one of the plant's counters."""
        super().__init__(coordinator, device, f"{counter}_integrated")
        self._attr_translation_key = f"{counter}_integrated"
        self._power_of = POWER_OF[counter]
        self._energy = Integral()

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the energy that was shown last."""
        kept = await self.async_get_last_sensor_data()
        if kept is not None and isinstance(kept.native_value, (int, float)):
            self._energy = Integral(float(kept.native_value))
        await super().async_added_to_hass()

    @override
    def read_value(self) -> Value:
        state = self.coordinator.data.state
        self._energy.add(self._power_of(state), state.read_at)
        return self._energy.kwh


class PointSensor(ReadingSensor):
    """A further reading that the driver offers."""

    def __init__(self, coordinator: PlantCoordinator, device: Device, point: Point) -> None:
        """Take what Home Assistant wants to know from the reading's unit."""
        super().__init__(coordinator, device, point.key)
        self.point = point
        self._attr_translation_key = point.key
        if point.role is not PointRole.MAIN:
            self._attr_entity_category = EntityCategory.DIAGNOSTIC
        self._attr_entity_registry_enabled_default = point.role is not PointRole.DISABLED
        if point.options:
            self._attr_device_class = SensorDeviceClass.ENUM
            self._attr_options = list(point.options)
        elif point.timestamp:
            self._attr_device_class = SensorDeviceClass.TIMESTAMP
        else:
            self._show_as(COUNTER if point.total else BY_UNIT.get(point.unit, NUMBER))

    def _show_as(self, measure: Measure) -> None:
        self._attr_native_unit_of_measurement = self.point.unit
        self._attr_device_class = measure.device_class
        self._attr_state_class = measure.state_class
        self._attr_suggested_display_precision = measure.digits if self.point.unit else None
        self._pace, self._digits = measure.pace, measure.digits

    @override
    def read_value(self) -> Value:
        return self.coordinator.driver.value(self.point)
