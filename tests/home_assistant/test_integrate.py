"""Energy from power."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.energy_storage.engine.plant import Counter, PlantState
from custom_components.energy_storage.integrate import LONGEST_GAP, POWER_OF, Integral

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_power_counts_from_its_reading_until_the_next() -> None:
    """3 kW for 20 minutes, read every 4 minutes, is 1 kWh; what the last reading says comes later."""
    energy = Integral()
    for minute in range(0, 20, 4):
        energy.add(3000.0, START + timedelta(minutes=minute))
    energy.add(9000.0, START + timedelta(minutes=20))
    assert energy.kwh == pytest.approx(1.0)


def test_nothing_is_added_over_a_long_silence() -> None:
    """After more than five minutes nobody knows what the power was."""
    energy = Integral(7.0)
    energy.add(5000.0, START)
    energy.add(5000.0, START + LONGEST_GAP + timedelta(seconds=1))
    assert energy.kwh == 7.0


def test_the_same_reading_counts_once() -> None:
    """A reading that stands still adds nothing however often it is shown."""
    energy = Integral()
    energy.add(6000.0, START)
    for _ in range(10):
        energy.add(6000.0, START)
    energy.add(6000.0, START + timedelta(minutes=1))
    assert energy.kwh == pytest.approx(0.1)


def test_unknown_power_ends_what_counts() -> None:
    """None is no power to go on with."""
    energy = Integral()
    energy.add(6000.0, START)
    energy.add(None, START + timedelta(minutes=1))
    energy.add(6000.0, START + timedelta(minutes=2))
    assert energy.kwh == pytest.approx(0.1)


@given(st.lists(st.tuples(st.none() | st.floats(-2e5, 2e5), st.floats(-600, 600)), max_size=30))
def test_energy_never_falls(readings: list[tuple[float | None, float]]) -> None:
    """Whatever powers and times come, even backwards in time, a counter only rises."""
    energy, at, last = Integral(), START, 0.0
    for power_w, step_s in readings:
        at += timedelta(seconds=step_s)
        energy.add(power_w, at)
        assert energy.kwh >= last
        last = energy.kwh


@pytest.mark.parametrize(
    ("counter", "power_w"),
    [
        (Counter.GRID_IMPORT, -200),
        (Counter.GRID_EXPORT, 200),
        (Counter.BATTERY_CHARGE, 900),
        (Counter.BATTERY_DISCHARGE, -900),
        (Counter.PV, 3000),
        (Counter.THIRD_PARTY_PV, 400),
        (Counter.LOAD, 1500),
    ],
)
def test_each_counter_follows_its_own_direction(counter: Counter, power_w: float) -> None:
    """Export and charging are what is negative in our signs."""
    state = PlantState(
        read_at=START,
        grid_power_w=-200,
        battery_power_w=-900,
        pv_power_w=3000,
        third_party_pv_power_w=400,
        load_power_w=1500,
    )
    assert POWER_OF[counter](state) == power_w


def test_unknown_power_has_no_opposite() -> None:
    """Export of an unknown grid power is unknown."""
    assert POWER_OF[Counter.GRID_EXPORT](PlantState(read_at=START)) is None
