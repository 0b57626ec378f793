"""A plant whose answers come straight from the simulator's registers, on a clock moved by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import override
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from modbus_connection import ModbusExceptionError, ModbusTimeoutError, ModbusUnit
from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from custom_components import energy_storage
from custom_components.energy_storage import controller, cycle
from custom_components.energy_storage.coordinator import PlantRuntime
from custom_components.energy_storage.cycle import Cycle
from custom_components.energy_storage.vendors.driver import Driver, LinkSetup, Units
from custom_components.energy_storage.vendors.sigen import VENDOR
from custom_components.energy_storage.vendors.sigen.driver import create
from tests.simulators.modbus import READ_FUNCTIONS, WRITE_MULTIPLE, WRITE_SINGLE, Request
from tests.simulators.register_map import RefusedError
from tests.simulators.sigen import SigenConfig, SigenSimulator

from .figures import BenchmarkError
from .home import add, entry_of

POLL_S = 5.0
_READ_HOLDING, _READ_INPUT = READ_FUNCTIONS
_MOST_TICKS = 200


class StraightUnit(MockModbusUnit):
    """One unit id of a simulated plant, without a wire between."""

    def __init__(self, sim: SigenSimulator, unit_id: int, now: Callable[[], datetime]) -> None:
        """Answer from this plant's registers."""
        super().__init__(MockModbusConnection(), unit_id)
        self._sim = sim
        self._number = unit_id
        self._now = now

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        return await self._read(_READ_HOLDING, address, count)

    @override
    async def read_input_registers(self, address: int, count: int) -> list[int]:
        return await self._read(_READ_INPUT, address, count)

    @override
    def set_message_spacing(self, seconds: float) -> None:
        """Take no pause: time stands still while a request is answered."""

    @override
    async def write_register(self, address: int, value: int) -> None:
        await self._ask(WRITE_SINGLE, address, 1, (value,))

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        await self._ask(WRITE_MULTIPLE, address, len(values), tuple(values))

    async def _read(self, function: int, address: int, count: int) -> list[int]:
        return await self._ask(function, address, count)

    async def _ask(self, function: int, address: int, count: int, values: tuple[int, ...] = ()) -> list[int]:
        request = Request(
            at=self._now(),
            unit=self._number,
            function=function,
            address=address,
            count=count,
            values=values,
        )
        try:
            words = await self._sim.respond(request)
        except RefusedError as err:
            raise ModbusExceptionError.from_code(err.code) from err
        if words is None:
            raise ModbusTimeoutError
        return list(words)


@dataclass
class StraightPlant:
    """One plant in Home Assistant whose time moves when it is told to."""

    sim: SigenSimulator
    entry: ConfigEntry[PlantRuntime]
    now: datetime

    async def tick(self) -> None:
        """Let one poll interval pass for house, device and cycle."""
        self.now += timedelta(seconds=POLL_S)
        self.sim.advance(POLL_S)
        await self.entry.runtime_data.cycle.tick()

    async def settle(self) -> None:
        """Tick until everything was asked once."""
        for _ in range(_MOST_TICKS):
            await self.tick()
            if self.entry.runtime_data.driver.settled:
                return
        raise BenchmarkError("the plant was never read completely")


@asynccontextmanager
async def straight_plant(
    hass: HomeAssistant, config: SigenConfig, start: datetime
) -> AsyncIterator[StraightPlant]:
    """Add a plant that begins at this moment; driver, control and cycle follow its clock until the end."""
    sim = SigenSimulator(replace(config, start=start, speed=0.0))
    entry = entry_of(config, VENDOR.default_port, fast_poll_s=POLL_S, spacing_s=1.0)
    plant = StraightPlant(sim=sim, entry=entry, now=start)

    def now() -> datetime:
        return plant.now

    def monotonic() -> float:
        return (plant.now - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()

    def unit(unit_id: int) -> ModbusUnit:
        return StraightUnit(sim, unit_id, now)

    def create_straight(_: Units, setup: LinkSetup) -> Driver:
        return create(unit, setup, now=now, monotonic=monotonic)

    with (
        patch.object(energy_storage, "VENDORS", (replace(VENDOR, create=create_straight),)),
        patch.object(cycle, "utcnow", now),
        patch.object(cycle, "monotonic", monotonic),
        patch.object(controller, "utcnow", now),
        patch.object(controller, "monotonic", monotonic),
        patch.object(Cycle, "start"),  # it ticks when we say so
    ):
        await add(hass, entry)
        yield plant
        await hass.config_entries.async_remove(entry.entry_id)
