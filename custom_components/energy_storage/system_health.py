"""What the system information page says about us."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry
from .engine.plant import Stage


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Offer the information."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[EnergyStorageConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    stages = [entry.runtime_data.cycle.reading().stage for entry in entries]
    return {"plants": len(stages), "plants_with_fresh_readings": stages.count(Stage.FRESH)}
