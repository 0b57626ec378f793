"""What the system information page says about us."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry
from .engine import ControlState
from .engine.plant import Stage


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Offer the information."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[EnergyStorageConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    readings = [entry.runtime_data.cycle.reading() for entry in entries]
    views = [reading.control for reading in readings if reading.control is not None]
    return {
        "plants": len(readings),
        "plants_with_fresh_readings": [reading.stage for reading in readings].count(Stage.FRESH),
        "plants_controlled": [view.decision.control for view in views].count(ControlState.ON),
    }
