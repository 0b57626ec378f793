"""What can go wrong with the simulated Instagen stick, one fault after the other."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.conftest import InstagenFactory
from tests.simulators.instagen import InstagenSimulator
from tests.simulators.instagen_client import StickClient, connected
from tests.simulators.instagen_faults import INSTAGEN_FAULTS
from tests.simulators.instagen_frame import FrameError, pack, unpack
from tests.simulators.instagen_messages import Message
from tests.simulators.instagen_windows import number, parts
from tests.simulators.plant import PlantConfig
from tests.simulators.test_instagen import NOON, STILL

LARGE = replace(STILL, inverters=10, plant=PlantConfig())
"""Its registry has more than 1000 bytes."""


async def pieces(client: StickClient) -> list[int]:
    """Ask for the registry and return in what lengths the answer comes."""
    client.writer.write(pack(client.frame(0xC302)))
    found: list[bytes] = []
    while True:
        found.append(await client.reader.read(65_536))
        data = b"".join(found)
        if len(data) >= int.from_bytes(data[8:10]):
            assert unpack(data).command == 0xC202
            return [len(piece) for piece in found]


async def test_answer_comes_whole(instagen: InstagenFactory) -> None:
    """Without a fault even a long answer is one piece."""
    sim = await instagen(LARGE)
    async with connected(sim) as client:
        assert len(await pieces(client)) == 1


@pytest.mark.parametrize("length", [30, 1000])
async def test_fragmented_answer(instagen: InstagenFactory, length: int) -> None:
    """An answer comes in pieces, none longer than told, and is whole in the end."""
    sim = await instagen(LARGE)
    sim.faults.add("fragmented", length)
    async with connected(sim) as client:
        found = await pieces(client)
    assert len(found) > 1
    assert found[0] == length


@pytest.mark.parametrize(("fault", "first"), [("merged", 0xDA02), ("merged_behind", 0xC203)])
async def test_merged_answers(instagen: InstagenFactory, fault: str, first: int) -> None:
    """A heartbeat that nobody asked for and the answer arrive in one read."""
    sim = await instagen(STILL)
    sim.faults.add(fault)
    async with connected(sim) as client:
        client.writer.write(pack(client.frame(0xC303, {"inverter_serial": sim.config.serials[0]})))
        data = await client.reader.read(65_536)
    length = int.from_bytes(data[8:10])
    commands = [unpack(data[:length]).command, unpack(data[length:]).command]
    assert sorted(commands) == [0xC203, 0xDA02]
    assert commands[0] == first


async def test_late_answer(instagen: InstagenFactory) -> None:
    """An answer after the time-out still carries the sequence of its own request."""
    sim = await instagen(STILL)
    sim.faults.add("late_answers", 0.2)
    async with connected(sim) as client:
        request = client.frame(0xDB01)
        assert await client.quiet(pack(request), 0.05)
        sim.faults.clear()
        client.writer.write(pack(client.frame(0xDB01)))
        assert [(await client.receive()).sequence for _ in range(2)] == [1, 2]


async def test_garbage_before_the_answer(instagen: InstagenFactory) -> None:
    """So many bytes that are no HM, then the answer."""
    sim = await instagen(STILL)
    sim.faults.add("garbage_before", 9)
    async with connected(sim) as client:
        client.writer.write(pack(client.frame(0xDB01)))
        data = await client.reader.read(65_536)
    assert data.index(b"HM") == 9
    assert unpack(data[9:]).command == 0xDA01


async def test_empty_answer(instagen: InstagenFactory) -> None:
    """A header with nothing behind it."""
    sim = await instagen(STILL)
    sim.faults.add("empty_answers")
    async with connected(sim) as client:
        assert (await client.exchange(client.frame(0xC302))).payload == b""


async def test_wrong_header(instagen: InstagenFactory) -> None:
    """Answers with another sequence, checksum, serial number or length."""
    sim = await instagen(STILL)
    for fault, message in (
        ("wrong_sequence", "instead of"),
        ("wrong_serial", "instead of"),
        ("wrong_checksum", "checksum"),
    ):
        sim.faults.add(fault)
        async with connected(sim) as client:
            with pytest.raises((AssertionError, FrameError), match=message):
                await client.ask(0xDB01)
        sim.faults.clear()
    sim.faults.add("endless_length")
    async with connected(sim) as client:
        client.writer.write(pack(client.frame(0xDB01)))
        with pytest.raises(TimeoutError):
            await client.receive(0.1)


@pytest.mark.parametrize(("fault", "heard"), [("silence", 0), ("dropped_answers", 1), ("half_open", 0)])
async def test_no_answer(instagen: InstagenFactory, fault: str, heard: int) -> None:
    """Nothing comes back; with lost answers the request was executed."""
    sim = await instagen(STILL)
    sim.faults.add(fault)
    async with connected(sim) as client:
        assert await client.quiet(pack(client.frame(0xDB01)))
        sim.faults.clear()
        assert len(sim.requests) == heard
        if fault == "half_open":
            assert await client.quiet(pack(client.frame(0xDB01)))


async def test_connection_ends(instagen: InstagenFactory) -> None:
    """Instead of an answer, in the middle of one, or behind it."""
    sim = await instagen(STILL)
    for fault, length in (("closes_instead", 0), ("reset_in_answer", None), ("closes_after_answer", None)):
        sim.faults.add(fault)
        async with connected(sim) as client:
            client.writer.write(pack(client.frame(0xDB01)))
            if fault == "closes_after_answer":
                assert (await client.receive()).command == 0xDA01
            elif length is None:
                assert (await client.reader.read(10))[:2] == b"HM"
            assert await client.ended()
        sim.faults.clear()


async def test_restart_takes_its_time_and_changes_the_key(instagen: InstagenFactory) -> None:
    """The connection is cut, nobody listens, then the same port answers with other random bytes."""
    sim = await instagen(replace(STILL, encrypted=True))
    key, port = sim.answers.enc_random, sim.port
    async with connected(sim) as client:
        await client.data()
        sim.faults.add("restart", 30)
        assert await client.ended()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(sim.host, port)
    sim.faults.remove("restart")
    async with connected(sim) as client:
        block = parts(await client.ask(0xDB01), "gateway")[0]
    assert sim.port == port
    assert block["enc_random"] == sim.answers.enc_random != key


async def test_restart_ends_by_itself(instagen: InstagenFactory) -> None:
    """After the seconds that were told."""
    sim = await instagen(STILL)
    sim.faults.add("restart", 0.01)
    async with asyncio.timeout(5):
        while "restart" in sim.faults:  # noqa: ASYNC110  a timer of the simulator is waited for
            await asyncio.sleep(0.005)
    async with connected(sim) as client:
        await client.data()


async def test_restart_forgets_what_has_no_effect_yet(instagen: InstagenFactory) -> None:
    """A write that was acknowledged just before is lost."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        assert await client.set(mode=3, reserve_soc=80) == 0
    sim.faults.add("restart", 30)
    sim.faults.remove("restart")
    sim.advance(60)
    assert sim.mode == 1


