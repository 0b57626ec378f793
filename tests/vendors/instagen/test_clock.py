"""The device's clock: wrong by hours or not, readings have their right age."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.energy_storage.vendors.instagen.clock import DeviceClock

START = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """Give a moment."""
    return START + timedelta(seconds=seconds)


def unix(seconds: float) -> int:
    """Give the device's number for a moment, if its clock were right."""
    return int(after(seconds).timestamp())


@pytest.mark.parametrize("wrong_s", [0, 18_000, -18_000, 40])
def test_age_is_right_whatever_the_clock_says(wrong_s: int) -> None:
    """The freshest of the last values shows how far the clock is ahead; the others are as old as they are."""
    clock = DeviceClock()
    clock.feed(unix(0) + wrong_s, after(0), 0)
    assert clock.measured_at == after(0)
    clock.feed(unix(20) + wrong_s, after(45), 45)
    assert clock.measured_at == after(20)
    assert clock.ahead == timedelta(seconds=wrong_s)


def test_fresher_value_teaches() -> None:
    """The first one was late already, which shows when one comes that is less so."""
    clock = DeviceClock()
    clock.feed(unix(0), after(25), 25)
    clock.feed(unix(60), after(60), 60)
    clock.feed(unix(80), after(105), 105)
    assert clock.measured_at == after(80)


def test_same_values_are_no_new_ones() -> None:
    """Asked again too early."""
    clock = DeviceClock()
    assert clock.feed(unix(0), after(0), 0)
    assert not clock.feed(unix(0), after(10), 10)
    assert clock.repeated
    assert clock.measured_at == after(0)
    assert clock.feed(unix(30), after(31), 31)
    assert not clock.repeated


def test_standing_clock_is_frozen_after_a_while() -> None:
    """Not because somebody asks every second, and not after two questions."""
    clock = DeviceClock()
    for second in range(100):
        clock.feed(unix(0), after(second), second)
    assert not clock.frozen(100)
    assert clock.frozen(120)
    few = DeviceClock()
    for second in (0, 125, 250):
        few.feed(unix(0), after(second), second)
        assert not few.frozen(second)
    few.feed(unix(0), after(375), 375)
    assert few.frozen(375)


def test_clock_that_is_set_anew_is_followed_at_once() -> None:
    """By hours, forwards or backwards; readings are young before and after."""
    for jump in (7_200, -7_200):
        clock = DeviceClock()
        clock.feed(unix(0), after(0), 0)
        clock.feed(unix(35) + jump, after(35), 35)
        assert clock.measured_at == after(35)
        assert clock.ahead == timedelta(seconds=jump)


def test_clock_that_is_set_back_a_little_is_followed_in_time() -> None:
    """Readings seem older for a while, never younger, until the old ones are forgotten."""
    clock = DeviceClock()
    clock.feed(unix(0) + 60, after(0), 0)
    ages = []
    for poll in range(1, 25):
        clock.feed(unix(35 * poll), after(35 * poll), 35 * poll)
        assert clock.measured_at is not None
        ages.append((after(35 * poll) - clock.measured_at).total_seconds())
    assert min(ages) >= 0
    assert ages[-1] == 0


@pytest.mark.parametrize("unix_time", [None, 0, -5, 1 << 40])
def test_value_without_a_time_is_of_now(unix_time: int | None) -> None:
    """And nothing is known of the clock."""
    clock = DeviceClock()
    assert clock.feed(unix_time, after(5), 5)
    assert (clock.measured_at, clock.device_time, clock.ahead) == (after(5), None, None)
    assert not clock.frozen(1_000)


def test_no_reading_is_of_the_future_or_older_than_the_one_before() -> None:
    """Whatever the clock does."""
    clock = DeviceClock()
    clock.feed(unix(0), after(0), 0)
    clock.feed(unix(40), after(35), 35)
    assert clock.measured_at == after(35)
    clock.feed(unix(30), after(36), 36)
    assert clock.measured_at == after(35)
