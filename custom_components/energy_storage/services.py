"""Actions: what the owner or an automation can ask of a plant beyond its entities."""

from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv, selector, service
from homeassistant.util.json import JsonValueType
import probatio

from .actions import (
    answer,
    async_choose_mode,
    async_request,
    async_start_override,
    controller_of,
    is_yielded,
)
from .const import CONF_PLANT_POWER, DOMAIN
from .coordinator import EnergyStorageConfigEntry
from .engine.override import Source
from .engine.plant import Value
from .engine.settings import BASE_MODES
from .errors import not_allowed
from .vendors.control import Request
from .vendors.driver import RegisterReading

READ_REGISTERS: Final = "read_registers"
ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_DEVICES: Final = "devices"
ATTR_NAMES: Final = "names"
ATTR_DURATION: Final = "duration"
ATTR_MODE: Final = "mode"
ATTR_POWER: Final = "power"
ATTR_CONFIRM: Final = "confirm"

type Fields = dict[probatio.Marker, object]
type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]

_WATTS: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=1, max=100_000))
_PERCENT: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=100))
_PLANT: Final[Fields] = {
    probatio.Required(ATTR_CONFIG_ENTRY): selector.ConfigEntrySelector({"integration": DOMAIN})
}
_DURATION: Final[Fields] = {probatio.Optional(ATTR_DURATION): cv.positive_time_period}
_DEVICE: Final = "device"

OVERRIDES: Final[dict[str, Fields]] = {
    "force_charge": {
        probatio.Optional("power_w"): _WATTS,
        probatio.Optional("target_soc_pct"): probatio.All(_PERCENT, probatio.Range(min=1)),
        probatio.Optional("from_grid"): cv.boolean,
    },
    "force_discharge": {
        probatio.Optional("power_w"): _WATTS,
        probatio.Optional("floor_soc_pct"): _PERCENT,
    },
    "hold": {},
    "standby": {},
}
"""Action, which is also the mode that it starts → its own fields, which are the mode's parameters."""

FOR_ADMINS: Final = frozenset({"force_discharge", "release", "take_over", "set_plant_power"})
"""A mistake here sells what was stored for the night, ends control, or leaves the house dark."""


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether or not a plant is."""
    hass.services.async_register(
        DOMAIN,
        READ_REGISTERS,
        _read_registers,
        schema=probatio.Schema(
            _PLANT
            | {
                probatio.Optional(ATTR_DEVICES): probatio.All(cv.ensure_list, [cv.string]),
                probatio.Optional(ATTR_NAMES): probatio.All(cv.ensure_list, [cv.string]),
            }
        ),
        supports_response=SupportsResponse.ONLY,
    )
    for kind, fields in OVERRIDES.items():
        _register(hass, kind, partial(_override, kind), _DURATION | fields)
    _register(hass, "release", _release, _DURATION)
    _register(hass, "set_mode", _set_mode, {probatio.Required(ATTR_MODE): probatio.In(BASE_MODES)})
    _register(hass, "cancel", _cancel, {})
    _register(hass, "take_over", _take_over, {})
    _register(
        hass,
        "set_plant_power",
        _set_plant_power,
        {
            probatio.Required(ATTR_POWER): cv.boolean,
            probatio.Optional(ATTR_CONFIRM, default=False): cv.boolean,
        },
    )


def _register(hass: HomeAssistant, name: str, handler: Handler, fields: Fields) -> None:
    schema = probatio.Schema(_PLANT | fields)
    if name in FOR_ADMINS:
        service.async_register_admin_service(hass, DOMAIN, name, handler, schema, SupportsResponse.OPTIONAL)
    else:
        hass.services.async_register(
            DOMAIN, name, handler, schema=schema, supports_response=SupportsResponse.OPTIONAL
        )


def _entry_of(call: ServiceCall) -> EnergyStorageConfigEntry:
    entry: EnergyStorageConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY]
    )
    return entry


async def _told(call: ServiceCall) -> ServiceResponse:
    """Let the cycle decide, and tell what came of it."""
    runtime = _entry_of(call).runtime_data
    return answer(runtime, await runtime.cycle.decide(), told=call.return_response)


async def _override(kind: str, call: ServiceCall) -> ServiceResponse:
    """Start an override with the parameters that were given, and no others."""
    given = {
        name: value for name, value in call.data.items() if name not in (ATTR_CONFIG_ENTRY, ATTR_DURATION)
    }
    duration: timedelta | None = call.data.get(ATTR_DURATION)
    runtime = _entry_of(call).runtime_data
    await async_start_override(runtime, kind, source=Source.ACTION, duration=duration, parameters=given)
    return await _told(call)


async def _release(call: ServiceCall) -> ServiceResponse:
    """Hand the plant to its own program: for a while, or until another mode is chosen."""
    if ATTR_DURATION in call.data:
        return await _override(_DEVICE, call)
    await async_choose_mode(_entry_of(call).runtime_data, _DEVICE)
    return await _told(call)


async def _set_mode(call: ServiceCall) -> ServiceResponse:
    """Choose a base mode."""
    await async_choose_mode(_entry_of(call).runtime_data, call.data[ATTR_MODE])
    return await _told(call)


async def _cancel(call: ServiceCall) -> ServiceResponse:
    """End the override that runs, if one does."""
    await controller_of(_entry_of(call).runtime_data).start_override(None)
    return await _told(call)


async def _take_over(call: ServiceCall) -> ServiceResponse:
    """Take the plant from whoever controls it."""
    controller = controller_of(_entry_of(call).runtime_data)
    if not is_yielded(controller):
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_yielded")
    controller.take_over()
    return await _told(call)


async def _set_plant_power(call: ServiceCall) -> ServiceResponse:
    """Switch the whole plant on or off, for an owner who has asked for this action."""
    entry = _entry_of(call)
    if entry.options.get(CONF_PLANT_POWER) is not True:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="plant_power_off")
    if not call.data[ATTR_CONFIRM]:
        raise not_allowed(ATTR_CONFIRM, "false", "true")
    request = Request.POWER_ON if call.data[ATTR_POWER] else Request.POWER_OFF
    runtime = entry.runtime_data
    await async_request(runtime, runtime.driver.devices[0].key, request)
    return await _told(call)


@callback
def _read_registers(call: ServiceCall) -> ServiceResponse:
    """Answer with what the registers of a plant said when they were read last."""
    registers = _entry_of(call).runtime_data.driver.registers()
    registers = _chosen(registers, ATTR_DEVICES, call.data.get(ATTR_DEVICES))
    registers = _chosen(registers, ATTR_NAMES, call.data.get(ATTR_NAMES))
    devices: dict[str, dict[str, JsonValueType]] = {}
    for register in registers:
        devices.setdefault(register.device, {})[register.name] = {
            "value": to_json(register.value),
            "unit": register.unit,
            "address": register.address,
            "raw": None if register.raw is None else list(register.raw),
        }
    return {"devices": {**devices}}


def _chosen(
    registers: tuple[RegisterReading, ...], field: str, wanted: Iterable[str] | None
) -> tuple[RegisterReading, ...]:
    """Keep the registers whose device or name is wanted; all of them when nothing was said."""
    if wanted is None:
        return registers
    of = {register: register.device if field == ATTR_DEVICES else register.name for register in registers}
    for value in wanted:
        if value not in of.values():
            raise not_allowed(field, value, ", ".join(sorted(set(of.values()))))
    return tuple(register for register in registers if of[register] in wanted)


def to_json(value: Value) -> str | float | None:
    """Write a reading as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else value