async def test_moved_stick(instagen: InstagenFactory) -> None:
    """It is found at another port, and no longer at the first."""
    sim = await instagen(STILL)
    before = sim.port
    sim.faults.add("moved")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(sim.host, before)
    async with connected(sim) as client:
        await client.data()


async def test_closed_port(instagen: InstagenFactory) -> None:
    """Nobody listens until it is opened again, from the start on too."""
    sim = InstagenSimulator(STILL)
    sim.faults.add("port_closed")
    async with sim.serving():
        sim.faults.remove("port_closed")
        async with connected(sim) as client:
            await client.data()
        sim.faults.add("port_closed")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(sim.host, sim.port)
    assert (await instagen(STILL)).port > 0


async def test_silent_storage(instagen: InstagenFactory) -> None:
    """The stick says who it is and nothing of the battery."""
    sim = await instagen(STILL)
    sim.faults.add("storage_silent")
    async with connected(sim) as client:
        assert await client.quiet(pack(client.frame(0xC302)))
        await client.ask(0xDB01)


def battery(sim: InstagenSimulator) -> Message:
    """Return what is shown of the battery."""
    return parts(sim.device.shown[0], "battery")[0]


def clock(sim: InstagenSimulator) -> float:
    """Return how far the shown time is from noon."""
    return number(sim.device.shown[0], "unix_time") - NOON.timestamp()


