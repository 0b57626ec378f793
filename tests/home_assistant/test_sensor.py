"""What the sensors of a plant show."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.energy_storage.control_sensors import CONTROL_SENSORS
from custom_components.energy_storage.engine.plant import DeviceKind, Stage
from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED
from custom_components.energy_storage.sensor import PointSensor
from custom_components.energy_storage.vendors.driver import Point, PointRole, Tier
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def test_powers_have_the_signs_of_home_assistant(home: Home) -> None:
    """Import and discharging are positive; the device counts charging as positive."""
    home.sim.set("grid_active_power", -1.5)
    home.sim.set("ess_power", 3.25, 247)
    home.sim.set("pv_power", 6.0, 247)
    home.sim.set("total_load_power", 1.25)
    await home.tick()
    assert home.sensor("grid_power") == "-1500"
    assert home.sensor("battery_power") == "-3250"
    assert home.sensor("pv_power") == "6000"
    assert home.sensor("load_power") == "1250"


@pytest.mark.usefixtures("every_entity")
async def test_battery_energy_follows_soc_and_capacity(home: Home) -> None:
    """A quarter of 16 kWh is 4 kWh."""
    home.sim.set("ess_soc", 25.0, 247)
    for soc in (45.0, 41.0, 37.0, 33.0, 29.0, 25.0):
        home.sim.set("ess_soc", soc, 247)
        await home.tick(300)
    assert home.number("battery_soc") == 25.0
    assert home.number("battery_capacity") == 16.0
    assert home.number("battery_stored_energy") == 4.0


@pytest.mark.usefixtures("every_entity")
async def test_choices_are_shown_as_choices(home: Home) -> None:
    """Modes and states have names; a number that the maker has not described is shown as such."""
    mode = home.state("sensor", "vendor_mode")
    assert mode.state == "self_consumption"
    assert "remote_ems" in mode.attributes["options"]
    assert home.sensor("grid_state") == "on_grid"
    assert home.sensor("running_state") == "running"
    home.sim.set("grid_connection_state", 1)
    home.sim.set("ems_work_mode", 8)
    home.sim.set("plant_running_state", 77)
    await home.tick()
    assert home.sensor("grid_state") == "off_grid"
    assert home.sensor("vendor_mode") == "unknown_8"
    assert home.sensor("running_state") == STATE_UNKNOWN
    home.sim.set("ems_work_mode", 9)
    await home.tick()
    assert home.sensor("vendor_mode") == "custom"


async def test_nonsense_is_unknown(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """Values that cannot be true are shown as unknown, never as numbers, and without a trace."""
    home.sim.faults.add("nonsense_values")
    await home.tick(count=3)
    assert home.sensor("battery_soc") == STATE_UNKNOWN
    assert home.sensor("grid_power") == STATE_UNKNOWN
    home.sim.faults.remove("nonsense_values")
    await home.tick(count=2)
    assert home.sensor("battery_soc") != STATE_UNKNOWN
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


async def test_lost_plant_shows_nothing(home: Home) -> None:
    """A minute after the last answer no reading is shown but what tells why; then all are back at once."""
    home.sim.faults.add("modbus_off")
    await home.tick(count=4)
    assert home.sensor("reading_stage") == "stale"
    assert home.sensor("battery_soc") != STATE_UNAVAILABLE
    await home.tick(count=9)
    assert home.sensor("reading_stage") == "lost"
    assert {
        state.entity_id
        for state in home.hass.states.async_all()
        if state.domain in ("sensor", "binary_sensor", "event")
        and state.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
    } - {home.entity_id("sensor", row.key) for row in CONTROL_SENSORS} == {
        home.entity_id("sensor", "reading_stage"),
        home.entity_id("binary_sensor", "connected"),
    }
    home.sim.faults.remove("modbus_off")
    await home.tick(count=2)
    assert home.sensor("reading_stage") == "fresh"
    assert home.number("battery_soc") == pytest.approx(float(home.sim.get("ess_soc", 247)), abs=1)


async def test_frozen_clock_is_not_shown_as_live(home: Home) -> None:
    """A device that repeats itself is lost although it answers."""
    home.sim.faults.add("frozen_clock")
    await home.tick(count=16)
    assert home.runtime.coordinator.data.stage is Stage.LOST
    assert home.sensor("battery_soc") == STATE_UNAVAILABLE
    home.sim.faults.remove("frozen_clock")
    await home.tick(count=2)
    assert home.sensor("battery_soc") != STATE_UNAVAILABLE


async def test_silent_charger_takes_only_itself_away(add_home: AddHome) -> None:
    """Its entities are unavailable, those of the plant go on."""
    home = await add_home(SigenConfig(ac_chargers=(3,)))
    assert home.sensor("system_state", "ac_charger_3") == "no_vehicle"
    home.sim.faults.add("charger_silent")
    await home.tick(count=30)
    assert home.sensor("system_state", "ac_charger_3") == STATE_UNAVAILABLE
    assert home.sensor("reading_stage") == "fresh"
    assert home.sensor("battery_soc") != STATE_UNAVAILABLE


async def test_plant_stays_within_its_entity_limits(home: Home) -> None:
    """One inverter: at most 45 enabled and 120 registered, and every main reading among them."""
    _within_limits(home)
    shown = {state.entity_id for state in home.hass.states.async_all()}
    for point in home.runtime.driver.points:
        if point.role is PointRole.MAIN:
            assert home.entity_id("sensor", point.key, point.device) in shown, point


async def test_large_plant_stays_within_its_entity_limits(add_home: AddHome) -> None:
    """Two inverters and a charger share the room: what does not fit is left to the action."""
    home = await add_home(SigenConfig(inverters=(1, 2), ac_chargers=(3,)))
    _within_limits(home)
    for device in ("inverter_1", "inverter_2"):
        assert home.number("active_power", device) == pytest.approx(
            1000 * float(home.sim.get("active_power", int(device[-1]))), abs=60
        )
    assert home.sensor("system_state", "ac_charger_3") == "no_vehicle"
    assert home.sensor("ev_power") == "0"


@pytest.mark.parametrize("firmware", [None, "SPC114"])
async def test_whatever_a_charger_says_finds_room(add_home: AddHome, firmware: str | None) -> None:
    """Also of a DC charger that shows itself only with its first car."""
    home = await add_home(SigenConfig(firmware=firmware, inverters=(1, 2), ac_chargers=(3,), dc_charger=1))
    assert home.sim.plant.dc_ev is not None
    home.sim.plant.dc_ev.connected = True
    await home.tick(900, count=5)
    _within_limits(home)
    shown = {state.entity_id for state in home.hass.states.async_all()}
    kinds = {device.key: device.kind for device in home.runtime.driver.devices}
    main = [point for point in home.runtime.driver.points if point.role is PointRole.MAIN]
    of_chargers = [p for p in main if kinds[p.device] in (DeviceKind.AC_CHARGER, DeviceKind.DC_CHARGER)]
    assert {point.device for point in of_chargers} == {"ac_charger_3", "dc_charger_1"}
    for point in of_chargers:
        assert home.entity_id("sensor", point.key, point.device) in shown, point
    for charger in ("ac_charger_3", "dc_charger_1"):
        assert home.entity_id("button", "start_charging", charger) in shown
    for inverter in ("inverter_1", "inverter_2"):
        assert home.entity_id("sensor", "active_power", inverter) in shown


async def test_limits_hold_after_a_restart(add_home: AddHome) -> None:
    """Nothing is added or lost when the entry is loaded again."""
    home = await add_home(SigenConfig(inverters=(1, 2), ac_chargers=(3,)))
    before = {entry.entity_id for entry in _registered(home)}
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    await home.tick()
    assert {entry.entity_id for entry in _registered(home)} == before


def _registered(home: Home) -> list[er.RegistryEntry]:
    return er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)


def _within_limits(home: Home) -> None:
    registered = _registered(home)
    assert len(registered) <= MOST_REGISTERED
    assert sum(entry.disabled_by is None for entry in registered) <= MOST_ENABLED
    unique_ids = [(entry.domain, entry.unique_id) for entry in registered]
    assert len(set(unique_ids)) == len(unique_ids)


async def test_what_nobody_has_confirmed_says_so(home: Home) -> None:
    """A reading of a guessed register is shown with that."""
    device = home.runtime.driver.devices[0]
    point = Point(device="plant", key="x", unit="W", role=PointRole.DISABLED, tier=Tier.FAST)
    coordinator = home.runtime.coordinator
    sure = PointSensor(coordinator, device, point, enabled=True)
    guess = PointSensor(coordinator, device, replace(point, confirmed=False), enabled=True)
    assert sure.extra_state_attributes is None
    assert guess.extra_state_attributes == {"confirmed": False}


@pytest.mark.usefixtures("every_entity")
async def test_missed_poll_changes_nothing(home: Home) -> None:
    """One lost answer is no news, neither for the plant's own sensors nor for its settings."""
    shown = {key: home.sensor(key) for key in ("battery_soc", "remote_ems_enable", "load_energy_today")}
    assert "unknown" not in shown.values()
    home.clock.timeout_s = 0.2
    home.sim.faults.add("dropped_replies")
    await home.tick()
    assert home.runtime.coordinator.data.error is not None
    assert {key: home.sensor(key) for key in shown} == shown
    home.sim.faults.clear()


