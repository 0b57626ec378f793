"""The readings that a Sigen plant offers, made from its register tables."""

from collections.abc import Collection, Iterable, Mapping

from ...engine.plant import Device, DeviceKind
from ..driver import Point
from ..fields import fields_of
from ..modbus import Block, point_of
from .facts import Facts, plant_has
from .registers import TABLES


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
