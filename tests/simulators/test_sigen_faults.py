"""Every fault of the simulated Sigen plant, seen from the wire."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.conftest import SigenFactory
from tests.simulators.raw_client import QUIET_S, connected
from tests.simulators.sigen import SigenConfig
from tests.simulators.sigen_faults import SIGEN_FAULTS

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 6, 21, 22, 30, tzinfo=UTC)
STILL = SigenConfig(speed=0, start=NOON)
STATE, STATE_ANSWER = "F7 04 75 63 00 01", "F7 04 02 00 01"
SOC = "F7 04 75 3E 00 01"


async def test_late_reply_answers_the_next_request_under_its_old_id(sigen: SigenFactory) -> None:
    """Who gives up and asks again gets the old answer with the old transaction id first."""
    sim = await sigen(STILL)
    sim.faults.add("late_replies", 0.1)
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet(STATE, 0.05)
        client.send(SOC)
        assert await client.receive() == (1, STATE_ANSWER)
        assert await client.receive() == (2, "F7 04 02 01 F4")


async def test_late_replies_last_four_to_six_seconds(sigen: SigenFactory) -> None:
    """The default delay is the one seen in the field."""
    assert 4 <= SIGEN_FAULTS["late_replies"].value <= 6
    sim = await sigen(STILL)
    sim.faults.add("late_replies")
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet(STATE)


@pytest.mark.parametrize("name", ["dropped_replies", "silence"])
async def test_nothing_is_answered_until_the_fault_ends(sigen: SigenFactory, name: str) -> None:
    """Connections are accepted and stay, answers come again on the same one."""
    sim = await sigen(STILL)
    sim.faults.add(name)
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet(STATE)
        sim.faults.remove(name)
        assert await client.ask(STATE) == STATE_ANSWER


async def test_half_open_connection_stays_dead(sigen: SigenFactory) -> None:
    """One that was used meanwhile never answers again; a new one does."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        sim.faults.add("half_open")
        assert await client.quiet(STATE)
        sim.faults.remove("half_open")
        assert await client.quiet(STATE)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == STATE_ANSWER


async def test_dropped_reply_still_executes_the_write(sigen: SigenFactory) -> None:
    """A write whose answer is lost was done; in silence it was not."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        sim.faults.add("silence")
        assert await client.quiet("F7 06 9C 6F 03 20")
        assert sim.get("ess_charge_cutoff_soc") == 100.0
        sim.faults.clear()
        sim.faults.add("dropped_replies")
        assert await client.quiet("F7 06 9C 6F 03 20")
        assert sim.get("ess_charge_cutoff_soc") == 80.0


async def test_silence_ends_by_itself(sigen: SigenFactory) -> None:
    """After its seconds the device hears again."""
    sim = await sigen(STILL)
    sim.faults.add("silence", 0.1)
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet(STATE)
        assert await client.ask(STATE) == STATE_ANSWER


async def test_reply_to_another_transaction(sigen: SigenFactory) -> None:
    """The frame is right, its transaction id is not."""
    sim = await sigen(STILL)
    sim.faults.add("other_transaction")
    async with connected(sim.host, sim.port) as client:
        client.send(STATE)
        assert await client.receive() == (0, STATE_ANSWER)


async def test_reply_from_a_wrong_unit(sigen: SigenFactory) -> None:
    """The frame names another unit id."""
    sim = await sigen(STILL)
    sim.faults.add("wrong_unit_id")
    async with connected(sim.host, sim.port) as client:
        assert not (answer := await client.ask(STATE)).startswith("F7")
        assert answer[2:] == STATE_ANSWER[2:]


async def test_truncated_frame_leaves_the_connection_open(sigen: SigenFactory) -> None:
    """The header promises more than comes."""
    sim = await sigen(STILL)
    sim.faults.add("truncated_frame")
    async with connected(sim.host, sim.port) as client:
        client.send(STATE)
        assert await client.reader.readexactly(10) == bytes.fromhex("0001 0000 0005 F7 04 02 00")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), QUIET_S)


async def test_garbage_is_no_frame(sigen: SigenFactory) -> None:
    """As many bytes as the answer would have, none of them meant."""
    sim = await sigen(STILL)
    sim.faults.add("garbage")
    async with connected(sim.host, sim.port) as client:
        client.send(STATE)
        assert await client.reader.readexactly(11) != bytes.fromhex("0001 0000 0005" + STATE_ANSWER)


async def test_reset_inside_a_reply(sigen: SigenFactory) -> None:
    """The connection is cut with RST before the frame is whole; a new one works."""
    sim = await sigen(STILL)
    sim.faults.add("reset_in_reply")
    async with connected(sim.host, sim.port) as client:
        client.send(STATE)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await client.receive()
    sim.faults.remove("reset_in_reply")
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == STATE_ANSWER


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 8, 10, 11])
async def test_every_exception_code_on_demand(sigen: SigenFactory, code: int) -> None:
    """Any code, for one unit or for all."""
    sim = await sigen(STILL)
    sim.faults.add("exception", code, unit=247)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == f"F7 84 {code:02X}"
        assert await client.read(1, 30578) == "0001"


async def test_modbus_off_closes_the_port(sigen: SigenFactory) -> None:
    """Connections end and new ones are refused; the same port opens again."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == STATE_ANSWER
        sim.faults.add("modbus_off")
        assert await client.reader.read(1) == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(sim.host, sim.port)
    sim.faults.remove("modbus_off")
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == STATE_ANSWER


