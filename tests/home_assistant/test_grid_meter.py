"""A meter at the grid connection of a plant under control: what it says, and what follows from it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryData
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.diagnostics import async_get_config_entry_diagnostics
from custom_components.energy_storage.engine.command import Guard, Limit
from custom_components.energy_storage.engine.inputs import MeterUse
from custom_components.energy_storage.meter_source import ModbusSource
from custom_components.energy_storage.own_meter import OwnMeter
from custom_components.energy_storage.room import MOST_ENABLED
from custom_components.energy_storage.vendors.driver import PointRole
from tests.conftest import MeterFactory, SigenFactory
from tests.simulators.meter import MeterConfig, MeterSimulator
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, HandClock, Home, entry_for
from .control_home import PLANT, charging, controller_of, written

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

CONNECTION = {"main_fuse_a": 25.0, "phases": 1, "inverter_phase": "all", "largest_load_w": 2000}

type Add = Callable[..., Awaitable[MeterSimulator]]


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


async def add(home: Home, kind: str, data: dict[str, Any]) -> ConfigSubentry:
    """Add to the plant what a flow would, which sets it up anew."""
    subentry = ConfigSubentry(data=MappingProxyType(data), subentry_type=kind, title=kind, unique_id=None)
    home.hass.config_entries.async_add_subentry(home.entry, subentry)
    await home.hass.async_block_till_done()
    assert home.entry.state is ConfigEntryState.LOADED
    return subentry


def own(home: Home) -> OwnMeter:
    """Give the plant's meter."""
    found = home.runtime.meter
    assert found is not None
    return found


@pytest.fixture
def add_meter(home: Home, meters: MeterFactory) -> Add:
    """Put a simulated meter at the grid of the simulated plant."""

    async def put(direction: str = "import_positive", **config: Any) -> MeterSimulator:
        chosen: dict[str, Any] = {"line": "tcp", "start": home.clock.now, "speed": 0.0} | config
        sim = await meters(MeterConfig(**chosen), home.sim.plant)
        data = {
            "meter_source": "tcp",
            "host": sim.host,
            "port": sim.port,
            "unit_id": 1,
            "model": sim.config.meter,
            "side": "secondary",
            "direction": direction,
        }
        await add(home, "grid_meter", data)
        return sim

    return put


async def poll(home: Home, seconds: float = 1, count: int = 1) -> None:
    """Let time pass for the house, and have the meter read; nobody asks the plant."""
    source = own(home).source
    assert isinstance(source, ModbusSource)
    for _ in range(count):
        home.clock.now += timedelta(seconds=seconds)
        home.sim.advance(seconds)
        await source.poll()


def state_of(home: Home, key: str) -> State | None:
    """Give the state of one of the meter's sensors; None where it is disabled or missing."""
    uid = f"{home.runtime.driver.devices[0].uid}_meter_{key}"
    entity_id = er.async_get(home.hass).async_get_entity_id("sensor", DOMAIN, uid)
    return None if entity_id is None else home.hass.states.get(entity_id)


def shown(home: Home, key: str) -> str:
    """Give what one of the meter's sensors shows."""
    state = state_of(home, key)
    assert state is not None, key
    return state.state


def use(home: Home) -> MeterUse | None:
    """Give what the meter had to do with the last decision."""
    return home.view.decision.meter


# What it says.


async def test_sensors_show_what_the_meter_says(home: Home, add_meter: Add) -> None:
    """Power of all phases and of each, and what it has counted."""
    sim = await add_meter()
    await poll(home)
    await home.tick()
    mains = sim.reading
    assert float(shown(home, "power")) == pytest.approx(mains.total_w, abs=60)
    for phase, watts in zip("abc", mains.phases_w, strict=True):
        assert float(shown(home, f"power_phase_{phase}")) == pytest.approx(watts, abs=60)
    assert float(shown(home, "import_energy")) == pytest.approx(mains.imported_kwh, abs=0.01)
    assert float(shown(home, "export_energy")) == pytest.approx(mains.exported_kwh, abs=0.01)
    assert state_of(home, "voltage_phase_a") is None


