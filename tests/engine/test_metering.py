"""A meter at the grid connection: when it counts, what it narrows, and when it is not believed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Guard, Limit
from custom_components.energy_storage.engine.fuse import fuse_room
from custom_components.energy_storage.engine.inputs import Inputs, Metered, MeterUse
from custom_components.energy_storage.engine.memory import Doubt
from custom_components.energy_storage.engine.metering import grid_samples, judge
from custom_components.energy_storage.engine.plant import GridState, MeterReading, PerPhase
from custom_components.energy_storage.engine.settings import Settings
from tests.engine.house import House, command

NONE: PerPhase = (None, None, None)


def charging(watts: float = 9000) -> House:
    """Give a house that charges from the grid behind a fuse of 25 A: 5750 W."""
    house = House().override("force_charge", power_w=watts, from_grid=True)
    house.connect(main_fuse_a=25, largest_load_w=2000.0).set(max_charge_w=6000)
    return house


def heard(
    house: House,
    *powers: float | None,
    phases: PerPhase = NONE,
    newest_s: float = 5,
    interval_s: float = 1,
    react_s: float | None = 3.0,
) -> House:
    """Let a meter have said this, a second apart, the last so many seconds from now on."""
    last = house.inputs.now + timedelta(seconds=newest_s)
    readings = tuple(
        MeterReading(
            read_at=last - timedelta(seconds=len(powers) - 1 - number), power_w=power, phase_power_w=phases
        )
        for number, power in enumerate(powers)
    )
    meter = Metered(readings=readings, interval=timedelta(seconds=interval_s), react_s=react_s)
    return house.see(meter=meter)


def power(told: BatteryCommand | None) -> float | None:
    """Give the power of a command."""
    assert told is not None
    return told.power_w


def test_without_a_meter_nothing_is_said_of_one() -> None:
    """And nothing is remembered."""
    house = charging()
    assert house.cycle().meter is None
    assert house.memory.passing.doubt == Doubt()


def test_what_the_meter_says_narrows_at_once() -> None:
    """Also while the plant's own reading is from before the kettle."""
    house = charging()
    assert power(house.cycle(grid_power_w=0.0).command) == 5700
    heard(house, 2000.0, newest_s=1)
    decision = house.cycle(after_s=1, read=False)
    assert (power(decision.command), decision.meter) == (3600, MeterUse.IN_USE)
    assert decision.guards[Limit.MAIN_FUSE] is Guard.TRIM


def test_what_was_heard_since_the_plant_was_read_goes_on_counting() -> None:
    """The meter falls because the battery has given way: that is no room to take again."""
    house = charging()
    house.cycle(grid_power_w=0.0)
    for after in range(1, 60):
        heard(house, 2000.0, *[0.0] * after, newest_s=1)
        decision = house.cycle(after_s=1, read=False)
    assert power(decision.command) == 3600


def test_a_new_reading_of_the_plant_ends_what_was_heard_before() -> None:
    """The house took 2 kW for a moment; the plant has been read since, and 30 s of calm are over."""
    house = charging()
    heard(house, 2000.0)
    assert power(house.cycle(grid_power_w=0.0).command) == 3600
    for _ in range(20):
        heard(house, 0.0)
        decision = house.cycle(grid_power_w=0.0)
    assert power(decision.command) == 5700


def test_the_plants_own_reading_goes_on_counting() -> None:
    """A meter that says less leaves no more."""
    heard(house := charging(), 0.0)
    assert power(house.cycle(grid_power_w=2000.0).command) == 3600


def test_what_the_battery_does_for_us_is_no_load() -> None:
    """The meter sees it charge before the plant has told so; a write widens nothing by that."""
    house = charging()
    house.cycle(grid_power_w=900.0)
    house.see(wrote_at=house.inputs.now)
    for after in range(1, 10):
        heard(house, 5700.0, newest_s=1)
        decision = house.cycle(after_s=1, read=after > 4, grid_power_w=900.0)
    assert power(decision.command) == 4800


def test_what_flows_too_much_is_taken_back_all_the_same() -> None:
    """By as much as it is too much, whether or not the battery has obeyed yet."""
    house = charging()
    house.cycle(grid_power_w=900.0)
    house.see(wrote_at=house.inputs.now)
    heard(house, 7200.0, newest_s=1)
    assert power(house.cycle(after_s=1, read=False).command) == 3300


