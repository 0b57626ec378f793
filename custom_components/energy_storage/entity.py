"""What all entities of a plant have in common."""

from abc import abstractmethod
import asyncio
from collections.abc import Callable, Iterable
from itertools import batched
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator
from .engine.plant import Device, Stage
from .room import MOST_ENABLED


class PlantEntity(CoordinatorEntity[PlantCoordinator]):
    """Shows something of one device of the plant, and writes a state only when that is worth it."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: PlantCoordinator, device: Device, key: str) -> None:
        """Belong to a device; the key names the entity inside it."""
        super().__init__(coordinator)
        self.device_key = device.key
        self._attr_unique_id = f"{device.uid}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, device.uid)})
        self._shown_available = True

    @property
    @override
    def available(self) -> bool:
        """Whether the plant is there and the device answered when it was last asked."""
        reading = self.coordinator.data
        return reading.stage is not Stage.LOST and reading.state.reachable.get(self.device_key, True)

    @abstractmethod
    def take_reading(self) -> bool:
        """Take over the newest reading; tell whether what is shown changes by it."""

    @override
    async def async_added_to_hass(self) -> None:
        """Show the reading that is there already."""
        await super().async_added_to_hass()
        self.take_reading()
        self._shown_available = self.available

    @override
    @callback
    def _handle_coordinator_update(self) -> None:
        changed = self.take_reading()
        if changed or self.available is not self._shown_available:
            self._shown_available = self.available
            self.async_write_ha_state()


AT_ONCE = 10
"""So many entities are added before everything else in Home Assistant has its turn."""

type Offer = Iterable[tuple[str, Callable[[], Entity]]]
"""What a platform could show now: a name for each entity and how to make it."""


async def add_as_they_appear(
    entry: EnergyStorageConfigEntry, add: AddConfigEntryEntitiesCallback, offer: Callable[[], Offer]
) -> None:
    """Add what is offered now, and with every reading what is offered in addition.

    Firmware is found out about step by step, and devices may join later.
    """
    known: set[str] = set()

    def new() -> list[Callable[[], Entity]]:
        found = {name: make for name, make in offer() if name not in known}
        known.update(found)
        return list(found.values())

    @callback
    def add_new() -> None:
        if entities := [make() for make in new()]:
            _leave_out_what_has_no_room(entry, entities)
            add(entities)

    for some in batched(new(), AT_ONCE, strict=False):
        add([make() for make in some])
        await asyncio.sleep(0)
    entry.async_on_unload(entry.runtime_data.coordinator.async_add_listener(add_new))


def was_there(hass: HomeAssistant, platform: str, unique_id: str) -> bool:
    """Tell whether the owner has had an entity before."""
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id) is not None


def _leave_out_what_has_no_room(entry: EnergyStorageConfigEntry, entities: list[Entity]) -> None:
    """Have those wait disabled that come later, once a plant has as many entities as it may have."""
    registry = er.async_get(entry.runtime_data.coordinator.hass)
    registered = er.async_entries_for_config_entry(registry, entry.entry_id)
    of_plant = [known for known in registered if known.config_subentry_id is None]
    room = MOST_ENABLED - sum(known.disabled_by is None for known in of_plant)
    before = {known.unique_id for known in registered}
    for entity in entities:
        if entity.unique_id in before or not entity.entity_registry_enabled_default:
            continue
        if room <= 0:
            entity._attr_entity_registry_enabled_default = False  # noqa: SLF001  decided here for every platform
        room -= 1
