"""Issues under Repairs: their kinds, how they are raised and how they are taken back."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_VENDOR, DOMAIN
from .link import Link

MODBUS_OFF: Final = "modbus_off"
PORT_CLOSED: Final = "port_closed"
SECOND_CLIENT: Final = "second_client"
ENCRYPTED: Final = "encrypted"
ADDRESS_CHANGED: Final = "address_changed"
CLOUD_UPLOAD: Final = "cloud_upload"
UNIT_ID_CLASH: Final = "unit_id_clash"
HOST_SHARED: Final = "host_shared"
NOT_CONFIRMED: Final = "not_confirmed"
CONTROL_REFUSED: Final = "control_refused"
SOMEONE_ELSE: Final = "someone_else_controls"
PV_LIMIT_ZERO: Final = "pv_limit_zero"
SHADOW_DAY_OVER: Final = "shadow_day_over"
METER_DISAGREES: Final = "meter_disagrees"
PROGRAM_DOES_NOT_FIT: Final = "program_does_not_fit"
OF_CONTROL: Final = (
    NOT_CONFIRMED,
    CONTROL_REFUSED,
    SOMEONE_ELSE,
    PV_LIMIT_ZERO,
    SHADOW_DAY_OVER,
    METER_DISAGREES,
    PROGRAM_DOES_NOT_FIT,
)


@callback
def create_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    kind: str,
    *,
    text: str | None = None,
    of_vendor: bool = False,
    fixable: bool = False,
    severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
    **placeholders: str,
) -> None:
    """Raise the issue of this kind, with the text of this key, or the vendor's own, who says where to look.

    One that is there already takes over whatever is new.
    """
    key, link = text or kind, Link.of(entry.data)
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(kind, entry),
        data={"entry_id": entry.entry_id, "kind": kind},
        is_fixable=fixable,
        severity=severity,
        translation_key=f"{key}_{entry.data[CONF_VENDOR]}" if of_vendor else key,
        translation_placeholders={
            "plant": entry.title,
            "host": link.where,
            "port": link.detail,
            **placeholders,
        },
    )


@callback
def clear_issues(hass: HomeAssistant, entry: ConfigEntry, *kinds: str) -> None:
    """Take back the issues of these kinds."""
    for kind in kinds:
        ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry))


def issue_id(kind: str, entry: ConfigEntry) -> str:
    """Name an issue of one plant."""
    return f"{kind}_{entry.entry_id}"