def test_a_battery_that_was_seen_to_obey_counts_as_seen() -> None:
    """From 10 s after the write on, as the plant says it; a source that lags says it later."""
    house = heard(House(), 1.0, newest_s=1)
    assert house.inputs.plant.battery_power_w == 0
    for ago_s, lag_s, seen in ((9.9, 0, False), (10, 0, True), (39.9, 30, False), (40, 30, True)):
        wrote_at = house.inputs.now - timedelta(seconds=ago_s)
        house.see(wrote_at=wrote_at, lag=timedelta(seconds=lag_s))
        _, heard_since = grid_samples(house.inputs)
        assert (heard_since.battery_w == (0, 0)) is seen


@pytest.mark.parametrize(
    ("kind", "watts", "reach"),
    [
        (None, None, (-10_000, 10_000)),
        (CommandKind.CHARGE, 3000.0, (-3000, 1000)),
        (CommandKind.CHARGE, None, (-10_000, 1000)),
        (CommandKind.DISCHARGE, 3000.0, (0, 3000)),
        (CommandKind.FEED_IN, None, (0, 10_000)),
        (CommandKind.HOLD, None, (-10_000, 1000)),
        (CommandKind.IDLE, None, (0, 1000)),
        (CommandKind.SELF_CONSUME, None, (-10_000, 10_000)),
        (CommandKind.SHAVE, None, (-10_000, 10_000)),
    ],
)
def test_what_a_battery_may_do_follows_from_what_the_plant_holds(
    kind: CommandKind | None, watts: float | None, reach: tuple[float, float]
) -> None:
    """From where it was, as far as that lets it; before the write it was where it was."""
    held = None if kind is None else command(kind, power_w=watts)
    house = House().see(held=held)
    house.see(plant=replace(house.inputs.plant, battery_power_w=1000.0), wrote_at=house.inputs.now)
    heard(house, 1.0, 2.0, newest_s=0.5)
    assert [sample.battery_w for sample in grid_samples(house.inputs)] == [(1000, 1000), reach]
    house.see(wrote_at=house.inputs.now + timedelta(seconds=1))
    assert [sample.battery_w for sample in grid_samples(house.inputs)] == [(1000, 1000)] * 2


def test_a_plant_without_a_grid_sensor_follows_the_meter() -> None:
    """What could not be trimmed can be."""
    silent = charging()
    assert silent.cycle(grid_power_w=None).guards[Limit.MAIN_FUSE] is Guard.NONE
    heard(house := charging(), 1000.0)
    decision = house.cycle(grid_power_w=None)
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (4500, Guard.TRIM)


def test_three_phases_need_three_measurements() -> None:
    """Their sum says nothing about one of them, whoever says it."""
    house = charging().connect(main_fuse_a=16, phases=3, largest_load_w=1500.0)
    assert heard(house, 0.0).cycle().guards[Limit.MAIN_FUSE] is Guard.NONE
    assert heard(house, 0.0, phases=(1.0, None, 2.0)).cycle().guards[Limit.MAIN_FUSE] is Guard.NONE
    decision = heard(house, 0.0, phases=(3080.0, 0.0, -2000.0)).cycle()
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (1800, Guard.TRIM)


def test_the_import_limit_follows_the_meter() -> None:
    """Its highest since the plant was read."""
    house = House().override("force_charge", power_w=9000, from_grid=True).set(import_limit_w=5000)
    house.cycle(grid_power_w=0.0)
    decision = heard(house, 1400.0, 200.0, newest_s=2).cycle(after_s=2, read=False)
    assert power(decision.command) == 3600


def test_the_export_limit_follows_the_meter() -> None:
    """Its lowest since the plant was read: what is sold counts against it."""
    house = House().override("force_discharge", power_w=9000, floor_soc_pct=10).set(export_limit_w=3000)
    house.cycle(grid_power_w=0.0)
    decision = heard(house, -600.0, 200.0, newest_s=2).cycle(after_s=2, read=False)
    assert power(decision.command) == 2400


def test_the_battery_supports_the_fuse_on_the_meters_word() -> None:
    """The plant has not seen the overload yet."""
    house = House().connect(main_fuse_a=25, largest_load_w=2000.0).set(max_charge_w=6000, mode="hold")
    house.cycle(grid_power_w=0.0)
    decision = heard(house, 6550.0, 7000.0, 6000.0, newest_s=2).cycle(after_s=2, read=False)
    assert decision.command == command(CommandKind.SHAVE, max_import_w=5700, floor_soc_pct=10)


