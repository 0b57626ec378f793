"""Curves are pure functions of the moment."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulators.curves import Curve, noise, series, uniform

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_uniform_numbers_fill_the_interval() -> None:
    """Drawn numbers spread evenly over 0 to 1."""
    drawn = [uniform(7, index) for index in range(4_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.02)
    assert 0 <= min(drawn) < 0.01
    assert 0.99 < max(drawn) < 1


def test_noise_does_not_depend_on_the_steps() -> None:
    """Asked in any order, a moment has one value."""
    forward, backward = noise(3, 60), noise(3, 60)
    moments = range(0, 1_000, 7)
    assert [forward.at(moment) for moment in moments] == [
        backward.at(moment) for moment in reversed(moments)
    ][::-1]


def test_curve_runs_straight_between_its_points() -> None:
    """Half-way between two points lies their mean."""
    squares = Curve(lambda index: float(index * index), 10)
    assert [squares.at(moment) for moment in (20, 25, 30, 100)] == [4, 6.5, 9, 100]


def test_series_holds_each_value() -> None:
    """A value holds from its point to the next, the first one from ever on."""
    stairs = series([(START + timedelta(hours=1), 2.0), (START, 1.0)])
    moments = (-1, 0, 0.5, 1, 9)
    assert [stairs(START + timedelta(hours=hours)) for hours in moments] == [1, 1, 1, 2, 2]
