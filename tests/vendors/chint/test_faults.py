"""The Chint driver while wire or device fail: what it says of the fault, and how soon that is over."""

from collections.abc import Iterator
import json
import logging

import pytest

from custom_components.energy_storage.engine.plant import Counter, PlantState
from custom_components.energy_storage.vendors.chint.driver import ChintDriver
from custom_components.energy_storage.vendors.chint.shipped import NAMES, TEXTS
from custom_components.energy_storage.vendors.driver import DriverConnectionError, Due, LinkFault
from tests.simulators.chint import ChintSimulator

from .plants import ALL, FAST, Rig, on, plant

QUICK_S, PATIENCE_S = 0.2, 3.0
TOLD = Due(tiers=frozenset())
WIRE = {
    "modbus_off": (LinkFault.REFUSED, None),
    "gateway_away": (LinkFault.REFUSED, 60),
    "half_open": (LinkFault.SILENT, None),
    "silence": (LinkFault.SILENT, 60),
    "dropped_replies": (LinkFault.SILENT, None),
    "late_replies": (LinkFault.SILENT, 1.4 * QUICK_S),
    "other_transaction": (LinkFault.SILENT, None),
    "truncated_frame": (LinkFault.SILENT, None),
    "garbage": (LinkFault.SILENT, None),
    "reset_in_reply": (LinkFault.CLOSED, None),
    "wrong_unit_id": (LinkFault.GARBLED, None),
    "exception_storm": (LinkFault.SILENT, 60),
}


