"""The actions that look at single registers of a plant, and write the few that are not locked."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType
import probatio

from .actions import controller_of
from .coordinator import PlantRuntime
from .engine import ControlState
from .engine.plant import Value
from .errors import not_allowed, refused
from .raw_reading import address_range, device_of, raw_access_of, read_range
from .service_calls import Fields, entry_of, register
from .vendors.control import Order, Outcome
from .vendors.driver import RegisterReading
from .vendors.raw_access import DeclaredRow, RawAccess, Space
from .vendors.register_tools.passes import spans_of
from .vendors.register_tools.search import groups_of, search
from .vendors.register_tools.words import Kind, WordOrder, runs_of, values_of
from .vendors.register_tools.writable import (
    NotDeclaredError,
    ValueNotAllowedError,
    checked,
    refuse_locked,
    row_named,
)
from .vendors.write import CommandRefusedError

MOST_REGISTERS: Final = 1000
"""In one `read_registers`; a scan takes more."""
ADDRESS: Final = probatio.All(probatio.Coerce(int), probatio.Range(min=0, max=0xFFFF))
SPACES: Final = probatio.In([space.value for space in Space])
_NAMES: Final = probatio.All(cv.ensure_list, [cv.string])
_READ: Final[Fields] = {
    probatio.Optional("devices"): _NAMES,
    probatio.Optional("names"): _NAMES,
    probatio.Optional("address"): ADDRESS,
    probatio.Optional("count", default=1): probatio.All(
        probatio.Coerce(int), probatio.Range(min=1, max=MOST_REGISTERS)
    ),
    probatio.Optional("space", default=Space.INPUT.value): SPACES,
    probatio.Optional("type", default=Kind.U16.value): probatio.In([kind.value for kind in Kind]),
    probatio.Optional("word_order"): probatio.In([order.value for order in WordOrder]),
    probatio.Optional("scale", default=1.0): probatio.All(
        probatio.Coerce(float), probatio.Range(min=1e-6, max=1e6)
    ),
}
_WRITE: Final[Fields] = {
    probatio.Required("device"): cv.string,
    probatio.Required("name"): cv.string,
    probatio.Required("value"): probatio.Any(int, float, str),
    probatio.Optional("confirm", default=False): cv.boolean,
}
_SEARCH: Final[Fields] = {
    probatio.Optional("keyword", default=""): cv.string,
    probatio.Optional("group", default=""): cv.string,
    probatio.Optional("device"): cv.string,
}


@callback
def async_setup_register_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    register(hass, "read_registers", _read, _READ, SupportsResponse.ONLY)
    register(hass, "search_registers", _search, _SEARCH, SupportsResponse.ONLY)
    register(hass, "write_register", _write, _WRITE)


async def _read(call: ServiceCall) -> ServiceResponse:
    """Answer with what is known of declared registers, or read a range just now."""
    runtime = entry_of(call).runtime_data
    if "address" in call.data:
        return await _read_now(runtime, call.data)
    known = runtime.driver.registers()
    known = _chosen(known, "devices", call.data.get("devices"), lambda each: each.device)
    known = _chosen(known, "names", call.data.get("names"), lambda each: each.name)
    devices: dict[str, dict[str, JsonValueType]] = {}
    for each in known:
        devices.setdefault(each.device, {})[each.name] = {
            "value": to_json(each.value),
            "unit": each.unit,
            "address": each.address,
            "raw": None if each.raw is None else list(each.raw),
        }
    return {"devices": {**devices}}


async def _read_now(runtime: PlantRuntime, data: Mapping[str, Any]) -> ServiceResponse:
    """Read the same range of each device that is named, or of the plant as a whole."""
    if names := data.get("names"):
        raise not_allowed("names", ", ".join(names), "address | names")
    raw = raw_access_of(runtime)
    span, space = address_range(data), Space(data["space"])
    order = WordOrder(data.get("word_order") or _usual_order(raw))
    devices: dict[str, JsonValueType] = {}
    for name in data.get("devices") or [runtime.driver.devices[0].key]:
        words, unknown = await read_range(runtime, device_of(runtime, name, "devices"), space, span)
        values = values_of(words, Kind(data["type"]), order, data["scale"])
        devices[name] = {
            "space": space.value,
            "words": [{"address": first, "words": [*run]} for first, run in runs_of(words)],
            "values": [
                {"address": address, "value": [*value] if isinstance(value, tuple) else value}
                for address, value in values
            ],
            "refused": [{"address": each.address, "count": each.size} for each in spans_of(unknown)],
        }
    return {"devices": devices}


def _usual_order(raw: RawAccess) -> WordOrder:
    return WordOrder.LITTLE if raw.low_word_first else WordOrder.BIG


def _chosen(
    registers: tuple[RegisterReading, ...],
    field: str,
    wanted: Iterable[str] | None,
    of: Callable[[RegisterReading], str],
) -> tuple[RegisterReading, ...]:
    """Keep the registers whose device or name is wanted; all of them when nothing was said."""
    if wanted is None:
        return registers
    known = {of(each) for each in registers}
    for value in wanted:
        if value not in known:
            raise not_allowed(field, value, ", ".join(sorted(known)))
    return tuple(each for each in registers if of(each) in wanted)


async def _search(call: ServiceCall) -> ServiceResponse:
    """Answer with the declared registers that were looked for, and what they said last."""
    runtime = entry_of(call).runtime_data
    rows = tuple(raw_access_of(runtime).rows())
    device = call.data.get("device")
    if device is not None:
        device_of(runtime, device, "device")
    found = search(rows, keyword=call.data["keyword"], group=call.data["group"], device=device)
    said = {(each.device, each.name): each.value for each in runtime.driver.registers()}
    return {
        "registers": [{**row.to_json(), "value": to_json(said.get((row.device, row.name)))} for row in found],
        "groups": list(groups_of(rows)),
    }


async def _write(call: ServiceCall) -> ServiceResponse:
    """Write one register that is not locked, read it back, and tell what it held before."""
    runtime = entry_of(call).runtime_data
    if not call.data["confirm"]:
        raise not_allowed("confirm", "false", "true")
    raw, controller = raw_access_of(runtime), controller_of(runtime)
    order = partial(_order, runtime, raw, call.data)
    try:
        order()  # what is refused anyway costs the plant no request
        before = _value_of(runtime, call.data)
        applied = await controller.carry_out_in_turn(order)
    except CommandRefusedError as err:
        raise refused(err.code) from err
    except NotDeclaredError as err:
        raise not_allowed(err.field, err.value, ", ".join(err.known)) from err
    except ValueNotAllowedError as err:
        raise not_allowed(err.name, err.value, err.allowed) from err
    if applied.outcome is not Outcome.CONFIRMED:
        raise refused(applied.code or "not_held")
    return {
        "device": call.data["device"],
        "name": call.data["name"],
        "before": to_json(before),
        "value": to_json(_value_of(runtime, call.data)),
        "written": bool(applied.done),
        "writes_left": controller.control.holding().writes_left,
    }


def _order(runtime: PlantRuntime, raw: RawAccess, data: Mapping[str, Any]) -> Order:
    """Plan a write by the rules as they are now: bounds, locks and control may have changed meanwhile."""
    row: DeclaredRow = row_named(raw.rows(), data["device"], data["name"])
    refuse_locked(row, control_on=runtime.settings.settings.control is ControlState.ON)
    value = checked(row, data["value"])
    if controller_of(runtime).control.holding().writes_left == 0:
        raise CommandRefusedError("write_budget")
    return raw.order(row, value)


def _value_of(runtime: PlantRuntime, data: Mapping[str, Any]) -> Value:
    device, name = data["device"], data["name"]
    return next(
        (each.value for each in runtime.driver.registers() if (each.device, each.name) == (device, name)),
        None,
    )


def to_json(value: Value) -> str | float | None:
    """Write a reading as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else value
