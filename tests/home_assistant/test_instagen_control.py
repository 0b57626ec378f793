"""How Home Assistant controls an Instagen plant: begins, ends, and what may come in between."""

from dataclasses import replace
from itertools import pairwise

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.driver import LinkSetup, TcpAddress
from custom_components.energy_storage.vendors.instagen.driver import create
from tests.simulators.instagen_windows import parts

from .conftest import AddInstagen
from .control_home import (
    codes,
    confidence,
    control_state,
    controller_of,
    held_kind,
    kill_and_start,
    killed,
    override,
    start_again,
)
from .instagen_home import (
    ECONOMY,
    FORCE_CHARGE,
    FORCE_DISCHARGE,
    NIGHT,
    SELF_CONSUMPTION,
    THREE,
    InstagenHome,
    at_night,
    charge,
    poll,
    told,
    with_plant,
)
from .shown_issues import placeholders, shown_issues
from .test_commissioning import begin

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture
async def home(add_instagen: AddInstagen) -> InstagenHome:
    """A plant at night, under control."""
    return await at_night(add_instagen)


@pytest.mark.parametrize("control", ["off", "shadow"])
async def test_nothing_is_told_unless_control_is_on(add_instagen: AddInstagen, control: str) -> None:
    """Not at an override, not at a stop."""
    home = await add_instagen()
    await home.set(control=control, outage_consent=True)
    await override(home, "force_charge", from_grid=True)
    await poll(home, 3)
    await home.hass.async_stop()
    assert told(home) == []


async def test_a_charge_is_assumed_until_the_battery_shows_it(home: InstagenHome) -> None:
    """The stick says only that it has taken a message; what is shown says no more than is known."""
    done = len(home.sim.writes)
    await override(home, "force_charge", from_grid=True, power_w=1500, target_soc_pct=80)
    assert (held_kind(home), confidence(home)) == (CommandKind.CHARGE, Confidence.ASSUMED)
    assert home.sensor("command_state") == "assumed"
    await poll(home, 4)
    assert home.sensor("command_state") == "confirmed"
    assert home.number("battery_power") == pytest.approx(-1500, rel=0.05)
    assert home.sensor("without_home_assistant") == "charge"
    await home.tick(30, 125)
    assert home.view.override is None
    await poll(home, 6)
    assert (held_kind(home), confidence(home)) == (CommandKind.SELF_CONSUME, Confidence.CONFIRMED)
    assert told(home, done) == [FORCE_CHARGE, SELF_CONSUMPTION]


async def test_switching_off_hands_the_plant_back_once(home: InstagenHome) -> None:
    """And says nothing any more."""
    await charge(home)
    done = len(home.sim.writes)
    await home.set(control="off")
    await poll(home, 20)
    assert told(home, done) == [SELF_CONSUMPTION]
    assert home.sim.mode == SELF_CONSUMPTION
    assert home.sensor("without_home_assistant") == "own_program"


async def test_a_stop_hands_the_plant_back(home: InstagenHome, hass: HomeAssistant) -> None:
    """Whoever stops Home Assistant in a charge finds the plant on its own program."""
    await charge(home)
    await hass.async_stop()
    home.sim.advance(10)
    assert home.sim.mode == SELF_CONSUMPTION


async def test_a_restart_takes_the_plant_again(home: InstagenHome, hass: HomeAssistant) -> None:
    """Handed back at the end; afterwards the override still runs."""
    await charge(home)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    home.sim.advance(10)
    assert home.sim.mode == SELF_CONSUMPTION
    await start_again(home, hass)
    await poll(home, 6)
    assert held_kind(home) is CommandKind.CHARGE
    assert home.sim.mode == FORCE_CHARGE


async def test_a_killed_session_is_taken_up_as_it_was_told_last(
    home: InstagenHome, hass: HomeAssistant
) -> None:
    """Assumed at first, for the plant does not tell; nothing is said again for it."""
    await charge(home)
    done = len(home.sim.writes)
    await kill_and_start(home, hass)
    assert controller_of(home).control.holding().ownership is Ownership.OURS
    await home.tick()
    assert (held_kind(home), confidence(home)) == (CommandKind.CHARGE, Confidence.ASSUMED)
    await poll(home, 5)
    assert confidence(home) is Confidence.CONFIRMED
    assert told(home, done) == []


