"""What the engine wants to find again after a restart, and when we were last alive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .engine.memory import Lasting
from .inputs_from_ha import LoadPeaks

_WITHIN_S = 60.0
_ALIVE_EVERY = timedelta(minutes=5)


def memory_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Where the memory of one plant is kept."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.memory")


class MemoryStore:
    """Saves an override at once, everything else within a minute."""

    def __init__(self, store: Store[dict[str, Any]], kept: Mapping[str, Any] | None = None) -> None:
        """Take over what was kept; a part that makes no sense is forgotten."""
        kept = kept or {}
        lasting, peaks = kept.get("lasting"), kept.get("peaks")
        self._store = store
        self.lasting = Lasting.from_json(lasting if isinstance(lasting, Mapping) else {})
        self.peaks = LoadPeaks(peaks if isinstance(peaks, Mapping) else None)
        self.alive_at = _moment(kept.get("alive_at"))
        """When this was saved last, as of the start of Home Assistant."""
        self._noted_at: datetime | None = None

    async def keep(self, lasting: Lasting, *, at_once: bool) -> None:
        """Bring this to the disk."""
        self.lasting = lasting
        if at_once:
            await self._store.async_save(self._data())
        else:
            self._store.async_delay_save(self._data, _WITHIN_S)

    @callback
    def stay_alive(self, now: datetime) -> None:
        """Note now and then that we are here."""
        if self._noted_at is None or abs(now - self._noted_at) >= _ALIVE_EVERY:
            self._noted_at = now
            self._store.async_delay_save(self._data, _WITHIN_S)

    def _data(self) -> dict[str, Any]:
        return {
            "lasting": self.lasting.to_json(),
            "peaks": self.peaks.to_json(),
            "alive_at": datetime.now(UTC).isoformat(),
        }


def _moment(saved: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(saved) if isinstance(saved, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at
