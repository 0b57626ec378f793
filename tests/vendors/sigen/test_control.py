"""Commands on their way over the wire to a simulated Sigen plant, and what is remembered of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
import json

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Guard, Limit
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.control import Applied, Outcome, PlantControl, Request
from custom_components.energy_storage.vendors.driver import DriverError, DriverState, Due, Tier
from custom_components.energy_storage.vendors.write import CommandRefusedError
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


async def test_refused_readings_do_not_cost_the_memory(rig: Rig) -> None:
    """After some refusals the plant is looked at anew; what was found and written is not asked, but known."""
    await give(rig, CHARGE)
    kept = rig.driver.state["control"]
    rig.sim.faults.add("exception", 2)
    for _ in range(5):
        with pytest.raises(DriverError):
            await rig.read(FAST)
    rig.sim.faults.clear()
    await rig.read(FAST)
    assert rig.driver.state["control"] == kept
    holding = control(rig).holding()
    assert (holding.ownership, holding.command) == (Ownership.OURS, CHARGE)


async def test_a_reserve_above_the_soc_is_given_back_when_the_battery_is_full_enough(
    sigen: SigenFactory,
) -> None:
    """Also where a command has left remote control meanwhile: the owner's reserve is not forgotten."""
    sim = await sigen(replace(PLANT, speed=1, plant=PlantConfig(soc_pct=40.0)))
    sim.change("ess_backup_soc", 50.0)
    sim.set("smart_load_01_power", 0.5)  # there is a gateway, so the battery is held by the reserve
    async with on(sim, timeout_s=2.0) as rig:
        sim.set("ess_soc", 40.0)
        await rig.read()
        await give(rig, BatteryCommand(kind=CommandKind.HOLD))
        await give(rig, SELF)
        assert (sim.get("remote_ems_enable"), sim.get("ess_backup_soc")) == (0, 39.7)
        for soc_pct in (44.0, 48.0, 52.0):
            sim.set("ess_soc", soc_pct)
            await rig.read(FAST)
        await give(rig, RELEASE)
    assert sim.get("ess_backup_soc") == 50.0


async def test_what_is_halted_before_its_first_write_sends_none(rig: Rig) -> None:
    """The end of Home Assistant may come while the state is on its way to the disk."""
    commands = control(rig)
    await commands.refresh()
    order = commands.order(CHARGE, {})
    commands.begin(order)
    commands.halt()
    applied = await commands.execute(order)
    assert (applied.outcome, applied.code, applied.done) == (Outcome.INTERRUPTED, "halted", ())
    assert rig.sim.writes == []


LOOKS_WHILE_WAITING = 10
"""More than what was written needs to be read back."""


async def entering(rig: Rig) -> asyncio.Task[Applied]:
    """Have a charge begun that waits for remote control to come into force."""
    await rig.read()
    giving = asyncio.create_task(give(rig, CHARGE))
    asked = len(rig.sim.requests)
    for _ in range(500):
        await asyncio.sleep(0.01)
        asked = asked if rig.sim.writes else len(rig.sim.requests)
        if len(rig.sim.requests) - asked > LOOKS_WHILE_WAITING:
            break
    return giving


async def test_halting_ends_the_wait_for_remote_control(sigen: SigenFactory) -> None:
    """There is no time left for it when Home Assistant stops."""
    async with on(await sigen(replace(PLANT, enter_s=60.0)), timeout_s=2.0) as rig:
        giving = await entering(rig)
        control(rig).halt()
        applied = await asyncio.wait_for(giving, 5)
    assert (applied.outcome, applied.code) == (Outcome.INTERRUPTED, "halted")
    assert written(rig.sim) == [("remote_ems_enable", 1)]


async def test_remote_control_that_does_not_come_into_force_is_given_up(sigen: SigenFactory) -> None:
    """After 20 s; what needs it is not written before."""
    async with on(await sigen(replace(PLANT, enter_s=60.0)), timeout_s=2.0) as rig:
        giving = await entering(rig)
        rig.hands.seconds += 19
        await asyncio.sleep(0.1)
        assert not giving.done()
        rig.hands.seconds += 1
        applied = await asyncio.wait_for(giving, 5)
    assert (applied.outcome, applied.code) == (Outcome.UNCONFIRMED, "remote_not_in_force")
    assert written(rig.sim) == [("remote_ems_enable", 1)]


