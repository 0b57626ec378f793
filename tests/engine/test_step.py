"""One cycle: who may act, on which reading, in which mode."""

from datetime import timedelta

import pytest

from custom_components.energy_storage.engine import (
    Act,
    ControlState,
    Inputs,
    Memory,
    Ownership,
    Reason,
    Settings,
    give_up,
    step,
)
from custom_components.energy_storage.engine.command import Ability, CommandKind, Ends, OutageSafe, Unattended
from custom_components.energy_storage.engine.memory import overridden, taken_over
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.modes.mode import Instead, Mode
from custom_components.energy_storage.engine.override import Source
from custom_components.energy_storage.engine.plant import GridState, Stage
from tests.engine.house import GOOD, NOON, House, abilities, codes, command

CHARGE = command(CommandKind.CHARGE, power_w=2000, target_soc_pct=90)
COSTLY = Ability(offered=True, unattended=Unattended.COSTLY, outage_safe=OutageSafe.YES, obeys=GOOD.obeys)


def held_charge() -> House:
    """Give a house in a force charge whose command is not safe when left alone."""
    house = House().see(abilities=abilities(charge=COSTLY)).override("force_charge", from_grid=True)
    house.cycle()
    return house


def test_off_writes_nothing() -> None:
    """Off is the default, and writes nothing whatever the mode."""
    decision = House().set(control=ControlState.OFF).cycle()
    assert (decision.act, decision.command, decision.control) == (Act.LEAVE, None, ControlState.OFF)


def test_off_releases_nothing_that_we_did_not_write() -> None:
    """A device that held our values before we ever wrote in this life stays as it is."""
    house = House().set(control=ControlState.OFF).see(held=CHARGE, ownership=Ownership.OURS)
    assert house.cycle().act is Act.LEAVE


def test_shadow_decides_without_writing() -> None:
    """The first day shows what would be done."""
    decision = House().set(control=ControlState.SHADOW).override("hold").cycle()
    assert decision.act is Act.LEAVE
    assert decision.command == command(CommandKind.HOLD)
    assert codes(decision) == ["hold"]


def test_shadow_releases_nothing() -> None:
    """A mode that wants the plant's own program only shows that."""
    house = House().set(control=ControlState.SHADOW, mode="device")
    decision = house.see(held=CHARGE, ownership=Ownership.OURS).cycles(2)
    assert (decision.act, decision.command) == (Act.LEAVE, command(CommandKind.RELEASE))


def test_on_applies_the_wish() -> None:
    """On writes at once what the mode wishes."""
    decision = House().cycle()
    assert (decision.act, decision.command) == (Act.APPLY, command(CommandKind.SELF_CONSUME))
    assert codes(decision) == ["self_consumption"]


def test_what_is_held_is_not_written_again() -> None:
    """A command that the plant holds needs no second write."""
    house = House()
    house.cycle()
    assert house.cycle().act is Act.LEAVE


@pytest.mark.parametrize("control", [ControlState.OFF, ControlState.SHADOW])
def test_switching_off_releases_once(control: ControlState) -> None:
    """The plant gets its own program back, and then no more writes."""
    house = House()
    house.cycle()
    house.set(control=control)
    released = house.cycle()
    assert (released.act, codes(released)) == (Act.RELEASE, ["released"])
    assert house.cycle().act is Act.LEAVE
    assert not house.memory.lasting.engaged


def test_a_release_that_failed_is_tried_once_a_minute() -> None:
    """Switched off with the device deaf: it is asked again each minute, and not each cycle."""
    house = House()
    house.cycle()
    house.set(control=ControlState.OFF).obeys = False
    acts = [house.cycle().act for _ in range(25)]
    assert [number for number, act in enumerate(acts) if act is Act.RELEASE] == [0, 12, 24]


def test_a_release_is_still_owed_after_a_restart() -> None:
    """What was saved remembers that we had written."""
    house = House()
    house.cycle()
    house.memory = Memory(lasting=house.memory.lasting)
    assert house.set(control=ControlState.OFF).cycle().act is Act.RELEASE


def test_switching_off_without_a_fresh_reading_releases_short() -> None:
    """Registers that need a fresh SOC are left for later."""
    house = House()
    house.cycle()
    assert house.set(control=ControlState.OFF).cycle(after_s=40, read=False).act is Act.SHORT_RELEASE


