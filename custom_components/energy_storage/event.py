"""The event entity that tells when an alarm comes and goes."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarms import CLEARED, OCCURRED, AlarmChange, AlarmLog
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator
from .engine.plant import Device
from .entity import PlantEntity

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the alarm event of one plant."""
    runtime = entry.runtime_data
    async_add_entities([AlarmEvent(runtime.coordinator, runtime.driver.devices[0], runtime.alarms)])


class AlarmEvent(PlantEntity, EventEntity):
    """Fires once for every alarm that occurs or is cleared, on whichever device."""

    _attr_event_types = [OCCURRED, CLEARED]  # noqa: RUF012  Home Assistant's own pattern
    _attr_translation_key = "alarm"

    def __init__(self, coordinator: PlantCoordinator, plant: Device, alarms: AlarmLog) -> None:
        """Belong to the plant, which speaks for all of its devices."""
        super().__init__(coordinator, plant, "alarm")
        self._alarms = alarms

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the alarms."""
        await super().async_added_to_hass()
        self.async_on_remove(self._alarms.listen(self._tell))

    @override
    def take_reading(self) -> bool:
        """A reading alone is no event."""
        return False

    @callback
    def _tell(self, change: AlarmChange) -> None:
        alarm = change.alarm
        self._trigger_event(
            change.change,
            {"device": alarm.device, "code": alarm.code, "text": alarm.text, "level": alarm.level.value},
        )
        self.async_write_ha_state()
