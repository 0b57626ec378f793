"""The owner's own register maps, in the config folder."""

from pathlib import Path

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .vendors.driver import Vendor


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
