"""The household takes about what it is said to take, most of it in the evening."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.simulators.household import Household

START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("year_kwh", [1_500, 4_500, 9_000])
def test_consumption_is_about_what_is_configured(year_kwh: float) -> None:
    """The mean over eight weeks is within a tenth of the year's mean."""
    house = Household(1, year_kwh=year_kwh, time_zone=ZoneInfo("Europe/Berlin"))
    loads = [house.load_w(START + second) for second in range(0, 56 * 86_400, 240)]
    assert sum(loads) / len(loads) * 8.766 == pytest.approx(year_kwh, rel=0.1)
    assert min(loads) > 0


def test_evening_follows_the_local_clock() -> None:
    """The busiest hours of the mean day are in the evening where the house stands."""
    house = Household(1, year_kwh=4_500, time_zone=ZoneInfo("Australia/Brisbane"))

    def mean_w(local_hour: int) -> float:
        begin = START + ((local_hour - 10) % 24) * 3_600
        moments = [begin + day * 86_400 + second for day in range(28) for second in range(0, 3_600, 300)]
        return sum(map(house.load_w, moments)) / len(moments)

    assert mean_w(19) > 2 * mean_w(3)