async def test_an_override_that_ended_meanwhile_is_ended(home: InstagenHome, hass: HomeAssistant) -> None:
    """Killed in a charge, which nothing ends but its target; two hours later the base mode acts."""
    await charge(home)
    with killed():
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    home.clock.now = home.clock.now.replace(hour=home.clock.now.hour + 2)
    home.sim.advance(7200)
    assert home.sim.mode == FORCE_CHARGE
    await start_again(home, hass)
    await poll(home, 2)
    assert held_kind(home) is CommandKind.SELF_CONSUME
    assert home.sim.mode == SELF_CONSUMPTION


async def test_our_own_reload_keeps_the_command(home: InstagenHome, hass: HomeAssistant) -> None:
    """Another pace is no reason to end a charge."""
    await charge(home)
    done = len(home.sim.writes)
    options = {**home.entry.options, "fast_poll_s": "125"}
    hass.config_entries.async_update_entry(home.entry, options=options)
    await hass.async_block_till_done()
    await home.tick(5, 60)
    assert held_kind(home) is CommandKind.CHARGE
    assert told(home, done) == []


# What it is left with.


@pytest.fixture
async def by_schedule(add_instagen: AddInstagen) -> InstagenHome:
    """A plant under control that is to run the owner's schedule without us."""
    return await at_night(add_instagen, options={"instagen_left_with": "schedule"})


async def name_schedule(home: InstagenHome, *periods: tuple[str, str, str]) -> None:
    """Give a schedule of one day plan, and let the cycle see it."""
    plan = [{"start": start, "end": end, "action": action} for start, end, action in periods]
    document = {"plans": {"usual": plan}, "default": "usual", "gap": "self_consumption"}
    await home.runtime.calendars.store.async_set(schedule=document)
    await home.decide()


def windows(home: InstagenHome) -> set[tuple[object, object]]:
    """Give the windows to charge and to discharge that the plant's economy mode has."""
    (dates,) = parts(home.sim.device.modes.stored[2], "tariff_dates")
    groups = parts(dates, "week_group_1") + parts(dates, "week_group_2")
    return {(group["offpeak_window"], group["peak_window"]) for group in groups}


async def test_it_is_left_with_the_schedule(by_schedule: InstagenHome) -> None:
    """As it is then: a change writes nothing, and holds from the next release on."""
    home = by_schedule
    await name_schedule(home, ("00:30", "04:30", "charge"), ("17:00", "21:00", "discharge"))
    assert "program_does_not_fit" not in shown_issues(home.hass)
    done = len(home.sim.writes)
    await home.set(control="off")
    await poll(home, 3)
    assert told(home, done) == [ECONOMY]
    assert windows(home) == {(0x001E041D, 0x1100143B)}
    await name_schedule(home, ("01:00", "05:00", "charge"))
    await poll(home, 20)
    assert told(home, done) == [ECONOMY]
    await home.set(control="on")
    await poll(home, 6)
    await home.set(control="off")
    await poll(home, 3)
    assert home.sim.mode == ECONOMY
    assert windows(home) == {(0x0100043B, 0)}


async def test_a_stop_leaves_it_with_the_schedule(by_schedule: InstagenHome, hass: HomeAssistant) -> None:
    """Also one that was changed just before."""
    await by_schedule.runtime.calendars.store.async_set(
        schedule={
            "plans": {"usual": [{"start": "01:00", "end": "05:00", "action": "charge"}]},
            "default": "usual",
            "gap": "self_consumption",
        }
    )
    await hass.async_stop()
    by_schedule.sim.advance(10)
    assert by_schedule.sim.mode == ECONOMY
    assert windows(by_schedule) == {(0x0100043B, 0)}


async def test_a_schedule_that_does_not_fit_is_explained(by_schedule: InstagenHome) -> None:
    """It is left with self-consumption then; the repair ends when it fits."""
    home = by_schedule
    assert placeholders(home.hass, "program_does_not_fit")["reason"].startswith("There is no schedule yet.")
    await name_schedule(home, ("01:00", "05:00", "hold"))
    assert "holds the battery" in placeholders(home.hass, "program_does_not_fit")["reason"]
    await home.set(control="off")
    await poll(home, 3)
    assert home.sim.mode == SELF_CONSUMPTION
    await name_schedule(home, ("01:00", "05:00", "charge"))
    assert "program_does_not_fit" not in shown_issues(home.hass)


