"""The Sigen driver while wire or device fail: what it says of the fault, and how soon that is over."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
import logging

import pytest

from custom_components.energy_storage.engine.plant import Counter, GridState, PlantState, RunningState
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    Due,
    LinkFault,
    Tier,
)
from tests.conftest import SigenFactory
from tests.link_faults import CASES, PATIENCE_S, TIMEOUT_S, Trouble, only_our_name_resolves, wait_at_most
from tests.simulators.raw_client import connected
from tests.simulators.sigen import SigenConfig

from .plants import FAST, NOON, Rig, on

STILL = SigenConfig(speed=0, start=NOON)
FLEET = replace(STILL, inverters=(1, 2), ac_chargers=(5,))
FEW = Due(tiers=frozenset(Tier), most_requests=60)
"""Everything, but resting devices are left alone."""
TOLD = Due(tiers=frozenset())
"""Ask nothing, tell what is known."""


@pytest.fixture(autouse=True)
def _no_trace(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, nothing is logged as a defect; the library itself tells of each reset in one line."""
    yield
    records = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    assert not [
        record.getMessage()
        for record in records
        if (record.exc_info and record.levelno >= logging.WARNING)
        or (record.levelno >= logging.ERROR and record.name != "tmodbus.transport.async_tcp")
    ]


@pytest.fixture(params=CASES, ids=str)
async def trouble(
    request: pytest.FixtureRequest, sigen: SigenFactory, monkeypatch: pytest.MonkeyPatch
) -> Trouble:
    """Each fault of the link in turn, not yet begun."""
    return Trouble(await sigen(STILL), request.param, only_our_name_resolves(monkeypatch))


async def fails(rig: Rig) -> LinkFault:
    """Read in vain; give what the driver says of it."""
    wait_at_most(rig.driver, TIMEOUT_S)
    with pytest.raises(DriverConnectionError) as caught:
        await rig.read(FAST)
    wait_at_most(rig.driver, PATIENCE_S)
    assert str(caught.value)
    return caught.value.fault


async def recovers(rig: Rig, due: Due = FAST) -> PlantState:
    """Read as often as it may take after the end of a fault."""
    try:
        return await rig.read(due)
    except DriverConnectionError:
        return await rig.read(due)


async def test_fault_is_named(trouble: Trouble) -> None:
    """Each has its own kind, and what was read before is not told any more."""
    async with on(trouble.sim, timeout_s=PATIENCE_S) as rig:
        live = await rig.read()
        trouble.begin()
        await fails(rig)
        assert await fails(rig) is trouble.case.kind
        told = await rig.driver.read(TOLD)
        assert told.read_at == live.read_at
        assert (told.soc_pct, told.grid_power_w, told.pv_power_w) == (None, None, None)
        assert told.reachable["plant"] is False
        assert rig.value("plant", "ess_soc") is None


