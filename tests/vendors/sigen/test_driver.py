"""The Sigen driver on simulated plants: what it asks, and what it makes of the answers."""

from dataclasses import replace
from datetime import datetime, timedelta
import json
import logging
from typing import override

import pytest

from custom_components.energy_storage.engine.plant import Counter, DeviceKind, GridState, RunningState
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    Due,
    LinkFault,
    NotThisVendorError,
    PointRole,
    Tier,
    UnitIdClashError,
)
from tests.conftest import SigenFactory
from tests.simulators.dump import registers_of
from tests.simulators.sigen import SigenConfig

from .plants import ALL, FAST, NOON, Hands, Rig, on

STILL = SigenConfig(speed=0, start=NOON)
GO_ON = Due(tiers=frozenset(), most_requests=1)
VERSIONS = ["V1.8", "V2.5", "V2.6", "V2.7", "V2.8", "V2.9"]
WITH_CHARGERS = replace(STILL, version="V2.9", inverters=(1, 2), ac_chargers=(5,), dc_charger=1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_set_up_takes_six_requests_at_most(sigen: SigenFactory, version: str) -> None:
    """At one second between requests that is less than eight seconds."""
    async with on(await sigen(replace(STILL, version=version))) as rig:
        assert len(rig.asked()) <= 6
        state = await rig.driver.read(Due(tiers=frozenset()))
        assert len(rig.asked()) <= 6
        assert state.soc_pct == 50.0


@pytest.mark.parametrize(("version", "requests"), zip(VERSIONS, [1, 1, 1, 2, 2, 2], strict=True))
async def test_a_fast_poll_takes_two_requests_at_most(
    sigen: SigenFactory, version: str, requests: int
) -> None:
    """Firmware before V2.7 has nothing fast beyond the first block."""
    async with on(await sigen(replace(STILL, version=version))) as rig:
        await rig.read()
        before = len(rig.asked())
        await rig.read(FAST)
        assert len(rig.asked(before)) == requests


async def test_what_is_due_can_be_read_one_by_one(sigen: SigenFactory) -> None:
    """What did not fit waits, and nothing comes due by asking for it."""
    async with on(await sigen(replace(STILL, version="V2.9"))) as rig:
        await rig.read(replace(ALL, most_requests=0))
        done = len(rig.asked())
        for number in range(1, 4):
            await rig.read(GO_ON, after_s=0)
            assert len(rig.asked(done)) == number
        await rig.read()
        await rig.read()
        done = len(rig.asked())
        await rig.read(GO_ON, after_s=0)
        assert rig.asked(done) == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_no_register_is_asked_twice_for_nothing(sigen: SigenFactory, version: str) -> None:
    """Once everything was asked, nothing is refused any more."""
    sim = await sigen(replace(STILL, version=version))
    async with on(sim) as rig:
        await rig.read()
        await rig.read()
        readings = known(rig)
        sim.requests.clear()
        await rig.read()
        assert known(rig) == readings
        blocks = {(unit, address) for unit, address, _ in rig.asked()}
        assert len(blocks) == len(rig.asked())


def known(rig: Rig) -> set[str]:
    """Give the names of all readings that are known."""
    return {f"{r.device} {r.name}" for r in rig.driver.registers() if r.value is not None}


@pytest.mark.parametrize("version", VERSIONS)
async def test_powers_have_our_signs_and_balance(sigen: SigenFactory, version: str) -> None:
    """At noon the sun feeds house and battery: charging is negative, the sum is the load but for losses."""
    async with on(await sigen(replace(STILL, version=version))) as rig:
        state = await rig.read()
        assert state.pv_power_w is not None
        assert state.battery_power_w is not None
        assert state.grid_power_w is not None
        assert state.load_power_w is not None
        assert state.pv_power_w > 500
        assert state.battery_power_w < -500
        inflow = state.pv_power_w + state.battery_power_w + state.grid_power_w
        assert state.load_power_w == pytest.approx(inflow, abs=150)
        assert rig.value("plant", "ess_power") == state.battery_power_w
        assert rig.value("inverter_1", "ess_power") == pytest.approx(state.battery_power_w, abs=2)


async def test_import_is_positive(sigen: SigenFactory) -> None:
    """The maker and we agree about the grid."""
    sim = await sigen(STILL)
    sim.set("grid_active_power", -1.5)
    sim.set("grid_phase_b_active_power", 2.25)
    async with on(sim) as rig:
        state = await rig.read()
        assert state.grid_power_w == -1500
        assert state.grid_phase_power_w[1] == 2250


async def test_everything_else_of_the_state(sigen: SigenFactory) -> None:
    """Ratings, limits and states come as the device says them."""
    async with on(await sigen(STILL)) as rig:
        state = await rig.read()
        assert state.grid_state is GridState.ON_GRID
        assert state.running_state is RunningState.RUNNING
        assert state.vendor_mode == "self_consumption"
        assert (state.rated_power_w, state.rated_energy_wh) == (10_000, 16_000)
        assert (state.charge_cutoff_soc_pct, state.discharge_cutoff_soc_pct) == (100.0, 5.0)
        assert state.soh_pct == 100.0
        assert state.ev_power_w is None
        assert state.device_clock is not None
        assert abs((state.device_clock - rig.hands.now()).total_seconds()) <= 1
        assert state.reachable == {"plant": True, "inverter_1": True}
        assert not state.clock_frozen


async def test_wall_clock_seconds_become_utc(sigen: SigenFactory) -> None:
    """Some devices count local seconds."""
    async with on(await sigen(replace(STILL, local_time_base=True))) as rig:
        state = await rig.read()
        assert state.device_clock is not None
        assert abs((state.device_clock - rig.hands.now()).total_seconds()) <= 1


@pytest.mark.parametrize(
    ("version", "counters"),
    [
        ("V2.5", set()),
        ("V2.6", {Counter.PV, Counter.LOAD}),
        ("V2.7", set(Counter)),
        ("V2.9", set(Counter)),
    ],
)
async def test_counters_are_there_when_the_firmware_has_them(
    sigen: SigenFactory, version: str, counters: set[Counter]
) -> None:
    """What is missing is integrated elsewhere, so it must not be there as unknown."""
    async with on(await sigen(replace(STILL, version=version))) as rig:
        state = await rig.read()
        assert set(state.counters_kwh) == counters
        assert None not in state.counters_kwh.values()


async def test_lifetime_counters_are_not_the_later_statistics(sigen: SigenFactory) -> None:
    """30228 and on start at 0 with a new firmware."""
    sim = await sigen(STILL)
    sim.set("grid_import_energy_total", 4321.5)
    sim.set("stat2_grid_import_energy_total", 1.25)
    async with on(sim) as rig:
        state = await rig.read()
        assert state.counters_kwh[Counter.GRID_IMPORT] == 4321.5


async def test_lifetime_counters_come_first(sigen: SigenFactory) -> None:
    """The energy dashboard of a large plant need not wait until every inverter has told what is fitted."""
    async with on(await sigen(replace(STILL, version="V2.9", inverters=(1, 2, 4)))) as rig:
        for _ in range(3):
            state = await rig.read(Due(tiers=frozenset({Tier.FAST}), most_requests=2))
        assert None not in state.counters_kwh.values()


async def test_third_party_pv_is_its_own(sigen: SigenFactory) -> None:
    """Since V2.7 an AC-coupled inverter has its own register; the load then counts it."""
    sim = await sigen(replace(STILL, version="V2.7"))
    for name, kw in (("third_party_pv_power", 1.0), ("plant_active_power", 0.4), ("grid_active_power", -0.9)):
        sim.set(name, kw)
    async with on(sim) as rig:
        state = await rig.read()
        assert state.third_party_pv_power_w == 1000
        assert state.load_power_w == 500


async def test_load_is_measured_since_v2_8(sigen: SigenFactory) -> None:
    """The formula is for older firmware."""
    sim = await sigen(replace(STILL, version="V2.8"))
    sim.set("total_load_power", 7.5)
    async with on(sim) as rig:
        assert (await rig.read()).load_power_w == 7500


async def test_a_missing_alarm_word_costs_neither_readings_nor_speed(sigen: SigenFactory) -> None:
    """Builds without 30281 still need two requests, and load comes from the formula."""
    sim = await sigen(replace(STILL, firmware="SPC112", no_30281=True))
    sim.set("total_load_power", 7.5)
    async with on(sim) as rig:
        state = await rig.read()
        assert state.load_power_w != 7500
        assert state.counters_kwh.keys() == set(Counter)
        assert rig.value("plant", "total_load_power") == 7500
        before = len(rig.asked())
        await rig.read(FAST)
        assert len(rig.asked(before)) == 2


async def test_gaps_of_a_build_cost_single_points(sigen: SigenFactory) -> None:
    """SPC112 lacks 40049, 30622 and 30623; their neighbours stay."""
    async with on(await sigen(replace(STILL, firmware="SPC112"))) as rig:
        await rig.read()
        keys = {point.key for point in rig.driver.points}
        assert not {"active_power_gradient", "ess_max_cell_voltage", "ess_min_cell_voltage"} & keys
        assert rig.value("inverter_1", "ess_min_battery_temperature") is not None
        assert rig.value("plant", "ess_discharge_cutoff_soc") == 5.0


async def test_what_was_found_out_is_remembered(sigen: SigenFactory) -> None:
    """A restart asks no probe, and nothing that was refused."""
    sim = await sigen(replace(STILL, firmware="SPC112", no_30281=True))
    async with on(sim) as rig:
        await rig.read()
        saved = json.loads(json.dumps(rig.driver.state))
        points = {(point.device, point.key) for point in rig.driver.points}
    sim.requests.clear()
    async with on(sim, saved) as rig:
        assert len(rig.asked()) <= 6
        assert {(point.device, point.key) for point in rig.driver.points} == points
        await rig.read()
        refused = {30281, 30622, 30623, 40049, 31500}
        assert not [
            address for _, address, count in rig.asked() if refused & set(range(address, address + count))
        ]


async def test_a_new_firmware_is_asked_anew(sigen: SigenFactory) -> None:
    """After an update the hourly identity shows another firmware string."""
    sim = await sigen(replace(STILL, firmware="SPC112"))
    async with on(sim) as rig:
        await rig.read()
        assert "pv_energy_today" not in {p.key for p in rig.driver.points if p.device == "plant"}
        sim.upgrade("SPC114")
        for _ in range(4):
            await rig.read()
        assert rig.driver.identity.firmware == sim.get("firmware_version", unit=1)
        assert "pv_energy_today" in {p.key for p in rig.driver.points if p.device == "plant"}
        assert rig.value("plant", "active_power_gradient") is not None


async def test_what_was_missing_is_asked_again_once_a_day(sigen: SigenFactory) -> None:
    """Another build may have it, even under the same name."""
    sim = await sigen(replace(STILL, no_30281=True))
    async with on(sim) as rig:
        await rig.read()
        await rig.read()
        before = len(rig.asked())
        await rig.read(after_s=3600)
        assert (247, 30281, 1) not in rig.asked(before)
        await rig.read(after_s=24 * 3600)
        assert (247, 30281, 1) in rig.asked(before)


async def test_a_register_that_came_is_used(sigen: SigenFactory) -> None:
    """The daily question brings back what the device has now."""
    sim = await sigen(replace(STILL, firmware="SPC112"))
    firmware = sim.get("firmware_version", unit=1)
    async with on(sim) as rig:
        await rig.read()
        sim.upgrade("SPC113")
        sim.set("firmware_version", firmware, unit=1)
        await rig.read(after_s=24 * 3600 + 5)
        await rig.read()
        assert rig.value("plant", "active_power_gradient") is not None
        assert rig.value("inverter_1", "ess_max_cell_voltage") is not None


async def test_a_small_budget_reads_everything_in_time(sigen: SigenFactory) -> None:
    """What does not fit stays due and comes first next time."""
    async with on(await sigen(STILL)) as rig:
        settled = [rig.driver.settled]
        for poll in range(40):
            before = len(rig.asked())
            tiers = frozenset(Tier) if poll == 0 else frozenset({Tier.FAST})
            await rig.read(Due(tiers=tiers, most_requests=2))
            assert len(rig.asked(before)) <= 4
        settled.append(rig.driver.settled)
        assert settled == [False, True]
        assert rig.value("inverter_1", "pcs_internal_temperature") is not None


async def test_several_inverters_and_chargers(sigen: SigenFactory) -> None:
    """Each has its own device; the DC charger is part of its inverter."""
    async with on(await sigen(WITH_CHARGERS)) as rig:
        await rig.read()
        serial = rig.driver.identity.serial
        devices = {d.key: (d.kind, d.unit_id, d.parent) for d in rig.driver.devices}
        assert devices == {
            "plant": (DeviceKind.PLANT, 247, None),
            "inverter_1": (DeviceKind.INVERTER, 1, "plant"),
            "inverter_2": (DeviceKind.INVERTER, 2, "plant"),
            "ac_charger_5": (DeviceKind.AC_CHARGER, 5, "plant"),
            "dc_charger_1": (DeviceKind.DC_CHARGER, 1, "inverter_1"),
        }
        uids = [device.uid for device in rig.driver.devices]
        assert uids[0] == serial
        assert uids[3:] == [f"{serial}_ac_charger_5", f"{serial}_dc_charger"]
        assert len(set(uids)) == len(uids)
        state = await rig.read()
        assert state.ev_power_w is not None
        assert all(state.reachable.values())


async def test_dc_registers_without_a_charger_make_no_device(sigen: SigenFactory) -> None:
    """They may read 0 throughout."""
    async with on(await sigen(replace(STILL, idle_dc_registers=True, version="V2.8"))) as rig:
        await rig.read()
        assert "dc_charger_1" not in {device.key for device in rig.driver.devices}


async def test_an_offline_charger_costs_nobody_else_anything(sigen: SigenFactory) -> None:
    """It is asked once, then left alone for minutes; its readings are unknown, the others stay."""
    sim = await sigen(WITH_CHARGERS)
    async with on(sim) as rig:
        await rig.read()
        sim.faults.add("charger_silent")
        state = await rig.read(Due(tiers=frozenset(Tier), most_requests=50), after_s=20)
        assert state.reachable["ac_charger_5"] is False
        assert state.ev_power_w is None
        assert rig.value("ac_charger_5", "charging_power") is None
        assert rig.value("inverter_2", "active_power") is not None
        before = len(rig.asked())
        await rig.read(Due(tiers=frozenset(Tier), most_requests=50), after_s=20)
        assert 5 not in {unit for unit, _, _ in rig.asked(before)}
        sim.faults.remove("charger_silent")
        state = await rig.read(Due(tiers=frozenset(Tier), most_requests=50), after_s=60)
        assert state.reachable["ac_charger_5"] is True


async def test_a_full_reading_asks_resting_devices_too(sigen: SigenFactory) -> None:
    """Who asks for everything wants to know."""
    sim = await sigen(WITH_CHARGERS)
    sim.faults.add("charger_silent")
    async with on(sim) as rig:
        await rig.read()
        sim.faults.remove("charger_silent")
        assert (await rig.read(after_s=1)).reachable["ac_charger_5"] is True


async def test_set_up_does_not_need_the_charger(sigen: SigenFactory) -> None:
    """With the grid down, a charger outside the backup circuit is dead."""
    sim = await sigen(WITH_CHARGERS)
    sim.faults.add("charger_silent")
    async with on(sim) as rig:
        assert "ac_charger_5" in {device.key for device in rig.driver.devices}


async def test_a_frozen_clock_is_no_reading(sigen: SigenFactory) -> None:
    """Answers go on, the moment does not: `read_at` stays where the clock last moved."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        live = await rig.read(FAST)
        sim.faults.add("frozen_clock")
        for _ in range(4):
            state = await rig.read(FAST)
        assert state.clock_frozen
        assert state.read_at == live.read_at
        sim.faults.remove("frozen_clock")
        state = await rig.read(FAST)
        assert not state.clock_frozen
        assert state.read_at == rig.hands.now()


async def test_a_counter_that_reads_0_for_a_moment_holds(sigen: SigenFactory) -> None:
    """Neither the state nor the points fall."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        before = (await rig.read()).counters_kwh
        today = rig.value("inverter_1", "pv_energy_today")
        sim.faults.add("counters_zero", 600)
        during = (await rig.read()).counters_kwh
        assert during == before
        assert rig.value("inverter_1", "pv_energy_today") == today
        sim.faults.clear()


async def test_nonsense_is_unknown(sigen: SigenFactory) -> None:
    """No SOC of 6553 %, no power factor of 32, no sixteen alarms."""
    sim = await sigen(STILL)
    sim.faults.add("nonsense_values")
    async with on(sim) as rig:
        state = await rig.read()
        assert (state.soc_pct, state.soh_pct, state.grid_power_w, state.battery_power_w) == (None,) * 4
        assert (state.pv_power_w, state.load_power_w is None or state.load_power_w >= 0) == (None, True)
        assert state.vendor_mode is None
        assert state.running_state is RunningState.UNKNOWN
        assert state.grid_state is GridState.UNKNOWN
        assert state.alarms == ()
        assert rig.value("inverter_1", "power_factor") is None


@pytest.mark.parametrize("number", [3, 4, 8, 10, 99])
async def test_an_undescribed_mode_keeps_its_number(
    sigen: SigenFactory, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    """The maker adds modes: a new one is shown by its number, without a word in the log."""
    sim = await sigen(STILL)
    sim.set("ems_work_mode", number)
    async with on(sim) as rig:
        assert (await rig.read()).vendor_mode == f"unknown_{number}"
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "asyncio"  # a slow machine
    ]


async def test_undescribed_states_are_unknown(sigen: SigenFactory) -> None:
    """A state that nobody has described fails nothing, and its register still tells the number."""
    sim = await sigen(STILL)
    sim.set("grid_connection_state", 3)
    sim.set("plant_running_state", 77)
    sim.set("output_type", 4)
    async with on(sim) as rig:
        state = await rig.read()
        assert (state.grid_state, state.running_state) == (GridState.UNKNOWN, RunningState.UNKNOWN)
        assert rig.value("plant", "plant_running_state") == "unknown_77"
        assert rig.value("inverter_1", "phase_c_voltage") is not None


async def test_pv_is_never_negative(sigen: SigenFactory) -> None:
    """At night the register is a little below 0."""
    sim = await sigen(replace(STILL, start=NOON.replace(hour=0)))
    sim.faults.add("negative_pv")
    async with on(sim) as rig:
        assert (await rig.read()).pv_power_w == 0


async def test_a_leaping_soc_is_missing_once(sigen: SigenFactory) -> None:
    """Confirmed by the next reading it is believed."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        sim.set("ess_soc", 80.0)
        assert (await rig.read(FAST)).soc_pct is None
        assert rig.value("plant", "ess_soc") is None
        assert (await rig.read(FAST)).soc_pct == 80.0


async def test_an_unset_limit_is_unknown(sigen: SigenFactory) -> None:
    """0xFFFFFFFF is no limit of 4 GW."""
    sim = await sigen(STILL)
    sim.set_raw("ess_max_charge_limit", (0xFFFF, 0xFFFF))
    async with on(sim) as rig:
        await rig.read()
        assert rig.value("plant", "ess_max_charge_limit") is None


async def test_an_alarm_is_told_once(sigen: SigenFactory) -> None:
    """The inverter's, though the plant's word has it too."""
    sim = await sigen(STILL)
    sim.set_raw("alarm_1", (4,), unit=1)
    sim.set_raw("plant_alarm_1", (4,))
    async with on(sim) as rig:
        for _ in range(3):
            state = await rig.read()
            assert [(alarm.device, alarm.code) for alarm in state.alarms] == [("inverter_1", "1003")]
        assert state.alarms[0].since < state.read_at


async def test_a_plant_without_grid_sensor_knows_no_grid(sigen: SigenFactory) -> None:
    """The register then reads 0, which is no measurement."""
    sim = await sigen(STILL)
    sim.set("grid_sensor_status", 0)
    async with on(sim) as rig:
        state = await rig.read()
        assert state.grid_power_w is None
        assert state.grid_phase_power_w == (None, None, None)


async def test_a_pv_plant_has_no_battery(sigen: SigenFactory) -> None:
    """No pack, no SOC, and no point about either."""
    async with on(await sigen(replace(STILL, hybrid=False))) as rig:
        state = await rig.read()
        assert (state.soc_pct, state.battery_power_w, state.rated_energy_wh) == (None, None, None)
        assert not [point.key for point in rig.driver.points if point.key.startswith("ess_")]


async def test_entities_stay_few(sigen: SigenFactory) -> None:
    """Home Assistant adds two dozen of its own, and a plant may have 45 enabled ones."""
    async with on(await sigen(replace(STILL, version="V2.9"))) as rig:
        await rig.read()
        roles = [point.role for point in rig.driver.points]
        assert 10 <= roles.count(PointRole.MAIN) + roles.count(PointRole.DIAGNOSTIC) <= 18
        assert len(roles) - roles.count(PointRole.REGISTER) <= 90


async def test_points_have_codes_that_are_their_options(sigen: SigenFactory) -> None:
    """A choice never says what it has not announced, and a time is a time."""
    async with on(await sigen(WITH_CHARGERS)) as rig:
        await rig.read()
        for point in rig.driver.points:
            value = rig.driver.value(point)
            assert not point.options or value is None or value in point.options, point
            assert not point.timestamp or value is None or point.unit is None, point
        keys = [(point.device, point.key) for point in rig.driver.points]
        assert len(set(keys)) == len(keys)


async def test_registers_show_all_that_is_declared(sigen: SigenFactory) -> None:
    """Also what the firmware lacks and what may only be written, without words."""
    sim = await sigen(replace(STILL, version="V2.7"))
    sim.set("ess_soc", 50.0)
    async with on(sim) as rig:
        await rig.read()
        found = {(r.device, r.name): r for r in rig.driver.registers()}
        assert len(found) == 274 + 146
        assert found["plant", "ess_soc"].raw == (500,)
        assert found["plant", "total_load_power"].raw is None
        assert found["plant", "plant_start_stop"].raw is None


async def test_a_dump_holds_no_serial_number(sigen: SigenFactory) -> None:
    """What owners post in public must not name them."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        await rig.read()
        assert set(rig.driver.raw()) == {"1", "247"}
        raw = registers_of(rig.driver.raw())
        shown = b"".join(raw[1][address].to_bytes(2) for address in range(30515, 30525))
        assert shown.rstrip(b"\0") == b"REDACTED001"
        assert raw[1][30500] != 0


async def test_a_dump_loads_into_the_simulator(sigen: SigenFactory) -> None:
    """A bug report becomes a plant on the desk."""
    async with on(await sigen(STILL)) as rig:
        state = await rig.read()
        raw = registers_of(json.loads(json.dumps(rig.driver.raw())))
    async with on(await sigen(replace(STILL, recorded=raw))) as rig:
        again = await rig.read()
        assert (again.soc_pct, again.pv_power_w, again.load_power_w) == (
            state.soc_pct,
            state.pv_power_w,
            state.load_power_w,
        )


async def test_nothing_is_ever_written(sigen: SigenFactory) -> None:
    """This driver reads."""
    sim = await sigen(WITH_CHARGERS)
    async with on(sim) as rig:
        await rig.read()
        assert sim.writes == []
        assert not [request for request in sim.requests if request.writes]


async def test_a_closed_port_is_refused(sigen: SigenFactory) -> None:
    """Modbus was switched off, for example by a firmware update."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        sim.faults.add("modbus_off")
        faults = []
        for _ in range(2):
            with pytest.raises(DriverConnectionError) as caught:
                await rig.read(FAST)
            faults.append(caught.value.fault)
        assert faults[1] is LinkFault.REFUSED


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 11])
async def test_a_storm_of_exceptions_leaves_nothing_behind(sigen: SigenFactory, code: int) -> None:
    """While every request is refused there is no reading; right afterwards there are all."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        await rig.read()
        points = len(rig.driver.points)
        sim.faults.add("exception", code)
        for _ in range(2):
            with pytest.raises(DriverConnectionError):
                await rig.read()
        assert rig.value("plant", "ess_soc") is None
        sim.faults.remove("exception")
        assert (await rig.read(after_s=120)).soc_pct is not None
        assert len(rig.driver.points) == points


async def test_long_refusals_make_the_driver_look_anew(sigen: SigenFactory) -> None:
    """A downgrade took registers away: after some refusals the plant is met again as for the first time."""
    sim = await sigen(replace(STILL, firmware="SPC114"))
    async with on(sim) as rig:
        await rig.read()
        sim.upgrade("SPC108")
        for _ in range(3):
            with pytest.raises(DriverConnectionError):
                await rig.read(FAST)
        assert (await rig.read(FAST)).soc_pct is not None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("modbus_off", LinkFault.CLOSED),
        ("silence", LinkFault.SILENT),
        ("dropped_replies", LinkFault.SILENT),
        ("other_transaction", LinkFault.SILENT),
        ("garbage", LinkFault.SILENT),
        ("wrong_unit_id", LinkFault.GARBLED),
        ("reset_in_reply", LinkFault.CLOSED),
    ],
)
async def test_a_fault_is_named_and_over_with_its_end(
    sigen: SigenFactory, fault: str, kind: LinkFault
) -> None:
    """Recovered within two polls after the fault ends."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        await rig.read(FAST)
        sim.faults.add(fault)
        with pytest.raises(DriverConnectionError) as caught:
            await rig.read(FAST)
        assert caught.value.fault is kind
        sim.faults.remove(fault)
        for attempt in (1, 2):
            try:
                state = await rig.read(FAST)
                break
            except DriverConnectionError:
                assert attempt == 1
        assert state.read_at == rig.hands.now()


async def test_something_else_is_not_taken_for_a_plant(sigen: SigenFactory) -> None:
    """A device that refuses all of it is no Sigen plant."""
    sim = await sigen(STILL)
    sim.faults.add("exception", 2)
    async with on(sim, connect=False) as rig:
        with pytest.raises(NotThisVendorError):
            await rig.driver.connect(None)


async def test_a_wrong_inverter_id_is_silence(sigen: SigenFactory) -> None:
    """Nothing answers on an id that nobody has."""
    sim = await sigen(STILL)
    sim.config = replace(sim.config, inverters=(7,))
    async with on(sim, connect=False, timeout_s=0.1) as rig:
        with pytest.raises(DriverConnectionError) as caught:
            await rig.driver.connect(None)
        assert caught.value.fault is LinkFault.SILENT


async def test_a_charger_with_the_inverter_s_id_is_explained(sigen: SigenFactory) -> None:
    """A charger leaves the factory with id 1, as the inverter does."""
    sim = await sigen(replace(STILL, ac_chargers=(5,)))
    sim.faults.add("id_clash", 1)
    async with on(sim, connect=False) as rig:
        with pytest.raises(UnitIdClashError) as caught:
            await rig.driver.connect(None)
        assert caught.value.unit_id == 1


async def test_one_id_for_two_devices_is_refused(sigen: SigenFactory) -> None:
    """The owner has named one id twice."""
    sim = await sigen(replace(STILL, ac_chargers=(1,), inverters=(1,)))
    async with on(sim, connect=False) as rig:
        with pytest.raises(UnitIdClashError):
            await rig.driver.connect(None)


async def test_a_block_that_fails_costs_its_own_readings(sigen: SigenFactory) -> None:
    """A silent second inverter is unknown; the plant is read as ever."""
    sim = await sigen(replace(STILL, inverters=(1, 2)))
    async with on(sim, timeout_s=0.15) as rig:
        await rig.read()
        sim.config = replace(sim.config, inverters=(1,))
        sim._banks = sim._build_banks()
        state = await rig.read(after_s=20)
        assert state.reachable["inverter_2"] is False
        assert rig.value("inverter_2", "active_power") is None
        assert rig.value("inverter_1", "active_power") is not None
        assert state.soc_pct is not None


async def test_due_without_tiers_asks_nothing(sigen: SigenFactory) -> None:
    """It tells what is known."""
    async with on(await sigen(STILL)) as rig:
        await rig.read(ALL)
        before = len(rig.asked())
        assert (await rig.driver.read(Due(tiers=frozenset()))).soc_pct is not None
        assert len(rig.asked()) == before


async def test_a_known_plant_starts_without_its_inverter(sigen: SigenFactory) -> None:
    """Only the very first set-up needs the inverter's serial number from itself."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        saved = json.loads(json.dumps(rig.driver.state))
        serial = rig.driver.identity.serial
    sim.config = replace(sim.config, inverters=())
    sim._banks = sim._build_banks()
    sim.config = replace(sim.config, inverters=(1,))
    async with on(sim, saved, timeout_s=0.1) as rig:
        assert rig.driver.identity.serial == serial
        state = await rig.read(FAST)
        assert state.soc_pct is not None
        assert state.reachable["inverter_1"] is False


