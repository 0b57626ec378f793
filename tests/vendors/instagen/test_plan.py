"""What an Instagen plant is told for each command: the rows of the command table, and every refusal."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.vendors.control import DeviceLimits
from custom_components.energy_storage.vendors.instagen.plan import Situation, plan, release_program
from custom_components.energy_storage.vendors.instagen.user_set import BatteryMode, UserSet, check
from custom_components.energy_storage.vendors.instagen.write_guards import Reading
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.vendors.instagen.situations import (
    CHARGE,
    DISCHARGE,
    FACTS,
    FEED_IN,
    HOLD,
    ISLAND,
    NOW,
    READING,
    RELEASE,
    SELF,
    SHAVE,
    at,
    economy,
    force_charge,
    force_discharge,
    full_backup,
    mode_1,
    peak_shaving,
    told,
)

GIVING = replace(READING, battery_w=800)


def refusal(command: BatteryCommand, now: Situation) -> str:
    """Give the code with which a command is refused."""
    with pytest.raises(CommandRefusedError) as refused:
        plan(command, now)
    return refused.value.code


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (SELF, mode_1(20)),
        (HOLD, mode_1(54)),
        (CHARGE, force_charge(90, 500)),
        (DISCHARGE, force_discharge(30, 500)),
        (FEED_IN, force_discharge(20, 1000)),
        (SHAVE, peak_shaving(25, 2_000)),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, BatteryCommand) else "",
)
def test_a_command_is_one_whole_program(command: BatteryCommand, program: UserSet) -> None:
    """The table of commands: one message with all parameters of its mode."""
    assert plan(command, at()) == program
    check(program)


def test_island_needs_an_expert() -> None:
    """Mode 4 is told only where the owner has allowed it."""
    assert refusal(ISLAND, at()) == "island_not_allowed"
    allowed = at(facts=replace(FACTS, island_allowed=True))
    assert plan(ISLAND, allowed) == UserSet(mode=BatteryMode.OFF_GRID)


def test_idle_is_not_offered() -> None:
    """No mode keeps the battery from both."""
    assert refusal(BatteryCommand(kind=CommandKind.IDLE), at()) == "no_command"


@pytest.mark.parametrize(
    ("limits", "reserve"),
    [
        ({}, 10),
        ({Limit.DISCHARGE_CUTOFF: 5}, 10),
        ({Limit.DISCHARGE_CUTOFF: 12.5}, 13),
        ({Limit.DISCHARGE_CUTOFF: 15, Limit.BACKUP_RESERVE: 40.2}, 41),
        ({Limit.BACKUP_RESERVE: 100}, 100),
    ],
)
def test_the_reserve_keeps_the_owners_floors(limits: DeviceLimits, reserve: int) -> None:
    """The higher of both, rounded up, and never below what the device can have."""
    assert plan(SELF, at(limits=limits)) == mode_1(reserve)


@pytest.mark.parametrize(
    ("watts", "share"), [(4_600, 1000), (9_000, 1000), (2_302.2, 500), (2_304.6, 501), (4.6, 1), (None, 1000)]
)
def test_watts_are_rounded_down_to_a_share_of_rated_power(watts: float | None, share: int) -> None:
    """Steps of 0.1 % of 4600 W, never more than was asked for."""
    assert plan(replace(CHARGE, power_w=watts), at()) == force_charge(90, share)
    assert plan(replace(DISCHARGE, power_w=watts), at()) == force_discharge(30, share)


def test_less_than_a_step_is_refused() -> None:
    """Not rounded up to one."""
    assert refusal(replace(CHARGE, power_w=4.5), at()) == "below_minimum"


def test_a_power_needs_the_rating() -> None:
    """Without it nobody knows what a share is; all there is can be told all the same."""
    unknown = replace(FACTS, rated_w=None)
    assert refusal(CHARGE, at(facts=unknown)) == "ratings_unknown"
    assert plan(replace(CHARGE, power_w=None), at(facts=unknown)) == force_charge(90, 1000)


def test_a_forced_mode_always_has_its_end() -> None:
    """There is no timer: without a target it is the full battery, without a floor the owner's."""
    assert plan(replace(CHARGE, target_soc_pct=None), at()) == force_charge(100, 500)
    assert plan(replace(DISCHARGE, floor_soc_pct=None), at()) == force_discharge(20, 500)
    assert plan(replace(DISCHARGE, floor_soc_pct=5), at()) == force_discharge(20, 500)


