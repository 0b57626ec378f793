"""What the owner of a Chint plant sees."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_dumps
import pytest

from custom_components.energy_storage.diagnostics import async_get_config_entry_diagnostics
from custom_components.energy_storage.engine.plant import Counter
from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED
from tests.simulators.chint import ChintConfig, Line
from tests.simulators.chint_map import PROFILES, Profile
from tests.simulators.dump import load

from .chint_home import GUESSES, POLL_S, devices, enable, entities, poll, times
from .conftest import AddChint, HandClock

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

COUNTERS = tuple(counter.value for counter in Counter if counter is not Counter.THIRD_PARTY_PV)
POWERS = ("grid_power", "pv_power", "battery_power")
OF_THE_GRID = ("grid_import_energy", "grid_export_energy")


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp", "serial"])
async def test_plant_is_read_over_each_link(add_chint: AddChint, line: Line) -> None:
    """Through Home Assistant's own connection; nothing is written."""
    home = await add_chint(ChintConfig(profile="ech_th", line=line))
    home.sim.plant.load_override_w = 2000.0
    await poll(home)
    flows = home.sim.plant.flows
    assert home.number("pv_power") == pytest.approx(flows.pv_w, rel=0.1)
    assert home.number("load_power") == pytest.approx(2000, rel=0.1)
    assert home.number("battery_soc") == round(home.sim.plant.soc_pct)
    assert home.sim.writes == []


async def test_devices_hang_together(add_chint: AddChint) -> None:
    """Plant, inverter and battery; a meter once its readings are wanted."""
    home = await add_chint(ChintConfig(profile="ech_th", unit=7), {"assumed_meter": True})
    found = devices(home)
    assert set(found) == {"Chint plant", "Chint inverter 7", "Chint battery 7", "Chint meter 7"}
    plant, inverter = found["Chint plant"], found["Chint inverter 7"]
    assert (plant.model, plant.serial_number) == ("ECH10K-TH-EU", "1110080124010001")
    assert inverter.via_device_id == plant.id
    assert found["Chint battery 7"].via_device_id == found["Chint meter 7"].via_device_id == inverter.id


