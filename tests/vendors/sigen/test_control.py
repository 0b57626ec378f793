"""Commands on their way over the wire to a simulated Sigen plant, and what is remembered of them."""

from collections.abc import AsyncIterator
import json

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.control import Applied, Outcome, PlantControl
from custom_components.energy_storage.vendors.driver import DriverState
from tests.conftest import SigenFactory
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig, SigenSimulator
from tests.vendors.sigen.plants import FAST, Rig, on

PLANT = SigenConfig(
    speed=0, firmware="SPC114", plant=PlantConfig(soc_pct=60.0, backup_supply=False), enter_s=0.0
)
CHARGE = BatteryCommand(kind=CommandKind.CHARGE, power_w=3_000, target_soc_pct=80)
DISCHARGE = BatteryCommand(kind=CommandKind.DISCHARGE, power_w=2_000, floor_soc_pct=30)
SELF = BatteryCommand(kind=CommandKind.SELF_CONSUME)
RELEASE = BatteryCommand(kind=CommandKind.RELEASE)


def control(rig: Rig) -> PlantControl:
    """Give what commands the plant."""
    found = rig.driver.control
    assert found is not None
    return found


async def give(rig: Rig, command: BatteryCommand, limits: dict[Limit, float] | None = None) -> Applied:
    """Give a command as the cycle does; the state goes through JSON on its way to the disk."""
    commands = control(rig)
    await commands.refresh()
    order = commands.order(command, limits or {})
    commands.begin(order)
    json.dumps(rig.driver.state)
    return await commands.execute(order)


@pytest.fixture
async def rig(sigen: SigenFactory) -> AsyncIterator[Rig]:
    """Build a plant that was read completely."""
    async with on(await sigen(PLANT), timeout_s=2.0) as rig:
        await rig.read()
        yield rig


def written(sim: SigenSimulator) -> list[tuple[str, float | str]]:
    """Give what was written, in its order."""
    return [(write.name, write.value) for write in sim.writes]


async def test_a_charge_is_carried_out_and_read_back(rig: Rig) -> None:
    """The narrowing limits, remote EMS, then the mode; the plant then charges."""
    applied = await give(rig, CHARGE)
    assert (applied.outcome, applied.code) == (Outcome.CONFIRMED, None)
    assert written(rig.sim) == [
        ("remote_ems_enable", 1),
        ("ess_max_charge_limit", 3.0),
        ("ess_charge_cutoff_soc", 80.0),
        ("remote_ems_control_mode", 4),
    ]
    holding = control(rig).holding()
    assert (holding.ownership, holding.command, holding.confirmed) == (Ownership.OURS, CHARGE, True)
    state = await rig.read(FAST)
    assert state.battery_power_w == pytest.approx(-3_000, abs=10)


async def test_a_release_gives_back_what_was_found(rig: Rig) -> None:
    """And forgets the plant."""
    rig.sim.change("ess_charge_cutoff_soc", 95.0)
    await give(rig, CHARGE)
    applied = await give(rig, RELEASE)
    assert applied.outcome is Outcome.CONFIRMED
    assert rig.sim.get("ess_charge_cutoff_soc") == 95.0
    assert rig.sim.get("remote_ems_enable") == 0
    holding = control(rig).holding()
    assert (holding.ownership, holding.command, holding.deferred) == (Ownership.FREE, None, ())
    assert rig.driver.state["control"]["snapshot"] is None


async def restarted(rig: Rig) -> DriverState:
    """Give what the disk holds."""
    state: DriverState = json.loads(json.dumps(rig.driver.state))
    return state


async def test_a_new_start_adopts_what_it_finds(rig: Rig) -> None:
    """Read before anything else, within the few requests of a set-up."""
    await give(rig, CHARGE)
    asked = len(rig.sim.requests)
    async with on(rig.sim, await restarted(rig), timeout_s=2.0, hands=rig.hands) as again:
        assert len(rig.sim.requests) - asked <= 6
        holding = control(again).holding()
        assert (holding.ownership, holding.command) == (Ownership.OURS, CHARGE)
        await give(again, RELEASE)
    assert rig.sim.get("ess_charge_cutoff_soc") == 100.0
