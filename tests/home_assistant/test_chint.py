"""What the owner of a Chint plant sees."""

from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_dumps
import pytest

from custom_components.energy_storage.diagnostics import async_get_config_entry_diagnostics
from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED
from custom_components.energy_storage.vendors.chint.choice import OPTIONS
from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.chint_map import PROFILES, Profile

from .conftest import AddChint, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

type ChintHome = Home[ChintSimulator]

GUESSES = {row.key: True for row in OPTIONS if row.key.startswith("assumed_")}


def devices(home: ChintHome) -> dict[str, dr.DeviceEntry]:
    """Give the registered devices by name."""
    registry = dr.async_get(home.hass)
    found = dr.async_entries_for_config_entry(registry, home.entry.entry_id)
    return {str(device.name): device for device in found}


def entities(home: ChintHome) -> list[er.RegistryEntry]:
    """Give all registered entities."""
    return er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)


@pytest.mark.parametrize("guesses", [False, True], ids=["known", "guesses too"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_entities_are_few(add_chint: AddChint, profile: Profile, guesses: bool) -> None:
    """Whatever the profile has."""
    home = await add_chint(ChintConfig(profile=profile), GUESSES if guesses else None)
    found = entities(home)
    print(profile, guesses, len(found), sum(e.disabled_by is None for e in found), list(devices(home)))
    for e in found:
        print(
            "   ",
            e.entity_id,
            e.original_name,
            e.disabled_by,
            home.hass.states.get(e.entity_id) and home.hass.states.get(e.entity_id).state,
        )
    assert len(found) <= MOST_REGISTERED
    assert sum(entity.disabled_by is None for entity in found) <= MOST_ENABLED