@pytest.mark.parametrize("guesses", [False, True], ids=["known", "guesses too"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_entities_are_few(add_chint: AddChint, profile: Profile, guesses: bool) -> None:
    """Whatever the register map has."""
    home = await add_chint(ChintConfig(profile=profile), GUESSES if guesses else None)
    found = entities(home)
    assert len(found) <= MOST_REGISTERED
    assert sum(entity.disabled_by is None for entity in found) <= MOST_ENABLED
    assert len({entity.entity_id for entity in found}) == len(found)


@pytest.mark.parametrize(
    ("profile", "counters", "powers"),
    [
        ("sce", COUNTERS, POWERS),
        ("ech_th", COUNTERS, POWERS),
        # Nobody knows which way its battery current counts, nor where its sun is.
        ("ech_s", OF_THE_GRID, ("grid_power",)),
    ],
)
async def test_energy_dashboard_has_what_is_known(
    add_chint: AddChint, profile: Profile, counters: tuple[str, ...], powers: tuple[str, ...]
) -> None:
    """The device's own counters, or the power summed up; the powers and the battery's level."""
    home = await add_chint(ChintConfig(profile=profile))
    home.sim.plant.pv_override_w, home.sim.plant.load_override_w = 0.0, 9000.0
    await poll(home, 60)
    native = home.entity_id("sensor", "grid_import_energy") is not None
    assert home.number("grid_import_energy" if native else "grid_import_energy_integrated") > 0.2
    for key in counters:
        native = home.entity_id("sensor", key) is not None
        shown = home.state("sensor", key if native else f"{key}_integrated")
        assert float(shown.state) >= 0
        assert shown.attributes["unit_of_measurement"] == "kWh"
        assert shown.attributes["device_class"] == "energy"
        assert shown.attributes["state_class"] == "total_increasing"
    for key in powers:
        assert home.state("sensor", key).attributes["device_class"] == "power"
    assert home.state("sensor", "battery_soc").attributes["device_class"] == "battery"


async def test_string_inverter_counts_the_sun(add_chint: AddChint) -> None:
    """It has no battery and no meter: what it cannot know is unknown, not zero."""
    home = await add_chint(ChintConfig(profile="cps_403x"))
    await poll(home, 10)
    assert home.number("pv_power") > 1000
    assert home.state("sensor", "pv_energy").attributes["state_class"] == "total_increasing"
    for key in ("battery_soc", "battery_power", "grid_power", "load_power"):
        assert home.sensor(key) == STATE_UNKNOWN


@pytest.mark.parametrize("profile", ["ech_th", "sce"])
async def test_powers_are_positive_when_they_feed_the_house(add_chint: AddChint, profile: Profile) -> None:
    """Import and discharge are positive, whatever the device says."""
    home = await add_chint(ChintConfig(profile=profile))
    home.sim.plant.pv_override_w = 0.0
    home.sim.plant.load_override_w = 3000.0
    await poll(home, 2)
    assert home.number("battery_power") == pytest.approx(3000, rel=0.15)
    home.sim.plant.soc_pct = 4.0
    await poll(home, 2)
    assert home.number("grid_power") == pytest.approx(3000, rel=0.15)


async def test_midnight_begins_a_day_and_ends_no_counter(
    add_chint: AddChint, hand_clock: HandClock, hass: HomeAssistant
) -> None:
    """Counters of today begin anew, those of a life go on, and a restart in between loses nothing."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    hand_clock.now = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)
    home = await add_chint()
    home.sim.plant.load_override_w = 2000.0
    await home.tick(60, 110)
    today, life = home.number("load_energy_today", "inverter_1"), home.number("load_energy")
    assert today > 1
    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    shown = []
    for _ in range(40):
        await home.tick(60)
        shown.append((home.number("load_energy_today", "inverter_1"), home.number("load_energy")))
    assert home.clock.now > datetime(2026, 6, 1, 22, 5, tzinfo=UTC)
    days, lives = [day for day, _ in shown], [kwh for _, kwh in shown]
    assert lives == sorted(lives)
    assert life <= lives[-1] < life + 3
    assert days[-1] < 1.5
    assert sum(later < earlier for earlier, later in pairwise(days)) == 1


async def test_operating_mode_is_that_of_the_app(add_chint: AddChint) -> None:
    """Where a register tells it: of an SCE hybrid."""
    home = await add_chint()
    assert home.sensor("vendor_mode") == "self_use"
    home.sim.change("hybrid_work_mode", 3)
    await poll(home, 40)
    assert home.sensor("vendor_mode") == "back_up"


# Guesses.


async def test_guesses_are_not_read_until_they_are_wanted(add_chint: AddChint, hass: HomeAssistant) -> None:
    """Switched on in the options they are there at once, and are called what they are."""
    home = await add_chint(ChintConfig(profile="ech_th"))
    assert home.entity_id("sensor", "batt_temperature", "battery_1") is None
    hass.config_entries.async_update_entry(
        home.entry, options={**home.entry.options, "assumed_battery": True}
    )
    await hass.async_block_till_done()
    await home.settle()
    await enable(home, "batt_temperature", "battery_1")
    shown = home.state("sensor", "batt_temperature", "battery_1")
    assert float(shown.state) == pytest.approx(home.sim.plant.cell_temperature_c, abs=1)
    assert shown.attributes["friendly_name"] == "Chint battery 1 Battery temperature (unconfirmed)"
    assert shown.attributes["confirmed"] is False
    known = home.state("sensor", "battery_soc")
    assert "confirmed" not in known.attributes
    assert "unconfirmed" not in known.attributes["friendly_name"]


async def test_guesses_decide_nothing(add_chint: AddChint) -> None:
    """A guessed SOH or rated energy is shown as a reading, and is not known of the plant."""
    home = await add_chint(ChintConfig(profile="ech_th"), {"assumed_battery": True})
    await enable(home, "batt_soh", "battery_1")
    assert home.number("batt_soh", "battery_1") > 90
    state = home.runtime.coordinator.data.state
    assert (state.soh_pct, state.rated_energy_wh, state.vendor_mode) == (None, None, None)


# Alarms.


async def test_alarm_has_level_code_text_and_both_times(add_chint: AddChint) -> None:
    """It occurs, and it recovers."""
    home = await add_chint()
    began = home.clock.now
    home.sim.faults.add("meter_loss")
    await poll(home, 10)
    event = home.state("event", "alarm").attributes
    assert (event["event_type"], event["code"]) == ("occurred", "1020.6")
    assert "meter" in event["text"].lower()
    assert event["level"] in ("urgent", "important", "common", "prompt", "unknown")
    occurred, cleared = times(dict(event))
    assert cleared is None
    assert home.state("binary_sensor", "alarm").state == "on"
    home.sim.faults.remove("meter_loss")
    await poll(home, 10)
    event = home.state("event", "alarm").attributes
    assert event["event_type"] == "cleared"
    again, cleared = times(dict(event))
    assert again == occurred
    assert occurred is not None
    assert cleared is not None
    assert began < occurred < cleared <= home.clock.now
    assert home.state("binary_sensor", "alarm").state == "off"


async def test_alarm_that_is_up_keeps_its_time_over_a_restart(add_chint: AddChint) -> None:
    """It is told once, and its end names its beginning."""
    home = await add_chint()
    home.sim.faults.add("bms_loss")
    await poll(home, 10)
    occurred, _ = times(dict(home.state("event", "alarm").attributes))
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    await poll(home, 10)
    home.sim.faults.remove("bms_loss")
    await poll(home, 10)
    event = dict(home.state("event", "alarm").attributes)
    assert event["event_type"] == "cleared"
    assert times(event)[0] == occurred


async def test_guessed_alarm_is_told_as_such(add_chint: AddChint) -> None:
    """Its level is unknown, too."""
    home = await add_chint(ChintConfig(profile="ech_th"), {"assumed_alarms": True})
    home.sim.faults.add("utility_loss")
    await poll(home, 10)
    event = home.state("event", "alarm").attributes
    assert "(unconfirmed)" in event["text"]
    assert event["level"] == "unknown"


# Diagnostics.


@pytest.mark.parametrize("profile", PROFILES)
async def test_diagnostics_are_private_and_can_be_played(
    add_chint: AddChint, profile: Profile, tmp_path: Path
) -> None:
    """Neither the serial number nor the address; the words make the same plant in the simulator."""
    home = await add_chint(ChintConfig(profile=profile), GUESSES)
    await poll(home, 40)
    told = await async_get_config_entry_diagnostics(home.hass, home.entry)
    text = json_dumps({"home_assistant": {}, "data": told})
    for secret in (home.sim.config.identity.serial, home.sim.host, "My plant"):
        assert secret not in text
    path = tmp_path / "diagnostics.json"
    path.write_text(text, encoding="utf-8")
    first = home.runtime.coordinator.data.state
    await home.hass.config_entries.async_remove(home.entry.entry_id)

    played = await add_chint(ChintConfig(profile=profile, recorded=load(path)), GUESSES)
    second = played.runtime.coordinator.data.state
    assert (second.soc_pct, second.grid_power_w) == (first.soc_pct, first.grid_power_w)
    assert (second.pv_power_w, second.battery_power_w) == (first.pv_power_w, first.battery_power_w)
    assert second.counters_kwh == first.counters_kwh
    assert played.runtime.coordinator.vendor.pace.default_s == POLL_S


async def test_diagnostics_of_a_serial_plant_hide_its_port(add_chint: AddChint) -> None:
    """A port by its id names the adapter's serial number."""
    home = await add_chint(ChintConfig(profile="ech_th", line="serial"))
    home.sim.faults.add("silence", 600)
    await poll(home, 2)
    told = await async_get_config_entry_diagnostics(home.hass, home.entry)
    assert home.sim.device not in json_dumps(told)
