"""A meter on a shared Modbus link, read again and again; the model says what its registers mean."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
import time

from modbus_connection import ModbusUnit

from ...engine.plant import MeterReading
from ..driver import DriverRejectedError
from ..fields import Table, fields_of
from ..line import Clock, Line
from ..modbus import Block
from ..poller import Poller
from .meter import MapFault, MeterModel, NotThisMeterError, Side, number

TIMEOUT_S = 1.5
SPACING_S = 0.02
"""Longer than the silence between two frames at 2400 baud."""
_LEAST_KWH = 0.01
"""A counter's smallest step: one that shows less has never counted."""


def open_line(unit: ModbusUnit, clock: Clock, *, timeout_s: float, behind: bool) -> Line:
    """Open a line to a meter; `behind` a plant's link, which is left alone while the meter is silent."""
    return Line(unit, timeout_s=timeout_s, spacing_s=SPACING_S, clock=clock, behind=behind)


class ModbusMeter:
    """One meter; the caller owns the link."""

    def __init__(
        self,
        model: MeterModel,
        line: Line,
        side: Side = Side.SECONDARY,
        *,
        now: Callable[[], datetime],
        monotonic: Clock = time.monotonic,
    ) -> None:
        """Ask nothing yet."""
        self.model = model
        self._line, self._side, self._now = line, side, now
        self._poller = Poller(monotonic)
        self._measured, self._proof = self._block(model.measured), self._block(model.proof)
        has_ratios = model.ratios is not None and side is Side.SECONDARY
        self._ratios = self._block(model.ratios) if model.ratios is not None and has_ratios else None
        self._counting: Block | None = None

    @property
    def counters(self) -> str | None:
        """The table in which it keeps its energy; None while no counter has counted anything."""
        return None if self._counting is None else self._counting.table.__name__

    async def connect(self) -> None:
        """Make sure that it is this meter, and find out where it keeps its energy."""
        self._poller.blocks = [self._measured]
        await self._recognise()
        if self._ratios is not None:
            await self._poller.read(self._ratios)
            self._poller.blocks.append(self._ratios)
        self._factors()
        self._counting = None
        self._poller.blocks += [self._block(table) for table in self.model.counters]
        await self._poller.read_others(None)
        self._choose_counters()

    async def _recognise(self) -> None:
        try:
            await self._poller.read(self._measured)
            await self._poller.read(self._proof)
        except DriverRejectedError as err:
            raise NotThisMeterError(MapFault.UNKNOWN_MAP) from err
        if not self.model.plausible(self._measured.values | self._proof.values):
            raise NotThisMeterError(MapFault.UNKNOWN_MAP)

    async def read(self) -> MeterReading:
        """Read what it measures now, and besides one thing at most that is due."""
        self._poller.due(())
        await self._poller.read_fast()
        measured = self.model.reading(self._measured.values, *self._factors())
        reading = MeterReading(
            read_at=self._now(),
            power_w=measured.power_w,
            phase_power_w=measured.phase_power_w,
            voltage_v=measured.voltage_v,
            current_a=measured.current_a,
        )
        await self._poller.read_others(1)
        self._choose_counters()
        return replace(reading, import_kwh=self._energy("import"), export_kwh=self._energy("export"))

    def raw(self) -> Mapping[int, int]:
        """Address → word: everything read so far."""
        blocks = (self._proof, *self._poller.blocks)
        return {address: word for block in blocks for address, word in block.words.items()}

    def _block(self, table: type[Table]) -> Block:
        return Block(self.model.key, table, self._line, tuple(fields_of(table)))

    def _factors(self) -> tuple[float, float]:
        """Give the ratios of voltage and current by which values are multiplied."""
        if self._ratios is None:
            return 1.0, 1.0
        voltage = number(self._ratios.values, "voltage_ratio")
        current = number(self._ratios.values, "current_ratio")
        if voltage is None or current is None:
            raise NotThisMeterError(MapFault.RATIO)
        return voltage, current

    def _choose_counters(self) -> None:
        """Take the first pair that has counted anything; the others are not asked for any more."""
        if self._counting is not None:
            return
        candidates = [block for block in self._poller.blocks if block.table in self.model.counters]
        self._counting = next(filter(_has_counted, candidates), None)
        if self._counting is not None:
            others = [block for block in candidates if block is not self._counting]
            self._poller.blocks = [block for block in self._poller.blocks if block not in others]

    def _energy(self, way: str) -> float | None:
        """Give what was counted one way, in kWh."""
        if self._counting is None:
            return None
        kwh, (voltage, current) = number(self._counting.values, f"{way}_energy"), self._factors()
        return None if kwh is None else kwh * voltage * current


def _has_counted(block: Block) -> bool:
    """Tell whether all counters of a table can be read, and one of them has moved."""
    counts = [number(block.values, name) for name in block.names]
    return None not in counts and max(count for count in counts if count is not None) >= _LEAST_KWH
