"""The readings that a Sigen plant offers, made from its register tables."""

from collections.abc import Collection, Iterable, Mapping

from ...engine.plant import Device, DeviceKind
from ..driver import Point, Tier
from ..fields import Field, fields_of
from ..modbus import Block
from .facts import Facts, plant_has
from .registers import TABLES

_USUAL_STEP = 0.01


def points_of(
    devices: Collection[Device], blocks: Iterable[Block], facts: Mapping[str, Facts]
) -> tuple[Point, ...]:
    """Give every reading of these blocks that means something on this plant."""
    kinds = {device.key: device.kind for device in devices}
    return tuple(
        point_of(block.device, block.tier, name, fields_of(block.table)[name])
        for block in blocks
        if block.device in kinds
        for name in block.offered
        if _means_something(kinds[block.device], block.device, name, facts)
    )


def point_of(device: str, tier: Tier, name: str, field: Field) -> Point:
    """Make a reading of a register."""
    return Point(
        device=device,
        key=name,
        unit=None if field.timestamp else field.unit,
        role=field.role,
        tier=tier,
        total=field.total,
        options=field.options,
        timestamp=field.timestamp,
        step=field.scale if field.scale < _USUAL_STEP else None,
    )


def _means_something(kind: DeviceKind, device: str, name: str, facts: Mapping[str, Facts]) -> bool:
    match kind:
        case DeviceKind.INVERTER:
            return facts[device].has(name)
        case DeviceKind.PLANT:
            return plant_has(name, facts.values())
        case _:
            return True


READINGS: Mapping[DeviceKind, tuple[Point, ...]] = {
    kind: tuple(
        point_of(kind, table.tier, name, field)
        for table in tables
        for name, field in fields_of(table).items()
    )
    for kind, tables in TABLES.items()
}
"""Every reading of the tables, whatever the firmware."""
