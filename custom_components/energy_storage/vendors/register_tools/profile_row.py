"""A finding written down as a row of a profile, to be read like any declared register from then on."""

from collections.abc import Sequence

from .candidates import Candidate, Sighting
from .words import Kind

_TYPES = {
    Kind.U16: "uint16",
    Kind.S16: "int16",
    Kind.U32: "uint32",
    Kind.S32: "int32",
    Kind.U64: "uint64",
    Kind.FLOAT32: "float32",
}

type ProfileRow = dict[str, str | float]
"""The columns of a profile, by name."""


def profile_row(candidate: Candidate, seen: Sequence[Sighting], *, name: str, unit: str | None) -> ProfileRow:
    """Write a candidate down: read-only, and known from its owner alone."""
    return {
        "kind": seen[0].scan.space.value,
        "address": candidate.address,
        "count": candidate.count,
        "type": _TYPES[candidate.kind],
        "word_order": candidate.order.value,
        "scale": candidate.scale,
        "sign": -1 if candidate.inverted else 1,
        "unit": unit or "",
        "access": "R",
        "name": name,
        "group": "Found by owner",
        "evidence": "owner",
        "source": "; ".join(_told(each, unit) for each in seen),
    }


def _told(each: Sighting, unit: str | None) -> str:
    shown = f"{each.value:g} {unit or ''}".rstrip()
    return (
        f"the display showed {shown} in the pass {each.scan.label} ({each.scan.started:%Y-%m-%d %H:%M} UTC)"
    )
