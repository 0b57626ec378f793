"""The simulated Instagen stick on the wire: who is answered, with what, and how old it is."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from tests.conftest import InstagenFactory
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_answers import HANDLERS
from tests.simulators.instagen_client import StickClient, connected
from tests.simulators.instagen_frame import Frame, pack
from tests.simulators.instagen_messages import Message, Value, decode, encode
from tests.simulators.instagen_windows import number, parts
from tests.simulators.instagen_wire import SilenceError
from tests.simulators.plant import PlantConfig
from tests.simulators.test_instagen_frame import VECTORS

NOON = datetime(2026, 6, 23, 10, 0, tzinfo=UTC)
WORDS = st.integers(0, (1 << 32) - 1)
STILL = InstagenConfig(speed=0, start=NOON, close_s=0.05, plant=PlantConfig(three_phase=False))
THREE = replace(STILL, inverters=3, plant=PlantConfig(soc_pct=60))


async def answer_to(client: StickClient, vector: str) -> Message:
    """Send a frame of the fact file as it is and return the members of the answer."""
    text, message, *_ = VECTORS[vector]
    client.writer.write(bytes.fromhex(text))
    answer = await client.receive()
    assert answer.sequence == int(text[8:12], 16)
    assert answer.command == int(text[4:8], 16) - 0x100
    return decode(message.replace("Request", "Response"), answer.payload)


async def test_published_requests_are_answered(instagen: InstagenFactory) -> None:
    """The frames of the fact file reach the device as they are."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        info = await answer_to(client, "gateway info")
        registry = await answer_to(client, "registry")
        data = await answer_to(client, "data")
        for name in ("self-consumption", "force charge", "time of use", "economy", "relay"):
            assert (await answer_to(client, name))["error_code"] == 0
        beat = await answer_to(client, "heartbeat")
    assert info["stick_serial"] == 0x430122480001
    assert parts(info, "devices")[0] == {"serial": 0x200322460001, "device_class": 6, "bus_address": 1}
    assert parts(registry, "inverters")[0]["model_name"] == "HYS-10.0LV-EUG1"
    assert data["inverter_serial"] == 0x200322460001
    assert beat["stick_serial"] == "430122480001"
    assert [write.values.get("mode") for write in sim.writes] == [1, 5, 8, 2, None]
    assert [request.message for request in sim.requests[:2]] == ["GatewayInfoRequest", "EsRegistryRequest"]


async def test_acknowledgement_of_the_fact_file(instagen: InstagenFactory) -> None:
    """The answer to a write comes out byte for byte."""
    sim = await instagen(replace(STILL, start=datetime.fromtimestamp(1_700_000_000, UTC)))
    expected = bytes.fromhex(VECTORS["its answer"][0])
    async with connected(sim) as client:
        client.writer.write(bytes.fromhex(VECTORS["force charge"][0]))
        assert await client.reader.readexactly(len(expected)) == expected


async def test_empty_members_are_sent(instagen: InstagenFactory) -> None:
    """Gateway info has byte members of length zero, as a real one."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        block = parts(await client.ask(0xDB01), "gateway")[0]
    assert [block[name] for name in ("gprs_version", "gprs_imei", "sim_number")] == [b"", b"", b""]
    assert "enc_random" not in block


async def test_other_questions_are_answered(instagen: InstagenFactory) -> None:
    """Network, both heartbeats and app information."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        assert (await client.ask(0xDB06))["active_mode"] == 1
        assert (await client.ask(0xDB02))["signal_quality"] == 76
        assert (await client.ask(0xA302))["signal_quality"] == 76
        assert (await client.ask(0xA301))["device_count"] == 1
        assert (await client.exchange(client.frame(0xA311))).payload == b""


async def test_app_information_may_be_unknown(instagen: InstagenFactory) -> None:
    """A stick that does not know it says nothing."""
    sim = await instagen(replace(STILL, app_info=False))
    async with connected(sim) as client:
        assert await client.quiet(pack(client.frame(0xA301)), 1)


