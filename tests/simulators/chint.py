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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, override

from pymodbus.constants import ExcCodes

from .chint_alarms import Alarm
from .chint_config import ChintConfig
from .chint_faults import CHINT_FAULTS
from .chint_map import Profile, assumed
from .chint_plant import ChintPlant
from .chint_values import Reading
from .line_device import UNMAPPED, Kind, Line, LineDevice
from .modbus import Request
from .plant import SimulatedPlant
from .register_map import RefusedError, RegisterValue, Row
from .word_space import Space

__all__ = ["ChintConfig", "ChintSimulator", "Line", "Profile", "Write"]

MOST_WRITTEN = 123


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One word that a client changed; inside a table of the device, `address` says which."""

    at: datetime
    address: int
    name: str
    value: RegisterValue
    assumed: bool
    """No source says that this register is there."""


class ChintSimulator(LineDevice[Reading]):
    """The whole device; see the head of this file for its use."""

    def __init__(self, config: ChintConfig | None = None) -> None:
        """Build the plant; `serving` opens the line."""
        self.config = config or ChintConfig()
        super().__init__(CHINT_FAULTS, line=self.config.line, speed=self.config.speed)
        self.plant = SimulatedPlant(self.config.physics, self.config.start or datetime.now(UTC))
        self.inside = ChintPlant(self.config, self.plant, self.faults)
        self.writes: list[Write] = []

    # For tests and for the command line.

    @property
    @override
    def spaces(self) -> Mapping[Kind, Space]:
        return self.inside.spaces

    @property
    def alarms(self) -> Sequence[Alarm]:
        """What went wrong and when, the recovered too."""
        return self.inside.alarms.entries

    def change(self, name: str, value: float) -> None:
        """Change a setting as somebody else would: the app, the installer."""
        _, row = self.find(name)
        self.inside.store(row, row.address, row.encode(value)[0])
        self.tick()
        self.inside.obey()

    def change_table(self, name: str, words: Sequence[int]) -> None:
        """Change the first words of a table of the device as somebody else would."""
        _, row = self.find(name)
        for place, word in enumerate(words):
            self.inside.store(row, row.address + place, word)
        self.inside.obey()

    def memory(self) -> dict[str, Any]:
        """Return what outlives a restart, ready for JSON."""
        return self.inside.memory()

    # What the device answers.

    @override
    def knows(self, unit: int) -> bool:
        return unit in (self.config.recorded or (self.config.unit,))

    @override
    async def respond(self, request: Request) -> tuple[int, ...] | None:
        self.tick()
        if not self.knows(request.unit):
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
        if kind not in self.spaces:
            raise RefusedError(ExcCodes.ILLEGAL_FUNCTION)
        return kind

    def _read(self, request: Request) -> tuple[int, ...]:
        kind = self._kind_of(request.function)
        if not 1 <= request.count <= self.config.longest_read:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        if self.config.recorded:
            return self._recorded(kind, request)
        if not self.spaces[kind].covers(request.address, request.count):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        return self.words(kind, request.address, request.count)

    def _recorded(self, kind: Kind, request: Request) -> tuple[int, ...]:
        """Serve what a dump says, and what was written since."""
        dump = self.config.recorded[request.unit]
        addresses = range(request.address, request.address + request.count)
        if not self.spaces[kind].covers(request.address, request.count) and not all(
            address in dump for address in addresses
        ):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        return tuple(self._forced.get((kind, address), dump.get(address, UNMAPPED)) for address in addresses)

    @override
    def words_of(self, row: Row, look: list[Reading]) -> tuple[int, ...]:
        if self.config.recorded:
            dump = next(iter(self.config.recorded.values()))
            return tuple(dump.get(row.address + place, UNMAPPED) for place in range(row.count))
        return self.inside.words(row, look)

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
        row = self.spaces["holding"].at(address)
        if row is None or row.access != "RW" or (assumed(row) and not self.config.unlocked):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        if (refused := self.faults.get("refused_address")) and refused.value == address:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        self.inside.settings.check(row, address, word, self.inside.local())
        return row

    # Time and faults.

    @override
    def run(self, seconds: float) -> None:
        self.inside.run(seconds)

    @override
    def fault_changed(self, name: str, on: bool) -> None:
        match name:
            case "frozen_values":
                self.inside.freeze(on=on)
            case "utility_loss":
                self.plant.grid_available = not on
            case "low_soc" if fault := self.faults.get(name):
                self.plant.soc_pct = fault.value
            case "owner_changes_mode" if fault := self.faults.get(name):
                mode = "hybrid_work_mode" if self.config.profile == "sce" else "running_mode"
                self.change(mode, fault.value)
        self.inside.obey()
