"""What a driver wants to write to a device, and how it says that it will not."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import override

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
class Write(ABC):
    """One write, ready for the wire."""

    device: str
    """Key of the device that takes it."""
    name: str
    """Of what is written: a declared register, or a setting of the device."""
    value: float | str
    """What it means: a number in `unit`, or a code."""
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
    @abstractmethod
    def where(self) -> str:
        """Where it goes on the device, as people look it up."""

    @property
    @abstractmethod
    def on_the_wire(self) -> str:
        """What goes over the wire, in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterWrite(Write):
    """One write to Modbus registers."""

    address: int
    words: tuple[int, ...]

    @property
    def function(self) -> int:
        """The Modbus function: one register by 0x06, a longer value whole by one 0x10."""
        return 0x06 if len(self.words) == 1 else 0x10

    @property
    @override
    def where(self) -> str:
        return str(self.address)

    @property
    @override
    def on_the_wire(self) -> str:
        return f"0x{self.function:02x} " + " ".join(f"{word:04x}" for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWrite(Write):
    """One write as a message of a protocol of the vendor's own."""

    command: int
    """Id of the message."""
    payload: bytes

    @property
    @override
    def where(self) -> str:
        return f"0x{self.command:04x}"

    @property
    @override
    def on_the_wire(self) -> str:
        return self.payload.hex()


def register_writes(writes: Sequence[Write]) -> tuple[RegisterWrite, ...]:
    """Take the writes of a Modbus plant for what they are."""
    taken = tuple(write for write in writes if isinstance(write, RegisterWrite))
    if len(taken) != len(writes):
        raise TypeError("a message cannot go to Modbus registers")
    return taken
