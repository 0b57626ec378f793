"""A finding written down as a row of a profile, to be read like any declared register from then on."""

from collections.abc import Sequence
import re

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
_THOUSANDS = {"kW": "W", "kVA": "VA", "kvar": "var", "MWh": "kWh"}
"""What a display shows in thousands of the unit in which readings are kept."""

type ProfileRow = dict[str, str | float]
"""The fields of a row, by name."""


def profile_row(candidate: Candidate, seen: Sequence[Sighting], *, name: str, unit: str | None) -> ProfileRow:
    """Write a candidate down: read-only, in our units, and known from its owner alone."""
    kept_unit = _THOUSANDS.get(unit or "", unit)
    factor = 1000.0 if kept_unit != unit else 1.0
    row: ProfileRow = {
        "name": key_of(name),
        "address": f"0x{candidate.address:04X}",
        "kind": seen[0].scan.space.value,
        "type": _TYPES[candidate.kind],
        "word_order": candidate.order.value,
        "scale": round(candidate.scale * factor, 6),
        "sign": -1 if candidate.inverted else 1,
        "access": "R",
        "group": "found_by_owner",
        "evidence": "owner",
        "note": "; ".join(_told(each, unit) for each in seen),
    }
    return row if kept_unit is None else row | {"unit": kept_unit}


def key_of(name: str) -> str:
    """Make the key of a row from what somebody calls it: small letters, digits and underscores."""
    key = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    return key if key[:1].isalpha() else f"found_{key}".strip("_")


def _told(each: Sighting, unit: str | None) -> str:
    shown = f"{each.value:g} {unit or ''}".rstrip()
    when = f"{each.scan.started:%Y-%m-%d %H:%M} UTC"
    return f"the display showed {shown} in the pass {each.scan.label} ({when})"
