"""Commands on simulated plants, from the order to what the battery does, over real Modbus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.chint.refusals import Refusal
from custom_components.energy_storage.vendors.chint.rows import minutes_of
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from custom_components.energy_storage.vendors.control import Applied, Outcome, PlantControl, Request
from custom_components.energy_storage.vendors.driver import DriverState, Due
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.simulators.chint import ChintSimulator

from .plants import BERLIN, FAST, Hands, Rig, on, plant

NIGHT = datetime(2026, 6, 21, 21, 0, tzinfo=UTC)  # 23:00 on the wall
EVENING = datetime(2026, 6, 21, 18, 0, tzinfo=UTC)  # 20:00 on the wall
CHARGE = BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=90)
HOLD = BatteryCommand(kind=CommandKind.HOLD)
PLAIN = BatteryCommand(kind=CommandKind.SELF_CONSUME)
RELEASE = BatteryCommand(kind=CommandKind.RELEASE)
WRITES = {"documented_writes": True}
LOAD_W = 900.0
FAST_AND_MORE = Due(tiers=FAST.tiers, most_requests=5)


@asynccontextmanager
async def evening(
    saved: DriverState | None = None,
    *,
    start: datetime = EVENING,
    sim: ChintSimulator | None = None,
    **more: Any,
) -> AsyncIterator[Rig]:
    """Give an `sce` in the evening, whose battery serves the house, with a driver that may write."""
    sim = sim or plant("sce", start=start, **more)
    sim.plant.soc_pct = 50
    sim.plant.load_override_w = lambda _now: LOAD_W
    async with sim.serving(), on(sim, saved, options=WRITES, hands=Hands(start=start)) as rig:
        await rig.read()
        await rig.read(after_s=60)
        yield rig


def control(rig: Rig) -> PlantControl:
    """Give what commands the plant."""
    assert rig.driver.control is not None
    return rig.driver.control


async def give(rig: Rig, command: BatteryCommand) -> Applied:
    """Do what the controller does with a command: look, plan, note, write."""
    what = control(rig)
    await what.refresh()
    order = what.order(command, {})
    what.begin(order)
    return await what.execute(order)


async def watch(rig: Rig, minutes: int) -> None:
    """Let time pass in steps of a poll of half a minute."""
    for _ in range(2 * minutes):
        await rig.read(FAST, after_s=30)


async def test_a_charge_charges_until_it_is_released() -> None:
    """Confirmed, seen on the battery, moved on every quarter of an hour, and given back."""
    async with evening() as rig:
        rig.sim.plant.soc_pct = 20
        await rig.read(FAST)
        await rig.read(FAST)
        applied = await give(rig, CHARGE)
        assert applied.outcome is Outcome.CONFIRMED
        assert [write.name for write in rig.sim.writes][-1] == "time_control_enable"
        await watch(rig, 2)
        assert rig.sim.plant.flows.battery_w < -1000
        holding = control(rig).holding()
        assert (holding.command, holding.ownership, holding.confirmed) == (CHARGE, Ownership.OURS, True)
        before = len(rig.sim.writes)
        for _ in range(4):
            await watch(rig, 16)
            assert (await give(rig, CHARGE)).outcome is Outcome.CONFIRMED
        assert {write.name for write in rig.sim.writes[before:]} == {"time_slot1_charge_end"}
        assert len(rig.sim.writes) - before == 4
        assert rig.sim.plant.flows.battery_w < -1000
        assert (await give(rig, RELEASE)).outcome is Outcome.CONFIRMED
        rig.pass_time(60)
        assert rig.sim.plant.flows.battery_w > 0
        assert control(rig).holding().ownership is Ownership.FREE


async def test_a_hold_keeps_the_battery_from_serving() -> None:
    """And the way back lets it."""
    async with evening() as rig:
        assert rig.sim.plant.flows.battery_w > 0
        assert (await give(rig, HOLD)).outcome is Outcome.CONFIRMED
        await watch(rig, 4)
        assert rig.sim.plant.flows.battery_w <= 0
        assert control(rig).effects() == {}
        assert (await give(rig, PLAIN)).outcome is Outcome.CONFIRMED
        rig.pass_time(60)
        assert rig.sim.plant.flows.battery_w > 0


async def test_left_alone_a_charge_ends_with_its_window() -> None:
    """Within half an hour; it begins again at midnight, which is why it is called costly."""
    async with evening() as rig:
        await give(rig, CHARGE)
        rig.pass_time(29 * 60)
        assert rig.sim.plant.flows.battery_w < 0
        rig.pass_time(4 * 60)
        assert rig.sim.plant.flows.battery_w > 0
        rig.pass_time(4 * 3600)
        assert rig.sim.plant.flows.battery_w < 0


async def test_a_charge_goes_on_over_midnight() -> None:
    """Its window is cut at midnight and set anew, so that it never lasts a whole day."""
    async with evening(start=NIGHT + timedelta(minutes=30)) as rig:
        await give(rig, CHARGE)
        for _ in range(9):
            await watch(rig, 5)
            await give(rig, CHARGE)
        assert rig.sim.plant.flows.battery_w < -1000
        held = {row.name: row.value for row in rig.driver.registers()}
        now = rig.hands.now().astimezone(BERLIN)
        end = minutes_of(held["time_slot1_charge_end"])
        assert end is not None
        assert 15 <= end - (60 * now.hour + now.minute) <= 30


async def test_without_the_owner_s_consent_nothing_is_written() -> None:
    """The recipe is documented, not proven: first he has to allow it."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        await rig.read()
        assert not control(rig).capabilities({}).writable
        assert control(rig).capabilities({}).abilities[CommandKind.CHARGE].offered
        with pytest.raises(CommandRefusedError) as caught:
            control(rig).order(HOLD, {})
        assert caught.value.code == Refusal.READ_ONLY
        assert not control(rig).release({}).writes


