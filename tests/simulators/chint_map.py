"""Which registers a simulated Chint plant has: the transcribed table, by profile and register space."""

from collections.abc import Iterator, Mapping
import csv
from pathlib import Path
import re
from typing import Literal

from .line_device import Kind
from .register_map import Row
from .word_space import Block, Space

type Profile = Literal["ech_s", "ech_th", "cps_403x", "sce"]
type Layout = Literal["energy", "pv"]
"""What stands at 0x0706 to 0x0709: imported and exported energy, or PV power [the two ECH models differ]."""

TABLE = Path(__file__).parents[1] / "vendors" / "chint" / "registers.csv"
PROFILES: tuple[Profile, ...] = ("ech_s", "ech_th", "cps_403x", "sce")
ECH: tuple[Profile, ...] = ("ech_s", "ech_th")

_LAYOUT_WORDS = range(0x0706, 0x070A)
_TYPES: Mapping[str, str] = {
    "uint16": "U16",
    "16-bit": "U16",
    "bitfield16": "U16",
    "int16": "S16",
    "uint32": "U32",
    "int32": "S32",
    "32-bit": "S32",
    "uint64": "U64",
    "uint64 BCD": "BCD",
    "string": "STRING",
    "string20": "STRING",
    "record": "WORDS",
    "uint16[6]": "WORDS",
}
"""Type in the table → type of a `Row`; `WORDS` are taken one by one."""
_EXTENDED = 0x8000
_TH_BMS_BLOCK: Block = (0x0600, 0x0610)


def assumed(row: Row) -> bool:
    """Tell whether the table has no source for this row."""
    return row.columns["confidence"] == "assumed"


def spaces(profile: Profile, layout: Layout | None = None, *, extended: bool = False) -> Mapping[Kind, Space]:
    """Build the register spaces of a profile; the layout is that of the profile unless given."""
    layout = layout or ("pv" if profile == "ech_th" else "energy")
    kinds: tuple[Kind, ...] = ("holding",) if profile == "sce" else ("input", "holding")
    blocks = {kind: list(_blocks(profile, kind)) for kind in kinds}
    return {
        kind: Space(
            (row for row in _rows(profile, kind, layout) if extended or row.address < _EXTENDED),
            blocks[kind],
        )
        for kind in kinds
    }


def listed(row: Row) -> tuple[int, ...]:
    """Return the values that the table lists for a row, none where it lists none."""
    text = row.columns["enum"]
    found = re.findall(r"(?:^|\|)\s*(0x[0-9A-Fa-f]+|\d+)(?==|\||$)", text)
    return tuple(int(number, 0) for number in found)


def bounds(row: Row) -> tuple[float, float] | None:
    """Return the range that the table prints, in its unit."""
    text = row.columns["range"]
    if found := re.match(r"(\d+)\.\.(\d+)", text):
        scale = 1 / row.gain if text.endswith("raw") else 1.0
        return float(found[1]) * scale, float(found[2]) * scale
    return None


def is_time(row: Row) -> bool:
    """Tell whether a word holds hour and minute."""
    return row.unit == "hh<<8|mm"


def _rows(profile: Profile, kind: Kind, layout: Layout) -> Iterator[Row]:
    """Give one row for each address and type; a row that says what it holds wins over a vaguer one."""
    found: dict[tuple[int, int], Row] = {}
    for row in _ROWS[kind]:
        if _owner(row, profile, layout) and (row.address, row.count) not in found:
            found[row.address, row.count] = row
    yield from found.values()


def _owner(row: Row, profile: Profile, layout: Layout) -> bool:
    if profile in ECH and row.address in _LAYOUT_WORDS and row.columns["kind"] == "input":
        return row.columns["profile"] == ("ech_th" if layout == "pv" else "ech_s")
    return row.columns["profile"] == profile or (profile in ECH and row.columns["profile"] == "ech_any")


def _blocks(profile: Profile, kind: Kind) -> Iterator[Block]:
    if kind == "holding":
        return
    if profile == "ech_th":
        yield _TH_BMS_BLOCK
    for line in _LINES:
        if line["profile"] == profile and line["type"] == "block":
            yield int(line["address_dec"]), int(line["address_dec"]) + int(line["count"])


def _load(kind: Kind) -> tuple[Row, ...]:
    rows = [
        Row(
            function=line["kind"],
            address=int(line["address_dec"]),
            count=int(line["count"]),
            data_type=_TYPES[line["type"]],
            gain=1 / _scale(line),
            unit=line["unit"],
            access=line["access"],
            name=line["name"],
            columns=line,
        )
        for line in _LINES
        if line["kind"] == kind and line["address_dec"] and line["type"] in _TYPES
    ]
    return tuple(sorted(rows, key=lambda row: row.name.startswith("battery value repeated")))


def _scale(line: Mapping[str, str]) -> float:
    """Return what turns raw into value; what is printed for several words, or not at all, is 1."""
    return float(line["scale"]) if re.fullmatch(r"[\d.]+", line["scale"]) else 1.0


with TABLE.open(encoding="utf-8", newline="") as _file:
    _LINES = tuple(csv.DictReader(_file))
_ROWS: Mapping[Kind, tuple[Row, ...]] = {"input": _load("input"), "holding": _load("holding")}
