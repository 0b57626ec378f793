"""The Italian self test of a simulated ECH."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.conftest import ChintFactory
from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.chint_autotest import DEFAULTS, RAMP_S, RECONNECT_S, State
from tests.simulators.raw_client import connected

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
STEP_S = RAMP_S + RECONNECT_S


def plant() -> ChintSimulator:
    """Build a plant that feeds in."""
    sim = ChintSimulator(ChintConfig(profile="ech_th", speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w, sim.plant.soc_pct = 6_000.0, 500.0, 100.0
    sim.advance(1)
    return sim


def record(sim: ChintSimulator, name: str) -> tuple[int, ...]:
    """Give the six words of a step."""
    return sim.words("input", sim.find(name)[1].address, 6)


async def test_start_needs_the_agreement(chint: ChintFactory) -> None:
    """A box must be ticked first."""
    sim = await chint(ChintConfig(profile="ech_th", speed=0, start=NOON, unlocked=True))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.write(1, 0x3500, 1) == "exception 03"
        assert await raw.write(1, 0x3501, 1) == "ok"
        assert await raw.write(1, 0x3500, 1) == "ok"
        assert await raw.read(1, 0x0900, 2) == "00010000"


def test_steps_follow_each_other_and_open_the_relay() -> None:
    """Each ramps, trips, and connects again."""
    sim = plant()
    sim.change("autotest_command", 1)
    seen = []
    for _ in range(4):
        sim.advance(RAMP_S)
        seen.append((sim.get("autotest_step"), sim.get("grid_relay_state")))
        sim.advance(RECONNECT_S)
        seen.append((sim.get("autotest_step"), sim.get("grid_relay_state")))
    assert seen == [(0, 0), (1, 1), (1, 0), (2, 1), (2, 0), (3, 1), (3, 0), (4, 1)]


def test_sound_device_passes() -> None:
    """Limit, longest time, trip value, trip time, grid, result."""
    sim = plant()
    sim.change("autotest_command", 1)
    sim.advance(8 * STEP_S)
    assert sim.get("autotest_state") == State.PASSED
    assert record(sim, "autotest_81gt_s1") == (5_020, 100, 5_002, 80, 5_002, 1)
    assert record(sim, "autotest_59_s1") == (2_530, 3_000, 2_304, 2_400, 2_304, 1)
    assert record(sim, "autotest_27_s2") == (345, 200, 2_304, 160, 2_304, 1)
    assert sim.plant.flows.grid_w < -4_000


def test_device_that_trips_too_late_fails_and_may_not_feed_in() -> None:
    """One step is enough."""
    sim = plant()
    sim.faults.add("autotest_fails", 5)
    sim.change("autotest_command", 1)
    sim.advance(8 * STEP_S + 1)
    assert sim.get("autotest_state") == State.FAILED
    assert record(sim, "autotest_59_s2")[-1] == 2
    assert record(sim, "autotest_59_s1")[-1] == 1
    assert sim.plant.flows.grid_w == pytest.approx(0, abs=1)


def test_limits_can_be_those_of_another_edition() -> None:
    """An older one has 0.4 Un for the second undervoltage limit."""
    old = {**DEFAULTS, "autotest_27_s2": replace(DEFAULTS["autotest_27_s2"], limit=92.0)}
    sim = ChintSimulator(ChintConfig(profile="ech_th", speed=0, start=NOON, autotest=old))
    sim.change("autotest_command", 1)
    sim.advance(8 * STEP_S)
    assert record(sim, "autotest_27_s2")[0] == 920


def test_test_ends_with_the_grid_or_by_command() -> None:
    """And does not begin without one."""
    sim = plant()
    sim.change("autotest_command", 1)
    sim.plant.grid_available = False
    sim.advance(1)
    assert sim.get("autotest_state") == State.ABORTED
    sim.change("autotest_command", 1)
    assert sim.get("autotest_state") == State.ABORTED
    sim.plant.grid_available = True
    sim.advance(1)
    sim.change("autotest_command", 1)
    assert sim.get("autotest_state") == State.RUNNING
    sim.change("autotest_command", 0)
    assert sim.get("autotest_state") == State.ABORTED