def test_ends_round_to_the_safe_side() -> None:
    """A target down, a floor up."""
    assert plan(replace(CHARGE, target_soc_pct=80.9), at()) == force_charge(80, 500)
    assert plan(replace(DISCHARGE, floor_soc_pct=30.1), at()) == force_discharge(31, 500)


def test_an_end_that_is_reached_is_refused() -> None:
    """Told to charge to less than it has, nobody knows what the plant does."""
    assert refusal(replace(CHARGE, target_soc_pct=55), at()) == "target_reached"
    assert refusal(replace(DISCHARGE, floor_soc_pct=54.5), at()) == "soc_at_floor"
    assert refusal(replace(SHAVE, floor_soc_pct=55), at()) == "soc_at_floor"
    nearly = replace(READING, soc_pct=55.5)
    assert refusal(replace(DISCHARGE, floor_soc_pct=55), at(reading=nearly)) == "soc_at_floor"


def test_an_end_that_was_told_is_kept() -> None:
    """At its target or floor the plant stays there by itself, and its power can still change."""
    full = replace(READING, soc_pct=90)
    assert plan(CHARGE, at(told(force_charge(90, 500)), reading=full)) is None
    assert plan(replace(CHARGE, power_w=1_150), at(told(force_charge(90, 500)), reading=full)) == (
        force_charge(90, 250)
    )
    empty = replace(READING, soc_pct=30)
    assert plan(DISCHARGE, at(told(force_discharge(30, 500)), reading=empty)) is None


def test_a_target_below_the_lowest_is_refused() -> None:
    """The device has none."""
    low = replace(READING, soc_pct=5)
    assert refusal(replace(CHARGE, target_soc_pct=9), at(reading=low)) == "below_minimum"


@pytest.mark.parametrize("command", [HOLD, CHARGE, DISCHARGE, SHAVE])
def test_a_soc_that_is_unknown_stops_what_needs_it(command: BatteryCommand) -> None:
    """Self-consumption needs none."""
    blind = replace(READING, soc_pct=None)
    assert refusal(command, at(reading=blind)) == "soc_unknown"
    assert plan(SELF, at(reading=blind)) == mode_1(20)


@pytest.mark.parametrize(
    ("reading", "reserve"),
    [
        (READING, 54),
        (GIVING, 53),
        (replace(READING, battery_w=None), 53),
        (replace(READING, soc_pct=55.9), 54),
        (replace(READING, soc_pct=21), 20),
        (replace(READING, soc_pct=18), 20),
        (replace(READING, soc_pct=100), 99),
    ],
)
def test_hold_is_a_reserve_just_below_the_soc(reading: Reading, reserve: int) -> None:
    """Rounded down: above the SOC it might charge from the grid. The owner's floor stays a floor."""
    assert plan(HOLD, at(reading=reading)) == mode_1(reserve)


def test_hold_needs_a_fresh_soc() -> None:
    """One that is two minutes old may be far above the one now; a clock set back makes none fresh."""
    assert refusal(HOLD, at(reading=replace(READING, soc_age_s=121))) == "needs_fresh_soc"
    assert refusal(HOLD, at(reading=replace(READING, soc_age_s=-1))) == "needs_fresh_soc"


