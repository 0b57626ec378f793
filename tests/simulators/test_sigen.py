"""The simulated Sigen device on the wire: frames, borders, unit ids, versions."""

from datetime import UTC, datetime

import pytest

from tests.conftest import SigenFactory
from tests.simulators.plant import PlantConfig
from tests.simulators.raw_client import connected
from tests.simulators.sigen import SigenConfig
from tests.simulators.sigen_map import Series

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
STILL = SigenConfig(speed=0, start=NOON)


def plant(**changes: str) -> SigenConfig:
    """Build a plant that stands still, of a version or a firmware."""
    return SigenConfig(speed=0, start=NOON, version=changes.get("version"), firmware=changes.get("firmware"))


async def test_golden_reads_of_the_document(sigen: SigenFactory) -> None:
    """The maker's read examples come out byte for byte."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, plant=PlantConfig(inverter_ac_w=25_000.0)))
    sim.change("active_power_setpoint", 25.0)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask("01 03 77 4C 00 02") == "01 03 04 00 00 61 A8"
        assert await client.ask("F7 04 9C 41 00 02") == "F7 04 04 00 00 61 A8"


async def test_golden_write_of_the_document(sigen: SigenFactory) -> None:
    """The maker's write example is answered byte for byte, and holds."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, plant=PlantConfig(inverter_ac_w=25_000.0)))
    async with connected(sim.host, sim.port) as client:
        assert await client.ask("F7 10 9C 41 00 02 04 00 00 61 A8") == "F7 10 9C 41 00 02"
    assert sim.get("active_power_setpoint") == 25.0
    assert [(write.name, write.value) for write in sim.writes] == [("active_power_setpoint", 25.0)]


async def test_golden_exceptions_of_the_document(sigen: SigenFactory) -> None:
    """The maker's exception examples come out byte for byte."""
    sim = await sigen(STILL)
    sim.faults.add("exception", 4)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask("01 03 77 4C 00 02") == "01 83 04"
        assert await client.ask("F7 04 9C 41 00 02") == "F7 84 04"
        assert await client.ask("F7 10 9C 41 00 02 04 00 00 61 A8") == "F7 90 04"
    assert sim.writes == []


async def test_golden_frames_from_the_field(sigen: SigenFactory) -> None:
    """Captured answers come out byte for byte."""
    sim = await sigen(STILL)
    sim.set("grid_phase_a_reactive_power", -0.209)
    sim.set("pv_power", 3.759, unit=1)
    sim.set("insulation_resistance", 0.514)
    sim.set("startup_time", 0x6A2BD404)
    sim.set("ess_soc", 50.0)
    sim.set("grid_active_power", -1.5)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask("F7 04 75 6A 00 02") == "F7 04 04 FF FF FF 2F"
        inverter = "01 04 0E 00 00 0E AF 02 02 6A 2B D4 04 00 00 00 00"
        assert await client.ask("01 04 79 3B 00 07") == inverter
        assert await client.ask("F7 04 75 3E 00 01") == "F7 04 02 01 F4"
        assert await client.ask("F7 04 75 35 00 02") == "F7 04 04 FF FF FA 24"


async def test_golden_control_frames(sigen: SigenFactory) -> None:
    """Remote EMS and a charge limit are taken with the frames of the fact file."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask("F7 06 9C 5D 00 01") == "F7 06 9C 5D 00 01"
        assert await client.ask("F7 10 9C 60 00 02 04 00 00 0B B8") == "F7 10 9C 60 00 02"
    assert sim.get("ess_max_charge_limit") == 3.0


@pytest.mark.parametrize("function", [3, 4])
async def test_both_read_functions_answer_everywhere(sigen: SigenFactory, function: int) -> None:
    """Input and holding registers are one space."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, 30051, 1, function) == "0001"
        assert await client.read(247, 40047, 1, function) == "03E8"


BLOCKS = [
    ("V1.8", 247, 30000, 72),
    ("V2.5", 247, 30000, 88),
    ("V2.6", 247, 30088, 10),
    ("V2.6", 247, 30098, 96),
    ("V2.7", 247, 30194, 78),
    ("V2.8", 247, 30276, 10),
    ("V2.9", 247, 30272, 15),
    ("V1.8", 247, 40001, 25),
    ("V2.6", 247, 40029, 20),
    ("V2.8", 247, 40051, 18),
    ("V1.8", 1, 30500, 40),
    ("V1.8", 1, 30540, 14),
    ("V2.6", 1, 30566, 58),
    ("V1.8", 1, 31000, 42),
    ("V2.5", 1, 31042, 24),
    ("V2.6", 1, 31509, 4),
    ("V2.5", 1, 31500, 9),
    ("V2.9", 1, 31500, 27),
    ("V1.8", 3, 32000, 15),
    ("V1.8", 3, 42001, 2),
]


