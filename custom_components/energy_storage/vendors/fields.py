"""Kinds of registers for the tables of Modbus vendors, on `modbus_connection.model`: one line each."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import isfinite
from types import MappingProxyType
from typing import Any, ClassVar, NotRequired, TypedDict, Unpack, override

from modbus_connection.decode import decode_float32
from modbus_connection.model import Component, NumberField, StringField

from ..engine.plant import DeviceKind
from .driver import PointRole, Tier

# What a reading of this unit can be at most; a field that knows better says so.
_RANGES: Mapping[str | None, tuple[float, float]] = {
    "W": (-50e6, 50e6),
    "var": (-50e6, 50e6),
    "VA": (0, 50e6),
    "kWh": (0, 1e8),
    "V": (-50, 2_000),
    "A": (-2_000, 2_000),
    "Hz": (0, 100),
    "°C": (-60, 150),
    "%": (0, 100),
    "kΩ": (0, 65_534),
    "s": (0, 0xFFFFFFFE),
}
_ANYTHING = (float("-inf"), float("inf"))
_EPOCH_2000 = 946_684_800


class FieldOptions(TypedDict):
    """What a register's line may add to address, unit and scale."""

    role: NotRequired[PointRole]
    since: NotRequired[int]
    """The earliest protocol version that has it."""
    doubtful: NotRequired[bool]
    """Some builds of a firmware that should have it refuse it."""
    total: NotRequired[bool]
    settable: NotRequired[bool]
    low: NotRequired[float]
    high: NotRequired[float]
    nan: NotRequired[int | Iterable[int]]


class Table(Component):
    """Registers that are read together, in one request as long as the device has them all."""

    device: ClassVar[DeviceKind]
    tier: ClassVar[Tier] = Tier.STATIC
    pace_s: ClassVar[float | None] = None
    """Read it this often between fast polls, sooner than its tier comes due."""
    all_or_nothing: ClassVar[bool] = False
    """A model has all of it or none: two refusals are answer enough."""
    write_only: ClassVar[bool] = False
    max_span = 124


class Number(NumberField[Any]):
    """A number, a choice or a word of bits; what cannot be true decodes to None."""

    def __init__(
        self,
        address: int,
        kind: str,
        unit: str | None = None,
        scale: float = 1.0,
        *,
        options: Mapping[int, str] | None = None,
        timestamp: bool = False,
        word: str | None = None,
        **more: Unpack[FieldOptions],
    ) -> None:
        """Declare the register; `kind` is `u16`, `s16`, `u32`, `s32`, `u64`, `f32` or `bits`."""
        signed = kind.startswith("s")
        low, high = (min(options), max(options)) if options else _RANGES.get(unit, _ANYTHING)
        self.low = more.get("low", low)
        self.high = more.get("high", high)
        super().__init__(
            address,
            count=1 if kind == "bits" else int(kind[1:]) // 16,
            signed=signed,
            scale=scale,
            unit=unit,
            convert=partial(_code, options) if options else None,
            nan=more.get("nan", 0xFFFF if options else None),
            writable=_in_range(self.low if signed else max(self.low, 0), self.high)
            if more.get("settable")
            else False,
        )
        self.kind = kind
        self.options = tuple(options.values()) if options else ()
        self._numbers = {code: number for number, code in (options or {}).items()}
        self.timestamp = timestamp
        self.word = word
        self.role = more.get("role", PointRole.REGISTER)
        self.since = more.get("since", 0)
        self.doubtful = more.get("doubtful", False)
        self.total = more.get("total", False)

    def number_of(self, code: str) -> int:
        """Give the number that stands for a code.

        Raises:
            ValueError: none does.

        """
        if (number := self._numbers.get(code)) is None:
            raise ValueError(f"{code} is no value of {self.name}")
        return number

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> float | int | str | None:
        value: float | int | str | None = super().decode(words, scale_exponent)
        if isinstance(value, int | float) and not self.low <= value <= self.high:
            return None
        return value