async def test_plant_is_back_within_two_polls(trouble: Trouble) -> None:
    """With what it says then, and with all its points."""
    async with on(trouble.sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        points = len(rig.driver.points)
        trouble.begin()
        await fails(rig)
        trouble.sim.set("grid_active_power", 1.234)
        trouble.end()
        state = await recovers(rig)
        assert (state.grid_power_w, state.read_at) == (1234, rig.hands.now())
        assert state.reachable["plant"] is True
        assert len(rig.driver.points) == points


async def test_replies_in_time_are_no_fault(sigen: SigenFactory) -> None:
    """A device that takes long is waited for, and each answer belongs to its own question."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("late_replies", TIMEOUT_S / 2)
        for kw in (1.0, -2.0, 3.0):
            sim.set("grid_active_power", kw)
            assert (await rig.read(FAST)).grid_power_w == 1000 * kw


async def test_replies_that_come_too_late_are_not_taken_for_others(sigen: SigenFactory) -> None:
    """What was asked before the fault's end and comes after it changes nothing."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.set("grid_active_power", 1.0)
        sim.faults.add("late_replies", 1.2 * TIMEOUT_S)
        await fails(rig)
        sim.set("grid_active_power", 2.0)
        sim.faults.clear()
        assert [(await recovers(rig)).grid_power_w for _ in range(3)] == [2000, 2000, 2000]


async def test_restart_costs_one_poll(sigen: SigenFactory) -> None:
    """The link is cut with RST and the port is closed for a moment."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("restart", 0.05)
        assert await fails(rig) in (LinkFault.CLOSED, LinkFault.REFUSED)
        await asyncio.sleep(0.1)
        assert (await rig.read(FAST)).soc_pct is not None


async def test_somebody_else_has_the_only_connection(sigen: SigenFactory) -> None:
    """The plant hangs up until the other client has gone."""
    sim = await sigen(STILL)
    sim.faults.add("one_connection")
    async with on(sim, connect=False, timeout_s=PATIENCE_S) as rig:
        async with connected(sim.host, sim.port) as other:
            await other.read(247, 30051)
            with pytest.raises(DriverConnectionError) as caught:
                await rig.driver.connect(None)
            assert caught.value.fault is LinkFault.CLOSED
        await rig.driver.connect(None)
        assert (await rig.read()).soc_pct is not None


async def test_we_keep_the_only_connection(sigen: SigenFactory) -> None:
    """Another client that is turned away does not disturb us, and all unit ids share the one link."""
    sim = await sigen(FLEET)
    sim.faults.add("one_connection")
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        async with connected(sim.host, sim.port) as other:
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await other.ask("F7 04 75 63 00 01")
        assert all((await rig.read()).reachable.values())


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("dropped_replies", None),
        ("silence", 60),
        ("late_replies", 1.2 * TIMEOUT_S),
        ("other_transaction", None),
        ("wrong_unit_id", None),
        ("reset_in_reply", None),
        ("exception", 4),
        ("exception", 11),
    ],
)
async def test_fault_of_one_inverter_is_its_own(sigen: SigenFactory, fault: str, value: float | None) -> None:
    """Its readings are unknown; plant, second inverter and charger are read as ever."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add(fault, value, unit=1)
        wait_at_most(rig.driver, TIMEOUT_S, unit=1)
        sim.set("active_power", 4.5, unit=2)
        sim.set("grid_active_power", 1.5)
        for _ in range(4):
            state = await recovers(rig, FEW)
            rig.pass_time(15)
        assert state.reachable == {
            "plant": True,
            "inverter_1": False,
            "inverter_2": True,
            "ac_charger_5": True,
        }
        assert state.grid_power_w == 1500
        assert rig.value("inverter_1", "active_power") is None
        assert rig.value("inverter_2", "active_power") == 4500
        assert rig.value("ac_charger_5", "system_state") is not None


@pytest.mark.parametrize("code", [1, 2, 3])
async def test_refusals_of_one_inverter_are_its_own(sigen: SigenFactory, code: int) -> None:
    """It answers, but tells nothing: what it said before is forgotten, what it has is not."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        points = len(rig.driver.points)
        sim.faults.add("exception", code, unit=1)
        for _ in range(3):
            state = await rig.read(FEW, after_s=300)
        assert rig.value("inverter_1", "active_power") is None
        assert rig.value("inverter_2", "active_power") is not None
        assert state.soc_pct is not None
        sim.faults.clear()
        await rig.read(FEW, after_s=900)
        assert rig.value("inverter_1", "active_power") is not None
        assert len(rig.driver.points) == points


async def test_stalling_charger_costs_the_others_one_poll(sigen: SigenFactory) -> None:
    """The question to it holds the whole server; the plant's next answer is waited for."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("charger_stalls", 0.3)
        wait_at_most(rig.driver, 0.1, unit=5)
        state = await rig.read(FEW, after_s=60)
        assert state.reachable["ac_charger_5"] is False
        assert state.ev_power_w is None
        sim.set("grid_active_power", 1.5)
        assert (await rig.read(FAST)).grid_power_w == 1500
        assert rig.value("inverter_2", "active_power") is not None


async def test_stalling_charger_is_asked_ever_less(sigen: SigenFactory) -> None:
    """At most a few times an hour, though its blocks come due each minute; then it is welcome back."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("charger_stalls", 0.0)
        wait_at_most(rig.driver, 0.1, unit=5)
        before = len(rig.asked())
        for _ in range(20):
            await rig.read(FEW, after_s=180)
        assert 4 <= [unit for unit, _, _ in rig.asked(before)].count(5) <= 8
        sim.faults.clear()
        wait_at_most(rig.driver, PATIENCE_S)
        state = await rig.read(FEW, after_s=900)
        assert state.reachable["ac_charger_5"] is True
        assert state.ev_power_w is not None


async def test_outage_wakes_no_stalling_charger(sigen: SigenFactory) -> None:
    """When the plant is back, the inverters are asked at once and the charger rests on."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        for name in ("dropped_replies", "charger_silent"):
            sim.faults.add(name, unit=1 if name == "dropped_replies" else None)
        wait_at_most(rig.driver, TIMEOUT_S, unit=1)
        wait_at_most(rig.driver, TIMEOUT_S, unit=5)
        state = await rig.read(FEW, after_s=60)
        assert (state.reachable["inverter_1"], state.reachable["ac_charger_5"]) == (False, False)
        sim.faults.add("modbus_off")
        await fails(rig)
        sim.faults.clear()
        before = len(rig.asked())
        state = await recovers(rig, FEW)
        assert state.reachable["inverter_1"] is True
        assert 5 not in {unit for unit, _, _ in rig.asked(before)}


@pytest.mark.parametrize("fault", ["modbus_off", "frozen_clock"])
async def test_nothing_from_before_a_long_outage_is_believed(sigen: SigenFactory, fault: str) -> None:
    """What is read each minute is unknown until it was read again."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add(fault)
        for _ in range(30):
            try:
                await rig.read(FAST, after_s=10)
            except DriverConnectionError:
                continue
        sim.set("active_power", 4.5, unit=1)
        sim.set("charging_power", 7.2, unit=5)
        sim.faults.clear()
        state = await rig.read(FAST)
        assert state.soc_pct is not None
        assert rig.value("inverter_1", "active_power") is None
        assert rig.value("ac_charger_5", "charging_power") is None
        await rig.read(Due(tiers=frozenset({Tier.FAST}), most_requests=20))
        assert rig.value("inverter_1", "active_power") == 4500
        assert rig.value("ac_charger_5", "charging_power") == 7200


async def test_short_outage_costs_no_other_reading(sigen: SigenFactory) -> None:
    """What is read each minute is as good as before."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        power = rig.value("inverter_1", "active_power")
        sim.faults.add("modbus_off")
        await fails(rig)
        sim.faults.clear()
        await rig.read(FAST)
        assert rig.value("inverter_1", "active_power") == power


async def test_frozen_clock_is_no_reading(sigen: SigenFactory) -> None:
    """Answers go on, `read_at` stays where the clock last moved; the next move is live."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        live = await rig.read(FAST)
        sim.faults.add("frozen_clock")
        states = [await rig.read(FAST) for _ in range(6)]
        assert states[-1].clock_frozen
        assert states[-1].read_at == live.read_at
        sim.faults.clear()
        state = await rig.read(FAST)
        assert (state.clock_frozen, state.read_at) == (False, rig.hands.now())


async def test_nonsense_is_unknown(sigen: SigenFactory) -> None:
    """What cannot be is not said, and what can be is there again with the next poll."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        good = await rig.read()
        sim.faults.add("nonsense_values")
        state = await rig.read()
        unknown = (state.soc_pct, state.soh_pct, state.grid_power_w, state.battery_power_w, state.pv_power_w)
        assert unknown == (None,) * 5
        assert (state.running_state, state.grid_state) == (RunningState.UNKNOWN, GridState.UNKNOWN)
        assert (state.vendor_mode, state.charge_cutoff_soc_pct, state.alarms) == (None, None, ())
        for name in ("power_factor", "ess_average_cell_temperature", "ess_average_cell_voltage"):
            assert rig.value("inverter_1", name) is None
        sim.faults.clear()
        assert (await rig.read()).soc_pct == pytest.approx(good.soc_pct, abs=0.5)


async def test_counters_never_fall(sigen: SigenFactory) -> None:
    """While they read 0 they hold, and go on from there."""
    sim = await sigen(STILL)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        before = (await rig.read()).counters_kwh
        today = rig.value("inverter_1", "pv_energy_today")
        sim.faults.add("counters_zero", 600)
        for _ in range(3):
            assert (await rig.read(after_s=60)).counters_kwh == before
            assert rig.value("inverter_1", "pv_energy_today") == today
        sim.faults.clear()
        after = (await rig.read(after_s=60)).counters_kwh
        assert (after[Counter.PV] or 0) > (before[Counter.PV] or 0) > 0


async def test_pv_is_not_negative_at_night(sigen: SigenFactory) -> None:
    """The register is a little below 0."""
    sim = await sigen(replace(STILL, start=NOON.replace(hour=0)))
    sim.faults.add("negative_pv")
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        assert (await rig.read()).pv_power_w == 0


@pytest.mark.parametrize(("only_the_charger", "polls", "each_s"), [(0, 7, 600), (1, 12, 61)])
async def test_clash_of_unit_ids_is_noticed_later_too(
    sigen: SigenFactory, only_the_charger: int, polls: int, each_s: float
) -> None:
    """Within the hour, and within minutes when the inverter is not heard any more; so is its end."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        assert (await rig.read()).clashes == ()
        sim.faults.add("id_clash", only_the_charger)
        wait_at_most(rig.driver, TIMEOUT_S, unit=5)
        for _ in range(polls):
            state = await rig.read(FEW, after_s=each_s)
        assert state.clashes == (1,)
        assert state.pv_power_w is not None
        assert (rig.value("inverter_1", "active_power") is None) is bool(only_the_charger)
        sim.faults.clear()
        for _ in range(2):
            state = await rig.read(FEW, after_s=61)
        assert state.clashes == ()
        assert rig.value("inverter_1", "active_power") is not None


async def test_looking_for_a_clash_is_cheap(sigen: SigenFactory) -> None:
    """One question an hour for each inverter."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        for _ in range(13):
            await rig.read(FEW, after_s=600)
        asked = [(unit, address) for unit, address, _ in rig.asked() if address == 32000 and unit != 5]
        assert sorted(asked) == [(1, 32000)] * 3 + [(2, 32000)] * 3


async def test_silent_inverter_is_not_asked_for_a_clash(sigen: SigenFactory) -> None:
    """It rests with all its registers."""
    sim = await sigen(FLEET)
    async with on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("dropped_replies", unit=2)
        wait_at_most(rig.driver, TIMEOUT_S, unit=2)
        await rig.read(FEW, after_s=3_590)
        before = len(rig.asked())
        await rig.read(FEW, after_s=20)
        assert 2 not in {unit for unit, _, _ in rig.asked(before)}
