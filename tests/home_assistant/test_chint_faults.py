"""A Chint plant that goes wrong on its line, seen through Home Assistant."""

from collections.abc import Iterator
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
import pytest

from tests.simulators.chint import ChintConfig, Line
from tests.simulators.chint_map import Profile

from .chint_home import ChintHome, entities, poll
from .conftest import AddChint, ChintFactory, HandClock, entry_for_chint
from .flow_texts import flow_texts_checked
from .shown_issues import shown_issues, start_fix

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

LINES: tuple[Line, ...] = ("tcp", "rtu_tcp", "serial")


@pytest.fixture(autouse=True)
def _one_clock(hand_clock: HandClock) -> Iterator[None]:
    """Let the repairs follow the clock of driver and cycle, and nobody wait long for an answer."""
    hand_clock.timeout_s = 0.3
    with patch("custom_components.energy_storage.link_issues.utcnow", hand_clock.utc):
        yield


def shown(home: ChintHome) -> dict[str, str]:
    """Give the state of every entity."""
    states = {entity.entity_id: home.hass.states.get(entity.entity_id) for entity in entities(home)}
    return {entity_id: state.state for entity_id, state in states.items() if state is not None}


@pytest.mark.parametrize("line", LINES)
async def test_gateway_that_restarts_leaves_all_entities_as_they_are(
    add_chint: AddChint, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """Twenty seconds without it are no outage: nothing is unavailable, unknown or zero, nothing is logged."""
    home = await add_chint(ChintConfig(profile="ech_th", line=line))
    home.sim.plant.load_override_w, home.sim.plant.pv_override_w = 2000.0, 5000.0
    await poll(home, 3)
    before = shown(home)
    caplog.clear()
    home.sim.faults.add("gateway_away", 3600)
    for _ in range(4):
        await home.tick()
        assert home.sensor("battery_power") == before[home.state("sensor", "battery_power").entity_id]
        assert STATE_UNAVAILABLE not in shown(home).values()
    home.sim.faults.remove("gateway_away")
    await poll(home, 6)
    assert home.sensor("reading_stage") == "fresh"
    after = shown(home)
    gone = {key for key, state in after.items() if state in (STATE_UNAVAILABLE, STATE_UNKNOWN)}
    assert gone <= {key for key, state in before.items() if state == STATE_UNKNOWN}
    assert home.number("load_power") == pytest.approx(2000, rel=0.1)
    told = [record for record in caplog.records if record.name.startswith("custom_components")]
    assert [record for record in told if record.levelname in ("WARNING", "ERROR")] == []
    assert shown_issues(home.hass) == {}


async def test_long_silence_is_told_once_and_ends(
    add_chint: AddChint, caplog: pytest.LogCaptureFixture
) -> None:
    """Entities are unavailable until it answers; counters go on from where they were."""
    home = await add_chint()
    await poll(home, 12)
    energy = home.number("pv_energy")
    home.sim.faults.add("silence", 3600)
    await poll(home, 15)
    assert home.sensor("battery_soc") == STATE_UNAVAILABLE
    assert home.sensor("reading_stage") == "lost"
    home.sim.faults.remove("silence")
    await poll(home, 8)
    assert home.sensor("reading_stage") == "fresh"
    assert home.number("pv_energy") >= energy
    ours = [record for record in caplog.records if record.name.startswith("custom_components")]
    told = [record.message for record in ours if "available" in record.message]
    assert [("unavailable" in text, "again" in text) for text in told] == [(True, False), (False, True)]


async def test_adapter_that_refuses_is_a_repair(add_chint: AddChint) -> None:
    """After two minutes; the first answer takes it back."""
    home = await add_chint()
    home.sim.faults.add("modbus_off")
    await home.tick(seconds=20, count=9)
    assert set(shown_issues(home.hass)) == {"modbus_off_chint"}
    with flow_texts_checked():
        manager, form = await start_fix(home.hass, "modbus_off_chint")
        form = await manager.async_configure(form["flow_id"], {})
        assert form["errors"] == {"base": "still_off"}
    home.sim.faults.remove("modbus_off")
    await home.tick(seconds=20, count=4)
    assert shown_issues(home.hass) == {}


@pytest.mark.parametrize("line", LINES)
async def test_second_master_is_not_taken_for_the_plant(add_chint: AddChint, line: Line) -> None:
    """Another program asks the same inverter over the same line."""
    home = await add_chint(ChintConfig(line=line))
    home.sim.set("batt_soc", 50)
    await poll(home)
    home.sim.faults.add("second_master", 3)
    for _ in range(8):
        await poll(home)
        assert home.sensor("battery_soc") == "50"
        assert home.sensor("reading_stage") != "lost"
    home.sim.faults.remove("second_master")
    await poll(home, 2)
    assert home.sensor("reading_stage") == "fresh"


@pytest.mark.parametrize("profile", ["ech_th", "cps_403x", "sce"])
async def test_what_is_not_there_is_unknown(add_chint: AddChint, profile: Profile) -> None:
    """All measured registers read as not implemented: no number is shown for them, and no alarm."""
    home = await add_chint(ChintConfig(profile=profile))
    home.sim.faults.add("sentinels", 0)
    await poll(home, 12)
    for key in ("battery_soc", "grid_power", "pv_power", "battery_power", "load_power"):
        assert home.sensor(key) == STATE_UNKNOWN
    assert home.state("binary_sensor", "alarm").state == "off"


async def test_swapped_words_are_no_power(add_chint: AddChint) -> None:
    """A device with the other word order shows nothing rather than nonsense."""
    home = await add_chint(ChintConfig(profile="ech_th"))
    home.sim.plant.soc_pct = 100.0
    home.sim.plant.load_override_w = 200.0
    await poll(home, 2)
    assert home.number("grid_power") < -1000
    home.sim.faults.add("swapped_words")
    await poll(home, 2)
    assert home.sensor("grid_power") == home.sensor("load_power") == STATE_UNKNOWN
    home.sim.faults.remove("swapped_words")
    await poll(home, 2)
    assert home.number("grid_power") < -1000


async def test_counters_that_slip_do_not_count_twice(add_chint: AddChint) -> None:
    """A device that shows 0 for a moment is not believed."""
    home = await add_chint()
    await poll(home, 12)
    before = {key: home.number(key) for key in ("pv_energy", "grid_export_energy", "load_energy")}
    home.sim.faults.add("counters_zero", 70)
    await poll(home, 14)
    for key, kwh in before.items():
        assert kwh <= home.number(key) < kwh + 1


async def test_device_of_another_map_is_not_read_as_this_one(
    add_chint: AddChint,
) -> None:
    """The owner chooses a register map that the device does not answer to: told, and nothing is shown."""
    home = await add_chint(ChintConfig(profile="ech_th"))
    options = {**home.entry.options, "profile": "sce"}
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    await home.hass.async_block_till_done()
    assert home.entry.state is ConfigEntryState.SETUP_RETRY
    assert home.entry.error_reason_translation_key == "not_this_vendor"
    options = {**home.entry.options, "profile": "auto"}
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    assert home.number("battery_soc") > 0


async def test_another_plant_is_not_taken_for_this_one(add_chint: AddChint, chint: ChintFactory) -> None:
    """The adapter hangs at another inverter now."""
    home = await add_chint(ChintConfig(profile="ech_th"))
    other = await chint(ChintConfig(profile="sce", speed=0.0))
    data = {**home.entry.data, "port": other.port}
    home.hass.config_entries.async_update_entry(home.entry, data=data)
    await home.hass.async_block_till_done()
    assert home.entry.state is not ConfigEntryState.LOADED
    assert home.entry.error_reason_translation_key in ("another_plant", "not_this_vendor")
    assert other.writes == []


@pytest.mark.parametrize("line", LINES)
async def test_plant_that_is_silent_at_the_start_is_tried_again(add_chint: AddChint, line: Line) -> None:
    """The reason says what can be looked at."""
    home = await add_chint(ChintConfig(line=line))
    home.sim.faults.add("silence", 3600)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert home.entry.state is ConfigEntryState.SETUP_RETRY
    key = "no_answer_serial" if line == "serial" else "no_answer_silent"
    assert home.entry.error_reason_translation_key == key
    home.sim.faults.remove("silence")
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert entry_for_chint(home.sim).data == home.entry.data
