"""The loop that reads a plant."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import logging
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

import pytest

from custom_components.energy_storage.controller import ControlView
from custom_components.energy_storage.cycle import (
    Calendar,
    Cycle,
    CycleStoppedError,
    Reading,
    requests_beside_fast,
)
from custom_components.energy_storage.engine.plant import PlantState, Stage
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    Due,
    LinkFault,
    Tier,
)

from .fake_driver import FakeDriver

POLL = timedelta(seconds=5)


@dataclass
class Bench:
    """A cycle whose time is moved by hand."""

    now: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)
    fault: Exception | None = None
    frozen: bool = False
    reachable: dict[str, bool] = field(default_factory=dict[str, bool])
    published: list[Reading] = field(default_factory=list[Reading])
    publish_fault: Exception | None = None
    poll: timedelta = POLL
    lag: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        """Build the cycle."""
        self.state = PlantState(read_at=self.now, soc_pct=50.0)
        self.driver = FakeDriver(self.answer)
        self.cycle = Cycle(
            self.driver,
            self.state,
            name="My plant",
            poll=self.poll,
            lag=self.lag,
            spacing_s=1.0,
            publish=self.publish,
        )

    def answer(self, _: Due) -> PlantState:
        """Answer as the device does now."""
        if self.fault is not None:
            raise self.fault
        read_at = self.state.read_at if self.frozen else self.now
        self.state = PlantState(
            read_at=read_at, soc_pct=50.0, clock_frozen=self.frozen, reachable=dict(self.reachable)
        )
        return self.state

    async def publish(self, reading: Reading) -> None:
        """Keep what was published."""
        if self.publish_fault is not None:
            raise self.publish_fault
        self.published.append(reading)

    async def ticks(self, count: int, step: timedelta = POLL) -> list[Stage]:
        """Let some ticks go by; tell the stage after each."""
        before = len(self.published)
        for _ in range(count):
            self.now += step
            await self.cycle.tick()
        return [reading.stage for reading in self.published[before:]]


@pytest.fixture
def bench(caplog: pytest.LogCaptureFixture) -> Iterator[Bench]:
    """A cycle on a clock of its own."""
    caplog.set_level(logging.INFO)
    bench = Bench()
    with patch("custom_components.energy_storage.cycle.utcnow", lambda: bench.now):
        yield bench


SILENT = DriverConnectionError("no answer within 5 s", LinkFault.SILENT)


async def test_silence_is_stale_first_then_lost(bench: Bench) -> None:
    """Up to three polls a reading is fresh, over a minute it is lost."""
    assert await bench.ticks(1) == [Stage.FRESH]
    bench.fault = SILENT
    stages = await bench.ticks(14)
    assert stages == [Stage.FRESH] * 3 + [Stage.STALE] * 9 + [Stage.LOST] * 2


async def test_recovered_with_the_first_reading(bench: Bench) -> None:
    """One good reading after an outage is live at once."""
    bench.fault = SILENT
    await bench.ticks(20)
    bench.fault = None
    assert await bench.ticks(1) == [Stage.FRESH]


async def test_outage_is_logged_once_each_way(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """One line when the plant is lost, with the reason, one when it is back."""
    bench.fault = SILENT
    await bench.ticks(40)
    bench.fault = None
    await bench.ticks(10)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "My plant is unavailable: no answer within 5 s",
        "My plant is available again after 205 s",
    ]
    assert bench.cycle.statistics.outages == 1
    assert bench.cycle.statistics.failed == 40


async def test_short_silence_is_not_logged(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """What the owner cannot notice is no outage."""
    bench.fault = SILENT
    await bench.ticks(5)
    bench.fault = None
    await bench.ticks(2)
    assert not caplog.records


async def test_frozen_clock_is_an_outage(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Answers whose clock stands still are not readings."""
    bench.frozen = True
    assert (await bench.ticks(14))[-1] is Stage.LOST
    assert "its clock stands still" in caplog.text


async def test_silent_device_is_logged_once_each_way(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A charger that goes away leaves the plant fresh."""
    bench.reachable = {"plant": True, "ac_charger_1": False}
    assert set(await bench.ticks(3)) == {Stage.FRESH}
    bench.reachable = {"plant": True, "ac_charger_1": True}
    await bench.ticks(3)
    assert [record.getMessage() for record in caplog.records] == [
        "My plant: ac_charger_1 does not answer",
        "My plant: ac_charger_1 answers again",
    ]


async def test_defect_in_a_driver_does_not_end_the_cycle(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a missing reading, told once and without a trace."""
    bench.fault = KeyError("surprise")
    await bench.ticks(20)
    bench.fault = None
    assert await bench.ticks(1) == [Stage.FRESH]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in errors] == [
        "My plant: unexpected error while reading: KeyError: 'surprise'"
    ]
    assert errors[0].exc_info is None