async def test_energy_dashboard_can_take_its_energy(home: Home, add_meter: Add) -> None:
    """By class, unit and state class."""
    await add_meter()
    await poll(home)
    await home.tick()
    for key in ("import_energy", "export_energy"):
        state = state_of(home, key)
        assert state is not None
        attributes = state.attributes
        assert (attributes["device_class"], attributes["state_class"]) == ("energy", "total_increasing")
        assert attributes["unit_of_measurement"] == "kWh"
    power = state_of(home, "power")
    assert power is not None
    assert (power.attributes["device_class"], power.attributes["state_class"]) == ("power", "measurement")


@pytest.mark.usefixtures("every_entity")
async def test_details_can_be_enabled(add_home: AddHome, meters: MeterFactory) -> None:
    """Voltage and current of each phase."""
    home = await add_home(PLANT, settled=False)
    sim = await meters(MeterConfig(line="tcp", start=home.clock.now, speed=0), home.sim.plant)
    data = {"meter_source": "tcp", "host": sim.host, "port": sim.port, "unit_id": 1, "model": "dtsu666"}
    await add(home, "grid_meter", data | {"side": "secondary", "direction": "import_positive"})
    await poll(home)
    await home.tick()
    assert float(shown(home, "voltage_phase_a")) == pytest.approx(230.4)
    assert float(shown(home, "current_phase_c")) >= 0


async def test_meter_that_is_built_in_the_other_way_round_is_turned(home: Home, add_meter: Add) -> None:
    """Powers and counters."""
    sim = await add_meter("export_positive")
    await poll(home)
    await home.tick()
    assert float(shown(home, "power")) == pytest.approx(-sim.reading.total_w, abs=60)
    assert float(shown(home, "import_energy")) == pytest.approx(sim.reading.exported_kwh, abs=0.01)


async def test_single_phase_meter_has_no_phases(home: Home, add_meter: Add) -> None:
    """It shows its power once."""
    await add_meter(meter="ddsu666")
    await poll(home)
    await home.tick()
    assert float(shown(home, "power")) is not None
    assert state_of(home, "power_phase_a") is None


async def test_silent_meter_takes_only_itself_away(home: Home, add_meter: Add) -> None:
    """Its sensors are unavailable after a minute, and back with its first answer; the plant goes on."""
    sim = await add_meter()
    await poll(home)
    await home.tick()
    sim.faults.add("modbus_off")
    await poll(home, count=2)
    await home.tick(count=10)
    assert shown(home, "power") != STATE_UNAVAILABLE
    await home.tick(count=3)
    assert shown(home, "power") == STATE_UNAVAILABLE
    assert home.sensor("grid_power") != STATE_UNAVAILABLE
    shown_use = state_of(home, "use")
    assert shown_use is not None
    assert (shown_use.state, shown_use.attributes["problem"]) == ("late", "refused")
    sim.faults.remove("modbus_off")
    await poll(home)
    await home.tick()
    assert shown(home, "power") != STATE_UNAVAILABLE


async def test_meter_goes_on_while_the_plant_is_silent(home: Home, add_meter: Add) -> None:
    """It is asked by itself."""
    await add_meter()
    home.sim.faults.add("modbus_off")
    for _ in range(16):
        await home.tick()
        await poll(home, 0)
    await home.tick()
    assert home.sensor("grid_power") == STATE_UNAVAILABLE
    assert shown(home, "power") != STATE_UNAVAILABLE


async def test_plant_is_set_up_without_its_meter(home: Home, add_meter: Add, hass: HomeAssistant) -> None:
    """A meter that is away is no reason to leave the plant alone."""
    sim = await add_meter()
    sim.faults.add("modbus_off")
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert home.entry.state is ConfigEntryState.LOADED
    await poll(home)
    await home.tick()
    assert shown(home, "power") == STATE_UNAVAILABLE
    assert home.sensor("grid_power") != STATE_UNAVAILABLE


async def test_an_outage_is_logged_once(home: Home, add_meter: Add, caplog: pytest.LogCaptureFixture) -> None:
    """When it has lasted, and when it ends."""
    sim = await add_meter()
    await poll(home)
    sim.faults.add("modbus_off")
    await poll(home, count=15)
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert sum("the grid meter cannot be read" in record.message for record in warnings) == 1
    sim.faults.remove("modbus_off")
    await poll(home, count=2)
    assert caplog.text.count("the grid meter answers again") == 1


