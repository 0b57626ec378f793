"""The actions with which a third party says what the battery is to do."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.dt import as_utc, utcnow
import probatio

from .actions import async_cancel_dispatch, async_dispatch
from .engine.command import BatteryCommand, CommandKind
from .engine.dispatch import Dispatch
from .errors import not_allowed
from .service_calls import DURATION, PERCENT, Fields, entry_of, register, told

COMMANDS: Final = tuple(
    kind.value for kind in CommandKind if kind not in (CommandKind.ISLAND, CommandKind.RELEASE)
)
_WATTS: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=100_000))
NUMBERS: Final[Fields] = {
    **{
        probatio.Optional(name): _WATTS
        for name in ("power_w", "max_charge_w", "max_discharge_w", "max_import_w", "export_limit_w")
    },
    **{probatio.Optional(name): PERCENT for name in ("target_soc_pct", "floor_soc_pct")},
}


@callback
def async_setup_dispatch_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    fields: Fields = {
        probatio.Required("id"): cv.string,
        probatio.Required("sender"): cv.string,
        probatio.Required("command"): probatio.In(COMMANDS),
        probatio.Optional("valid_from"): cv.datetime,
        probatio.Optional("valid_until"): cv.datetime,
    }
    register(hass, "dispatch", _dispatch, fields | NUMBERS | DURATION)
    register(hass, "cancel_dispatch", _cancel_dispatch, {probatio.Optional("sender"): cv.string})


async def _dispatch(call: ServiceCall) -> ServiceResponse:
    """Take a wish, and tell what came of it."""
    start, end = _when(call)
    numbers = {str(name): call.data[str(name)] for name in NUMBERS if str(name) in call.data}
    command = BatteryCommand(kind=CommandKind(call.data["command"]), **numbers)
    dispatch = Dispatch(
        id=call.data["id"],
        sender=call.data["sender"],
        command=command,
        valid_from=start,
        valid_until=end,
    )
    await async_dispatch(entry_of(call).runtime_data, dispatch)
    came_of_it = await told(call) or {}
    return came_of_it | {
        "accepted": dispatch.id,
        "valid_from": start.isoformat(),
        "valid_until": end.isoformat(),
    }


def _when(call: ServiceCall) -> tuple[datetime, datetime]:
    """Give from when until when; a time without a zone is that of the house."""
    start = as_utc(call.data["valid_from"]) if "valid_from" in call.data else utcnow()
    length: timedelta | None = call.data.get("duration")
    if "valid_until" in call.data:
        return start, as_utc(call.data["valid_until"])
    if length is None:
        raise not_allowed("valid_until", None, "valid_until / duration")
    return start, start + length


async def _cancel_dispatch(call: ServiceCall) -> ServiceResponse:
    """Take a wish back."""
    await async_cancel_dispatch(entry_of(call).runtime_data, call.data.get("sender"))
    return await told(call)
