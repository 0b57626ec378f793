"""Binary sensors: who answers, whether the battery charges, the grid is there and an alarm is up."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import EnergyStorageConfigEntry, PlantCoordinator
from .engine.plant import Device, DeviceKind, GridState, PlantState
from .entity import Offer, PlantEntity, add_as_they_appear

PARALLEL_UPDATES = 0

CHARGING_FROM_W = 100.0
CHARGING_UNTIL_W = 30.0
"""A battery at rest swings around 0 W; between the two the answer stays what it was."""


@dataclass(frozen=True, kw_only=True)
class PlantBinarySensorDescription(BinarySensorEntityDescription):
    """A yes or no about the plant as a whole."""

    is_on_fn: Callable[[PlantState, bool | None], bool | None]
    """From the reading and what was said before; None while unknown."""


def _charging(state: PlantState, before: bool | None) -> bool | None:
    if state.battery_power_w is None:
        return None
    return -state.battery_power_w > (CHARGING_UNTIL_W if before else CHARGING_FROM_W)


def _on_grid(state: PlantState, _: bool | None) -> bool | None:
    if state.grid_state is GridState.UNKNOWN:
        return None
    return state.grid_state is GridState.ON_GRID


PLANT_BINARY_SENSORS: tuple[PlantBinarySensorDescription, ...] = (
    PlantBinarySensorDescription(
        key="battery_charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        is_on_fn=_charging,
    ),
    PlantBinarySensorDescription(key="on_grid", is_on_fn=_on_grid),
    PlantBinarySensorDescription(
        key="alarm",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda state, _: bool(state.alarms),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the binary sensors of one plant."""
    coordinator = entry.runtime_data.coordinator

    def offer() -> Offer:
        devices = coordinator.driver.devices
        for row in PLANT_BINARY_SENSORS:
            yield row.key, partial(PlantBinarySensor, coordinator, devices[0], row)
        for device in devices:
            yield f"{device.key}_connected", partial(ConnectedSensor, coordinator, device)

    await add_as_they_appear(entry, async_add_entities, offer)


class PlantBinarySensor(PlantEntity, BinarySensorEntity):
    """A yes or no about the plant as a whole."""

    entity_description: PlantBinarySensorDescription

    def __init__(
        self, coordinator: PlantCoordinator, device: Device, description: PlantBinarySensorDescription
    ) -> None:
        """Show one row of the table."""
        super().__init__(coordinator, device, description.key)
        self.entity_description = description
        self._attr_translation_key = description.key

    @override
    def take_reading(self) -> bool:
        before = self._attr_is_on
        self._attr_is_on = self.entity_description.is_on_fn(self.coordinator.data.state, before)
        return self._attr_is_on is not before


class ConnectedSensor(PlantEntity, BinarySensorEntity):
    """Whether a device answers; it can tell at any time."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_translation_key = "connected"

    def __init__(self, coordinator: PlantCoordinator, device: Device) -> None:
        """Watch one device."""
        super().__init__(coordinator, device, "connected")
        # What a single device says tells by itself whether it answers.
        self._attr_entity_registry_enabled_default = device.kind is DeviceKind.PLANT

    @property
    @override
    def available(self) -> bool:
        """Always: silence is what it shows."""
        return True

    @override
    def take_reading(self) -> bool:
        before = self._attr_is_on
        self._attr_is_on = super().available
        return self._attr_is_on is not before