def test_frozen_clock() -> None:
    """Time and values stand still in the answers while the plant goes on, and jump when it ends."""
    sim = InstagenSimulator(STILL)
    sim.faults.add("frozen_clock")
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 4_000.0
    sim.advance(3600)
    assert (clock(sim), number(battery(sim), "soc")) == (0, 50)
    assert sim.device.clock_s == NOON.timestamp()
    assert sim.plant.soc_pct < 40
    sim.faults.remove("frozen_clock")
    sim.advance(10)
    assert clock(sim) == 3610
    assert number(battery(sim), "soc") == pytest.approx(sim.plant.soc_pct, abs=0.5)


def test_clock_that_is_wrong_by_hours() -> None:
    """The shown time is ahead, and windows open by it."""
    sim = InstagenSimulator(STILL)
    sim.faults.add("clock_wrong", 5)
    sim.advance(10)
    assert clock(sim) == 5 * 3600 + 10
    assert sim.device.clock.hour == 17
    sim.faults.add("clock_wrong", -2)
    sim.advance(10)
    assert clock(sim) == 20 - 2 * 3600


def discharged(sim: InstagenSimulator) -> float:
    """Return today's discharged energy as shown."""
    return number(battery(sim), "discharged_today")


def evening() -> InstagenSimulator:
    """Build a system that has discharged for an hour, at 23:00 at the plant."""
    sim = InstagenSimulator(replace(STILL, start=datetime(2026, 6, 23, 20, 0, tzinfo=UTC)))
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 2_000.0
    sim.advance(3600)
    assert discharged(sim) == pytest.approx(2.1, abs=0.1)
    return sim


def test_counters_drop_to_zero_for_one_sample() -> None:
    """One set of values has zeros, the next has the truth."""
    sim = evening()
    sim.faults.add("counters_zero")
    assert discharged(sim) > 2
    sim.advance(10)
    assert discharged(sim) == 0
    assert number(parts(parts(sim.device.shown[0], "load")[0], "phases")[0], "energy_today") == 0
    sim.advance(10)
    assert discharged(sim) > 2


def test_counters_begin_anew_at_midnight() -> None:
    """They count a day of the device's own clock."""
    sim = evening()
    sim.advance(3599)
    assert discharged(sim) > 4
    sim.advance(61)
    assert discharged(sim) < 0.1
    ahead = evening()
    ahead.faults.add("clock_wrong", 1)
    ahead.advance(60)
    assert discharged(ahead) < 0.1


def test_counters_begin_anew_when_told() -> None:
    """A reset at any time of day."""
    sim = evening()
    sim.faults.add("today_restarts")
    sim.advance(10)
    assert discharged(sim) < 0.1


def test_grid_loss() -> None:
    """The inverter is islanded, the meter sees nothing, and back again."""
    sim = InstagenSimulator(STILL)
    found = []
    for on in (False, True, False):
        if on:
            sim.faults.add("grid_loss")
        else:
            sim.faults.remove("grid_loss")
        sim.advance(10)
        shown = sim.device.shown[0]
        state = number(parts(parts(shown, "inverter")[0], "common")[0], "state")
        found.append((state, number(parts(parts(shown, "grid")[0], "phases")[0], "voltage") > 0))
    assert found == [(3, True), (5, False), (3, True)]


async def test_ignored_write(instagen: InstagenFactory) -> None:
    """Acknowledged and never done."""
    sim = await instagen(STILL)
    sim.faults.add("ignored_writes")
    async with connected(sim) as client:
        assert await client.set(mode=3, reserve_soc=80) == 0
    sim.advance(60)
    assert (sim.mode, len(sim.writes)) == (1, 1)


async def test_refused_write(instagen: InstagenFactory) -> None:
    """Answered with an error, and not done."""
    sim = await instagen(STILL)
    sim.faults.add("refused_writes", 3)
    async with connected(sim) as client:
        assert await client.set(mode=3, reserve_soc=80) == 3
    sim.advance(60)
    assert (sim.mode, sim.writes) == (1, [])


