"""The simulated Chint plants on the wire: lines, register spaces, what is refused."""

from datetime import UTC, datetime

from modbus_connection import ModbusSerialParams, ModbusTcpParams
from modbus_connection.exceptions import ModbusTimeoutError
from modbus_connection.tmodbus import ModbusConnection
import pytest

from tests.conftest import ChintFactory
from tests.simulators.chint import ChintConfig, ChintSimulator, Line, Profile
from tests.simulators.chint_map import PROFILES, assumed
from tests.simulators.chint_plant import SOURCES
from tests.simulators.raw_client import connected, connected_rtu

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
LINES: tuple[Line, ...] = ("tcp", "rtu_tcp", "serial")
TIMEOUT_S = 3.0


def still(profile: Profile = "sce", line: Line = "tcp") -> ChintConfig:
    """Build a plant that stands still."""
    return ChintConfig(profile=profile, line=line, speed=0, start=NOON)


def client(sim: ChintSimulator, timeout: float = TIMEOUT_S) -> ModbusConnection:
    """Make a client as the integration has it."""
    if sim.config.line == "tcp":
        return ModbusConnection(ModbusTcpParams(host=sim.host, port=sim.port), timeout=timeout)
    return ModbusConnection(ModbusSerialParams(device=sim.device, baudrate=9600), timeout=timeout)


@pytest.mark.parametrize("line", LINES)
async def test_every_line_reads_and_writes(chint: ChintFactory, line: Line) -> None:
    """Modbus TCP, RTU over TCP and a serial line reach the same device."""
    sim = await chint(still(line=line))
    link = client(sim)
    await link.connect()
    unit = link.for_unit(1)
    assert (await unit.read_holding_registers(0x2000, 1))[0] == 50
    await unit.write_register(0x2100, 3)
    await unit.write_registers(0x2102, [0x0100, 0x0500])
    await link.close()
    assert [(write.name, write.value) for write in sim.writes] == [
        ("hybrid_work_mode", 3),
        ("time_slot1_charge_start", 0x0100),
        ("time_slot1_charge_end", 0x0500),
    ]
    assert sim.get("hybrid_work_mode") == 3


async def test_serial_line_can_be_opened_again(chint: ChintFactory) -> None:
    """The next client finds the device, as behind a stick that stays plugged in."""
    sim = await chint(still(line="serial"))
    for _ in range(2):
        link = client(sim)
        await link.connect()
        assert await link.for_unit(1).read_holding_registers(0x2000, 1) == [50]
        await link.close()


@pytest.mark.parametrize("line", LINES)
async def test_stranger_on_the_bus_is_not_answered(chint: ChintFactory, line: Line) -> None:
    """Another unit id is another device, and there is none."""
    link = client(await chint(still(line=line)), timeout=0.2)
    await link.connect()
    with pytest.raises(ModbusTimeoutError):
        await link.for_unit(2).read_holding_registers(0x2000, 1)
    await link.close()


async def test_golden_frames_of_the_fact_file(chint: ChintFactory) -> None:
    """The three recipes that are in use elsewhere are taken with function 6, word by word."""
    sim = await chint(still(line="rtu_tcp"))
    async with connected_rtu(sim.host, sim.port) as raw:
        for frame in (
            "01 06 21 00 00 03",
            "01 06 21 4C 00 00",
            "01 06 21 01 00 01",
            "01 06 21 02 00 00",
            "01 06 21 03 17 3B",
            "01 06 21 00 00 00",
            "01 06 21 4C 00 01",
        ):
            assert await raw.ask(frame) == frame
    assert [write.value for write in sim.writes] == [3, 0, 1, 0, 0x173B, 0, 1]


async def test_serial_number_is_coded_in_decimal_digits(chint: ChintFactory) -> None:
    """Four words, as the fact file prints them."""
    sim = await chint(still("ech_s"))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x0006, 4) == "1109080124010001"
        assert bytes.fromhex(await raw.read(1, 0x000A, 10)).rstrip(b"\0") == b"ECH6K-SML-EU"
        assert await raw.read(1, 0x0003) == "003C"


