"""What keeps impossible readings away."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.energy_storage.vendors.guards import CounterGuard, SocGuard

NOON = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
LOCAL = timedelta(hours=2)


@pytest.mark.parametrize(
    ("readings", "believed"),
    [
        ([50.0, 51.0, 46.5], [50.0, 51.0, 46.5]),
        ([50.0, 80.0, 50.1], [50.0, None, None]),
        ([50.0, 80.0, 80.5], [50.0, None, 80.5]),
        ([50.0, None, 50.2], [50.0, None, 50.2]),
        ([50.0, None, 80.0, 80.0], [50.0, None, None, 80.0]),
    ],
)
def test_a_leaping_soc_waits_for_confirmation(
    readings: list[float | None], believed: list[float | None]
) -> None:
    """A leap of more than 5 % is a missing reading, once."""
    guard = SocGuard()
    assert [guard.feed(reading) for reading in readings] == believed


def counts(*readings: tuple[float, float | None], daily: bool = False) -> list[float | None]:
    """Feed (minutes after noon UTC, kWh) pairs at UTC+2."""
    guard = CounterGuard(daily=daily)
    return [guard.feed(kwh, NOON + timedelta(minutes=at), LOCAL) for at, kwh in readings]


def test_a_counter_holds_through_a_short_zero() -> None:
    """After a reconnect counters read 0 for a moment."""
    assert counts((0, 800.0), (1, 0.0), (2, 0.0), (3, 800.1)) == [800.0, 800.0, 800.0, 800.1]


def test_a_counter_that_stays_lower_is_believed_after_a_quarter_of_an_hour() -> None:
    """A new inverter starts at its own count."""
    assert counts((0, 800.0), (1, 5.0), (10, 5.1), (17, 5.2), (18, 5.3)) == [800.0, 800.0, 800.0, 5.2, 5.3]


def test_a_short_return_ends_the_doubt() -> None:
    """Two short zeros far apart are not one long one."""
    assert counts((0, 8.0), (1, 0.0), (2, 8.0), (20, 0.0), (21, 8.0)) == [8.0] * 5


def test_a_counter_of_the_day_may_fall_at_local_midnight() -> None:
    """Midnight at UTC+2 is ten hours after noon UTC."""
    assert counts((598, 12.0), (601, 0.0), (602, 0.1), daily=True) == [12.0, 0.0, 0.1]


def test_a_counter_of_the_day_holds_at_noon() -> None:
    """A day does not end at noon."""
    assert counts((0, 12.0), (1, 0.0), (2, 12.0), daily=True) == [12.0, 12.0, 12.0]


def test_a_lifetime_counter_holds_at_midnight() -> None:
    """Only counters of the day begin again."""
    assert counts((598, 12.0), (601, 0.0)) == [12.0, 12.0]


def test_a_counter_of_the_day_holds_without_knowing_midnight() -> None:
    """Without the plant's offset nobody knows when its day ends."""
    guard = CounterGuard(daily=True)
    guard.feed(12.0, NOON, None)
    assert guard.feed(0.0, NOON + timedelta(days=1), None) == 12.0


def test_a_counter_that_leaps_waits_for_confirmation() -> None:
    """A megawatt hour within a minute is nonsense, unless it stays."""
    assert counts((0, 8.0), (1, 9e5), (2, 8.1)) == [8.0, 8.0, 8.1]
    assert counts((0, 8.0), (1, 9e5), (2, 9e5)) == [8.0, 8.0, 9e5]
    assert counts((0, 8.0), (1, 9e5), (2, 5e6)) == [8.0, 8.0, 8.0]


def test_an_unknown_count_keeps_the_last() -> None:
    """A missing reading is no reading of 0."""
    assert counts((0, None), (1, 8.0), (2, None)) == [None, 8.0, 8.0]
