"""The actions that read and change whole documents: schedule, shaving windows, known outages."""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.util.dt import utcnow
import probatio

from .engine.documents import as_outages
from .service_calls import Fields, entry_of, register

_ANY: Final = probatio.Any(dict, list, None)
SETS: Final = {
    "set_schedule": ("schedule", "schedule"),
    "set_shaving_windows": ("windows", "shaving_windows"),
    "set_outages": ("outages", "outages"),
}
"""Action → its field, and the document that it sets."""


@callback
def async_setup_document_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, (field, document) in SETS.items():
        fields: Fields = {probatio.Required(field): _ANY}
        register(hass, name, partial(_set, field, document), fields)
    register(hass, "get_schedule", _get, {}, SupportsResponse.ONLY)


async def _set(field: str, document: str, call: ServiceCall) -> ServiceResponse:
    """Replace a document as a whole; answer with it as it is kept now."""
    runtime = entry_of(call).runtime_data
    given = call.data[field]
    kept = await runtime.calendars.store.async_set(**{document: [] if _cleared(document, given) else given})
    await runtime.cycle.decide()
    return {field: kept.to_json()[document]}


def _cleared(document: str, given: object) -> bool:
    return given is None and document != "schedule"


async def _get(call: ServiceCall) -> ServiceResponse:
    """Answer with all documents, and with the outages and holidays that are known from elsewhere."""
    calendars, now = entry_of(call).runtime_data.calendars, utcnow()
    known = calendars.documents(now)
    return calendars.store.kept.to_json() | {
        "known_outages": as_outages(known.outages),
        "holidays": [day.isoformat() for day in sorted(known.holidays)],
    }
