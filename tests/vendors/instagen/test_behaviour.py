"""What a battery should be doing under a program: a plant that obeys never contradicts it."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.engine.plant import GridState
from custom_components.energy_storage.vendors.instagen.behaviour import (
    Agreement,
    Seen,
    agreement,
    expected,
    opposite,
    seen_in,
)
from custom_components.energy_storage.vendors.instagen.user_set import BatteryMode, UserSet
from tests.vendors.instagen.situations import (
    RATED_W,
    economy,
    force_charge,
    force_discharge,
    full_backup,
    mode_1,
    peak_shaving,
    state,
)

AGREES, CONTRADICTS, UNCLEAR = Agreement.AGREES, Agreement.CONTRADICTS, Agreement.UNCLEAR
EVENING = Seen(
    battery_w=1_000, deficit_w=1_000, soc_pct=55, rated_w=RATED_W, can_give_w=5_000, can_take_w=5_000
)
"""The battery serves the house."""


def seen(battery_w: float, deficit_w: float = 1_000, soc_pct: float = 55) -> Seen:
    """Build what is seen in the evening, or with a surplus where the deficit is negative."""
    return replace(
        EVENING,
        battery_w=battery_w,
        deficit_w=deficit_w,
        soc_pct=soc_pct,
        pv_w=max(0.0, 500.0 - deficit_w),
    )


@pytest.mark.parametrize(
    ("program", "what", "says"),
    [
        # Self-consumption serves the house down to its reserve, and never charges from the grid.
        (mode_1(20), seen(1_000), AGREES),
        (mode_1(20), seen(0), CONTRADICTS),
        (mode_1(20), seen(3_000), CONTRADICTS),
        (mode_1(20), seen(-2_000), CONTRADICTS),
        (mode_1(20), seen(-1_500, -1_500), AGREES),
        (mode_1(20), seen(0, -1_500), AGREES),
        (mode_1(20), seen(-3_000, -1_500), CONTRADICTS),
        (mode_1(20), seen(1_000, -1_500), CONTRADICTS),
        # At its reserve it may do the one or the other, below it it gives nothing.
        (mode_1(55), seen(0), AGREES),
        (mode_1(55), seen(1_000), AGREES),
        (mode_1(60), seen(0), AGREES),
        (mode_1(60), seen(1_000), CONTRADICTS),
        (mode_1(60), seen(-2_000), CONTRADICTS),
        (mode_1(20), seen(-2_000, soc_pct=14), AGREES),
        (force_discharge(30), seen(-2_000, soc_pct=14), AGREES),
        (force_discharge(30), seen(-2_000, soc_pct=25), CONTRADICTS),
        # A forced charge, and what it does at its end.
        (force_charge(90, 500), seen(-2_300), AGREES),
        (force_charge(90, 500), seen(0), CONTRADICTS),
        (force_charge(90, 500), seen(1_000), CONTRADICTS),
        (force_charge(90, 500), seen(-4_600), CONTRADICTS),
        (force_charge(90, 500), seen(-4_000, -4_000), AGREES),
        (force_charge(90, 500), seen(0, soc_pct=89.5), AGREES),
        (force_charge(90, 500), seen(0, soc_pct=95), AGREES),
        (force_charge(90, 500), seen(-2_300, soc_pct=95), CONTRADICTS),
        (force_charge(99, 500), seen(-300, soc_pct=95), AGREES),
        # A forced discharge, and what it does at its end.
        (force_discharge(30, 500), seen(2_300), AGREES),
        (force_discharge(30, 500), seen(0), CONTRADICTS),
        (force_discharge(30, 500), seen(-2_000), CONTRADICTS),
        (force_discharge(30, 500), seen(4_600), CONTRADICTS),
        (force_discharge(30, 500), seen(0, soc_pct=30), AGREES),
        (force_discharge(30, 500), seen(0, soc_pct=25), AGREES),
        (force_discharge(30, 500), seen(2_300, soc_pct=25), CONTRADICTS),
        (force_discharge(30, 500), seen(200, -4_000), AGREES),
        # Peak shaving gives what is too much.
        (peak_shaving(25, 2_000), seen(2_000, 4_000), AGREES),
        (peak_shaving(25, 2_000), seen(0, 1_000), AGREES),
        (peak_shaving(25, 2_000), seen(0, 4_000), CONTRADICTS),
        (peak_shaving(25, 2_000), seen(4_600, 1_000), CONTRADICTS),
        (peak_shaving(25, 2_000, fill=70), seen(-1_000, 1_000), AGREES),
        (peak_shaving(25, 2_000), seen(-2_000, 1_000), CONTRADICTS),
        # The owner's own programs are not judged.
        (economy(), seen(-4_000), UNCLEAR),
        (full_backup(), seen(-4_000), UNCLEAR),
        (UserSet(mode=BatteryMode.OFF_GRID), seen(1_000), UNCLEAR),
        (UserSet(), seen(1_000), UNCLEAR),
    ],
)
def test_a_reading_speaks_for_or_against_a_program(program: UserSet, what: Seen, says: Agreement) -> None:
    """One row each."""
    assert agreement(program, what) is says


def test_between_agreeing_and_contradicting_nothing_is_said() -> None:
    """Battery and loads are not measured in one moment."""
    tolerance = EVENING.tolerance_w
    assert tolerance == 230
    assert agreement(mode_1(20), seen(1_000 + tolerance)) is AGREES
    assert agreement(mode_1(20), seen(1_001 + tolerance)) is UNCLEAR
    assert agreement(mode_1(20), seen(1_000 + 2 * tolerance)) is UNCLEAR
    assert agreement(mode_1(20), seen(1_001 + 2 * tolerance)) is CONTRADICTS
    assert replace(EVENING, rated_w=1_000).tolerance_w == 150


@pytest.mark.parametrize("can_w", [None, 0, 499])
def test_a_battery_that_limits_itself_may_do_nothing(can_w: float | None) -> None:
    """Too cold, balancing, or nobody knows: that it does nothing speaks against no program."""
    idle = replace(seen(0), can_give_w=can_w, can_take_w=can_w)
    assert agreement(mode_1(20), idle) is AGREES
    assert agreement(force_charge(), idle) is AGREES
    assert agreement(force_discharge(), idle) is AGREES
    assert agreement(force_charge(), replace(idle, battery_w=1_000)) is CONTRADICTS
    assert agreement(force_discharge(), replace(idle, battery_w=-1_000)) is CONTRADICTS


def test_a_full_inverter_leaves_a_forced_discharge_no_room() -> None:
    """The sun comes first; what does not fit charges the battery."""
    noon = replace(seen(0), pv_w=RATED_W + 400, deficit_w=-4_000)
    assert agreement(force_discharge(), noon) is AGREES
    assert agreement(force_discharge(), replace(noon, battery_w=-400)) is AGREES


def test_without_a_rating_a_common_one_is_taken() -> None:
    """Only to know what is much."""
    unknown = replace(seen(-2_500), rated_w=None)
    assert agreement(force_charge(90, 500), unknown) is AGREES


def test_a_reading_says_nothing_without_its_numbers() -> None:
    """Nor without a grid, nor one that is frozen."""
    assert seen_in(state()) is not None
    for lacking in (state(soc=None), state(battery=None), state(pv=None), state(load=None)):
        assert seen_in(lacking) is None
    assert seen_in(state(grid=GridState.OFF_GRID)) is None
    assert seen_in(state(grid=GridState.UNKNOWN)) is None
    assert seen_in(state(frozen=True)) is None


def test_what_the_house_lacks_is_without_any_sun() -> None:
    """Third-party PV counts as sun."""
    reading = seen_in(replace(state(load=2_000, pv=500, battery=800), third_party_pv_power_w=700))
    assert reading is not None
    assert reading.deficit_w == 800
    assert reading.battery_w == 800


def test_the_opposite_is_told_from_the_program() -> None:
    """Serving against holding, and the other way round."""
    assert opposite(mode_1(20), EVENING) == mode_1(100)
    assert opposite(mode_1(48), EVENING) == mode_1(100)
    assert opposite(mode_1(49), EVENING) == mode_1(10)
    assert opposite(mode_1(55), EVENING) == mode_1(10)
    assert opposite(force_charge(), EVENING) == mode_1(10)


@st.composite
def houses(draw: st.DrawFn) -> Seen:
    """Draw a house, a battery and a sun; what the battery does comes later."""
    pv, load = draw(st.floats(0, 6_000)), draw(st.floats(0, 9_000))
    return Seen(
        battery_w=0,
        deficit_w=load - pv,
        soc_pct=draw(st.integers(5, 100)),
        pv_w=pv,
        rated_w=RATED_W,
        can_give_w=draw(st.none() | st.floats(0, 6_000)),
        can_take_w=draw(st.none() | st.floats(0, 6_000)),
    )


def obeying(program: UserSet, house: Seen) -> float:
    """Do what the fact file says of a mode, with a battery and an inverter that have limits."""
    give = min(RATED_W, house.can_give_w if house.can_give_w is not None else 6_000)
    take = min(RATED_W, house.can_take_w if house.can_take_w is not None else 6_000)
    end, share = program.reserve_soc or 0, (program.max_power or 0) / 1000 * RATED_W
    serve = min(house.lack_w, give) if house.soc_pct > end else 0.0
    store = -min(house.surplus_w, take) if house.soc_pct < 100 else 0.0
    match program.mode:
        case BatteryMode.SELF_CONSUMPTION:
            return serve or store
        case BatteryMode.FORCE_CHARGE if house.soc_pct < end:
            return -min(share, take)
        case BatteryMode.FORCE_CHARGE:
            return 0.0
        case BatteryMode.FORCE_DISCHARGE if house.soc_pct > end:
            return max(0.0, min(share, give, RATED_W - house.pv_w))
        case BatteryMode.FORCE_DISCHARGE:
            return store
        case _:
            excess = house.lack_w - (program.peak_meter_power or 0)
            return min(max(0.0, excess), give) if house.soc_pct > end else store


PROGRAMS = st.one_of(
    st.builds(mode_1, st.integers(10, 100)),
    st.builds(force_charge, st.integers(10, 100), st.integers(1, 1000)),
    st.builds(force_discharge, st.integers(10, 100), st.integers(1, 1000)),
    st.builds(peak_shaving, st.integers(10, 100), st.integers(0, 10_000)),
)


@settings(deadline=None)
@given(program=PROGRAMS, house=houses(), noise=st.floats(-1, 1))
def test_a_plant_that_obeys_never_contradicts(program: UserSet, house: Seen, noise: float) -> None:
    """Whatever house, battery and sun, and with what two meters differ by."""
    power = obeying(program, house) + noise * house.tolerance_w
    assert agreement(program, replace(house, battery_w=power)) is not CONTRADICTS


@settings(deadline=None)
@given(program=PROGRAMS, house=houses())
def test_what_is_expected_is_a_span(program: UserSet, house: Seen) -> None:
    """From charging to discharging, never more than the inverter or the house can take."""
    span = expected(program, house)
    assert span is not None
    assert span.low_w <= span.high_w
    assert span.high_w <= 1.1 * max(RATED_W, house.lack_w)
    assert span.low_w >= -1.1 * max(RATED_W, house.surplus_w)


@settings(deadline=None)
@given(house=houses(), power=st.floats(500, 4_000))
def test_charging_from_the_grid_is_never_self_consumption(house: Seen, power: float) -> None:
    """Above the reserve, and more than tolerance."""
    charged = replace(house, soc_pct=50, battery_w=-house.surplus_w - power)
    assert agreement(mode_1(20), charged) is CONTRADICTS
