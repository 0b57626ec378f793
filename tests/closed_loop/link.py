"""A link without a socket: how long everything takes on it, and what gets lost."""

from dataclasses import dataclass
from enum import StrEnum
import random
from typing import override

from modbus_connection import ModbusExceptionError, ModbusTimeoutError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from tests.simulators.modbus import READ_FUNCTIONS, WRITE_MULTIPLE, WRITE_SINGLE, Request
from tests.simulators.register_map import RefusedError

from .world import World

_TIMEOUT_S = 8.0
"""How long a driver waits for an answer."""
_LATE_S = 4.0
_DEVICE_FAILURE = 4
_SOC = 30014
_READ_HOLDING, _READ_INPUT = READ_FUNCTIONS


class KilledError(BaseException):
    """Home Assistant ends in the middle of something; nothing catches that."""


class Trouble(StrEnum):
    """What a link can have."""

    SILENT = "silent"
    """Nothing is heard or answered."""
    LOST_REPLIES = "lost_replies"
    """Requests are executed, replies are lost."""
    LOST_WRITES = "lost_writes"
    """No write is heard; readings are answered."""
    REFUSED_WRITES = "refused_writes"
    LATE = "late"
    """Each answer comes some seconds late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How long things take on a link, and how much of it is lost; by default it is ideal."""

    poll_s: float = 5.0
    spacing_s: float = 0.0
    """Between two requests."""
    answer_s: float = 0.0
    """From a request to its answer."""
    enter_s: float = 0.0
    """Until remote control is in force."""
    obey_s: float = 0.0
    """From a write to its effect."""
    loss: float = 0.0
    """Share of requests whose answer never comes; half of these are executed."""
    seed: int = 0


class Wire:
    """Brings requests to the plant of a world, with all the time that it takes."""

    def __init__(self, world: World, link: Link) -> None:
        """Begin without trouble."""
        self.trouble: Trouble | None = None
        self.failed_at: list[float] = []
        """When a request was spoilt."""
        self.dies_after: int | None = None
        """After so many further requests Home Assistant is killed."""
        self.glitch_pct: float | None = None
        """What the next look at the SOC shows instead."""
        self._world = world
        self._link = link
        self._idle_since = -1e9
        self._random = random.Random(link.seed)

    def unit(self, unit_id: int) -> MockModbusUnit:
        """Give one unit id of the plant."""
        return _Unit(self, self._world, unit_id)

    async def ask(self, request: Request) -> list[int]:
        """Make one request."""
        if self.dies_after is not None:
            if self.dies_after <= 0:
                raise KilledError
            self.dies_after -= 1
        world, link = self._world, self._link
        world.pass_time(max(0.0, self._idle_since + link.spacing_s - world.seconds))
        try:
            return list(await self._answer(request))
        except RefusedError as err:
            if request.writes:
                self.failed_at.append(world.seconds)
            world.pass_time(link.answer_s)
            raise ModbusExceptionError.from_code(err.code) from err
        finally:
            self._idle_since = world.seconds

    async def _answer(self, request: Request) -> tuple[int, ...]:
        world, trouble = self._world, self.trouble
        lost = self._random.random() < self._link.loss
        deaf = trouble is Trouble.SILENT or (trouble is Trouble.LOST_WRITES and request.writes)
        heard = not deaf and (not lost or self._random.random() < 0.5)
        words = await self._respond(request) if heard else None
        if words is None or lost or trouble is Trouble.LOST_REPLIES:
            self.failed_at.append(world.seconds)
            world.pass_time(_TIMEOUT_S)
            raise ModbusTimeoutError
        if trouble is Trouble.LATE:
            self.failed_at.append(world.seconds)
            world.pass_time(_LATE_S)
        world.pass_time(self._link.answer_s)
        return words

    async def _respond(self, request: Request) -> tuple[int, ...] | None:
        sim = self._world.sim
        if request.writes and self.trouble is Trouble.REFUSED_WRITES:
            raise RefusedError(_DEVICE_FAILURE)
        if self.glitch_pct is None or not request.address <= _SOC < request.address + request.count:
            return await sim.respond(request)
        sim.set("ess_soc", self.glitch_pct)
        try:
            return await sim.respond(request)
        finally:
            self.glitch_pct = None
            sim.set("ess_soc", None)


class _Unit(MockModbusUnit):
    """One unit id, asked over a wire."""

    def __init__(self, wire: Wire, world: World, unit_id: int) -> None:
        super().__init__(MockModbusConnection(), unit_id)
        self._wire = wire
        self._world = world
        self._number = unit_id

    @property
    @override
    def connected(self) -> bool:
        return True

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        return await self._ask(_READ_HOLDING, address, count)

    @override
    async def read_input_registers(self, address: int, count: int) -> list[int]:
        return await self._ask(_READ_INPUT, address, count)

    @override
    async def write_register(self, address: int, value: int) -> None:
        await self._ask(WRITE_SINGLE, address, 1, (value,))

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        await self._ask(WRITE_MULTIPLE, address, len(values), tuple(values))

    @override
    def set_message_spacing(self, seconds: float) -> None:
        """Take no pause of its own: the wire does."""

    async def _ask(self, function: int, address: int, count: int, values: tuple[int, ...] = ()) -> list[int]:
        request = Request(
            at=self._world.now(),
            unit=self._number,
            function=function,
            address=address,
            count=count,
            values=values,
        )
        return await self._wire.ask(request)
