"""Keeps a lifetime counter from falling, also across a restart of Home Assistant; pure."""

from datetime import datetime, timedelta

BELIEVED_AFTER = timedelta(minutes=15)
SETBACK_SHARE = 0.1
"""Home Assistant takes a fall by less than this share for an error, by more for a new counter."""


class HighWaterMark:
    """The highest energy that a counter has shown, in kWh.

    After a reconnect counters read 0 for a while. Shown to Home Assistant, the way back up would count
    as energy of that minute.
    """

    def __init__(self, kwh: float | None = None) -> None:
        """Go on from an energy that was shown before."""
        self._kwh = kwh
        self._lower_since: datetime | None = None

    def feed(self, kwh: float | None, at: datetime) -> float | None:
        """Take a reading and give what to show; a new counter is believed when it stays lower."""
        if kwh is None:
            return None
        if self._kwh is None or kwh >= self._kwh:
            self._kwh, self._lower_since = kwh, None
            return kwh
        self._lower_since = self._lower_since or at
        replaced = kwh < self._kwh * (1 - SETBACK_SHARE)
        if replaced and at - self._lower_since > BELIEVED_AFTER:
            self._kwh, self._lower_since = kwh, None
        return self._kwh
