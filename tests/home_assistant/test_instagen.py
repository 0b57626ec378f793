"""What the owner of an Instagen plant sees."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_dumps
import pytest

from custom_components.energy_storage.diagnostics import async_get_config_entry_diagnostics
from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED
from tests.simulators import instagen_answers, instagen_values
from tests.simulators.instagen_command import load

from .conftest import AddInstagen, HandClock
from .instagen_home import ONE, POLL_S, THREE, InstagenHome, poll, with_plant

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

COUNTERS = (
    *("pv_energy", "load_energy", "grid_import_energy", "grid_export_energy"),
    *("battery_charge_energy", "battery_discharge_energy"),
)


def devices(home: InstagenHome) -> dict[str, dr.DeviceEntry]:
    """Give the registered devices by name."""
    registry = dr.async_get(home.hass)
    found = dr.async_entries_for_config_entry(registry, home.entry.entry_id)
    return {str(device.name): device for device in found}


def entities(home: InstagenHome) -> list[er.RegistryEntry]:
    """Give all registered entities."""
    return er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)


async def test_devices_hang_together(add_instagen: AddInstagen) -> None:
    """Plant, stick, each inverter with its battery, and the meter, with serial numbers and firmware."""
    found = devices(await add_instagen(THREE))
    assert set(found) == {
        *("Instagen plant", "Instagen gateway", "Instagen meter 1"),
        *(f"Instagen {part} {number}" for part in ("inverter", "battery") for number in (1, 2, 3)),
    }
    plant, third = found["Instagen plant"], found["Instagen inverter 3"]
    assert (plant.serial_number, plant.model) == ("214422460001", "HYT-3.3HV-EUG1")
    assert found["Instagen gateway"].serial_number == "430122480001"
    assert found["Instagen gateway"].sw_version == "01.00.09"
    assert third.serial_number == "214422460003"
    assert third.via_device_id == plant.id
    assert found["Instagen battery 3"].via_device_id == third.id
    assert found["Instagen meter 1"].via_device_id == found["Instagen inverter 1"].id


@pytest.mark.parametrize("inverters", [1, 3, 10])
async def test_entities_are_few(add_instagen: AddInstagen, inverters: int) -> None:
    """However many inverters there are, with everything that may join later."""
    home = await add_instagen(replace(THREE, inverters=inverters))
    home.sim.plant.generator_on = True
    await poll(home, 2)
    found = entities(home)
    assert len(found) <= MOST_REGISTERED
    assert sum(entity.disabled_by is None for entity in found) <= MOST_ENABLED
    assert home.number("active_power", "inverter_1") > 0


async def test_values_are_those_of_the_plant(add_instagen: AddInstagen) -> None:
    """Positive feeds the house; what the stick does not tell is not there."""
    home = await add_instagen(with_plant(ONE, soc_pct=40.0))
    home.sim.plant.load_override_w = 800.0
    await poll(home)
    flows = home.sim.plant.flows
    assert home.number("battery_soc") == round(home.sim.plant.soc_pct)
    assert home.number("pv_power") == pytest.approx(flows.pv_w, rel=0.1)
    assert home.number("battery_power") < -500
    assert home.state("binary_sensor", "battery_charging").state == "on"
    assert home.number("load_power") == pytest.approx(800, rel=0.05)
    assert home.sensor("battery_state", "battery_1") == "charging"
    assert home.sensor("inverter_state", "inverter_1") == "on_grid"
    assert home.entity_id("sensor", "vendor_mode") is None


async def test_generator_and_other_inverter_join(add_instagen: AddInstagen) -> None:
    """They are devices of their own as soon as they show themselves."""
    home = await add_instagen(with_plant(ONE, third_party_pv_peak_w=3_000.0))
    assert home.number("active_power", "pv_inverter_1") > 0
    assert "Instagen generator 1" not in devices(home)
    home.sim.plant.generator_on = True
    home.sim.faults.add("grid_loss")
    await poll(home, 2)
    assert "Instagen generator 1" in devices(home)
    assert home.entity_id("sensor", "energy_today", "generator_1") is not None
    assert home.state("binary_sensor", "on_grid").state == "off"


async def test_silent_inverter_takes_only_its_own_along(add_instagen: AddInstagen) -> None:
    """Its entities are unavailable, sums that it belongs to unknown; the rest goes on."""
    home = await add_instagen(THREE)
    serials = home.sim.config.serials
    home.sim.answers.config = replace(home.sim.config, inverters=2)
    home.clock.timeout_s = 0.3
    await poll(home, 3)
    assert len(serials) == 3
    assert home.sensor("active_power", "inverter_3") == STATE_UNAVAILABLE
    assert home.sensor("ess_charge_energy_today", "battery_3") == STATE_UNAVAILABLE
    assert home.number("active_power", "inverter_2") > 0
    assert home.sensor("reading_stage") == "fresh"
    assert home.sensor("pv_power") == "unknown"
    home.sim.answers.config = home.sim.config
    await poll(home, 15)
    assert home.number("active_power", "inverter_3") > 0


async def test_inverter_that_is_added_joins(add_instagen: AddInstagen) -> None:
    """It is seen when the stick is asked who is there, once a day; nothing of the others changes."""
    home = await add_instagen(replace(THREE, inverters=2))
    before = {entity.unique_id for entity in entities(home)}
    assert not [name for name in devices(home) if "3" in name]
    _grow(home, 3)
    await home.tick(43_200, 2)
    await poll(home, 3)
    assert "Instagen battery 3" in devices(home)
    assert home.entity_id("sensor", "active_power", "inverter_3") is not None
    after = {entity.unique_id for entity in entities(home)}
    assert before < after
    assert len(after) <= MOST_REGISTERED


def _grow(home: InstagenHome, inverters: int) -> None:
    """Put further inverters behind a stick."""
    config = replace(home.sim.config, inverters=inverters)
    home.sim.config = home.sim.answers.config = home.sim.device.config = config
    home.sim.device.refresh()


async def test_clock_of_the_device_is_compared(add_instagen: AddInstagen) -> None:
    """A clock that is hours ahead is shown as such, and makes no reading old."""
    home = await add_instagen()
    entity_id = home.entity_id("sensor", "clock_deviation")
    assert entity_id is not None
    er.async_get(home.hass).async_update_entity(entity_id, disabled_by=None)
    home.sim.faults.add("clock_wrong", 5)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await poll(home, 2)
    assert home.number("clock_deviation") == pytest.approx(5 * 3600, abs=POLL_S)
    assert home.sensor("reading_stage") == "fresh"


async def test_alarm_is_told_with_where_its_text_comes_from(add_instagen: AddInstagen) -> None:
    """A fault bit is an event with a readable text, and a problem until it ends."""
    home = await add_instagen()
    home.sim.faults.add("earth_fault")
    await poll(home)
    event = home.state("event", "alarm")
    assert event.attributes["event_type"] == "occurred"
    assert "Insulation resistance too low" in event.attributes["text"]
    assert "G3 series" in event.attributes["text"]
    assert home.state("binary_sensor", "alarm").state == "on"
    home.sim.faults.remove("earth_fault")
    await poll(home)
    assert home.state("event", "alarm").attributes["event_type"] == "cleared"
    assert home.state("binary_sensor", "alarm").state == "off"


# Counters.


async def at_midnight(add_instagen: AddInstagen, clock: HandClock) -> InstagenHome:
    """Have a plant ten minutes before its midnight."""
    clock.now = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)
    home = await add_instagen()
    await home.tick(1200, 5)
    await poll(home, 17)
    return home


async def test_midnight_begins_a_day_and_ends_no_sum(
    add_instagen: AddInstagen, hand_clock: HandClock
) -> None:
    """Counters of today begin anew, lifetime sums go on from where they were."""
    home = await at_midnight(add_instagen, hand_clock)
    before = {key: home.number(key) for key in COUNTERS}
    today = home.number("load_energy_today")
    assert before["load_energy"] > 0
    await poll(home, 60)
    assert home.clock.now > datetime(2026, 6, 1, 22, 20, tzinfo=UTC)
    assert home.number("load_energy_today") < today + 0.1
    assert all(home.number(key) >= before[key] for key in COUNTERS)
    assert before["load_energy"] < home.number("load_energy") < before["load_energy"] + 1


async def test_counters_that_slip_are_held(add_instagen: AddInstagen) -> None:
    """A stick that shows 0 for a moment is not believed, neither today nor in the sums."""
    home = await add_instagen()
    await home.tick(1800, 2)
    before = {key: home.number(key) for key in (*COUNTERS, "load_energy_today")}
    assert before["pv_energy"] > 1
    home.sim.faults.add("counters_zero")
    await poll(home)
    assert {key: home.number(key) for key in before} == pytest.approx(before, abs=0.1)
    await poll(home, 3)
    assert all(before[key] <= home.number(key) < before[key] + 0.3 for key in before)


async def test_sums_go_on_over_a_restart(add_instagen: AddInstagen, hand_clock: HandClock) -> None:
    """Also when Home Assistant was down while the day changed."""
    home = await at_midnight(add_instagen, hand_clock)
    before = home.number("load_energy")
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    hand_clock.now += timedelta(hours=2)
    home.sim.advance(7200)
    assert await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.hass.async_block_till_done()
    await poll(home, 3)
    assert before <= home.number("load_energy") < before + 2


# A new address, a new stick.


async def test_another_stick_before_the_same_inverters(
    add_instagen: AddInstagen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything stays; only the gateway has another serial number."""
    home = await add_instagen()
    before = {entity.unique_id for entity in entities(home)}
    home.sim.faults.add("port_closed")
    await poll(home)
    for module in (instagen_answers, instagen_values):
        monkeypatch.setattr(module, "STICK_SERIAL", 0x430122480777)
    home.sim.faults.remove("port_closed")
    await poll(home, 2)
    assert home.sensor("reading_stage") == "fresh"
    assert {entity.unique_id for entity in entities(home)} == before
    assert devices(home)["Instagen gateway"].serial_number == "430122480777"


