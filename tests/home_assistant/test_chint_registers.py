"""Exploring a Chint plant's registers through Home Assistant's actions, up to a register map of one's own."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from tests.simulators.chint import ChintConfig

from .chint_home import ChintHome, folder_of, poll
from .conftest import AddChint
from .control_home import written

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

TH = ChintConfig(profile="ech_th")


async def call(home: ChintHome, action: str, **fields: Any) -> dict[str, Any]:
    """Call an action of the register tools; give its answer."""
    answer = await home.hass.services.async_call(
        DOMAIN,
        action,
        {"config_entry": home.entry.entry_id} | fields,
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return dict(answer)


async def test_a_range_is_read_over_a_serial_line(add_chint: AddChint) -> None:
    """What nobody declares is there, and what the device refuses is told."""
    home = await add_chint(ChintConfig(profile="ech_th", line="serial"))
    home.sim.set("batt_soc", 77)
    answer = await call(home, "read_registers", address=0x0603, count=1)
    assert answer["devices"]["plant"]["values"] == [{"address": 0x0603, "value": 77}]
    answer = await call(home, "read_registers", address=0x5000, count=2)
    assert answer["devices"]["plant"]["refused"]
    assert home.sim.writes == []


async def test_what_is_declared_is_known_with_its_words(add_chint: AddChint) -> None:
    """Also what is no entity."""
    home = await add_chint(TH)
    answer = await call(home, "read_registers", devices="battery_1", names=["batt_soc"])
    row = answer["devices"]["battery_1"]["batt_soc"]
    assert row["value"] == home.sim.get("batt_soc")
    assert row["address"] == 0x0603


async def test_a_value_on_the_display_becomes_a_reading_of_a_map_of_ones_own(
    add_chint: AddChint, hass: HomeAssistant, tmp_path: Path
) -> None:
    """Two passes, two values that were seen, the row of the answer in a file: a minute later it is read."""
    folder = folder_of(hass, tmp_path)
    home = await add_chint(TH)
    span = {"address": 0x0600, "count": 16}
    for label, celsius in (("cool", 21.5), ("warm", 33.1)):
        home.sim.set("batt_temperature", celsius)
        await call(home, "scan_registers", label=label, **span)
    found = await call(
        home, "find_value", seen={"cool": 21.5, "warm": 33.1}, unit="°C", name="Battery temperature"
    )
    row = found["candidates"][0]["row"]
    assert row["address"] == "0x0602"
    document = json.loads(TEXTS["ech_th"])
    document["rows"] = [each for each in document["rows"] if each["name"] != "batt_temperature"]
    document["rows"].append(row)
    (folder / "ech_th.json").write_text(json.dumps(document))
    async_fire_time_changed(hass, utcnow() + timedelta(minutes=1, seconds=1))
    await hass.async_block_till_done(wait_background_tasks=True)
    await home.settle()
    await poll(home, 14)
    answer = await call(home, "read_registers", names=[row["name"]])
    assert answer["devices"]["inverter_1"][row["name"]]["value"] == 33.1


@pytest.mark.parametrize(
    ("profile", "name"),
    [("sce", "hybrid_work_mode"), ("sce", "time_control_enable"), ("ech_th", "running_mode")],
)
async def test_no_register_is_open_to_hands(add_chint: AddChint, profile: Any, name: str) -> None:
    """What control is made of is its own, and of all others nobody has proved a write."""
    home = await add_chint(ChintConfig(profile=profile, unlocked=True), {"documented_writes": True})
    with pytest.raises(HomeAssistantError) as caught:
        await call(home, "write_register", device="inverter_1", name=name, value=1, confirm=True)
    assert str(caught.value.translation_key).startswith("refused_locked_")
    assert written(home) == []