@pytest.fixture(autouse=True)
def _no_trace(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, nothing is logged as a defect; the library tells of each reset in one line."""
    yield
    records = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    assert not [
        record.getMessage()
        for record in records
        if (record.exc_info and record.levelno >= logging.WARNING)
        or (record.levelno >= logging.ERROR and not record.name.startswith("tmodbus.transport"))
    ]


def wait_at_most(rig: Rig, seconds: float) -> None:
    """Change how long the driver waits for an answer."""
    assert isinstance(rig.driver, ChintDriver)
    rig.driver._line._timeout_s = seconds


async def fails(rig: Rig) -> LinkFault:
    """Read in vain; give what the driver says of it."""
    wait_at_most(rig, QUICK_S)
    with pytest.raises(DriverConnectionError) as caught:
        await rig.read(FAST)
    wait_at_most(rig, PATIENCE_S)
    assert str(caught.value)
    return caught.value.fault


async def recovers(rig: Rig, due: Due = FAST) -> PlantState:
    """Read as often as it may take after the end of a fault."""
    try:
        return await rig.read(due)
    except DriverConnectionError:
        return await rig.read(due)


@pytest.mark.parametrize("fault", WIRE)
async def test_a_fault_is_named_and_ends(fault: str) -> None:
    """What was read before is not told any more; the plant is back within two polls."""
    kind, value = WIRE[fault]
    async with plant("sce").serving() as sim, on(sim, timeout_s=PATIENCE_S) as rig:
        live = await rig.read()
        points = len(rig.driver.points)
        sim.faults.add(fault, value)
        await fails(rig)
        assert await fails(rig) is kind
        told = await rig.driver.read(TOLD)
        assert told.read_at == live.read_at
        assert (told.soc_pct, told.grid_power_w, told.pv_power_w) == (None, None, None)
        assert told.reachable["plant"] is False
        assert rig.value("batt_voltage") is None
        sim.set("grid_l1_power", 1234)
        sim.faults.remove(fault)
        state = await recovers(rig)
        assert (state.grid_power_w, state.read_at) == (1234, rig.hands.now())
        assert state.reachable["plant"] is True
        assert len(rig.driver.points) == points


async def test_a_silent_device_is_not_waited_for_again_and_again() -> None:
    """Asked once more while it seems to be there; after that once a poll."""
    async with plant("sce").serving() as sim, on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("dropped_replies")
        before = len(sim.requests)
        await fails(rig)
        assert len(sim.requests) - before <= 3
        before = len(sim.requests)
        await fails(rig)
        assert len(sim.requests) - before == 1


async def test_a_gateway_that_restarts_is_survived_quietly(caplog: pytest.LogCaptureFixture) -> None:
    """For 20 seconds nothing listens: two polls are missed, and nothing of ours is logged."""
    async with plant("ech_th").serving() as sim, on(sim, timeout_s=PATIENCE_S) as rig:
        before = await rig.read()
        sim.faults.add("gateway_away", 20)
        caplog.clear()
        for _ in range(2):
            assert await fails(rig) in (LinkFault.CLOSED, LinkFault.REFUSED)
        sim.faults.remove("gateway_away")
        state = await rig.read(FAST)
        assert state.soc_pct == before.soc_pct
        assert not [record for record in caplog.records if "energy_storage" in record.name]


async def test_after_a_long_outage_nothing_old_is_shown_as_new() -> None:
    """Counters and settings are unknown until they are read again, which is soon."""
    async with plant("sce").serving() as sim, on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("modbus_off")
        for _ in range(8):
            await fails(rig)
        sim.faults.remove("modbus_off")
        state = await recovers(rig)
        assert state.vendor_mode is None
        state = await rig.read(Due(tiers=FAST.tiers, most_requests=60))
        assert state.vendor_mode == "self_use"


async def test_counters_that_fall_are_held() -> None:
    """After a reconnect they read 0 for a while."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        before = await rig.read()
        sim.faults.add("counters_zero", 60)
        state = await rig.read(after_s=60)
        assert state.counters_kwh[Counter.GRID_EXPORT] == before.counters_kwh[Counter.GRID_EXPORT]
        assert state.counters_kwh[Counter.PV] == before.counters_kwh[Counter.PV]


def house(sim: ChintSimulator, soc_pct: float, load_w: float) -> None:
    """Have the plant import or export."""
    sim.plant.soc_pct = soc_pct
    sim.plant.load_override_w = lambda _now: load_w
    sim.advance(1)


IMPORT, EXPORT = (50, 20_000), (100, 200)


@pytest.mark.parametrize("profile", ["ech_th", "ech_s"])
@pytest.mark.parametrize("flow", [IMPORT, EXPORT], ids=["import", "export"])
async def test_swapped_words_are_no_power(profile: str, flow: tuple[float, float]) -> None:
    """Read in the wrong order the value cannot be true; the owner's profile says it right."""
    swapped = {
        f"{profile}.json": TEXTS[profile].replace('"format": 1,', '"format": 1, "word_order": "little",')
    }
    async with plant(profile).serving() as sim:
        house(sim, *flow)
        sim.faults.add("swapped_words")
        async with on(sim) as rig:
            assert (await rig.read()).grid_power_w is None
        async with on(sim, profiles=swapped) as rig:
            assert (await rig.read()).grid_power_w == pytest.approx(sim.plant.flows.grid_w, abs=2)


@pytest.mark.parametrize("flow", [IMPORT, EXPORT], ids=["import", "export"])
async def test_half_a_power_is_no_power(flow: tuple[float, float]) -> None:
    """A device that serves only the low word: export would look like a huge import."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        house(sim, *flow)
        sim.faults.add("low_word_only", 0)
        shown, watts = (await rig.read()).grid_power_w, sim.plant.flows.grid_w
        assert abs(watts) > 1_000
        assert shown == (pytest.approx(watts, abs=2) if watts > 0 else None)


async def test_the_owner_can_have_the_low_word_read() -> None:
    """It is true for less than 32 kW, both ways."""
    document = json.loads(TEXTS["ech_th"])
    rows = {row["name"]: row for row in document["rows"]}
    del rows["grid_power"]["means"]
    rows["grid_power_low_word"] |= {"means": "grid_power", "tier": "fast"}
    async with (
        plant("ech_th").serving() as sim,
        on(sim, profiles={"ech_th.json": json.dumps(document)}) as rig,
    ):
        house(sim, *EXPORT)
        sim.faults.add("low_word_only", 0)
        assert (await rig.read()).grid_power_w == pytest.approx(sim.plant.flows.grid_w, abs=2)


@pytest.mark.parametrize("profile", NAMES)
async def test_what_reads_as_not_there_is_unknown(profile: str) -> None:
    """Sentinels are never numbers."""
    async with plant(profile).serving() as sim, on(sim) as rig:
        await rig.read()
        sim.faults.add("sentinels", 0)
        state = await rig.read(after_s=60)
        powers = (state.grid_power_w, state.battery_power_w, state.pv_power_w, state.load_power_w)
        assert (state.soc_pct, *powers) == (None,) * 5
        assert not state.alarms


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp", "serial"])
async def test_another_master_on_the_bus_is_not_taken_for_the_device(line: str) -> None:
    """Its traffic spoils each third answer; what is asked again is answered."""
    async with plant("sce", line=line).serving() as sim, on(sim, timeout_s=QUICK_S) as rig:
        sim.set("batt_soc", 50)
        await rig.read(FAST)
        sim.faults.add("second_master", 3)
        for _ in range(6):
            assert (await rig.read(FAST)).soc_pct == 50


async def test_a_spoilt_answer_costs_its_own_readings_alone() -> None:
    """Whichever of the requests of a poll it hits: what was read in this poll is known."""
    async with plant("sce").serving() as sim, on(sim, timeout_s=QUICK_S) as rig:
        sim.set("batt_soc", 50)
        await rig.read()
        for every in (2, 3, 4, 5, 7):
            sim.faults.add("second_master", every)
            for _ in range(8):
                state = await rig.read(after_s=60)
                assert (state.soc_pct, state.reachable["plant"]) == (50, True)
            sim.faults.remove("second_master")


async def test_a_slow_device_is_waited_for() -> None:
    """Each answer belongs to its own question."""
    async with plant("ech_th").serving() as sim, on(sim, timeout_s=PATIENCE_S) as rig:
        await rig.read()
        sim.faults.add("late_replies", QUICK_S / 2)
        for watts in (1000, -2000, 3000):
            sim.set("grid_power", watts)
            assert (await rig.read(FAST)).grid_power_w == watts


async def test_a_device_that_lacks_what_it_had_is_looked_at_anew() -> None:
    """After three refusals: other firmware has other registers."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        await rig.read(ALL)
        sim.faults.add("exception", 2)
        for _ in range(3):
            with pytest.raises(DriverConnectionError):
                await rig.read(FAST)
        sim.faults.remove("exception")
        state = await rig.read(FAST)
        assert state.soc_pct is not None