async def test_plant_at_a_new_address_is_the_same_plant(add_instagen: AddInstagen) -> None:
    """Set up again at another port it has the same entities, and its counters go on."""
    home = await add_instagen()
    await home.tick(1800, 2)
    before, energy = {entity.unique_id for entity in entities(home)}, home.number("pv_energy")
    home.sim.faults.add("moved")
    data = {**home.entry.data, "port": home.sim.port}
    home.hass.config_entries.async_update_entry(home.entry, data=data)
    await home.hass.async_block_till_done()
    await poll(home, 2)
    assert home.sensor("reading_stage") == "fresh"
    assert {entity.unique_id for entity in entities(home)} == before
    assert home.number("pv_energy") >= energy > 0


# Diagnostics.


async def test_diagnostics_are_private_and_can_be_played(add_instagen: AddInstagen, tmp_path: Path) -> None:
    """Neither serial numbers nor the address; the payloads make the same plant in the simulator."""
    home = await add_instagen(THREE)
    await poll(home, 2)
    told = await async_get_config_entry_diagnostics(home.hass, home.entry)
    text = json_dumps({"home_assistant": {}, "data": told})
    secrets = [f"{serial:012X}" for serial in home.sim.config.serials] + ["430122480001", "37FFB0012345"]
    assert not [secret for secret in (*secrets, home.sim.host, "My plant") if secret in text]
    for serial in home.sim.config.serials:
        assert str(serial) not in text
    path = tmp_path / "diagnostics.json"
    path.write_text(text, encoding="utf-8")
    first = home.runtime.coordinator.data.state
    await home.hass.config_entries.async_remove(home.entry.entry_id)

    played = await add_instagen(replace(THREE, recorded=load(path)))
    second = played.runtime.coordinator.data.state
    assert (second.soc_pct, second.grid_power_w) == (first.soc_pct, first.grid_power_w)
    assert (second.pv_power_w, second.battery_power_w) == (first.pv_power_w, first.battery_power_w)
    kinds = [device.kind for device in played.runtime.driver.devices]
    assert [kind.value for kind in kinds].count("battery") == 3
