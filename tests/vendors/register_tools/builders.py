"""Declared rows, passes and a device without a wire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverRejectedError,
    LinkFault,
)
from custom_components.energy_storage.vendors.raw_access import DeclaredRow, Lock, Space
from custom_components.energy_storage.vendors.register_tools.layout import Span
from custom_components.energy_storage.vendors.register_tools.passes import ScanPass
from custom_components.energy_storage.vendors.register_tools.sweep import Ended

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def row(
    address: int,
    count: int = 1,
    *,
    name: str = "something",
    group: str = "now",
    block: tuple[int, int] | None = None,
    missing: bool = False,
    kind: str = "u16",
    scale: float = 1.0,
    unit: str | None = None,
) -> DeclaredRow:
    """Declare an input register of unit 1."""
    return DeclaredRow(
        device="inverter_1",
        unit_id=1,
        name=name,
        group=group,
        block=block,
        space=Space.INPUT,
        address=address,
        count=count,
        kind=kind,
        scale=scale,
        unit=unit,
        missing=missing,
        locked=Lock.READ_ONLY,
    )


def scan(words: Mapping[int, int], label: str = "sun", *, unit_id: int = 1) -> ScanPass:
    """Make a complete pass that has read these words."""
    return ScanPass(
        label=label,
        device=f"inverter_{unit_id}",
        unit_id=unit_id,
        space=Space.INPUT,
        address=min(words),
        count=max(words) + 1 - min(words),
        started=NOON,
        finished=NOON,
        words=words,
        refused=frozenset(),
        next_address=None,
        ended=Ended.COMPLETE,
        requests=1,
    )


@dataclass
class Device:
    """Knows some values, refuses a request that cuts one, and falls silent at an address."""

    values: tuple[Span, ...]
    silent_at: int | None = None
    asked: list[Span] = field(default_factory=list[Span])

    async def ask(self, span: Span) -> Sequence[int]:
        """Answer with the addresses themselves as words."""
        self.asked.append(span)
        if self.silent_at is not None and span.address <= self.silent_at < span.end:
            raise DriverConnectionError("no answer in time", LinkFault.SILENT)
        here = span.address
        while here < span.end:
            here = next((v.end for v in self.values if v.address == here), 1 << 20)
        if here != span.end:
            raise DriverRejectedError("illegal data address")
        return range(span.address, span.end)
