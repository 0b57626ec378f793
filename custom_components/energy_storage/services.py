"""Actions: what the owner or an automation can ask of a plant beyond its entities."""

from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
import probatio

from .actions import (
    async_choose_mode,
    async_request,
    async_start_override,
    controller_of,
    is_yielded,
)
from .const import CONF_ALLOW_OFF_GRID, CONF_PLANT_POWER, DOMAIN
from .dispatch_services import async_setup_dispatch_services
from .document_services import async_setup_document_services
from .engine.override import Source
from .engine.settings import BASE_MODES
from .errors import not_allowed
from .register_services import async_setup_register_services
from .scan_services import async_setup_scan_services
from .service_calls import (
    ATTR_CONFIG_ENTRY,
    ATTR_DURATION,
    DURATION,
    PERCENT,
    WATTS,
    Fields,
    entry_of,
    register,
    told,
)
from .vendors.control import Request

ATTR_MODE: Final = "mode"
ATTR_POWER: Final = "power"
ATTR_CONFIRM: Final = "confirm"

_DEVICE: Final = "device"
_OFF_GRID: Final = "off_grid"

OVERRIDES: Final[dict[str, Fields]] = {
    "force_charge": {
        probatio.Optional("power_w"): WATTS,
        probatio.Optional("target_soc_pct"): probatio.All(PERCENT, probatio.Range(min=1)),
        probatio.Optional("from_grid"): cv.boolean,
    },
    "force_discharge": {
        probatio.Optional("power_w"): WATTS,
        probatio.Optional("floor_soc_pct"): PERCENT,
    },
    "hold": {},
    "standby": {},
    "backup": {
        probatio.Optional("power_w"): WATTS,
        probatio.Optional("target_soc_pct"): probatio.All(PERCENT, probatio.Range(min=1)),
        probatio.Optional("from_grid"): cv.boolean,
    },
}
"""Action, which is also the mode that it starts → its own fields, which are the mode's parameters."""


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether or not a plant is."""
    for kind, fields in OVERRIDES.items():
        register(hass, kind, partial(_override, kind), DURATION | fields)
    register(hass, "release", _release, DURATION)
    register(hass, "set_mode", _set_mode, {probatio.Required(ATTR_MODE): probatio.In(BASE_MODES)})
    register(hass, "cancel", _cancel, {})
    register(hass, "take_over", _take_over, {})
    register(
        hass,
        "set_plant_power",
        _set_plant_power,
        {
            probatio.Required(ATTR_POWER): cv.boolean,
            probatio.Optional(ATTR_CONFIRM, default=False): cv.boolean,
        },
    )
    confirmed: Fields = {probatio.Optional(ATTR_CONFIRM, default=False): cv.boolean}
    register(hass, "go_off_grid", _go_off_grid, DURATION | confirmed)
    async_setup_document_services(hass)
    async_setup_dispatch_services(hass)
    async_setup_register_services(hass)
    async_setup_scan_services(hass)


async def _override(kind: str, call: ServiceCall) -> ServiceResponse:
    """Start an override with the parameters that were given, and no others."""
    given = {
        name: value
        for name, value in call.data.items()
        if name not in (ATTR_CONFIG_ENTRY, ATTR_DURATION, ATTR_CONFIRM)
    }
    duration: timedelta | None = call.data.get(ATTR_DURATION)
    runtime = entry_of(call).runtime_data
    await async_start_override(runtime, kind, source=Source.ACTION, duration=duration, parameters=given)
    return await told(call)


async def _release(call: ServiceCall) -> ServiceResponse:
    """Hand the plant to its own program: for a while, or until another mode is chosen."""
    if ATTR_DURATION in call.data:
        return await _override(_DEVICE, call)
    await async_choose_mode(entry_of(call).runtime_data, _DEVICE)
    return await told(call)


async def _set_mode(call: ServiceCall) -> ServiceResponse:
    """Choose a base mode."""
    await async_choose_mode(entry_of(call).runtime_data, call.data[ATTR_MODE])
    return await told(call)


async def _cancel(call: ServiceCall) -> ServiceResponse:
    """End the override that runs, if one does."""
    await controller_of(entry_of(call).runtime_data).start_override(None)
    return await told(call)


async def _take_over(call: ServiceCall) -> ServiceResponse:
    """Take the plant from whoever controls it."""
    controller = controller_of(entry_of(call).runtime_data)
    if not is_yielded(controller):
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_yielded")
    controller.take_over()
    return await told(call)


async def _go_off_grid(call: ServiceCall) -> ServiceResponse:
    """Take the house off the grid for a while, for an owner who has asked for this action."""
    if entry_of(call).options.get(CONF_ALLOW_OFF_GRID) is not True:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="off_grid_not_allowed")
    if not call.data[ATTR_CONFIRM]:
        raise not_allowed(ATTR_CONFIRM, "false", "true")
    return await _override(_OFF_GRID, call)


async def _set_plant_power(call: ServiceCall) -> ServiceResponse:
    """Switch the whole plant on or off, for an owner who has asked for this action."""
    entry = entry_of(call)
    if entry.options.get(CONF_PLANT_POWER) is not True:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="plant_power_off")
    if not call.data[ATTR_CONFIRM]:
        raise not_allowed(ATTR_CONFIRM, "false", "true")
    request = Request.POWER_ON if call.data[ATTR_POWER] else Request.POWER_OFF
    runtime = entry.runtime_data
    await async_request(runtime, runtime.driver.devices[0].key, request)
    return await told(call)
