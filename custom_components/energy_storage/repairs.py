"""Problems that only the owner can solve, shown under Repairs until they are solved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.dt import utcnow
from homeassistant.util.hass_dict import HassKey
from modbus_connection import ModbusTcpParams
import probatio

from .const import CONF_VENDOR, DOMAIN
from .probe import ProbeError, Problem, async_probe, last_address
from .vendors.driver import DriverConnectionError, DriverError, LinkFault, UnitIdClashError

MODBUS_OFF: Final = "modbus_off"
UNIT_ID_CLASH: Final = "unit_id_clash"
HOST_SHARED: Final = "host_shared"

REFUSALS: Final = {LinkFault.REFUSED, LinkFault.CLOSED}
"""How a host answers whose Modbus server is switched off."""
STILL_OFF: Final = {Problem.MODBUS_DISABLED, Problem.REFUSED, Problem.CLOSED}
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
            _clear(hass, entry, MODBUS_OFF, UNIT_ID_CLASH, HOST_SHARED)
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
    _clear(hass, entry, MODBUS_OFF)
    if isinstance(err, UnitIdClashError):
        _create(hass, entry, UNIT_ID_CLASH, fixable=False, unit_id=str(err.unit_id))
    else:
        _clear(hass, entry, UNIT_ID_CLASH)


def _update_modbus_off(hass: HomeAssistant, entry: ConfigEntry, fault: LinkFault) -> None:
    """Speak up when it has refused for long; only an answer proves that Modbus is on again."""
    refused_since = hass.data.setdefault(REFUSED_SINCE, {})
    if fault not in REFUSALS:
        refused_since.pop(entry.entry_id, None)
    elif utcnow() - refused_since.setdefault(entry.entry_id, utcnow()) >= REFUSING_FOR:
        _create(hass, entry, MODBUS_OFF, fixable=True)


def _update_host_shared(hass: HomeAssistant, plant: ConfigEntry, changed: ConfigEntry) -> None:
    """Look for others on a plant's host, if what changed can have to do with it."""
    known = ir.async_get(hass).async_get_issue(DOMAIN, _issue_id(HOST_SHARED, plant)) is not None
    if not (known or changed.domain == DOMAIN or _polls(hass, changed, plant)):
        return
    others = sorted(
        f"{entry.title} ({entry.domain})"
        for entry in hass.config_entries.async_entries(include_ignore=False, include_disabled=False)
        if _polls(hass, entry, plant)
    )
    if others:
        _create(hass, plant, HOST_SHARED, fixable=False, others=", ".join(others))
    else:
        _clear(hass, plant, HOST_SHARED)


def _polls(hass: HomeAssistant, other: ConfigEntry, plant: ConfigEntry) -> bool:
    """Whether an entry of another integration polls this plant, over the shared link or one of its own."""
    if other.domain == DOMAIN:
        return False
    params = ModbusTcpParams(host=plant.data[CONF_HOST], port=plant.data[CONF_PORT])
    return _names(other.data, params) or any(
        other.entry_id in link.units
        for link in async_get_connection_info(hass)
        if link.endpoint == params.endpoint
    )


def _names(data: Mapping[str, Any], params: ModbusTcpParams) -> bool:
    """Whether host and port stand side by side in an entry's data, however they are called there."""
    values = list(data.values())
    hosts = {value.lower() for value in values if isinstance(value, str)}
    if params.host in hosts and params.port in values:
        return True
    return any(_names(value, params) for value in values if isinstance(value, Mapping))


def _create(
    hass: HomeAssistant, entry: ConfigEntry, kind: str, *, fixable: bool, **placeholders: str
) -> None:
    """Raise an issue. Its text is the vendor's, who says where to look, unless it is the same for all."""
    shared = kind == HOST_SHARED
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(kind, entry),
        data={"entry_id": entry.entry_id},
        is_fixable=fixable,
        severity=ir.IssueSeverity.WARNING if shared else ir.IssueSeverity.ERROR,
        translation_key=kind if shared else f"{kind}_{entry.data[CONF_VENDOR]}",
        translation_placeholders={
            "plant": entry.title,
            "host": entry.data[CONF_HOST],
            "port": str(entry.data[CONF_PORT]),
            **placeholders,
        },
    )


def _clear(hass: HomeAssistant, entry: ConfigEntry, *kinds: str) -> None:
    for kind in kinds:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, entry))


def _issue_id(kind: str, entry: ConfigEntry) -> str:
    return f"{kind}_{entry.entry_id}"


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Make the flow of the one issue that has one: Modbus is switched off."""
    del issue_id
    entry_id = str((data or {})["entry_id"])
    return ModbusOffFlow(hass.config_entries.async_get_known_entry(entry_id))


class ModbusOffFlow(RepairsFlow):
    """Says what to do, then asks the plant whether it was done."""

    def __init__(self, entry: ConfigEntry) -> None:
        """Know which plant to ask."""
        self._entry = entry

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Test the connection each time the owner says that Modbus is on."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await async_probe(self.hass, last_address(self._entry))
            except ProbeError as err:
                errors["base"] = "still_off" if err.problem in STILL_OFF else "no_answer"
            else:
                if self._entry.state is ConfigEntryState.SETUP_RETRY:
                    self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            errors=errors,
            description_placeholders={
                "plant": self._entry.title,
                "host": self._entry.data[CONF_HOST],
                "port": str(self._entry.data[CONF_PORT]),
            },
        )