async def test_restart_cuts_the_connection_for_some_seconds(sigen: SigenFactory) -> None:
    """RST, a closed port, then the same port again by itself."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == STATE_ANSWER
        sim.faults.add("restart", 0.1)
        with pytest.raises(ConnectionResetError):
            await client.reader.read(1)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(sim.host, sim.port)
    await asyncio.sleep(0.15)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(STATE) == STATE_ANSWER


async def test_one_connection_limit(sigen: SigenFactory) -> None:
    """A second client is cut, the first goes on."""
    sim = await sigen(STILL)
    sim.faults.add("one_connection")
    async with connected(sim.host, sim.port) as first:
        assert await first.ask(STATE) == STATE_ANSWER
        async with connected(sim.host, sim.port) as second:
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await second.ask(STATE)
        assert await first.ask(STATE) == STATE_ANSWER


async def test_offline_charger_stalls_the_whole_server(sigen: SigenFactory) -> None:
    """A question to the charger holds every connection, then stays unanswered."""
    sim = await sigen(SigenConfig(speed=0, ac_chargers=(3,)))
    sim.faults.add("charger_stalls", 0.2)
    async with connected(sim.host, sim.port) as client, connected(sim.host, sim.port) as other:
        client.send("03 04 7D 00 00 01")
        await asyncio.sleep(0.02)
        assert await other.quiet(STATE, 0.1)
        assert await other.receive() == (1, STATE_ANSWER)
        assert await client.ask(STATE) == STATE_ANSWER


async def test_silent_charger_costs_nobody_else(sigen: SigenFactory) -> None:
    """Only the charger's unit id stays silent."""
    sim = await sigen(SigenConfig(speed=0, ac_chargers=(3,)))
    sim.faults.add("charger_silent")
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet("03 04 7D 00 00 01")
        assert await client.ask(STATE) == STATE_ANSWER


async def test_charger_can_refuse_its_command(sigen: SigenFactory) -> None:
    """42000 is answered with exception 2."""
    sim = await sigen(SigenConfig(speed=0, ac_chargers=(3,)))
    sim.faults.add("charger_refuses")
    async with connected(sim.host, sim.port) as client:
        assert await client.write(3, 42000, 0) == "exception 02"


async def test_counters_drop_to_zero_for_some_seconds(sigen: SigenFactory) -> None:
    """Day and lifetime counters read 0 and come back; powers are untouched."""
    sim = await sigen(STILL)
    total, power = sim.get("grid_import_energy_total"), sim.get("pv_power")
    assert total
    sim.faults.add("counters_zero", 0.05)
    assert sim.get("grid_import_energy_total") == 0
    assert sim.get("pv_energy_total", unit=1) == 0
    assert sim.get("pv_power") == power
    await asyncio.sleep(0.1)
    assert sim.get("grid_import_energy_total") == total


