"""Meters over real lines, against a simulated one that is built from the makers' tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import time
from typing import Literal

from modbus_connection import ModbusSerialParams, ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.energy_storage.vendors.driver import DriverConnectionError, LinkFault
from custom_components.energy_storage.vendors.fields import fields_of
from custom_components.energy_storage.vendors.line import Line
from custom_components.energy_storage.vendors.meters import MODELS, ddsu666, dtsu666, model_by_key
from custom_components.energy_storage.vendors.meters.meter import MapFault, NotThisMeterError, Side
from custom_components.energy_storage.vendors.meters.modbus_meter import ModbusMeter, open_line
from custom_components.energy_storage.vendors.meters.recognise import recognise
from tests.conftest import MeterFactory
from tests.simulators.line_device import Line as Wire
from tests.simulators.meter import MeterConfig, MeterSimulator
from tests.simulators.meter_map import COUNTERS, ROWS, Counters, Meter
from tests.simulators.plant import PlantConfig

NOON = datetime(2026, 6, 1, 11, tzinfo=UTC)
TIMEOUT_S = 0.3
TABLES = {"101e": "Counters2019", "401e": "Counters2016", "4026": "CountersThird", "4000": "CountersFourth"}
NAMES = {
    "power": "active_power",
    "import_energy": "import_energy_total",
    "export_energy": "export_energy_total",
    "current_ratio": "ct_ratio_IrAt",
    "voltage_ratio": "pt_ratio_UrAt",
}
"""Our names, where they differ from those of the table."""


def config(meter: Meter = "dtsu666", counters: Counters = "101e") -> MeterConfig:
    """Describe a meter whose time stands, over Modbus TCP."""
    return MeterConfig(meter=meter, counters=counters, line="tcp", start=NOON, speed=0)


@asynccontextmanager
async def line_to(sim: MeterSimulator, *, unit: int = 1, behind: bool = False) -> AsyncIterator[Line]:
    """Open a line to a simulated meter, as Home Assistant does."""
    params = (
        ModbusTcpParams(host=sim.host, port=sim.port)
        if sim.config.line == "tcp"
        else ModbusSerialParams(device=sim.device, baudrate=9600)
    )
    connection = ModbusConnection(params)
    try:
        yield open_line(connection.for_unit(unit), time.monotonic, timeout_s=TIMEOUT_S, behind=behind)
    finally:
        await connection.close()


def driver_on(line: Line, model: str = "dtsu666", side: Side = Side.SECONDARY) -> ModbusMeter:
    """Make a driver whose clock stands."""
    return ModbusMeter(model_by_key(model), line, side, now=lambda: NOON)


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp", "serial"])
@pytest.mark.parametrize("model", ["dtsu666", "ddsu666"])
async def test_meter_is_read_over_every_line(meters: MeterFactory, line: Wire, model: Meter) -> None:
    """Recognised, met and read: the numbers are those of the mains."""
    meter = MeterConfig(meter=model, line=line, start=NOON, speed=0)
    sim = await meters(meter)
    async with line_to(sim) as opened:
        assert (await recognise(opened)).key == model
        driver = driver_on(opened, model)
        await driver.connect()
        reading = await driver.read()
    mains = sim.reading
    assert reading.power_w == pytest.approx(mains.total_w, abs=0.2)
    assert reading.voltage_v[0] == pytest.approx(230.4)
    assert reading.import_kwh == pytest.approx(mains.imported_kwh, abs=0.01)
    assert reading.export_kwh == pytest.approx(mains.exported_kwh, abs=0.01)
    assert reading.read_at == NOON
    if model == "dtsu666":
        assert reading.phase_power_w == pytest.approx(mains.phases_w, abs=0.2)


@pytest.mark.parametrize("others", ["zero", "refused", "nan"])
@pytest.mark.parametrize("counters", COUNTERS)
async def test_every_place_of_the_counters_is_found(
    meters: MeterFactory, counters: Counters, others: Literal["zero", "refused", "nan"]
) -> None:
    """Whatever the meter says at the other places."""
    meter = MeterConfig(line="tcp", counters=counters, other_counters=others, start=NOON, speed=0)
    sim = await meters(meter)
    async with line_to(sim) as line:
        driver = driver_on(line)
        await driver.connect()
        reading = await driver.read()
    assert driver.counters == TABLES[counters]
    assert reading.import_kwh == pytest.approx(sim.reading.imported_kwh, abs=0.01)
    exported = None if counters == "4000" else pytest.approx(sim.reading.exported_kwh, abs=0.01)
    assert reading.export_kwh == exported


@pytest.mark.parametrize(("primary", "side"), [(False, Side.SECONDARY), (True, Side.PRIMARY)])
async def test_transformers_do_not_change_what_is_read(
    meters: MeterFactory, primary: bool, side: Side
) -> None:
    """Whichever side the meter speaks of, once that is known."""
    sim = await meters(
        MeterConfig(line="tcp", ct_ratio=40, pt_ratio=1.5, primary_side=primary, start=NOON, speed=0)
    )
    async with line_to(sim) as line:
        driver = driver_on(line, side=side)
        await driver.connect()
        reading = await driver.read()
    assert reading.power_w == pytest.approx(sim.reading.total_w, rel=1e-4)
    assert reading.phase_power_w == pytest.approx(sim.reading.phases_w, rel=1e-4)
    assert reading.import_kwh == pytest.approx(sim.reading.imported_kwh, rel=1e-4)
    assert reading.voltage_v == pytest.approx((230.4, 231.1, 229.8))


async def test_ratio_that_is_changed_at_the_meter_is_followed(meters: MeterFactory) -> None:
    """Within a minute, without a word."""
    sim, clock = await meters(config()), [1_000.0]
    async with line_to(sim) as line:
        driver = ModbusMeter(model_by_key("dtsu666"), line, now=lambda: NOON, monotonic=lambda: clock[0])
        await driver.connect()
        before = sim.reading.total_w
        await line.write(0x0006, (30,), 16)
        clock[0] += 61
        [await driver.read() for _ in range(4)]
        reading = await driver.read()
    assert reading.power_w == pytest.approx(before, abs=3)


@pytest.mark.parametrize(
    ("meter", "fault"),
    [
        (config("sungrow"), MapFault.OEM_SUNGROW),
        (config("huawei"), MapFault.UNKNOWN_MAP),
        *(
            (MeterConfig(line="tcp", word_order=order, start=NOON, speed=0), MapFault.WORD_ORDER)
            for order in (1, 2, 3)
        ),
    ],
)
async def test_what_cannot_be_read_is_refused_with_its_reason(
    meters: MeterFactory, meter: MeterConfig, fault: MapFault
) -> None:
    """Somebody else's firmware, and a meter that is set otherwise."""
    sim = await meters(meter)
    async with line_to(sim) as line:
        with pytest.raises(NotThisMeterError) as caught:
            await recognise(line)
        assert caught.value.fault is fault
        with pytest.raises(NotThisMeterError):
            await driver_on(line).connect()


