"""A simulated Chint plant: one device behind Modbus TCP, RTU over TCP, or a serial line.

In a test::

    async with ChintSimulator(ChintConfig(profile="sce")).serving() as sim:
        ...                                     # connect to sim.host, sim.port (line="tcp")
        ...                                     # or to sim.device: socket://host:port, /dev/pts/7
        sim.faults.add("second_master", 3)      # the names are in chint_faults.py
        sim.set("batt_soc", 18)                 # force a register, in the table's unit; None lets go
        sim.advance(600)                        # ten minutes later
        sim.change("hybrid_work_mode", 3)       # the owner does it in the app
        sim.requests, sim.writes, sim.alarms    # what was asked, what was changed, what went wrong
        sim.plant                               # the physics: grid, weather, house, battery
        sim.memory()                            # goes on later: ChintConfig(memory=...)
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
import time
from typing import Any

from pymodbus.constants import ExcCodes

from .chint_alarms import Alarm
from .chint_config import ChintConfig, Line
from .chint_faults import CHINT_FAULTS
from .chint_map import Kind, Profile, assumed
from .chint_plant import ChintPlant
from .chint_values import Reading
from .chint_wire import BusWire
from .faults import Faults
from .framing import RTU, TCP
from .modbus import ModbusServer, Request
from .plant import SimulatedPlant
from .register_map import RefusedError, RegisterValue, Row
from .serial_line import SerialServer
from .word_space import Space

__all__ = ["ChintConfig", "ChintSimulator", "Line", "Profile", "Write"]

MOST_WRITTEN = 123
TICK_S = 1.0
UNMAPPED = 0xFFFF
_CLOSING = frozenset({"modbus_off", "restart", "gateway_away"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One word that a client changed; inside a table of the device, `address` says which."""

    at: datetime
    address: int
    name: str
    value: RegisterValue
    assumed: bool
    """No source says that this register is there."""


