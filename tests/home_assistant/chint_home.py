"""A simulated Chint plant in Home Assistant, with a clock that tests move by hand."""

from datetime import datetime
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors.chint.choice import OPTIONS
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from tests.simulators.chint import ChintSimulator

from .conftest import Home

type ChintHome = Home[ChintSimulator]

POLL_S = 10
"""How often such a plant is read unless its owner says otherwise."""
GUESSES = {row.key: True for row in OPTIONS if row.key.startswith("assumed_")}
"""Every group of guesses switched on."""


async def poll(home: ChintHome, count: int = 1) -> None:
    """Let the plant be read so often, with the decisions in between."""
    await home.tick(5, count * POLL_S // 5)


def devices(home: ChintHome) -> dict[str, dr.DeviceEntry]:
    """Give the registered devices by name."""
    registry = dr.async_get(home.hass)
    found = dr.async_entries_for_config_entry(registry, home.entry.entry_id)
    return {str(device.name): device for device in found}


def entities(home: ChintHome) -> list[er.RegistryEntry]:
    """Give all registered entities."""
    return er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)


async def enable(home: ChintHome, key: str, device: str) -> str:
    """Enable a sensor as its owner does, and have the plant set up anew."""
    entity_id = home.entity_id("sensor", key, device)
    assert entity_id is not None
    er.async_get(home.hass).async_update_entity(entity_id, disabled_by=None)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    await home.settle()
    return entity_id


def folder_of(hass: HomeAssistant, config: Path) -> Path:
    """Let the config folder of Home Assistant be this one; give where the owner puts register maps."""
    hass.config.config_dir = str(config)
    folder = config / DOMAIN / "profiles"
    folder.mkdir(parents=True)
    return folder


def changed(name: str, row: str, **values: Any) -> str:
    """Give one of our register maps with some values of one row changed."""
    document = json.loads(TEXTS[name])
    next(each for each in document["rows"] if each["name"] == row).update(values)
    return json.dumps(document, indent=1)


def times(attributes: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Give when the alarm of an event occurred, and when it was over."""
    found = (attributes["occurred_at"], attributes["cleared_at"])
    began, ended = (None if at is None else datetime.fromisoformat(at) for at in found)
    return began, ended
