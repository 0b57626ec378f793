"""Payloads to frozen dataclasses and back; no I/O.

A dataclass has the field names of its protobuf message in storage.proto, which alone knows numbers and
types. A member that was not sent is None; one that is None is not sent; a zero is a zero both ways.
"""

from dataclasses import Field, field, fields
from typing import Any, ClassVar, Protocol

from google.protobuf.message import DecodeError, Message

MAX_PARTS = 64
"""Repeated members beyond these are not believed: no plant has so many of anything."""

_OF = "of"
_TEXT = "text"


type Proto = type[Message]
"""A name for it that a member called `type` cannot hide."""


class Payload(Protocol):
    """A dataclass that stands for a message."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    PROTO: ClassVar[Proto]


class PayloadError(Exception):
    """The bytes are no message of the kind they should be."""


def part[T: Payload](of: type[T]) -> T | None:
    """Declare a member that is a message of its own."""
    return field(default=None, metadata={_OF: of})


def parts[T: Payload](of: type[T]) -> tuple[T, ...]:
    """Declare a member that is a list of messages."""
    return field(default=(), metadata={_OF: of})


def text() -> str | None:
    """Declare a member whose bytes are text."""
    return field(default=None, metadata={_TEXT: True})


def encode(message: Payload) -> bytes:
    """Give the payload of a message.

    Raises:
        ValueError: a number does not fit its member.

    """
    return _to_proto(message).SerializeToString(deterministic=True)


def decode[T: Payload](kind: type[T], payload: bytes) -> T:
    """Give the message in a payload.

    Raises:
        PayloadError: it is none.

    """
    proto = kind.PROTO()
    try:
        proto.ParseFromString(payload)
    except DecodeError as err:
        raise PayloadError(f"not a {kind.__name__}: {err}") from err
    return _from_proto(kind, proto)


def _to_proto(message: Payload) -> Message:
    proto = message.PROTO()
    for one in fields(message):
        value = getattr(message, one.name)
        if value is None or value == ():
            continue
        if _OF in one.metadata:
            _set_parts(proto, one.name, value)
        elif isinstance(value, tuple):
            getattr(proto, one.name).extend(value)
        else:
            setattr(proto, one.name, value.encode() if isinstance(value, str) else value)
    return proto


def _set_parts(proto: Message, name: str, value: Any) -> None:
    if isinstance(value, tuple):
        getattr(proto, name).extend(map(_to_proto, value))
    else:
        member = getattr(proto, name)
        member.SetInParent()  # a message without members is a message all the same
        member.CopyFrom(_to_proto(value))


def _from_proto[T: Payload](kind: type[T], proto: Message) -> T:
    return kind(**{one.name: _member(proto, one) for one in fields(kind)})


def _member(proto: Message, declared: Field[Any]) -> Any:
    value = getattr(proto, declared.name)
    of = declared.metadata.get(_OF)
    if declared.default == ():
        found = value[:MAX_PARTS]
        return tuple(found) if of is None else tuple(_from_proto(of, each) for each in found)
    if not proto.HasField(declared.name):
        return None
    if of is not None:
        return _from_proto(of, value)
    return value.decode(errors="replace").strip("\0 ") if _TEXT in declared.metadata else value
