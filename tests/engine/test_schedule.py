"""The owner's schedule: which period holds when, and what is wrong with a document."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.energy_storage.engine.schedule import Gap, Schedule, as_document, schedule_of
from custom_components.energy_storage.engine.windows import DocumentError

BERLIN = ZoneInfo("Europe/Berlin")
DOCUMENT: dict[str, Any] = {
    "plans": {
        "work": [
            {"start": "22:00", "end": "06:00", "action": "charge", "max_power_w": 3000, "target_soc_pct": 80},
            {"start": "17:00", "end": "21:00", "action": "discharge", "floor_soc_pct": 20, "max_export_w": 0},
        ],
        "weekend": [{"start": "00:00", "end": "24:00", "action": "self_consumption"}],
        "winter": [{"start": "02:15", "end": "02:45", "action": "hold"}],
        "feast": [],
    },
    "default": "work",
    "weekdays": {"sat": "weekend", "sun": "weekend"},
    "seasons": [{"name": "winter", "start": "12-01", "end": "02-28", "default": "winter", "weekdays": {}}],
    "holidays": "feast",
    "gap": "self_consumption",
}
HOLIDAYS = frozenset({date(2026, 7, 3), date(2026, 12, 25)})


def written(**changed: Any) -> dict[str, Any]:
    """Give the document, with other parts."""
    return deepcopy(DOCUMENT) | changed


def action_at(schedule: Schedule, *moment: int, zone: ZoneInfo = BERLIN) -> str | None:
    """Give what is done at a moment on the wall."""
    year, month, day, hour, minute = moment
    now = datetime(year, month, day, hour, minute, tzinfo=zone)
    period = schedule.at(now.astimezone(UTC), zone, HOLIDAYS)
    return None if period is None else period.action.value


@pytest.mark.parametrize(
    ("moment", "action"),
    [
        ((2026, 7, 1, 16, 59), None),
        ((2026, 7, 1, 17, 0), "discharge"),
        ((2026, 7, 1, 21, 0), None),
        ((2026, 7, 1, 22, 0), "charge"),
        ((2026, 7, 2, 5, 59), "charge"),
        ((2026, 7, 2, 6, 0), None),
        ((2026, 7, 4, 3, 0), "self_consumption"),
        ((2026, 7, 4, 18, 0), "self_consumption"),
        ((2026, 7, 3, 18, 0), None),
        ((2026, 7, 3, 3, 0), "charge"),
        ((2026, 1, 10, 18, 0), None),
        ((2026, 1, 10, 2, 30), "hold"),
        ((2026, 12, 25, 2, 30), None),
    ],
)
def test_the_period_of_a_moment(moment: tuple[int, ...], action: str | None) -> None:
    """Holidays, seasons, weekdays, in this order; yesterday's night goes on where today has nothing."""
    assert action_at(schedule_of(DOCUMENT), *moment) == action


def test_a_period_that_the_spring_change_leaves_out_is_skipped() -> None:
    """The clock jumps from 02:00 to 03:00."""
    schedule = schedule_of(written(seasons=[], weekdays={}, default="winter"))
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    held = [schedule.at(start + timedelta(minutes=m), BERLIN, ()) is not None for m in range(0, 360, 5)]
    assert not any(held)


def test_a_period_that_the_autumn_change_repeats_holds_twice() -> None:
    """02:15 to 02:45 comes again an hour later."""
    schedule = schedule_of(written(seasons=[], weekdays={}, default="winter"))
    start = datetime(2026, 10, 24, 23, tzinfo=UTC)
    held = [schedule.at(start + timedelta(minutes=m), BERLIN, ()) is not None for m in range(0, 360, 5)]
    assert sum(held) == 12


def test_the_next_change_is_where_another_period_holds() -> None:
    """Across midnight, and none where one period holds for ever."""
    schedule = schedule_of(DOCUMENT)
    noon = datetime(2026, 7, 1, 10, tzinfo=UTC)
    expected = [(1, 15), (1, 19), (1, 20), (2, 4)]
    for day, hour in expected:
        found = schedule.next_change(noon, BERLIN, HOLIDAYS)
        assert found == datetime(2026, 7, day, hour, tzinfo=UTC)
        noon = found
    always = schedule_of(written(default="weekend", seasons=[], weekdays={}, holidays=None))
    assert always.next_change(noon, BERLIN, ()) is None


def test_a_document_survives_being_read_and_written() -> None:
    """Nothing of it is lost."""
    schedule = schedule_of(DOCUMENT)
    assert schedule_of(as_document(schedule)) == schedule
    assert schedule.gap is Gap.SELF_CONSUMPTION


def test_a_day_has_room_for_24_periods() -> None:
    """And for no more."""
    rows = [{"start": f"{h:02d}:00", "end": f"{h + 1:02d}:00", "action": "hold"} for h in range(24)]
    assert len(schedule_of({"plans": {"a": rows}, "default": "a"}).plans["a"]) == 24
    rows[0]["end"] = "00:30"
    rows.append({"start": "00:30", "end": "01:00", "action": "hold"})
    with pytest.raises(DocumentError, match="at most 24"):
        schedule_of({"plans": {"a": rows}, "default": "a"})


def row(**changed: Any) -> dict[str, Any]:
    """Give a document with one period."""
    return {
        "plans": {"a": [{"start": "00:00", "end": "06:00", "action": "charge", **changed}]},
        "default": "a",
    }


