"""From readings to a verdict: carried out, not carried out, or told otherwise by somebody else."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.vendors.instagen.behaviour import Seen
from custom_components.energy_storage.vendors.instagen.user_set import UserSet
from custom_components.energy_storage.vendors.instagen.watch import Verdict, Watch
from tests.vendors.instagen.situations import NOW, RATED_W, force_charge, force_discharge, mode_1

POLL_S = 35
SETTLED = NOW + timedelta(seconds=45)
SERVES = Seen(
    battery_w=1_000, deficit_w=1_000, soc_pct=55, rated_w=RATED_W, can_give_w=5_000, can_take_w=5_000
)
RESTS = replace(SERVES, battery_w=0)
CHARGES = replace(SERVES, battery_w=-2_300)
SELLS = replace(SERVES, battery_w=4_000)
NOTHING_TO_DO = replace(SERVES, battery_w=0, deficit_w=0)


def watch(
    program: UserSet,
    *,
    before: UserSet | None = None,
    seen_before: bool = False,
    akin: bool = False,
    trusted: bool = False,
) -> Watch:
    """Build a watch that begins now."""
    return Watch(
        program=program,
        since=NOW,
        before=() if before is None else (before,),
        seen_before=seen_before,
        akin=akin,
        trusted=trusted,
    )


def after(begun: Watch, *readings: Seen | None, start: datetime = SETTLED, every_s: float = POLL_S) -> Watch:
    """Look at readings one after another."""
    at = start
    for seen in readings:
        begun = begun.looked(seen, read_at=at, clock=at)
        at += timedelta(seconds=every_s)
    return begun


@pytest.mark.parametrize(
    ("program", "before", "seen"),
    [
        (mode_1(20), force_charge(), SERVES),
        (mode_1(20), None, SERVES),
        (mode_1(55), mode_1(20), RESTS),
        (force_charge(), mode_1(20), CHARGES),
        (force_discharge(30, 900), mode_1(20), SELLS),
    ],
)
def test_what_tells_from_before_confirms(program: UserSet, before: UserSet | None, seen: Seen) -> None:
    """One reading that agrees, and would not if nothing had changed."""
    assert after(watch(program, before=before), seen).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize(
    ("program", "before", "seen"),
    [
        (mode_1(55), mode_1(20), NOTHING_TO_DO),
        (mode_1(20), None, NOTHING_TO_DO),
        (mode_1(20), mode_1(30), SERVES),
        (force_charge(), mode_1(20), None),
    ],
)
def test_what_both_would_do_tells_nothing(
    program: UserSet, before: UserSet | None, seen: Seen | None
) -> None:
    """A quiet house, or a reading without numbers."""
    assert after(watch(program, before=before), *(seen,) * 9).verdict is Verdict.OPEN


def test_other_numbers_of_what_was_seen_are_confirmed_by_a_steady_battery() -> None:
    """They look alike, so three readings in a row have to do."""
    begun = watch(mode_1(30), before=mode_1(20), akin=True)
    assert after(begun, SERVES, SERVES).verdict is Verdict.OPEN
    assert after(begun, SERVES, SERVES, SERVES).verdict is Verdict.CONFIRMED
    kept = watch(mode_1(55), seen_before=True)
    assert after(kept, NOTHING_TO_DO, NOTHING_TO_DO, NOTHING_TO_DO).verdict is Verdict.CONFIRMED


def test_a_battery_that_gave_and_stands_at_its_reserve_holds() -> None:
    """Though it says that it cannot give: it stopped where it was told. One that never gave tells nothing."""
    low = replace(SERVES, soc_pct=53, can_give_w=0)
    stands = replace(low, battery_w=0)
    begun = watch(mode_1(53), before=mode_1(20))
    assert after(begun, stands, stands, stands, stands, stands).verdict is Verdict.OPEN
    assert after(begun, low, stands, stands).verdict is Verdict.OPEN
    assert after(begun, low, stands, stands, stands).verdict is Verdict.CONFIRMED
    assert after(begun, low, stands, low, stands, stands).verdict is Verdict.OPEN
    elsewhere = replace(stands, soc_pct=56)
    assert after(begun, low, elsewhere, elsewhere, elsewhere, elsewhere).verdict is Verdict.OPEN


def test_readings_before_it_can_show_do_not_count() -> None:
    """The device needs seconds, and what it tells may be half a minute old."""
    begun = watch(force_charge(), before=mode_1(20))
    early = after(begun, *(SERVES,) * 9, start=NOW, every_s=4)
    assert early == begun
    assert after(begun, CHARGES, start=NOW + timedelta(seconds=44)).verdict is Verdict.OPEN
    assert after(begun, CHARGES, start=NOW + timedelta(seconds=45)).verdict is Verdict.CONFIRMED


def test_one_reading_counts_once() -> None:
    """Asked again, the stick tells the same; its own clock says so, however wrong it is."""
    begun = watch(force_charge(), before=mode_1(20))
    wrong = NOW - timedelta(hours=7)
    for second in range(9):
        begun = begun.looked(SERVES, read_at=SETTLED + timedelta(seconds=second), clock=wrong)
    assert begun.against == 1
    begun = begun.looked(SERVES, read_at=SETTLED + timedelta(seconds=60), clock=wrong + timedelta(seconds=30))
    assert begun.against == 2


def test_without_a_clock_of_the_device_the_reading_tells_itself() -> None:
    """By when it came."""
    begun = watch(force_charge(), before=mode_1(20))
    for _ in range(9):
        begun = begun.looked(SERVES, read_at=SETTLED, clock=None)
    assert begun.against == 1


def test_three_readings_as_before_mean_that_it_was_not_carried_out() -> None:
    """Two may be chance."""
    begun = watch(force_charge(), before=mode_1(20), trusted=True)
    assert after(begun, SERVES, SERVES).verdict is Verdict.OPEN
    assert after(begun, SERVES, SERVES, SERVES).verdict is Verdict.NOT_CARRIED_OUT


def test_one_reading_that_agrees_begins_the_count_anew() -> None:
    """A kettle is not somebody else."""
    begun = watch(force_charge(), before=mode_1(20))
    assert after(begun, SERVES, SERVES, CHARGES, SERVES, SERVES).verdict is Verdict.CONFIRMED


def test_a_reading_that_tells_nothing_leaves_the_count() -> None:
    """It does not begin anew either."""
    begun = watch(force_charge(), before=mode_1(20))
    assert after(begun, SERVES, None, SERVES, None, SERVES).verdict is Verdict.NOT_CARRIED_OUT


def test_contradictions_far_apart_have_nothing_to_do_with_each_other() -> None:
    """Half an hour, and a clock that was set back."""
    begun = watch(force_charge(), before=mode_1(20))
    assert after(begun, *(SERVES,) * 9, every_s=1_801).verdict is Verdict.OPEN
    assert after(begun, *(SERVES,) * 3, every_s=1_800).verdict is Verdict.NOT_CARRIED_OUT


def test_what_was_confirmed_and_is_not_any_more_was_changed_by_somebody() -> None:
    """Three readings in a row."""
    confirmed = after(watch(force_charge(), before=mode_1(20)), CHARGES)
    later = SETTLED + timedelta(minutes=5)
    assert after(confirmed, SERVES, SERVES, start=later).verdict is Verdict.CONFIRMED
    assert after(confirmed, SERVES, SERVES, SERVES, start=later).verdict is Verdict.CHANGED


def test_the_same_after_a_restart() -> None:
    """It was seen to be carried out in an earlier session."""
    begun = watch(force_charge(), before=mode_1(20), seen_before=True)
    assert after(begun, SERVES, SERVES, SERVES).verdict is Verdict.CHANGED


def test_neither_the_new_nor_the_old_was_somebody_else() -> None:
    """On a plant whose readings were once seen to tell the truth; else it is we who misread them."""
    begun = watch(mode_1(20), before=force_charge())
    assert after(begun, SELLS, SELLS, SELLS).verdict is Verdict.NOT_CARRIED_OUT
    assert after(replace(begun, trusted=True), SELLS, SELLS, SELLS).verdict is Verdict.CHANGED
    assert after(replace(begun, trusted=True), SELLS, CHARGES, SELLS).verdict is Verdict.NOT_CARRIED_OUT
    unknown = watch(mode_1(20), trusted=True)
    assert after(unknown, SELLS, SELLS, SELLS).verdict is Verdict.NOT_CARRIED_OUT


def test_of_several_that_may_have_run_before_each_counts() -> None:
    """To confirm, all of them have to look otherwise; to go on as before, it is enough that one does not."""
    begun = replace(watch(mode_1(20), trusted=True), before=(mode_1(30), force_charge()))
    assert after(begun, SERVES, SERVES).verdict is Verdict.OPEN
    assert after(begun, CHARGES, CHARGES, CHARGES).verdict is Verdict.NOT_CARRIED_OUT
    assert after(begun, SELLS, SELLS, SELLS).verdict is Verdict.CHANGED


def test_late_is_better_than_never() -> None:
    """What is carried out after all is confirmed."""
    late = after(watch(force_charge(), before=mode_1(20)), SERVES, SERVES, SERVES)
    assert after(late, CHARGES, start=SETTLED + timedelta(minutes=5)).verdict is Verdict.CONFIRMED


@settings(deadline=None)
@given(readings=st.lists(st.sampled_from([SERVES, RESTS, CHARGES, SELLS, NOTHING_TO_DO, None]), max_size=30))
def test_no_verdict_without_three_in_a_row(readings: list[Seen | None]) -> None:
    """Whatever comes, a verdict against needs three contradictions with nothing between that agrees."""
    program, against = mode_1(20), 0
    begun = watch(program, before=force_charge(), trusted=True)
    for number, seen in enumerate(readings):
        at = SETTLED + timedelta(seconds=POLL_S * number)
        begun = begun.looked(seen, read_at=at, clock=at)
        if seen in {SERVES, NOTHING_TO_DO}:
            against = 0
        elif seen is not None:
            against += 1
        assert begun.against == against
        if begun.verdict in {Verdict.CHANGED, Verdict.NOT_CARRIED_OUT}:
            assert against >= 3
