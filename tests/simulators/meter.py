"""A simulated Chint meter at the grid of a plant: DTSU666, DDSU666, or one with somebody else's firmware.

In a test::

    async with MeterSimulator(MeterConfig(counters="401e", ct_ratio=40), sim.plant).serving() as meter:
        ...                                  # connect to meter.device, or to meter.host, meter.port
        meter.faults.add("frozen")           # the names are in METER_FAULTS
        meter.set("active_power", -120.0)    # force a register, as the table scales it
        meter.plant.load_override_w = 900    # the physics, its own or the one that was given
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
import math
from typing import override

from pymodbus.constants import ExcCodes

from .bus_wire import BUS_FAULTS
from .faults import FaultKind
from .line_device import Kind, LineDevice
from .meter_config import MeterConfig
from .meter_map import counter_rows, spaces
from .meter_values import Reading, ordered, ratio_of, value_of
from .modbus import WRITE_MULTIPLE, Request
from .plant import SimulatedPlant
from .register_map import RefusedError, Row
from .word_space import Space, unset

__all__ = ["METER_FAULTS", "MeterConfig", "MeterSimulator"]

LONGEST_READ = 125
_COUNTED_BEFORE_KWH = (3_412.6, 1_905.3)
"""Import and export before the simulation begins."""

METER_FAULTS: Mapping[str, FaultKind] = {
    **BUS_FAULTS,
    "silent": FaultKind("the meter does not answer"),
    "frozen": FaultKind("answers go on, with the values of the moment it began"),
    "not_numbers": FaultKind("every float is not a number"),
    "reversed_phase": FaultKind("the current transformer of phase VALUE is the wrong way round", 1),
}


class MeterSimulator(LineDevice[Reading]):
    """The whole meter; see the head of this file for its use. It has no power while the grid is gone."""

    def __init__(self, config: MeterConfig | None = None, plant: SimulatedPlant | None = None) -> None:
        """Put a meter at a plant, which somebody else then moves on, or at one of its own."""
        self.config = config or MeterConfig()
        super().__init__(METER_FAULTS, line=self.config.line, speed=self.config.speed)
        self._own = plant is None
        self.plant = plant or SimulatedPlant(self.config.plant, self.config.start or datetime.now(UTC))
        self._began_kwh = _COUNTED_BEFORE_KWH
        """What the counters showed more than the plant has counted."""
        self._spaces = spaces(self.config.meter, self.config.counters)
        self._frozen: Reading | None = None

    @property
    @override
    def spaces(self) -> Mapping[Kind, Space]:
        return self._spaces

    @property
    def reading(self) -> Reading:
        """What the meter measures now."""
        if self._frozen is not None:
            return self._frozen
        phases = list(self.plant.flows.grid_phases_w)
        if fault := self.faults.get("reversed_phase"):
            phases[int(fault.value) - 1] *= -1
        imported, exported = self._counted()
        return Reading(
            phases_w=(phases[0], phases[1], phases[2]),
            imported_kwh=self._began_kwh[0] + imported,
            exported_kwh=self._began_kwh[1] + exported,
        )

    def _counted(self) -> tuple[float, float]:
        return self.plant.total_kwh.grid_import, self.plant.total_kwh.grid_export

    # What the device answers.

    @override
    def knows(self, unit: int) -> bool:
        return unit == self.config.unit and "silent" not in self.faults and self.plant.grid_available

    @override
    async def respond(self, request: Request) -> tuple[int, ...] | None:
        self.tick()
        if not self.knows(request.unit):
            return None
        if request.writes:
            self._write(request)
            return ()
        if request.function not in self.config.functions:
            raise RefusedError(ExcCodes.ILLEGAL_FUNCTION)
        return self._read(request)

    def _read(self, request: Request) -> tuple[int, ...]:
        kind: Kind = "input" if request.function == 4 and "input" in self._spaces else "holding"
        if not 1 <= request.count <= LONGEST_READ:
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)
        if not self._spaces[kind].covers(request.address, request.count):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        for address in range(request.address, request.address + request.count):
            row = self._spaces[kind].at(address)
            if row is not None and self._elsewhere(row) and self.config.other_counters == "refused":
                raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        return self.words(kind, request.address, request.count)

    def _elsewhere(self, row: Row) -> bool:
        """Tell whether a row is a counter of another variant."""
        variant = counter_rows(row) if self.config.meter == "dtsu666" else None
        return variant is not None and variant != self.config.counters

    @override
    def words_of(self, row: Row, look: list[Reading]) -> tuple[int, ...]:
        if self._elsewhere(row):
            return unset(row) if self.config.other_counters == "nan" else (0,) * row.count
        if not look:
            look.append(self.reading)
        value = value_of(row.name, look[0], self.config)
        if row.data_type != "F32":
            return row.encode(max(0, value) if row.data_type.startswith("U") else value)
        if self.config.meter in ("sungrow", "huawei"):
            return _integer(value)
        if "not_numbers" in self.faults:
            return unset(row)
        return ordered(row.encode(value / ratio_of(row.unit, self.config)), self.config.word_order)

    def _write(self, request: Request) -> None:
        """Obey as the real one does: a write may change its ratios and clear its counters."""
        if request.function != WRITE_MULTIPLE:
            raise RefusedError(ExcCodes.ILLEGAL_FUNCTION)
        addresses = range(request.address, request.address + request.count)
        rows = [row for address in addresses if (row := self._spaces["holding"].at(address))]
        if len(rows) < request.count or any(row.access != "RW" for row in rows):
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        for row, word in zip(rows, request.values, strict=True):
            self._set(row.name, word)

    def _set(self, name: str, word: int) -> None:
        match name:
            case "clr_e" if word == 1:
                imported, exported = self._counted()
                self._began_kwh = -imported, -exported
            case "ct_ratio_IrAt":
                self.config = replace(self.config, ct_ratio=word)
            case "pt_ratio_UrAt":
                self.config = replace(self.config, pt_ratio=word / 10)
            case "float_word_order" if word in range(4):
                self.config = replace(self.config, word_order=word)

    # Time and faults.

    @override
    def run(self, seconds: float) -> None:
        if self._own:
            self.plant.step(seconds)

    @override
    def fault_changed(self, name: str, on: bool) -> None:
        if name == "frozen":
            self._frozen = None
            self._frozen = self.reading if on else None


def _integer(value: float) -> tuple[int, int]:
    """Give the words of another maker, who counts in tenths: as floats they make no sense [assumed]."""
    raw = math.floor(10 * value) & 0xFFFF_FFFF
    return raw >> 16, raw & 0xFFFF
