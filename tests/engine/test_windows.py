"""Windows of the day in local wall time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.energy_storage.engine.windows import (
    DAY_MIN,
    DocumentError,
    Window,
    as_time,
    jumps,
    local,
    minutes_of,
    moments,
    overlap,
    window_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def window(text: str) -> Window:
    """Read `22:00-06:00`."""
    start, _, end = text.partition("-")
    return window_of("window", start, end)


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("6:05", 365), ("23:59", 1439), ("24:00", 1440)])
def test_times_are_read(text: str, minutes: int) -> None:
    """As people and forms write them."""
    assert minutes_of("x", text) == minutes
    assert minutes_of("x", as_time(minutes)) == minutes


@pytest.mark.parametrize("text", ["", "24:01", "25:00", "12:60", "noon", None, 7, "1:2"])
def test_what_is_no_time_is_named(text: object) -> None:
    """With its field, and what is allowed."""
    with pytest.raises(DocumentError) as caught:
        minutes_of("periods[3].start", text)
    assert (caught.value.field, caught.value.value) == ("periods[3].start", text)
    assert caught.value.allowed == "00:00 to 24:00"


@pytest.mark.parametrize("text", ["06:00-06:00", "24:00-06:00"])
def test_an_empty_window_is_refused(text: str) -> None:
    """Start and end are the same, or it begins when the day is over."""
    with pytest.raises(DocumentError):
        window(text)


def test_the_start_belongs_to_a_window_and_the_end_does_not() -> None:
    """So that two of them can touch."""
    day = window("06:00-22:00")
    assert [day.covers(minute) for minute in (359, 360, 1319, 1320)] == [False, True, True, False]
    assert window("00:00-24:00").covers(DAY_MIN - 1)


def test_a_window_may_wrap_midnight() -> None:
    """It holds on the day after, until its end."""
    night = window("22:00-06:00")
    assert night.wraps
    assert [night.begins_today(minute) for minute in (300, 1320, 1439)] == [False, True, True]
    assert [night.goes_on(minute) for minute in (0, 359, 360, 1320)] == [True, True, False, False]
    assert not window("22:00-24:00").wraps


@pytest.mark.parametrize(
    ("texts", "clash"),
    [
        (("00:00-06:00", "06:00-24:00"), False),
        (("22:00-06:00", "06:00-22:00"), False),
        (("22:00-06:00", "05:59-07:00"), True),
        (("22:00-00:00", "00:00-01:00"), False),
        (("10:00-12:00", "10:00-12:00"), True),
        (("08:00-20:00", "09:00-10:00", "11:00-12:00"), True),
    ],
)
def test_windows_that_hold_at_once_are_found(texts: tuple[str, ...], clash: bool) -> None:
    """Also across midnight."""
    assert (overlap(window(text) for text in texts) is not None) is clash


def test_a_clock_on_the_wall_tells_day_and_minute() -> None:
    """In summer two hours later than UTC."""
    assert local(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), BERLIN) == (date(2026, 7, 2), 30)


def test_a_time_that_the_spring_change_leaves_out_has_no_moment() -> None:
    """02:30 does not happen on that day."""
    assert list(moments(SPRING, 150, BERLIN)) == []
    assert list(moments(SPRING, 180, BERLIN)) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


def test_a_time_that_the_autumn_change_repeats_has_two_moments() -> None:
    """02:30 happens twice, an hour apart."""
    assert list(moments(AUTUMN, 150, BERLIN)) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ]


def test_the_end_of_a_day_is_the_start_of_the_next() -> None:
    """24:00."""
    assert list(moments(date(2026, 7, 1), DAY_MIN, BERLIN)) == [datetime(2026, 7, 1, 22, tzinfo=UTC)]


def test_clocks_jump_at_one_moment_of_two_days_a_year() -> None:
    """To the minute; on no other day, and nowhere where clocks are not changed."""
    assert [*jumps(SPRING, BERLIN)] == [datetime(2026, 3, 29, 1, tzinfo=UTC)]
    assert [*jumps(AUTUMN, BERLIN)] == [datetime(2026, 10, 25, 1, tzinfo=UTC)]
    year = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    assert sum(len([*jumps(day, BERLIN)]) for day in year) == 2
    assert not any([*jumps(day, UTC)] for day in year)
