"""Selects: who controls the plant, in which mode, and the settings that are choices."""

from collections.abc import Mapping
from typing import override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_choose_mode, async_start_override, controller_of, not_offered
from .control_entity import SettingEntity
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.modes import MODES
from .engine.override import Source
from .engine.settings import BASE_MODES, CONTROL_STATES, SETTINGS, SettingKind

PARALLEL_UPDATES = 1

CONTROL_STATE = SelectEntityDescription(
    key="control_state", options=[state.value for state in CONTROL_STATES]
)
MODE = SelectEntityDescription(key="mode")
CHOICE_SELECTS = tuple(
    SelectEntityDescription(
        key=row.key,
        options=list(row.options),
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
    )
    for row in SETTINGS
    if row.kind is SettingKind.CHOICE and row.key not in ("mode", "control")
)
SELECTS = (MODE, CONTROL_STATE, *CHOICE_SELECTS)

_ONLY_BY_ACTION = frozenset({"off_grid"})
"""Nobody should leave the grid by a slip in a list."""
CHOICES = (
    *BASE_MODES,
    *(key for key, mode in MODES.items() if mode.override and key not in _ONLY_BY_ACTION),
)
"""All that can be chosen in the list of modes; what runs is shown, however it was started."""


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the selects of one plant, if it can be commanded."""
    runtime = entry.runtime_data
    if runtime.controller is not None:
        choices = (ChoiceSelect(runtime, row) for row in CHOICE_SELECTS)
        async_add_entities([ModeSelect(runtime), ControlStateSelect(runtime), *choices])


class ControlStateSelect(SettingEntity, SelectEntity):
    """Off, shadow or on."""

    def __init__(self, runtime: PlantRuntime) -> None:
        """Show the setting."""
        super().__init__(runtime, CONTROL_STATE.key)
        self.entity_description = CONTROL_STATE

    @override
    def take_reading(self) -> bool:
        before = self._attr_current_option
        self._attr_current_option = self.settings.control.value
        return self._attr_current_option != before

    @override
    async def async_select_option(self, option: str) -> None:
        """Set it."""
        await self.change(control=option)


class ChoiceSelect(SettingEntity, SelectEntity):
    """A setting that is one of several."""

    def __init__(self, runtime: PlantRuntime, description: SelectEntityDescription) -> None:
        """Show one row of the table."""
        super().__init__(runtime, description.key)
        self.entity_description = description

    @override
    def take_reading(self) -> bool:
        before = self._attr_current_option
        self._attr_current_option = getattr(self.settings, self.entity_description.key)
        return self._attr_current_option != before

    @override
    async def async_select_option(self, option: str) -> None:
        """Set it."""
        await self.change(**{self.entity_description.key: option})


class ModeSelect(SettingEntity, SelectEntity):
    """The base mode, or the override that runs above it."""

    _unrecorded_attributes = frozenset({"not_offered"})

    def __init__(self, runtime: PlantRuntime) -> None:
        """Offer what the plant can do."""
        super().__init__(runtime, MODE.key)
        self.entity_description = MODE
        self._attr_options = list(CHOICES)

    @override
    def take_reading(self) -> bool:
        before = (self._attr_current_option, getattr(self, "_attr_extra_state_attributes", None))
        override = controller_of(self.runtime).memory.lasting.override
        running = self.settings.mode if override is None else override.kind
        missing: Mapping[str, str] = not_offered(self.runtime, CHOICES)
        self._attr_current_option = running
        offered = [mode for mode in CHOICES if mode not in missing or mode == running]
        self._attr_options = offered if running in offered else [*offered, running]
        self._attr_extra_state_attributes = {"not_offered": dict(missing)}
        return before != (self._attr_current_option, self._attr_extra_state_attributes)

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose a base mode, which ends an override; or start one, with the values of its numbers."""
        if option in BASE_MODES:
            await async_choose_mode(self.runtime, option)
        else:
            await async_start_override(self.runtime, option, source=Source.PERSON)
        self.show()
        self.decide_soon()
