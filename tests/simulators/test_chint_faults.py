"""Everything that can go wrong with a simulated Chint plant, on the wire and inside."""

import asyncio
from datetime import UTC, datetime

from modbus_connection.exceptions import ModbusConnectionError, ModbusError, ModbusTimeoutError
import pytest

from tests.conftest import ChintFactory
from tests.simulators.chint import ChintConfig, ChintSimulator, Line, Profile
from tests.simulators.raw_client import connected, connected_rtu
from tests.simulators.test_chint import client, still

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)


def plant(profile: Profile) -> ChintSimulator:
    """Build a plant that stands still, by night, without a line."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 1_000.0
    sim.advance(60)
    return sim


# On the wire.


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp", "serial"])
async def test_gateway_goes_away_and_comes_back(chint: ChintFactory, line: Line) -> None:
    """A port is closed, a serial line silent; afterwards everything is as before."""
    sim = await chint(still(line=line))
    link = client(sim, timeout=0.3)
    await link.connect()
    sim.faults.add("gateway_away", 60)
    with pytest.raises(ModbusError):
        await link.for_unit(1).read_holding_registers(0x2000, 1)
    await link.close()
    if line != "serial":
        with pytest.raises(ModbusConnectionError):
            await client(sim, timeout=0.3).connect()
    sim.faults.remove("gateway_away")
    back = client(sim)
    await back.connect()
    assert await back.for_unit(1).read_holding_registers(0x2000, 1) == [50]
    await back.close()


async def test_gateway_comes_back_by_itself(chint: ChintFactory) -> None:
    """After VALUE seconds, on the same port."""
    sim = await chint(still())
    port = sim.port
    sim.faults.add("gateway_away", 0.05)
    await asyncio.sleep(0.1)
    async with connected(sim.host, port) as raw:
        assert await raw.read(1, 0x2000, 1, 3) == "0032"


async def test_second_master_is_heard_on_an_rtu_line(chint: ChintFactory) -> None:
    """Its request and the answer to it come before the answer to ours."""
    sim = await chint(still(line="rtu_tcp"))
    sim.faults.add("second_master", 2)
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x2000, 1, 3) == "0032"
        raw.send("01 03 20 00 00 01")
        assert (await raw.reader.readexactly(8)).hex(" ") == "01 03 20 12 00 02 6f ce"
        assert (await raw.receive())[1] == "01 03 04 44 8F C0 00"
        assert (await raw.receive())[1] == "01 03 02 00 32"
        assert await raw.read(1, 0x2000, 1, 3) == "0032"


async def test_gateway_mixes_up_the_answers_of_two_masters(chint: ChintFactory) -> None:
    """Over Modbus TCP the wrong answer carries the right transaction."""
    sim = await chint(still())
    sim.faults.add("second_master", 1)
    async with connected(sim.host, sim.port) as raw:
        assert await raw.ask("01 03 20 00 00 01") == "01 03 04 44 8F C0 00"


async def test_exception_storm_refuses_everything(chint: ChintFactory) -> None:
    """And ends by itself."""
    sim = await chint(still())
    sim.faults.add("exception_storm", 30)
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x2000, 1, 3) == "exception 06"
        assert await raw.write(1, 0x2100, 3) == "exception 06"
        sim.faults.remove("exception_storm")
        assert await raw.read(1, 0x2000, 1, 3) == "0032"
    assert sim.writes == []


async def test_late_answer_of_a_serial_line_is_taken_for_the_next(chint: ChintFactory) -> None:
    """RTU has no transactions: the client that gave up hears the old answer first."""
    sim = await chint(still(line="rtu_tcp"))
    async with connected_rtu(sim.host, sim.port) as raw:
        sim.faults.add("late_replies", 0.1)
        assert await raw.quiet("01 03 20 00 00 01", 0.02)
        sim.faults.remove("late_replies")
        raw.send("01 03 20 01 00 01")
        assert (await raw.receive())[1] == "01 03 02 00 32"
        assert (await raw.receive())[1] == "01 03 02 00 13"


async def test_wrong_unit_id_has_a_right_checksum(chint: ChintFactory) -> None:
    """It is somebody else's frame, not a broken one."""
    sim = await chint(still(line="rtu_tcp"))
    sim.faults.add("wrong_unit_id")
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x2000, 1, 3) == "0032"
        assert await raw.ask("01 03 20 00 00 01") == "54 03 02 00 32"


@pytest.mark.parametrize("line", ["rtu_tcp", "serial"])
async def test_lost_answers_time_out_on_every_line(chint: ChintFactory, line: Line) -> None:
    """The request was heard all the same."""
    sim = await chint(still(line=line))
    sim.faults.add("dropped_replies")
    link = client(sim, timeout=0.2)
    await link.connect()
    with pytest.raises(ModbusTimeoutError):
        await link.for_unit(1).write_register(0x2100, 3)
    await link.close()
    assert [write.value for write in sim.writes] == [3]