async def test_another_meter_in_its_place_is_not_believed(home: Home, add_meter: Add) -> None:
    """After an outage it is met anew."""
    sim = await add_meter(meter="ddsu666")
    await poll(home)
    heard = own(home).meter.newest
    sim.faults.add("modbus_off")
    await poll(home, count=10)
    sim.faults.remove("modbus_off")
    sim.set("frequency", 0.0)
    await poll(home, count=2)
    assert own(home).meter.newest is heard
    assert own(home).meter.problem == "unknown_map"


async def test_meter_has_a_device_of_its_own(home: Home, add_meter: Add, hass: HomeAssistant) -> None:
    """It goes with its subentry, and its history comes back with the next one."""
    await add_meter()
    registry = dr.async_get(hass)
    [subentry] = home.entry.subentries.values()
    devices = dr.async_entries_for_config_entry(registry, home.entry.entry_id)
    [device] = [known for known in devices if known.name == "Grid meter"]
    assert (device.manufacturer, device.model) == ("Chint", "DTSU666")
    assert hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await hass.async_block_till_done()
    assert registry.async_get(device.id) is None
    assert state_of(home, "power") is None


async def test_a_plant_keeps_its_own_room(
    hass: HomeAssistant, sigen: SigenFactory, hand_clock: HandClock
) -> None:
    """A meter's few entities take nothing from it, also where it is crowded."""
    plant = SigenConfig(firmware="SPC114", inverters=(1, 2), ac_chargers=(3,), dc_charger=1)
    sim = await sigen(replace(plant, start=hand_clock.now, speed=0.0))
    phases = [f"sensor.l{phase}" for phase in (1, 2, 3)]
    data = {"meter_source": "sensors", "entities": phases, "direction": "import_positive"}
    meter = ConfigSubentryData(data=data, subentry_type="grid_meter", title="Meter", unique_id=None)
    entry = entry_for(sim, subentries=[meter])
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    home = Home(hass, sim, entry, hand_clock)
    await home.settle()
    assert sim.plant.dc_ev is not None
    sim.plant.dc_ev.connected = True
    await home.tick(900, count=5)
    known = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    enabled = [entity for entity in known if entity.disabled_by is None]
    assert len(enabled) > MOST_ENABLED
    assert sum(entity.config_subentry_id is None for entity in enabled) <= MOST_ENABLED
    uids = {entity.unique_id for entity in enabled}
    charger = next(device for device in home.runtime.driver.devices if device.key == "dc_charger_1")
    for point in home.runtime.driver.points:
        if point.device == charger.key and point.role is PointRole.MAIN:
            assert f"{charger.uid}_{point.key}" in uids, point


async def test_a_meter_has_few_entities(home: Home, add_meter: Add) -> None:
    """Most of them are enabled."""
    await add_meter()
    entities = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    of_meter = [entity for entity in entities if entity.config_subentry_id is not None]
    assert (sum(entity.disabled_by is None for entity in of_meter), len(of_meter)) == (7, 13)


# What follows from it.


async def fused(home: Home) -> None:
    """Have the plant charge with 3 kW behind a fuse of 25 A that we trim, at night."""
    await add(home, "grid_connection", CONNECTION)
    home.sim.plant.pv_override_w = 0
    home.sim.plant.load_override_w = 500
    await home.set(max_charge_w=4000)
    await charging(home)
    await home.tick(count=3)
    assert home.view.decision.guards[Limit.MAIN_FUSE] is Guard.TRIM


async def test_meter_narrows_before_the_plant_is_read(home: Home, add_meter: Add) -> None:
    """A load that is heard of by the meter alone has the battery give way."""
    await add_meter()
    await fused(home)
    await poll(home)
    await home.runtime.cycle.hear()
    assert use(home) is MeterUse.IN_USE
    done, asked = len(home.sim.writes), home.runtime.cycle.reading().state.read_at
    home.sim.plant.load_override_w = 5000
    await poll(home, 0.1)
    await home.runtime.cycle.hear()
    assert home.runtime.cycle.reading().state.read_at == asked
    assert home.view.decision.command is not None
    assert home.view.decision.command.power_w is not None
    assert home.view.decision.command.power_w <= 750
    assert "ess_max_charge_limit" in dict(written(home, done))


