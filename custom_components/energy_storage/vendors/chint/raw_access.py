"""The registers of a Chint plant as they are, by its profile; nothing of it is written by hand."""

from collections.abc import Iterator
from functools import partial

from ..control import Order
from ..driver import DriverError
from ..raw_access import DeclaredRow, Lock, Space
from ..write import CommandRefusedError
from .device import ChintDevice
from .profile import Profile, Row
from .rows import field_of


class ChintRawAccess:
    """The registers of one plant, asked over the line that its readings use."""

    def __init__(self, device: ChintDevice) -> None:
        """Speak for this device."""
        self._device = device

    @property
    def most_registers(self) -> int:
        """How many registers one request may ask for."""
        return self._device.profile.most_registers

    @property
    def low_word_first(self) -> bool:
        """Whether the rows of the profile begin with the lowest word."""
        return all(row.order == "little" for row in self._device.profile.rows.values() if row.count > 1)

    def rows(self) -> Iterator[DeclaredRow]:
        """Give every row of the profile, also those that nobody has switched on."""
        offered = self._device.offered()
        for row in self._device.profile.rows.values():
            yield self._row(row, missing=self._device.reads(row) and row.name not in offered)

    async def read(self, unit_id: int, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Make one request."""
        if unit_id != self._device.unit_id:
            raise DriverError(f"unit {unit_id} is no device of this plant")
        unit = self._device.line.unit
        read = unit.read_input_registers if space is Space.INPUT else unit.read_holding_registers
        return tuple(await self._device.line.ask(partial(read, address, count)))

    def order(self, row: DeclaredRow, value: float | str) -> Order:
        """Refuse: every row is locked."""
        number = value if isinstance(value, int | float) else None
        raise CommandRefusedError(f"locked_{row.locked or Lock.UNPROVEN}", value=number)

    def _row(self, row: Row, *, missing: bool) -> DeclaredRow:
        profile, field = self._device.profile, field_of(row)
        return DeclaredRow(
            device=self._device.key_of(row.device),
            unit_id=self._device.unit_id,
            name=row.name,
            group=row.group,
            block=next(((span.first, span.last) for span in profile.spans if span.holds(row)), None),
            space=Space(row.space),
            address=row.address,
            count=row.count,
            kind=field.kind,
            scale=row.scale,
            unit=row.unit,
            missing=missing,
            locked=_lock(profile, row),
            low=row.low,
            high=row.high,
            options=tuple(row.options.values()),
        )


def _lock(profile: Profile, row: Row) -> Lock:
    """Say why a row is not for hands; what no recipe writes, nobody has seen work."""
    if not row.writable:
        return Lock.READ_ONLY
    recipes = (*profile.commands.values(), *profile.requests.values())
    written = {step.row for recipe in recipes for step in recipe}
    return Lock.OWNED if row.name in written else Lock.UNPROVEN
