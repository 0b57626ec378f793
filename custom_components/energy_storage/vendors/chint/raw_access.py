"""The registers of a Chint plant as they are: to be explored, and none of them written by hand."""

from collections.abc import Iterator
from functools import partial

from ..control import Order
from ..driver import DriverError
from ..raw_access import DeclaredRow, Lock, Space
from ..write import CommandRefusedError
from .device import ChintDevice
from .profile import Evidence, Profile, Row
from .rows import field_of

_KINDS = {"version": "u16", "time": "u16", "bcd": "string"}
_NOT_SUPPORTED = "not_supported"


class ChintRawAccess:
    """The registers of one plant, asked over the line that its readings use."""

    def __init__(self, device: ChintDevice) -> None:
        """Speak for this device."""
        self._device = device

    @property
    def most_registers(self) -> int:
        """How many registers one request may ask for: what the profile says."""
        return self._device.profile.most_registers

    @property
    def low_word_first(self) -> bool:
        """Whether values of several words begin with the lowest."""
        rows = self._device.profile.rows.values()
        return any(row.order == "little" for row in rows if row.count > 1)

    def rows(self) -> Iterator[DeclaredRow]:
        """Give every row of the profile, the assumed ones too."""
        known = self._device
        offered, keys = known.offered(), {device.key for device in known.devices}
        for row in known.profile.rows.values():
            key = known.key_of(row.device)
            yield DeclaredRow(
                device=key if key in keys else known.key_of("inverter"),
                unit_id=known.unit_id,
                name=row.name,
                group=row.group,
                space=Space(row.space),
                address=row.address,
                count=row.count,
                kind=_KINDS.get(row.type, field_of(row).kind),
                scale=row.scale,
                unit=row.unit,
                missing=known.reads(row) and row.name not in offered,
                locked=lock_of(known.profile, row),
                of_control=row.name in _commanded(known.profile),
                low=row.low,
                high=row.high,
                options=tuple(row.options.values()),
            )

    async def read(self, unit_id: int, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Make one request."""
        if unit_id != self._device.unit_id:
            raise DriverError(f"unit {unit_id} is no device of this plant")
        unit = self._device.line.unit
        read = unit.read_input_registers if space is Space.INPUT else unit.read_holding_registers
        return tuple(await self._device.line.ask(partial(read, address, count)))

    def order(self, row: DeclaredRow, value: float | str) -> Order:  # noqa: ARG002  whatever it would be
        """Refuse: no row is free."""
        raise CommandRefusedError(_NOT_SUPPORTED)


def lock_of(profile: Profile, row: Row) -> Lock:
    """Say why a row is not for hands.

    What a recipe writes belongs to control. Of all others nobody has seen a write do what it should; the way
    to prove one is a recipe of the owner's, tried while the plant is watched.
    """
    if not row.writable or row.space == "input":
        return Lock.READ_ONLY
    if row.evidence is not Evidence.ASSUMED:
        if any(step.row == row.name for recipe in profile.requests.values() for step in recipe):
            return Lock.POWER_SWITCH
        if row.name in _commanded(profile):
            return Lock.OWNED
    return Lock.UNPROVEN


def _commanded(profile: Profile) -> frozenset[str]:
    return frozenset(step.row for recipe in profile.commands.values() for step in recipe)