async def test_meter_without_numbers_gives_no_reading(meters: MeterFactory) -> None:
    """What is no number becomes no power."""
    sim = await meters(config())
    async with line_to(sim) as line:
        driver = driver_on(line)
        await driver.connect()
        sim.faults.add("not_numbers")
        reading = await driver.read()
        assert (reading.power_w, reading.phase_power_w) == (None, (None, None, None))


async def test_silence_is_told(meters: MeterFactory) -> None:
    """The wrong unit id, then a meter that falls silent, then one that is back."""
    sim = await meters(config())
    async with line_to(sim, unit=2) as line:
        with pytest.raises(DriverConnectionError) as caught:
            await recognise(line)
        assert caught.value.fault is LinkFault.SILENT
    async with line_to(sim) as line:
        driver = driver_on(line)
        await driver.connect()
        sim.faults.add("silent")
        with pytest.raises(DriverConnectionError):
            await driver.read()
        sim.faults.remove("silent")
        assert (await driver.read()).power_w == pytest.approx(sim.reading.total_w, abs=0.2)


async def test_silent_meter_leaves_the_plants_link_alone(meters: MeterFactory) -> None:
    """Behind the plant's own gateway, its silence cuts nobody off."""
    sim = await meters(config())
    async with line_to(sim, behind=True) as line:
        await recognise(line)
        sim.faults.add("silent")
        with pytest.raises(DriverConnectionError):
            await recognise(line)
        assert line.unit.connected


async def test_a_read_is_two_requests_at_most(meters: MeterFactory) -> None:
    """The measured values in one, and one thing besides."""
    sim = await meters(config())
    async with line_to(sim) as line:
        driver = driver_on(line)
        await driver.connect()
        done = len(sim.requests)
        await driver.read()
        assert [(request.address, request.count) for request in sim.requests[done:]] == [(0x2006, 20)]


async def test_nothing_is_written(meters: MeterFactory) -> None:
    """Not a word, whatever is asked."""
    sim = await meters(config())
    async with line_to(sim) as line:
        await recognise(line)
        driver = driver_on(line)
        await driver.connect()
        await driver.read()
    assert sim.requests
    assert not any(request.writes for request in sim.requests)


async def test_single_phase_house_is_read_by_a_single_phase_meter(meters: MeterFactory) -> None:
    """Kilowatts become watts, and an export stays one."""
    sim = await meters(MeterConfig(meter="ddsu666", line="tcp", start=NOON, speed=0, plant=PlantConfig()))
    sim.plant.load_override_w = 100
    sim.plant.step(5)
    async with line_to(sim) as line:
        driver = driver_on(line, "ddsu666")
        await driver.connect()
        assert (await driver.read()).power_w == pytest.approx(sim.reading.total_w, abs=0.2)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_declared_registers_are_those_of_the_table(model: object) -> None:
    """Address, length and scale of every one, against the transcribed table."""
    known = {
        (row.address, row.count): row
        for row in ROWS
        if row.columns["variant"].startswith(getattr(model, "key", ""))
    }
    module = dtsu666 if model is MODELS[0] else ddsu666
    tables = [
        table for table in vars(module).values() if isinstance(table, type) and hasattr(table, "max_gap")
    ]
    checked = 0
    for table in tables:
        for name, field in fields_of(table).items():
            if (row := known.get((field.address, field.count))) is None:
                assert (table.__name__, name) == ("CountersThird", "export_energy")
                continue
            assert field.scale == pytest.approx(1 / row.gain)
            assert (
                row.name.startswith(NAMES.get(name, name))
                or table.__name__ == "CountersFourth"
                or (row.name == f"active_{name}")
            )
            checked += 1
    assert checked > 5
