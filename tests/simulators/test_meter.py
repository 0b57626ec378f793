"""The simulated meters: variants, ratios, byte orders, other makers' firmware, and what breaks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
import math
import struct

from modbus_connection import ModbusSerialParams, ModbusTcpParams
from modbus_connection.exceptions import ModbusTimeoutError
from modbus_connection.tmodbus import ModbusConnection
import pytest

from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.line_device import Line
from tests.simulators.meter import MeterConfig, MeterSimulator
from tests.simulators.meter_map import COUNTERS, METERS, Counters, Meter
from tests.simulators.meter_values import SOURCES
from tests.simulators.plant import PlantConfig, SimulatedPlant
from tests.simulators.raw_client import RawRtuClient, connected_rtu

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
COUNTER_ADDRESSES = {"101e": (0x101E, 0x1028), "401e": (0x401E, 0x4028), "4026": (0x4026, 0x4030)}
IMPORTED, EXPORTED = 3_412.6, 1_905.3

type MeterFactory = Callable[[MeterConfig], Awaitable[MeterSimulator]]


def house(load_w: float = 3_000.0) -> SimulatedPlant:
    """Build a plant without sun and battery: its load is what the meter sees."""
    plant = SimulatedPlant(PlantConfig(battery_capacity_wh=0.0, standby_w=0.0), NOON)
    plant.pv_override_w, plant.load_override_w = 0.0, load_w
    plant.step(0)
    return plant


@pytest.fixture
async def meter(socket_enabled: None) -> AsyncIterator[MeterFactory]:  # noqa: ARG001  lets sockets through
    """Start meters at a house that takes 3 kW, until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(config: MeterConfig) -> MeterSimulator:
            return await stack.enter_async_context(MeterSimulator(config, house()).serving())

        yield start


async def number(raw: RawRtuClient, address: int, function: int = 3) -> float:
    """Read a float, high word first."""
    words = await raw.read(1, address, 2, function)
    return float(struct.unpack(">f", bytes.fromhex(words))[0])


@pytest.mark.parametrize("function", [3, 4])
async def test_three_phase_meter_shows_tenths(meter: MeterFactory, function: int) -> None:
    """A standard DTSU666: raw volts and watts are tenths, amperes thousandths."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await number(raw, 0x2006, function) == pytest.approx(2_304)
        assert await number(raw, 0x2012, function) == pytest.approx(30_000)
        assert await number(raw, 0x2044, function) == pytest.approx(5_002)
        phases = [await number(raw, 0x2014 + 2 * phase, function) for phase in range(3)]
        assert sum(phases) == pytest.approx(30_000)
        assert len(set(phases)) == 3
        amps = await number(raw, 0x200C, function)
        assert amps == pytest.approx(phases[0] / 10 / 230.4 / 0.97 * 1_000, rel=1e-4)
        assert (await raw.read(1, 0x0006, 2)) == "0001000A"


async def test_whole_block_is_read_at_once(meter: MeterFactory) -> None:
    """From the line voltages to the frequency, the gaps as not implemented."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        words = await raw.read(1, 0x2000, 0x46)
    assert words[4 * 0x12 : 4 * 0x14] == struct.pack(">f", 30_000).hex().upper()
    assert words[4 * 0x32 : 4 * 0x34] == "FFFFFFFF"


async def test_single_phase_meter_shows_kilowatts(meter: MeterFactory) -> None:
    """A DDSU666 has its values in V, A, kW and kWh."""
    sim = await meter(MeterConfig(meter="ddsu666"))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await number(raw, 0x2000) == pytest.approx(230.4)
        assert await number(raw, 0x2004) == pytest.approx(3.0)
        assert await number(raw, 0x4000, 4) == pytest.approx(IMPORTED)
        assert await number(raw, 0x400A, 4) == pytest.approx(EXPORTED)


async def test_export_is_negative(meter: MeterFactory) -> None:
    """Sun and no load."""
    sim = await meter(MeterConfig())
    sim.plant.pv_override_w, sim.plant.load_override_w = 5_000.0, 0.0
    sim.plant.step(3_600)
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await number(raw, 0x2012) < -45_000
        assert await number(raw, 0x1028) == pytest.approx(EXPORTED + 4.85, abs=0.05)


