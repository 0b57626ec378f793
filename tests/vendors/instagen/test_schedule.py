"""Our schedule as the economy program of the plant: where it fits, window by window, and why it does not."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.engine.schedule import schedule_of
from custom_components.energy_storage.vendors.instagen.packed import DateRange, Window, weekdays_of
from custom_components.energy_storage.vendors.instagen.schedule import Misfit, Prices, economy
from custom_components.energy_storage.vendors.instagen.user_set import TariffDate, TariffWeek, UserSet, check
from custom_components.energy_storage.vendors.write import CommandRefusedError

PRICES = Prices(peak=(0.28, 0.15), off_peak=(0.15, 0.15), rest=(0.20, 0.10))
NIGHT = {"start": "00:30", "end": "04:31", "action": "charge"}
EVENING = {"start": "17:00", "end": "21:00", "action": "discharge"}
PLANS = {"usual": [NIGHT, EVENING], "weekend": [NIGHT], "summer": [EVENING], "other": []}
WEEKEND = {"sat": "weekend", "sun": "weekend"}


def document(**changed: Any) -> dict[str, Any]:
    """Build a schedule's document."""
    return {"plans": PLANS, "default": "usual", "gap": "self_consumption", **changed}


def written(reserve: int = 10, **changed: Any) -> UserSet:
    """Write a schedule into the plant."""
    return economy(schedule_of(document(**changed)), PRICES, reserve=reserve)


def groups(part: TariffDate) -> tuple[TariffWeek, TariffWeek]:
    """Give both groups of weekdays."""
    assert part.week_group_1 is not None
    assert part.week_group_2 is not None
    return part.week_group_1, part.week_group_2


def misfit(**changed: Any) -> str:
    """Give the code of why a schedule does not fit."""
    with pytest.raises(CommandRefusedError) as refused:
        written(**changed)
    return refused.value.code


def test_one_plan_for_the_whole_year() -> None:
    """The last minute belongs to a window of the plant: 04:31 is where the next one may begin."""
    program = written()
    (whole,) = program.tariff_dates
    assert whole.date_range == DateRange((1, 1), (31, 12)).packed()
    workdays, weekend = groups(whole)
    assert (workdays.weekday_mask, weekend.weekday_mask) == (31, 96)
    for week in (workdays, weekend):
        assert week.offpeak_window == Window(time(0, 30), time(4, 30)).packed()
        assert week.peak_window == Window(time(17), time(20, 59)).packed()
        assert (week.peak_buy, week.offpeak_sell, week.rest_buy) == (28, 15, 20)
    check(program)


def test_two_groups_of_weekdays() -> None:
    """Each with its windows; what a group does not have is not set."""
    (whole,) = written(weekdays=WEEKEND).tariff_dates
    workdays, weekend = groups(whole)
    assert weekdays_of(workdays.weekday_mask or 0) == {0, 1, 2, 3, 4}
    assert weekdays_of(weekend.weekday_mask or 0) == {5, 6}
    assert weekend.peak_window == 0
    assert weekend.offpeak_window == workdays.offpeak_window


def test_parts_of_the_year_and_what_lies_between() -> None:
    """A season that wraps the year is two of the four ranges."""
    seasons = [
        {"name": "summer", "start": "05-01", "end": "09-30", "default": "summer"},
        {"name": "winter", "start": "12-01", "end": "02-28", "default": "usual", "weekdays": WEEKEND},
    ]
    program = written(seasons=seasons, default="usual", weekdays=WEEKEND)
    ranges = [DateRange.of(part.date_range or 0) for part in program.tariff_dates]
    assert [(part.start, part.end) for part in ranges] == [
        ((1, 1), (30, 4)),
        ((1, 5), (30, 9)),
        ((1, 10), (31, 12)),
    ]


def test_february_ends_with_its_longest_day() -> None:
    """Nobody knows what the plant does on a day that no range has."""
    seasons = [{"name": "a", "start": "01-01", "end": "02-28", "default": "summer"}]
    first, second = (DateRange.of(p.date_range or 0) for p in written(seasons=seasons).tariff_dates)
    assert (first.end, second.start) == ((29, 2), (1, 3))


def test_floors_become_the_reserve() -> None:
    """The highest of all, for there is one; never below the owner's."""
    plans = {"usual": [{**EVENING, "floor_soc_pct": 32.5}]}
    assert written(plans=plans).reserve_soc == 33
    assert written(reserve=40, plans=plans).reserve_soc == 40


def test_touching_periods_are_one_window() -> None:
    """And plain self-consumption needs none."""
    plans = {
        "usual": [
            {"start": "01:00", "end": "03:00", "action": "charge"},
            {"start": "03:00", "end": "05:00", "action": "charge"},
            {"start": "05:00", "end": "09:00", "action": "self_consumption"},
        ]
    }
    week, _ = groups(written(plans=plans).tariff_dates[0])
    assert week.offpeak_window == Window(time(1), time(4, 59)).packed()


