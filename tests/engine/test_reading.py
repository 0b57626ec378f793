"""Which readings are believed, and for how long."""

from datetime import timedelta
import math
from typing import Any

import pytest

from custom_components.energy_storage.engine.plant import Stage
from tests.engine.house import House


def stage(house: House, **plant: Any) -> Stage:
    """Give the stage of the next cycle."""
    return house.cycle(**plant).stage


def test_no_soc_ever_is_lost() -> None:
    """What was never known cannot be acted upon."""
    assert stage(House(), soc_pct=None) is Stage.LOST


@pytest.mark.parametrize("soc", [None, -0.1, 100.1, math.nan])
def test_a_soc_that_cannot_be_is_a_missing_reading(soc: float | None) -> None:
    """Unknown is not 0: the last one counts until it is too old."""
    house = House()
    house.cycle()
    stages = [stage(house, soc_pct=soc) for _ in range(13)]
    assert stages == [Stage.FRESH] * 3 + [Stage.STALE] * 9 + [Stage.LOST]


def test_a_leap_is_a_missing_reading() -> None:
    """One reading far off counts as none."""
    house = House()
    house.cycle(soc_pct=50.0)
    house.cycle(soc_pct=0.0)
    assert house.memory.passing.belief.soc_pct == 50


def test_a_leap_that_the_next_reading_confirms_is_believed() -> None:
    """A battery that was recalibrated must not be lost for ever."""
    house = House()
    house.cycle(soc_pct=50.0)
    house.cycle(soc_pct=60.0)
    house.cycle(soc_pct=60.5)
    assert house.memory.passing.belief.soc_pct == 60.5


def test_the_same_reading_twice_confirms_nothing() -> None:
    """A second look at one reading is no second reading."""
    house = House()
    house.cycle(soc_pct=50.0)
    house.cycle(soc_pct=60.0)
    house.cycle(read=False)
    assert house.memory.passing.belief.soc_pct == 50


def test_readings_that_leap_to_and_fro_are_lost_in_the_end() -> None:
    """A sensor that is broken is not believed by being loud."""
    house = House()
    house.cycle(soc_pct=50.0)
    for _ in range(7):
        house.cycle(soc_pct=90.0)
        last = house.cycle(soc_pct=20.0)
    assert last.stage is Stage.LOST


def test_a_slow_source_is_given_its_lag() -> None:
    """A reading that is always late is not stale for that."""
    house = House().see(poll=timedelta(seconds=10), lag=timedelta(seconds=30))
    house.cycle()
    assert house.cycle(after_s=60, read=False).stage is Stage.FRESH


def test_a_frozen_clock_is_no_reading() -> None:
    """Answers come, but they are always the same."""
    house = House()
    house.cycle()
    assert stage(house, clock_frozen=True) is Stage.STALE


def test_a_clock_that_stays_frozen_is_lost() -> None:
    """Answers that never change are as good as none."""
    house = House()
    house.cycle()
    stages = [stage(house, clock_frozen=True) for _ in range(13)]
    assert stages[-1] is Stage.LOST


def test_a_reading_from_the_future_is_not_fresh() -> None:
    """After the clock was set back its age means nothing."""
    house = House()
    house.cycle()
    assert house.cycle(after_s=-3600, read=False).stage is Stage.STALE
