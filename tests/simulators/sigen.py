"""A simulated Sigen plant: one Modbus TCP server for the plant, its inverters and its chargers.

In a test::

    async with SigenSimulator(SigenConfig(inverters=(1, 2), firmware="SPC112")).serving() as sim:
        ...                                    # connect to sim.host, sim.port
        sim.faults.add("late_replies", 4.5)    # the names are in sigen_faults.py
        sim.set("ess_soc", 18.8)               # force a register, in the table's unit; None lets go
        sim.advance(600)                       # ten minutes later
        sim.change("grid_export_limit", 5.0)   # the installer does it in the app
        sim.upgrade("SPC114")                  # another firmware
        sim.requests, sim.writes               # what was asked, what was changed
        sim.plant                              # the physics: grid, vehicles, battery
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import time

from pymodbus.constants import ExcCodes

from .faults import Faults, FaultyWire
from .modbus import ModbusServer, Request
from .plant import SimulatedPlant
from .register_map import Bank, RefusedError, RegisterValue, Row
from .sigen_config import SigenConfig
from .sigen_faults import SIGEN_FAULTS, spoil
from .sigen_map import AC_START_STOP, BROADCAST_UNIT, PLANT_UNIT, dumped_bank
from .sigen_plant import Look, SigenPlant

__all__ = ["SigenConfig", "SigenSimulator", "Write"]

MOST_READ = 124
MOST_WRITTEN = 123
TICK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One register that a client changed."""

    at: datetime
    unit: int
    name: str
    value: RegisterValue