# What values do.


async def test_low_word_only(chint: ChintFactory) -> None:
    """Half of a 32-bit power: the low word is right, the high word is not."""
    sim = await chint(still("ech_th"))
    sim.plant.pv_override_w, sim.plant.load_override_w = 6_000.0, 200.0
    sim.plant.soc_pct = 100
    sim.advance(60)
    assert float(sim.get("grid_power")) < -5_000
    sim.faults.add("low_word_only")
    low = float(sim.get("grid_power_low_word"))
    assert low < -4_000
    assert sim.get("grid_power") == low + 0x10000


def test_swapped_words() -> None:
    """32-bit numbers come low word first; text and single words are as before."""
    sim = plant("sce")
    kwh = sim.find("grid_import_energy_total")[1]
    straight = sim.words("holding", kwh.address, 2)
    soc, serial = sim.get("batt_soc"), sim.get("serial_number")
    sim.faults.add("swapped_words")
    assert sim.words("holding", kwh.address, 2) == straight[::-1]
    assert (sim.get("batt_soc"), sim.get("serial_number")) == (soc, serial)


def test_sentinels() -> None:
    """Each type has its own."""
    sim = plant("sce")
    sim.faults.add("sentinels", 0x2000)
    assert sim.words("holding", 0x2000, 2) == (0xFFFF, 19)
    sim.faults.add("sentinels")
    assert sim.words("holding", 0x2000, 2) == (0xFFFF, 0x8000)
    assert sim.words("holding", 0x2009, 2) == (0x8000, 0)
    assert sim.words("holding", 0x200B, 2) == (0xFFFF, 0xFFFF)
    assert sim.get("serial_number") == ""
    assert sim.get("hybrid_work_mode") == 0


@pytest.mark.parametrize("profile", ["ech_s", "ech_th"])
def test_layout_of_the_other_ech(profile: Profile) -> None:
    """0x0708 is PV power or sold energy, whatever the profile."""
    pv = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON, layout="pv"))
    pv.plant.pv_override_w = 4_000.0
    pv.advance(1)
    assert pv.words("input", 0x0708, 2) == (0, 4_000)
    energy = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON, layout="energy"))
    assert energy.words("input", 0x0708, 2) == (0, 27_609)


def test_frozen_values() -> None:
    """Time goes on, and nothing that is measured shows it; a setting is kept, obeyed and read back."""
    sim = plant("ech_th")
    names = ("batt_soc", "ABF_Load_TotalEnergy", "grid_power", "rtc_hour", "warning_bits")
    before = [sim.get(name) for name in names]
    sim.faults.add("frozen_values")
    sim.change("running_mode", 0)
    sim.plant.soc_pct = 5
    sim.advance(3600)
    assert [sim.get(name) for name in names] == before
    assert sim.get("running_mode") == 0
    assert sim.plant.flows.battery_w == 0
    sim.faults.remove("frozen_values")
    assert float(sim.get("ABF_Load_TotalEnergy")) == pytest.approx(float(before[1]) + 1, abs=0.2)
    assert (sim.get("rtc_hour"), sim.get("warning_bits")) == (13, 1 << 4)


async def test_counters_fall_to_zero(chint: ChintFactory) -> None:
    """For a moment, as after a restart."""
    sim = await chint(still())
    sim.faults.add("counters_zero", 60)
    assert (sim.get("grid_import_energy_total"), sim.get("pv_energy_total")) == (0, 0)
    assert sim.get("batt_soc") == 50


# What writes do.


async def test_ignored_and_refused_writes(chint: ChintFactory) -> None:
    """Answered and not executed, or refused."""
    sim = await chint(still())
    async with connected(sim.host, sim.port) as raw:
        sim.faults.add("ignored_writes", 0x2100)
        assert await raw.write(1, 0x2100, 3) == "ok"
        assert sim.get("hybrid_work_mode") == 0
        sim.faults.add("refused_address", 0x214C)
        assert await raw.write(1, 0x214C, 1) == "exception 03"
        assert await raw.write(1, 0x2101, 1) == "ok"


async def test_setting_that_is_not_obeyed(chint: ChintFactory) -> None:
    """It reads back as written, and the battery goes on."""
    sim = await chint(still())
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 1_000.0
    sim.faults.add("not_obeyed")
    async with connected(sim.host, sim.port) as raw:
        assert await raw.write(1, 0x2100, 3) == "ok"
        assert await raw.read(1, 0x2100, 1, 3) == "0003"
    sim.advance(60)
    assert sim.plant.flows.battery_w > 1_000


def test_owner_changes_the_mode() -> None:
    """In the app, behind our back."""
    sim = plant("sce")
    sim.faults.add("owner_changes_mode", 3)
    assert sim.get("hybrid_work_mode") == 3
    assert sim.writes == []


# What breaks.

