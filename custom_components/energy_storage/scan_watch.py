"""Watches over a scan while it runs: how far it is, and when it has to stop."""

from datetime import timedelta
from time import monotonic
from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant

from .const import DOMAIN, LOGGER
from .coordinator import EnergyStorageConfigEntry
from .engine.plant import Stage
from .texts import Texts
from .vendors.register_tools.passes import ScanPass
from .vendors.register_tools.sweep import Ended, Sweep

_TELL_EVERY_S: Final = 10.0


class ScanWatch:
    """Looks at a scan before each of its requests."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EnergyStorageConfigEntry,
        scan: ScanPass,
        sweep: Sweep,
        *,
        duration: timedelta,
        texts: Texts,
    ) -> None:
        """Begin to count the time."""
        self._hass = hass
        self._entry = entry
        self._scan = scan
        self._sweep = sweep
        self._texts = texts
        self._until = monotonic() + duration.total_seconds()
        self._told = float("-inf")
        self._id = f"{DOMAIN}_scan_{entry.entry_id}"

    def why_stop(self) -> Ended | None:
        """Say why to stop now: the time is over, or the plant's own readings suffer."""
        now = monotonic()
        if now - self._told >= _TELL_EVERY_S:
            self._told = now
            self.tell(None)
        if now >= self._until:
            return Ended.OUT_OF_TIME
        fresh = self._entry.runtime_data.cycle.reading().stage is Stage.FRESH
        return None if fresh else Ended.NOT_FRESH

    def tell(self, ended: Ended | None) -> None:
        """Say in a notification and in the log how far it is."""
        scan = self._scan
        numbers = {
            "label": scan.label,
            "done": len(scan.words) + len(scan.refused) + len(self._sweep.words) + len(self._sweep.refused),
            "all": scan.count,
            "read": len(scan.words) + len(self._sweep.words),
            "requests": scan.requests + self._sweep.requests,
            "next": self._sweep.next_address,
        }
        key = "scan_runs" if ended is None else f"scan_{ended}"
        text = self._texts[f"common.{key}"].format(**numbers)
        LOGGER.debug("%s: %s", self._entry.title, text)
        persistent_notification.async_create(
            self._hass,
            text,
            title=self._texts["common.scan_title"].format(plant=self._entry.title),
            notification_id=self._id,
        )

    def forget(self) -> None:
        """Take the notification back."""
        persistent_notification.async_dismiss(self._hass, self._id)
