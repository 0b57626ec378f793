"""How many entities a plant may have: more than these help nobody and burden the recorder; pure."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping

from .engine.plant import Device, DeviceKind
from .vendors.driver import Point, PointRole

MOST_ENABLED = 45
MOST_REGISTERED = 120
_KEPT_ENABLED = 6
_KEPT_REGISTERED = 10
"""For a DC charger, which may show itself only when the first car comes, or an inverter that is added."""

_ORDER = (PointRole.MAIN, PointRole.DIAGNOSTIC, PointRole.DISABLED)
_CHARGERS = (DeviceKind.AC_CHARGER, DeviceKind.DC_CHARGER)


def chargers(devices: Iterable[Device]) -> frozenset[str]:
    """Give the keys of the chargers: what they say comes first, and takes the room of lesser things."""
    return frozenset(device.key for device in devices if device.kind in _CHARGERS)


class Room:
    """Hands out what the plant's own entities leave to the further readings of its devices."""

    def __init__(self, before: Mapping[str, bool], *, may_have_charger: bool = True) -> None:
        """Start with the entities that were there before: unique id → whether enabled.

        Without chargers at this vendor's plants nothing has to be kept enabled for one.
        """
        self._before = before
        self._kept_enabled = _KEPT_ENABLED if may_have_charger else 0
        self._admitted: dict[str, bool] = {}

    def admit(
        self,
        points: Mapping[str, Point],
        devices: Iterable[Device],
        *,
        enabled_elsewhere: int,
        registered_elsewhere: int,
    ) -> dict[str, bool]:
        """Choose the readings, by unique id, that get an entity, and whether it is enabled at first.

        What had an entity keeps it; of the others the important ones come first, and what may be kept
        for others is kept from lesser ones alone: a plant may grow. Who gets none is still within reach
        through the `read_registers` action.
        """
        devices = tuple(devices)
        known = any(device.kind is DeviceKind.DC_CHARGER for device in devices)
        most_enabled = MOST_ENABLED - enabled_elsewhere - (0 if known else self._kept_enabled)
        kept = 0 if known else _KEPT_REGISTERED
        wanted = {uid: point for uid, point in points.items() if point.role in _ORDER}
        self._admitted |= {uid: self._before[uid] for uid in wanted if uid in self._before}
        enabled = sum(self._admitted.values())
        for uid in _by_importance(wanted, chargers(devices)):
            important = wanted[uid].role is not PointRole.DISABLED
            left = MOST_REGISTERED - registered_elsewhere - len(self._admitted)
            if uid in self._admitted or left <= (0 if important else kept):
                continue
            self._admitted[uid] = important and enabled < most_enabled
            enabled += self._admitted[uid]
        return {uid: enabled for uid, enabled in self._admitted.items() if uid in wanted}


def _by_importance(points: Mapping[str, Point], chargers: Container[str]) -> list[str]:
    """Sort: chargers first, power before energy, and one reading of each device before its second."""
    ranks: dict[str, tuple[int, bool, bool, int]] = {}
    seen = Counter[tuple[str, PointRole, bool]]()
    for uid, point in points.items():
        kind = (point.device, point.role, point.unit != "W")
        ranks[uid] = (_ORDER.index(point.role), point.device not in chargers, kind[2], seen[kind])
        seen[kind] += 1
    return sorted(points, key=ranks.__getitem__)