class SigenSimulator:
    """The whole device; see the head of this file for its use."""

    def __init__(self, config: SigenConfig | None = None) -> None:
        """Build the plant; `serving` opens the port."""
        self.config = config or SigenConfig()
        self.model = self.config.model()
        physics = self.config.plant
        if not self.config.hybrid:
            physics = replace(physics, battery_capacity_wh=0.0)
        self.plant = SimulatedPlant(physics, self.config.start or datetime.now(UTC))
        self.faults = Faults(SIGEN_FAULTS, self._fault_changed)
        self.device = SigenPlant(self.config, self.model, self.plant)
        self.controls = self.device.controls
        self.writes: list[Write] = []
        self.host = "127.0.0.1"
        self._forced: dict[tuple[int, int], tuple[int, ...]] = {}
        self._banks = self._build_banks()
        self._server: ModbusServer | None = None
        self._last = time.monotonic()
        self._pending_s = 0.0

    # For tests and for the command line.

    @property
    def port(self) -> int:
        """Port that listens, the same when it is closed and opened again."""
        return self._listening.port

    @property
    def requests(self) -> list[Request]:
        """Every request that was heard, in order."""
        return self._listening.requests

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[SigenSimulator]:
        """Listen until the block ends."""
        self.host = host
        self._server = ModbusServer(self, FaultyWire(self.faults), host=host, port=port)
        self._last = time.monotonic()
        if not {"modbus_off", "restart"} & set(self.faults):
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

    def set(self, name: str, value: RegisterValue | None, unit: int | None = None) -> None:
        """Force a register to a value in the table's unit; None lets it follow the plant again."""
        unit, row = self._find(name, unit)
        if value is None:
            self._forced.pop((unit, row.address), None)
        else:
            self._forced[unit, row.address] = row.encode(value)

    def set_raw(self, name: str, words: tuple[int, ...] | None, unit: int | None = None) -> None:
        """Force the words of a register; None lets it follow the plant again."""
        unit, row = self._find(name, unit)
        if words is None:
            self._forced.pop((unit, row.address), None)
        else:
            self._forced[unit, row.address] = words

    def get(self, name: str, unit: int | None = None) -> RegisterValue:
        """Return what a register shows now, in the table's unit."""
        unit, row = self._find(name, unit)
        return row.decode(self._words(unit, row))

    def change(self, name: str, value: float, unit: int | None = None) -> None:
        """Change a setting as somebody else would: the app, the installer, a grid operator."""
        unit, row = self._find(name, unit)
        self.device.apply(unit, row, row.encode(value))

    def upgrade(self, firmware: str) -> None:
        """Put another firmware on the inverters; registers come and go with its protocol version."""
        self.config = replace(self.config, firmware=firmware, version=None)
        self.model = self.config.model()
        self.device.upgrade(self.model, firmware)
        self._banks = self._build_banks()

    def _find(self, name: str, unit: int | None) -> tuple[int, Row]:
        units = (PLANT_UNIT, *self._banks) if unit is None else (unit,)
        for candidate in units:
            for row in self._banks[candidate].points.values():
                if row.name == name:
                    return candidate, row
        raise KeyError(f"{name} at unit {unit}" if unit else name)

    @property
    def _listening(self) -> ModbusServer:
        if self._server is None:
            raise RuntimeError("not serving")
        return self._server

    # What the device answers.

    def knows(self, unit: int) -> bool:  # noqa: ARG002  one gateway answers for all
        """Refuse nonsense whoever it is for."""
        return True

    async def respond(self, request: Request) -> tuple[int, ...] | None:
        """Answer one request; see `Responder`."""
        self._tick()
        unit = PLANT_UNIT if request.unit == BROADCAST_UNIT else request.unit
        if not await self._there(unit):
            if self.config.missing_unit_code is None or unit in self.config.ac_chargers:
                return None
            raise RefusedError(self.config.missing_unit_code)
        if not request.writes:
            if request.unit == BROADCAST_UNIT:
                return None
            return self._read(unit, request)
        try:
            self._write(unit, request)
        except RefusedError:
            if request.unit != BROADCAST_UNIT:
                raise
        return None if request.unit == BROADCAST_UNIT else ()

    async def _there(self, unit: int) -> bool:
        """Tell whether somebody answers at this id."""
        if unit in self.config.ac_chargers:
            if stall := self.faults.get("charger_stalls"):
                await asyncio.sleep(stall.value)
                return False
            if "charger_silent" in self.faults:
                return False
        return unit in self._banks

    def _read(self, unit: int, request: Request) -> tuple[int, ...]:
        if not 1 <= request.count <= MOST_READ:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        words = [0] * request.count
        look: Look = {}
        for row in self._banks[unit].span(request.address, request.count):
            offset = row.address - request.address
            words[offset : offset + row.count] = self._words(unit, row, look)
        return tuple(words)

    def _words(self, unit: int, row: Row, look: Look | None = None) -> tuple[int, ...]:
        if row.access == "WO":
            if self.config.write_only_reads is None:
                raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
            return (self.config.write_only_reads,) * row.count
        if (forced := self._forced.get((unit, row.address))) is not None:
            return forced
        if unit in self.config.recorded:
            return self._recorded(unit, row)
        return spoil(self.faults, row, self.device.words(unit, row, look))

    def _recorded(self, unit: int, row: Row) -> tuple[int, ...]:
        """Serve what a dump says; only its clock goes on and a blanked serial number is made up."""
        words = tuple(self.config.recorded[unit][row.address + offset] for offset in range(row.count))
        value = row.decode(words)
        if isinstance(value, str):
            return row.encode(f"DUMP{unit:03d}") if row.name == "serial_number" and not value else words
        return row.encode(value + self.device.elapsed_s) if row.name == "system_time" else words

    def _write(self, unit: int, request: Request) -> None:
        if not 1 <= request.count <= MOST_WRITTEN or len(request.values) != request.count:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        todo: list[tuple[Row, tuple[int, ...]]] = []
        for row in self._banks[unit].span(request.address, request.count):
            offset = row.address - request.address
            words = request.values[offset : offset + row.count]
            self._check(row, words, request)
            todo.append((row, words))
        ignored = self.faults.get("ignored_writes", unit)
        for row, words in todo:
            if ignored is not None and ignored.value in (0, row.address):
                continue
            self.writes.append(Write(at=request.at, unit=unit, name=row.name, value=row.decode(words)))
            if unit in self.config.recorded:
                self._forced[unit, row.address] = words
            else:
                self.device.apply(unit, row, words)

    def _check(self, row: Row, words: tuple[int, ...], request: Request) -> None:
        if row.access == "RO":
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        if row.access == "WO" and request.count > 1:
            raise RefusedError(ExcCodes.ILLEGAL_FUNCTION)
        if "charger_refuses" in self.faults and row.address == AC_START_STOP:
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        if (refused := self.faults.get("refused_address")) and refused.value == row.address:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        if (
            "mode_only_in_remote" in self.faults
            and row.name == "remote_ems_control_mode"
            and not self.controls.number("remote_ems_enable")
        ):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        self.controls.check(row, words)

    # Who has which registers, time, and faults.

    def _build_banks(self) -> dict[int, Bank]:
        """Say which unit ids there are and what each knows."""
        config, model = self.config, self.model
        if config.recorded:
            return {unit: dumped_bank(unit, words) for unit, words in config.recorded.items()}
        rows = {PLANT_UNIT: list(model.rows("plant"))}
        for unit in config.inverters:
            rows[unit] = list(model.rows("inverter"))
            if unit == config.dc_charger or config.idle_dc_registers:
                rows[unit] += model.rows("dc_charger")
        for unit in config.ac_chargers:
            rows[unit] = list(model.rows("ac_charger"))
        if clash := self.faults.get("id_clash"):
            charger = list(model.rows("ac_charger"))
            if config.ac_chargers:
                rows.pop(config.ac_chargers[0], None)
            inverter = rows[config.inverters[0]]
            rows[config.inverters[0]] = charger if clash.value else inverter + charger
        return {unit: Bank(found) for unit, found in rows.items()}

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    def _tick(self) -> None:
        now = time.monotonic()
        self._pending_s += (now - self._last) * self.config.speed
        self._last = now
        if "frozen_clock" not in self.faults:
            self.device.run(self._pending_s)
            self._pending_s = 0.0

    def _fault_changed(self, name: str, on: bool) -> None:
        match name:
            case "modbus_off" | "restart" if self._server is not None:
                if on:
                    self._server.close(reset=name == "restart")
                elif not {"modbus_off", "restart"} & set(self.faults):
                    self._server.open()
            case "id_clash":
                self._banks = self._build_banks()
            case "vpp":
                fault = self.faults.get("vpp")
                self.device.vpp(fault.value if fault else None)
            case "app_changes_limit" if fault := self.faults.get(name):
                self.change("ess_discharge_cutoff_soc", fault.value)
