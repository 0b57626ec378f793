"""Which registers a simulated Chint meter has: the transcribed table, by meter and counter variant."""

from collections.abc import Iterator, Mapping
import csv
from dataclasses import replace
from pathlib import Path
import re
from typing import Literal

from .line_device import Kind
from .register_map import Row
from .word_space import Block, Space

type Meter = Literal["dtsu666", "ddsu666", "sungrow", "huawei"]
"""The last two are meters with the firmware of somebody else, to be recognised and refused."""
type Counters = Literal["101e", "401e", "4026", "4000"]
"""Where a three-phase meter counts: four variants are reported; the last counts import alone."""

TABLE = Path(__file__).parents[1] / "vendors" / "meters" / "registers.csv"
METERS: tuple[Meter, ...] = ("dtsu666", "ddsu666", "sungrow", "huawei")
COUNTERS: tuple[Counters, ...] = ("101e", "401e", "4026", "4000")

_TYPES: Mapping[str, str] = {
    "int16": "S16",
    "uint16": "U16",
    "int32": "S32",
    "uint32": "U32",
    "float32": "F32",
}
_BLOCKS: tuple[Block, ...] = ((0x2000, 0x2046),)
"""What is measured can be read at once, gaps and all [assumed]."""
_THIRD_EXPORT = 0x4030
"""Named only in the note of the row for import."""


def spaces(meter: Meter, counters: Counters) -> Mapping[Kind, Space]:
    """Build the register spaces of a meter."""
    match meter:
        case "ddsu666":
            return {"holding": Space(_of("ddsu666"))}
        case "sungrow":
            return {"holding": Space(_measured(), _BLOCKS), "input": Space(_of("dtsu666_20_sungrow"))}
        case "huawei":
            return {"holding": Space(_measured(), _BLOCKS)}
    return {"holding": Space(_three_phase(counters), _BLOCKS)}


def counter_rows(row: Row) -> Counters | None:
    """Tell to which counter variant an energy row belongs."""
    if row.data_type != "F32" or row.unit not in ("kWh", "kvarh"):
        return None
    match row.columns["variant"]:
        case "dtsu666":
            return "101e"
        case "dtsu666_2016":
            return "401e"
    return "4000" if row.address == 0x4000 else "4026"


def _three_phase(counters: Counters) -> Iterator[Row]:
    """Give every row, those of other counter variants too: they are there and empty, or refused."""
    for row in ROWS:
        if not row.columns["variant"].startswith("dtsu666") or "sungrow" in row.columns["variant"]:
            continue
        if row.columns["note"].startswith("2016 variant") and counters != "401e":
            continue
        yield row
        if row.name == "import_energy_total_alt2":
            yield replace(row, address=_THIRD_EXPORT, name="export_energy_total_alt2")


def _of(variant: str) -> Iterator[Row]:
    return (row for row in ROWS if row.columns["variant"] == variant)


def _measured() -> Iterator[Row]:
    """Give what a three-phase meter measures, without settings and counters."""
    return (row for row in _of("dtsu666") if 0x2000 <= row.address < 0x3000)


def _load() -> tuple[Row, ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(
                function=line["functions"],
                address=int(line["address_dec"]),
                count=int(line["count"]),
                data_type=_TYPES[line["type"]],
                gain=1 / float(line["scale_to_unit"])
                if re.fullmatch(r"[\d.]+", line["scale_to_unit"])
                else 1.0,
                unit=line["unit"],
                access=line["access"],
                name=line["name"],
                columns=line,
            )
            for line in csv.DictReader(file)
        )


ROWS = _load()