@pytest.mark.parametrize("counters", ["101e", "401e", "4026"])
@pytest.mark.parametrize("others", ["zero", "nan"])
async def test_meter_counts_in_one_place_only(meter: MeterFactory, counters: Counters, others: str) -> None:
    """The places of the other variants are zero, or no numbers."""
    config = MeterConfig(counters=counters, other_counters="nan" if others == "nan" else "zero")
    sim = await meter(config)
    async with connected_rtu(sim.host, sim.port) as raw:
        for variant, addresses in COUNTER_ADDRESSES.items():
            pair = [await number(raw, address) for address in addresses]
            if variant == counters:
                assert pair == pytest.approx([IMPORTED, EXPORTED])
            else:
                assert all(math.isnan(value) if others == "nan" else value == 0 for value in pair)


async def test_meter_that_counts_import_alone(meter: MeterFactory) -> None:
    """The fourth variant."""
    sim = await meter(MeterConfig(counters="4000"))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await number(raw, 0x4000) == pytest.approx(IMPORTED)
        assert await number(raw, 0x101E) == 0


async def test_meter_refuses_the_places_of_other_variants(meter: MeterFactory) -> None:
    """Where it is strict."""
    sim = await meter(MeterConfig(counters="401e", other_counters="refused"))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x101E, 2, 3) == "exception 02"
        assert await number(raw, 0x401E) == pytest.approx(IMPORTED)


async def test_secondary_side_values_need_the_ratios(meter: MeterFactory) -> None:
    """Transformers 40:1 and 10:1: the meter shows what its own terminals see."""
    sim = await meter(MeterConfig(ct_ratio=40, pt_ratio=10.0))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x0006, 2, 3) == "00280064"
        assert await number(raw, 0x2012) == pytest.approx(75)
        assert await number(raw, 0x2006) == pytest.approx(230.4)
        assert await number(raw, 0x101E) == pytest.approx(IMPORTED / 400)


async def test_primary_side_values_do_not(meter: MeterFactory) -> None:
    """The registers say 40, and multiplying would be wrong."""
    sim = await meter(MeterConfig(ct_ratio=40, primary_side=True))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x0006, 1, 3) == "0028"
        assert await number(raw, 0x2012) == pytest.approx(30_000)


@pytest.mark.parametrize(
    ("order", "words"), [(0, "46EA6000"), (1, "600046EA"), (2, "EA460060"), (3, "0060EA46")]
)
async def test_byte_orders(meter: MeterFactory, order: int, words: str) -> None:
    """The same 30 000 in each of the four; register 0x000C says which."""
    sim = await meter(MeterConfig(word_order=order))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x2012, 2, 3) == words
        assert await raw.read(1, 0x000C, 1, 3) == f"{order:04X}"


@pytest.mark.parametrize("firmware", ["sungrow", "huawei"])
async def test_meter_of_another_maker_is_implausible(meter: MeterFactory, firmware: Meter) -> None:
    """At the usual places are whole numbers: as floats they are next to nothing, or none at all."""
    sim = await meter(MeterConfig(meter=firmware))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert 0 < await number(raw, 0x2006) < 1e-30
        assert await raw.read(1, 0x0006, 2, 3) == "exception 02"
        answer = await raw.read(1, 0x0164, 8, 4)
    if firmware == "huawei":
        assert answer == "exception 02"
    else:
        assert struct.unpack(">4i", bytes.fromhex(answer))[3] == 3_000


async def test_meter_that_answers_one_function(meter: MeterFactory) -> None:
    """Most manuals name only 3."""
    sim = await meter(MeterConfig(functions=(3,)))
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.read(1, 0x2012, 2, 4) == "exception 01"


