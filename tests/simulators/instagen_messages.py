"""The transcribed message table (`tests/vendors/instagen/messages.csv`) as a protobuf codec of its own.

Values are in the table's unit (53.5 V, 50 %), packed words and bit masks as they are; a message is a
dictionary with only the members that are there, and a zero that is there stays one.
"""

from collections.abc import Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

type Value = int | float | str | bytes | Message | Sequence[Value]
type Message = Mapping[str, Value]

TABLE = Path(__file__).parents[1] / "vendors" / "instagen" / "messages.csv"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_INTEGERS = ("int32", "int64", "uint32")
_ALL_BITS = (1 << 64) - 1


class MalformedError(ValueError):
    """These bytes are no message of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One row of the table."""

    number: int
    name: str
    kind: str
    repeated: bool
    gain: int
    """Raw steps in one unit; an uncertain scale of the table counts as it stands."""

    @property
    def integer(self) -> bool:
        """Whether it is one number, and several of it are packed."""
        return self.kind in _INTEGERS


@cache
def table() -> Mapping[str, Mapping[int, Member]]:
    """Read the table: message → field number → member."""
    found: dict[str, dict[int, Member]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            scale = row["scale"].rstrip("?")
            member = Member(
                number=int(row["field_no"]),
                name=row["name"],
                kind=row["type"],
                repeated=row["repeated"] == "yes",
                gain=round(1 / float(scale)) if scale[:1].isdigit() else 1,
            )
            found.setdefault(row["message"], {})[member.number] = member
    return found


def encode(message: str, values: Message) -> bytes:
    """Write a message; members leave in the order of their numbers."""
    members = table()[message]
    if unknown := set(values) - {member.name for member in members.values()}:
        raise ValueError(f"{message} has no {', '.join(sorted(unknown))}")
    return b"".join(
        _encoded(member, values[member.name])
        for _, member in sorted(members.items())
        if member.name in values
    )


def _encoded(member: Member, value: Value) -> bytes:
    if not member.repeated:
        return _single(member, value)
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise TypeError(f"{member.name} is a list, not {value!r}")
    if member.integer:
        return _tagged(member, b"".join(_number(member, one) for one in value)) if value else b""
    return b"".join(_single(member, one) for one in value)


def _single(member: Member, value: Value) -> bytes:
    match value:
        case str() if member.kind in ("string", "bytes"):
            return _tagged(member, value.encode())
        case bytes() if member.kind == "bytes":
            return _tagged(member, value)
        case Mapping() if member.kind in table():
            return _tagged(member, encode(member.kind, value))
        case int() | float() if member.integer:
            return _varint(member.number << 3 | _VARINT) + _number(member, value)
    raise TypeError(f"{member.name} is a {member.kind}, not {value!r}")


def _tagged(member: Member, content: bytes) -> bytes:
    return _varint(member.number << 3 | _BYTES) + _varint(len(content)) + content


def _number(member: Member, value: Value) -> bytes:
    if not isinstance(value, int | float):
        raise TypeError(f"{member.name} is a number, not {value!r}")
    raw = round(value * member.gain)
    bits = 64 if member.kind == "int64" else 32
    low, high = (0, 1 << 32) if member.kind == "uint32" else (-1 << bits - 1, 1 << bits - 1)
    if not low <= raw < high:
        raise ValueError(f"{member.name} = {value} does not fit {member.kind}")
    return _varint(raw & _ALL_BITS)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode(message: str, data: bytes) -> dict[str, Value]:
    """Read a message; members that the table does not know are skipped."""
    members, found = table()[message], dict[str, Value]()
    lists: dict[str, list[Value]] = {}
    for number, wire, content in _fields(data):
        if (member := members.get(number)) is None:
            continue
        values = tuple(_decoded(member, wire, content))
        if member.repeated:
            found[member.name] = lists.setdefault(member.name, [])
            lists[member.name] += values
        else:
            found[member.name] = values[-1]
    return found


def _fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Cut a message into field number, wire type and content."""
    at = 0
    while at < len(data):
        tag, at = _varint_at(data, at)
        wire = tag & 7
        if wire == _VARINT:
            content, at = _varint_at(data, at)
            yield tag >> 3, wire, content
            continue
        if wire == _BYTES:
            length, at = _varint_at(data, at)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise MalformedError(f"wire type {wire}")
        if at + length > len(data):
            raise MalformedError(f"{length} bytes announced, {len(data) - at} there")
        yield tag >> 3, wire, data[at : at + length]
        at += length


def _varint_at(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number & _ALL_BITS, at
    raise MalformedError("a number without an end")


def _decoded(member: Member, wire: int, content: int | bytes) -> Iterator[Value]:
    match content:
        case int() if member.integer:
            yield _read(member, content)
        case bytes() if member.integer and member.repeated and wire == _BYTES:
            at = 0
            while at < len(content):
                number, at = _varint_at(content, at)
                yield _read(member, number)
        case bytes() if member.kind == "bytes" and wire == _BYTES:
            yield content
        case bytes() if member.kind == "string" and wire == _BYTES:
            yield content.decode("utf-8", "replace")
        case bytes() if member.kind in table() and wire == _BYTES:
            yield decode(member.kind, content)
        case _:
            raise MalformedError(f"{member.name} as wire type {wire}")


def _read(member: Member, number: int) -> int | float:
    if member.kind == "uint32":
        raw = number & 0xFFFFFFFF
    else:
        bits = 64 if member.kind == "int64" else 32
        raw = number & (1 << bits) - 1
        raw -= raw >> bits - 1 << bits
    return raw if member.gain == 1 else raw / member.gain