def test_switching_off_leaves_a_plant_that_somebody_else_controls() -> None:
    """Yielded means hands off, at the switch too."""
    house = House()
    house.cycle()
    house.see(ownership=Ownership.OTHER_MASTER).set(control=ControlState.OFF)
    assert house.cycle().act is Act.LEAVE


def test_stale_reading_gives_no_new_command() -> None:
    """With an old reading a new wish has to wait."""
    house = House()
    house.cycle()
    decision = house.override("force_charge", from_grid=True).cycle(after_s=40, read=False)
    assert (decision.stage, decision.act) == (Stage.STALE, Act.LEAVE)
    assert decision.command == command(CommandKind.SELF_CONSUME)
    assert codes(decision) == ["reading_stale"]


def test_stale_reading_lets_a_limit_narrow() -> None:
    """A limit that the owner tightens holds at once, old reading or not."""
    house = House().override("force_charge", power_w=3000, from_grid=True)
    house.cycle()
    decision = house.set(max_charge_w=1000).cycle(after_s=40, read=False)
    assert decision.act is Act.APPLY
    assert decision.command == command(CommandKind.CHARGE, power_w=1000, target_soc_pct=100)
    assert codes(decision) == ["reading_stale", "max_charge"]


def test_stale_reading_widens_nothing() -> None:
    """Where what comes next would let more flow, the plant keeps what it holds."""
    house = House().override("hold")
    house.cycle()
    house.see(
        abilities=abilities(
            CommandKind.HOLD, CommandKind.IDLE, self_consume=Ability(offered=True, outage_safe=OutageSafe.YES)
        )
    )
    decision = house.cycle(after_s=40, read=False)
    assert (decision.act, decision.command) == (Act.LEAVE, command(CommandKind.HOLD))
    assert codes(decision)[-1] == "not_widened"


def test_stale_reading_without_a_command_leaves_the_plant_alone() -> None:
    """A plant on its own program is not taken on an old reading."""
    house = House().set(control=ControlState.SHADOW)
    house.cycle()
    house.memory = Memory(passing=house.memory.passing)
    house.set(control=ControlState.ON)
    decision = house.cycle(after_s=40, read=False)
    assert (decision.act, decision.command, codes(decision)) == (Act.LEAVE, None, ["waiting"])


def test_lost_reading_ends_a_command_that_is_not_safe_alone() -> None:
    """More than a minute without a reading: the device gets its own program back."""
    decision = held_charge().cycle(after_s=61, read=False)
    assert (decision.stage, decision.act) == (Stage.LOST, Act.SHORT_RELEASE)
    assert codes(decision) == ["reading_lost"]


def test_lost_reading_leaves_a_command_that_is_safe_alone() -> None:
    """Writing blindly would be worse than a command that harms nobody."""
    house = House()
    house.cycle()
    assert house.cycle(after_s=61, read=False).act is Act.LEAVE


def test_lost_reading_ends_a_command_that_may_fail_in_an_outage() -> None:
    """Nobody would see the grid go: a command that may leave the house dark does not stay."""
    house = House().see(abilities=abilities(self_consume=Ability(offered=True))).set(outage_consent=True)
    house.cycle()
    assert house.cycle(after_s=61, read=False).act is Act.SHORT_RELEASE


def test_lost_short_release_is_tried_once_a_minute() -> None:
    """A deaf device is not hammered."""
    house = held_charge()
    house.obeys = False
    house.cycle(after_s=61, read=False)
    acts = [house.cycle(read=False).act for _ in range(24)]
    assert [number for number, act in enumerate(acts) if act is Act.SHORT_RELEASE] == [11, 23]


def test_lost_command_that_is_unknown_counts_as_unsafe() -> None:
    """A command that the plant no longer declares cannot be trusted."""
    house = House()
    house.cycle()
    house.see(abilities={})
    assert house.cycle(after_s=61, read=False).act is Act.SHORT_RELEASE


def test_lost_in_shadow_writes_nothing() -> None:
    """Shadow never writes, not even a release."""
    house = House().see(abilities=abilities(charge=COSTLY), held=CHARGE)
    house.set(control=ControlState.SHADOW).cycle()
    assert house.cycle(after_s=61, read=False).act is Act.LEAVE


def test_a_step_that_failed_twice_ends_an_unsafe_command() -> None:
    """When deciding itself is broken the device is better off alone."""
    house = held_charge()
    decision, _ = give_up(house.inputs, house.settings, house.memory)
    assert (decision.act, codes(decision)) == (Act.SHORT_RELEASE, ["step_failed"])


