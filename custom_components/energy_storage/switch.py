"""Switches: control as a whole, and what is allowed under it."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .control_entity import SettingEntity
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.settings import SETTINGS, ControlState, SettingKind, SettingValue

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class SettingSwitchDescription(SwitchEntityDescription):
    """A setting, and its two values."""

    on: SettingValue = True
    off: SettingValue = False


_EVERYDAY = "grid_charging"

SWITCHES: tuple[SettingSwitchDescription, ...] = (
    SettingSwitchDescription(key="control", on=ControlState.ON, off=ControlState.OFF),
    *(
        SettingSwitchDescription(
            key=row.key,
            entity_category=None if row.key == _EVERYDAY else EntityCategory.CONFIG,
            entity_registry_enabled_default=row.key == _EVERYDAY,
        )
        for row in SETTINGS
        if row.kind is SettingKind.SWITCH
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the switches of one plant, if it can be commanded."""
    runtime = entry.runtime_data
    if runtime.controller is not None:
        async_add_entities(SettingSwitch(runtime, row) for row in SWITCHES)


class SettingSwitch(SettingEntity, SwitchEntity):
    """A setting that is on or off."""

    entity_description: SettingSwitchDescription

    def __init__(self, runtime: PlantRuntime, description: SettingSwitchDescription) -> None:
        """Show one row of the table."""
        super().__init__(runtime, description.key)
        self.entity_description = description

    @override
    def take_reading(self) -> bool:
        before = self._attr_is_on
        row = self.entity_description
        self._attr_is_on = getattr(self.settings, row.key) == row.on
        return self._attr_is_on is not before

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Set it."""
        await self.change(**{self.entity_description.key: self.entity_description.on})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Set it back."""
        await self.change(**{self.entity_description.key: self.entity_description.off})