async def test_frozen_clock_freezes_the_values(sigen: SigenFactory) -> None:
    """Answers go on unchanged; afterwards the clock is where it would have been."""
    sim = await sigen(STILL)
    names = ("system_time", "grid_active_power", "pv_energy_total")
    before = [sim.get(name) for name in names]
    sim.faults.add("frozen_clock")
    sim.advance(3600)
    assert [sim.get(name) for name in names] == before
    sim.faults.remove("frozen_clock")
    sim.advance(0)
    assert sim.get("system_time") == NOON.timestamp() + 3600


async def test_nonsense_values(sigen: SigenFactory) -> None:
    """Readings that cannot be."""
    sim = await sigen(STILL)
    sim.faults.add("nonsense_values")
    assert sim.get("ess_soc") == 6553.5
    assert sim.get("power_factor") == 32.0
    assert sim.get("plant_alarm_1") == 0xFFFF
    assert sim.get("grid_active_power") == pytest.approx(2_147_483.647)


async def test_pv_is_a_little_negative_at_night(sigen: SigenFactory) -> None:
    """Power and string currents fall below 0 in the dark only."""
    night = await sigen(SigenConfig(speed=0, start=MIDNIGHT))
    day = await sigen(STILL)
    for sim in (night, day):
        sim.faults.add("negative_pv")
    assert night.get("pv_power") == -0.012
    assert night.get("pv01_current") == -0.02
    assert float(day.get("pv_power")) > 0


@pytest.mark.parametrize(("value", "inverter"), [(0, "0001"), (1, "exception 02")])
async def test_id_clash_puts_the_charger_on_the_inverter(
    sigen: SigenFactory, value: float, inverter: str
) -> None:
    """One id answers as a charger, and perhaps as an inverter too; the charger's own id is silent."""
    sim = await sigen(SigenConfig(speed=0, ac_chargers=(3,)))
    sim.faults.add("id_clash", value)
    async with connected(sim.host, sim.port) as client:
        assert await client.read(1, 32000) == "0001"
        assert await client.read(1, 30578) == inverter
        assert await client.quiet("03 04 7D 00 00 01")
        sim.faults.remove("id_clash")
        assert await client.read(1, 32000) == "exception 02"
        assert await client.read(3, 32000) == "0001"


async def test_vpp_takes_remote_ems_and_gives_it_back(sigen: SigenFactory) -> None:
    """30003 is 6 while an operator discharges the battery, 0 afterwards."""
    sim = await sigen(STILL)
    sim.faults.add("vpp", 2)
    assert [sim.get(name) for name in ("ems_work_mode", "remote_ems_enable", "remote_ems_control_mode")] == [
        6,
        1,
        5,
    ]
    assert sim.plant.flows.battery_w > 0
    sim.faults.remove("vpp")
    assert [sim.get(name) for name in ("ems_work_mode", "remote_ems_enable")] == [0, 0]
    assert sim.writes == []


async def test_app_changes_a_limit(sigen: SigenFactory) -> None:
    """A setting differs although no client wrote it."""
    sim = await sigen(STILL)
    sim.faults.add("app_changes_limit", 15)
    assert sim.get("ess_discharge_cutoff_soc") == 15.0
    assert sim.writes == []


@pytest.mark.parametrize(("address", "cutoff", "reserve"), [(40047, 100.0, 20.0), (0, 100.0, 0.0)])
async def test_writes_may_be_answered_and_not_executed(
    sigen: SigenFactory, address: int, cutoff: float, reserve: float
) -> None:
    """One register, or all of them; the answer is that of a write that was done."""
    sim = await sigen(STILL)
    sim.faults.add("ignored_writes", address)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask("F7 06 9C 6F 03 20") == "F7 06 9C 6F 03 20"
        assert await client.ask("F7 06 9C 6E 00 C8") == "F7 06 9C 6E 00 C8"
    assert (sim.get("ess_charge_cutoff_soc"), sim.get("ess_backup_soc")) == (cutoff, reserve)
    assert [write.name for write in sim.writes] == ["ess_backup_soc"] * bool(reserve)


async def test_unknown_fault_is_named(sigen: SigenFactory) -> None:
    """A typing error in a test or on the command line does not pass as no fault."""
    sim = await sigen(STILL)
    with pytest.raises(ValueError, match="unknown fault 'late'"):
        sim.faults.add("late")