@pytest.mark.parametrize(
    ("after_s", "use"), [(3.0, MeterUse.IN_USE), (3.1, MeterUse.LATE), (-2.1, MeterUse.LATE)]
)
def test_a_late_meter_does_not_count(after_s: float, use: MeterUse) -> None:
    """After three of its own intervals, or from the future, the plant's own reading is all there is."""
    house = charging()
    heard(house, 2000.0, newest_s=0)
    decision = house.see(now=house.inputs.now).cycle(after_s=after_s, grid_power_w=0.0)
    assert decision.meter is use
    assert power(decision.command) == (3600 if use is MeterUse.IN_USE else 5700)


def test_a_meter_that_never_spoke_is_late() -> None:
    """And takes nothing from the plant's own reading."""
    house = charging().see(meter=Metered(interval=timedelta(seconds=1)))
    decision = house.cycle(grid_power_w=1000.0)
    assert (decision.meter, power(decision.command)) == (MeterUse.LATE, 4500)


def test_reaction_time_is_that_of_the_meter() -> None:
    """A plant that is too slow by itself can be trimmed, and as soon as the meter is late it cannot."""
    house = charging().see(react_s=60.0)
    assert heard(house, 0.0, react_s=15.0).cycle().guards[Limit.MAIN_FUSE] is Guard.TRIM
    assert heard(house, 0.0, react_s=15.1).cycle().guards[Limit.MAIN_FUSE] is Guard.NONE
    assert heard(house, 0.0, react_s=None).cycle().guards[Limit.MAIN_FUSE] is Guard.NONE
    assert heard(house, 0.0, newest_s=-60).cycle().guards[Limit.MAIN_FUSE] is Guard.NONE


def test_a_meter_takes_nothing_from_a_quick_plant() -> None:
    """Where the plant says the same by itself, whichever is sooner has it corrected."""
    house = charging().see(react_s=8.0)
    assert heard(house, 0.0, react_s=20.0).cycle().guards[Limit.MAIN_FUSE] is Guard.TRIM
    assert heard(house, 0.0, react_s=None).cycle().guards[Limit.MAIN_FUSE] is Guard.TRIM
    unknown = heard(house, 0.0, react_s=20.0).cycle(grid_power_w=None)
    assert unknown.guards[Limit.MAIN_FUSE] is Guard.NONE


def test_a_slower_meter_is_left_alone() -> None:
    """Where the plant says the same by itself, and sooner."""
    assert heard(charging(), 2000.0, interval_s=6).cycle().meter is MeterUse.SLOW
    assert heard(charging(), 2000.0, interval_s=5).cycle().meter is MeterUse.IN_USE
    assert heard(charging(), 2000.0, interval_s=6).cycle(grid_power_w=None).meter is MeterUse.IN_USE
    phases = (0.0, 0.0, 0.0)
    assert heard(charging(), 0.0, phases=phases, interval_s=6).cycle().meter is MeterUse.IN_USE


def disagreeing(
    house: House, own: float, metered: float, readings: int, after_s: float = 21
) -> MeterUse | None:
    """Let plant and meter say this for so many readings of the plant."""
    use = None
    for _ in range(readings):
        heard(house, metered, newest_s=after_s)
        use = house.cycle(after_s=after_s, grid_power_w=own).meter
    return use


def test_a_meter_that_counts_the_other_way_round_is_not_believed() -> None:
    """After more than a minute; until then the narrower of both holds, as always."""
    house = charging()
    assert disagreeing(house, 300, -201, 3) is MeterUse.IN_USE
    assert disagreeing(house, 300, -201, 1) is MeterUse.DISAGREES


def test_a_small_difference_is_no_disagreement() -> None:
    """Around zero both may be right."""
    assert disagreeing(charging(), 250, -250, 10) is MeterUse.IN_USE
    assert disagreeing(charging(), 3000, 1000, 10) is MeterUse.IN_USE


def test_few_readings_convince_nobody() -> None:
    """Two, however far apart, may have been read at unlucky moments."""
    assert disagreeing(charging(), 1000, -1000, 2, after_s=70) is MeterUse.IN_USE


def test_the_same_reading_counts_once() -> None:
    """However often it is decided upon."""
    house = charging()
    disagreeing(house, 1000, -1000, 1)
    for _ in range(50):
        heard(house, -1000, newest_s=1)
        house.cycle(after_s=1, read=False, grid_power_w=1000)
    assert disagreeing(house, 1000, -1000, 1) is MeterUse.IN_USE