async def test_defect_in_an_entity_does_not_end_the_cycle(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever shows a reading cannot keep the next one from being read."""
    bench.publish_fault = ValueError("cannot show this")
    await bench.ticks(3)
    bench.publish_fault = None
    assert await bench.ticks(1) == [Stage.FRESH]
    assert caplog.text.count("unexpected error while publishing: ValueError: cannot show this") == 1


async def test_slow_tiers_come_due_at_their_own_pace() -> None:
    """Everything at first, then counters and settings each minute, static readings each hour."""
    calendar = Calendar()
    assert calendar.due(0) == set(Tier)
    calendar.asked(calendar.due(0), 0)
    assert calendar.due(59) == {Tier.FAST}
    assert calendar.due(60) == {Tier.FAST, Tier.COUNTERS, Tier.SETTINGS}
    assert calendar.due(3600) == set(Tier)


async def test_failed_reading_leaves_tiers_due(bench: Bench) -> None:
    """What was due during an outage is asked for as soon as the device answers."""
    bench.fault = SILENT
    await bench.ticks(2)
    bench.fault = None
    await bench.ticks(2)
    assert [due.tiers for due in bench.driver.asked] == [set(Tier)] * 3 + [{Tier.FAST}]


@pytest.mark.parametrize(
    ("poll_s", "spacing_s", "further"), [(5, 1.0, 2), (3, 1.0, 1), (10, 1.0, 7), (5, 0.1, 47), (5, 0.5, 7)]
)
def test_a_tick_fits_its_period(poll_s: float, spacing_s: float, further: int) -> None:
    """Beside two fast requests there is room for these, with one to spare where possible."""
    assert requests_beside_fast(timedelta(seconds=poll_s), spacing_s) == further


async def test_ticks_never_overlap() -> None:
    """A reading that takes longer than the period delays the next one."""
    running = most = 0

    async def publish(_: Reading) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.03)
        running -= 1

    state = PlantState(read_at=datetime.now(UTC))
    driver = FakeDriver(lambda _: state)
    cycle = Cycle(driver, state, name="p", poll=timedelta(seconds=0.01), spacing_s=0.001, publish=publish)
    cycle.start(asyncio.create_task)
    await asyncio.sleep(0.2)
    await cycle.stop()
    asked = len(driver.asked)
    assert most == 1
    assert 3 <= asked <= 7
    await asyncio.sleep(0.05)
    assert len(driver.asked) == asked
    assert cycle.statistics.longest_tick_s >= 0.03


async def test_a_slow_plant_is_decided_on_between_its_readings() -> None:
    """Asked each 35 s, shown and decided on each 5 s."""
    slow = Bench(poll=timedelta(seconds=35))
    with (
        patch("custom_components.energy_storage.cycle.utcnow", lambda: slow.now),
        patch("custom_components.energy_storage.cycle.monotonic", lambda: slow.now.timestamp()),  # noqa: PLW0108  it moves
    ):
        await slow.ticks(15)
    assert len(slow.published) == 15
    assert len(slow.driver.asked) == 3


async def test_the_lag_of_a_source_does_not_make_its_readings_stale() -> None:
    """What is half a minute old when it comes is as new as it gets."""
    late = Bench(lag=timedelta(seconds=30))
    late.frozen = True
    with patch("custom_components.energy_storage.cycle.utcnow", lambda: late.now):
        assert (await late.ticks(10))[-2:] == [Stage.FRESH, Stage.STALE]


async def test_news_of_a_meter_is_decided_on_at_once() -> None:
    """Between two ticks, without a word to the plant."""
    bench = Bench()
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        tasks.append(asyncio.create_task(work))
        return tasks[-1]

    async def published(count: int) -> None:
        for _ in range(1000):
            if len(bench.published) >= count:
                return
            await asyncio.sleep(0)
        raise AssertionError("never published")

    bench.cycle.start(spawn)
    await published(1)
    asked = len(bench.driver.asked)
    for number in (2, 3):
        bench.cycle.tell()
        await published(number)
    assert len(bench.driver.asked) == asked
    await bench.cycle.stop()
    assert all(task.done() for task in tasks)
    bench.cycle.tell()
    await bench.cycle.hear()
    assert len(bench.published) == 3


async def test_a_request_beside_the_cycle_waits_for_the_tick(bench: Bench) -> None:
    """And the next tick goes before the next request."""
    order: list[str] = []

    async def asked() -> int:
        order.append("begins")
        for _ in range(5):
            await asyncio.sleep(0)
        order.append("ends")
        return 42

    async def requests() -> None:
        assert [await bench.cycle.beside(asked), await bench.cycle.beside(asked)] == [42, 42]

    async def ticks() -> None:
        await bench.cycle.tick()
        order.append("tick")

    await asyncio.gather(requests(), ticks())
    assert order == ["begins", "ends", "tick", "begins", "ends"]


async def test_a_request_that_fails_leaves_the_cycle_alone(bench: Bench) -> None:
    """The error is the asker's, and the next tick has its turn."""

    async def asked() -> None:
        raise SILENT

    with pytest.raises(DriverConnectionError):
        await bench.cycle.beside(asked)
    assert await bench.ticks(1) == [Stage.FRESH]


async def test_stopping_cuts_a_request_short(bench: Bench) -> None:
    """A release waits for nobody's answer; afterwards nothing is asked any more."""
    begun, answer = asyncio.Event(), asyncio.Event()

    async def asked() -> None:
        begun.set()
        await answer.wait()

    asking = asyncio.ensure_future(bench.cycle.beside(asked))
    await begun.wait()
    await bench.cycle.stop()
    with pytest.raises(CycleStoppedError):
        await asking
    answer.set()
    with pytest.raises(CycleStoppedError):
        await bench.cycle.beside(asked)


async def test_who_asks_can_be_cancelled(bench: Bench) -> None:
    """That is no stop of the cycle."""
    begun = asyncio.Event()

    async def asked() -> None:
        begun.set()
        await asyncio.Event().wait()

    asking = asyncio.ensure_future(bench.cycle.beside(asked))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await bench.ticks(1) == [Stage.FRESH]


@pytest.mark.parametrize(("lag_s", "asked"), [(0, 1), (30, 0)])
async def test_a_plant_that_tells_late_is_not_asked_for_its_meter(lag_s: float, asked: int) -> None:
    """After a write of ours it is asked before the news of a meter are followed, if that tells anything."""
    bench = Bench(lag=timedelta(seconds=lag_s))
    view = Mock(spec=ControlView, wrote_at=bench.now + timedelta(seconds=1))
    bench.cycle = Cycle(
        bench.driver,
        bench.state,
        name="My plant",
        poll=bench.poll,
        lag=bench.lag,
        spacing_s=1.0,
        publish=bench.publish,
        control=AsyncMock(return_value=view),
    )
    await bench.cycle.decide()
    await bench.cycle.hear()
    assert len(bench.driver.asked) == asked
    assert all(due == Due(tiers=frozenset({Tier.FAST}), most_requests=0) for due in bench.driver.asked)


async def test_news_of_a_meter_wait_for_one_request_at_most() -> None:
    """What is not fast is read one by one, after the decision; it stays due until then."""
    bench = Bench()
    bench.cycle = Cycle(
        bench.driver,
        bench.state,
        name="My plant",
        poll=bench.poll,
        spacing_s=1.0,
        publish=bench.publish,
        listens=True,
    )
    await bench.cycle.tick()
    first, *rest = bench.driver.asked
    assert (Tier.FAST in first.tiers, Tier.COUNTERS in first.tiers, first.most_requests) == (True, True, 0)
    assert rest == [Due(tiers=frozenset(), most_requests=1)] * 2
    bench.driver.asked.clear()
    ticking, hearing = asyncio.ensure_future(bench.cycle.tick()), asyncio.ensure_future(bench.cycle.hear())
    await asyncio.gather(ticking, hearing)
    assert len(bench.published) == 3


async def test_what_is_not_fast_costs_nobody_the_cycle(bench: Bench) -> None:
    """An error in it is a matter of the next time; after a failed reading it is not even asked for."""
    bench.cycle._listens = True
    bench.fault = SILENT
    await bench.cycle.tick()
    assert len(bench.driver.asked) == 1
    answer = bench.driver.answer
    for fault, level in ((SILENT, "DEBUG"), (RuntimeError("a slip"), "ERROR")):
        bench.fault = None

        def fails_later(due: Due, fault: Exception = fault) -> PlantState:
            if not due.tiers:
                raise fault
            return answer(due)

        bench.driver.answer = fails_later
        bench.driver.asked.clear()
        await bench.cycle.tick()
        assert len(bench.driver.asked) == 2, level