@pytest.mark.parametrize("profile", ["ech_s", "ech_th"])
async def test_an_ech_is_only_decided_for(profile: str) -> None:
    """Whatever the owner allows: nobody knows a recipe."""
    async with plant(profile).serving() as sim, on(sim, options=WRITES) as rig:
        await rig.read()
        able = control(rig).capabilities({})
        assert not able.writable
        assert able.abilities[CommandKind.DISCHARGE].offered
        for command in (HOLD, PLAIN, CHARGE):
            with pytest.raises(CommandRefusedError):
                control(rig).order(command, {})
        assert not control(rig).release({}).writes
        assert not sim.writes


async def test_a_string_inverter_is_switched() -> None:
    """On and off, by the one documented register; it has nothing else."""
    async with plant("cps_403x").serving() as sim, on(sim) as rig:
        await rig.read()
        what = control(rig)
        assert set(what.requests("plant")) == {Request.POWER_ON, Request.POWER_OFF}
        assert not what.requests("inverter_1")
        for request, word in ((Request.POWER_OFF, 0x5555), (Request.POWER_ON, 0xAAAA)):
            order = what.request("plant", request)
            what.begin(order)
            assert (await what.execute(order)).outcome is Outcome.CONFIRMED
            assert sim.writes[-1].address == 0x1000
            assert sim.get("power_on_off") == word
        with pytest.raises(CommandRefusedError):
            what.request("plant", Request.LIFT_PV_LIMIT)
        assert what.holding().ownership is Ownership.FREE