def test_below_the_lowest_reserve_hold_is_not_offered() -> None:
    """The battery gives nothing there in self-consumption anyway."""
    low = replace(READING, soc_pct=9)
    assert refusal(HOLD, at(reading=low, facts=replace(FACTS, soc_pct=9))) == "soc_below_reserves"
    assert plan(SELF, at(reading=low)) == mode_1(20)
    assert refusal(HOLD, at(reading=low)) == "soc_too_low"


@pytest.mark.parametrize(
    ("soc", "ago_s", "reserve"),
    [
        (50, 9_999, None),
        (54.9, 9_999, None),
        (55, 9_999, 54),
        (70, 599, None),
        (70, 600, 69),
        (48, 9_999, None),
        (44.9, 9_999, 43),
    ],
)
def test_hold_follows_the_soc_upwards_in_steps(soc: float, ago_s: float, reserve: int | None) -> None:
    """5 % and 10 minutes; a battery that stands at its reserve is left there, for lowered it never stops."""
    held = told(mode_1(50), CommandKind.HOLD, ago_s=ago_s)
    wanted = None if reserve is None else mode_1(reserve)
    assert plan(HOLD, at(held, reading=replace(READING, soc_pct=soc))) == wanted


def test_hold_goes_on_without_a_soc() -> None:
    """What is held holds; a reserve that the owner has raised meanwhile is a reason to ask for one."""
    blind = replace(READING, soc_pct=None)
    assert plan(HOLD, at(told(mode_1(50), CommandKind.HOLD), reading=blind)) is None
    assert refusal(HOLD, at(told(mode_1(15), CommandKind.HOLD), reading=blind)) == "soc_unknown"


def test_a_reserve_that_holds_already_is_not_told_again() -> None:
    """Of another command: only one that lies where a new one would."""
    assert plan(HOLD, at(told(mode_1(54), CommandKind.SELF_CONSUME))) is None
    assert plan(HOLD, at(told(mode_1(50), CommandKind.SELF_CONSUME))) == mode_1(54)
    assert plan(HOLD, at(told(mode_1(60), CommandKind.SELF_CONSUME))) == mode_1(54)


def test_a_program_that_was_told_is_not_told_again() -> None:
    """Messages wear the device out."""
    assert plan(SELF, at(told(mode_1(20)))) is None
    assert plan(CHARGE, at(told(force_charge(90, 500)))) is None


def test_what_is_not_certain_is_told_again() -> None:
    """A release may have been undone in the app; what was not carried out is tried again, later each time."""
    assert plan(SELF, at(told(mode_1(20), certain=False))) == mode_1(20)
    later = told(mode_1(20), certain=False, again_at=NOW + timedelta(seconds=1))
    assert plan(SELF, at(later)) is None
    assert plan(SELF, at(replace(later, again_at=NOW))) == mode_1(20)


def test_a_maximum_of_power_is_refused() -> None:
    """There is no such knob; the reserve is all there is."""
    for command in (
        replace(SELF, max_charge_w=0.0),
        replace(SELF, max_discharge_w=500.0),
        replace(HOLD, max_charge_w=1_000.0),
        replace(CHARGE, max_charge_w=1_000.0),
    ):
        assert refusal(command, at()) == "no_ceilings"


def test_peak_shaving_does_not_fill_the_battery_from_the_grid() -> None:
    """Its peak SOC lies at the floor: up to it the plant would charge with what the maximum leaves."""
    program = plan(SHAVE, at())
    assert program is not None
    assert program.peak_max_soc == program.reserve_soc == 25


def test_peak_shaving_needs_its_maximum() -> None:
    """Rounded down to watts."""
    assert refusal(replace(SHAVE, max_import_w=None), at()) == "load_unknown"
    assert plan(replace(SHAVE, max_import_w=1_999.9), at()) == peak_shaving(25, 1_999)


