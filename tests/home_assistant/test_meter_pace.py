"""How quick a meter is: its interval, what a decision waits for, and what is worth one."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.energy_storage.engine.plant import MeterReading, PerPhase
from custom_components.energy_storage.grid_meter import KEPT, GridMeter, Interval

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
NONE: PerPhase = (None, None, None)


def seconds(interval: Interval) -> float | None:
    """Give the longest interval."""
    return None if interval.longest is None else interval.longest.total_seconds()


def fed(interval: Interval, *gaps: float) -> Interval:
    """Let readings come so far apart."""
    for gap in gaps:
        interval.feed(timedelta(seconds=gap))
    return interval


def reading(at_s: float, power_w: float | None, phases: PerPhase = NONE) -> MeterReading:
    """Give a reading so many seconds after the start."""
    return MeterReading(read_at=START + timedelta(seconds=at_s), power_w=power_w, phase_power_w=phases)


@pytest.mark.parametrize(
    ("gaps", "longest"),
    [
        ((), None),
        ((2, 2), None),
        ((2, 3, 2), 3),
        ((2, 3, 2, 9), 9),
        ((2, 3, 2, 9.1), 3),
        ((2, 3, 2, 60, 2, 60, 2), 3),
        ((2, 3, 2, 60, 60, 60), None),
        ((2, 3, 2, 60, 60, 60, 60, 60), 60),
        ((9, *[1] * 20), 1),
    ],
)
def test_interval_is_what_was_seen_lately(gaps: tuple[float, ...], longest: float | None) -> None:
    """The longest; an outage is no interval, unless that is how it is from now on."""
    assert seconds(fed(Interval(), *gaps)) == longest


def test_interval_of_our_own_polls_is_known_at_once() -> None:
    """It is never shorter than we ask."""
    assert seconds(Interval(timedelta(seconds=1))) == 1
    assert seconds(fed(Interval(timedelta(seconds=1)), 0.1, 1.2)) == 1.2


def test_reading_without_a_power_is_none() -> None:
    """Nor is one that is no newer than the last."""
    meter = GridMeter(interval=timedelta(seconds=1))
    meter.hear(reading(0, 100))
    meter.hear(reading(1, None))
    meter.hear(reading(0, 200))
    meter.hear(reading(-1, 300))
    assert meter.newest == reading(0, 100)


def test_old_readings_are_dropped() -> None:
    """A plant that was not read for so long is lost."""
    meter = GridMeter(interval=timedelta(seconds=1))
    for at_s in range(400):
        meter.hear(reading(at_s, 100))
    readings = meter.metered(2.0).readings
    assert (readings[-1].read_at - readings[0].read_at, len(readings)) == (KEPT, 181)


def test_meter_whose_pace_is_unknown_says_nothing() -> None:
    """Its readings may be of any age."""
    meter = GridMeter()
    for at_s in (0, 5, 10):
        meter.hear(reading(at_s, 100))
    assert meter.metered(2.0).readings == ()
    meter.hear(reading(15, 100))
    assert len(meter.metered(2.0).readings) == 4
    assert meter.metered(2.0).interval == timedelta(seconds=5)


def test_reaction_takes_interval_wait_and_correction() -> None:
    """Before a wait was seen, that of the slowest tick; then the longest that was seen."""
    meter = GridMeter(interval=timedelta(seconds=1))
    assert meter.metered(None).react_s is None
    assert meter.metered(2.0).react_s == 8
    for at_s, wait_s in ((0, 0.5), (10, 1.5), (20, 0.1)):
        meter.hear(reading(at_s, 1000 * at_s))
        meter.decided(START + timedelta(seconds=at_s + wait_s))
    assert meter.metered(2.0).react_s == 1 + 1.5 + 2


def test_wait_begins_with_the_first_news() -> None:
    """What comes after it does not shorten it, and noise before it does not lengthen it."""
    meter = GridMeter(interval=timedelta(seconds=1))
    meter.hear(reading(0, 0))
    meter.decided(START)
    for at_s, power_w in ((1, 50), (2, 3000), (3, 3000)):
        meter.hear(reading(at_s, power_w))
    meter.decided(START + timedelta(seconds=4))
    assert meter.metered(0.0).react_s == 1 + 2


@pytest.mark.parametrize(
    ("power_w", "phases", "news"),
    [
        (1099, (500, 500, NONE[2]), 0),
        (1100, (500, 500, NONE[2]), 1),
        (900, (500, 500, NONE[2]), 1),
        (1000, (400, 600, NONE[2]), 1),
        (1000, (500, 500, 0.0), 1),
        (1000, NONE, 0),
    ],
)
def test_what_is_worth_a_decision(power_w: float, phases: PerPhase, news: int) -> None:
    """A change of 100 W since the last one, in all or in one phase."""
    meter = GridMeter(interval=timedelta(seconds=1))
    meter.hear(reading(0, 1000, (500, 500, None)))
    meter.decided(START)
    told: list[None] = []
    meter.on_news = lambda: told.append(None)
    meter.hear(reading(1, power_w, phases))
    assert len(told) == news


def test_news_is_told_until_it_is_decided_on() -> None:
    """A decision that did not come is asked for again."""
    meter = GridMeter(interval=timedelta(seconds=1))
    told: list[None] = []
    meter.on_news = lambda: told.append(None)
    for at_s in range(3):
        meter.hear(reading(at_s, 1000))
    assert len(told) == 3
    meter.decided(START + timedelta(seconds=3))
    meter.hear(reading(4, 1000))
    assert len(told) == 3


def test_a_listener_hears_every_reading_until_it_leaves() -> None:
    """Energy is summed up from them."""
    meter = GridMeter(interval=timedelta(seconds=1))
    heard: list[float | None] = []
    leave = meter.listen(lambda: heard.append(None if meter.newest is None else meter.newest.power_w))
    meter.hear(reading(0, 100))
    leave()
    meter.hear(reading(1, 200))
    assert heard == [100]
