"""Counters that begin anew each day: nothing is counted twice, nothing is lost."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.vendors.instagen.today import DayCounter

DAY = datetime(2026, 6, 21, tzinfo=UTC)


def fed(readings: Iterable[tuple[str, float | None]], counter: DayCounter | None = None) -> DayCounter:
    """Feed readings by the time of day; a time before the last one is of the next day."""
    counter = counter or DayCounter()
    at = DAY
    for clock, kwh in readings:
        hour, minute, second = (int(part) for part in clock.split(":"))
        moment = at.replace(hour=hour, minute=minute, second=second)
        at = moment if moment >= at else moment + timedelta(days=1)
        counter.feed(kwh, at, at)
    return counter


def test_day_goes_up() -> None:
    """Today is what the device says, the total too while it is the first day."""
    counter = fed([("08:00:00", 1.0), ("09:00:00", 2.5)])
    assert (counter.today_kwh, counter.total_kwh) == (2.5, 2.5)


def test_midnight_is_believed_at_the_second_reading() -> None:
    """The first one could be a slip; the day that is over stays in the total."""
    counter = fed([("23:59:00", 9.0), ("00:00:00", 0.0)])
    assert (counter.today_kwh, counter.total_kwh) == (9.0, 9.0)
    fed([("23:59:00", 9.0), ("00:00:00", 0.0), ("00:01:00", 0.1)], counter := DayCounter())
    assert counter.today_kwh == 0.1
    assert counter.total_kwh == pytest.approx(9.1)


def test_slip_at_midnight_counts_nothing_twice() -> None:
    """A zero right after midnight, then yesterday's number again, then the new day."""
    readings = [("23:59:00", 9.0), ("00:00:00", 0.0), ("00:00:35", 9.0), ("00:01:10", 0.0), ("00:01:45", 0.1)]
    assert fed(readings).total_kwh == pytest.approx(9.1)


def test_slip_within_the_day_is_not_shown() -> None:
    """One sample, or several: less than a quarter of an hour is a slip."""
    readings = [("12:00:00", 5.0), ("12:01:00", 0.0), ("12:05:00", 0.0), ("12:14:00", 0.0)]
    assert fed(readings).today_kwh == 5.0
    assert fed([*readings, ("12:15:00", 5.2)]).total_kwh == 5.2


def test_fall_that_lasts_is_a_new_day_whatever_the_clock_says() -> None:
    """The device's zone may be another one than it says."""
    counter = fed([("12:00:00", 5.0), ("12:01:00", 0.0), ("12:10:00", 0.1), ("12:17:00", 0.2)])
    assert (counter.today_kwh, counter.total_kwh) == (0.2, 5.2)


def test_date_that_changes_before_the_counter_counts_nothing_twice() -> None:
    """The counter is a few seconds late."""
    counter = fed([("23:59:00", 9.0), ("00:00:05", 9.0), ("00:00:40", 0.0), ("00:01:15", 0.0)])
    assert counter.total_kwh == 9.0


def test_counter_that_is_late_counts_nothing_twice() -> None:
    """By ten minutes: its fall is believed when it lasts."""
    late = [("23:59:00", 9.0), ("00:06:00", 9.0), ("00:10:00", 0.0), ("00:26:00", 0.1)]
    assert fed(late).total_kwh == pytest.approx(9.1)


def test_day_that_nobody_saw_begin() -> None:
    """After hours away the higher value is the new day's."""
    counter = fed([("18:00:00", 9.0), ("12:00:00", 11.0)])
    assert (counter.today_kwh, counter.total_kwh) == (11.0, 20.0)


def test_hours_away_within_a_day() -> None:
    """The device went on counting; also where it had counted nothing for days, so that nothing fell."""
    assert fed([("08:00:00", 2.0), ("18:00:00", 9.0)]).total_kwh == 9.0
    idle = [("12:00:00", 0.0), ("11:00:00", 0.0), ("14:00:00", 5.0), ("15:00:00", 5.5)]
    assert fed(idle).total_kwh == 5.5


def test_device_that_begins_its_day_a_little_early() -> None:
    """Three minutes before midnight by its own clock: believed in time, and an hour away is no other day."""
    early = [("23:40:00", 9.0), ("23:57:00", 0.0), ("00:01:00", 0.1), ("00:02:00", 0.1), ("01:30:00", 0.4)]
    assert fed(early).total_kwh == pytest.approx(9.4)


def test_right_after_a_midnight_that_nobody_saw() -> None:
    """The counter may be late, so the same value may still be yesterday's."""
    counter = fed([("22:00:00", 9.0), ("00:00:10", 9.0), ("00:01:00", 0.0), ("00:02:00", 0.0)])
    assert counter.total_kwh == 9.0


@pytest.mark.parametrize("kwh", [None, -0.1])
def test_what_is_no_energy_changes_nothing(kwh: float | None) -> None:
    """Unknown, or below zero."""
    assert fed([("08:00:00", 2.0), ("09:00:00", kwh)]).total_kwh == 2.0


def test_nothing_is_known_before_the_first_reading() -> None:
    """Not 0."""
    assert DayCounter().total_kwh is None


def test_it_is_kept() -> None:
    """Over a restart, within a day or over midnight."""
    counter = fed([("23:59:00", 9.0), ("00:00:00", 0.0), ("00:01:00", 0.5)])
    again = DayCounter.from_json(counter.to_json())
    assert again == counter
    again.feed(0.7, DAY + timedelta(days=1, minutes=2), DAY + timedelta(days=1, minutes=2))
    assert again.total_kwh == pytest.approx(9.7)


@pytest.mark.parametrize(
    "saved", [None, [], {}, {"days_kwh": 1, "today_kwh": None, "day": "x", "at": "y"}, {"days_kwh": "1"}]
)
def test_nonsense_is_not_taken_over(saved: object) -> None:
    """Counting begins anew."""
    assert DayCounter.from_json(saved) == DayCounter()


def test_broken_dates_are_not_taken_over() -> None:
    """Numbers of the right kind, and a day that there is none."""
    saved = {"days_kwh": 1.0, "today_kwh": 2.0, "day": "2026-13-01", "at": "2026-06-21T00:00:00+00:00"}
    assert DayCounter.from_json(saved) == DayCounter()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 600), st.floats(0, 3)), max_size=200), st.sets(st.integers(0, 199)))
def test_total_never_falls_and_never_jumps(steps: list[tuple[int, float]], slips: set[int]) -> None:
    """Days of a device that slips to zero now and then: at the end the total is what it has counted."""
    at, day, counted, counter = DAY, 0.0, 0.0, DayCounter()
    total = 0.0
    for index, (seconds, kwh) in enumerate([*steps, (1, 0.0), (1, 0.0)]):
        later = at + timedelta(seconds=seconds)
        if later.date() != at.date():
            day = 0.0
        at, day, counted = later, day + kwh, counted + kwh
        slipped = index in slips and index - 1 not in slips and index < len(steps)
        counter.feed(0.0 if slipped else day, at, at)
        if counter.total_kwh is not None:
            assert counter.total_kwh >= total - 1e-9
            assert counter.total_kwh <= counted + 1e-6
            total = counter.total_kwh
