"""Cut after any write, from any state that a plant may be in, the plant stays safe for a day alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.plant import Ownership, Value
from custom_components.energy_storage.vendors.chint.abilities import PlantFacts
from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.plan import Situation, plan, release_plan
from custom_components.energy_storage.vendors.chint.record import Record
from custom_components.energy_storage.vendors.chint.rows import field_of
from custom_components.energy_storage.vendors.control import Order
from custom_components.energy_storage.vendors.write import RegisterWrite
from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.modbus import Request

SCE = shipped()["sce"]
START = datetime(2026, 6, 21, 18, 0, tzinfo=UTC)
LOCAL = datetime(2026, 6, 21, 20, 0)  # noqa: DTZ001  what the clock on the device shows
STEP_S = 300.0
COMMANDS = {
    "self_consume": BatteryCommand(kind=CommandKind.SELF_CONSUME),
    "hold": BatteryCommand(kind=CommandKind.HOLD),
    "charge": BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=90),
    "release": BatteryCommand(kind=CommandKind.RELEASE),
}
BEFORE: Mapping[str, Mapping[str, int]] = {
    "free": {},
    "holding": {"hybrid_work_mode": 3},
    "charging": {
        "time_control_enable": 1,
        "time_slot1_repeat": 1,
        "time_slot1_charge_end": 0x1414,
    },
    "somebody_s_night_window": {
        "time_control_enable": 1,
        "time_slot1_repeat": 1,
        "time_slot1_charge_start": 0x0200,
        "time_slot1_charge_end": 0x0500,
    },
    "window_left_off": {"time_slot1_repeat": 1, "time_slot1_charge_end": 0x173B},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened in 24 hours without anybody."""

    lowest_pct: float
    highest_pct: float
    charged_pct: float
    dark_h: float


def at(before: Mapping[str, int]) -> ChintSimulator:
    """Give a plant that holds this, in the evening."""
    sim = ChintSimulator(ChintConfig(profile="sce", start=START, speed=0))
    sim.plant.soc_pct = 40
    sim.plant.load_override_w = lambda now: 2500.0 if 17 <= now.hour < 21 else 400.0
    for name, word in before.items():
        sim.change(name, word)
    return sim


async def held(sim: ChintSimulator) -> dict[str, Value]:
    """Read what the plant holds."""
    found: dict[str, Value] = {}
    for name in {step.row for recipe in SCE.commands.values() for step in recipe}:
        row = SCE.rows[name]
        request = Request(at=START, unit=1, function=3, address=row.address, count=1, values=())
        words = await sim.respond(request)
        assert words is not None
        found[name] = field_of(row).decode(list(words))
    return found


async def apply(sim: ChintSimulator, write: RegisterWrite) -> None:
    """Do one write."""
    request = Request(at=START, unit=1, function=6, address=write.address, count=1, values=tuple(write.words))
    await sim.respond(request)
    sim.advance(1)


def writes_of(command: BatteryCommand, now: Mapping[str, Value]) -> tuple[RegisterWrite, ...]:
    """Plan a command from what is held."""
    situation = Situation(
        facts=PlantFacts(profile=SCE), held=now, device="inverter_1", local=LOCAL, soc_pct=40
    )
    if command.kind is CommandKind.RELEASE:
        return release_plan(situation, now)
    return plan(command, situation)


def alone(sim: ChintSimulator) -> Day:
    """Leave the plant alone for a day, with an hour without a grid in the evening."""
    socs, dark = [sim.plant.soc_pct], 0.0
    for step in range(int(24 * 3600 / STEP_S)):
        sim.plant.grid_available = not 276 <= step < 288
        sim.advance(STEP_S)
        socs.append(sim.plant.soc_pct)
        dark += STEP_S / 3600 * sim.plant.blackout
    charged = sum(max(0.0, after - before) for before, after in pairwise(socs))
    return Day(lowest_pct=min(socs), highest_pct=max(socs), charged_pct=charged, dark_h=dark)


@pytest.mark.parametrize(("before", "command"), product(BEFORE, COMMANDS))
async def test_cut_after_any_write_the_plant_is_safe_alone(before: str, command: str) -> None:
    """SOC within its bounds, the house served in an outage, at most one full charge."""
    writes = writes_of(COMMANDS[command], await held(at(BEFORE[before])))
    for cut in range(len(writes) + 1):
        sim = at(BEFORE[before])
        for write in writes[:cut]:
            await apply(sim, write)
        day = alone(sim)
        assert 0 <= day.lowest_pct <= day.highest_pct <= 100
        assert day.dark_h == 0
        assert day.charged_pct <= 100 + 60  # what the sun brings in June comes on top


@pytest.mark.parametrize(("before", "command"), product(BEFORE, COMMANDS))
async def test_nothing_is_charged_from_the_grid_before_the_last_write(before: str, command: str) -> None:
    """The switch comes first to be thrown off, and last to be thrown on: a half-set window never acts."""
    writes = writes_of(COMMANDS[command], await held(at(BEFORE[before])))
    for cut in range(1, len(writes)):
        sim = at(BEFORE[before])
        for write in writes[:cut]:
            await apply(sim, write)
        sim.advance(60)
        assert not sim.get("time_control_enable")
        assert sim.plant.flows.grid_w < 3_000  # the house alone


@pytest.mark.parametrize(("before", "command"), product(("free", "holding"), COMMANDS))
async def test_killed_after_any_write_the_next_start_knows_what_is_ours(before: str, command: str) -> None:
    """The state was on the disk before the first write: nothing of ours is taken for somebody else's."""
    order_held = await held(at(BEFORE[before]))
    writes = writes_of(COMMANDS[command], order_held)
    for cut in range(len(writes) + 1):
        record = Record()
        record.begin(Order(command=COMMANDS[command], writes=writes), COMMANDS[command], order_held)
        kept = Record.from_json(record.to_json())
        sim = at(BEFORE[before])
        for write in writes[:cut]:
            await apply(sim, write)
        now = await held(sim)
        kept.meet(SCE, now)
        assert kept.ownership(SCE, now) is not Ownership.FOREIGN
        for write in release_plan(
            Situation(facts=PlantFacts(profile=SCE), held=now, device="inverter_1", local=LOCAL), kept.own
        ):
            await apply(sim, write)
        after = await held(sim)
        assert after["time_control_enable"] == "off"
        if writes:
            assert after["hybrid_work_mode"] in ("self_use", order_held["hybrid_work_mode"])


async def test_the_same_order_twice_writes_nothing_new() -> None:
    """Whatever was done is recognised."""
    for command in ("self_consume", "hold", "charge"):
        sim = at({})
        for write in writes_of(COMMANDS[command], await held(sim)):
            await apply(sim, write)
        assert not writes_of(COMMANDS[command], await held(sim))


async def test_a_killed_charge_is_over_within_half_an_hour() -> None:
    """And starts again the next day, for no longer than it was set."""
    sim = at({})
    for write in writes_of(COMMANDS["charge"], await held(sim)):
        await apply(sim, write)
    began = sim.plant.now
    while sim.plant.flows.battery_w < 0:
        sim.advance(60)
    assert sim.plant.now - began <= timedelta(minutes=32)
