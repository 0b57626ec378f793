"""Nonsense for the simulated Chint devices: whatever is asked, they answer as a device does."""

from datetime import UTC, datetime
import random

import pytest

from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.chint_faults import CHINT_FAULTS
from tests.simulators.chint_map import PROFILES, Profile
from tests.simulators.line_device import LineDevice
from tests.simulators.meter import METER_FAULTS, MeterConfig, MeterSimulator
from tests.simulators.meter_map import METERS, Meter
from tests.simulators.modbus import Request
from tests.simulators.register_map import RefusedError

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
REQUESTS = 250


async def bombard[Look](sim: LineDevice[Look], seed: int) -> int:
    """Ask at random, near registers for the most part, and return how many answers came."""
    dice = random.Random(seed)
    codes: set[int] = set()
    answers = 0
    for _ in range(REQUESTS):
        request = _nonsense(sim, dice)
        try:
            words = await sim.respond(request)
        except RefusedError as refused:
            codes.add(refused.code)
            continue
        answers += words is not None
        if words:
            assert len(words) == request.count
            assert all(0 <= word <= 0xFFFF for word in words)
        sim.advance(dice.choice((0, 1, 700)))
    assert codes <= {1, 2, 3, 6}
    return answers


def _nonsense[Look](sim: LineDevice[Look], dice: random.Random) -> Request:
    kind, row = dice.choice(sim.rows())
    reads = 3 if kind == "holding" else 4
    function = dice.choice((reads, reads, reads, 3, 4, 6, 16))
    count = 1 if function == 6 else dice.choice((1, 1, 2, 4, 60, 125, 126, 0))
    address = row.address + dice.choice((0, 0, 0, -2, -1, 1, 2))
    if dice.random() < 0.1:
        address = dice.randrange(65536)
    values = tuple(dice.choice((0, 1, dice.randrange(65536))) for _ in range(count)) if function > 4 else ()
    return Request(at=NOON, unit=1, function=function, address=max(0, address), count=count, values=values)


@pytest.mark.parametrize("profile", PROFILES)
async def test_plant_survives_nonsense(profile: Profile) -> None:
    """Reads and writes of anything, hours passing meanwhile; its books still balance."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON, unlocked=True, extended=True))
    assert await bombard(sim, seed=1) > REQUESTS / 5
    assert 0 <= sim.plant.soc_pct <= 100
    flows = sim.plant.flows
    supplied_w = flows.pv_w + flows.battery_w + flows.grid_w
    assert supplied_w == pytest.approx(flows.load_w + flows.losses_w)


@pytest.mark.parametrize("fault", CHINT_FAULTS)
@pytest.mark.parametrize("profile", ["ech_th", "sce"])
async def test_plant_survives_each_fault(profile: Profile, fault: str) -> None:
    """Every fault alone, with the value it has by itself."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON, unlocked=True))
    sim.faults.add(fault)
    await bombard(sim, seed=2)
    sim.faults.stop()


@pytest.mark.parametrize("meter", METERS)
async def test_meter_survives_nonsense(meter: Meter) -> None:
    """Also while something is wrong with it."""
    for fault in (None, *METER_FAULTS):
        sim = MeterSimulator(MeterConfig(meter=meter, speed=0, start=NOON))
        if fault:
            sim.faults.add(fault)
        await bombard(sim, seed=3)
        sim.faults.stop()
