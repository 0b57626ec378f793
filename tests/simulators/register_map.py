"""A maker's table (`protocol.csv`) as a register map: rows, their coding, and what one request may span."""

from collections.abc import Iterable, Mapping, Sequence
import csv
from dataclasses import dataclass, field
from pathlib import Path
import struct

from pymodbus.constants import ExcCodes

type RegisterValue = float | int | str


class RefusedError(Exception):
    """The device answers with this Modbus exception code."""

    def __init__(self, code: int) -> None:
        """Remember the code."""
        super().__init__(f"exception {code}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data point of a maker's table."""

    function: str
    address: int
    count: int
    data_type: str
    gain: float
    unit: str
    access: str
    name: str
    columns: Mapping[str, str] = field(repr=False)
    """Every column as it stands in the table, for what only one maker has."""

    @property
    def reserved(self) -> bool:
        """Whether the table lists these addresses without a meaning."""
        return self.data_type == "RESERVED"

    def encode(self, value: RegisterValue) -> tuple[int, ...]:
        """Turn a value in the table's unit into words, high word first."""
        if isinstance(value, str) and self.data_type == "BCD":
            raw = bytes.fromhex(value.zfill(4 * self.count))
        elif isinstance(value, str):
            raw = value.encode("ascii").ljust(2 * self.count, b"\0")
            if len(raw) != 2 * self.count:
                raise ValueError(f"{self.name}: {value!r} is longer than {2 * self.count} characters")
        elif self.data_type == "F32":
            raw = struct.pack(">f", value * self.gain)
        else:
            signed = self.data_type.startswith("S")
            raw = round(value * self.gain).to_bytes(2 * self.count, "big", signed=signed)
        return struct.unpack(f">{self.count}H", raw)

    def decode(self, words: Sequence[int]) -> RegisterValue:
        """Turn words into a value in the table's unit."""
        raw = struct.pack(f">{self.count}H", *words)
        if self.data_type == "STRING":
            return raw.split(b"\0", 1)[0].decode("ascii", "replace").strip()
        if self.data_type == "BCD":
            return raw.hex()
        if self.data_type == "F32":
            return float(struct.unpack(">f", raw)[0]) / self.gain
        return int.from_bytes(raw, "big", signed=self.data_type.startswith("S")) / self.gain


def load_rows(path: Path) -> tuple[Row, ...]:
    """Read a maker's table."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(
                function=line["function"],
                address=int(line["address"]),
                count=int(line["count"]),
                data_type=line["data_type"],
                gain=float(line["gain"] or 1),
                unit=line["unit"],
                access=line["access"],
                name=line["name"],
                columns=line,
            )
            for line in csv.DictReader(file)
        )


class Bank:
    """The data points that one unit id knows, and the borders at which a request may start and end."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Index the rows by the address of their first word."""
        self.points: dict[int, Row] = {}
        self.holes: set[int] = set()
        for row in rows:
            if row.reserved:
                self.holes.update(range(row.address, row.address + row.count))
            else:
                self.points[row.address] = row

    def span(self, address: int, count: int) -> tuple[Row, ...]:
        """Return the data points of a request, or refuse it: unknown address, cut point, holes alone."""
        found: list[Row] = []
        here, end = address, address + count
        while here < end:
            if (row := self.points.get(here)) is not None:
                found.append(row)
                here += row.count
            elif here in self.holes:
                here += 1
            else:
                raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        if here != end or not found:
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        return tuple(found)