async def test_write_without_a_mode_may_be_refused(instagen: InstagenFactory) -> None:
    """Nobody knows whether the contact can be set alone."""
    sim = await instagen(STILL)
    contact: Message = {"function": 2, "load_mode": 1, "manual_switch": 1}
    async with connected(sim) as client:
        assert await client.set(relays=[contact]) == 0
        sim.faults.add("relay_needs_mode")
        assert await client.set(relays=[contact]) > 0
        assert await client.set(mode=1, reserve_soc=20, relays=[contact]) == 0


def test_owner_changes_the_mode_in_the_app() -> None:
    """Another mode is in force, which the device tells nobody."""
    sim = InstagenSimulator(STILL)
    sim.faults.add("app_changes_mode", 3)
    assert sim.mode == 3
    assert sim.writes == []


async def test_stick_restarts_when_told(instagen: InstagenFactory) -> None:
    """Action 4096 is acknowledged, then the stick is gone for a while."""
    sim = await instagen(replace(STILL, restart_s=0.05))
    async with connected(sim) as client:
        answer = await client.ask(0xDB03, {"action": 4096, "transaction_id": 9})
        assert (answer["error_code"], answer["transaction_id"]) == (0, 9)
        assert await client.ended()
    assert "restart" in sim.faults
    assert sim.actions == [4096]


async def test_inverter_is_switched_off_and_on(instagen: InstagenFactory) -> None:
    """Actions 8194, 8193 and 8195; nothing flows while it is off, and the house buys."""
    sim = await instagen(STILL)
    serial = sim.config.serials[0]
    sim.plant.pv_override_w, sim.plant.load_override_w = 3_000.0, 1_000.0
    found = []
    async with connected(sim) as client:
        for transaction, action in enumerate((8194, 8193, 8195)):
            asked: Message = {"action": action, "target_serials": [serial], "transaction_id": transaction}
            assert (await client.ask(0xDB03, asked))["error_code"] == 0
            sim.advance(1)
            found.append(sim.plant.flows.grid_w)
        status = await client.ask(0xDB04, {"action": 8195, "transaction_id": 2})
    assert found == [1_000, pytest.approx(0, abs=1), 1_000]
    assert status["done_serials"] == [serial]
    sim.advance(60)
    assert sim.plant.flows.grid_w == pytest.approx(0, abs=1)


async def test_one_of_two_inverters_off(instagen: InstagenFactory) -> None:
    """The other takes over what it has."""
    sim = await instagen(replace(STILL, inverters=2))
    sim.plant.pv_override_w, sim.plant.load_override_w = 3_000.0, 1_000.0
    async with connected(sim) as client:
        await client.ask(0xDB03, {"action": 8194, "target_serials": [sim.config.serials[1]]})
        sim.advance(10)
        shown = [await client.data(index) for index in range(2)]
    assert [sum(number(text, "power") for text in parts(one, "pv_inputs")) for one in shown] == [3_000, 0]


async def test_actions_that_are_not_done(instagen: InstagenFactory) -> None:
    """Factory resets and upgrades are refused and remembered; so is an action on nobody."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        for action in (4097, 4102, 4112, 8196, 8224):
            assert number(await client.ask(0xDB03, {"action": action}), "error_code") > 0
        assert number(await client.ask(0xDB03, {"action": 8194}), "error_code") > 0
        assert number(await client.ask(0xA305, {"action": 7}), "error_code") > 0
    assert sim.actions == []
    assert sim.refused_actions == [4097, 4102, 4112, 8196, 8224, 8194, 7]


async def test_harmless_actions(instagen: InstagenFactory) -> None:
    """Collecting and uploading data at once make new values; stopping commands drops what waits."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        sim.plant.soc_pct = 80.0
        assert (await client.ask(0xDB03, {"action": 8199}))["error_code"] == 0
        assert number(parts(await client.data(), "battery")[0], "soc") == 80
        await client.set(mode=3, reserve_soc=90)
        assert (await client.ask(0xDB03, {"action": 4098}))["error_code"] == 0
    sim.advance(60)
    assert sim.mode == 1
    assert sim.actions == [8199, 4098]


def test_every_fault_is_told_in_the_list() -> None:
    """Faults that the simulator does not know are refused by name."""
    sim = InstagenSimulator(STILL)
    with pytest.raises(ValueError, match="unknown fault 'gremlins'"):
        sim.faults.add("gremlins")
    assert all(kind.text for kind in INSTAGEN_FAULTS.values())