def test_a_refused_mode_is_not_asked_for_again() -> None:
    """The refusal is remembered, and told as the reason."""
    refused = replace(FACTS, refused=frozenset({BatteryMode.PEAK_SHAVING}))
    assert refusal(SHAVE, at(facts=refused)) == "mode_refused"
    assert plan(CHARGE, at(facts=refused)) == force_charge(90, 500)


def test_a_plant_without_a_battery_is_told_nothing() -> None:
    """Nor one whose stick serves several inverters: nobody knows how they share a message."""
    assert refusal(SELF, at(facts=replace(FACTS, has_battery=False))) == "no_battery"
    assert refusal(SELF, at(facts=replace(FACTS, inverters=2))) == "parallel_unproven"


@pytest.mark.parametrize("command", [CHARGE, DISCHARGE, FEED_IN, SHAVE])
def test_without_the_grid_nothing_is_forced(command: BatteryCommand) -> None:
    """Nobody knows what those modes do in an outage; self-consumption and its reserve are made for one."""
    outage = replace(READING, off_grid=True)
    assert refusal(command, at(reading=outage)) == "grid_lost"
    assert plan(SELF, at(reading=outage)) == mode_1(20)
    assert plan(HOLD, at(reading=outage)) == mode_1(54)


def test_one_message_a_minute() -> None:
    """A wish waits; a moment in the future means that a clock was set back."""
    assert refusal(CHARGE, at(told(mode_1(20), ago_s=59))) == "write_spacing"
    assert plan(CHARGE, at(told(mode_1(20), ago_s=60))) == force_charge(90, 500)
    assert plan(CHARGE, at(told(mode_1(20), ago_s=-500))) == force_charge(90, 500)


def test_forty_messages_a_day() -> None:
    """Then only what narrows, or ends a forced mode."""
    spent = told(mode_1(20), writes_left=0)
    assert refusal(CHARGE, at(spent)) == "write_budget"
    assert plan(HOLD, at(spent)) == mode_1(54)


@pytest.mark.parametrize(
    ("command", "program", "before"),
    [
        (SELF, mode_1(20), force_charge()),
        (SELF, mode_1(20), force_discharge()),
        (SELF, mode_1(20), peak_shaving()),
        (HOLD, mode_1(54), force_charge()),
        (HOLD, mode_1(54), mode_1(20)),
        (replace(CHARGE, power_w=1_150), force_charge(90, 250), force_charge(90, 500)),
        (replace(CHARGE, target_soc_pct=80), force_charge(80, 500), force_charge(90, 500)),
        (replace(DISCHARGE, floor_soc_pct=40), force_discharge(40, 500), force_discharge(30, 500)),
        (replace(DISCHARGE, power_w=1_150), force_discharge(30, 250), force_discharge(30, 500)),
    ],
)
def test_what_narrows_never_waits(command: BatteryCommand, program: UserSet, before: UserSet) -> None:
    """A limit is not delayed by what wears the device out."""
    assert plan(command, at(told(before, ago_s=3, writes_left=0))) == program


@pytest.mark.parametrize(
    ("command", "before"),
    [
        (SELF, mode_1(54)),
        (CHARGE, mode_1(20)),
        (CHARGE, force_charge(80, 500)),
        (CHARGE, force_charge(90, 250)),
        (DISCHARGE, force_discharge(40, 500)),
        (DISCHARGE, force_charge()),
        (SHAVE, force_charge()),
        (SHAVE, mode_1(20)),
        (replace(CHARGE, target_soc_pct=95, power_w=100), force_charge(90, 500)),
    ],
)
def test_what_widens_waits(command: BatteryCommand, before: UserSet) -> None:
    """In power, in direction, or in where it ends."""
    assert refusal(command, at(told(before, ago_s=3))) == "write_spacing"


