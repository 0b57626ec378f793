"""The readings that a Chint device offers, made from the rows of its profile."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
import re

from ...engine.plant import DeviceKind
from ..driver import Point, PointRole
from ..fields import fields_of
from ..modbus import point_of
from .device import ChintDevice
from .loader import shipped
from .profile import Evidence, Profile
from .rows import DEVICES, tables_of

_PHASES: Mapping[int, re.Pattern[str]] = {
    2: re.compile(r"phase_b_|.*_l2_|line_voltage_"),
    3: re.compile(r"phase_c_|.*_l3_|line_voltage_"),
}
"""How registers are called that a device with fewer phases does not have."""


def points_of(device: ChintDevice, phases: int) -> tuple[Point, ...]:
    """Give every reading of the device that means something on it."""
    return tuple(_points(device, phases))


def _points(device: ChintDevice, phases: int) -> Iterator[Point]:
    for block in device.poller.blocks:
        for name in block.offered:
            if any(there > phases and names.match(name) for there, names in _PHASES.items()):
                continue
            row = device.profile.rows[name]
            point = point_of(block.device, block.tier, name, fields_of(block.table)[name])
            # Only what our own profiles have has a text that an entity could be called by.
            role = point.role if name in _named(row.device) else PointRole.REGISTER
            yield replace(point, role=role, confirmed=row.evidence is not Evidence.ASSUMED)


def readings_of(profiles: Iterable[Profile]) -> dict[DeviceKind, tuple[Point, ...]]:
    """Give every reading of these profiles once; a choice with all codes that any of them has."""
    found: dict[DeviceKind, dict[str, Point]] = {}
    for profile in profiles:
        for device, table in tables_of(profile, profile.assumed_groups):
            points = found.setdefault(DEVICES[device], {})
            for name, field in fields_of(table).items():
                point = point_of(DEVICES[device], table.tier, name, field)
                points[name] = point if (before := points.get(name)) is None else _merged(before, point)
    return {kind: tuple(points.values()) for kind, points in found.items()}


def _merged(one: Point, other: Point) -> Point:
    role = min(one.role, other.role, key=tuple(PointRole).index)
    return replace(one, role=role, options=tuple(dict.fromkeys((*one.options, *other.options))))


READINGS: Mapping[DeviceKind, tuple[Point, ...]] = readings_of(shipped().values())
"""Every reading of our profiles."""
_NAMED: Mapping[DeviceKind, frozenset[str]] = {
    kind: frozenset(point.key for point in points if point.role is not PointRole.REGISTER)
    for kind, points in READINGS.items()
}


def _named(device: str) -> frozenset[str]:
    return _NAMED.get(DEVICES[device], frozenset())
