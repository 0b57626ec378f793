"""What the sensors of control tell."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.dt import parse_datetime
import pytest

from custom_components.energy_storage.control_sensors import CONTROL_SENSORS, limiting_reason
from custom_components.energy_storage.engine import Act, ControlState, Decision, Reason
from custom_components.energy_storage.engine.plant import Stage
from custom_components.energy_storage.vendors.sigen.driver import SigenDriver

from .conftest import AddHome, Home
from .control_home import PLANT, charging, override

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "every_entity")


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


def about(home: Home, key: str) -> dict[str, object]:
    """Give the attributes of a sensor that are its own."""
    attributes = home.state("sensor", key).attributes
    others = {"options", "device_class", "friendly_name", "state_class", "icon"}
    return {name: value for name, value in attributes.items() if name not in others}


async def test_control_that_is_off_decides_nothing(home: Home) -> None:
    """No command, no reason; the plant runs its own program."""
    assert home.sensor("command") == home.sensor("command_state") == home.sensor("limiting_reason") == "none"
    assert home.sensor("control_state") == "off"
    assert home.sensor("active_mode") == "self_consumption"
    assert home.sensor("without_home_assistant") == "own_program"
    assert about(home, "without_home_assistant") == {
        "unattended": "safe",
        "ends": "none",
        "outage_safe": "yes",
        "target_soc_pct": None,
        "floor_soc_pct": None,
    }
    assert home.sensor("override_end") == STATE_UNKNOWN
    assert (home.sensor("writes_today"), about(home, "writes_today")) == ("0", {"left": 250})


async def test_a_command_is_shown_with_its_numbers(home: Home) -> None:
    """What the plant is to hold, that it was read back, and what it would do without us."""
    await charging(home)
    assert (home.sensor("command"), home.sensor("command_state")) == ("charge", "confirmed")
    assert about(home, "command") == {"power_w": 3000, "target_soc_pct": 80, "confidence": "confirmed"}
    assert about(home, "command_state") == {"code": None}
    assert home.sensor("without_home_assistant") == "charge"
    assert about(home, "without_home_assistant") == {
        "unattended": "costly",
        "ends": "soc",
        "outage_safe": "unknown",
        "target_soc_pct": 80,
        "floor_soc_pct": None,
    }
    assert (home.sensor("active_mode"), about(home, "active_mode")) == (
        "force_charge",
        {"base_mode": "self_consumption"},
    )
    assert home.sensor("writes_today") == str(len(home.sim.writes))
    end = parse_datetime(home.sensor("override_end"))
    assert end is not None
    assert timedelta(minutes=59) < end - home.clock.now < timedelta(minutes=60)
    await override(home, "hold", minutes=1)
    await home.tick(120)
    assert home.sensor("override_end") == STATE_UNKNOWN
    assert home.sensor("active_mode") == "self_consumption"


async def test_shadow_shows_what_would_be_done(home: Home) -> None:
    """The command stands there, and is none that the plant holds."""
    await home.set(control="shadow", mode="standby", outage_consent=True)
    assert (home.sensor("command"), home.sensor("command_state")) == ("idle", "shadow")
    assert home.sensor("limiting_reason") == "standby"
    assert home.sensor("without_home_assistant") == "own_program"
    assert home.sim.writes == []


async def test_what_narrows_a_wish_is_its_reason(home: Home) -> None:
    """The first that did so; the attribute lists all of them in their order, with their numbers."""
    await home.set(control="shadow", outage_consent=True)
    await override(home, "force_charge", power_w=3000, target_soc_pct=80)
    assert home.sensor("limiting_reason") == "grid_charging_off"
    reasons = home.state("sensor", "limiting_reason").attributes["reasons"]
    assert reasons[0] == {"code": "force_charge", "values": {"target_pct": 80}}
    assert "grid_charging_off" in [reason["code"] for reason in reasons]


async def test_a_consent_that_lacks_is_the_reason(add_home: AddHome) -> None:
    """On a plant of which nobody knows whether it supplies the house in an outage."""
    home = await add_home(PLANT)
    await home.set(control="on", grid_charging=True)
    await override(home, "force_charge")
    assert home.sensor("limiting_reason") == "needs_outage_consent"


def decision(*codes: str) -> Decision:
    """Make a decision with these reasons."""
    return Decision(
        control=ControlState.ON,
        stage=Stage.FRESH,
        act=Act.LEAVE,
        mode="self_consumption",
        base_mode="self_consumption",
        reasons=tuple(Reason(code) for code in codes),
    )


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ((), "none"),
        (("self_consumption",), "self_consumption"),
        (("force_charge", "charge_cutoff", "small_change"), "charge_cutoff"),
        (("someone_else_controls", "self_consumption"), "someone_else_controls"),
    ],
)
def test_a_mode_is_only_a_reason_where_nothing_else_is(codes: tuple[str, ...], reason: str) -> None:
    """Its own name says that it got what it wished."""
    assert limiting_reason(decision(*codes)) == reason


@pytest.mark.parametrize(
    "codes",
    [
        ("time_of_use", "period"),
        ("time_of_use", "schedule_gap"),
        ("load_shedding", "no_outage_known", "self_consumption"),
        ("remote_ems", "no_dispatch", "time_of_use", "no_schedule", "self_consumption"),
    ],
)
def test_what_a_mode_says_about_itself_is_no_limit(codes: tuple[str, ...]) -> None:
    """It is named only where nothing limits; being off grid is a limit, unless that is the mode."""
    assert limiting_reason(decision(*codes)) == codes[0]
    assert limiting_reason(decision(*codes, "off_grid")) == "off_grid"
    assert limiting_reason(replace(decision("off_grid"), mode="off_grid")) == "off_grid"


async def test_a_refusal_is_shown_with_its_code(home: Home) -> None:
    """A stored PV limit of 0 would stop the sun."""
    await home.set(control="on", outage_consent=True, grid_charging=True)
    home.sim.change("pv_max_power_limit", 0)
    await override(home, "force_charge")
    assert home.sensor("command_state") == "refused"
    assert about(home, "command_state") == {"code": "pv_limit_zero"}
    assert about(home, "command")["confidence"] == "refused"
    assert home.sensor("without_home_assistant") == "self_consume"


async def test_a_lost_answer_leaves_a_command_assumed(home: Home) -> None:
    """What the plant holds is unknown until it can be read again."""
    await home.set(control="on", outage_consent=True, grid_charging=True)
    home.clock.timeout_s = 0.2
    home.sim.faults.add("modbus_off")
    await override(home, "force_charge")
    assert (home.sensor("command_state"), about(home, "command_state")) == ("assumed", {"code": "link_lost"})


async def test_a_plant_of_somebody_else_is_shown_as_such(home: Home) -> None:
    """We have yielded, and what it does is none of our command."""
    await charging(home)
    home.sim.faults.add("vpp")
    await home.tick(count=3)
    assert home.sensor("control_state") == "yielded"
    assert home.sensor("without_home_assistant") == "other"
    assert about(home, "without_home_assistant") == {}
    assert home.sensor("limiting_reason") == "someone_else_controls"
    assert home.sensor("command_state") == "none"


async def test_silence_takes_nothing_from_them(home: Home) -> None:
    """What was decided can be told while the plant does not answer."""
    await charging(home)
    home.sim.faults.add("modbus_off")
    await home.tick(30, count=4)
    states = {row.key: home.sensor(row.key) for row in CONTROL_SENSORS}
    assert STATE_UNAVAILABLE not in states.values()
    assert states["limiting_reason"] == "reading_lost"


async def test_nothing_is_known_before_the_first_decision(home: Home, hass: HomeAssistant) -> None:
    """After a start, for the seconds until the first tick."""
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert {home.sensor(row.key) for row in CONTROL_SENSORS} == {STATE_UNKNOWN}


async def test_numbers_of_reasons_alone_are_shown_now_and_then(home: Home, hass: HomeAssistant) -> None:
    """Each row in the recorder costs; a change of the reason itself is shown at once."""
    await home.set(control="shadow", discharge_cutoff_soc_pct=80)
    entity_id = home.entity_id("sensor", "limiting_reason")
    written: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == entity_id and event.data["new_state"] is not None:
            written.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", note)
    for tenth in range(12):
        home.sim.set("ess_soc", 60 - tenth / 10, 247)
        await home.tick(5)
    assert written == ["discharge_cutoff"] * 2
    await home.set(discharge_cutoff_soc_pct=10)
    assert len(written) == 3


async def test_a_plant_that_cannot_be_commanded_has_nothing_of_it(add_home: AddHome) -> None:
    """It is read as before."""
    with patch.object(SigenDriver, "control", None):
        home = await add_home(replace(PLANT, ac_chargers=(3,)))
    registered = er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
    platforms = {entry.domain for entry in registered}
    assert platforms == {"binary_sensor", "event", "sensor"}
    assert {home.entity_id("sensor", row.key) for row in CONTROL_SENSORS} == {None}
    assert home.sensor("battery_soc") == "60.0"