def test_of_several_that_may_run_all_count() -> None:
    """Ending whatever may be forced never waits; a wish again does."""
    doubt = replace(told(None, ago_s=3), may_run=(mode_1(54), force_charge()))
    assert plan(SELF, at(doubt)) == mode_1(20)
    assert refusal(CHARGE, at(doubt)) == "write_spacing"
    assert refusal(CHARGE, at(replace(doubt, may_run=(force_charge(90, 500),)))) == "write_spacing"
    either = replace(doubt, may_run=(force_charge(95, 800), mode_1(54)))
    assert refusal(CHARGE, at(either)) == "write_spacing"
    assert plan(CHARGE, at(replace(either, may_run=(force_charge(95, 800),)))) == force_charge(90, 500)


def test_a_release_is_self_consumption_with_the_owners_reserve() -> None:
    """Or the program that the owner has named."""
    assert release_program(None, at()) == mode_1(20)
    assert release_program(economy(), at()) == economy()
    assert release_program(mode_1(35), at()) == mode_1(35)


@pytest.mark.parametrize("program", [force_charge(), force_discharge(), peak_shaving(), full_backup()])
def test_a_plant_is_never_left_alone_with_anything_else(program: UserSet) -> None:
    """Whatever the options say."""
    with pytest.raises(ValueError, match="no program to be left alone with"):
        release_program(program, at())


def test_a_release_is_not_planned_as_a_command() -> None:
    """It has a way of its own, which never refuses."""
    with pytest.raises(KeyError):
        plan(RELEASE, at())


WATTS = st.none() | st.floats(0, 20_000)
PERCENT = st.none() | st.floats(0, 100)
COMMANDS = st.builds(
    BatteryCommand,
    kind=st.sampled_from([kind for kind in CommandKind if kind is not CommandKind.RELEASE]),
    power_w=WATTS,
    target_soc_pct=PERCENT,
    floor_soc_pct=PERCENT,
    max_import_w=st.none() | st.floats(0, 1e6),
)
BEFORE = st.none() | st.sampled_from(
    [mode_1(10), mode_1(54), force_charge(), force_discharge(), peak_shaving(), economy()]
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Draw a situation: what was told, what is read, and the owner's reserve."""
    soc = draw(st.none() | st.floats(0, 100))
    return at(
        told(
            draw(BEFORE),
            draw(st.sampled_from([CommandKind.SELF_CONSUME, CommandKind.HOLD])),
            ago_s=draw(st.floats(0, 200)),
            writes_left=draw(st.integers(0, 3)),
        ),
        reading=Reading(soc_pct=soc, soc_age_s=draw(st.floats(0, 300)), battery_w=0),
        facts=replace(FACTS, soc_pct=soc, island_allowed=True),
        limits={Limit.BACKUP_RESERVE: draw(st.floats(0, 100))},
    )


@settings(deadline=None)
@given(command=COMMANDS, now=situations())
def test_whatever_is_told_keeps_the_rules(command: BatteryCommand, now: Situation) -> None:
    """Whole, in range, with an end that lies on the right side of the SOC, and never an owner's mode."""
    try:
        program = plan(command, now)
    except CommandRefusedError:
        return
    if program is None:
        return
    soc, before, reserve = now.reading.soc_pct, now.told.program, now.limits[Limit.BACKUP_RESERVE]
    check(program)
    assert program.mode in {1, 4, 5, 6, 7}
    end = program.reserve_soc
    if program.mode in {6, 7}:
        assert end is not None
        assert end >= reserve
        assert soc is not None
        assert end < soc or (before is not None and before.reserve_soc == end)
    if program.mode == BatteryMode.FORCE_CHARGE and command.target_soc_pct is not None:
        assert end is not None
        assert end <= command.target_soc_pct
    if command.kind is CommandKind.HOLD:
        assert end is not None
        assert soc is not None
        assert end <= max(soc, reserve + 1, 10)
    if (
        command.power_w is not None
        and program.max_power is not None
        and command.kind
        in {
            CommandKind.CHARGE,
            CommandKind.DISCHARGE,
        }
    ):
        assert program.max_power * 4.6 <= command.power_w + 1e-3