def test_agreement_in_between_begins_anew() -> None:
    """Only what lasts is held against a meter."""
    house = charging()
    disagreeing(house, 1000, -1000, 3)
    disagreeing(house, 1000, 900, 1)
    assert disagreeing(house, 1000, -1000, 3) is MeterUse.IN_USE


def test_a_meter_that_was_turned_is_believed_again() -> None:
    """After more than a minute of agreement; silence of both proves nothing."""
    house = charging()
    disagreeing(house, 1000, -1000, 4)
    assert disagreeing(house, 100, 100, 10) is MeterUse.DISAGREES
    assert disagreeing(house, 1000, 950, 3) is MeterUse.DISAGREES
    assert disagreeing(house, 1000, 950, 1) is MeterUse.IN_USE


def test_what_was_said_at_another_time_is_not_compared() -> None:
    """A slow plant and its meter are compared at the moment of the plant's reading."""
    house = charging()
    for _ in range(10):
        now = house.inputs.now + timedelta(seconds=21)
        readings = tuple(
            MeterReading(read_at=now - timedelta(seconds=back), power_w=watts)
            for back, watts in ((20, -3000.0), (10, -3000.0), (0, 1000.0))
        )
        house.see(meter=Metered(readings=readings, interval=timedelta(seconds=4), react_s=3))
        use = house.cycle(after_s=21, grid_power_w=1000.0).meter
    assert use is MeterUse.IN_USE


@pytest.mark.parametrize(
    "plant", [{"grid_state": GridState.OFF_GRID}, {"clock_frozen": True}, {"grid_power_w": None}]
)
def test_what_proves_nothing_is_not_compared(plant: dict[str, Any]) -> None:
    """Without a grid, or without a reading of the plant."""
    house = charging()
    for _ in range(10):
        heard(house, -2000.0, newest_s=21)
        house.cycle(after_s=21, **({"grid_power_w": 2000.0} | plant))
    assert house.memory.passing.doubt.count == 0


WATTS = st.floats(-12_000, 12_000)
SAMPLE = st.tuples(WATTS, WATTS, WATTS, WATTS)


@given(
    own=SAMPLE,
    battery=WATTS,
    metered=st.lists(SAMPLE, min_size=1, max_size=6),
    connection=st.sampled_from(((1, None), (3, None), (3, 0), (3, 2))),
    wrote=st.booleans(),
)
def test_a_meter_never_leaves_more_than_the_plant_alone(
    own: tuple[float, ...],
    battery: float,
    metered: list[tuple[float, ...]],
    connection: tuple[int, int | None],
    wrote: bool,
) -> None:
    """Whatever it says: less to charge, less to feed, more support."""
    house = House().connect(
        main_fuse_a=25, largest_load_w=2000.0, phases=connection[0], inverter_phase=connection[1]
    )
    house.set(max_charge_w=6000)
    plant = replace(
        house.inputs.plant,
        grid_power_w=own[0],
        grid_phase_power_w=(own[1], own[2], own[3]),
        battery_power_w=battery,
    )
    alone = replace(house.inputs, plant=plant, wrote_at=house.inputs.now if wrote else None)
    heard(house, *(watts[0] for watts in metered), newest_s=0)
    assert house.inputs.meter is not None
    readings = tuple(
        replace(reading, phase_power_w=(watts[1], watts[2], watts[3]))
        for reading, watts in zip(house.inputs.meter.readings, metered, strict=True)
    )
    both = replace(alone, meter=replace(house.inputs.meter, readings=readings))
    assert set(grid_samples(alone)) <= set(grid_samples(both))
    _narrower(both, alone, house.settings)


def _narrower(both: Inputs, alone: Inputs, settings: Settings) -> None:
    with_meter, without = fuse_room(both, settings), fuse_room(alone, settings)
    assert with_meter is not None
    assert without is not None
    assert with_meter.guard is without.guard is Guard.TRIM
    assert with_meter.charge_w <= without.charge_w
    assert with_meter.feed_w <= without.feed_w
    assert with_meter.support_w >= without.support_w


def test_the_judge_leaves_the_inputs_as_they_are_without_a_meter() -> None:
    """Nothing is copied that need not be."""
    inputs = House().inputs
    assert judge(inputs, Doubt()) == (inputs, None, Doubt())
