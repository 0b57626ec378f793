"""Issues about the link to a plant: it does not answer, it is shared, it is asked too often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.dt import utcnow
from homeassistant.util.hass_dict import HassKey

from .const import CONF_VENDOR, CONF_WITHOUT_CLOUD, DOMAIN
from .issues import (
    ADDRESS_CHANGED,
    CLOUD_UPLOAD,
    ENCRYPTED,
    HOST_SHARED,
    MODBUS_OFF,
    OF_CONTROL,
    PORT_CLOSED,
    SECOND_CLIENT,
    UNIT_ID_CLASH,
    clear_issues,
    create_issue,
    issue_id,
)
from .link import Link
from .vendors import vendor_by_key
from .vendors.driver import (
    AnyVendor,
    DriverConnectionError,
    DriverError,
    LinkFault,
    LinkKind,
    NotThisVendorError,
    StreamVendor,
    UnitIdClashError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is said of a plant that cannot be reached."""

    kind: str
    faults: frozenset[LinkFault]
    after: timedelta
    """So long it may be like that before we speak of it: a restart takes less."""
    fixable: bool = True


OF_MODBUS: Final = (
    # How a host answers whose Modbus server is switched off.
    Complaint(
        kind=MODBUS_OFF,
        faults=frozenset({LinkFault.REFUSED, LinkFault.CLOSED}),
        after=timedelta(minutes=2),
    ),
)
OF_STREAM: Final = (
    Complaint(kind=PORT_CLOSED, faults=frozenset({LinkFault.REFUSED}), after=timedelta(minutes=5)),
    Complaint(
        kind=SECOND_CLIENT,
        faults=frozenset({LinkFault.CLOSED, LinkFault.SILENT}),
        after=timedelta(minutes=5),
    ),
    Complaint(kind=ENCRYPTED, faults=frozenset({LinkFault.ENCRYPTED}), after=timedelta(0), fixable=False),
    Complaint(
        kind=ADDRESS_CHANGED,
        faults=frozenset({LinkFault.NAME_UNKNOWN, LinkFault.UNREACHABLE, LinkFault.GARBLED}),
        after=timedelta(minutes=5),
    ),
)
OF_LINK: Final = tuple(complaint.kind for complaint in (*OF_MODBUS, *OF_STREAM))

FAILING_SINCE: HassKey[dict[str, dict[str, datetime]]] = HassKey(f"{DOMAIN}_failing_since")
"""Entry id → kind of complaint → since when there is reason for it."""


@callback
def async_setup_issues(hass: HomeAssistant) -> None:
    """Keep the issues in step with the config entries, ours and those of others."""

    @callback
    def check(change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN and (change is ConfigEntryChange.REMOVED or entry.disabled_by):
            hass.data.get(FAILING_SINCE, {}).pop(entry.entry_id, None)
            clear_issues(hass, entry, *OF_LINK, UNIT_ID_CLASH, HOST_SHARED, CLOUD_UPLOAD, *OF_CONTROL)
        for plant in hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False):
            _update_host_shared(hass, plant, entry)

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, check)


@callback
def async_update_issues(hass: HomeAssistant, entry: ConfigEntry, err: DriverError | None) -> None:
    """Tell how the plant was last asked: None when it answered, else why it could not be read."""
    if (fault := _fault(_vendor(entry), err)) is not None:
        _complain(hass, entry, fault)
        return
    hass.data.get(FAILING_SINCE, {}).pop(entry.entry_id, None)
    clear_issues(hass, entry, *OF_LINK)
    if isinstance(err, UnitIdClashError):
        create_issue(hass, entry, UNIT_ID_CLASH, of_vendor=True, unit_id=str(err.unit_id))
    else:
        clear_issues(hass, entry, UNIT_ID_CLASH)


@callback
def async_update_cloud_issue(hass: HomeAssistant, entry: ConfigEntry, poll: timedelta) -> None:
    """Tell the owner whose polling stops the upload to the maker's cloud, unless that was wanted."""
    asked_too_often = poll.total_seconds() < _vendor(entry).pace.cloud_s
    if asked_too_often and not entry.options.get(CONF_WITHOUT_CLOUD, False):
        every = f"{poll.total_seconds():g}"
        warning = ir.IssueSeverity.WARNING
        create_issue(hass, entry, CLOUD_UPLOAD, of_vendor=True, fixable=True, severity=warning, every=every)
    else:
        clear_issues(hass, entry, CLOUD_UPLOAD)


def _vendor(entry: ConfigEntry) -> AnyVendor:
    return vendor_by_key(entry.data[CONF_VENDOR])


def _fault(vendor: AnyVendor, err: DriverError | None) -> LinkFault | None:
    """Tell how the link failed; None where the plant itself has answered."""
    if isinstance(err, DriverConnectionError):
        return err.fault
    if isinstance(err, NotThisVendorError) and isinstance(vendor, StreamVendor):
        return LinkFault.GARBLED  # the address belongs to something else by now
    return None


def _complain(hass: HomeAssistant, entry: ConfigEntry, fault: LinkFault) -> None:
    """Speak up when it has failed in one way for long; only an answer proves that all is well again."""
    since = hass.data.setdefault(FAILING_SINCE, {}).setdefault(entry.entry_id, {})
    for complaint in OF_STREAM if isinstance(_vendor(entry), StreamVendor) else OF_MODBUS:
        if fault not in complaint.faults:
            since.pop(complaint.kind, None)
        elif utcnow() - since.setdefault(complaint.kind, utcnow()) >= complaint.after:
            clear_issues(hass, entry, *(kind for kind in OF_LINK if kind != complaint.kind))
            create_issue(hass, entry, complaint.kind, of_vendor=True, fixable=complaint.fixable)


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
        create_issue(
            hass,
            plant,
            HOST_SHARED,
            of_vendor=isinstance(_vendor(plant), StreamVendor),
            severity=ir.IssueSeverity.WARNING,
            others=", ".join(others),
        )
    else:
        clear_issues(hass, plant, HOST_SHARED)


def _polls(hass: HomeAssistant, other: ConfigEntry, plant: ConfigEntry) -> bool:
    """Whether an entry of another integration polls this plant, over the shared link or one of its own."""
    if other.domain == DOMAIN:
        return False
    link, vendor = Link.of(plant.data), _vendor(plant)
    if isinstance(vendor, StreamVendor):
        return other.domain in vendor.integrations and link.host in _texts(other.data)
    params = link.modbus()
    return _names(other.data, link) or any(
        other.entry_id in link.units
        for link in async_get_connection_info(hass)
        if link.endpoint == params.endpoint
    )


def _names(data: Mapping[str, Any], link: Link) -> bool:
    """Whether the address of a plant stands in an entry's data, however it is called there."""
    values = list(data.values())
    if link.kind is LinkKind.SERIAL:
        if link.serial_port in values:
            return True
    elif link.host in _texts(data) and link.port in values:
        return True
    return any(_names(value, link) for value in values if isinstance(value, Mapping))


def _texts(data: Mapping[str, Any]) -> set[str]:
    return {value.lower() for value in data.values() if isinstance(value, str)}
