"""Messages at random: members that are there or not, and often extreme."""

from dataclasses import fields
from random import Random
from typing import Any

from custom_components.energy_storage.vendors.instagen.payload import Payload

_TEXTS = ("", "HYS-4.6LV-EUG1", "é€𝄞", "x" * 40)
_RANGES = {
    3: (-(1 << 63), (1 << 63) - 1),
    5: (-(1 << 31), (1 << 31) - 1),
    13: (0, (1 << 32) - 1),
}
"""Type of a member in its message → what it can hold; other members are bytes."""


def drawn(kind: type[Payload], random: Random) -> Any:
    """Make a message of one kind."""
    return kind(**{one.name: _member(kind, one, random) for one in fields(kind)})


def _member(kind: type[Payload], one: Any, random: Random) -> Any:
    if one.default == ():
        return tuple(_value(kind, one, random) for _ in range(random.randrange(4)))
    return _value(kind, one, random) if random.random() < 0.8 else None


def _value(kind: type[Payload], one: Any, random: Random) -> Any:
    if "of" in one.metadata:
        return drawn(one.metadata["of"], random)
    if "text" in one.metadata:
        return random.choice(_TEXTS)
    bounds = _RANGES.get(kind.PROTO.DESCRIPTOR.fields_by_name[one.name].type)
    if bounds is None:
        return random.randbytes(random.choice((0, 16)))
    low, high = bounds
    return random.choice((0, 1, 3, random.randint(0, 600), random.randint(low, high), low, high))
