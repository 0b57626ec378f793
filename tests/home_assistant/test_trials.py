"""How the commissioning check tells an effect from chance."""

from dataclasses import replace

import pytest

from custom_components.energy_storage.engine import Settings
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.trials import (
    NO_EFFECT,
    PROVEN,
    Judgement,
    Sample,
    judge,
    may_still_begin,
    not_now,
    obstacle,
    parameters,
    sample_of,
    serves,
)

from .conftest import NOON

HOLD, IDLE = CommandKind.HOLD, CommandKind.IDLE
CHARGE, DISCHARGE = CommandKind.CHARGE, CommandKind.DISCHARGE
STATE = PlantState(
    read_at=NOON,
    soc_pct=50.0,
    battery_power_w=400.0,
    pv_power_w=100.0,
    load_power_w=900.0,
    grid_power_w=400.0,
)


def seen(battery_w: float, deficit_w: float | None, count: int = 5) -> list[Sample]:
    """The same reading some times over."""
    return [Sample(battery_w=battery_w, deficit_w=deficit_w)] * count


CASES: list[tuple[CommandKind, float, float | None, Judgement]] = [
    (HOLD, 20, 800, PROVEN),
    (HOLD, -1500, 800, PROVEN),
    (HOLD, 780, 800, NO_EFFECT),
    (HOLD, 250, 800, not_now("unclear")),
    (HOLD, 0, 150, not_now("no_load")),
    (HOLD, 0, -3000, not_now("no_load")),
    (HOLD, 0, None, not_now("load_unknown")),
    (IDLE, 20, 800, PROVEN),
    (IDLE, -500, 800, not_now("unclear")),
    (IDLE, 780, 800, NO_EFFECT),
    (CHARGE, -980, 800, PROVEN),
    (CHARGE, -980, -3000, PROVEN),
    (CHARGE, -3000, -3000, NO_EFFECT),
    (CHARGE, 700, 800, NO_EFFECT),
    (CHARGE, -300, 800, not_now("unclear")),
    (CHARGE, -980, -1000, not_now("same_by_itself")),
    (DISCHARGE, 980, 200, PROVEN),
    (DISCHARGE, 1000, 3000, PROVEN),
    (DISCHARGE, 3000, 3000, NO_EFFECT),
    (DISCHARGE, 100, 200, NO_EFFECT),
    (DISCHARGE, 300, 300, not_now("unclear")),
    (DISCHARGE, 800, 800, not_now("same_by_itself")),
]


@pytest.mark.parametrize(("kind", "battery_w", "deficit_w", "judgement"), CASES)
def test_effect_is_told_from_what_the_battery_does_anyway(
    kind: CommandKind, battery_w: float, deficit_w: float | None, judgement: Judgement
) -> None:
    """Proven and without effect are only what is clear."""
    assert judge(kind, seen(battery_w, deficit_w), 1000) == judgement


def test_command_that_limits_left_little_of_proves_nothing() -> None:
    """A fuse that leaves 100 W of 1000 is no fault of the command."""
    assert judge(CHARGE, seen(-100, 800), 100) == not_now("limited")
    assert judge(CHARGE, seen(-600, 800), 600) == PROVEN


FULL: list[tuple[CommandKind, float, float, Judgement]] = [
    (CHARGE, -5000, 800, PROVEN),
    (CHARGE, -5000, -3000, PROVEN),
    (CHARGE, -3100, -3000, not_now("same_by_itself")),
    (CHARGE, 700, 800, NO_EFFECT),
    (CHARGE, -300, 800, not_now("unclear")),
    (DISCHARGE, 4000, 800, PROVEN),
    (DISCHARGE, 800, 800, not_now("same_by_itself")),
    (DISCHARGE, 0, 100, NO_EFFECT),
]


@pytest.mark.parametrize(("kind", "battery_w", "deficit_w", "judgement"), FULL)
def test_a_plant_that_takes_no_power_is_asked_for_all_it_can(
    kind: CommandKind, battery_w: float, deficit_w: float, judgement: Judgement
) -> None:
    """Clearly more than it would do by itself is an effect, however much that is."""
    assert judge(kind, seen(battery_w, deficit_w), None) == judgement


def test_what_takes_no_power_may_begin_late() -> None:
    """The device looks at its clock now and then."""
    assert may_still_begin(CHARGE, seen(0, 800), None)
    assert not may_still_begin(CHARGE, seen(-3000, 800), None)
    assert not may_still_begin(CHARGE, seen(0, 800), 1000)
    assert not may_still_begin(HOLD, seen(0, 800), None)


def test_few_readings_prove_nothing() -> None:
    """One leap of a meter is not an effect."""
    assert judge(HOLD, seen(0, 800, count=2), 1000) == not_now("no_readings")