class ChintSimulator:
    """The whole device; see the head of this file for its use."""

    def __init__(self, config: ChintConfig | None = None) -> None:
        """Build the plant; `serving` opens the line."""
        self.config = config or ChintConfig()
        self.plant = SimulatedPlant(self.config.physics, self.config.start or datetime.now(UTC))
        self.faults = Faults(CHINT_FAULTS, self._fault_changed)
        self.inside = ChintPlant(self.config, self.plant, self.faults)
        self.writes: list[Write] = []
        self.host = "127.0.0.1"
        self._forced: dict[tuple[Kind, int], int] = {}
        self._server: ModbusServer | None = None
        self._last = time.monotonic()
        self._pending_s = 0.0

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

    @property
    def alarms(self) -> Sequence[Alarm]:
        """What went wrong and when, the recovered too."""
        return self.inside.alarms.entries

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[ChintSimulator]:
        """Listen until the block ends."""
        self.host = host
        wire = BusWire(self.faults)
        if self.config.line == "serial":
            self._server = SerialServer(self, wire)
        else:
            framing = RTU if self.config.line == "rtu_tcp" else TCP
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
        self._pending_s += seconds
        self._tick()

    def set(self, name: str, value: RegisterValue | None) -> None:
        """Force a register to a value in the table's unit; None lets it follow the plant again."""
        _, row = self._find(name)
        self.set_raw(name, None if value is None else row.encode(value))

    def set_raw(self, name: str, words: tuple[int, ...] | None) -> None:
        """Force the words of a register; None lets it follow the plant again."""
        kind, row = self._find(name)
        for place in range(row.count):
            self._forced.pop((kind, row.address + place), None)
            if words is not None:
                self._forced[kind, row.address + place] = words[place]

    def get(self, name: str) -> RegisterValue:
        """Return what a register shows now, in the table's unit."""
        kind, row = self._find(name)
        return row.decode(self._words(kind, row.address, row.count))

    def change(self, name: str, value: float) -> None:
        """Change a setting as somebody else would: the app, the installer."""
        _, row = self._find(name)
        self.inside.store(row, row.address, row.encode(value)[0])
        self._tick()
        self.inside.obey()

    def change_table(self, name: str, words: Sequence[int]) -> None:
        """Change the first words of a table of the device as somebody else would."""
        _, row = self._find(name)
        for place, word in enumerate(words):
            self.inside.store(row, row.address + place, word)
        self.inside.obey()

    def memory(self) -> dict[str, Any]:
        """Return what outlives a restart, ready for JSON."""
        return self.inside.memory()

    def rows(self) -> Sequence[tuple[Kind, Row]]:
        """Return every register, in the order of the table's addresses."""
        return [(kind, row) for kind, space in self._spaces.items() for row in space.rows.values()]

    def _find(self, name: str) -> tuple[Kind, Row]:
        for kind, space in self._spaces.items():
            if (row := space.rows.get(name)) is not None:
                return kind, row
        raise KeyError(name)

    @property
    def _spaces(self) -> dict[Kind, Space]:
        return dict(self.inside.spaces)

    @property
    def _listening(self) -> ModbusServer:
        if self._server is None:
            raise RuntimeError("not serving")
        return self._server

    # What the device answers.

    async def respond(self, request: Request) -> tuple[int, ...] | None:
        """Answer one request; see `Responder`."""
        self._tick()
        if request.unit not in (self.config.recorded or (self.config.unit,)):
            return None
        if "exception_storm" in self.faults:
            raise RefusedError(ExcCodes.DEVICE_BUSY)
        if not request.writes:
            return self._read(request)
        self._write(request)
        return ()

    def _kind_of(self, function: int) -> Kind:
        """Tell which space a read reaches; everything of an `sce` is under function 3."""
        kind: Kind = "holding" if function == 3 else "input"
        if kind not in self._spaces:
            raise RefusedError(ExcCodes.ILLEGAL_FUNCTION)
        return kind

    def _read(self, request: Request) -> tuple[int, ...]:
        kind = self._kind_of(request.function)
        if not 1 <= request.count <= self.config.longest_read:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        if not self._spaces[kind].covers(request.address, request.count):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        if self.config.recorded:
            dump = self.config.recorded[request.unit]
            forced = self._forced
            return tuple(
                forced.get((kind, address), dump.get(address, UNMAPPED))
                for address in range(request.address, request.address + request.count)
            )
        return self._words(kind, request.address, request.count)

    def _words(self, kind: Kind, address: int, count: int) -> tuple[int, ...]:
        look: list[Reading] = []
        seen: dict[int, tuple[int, ...]] = {}
        words: list[int] = []
        for here in range(address, address + count):
            row = self._spaces[kind].at(here)
            if (forced := self._forced.get((kind, here))) is not None:
                words.append(forced)
            elif row is None:
                words.append(UNMAPPED)
            else:
                if row.address not in seen:
                    seen[row.address] = self.inside.words(row, look)
                words.append(seen[row.address][here - row.address])
        return tuple(words)

    def _write(self, request: Request) -> None:
        if not 1 <= request.count <= MOST_WRITTEN or len(request.values) != request.count:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        todo: list[tuple[Row, int, int]] = []
        for address, word in enumerate(request.values, request.address):
            todo.append((self._writable(address, word), address, word))
        ignored = self.faults.get("ignored_writes", request.unit)
        for row, address, word in todo:
            if ignored is not None and ignored.value in (0, address):
                continue
            value = row.decode((word,)) if row.count == 1 else word
            self.writes.append(
                Write(at=request.at, address=address, name=row.name, value=value, assumed=assumed(row))
            )
            if self.config.recorded:
                self._forced["holding", address] = word
            else:
                self.inside.store(row, address, word)
        self.inside.obey()

    def _writable(self, address: int, word: int) -> Row:
        """Return the row that a word is for, or refuse it."""
        row = self._spaces["holding"].at(address)
        if row is None or row.access != "RW" or (assumed(row) and not self.config.unlocked):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        if (refused := self.faults.get("refused_address")) and refused.value == address:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        self.inside.settings.check(row, address, word, self.inside.local())
        return row

    # Time and faults.

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    def _tick(self) -> None:
        now = time.monotonic()
        self._pending_s += (now - self._last) * self.config.speed
        self._last = now
        if "frozen_values" not in self.faults:
            self.inside.run(self._pending_s)
            self._pending_s = 0.0

    def _fault_changed(self, name: str, on: bool) -> None:
        match name:
            case "modbus_off" | "restart" | "gateway_away" if self._server is not None:
                if on:
                    self._server.close(reset=name != "modbus_off")
                elif _CLOSING.isdisjoint(self.faults):
                    self._server.open()
            case "utility_loss":
                self.plant.grid_available = not on
            case "low_soc" if fault := self.faults.get(name):
                self.plant.soc_pct = fault.value
            case "owner_changes_mode" if fault := self.faults.get(name):
                mode = "hybrid_work_mode" if self.config.profile == "sce" else "running_mode"
                self.change(mode, fault.value)
        self.inside.obey()
