"""Issues under Repairs: raised and cleared here, and those that have to do with the link to a plant."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.dt import utcnow
from homeassistant.util.hass_dict import HassKey

from .const import CONF_VENDOR, DOMAIN
from .link import Link
from .vendors.driver import DriverConnectionError, DriverError, LinkFault, LinkKind, UnitIdClashError

MODBUS_OFF: Final = "modbus_off"
UNIT_ID_CLASH: Final = "unit_id_clash"
HOST_SHARED: Final = "host_shared"
NOT_CONFIRMED: Final = "not_confirmed"
CONTROL_REFUSED: Final = "control_refused"
SOMEONE_ELSE: Final = "someone_else_controls"
PV_LIMIT_ZERO: Final = "pv_limit_zero"
SHADOW_DAY_OVER: Final = "shadow_day_over"
METER_DISAGREES: Final = "meter_disagrees"
OF_CONTROL: Final = (
    NOT_CONFIRMED,
    CONTROL_REFUSED,
    SOMEONE_ELSE,
    PV_LIMIT_ZERO,
    SHADOW_DAY_OVER,
    METER_DISAGREES,
)

REFUSALS: Final = {LinkFault.REFUSED, LinkFault.CLOSED}
"""How a host answers whose Modbus server is switched off."""
REFUSING_FOR: Final = timedelta(minutes=2)
"""So long it may refuse before we speak of it: a restart takes less."""

REFUSED_SINCE: HassKey[dict[str, datetime]] = HassKey(f"{DOMAIN}_refused_since")
"""Entry id → when its plant began to refuse."""


@callback
def async_setup_issues(hass: HomeAssistant) -> None:
    """Keep the issues in step with the config entries, ours and those of others."""

    @callback
    def check(change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN and (change is ConfigEntryChange.REMOVED or entry.disabled_by):
            hass.data.get(REFUSED_SINCE, {}).pop(entry.entry_id, None)
            clear_issues(hass, entry, MODBUS_OFF, UNIT_ID_CLASH, HOST_SHARED, *OF_CONTROL)
        for plant in hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False):
            _update_host_shared(hass, plant, entry)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, check)


@callback
def async_update_issues(hass: HomeAssistant, entry: ConfigEntry, err: DriverError | None) -> None:
    """Tell how the plant was last asked: None when it answered, else why it could not be read."""
    if isinstance(err, DriverConnectionError):
        _update_modbus_off(hass, entry, err.fault)
        return
    hass.data.get(REFUSED_SINCE, {}).pop(entry.entry_id, None)
    clear_issues(hass, entry, MODBUS_OFF)
    if isinstance(err, UnitIdClashError):
        create_issue(hass, entry, UNIT_ID_CLASH, of_vendor=True, unit_id=str(err.unit_id))
    else:
        clear_issues(hass, entry, UNIT_ID_CLASH)


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


def _update_modbus_off(hass: HomeAssistant, entry: ConfigEntry, fault: LinkFault) -> None:
    """Speak up when it has refused for long; only an answer proves that Modbus is on again."""
    refused_since = hass.data.setdefault(REFUSED_SINCE, {})
    if fault not in REFUSALS:
        refused_since.pop(entry.entry_id, None)
    elif utcnow() - refused_since.setdefault(entry.entry_id, utcnow()) >= REFUSING_FOR:
        create_issue(hass, entry, MODBUS_OFF, of_vendor=True, fixable=True)


def _update_host_shared(hass: HomeAssistant, plant: ConfigEntry, changed: ConfigEntry) -> None:
    """Look for others on a plant's host, if what changed can have to do with it."""
    known = ir.async_get(hass).async_get_issue(DOMAIN, issue_id(HOST_SHARED, plant)) is not None
    if not (known or changed.domain == DOMAIN or _polls(hass, changed, plant)):
        return
    others = sorted(
        f"{entry.title} ({entry.domain})"
        for entry in hass.config_entries.async_entries(include_ignore=False, include_disabled=False)
        if _polls(hass, entry, plant)
    )
    if others:
        warning = ir.IssueSeverity.WARNING
        create_issue(hass, plant, HOST_SHARED, severity=warning, others=", ".join(others))
    else:
        clear_issues(hass, plant, HOST_SHARED)


def _polls(hass: HomeAssistant, other: ConfigEntry, plant: ConfigEntry) -> bool:
    """Whether an entry of another integration polls this plant, over the shared link or one of its own."""
    if other.domain == DOMAIN:
        return False
    link = Link.of(plant.data)
    params = link.modbus()
    return _names(other.data, link) or any(
        other.entry_id in link.units
        for link in async_get_connection_info(hass)
        if link.endpoint == params.endpoint
    )


def _names(data: Mapping[str, Any], link: Link) -> bool:
    """Whether the address of a plant stands in an entry's data, however it is called there."""
    values = list(data.values())
    hosts = {value.lower() for value in values if isinstance(value, str)}
    if link.kind is LinkKind.SERIAL:
        if link.serial_port in values:
            return True
    elif link.host in hosts and link.port in values:
        return True
    return any(_names(value, link) for value in values if isinstance(value, Mapping))
