"""What the energy dashboard says about our sensors."""

from homeassistant.components.energy.data import EnergyPreferencesUpdate, async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from .conftest import Home

pytestmark = pytest.mark.usefixtures("recorder_mock", "enable_custom_integrations")


async def test_energy_dashboard_takes_our_sensors(hass: HomeAssistant, home: Home) -> None:
    """Home Assistant's own check finds nothing to complain about."""
    assert await async_setup_component(hass, "energy", {})
    assert await async_setup_component(hass, "sensor", {})
    await async_wait_recording_done(hass)
    now = utcnow()
    five_minutes_ago = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    ids = {
        key: home.state("sensor", key).entity_id
        for key in (
            "grid_import_energy",
            "grid_export_energy",
            "grid_power",
            "pv_energy",
            "pv_power",
            "battery_charge_energy",
            "battery_discharge_energy",
            "battery_power",
            "battery_soc",
            "load_energy_today",
        )
    }
    manager = await async_get_manager(hass)
    preferences: EnergyPreferencesUpdate = {
        "energy_sources": [
            {
                "type": "grid",
                "stat_energy_from": ids["grid_import_energy"],
                "stat_energy_to": ids["grid_export_energy"],
                "stat_rate": ids["grid_power"],
                "stat_cost": None,
                "stat_compensation": None,
                "entity_energy_price": None,
                "number_energy_price": None,
                "entity_energy_price_export": None,
                "number_energy_price_export": None,
                "cost_adjustment_day": 0.0,
            },
            {
                "type": "solar",
                "stat_energy_from": ids["pv_energy"],
                "stat_rate": ids["pv_power"],
                "config_entry_solar_forecast": None,
            },
            {
                "type": "battery",
                "stat_energy_from": ids["battery_discharge_energy"],
                "stat_energy_to": ids["battery_charge_energy"],
                "stat_rate": ids["battery_power"],
                "stat_soc": ids["battery_soc"],
            },
        ],
        "device_consumption": [{"stat_consumption": ids["load_energy_today"]}],
    }
    await manager.async_update(preferences)
    do_adhoc_statistics(hass, start=five_minutes_ago)
    await async_wait_recording_done(hass)
    checked = await async_validate(hass)
    assert [list(issues.issues) for issues in (*checked.energy_sources, *checked.device_consumption)] == [
        []
    ] * 4