async def test_a_command_without_effect_is_given_up() -> None:
    """After three minutes; it is not offered any more, until somebody tries it again."""
    async with evening() as rig:
        rig.sim.faults.add("not_obeyed")
        assert (await give(rig, CHARGE)).outcome is Outcome.CONFIRMED
        await watch(rig, 2)
        assert control(rig).capabilities({}).abilities[CommandKind.CHARGE].offered
        await watch(rig, 2)
        able = control(rig).capabilities({}).abilities[CommandKind.CHARGE]
        assert (able.offered, able.reason) == (False, Refusal.NO_EFFECT)
        assert control(rig).effects() == {CommandKind.CHARGE: False}
        control(rig).note_effect(CommandKind.CHARGE, seen=None)
        assert control(rig).capabilities({}).abilities[CommandKind.CHARGE].offered


async def test_a_clock_that_is_wrong_shows_by_its_effect() -> None:
    """The window is over before it begins."""
    async with evening() as rig:
        rig.sim.faults.add("wrong_clock", 7200)
        await give(rig, CHARGE)
        await watch(rig, 4)
        assert control(rig).effects() == {CommandKind.CHARGE: False}


async def test_a_write_that_does_not_hold_ends_the_sequence() -> None:
    """Before the switch is thrown: a window that is not what was written never comes into force."""
    async with evening() as rig:
        rig.sim.faults.add("ignored_writes", 0x2103)
        applied = await give(rig, CHARGE)
        assert (applied.outcome, applied.code) == (Outcome.UNCONFIRMED, Refusal.NOT_HELD)
        assert applied.failed is not None
        assert applied.failed.name == "time_slot1_charge_end"
        assert not rig.sim.get("time_control_enable")
        assert not control(rig).holding().confirmed
        assert control(rig).holding().ownership is Ownership.OURS


async def test_a_refused_write_ends_the_sequence() -> None:
    """What came before it is known as ours, and given back."""
    async with evening() as rig:
        rig.sim.faults.add("refused_address", 0x2103)
        applied = await give(rig, CHARGE)
        assert (applied.outcome, applied.code) == (Outcome.REFUSED, Refusal.BY_DEVICE)
        assert (await give(rig, RELEASE)).outcome is Outcome.CONFIRMED


async def test_a_lost_link_leaves_the_rest_unknown() -> None:
    """Until it is read; what holds is ours."""
    async with evening() as rig:
        rig.sim.faults.add("silent_after_writes", 2)
        await control(rig).refresh()
        order = control(rig).order(CHARGE, {})
        control(rig).begin(order)
        applied = await control(rig).execute(order)
        assert (applied.outcome, applied.code) == (Outcome.INTERRUPTED, Refusal.LINK_LOST)
        rig.sim.faults.remove("silent_after_writes")
        state = rig.driver.state
        async with on(rig.sim, json.loads(json.dumps(state)), options=WRITES, hands=rig.hands) as again:
            assert control(again).holding().ownership is Ownership.OURS
            assert not control(again).holding().confirmed
            assert (await give(again, CHARGE)).outcome is Outcome.CONFIRMED


async def test_what_an_earlier_session_left_is_adopted() -> None:
    """Read before anything is decided."""
    async with evening() as rig:
        await give(rig, CHARGE)
        state = json.loads(json.dumps(rig.driver.state))
        async with on(rig.sim, state, options=WRITES, hands=rig.hands) as again:
            holding = control(again).holding()
            assert (holding.ownership, holding.command) == (Ownership.OURS, CHARGE)


async def test_a_plant_that_somebody_steers_is_not_ours() -> None:
    """Its time control was on when we came."""
    async with evening() as rig:
        rig.sim.change("time_control_enable", 1)
        await control(rig).refresh()
        assert control(rig).holding().ownership is Ownership.FOREIGN


async def test_somebody_else_s_change_is_noticed() -> None:
    """Within half a minute, without a look of its own; then they have it."""
    async with evening() as rig:
        await give(rig, HOLD)
        rig.sim.faults.add("owner_changes_mode", 0)
        await rig.read(FAST_AND_MORE, after_s=31)
        assert control(rig).holding().ownership is Ownership.FOREIGN
        control(rig).let_go()
        assert control(rig).holding().ownership is Ownership.FREE
        assert not control(rig).release({}).writes