def test_a_window_over_midnight_and_a_whole_day() -> None:
    """Where all days are alike it does not matter whose the night is."""
    plans = {"usual": [{"start": "23:00", "end": "05:00", "action": "charge"}]}
    week, _ = groups(written(plans=plans).tariff_dates[0])
    assert week.offpeak_window == Window(time(23), time(4, 59)).packed()
    plans = {"usual": [{"start": "00:00", "end": "24:00", "action": "discharge"}]}
    week, _ = groups(written(plans=plans).tariff_dates[0])
    assert week.peak_window == Window(time(0), time(23, 59)).packed()


LATE = {"start": "23:00", "end": "05:00", "action": "charge"}
QUARTERS = [
    {"name": str(n), "start": f"{2 * n + 1:02}-01", "end": f"{2 * n + 1:02}-15", "default": "summer"}
    for n in range(3)
]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"seasons": QUARTERS}, Misfit.TOO_MANY_RANGES),
        ({"weekdays": {"sat": "weekend", "sun": "summer"}}, Misfit.TOO_MANY_DAY_PLANS),
        (
            {"plans": {"usual": [NIGHT, {"start": "12:00", "end": "14:00", "action": "charge"}]}},
            Misfit.TOO_MANY_WINDOWS,
        ),
        ({"plans": {"usual": [{"start": "12:00", "end": "14:00", "action": "hold"}]}}, Misfit.HOLDS),
        ({"plans": {"usual": [{**NIGHT, "max_power_w": 2_000}]}}, Misfit.NUMBERS),
        ({"plans": {"usual": [{**NIGHT, "target_soc_pct": 80}]}}, Misfit.NUMBERS),
        ({"plans": {"usual": [{**EVENING, "battery_to_grid_w": 0}]}}, Misfit.NUMBERS),
        ({"gap": "default_plan", "weekdays": WEEKEND}, Misfit.GAP),
        (
            {"plans": {"usual": [LATE], "weekend": [], "other": []}, "weekdays": WEEKEND},
            Misfit.WRAPS,
        ),
        ({"plans": {"usual": [{"start": "00:00", "end": "00:01", "action": "charge"}]}}, Misfit.TOO_SHORT),
    ],
)
def test_what_the_plant_cannot_run_is_explained(changed: dict[str, Any], code: str) -> None:
    """And nothing of it is written."""
    assert misfit(**changed) == code


def test_a_price_the_plant_cannot_hold_is_refused() -> None:
    """It has no negative ones."""
    with pytest.raises(ValueError, match="no price"):
        economy(schedule_of(document()), Prices(peak=(-0.1, 0), off_peak=(0, 0), rest=(0, 0)), reserve=10)


WINDOWS = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(2, 1_439))


def on_the_plant(program: UserSet, moment: datetime) -> str:
    """Read the program as the maker's manual does: date, weekday, then peak and off-peak."""
    for part in program.tariff_dates:
        dates = DateRange.of(part.date_range or 0)
        start, end = dates.start[::-1], dates.end[::-1]
        if not start <= (moment.month, moment.day) <= end:
            continue
        for week in groups(part):
            if moment.weekday() not in weekdays_of(week.weekday_mask or 0):
                continue
            for packed, action in ((week.offpeak_window, "charge"), (week.peak_window, "discharge")):
                window = Window.of(packed or 0)
                if window is None:
                    continue
                minute, wraps = moment.time(), window.end < window.start
                inside = minute >= window.start, minute <= window.end
                if any(inside) if wraps else all(inside):
                    return action
    return "self_consumption"


@settings(deadline=None, max_examples=40)
@given(
    charge=WINDOWS,
    discharge=WINDOWS,
    season=st.tuples(st.integers(1, 12), st.integers(1, 28), st.integers(1, 12), st.integers(1, 28)),
    minutes=st.lists(st.integers(0, 366 * 24 * 60 - 1), min_size=1, max_size=40),
)
def test_the_plant_does_what_the_schedule_says(
    charge: tuple[int, int, int],
    discharge: tuple[int, int, int],
    season: tuple[int, int, int, int],
    minutes: list[int],
) -> None:
    """At any minute of any day, the one that most years lack aside."""

    def period(drawn: tuple[int, int, int], action: str) -> dict[str, str]:
        start = 60 * drawn[0] + drawn[1]
        end = (start + drawn[2]) % 1_440
        return {
            "start": f"{start // 60:02}:{start % 60:02}",
            "end": f"{end // 60:02}:{end % 60:02}",
            "action": action,
        }

    month, day, other_month, other_day = season
    plan = document(
        plans={"usual": [period(charge, "charge")], "other": [period(discharge, "discharge")]},
        seasons=[
            {
                "name": "s",
                "start": f"{month:02}-{day:02}",
                "end": f"{other_month:02}-{other_day:02}",
                "default": "other",
            }
        ],
    )
    schedule = schedule_of(plan)
    program = economy(schedule, PRICES, reserve=10)
    check(program)
    for minute in minutes:
        moment = datetime(2028, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
        today = (moment.month, moment.day)
        before = moment - timedelta(days=1)
        if today == (2, 29) or schedule.plan_of(before.date(), ()) != schedule.plan_of(moment.date(), ()):
            continue
        held = schedule.at(moment, UTC, ())
        assert on_the_plant(program, moment) == (held.action if held else "self_consumption")


def test_holidays_are_days_like_others() -> None:
    """The plant knows none."""
    assert written(holidays="weekend") == written()