async def test_counters_come_from_the_device(home: Home) -> None:
    """Newer firmware counts itself; nothing is integrated beside it."""
    assert home.number("grid_import_energy") == home.sim.get("grid_import_energy_total")
    state = home.state("sensor", "battery_discharge_energy")
    assert state.attributes["device_class"] == SensorDeviceClass.ENERGY
    assert state.attributes["state_class"] == SensorStateClass.TOTAL_INCREASING
    assert home.entity_id("sensor", "grid_import_energy_integrated") is None
    assert home.entity_id("sensor", "third_party_pv_energy") is None


async def test_counters_that_drop_to_zero_are_not_shown(home: Home) -> None:
    """A restart of the device must not look like a new meter."""
    before = home.number("grid_import_energy")
    home.sim.faults.add("counters_zero", 10_000)
    await home.tick(60, count=3)
    assert home.number("grid_import_energy") >= before


async def test_counters_that_read_zero_after_a_restart_are_not_shown(home: Home) -> None:
    """Home Assistant would take the way back up for energy, all of it in one minute."""
    before = home.number("grid_import_energy")
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    home.sim.faults.add("counters_zero", 600)
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.settle()
    assert home.number("grid_import_energy") == before
    home.sim.faults.clear()
    home.sim.set("grid_import_energy_total", before + 2)
    await home.tick(60, count=3)
    assert home.number("grid_import_energy") == before + 2


