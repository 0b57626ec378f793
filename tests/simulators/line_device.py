"""What simulated devices with a word-wise register map share: the line, forced values, time, outages."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
import time
from typing import Literal, Self

from .bus_wire import BusWire
from .faults import FaultKind, Faults
from .framing import RTU, TCP
from .modbus import ModbusServer, Request
from .register_map import RegisterValue, Row
from .serial_line import SerialServer
from .word_space import Space

type Kind = Literal["input", "holding"]
type Line = Literal["tcp", "rtu_tcp", "serial"]
"""Modbus TCP, RTU frames over TCP, or RTU on a pseudo terminal."""

TICK_S = 1.0
UNMAPPED = 0xFFFF
_CLOSING = frozenset({"modbus_off", "restart", "gateway_away"})


class LineDevice[Look](ABC):
    """A device on one line; `Look` is what it sees of the plant once per request."""

    def __init__(self, known: Mapping[str, FaultKind], *, line: Line, speed: float) -> None:
        """Prepare; `serving` opens the line."""
        self.faults = Faults(known, self._switched)
        self.host = "127.0.0.1"
        self._line = line
        self._speed = speed
        self._forced: dict[tuple[Kind, int], int] = {}
        self._server: ModbusServer | None = None
        self._last = time.monotonic()

    # What a device says of itself.

    @property
    @abstractmethod
    def spaces(self) -> Mapping[Kind, Space]:
        """Its register spaces."""

    @abstractmethod
    def knows(self, unit: int) -> bool:
        """Tell whether this unit id is its own; every other is somebody else on the bus."""

    @abstractmethod
    def words_of(self, row: Row, look: list[Look]) -> tuple[int, ...]:
        """Return what a row holds; a request keeps what it saw of the plant in `look`."""

    @abstractmethod
    async def respond(self, request: Request) -> tuple[int, ...] | None:
        """Answer one request; see `Responder`."""

    @abstractmethod
    def run(self, seconds: float) -> None:
        """Move the simulated time on."""

    @abstractmethod
    def fault_changed(self, name: str, on: bool) -> None:
        """Act on a fault that was switched, besides those that close the line."""

    # For tests and for the command line.

    @property
    def port(self) -> int:
        """Port that listens, the same when it is closed and opened again; 0 on a serial line."""
        return self._listening.port

    @property
    def device(self) -> str:
        """What a client of RTU frames opens as its serial port."""
        if isinstance(self._listening, SerialServer):
            return self._listening.device
        return f"socket://{self.host}:{self.port}"

    @property
    def requests(self) -> list[Request]:
        """Every request that was heard, in order."""
        return self._listening.requests

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Self]:
        """Listen until the block ends."""
        self.host = host
        wire = BusWire(self.faults)
        if self._line == "serial":
            self._server = SerialServer(self, wire)
        else:
            framing = RTU if self._line == "rtu_tcp" else TCP
            self._server = ModbusServer(self, wire, host=host, port=port, framing=framing)
        self._last = time.monotonic()
        if _CLOSING.isdisjoint(self.faults):
            self._server.open()
        self._server.keep(self._tick_for_ever())
        try:
            yield self
        finally:
            self.faults.stop()
            await self._server.closed()

    def advance(self, seconds: float) -> None:
        """Move the simulated time on."""
        self.tick()
        self.run(seconds)

    def set(self, name: str, value: RegisterValue | None) -> None:
        """Force a register to a value in the table's unit; None lets it follow the plant again."""
        _, row = self.find(name)
        self.set_raw(name, None if value is None else row.encode(value))

    def set_raw(self, name: str, words: tuple[int, ...] | None) -> None:
        """Force the words of a register; None lets it follow the plant again."""
        kind, row = self.find(name)
        for place in range(row.count):
            self._forced.pop((kind, row.address + place), None)
            if words is not None:
                self._forced[kind, row.address + place] = words[place]

    def get(self, name: str) -> RegisterValue:
        """Return what a register shows now, in the table's unit."""
        kind, row = self.find(name)
        return row.decode(self.words(kind, row.address, row.count))

    def rows(self) -> Sequence[tuple[Kind, Row]]:
        """Return every register."""
        return [(kind, row) for kind, space in self.spaces.items() for row in space.rows.values()]

    def find(self, name: str) -> tuple[Kind, Row]:
        """Return a register by its name in the table."""
        for kind, space in self.spaces.items():
            if (row := space.rows.get(name)) is not None:
                return kind, row
        raise KeyError(name)

    def words(self, kind: Kind, address: int, count: int) -> tuple[int, ...]:
        """Return words as they are read: forced, of the device, or unmapped."""
        look: list[Look] = []
        seen: dict[int, tuple[int, ...]] = {}
        words: list[int] = []
        for here in range(address, address + count):
            row = self.spaces[kind].at(here)
            if (forced := self._forced.get((kind, here))) is not None:
                words.append(forced)
            elif row is None:
                words.append(UNMAPPED)
            else:
                if row.address not in seen:
                    seen[row.address] = self.words_of(row, look)
                words.append(seen[row.address][here - row.address])
        return tuple(words)

    def tick(self) -> None:
        """Bring the device to now."""
        now = time.monotonic()
        seconds, self._last = (now - self._last) * self._speed, now
        self.run(seconds)

    @property
    def _listening(self) -> ModbusServer:
        if self._server is None:
            raise RuntimeError("not serving")
        return self._server

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    def _switched(self, name: str, on: bool) -> None:
        if name in _CLOSING and self._server is not None:
            if on:
                self._server.close(reset=name != "modbus_off")
            elif _CLOSING.isdisjoint(self.faults):
                self._server.open()
        self.fault_changed(name, on)