@pytest.mark.parametrize(("version", "unit", "address", "count"), BLOCKS)
async def test_documented_blocks_are_read_whole(
    sigen: SigenFactory, version: str, unit: int, address: int, count: int
) -> None:
    """Every block of the fact file answers from its version on, across listed holes too."""
    config = SigenConfig(speed=0, start=NOON, version=version, ac_chargers=(3,), dc_charger=1)
    sim = await sigen(config)
    async with connected(sim.host, sim.port) as client:
        assert len(await client.read(unit, address, count)) == 4 * count


@pytest.mark.parametrize(
    ("address", "count"),
    [
        pytest.param(30088, 1, id="a cut U64"),
        pytest.param(30006, 2, id="starting inside a U32"),
        pytest.param(30073, 1, id="a lone hole"),
        pytest.param(30073, 10, id="holes alone"),
        pytest.param(30286, 1, id="version not reached"),
        pytest.param(30284, 4, id="a block into unknown addresses"),
        pytest.param(40000, 1, id="write only"),
        pytest.param(50000, 1, id="another model"),
        pytest.param(29999, 2, id="unknown"),
    ],
)
async def test_read_is_refused_whole(sigen: SigenFactory, address: int, count: int) -> None:
    """Exception 2 for what this plant does not have or does not cut."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, address, count) == "exception 02"


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        pytest.param("F7 04 75 30 00 00", "F7 84 03", id="read nothing"),
        pytest.param("F7 04 75 30 00 7D", "F7 84 03", id="read 125"),
        pytest.param("F7 10 9C 41 00 00 00", "F7 90 03", id="write nothing"),
        pytest.param("F7 10 9C 41 00 02 04 00 00", "F7 90 03", id="write cut short"),
        pytest.param("F7 01 00 00 00 01", "F7 81 01", id="coils"),
        pytest.param("F7 41", "F7 C1 01", id="an unknown function"),
        pytest.param("F7 06 75 35 00 01", "F7 86 02", id="write to a read-only register"),
        pytest.param("F7 06 9C 41 00 01", "F7 86 02", id="write half a value"),
        pytest.param("F7 06 9C 5F 00 07", "F7 86 03", id="the reserved control mode"),
        pytest.param("F7 06 9C 70 03 E9", "F7 86 03", id="a cut-off above 100 %"),
    ],
)
async def test_malformed_requests_are_refused(sigen: SigenFactory, frame: str, answer: str) -> None:
    """Quantity, function and value bounds are answered with their exception."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.ask(frame) == answer
    assert sim.writes == []


async def test_broadcast_is_executed_in_silence(sigen: SigenFactory) -> None:
    """Unit 0 writes to the plant; nobody answers."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet("00 06 9C 70 01 F4")
        assert await client.quiet("00 04 75 30 00 02")
    assert sim.get("ess_discharge_cutoff_soc") == 50.0


async def test_missing_unit_is_silent(sigen: SigenFactory) -> None:
    """An id that nobody has is not answered; the next request is."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        assert await client.quiet("05 04 77 72 00 01")
        assert await client.read(1, 30578) == "0001"


async def test_missing_unit_can_answer_as_a_gateway(sigen: SigenFactory) -> None:
    """The option of exception 0x0B for an id that nobody has."""
    sim = await sigen(SigenConfig(speed=0, missing_unit_code=0x0B))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(5, 30578) == "exception 0B"


async def test_write_only_register_can_read_as_seen(sigen: SigenFactory) -> None:
    """The option of 0xFFFE for a write-only register."""
    sim = await sigen(SigenConfig(speed=0, write_only_reads=0xFFFE))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(1, 40500) == "FFFE"


@pytest.mark.parametrize(
    ("version", "probe", "count"),
    [
        ("V2.9", 30272, 2),
        ("V2.9", 30286, 1),
        ("V2.8", 30284, 2),
        ("V2.7", 30194, 2),
        ("V2.6", 30088, 4),
        ("V2.5", 30087, 1),
    ],
)
async def test_version_hides_what_came_later(
    sigen: SigenFactory, version: str, probe: int, count: int
) -> None:
    """A probe is answered from its version on and by none before."""
    order = ["V1.8", "V2.5", "V2.6", "V2.7", "V2.8", "V2.9"]
    for text, expected in ((version, True), (order[order.index(version) - 1], False)):
        sim = await sigen(plant(version=text))
        async with connected(sim.host, sim.port) as client:
            assert (await client.read(247, probe, count) != "exception 02") is expected


