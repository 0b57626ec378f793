"""What a driver wants to write to a device, and how it says that it will not."""

from dataclasses import dataclass

from .driver import DriverError


class CommandRefusedError(DriverError):
    """A command cannot be carried out now, or not on this plant; nothing was written."""

    def __init__(self, code: str, **numbers: float | None) -> None:
        """Keep why, as a code, and the numbers that led to it."""
        told = ", ".join(f"{name} {number:g}" for name, number in numbers.items() if number is not None)
        super().__init__(f"{code}: {told}" if told else code)
        self.code = code
        self.numbers = numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a register must read before the next write may go out."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write, ready for the wire."""

    device: str
    """Key of the device that takes it."""
    name: str
    """Of the declared register."""
    address: int
    words: tuple[int, ...]
    value: float | str
    """What the words mean: a number in `unit`, or a code."""
    unit: str | None
    why: str
    """What it is for, as a code."""
    below_soc: bool = False
    """The value must be below a SOC that was read at most 2 s before: read and compare anew."""
    may_be_refused: bool = False
    """Some firmware refuses it here, and what follows remains right. Any other refusal ends the sequence."""
    wait_for: Expected | None = None
    """What to wait for before the next write."""

    @property
    def function(self) -> int:
        """The Modbus function: one register by 0x06, a longer value whole by one 0x10."""
        return 0x06 if len(self.words) == 1 else 0x10