@pytest.mark.parametrize("command", [0xC307, 0xC304, 0xDB07, 0xDB08, 0xDBFB, 0xDBFE, 0xC3FE, 0xA355])
async def test_unknown_command_is_not_answered(instagen: InstagenFactory, command: int) -> None:
    """What nobody may ask for stays without an answer, and the connection ends."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        assert await client.quiet(pack(client.frame(command)), 5)
    assert [(request.command, request.message) for request in sim.requests] == [(command, None)]


async def test_damaged_frame_is_not_answered(instagen: InstagenFactory) -> None:
    """A wrong checksum, a short length, an announced rest that never comes, no HM: silence, then the end."""
    sim = await instagen(STILL)
    for at, bits in ((6, 1), (9, 1), (8, 1), (0, 1), (40, 1)):
        async with connected(sim) as client:
            data = bytearray.fromhex(VECTORS["data"][0])
            data[at] ^= bits
            assert await client.quiet(bytes(data), 5)
    assert sim.requests == []


async def test_payload_that_is_no_message_is_not_answered(instagen: InstagenFactory) -> None:
    """A sound frame around nonsense."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        frame = replace(client.frame(0xC303), payload=b"\x08")
        assert await client.quiet(pack(frame), 5)


@pytest.mark.parametrize(
    ("serial", "target", "command"),
    [
        (0, 1, 0xC303),
        (0x430122480002, 1, 0xC302),
        (0x430122480002, 255, 0xDB01),
        (0x430122480001, 255, 0xC302),
        (0x430122480001, 2, 0xC303),
        (0, 255, 0xDB06),
    ],
)
async def test_wrong_address_is_not_answered(
    instagen: InstagenFactory, serial: int, target: int, command: int
) -> None:
    """Another stick's serial number, or somebody who is not behind this one."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        frame = replace(client.frame(command), stick_serial=serial, target=target)
        assert await client.quiet(pack(frame), 5)


async def test_unknown_inverter_is_not_answered(instagen: InstagenFactory) -> None:
    """Live data exist only for an inverter behind the stick, and only for its pages."""
    sim = await instagen(STILL)
    for asked in ({"inverter_serial": 5}, {"inverter_serial": sim.config.serials[0], "page": 1}):
        async with connected(sim) as client:
            assert await client.quiet(pack(client.frame(0xC303, asked)), 5)


async def test_second_client_is_dropped(instagen: InstagenFactory) -> None:
    """One at a time: the second is cut, the first goes on."""
    sim = await instagen(STILL)
    async with connected(sim) as first:
        await first.data()
        async with connected(sim) as second:
            assert await second.ended()
        await first.data()
    async with connected(sim) as third:
        await third.data()


async def test_second_client_may_be_stalled(instagen: InstagenFactory) -> None:
    """The second is answered when the first has gone."""
    sim = await instagen(replace(STILL, second_client="stalled"))
    async with connected(sim) as first:
        await first.data()
        async with connected(sim) as second:
            second.writer.write(pack(second.frame(0xDB01)))
            assert (await first.data())["page"] == 0
            assert len(sim.requests) == 2
            first.writer.close()
            assert (await second.receive()).command == 0xDA01


async def test_connection_for_every_request(instagen: InstagenFactory) -> None:
    """Clients that come and go at once are each served."""
    sim = await instagen(STILL)
    for _ in range(20):
        async with connected(sim) as client:
            await client.data()
    assert len(sim.requests) == 20


async def test_two_requests_in_one_piece(instagen: InstagenFactory) -> None:
    """They are answered in their order."""
    sim = await instagen(STILL)
    async with connected(sim) as client:
        client.writer.write(pack(client.frame(0xDB01)) + pack(client.frame(0xC302)))
        assert [(await client.receive()).command for _ in range(2)] == [0xDA01, 0xC202]


async def soc(client: StickClient) -> tuple[float, float]:
    """Return the moment and the SOC that are shown."""
    shown = await client.data()
    return number(shown, "unix_time") - NOON.timestamp(), number(parts(shown, "battery")[0], "soc")


@pytest.mark.parametrize("refresh_s", [10, 30])
async def test_values_are_as_old_as_they_say(instagen: InstagenFactory, refresh_s: int) -> None:
    """Between two looks of the stick the old values come, with the old time."""
    sim = await instagen(replace(STILL, refresh_s=refresh_s))
    async with connected(sim) as client:
        assert await soc(client) == (0, 50)
        sim.plant.soc_pct = 80.0
        sim.advance(refresh_s - 1)
        assert await soc(client) == (0, 50)
        sim.advance(2)
        assert await soc(client) == (refresh_s, 80)
        sim.advance(24 * refresh_s - 1)
        assert (await soc(client))[0] == 25 * refresh_s


async def test_pages_together_are_the_whole(instagen: InstagenFactory) -> None:
    """Two pages hold what one held, each thing once."""
    whole = await instagen(STILL)
    paged = await instagen(replace(STILL, pages=2))
    async with connected(whole) as one, connected(paged) as two:
        expected = await one.data()
        pages = [await two.data(page=page) for page in (0, 1)]
    assert [(page["page_count"], page["page"]) for page in pages] == [(2, 0), (2, 1)]
    assert "battery" in pages[1]
    assert "battery" not in pages[0]
    common = {"inverter_serial", "unix_time", "tz_offset", "page_count", "page"}
    assert set(pages[0]) & set(pages[1]) == common
    assert pages[0] | pages[1] | {"page_count": 1, "page": 0} == expected


async def test_inverters_share_the_system(instagen: InstagenFactory) -> None:
    """Three in parallel: each a third of PV and battery, the master alone with meter and load."""
    sim = await instagen(THREE)
    sim.plant.pv_override_w, sim.plant.load_override_w = 6_000.0, 900.0
    sim.advance(600)
    async with connected(sim) as client:
        registry = parts(await client.ask(0xC302), "inverters")
        shown = [await client.data(index) for index in range(3)]
    assert [one["bus_address"] for one in registry] == [1, 2, 3]
    assert {one["model_name"] for one in registry} == {"HYT-3.3HV-EUG1"}
    roles = [number(parts(parts(one, "inverter")[0], "common")[0], "role") for one in shown]
    assert roles == [1, 2, 2]
    assert ["grid" in one for one in shown] == [True, False, False]
    pv_w = sum(number(text, "power") for one in shown for text in parts(one, "pv_inputs"))
    battery_w = sum(number(parts(one, "battery")[0], "power") for one in shown)
    assert pv_w == pytest.approx(sim.plant.flows.pv_w, abs=6)
    assert battery_w == pytest.approx(sim.plant.flows.battery_w, abs=3)


@pytest.mark.parametrize("three_phase", [False, True])
async def test_values_balance(instagen: InstagenFactory, three_phase: bool) -> None:
    """What is shown adds up as on a real site: grid, load and inverter, volt times ampere, flows."""
    home = replace(STILL.plant, three_phase=three_phase, third_party_pv_peak_w=4_000)
    sim = await instagen(replace(STILL, plant=home))
    sim.plant.pv_override_w, sim.plant.load_override_w = 4_000.0, 2_500.0
    sim.advance(3600)
    async with connected(sim) as client:
        shown = await client.data()
    phases = 3 if three_phase else 1

    def total(name: str) -> float:
        found = parts(parts(shown, name)[0], "phases")
        assert [number(one, "phase") for one in found] == list(range(1, phases + 1))
        return sum(number(one, "active_power") for one in found)

    assert total("load") == pytest.approx(
        total("inverter") + total("external_pv") - total("grid"), abs=2 * phases
    )
    battery = parts(shown, "battery")[0]
    assert number(battery, "voltage") * number(battery, "current") == pytest.approx(
        number(battery, "power"), abs=5
    )
    for text in parts(shown, "pv_inputs"):
        assert number(text, "voltage") * number(text, "current") == pytest.approx(
            number(text, "power"), abs=5
        )
    flow = parts(shown, "power_flow")[0]
    assert number(flow, "pv_to_load") + number(flow, "battery_to_load") + number(
        flow, "grid_to_load"
    ) == pytest.approx(total("load") - total("external_pv"), abs=3)


async def test_signs_and_steps_are_selectable(instagen: InstagenFactory) -> None:
    """What nobody has proved comes both ways: battery, grid meter, ampere step, flow from the grid."""
    usual = await instagen(replace(STILL, mode=5))
    other = await instagen(
        replace(
            STILL,
            mode=5,
            charging_is_positive=True,
            importing_is_positive=True,
            battery_current_step=0.01,
            grid_charge_is_negative=True,
        )
    )
    shown: list[Message] = []
    for sim in (usual, other):
        sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 500.0
        sim.advance(10)
        async with connected(sim) as client:
            shown.append(await client.data())
    batteries = [parts(one, "battery")[0] for one in shown]
    grids = [parts(parts(one, "grid")[0], "phases")[0] for one in shown]
    assert number(batteries[0], "power") < -4_000
    assert number(batteries[1], "power") == -number(batteries[0], "power")
    assert number(batteries[1], "current") == pytest.approx(-10 * number(batteries[0], "current"), abs=1)
    assert number(grids[0], "active_power") < -4_500
    assert number(grids[1], "active_power") == -number(grids[0], "active_power")
    flows = [number(parts(one, "power_flow")[0], "battery_to_grid") for one in shown]
    assert flows[0] == 0
    assert flows[1] < -4_000


async def test_members_are_forced(instagen: InstagenFactory) -> None:
    """A test sets or hides any member, deep in a list too."""
    sim = await instagen(STILL)
    forced: dict[str, Value] = {"battery.soc": 55, "grid.phases.0.active_power": -1300, "tz_offset": 0}
    for name, value in forced.items():
        sim.set(name, value)
    sim.hide("load")
    async with connected(sim) as client:
        shown = await client.data()
        assert number(parts(shown, "battery")[0], "soc") == 55
        assert number(parts(parts(shown, "grid")[0], "phases")[0], "active_power") == -1300
        assert "load" not in shown
        for name in (*forced, "load"):
            sim.set(name, None)
        assert number(parts(await client.data(), "battery")[0], "soc") == 50
        assert "load" in await client.data()


async def test_data_answer_of_the_fact_file(instagen: InstagenFactory) -> None:
    """With the members of the vector the answer comes out byte for byte."""
    text, *_, values = VECTORS["data answer"]
    sim = await instagen(STILL)
    for name in (await_names := set(sim.device.shown[0]) - set(values)):
        sim.hide(name)
    assert await_names
    for name, value in values.items():
        sim.set(name, value)
    async with connected(sim) as client:
        client.writer.write(bytes.fromhex(VECTORS["data"][0]))
        assert (await client.reader.readexactly(len(text) // 2)).hex() == text


async def test_mode_may_be_shown(instagen: InstagenFactory) -> None:
    """Field 9 of the registry: usually absent, on request the battery mode."""
    hidden = await instagen(STILL)
    shown = await instagen(replace(STILL, shows_mode=True, mode=3))
    async with connected(hidden) as one, connected(shown) as two:
        assert "ems_mode_or_module" not in await one.ask(0xC302)
        assert (await two.ask(0xC302))["ems_mode_or_module"] == 3


async def test_system_without_battery_shows_none(instagen: InstagenFactory) -> None:
    """Only what exists is sent."""
    sim = await instagen(replace(STILL, plant=PlantConfig(battery_capacity_wh=0)))
    async with connected(sim) as client:
        assert "battery" not in await client.data()


SEALED = replace(STILL, encrypted=True)


async def test_encrypting_stick(instagen: InstagenFactory) -> None:
    """Its key and bit 25 are in the clear; sealed standard frames and storage frames are answered."""
    sim = await instagen(SEALED)
    async with connected(sim) as client:
        stick = parts(await client.ask(0xA301), "stick")[0]
        block = parts(await client.ask(0xDB01), "gateway")[0]
        assert stick["feature_bits"] == block["feature_bits"] == 1 << 25
        assert stick["enc_random"] == block["enc_random"] == sim.answers.enc_random
        client.key = sim.answers.enc_random
        assert (await client.exchange(client.frame(0xA311))).payload == b""
        await client.data()


async def test_encrypting_stick_without_storage(instagen: InstagenFactory) -> None:
    """The newer firmware that nobody can talk to: it says who it is, storage requests go unheard."""
    sim = await instagen(replace(SEALED, storage_when_encrypted=False))
    async with connected(sim) as client:
        assert parts(await client.ask(0xDB01), "gateway")[0]["feature_bits"] == 1 << 25
        for command in (0xC302, 0xC303, 0xC308):
            assert await client.quiet(pack(client.frame(command)))
        await client.ask(0xDB01)


async def test_wrong_key(instagen: InstagenFactory) -> None:
    """Silence, an answer without content, or the end of the connection."""
    for kind in ("silence", "empty", "close"):
        sim = await instagen(replace(SEALED, wrong_key=kind))
        async with connected(sim) as client:
            frame = client.frame(0xA311)
            if kind == "silence":
                assert await client.quiet(pack(frame, bytes(16)))
                await client.ask(0xDB01)
            elif kind == "empty":
                client.writer.write(pack(frame, bytes(16)))
                answer = await client.receive()
                assert (answer.command, answer.payload) == (0xA211, b"")
            else:
                client.writer.write(pack(frame, bytes(16)))
                assert await client.ended()


async def test_recorded_payloads_are_served_as_they_were(instagen: InstagenFactory) -> None:
    """A stick made of the payloads of another gives the same bytes."""
    origin = await instagen(replace(THREE, pages=2))
    recorded: dict[str, str] = {}
    async with connected(origin) as client:
        for name, command in (("gateway", 0xDB01), ("registry", 0xC302), ("app_info", 0xA301)):
            recorded[name] = (await client.exchange(client.frame(command))).payload.hex()
        for index, serial in enumerate(origin.config.serials):
            for page in range(2):
                frame = client.frame(0xC303, {"inverter_serial": serial, "page": page})
                recorded[f"data {index} {page}"] = (await client.exchange(frame)).payload.hex()
    copy = await instagen(InstagenConfig(recorded=recorded, speed=0, close_s=0.05))
    asked = encode("EsDataRequest", {"inverter_serial": origin.config.serials[2], "page": 1})
    async with connected(copy) as client:
        frame = replace(client.frame(0xC303, target=3), payload=asked)
        assert (await client.exchange(frame)).payload.hex() == recorded["data 2 1"]
        for name, command in (("registry", 0xC302), ("app_info", 0xA301)):
            assert (await client.exchange(client.frame(command))).payload.hex() == recorded[name]
        assert await client.set(mode=1) == 0
        copy.advance(65)
        later = decode("EsDataResponse", (await client.exchange(replace(frame, sequence=77))).payload)
        before = decode("EsDataResponse", bytes.fromhex(recorded["data 2 1"]))
        assert later == before | {"unix_time": number(before, "unix_time") + 60}
        assert await client.quiet(pack(client.frame(0xC303, {"inverter_serial": 1})), 5)
    assert len(copy.writes) == 1


@given(
    st.sampled_from(sorted(HANDLERS)),
    st.fixed_dictionaries(
        {},
        optional={
            "mode": st.integers(0, 20),
            "reserve_soc": st.integers(0, 1 << 31),
            "max_power": st.floats(0, 1e6),
            "target_serials": st.lists(st.sampled_from([0x200322460001, 5])),
            "peak_max_soc": st.integers(0, 200),
            "peak_meter_power": st.integers(0, 1 << 31),
            "tariff_dates": st.lists(st.builds(lambda word: {"date_range": word}, WORDS)),
            "tou_periods": st.lists(st.builds(lambda word: {"charge_window": word}, WORDS)),
            "relays": st.lists(
                st.builds(
                    lambda word, function, mode: {
                        "function": function,
                        "load_mode": mode,
                        "time_mode": {"weekday_mask_1": word, "window_1a": word},
                    },
                    WORDS,
                    st.integers(0, 4),
                    st.integers(0, 7),
                )
            ),
        },
    ),
    st.binary(max_size=20),
)
def test_any_request_is_answered_or_not(command: int, values: Message, rest: bytes) -> None:
    """Whatever sound frame arrives, the device lives on."""
    sim = InstagenSimulator(STILL)
    payload = (encode("EsUserSetRequest", values) if command == 0xC308 else b"") + rest
    with suppress(SilenceError):
        sim.answers.elapsed_s += 1
        sim.respond(
            Frame(command=command, sequence=1, payload=payload, stick_serial=sim.stick_serial, target=1)
        )
        sim.advance(60)


def test_simulator_needs_no_loop() -> None:
    """The device can be used without its port."""
    sim = InstagenSimulator(STILL)
    sim.advance(60)
    with pytest.raises(RuntimeError, match="not serving"):
        _ = sim.port


async def test_time_goes_on_by_itself(instagen: InstagenFactory) -> None:
    """With a speed, the plant lives without anybody asking."""
    sim = await instagen(replace(STILL, speed=1000.0))
    end_s = sim.plant.now.timestamp() + 60
    async with asyncio.timeout(10), connected(sim) as client:
        while number(await client.data(), "unix_time") < end_s:
            pass