@pytest.mark.parametrize(
    ("firmware", "version", "spc"),
    [("SPC112", "V2.8", 112), ("V100R001C22SPC114B010A", "V2.9", 114), ("SPC109", "V2.7", 109)],
)
async def test_firmware_decides_the_version(
    sigen: SigenFactory, firmware: str, version: str, spc: int
) -> None:
    """The firmware string alone says which registers exist."""
    sim = await sigen(plant(firmware=firmware))
    assert sim.model.version == version
    assert f"SPC{spc}" in str(sim.get("firmware_version"))


async def test_spc112_lacks_what_its_version_has(sigen: SigenFactory) -> None:
    """40049, 30622 and 30623 are unknown, and a block over them fails whole."""
    sim = await sigen(plant(firmware="SPC112"))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, 40049, 2) == "exception 02"
        assert await client.read(1, 30622) == "exception 02"
        assert await client.read(1, 30566, 58) == "exception 02"
        assert len(await client.read(1, 30566, 56)) == 4 * 56
        assert len(await client.read(247, 40051, 18)) == 4 * 18


async def test_upgrade_brings_registers(sigen: SigenFactory) -> None:
    """Another firmware shows in 30525 and answers what it adds, on the same connection."""
    sim = await sigen(plant(firmware="SPC112"))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, 30272, 2) == "exception 02"
        sim.upgrade("SPC114")
        assert len(await client.read(247, 30272, 2)) == 8
    assert sim.get("firmware_version") == "V100R001C22SPC114B064H"


async def test_30281_can_be_missing(sigen: SigenFactory) -> None:
    """Some builds of V2.8 have no 30281; a block over it fails whole."""
    sim = await sigen(SigenConfig(speed=0, no_30281=True))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, 30281) == "exception 02"
        assert await client.read(247, 30276, 10) == "exception 02"
        assert await client.read(247, 30280) == "0000"


@pytest.mark.parametrize(
    ("series", "address", "there"),
    [
        ("residential", 40051, True),
        ("residential", 50000, False),
        ("M1-HYB", 50000, True),
        ("M1-HYB", 40157, True),
        ("M1-HYA", 40157, False),
        ("M1-HYA", 40051, False),
    ],
)
async def test_model_hides_what_does_not_fit(
    sigen: SigenFactory, series: Series, address: int, *, there: bool
) -> None:
    """Home and commercial models have settings of their own."""
    sim = await sigen(SigenConfig(speed=0, version="V2.9", series=series))
    async with connected(sim.host, sim.port) as client:
        assert (await client.read(247, address) != "exception 02") is there


async def test_pv_inverter_has_no_battery_registers(sigen: SigenFactory) -> None:
    """A PV plant refuses the battery alone and lists more strings."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, hybrid=False, version="V2.9"))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, 30014) == "exception 02"
        assert len(await client.read(247, 30000, 72)) == 4 * 72
        assert await client.read(1, 31066, 2) == "00000000"
    assert str(sim.get("model")).startswith("Sigen PV")


async def test_dc_charger_belongs_to_its_inverter(sigen: SigenFactory) -> None:
    """Only the host answers; the option lets the others answer 0."""
    sim = await sigen(SigenConfig(speed=0, inverters=(1, 2), dc_charger=2))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(2, 31501) == "0000"
        assert await client.read(1, 31501) == "exception 02"
    idle = await sigen(SigenConfig(speed=0, idle_dc_registers=True))
    async with connected(idle.host, idle.port) as client:
        assert await client.read(1, 31500, 9) == "0000" * 9


async def test_several_requests_in_one_segment_are_all_answered(sigen: SigenFactory) -> None:
    """Frames that arrive together are answered in their order."""
    sim = await sigen(STILL)
    async with connected(sim.host, sim.port) as client:
        client.send("F7 04 75 63 00 01")
        client.send("01 04 77 72 00 01")
        assert await client.receive() == (1, "F7 04 02 00 01")
        assert await client.receive() == (2, "01 04 02 00 01")
    assert [(request.unit, request.address, request.count) for request in sim.requests] == [
        (247, 30051, 1),
        (1, 30578, 1),
    ]