def test_a_step_that_failed_while_off_writes_nothing() -> None:
    """Off stays off."""
    house = held_charge().set(control=ControlState.OFF)
    assert give_up(house.inputs, house.settings, house.memory)[0].act is Act.LEAVE


def test_at_start_our_own_command_is_adopted() -> None:
    """A restart in mid-charge with the same override writes nothing."""
    house = House().override("force_charge", power_w=2000, target_soc_pct=90, from_grid=True)
    house.see(held=CHARGE, ownership=Ownership.OURS)
    assert house.cycle().act is Act.LEAVE
    assert house.memory.lasting.engaged


def test_until_everything_is_there_the_adopted_command_stays() -> None:
    """Before Home Assistant has started no mode decides."""
    house = House().set(grid_charging=True).see(ready=False, held=CHARGE, ownership=Ownership.OURS)
    decision = house.cycle()
    assert (decision.act, decision.command, codes(decision)) == (Act.LEAVE, CHARGE, ["waiting"])


def test_until_everything_is_there_limits_hold() -> None:
    """An adopted command that a limit forbids is narrowed at once."""
    house = House().set(grid_charging=True, max_charge_w=500)
    decision = house.see(ready=False, held=CHARGE, ownership=Ownership.OURS).cycle()
    assert decision.act is Act.APPLY
    assert decision.command == command(CommandKind.CHARGE, power_w=500, target_soc_pct=90)


def test_waiting_for_inputs_ends_after_five_minutes() -> None:
    """A price that never comes does not keep the house waiting for ever."""
    house = House().see(ready=False)
    assert house.cycle().command is None
    assert house.cycle(after_s=301).command == command(CommandKind.SELF_CONSUME)


def test_a_new_override_acts_at_once() -> None:
    """A person who presses a button sees it act in the next cycle."""
    house = House()
    house.cycle()
    decision = house.override("hold").cycle()
    assert (decision.act, decision.mode, decision.base_mode) == (Act.APPLY, "hold", "self_consumption")


def test_a_new_override_replaces_the_old() -> None:
    """There is at most one."""
    house = House().override("hold")
    house.cycle()
    assert house.override("force_discharge").cycle().mode == "force_discharge"


def test_the_base_mode_acts_when_the_override_has_ended() -> None:
    """An end is an end, and is forgotten."""
    house = House().override("hold", minutes=1)
    house.cycle()
    decision = house.cycle(after_s=55)
    assert (decision.mode, decision.act) == ("self_consumption", Act.APPLY)
    assert codes(decision) == ["override_ended", "self_consumption"]
    assert house.memory.lasting.override is None


def test_an_override_whose_end_passed_in_our_absence_does_not_act() -> None:
    """Home Assistant was away over the end: the base mode acts in the first cycle."""
    house = House().override("hold", minutes=1)
    assert house.cycle(after_s=3600).mode == "self_consumption"


def test_an_override_that_is_cancelled_ends_at_once() -> None:
    """Choosing a mode ends it."""
    house = House().override("hold")
    house.cycle()
    house.memory = overridden(house.memory, None)
    assert house.cycle().command == command(CommandKind.SELF_CONSUME)


def test_an_override_of_an_unknown_kind_ends() -> None:
    """Saved by a newer release: the base mode acts."""
    decision = House().override("teleport").cycle()
    assert codes(decision) == ["override_ended", "self_consumption"]


def test_an_unknown_base_mode_becomes_self_consumption() -> None:
    """A stored mode that this release does not know is named, not guessed."""
    assert codes(House().set(mode="astrology").cycle()) == ["unknown_mode", "self_consumption"]


def handing_over(monkeypatch: pytest.MonkeyPatch, to: str) -> House:
    """Give a house whose mode leaves the choice to another one."""

    def decide(inputs: Inputs, settings: Settings, memory: Memory) -> Instead:  # noqa: ARG001  asked alike
        return Instead(mode=to, reasons=(Reason("no_prices"),))

    monkeypatch.setitem(MODES, "asking", Mode(key="asking", needs=CommandKind.HOLD, decide=decide))
    return House().set(mode="asking")