def test_single_leaps_do_not_matter() -> None:
    """The median counts."""
    assert judge(HOLD, [*seen(10, 800), *seen(5000, 9000, count=2)], 1000) == PROVEN


@pytest.mark.parametrize(
    ("battery_w", "deficit_w", "serving"),
    [(780, 800, True), (100, 800, False), (150, 150, False), (-500, -800, False), (780, None, False)],
)
def test_battery_that_serves_the_house_is_recognised(
    battery_w: float, deficit_w: float | None, serving: bool
) -> None:
    """Only of such a one can be seen that it stops."""
    assert serves(seen(battery_w, deficit_w)) is serving
    assert not serves([])


def test_sample_knows_what_the_house_lacks() -> None:
    """Suns of all makers count; a silent battery is no sample, a silent meter leaves the rest."""
    assert sample_of(STATE) == Sample(battery_w=400, deficit_w=800)
    assert sample_of(replace(STATE, third_party_pv_power_w=300.0)) == Sample(battery_w=400, deficit_w=500)
    assert sample_of(replace(STATE, load_power_w=None)) == Sample(battery_w=400, deficit_w=None)
    assert sample_of(replace(STATE, battery_power_w=None)) is None


SETTINGS = Settings(charge_cutoff_soc_pct=95, discharge_cutoff_soc_pct=10)


@pytest.mark.parametrize(
    ("kind", "soc_pct", "code"),
    [
        (CHARGE, 90.0, None),
        (CHARGE, 90.5, "soc_too_high_to_try"),
        (CHARGE, 5.0, None),
        (DISCHARGE, 20.0, None),
        (DISCHARGE, 19.0, "soc_too_low_to_try"),
        (HOLD, 19.0, "soc_too_low_to_try"),
        (HOLD, 99.0, None),
        (HOLD, None, "soc_unknown"),
    ],
)
def test_battery_too_full_or_too_empty_is_left_alone(
    kind: CommandKind, soc_pct: float | None, code: str | None
) -> None:
    """Where nothing could be seen, nothing is tried."""
    assert obstacle(kind, replace(STATE, soc_pct=soc_pct), SETTINGS) == code


def test_floors_and_cutoffs_of_the_owner_count() -> None:
    """At its reserve a battery gives nothing, and at its cut-off it takes nothing."""
    reserve = replace(SETTINGS, backup_reserve_soc_pct=48.0)
    assert obstacle(HOLD, STATE, reserve) == "soc_too_low_to_try"
    cutoff = replace(SETTINGS, charge_cutoff_soc_pct=50.0)
    assert obstacle(CHARGE, STATE, cutoff) == "soc_too_high_to_try"


@pytest.mark.parametrize("kind", [CHARGE, DISCHARGE])
def test_battery_that_limits_itself_is_left_alone(kind: CommandKind) -> None:
    """In the cold it may take next to nothing, whoever commands it."""
    cold = replace(STATE, available_charge_power_w=300.0, available_discharge_power_w=300.0)
    assert obstacle(kind, cold, SETTINGS) == "battery_limits_itself"


def test_trials_stay_near_the_present_soc() -> None:
    """Charging ends 3 % above and within the cut-off, discharging 2 % below."""
    assert parameters(CHARGE, STATE, SETTINGS) == {"power_w": 1000, "target_soc_pct": 53, "from_grid": True}
    near = replace(SETTINGS, charge_cutoff_soc_pct=52.0)
    assert parameters(CHARGE, STATE, near)["target_soc_pct"] == 52
    assert parameters(DISCHARGE, replace(STATE, load_power_w=300.0), SETTINGS) == {
        "power_w": 1000,
        "floor_soc_pct": 48,
    }
    assert parameters(HOLD, STATE, SETTINGS) == {}


@pytest.mark.parametrize(
    ("load_w", "discharge_w", "charge_w"),
    [(300, 1000, 1000), (1100, 500, 1000), (1600, 750, 1000), (2600, 1000, 1000), (None, 1000, 1000)],
)
def test_power_differs_from_what_the_battery_does_by_itself(
    load_w: float | None, discharge_w: float, charge_w: float
) -> None:
    """Else one would not know who wanted it; half of it is told from all of it."""
    state = replace(STATE, load_power_w=load_w)
    assert parameters(DISCHARGE, state, SETTINGS)["power_w"] == discharge_w
    assert parameters(CHARGE, state, SETTINGS)["power_w"] == charge_w
    sunny = replace(STATE, pv_power_w=2000.0)
    assert parameters(CHARGE, sunny, SETTINGS)["power_w"] == 550
