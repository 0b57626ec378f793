"""The registers of a Sigen plant as they are, and the few that may be written by hand."""

from collections.abc import Iterator, Mapping
from functools import partial
import re

from ...engine.plant import Device
from ..control import Order, Request, Span
from ..driver import DriverConnectionError, DriverError, LinkFault
from ..fields import Field, Number, Table, fields_of
from ..line import Line
from ..raw_access import DeclaredRow, Lock, Space
from ..write import CommandRefusedError
from .catalogue import Catalogue
from .control import SigenControl
from .registers import TABLES
from .registers.inverter import InverterDispatch
from .registers.plant import Dispatch, EmsControl, GridCode, PccPowerFactor, PowerGradient
from .write_guards import Refusal

_LOCKS: Mapping[type[Table], Lock] = {
    EmsControl: Lock.OWNED,
    Dispatch: Lock.OWNED,
    InverterDispatch: Lock.OWNED,
    PowerGradient: Lock.GRID_CODE,
    GridCode: Lock.GRID_CODE,
    PccPowerFactor: Lock.GRID_CODE,
}
_POWER_SWITCHES = ("plant_start_stop", "inverter_start_stop")
_FREE: Mapping[str, Request] = {
    "output_current_limit": Request.LIMIT_CURRENT,
    "max_charge_power_limit": Request.LIMIT_POWER,
}
"""What a charger may take: bounded by what charger and breaker bear, read back. All else is locked."""


class SigenRawAccess:
    """The registers of one plant, asked over the lines that its readings use."""

    most_registers = 124
    low_word_first = False

    def __init__(self, catalogue: Catalogue, control: SigenControl) -> None:
        """Speak for the devices of this catalogue."""
        self._catalogue = catalogue
        self._control = control

    def rows(self) -> Iterator[DeclaredRow]:
        """Give every declared register of every device that has shown itself."""
        for device in self._catalogue.fleet.devices:
            offered = self._offered(device.key)
            spans = self._control.requests(device.key)
            for table in TABLES[device.kind]:
                for name, field in fields_of(table).items():
                    missing = not table.write_only and name not in offered
                    span = spans.get(_FREE[name]) if name in _FREE else None
                    yield _row(device, table, field, missing=missing, span=span)

    async def read(self, unit_id: int, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Make one request; a device behind the one that owns the link is left alone while silent."""
        line = self._line(unit_id)
        if line.resting():
            raise DriverConnectionError(f"unit {unit_id} was silent lately", LinkFault.SILENT)
        read = line.unit.read_input_registers if space is Space.INPUT else line.unit.read_holding_registers
        return tuple(await line.ask(partial(read, address, count)))

    def order(self, row: DeclaredRow, value: float | str) -> Order:
        """Plan the write of a charger's limit, by the rules that bind its entity too."""
        request = _FREE.get(row.name)
        if request is None or not isinstance(value, int | float):
            raise CommandRefusedError(Refusal.NOT_SUPPORTED)
        return self._control.request(row.device, request, value)

    def _offered(self, device: str) -> set[str]:
        return {
            name
            for block in self._catalogue.poller.blocks
            if block.device == device
            for name in block.offered
        }

    def _line(self, unit_id: int) -> Line:
        fleet = self._catalogue.fleet
        lines = {fleet.plant_id: fleet.plant_line, **fleet.inverter_lines, **fleet.charger_lines}
        if (line := lines.get(unit_id)) is None:
            raise DriverError(f"unit {unit_id} is no device of this plant")
        return line


def _row(
    device: Device, table: type[Table], field: Field, *, missing: bool, span: Span | None
) -> DeclaredRow:
    free = field.name in _FREE
    return DeclaredRow(
        device=device.key,
        unit_id=device.unit_id,
        name=field.name,
        group=re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", table.__name__).lower(),
        space=Space(table.register_space),
        address=field.address,
        count=field.count,
        kind=field.kind,
        scale=field.scale,
        unit=field.unit,
        readable=not table.write_only,
        missing=missing,
        locked=None if free else _lock(table, field),
        of_control=free,
        low=None if span is None else span.low,
        high=None if span is None else span.high,
        options=field.options,
    )


def _lock(table: type[Table], field: Field) -> Lock:
    """Say why a register is not for hands; what nothing else is said of, nobody has seen work."""
    if not isinstance(field, Number) or not field.writable:
        return Lock.READ_ONLY
    if field.name in _POWER_SWITCHES:
        return Lock.POWER_SWITCH
    return Lock.NO_READ_BACK if table.write_only else _LOCKS.get(table, Lock.UNPROVEN)
