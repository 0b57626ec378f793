"""A register space that is read word by word: known values, and blocks around them that answer too."""

from collections.abc import Iterable, Sequence

from .register_map import Row

GAP = 16
"""Rows with fewer unmapped words between them answer as one block [assumed]."""

type Block = tuple[int, int]
"""First address and the one behind the last."""

_UNSET: dict[str, int] = {"S16": 0x8000, "S32": 0x8000_0000, "STRING": 0, "BCD": 0}


class Space:
    """The values that one function code reaches, by address."""

    def __init__(self, rows: Iterable[Row], blocks: Iterable[Block] = ()) -> None:
        """Index the rows; blocks besides the runs of rows answer too."""
        ordered = sorted(rows, key=lambda row: (row.address, -row.count))
        self.rows = {row.name: row for row in ordered}
        self._owners: dict[int, Row] = {}
        for row in ordered:
            for address in range(row.address, row.address + row.count):
                self._owners.setdefault(address, row)
        self.blocks = _merged([*blocks, *((row.address, row.address + row.count) for row in ordered)])

    def at(self, address: int) -> Row | None:
        """Return the row that a word belongs to: of two, the one that begins first."""
        return self._owners.get(address)

    def covers(self, address: int, count: int) -> bool:
        """Tell whether one block holds all of these words."""
        return any(first <= address and address + count <= end for first, end in self.blocks)


def unset(row: Row) -> tuple[int, ...]:
    """Return what the words of a value that is not implemented hold."""
    raw = _UNSET.get(row.data_type, (1 << 16 * row.count) - 1)
    return tuple((raw >> 16 * place) & 0xFFFF for place in reversed(range(row.count)))


def _merged(runs: Sequence[Block]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for first, end in sorted(runs):
        if blocks and first - blocks[-1][1] < GAP:
            blocks[-1] = blocks[-1][0], max(end, blocks[-1][1])
        else:
            blocks.append((first, end))
    return tuple(blocks)
