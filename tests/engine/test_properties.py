"""What holds for every plant, every setting and every series of readings."""

from dataclasses import dataclass, replace
from datetime import timedelta
import math
from typing import Any

from hypothesis import given, settings as profile, strategies as st

from custom_components.energy_storage.engine import (
    Act,
    ControlState,
    Decision,
    Inputs,
    Ownership,
    Settings,
    Site,
    step,
)
from custom_components.energy_storage.engine.command import (
    Ability,
    BatteryCommand,
    CommandKind,
    Ends,
    Guard,
    Limit,
    OutageSafe,
    Parameter,
    Unattended,
)
from custom_components.energy_storage.engine.plant import GridState, PlantState, Stage
from tests.engine.house import NOON, House, abilities, codes, command

FULL = Ability(offered=True, ends=Ends.SOC, outage_safe=OutageSafe.YES, obeys=frozenset(Parameter))
SELLS = (CommandKind.DISCHARGE, CommandKind.FEED_IN)
WATTS = st.one_of(st.none(), st.floats(0, 15_000))
SIGNED = st.one_of(st.none(), st.floats(-15_000, 15_000))
SOC = st.floats(0, 100)

ABILITY = st.builds(
    Ability,
    offered=st.booleans(),
    ends=st.sampled_from(Ends),
    unattended=st.sampled_from(Unattended),
    outage_safe=st.sampled_from(OutageSafe),
    obeys=st.frozensets(st.sampled_from(Parameter)),
)
ABILITIES = st.one_of(
    st.just(dict.fromkeys(CommandKind, FULL)),
    st.fixed_dictionaries(dict.fromkeys(CommandKind, ABILITY)),
)
SITE = st.builds(
    Site,
    main_fuse_a=st.one_of(st.none(), st.sampled_from((16.0, 25.0, 35.0))),
    phases=st.sampled_from((1, 3)),
    inverter_phase=st.sampled_from((None, 0, 2)),
    largest_load_w=WATTS,
    commandable_w=st.floats(0, 3000),
    backup_supply=st.sampled_from((None, True, False)),
)
SETTINGS = st.builds(
    Settings,
    control=st.just(ControlState.ON),
    mode=st.sampled_from(("self_consumption", "standby", "device")),
    charge_cutoff_soc_pct=st.sampled_from((80.0, 100.0)),
    discharge_cutoff_soc_pct=st.sampled_from((5.0, 20.0)),
    backup_reserve_soc_pct=st.sampled_from((0.0, 30.0, 60.0)),
    max_charge_w=WATTS,
    max_discharge_w=WATTS,
    export_limit_w=WATTS,
    import_limit_w=WATTS,
    grid_charging=st.booleans(),
    refill_reserve_from_grid=st.booleans(),
    unattended_consent=st.booleans(),
    outage_consent=st.booleans(),
)
GUARDS = st.fixed_dictionaries(dict.fromkeys(Limit, st.sampled_from(Guard)))
OVERRIDES = st.sampled_from((None, "force_charge", "force_discharge", "hold"))


@dataclass(frozen=True)
class Moment:
    """What happens in one cycle."""

    soc_step: float
    grid_w: float | None
    phases: tuple[float | None, float | None, float | None]
    battery_w: float | None
    pv_w: float | None
    grid_state: GridState
    after_s: float
    read: bool
    obeyed: bool


