"""Time stories: what waits, what does not, and what is not worth a write."""

from datetime import timedelta

import pytest

from custom_components.energy_storage.engine import Act
from custom_components.energy_storage.engine.command import Ability, CommandKind, OutageSafe
from custom_components.energy_storage.engine.memory import Eased
from custom_components.energy_storage.engine.timing import Easing
from tests.engine.house import NOON, House, abilities, codes, command

SERVE = command(CommandKind.SELF_CONSUME)
BARE = Ability(offered=True, outage_safe=OutageSafe.YES)


def selling(export_limit_w: float = 3000) -> House:
    """Give a house that discharges as much as it may export."""
    return (
        House().override("force_discharge", power_w=9000, floor_soc_pct=10).set(export_limit_w=export_limit_w)
    )


def charging(power_w: float = 3000) -> House:
    """Give a house that charges from the grid by its number entity."""
    house = House().set(force_charge_power_w=power_w).override("force_charge", from_grid=True)
    house.cycle()
    return house


def ease(values: list[tuple[float, float]], *, widening: bool = True) -> list[float]:
    """Ease maxima that are seen at these seconds."""
    before: dict[str, Eased] = {}
    out = []
    for seconds, watts in values:
        easing = Easing(before, NOON + timedelta(seconds=seconds), 100.0, widening, {})
        out.append(easing.most("it", watts))
        before = easing.after
    return out


def test_a_maximum_falls_at_once() -> None:
    """Rounded down to whole steps."""
    assert ease([(0, 1000), (5, 499)]) == [1000, 400]


def test_a_maximum_rises_after_thirty_seconds_to_the_lowest_seen() -> None:
    """A short dip while it waits is not forgotten."""
    assert ease([(0, 400), (5, 1000), (20, 700), (34, 1000), (35, 1000)]) == [400, 400, 400, 400, 700]


def test_a_maximum_that_falls_back_waits_anew() -> None:
    """Thirty seconds in a row."""
    assert ease([(0, 400), (5, 1000), (20, 400), (35, 1000), (64, 1000), (65, 1000)])[-2:] == [400, 1000]


def test_with_an_old_reading_a_maximum_does_not_rise() -> None:
    """Not even after a long time."""
    assert ease([(0, 400), (100, 1000), (200, 1000)], widening=False) == [400, 400, 400]


def test_a_minimum_rises_at_once() -> None:
    """Rounded up: what is needed, is needed now."""
    easing = Easing({}, NOON, 100.0, True, {})
    assert easing.least("it", 850) == 900


@pytest.mark.parametrize(("before", "needed"), [({}, 0), ({"it": Eased(-900.0)}, 900)])
def test_with_an_old_reading_a_minimum_stays(before: dict[str, Eased], needed: float) -> None:
    """Neither forgotten nor invented."""
    assert Easing(before, NOON, 100.0, False, {}).least("it", 5000) == needed


def test_a_small_change_of_a_wish_is_not_written() -> None:
    """Below 3 % of rated power a write is not worth it."""
    house = charging(3000)
    decision = house.set(force_charge_power_w=3299).cycle(after_s=120)
    assert (decision.act, codes(decision)[-1]) == (Act.LEAVE, "small_change")
    assert house.set(force_charge_power_w=3300).cycle().act is Act.APPLY


def test_a_small_change_of_a_target_is_not_written() -> None:
    """Nor is one below 2 % SOC."""
    house = House().set(force_charge_target_soc_pct=80).override("force_charge", from_grid=True)
    house.cycle()
    assert house.set(force_charge_target_soc_pct=81).cycle().act is Act.LEAVE
    assert house.set(force_charge_target_soc_pct=82).cycle().act is Act.APPLY


def test_a_limit_that_appears_is_no_small_change() -> None:
    """From no maximum to any is always worth it."""
    house = House()
    house.cycle()
    assert house.set(max_charge_w=9990).cycle().act is Act.APPLY


def test_a_limit_is_narrowed_by_the_smallest_amount() -> None:
    """What a limit demands is never too small."""
    house = charging(3000)
    decision = house.set(max_charge_w=2990).cycle()
    assert decision.act is Act.APPLY
    assert decision.command == command(CommandKind.CHARGE, power_w=2990, target_soc_pct=100)


def test_a_wish_waits_a_minute_after_the_last() -> None:
    """A discharge that may rise with the load does so once a minute at most."""
    house = selling()
    house.cycle(grid_power_w=0.0)
    house.cycle(grid_power_w=3000.0)
    acts = [house.cycle(grid_power_w=3000.0) for _ in range(11)]
    assert codes(acts[-2])[-1] == "minimum_time"
    assert [decision.act for decision in acts] == [Act.LEAVE] * 10 + [Act.APPLY]


def test_a_clock_set_back_makes_no_wish_wait_longer() -> None:
    """A minute that began in what is now the future is over."""
    house = selling()
    house.cycle(grid_power_w=0.0)
    house.cycle(grid_power_w=3000.0)
    house.see(now=NOON - timedelta(hours=1))
    acts = [house.cycle(grid_power_w=3000.0).act for _ in range(7)]
    assert acts == [Act.LEAVE] * 6 + [Act.APPLY]


def test_a_narrowing_waits_for_nothing() -> None:
    """Three seconds after the last write the load is gone: the sale goes down at once."""
    house = selling()
    house.cycle(grid_power_w=3000.0)
    decision = house.cycle(grid_power_w=0.0, after_s=3)
    assert (decision.act, decision.command and decision.command.power_w) == (Act.APPLY, 3000)


