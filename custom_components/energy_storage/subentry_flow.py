"""The flow in which the owner says how the house is connected to the grid."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode
import probatio

from .const import (
    CONF_BACKUP_SUPPLY,
    CONF_INVERTER_PHASE,
    CONF_LARGEST_LOAD_W,
    CONF_MAIN_FUSE_A,
    CONF_PHASES,
    SUBENTRY_GRID_CONNECTION,
    SUBENTRY_GRID_METER,
)
from .forms import number, whole
from .meter_flow import GridMeterFlow
from .texts import load_texts

BACKUP: Final = {"yes": True, "no": False, "unknown": None}


def _choice(options: list[str], key: str) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=options, translation_key=key, mode=SelectSelectorMode.DROPDOWN)
    )


CONNECTION_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(CONF_MAIN_FUSE_A): number(6, 200, unit="A"),
        probatio.Required(CONF_PHASES, default="3"): _choice(["1", "3"], "phases"),
        # Shown for one phase too: hiding fields needs a newer Home Assistant than the oldest we run on.
        probatio.Required(CONF_INVERTER_PHASE, default="all"): _choice(
            ["all", "l1", "l2", "l3"], "inverter_phase"
        ),
        probatio.Optional(CONF_LARGEST_LOAD_W): whole(number(0, 100_000, step=100, unit="W")),
        probatio.Required(CONF_BACKUP_SUPPLY, default="unknown"): _choice(list(BACKUP), "backup_supply"),
    }
)


class GridConnectionFlow(ConfigSubentryFlow):
    """Describe the one grid connection of a plant; the entry's update listener lets it take effect."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Describe it for the first time."""
        if any(self._get_entry().get_subentries_of_type(SUBENTRY_GRID_CONNECTION)):
            return self.async_abort(reason="already_configured")
        if user_input is None:
            return self.async_show_form(step_id="user", data_schema=CONNECTION_SCHEMA)
        texts = await load_texts(self.hass)
        return self.async_create_entry(title=texts["common.grid_connection"], data=_kept(user_input))

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Describe it anew."""
        subentry = self._get_reconfigure_subentry()
        if user_input is not None:
            return self.async_update_and_abort(self._get_entry(), subentry, data=_kept(user_input))
        known = dict(subentry.data)
        known[CONF_PHASES] = str(known[CONF_PHASES])
        backup = known.get(CONF_BACKUP_SUPPLY)
        known[CONF_BACKUP_SUPPLY] = next(word for word, meant in BACKUP.items() if meant is backup)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(CONNECTION_SCHEMA, known),
        )


def _kept(entered: dict[str, Any]) -> dict[str, Any]:
    """Make of what was entered what is kept: what is unknown is left out."""
    data = {**entered, CONF_PHASES: int(entered[CONF_PHASES])}
    if (backup := BACKUP[data.pop(CONF_BACKUP_SUPPLY)]) is not None:
        data[CONF_BACKUP_SUPPLY] = backup
    if data[CONF_PHASES] == 1:
        data[CONF_INVERTER_PHASE] = "all"
    return data


def subentry_flows(_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
    """Give the flows by the kind of subentry that they make."""
    return {SUBENTRY_GRID_CONNECTION: GridConnectionFlow, SUBENTRY_GRID_METER: GridMeterFlow}