async def test_a_day_has_forty_writes() -> None:
    """Then it is not charged any more; what leaves more to the device is still written."""
    async with evening() as rig:
        for _ in range(20):
            await give(rig, HOLD)
            await give(rig, PLAIN)
        holding = control(rig).holding()
        assert (holding.writes_today, holding.writes_left) == (40, 0)
        with pytest.raises(CommandRefusedError) as caught:
            control(rig).order(CHARGE, {})
        assert caught.value.code == Refusal.WRITE_BUDGET
        assert (await give(rig, HOLD)).outcome is Outcome.CONFIRMED
        assert (await give(rig, RELEASE)).outcome is Outcome.CONFIRMED


async def test_a_halt_ends_a_sequence_with_the_write_under_way() -> None:
    """Home Assistant stops."""
    async with evening() as rig:
        await control(rig).refresh()
        order = control(rig).order(CHARGE, {})
        control(rig).begin(order)
        control(rig).halt()
        applied = await control(rig).execute(order)
        assert (applied.outcome, applied.code, applied.done) == (Outcome.INTERRUPTED, Refusal.HALTED, ())


async def test_a_limit_that_nobody_holds_is_told() -> None:
    """A charge from the grid may pass it while nobody watches."""
    async with evening() as rig:
        able = control(rig).capabilities({Limit.IMPORT: 5000}).abilities[CommandKind.CHARGE]
        assert able.unattended.value == "unsafe"


def own_recipe() -> dict[str, str]:
    """Give a profile of the owner's own for an ECH, with what he found out about its mode register."""
    document = json.loads(TEXTS["ech_th"])
    mode = next(row for row in document["rows"] if row["name"] == "running_mode")
    mode |= {"access": "RW", "evidence": "owner"}
    document["commands"] = {
        "self_consume": [{"row": "running_mode", "value": "self_consumption"}],
        "idle": [{"row": "running_mode", "value": "pv_mode"}],
        "release": [{"row": "running_mode", "value": "self_consumption"}],
    }
    return {"ech_th.json": json.dumps(document)}


async def test_a_recipe_of_the_owner_s_own_is_tried_before_it_is_used() -> None:
    """Only while it is tried, or once its effect was seen; kept over restarts."""
    sim = plant("ech_th", start=EVENING, unlocked=True)
    sim.plant.load_override_w = lambda _now: LOAD_W
    hands = Hands(start=EVENING)
    async with sim.serving():
        async with on(sim, options=WRITES, profiles=own_recipe(), hands=hands) as rig:
            await rig.read()
            await rig.read(after_s=60)
            idle = BatteryCommand(kind=CommandKind.IDLE)
            what = control(rig)
            assert what.capabilities({}).writable
            assert what.provable() == {"recipe_idle": CommandKind.IDLE}
            with pytest.raises(CommandRefusedError) as caught:
                what.order(idle, {})
            assert caught.value.code == Refusal.NOT_TRIED
            assert (await give(rig, PLAIN)).outcome is Outcome.CONFIRMED  # it holds that anyway
            assert not sim.writes
            what.assume("recipe_idle")
            assert (await give(rig, idle)).outcome is Outcome.CONFIRMED
            rig.pass_time(60)
            assert abs(sim.plant.flows.battery_w) < 1
            what.assume(None)
            what.prove("recipe_idle")
            what.note_effect(CommandKind.IDLE, seen=True)
            assert what.capabilities({}).abilities[CommandKind.IDLE].proven
            assert not what.provable()
            assert (await give(rig, RELEASE)).outcome is Outcome.CONFIRMED
            assert sim.get("running_mode") == 1
            state = rig.driver.state
        async with on(sim, state, options=WRITES, profiles=own_recipe(), hands=hands) as rig:
            await rig.read()
            assert control(rig).capabilities({}).abilities[CommandKind.IDLE].offered
