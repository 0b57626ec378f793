"""Notices an AC charger that has taken an inverter's unit id: chargers often come with id 1."""

from collections.abc import Mapping

from ..line import Clock, Line
from ..poller import Poller

CHARGER_STATE = (32000, 1)
"""Address and count that an AC charger answers, and an inverter refuses."""
_EVERY_S = 3600.0
_EVERY_IN_DOUBT_S = 60.0


class ClashWatch:
    """Asks the inverters' unit ids for a charger now and then, oftener where something is odd."""

    def __init__(self, lines: Mapping[int, Line], poller: Poller, clock: Clock) -> None:
        """Suspect nobody yet."""
        self.unit_ids: set[int] = set()
        """Where an inverter and a charger answer."""
        self._lines = lines
        self._poller = poller
        self._clock = clock
        self._asked_at: dict[int, float] = {}

    async def look(self, most_requests: int | None) -> int:
        """Ask where that is due; give how many requests that took.

        Raises:
            DriverConnectionError: no usable answer.

        """
        requests = 0
        for unit_id, line in self._lines.items():
            if most_requests is not None and requests >= most_requests:
                break
            if line.resting() or not self._due(unit_id, line):
                continue
            requests += 1
            self._asked_at[unit_id] = self._clock()
            if await line.answers(*CHARGER_STATE):
                self.unit_ids.add(unit_id)
            elif unit_id in self.unit_ids:
                self.unit_ids.remove(unit_id)
                self._poller.wake({line})
        return requests

    def _due(self, unit_id: int, line: Line) -> bool:
        in_doubt = unit_id in self.unit_ids or self._poller.refused_by(line)
        every_s = _EVERY_IN_DOUBT_S if in_doubt else _EVERY_S
        asked_at = self._asked_at.get(unit_id)
        return asked_at is None or self._clock() - asked_at >= every_s