def test_a_mode_may_leave_the_choice_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new mode is one file: it may hand over with a reason and no branch in `step`."""
    decision = handing_over(monkeypatch, "standby").cycle()
    assert (decision.mode, decision.command) == ("standby", command(CommandKind.IDLE))
    assert codes(decision) == ["no_prices", "standby"]


def test_modes_that_point_at_each_other_end_in_self_consumption(monkeypatch: pytest.MonkeyPatch) -> None:
    """A circle is no way to stop the cycle."""
    decision = handing_over(monkeypatch, "asking").cycle()
    assert codes(decision)[-1] == "modes_in_circle"
    assert decision.command == command(CommandKind.SELF_CONSUME)


def test_device_mode_releases() -> None:
    """The plant's own program runs."""
    house = House()
    house.cycle()
    decision = house.set(mode="device").cycle()
    assert (decision.act, codes(decision)) == (Act.RELEASE, ["device"])
    assert house.cycle().act is Act.LEAVE


def test_grid_loss_drops_a_command_that_is_not_outage_safe() -> None:
    """With consent it was used; when the grid is lost it goes at once."""
    house = House().set(outage_consent=True).override("hold")
    house.see(abilities=abilities(hold=Ability(offered=True, outage_safe=OutageSafe.NO)))
    assert house.cycle().command == command(CommandKind.HOLD)
    decision = house.cycle(grid_state=GridState.OFF_GRID)
    assert decision.act is Act.APPLY
    assert decision.command == command(CommandKind.SELF_CONSUME, max_discharge_w=0.0)
    assert "not_outage_safe" in codes(decision)


def test_grid_loss_drops_it_even_with_an_old_reading() -> None:
    """Dropping what may leave the house dark does not wait for a fresh reading."""
    house = House().set(outage_consent=True).override("hold")
    unsafe = Ability(offered=True, outage_safe=OutageSafe.UNKNOWN)
    house.see(abilities=abilities(CommandKind.IDLE, CommandKind.SELF_CONSUME, hold=unsafe))
    house.cycle()
    assert house.cycle(after_s=40, read=False, grid_state=GridState.OFF_GRID).act is Act.RELEASE


def test_a_release_for_a_lost_grid_is_tried_once_a_minute() -> None:
    """A deaf device is not hammered for that either."""
    unsafe = Ability(offered=True, outage_safe=OutageSafe.UNKNOWN)
    house = House().set(outage_consent=True).override("hold")
    house.see(abilities=abilities(CommandKind.IDLE, CommandKind.SELF_CONSUME, hold=unsafe)).cycle()
    house.obeys = False
    acts = [house.cycle(grid_state=GridState.OFF_GRID).act for _ in range(14)]
    assert [number for number, act in enumerate(acts) if act is Act.RELEASE] == [0, 12]


def test_grid_charging_off_turns_a_charge_into_hold() -> None:
    """Without the grid `charge` is `hold`."""
    decision = House().override("force_charge").cycle()
    assert decision.command == command(CommandKind.HOLD)
    assert codes(decision) == ["force_charge", "grid_charging_off"]


def test_a_person_may_allow_the_grid_for_one_charge() -> None:
    """A force charge carries its own permission."""
    decision = House().override("force_charge", from_grid=True).cycle()
    assert decision.command is not None
    assert decision.command.kind is CommandKind.CHARGE


def test_a_person_may_forbid_the_grid_for_one_charge() -> None:
    """It counts in the other direction too."""
    decision = House().set(grid_charging=True).override("force_charge", from_grid=False).cycle()
    assert decision.command == command(CommandKind.HOLD)


def test_an_automatic_override_cannot_allow_the_grid() -> None:
    """The switch binds everything that no person started."""
    decision = House().override("force_charge", source=Source.AUTOMATIC, from_grid=True).cycle()
    assert decision.command == command(CommandKind.HOLD)


def test_another_master_is_yielded_to_at_once() -> None:
    """The device says that somebody else commands it: we stop writing."""
    house = House()
    house.cycle()
    decision = house.see(ownership=Ownership.OTHER_MASTER).override("hold").cycle()
    assert (decision.control, decision.act) == (ControlState.YIELDED, Act.LEAVE)
    assert codes(decision) == ["someone_else_controls", "hold"]


def test_a_single_odd_reading_is_only_waited_out() -> None:
    """One reading that differs stops the writes and nothing more."""
    house = House()
    house.cycle()
    decision = house.see(ownership=Ownership.FOREIGN).override("hold").cycle()
    assert (decision.control, decision.act, codes(decision)[0]) == (
        ControlState.ON,
        Act.LEAVE,
        "held_differs",
    )
    assert house.see(ownership=Ownership.OURS).cycle().act is Act.APPLY