MOMENTS = st.lists(
    st.builds(
        Moment,
        soc_step=st.floats(-4, 4),
        grid_w=SIGNED,
        phases=st.tuples(SIGNED, SIGNED, SIGNED),
        battery_w=SIGNED,
        pv_w=WATTS,
        grid_state=st.sampled_from(GridState),
        after_s=st.sampled_from((1, 5, 20, 45, 70)),
        read=st.booleans(),
        obeyed=st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def houses(draw: st.DrawFn) -> House:
    """Give any house, with any override."""
    inputs = Inputs(
        now=NOON,
        plant=PlantState(
            read_at=NOON,
            soc_pct=draw(SOC),
            rated_power_w=draw(st.sampled_from((None, 5000.0, 10_000.0))),
            grid_state=GridState.ON_GRID,
        ),
        abilities=draw(ABILITIES),
        guards=draw(GUARDS),
        site=draw(SITE),
        react_s=draw(st.sampled_from((None, 5.0, 60.0))),
    )
    house = House(settings=draw(SETTINGS), inputs=inputs)
    kind = draw(OVERRIDES)
    if kind is not None:
        house.override(kind, from_grid=draw(st.sampled_from((None, True, False))))
    return house


def live(house: House, moment: Moment) -> tuple[Inputs, Decision]:
    """Go through one moment; give what was seen and what was decided."""
    house.obeys = moment.obeyed
    soc = min(100.0, max(0.0, (house.inputs.plant.soc_pct or 0.0) + moment.soc_step))
    before = house.inputs
    plant: dict[str, Any] = {}
    if moment.read:
        plant = {
            "soc_pct": soc,
            "grid_power_w": moment.grid_w,
            "grid_phase_power_w": moment.phases,
            "battery_power_w": moment.battery_w,
            "pv_power_w": moment.pv_w,
            "grid_state": moment.grid_state,
        }
    decision = house.cycle(after_s=moment.after_s, read=moment.read, **plant)
    return replace(house.inputs, held=before.held, ownership=before.ownership), decision


def sells(given: BatteryCommand | None) -> float:
    """Give the most that a command sells."""
    if given is None or given.kind not in SELLS:
        return 0.0
    return math.inf if given.power_w is None else given.power_w


def buys(given: BatteryCommand | None) -> float:
    """Give the most that a command charges from the grid."""
    if given is None or given.kind is not CommandKind.CHARGE:
        return 0.0
    return math.inf if given.power_w is None else given.power_w


def may_give(given: BatteryCommand | None) -> bool:
    """Tell whether a command lets the battery discharge."""
    if given is None or given.kind in (CommandKind.HOLD, CommandKind.IDLE, CommandKind.CHARGE):
        return False
    return given.max_discharge_w != 0


@given(houses(), MOMENTS)
def test_never_below_the_floor(house: House, moments: list[Moment]) -> None:
    """At the floor nothing lets the battery give, or it is said that nothing can keep it."""
    for moment in moments:
        seen, decision = live(house, moment)
        soc, floor = seen.plant.soc_pct, decision.floor_soc_pct
        if decision.act is not Act.APPLY or floor is None or soc is None or soc > floor:
            continue
        assert sells(decision.command) == 0
        device = Guard.DEVICE in (
            decision.guards.get(Limit.DISCHARGE_CUTOFF),
            decision.guards.get(Limit.BACKUP_RESERVE),
        )
        if may_give(decision.command) and not device:
            assert decision.cannot_hold


@given(houses(), MOMENTS)
def test_never_from_the_grid_when_forbidden(house: House, moments: list[Moment]) -> None:
    """Neither the switch nor the person allowed it: no command charges from the grid."""
    override = house.memory.lasting.override
    for moment in moments:
        _, decision = live(house, moment)
        mine = override.from_grid if override is not None and decision.mode == override.kind else None
        allowed = house.settings.grid_charging if mine is None else mine
        if decision.act is Act.APPLY and not allowed:
            assert buys(decision.command) == 0


@given(houses(), MOMENTS, st.floats(0, 15_000))
def test_a_tighter_export_limit_never_sells_more(house: House, moments: list[Moment], tighter: float) -> None:
    """The flow that a limit forbids does not grow when the limit shrinks."""
    for moment in moments:
        live(house, moment)
    limit = house.settings.export_limit_w
    narrow = replace(house.settings, export_limit_w=tighter if limit is None else min(limit, tighter))
    now = replace(house.inputs, held=None, ownership=Ownership.FREE)
    wide, _ = step(now, house.settings, house.memory)
    tight, _ = step(now, narrow, house.memory)
    if tight.guards.get(Limit.EXPORT) is not Guard.DEVICE:
        assert sells(tight.command) <= sells(wide.command)


@given(houses(), MOMENTS, st.floats(0, 15_000))
def test_a_tighter_import_limit_never_buys_more(house: House, moments: list[Moment], tighter: float) -> None:
    """The same for the grid's other direction."""
    for moment in moments:
        live(house, moment)
    limit = house.settings.import_limit_w
    narrow = replace(house.settings, import_limit_w=tighter if limit is None else min(limit, tighter))
    now = replace(house.inputs, held=None, ownership=Ownership.FREE)
    wide, _ = step(now, house.settings, house.memory)
    tight, _ = step(now, narrow, house.memory)
    assert buys(tight.command) <= buys(wide.command)


@given(houses(), MOMENTS, st.floats(1, 30))
def test_a_smaller_fuse_never_carries_more(house: House, moments: list[Moment], smaller: float) -> None:
    """Whatever the way in which it is guarded."""
    for moment in moments:
        live(house, moment)
    house.set(max_charge_w=None)
    fuse = house.inputs.site.main_fuse_a
    now = replace(house.inputs, held=None, ownership=Ownership.FREE)
    small = replace(now.site, main_fuse_a=smaller if fuse is None else min(fuse, smaller))
    wide, _ = step(now, house.settings, house.memory)
    tight, _ = step(replace(now, site=small), house.settings, house.memory)
    if wide.guards.get(Limit.MAIN_FUSE) is tight.guards.get(Limit.MAIN_FUSE):
        assert buys(tight.command) <= buys(wide.command)


@given(houses(), MOMENTS)
def test_the_same_inputs_decide_the_same(house: House, moments: list[Moment]) -> None:
    """Nothing hides."""
    for moment in moments:
        live(house, moment)
    assert step(house.inputs, house.settings, house.memory) == step(
        house.inputs, house.settings, house.memory
    )


@given(houses(), MOMENTS)
def test_stale_never_widens(house: House, moments: list[Moment]) -> None:
    """With an old reading nothing flows that did not flow before."""
    for moment in moments:
        seen, decision = live(house, moment)
        off_grid = seen.plant.grid_state in (GridState.OFF_GRID, GridState.OFF_GRID_BY_HAND)
        if decision.stage is not Stage.STALE or decision.act is Act.LEAVE or off_grid:
            continue
        assert seen.held is not None
        assert buys(decision.command) <= buys(seen.held)
        assert sells(decision.command) <= sells(seen.held)
        assert may_give(seen.held) or not may_give(decision.command)


@given(houses(), MOMENTS)
def test_lost_always_ends_in_a_safe_command(house: House, moments: list[Moment]) -> None:
    """Two minutes without a reading: on its own program, or at what is safe alone."""
    for moment in moments:
        live(house, moment)
    house.obeys = True
    for _ in range(3):
        last = house.cycle(after_s=61, read=False)
    assert last.stage is Stage.LOST
    held = house.inputs.held
    assert held is None or house.inputs.abilities[held.kind].unattended is Unattended.SAFE


@given(houses(), MOMENTS)
def test_commands_stay_within_the_abilities(house: House, moments: list[Moment]) -> None:
    """What a plant does not offer or does not obey is never written, nor what needs a consent."""
    for moment in moments:
        seen, decision = live(house, moment)
        if decision.act is not Act.APPLY:
            continue
        assert decision.command is not None
        ability = seen.abilities[decision.command.kind]
        assert ability.offered
        assert ability.unattended is not Unattended.UNSAFE or house.settings.unattended_consent
        for parameter in set(Parameter) - ability.obeys:
            assert getattr(decision.command, parameter.value) is None


@given(houses(), MOMENTS)
def test_in_an_outage_only_what_serves_the_house_is_written(house: House, moments: list[Moment]) -> None:
    """On grid loss whatever may leave it dark goes at once."""
    for moment in moments:
        seen, decision = live(house, moment)
        if seen.plant.grid_state is GridState.OFF_GRID and decision.act is Act.APPLY:
            assert decision.command is not None
            assert seen.abilities[decision.command.kind].outage_safe is OutageSafe.YES


@given(houses(), MOMENTS)
def test_shadow_and_off_never_apply(house: House, moments: list[Moment]) -> None:
    """Whatever happens."""
    for control in (ControlState.SHADOW, ControlState.OFF):
        house.set(control=control)
        for moment in moments:
            assert live(house, moment)[1].act is Act.LEAVE


@given(st.lists(st.floats(-9000, 9000), min_size=60, max_size=60), st.floats(0, 9000))
@profile(max_examples=40)
def test_writes_stay_within_their_pace_except_what_narrows(loads: list[float], limit: float) -> None:
    """A wild house: between two widening writes there is a minute."""
    house = House().override("force_discharge", power_w=9000, floor_soc_pct=10).set(export_limit_w=limit)
    last, widened = math.inf, NOON - timedelta(hours=1)
    for load in loads:
        decision = house.cycle(grid_power_w=load)
        if decision.act is Act.APPLY:
            sold = sells(decision.command)
            if sold > last:
                assert house.inputs.now - widened >= timedelta(seconds=60)
                widened = house.inputs.now
            last = sold


@given(st.integers(0, 5), MOMENTS)
def test_writes_stay_within_the_budget_except_what_narrows(budget: int, moments: list[Moment]) -> None:
    """Once spent, only limits write."""
    house = House().see(writes_left=budget)
    for number, moment in enumerate(moments):
        house.override(("hold", "force_discharge")[number % 2])
        seen, decision = live(house, moment)
        left = house.inputs.writes_left or 0
        if decision.act is Act.APPLY:
            if left == 0:
                assert seen.held is not None
                assert sells(decision.command) <= sells(seen.held)
            house.see(writes_left=max(0, left - 1))


def test_the_properties_see_commands_that_matter() -> None:
    """The houses above do charge, sell and stop: what is proved is not proved of nothing."""
    house = House().see(abilities=abilities()).override("force_charge", from_grid=True)
    assert buys(house.cycle().command) > 0
    assert sells(house.override("force_discharge").cycle().command) > 0
    assert codes(house.override("hold").cycle()) == ["hold"]
    assert not may_give(command(CommandKind.HOLD))
