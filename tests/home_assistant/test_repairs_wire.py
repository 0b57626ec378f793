"""A plant that goes wrong while it is polled over the wire: what the owner is told, and until when."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.energy_storage.const import DOMAIN

from .conftest import HandClock, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")


@pytest.fixture(autouse=True)
def _one_clock(hand_clock: HandClock) -> Iterator[None]:
    """Let the repairs follow the clock of driver and cycle."""
    with patch("custom_components.energy_storage.link_issues.utcnow", hand_clock.utc):
        yield


def _shown(hass: HomeAssistant) -> set[str]:
    """Texts of the issues that are shown."""
    issues = ir.async_get(hass).issues.values()
    return {str(issue.translation_key) for issue in issues if issue.domain == DOMAIN and issue.active}


async def test_firmware_update_that_switches_modbus_off(home: Home) -> None:
    """After two minutes of refusals the owner is told; the first answer takes it back."""
    home.sim.faults.add("modbus_off")
    await home.tick(seconds=20, count=6)
    assert _shown(home.hass) == set()
    await home.tick(seconds=20, count=2)
    assert _shown(home.hass) == {"modbus_off_sigen"}
    home.sim.faults.remove("modbus_off")
    await home.tick(count=2)
    assert _shown(home.hass) == set()


async def test_restart_of_a_plant_is_no_repair(home: Home) -> None:
    """A plant that comes back within two minutes is not worth a word."""
    home.sim.faults.add("modbus_off")
    await home.tick(seconds=20, count=5)
    home.sim.faults.remove("modbus_off")
    await home.tick(seconds=20, count=5)
    assert _shown(home.hass) == set()


async def test_modbus_off_while_home_assistant_starts(home: Home) -> None:
    """A plant that refuses each attempt to set it up is spoken of too, until it is set up again."""
    home.sim.faults.add("modbus_off")
    for minutes in (0, 1, 3):
        assert _shown(home.hass) == set()
        home.clock.now += timedelta(minutes=minutes)
        await home.hass.config_entries.async_reload(home.entry.entry_id)
        assert home.entry.state is ConfigEntryState.SETUP_RETRY
    assert _shown(home.hass) == {"modbus_off_sigen"}
    home.sim.faults.remove("modbus_off")
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert home.entry.state is ConfigEntryState.LOADED
    assert _shown(home.hass) == set()