@pytest.mark.parametrize(
    ("profile", "function", "address", "answer"),
    [
        ("ech_th", 4, 0x0603, "0032"),
        ("ech_th", 3, 0x0603, "exception 02"),
        ("ech_th", 4, 0x3000, "exception 02"),
        ("ech_th", 3, 0x3000, "0001"),
        ("ech_s", 4, 0x0610, "0032"),
        ("cps_403x", 4, 0x0000, "4031"),
        ("sce", 3, 0x2000, "0032"),
        ("sce", 4, 0x2000, "exception 01"),
    ],
)
async def test_function_chooses_the_space(
    chint: ChintFactory, profile: Profile, function: int, address: int, answer: str
) -> None:
    """Input and holding registers are apart; an `sce` has everything under function 3."""
    sim = await chint(still(profile))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(1, address, 1, function) == answer


@pytest.mark.parametrize(
    ("profile", "address", "count", "answer"),
    [
        ("ech_th", 0x0608, 1, "FFFF"),
        ("ech_th", 0x060F, 2, "exception 02"),
        ("ech_th", 0x0610, 1, "exception 02"),
        ("ech_s", 0x0600, 1, "exception 02"),
        ("ech_s", 0x0651, 1, "FFFF"),
        ("ech_s", 0x0652, 1, "exception 02"),
        ("ech_s", 0x08BF, 1, "FFFF"),
        ("ech_s", 0x08C0, 1, "exception 02"),
        ("cps_403x", 0x8003, 1, "exception 02"),
    ],
)
async def test_unmapped_words_answer_inside_a_block_alone(
    chint: ChintFactory, profile: Profile, address: int, count: int, answer: str
) -> None:
    """Inside a declared block they read as not implemented, outside the address is refused."""
    sim = await chint(still(profile))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(1, address, count) == answer


async def test_extended_block_of_some_string_inverters(chint: ChintFactory) -> None:
    """It is there on those that have it."""
    sim = await chint(ChintConfig(profile="cps_403x", speed=0, start=NOON, extended=True))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x8003) == "0900"


async def test_read_may_cut_a_value(chint: ChintFactory) -> None:
    """The low word of the grid power can be read alone, as its owner first did."""
    sim = await chint(still("ech_th"))
    sim.set("grid_power", -1500)
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x0700, 2) == "FFFFFA24"
        assert await raw.read(1, 0x0701) == "FA24"
    assert sim.get("grid_power_low_word") == -1500


async def test_read_that_is_too_long_is_refused(chint: ChintFactory) -> None:
    """The device has a longest read."""
    config = ChintConfig(profile="ech_s", speed=0, start=NOON, longest_read=60)
    sim = await chint(config)
    async with connected(sim.host, sim.port) as raw:
        assert len(await raw.read(1, 0x0000, 60)) == 240
        assert await raw.read(1, 0x0000, 61) == "exception 03"
        assert await raw.read(1, 0x0000, 0) == "exception 03"


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp"])
async def test_unknown_function_is_refused(chint: ChintFactory, line: Line) -> None:
    """Exception 1, over both framings."""
    sim = await chint(still(line=line))
    async with (connected if line == "tcp" else connected_rtu)(sim.host, sim.port) as raw:
        assert await raw.ask("01 41 00 00 00 01") == "01 C1 01"
        assert await raw.quiet("02 41 00 00 00 01", 0.05)


