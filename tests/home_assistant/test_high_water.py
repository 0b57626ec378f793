"""Time stories of lifetime counters that fall."""

from datetime import UTC, datetime, timedelta

from custom_components.energy_storage.high_water import HighWaterMark

START = datetime(2026, 6, 1, 11, tzinfo=UTC)


def _fed(mark: HighWaterMark, kwh: float | None, minutes: range) -> list[float | None]:
    return [mark.feed(kwh, START + timedelta(minutes=minute)) for minute in minutes]


def test_counter_that_reads_zero_for_a_while_stays_where_it_was() -> None:
    """The way back up is not energy."""
    mark = HighWaterMark(5000.0)
    assert _fed(mark, 0.0, range(10)) == [5000.0] * 10
    assert mark.feed(5000.5, START + timedelta(minutes=10)) == 5000.5


def test_counter_that_stays_low_is_a_new_one() -> None:
    """After a quarter of an hour the device means it."""
    mark = HighWaterMark(5000.0)
    assert _fed(mark, 3.0, range(16)) == [5000.0] * 16
    assert mark.feed(3.1, START + timedelta(minutes=16)) == 3.1


def test_low_readings_in_between_are_not_added_up() -> None:
    """Only a quarter of an hour in a row counts."""
    mark = HighWaterMark(5000.0)
    _fed(mark, 0.0, range(14))
    mark.feed(5001.0, START + timedelta(minutes=14))
    assert _fed(mark, 0.0, range(15, 30)) == [5001.0] * 15


def test_small_setback_is_waited_out() -> None:
    """Home Assistant would book less than a tenth as negative energy."""
    mark = HighWaterMark(5000.0)
    assert _fed(mark, 4999.0, range(60)) == [5000.0] * 60


def test_unknown_stays_unknown() -> None:
    """The mark stands in for a lower number, never for no number."""
    assert HighWaterMark(5000.0).feed(None, START) is None


def test_first_reading_counts() -> None:
    """Without a past there is nothing to hold."""
    assert HighWaterMark().feed(0.0, START) == 0.0