def test_what_breaks_a_limit_does_not_wait() -> None:
    """Serving the house was the last resort at the reserve; what ends that comes at once."""
    house = House().see(abilities=abilities(CommandKind.HOLD, CommandKind.IDLE, self_consume=BARE))
    house.set(backup_reserve_soc_pct=30, refill_reserve_from_grid=True, grid_charging=True)
    assert house.cycle(soc_pct=30.0).command == SERVE
    decision = house.cycle(soc_pct=28.0)
    assert (decision.act, decision.command and decision.command.kind) == (Act.APPLY, CommandKind.CHARGE)


def test_a_setting_of_the_owner_acts_at_once() -> None:
    """A person who turns a knob sees it turn."""
    house = charging(3000)
    assert house.set(force_charge_power_w=4000).cycle().act is Act.APPLY


def test_a_wish_that_is_not_confirmed_is_written_again_after_a_minute() -> None:
    """A device that did not take it is not hammered."""
    house = House()
    house.obeys = False
    decisions = [house.cycle() for _ in range(14)]
    assert [number for number, decision in enumerate(decisions) if decision.act is Act.APPLY] == [0, 12]
    assert codes(decisions[1])[-1] == "not_confirmed"


def test_a_narrowing_that_is_not_confirmed_is_written_again_sooner() -> None:
    """A limit is at stake."""
    house = charging(3000).set(max_charge_w=1000)
    house.obeys = False
    decisions = [house.cycle() for _ in range(5)]
    assert [number for number, decision in enumerate(decisions) if decision.act is Act.APPLY] == [0, 2, 4]


def test_a_spent_budget_ends_in_self_consumption() -> None:
    """The last write of the day is kept for it."""
    house = charging(3000).see(writes_left=1)
    decision = house.cycle()
    assert (decision.act, decision.command, codes(decision)[-1]) == (Act.APPLY, SERVE, "write_budget")


def test_a_budget_that_is_not_spent_keeps_nothing_back() -> None:
    """Two writes are left: one for the wish, one for the evening."""
    decision = House().see(writes_left=2).override("hold").cycle()
    assert (decision.act, decision.command) == (Act.APPLY, command(CommandKind.HOLD))


@pytest.mark.parametrize(("held", "wish"), [("self_consumption", "hold"), ("hold", "force_discharge")])
def test_with_no_write_left_wishes_stop(held: str, wish: str) -> None:
    """What is held stays, whatever is wished."""
    house = House()
    if held != house.settings.mode:
        house.override(held)
    before = house.cycle().command
    decision = house.see(writes_left=0).override(wish).cycle()
    assert (decision.act, decision.command, codes(decision)[-1]) == (Act.LEAVE, before, "write_budget")


def test_with_no_write_left_energy_is_no_longer_moved() -> None:
    """A charge is not left running over the day for lack of a write."""
    house = charging(3000).see(writes_left=0)
    decision = house.cycle()
    assert (decision.act, decision.command) == (Act.APPLY, SERVE)


def test_with_no_write_left_a_plant_of_its_own_is_not_taken() -> None:
    """Nothing is held, so nothing has to be ended."""
    assert House().see(writes_left=0).cycle().act is Act.LEAVE


def test_a_budget_never_delays_a_narrowing() -> None:
    """Limits are exempt."""
    house = House()
    house.cycle()
    decision = house.see(writes_left=0).cycle(soc_pct=45.0).act, house.cycle(soc_pct=40.0).act
    assert decision == (Act.LEAVE, Act.LEAVE)
    house.set(discharge_cutoff_soc_pct=40)
    decision_at_floor = house.cycle()
    assert (decision_at_floor.act, decision_at_floor.command) == (Act.APPLY, command(CommandKind.HOLD))


def test_a_broken_limit_is_no_way_round_the_budget() -> None:
    """What is held has to become less: it does not become what was wished for instead."""
    house = House()
    house.cycle()
    house.see(writes_left=0).set(max_discharge_w=1000).override("force_charge", from_grid=True)
    decision = house.cycle()
    assert (decision.act, codes(decision)[-1]) == (Act.APPLY, "write_budget")
    assert decision.command == command(CommandKind.SELF_CONSUME, max_discharge_w=1000)


def test_a_budget_never_keeps_the_plant_from_its_own_program() -> None:
    """Release is exempt."""
    house = House()
    house.cycle()
    assert house.see(writes_left=0).set(mode="device").cycle().act is Act.RELEASE


def test_a_release_that_a_mode_wants_is_tried_once_a_minute() -> None:
    """A deaf device again."""
    house = House()
    house.cycle()
    house.set(mode="device").obeys = False
    acts = [house.cycle().act for _ in range(14)]
    assert [number for number, act in enumerate(acts) if act is Act.RELEASE] == [0, 12]


def test_a_wish_that_failed_stays_the_wish_beside_a_command_that_is_held() -> None:
    """What is held in its place is not what was decided: else nobody would notice that it fails."""
    house = House()
    house.cycle()
    house.override("force_charge", from_grid=True).obeys = False
    decisions = [house.cycle() for _ in range(14)]
    assert [number for number, each in enumerate(decisions) if each.act is Act.APPLY] == [0, 12]
    assert {each.command.kind for each in decisions if each.command} == {CommandKind.CHARGE}
    assert "not_confirmed" in codes(decisions[1])


def test_a_last_resort_is_written_once() -> None:
    """Where a limit cannot be kept the plant is not told so in each cycle."""
    house = House().see(abilities=abilities(CommandKind.HOLD, CommandKind.IDLE, self_consume=BARE))
    assert house.cycle(soc_pct=10.0).act is Act.APPLY
    decision = house.cycle()
    assert (decision.act, decision.cannot_hold) == (Act.LEAVE, ("discharge_cutoff",))