async def test_another_inverter_behind_the_address_is_met_anew(sigen: SigenFactory) -> None:
    """What was saved is about another firmware then."""
    async with on(await sigen(replace(STILL, version="V2.6"))) as rig:
        saved = json.loads(json.dumps(rig.driver.state))
    assert saved["version"] == "V2_6"
    async with on(await sigen(replace(STILL, version="V2.9")), saved) as rig:
        assert rig.driver.state["version"] == "V2_9"


async def test_a_whole_table_that_came_is_remembered_as_there(sigen: SigenFactory) -> None:
    """Grid code came with a firmware of the same name; a restart must not forget that."""
    sim = await sigen(replace(STILL, firmware="SPC113", series="M1-HYA"))
    async with on(sim) as rig:
        await rig.read()
        assert "grid_code_lvrt_mode" in rig.driver.state["missing"]["plant"]
        sim.config = replace(sim.config, series="residential")
        sim.upgrade("SPC113")
        await rig.read(after_s=24 * 3600 + 5)
        await rig.read()
        assert "grid_code_lvrt_mode" not in rig.driver.state["missing"].get("plant", [])
        assert rig.value("plant", "grid_code_lvrt_mode") is not None


async def test_a_charger_that_stalls_the_server_delays_one_poll(sigen: SigenFactory) -> None:
    """The plant is read again as soon as it answers, and the charger is left alone."""
    sim = await sigen(WITH_CHARGERS)
    async with on(sim, timeout_s=0.6) as rig:
        await rig.read()
        sim.faults.add("charger_stalls", 0.3)
        budget = Due(tiers=frozenset({Tier.FAST}), most_requests=10)
        assert (await rig.read(budget, after_s=20)).soc_pct is not None
        before = len(rig.asked())
        for _ in range(3):
            assert (await rig.read(budget)).reachable["ac_charger_5"] is False
        assert 5 not in {unit for unit, _, _ in rig.asked(before)}


