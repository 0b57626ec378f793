"""When a number is worth a row."""

import pytest

from custom_components.energy_storage.publish import ENERGY, POWER, Pace, worth_publishing


@pytest.mark.parametrize(
    ("shown", "value", "age_s", "worth"),
    [
        (1000, 1051, 0, True),
        (1000, 1050, 9, False),
        (5000, 5240, 5, False),
        (5000, 5260, 5, True),
        (-5000, -5260, 5, True),
        (1000, 1020, 9, False),
        (1000, 1020, 10, True),
        (5000, 5040, 10, False),
        (5000, 5040, 60, True),
        (1000, 1003, 30, False),
        (1000, 1003, 60, True),
        (1000, 1000, 3600, False),
        (0, -60, 1, True),
    ],
)
def test_power_is_shown_every_ten_seconds_or_on_a_step(
    shown: float, value: float, age_s: float, worth: bool
) -> None:
    """A step of more than 50 W and 5 % is shown at once, noise at the latest after a minute."""
    assert worth_publishing(shown, value, age_s, POWER) is worth


def test_counter_never_moves_sooner_than_its_pace() -> None:
    """Energy has no step: a jump waits for the minute too."""
    assert not worth_publishing(10.0, 14.0, 59, ENERGY)
    assert worth_publishing(10.0, 14.0, 60, ENERGY)


def test_step_share_needs_the_absolute_step_as_well() -> None:
    """At small values a large share is still noise."""
    pace = Pace(every_s=10, dead_band=1, step=50, step_share=0.05)
    assert not worth_publishing(10, 40, 5, pace)
