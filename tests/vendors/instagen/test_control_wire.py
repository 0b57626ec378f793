"""Commands over TCP: what the simulated plant then does, and every way in which that can go wrong."""

from dataclasses import replace
from itertools import pairwise

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.control import Outcome
from custom_components.energy_storage.vendors.driver import DriverConnectionError
from custom_components.energy_storage.vendors.instagen.payload import encode
from custom_components.energy_storage.vendors.instagen.wishes import (
    ISLAND as ISLAND_ALLOWED,
    PROGRAM,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.simulators.instagen_client import connected
from tests.vendors.instagen.home import HOME, LOAD_W, RATED_W, Home, home
from tests.vendors.instagen.situations import (
    CHARGE,
    DISCHARGE,
    FEED_IN,
    HOLD,
    ISLAND,
    RELEASE,
    SELF,
    SHAVE,
    economy,
    force_charge,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

SETTLED_POLLS = 3


async def obeyed(there: Home, command: BatteryCommand) -> None:
    """Give a command, and see the battery do it."""
    applied = await there.give(command)
    assert applied.outcome is Outcome.CONFIRMED, applied.code
    await there.polls(SETTLED_POLLS)
    assert (there.holding.command, there.holding.confirmed) == (command, True)


@pytest.mark.parametrize(
    ("command", "mode", "battery_w"),
    [
        (SELF, 1, LOAD_W),
        (HOLD, 1, 0.0),
        (CHARGE, 5, -2_300.0),
        (DISCHARGE, 6, 2_300.0),
        (FEED_IN, 6, RATED_W),
        (replace(SHAVE, max_import_w=900.0), 7, LOAD_W - 900),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, BatteryCommand) else "",
)
async def test_the_plant_does_what_it_is_told(command: BatteryCommand, mode: int, battery_w: float) -> None:
    """In the watts that were asked for, and seen so by the next readings but one."""
    async with home() as there:
        if command is SELF:
            there.sim.change_mode(5)
        there.sim.set("battery.max_discharge_current", 90)  # whatever the reserve
        applied = await there.give(command)
        assert (applied.outcome, there.sim.mode) == (Outcome.CONFIRMED, 1 if command is not SELF else 5)
        assert not there.holding.confirmed
        await there.polls(40 if command is HOLD else SETTLED_POLLS)
        assert there.sim.mode == mode
        assert there.sim.plant.flows.battery_w == pytest.approx(battery_w, abs=120)
        assert (there.holding.command, there.holding.confirmed) == (command, True)


async def test_a_battery_that_says_it_cannot_give_confirms_a_hold_where_it_stopped() -> None:
    """The simulated one says so at its reserve, so only where it came to stand there tells."""
    async with home() as there:
        await there.give(HOLD)
        await there.polls(15)
        assert not there.holding.confirmed
        await there.polls(25)
        assert there.sim.plant.flows.battery_w == pytest.approx(0, abs=50)
        assert there.holding.confirmed


async def test_a_message_is_whole_and_addressed() -> None:
    """All parameters of its mode, the one inverter, a transaction, and nothing of the other pages."""
    async with home() as there:
        await there.give(CHARGE)
        values = dict(there.sim.writes[-1].values)
        assert values.pop("unix_time") == values.pop("transaction_id")
        serials = list(there.sim.config.serials)
        assert values == {"target_serials": serials, "mode": 5, "reserve_soc": 90, "max_power": 50}


async def test_hold_follows_the_sun_upwards() -> None:
    """In steps of 5 %, ten minutes apart; what was put on top is not given back but for one step."""
    async with home() as there:
        await there.give(HOLD)
        there.sim.plant.pv_override_w = 4_500.0
        for _ in range(180):
            await there.polls()
            await there.give(HOLD)
        reserves = there.reserves
        times = [write.at for write in there.sim.writes]
        assert len(reserves) > 4
        assert reserves == sorted(reserves)
        assert all((b - a).total_seconds() >= 600 for a, b in pairwise(times))
        there.sim.plant.pv_override_w = 0.0
        before_pct = there.sim.plant.soc_pct
        await there.polls(100)
        assert there.sim.plant.soc_pct > before_pct - 6


async def test_hold_never_charges_from_the_grid() -> None:
    """At any SOC, with a reading half a minute old and a battery that gives."""
    for soc_pct in (10.4, 11.0, 19.6, 55.5, 99.5):
        config = replace(HOME, plant=replace(HOME.plant, soc_pct=soc_pct))
        async with home(config) as there:
            await there.polls(2)
            try:
                await there.give(HOLD)
            except CommandRefusedError as refused:
                assert refused.code in {"soc_below_reserves", "soc_too_low"}  # noqa: PT017  a refusal is right, too
            for _ in range(30):
                await there.polls()
                assert there.sim.plant.flows.battery_w > -100


@pytest.mark.parametrize("mode", [1, 3, 6])
async def test_a_change_in_the_app_is_followed(mode: int) -> None:
    """Somebody else controls: nothing is sent, until the owner takes the plant over."""
    async with home() as there:
        await obeyed(there, CHARGE)
        there.sim.change_mode(mode, **({"reserve_soc": 100} if mode == 3 else {"reserve_soc": 10}))
        if mode == 3:  # it charges as we do, only faster
            assert there.holding.ownership is Ownership.OURS
        await there.polls(4)
        assert there.holding.ownership is Ownership.FOREIGN
        there.control.let_go()
        there.saved = there.driver.state
        await there.start()
        assert there.holding.ownership is Ownership.FOREIGN
        there.sim.advance(60)
        await there.give(CHARGE)
        assert (there.holding.ownership, there.holding.command) == (Ownership.OURS, CHARGE)


async def test_a_second_client_does_not_take_a_command_away() -> None:
    """Another program on the port disturbs us; the plant goes on, and what it is told arrives later."""
    async with home() as there:
        await obeyed(there, CHARGE)
        there.sim.advance(60)
        async with connected(there.sim):
            applied = await there.give(SELF)
            assert applied.outcome is Outcome.INTERRUPTED
            assert there.holding.command == CHARGE
        assert there.sim.mode == 5
        await obeyed(there, SELF)


async def test_another_home_assistant_is_seen_by_what_the_battery_does() -> None:
    """Two of them on one plant: the second takes it, and the first yields instead of fighting."""
    async with home() as there:
        await obeyed(there, CHARGE)
        other = Home(there.sim)
        await other.start()
        there.sim.advance(60)
        await obeyed(other, DISCHARGE)
        await there.polls(4)
        assert there.holding.ownership is Ownership.FOREIGN
        assert there.modes == [5, 6]
        await other.driver.close()


@pytest.mark.parametrize("fault", ["dropped_answers", "closes_instead", "silence", "reset_in_answer"])
async def test_an_answer_that_is_lost_leaves_both_open(fault: str) -> None:
    """It may have been done or not: the worse is reckoned with, over a restart too, and it is said again."""
    async with home() as there:
        await obeyed(there, SELF)
        there.sim.advance(60)
        there.sim.faults.add(fault)
        applied = await there.give(CHARGE)
        assert (applied.outcome, applied.code) == (Outcome.INTERRUPTED, "link_lost")
        there.sim.faults.remove(fault)
        await there.start()
        assert (there.holding.command, there.holding.confirmed) == (CHARGE, False)
        await there.polls(4)
        assert (there.holding.ownership, there.holding.confirmed) == (Ownership.OURS, False)
        await obeyed(there, SELF)
        assert there.sim.mode == 1


async def test_a_write_that_is_acknowledged_and_not_executed_is_said_again() -> None:
    """It shows as a failure meanwhile, and is confirmed when the plant obeys after all."""
    async with home() as there:
        await obeyed(there, SELF)
        there.sim.advance(60)
        there.sim.faults.add("ignored_writes")
        assert (await there.give(CHARGE)).outcome is Outcome.CONFIRMED
        outcomes = []
        for _ in range(20):
            await there.polls()
            outcomes.append((await there.give(CHARGE)).outcome)
        assert Outcome.UNCONFIRMED in outcomes
        assert there.holding.ownership is Ownership.OURS
        assert 2 <= len(there.modes) - 1 <= 5
        there.sim.faults.remove("ignored_writes")
        for _ in range(30):
            await there.polls()
            await there.give(CHARGE)
        assert there.sim.mode == 5
        assert there.holding.confirmed


async def test_a_stick_that_restarts_forgets_what_it_had_only_taken() -> None:
    """Seen by the battery, like any message that was not carried out."""
    async with home() as there:
        await obeyed(there, SELF)
        there.sim.advance(60)
        await there.give(CHARGE)
        there.sim.device.forget()
        for _ in range(12):
            await there.polls()
            await there.give(CHARGE)
        assert there.sim.mode == 5
        assert there.holding.confirmed


async def test_a_stick_that_restarts_keeps_what_it_does() -> None:
    """It is gone for a while; the plant goes on, and so do we."""
    async with home() as there:
        await obeyed(there, CHARGE)
        there.sim.faults.add("restart", 3600)
        there.sim.advance(35)
        with pytest.raises(DriverConnectionError):
            await there.after(0)
        assert (await there.give(SELF)).outcome is Outcome.INTERRUPTED
        assert there.holding.command == CHARGE
        there.sim.faults.remove("restart")
        there.sim.advance(60)
        await obeyed(there, SELF)


async def test_what_is_told_does_not_wait_for_a_stick_to_recover() -> None:
    """After failures in a row a stick is left alone for a while; not by what may be urgent."""
    async with home() as there:
        await obeyed(there, CHARGE)
        there.sim.faults.add("closes_instead")
        for _ in range(3):
            with pytest.raises(DriverConnectionError):
                await there.after(1)
        there.sim.faults.remove("closes_instead")
        assert (await there.give(SELF)).outcome is Outcome.CONFIRMED


async def test_a_refusal_is_told_and_remembered_for_the_mode_that_may_be_missing() -> None:
    """Mode 7 is not in Instagen's manual: asked once, then it is not offered any more."""
    async with home(replace(HOME, refused_modes=frozenset({7, 8}))) as there:
        applied = await there.give(SHAVE)
        assert (applied.outcome, applied.code, applied.again) == (
            Outcome.REFUSED,
            "refused_by_device",
            True,
        )
        await there.start()
        able = there.control.capabilities({}).abilities[CommandKind.SHAVE]
        assert (able.offered, able.reason) == (False, "mode_refused")
        assert there.modes == []


async def test_a_refusal_of_a_mode_that_all_have_is_not() -> None:
    """Refused now, taken later."""
    async with home() as there:
        there.sim.faults.add("refused_writes", 3)
        assert (await there.give(CHARGE)).outcome is Outcome.REFUSED
        there.sim.faults.remove("refused_writes")
        there.sim.advance(60)
        await obeyed(there, CHARGE)


async def test_a_soc_that_is_lost_or_leaps_makes_no_reserve() -> None:
    """Nor does it end what is held."""
    async with home() as there:
        there.sim.set("battery.soc", 95)
        await there.polls()
        await there.give(HOLD)
        assert there.reserves[-1] == 53
    async with home() as there:
        there.sim.hide("battery")
        await there.polls(5)
        with pytest.raises(CommandRefusedError, match="needs_fresh_soc"):
            await there.give(HOLD)
        assert (await there.give(SELF)).outcome is Outcome.CONFIRMED


async def test_a_frozen_stick_makes_no_reserve_and_no_verdict() -> None:
    """It answers on and on with the same values."""
    async with home() as there:
        await obeyed(there, CHARGE)
        there.sim.faults.add("frozen_clock")
        there.sim.change_mode(1)
        await there.polls(10)
        assert not there.foreign
        with pytest.raises(CommandRefusedError, match="needs_fresh_soc"):
            await there.give(HOLD)
        there.sim.faults.remove("frozen_clock")
        await there.polls(4)
        assert there.foreign


async def test_a_device_clock_that_is_wrong_does_not_matter() -> None:
    """It only tells one reading from the next."""
    async with home() as there:
        there.sim.faults.add("clock_wrong", -7)
        await there.polls(2)
        await obeyed(there, CHARGE)
        await obeyed_later(there, DISCHARGE)


async def obeyed_later(there: Home, command: BatteryCommand) -> None:
    """Give a command after its minute."""
    there.sim.advance(60)
    await obeyed(there, command)


async def test_an_outage_is_no_contradiction() -> None:
    """The battery serves the island, whatever it was told; back on the grid it goes on."""
    config = replace(HOME, plant=replace(HOME.plant, backup_supply=True))
    async with home(config) as there:
        await obeyed(there, CHARGE)
        there.sim.faults.add("grid_loss")
        await there.polls(20)
        assert there.holding.ownership is Ownership.OURS
        with pytest.raises(CommandRefusedError, match="grid_lost"):
            await there.give(DISCHARGE)
        await there.give(SELF)
        there.sim.faults.remove("grid_loss")
        await there.polls(SETTLED_POLLS)
        assert there.sim.mode == 1
        assert there.holding.confirmed


async def test_a_release_is_the_program_that_the_owner_named() -> None:
    """As the options of the plant have it; else self-consumption with the owner's reserve."""
    async with home() as there:
        await obeyed(there, CHARGE)
        assert (await there.give(None)).outcome is Outcome.CONFIRMED
        await there.polls()
        assert (there.sim.mode, there.sim.device.modes.stored[1]["reserve_soc"]) == (1, 20)
        assert there.holding.command is None
    async with home(HOME, {PROGRAM: encode(economy()).hex()}) as there:
        await obeyed(there, CHARGE)
        await there.give(None)
        await there.polls()
        assert there.sim.mode == 2


async def test_a_forced_mode_is_no_program_to_name() -> None:
    """Whatever stands in the options."""
    for text in (encode(force_charge()).hex(), "no hexadecimal", ""):
        async with home(HOME, {PROGRAM: text}) as there:
            await obeyed(there, CHARGE)
            await there.give(RELEASE)
            await there.polls()
            assert there.sim.mode == 1


async def test_an_island_is_for_an_owner_who_has_allowed_it() -> None:
    """Mode 4 alone."""
    async with home() as there:
        with pytest.raises(CommandRefusedError, match="island_not_allowed"):
            await there.give(ISLAND)
    async with home(HOME, {ISLAND_ALLOWED: True}) as there:
        await there.give(ISLAND)
        await there.polls()
        assert there.sim.mode == 4
        assert there.holding.command == ISLAND


async def test_several_inverters_are_told_nothing() -> None:
    """Nobody knows how they share a message."""
    async with home(replace(HOME, inverters=2)) as there:
        for kind in CommandKind:
            able = there.control.capabilities({}).abilities[kind]
            assert (able.offered, able.reason) == (False, "parallel_unproven")
        assert (await there.give(None)).outcome is Outcome.CONFIRMED
        assert there.modes == []
