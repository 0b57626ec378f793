"""Plans on a simulated Sigen plant: what it really does with the writes."""

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.vendors.sigen.held import Installation
from custom_components.energy_storage.vendors.sigen.plan import plan, release_plan
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig
from tests.vendors.sigen.bench import Bench

NONE = Installation()
DISCHARGE = BatteryCommand(kind=CommandKind.DISCHARGE, power_w=4_000, floor_soc_pct=55)
CHARGE = BatteryCommand(kind=CommandKind.CHARGE, power_w=3_000, target_soc_pct=80)


def bench(*, app_mode: int = 0, enter_s: float = 3.0) -> Bench:
    """Build a new plant on the newest firmware, at 60 %, without sun."""
    config = SigenConfig(
        firmware="SPC114", plant=PlantConfig(soc_pct=60.0), app_mode=app_mode, enter_s=enter_s
    )
    built = Bench(config, Version.V2_9)
    built.sim.plant.pv_override_w = 0.0
    return built


async def test_a_discharge_ends_before_its_floor_turns_into_a_charge() -> None:
    """The plan leaves it within half a percent and lowers the cut-off; the grid never charges."""
    plant = bench()
    snapshot = await plant.held()
    await plant.apply(plan(DISCHARGE, await plant.situation(snapshot, NONE)))
    for _ in range(120):
        plant.sim.advance(10)
        assert plant.sim.plant.flows.battery_w >= 0
        if writes := plan(DISCHARGE, await plant.situation(snapshot, NONE)):
            break
    await plant.apply(writes)
    assert plant.sim.plant.soc_pct == pytest.approx(55.5, abs=0.2)
    assert plant.sim.get("ess_discharge_cutoff_soc") == 5.0
    assert plant.sim.get("remote_ems_control_mode") == 2
    plant.sim.advance(3600)
    assert plant.sim.plant.soc_pct == pytest.approx(55.5, abs=0.5)


async def test_a_charge_takes_the_power_that_was_asked() -> None:
    """And ends at its target."""
    plant = bench()
    await plant.apply(plan(CHARGE, await plant.situation(await plant.held(), NONE)))
    plant.sim.advance(10)
    assert plant.sim.plant.flows.battery_w == pytest.approx(-3_000)
    plant.sim.advance(3 * 3600)
    assert plant.sim.plant.soc_pct == pytest.approx(80, abs=0.1)


async def test_a_release_gives_everything_back() -> None:
    """As it was found, but for limits that were never set: these become the rating."""
    plant = bench(app_mode=1)
    snapshot = await plant.held()
    await plant.apply(plan(DISCHARGE, await plant.situation(snapshot, NONE)))
    released = release_plan(await plant.situation(snapshot, NONE))
    await plant.apply(released.writes)
    held = await plant.held()
    assert released.deferred == ()
    assert (held.remote, held.work_mode) == (False, "self_consumption")
    assert held.limits == {**snapshot.limits, "ess_max_discharge_limit": 8_000}


async def test_remote_ems_on_its_way_is_waited_for() -> None:
    """Some seconds after 40029 the plant still runs its own mode."""
    plant = bench(enter_s=30)
    snapshot = await plant.held()
    plant.sim.change("remote_ems_enable", 1)
    with pytest.raises(CommandRefusedError, match="remote_not_in_force"):
        plan(CHARGE, await plant.situation(snapshot, NONE))
    plant.sim.advance(30)
    assert plan(CHARGE, await plant.situation(snapshot, NONE)) != ()


async def test_an_operator_who_takes_the_plant_keeps_it() -> None:
    """Neither command nor release touches it until it is given back."""
    plant = bench()
    snapshot = await plant.held()
    plant.sim.faults.add("vpp", 2)
    now = await plant.situation(snapshot, NONE)
    with pytest.raises(CommandRefusedError, match="other_master"):
        plan(CHARGE, now)
    assert release_plan(now).writes == ()
    plant.sim.faults.clear()
    assert plan(CHARGE, await plant.situation(snapshot, NONE)) != ()


async def test_an_upgrade_that_makes_an_old_pv_limit_real_is_noticed() -> None:
    """A 0 left over from harmless days is not entered with."""
    plant = Bench(SigenConfig(firmware="SPC112", plant=PlantConfig(soc_pct=60.0)), Version.V2_8)
    plant.sim.change("pv_max_power_limit", 0)
    with pytest.raises(CommandRefusedError, match="pv_limit_zero"):
        plan(CHARGE, await plant.situation(await plant.held(), NONE))
