"""What diagnostics tell, and what they keep to themselves."""

import json
from pathlib import Path
from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import json_dumps
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.system_health import async_register
from tests.simulators.dump import load
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home
from .control_home import PLANT, charging, controller_of

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def dump(home: Home) -> dict[str, Any]:
    """The diagnostics as the owner downloads them."""
    data = await async_get_config_entry_diagnostics(home.hass, home.entry)
    downloaded: dict[str, Any] = json.loads(json_dumps({"home_assistant": {}, "data": data}))
    return downloaded


async def test_nothing_private_is_told(add_home: AddHome) -> None:
    """Neither serial numbers, in text or in registers, nor the address."""
    home = await add_home(SigenConfig(inverters=(1, 2), ac_chargers=(3,)))
    serials = [str(home.sim.get("serial_number", unit)) for unit in (1, 2)]
    told = await dump(home)
    text = json.dumps(told)
    for secret in (*serials, home.sim.host, home.entry.title):
        assert secret not in text
    assert told["data"]["points"]["inverter_1"]["serial_number"] == "**REDACTED**"


async def test_error_is_told_without_the_address(home: Home) -> None:
    """What the link says when it breaks names host and port; the host is the owner's business."""
    home.sim.faults.add("modbus_off")
    await home.tick(count=2)
    told = (await dump(home))["data"]["cycle"]["last_error"]
    assert str(home.sim.port) in told
    assert home.sim.host not in told


async def test_plant_that_could_not_be_set_up_tells_why(home: Home) -> None:
    """Who needs help most has no plant to look into: address and fault are told, each without secrets."""
    home.sim.faults.add("modbus_off")
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    told = (await dump(home))["data"]["entry"]
    [plant, *_] = dr.async_entries_for_config_entry(dr.async_get(home.hass), home.entry.entry_id)
    of_device = await async_get_device_diagnostics(home.hass, home.entry, plant)
    assert (told["state"], told["error"]) == ("setup_retry", "no_answer_refused")
    assert (told["data"]["port"], told["data"]["host"]) == (home.sim.port, "**REDACTED**")
    assert json.loads(json_dumps(of_device)) == {"entry": told}


async def test_everything_that_helps_is_told(home: Home) -> None:
    """State, age, firmware, points, and how the cycle fared."""
    home.sim.set("plant_alarm_6", 1)
    home.sim.faults.add("exception")
    await home.tick()
    home.sim.faults.remove("exception")
    await home.tick()
    data = (await dump(home))["data"]
    assert data["entry"]["data"]["inverter_unit_ids"] == [1]
    assert data["devices"][1]["identity"]["firmware"] == home.sim.get("firmware_version", 1)
    assert data["reading"]["stage"] == "fresh"
    assert data["reading"]["age_s"] == 0
    assert data["reading"]["state"]["soc_pct"] == home.sim.get("ess_soc", 247)
    assert data["cycle"]["failed"] == 1
    assert data["cycle"]["last_error"]
    assert data["everything_asked_once"] is True
    assert data["alarms"][-1]["change"] == "occurred"
    assert data["points"]["inverter_1"]["phase_a_voltage"] > 200


async def test_control_is_told(add_home: AddHome) -> None:
    """What is wanted, decided and held, what the plant can do, and what was seen of it."""
    home = await add_home(PLANT)
    controller_of(home).control.note_effect(CommandKind.HOLD, seen=True)
    await charging(home)
    told = (await dump(home))["data"]["control"]
    assert told["settings"]["control"] == "on"
    assert told["lasting"]["override"]["kind"] == "force_charge"
    assert told["effects"] == {"hold": True}
    assert told["provable"] == {}
    view = told["view"]
    assert view["decision"]["command"]["power_w"] == 3000
    assert view["decision"]["reasons"][0]["code"] == "force_charge"
    assert view["decision"]["guards"]["charge_cutoff"] == "device"
    assert told["guards"]["main_fuse"] == "trim"
    assert (view["holding"]["ownership"], view["confidence"], view["failures"]) == ("ours", "confirmed", 0)
    assert view["abilities"]["charge"]["obeys"] == ["power_w"]


async def test_registers_load_into_the_simulator(add_home: AddHome, tmp_path: Path) -> None:
    """A maintainer plays an owner's plant from the downloaded file, over the wire."""
    home = await add_home(SigenConfig(inverters=(1, 2), ac_chargers=(3,)))
    await home.tick(60, count=3)
    path = tmp_path / "diagnostics.json"
    path.write_text(json.dumps(await dump(home)), encoding="utf-8")
    first = home.runtime.coordinator.data.state
    await home.hass.config_entries.async_remove(home.entry.entry_id)

    replayed = await add_home(SigenConfig(inverters=(1, 2), ac_chargers=(3,), recorded=load(path)))
    second = replayed.runtime.coordinator.data.state
    assert (second.soc_pct, second.grid_power_w) == (first.soc_pct, first.grid_power_w)
    assert (second.pv_power_w, second.battery_power_w) == (first.pv_power_w, first.battery_power_w)
    assert second.counters_kwh == first.counters_kwh
    assert [device.key for device in replayed.runtime.driver.devices] == [
        "plant",
        "inverter_1",
        "inverter_2",
        "ac_charger_3",
    ]


async def test_one_device_is_told_alone(hass: HomeAssistant, add_home: AddHome) -> None:
    """With its own registers, and nothing for a device that is gone."""
    home = await add_home(SigenConfig(inverters=(1, 2)))
    registry = dr.async_get(hass)
    uid = next(device.uid for device in home.runtime.driver.devices if device.key == "inverter_2")
    device = registry.async_get_device_by_identifier((DOMAIN, uid), home.entry.entry_id)
    assert device is not None
    told = await async_get_device_diagnostics(hass, home.entry, device)
    assert set(told["raw_registers"]) == {"2"}
    assert told["device"]["key"] == "inverter_2"
    assert told["reachable"] is True
    assert uid not in json_dumps(told)
    gone = registry.async_get_or_create(config_entry_id=home.entry.entry_id, identifiers={(DOMAIN, "sold")})
    assert await async_get_device_diagnostics(hass, home.entry, gone) == {"device": None}


async def test_system_information_counts_plants(hass: HomeAssistant, home: Home) -> None:
    """How many there are and how many can be trusted now."""
    registration = SystemHealthRegistration(hass, DOMAIN)
    async_register(hass, registration)
    assert registration.info_callback is not None
    told = await registration.info_callback(hass)
    assert told == {"plants": 1, "plants_with_fresh_readings": 1, "plants_controlled": 0}
    texts = await async_get_translations(hass, "en", "system_health", {DOMAIN})
    assert {name.rpartition(".")[2] for name in texts} == set(told)
    await home.set(control="on")
    assert (await registration.info_callback(hass))["plants_controlled"] == 1
    home.sim.faults.add("modbus_off")
    await home.tick(count=14)
    assert (await registration.info_callback(hass))["plants_with_fresh_readings"] == 0
