"""Actions: what the owner or an automation can ask of a plant beyond its entities."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, selector, service
from homeassistant.util.json import JsonValueType
import probatio

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry
from .engine.plant import Value
from .vendors.driver import RegisterReading

READ_REGISTERS: Final = "read_registers"
ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_DEVICES: Final = "devices"
ATTR_NAMES: Final = "names"

READ_REGISTERS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(ATTR_CONFIG_ENTRY): selector.ConfigEntrySelector({"integration": DOMAIN}),
        probatio.Optional(ATTR_DEVICES): probatio.All(cv.ensure_list, [cv.string]),
        probatio.Optional(ATTR_NAMES): probatio.All(cv.ensure_list, [cv.string]),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether or not a plant is."""
    hass.services.async_register(
        DOMAIN,
        READ_REGISTERS,
        _read_registers,
        schema=READ_REGISTERS_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


@callback
def _read_registers(call: ServiceCall) -> ServiceResponse:
    """Answer with what the registers of a plant said when they were read last."""
    entry: EnergyStorageConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY]
    )
    registers = entry.runtime_data.driver.registers()
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
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_allowed",
                translation_placeholders={
                    "field": field,
                    "value": value,
                    "allowed": ", ".join(sorted(set(of.values()))),
                },
            )
    return tuple(register for register in registers if of[register] in wanted)


def to_json(value: Value) -> str | float | None:
    """Write a reading as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else value
