"""What may be written by hand, and what not: the same rules for every vendor."""

from collections.abc import Iterable
import math

from ..raw_access import DeclaredRow, Lock
from ..write import CommandRefusedError

CONTROL_ON = "locked_control_on"


class NotDeclaredError(Exception):
    """No such register is declared."""

    def __init__(self, field: str, value: str, known: tuple[str, ...]) -> None:
        """Keep what was asked for, and what there is."""
        super().__init__(f"{field}: {value} is unknown; known: {', '.join(known)}")
        self.field, self.value, self.known = field, value, known


class ValueNotAllowedError(Exception):
    """A register cannot hold this value."""

    def __init__(self, row: DeclaredRow, value: object, allowed: str) -> None:
        """Keep what was asked for, and what is allowed."""
        super().__init__(f"{row.name}: {value} is not allowed; allowed: {allowed}")
        self.name, self.value, self.allowed = row.name, value, allowed


def row_named(rows: Iterable[DeclaredRow], device: str, name: str) -> DeclaredRow:
    """Give the declared register with this name.

    Raises:
        NotDeclaredError: there is no such device, or it has no such register.

    """
    known = tuple(rows)
    devices = tuple(dict.fromkeys(row.device for row in known))
    if device not in devices:
        raise NotDeclaredError("device", device, devices)
    there = {row.name: row for row in known if row.device == device}
    if name not in there:
        raise NotDeclaredError("name", name, tuple(n for n, row in there.items() if row.locked is None))
    return there[name]


def refuse_locked(row: DeclaredRow, *, control_on: bool) -> None:
    """Refuse what is not for hands.

    Raises:
        CommandRefusedError: the row is locked; its code says why.

    """
    if row.missing:
        raise CommandRefusedError(code_of(Lock.MISSING))
    if row.locked is not None:
        raise CommandRefusedError(code_of(row.locked))
    if not row.readable:
        raise CommandRefusedError(code_of(Lock.NO_READ_BACK))
    if row.of_control and control_on:
        raise CommandRefusedError(CONTROL_ON)
    if not row.options and (row.low is None or row.high is None):
        raise CommandRefusedError(code_of(Lock.RANGE_UNKNOWN))


def checked(row: DeclaredRow, value: object) -> float | str:
    """Give the value as it is written; it never wraps, and is never clamped.

    Raises:
        ValueNotAllowedError: it is not in the range, or none of the options.

    """
    if row.options:
        if not isinstance(value, str) or value not in row.options:
            raise ValueNotAllowedError(row, value, ", ".join(row.options))
        return value
    number = _number(value)
    if number is None or row.low is None or row.high is None or not row.low <= number <= row.high:
        unit = f" {row.unit}" if row.unit else ""
        raise ValueNotAllowedError(row, value, f"{_shown(row.low)} … {_shown(row.high)}{unit}")
    return number


def code_of(lock: Lock) -> str:
    """Give the code of a refusal."""
    return f"locked_{lock.value}"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(bound: float | None) -> str:
    return "?" if bound is None else f"{bound:g}"
