"""The event entities that tell when an alarm comes and goes, and what control does."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarms import CLEARED, OCCURRED, AlarmChange, AlarmLog
from .control_events import EVENTS, Situation, changes, situation
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator
from .engine.plant import Device
from .entity import PlantEntity

PARALLEL_UPDATES = 0

CONTROL = "control"


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the events of one plant."""
    runtime = entry.runtime_data
    plant = runtime.driver.devices[0]
    async_add_entities([AlarmEvent(runtime.coordinator, plant, runtime.alarms)])
    if runtime.controller is not None:
        async_add_entities([ControlEvent(runtime.coordinator, plant)])


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
            {
                "device": alarm.device,
                "code": alarm.code,
                "text": alarm.text,
                "level": alarm.level.value,
                "occurred_at": alarm.since.isoformat(),
                "cleared_at": change.at.isoformat() if change.change == CLEARED else None,
            },
        )
        self.async_write_ha_state()


class ControlEvent(PlantEntity, EventEntity):
    """Fires once for every change of what control does, from what each cycle came to."""

    _attr_event_types = list(EVENTS)  # noqa: RUF012  Home Assistant's own pattern
    _attr_translation_key = CONTROL
    _attr_entity_registry_enabled_default = False

    def __init__(self, coordinator: PlantCoordinator, plant: Device) -> None:
        """Belong to the plant."""
        super().__init__(coordinator, plant, CONTROL)
        self._before: Situation | None = None

    @property
    @override
    def available(self) -> bool:
        """Always: what control does is ours to tell."""
        return True

    @override
    def take_reading(self) -> bool:
        """Tell every change by itself; the first reading is what others are compared with."""
        before = self._before
        self._before = now = situation(self.coordinator.data, before)
        if before is None or now is None:
            return False
        for kind, about in changes(before, now):
            self._trigger_event(kind, dict(about))
            self.async_write_ha_state()
        return False
