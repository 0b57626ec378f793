"""What a driver offers to whoever explores a device register by register, for any Modbus vendor."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from .control import Order


class Space(StrEnum):
    """The two address spaces of 16-bit registers."""

    INPUT = "input"
    """Function 04."""
    HOLDING = "holding"
    """Function 03."""


class Lock(StrEnum):
    """Why a register is not written by hand."""

    READ_ONLY = "read_only"
    OWNED = "owned"
    """A limit, a mode or remote control: what commands are made of."""
    GRID_CODE = "grid_code"
    """How the plant behaves towards the grid; the installer's business, and often the law's."""
    POWER_SWITCH = "power_switch"
    """Off, the device stays off until somebody switches it on."""
    NEVER = "never"
    """Factory reset, firmware, memory, network."""
    NO_READ_BACK = "no_read_back"
    UNPROVEN = "unproven"
    """Nobody has seen this write do what it should on a plant like this."""
    MISSING = "missing"
    """This device does not have it."""
    RANGE_UNKNOWN = "range_unknown"
    """What it may hold was not read yet, or the device does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRow:
    """One register as the vendor's table or profile declares it, on one device of the plant."""

    device: str
    unit_id: int
    name: str
    group: str
    """As the vendor groups its registers."""
    block: tuple[int, int] | None = None
    """First and last address of what one request may span; None: as far as the group goes."""
    space: Space
    address: int
    count: int
    kind: str
    """`u16`, `s16`, `u32`, `s32`, `u64`, `float32`, `string` or `bits`."""
    scale: float = 1.0
    unit: str | None = None
    readable: bool = True
    missing: bool = False
    """This device has refused it, or its firmware has no such thing."""
    locked: Lock | None = Lock.UNPROVEN
    """Why it is not written; None: a value from `low` to `high`, or one of `options`, may be."""
    of_control: bool = False
    """Control sets it, or may come to: locked while control is on."""
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()
    """The codes it can have, where it is a choice."""

    @property
    def addresses(self) -> range:
        """The addresses of its words."""
        return range(self.address, self.address + self.count)

    def to_json(self) -> dict[str, Any]:
        """Give all that is known of it, as JSON."""
        lists = {"options": list(self.options), "block": None if self.block is None else list(self.block)}
        return asdict(self) | {"space": self.space.value} | lists


class RawAccess(Protocol):
    """The registers of one plant as they are, over the driver's own lines: paced, bounded in time."""

    @property
    def most_registers(self) -> int:
        """How many registers one request may ask for."""

    @property
    def low_word_first(self) -> bool:
        """Whether values of several words begin with the lowest."""

    def rows(self) -> Iterator[DeclaredRow]:
        """Give every declared register of every device, with what is known of it now."""

    async def read(self, unit_id: int, space: Space, address: int, count: int) -> tuple[int, ...]:
        """Make one request.

        Raises:
            DriverRejectedError: the device refuses these addresses, or they cut a value in two.
            DriverConnectionError: no usable answer, or it was silent so lately that it is left alone.

        """

    def order(self, row: DeclaredRow, value: float | str) -> Order:
        """Plan the write of a row that is not locked; its `PlantControl` carries it out.

        Raises:
            CommandRefusedError: it cannot be done now.

        """