class Float(Number):
    """An IEEE 754 number over two registers, high word first."""

    def __init__(
        self, address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]
    ) -> None:
        """Declare the number; what is not finite, or cannot be true, decodes to None."""
        super().__init__(address, "f32", unit, scale, **more)

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> float | None:
        value = decode_float32(words) * self.scale
        return value if isfinite(value) and self.low <= value <= self.high else None


class Text(StringField):
    """ASCII, padded with NUL or blanks; all blank decodes to None."""

    kind = "string"
    scale = 1.0
    doubtful = False
    options: tuple[str, ...] = ()
    timestamp = False
    total = False
    word: str | None = None

    def __init__(self, address: int, length: int, **more: Unpack[FieldOptions]) -> None:
        """Declare a text over `length` registers."""
        super().__init__(address, count=length)
        self.role = more.get("role", PointRole.REGISTER)
        self.since = more.get("since", 0)

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> Any:
        raw = b"".join(word.to_bytes(2) for word in words).split(b"\0", 1)[0]
        text = raw.decode("ascii", errors="ignore").strip()
        return text if text and text.isprintable() else None


type Field = Number | Text
"""A register of a `Table`."""


def fields_of(table: type[Table]) -> Mapping[str, Field]:
    """Give the declared registers of a table, in the order of their addresses."""
    if (known := _fields.get(table)) is None:
        fields = {n: f for n, f in table.declared_fields.items() if isinstance(f, Number | Text)}
        ordered = sorted(fields.items(), key=lambda item: item[1].address)
        known = _fields[table] = MappingProxyType(dict(ordered))
    return known


_fields: dict[type[Table], Mapping[str, Field]] = {}
"""What `fields_of` has found: every reading asks for it many times, and it never changes."""


def u16(address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]) -> Number:
    """One register, unsigned."""
    return Number(address, "u16", unit, scale, **more)


def s16(address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]) -> Number:
    """One register, signed."""
    return Number(address, "s16", unit, scale, **more)


def u32(address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]) -> Number:
    """Two registers, unsigned."""
    return Number(address, "u32", unit, scale, **more)


def s32(address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]) -> Number:
    """Two registers, signed."""
    return Number(address, "s32", unit, scale, **more)


def u64(address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]) -> Number:
    """Four registers, unsigned."""
    return Number(address, "u64", unit, scale, **more)


def f32(address: int, unit: str | None = None, scale: float = 1.0, **more: Unpack[FieldOptions]) -> Float:
    """Two registers, a float."""
    return Float(address, unit, scale, **more)


def choice(address: int, options: Mapping[int, str], **more: Unpack[FieldOptions]) -> Number:
    """One register that names one of several states; `unknown_<n>` is one that nobody has described."""
    return Number(address, "u16", options=options, **more)


def epoch(address: int, *, role: PointRole = PointRole.REGISTER) -> Number:
    """Two registers with seconds since 1970, in whatever time the device keeps; 0 is no time."""
    return Number(address, "u32", "s", timestamp=True, low=_EPOCH_2000, role=role)


def alarm_word(address: int, word: str, *, since: int = 0, doubtful: bool = False) -> Number:
    """One register of alarm bits; `word` names the list of what they mean. All bits set is no data."""
    return Number(address, "bits", word=word, nan=0xFFFF, since=since, doubtful=doubtful)


def text(address: int, length: int, **more: Unpack[FieldOptions]) -> Text:
    """Two ASCII characters a register."""
    return Text(address, length, **more)


def _code(options: Mapping[int, str], raw: int) -> str:
    return options.get(raw, f"unknown_{raw}")


def _in_range(low: float, high: float) -> Callable[[float], float]:
    def check(value: float) -> float:
        if not low <= value <= high:
            raise ValueError(f"{value} is not in {low}..{high}")
        return value

    return check
