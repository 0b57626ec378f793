"""The owner's own register maps, in the config folder."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers.event import async_track_time_interval

from .const import DOMAIN
from .vendors.driver import Vendor

LOOK_EVERY: Final = timedelta(seconds=30)

type _Stamp = tuple[tuple[str, int, int], ...]
"""Name, time of the last change and size of each file."""


async def own_profiles(hass: HomeAssistant, vendor: Vendor) -> dict[str, str]:
    """Read the owner's own register maps, of a vendor that takes them, from the config folder."""
    if not vendor.takes_profiles:
        return {}
    return await hass.async_add_executor_job(_read_profiles, Path(hass.config.path(DOMAIN, "profiles")))


def _read_profiles(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.glob("*.json"))
        if path.is_file()
    }


async def watch_profiles(
    hass: HomeAssistant, vendor: Vendor, changed: Callable[[], Awaitable[None]]
) -> CALLBACK_TYPE:
    """Tell when the owner has changed, added or removed one, until the returned function is called."""
    if not vendor.takes_profiles:
        return lambda: None
    folder = Path(hass.config.path(DOMAIN, "profiles"))
    before = await hass.async_add_executor_job(_stamp, folder)

    async def look(_now: datetime) -> None:
        nonlocal before
        now = await hass.async_add_executor_job(_stamp, folder)
        if now != before:
            before = now
            await changed()

    return async_track_time_interval(hass, look, LOOK_EVERY)


def _stamp(folder: Path) -> _Stamp:
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.json")) if path.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)
