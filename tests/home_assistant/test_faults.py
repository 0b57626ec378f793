"""What owners see and read when the wire or the device fails, and when that is over."""

from collections.abc import Iterator
import logging

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.const import DOMAIN, LOGGER
from custom_components.energy_storage.control_sensors import CONTROL_SENSORS
from custom_components.energy_storage.engine.plant import Counter
from custom_components.energy_storage.vendors.driver import LinkFault
from tests.link_faults import (
    CASES,
    NAME,
    PATIENCE_S,
    TIMEOUT_S,
    Case,
    Names,
    Trouble,
    only_our_name_resolves,
    wait_at_most,
)
from tests.simulators.raw_client import connected
from tests.simulators.sigen import SigenConfig, SigenSimulator

from .conftest import AddHome, HandClock, Home, SigenFactory, entry_for

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

FLEET = SigenConfig(inverters=(1, 2), ac_chargers=(3,))
OUTAGES = (*CASES, Case("frozen_clock", LinkFault.SILENT))
"""A device whose clock stands still answers, but says nothing."""
READINGS = ("binary_sensor", "event", "sensor")
TELLS_AT_ANY_TIME = ("_connection", "_readings")
MINUTES_OF_CLASH = {0: 60, 1: 2}
"""Minutes until it is noticed that both register spaces answer, or only the charger's."""


