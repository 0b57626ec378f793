"""What the energy dashboard says about our sensors."""

from typing import Any

from homeassistant.components.energy.data import EnergyPreferencesUpdate, async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from script.demo_home.dashboards import energy_preferences

from .conftest import AddInstagen, Home

pytestmark = pytest.mark.usefixtures("recorder_mock", "enable_custom_integrations")


async def test_energy_dashboard_takes_our_sensors(hass: HomeAssistant, home: Home) -> None:
    """Home Assistant's own check finds nothing to complain about in what the demo sets up."""
    await check_energy_dashboard(hass, home)


async def test_energy_dashboard_takes_the_sums_of_an_instagen_plant(
    hass: HomeAssistant, add_instagen: AddInstagen
) -> None:
    """Its counters begin anew each day; what is shown of them does not."""
    await check_energy_dashboard(hass, await add_instagen())


async def check_energy_dashboard(hass: HomeAssistant, home: Home[Any]) -> None:
    """Set the dashboard up as the demo does, and have Home Assistant look at it."""
    assert await async_setup_component(hass, "energy", {})
    assert await async_setup_component(hass, "sensor", {})
    await async_wait_recording_done(hass)
    now = utcnow()
    five_minutes_ago = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    registered = er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    plant = home.runtime.driver.devices[0]
    ids = {entity.unique_id.removeprefix(f"{plant.uid}_"): entity.entity_id for entity in registered}
    manager = await async_get_manager(hass)
    shown = energy_preferences(ids)
    preferences: EnergyPreferencesUpdate = {
        "energy_sources": shown["energy_sources"],
        "device_consumption": [{"stat_consumption": ids["load_energy_today"]}],
    }
    await manager.async_update(preferences)
    do_adhoc_statistics(hass, start=five_minutes_ago)
    await async_wait_recording_done(hass)
    checked = await async_validate(hass)
    assert [list(issues.issues) for issues in (*checked.energy_sources, *checked.device_consumption)] == [
        []
    ] * 4
