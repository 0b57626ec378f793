"""What all actions have in common: the plant that is meant, who may call, and what is told."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv, selector, service
import probatio

from .actions import answer
from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry

ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_DURATION: Final = "duration"

type Fields = dict[probatio.Marker, object]
type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]

WATTS: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=1, max=100_000))
PERCENT: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=100))
PLANT: Final[Fields] = {
    probatio.Required(ATTR_CONFIG_ENTRY): selector.ConfigEntrySelector({"integration": DOMAIN})
}
DURATION: Final[Fields] = {probatio.Optional(ATTR_DURATION): cv.positive_time_period}

REGISTER_TOOLS: Final = frozenset(
    {
        "read_registers",
        "search_registers",
        "write_register",
        "scan_registers",
        "find_value",
    }
)
"""They ask much of a device, and may show who owns it."""
FOR_ADMINS: Final = REGISTER_TOOLS | {
    "force_discharge",
    "release",
    "take_over",
    "set_plant_power",
    "go_off_grid",
    "dispatch",
    "set_schedule",
}
"""Elsewhere a mistake sells what was stored for the night, ends control, or leaves the house dark."""


def register(
    hass: HomeAssistant,
    name: str,
    handler: Handler,
    fields: Fields,
    response: SupportsResponse = SupportsResponse.OPTIONAL,
) -> None:
    """Register an action that is about one plant."""
    schema = probatio.Schema(PLANT | fields)
    if name in FOR_ADMINS:
        service.async_register_admin_service(hass, DOMAIN, name, handler, schema, response)
    else:
        hass.services.async_register(DOMAIN, name, handler, schema=schema, supports_response=response)


def entry_of(call: ServiceCall) -> EnergyStorageConfigEntry:
    """Give the plant that is meant."""
    entry: EnergyStorageConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY]
    )
    return entry


async def told(call: ServiceCall) -> ServiceResponse:
    """Let the cycle decide, and tell what came of it."""
    runtime = entry_of(call).runtime_data
    return answer(runtime, await runtime.cycle.decide(), told=call.return_response)