async def test_a_lost_link_in_the_middle_keeps_the_fast_reading(sigen: SigenFactory) -> None:
    """What comes after the fast blocks may fail without taking them along."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        await rig.read()
        sim.faults.add("silence", 60, unit=1)
        state = await rig.read(after_s=70)
        assert state.soc_pct is not None
        assert state.reachable == {"plant": True, "inverter_1": False}


async def test_questions_of_the_day_wait_for_the_plant(sigen: SigenFactory) -> None:
    """When it falls silent right after the fast blocks, the reading stands and the rest comes later."""
    sim = await sigen(replace(STILL, version="V2.8"))

    class Watchful(Hands):
        """Clocks that break the plant when a fast reading of the next day is in."""

        @override
        def now(self) -> datetime:
            if self.seconds > 24 * 3600 and sim.requests[-1].address == 30194:
                sim.faults.add("silence", 60)
            return super().now()

    async with on(sim, timeout_s=0.1, hands=Watchful()) as rig:
        await rig.read()
        await rig.read()
        state = await rig.read(after_s=24 * 3600 + 5)
        assert state.read_at == NOON + timedelta(seconds=24 * 3600 + 15)
        sim.faults.clear()
        before = len(rig.asked())
        await rig.read(Due(tiers=frozenset({Tier.SETTINGS})))
        assert rig.asked(before)[0] == (247, 30272, 2)


async def test_a_dc_charger_that_shows_itself_is_read_often(sigen: SigenFactory) -> None:
    """Until then it is looked for now and then; from then on its power counts for the load."""
    sim = await sigen(replace(STILL, version="V2.8", dc_charger=1))
    async with on(sim) as rig:
        await rig.read()
        sim.set("output_power", 3.7)
        await rig.read()
        assert "dc_charger_1" in {device.key for device in rig.driver.devices}
        sim.set("output_power", 7.4)
        state = await rig.read(Due(tiers=frozenset({Tier.FAST}), most_requests=5), after_s=20)
        assert state.ev_power_w == 7400


async def test_the_questions_of_the_day_outlive_a_restart(sigen: SigenFactory) -> None:
    """What several tables lack is asked again, table by table."""
    sim = await sigen(replace(STILL, firmware="SPC112", no_30281=True))
    async with on(sim) as rig:
        await rig.read()
        saved = json.loads(json.dumps(rig.driver.state))
    async with on(sim, saved) as rig:
        before = len(rig.asked())
        await rig.read(after_s=24 * 3600 + 5)
        assert {(247, 30281, 1), (247, 40049, 2), (1, 30622, 1)} <= set(rig.asked(before))


async def test_an_unreadable_name_does_not_make_it_another_plant(sigen: SigenFactory) -> None:
    """A blank string is no new firmware."""
    sim = await sigen(STILL)
    async with on(sim) as rig:
        await rig.read()
        identity = rig.driver.identity
        for name, words in (("serial_number", 10), ("firmware_version", 15)):
            sim.set_raw(name, (0,) * words, unit=1)
        before = len(rig.asked())
        await rig.read()
        assert rig.driver.identity == identity
        assert (247, 30284, 2) not in rig.asked(before)
