"""The passes over a plant's registers that its owner has made, by label; kept over restarts."""

from collections.abc import Mapping
import contextlib
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .vendors.register_tools.passes import NoPassError, ScanPass

MOST_PASSES: Final = 10
"""One more, and the oldest is dropped."""


def passes_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Where the passes of one plant are kept."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.passes")


class PassesStore:
    """The passes of one plant; they are read from the disk when somebody asks for one."""

    def __init__(self, store: Store[dict[str, Any]]) -> None:
        """Read nothing yet."""
        self._store = store
        self._passes: dict[str, ScanPass] | None = None
        self.scanning = False
        """Whether a scan runs; there is one at a time."""

    async def all(self) -> Mapping[str, ScanPass]:
        """Give all passes by their labels, the oldest first; what makes no sense on the disk is forgotten."""
        if self._passes is None:
            kept, self._passes = (await self._store.async_load() or {}).get("passes"), {}
            for saved in kept if isinstance(kept, list) else ():
                with contextlib.suppress(NoPassError):
                    scan = ScanPass.from_json(saved)
                    self._passes[scan.label] = scan
        return self._passes

    async def keep(self, scan: ScanPass) -> None:
        """Keep a pass, in the place of one with its label."""
        others = [each for label, each in (await self.all()).items() if label != scan.label]
        self._passes = {each.label: each for each in [*others, scan][-MOST_PASSES:]}
        await self._store.async_save({"passes": [each.to_json() for each in self._passes.values()]})
