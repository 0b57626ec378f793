"""Tells whether a command shows on the battery: one that does not within three minutes is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...engine.command import CommandKind
from ...engine.plant import PlantState

_WITHIN = timedelta(minutes=3)
_AT_REST_W = 100.0
_FULL_PCT = 98.0
"""Near the end of a charge a battery takes little: that proves nothing."""


@dataclass(slots=True)
class EffectWatch:
    """Watches the first minutes of a command."""

    _kind: CommandKind | None = None
    _since: datetime | None = None

    def begin(self, kind: CommandKind, now: datetime) -> None:
        """Begin with a command that was just read back; one that goes on is not watched anew."""
        if kind is self._kind:
            return
        watched = kind in (CommandKind.CHARGE, CommandKind.HOLD)
        self._kind, self._since = kind, now if watched else None

    def end(self) -> None:
        """Watch nothing."""
        self._kind = self._since = None

    def failed(self, state: PlantState) -> CommandKind | None:
        """Look at a reading; give the command that has shown no effect for too long."""
        if self._since is None or self._kind is None or state.battery_power_w is None:
            return None
        if self._shows(self._kind, state.battery_power_w, state.soc_pct):
            self._since = None
            return None
        return self._kind if state.read_at - self._since >= _WITHIN else None

    @staticmethod
    def _shows(kind: CommandKind, battery_w: float, soc_pct: float | None) -> bool:
        if kind is CommandKind.HOLD:
            return battery_w <= _AT_REST_W
        return battery_w < -_AT_REST_W or soc_pct is None or soc_pct >= _FULL_PCT
