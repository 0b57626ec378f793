"""Sensors: the state of the plant, its energy counters, and every further reading its driver offers."""

from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import log10
from typing import override

from homeassistant.components.sensor import (
    DOMAIN as SENSOR_DOMAIN,
    SensorDeviceClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import UndefinedType

from .control_sensors import CONTROL_SENSORS
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator, PlantRuntime
from .elsewhere import elsewhere
from .engine.plant import Counter, Device, DeviceKind, Value
from .entity import Offer, add_as_they_appear
from .integrate import POWER_OF
from .measures import BY_UNIT, NUMBER, PART_COUNTER, Measure
from .meter_sensors import meter_sensors
from .plant_sensors import PLANT_SENSORS, PlantSensorDescription
from .reading_sensors import CounterSensor, IntegratedSensor, ReadingSensor
from .room import Room, chargers
from .texts import load_texts
from .vendors.driver import Point, PointRole

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of one plant."""
    runtime = entry.runtime_data
    coordinator = runtime.coordinator
    rows = (*PLANT_SENSORS, *(CONTROL_SENSORS if runtime.controller is not None else ()))
    before = {
        known.unique_id: known.disabled_by is None
        for known in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if known.domain == SENSOR_DOMAIN
    }
    room = Room(before, may_have_charger=bool(runtime.vendor.readings.get(DeviceKind.DC_CHARGER)))
    unconfirmed = (await load_texts(hass))["common.unconfirmed"]

    def offer() -> Offer:
        yield from _offered_of_plant(coordinator, rows, before.keys())
        yield from _offered_counters(coordinator, before.keys())
        yield from _offered_points(runtime, room, before.keys(), unconfirmed)

    if runtime.meter is not None:
        async_add_entities(meter_sensors(runtime), config_subentry_id=runtime.meter.subentry_id)
    await add_as_they_appear(entry, async_add_entities, offer)


def _offered_of_plant(
    coordinator: PlantCoordinator, rows: Iterable[PlantSensorDescription], before: Container[str]
) -> Offer:
    """Offer what each row shows; where there may be no room for it, once the chargers are known."""
    driver = coordinator.driver
    plant = driver.devices[0]
    for row in rows:
        later = row.where_room and not driver.settled and f"{plant.uid}_{row.key}" not in before
        if row.wanted_fn(coordinator.data, driver.devices) and not later:
            yield row.key, partial(PlantSensor, coordinator, plant, row)


def _offered_counters(coordinator: PlantCoordinator, before: Container[str]) -> Offer:
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
        if missing or f"{plant.uid}_{counter}_integrated" in before:
            yield f"{counter}_integrated", partial(IntegratedSensor, coordinator, plant, counter)


def _offered_points(runtime: PlantRuntime, room: Room, before: Container[str], unconfirmed: str) -> Offer:
    """Offer the further readings for which there is room beside all that a plant itself can have.

    What is new waits until all devices are known, so that the important readings find room.
    """
    driver = runtime.driver
    devices = {device.key: device for device in driver.devices}
    points = {f"{devices[point.device].uid}_{point.key}": point for point in driver.points}
    if not driver.settled:
        points = {uid: point for uid, point in points.items() if uid in before}
    enabled_elsewhere, registered_elsewhere = elsewhere(runtime)
    admitted = room.admit(
        points,
        driver.devices,
        enabled_elsewhere=enabled_elsewhere,
        registered_elsewhere=registered_elsewhere,
    )
    for uid, enabled in admitted.items():
        point = points[uid]
        device = devices[point.device]
        yield (
            uid,
            partial(
                PointSensor, runtime.coordinator, device, point, enabled=enabled, unconfirmed=unconfirmed
            ),
        )


class PlantSensor(ReadingSensor):
    """Something of the plant as a whole."""

    entity_description: PlantSensorDescription
    _unrecorded_attributes = frozenset({"alarms", "reasons"})
    _attributes_at: datetime | None = None

    def __init__(
        self, coordinator: PlantCoordinator, device: Device, description: PlantSensorDescription
    ) -> None:
        """Show one row of the table."""
        super().__init__(coordinator, device, description.key)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._pace, self._digits = description.pace, description.digits
        if description.options_fn is not None:
            self._attr_options = list(description.options_fn(coordinator.vendor))
        if description.where_room and chargers(coordinator.driver.devices):
            self._attr_entity_registry_enabled_default = False

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
        row, at = self.entity_description, self.coordinator.data.at
        early = (
            self._attributes_at is not None
            and (at - self._attributes_at).total_seconds() < row.attributes_every_s
        )
        if row.attributes_fn is None or (early and not changed):
            return changed
        before = getattr(self, "_attr_extra_state_attributes", None)
        self._attr_extra_state_attributes = dict(row.attributes_fn(self.coordinator.data))
        if self._attr_extra_state_attributes == before:
            return changed
        self._attributes_at = at
        return True


class PointSensor(ReadingSensor):
    """A further reading that the driver offers."""

    def __init__(
        self,
        coordinator: PlantCoordinator,
        device: Device,
        point: Point,
        *,
        enabled: bool,
        unconfirmed: str = "{name}",
    ) -> None:
        """Take what Home Assistant wants to know from the reading's unit.

        `unconfirmed` says how a reading is called of which nobody has seen what it is.
        """
        super().__init__(coordinator, device, point.key)
        self.point = point
        self._called = "{name}" if point.confirmed else unconfirmed
        self._attr_translation_key = point.key
        if point.role is not PointRole.MAIN:
            self._attr_entity_category = EntityCategory.DIAGNOSTIC
        self._attr_entity_registry_enabled_default = enabled
        if not point.confirmed:
            self._attr_extra_state_attributes = {"confirmed": False}
        if point.options:
            self._attr_device_class = SensorDeviceClass.ENUM
            self._attr_options = list(point.options)
        elif point.timestamp:
            self._attr_device_class = SensorDeviceClass.TIMESTAMP
        else:
            self._show_as(PART_COUNTER if point.total else BY_UNIT.get(point.unit, NUMBER))

    @property
    @override
    def name(self) -> str | UndefinedType | None:
        """As its register is called; a guess is known by its name."""
        name = super().name
        return self._called.format(name=name) if isinstance(name, str) else name

    def _show_as(self, measure: Measure) -> None:
        self._attr_native_unit_of_measurement = self.point.unit
        self._attr_device_class = measure.device_class
        self._attr_state_class = measure.state_class
        self._pace, self._digits = measure.pace, measure.digits
        if self.point.step is not None and self.point.step < 10**-measure.digits:
            self._digits = round(-log10(self.point.step))
            self._pace = replace(measure.pace, dead_band=10 * self.point.step)
        self._attr_suggested_display_precision = self._digits if self.point.unit else None

    @override
    def take_reading(self) -> bool:
        """A missed poll is no news; once the plant is lost, this is unavailable."""
        return self.coordinator.data.error is None and super().take_reading()

    @override
    def read_value(self) -> Value:
        return self.coordinator.driver.value(self.point)
