"""The actions that find unknown registers: scans, what has changed between two, and where a value stands."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
import math
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.dt import utcnow
from homeassistant.util.json import JsonValueType
import probatio

from .const import DOMAIN
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.plant import Device
from .errors import not_allowed
from .raw_reading import address_range, device_of, layout_of, raw_access_of, sweep_between_ticks
from .register_services import ADDRESS, SPACES
from .scan_watch import ScanWatch
from .service_calls import ATTR_DURATION, Fields, entry_of, register
from .texts import load_texts
from .vendors.raw_access import Space
from .vendors.register_tools.candidates import Candidate, Sighting, candidates
from .vendors.register_tools.layout import Span
from .vendors.register_tools.passes import NotComparableError, ScanPass, begun, difference
from .vendors.register_tools.profile_row import profile_row
from .vendors.register_tools.sweep import Sweep

MOST_REGISTERS: Final = 10_000
_MOST_REQUESTS: Final = 2_000
_LONGEST: Final = timedelta(minutes=10)
_USUAL: Final = timedelta(minutes=1)
_MOST_CANDIDATES: Final = 20
_LABEL: Final = probatio.All(cv.string, probatio.Length(min=1, max=40))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise probatio.Invalid("not a number")
    return value


_NUMBER: Final = probatio.All(probatio.Coerce(float), _finite)
_SCAN: Final[Fields] = {
    probatio.Required("label"): _LABEL,
    probatio.Optional("device"): cv.string,
    probatio.Required("address"): ADDRESS,
    probatio.Required("count"): probatio.All(probatio.Coerce(int), probatio.Range(min=1, max=MOST_REGISTERS)),
    probatio.Optional("space", default=Space.INPUT.value): SPACES,
    probatio.Optional("compare_with"): _LABEL,
    probatio.Optional(ATTR_DURATION, default=_USUAL): probatio.All(
        cv.positive_time_period, probatio.Range(min=timedelta(seconds=1), max=_LONGEST)
    ),
}
_FIND: Final[Fields] = {
    probatio.Required("seen"): probatio.All({_LABEL: _NUMBER}, probatio.Length(min=1)),
    probatio.Optional("unit"): cv.string,
    probatio.Optional("tolerance"): probatio.All(_NUMBER, probatio.Range(min=0)),
    probatio.Optional("name", default="found"): cv.string,
}


@callback
def async_setup_scan_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    register(hass, "scan_registers", _scan, _SCAN, SupportsResponse.ONLY)
    register(hass, "find_value", _find, _FIND, SupportsResponse.ONLY)


async def _scan(call: ServiceCall) -> ServiceResponse:
    """Read a range once, keep it under its label, and tell what differs from another pass."""
    entry, data = entry_of(call), call.data
    runtime = entry.runtime_data
    kept = await runtime.passes.all()
    before = _pass_of(kept, "compare_with", data["compare_with"]) if "compare_with" in data else None
    device = device_of(runtime, data.get("device", runtime.driver.devices[0].key), "device")
    scan = begun(
        data["label"],
        device=device.key,
        unit_id=device.unit_id,
        space=Space(data["space"]),
        span=address_range(data),
        started=utcnow(),
    )
    if before is not None:
        _changes(runtime, before, scan)  # what cannot be compared is not read for nothing
    if (old := kept.get(scan.label)) is not None and old.continues(scan):
        scan = old
    if runtime.passes.scanning:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="scan_running")
    runtime.passes.scanning = True
    try:
        scan = await _swept(call.hass, entry, device, scan, data[ATTR_DURATION])
        await runtime.passes.keep(scan)
    finally:
        runtime.passes.scanning = False
    return {"pass": scan.to_json(), "changes": None if before is None else _changes(runtime, before, scan)}


async def _swept(
    hass: HomeAssistant,
    entry: EnergyStorageConfigEntry,
    device: Device,
    scan: ScanPass,
    duration: timedelta,
) -> ScanPass:
    """Read what a pass has not come to, for a while, and tell meanwhile how far it is."""
    runtime = entry.runtime_data
    layout = layout_of(runtime, device, scan.space)
    sweep = Sweep(scan.left or Span(scan.address, 0), layout, raw_access_of(runtime).most_registers)
    watch = ScanWatch(hass, entry, scan, sweep, duration=duration, texts=await load_texts(hass))
    try:
        ended = await sweep_between_ticks(
            runtime, device, scan.space, sweep, most_requests=_MOST_REQUESTS, why_stop=watch.why_stop
        )
    except HomeAssistantError, asyncio.CancelledError:
        watch.forget()
        raise
    watch.tell(ended)
    return scan.with_more(sweep, ended, utcnow())


async def _find(call: ServiceCall) -> ServiceResponse:
    """Answer where values from a display may stand, each as the row of a profile."""
    runtime = entry_of(call).runtime_data
    raw, kept = raw_access_of(runtime), await runtime.passes.all()
    seen = [
        Sighting(scan=_pass_of(kept, "seen", label), value=value)
        for label, value in call.data["seen"].items()
    ]
    unit: str | None = call.data.get("unit")
    look: Callable[[], tuple[Candidate, ...]] = partial(
        candidates,
        seen,
        tuple(raw.rows()),
        unit=unit,
        tolerance=call.data.get("tolerance"),
        low_word_first=raw.low_word_first,
    )
    try:
        found = await call.hass.async_add_executor_job(look)
    except NotComparableError as err:
        raise _not_comparable() from err
    return {
        "candidates": [
            {**each.to_json(), "row": {**profile_row(each, seen, name=call.data["name"], unit=unit)}}
            for each in found[:_MOST_CANDIDATES]
        ],
        "left_off": max(0, len(found) - _MOST_CANDIDATES),
    }


def _changes(runtime: PlantRuntime, before: ScanPass, after: ScanPass) -> list[JsonValueType]:
    """Give what differs, with the names of what is declared."""
    names = {
        address: row.name
        for row in raw_access_of(runtime).rows()
        if (row.unit_id, row.space) == (after.unit_id, after.space)
        for address in row.addresses
    }
    try:
        changes = difference(before, after)
    except NotComparableError as err:
        raise _not_comparable() from err
    return [
        {
            "address": each.address,
            "before": each.before,
            "after": each.after,
            "name": names.get(each.address),
        }
        for each in changes
    ]


def _not_comparable() -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="not_comparable")


def _pass_of(kept: Mapping[str, ScanPass], field: str, label: str) -> ScanPass:
    if label not in kept:
        raise not_allowed(field, label, ", ".join(kept) or "…")
    return kept[label]
