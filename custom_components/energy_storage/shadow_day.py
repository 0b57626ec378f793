"""The first day in shadow: since when it runs, and what would have been done; kept over restarts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .engine import ControlState, Decision
from .engine.command import BatteryCommand

LENGTH: Final = timedelta(hours=24)


def shadow_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Where the shadow day of one plant is kept."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.shadow")


class ShadowDay:
    """Counts the commands that were decided and not given; begins anew when control leaves shadow."""

    def __init__(self, store: Store[dict[str, Any]], kept: Mapping[str, Any] | None = None) -> None:
        """Go on with what was kept; what makes no sense is forgotten."""
        self._store = store
        self._since = _moment((kept or {}).get("since"))
        self._answered = (kept or {}).get("answered") is True
        counts = (kept or {}).get("counts")
        self.counts: dict[str, int] = {
            str(kind): count
            for kind, count in (counts.items() if isinstance(counts, Mapping) else ())
            if isinstance(count, int) and not isinstance(count, bool)
        }
        """Kind of command → how often it would have been given."""
        self._last: BatteryCommand | None = None

    async def feed(self, at: datetime, decision: Decision) -> None:
        """Look at a decision."""
        if decision.control is not ControlState.SHADOW:
            if self._since is not None:
                self._since, self._answered, self.counts, self._last = None, False, {}, None
                await self._save()
            return
        begins = self._since is None
        if begins:
            self._since = at
        command = decision.command
        given = command is not None and command != self._last
        if command is not None and given:
            self._last = command
            self.counts[command.kind] = self.counts.get(command.kind, 0) + 1
        if begins or given:
            await self._save()

    def over(self, at: datetime) -> bool:
        """Tell whether a day has passed and its question was not answered yet."""
        return self._since is not None and not self._answered and at - self._since >= LENGTH

    async def answer(self) -> None:
        """Ask no more in this stay in shadow."""
        self._answered = True
        await self._save()

    async def _save(self) -> None:
        since = None if self._since is None else self._since.isoformat()
        await self._store.async_save(
            {"since": since, "answered": self._answered, "counts": dict(self.counts)}
        )


def _moment(saved: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(saved) if isinstance(saved, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at