async def test_a_schedule_that_the_plant_refuses_is_explained(add_instagen: AddInstagen) -> None:
    """Its firmware has no economy mode."""
    older = replace(NIGHT, refused_modes=frozenset({ECONOMY}))
    home = await at_night(add_instagen, older, options={"instagen_left_with": "schedule"})
    await name_schedule(home, ("01:00", "05:00", "charge"))
    await charge(home)
    await home.set(control="off")
    await poll(home, 3)
    assert home.sim.mode == SELF_CONSUMPTION
    assert "has refused" in placeholders(home.hass, "program_does_not_fit")["reason"]


async def test_unless_the_owner_says_so_no_schedule_is_left(home: InstagenHome) -> None:
    """Self-consumption is what everybody can live with."""
    await name_schedule(home, ("01:00", "05:00", "charge"))
    done = len(home.sim.writes)
    await charge(home)
    await home.set(control="off")
    await poll(home, 3)
    assert told(home, done)[-1] == home.sim.mode == SELF_CONSUMPTION
    await name_schedule(home, ("01:00", "05:00", "hold"))
    assert shown_issues(home.hass) == {}


# Others, refusals, faults.


async def test_a_change_in_the_app_is_respected(home: InstagenHome) -> None:
    """Seen by what the battery does; nothing is said any more until the owner takes the plant back."""
    await charge(home)
    done = len(home.sim.writes)
    home.sim.change_mode(SELF_CONSUMPTION)
    await poll(home, 8)
    assert control_state(home) is ControlState.YIELDED
    assert "someone_else_controls" in shown_issues(home.hass)
    await poll(home, 20)
    assert told(home, done) == []
    controller_of(home).take_over()
    await home.decide()
    await poll(home, 5)
    assert control_state(home) is ControlState.ON
    assert home.sim.mode == FORCE_CHARGE
    assert "someone_else_controls" not in shown_issues(home.hass)


async def test_two_home_assistants_do_not_fight(home: InstagenHome) -> None:
    """The other one discharges: we yield, and say nothing against it."""
    await charge(home)
    done = len(home.sim.writes)
    other = create(
        TcpAddress(host=home.sim.host, port=home.sim.port),
        LinkSetup(request_spacing_s=0),
        now=home.clock.utc,
        monotonic=home.clock.monotonic,
        gap_s=0,
    )
    await other.connect(None)
    assert other.control is not None
    discharge = BatteryCommand(kind=CommandKind.DISCHARGE, power_w=2_000, floor_soc_pct=20)
    await other.control.execute(other.control.order(discharge, {}))
    await poll(home, 6)
    assert control_state(home) is ControlState.YIELDED
    assert told(home, done) == [FORCE_DISCHARGE]


async def test_a_refusal_is_told(home: InstagenHome) -> None:
    """The plant goes on with what it did; a repair says so, and it is tried once a minute."""
    home.sim.faults.add("refused_writes", 1)
    await override(home, "force_charge", from_grid=True, power_w=1500, target_soc_pct=80)
    await poll(home, 4)
    assert confidence(home) is Confidence.REFUSED
    assert home.sim.mode == SELF_CONSUMPTION
    assert {"control_refused_refused_by_device_instagen"} <= shown_issues(home.hass).keys()
    home.sim.faults.clear()
    await poll(home, 6)
    assert confidence(home) is Confidence.CONFIRMED
    assert shown_issues(home.hass) == {}


async def test_a_message_that_is_taken_and_not_carried_out_is_told(home: InstagenHome) -> None:
    """The battery goes on as before: a repair, and it is said again, seldom."""
    done = len(home.sim.writes)
    home.sim.faults.add("ignored_writes")
    await override(home, "force_charge", from_grid=True, power_w=1500, target_soc_pct=80)
    await poll(home, 30)
    assert confidence(home) is Confidence.ASSUMED
    assert "not_confirmed_not_held_instagen" in shown_issues(home.hass)
    assert 2 <= len(told(home, done)) <= 5
    home.sim.faults.clear()
    await poll(home, 25)
    assert confidence(home) is Confidence.CONFIRMED
    assert shown_issues(home.hass) == {}