async def test_write_does_what_the_manual_says(meter: MeterFactory) -> None:
    """It clears counters and changes ratios: nobody should."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        assert await raw.write(1, 0x0006, 40) == "exception 01"
        assert await raw.ask("01 10 00 06 00 01 02 00 28") == "01 10 00 06 00 01"
        assert await number(raw, 0x2012) == pytest.approx(750)
        assert await raw.ask("01 10 00 02 00 01 02 00 01") == "01 10 00 02 00 01"
        assert await number(raw, 0x101E) == 0
        assert await raw.ask("01 10 20 12 00 01 02 00 01") == "01 90 02"


async def test_silent_meter(meter: MeterFactory) -> None:
    """By fault, or because the grid that feeds it is gone."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        sim.faults.add("silent")
        assert await raw.quiet("01 03 20 12 00 02", 0.05)
        sim.faults.remove("silent")
        assert await number(raw, 0x2012) == pytest.approx(30_000)
        sim.plant.grid_available = False
        assert await raw.quiet("01 03 20 12 00 02", 0.05)


async def test_frozen_meter(meter: MeterFactory) -> None:
    """It answers with what was."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        sim.faults.add("frozen")
        sim.plant.load_override_w = 500.0
        sim.plant.step(3_600)
        assert await number(raw, 0x2012) == pytest.approx(30_000)
        assert await number(raw, 0x101E) == pytest.approx(IMPORTED)
        sim.faults.remove("frozen")
        assert await number(raw, 0x2012) == pytest.approx(5_000)


async def test_reversed_transformer_and_no_numbers(meter: MeterFactory) -> None:
    """One phase counts the other way; or nothing is a number."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        second = await number(raw, 0x2016)
        sim.faults.add("reversed_phase", 2)
        assert await number(raw, 0x2016) == pytest.approx(-second)
        assert await number(raw, 0x2012) == pytest.approx(30_000 - 2 * second)
        sim.faults.add("not_numbers")
        assert math.isnan(await number(raw, 0x2012))


async def test_late_answer(meter: MeterFactory) -> None:
    """It comes after the client has given up."""
    sim = await meter(MeterConfig())
    async with connected_rtu(sim.host, sim.port) as raw:
        sim.faults.add("late_replies", 0.1)
        assert await raw.quiet("01 03 00 06 00 01", 0.02)
        assert (await raw.receive())[1] == "01 03 02 00 01"


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp", "serial"])
async def test_meter_on_every_line(meter: MeterFactory, line: Line) -> None:
    """As the integration reaches it."""
    sim = await meter(MeterConfig(line=line))
    params = (
        ModbusTcpParams(host=sim.host, port=sim.port)
        if line == "tcp"
        else ModbusSerialParams(device=sim.device, baudrate=9600)
    )
    link = ModbusConnection(params, timeout=3.0)
    await link.connect()
    words = await link.for_unit(1).read_holding_registers(0x2012, 2)
    assert struct.unpack(">f", struct.pack(">2H", *words))[0] == pytest.approx(30_000)
    await link.close()
    stranger = ModbusConnection(params, timeout=0.2)
    await stranger.connect()
    with pytest.raises(ModbusTimeoutError):
        await stranger.for_unit(2).read_holding_registers(0x2012, 2)
    await stranger.close()


async def test_meter_stands_at_the_plant_of_an_inverter(socket_enabled: None) -> None:  # noqa: ARG001  lets sockets through
    """Both see the same grid, and the inverter's time moves it."""
    sim = ChintSimulator(ChintConfig(profile="ech_th", speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w, sim.plant.soc_pct = 0.0, 2_000.0, 8.0
    async with MeterSimulator(MeterConfig(), sim.plant).serving() as meter:
        sim.advance(600)
        assert meter.get("active_power") == pytest.approx(float(sim.get("grid_power")), abs=1)
        assert float(meter.get("active_power")) > 1_900
        assert float(meter.get("import_energy_total")) > IMPORTED + 0.3


def test_every_source_of_a_value_has_its_row() -> None:
    """No name is made up; one comes from a note of the table."""
    meters = [
        MeterSimulator(MeterConfig(meter=meter, counters=counters), house())
        for meter in METERS
        for counters in COUNTERS
    ]
    names = {row.name for meter in meters for _, row in meter.rows()}
    assert set(SOURCES) <= names