@pytest.mark.parametrize(
    ("profile", "address", "word", "answer"),
    [
        ("sce", 0x2100, 0, "ok"),
        ("sce", 0x2100, 4, "exception 03"),
        ("sce", 0x2101, 2, "exception 03"),
        ("sce", 0x2102, 0x1800, "exception 03"),
        ("sce", 0x2103, 0x173C, "exception 03"),
        ("sce", 0x214C, 2, "exception 03"),
        ("sce", 0x2000, 50, "exception 02"),
        ("sce", 0x2104, 0, "exception 02"),
        ("sce", 0x3000, 0, "exception 02"),
        ("ech_th", 0x3000, 1, "exception 02"),
        ("ech_th", 0x0603, 50, "exception 02"),
        ("cps_403x", 0x1000, 0xAAAA, "ok"),
        ("cps_403x", 0x1000, 1, "exception 03"),
        ("cps_403x", 0x1001, 1000, "ok"),
        ("cps_403x", 0x1001, 1001, "exception 03"),
        ("cps_403x", 0x250E, 1100, "ok"),
    ],
)
async def test_writes_are_checked(
    chint: ChintFactory, profile: Profile, address: int, word: int, answer: str
) -> None:
    """Locked and unknown rows by exception 2, values out of range by exception 3."""
    sim = await chint(still(profile))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.write(1, address, word) == answer
    assert len(sim.writes) == (answer == "ok")


@pytest.mark.parametrize(
    ("address", "word", "answer"),
    [
        (0x3000, 5, "ok"),
        (0x3000, 6, "exception 03"),
        (0x3011, 120, "ok"),
        (0x3011, 121, "exception 03"),
        (0x3013, 101, "exception 03"),
        (0x3014, 0x173B, "ok"),
        (0x3014, 0x1760, "exception 03"),
        (0x3016, 4, "exception 03"),
        (0x3403, 90, "exception 03"),
        (0x3500, 1, "exception 03"),
        (0x3601, 13, "exception 03"),
        (0x3200, 7, "exception 03"),
        (0x3221, 7, "ok"),
    ],
)
async def test_unlocked_ech_checks_its_settings(
    chint: ChintFactory, address: int, word: int, answer: str
) -> None:
    """Rows that are assumed can be written where the plant says so, and each write is marked."""
    sim = await chint(ChintConfig(profile="ech_th", speed=0, start=NOON, unlocked=True))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.write(1, address, word) == answer
    assert [write.assumed for write in sim.writes] == [True] * (answer == "ok")


async def test_write_of_several_words_is_done_whole_or_not_at_all(chint: ChintFactory) -> None:
    """One bad word refuses them all."""
    sim = await chint(still())
    async with connected(sim.host, sim.port) as raw:
        assert await raw.write(1, 0x2101, 1, 0x0100, 0x1900) == "exception 03"
        assert sim.writes == []
        assert await raw.read(1, 0x2101, 3, 3) == "000000000000"


def test_every_source_of_a_value_has_its_row() -> None:
    """No name here is made up: each stands in the table."""
    plants = [ChintSimulator(ChintConfig(profile=profile, start=NOON, extended=True)) for profile in PROFILES]
    names = {row.name for plant in plants for _, row in plant.rows()}
    assert {name for sources in SOURCES.values() for name in sources} <= names


@pytest.mark.parametrize("profile", PROFILES)
def test_every_register_has_a_value(profile: Profile) -> None:
    """Nothing that the table lists fails to be encoded, day and night."""
    sim = ChintSimulator(ChintConfig(profile=profile, start=NOON, speed=0, extended=True))
    for _ in range(2):
        for kind, row in sim.rows():
            assert len(sim.words(kind, row.address, row.count)) == row.count
        sim.advance(12 * 3600)


def test_what_is_assumed_is_known() -> None:
    """Nothing of an `sce` or a string inverter is invented, all settings of an ECH are."""
    for profile in PROFILES:
        rows = [row for _, row in ChintSimulator(ChintConfig(profile=profile, start=NOON)).rows()]
        settings = [row for row in rows if row.access == "RW"]
        assert all(assumed(row) for row in settings) == profile.startswith("ech")
        assert any(assumed(row) for row in rows) == profile.startswith("ech")
