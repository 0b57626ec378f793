"""Where the registers of one device begin and end, as far as they are declared, and how a range is cut."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..raw_access import DeclaredRow, Space


class Span(NamedTuple):
    """Registers that follow each other."""

    address: int
    size: int

    @property
    def end(self) -> int:
        """The address behind the last one."""
        return self.address + self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The declared values of one unit id in one space. Devices refuse a request that cuts one in two."""

    values: Mapping[int, Span]
    """Address → the value that it is a part of."""
    missing: frozenset[int]
    """Addresses that the device is known to refuse."""
    borders: frozenset[int]
    """Where a block or group of registers begins or ends; nothing proves that a request may cross it."""

    @classmethod
    def of(cls, rows: Iterable[DeclaredRow], unit_id: int, space: Space) -> Layout:
        """Take from the declared rows what lies in this space of this unit id."""
        here = [row for row in rows if row.readable and (row.unit_id, row.space) == (unit_id, space)]
        values: dict[int, Span] = {}
        groups: dict[tuple[str, str], list[int]] = {}
        borders: set[int] = set()
        for row in sorted(here, key=lambda row: (row.address, -row.count)):
            for address in row.addresses:
                values.setdefault(address, Span(row.address, row.count))
            if row.block is not None:
                borders |= {row.block[0], row.block[1] + 1}
            else:
                groups.setdefault((row.device, row.group), []).extend((row.address, row.addresses.stop))
        return cls(
            values=values,
            missing=frozenset(address for row in here if row.missing for address in row.addresses),
            borders=frozenset(
                borders | {edge for edges in groups.values() for edge in (min(edges), max(edges))}
            ),
        )

    def cut(self, span: Span, most: int) -> Iterator[Span]:
        """Cut into requests: not too long, values whole, no border crossed, what is missing by itself."""
        start = span.address
        while start < span.end:
            end = start
            while end < span.end:
                next_end = min(self._end_of(end), span.end)
                if end > start and (next_end - start > most or self._parted(start, end)):
                    break
                end = next_end
            end = min(end, start + most)
            yield Span(start, end - start)
            start = end

    def halves(self, span: Span) -> tuple[Span, Span]:
        """Cut in two where no value is cut."""
        middle = span.address + span.size // 2
        value = self.values.get(middle, Span(middle, 1))
        if span.address < value.address:
            middle = value.address
        elif value.end < span.end:
            middle = value.end
        return Span(span.address, middle - span.address), Span(middle, span.end - middle)

    def is_whole(self, span: Span) -> bool:
        """Tell whether this is one declared value."""
        return self.values.get(span.address) == span

    def is_missing(self, span: Span) -> bool:
        """Tell whether the device is known to refuse all of it."""
        return all(address in self.missing for address in range(span.address, span.end))

    def _end_of(self, address: int) -> int:
        value = self.values.get(address)
        return address + 1 if value is None or value.address != address else value.end

    def _parted(self, start: int, address: int) -> bool:
        return address in self.borders or (address in self.missing) != (start in self.missing)
