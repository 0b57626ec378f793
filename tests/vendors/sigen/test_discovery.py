"""Finding out what answers behind the address of a Sigen plant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.driver import (
    Discovery,
    DriverConnectionError,
    LinkFault,
    NotThisVendorError,
    Search,
    Units,
)
from custom_components.energy_storage.vendors.sigen import VENDOR, discovery
from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenConfig, SigenSimulator

from .plants import NOON

STILL = SigenConfig(speed=0, start=NOON)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nobody."""
    monkeypatch.setattr(discovery, "SPACING_S", 0.0)
    monkeypatch.setattr(discovery, "ABSENT_AFTER_S", 0.05)
    monkeypatch.setattr(discovery, "TIMEOUT_S", 0.3)


@asynccontextmanager
async def link(sim: SigenSimulator) -> AsyncIterator[Units]:
    """Open a link to the plant."""
    connection = ModbusConnection(ModbusTcpParams(host=sim.host, port=sim.port))
    try:
        yield connection.for_unit
    finally:
        await connection.close()


def search(*unit_ids: int) -> Search:
    """Look at these ids."""
    return Search(plant_unit_id=VENDOR.plant_unit_id, unit_ids=unit_ids)


async def discover(sim: SigenSimulator, *unit_ids: int) -> Discovery:
    """Look for devices; progress does not matter."""
    async with link(sim) as units:
        return await VENDOR.discover(units, search(*unit_ids), lambda *_: None)


async def test_inverters_and_chargers_are_told_apart(sigen: SigenFactory) -> None:
    """By the register space that answers; ids that nobody has are silent."""
    sim = await sigen(replace(STILL, inverters=(1, 3), ac_chargers=(2,)))
    found = await discover(sim, 1, 2, 3, 4)
    assert [(device.unit_id, device.kind) for device in found.devices] == [
        (1, DeviceKind.INVERTER),
        (2, DeviceKind.AC_CHARGER),
        (3, DeviceKind.INVERTER),
    ]
    assert found.clashes == ()


async def test_the_plant_is_its_lowest_inverter(sigen: SigenFactory) -> None:
    """There is no serial number of the plant."""
    sim = await sigen(replace(STILL, inverters=(2, 4)))
    found = await discover(sim, 4, 2)
    assert found.plant.serial == sim.get("serial_number", unit=2)
    assert found.plant.model == sim.get("model", unit=2)


async def test_a_clash_is_found(sigen: SigenFactory) -> None:
    """Both register spaces answer on one id, so neither device can be read for certain."""
    sim = await sigen(replace(STILL, inverters=(1, 2), ac_chargers=(5,)))
    sim.faults.add("id_clash")
    found = await discover(sim, 1, 2)
    assert found.clashes == (1,)
    assert [device.unit_id for device in found.devices] == [2]


async def test_a_gateway_that_answers_for_nobody_finds_nobody(sigen: SigenFactory) -> None:
    """Some answer exception 0x0B instead of silence."""
    found = await discover(await sigen(replace(STILL, missing_unit_code=0x0B)), 1, 2)
    assert [device.unit_id for device in found.devices] == [1]


async def test_progress_counts_up(sigen: SigenFactory) -> None:
    """The owner sees how far it is."""
    steps: list[tuple[int, int]] = []
    async with link(await sigen(STILL)) as units:
        await VENDOR.discover(units, search(1, 2), lambda done, of: steps.append((done, of)))
    assert steps == [(0, 2), (1, 2), (2, 2)]


async def test_another_device_is_no_plant(sigen: SigenFactory) -> None:
    """It answers, but knows none of the registers."""
    sim = await sigen(STILL)
    sim.faults.add("exception", 2)
    with pytest.raises(NotThisVendorError):
        await discover(sim, 1)


async def test_a_plant_that_is_silent_is_no_empty_plant(sigen: SigenFactory) -> None:
    """Nothing found and nothing heard are different things."""
    sim = await sigen(STILL)
    sim.faults.add("silence", 60)
    with pytest.raises(DriverConnectionError) as caught:
        await discover(sim, 1)
    assert caught.value.fault is LinkFault.SILENT


async def test_a_link_that_breaks_meanwhile_is_told(sigen: SigenFactory) -> None:
    """An interrupted search must not look like a small plant."""
    sim = await sigen(STILL)

    def break_off(done: int, _of: int) -> None:
        if done == 0:
            sim.faults.add("modbus_off")

    async with link(sim) as units:
        with pytest.raises(DriverConnectionError):
            await VENDOR.discover(units, search(1, 2), break_off)
