"""Tells the owner what the plant went on doing while Home Assistant was away."""

from datetime import timedelta
from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.util.dt import utcnow

from .const import DOMAIN
from .controller import Controller
from .coordinator import EnergyStorageConfigEntry
from .engine import Ownership
from .texts import describe, load_texts

WORTH_TELLING: Final = timedelta(minutes=5)
_MINUTES_A_DAY = 24 * 60


async def async_tell_absence(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, controller: Controller
) -> None:
    """Give notice where the plant still holds a command that we gave it before we were away."""
    alive_at, holding = controller.kept.alive_at, controller.control.holding()
    away = timedelta(0) if alive_at is None else utcnow() - alive_at
    if away <= WORTH_TELLING or holding.ownership is not Ownership.OURS or holding.command is None:
        return
    texts = await load_texts(hass)
    persistent_notification.async_create(
        hass,
        texts["common.absence"].format(
            time=length(away), plant=entry.title, command=describe(texts, holding.command)
        ),
        title=texts["common.absence_title"].format(plant=entry.title),
        notification_id=f"{DOMAIN}_absence_{entry.entry_id}",
    )


def length(time: timedelta) -> str:
    """Write a stretch of time as people say it: 12 min, 3 h 5 min, 2 d 4 h."""
    minutes = int(time.total_seconds()) // 60
    days, hours, rest = minutes // _MINUTES_A_DAY, minutes // 60 % 24, minutes % 60
    parts = (f"{days} d", f"{hours} h") if days else (f"{hours} h", f"{rest} min")
    return " ".join(part for part in parts if not part.startswith("0 "))