async def test_missing_counters_are_integrated(add_home: AddHome) -> None:
    """Firmware without counters: energy is summed up from power, each direction for itself."""
    home = await add_home(SigenConfig(version="V2.5"))
    assert home.entity_id("sensor", "grid_import_energy") is None
    home.sim.set("grid_active_power", 3.0)
    await home.tick(10)
    before = {name: home.number(f"grid_{name}_energy_integrated") for name in ("import", "export")}
    await home.tick(10, count=60)
    assert home.number("grid_import_energy_integrated") == pytest.approx(before["import"] + 0.5, abs=0.06)
    assert home.number("grid_export_energy_integrated") == before["export"]
    assert home.state("sensor", "grid_import_energy_integrated").attributes["source"] == "integrated"
    assert home.entity_id("sensor", "third_party_pv_energy_integrated") is None


async def test_integrated_energy_goes_on_after_a_restart(add_home: AddHome) -> None:
    """What was summed up is restored, and the time without Home Assistant is not invented."""
    home = await add_home(SigenConfig(version="V2.5"))
    home.sim.set("grid_active_power", 6.0)
    await home.tick(10, count=61)
    shown = home.number("grid_import_energy_integrated")
    assert shown > 0.9
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    home.clock.now += timedelta(hours=3)
    home.sim.advance(3 * 3600)
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.settle()
    assert home.number("grid_import_energy_integrated") == pytest.approx(shown, abs=0.05)
    await home.tick(10, count=13)
    assert home.number("grid_import_energy_integrated") > shown + 0.1


async def test_integrated_energy_goes_on_when_firmware_learns_to_count(add_home: AddHome) -> None:
    """The device's own counter is a new entity: the owner's statistics do not jump."""
    home = await add_home(SigenConfig(version="V2.5"))
    home.sim.set("grid_active_power", 6.0)
    await home.tick(10, count=61)
    shown = home.number("grid_import_energy_integrated")
    state = home.runtime.coordinator.data.state
    counters = dict.fromkeys(("grid_import_energy",), 5000.0)
    reading = replace(
        home.runtime.coordinator.data,
        state=replace(state, counters_kwh=counters),  # type: ignore[arg-type]  # a StrEnum is its text
    )
    await home.runtime.coordinator.async_publish(reading)
    await home.hass.async_block_till_done()
    assert home.number("grid_import_energy") == 5000.0
    assert home.number("grid_import_energy_integrated") == pytest.approx(shown, abs=0.05)


async def test_small_changes_wait(home: Home) -> None:
    """Power that trembles is shown every ten seconds at most; a step is shown at once."""
    home.sim.set("grid_active_power", 1.000)
    await home.tick(60)
    home.sim.set("grid_active_power", 1.030)
    await home.tick(5)
    assert home.sensor("grid_power") == "1000"
    await home.tick(5)
    assert home.sensor("grid_power") == "1030"
    home.sim.set("grid_active_power", 2.0)
    await home.tick(1)
    assert home.sensor("grid_power") == "2000"


async def test_few_rows_on_a_sunny_day(home: Home) -> None:
    """Around noon, with clouds, entities write at the pace of at most 1500 states an hour."""
    written: list[str] = []
    home.hass.bus.async_listen("state_changed", lambda event: written.append(event.data["entity_id"]))
    await home.tick(5, count=240)
    assert 100 < len(written) <= 1500 / 3


async def test_every_sensor_is_valid_for_home_assistant(
    hass: HomeAssistant, add_home: AddHome, caplog: pytest.LogCaptureFixture
) -> None:
    """With every entity enabled no state is refused and no class contradicts its unit."""
    home = await add_home(SigenConfig(ac_chargers=(3,), dc_charger=1))
    registry = er.async_get(hass)
    for entry in _registered(home):
        registry.async_update_entity(entry.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    await home.tick(60, count=2)
    assert len(hass.states.async_all()) == len(_registered(home))
    assert not [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR")
        and record.name not in ("asyncio", "aiohttp_fast_zlib")  # tell how quick the machine is
        and "custom integration" not in record.getMessage()
    ]


@pytest.mark.usefixtures("every_entity")
async def test_cell_voltages_keep_their_digits(add_home: AddHome) -> None:
    """A thousandth of a volt is much for a cell; they come after all that is more important."""
    with patch("custom_components.energy_storage.room.MOST_REGISTERED", 2 * MOST_REGISTERED):
        home = await add_home()
    cell = home.state("sensor", "ess_average_cell_voltage", "inverter_1")
    assert len(cell.state.partition(".")[2]) == 3