async def test_an_operator_who_takes_the_plant_on_entering_keeps_it(sigen: SigenFactory) -> None:
    """Nobody waits then, and nothing more is written."""
    async with on(await sigen(replace(PLANT, enter_s=60.0)), timeout_s=2.0) as rig:
        giving = await entering(rig)
        rig.sim.faults.add("vpp", 2)
        applied = await asyncio.wait_for(giving, 5)
    assert (applied.outcome, applied.code) == (Outcome.UNCONFIRMED, "remote_not_in_force")
    assert written(rig.sim) == [("remote_ems_enable", 1)]


async def test_a_write_without_effect_is_noticed_at_the_end(rig: Rig) -> None:
    """Where nothing follows that would need it, too."""
    rig.sim.faults.add("ignored_writes", 0)
    applied = await give(rig, SELF, {Limit.EXPORT: 5_000})
    assert (applied.outcome, applied.code) == (Outcome.UNCONFIRMED, "not_held")
    assert not control(rig).holding().confirmed


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("refused_address", Outcome.REFUSED), ("ignored_writes", Outcome.UNCONFIRMED)],
)
@pytest.mark.parametrize("address", [40029, 40031])
async def test_a_release_that_leaves_remote_control_on_is_told(
    rig: Rig, address: int, fault: str, outcome: Outcome
) -> None:
    """Only a limit can wait; without mode or remote EMS the plant is not handed back."""
    await give(rig, CHARGE)
    rig.sim.faults.add(fault, address)
    applied = await give(rig, RELEASE)
    assert (applied.outcome, applied.skipped) == (outcome, ())
    assert rig.sim.get("remote_ems_enable") == 1
    holding = control(rig).holding()
    assert (holding.ownership, holding.confirmed) == (Ownership.OURS, False)
    assert rig.driver.state["control"]["snapshot"] is not None


async def test_a_refusal_of_what_the_plant_has_is_none(rig: Rig) -> None:
    """Somebody may have set the same just before."""
    commands = control(rig)
    await commands.refresh()
    order = commands.order(CHARGE, {})
    commands.begin(order)
    rig.sim.change("ess_charge_cutoff_soc", 80.0)
    rig.sim.faults.add("refused_address", 40047)
    assert (await commands.execute(order)).outcome is Outcome.CONFIRMED


@pytest.mark.parametrize("address", [40029, 40031, 40032])
async def test_a_refusal_teaches_nothing_unless_it_is_of_the_mode_on_entering(rig: Rig, address: int) -> None:
    """Else a plant would be entered at its stored mode for a refusal that had another cause."""
    rig.sim.faults.add("refused_address", address)
    applied = await give(rig, CHARGE)
    assert (applied.outcome, applied.again) == (Outcome.REFUSED, False)
    assert "mode_only_in_remote" not in rig.driver.state["control"]["seen"]


async def test_without_the_grid_a_charge_is_not_planned(sigen: SigenFactory) -> None:
    """What the plant says of its grid reaches the plan."""
    async with on(await sigen(replace(PLANT, plant=PlantConfig(soc_pct=60.0))), timeout_s=2.0) as rig:
        await rig.read()
        assert control(rig).order(CHARGE, {}).writes
        rig.sim.plant.grid_available = False
        await rig.read()
        with pytest.raises(CommandRefusedError) as caught:
            control(rig).order(CHARGE, {})
    assert caught.value.code == "grid_lost"


WATCH = Due(tiers=frozenset({Tier.FAST}), most_requests=2)


