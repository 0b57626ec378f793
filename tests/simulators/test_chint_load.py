"""The intelligent load of a simulated ECH and the rules that switch it."""

from datetime import UTC, datetime

import pytest

from tests.simulators.chint import ChintConfig, ChintSimulator

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
"""Noon in Berlin."""
RATED_W = 1_500


def plant(mode: int, *, pv_w: float = 0.0, soc_pct: float = 50.0, **settings: float) -> ChintSimulator:
    """Build a plant whose switched load has a rule."""
    sim = ChintSimulator(ChintConfig(profile="ech_th", speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w, sim.plant.soc_pct = pv_w, 500.0, soc_pct
    for name, value in {"smart_load_mode": mode, **settings}.items():
        sim.change(name, value)
    sim.advance(60)
    return sim


def test_off_means_off() -> None:
    """Whatever the switch says."""
    assert not plant(0, smart_load_manual_switch=1).inside.smart_on


def test_by_hand() -> None:
    """On and off, off the grid too; what it takes is part of the load."""
    sim = plant(1, smart_load_manual_switch=1)
    assert (sim.get("smart_load_state"), sim.get("smart_load_power")) == (1, RATED_W)
    assert sim.get("load_power") == 2_000
    sim.plant.grid_available = False
    sim.advance(3_600)
    assert sim.get("smart_load_energy_today") == pytest.approx(1.5, abs=0.1)
    sim.change("smart_load_manual_switch", 0)
    assert sim.get("load_power") == 500


def test_by_battery_energy_with_hysteresis() -> None:
    """On from 80 %, off at 50 %, as it was in between."""
    sim = plant(2, soc_pct=70)
    seen = []
    for soc in (70, 81, 70, 51, 49, 70):
        sim.plant.soc_pct = soc
        sim.advance(0)
        seen.append(sim.get("smart_load_state"))
    assert seen == [0, 1, 1, 1, 0, 0]


def test_by_time_in_two_slots() -> None:
    """By the device's own clock; the second one goes over midnight."""
    sim = plant(
        3,
        smart_load_start_1=0x0C1E,
        smart_load_stop_1=0x0D00,
        smart_load_start_2=0x1700,
        smart_load_stop_2=0x0100,
    )
    seen = []
    for hours in (0.75, 0.5, 11.0, 1.0):
        sim.advance(hours * 3600)
        seen.append(sim.get("smart_load_state"))
    assert seen == [1, 0, 1, 0]


def test_by_residual_pv_power() -> None:
    """Full battery and sun: feed-in switches it on, its own consumption does not switch it off."""
    sim = plant(4, pv_w=3_500, soc_pct=100)
    sim.advance(120)
    assert sim.get("smart_load_state") == 1
    sim.plant.pv_override_w = 2_400
    sim.advance(120)
    assert sim.get("smart_load_state") == 1
    sim.plant.pv_override_w = 400
    sim.plant.soc_pct = 10
    sim.advance(120)
    assert sim.get("smart_load_state") == 0


def test_residual_pv_power_waits_for_the_battery() -> None:
    """It takes the surplus first."""
    assert plant(4, pv_w=3_500, soc_pct=50).get("smart_load_state") == 0


def test_residual_pv_power_needs_grid_and_feed_in() -> None:
    """With an export limit, or as an island, it stays off."""
    limited = plant(4, pv_w=5_000, soc_pct=100, AntiFeedbackGridEn=1, FeedbackGridPower=12.0)
    assert limited.get("smart_load_state") == 0
    island = plant(4, pv_w=5_000, soc_pct=100)
    island.plant.grid_available = False
    island.advance(60)
    assert island.get("smart_load_state") == 0
