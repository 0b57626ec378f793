"""The plant's own clock: its time base, and whether it runs."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.energy_storage.vendors.sigen.clock import ClockWatch, time_base

NOW = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


@pytest.mark.parametrize("offset_min", [-480, 60, 330, 600])
def test_wall_clock_seconds_are_recognised(offset_min: int) -> None:
    """A device that counts local time is ahead of UTC by its offset."""
    local = timedelta(minutes=offset_min)
    assert time_base(SECONDS + offset_min * 60 - 40, offset_min, NOW) == local


@pytest.mark.parametrize("offset_min", [-480, 0, 60, 600])
def test_utc_seconds_are_recognised(offset_min: int) -> None:
    """A device that counts UTC is not ahead, whatever its offset."""
    assert time_base(SECONDS + 25, offset_min, NOW) == timedelta(0)


def test_a_clock_that_is_days_off_has_no_base() -> None:
    """Both readings are wrong then, so neither is shown."""
    assert time_base(SECONDS - 3 * 86_400, 600, NOW) is None


def watch(*readings: tuple[float, float | None]) -> list[bool]:
    """Feed (time, clock) pairs; tell after which the clock counts as frozen."""
    clock = ClockWatch()
    return [clock.feed(seconds, NOW + timedelta(seconds=at), at) for at, seconds in readings]


def test_a_clock_that_stands_still_is_frozen_after_three_polls_and_ten_seconds() -> None:
    """Answers alone are no proof of life."""
    assert watch((0, 7), (5, 7), (10, 7), (15, 7)) == [False, False, True, True]


def test_quick_polls_do_not_make_a_clock_frozen() -> None:
    """Three polls within one second read the same second."""
    assert watch((0, 7), (0.3, 7), (0.6, 7), (0.9, 7)) == [False] * 4


def test_a_clock_that_moves_again_is_not_frozen() -> None:
    """One new second is enough."""
    assert watch((0, 7), (5, 7), (10, 7), (15, 22)) == [False, False, True, False]


def test_a_clock_that_is_unknown_is_not_frozen() -> None:
    """Without a clock there is nothing to judge by."""
    assert watch((0, None), (6, None), (12, None)) == [False] * 3


def test_the_last_live_reading_is_the_first_with_that_time() -> None:
    """What came after it was the same moment again."""
    clock = ClockWatch()
    for at in (0, 5, 10):
        clock.feed(7, NOW + timedelta(seconds=at), at)
    assert clock.live_at == NOW
