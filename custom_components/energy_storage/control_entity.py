"""What the entities have in common with which an owner steers a plant."""

from typing import override

from homeassistant.core import callback

from .actions import refuse_read_only
from .const import DOMAIN
from .coordinator import PlantRuntime
from .engine.settings import ControlState, Settings, SettingValue
from .entity import PlantEntity


class SettingEntity(PlantEntity):
    """Shows and changes settings: they are the owner's, so the plant's silence takes nothing from them."""

    def __init__(self, runtime: PlantRuntime, key: str) -> None:
        """Belong to the plant."""
        super().__init__(runtime.coordinator, runtime.driver.devices[0], key)
        self.runtime = runtime
        self._attr_translation_key = key

    @property
    def settings(self) -> Settings:
        """The values that hold now."""
        return self.runtime.settings.settings

    @property
    @override
    def available(self) -> bool:
        """Always."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Follow every change, whoever makes it."""
        await super().async_added_to_hass()
        self.async_on_remove(self.runtime.settings.listen(self.show))

    @callback
    def show(self) -> None:
        """Show what holds now, without waiting for the next reading."""
        self.take_reading()
        self.async_write_ha_state()

    async def change(self, **values: SettingValue) -> None:
        """Change settings, and have the plant follow."""
        if values.get("control") == ControlState.ON:
            refuse_read_only(self.runtime)
        await self.runtime.settings.async_set(**values)
        self.decide_soon()

    def decide_soon(self) -> None:
        """Let the cycle decide at once: what it writes may take longer than a click should."""
        entry = self.coordinator.config_entry
        entry.async_create_background_task(self.hass, self.runtime.cycle.decide(), f"{DOMAIN} decide")