@pytest.fixture(autouse=True)
def _told(hand_clock: HandClock, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Be patient with a busy machine, and never show a trace to the owner, whatever happens."""
    hand_clock.timeout_s = PATIENCE_S
    caplog.set_level(logging.INFO, LOGGER.name)
    yield
    assert "Traceback" not in caplog.text
    records = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    assert not [
        record.getMessage() for record in records if record.exc_info and record.levelno > logging.DEBUG
    ]


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Names that have an address."""
    return only_our_name_resolves(monkeypatch)


@pytest.fixture
async def sigen(sigen: SigenFactory, names: Names) -> SigenFactory:  # noqa: ARG001  it resolves the name
    """Start simulated plants that are reached by a name."""

    async def start(config: SigenConfig) -> SigenSimulator:
        sim = await sigen(config)
        sim.host = NAME
        return sim

    return start


def ours(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Give what we told in the log: level and first words."""
    return [
        (record.levelname, record.getMessage().split(":")[0].split(" after")[0])
        for record in caplog.records
        if record.name == LOGGER.name
    ]


def shown(home: Home) -> dict[str, str]:
    """Give what is read of the plant, but for what tells whether it answers."""
    ours = {home.entity_id("sensor", row.key) for row in CONTROL_SENSORS}
    return {
        state.entity_id: state.state
        for state in home.hass.states.async_all(READINGS)
        if not state.entity_id.endswith(TELLS_AT_ANY_TIME) and state.entity_id not in ours
    }


def connections(home: Home) -> set[str]:
    """Give what is said about the connection of the plant, and of those devices that have such a sensor."""
    return {s.state for s in home.hass.states.async_all("binary_sensor") if s.name.endswith("Connection")}


@pytest.mark.parametrize("case", OUTAGES, ids=str)
async def test_outage_is_honest_and_short(
    home: Home, names: Names, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    """Nothing old is shown as live, two polls after the end all is well, one line each in the log."""
    before = shown(home)
    trouble = Trouble(home.sim, case, names)
    trouble.begin()
    wait_at_most(home.runtime.driver, TIMEOUT_S)
    for seconds in (5, 15):
        await home.tick(seconds)
        assert {name: s for name, s in shown(home).items() if s not in (before[name], STATE_UNKNOWN)} == {}
    assert home.sensor("reading_stage") == "stale"
    assert ours(caplog) == []
    await home.tick(45)
    assert home.sensor("reading_stage") == "lost"
    assert set(shown(home).values()) == {STATE_UNAVAILABLE}
    assert connections(home) == {"off"}
    assert ours(caplog) == [("WARNING", "My plant is unavailable")]
    home.sim.set("grid_active_power", 1.234)
    home.sim.set("active_power", 4.5, unit=1)
    trouble.end()
    wait_at_most(home.runtime.driver, PATIENCE_S)
    await home.tick(count=2)
    assert home.sensor("reading_stage") == "fresh"
    assert connections(home) == {"on"}
    assert (home.number("grid_power"), home.number("active_power", "inverter_1")) == (1234, 4500)
    back = shown(home)
    assert {
        n for n, s in before.items() if s != STATE_UNKNOWN and back[n] in (STATE_UNKNOWN, STATE_UNAVAILABLE)
    } == set()
    await home.tick(count=2)
    assert ours(caplog) == [("WARNING", "My plant is unavailable"), ("INFO", "My plant is available again")]


@pytest.mark.parametrize("fault", ["silence", "restart"])
async def test_ten_seconds_are_no_outage(home: Home, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    """Nobody is alarmed: no entity is unavailable at any moment, not a word in the log."""
    gone: list[str] = []

    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is None or new.state == STATE_UNAVAILABLE:
            gone.append(event.data["entity_id"])

    home.hass.bus.async_listen("state_changed", note)
    home.sim.faults.add(fault, 60)
    wait_at_most(home.runtime.driver, TIMEOUT_S)
    await home.tick(count=2)
    home.sim.faults.remove(fault)
    wait_at_most(home.runtime.driver, PATIENCE_S)
    home.sim.set("grid_active_power", 1.234)
    await home.tick(count=2)
    assert home.number("grid_power") == 1234
    assert gone == []
    assert ours(caplog) == []


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_set_up_says_what_is_wrong_and_goes_on_by_itself(
    hass: HomeAssistant, sigen: SigenFactory, hand_clock: HandClock, names: Names, case: Case
) -> None:
    """The reason is in the owner's words, and the next attempt after the fault's end succeeds."""
    trouble = Trouble(await sigen(SigenConfig(speed=0)), case, names)
    entry = entry_for(trouble.sim)
    entry.add_to_hass(hass)
    trouble.begin()
    hand_clock.timeout_s = TIMEOUT_S
    await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    expected = "not_this_vendor" if case.no_plant else f"no_answer_{case.kind}"
    assert entry.error_reason_translation_key == expected
    assert NAME in str(entry.reason)
    trouble.end()
    hand_clock.timeout_s = PATIENCE_S
    for _ in range(2):
        if state_of(entry) is ConfigEntryState.SETUP_RETRY:
            await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """How far the entry is now."""
    return entry.state


async def test_somebody_else_has_the_only_connection(hass: HomeAssistant, sigen: SigenFactory) -> None:
    """The reason says so, and as soon as the other one has gone the plant is ours."""
    sim = await sigen(SigenConfig(speed=0))
    sim.faults.add("one_connection")
    entry = entry_for(sim)
    entry.add_to_hass(hass)
    async with connected(sim.host, sim.port) as other:
        await other.read(247, 30051)
        await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    assert "no other program uses its only connection" in str(entry.reason)
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED


async def test_late_replies_are_waited_for(home: Home) -> None:
    """A slow device is slow, not lost: its replies belong to their own requests."""
    home.sim.faults.add("late_replies", TIMEOUT_S / 2)
    for kw in (1.0, 3.0, -2.0):
        home.sim.set("grid_active_power", kw)
        await home.tick(10)
        assert home.sensor("reading_stage") == "fresh"
        assert home.number("grid_power") == 1000 * kw


@pytest.mark.usefixtures("every_entity")
async def test_nonsense_is_unknown(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be is shown as unknown; what can be is back with the next polls."""
    before = shown(home)
    home.sim.faults.add("nonsense_values")
    await home.tick(60, count=2)
    keys = (
        *("battery_soc", "battery_soh", "battery_stored_energy", "grid_power", "battery_power", "pv_power"),
        *("vendor_mode", "grid_state", "running_state"),
    )
    assert {home.sensor(key) for key in keys} == {STATE_UNKNOWN}
    assert home.state("binary_sensor", "battery_charging").state == STATE_UNKNOWN
    assert home.sensor("active_alarms") == "0"
    assert home.sensor("ess_average_cell_temperature", "inverter_1") == STATE_UNKNOWN
    assert STATE_UNAVAILABLE not in shown(home).values()
    home.sim.faults.remove("nonsense_values")
    await home.tick(60, count=2)
    back = shown(home)
    assert {
        name for name, s in before.items() if (s == STATE_UNKNOWN) is not (back[name] == STATE_UNKNOWN)
    } == set()
    assert ours(caplog) == []


async def test_counters_hold_while_they_read_zero(home: Home) -> None:
    """A restart of the device does not look like a new meter; afterwards they go on."""
    counters = [counter for counter in Counter if home.entity_id("sensor", counter)]
    before = {counter: home.number(counter) for counter in counters}
    home.sim.faults.add("counters_zero", 600)
    await home.tick(60, count=3)
    assert {counter: home.number(counter) for counter in counters} == pytest.approx(before, abs=0.05)
    home.sim.faults.remove("counters_zero")
    await home.tick(60, count=20)
    assert home.number(Counter.PV) > before[Counter.PV] > 0
    assert all(home.number(counter) >= value for counter, value in before.items())


@pytest.mark.usefixtures("every_entity")
async def test_stalling_charger_costs_nobody_else(
    add_home: AddHome, caplog: pytest.LogCaptureFixture
) -> None:
    """The plant stays fresh, the charger is unavailable and asked a few times an hour at most."""
    home = await add_home(FLEET)
    caplog.clear()
    home.sim.faults.add("charger_stalls", TIMEOUT_S)
    wait_at_most(home.runtime.driver, TIMEOUT_S / 2, unit=3)
    asked = len(home.sim.requests)
    for kw in range(20):
        home.sim.set("grid_active_power", kw)
        home.sim.set("active_power", kw / 2, unit=2)
        await home.tick(180)
        assert home.sensor("reading_stage") == "fresh"
        assert home.number("grid_power") == 1000 * kw
    assert home.number("active_power", "inverter_2") == 9500
    assert home.state("binary_sensor", "connected", "ac_charger_3").state == "off"
    assert home.sensor("system_state", "ac_charger_3") == STATE_UNAVAILABLE
    assert [request.unit for request in home.sim.requests[asked:]].count(3) <= 8
    home.sim.faults.remove("charger_stalls")
    wait_at_most(home.runtime.driver, PATIENCE_S)
    await home.tick(900, count=2)
    assert home.sensor("system_state", "ac_charger_3") == "no_vehicle"
    assert [words for _, words in ours(caplog)] == ["My plant", "My plant"]


def clash_is_told(home: Home) -> bool:
    """Tell whether the owner reads of two devices with one unit id."""
    issue = ir.async_get(home.hass).async_get_issue(DOMAIN, f"unit_id_clash_{home.entry.entry_id}")
    return issue is not None and issue.active


@pytest.mark.parametrize(("only_the_charger", "minutes"), MINUTES_OF_CLASH.items())
async def test_clash_of_unit_ids_is_a_repair(add_home: AddHome, only_the_charger: int, minutes: int) -> None:
    """A charger that gets an inverter's id is told of until it has one of its own; the plant goes on."""
    home = await add_home(FLEET)
    home.sim.faults.add("id_clash", only_the_charger)
    wait_at_most(home.runtime.driver, TIMEOUT_S, unit=3)
    await home.tick(60 * minutes / 4, count=5)
    assert clash_is_told(home)
    assert home.sensor("reading_stage") == "fresh"
    home.sim.faults.remove("id_clash")
    await home.tick(61, count=2)
    assert not clash_is_told(home)
    assert home.number("active_power", "inverter_1") > 0


async def test_clash_of_unit_ids_before_the_set_up(
    hass: HomeAssistant, sigen: SigenFactory, hand_clock: HandClock
) -> None:
    """Where the charger alone answers there is no plant to set up; the owner reads why."""
    sim = await sigen(SigenConfig(speed=0, ac_chargers=(3,)))
    entry = entry_for(sim)
    entry.add_to_hass(hass)
    sim.faults.add("id_clash", 1)
    await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "unit_id_clash"
    assert clash_is_told(Home(hass, sim, entry, hand_clock))
    sim.faults.remove("id_clash")
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED
    assert not clash_is_told(Home(hass, sim, entry, hand_clock))
