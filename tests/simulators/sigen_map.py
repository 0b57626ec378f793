"""Which registers a simulated Sigen plant has: by protocol version, model, firmware and unit id."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
import re
from typing import Literal

from .register_map import Bank, Row, load_rows

PROTOCOL = Path(__file__).parents[1] / "vendors" / "sigen" / "protocol.csv"
ROWS = load_rows(PROTOCOL)
PLANT_UNIT = 247
BROADCAST_UNIT = 0
VERSIONS = ("V1.8", "V2.5", "V2.6", "V2.7", "V2.8", "V2.9")

AC_START_STOP = 42000
DC_START_STOP = 41000

type Series = Literal["residential", "M1-HYA", "M1-HYB"]
type Area = Literal["plant", "inverter", "ac_charger", "dc_charger"]

_AREAS: Mapping[str, Area] = {
    "plant": "plant",
    "hybrid": "inverter",
    "dc-charger": "dc_charger",
    "ac-charger": "ac_charger",
}
_FIRMWARE_OF_VERSION: Mapping[str, int] = {
    "V1.8": 100,
    "V2.5": 104,
    "V2.6": 107,
    "V2.7": 110,
    "V2.8": 113,
    "V2.9": 114,
}
_FIRST_SPC = ((114, "V2.9"), (112, "V2.8"), (108, "V2.7"), (105, "V2.6"), (101, "V2.5"), (0, "V1.8"))
_SPC112_GAPS = frozenset({40049, 30622, 30623})
_SPC_THIRD_PARTY_PV_SPLIT = 108
_SPC_GLOBAL_LIMITS = 113


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What decides which registers exist."""

    version: str
    """Protocol version, one of VERSIONS."""
    spc: int
    """The number after SPC in the firmware string."""
    hybrid: bool = True
    """A hybrid inverter with a battery; else a PV inverter."""
    series: Series = "residential"
    no_30281: bool = False

    @classmethod
    def of(
        cls,
        version: str | None,
        firmware: str | None,
        *,
        hybrid: bool = True,
        series: Series = "residential",
        no_30281: bool = False,
    ) -> Model:
        """Take what is given and derive the other; nothing given is V2.8 on SPC113."""
        if firmware is not None:
            spc = spc_number(firmware)
            version = version or next(name for first, name in _FIRST_SPC if spc >= first)
        else:
            version = version or "V2.8"
            spc = _FIRMWARE_OF_VERSION.get(version, 0)
        if version not in VERSIONS:
            raise ValueError(f"unknown protocol version {version!r}; known: {', '.join(VERSIONS)}")
        return cls(version=version, spc=spc, hybrid=hybrid, series=series, no_30281=no_30281)

    @property
    def limits_are_global(self) -> bool:
        """Whether charge, discharge and PV limits act in every mode."""
        return self.spc >= _SPC_GLOBAL_LIMITS

    @property
    def third_party_pv_apart(self) -> bool:
        """Whether 30035 leaves out third-party PV."""
        return self.spc >= _SPC_THIRD_PARTY_PV_SPLIT

    def rows(self, area: Area) -> Iterator[Row]:
        """Give the rows of an area that this model has; what it only reserves comes as RESERVED."""
        for row in rows_of(area):
            if (fitting := self._fit(row)) is not None:
                yield fitting

    def _fit(self, row: Row) -> Row | None:
        columns = row.columns
        if row.address in _SPC112_GAPS and self.spc == 112:
            return None
        if row.name == "plant_alarm_7" and self.no_30281:
            return None
        now = _number(self.version)
        if _number(columns["version_added"]) > now:
            listed = columns["reserved_from"] and _number(columns["reserved_from"]) <= now
            return reserved(row) if listed else None
        gone = columns["removed_in"] and _number(columns["removed_in"]) <= now
        kinds = columns["applies_to"].split("+")
        other_kind = ("pv" in kinds or "hybrid" in kinds) and ("hybrid" if self.hybrid else "pv") not in kinds
        other_series = columns["models"] and self.series not in columns["models"].split()
        return reserved(row) if gone or other_kind or other_series else row


def spc_number(firmware: str) -> int:
    """Return the number after SPC in a firmware string."""
    if (found := re.search(r"SPC(\d{3})", firmware)) is None:
        raise ValueError(f"no SPC number in firmware {firmware!r}")
    return int(found[1])


def rows_of(area: Area) -> Iterator[Row]:
    """Give every row of an area that was ever shipped."""
    for row in ROWS:
        if row.columns["status"] in ("withdrawn", "unverified"):
            continue
        if area_of(row) == area:
            yield row


def area_of(row: Row) -> Area | None:
    """Tell which kind of device a row belongs to; None for those that are not simulated."""
    return _AREAS.get(row.function.split()[0])


def reserved(row: Row) -> Row:
    """Make of a row a hole that the table lists."""
    return replace(row, data_type="RESERVED")


def dumped_bank(unit: int, words: Iterable[int]) -> Bank:
    """Build the bank of a unit from the addresses that a dump holds."""
    there = set(words)
    areas: tuple[Area, ...] = ("plant",) if unit == PLANT_UNIT else ("inverter", "dc_charger", "ac_charger")
    rows: list[Row] = []
    for row in (row for area in areas for row in rows_of(area)):
        if there.issuperset(range(row.address, row.address + row.count)) and not row.reserved:
            rows.append(row)
        elif row.reserved or row.columns["removed_in"] or row.columns["reserved_from"]:
            rows.append(reserved(row))
    return Bank(rows)


def _number(version: str) -> tuple[int, int]:
    """Turn `V2.8` or `<=V1.7` into something to compare."""
    major, minor = version.removeprefix("<=").removeprefix("V").split(".")
    return int(major), int(minor)
