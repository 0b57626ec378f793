"""The readings that a Sigen plant offers, made from its register tables."""

from collections.abc import Collection, Iterable, Mapping

from ...engine.plant import Device, DeviceKind
from ..driver import Point
from ..fields import Field, fields_of
from ..modbus import Block
from .facts import Facts, plant_has

_USUAL_STEP = 0.01


def points_of(
    devices: Collection[Device], blocks: Iterable[Block], facts: Mapping[str, Facts]
) -> tuple[Point, ...]:
    """Give every reading of these blocks that means something on this plant."""
    kinds = {device.key: device.kind for device in devices}
    return tuple(
        _point(block, name, fields_of(block.table)[name])
        for block in blocks
        if block.device in kinds
        for name in block.offered
        if _means_something(kinds[block.device], block.device, name, facts)
    )


def _point(block: Block, name: str, field: Field) -> Point:
    return Point(
        device=block.device,
        key=name,
        unit=None if field.timestamp else field.unit,
        role=field.role,
        tier=block.tier,
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