async def test_plant_is_asked_after_a_write_before_the_meter_is_followed_again(
    home: Home, add_meter: Add
) -> None:
    """What the battery does now, counts; until it has had the time to obey."""
    await add_meter()
    await fused(home)
    home.sim.plant.load_override_w = 5000
    await poll(home)
    await home.runtime.cycle.hear()
    asked = home.runtime.cycle.reading().state.read_at
    await poll(home)
    await home.runtime.cycle.hear()
    seen = home.runtime.cycle.reading().state.read_at
    assert seen > asked
    await poll(home, 12)
    await home.runtime.cycle.hear()
    obeyed = home.runtime.cycle.reading().state.read_at
    assert obeyed > seen
    await poll(home)
    await home.runtime.cycle.hear()
    assert home.runtime.cycle.reading().state.read_at == obeyed


async def test_late_meter_leaves_the_plant_to_its_own_reading(home: Home, add_meter: Add) -> None:
    """And that is said."""
    sim = await add_meter()
    await fused(home)
    await poll(home)
    await home.decide()
    with_meter = controller_of(home).inputs(home.runtime.cycle.reading().state)
    assert with_meter.meter is not None
    assert shown(home, "use") == "in_use"
    sim.faults.add("modbus_off")
    await home.tick()
    assert (use(home), shown(home, "use")) == (MeterUse.LATE, "late")
    assert home.view.decision.guards[Limit.MAIN_FUSE] is Guard.TRIM


async def test_reaction_time_is_measured_with_the_meter(home: Home, add_meter: Add) -> None:
    """From one reading of the meter to the next, the wait for a decision, and the correction."""
    await add_meter()
    await fused(home)
    await poll(home, count=3)
    await home.runtime.cycle.hear()
    state = home.runtime.cycle.reading().state
    inputs = controller_of(home).inputs(state)
    assert inputs.meter is not None
    assert inputs.meter.interval == timedelta(seconds=1)
    assert inputs.react_s is not None
    assert inputs.meter.react_s is not None
    correction_s = inputs.react_s - 5
    longest_wait_s = inputs.meter.react_s - 1 - correction_s
    assert 0 <= longest_wait_s <= 5.1


async def test_news_is_told_and_noise_is_not(home: Home, add_meter: Add) -> None:
    """A decision of its own is worth 100 W."""
    await add_meter()
    await fused(home)
    home.sim.plant.load_override_w = 1000
    await poll(home)
    await home.decide()
    told: list[str] = []
    own(home).meter.on_news = lambda: told.append("news")
    home.sim.plant.load_override_w = 1090
    await poll(home)
    assert told == []
    home.sim.plant.load_override_w = 1400
    await poll(home)
    assert told == ["news"]


async def test_meter_that_contradicts_the_plant_is_repaired_by_its_owner(
    home: Home, add_meter: Add, hass: HomeAssistant
) -> None:
    """It is left out, and said so, until both agree again."""
    await add_meter("export_positive")
    await fused(home)
    issues = ir.async_get(hass)
    issue_id = f"meter_disagrees_{home.entry.entry_id}"
    for _ in range(14):
        await poll(home, 0.5)
        await home.tick(4.5)
    assert (home.runtime.cycle.reading().state.grid_power_w or 0) > 500
    assert (use(home), shown(home, "use")) == (MeterUse.DISAGREES, "disagrees")
    assert issues.async_get_issue(DOMAIN, issue_id) is not None
    [subentry] = home.entry.get_subentries_of_type("grid_meter")
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "direction": "import_positive"}
    )
    await hass.async_block_till_done()
    await poll(home)
    await home.tick()
    assert use(home) is not MeterUse.DISAGREES
    assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_diagnostics_tell_of_the_meter(home: Home, add_meter: Add) -> None:
    """What it said, where it counts, and every word of it; not where it is."""
    sim = await add_meter(counters="401e")
    assert (await async_get_config_entry_diagnostics(home.hass, home.entry))["grid_meter"]["newest"] is None
    await poll(home)
    told = (await async_get_config_entry_diagnostics(home.hass, home.entry))["grid_meter"]
    assert (told["model"], told["counters"], told["problem"]) == ("dtsu666", "Counters2016", None)
    assert told["newest"]["power_w"] == pytest.approx(sim.reading.total_w, abs=0.2)
    assert told["interval_s"] == 1
    assert told["raw_registers"]["0x0007"] == 10