BITS = [
    ("ech_th", "bms_loss", "fault3_bits", 0, "Fault0201"),
    ("ech_s", "undervoltage", "fault0_bits", 1, "Protect0080"),
    ("ech_th", "underfrequency", "fault1_bits", 14, "Protect0110"),
    ("ech_th", "utility_loss", "fault1_bits", 12, "Protect0120"),
    ("ech_s", "low_soc", "warning_bits", 4, "Warn0040"),
    ("ech_th", "low_battery_voltage", "warning_bits", 7, "Warn0070"),
    ("sce", "bms_loss", "batt_fault_word", 8, "no BMS communication"),
    ("sce", "utility_loss", "fault_word_2", 2, "grid absent"),
    ("sce", "undervoltage", "fault_word_2", 1, "grid undervoltage"),
    ("sce", "underfrequency", "fault_word_2", 4, "underfrequency"),
    ("sce", "low_battery_voltage", "batt_fault_word", 2, "undervoltage"),
    ("sce", "meter_loss", "fault_word_3", 6, "meter lost"),
    ("sce", "unknown_alarm", "fault_word_3", 9, ""),
    ("ech_th", "unknown_alarm", "fault4_bits", 9, ""),
    ("cps_403x", "underfrequency", "fault0_bits", 11, "grid frequency low"),
]


@pytest.mark.parametrize(("profile", "fault", "register", "bit", "code"), BITS)
def test_trouble_sets_its_bit_and_leaves_its_times(
    profile: Profile, fault: str, register: str, bit: int, code: str
) -> None:
    """Occurring, then recovered, each with its moment."""
    sim = plant(profile)
    assert sim.get(register) == 0
    began = sim.plant.now
    sim.faults.add(fault)
    assert sim.get(register) == 1 << bit
    assert [(alarm.bit.code, alarm.status) for alarm in sim.alarms] == [(code, "Occurring")]
    sim.advance(300)
    sim.faults.remove(fault)
    sim.plant.soc_pct = 50
    sim.advance(0)
    assert sim.get(register) == 0
    (alarm,) = sim.alarms
    assert (alarm.occurred, alarm.recovered, alarm.status) == (began, sim.plant.now, "Recovered")


def test_utility_loss_makes_an_island() -> None:
    """And its end makes none."""
    sim = plant("ech_th")
    sim.faults.add("utility_loss")
    sim.advance(60)
    assert (sim.get("pcs_run_state"), sim.get("meter_voltage_l1")) == (4, 0)
    assert sim.get("backup_voltage_l1") == 230.4
    assert sim.get("backup_power") == pytest.approx(1_000)
    sim.faults.remove("utility_loss")
    sim.advance(60)
    assert (sim.get("pcs_run_state"), sim.get("meter_voltage_l1")) == (3, 230.4)


@pytest.mark.parametrize("fault", ["undervoltage", "underfrequency"])
def test_bad_grid_is_left(fault: str) -> None:
    """The house goes on as an island; a string inverter stops."""
    sim = plant("ech_th")
    sim.faults.add(fault)
    assert sim.plant.islanded
    assert sim.plant.flows.grid_w == 0
    assert sim.get("meter_voltage_l1") == (175.0 if fault == "undervoltage" else 230.4)
    assert sim.get("meter_frequency") == (47.2 if fault == "underfrequency" else 50.02)
    lonely = plant("cps_403x")
    lonely.plant.pv_override_w = 20_000.0
    lonely.faults.add(fault)
    assert lonely.plant.flows.pv_w == 0
    assert lonely.get("work_mode") == 0x8000


def test_lost_battery_management_stops_the_battery() -> None:
    """Its values are unknown, and nothing flows."""
    sim = plant("ech_th")
    assert sim.plant.flows.battery_w > 0
    sim.faults.add("bms_loss")
    assert sim.plant.flows.battery_w == 0
    assert sim.words("input", 0x0603, 1) == (0xFFFF,)


def test_sagging_battery_gives_nothing() -> None:
    """It may still be charged."""
    sim = plant("sce")
    sim.faults.add("low_battery_voltage")
    assert sim.plant.flows.battery_w == 0
    assert float(sim.get("batt_voltage")) < 45
    sim.plant.pv_override_w = 4_000.0
    sim.advance(60)
    assert sim.plant.flows.battery_w < 0


@pytest.mark.parametrize("profile", ["ech_s", "ech_th", "sce"])
def test_lost_meter_leaves_the_grid_unknown(profile: Profile) -> None:
    """The battery rests, since nobody knows the house."""
    sim = plant(profile)
    name = {"ech_s": "Grid_Power", "ech_th": "grid_power", "sce": "grid_l1_power"}[profile]
    sim.faults.add("meter_loss")
    _, row = sim.find(name)
    assert sim.words("holding" if profile == "sce" else "input", row.address, 2) == (0x8000, 0)
    assert sim.plant.flows.battery_w == 0
