"""How many entities a plant may have: more than these help nobody and burden the recorder; pure."""

from collections.abc import Mapping

from .vendors.driver import Point, PointRole

MOST_ENABLED = 45
MOST_REGISTERED = 120

_ORDER = (PointRole.MAIN, PointRole.DIAGNOSTIC, PointRole.DISABLED)


class Room:
    """Hands out what the plant's own entities leave to the further readings of its devices."""

    def __init__(self, before: Mapping[str, bool]) -> None:
        """Start with the entities that were there before: unique id → whether enabled."""
        self._before = before
        self._admitted: dict[str, bool] = {}

    def admit(
        self, points: Mapping[str, Point], *, enabled_elsewhere: int, registered_elsewhere: int
    ) -> dict[str, bool]:
        """Choose the readings, by unique id, that get an entity, and whether it is enabled at first.

        What had an entity keeps it; of the others the important ones come first. Who gets none is
        still within reach through the `read_registers` action.
        """
        wanted = {uid: point for uid, point in points.items() if point.role in _ORDER}
        self._admitted |= {uid: self._before[uid] for uid in wanted if uid in self._before}
        enabled = enabled_elsewhere + sum(self._admitted.values())
        for uid, point in sorted(wanted.items(), key=lambda item: _ORDER.index(item[1].role)):
            if uid in self._admitted or registered_elsewhere + len(self._admitted) >= MOST_REGISTERED:
                continue
            self._admitted[uid] = point.role is not PointRole.DISABLED and enabled < MOST_ENABLED
            enabled += self._admitted[uid]
        return {uid: enabled for uid, enabled in self._admitted.items() if uid in wanted}