# Sensors of Home Assistant.


async def add_sensors(home: Home, *entity_ids: str, direction: str = "import_positive") -> None:
    """Have sensors stand for a meter."""
    source = "sensor" if len(entity_ids) == 1 else "sensors"
    data = {"meter_source": source, "entities": list(entity_ids), "direction": direction}
    await add(home, "grid_meter", data)


def say(home: Home, entity_id: str, state: str, unit: str = "W", after_s: float = 0) -> None:
    """Let a sensor report, changed or not."""
    home.clock.now += timedelta(seconds=after_s)
    home.hass.states.async_set(entity_id, state, {"device_class": "power", "unit_of_measurement": unit})


async def test_power_sensor_stands_for_a_meter(home: Home) -> None:
    """In its own unit, and from the fourth report on, when its pace is known."""
    await add_sensors(home, "sensor.grid")
    for _ in range(4):
        say(home, "sensor.grid", "1.5", "kW", after_s=2)
    await home.tick(1)
    assert own(home).meter.interval == timedelta(seconds=2)
    assert float(shown(home, "power")) == 1500
    assert use(home) is MeterUse.IN_USE
    assert state_of(home, "power_phase_a") is None


async def test_power_sensor_that_was_just_begun_with_is_not_relied_on(home: Home) -> None:
    """Nobody knows yet how often it reports."""
    await add_sensors(home, "sensor.grid")
    for _ in range(3):
        say(home, "sensor.grid", "1500", after_s=2)
    await home.tick(1)
    assert (use(home), shown(home, "power")) == (MeterUse.LATE, STATE_UNAVAILABLE)


async def test_sensors_of_three_phases_are_summed_up(home: Home) -> None:
    """A reading is complete when the last of them has reported."""
    names = [f"sensor.l{phase}" for phase in (1, 2, 3)]
    await add_sensors(home, *names, direction="export_positive")
    for second in range(5):
        home.clock.now += timedelta(seconds=1)
        for name, watts in zip(names, (100, -50, 800 + second), strict=True):
            say(home, name, str(watts))
    say(home, names[0], "9000", after_s=0.5)
    newest = own(home).meter.newest
    assert newest is not None
    assert (newest.power_w, newest.phase_power_w) == (-854, (-100, 50, -804))
    await home.tick(1)
    assert float(shown(home, "power_phase_c")) == -804


async def test_sensor_that_is_unavailable_is_no_reading(home: Home) -> None:
    """Nor is one that is gone."""
    await add_sensors(home, "sensor.grid")
    for _ in range(4):
        say(home, "sensor.grid", "500", after_s=1)
    told = (await async_get_config_entry_diagnostics(home.hass, home.entry))["grid_meter"]
    assert (told["entities"], told["newest"]["power_w"]) == (("sensor.grid",), 500)
    before = own(home).meter.newest
    say(home, "sensor.grid", STATE_UNAVAILABLE, after_s=1)
    home.hass.states.async_remove("sensor.grid")
    assert own(home).meter.newest is before
    assert own(home).meter.problem == "sensor_unavailable"


async def test_energy_is_summed_up_from_a_power_sensor(home: Home) -> None:
    """From each report, however seldom anything is shown."""
    await add_sensors(home, "sensor.grid")
    for minute in range(61):
        say(home, "sensor.grid", "3000" if minute < 30 else "-1000", after_s=60)
    await home.tick(1)
    assert float(shown(home, "import_energy_integrated")) == pytest.approx(1.5, abs=0.06)
    assert float(shown(home, "export_energy_integrated")) == pytest.approx(0.5, abs=0.06)
    assert shown(home, "power") not in (STATE_UNAVAILABLE, STATE_UNKNOWN)


async def test_unloaded_plant_follows_no_sensor(home: Home, hass: HomeAssistant) -> None:
    """Nothing is left behind."""
    await add_sensors(home, "sensor.grid")
    meter = own(home).meter
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    say(home, "sensor.grid", "500", after_s=1)
    assert meter.newest is None