async def test_an_answer_that_is_lost_is_said_again(home: InstagenHome) -> None:
    """Whether it was taken is unknown; once the stick answers, it holds."""
    home.clock.timeout_s = 0.3
    home.sim.faults.add("dropped_answers")
    await override(home, "force_charge", from_grid=True, power_w=1500, target_soc_pct=80)
    assert confidence(home) is Confidence.ASSUMED
    home.sim.faults.clear()
    await poll(home, 6)
    assert confidence(home) is Confidence.CONFIRMED
    assert home.sim.mode == FORCE_CHARGE


async def test_a_lost_link_is_taken_up_again(home: InstagenHome) -> None:
    """A charge ends by itself at its target; what was said in vain meanwhile is said again, once."""
    await charge(home)
    done = len(home.sim.writes)
    home.clock.timeout_s = 0.3
    home.sim.faults.add("port_closed")
    await poll(home, 10)
    assert home.sensor("battery_soc") == STATE_UNAVAILABLE
    assert home.sensor("without_home_assistant") == "charge"
    home.sim.faults.clear()
    await poll(home, 8)
    assert held_kind(home) is CommandKind.CHARGE
    assert told(home, done) == [FORCE_CHARGE]


async def test_an_outage_ends_a_charge(add_instagen: AddInstagen) -> None:
    """The house is served first; when the grid is back the charge goes on."""
    home = await at_night(add_instagen, with_plant(NIGHT, backup_supply=True))
    await charge(home)
    home.sim.faults.add("grid_loss")
    await poll(home, 3)
    assert held_kind(home) in (CommandKind.HOLD, CommandKind.SELF_CONSUME)
    assert home.sim.mode == SELF_CONSUMPTION
    assert home.number("battery_power") == pytest.approx(900, rel=0.1)
    home.sim.faults.remove("grid_loss")
    await poll(home, 6)
    assert home.sim.mode == FORCE_CHARGE


async def test_several_inverters_are_only_read(add_instagen: AddInstagen) -> None:
    """Nobody knows how several take one message, so none is sent."""
    home = await add_instagen(THREE)
    await home.set(control="on", outage_consent=True)
    await override(home, "force_charge", from_grid=True)
    await poll(home, 5)
    assert told(home) == []
    assert home.view.abilities[CommandKind.CHARGE].reason == "parallel_unproven"


async def test_messages_keep_their_distance(home: InstagenHome) -> None:
    """Whoever changes his mind every ten seconds wears nothing out; the last wish is obeyed."""
    done = len(home.sim.writes)
    for power_w in range(1000, 4000, 250):
        await override(home, "force_charge", from_grid=True, power_w=power_w, target_soc_pct=90)
        await home.tick(5, 2)
    await poll(home, 6)
    sent = home.sim.writes[done:]
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(sent)]
    assert min(gaps) >= 60
    assert len(sent) <= 5
    assert home.number("battery_power") == pytest.approx(-3750, rel=0.05)


# The commissioning check.


async def test_the_check_waits_for_readings_that_come_late(add_instagen: AddInstagen) -> None:
    """Each command is seen to work, at a message a minute and a reading every 35 s; then all is as before."""
    small = replace(NIGHT, plant=replace(NIGHT.plant, battery_capacity_wh=4_000.0, soc_pct=60.0))
    home = await at_night(add_instagen, small)
    home.sim.plant.load_override_w = 1_500.0
    await poll(home, 4)
    dialog = await begin(home)
    for _ in range(600):
        await home.tick()
        check = home.runtime.check
        assert check is not None
        if check.done():
            break
    await home.hass.async_block_till_done(wait_background_tasks=True)
    shown = (await dialog.answer())["description_placeholders"]
    assert shown is not None
    for name in ("Hold", "Charge", "Discharge"):
        assert f"| {name} | Proven |" in shown["results"]
    assert "| Idle | Not possible now: " in shown["results"]
    await poll(home, 5)
    assert held_kind(home) is CommandKind.SELF_CONSUME
    assert home.sim.mode == SELF_CONSUMPTION
    assert "self_consumption" in codes(home)


async def test_going_off_the_grid_waits_for_the_option(home: InstagenHome) -> None:
    """The driver offers it only to an owner who has allowed it."""
    assert home.view.abilities[CommandKind.ISLAND].offered is False
    options = {**home.entry.options, "allow_off_grid": True}
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    await home.hass.async_block_till_done()
    await home.tick()
    assert home.view.abilities[CommandKind.ISLAND].offered is True
    assert not [issue for issue in ir.async_get(home.hass).issues if issue[0] == DOMAIN]
