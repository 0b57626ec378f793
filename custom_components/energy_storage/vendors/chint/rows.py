"""Turns the rows of a profile into tables of fields: nothing can tell them from declared ones."""

from collections.abc import Collection, Iterator, Mapping
import re
from types import new_class
from typing import Any, override

from ...engine.plant import DeviceKind
from ..driver import Tier
from ..fields import FieldOptions, Number, Table, Text
from .profile import Evidence, Profile, Row, Span

DEVICES: Mapping[str, DeviceKind] = {
    "inverter": DeviceKind.INVERTER,
    "battery": DeviceKind.BATTERY,
    "meter": DeviceKind.METER,
}
_KINDS: Mapping[str, str] = {
    "uint16": "u16",
    "int16": "s16",
    "uint32": "u32",
    "int32": "s32",
    "uint64": "u64",
    "bits": "bits",
    "version": "u16",
    "time": "u16",
}
_IDENTITY = frozenset({"device_type", "serial_number", "model", "firmware"})
_HOURS, _MINUTES = 24, 60
_TIME = re.compile(r"(\d\d):(\d\d)")


class RowNumber(Number):
    """A number of a profile: in the word order and with the sign that its row names."""

    def __init__(self, row: Row) -> None:
        """Declare it as its row says."""
        self.sign = -1 if row.sign == -1 else 1
        super().__init__(
            row.address,
            _KINDS[row.type],
            row.unit,
            row.scale,
            options=row.options or None,
            word=row.name if row.type == "bits" else None,
            **_options(row),
        )
        self.word_order = row.order

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> float | int | str | None:
        value = super().decode(words, scale_exponent)
        return self.sign * value if isinstance(value, int | float) else value

    @override
    def encode(self, value: Any, scale_exponent: int | None = None) -> list[int]:
        return super().encode(self.sign * value, scale_exponent)


class TimeOfDay(RowNumber):
    """Hour and minute in the two bytes of one register: `07:30`."""

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> float | int | str | None:
        hour, minute = divmod(words[0], 0x100)
        text = f"{hour:02}:{minute:02}"
        return text if minutes_of(text) is not None else None

    @override
    def encode(self, value: Any, scale_exponent: int | None = None) -> list[int]:
        minutes = minutes_of(value)
        if minutes is None:
            raise ValueError(f"{value!r} is no time of day")
        hour, minute = divmod(minutes, _MINUTES)
        return [hour << 8 | minute]


class Version(RowNumber):
    """A version in the two bytes of one register, as the maker's app prints it: `00.19`."""

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> float | int | str | None:
        if super().decode(words, scale_exponent) is None:
            return None
        return f"{words[0] >> 8:02x}.{words[0] & 0xFF:02x}"


class Digits(Text):
    """Four decimal digits a register, as of a serial number; anything else, and all zeros, is no reading."""

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> Any:
        text = "".join(f"{word:04x}" for word in words)
        return text if text.isdecimal() and text.strip("0") else None


def minutes_of(time: object) -> int | None:
    """Give the minutes since midnight of `07:30`; None for what is no time of day."""
    found = _TIME.fullmatch(time) if isinstance(time, str) else None
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    return hour * _MINUTES + minute if hour < _HOURS and minute < _MINUTES else None


def field_of(row: Row) -> Number | Text:
    """Make the field of a row."""
    match row.type:
        case "string":
            return Text(row.address, row.count, role=row.role)
        case "bcd":
            return Digits(row.address, row.count, role=row.role)
        case "time":
            return TimeOfDay(row)
        case "version":
            return Version(row)
        case _:
            return RowNumber(row)


def wanted(row: Row, enabled_groups: Collection[str]) -> bool:
    """Tell whether a row is read: guessed ones only where the owner wants that."""
    return row.evidence is not Evidence.ASSUMED or row.group in enabled_groups


def tables_of(profile: Profile, enabled_groups: Collection[str]) -> Iterator[tuple[str, type[Table]]]:
    """Give the tables that are read in the running, each with the device whose readings it has."""
    for span in profile.spans:
        rows = [row for row in profile.rows.values() if span.holds(row) and wanted(row, enabled_groups)]
        for device in DEVICES:
            for tier in Tier:
                together = [row for row in rows if (row.device, row.tier) == (device, tier)]
                if together:
                    yield device, table_of(profile, span, together)


def identity_table(profile: Profile) -> type[Table] | None:
    """Give what tells who the device is, guessed or not: it is asked once, and believed if it makes sense."""
    rows = [row for row in profile.rows.values() if row.means in _IDENTITY]
    if not rows:
        return None
    span = next(span for span in profile.spans if span.holds(rows[0]))
    return table_of(profile, span, [row for row in rows if span.holds(row)])


def table_of(profile: Profile, span: Span, rows: Collection[Row]) -> type[Table]:
    """Make one table of rows that may be read in one request."""
    first = next(iter(rows))
    namespace: dict[str, object] = {
        "__doc__": f"{span.name or 'Registers'} of the profile {profile.key}.",
        "__module__": __name__,
        "device": DEVICES[first.device],
        "register_space": span.space,
        "tier": first.tier,
        "max_gap": profile.max_gap,
        "max_span": profile.most_registers,
        **{row.name: field_of(row) for row in rows},
    }
    made: type[Table] = new_class(
        f"{profile.key}_{span.first:04X}_{first.tier}", (Table,), exec_body=lambda ns: ns.update(namespace)
    )
    return made


def _options(row: Row) -> FieldOptions:
    """Give what a row adds to its address; its range is that of what is shown, so a turned sign turns it."""
    options = FieldOptions(
        role=row.role,
        doubtful=row.evidence is Evidence.ASSUMED,
        total=row.counts is not None,
        settable=row.writable,
        nan=row.sentinels,
    )
    low, high = (row.low, row.high) if row.sign != -1 else (_turned(row.high), _turned(row.low))
    if low is not None:
        options["low"] = low
    if high is not None:
        options["high"] = high
    return options


def _turned(bound: float | None) -> float | None:
    return None if bound is None else -bound