def test_the_owner_may_take_over() -> None:
    """Others' values no longer count once the owner has said that the plant is ours."""
    house = House().see(ownership=Ownership.FOREIGN)
    assert house.cycle().control is ControlState.YIELDED
    house.memory = taken_over(house.memory)
    decision = house.cycle()
    assert (decision.control, decision.act) == (ControlState.ON, Act.APPLY)


def test_refill_charges_the_reserve_from_the_grid() -> None:
    """A low SOC charges from the grid only because the owner wanted that."""
    house = House().set(backup_reserve_soc_pct=40, refill_reserve_from_grid=True, grid_charging=True)
    decision = house.cycle(soc_pct=37.0)
    assert decision.command == command(CommandKind.CHARGE, target_soc_pct=40)
    assert codes(decision) == ["self_consumption", "refill_reserve"]


def test_refill_obeys_the_grid_charging_switch() -> None:
    """The switch binds it as it binds any mode."""
    decision = House().set(backup_reserve_soc_pct=40, refill_reserve_from_grid=True).cycle(soc_pct=20.0)
    assert decision.command == command(CommandKind.HOLD)
    assert "refill_reserve" not in codes(decision)


def test_a_low_soc_alone_never_charges_from_the_grid() -> None:
    """Without *refill* the battery waits for the sun."""
    decision = House().set(backup_reserve_soc_pct=40, grid_charging=True).cycle(soc_pct=20.0)
    assert decision.command == command(CommandKind.HOLD)


def test_refill_waits_until_the_grid_is_known_to_be_there() -> None:
    """An unknown grid is none to charge from."""
    house = House().set(backup_reserve_soc_pct=40, refill_reserve_from_grid=True, grid_charging=True)
    assert "refill_reserve" not in codes(house.cycle(soc_pct=37.0, grid_state=GridState.UNKNOWN))


def test_refill_leaves_the_plants_own_program_alone() -> None:
    """Who leaves the plant to itself does not want it taken at night."""
    house = House().set(backup_reserve_soc_pct=40, refill_reserve_from_grid=True, grid_charging=True)
    assert house.set(mode="device").cycle(soc_pct=37.0).command == command(CommandKind.RELEASE)


def test_refill_goes_on_up_to_the_reserve() -> None:
    """Once begun it does not stop half way, and it ends at the reserve."""
    house = House().set(backup_reserve_soc_pct=40, refill_reserve_from_grid=True, grid_charging=True)
    house.cycle(soc_pct=38.0)
    assert "refill_reserve" in codes(house.cycle(soc_pct=39.5))
    assert "refill_reserve" not in codes(house.cycle(soc_pct=40.0))
    assert "refill_reserve" not in codes(house.cycle(soc_pct=39.0))


def test_a_doubtful_soc_is_not_acted_upon() -> None:
    """A leap is a missing reading: the mode sees the SOC that was believed last."""
    house = House().override("force_discharge", floor_soc_pct=30)
    house.cycles(13)
    decision = house.cycle(soc_pct=5.0)
    assert decision.command is not None
    assert decision.command.kind is CommandKind.DISCHARGE


def test_same_inputs_same_decision() -> None:
    """Nothing hides between two calls."""
    house = House()
    house.cycle()
    again = [step(house.inputs, house.settings, house.memory) for _ in range(2)]
    assert again[0] == again[1]


def test_a_clock_set_back_freezes_nothing() -> None:
    """Minimum times end although the clock went back an hour."""
    house = House().override("force_charge", power_w=1000, from_grid=True)
    house.cycle()
    house.set(max_charge_w=500)
    house.cycle()
    house.set(max_charge_w=None).see(now=NOON - timedelta(hours=1))
    decision = house.cycle()
    assert decision.command == command(CommandKind.CHARGE, power_w=1000, target_soc_pct=100)


def test_a_command_that_ends_by_itself_is_kept_at_its_end() -> None:
    """What the device ends by itself needs no other command."""
    house = House().override("force_charge", target_soc_pct=80, from_grid=True)
    house.see(abilities=abilities(charge=GOOD))
    assert GOOD.ends is Ends.SOC
    house.cycle(soc_pct=79.0)
    assert house.cycle(soc_pct=80.0).act is Act.LEAVE