async def looks(rig: Rig, seconds: int) -> int:
    """Give how often the plant is asked what it holds in so many seconds."""
    before = len(rig.asked())
    for _ in range(seconds // 5):
        await rig.read(WATCH)
    return sum(
        unit == 247 and address <= 40029 < address + count for unit, address, count in rig.asked(before)
    )


async def test_a_plant_of_ours_is_watched(rig: Rig) -> None:
    """Each half minute, at once where somebody may have changed something, and then more often."""
    assert await looks(rig, 60) == 0
    await give(rig, CHARGE)
    assert await looks(rig, 60) == 2
    rig.sim.change("ess_max_charge_limit", 1.0)
    await control(rig).refresh()
    assert control(rig).holding().ownership is Ownership.FOREIGN
    assert await looks(rig, 5) == 1
    assert await looks(rig, 60) == 4


async def ask(rig: Rig, device: str, request: Request, value: float | None = None) -> Applied:
    """Ask something of one device of the plant."""
    commands = control(rig)
    order = commands.request(device, request, value)
    commands.begin(order)
    return await commands.execute(order)


async def test_nothing_has_to_be_written_for_what_is_held(rig: Rig) -> None:
    """It is asked for again and again, and costs no write."""
    await give(rig, CHARGE)
    done = len(rig.sim.writes)
    again = await give(rig, CHARGE)
    assert (again.outcome, again.done) == (Outcome.CONFIRMED, ())
    assert len(rig.sim.writes) == done


async def test_plain_self_consumption_needs_no_remote_control(rig: Rig) -> None:
    """A plant in that mode of its own is left in it; only the owner's limits are written."""
    applied = await give(rig, SELF, {Limit.EXPORT: 5_000})
    assert applied.outcome is Outcome.CONFIRMED
    assert written(rig.sim) == [("grid_export_limit", 5.0)]
    assert control(rig).holding().command == SELF
    await give(rig, RELEASE, {Limit.EXPORT: 5_000})
    assert rig.sim.get("grid_export_limit") == 5.0


async def test_a_command_replaces_the_other_without_leaving_remote_control(rig: Rig) -> None:
    """The limits of the first go back to what they were."""
    await give(rig, CHARGE)
    applied = await give(rig, DISCHARGE)
    assert applied.outcome is Outcome.CONFIRMED
    assert rig.sim.get("ess_max_charge_limit") == 8.0
    assert rig.sim.get("ess_charge_cutoff_soc") == 100.0
    assert rig.sim.get("ess_discharge_cutoff_soc") == 30.0
    assert (await rig.read(FAST)).battery_power_w == pytest.approx(2_000, abs=10)


async def test_a_soc_that_has_fallen_meanwhile_stops_the_sequence(rig: Rig) -> None:
    """A discharge cut-off above it would charge from the grid: it is compared just before the write."""
    commands = control(rig)
    await commands.refresh()
    near = BatteryCommand(kind=CommandKind.DISCHARGE, power_w=2_000, floor_soc_pct=59.4)
    order = commands.order(near, {})
    commands.begin(order)
    rig.sim.set("ess_soc", 59.4)
    applied = await commands.execute(order)
    assert (applied.outcome, applied.code, applied.again) == (Outcome.REFUSED, "soc_too_low", True)
    assert rig.sim.get("remote_ems_control_mode") == 2
    assert rig.sim.get("ess_discharge_cutoff_soc") == 5.0


async def test_a_soc_that_leaps_stops_the_sequence_too(rig: Rig) -> None:
    """One that nobody believes is none."""
    commands = control(rig)
    await commands.refresh()
    order = commands.order(DISCHARGE, {})
    commands.begin(order)
    rig.sim.set("ess_soc", 99.0)
    applied = await commands.execute(order)
    assert (applied.outcome, applied.code) == (Outcome.REFUSED, "soc_unknown")


async def test_a_soc_that_is_lost_meanwhile_does_not_keep_the_plant(rig: Rig) -> None:
    """The release that it ends is planned anew, and leaves for later what needs a SOC."""
    await give(rig, DISCHARGE)
    commands = control(rig)
    await commands.refresh()
    order = commands.release({})
    commands.begin(order)
    rig.sim.set_raw("ess_soc", (0xFFFF,))
    applied = await commands.execute(order)
    assert (applied.outcome, applied.code, applied.again) == (Outcome.REFUSED, "soc_unknown", True)
    applied = await give(rig, RELEASE)
    assert (applied.outcome, applied.order.deferred) == (Outcome.CONFIRMED, ("ess_discharge_cutoff_soc",))
    assert rig.sim.get("remote_ems_enable") == 0


async def test_what_a_release_without_a_reading_leaves_is_given_back_later(rig: Rig) -> None:
    """The plant took the writes although its last reading had failed."""
    rig.sim.change("ess_charge_cutoff_soc", 95.0)
    await give(rig, CHARGE)
    rig.sim.faults.add("exception", 4)
    with pytest.raises(DriverError):
        await rig.read(FAST)
    rig.sim.faults.clear()
    commands = control(rig)
    order = commands.release({}, short=True)
    commands.begin(order)
    assert (await commands.execute(order)).outcome is Outcome.CONFIRMED
    await rig.read(FAST)
    await give(rig, RELEASE)
    assert rig.sim.get("ess_charge_cutoff_soc") == 95.0


async def test_a_plant_that_is_silent_for_a_moment_can_do_what_it_could(rig: Rig) -> None:
    """A reading that was missed takes nobody from a limit who guards it."""
    could = control(rig).capabilities({Limit.EXPORT: 5_000})
    assert could.guards[Limit.EXPORT] is Guard.DEVICE
    rig.sim.faults.add("exception")
    with pytest.raises(DriverError):
        await rig.read(FAST)
    assert control(rig).capabilities({Limit.EXPORT: 5_000}) == could


async def test_writes_are_counted_against_the_budget_of_their_register(rig: Rig) -> None:
    """Each of them, also over a restart."""
    await give(rig, CHARGE)
    await give(rig, DISCHARGE)
    holding = control(rig).holding()
    assert holding.writes_today == len(rig.sim.writes)
    assert holding.writes_left == 248
    async with on(rig.sim, await restarted(rig), timeout_s=2.0, hands=rig.hands) as again:
        assert control(again).holding().writes_left == 248


async def test_a_proof_offers_what_needs_it(sigen: SigenFactory) -> None:
    """Limits that were seen to act everywhere offer `hold`; while it is tried, and after it was seen."""
    async with on(await sigen(replace(PLANT, firmware="SPC113")), timeout_s=2.0) as rig:
        await rig.read()
        commands = control(rig)
        assert not commands.capabilities({}).abilities[CommandKind.HOLD].offered
        assert commands.provable() == {"limits_global": CommandKind.IDLE}
        commands.assume("limits_global")
        assert commands.capabilities({}).abilities[CommandKind.HOLD].offered
        commands.assume(None)
        assert not commands.capabilities({}).abilities[CommandKind.HOLD].offered
        commands.prove("limits_global")
        assert commands.capabilities({}).abilities[CommandKind.HOLD].offered
        assert commands.provable() == {}


async def test_what_had_no_effect_is_not_offered(rig: Rig) -> None:
    """Until it is tried again."""
    commands = control(rig)
    commands.note_effect(CommandKind.CHARGE, seen=False)
    ability = commands.capabilities({}).abilities[CommandKind.CHARGE]
    assert (ability.offered, ability.reason) == (False, "no_effect")
    commands.note_effect(CommandKind.CHARGE, seen=None)
    assert commands.capabilities({}).abilities[CommandKind.CHARGE].offered
    commands.note_effect(CommandKind.CHARGE, seen=True)
    assert commands.effects() == {CommandKind.CHARGE: True}


async def test_what_had_no_effect_can_be_tried_again(sigen: SigenFactory) -> None:
    """It is offered while something is taken for proved, and not afterwards."""
    async with on(await sigen(replace(PLANT, firmware="SPC113")), timeout_s=2.0) as rig:
        await rig.read()
        commands = control(rig)
        commands.note_effect(CommandKind.IDLE, seen=False)
        commands.assume("limits_global")
        assert commands.capabilities({}).abilities[CommandKind.IDLE].offered
        commands.assume(None)
        assert not commands.capabilities({}).abilities[CommandKind.IDLE].offered


async def test_what_was_proven_is_forgotten_with_the_firmware(sigen: SigenFactory) -> None:
    """As soon as the hourly identity shows another one."""
    async with on(await sigen(replace(PLANT, firmware="SPC112")), timeout_s=2.0) as rig:
        await rig.read()
        control(rig).prove("limits_global")
        await rig.read(after_s=3600)
        assert "limits_global" in rig.driver.state["control"]["seen"]
        rig.sim.upgrade("SPC113")
        await rig.read(after_s=3600)
        assert "limits_global" not in rig.driver.state["control"]["seen"]
        assert not control(rig).capabilities({}).abilities[CommandKind.IDLE].offered


async def test_chargers_are_started_stopped_and_limited(sigen: SigenFactory) -> None:
    """0 starts, 1 stops; the current is read back, and at most what charger and breaker bear."""
    sim = await sigen(replace(PLANT, ac_chargers=(3,), dc_charger=1))
    assert sim.plant.dc_ev is not None
    sim.plant.dc_ev.connected = True
    async with on(sim, timeout_s=2.0) as rig:
        await rig.read()
        await rig.read()
        for device, request, value in (
            ("ac_charger_3", Request.START, None),
            ("ac_charger_3", Request.LIMIT_CURRENT, 10.0),
            ("ac_charger_3", Request.STOP, None),
            ("dc_charger_1", Request.START, None),
            ("dc_charger_1", Request.LIMIT_POWER, 5_000.0),
            ("dc_charger_1", Request.STOP, None),
        ):
            assert (await ask(rig, device, request, value)).outcome is Outcome.CONFIRMED
        assert written(sim) == [
            ("charging_start_stop", 0),
            ("output_current_limit", 10.0),
            ("charging_start_stop", 1),
            ("charging_start_stop", 0),
            ("max_charge_power_limit", 5.0),
            ("charging_start_stop", 1),
        ]
        holding = control(rig).holding()
        assert (holding.ownership, holding.writes_left) == (Ownership.FREE, 248)
        assert rig.driver.state["control"]["snapshot"] is None


@pytest.mark.parametrize(
    ("device", "request_", "value", "code"),
    [
        ("ac_charger_3", Request.LIMIT_CURRENT, 5.9, "below_minimum"),
        ("ac_charger_3", Request.LIMIT_POWER, 5_000.0, "not_supported"),
        ("plant", Request.START, None, "not_supported"),
        ("ac_charger_3", Request.POWER_OFF, None, "not_supported"),
        ("nobody", Request.START, None, "not_supported"),
    ],
)
async def test_a_request_that_cannot_be_is_refused(
    sigen: SigenFactory, device: str, request_: Request, value: float | None, code: str
) -> None:
    """Before anything is written."""
    sim = await sigen(replace(PLANT, ac_chargers=(3,)))
    async with on(sim, timeout_s=2.0) as rig:
        await rig.read()
        with pytest.raises(CommandRefusedError) as caught:
            control(rig).request(device, request_, value)
        assert caught.value.code == code
        assert sim.writes == []


async def test_a_stored_pv_limit_of_zero_is_lifted_when_asked(rig: Rig) -> None:
    """And only then."""
    rig.sim.change("pv_max_power_limit", 0)
    await control(rig).refresh()
    assert control(rig).holding().obstacles == ("pv_limit_zero",)
    assert (await ask(rig, "plant", Request.LIFT_PV_LIMIT)).outcome is Outcome.CONFIRMED
    assert rig.sim.get("pv_max_power_limit") == 20.0
    assert control(rig).holding().obstacles == ()
    assert (await ask(rig, "plant", Request.LIFT_PV_LIMIT)).done == ()


async def test_the_plant_is_switched_off_and_on_by_request_alone(rig: Rig) -> None:
    """Off it stays off; no command comes near it."""
    assert (await ask(rig, "plant", Request.POWER_OFF)).outcome is Outcome.CONFIRMED
    assert (await rig.read(FAST)).running_state == "shut_down"
    assert (await ask(rig, "plant", Request.POWER_ON)).outcome is Outcome.CONFIRMED
    assert (await rig.read(FAST)).running_state != "shut_down"


@pytest.mark.parametrize("fault", ["refused", "ignored"])
async def test_a_limit_that_is_not_taken_back_does_not_keep_the_plant(rig: Rig, fault: str) -> None:
    """Remote EMS is switched off all the same; what is left is told, and given back later."""
    await give(rig, CHARGE)
    if fault == "ignored":
        rig.sim.faults.add("ignored_writes", 40047)
    else:
        rig.sim.faults.add("refused_address", 40047)
    applied = await give(rig, RELEASE)
    assert applied.outcome is Outcome.CONFIRMED
    assert [write.name for write in applied.skipped] == ["ess_charge_cutoff_soc"]
    assert rig.sim.get("remote_ems_enable") == 0
    assert control(rig).holding().deferred == ("ess_charge_cutoff_soc",)
    rig.sim.faults.clear()
    assert (await give(rig, RELEASE)).outcome is Outcome.CONFIRMED
    assert rig.sim.get("ess_charge_cutoff_soc") == 100.0
    assert control(rig).holding().deferred == ()