@pytest.mark.parametrize(
    ("document", "field", "allowed"),
    [
        (7, "schedule", "a mapping"),
        ({"plans": {}, "default": "a"}, "plans", "1 to 20 plans"),
        (written(default="x"), "default", "work, weekend, winter, feast"),
        (
            written(color="red"),
            "color",
            "no such field; fields: plans, default, weekdays, seasons, holidays, gap",
        ),
        (written(gap="x"), "gap", "entry_floor, self_consumption, default_plan"),
        (written(holidays="x"), "holidays", "work, weekend, winter, feast"),
        (written(weekdays={"sat": "x"}), "weekdays.sat", "work, weekend, winter, feast"),
        (row(action="fly"), "plans.a[0].action", "charge, discharge, self_consumption, hold"),
        (row(end="00:00"), "plans.a[0].end", "any time but the start, 00:00"),
        (row(max_power_w=-1), "plans.a[0].max_power_w", "0 to 100000"),
        (row(target_soc_pct=101), "plans.a[0].target_soc_pct", "0 to 100"),
        (row(max_power_w=True), "plans.a[0].max_power_w", "0 to 100000"),
        ({"plans": {"a": 3}, "default": "a"}, "plans.a", "a list"),
        (
            written(seasons=[{"start": "13-01", "end": "02-01", "default": "work"}]),
            "seasons[0].start",
            "01-01 to 12-31",
        ),
        (
            written(seasons=[{"start": "02-30", "end": "03-01", "default": "work"}]),
            "seasons[0].start",
            "01-01 to 12-31",
        ),
    ],
)
def test_what_is_wrong_is_named(document: object, field: str, allowed: str) -> None:
    """The first field that makes no sense, and what it may be."""
    with pytest.raises(DocumentError) as caught:
        schedule_of(document)
    assert caught.value.field == field
    assert caught.value.allowed == allowed


def test_overlapping_periods_are_named() -> None:
    """Both of them."""
    document = row()
    document["plans"]["a"].append({"start": "05:30", "end": "07:00", "action": "hold"})
    with pytest.raises(DocumentError) as caught:
        schedule_of(document)
    assert caught.value.value == "00:00-06:00 and 05:30-07:00"


def test_overlapping_seasons_are_named() -> None:
    """Also where one of them wraps the year."""
    seasons = [
        {"name": "cold", "start": "11-01", "end": "02-15", "default": "work"},
        {"name": "new year", "start": "01-01", "end": "01-06", "default": "feast"},
    ]
    with pytest.raises(DocumentError) as caught:
        schedule_of(written(seasons=seasons))
    assert (caught.value.field, caught.value.value) == ("seasons[1]", "cold and new year")


# What holds when.


def spans(schedule: Schedule, *days: date) -> list[tuple[str, float]]:
    """Give local start and length in hours of all that holds between the noons of two days."""
    start, end = (datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN).astimezone(UTC) for day in days)
    return [
        (since.astimezone(BERLIN).strftime("%d %H:%M"), (until - since) / timedelta(hours=1))
        for since, until, _ in schedule.spans(start, end, BERLIN, HOLIDAYS)
    ]


def test_spans_are_whole_and_in_order() -> None:
    """A night is one piece; what begins before the range is not cut."""
    found = spans(schedule_of(DOCUMENT), date(2026, 7, 1), date(2026, 7, 2))
    assert found == [("01 17:00", 4.0), ("01 22:00", 8.0)]
    late = datetime(2026, 7, 1, 23, tzinfo=BERLIN).astimezone(UTC)
    (since, _, period), *_ = schedule_of(DOCUMENT).spans(late, late + timedelta(minutes=1), BERLIN, HOLIDAYS)
    assert (since, period.action.value) == (late - timedelta(hours=1), "charge")


def test_each_day_has_its_own_span() -> None:
    """Days that are alike do not run together."""
    found = spans(schedule_of(DOCUMENT), date(2026, 7, 4), date(2026, 7, 5))
    assert found == [("04 00:00", 24.0), ("05 00:00", 24.0)]


@pytest.mark.parametrize(
    ("start", "end", "lengths"),
    [
        ("22:00", "06:00", {"spring": [("28 22:00", 7.0)], "autumn": [("24 22:00", 9.0)]}),
        ("02:30", "04:00", {"spring": [("29 03:00", 1.0)], "autumn": [("25 02:30", 0.5), ("25 02:30", 1.5)]}),
        ("02:15", "02:45", {"spring": [], "autumn": [("25 02:15", 0.5), ("25 02:15", 0.5)]}),
    ],
)
def test_spans_over_clock_changes(start: str, end: str, lengths: dict[str, list[tuple[str, float]]]) -> None:
    """They are as long as the period really holds."""
    plans = {"day": [{"start": start, "end": end, "action": "hold"}]}
    schedule = schedule_of({"plans": plans, "default": "day"})
    assert spans(schedule, date(2026, 3, 28), date(2026, 3, 29)) == lengths["spring"]
    assert spans(schedule, date(2026, 10, 24), date(2026, 10, 25)) == lengths["autumn"]


def test_the_next_change_may_be_the_clocks() -> None:
    """A period whose start is skipped begins when the clock jumps."""
    plans = {"day": [{"start": "02:30", "end": "04:00", "action": "hold"}]}
    schedule = schedule_of({"plans": plans, "default": "day"})
    now = datetime(2026, 3, 29, 1, tzinfo=BERLIN).astimezone(UTC)
    assert schedule.next_change(now, BERLIN, HOLIDAYS) == datetime(2026, 3, 29, 1, tzinfo=UTC)
