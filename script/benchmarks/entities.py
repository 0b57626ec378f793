"""How many entities plants of different size bring."""

from collections.abc import Sequence
from datetime import UTC, datetime

from homeassistant.helpers import entity_registry as er

from custom_components.energy_storage.room import MOST_ENABLED, MOST_REGISTERED

from .figures import Figure, Options
from .home import home
from .simulator import PLANTS
from .straight import straight_plant

_NOON = datetime(2026, 6, 21, 11, tzinfo=UTC)


async def measure(_: Options) -> Sequence[Figure]:
    """Add each plant to an empty home, read it completely and count."""
    figures: list[Figure] = []
    for name, config in PLANTS.items():
        async with home() as hass, straight_plant(hass, config, _NOON) as plant:
            await plant.settle()
            await hass.async_block_till_done()
            found = er.async_entries_for_config_entry(er.async_get(hass), plant.entry.entry_id)
        enabled = sum(entity.disabled_by is None for entity in found)
        figures += [
            Figure(name=f"{name}: enabled", value=enabled, unit="entities", goal=MOST_ENABLED),
            Figure(name=f"{name}: registered", value=len(found), unit="entities", goal=MOST_REGISTERED),
        ]
    return figures
