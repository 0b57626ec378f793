"""Reading a meter on and on: what becomes of each failure, and how it begins and ends."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.engine.plant import MeterReading
from custom_components.energy_storage.grid_meter import GridMeter
from custom_components.energy_storage.link import Link
from custom_components.energy_storage.meter_source import ModbusSource
from custom_components.energy_storage.own_meter import shares_link
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverError,
    DriverRejectedError,
    LinkFault,
    LinkKind,
)
from custom_components.energy_storage.vendors.meters.dtsu666 import DTSU666
from custom_components.energy_storage.vendors.meters.meter import (
    MapFault,
    MeterDriver,
    MeterModel,
    NotThisMeterError,
)

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class FakeMeter:
    """Answers each reading with 100 W, or raises what it was told to."""

    fault: Exception | None = None
    met: int = 0
    asked: int = 0
    counters: str | None = None
    model: MeterModel = DTSU666

    async def connect(self) -> None:
        """Count how often it was met."""
        self.met += 1

    async def read(self) -> MeterReading:
        """Give a reading, a second after the one before."""
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return MeterReading(read_at=START + timedelta(seconds=self.asked), power_w=100.0)

    def raw(self) -> Mapping[int, int]:
        """Have nothing."""
        return {}


def source_of(driver: FakeMeter, kind: LinkKind = LinkKind.TCP) -> tuple[GridMeter, ModbusSource]:
    """Read this meter."""
    meter = GridMeter(interval=timedelta(seconds=1))

    def connect() -> MeterDriver:
        return driver

    return meter, ModbusSource(meter, "My plant", Link(kind=kind, host="192.0.2.7", port=502), connect)


@pytest.mark.parametrize(
    ("fault", "kind", "problem"),
    [
        (DriverConnectionError("", LinkFault.SILENT), LinkKind.TCP, "silent"),
        (DriverConnectionError("", LinkFault.UNREACHABLE), LinkKind.RTU_OVER_TCP, "unreachable"),
        (DriverConnectionError("", LinkFault.SILENT), LinkKind.SERIAL, "serial_silent"),
        (DriverConnectionError("", LinkFault.CLOSED), LinkKind.SERIAL, "serial_port"),
        (NotThisMeterError(MapFault.RATIO), LinkKind.TCP, "ratio"),
        (DriverRejectedError(""), LinkKind.TCP, "unknown_map"),
        (DriverError(""), LinkKind.TCP, "unknown_map"),
        (HomeAssistantError(), LinkKind.TCP, "in_use"),
        (RuntimeError("a slip"), LinkKind.TCP, "defect"),
    ],
)
async def test_every_failure_has_its_name(fault: Exception, kind: LinkKind, problem: str) -> None:
    """And ends with the next reading."""
    driver = FakeMeter(fault=fault)
    meter, source = source_of(driver, kind)
    await source.poll()
    assert (meter.newest, meter.problem) == (None, problem)
    driver.fault = None
    await source.poll()
    assert meter.problem is None
    assert meter.newest is not None


async def test_meter_is_met_once() -> None:
    """A missed reading is no reason to ask everything again; an outage is, and so is another meter."""
    driver = FakeMeter()
    _, source = source_of(driver)
    for _ in range(3):
        await source.poll()
    assert driver.met == 1
    driver.fault = DriverConnectionError("", LinkFault.SILENT)
    for _ in range(9):
        await source.poll()
    assert driver.met == 1
    for _ in range(2):
        await source.poll()
    assert driver.met == 2
    driver.fault = None
    await source.poll()
    assert driver.met == 3
    driver.fault = NotThisMeterError(MapFault.RATIO)
    await source.poll()
    driver.fault = None
    await source.poll()
    assert driver.met == 4


async def test_reading_goes_on_until_it_is_stopped() -> None:
    """In a task of its own."""
    driver = FakeMeter()
    meter, source = source_of(driver)
    heard = asyncio.Event()
    meter.listen(heard.set)
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        tasks.append(asyncio.create_task(work))
        return tasks[-1]

    source.start(spawn)
    async with asyncio.timeout(5):
        await heard.wait()
    await source.stop()
    assert tasks[0].cancelled()
    await source_of(driver)[1].stop()


@pytest.mark.parametrize(
    ("plant", "meter", "shared"),
    [
        ({}, {}, True),
        ({}, {"port": 503}, False),
        ({}, {"host": "192.0.2.8"}, False),
        ({"link": "rtu_over_tcp"}, {"link": "rtu_over_tcp"}, True),
        ({}, {"link": "rtu_over_tcp"}, False),
    ],
)
def test_meter_behind_the_plants_gateway_is_known(
    plant: dict[str, Any], meter: dict[str, Any], *, shared: bool
) -> None:
    """There its silence must not cut the plant off."""
    address = {"host": "192.0.2.7", "port": 502}
    entry = MockConfigEntry(data=address | plant)
    assert shares_link(entry, Link.of(address | meter)) is shared
