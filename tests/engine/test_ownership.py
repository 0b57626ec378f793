"""Giving way to others, and coming back."""

import pytest

from custom_components.energy_storage.engine import Act, ControlState, Ownership
from custom_components.energy_storage.engine.memory import taken_over
from tests.engine.house import House


def running() -> House:
    """Give a house that we control."""
    house = House()
    house.cycle()
    return house


def yielded(*, resume: bool = True) -> House:
    """Give a house that somebody else took."""
    house = running().set(resume_by_itself=resume).see(ownership=Ownership.OTHER_MASTER)
    house.cycle()
    return house


def test_two_readings_that_differ_yield() -> None:
    """A register of ours that somebody else writes: we stop."""
    house = running().see(ownership=Ownership.FOREIGN)
    assert [house.cycle().control for _ in range(2)] == [ControlState.ON, ControlState.YIELDED]


def test_one_reading_looked_at_twice_does_not_yield() -> None:
    """Twice means two readings."""
    house = running().see(ownership=Ownership.FOREIGN)
    house.cycle()
    assert house.cycle(read=False).control is ControlState.ON


def test_readings_that_differ_now_and_then_do_not_add_up() -> None:
    """Only in a row do they count."""
    house = running()
    for _ in range(3):
        assert house.see(ownership=Ownership.FOREIGN).cycle().control is ControlState.ON
        house.see(ownership=Ownership.OURS).cycle()


def test_at_start_others_values_yield_at_once() -> None:
    """Remote control at values we never wrote: the owner is asked first."""
    decision = House().see(ownership=Ownership.FOREIGN).cycle()
    assert (decision.control, decision.act) == (ControlState.YIELDED, Act.LEAVE)


@pytest.mark.parametrize("back", [Ownership.OURS, Ownership.FREE])
def test_resumes_after_ten_minutes_without_others(back: Ownership) -> None:
    """Given back and left alone: ours again, as the owner wished."""
    house = yielded().see(ownership=back)
    house.cycle()
    assert house.cycle(after_s=599).control is ControlState.YIELDED
    assert house.cycle(after_s=1).control is ControlState.ON


def test_stays_yielded_unless_the_owner_wants_otherwise() -> None:
    """By default a person decides."""
    house = yielded(resume=False).see(ownership=Ownership.OURS)
    house.cycle()
    assert house.cycle(after_s=3600).control is ControlState.YIELDED


def test_others_coming_again_start_the_ten_minutes_anew() -> None:
    """Ten minutes in a row."""
    house = yielded().see(ownership=Ownership.OURS)
    house.cycle(after_s=500)
    house.see(ownership=Ownership.FOREIGN).cycle(after_s=50)
    house.see(ownership=Ownership.OURS).cycle(after_s=50)
    assert house.cycle(after_s=500).control is ControlState.YIELDED


def test_a_take_over_ends_with_our_values() -> None:
    """After that others count again."""
    house = House().see(ownership=Ownership.FOREIGN)
    house.cycle()
    house.memory = taken_over(house.memory)
    house.cycle()
    house.cycle()
    house.see(ownership=Ownership.FOREIGN).cycle()
    assert house.cycle().control is ControlState.YIELDED


def test_a_take_over_writes_what_seems_to_be_held_already() -> None:
    """Values that are not ours are no command of ours."""
    house = running().see(ownership=Ownership.FOREIGN)
    house.cycles(2)
    house.memory = taken_over(house.memory)
    decision = house.cycle(after_s=60)
    assert (decision.control, decision.act) == (ControlState.ON, Act.APPLY)


def test_yielded_still_shows_what_it_would_do() -> None:
    """An owner who decides whether to take over sees what would happen."""
    decision = yielded().cycle()
    assert decision.command is not None
    assert decision.act is Act.LEAVE
