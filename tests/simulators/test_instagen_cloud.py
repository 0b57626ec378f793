"""The judge of our polling: whether a stick asked like this would go on uploading to its cloud."""

from dataclasses import replace

import pytest

from tests.conftest import InstagenFactory
from tests.simulators.instagen_client import connected
from tests.simulators.instagen_cloud import Cloud
from tests.simulators.test_instagen import STILL

DATA, REGISTRY = (0xC303, 1, 0), (0xC302, 0, 0)


def asked(gap_s: float, hours: float, cloud: Cloud) -> Cloud:
    """Ask for live data every so often."""
    for turn in range(int(hours * 3600 / gap_s) + 1):
        cloud.heard(turn * gap_s, DATA)
    return cloud


@pytest.mark.parametrize(
    ("gap_s", "stands_s", "blocked"),
    [
        (10, 32, True),
        (31.9, 32, True),
        (35, 32, False),
        (35, 120, True),
        (125, 120, False),
        (60, 32, True),
        (120, 32, True),
        (61, 32, False),
        (300, 32, False),
        (3600, 32, False),
    ],
)
def test_day_of_polling(gap_s: float, stands_s: float, blocked: bool) -> None:
    """Too often is too often; multiples of 30 s below 300 s stop it too, other gaps do not."""
    assert asked(gap_s, 24, Cloud(gap_s=stands_s)).blocked is blocked


def test_rhythm_takes_two_hours() -> None:
    """60 s did harm after two hours, and not if they were interrupted."""
    assert not asked(60, 1.9, Cloud()).blocked
    cloud = asked(60, 1.9, Cloud())
    cloud.heard(7_000, DATA)
    for turn in range(1, 100):
        cloud.heard(7_000 + 60 * turn, DATA)
    assert not cloud.blocked
    assert asked(60, 2, Cloud()).breaches[0].why == "multiple_of_30_s"


def test_different_questions_do_not_disturb_each_other() -> None:
    """A poll is several requests, a breath apart."""
    cloud = Cloud()
    for turn in range(20):
        for offset_s, what in ((0, DATA), (2, REGISTRY), (4, (0xC303, 2, 0)), (6, (0xC303, 1, 1))):
            cloud.heard(35 * turn + offset_s, what)
    assert not cloud.blocked


async def test_verdict_on_a_client(instagen: InstagenFactory) -> None:
    """Requests are judged by the simulated clock; the verdict says what was too much."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        for _ in range(3):
            await client.ask(0xDB01)
            await client.ask(0xC302)
            await client.data()
            sim.advance(35)
        assert not sim.cloud.blocked
        await client.data()
        sim.advance(20)
        await client.data()
    breach = sim.cloud.breaches[0]
    assert breach.why == "too_often"
    assert breach.gap_s == pytest.approx(20)
    assert breach.what == (0xC303, sim.config.serials[0], 0)


async def test_newer_firmware_wants_more(instagen: InstagenFactory) -> None:
    """The switch of the fact file: 120 s."""
    sim = await instagen(replace(STILL, cloud_gap_s=120))
    async with connected(sim) as client:
        await client.data()
        sim.advance(35)
        await client.data()
    assert sim.cloud.blocked


async def test_commands_are_no_polling(instagen: InstagenFactory) -> None:
    """Two writes in a row are not judged."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        assert await client.set(mode=1, reserve_soc=20) == 0
        assert await client.set(mode=1, reserve_soc=30) == 0
    assert not sim.cloud.blocked
