"""The flows behind the issues about the link to a plant."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.helpers.selector import TextSelector
import probatio

from .const import CONF_FAST_POLL_S, CONF_VENDOR, CONF_WITHOUT_CLOUD
from .issues import ADDRESS_CHANGED, CLOUD_UPLOAD, MODBUS_OFF, PORT_CLOSED, SECOND_CLIENT
from .link import Link
from .probe import ProbeError, Problem, async_probe, last_address
from .repair_flow import PlantRepairFlow
from .vendors import vendor_by_key

STILL_OFF: Final = {
    *(Problem.MODBUS_DISABLED, Problem.REFUSED, Problem.CLOSED),
    *(Problem.STREAM_REFUSED, Problem.STREAM_CLOSED, Problem.STREAM_SILENT),
}


class NoAnswerFlow(PlantRepairFlow):
    """Says what to do, then asks the plant whether it was done."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Test the connection each time the owner says that it was done."""
        errors, link = dict[str, str](), Link.of(self._entry.data)
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
                "host": link.where,
                "port": link.detail,
            },
        )


class AddressFlow(PlantRepairFlow):
    """Asks for the new address, and moves the entry there if the plant answers."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask who is there; only the plant itself will do."""
        errors = dict[str, str]()
        host = Link.of(self._entry.data).host
        if user_input is not None:
            host = user_input[CONF_HOST].strip().lower()
            if (problem := await self._problem_at(host)) is None:
                return self._move_to(host)
            errors[CONF_HOST] = problem
        schema = probatio.Schema({probatio.Required(CONF_HOST, default=host): TextSelector()})
        return self.async_show_form(
            step_id="confirm",
            data_schema=schema,
            errors=errors,
            description_placeholders=self._placeholders,
        )

    async def _problem_at(self, host: str) -> str | None:
        try:
            found = await async_probe(self.hass, last_address(self._entry, host))
        except ProbeError:
            return "no_answer"
        return None if found.plant.serial == self._entry.unique_id else "wrong_plant"

    def _move_to(self, host: str) -> RepairsFlowResult:
        entry = self._entry
        changed = self.hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_HOST: host})
        if not (changed and entry.update_listeners):  # else these set it up anew
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


class CloudUploadFlow(PlantRepairFlow):
    """Lets the owner choose between quick readings and the maker's cloud."""

    async def async_step_init(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["slower", "much_slower", "without_cloud"],
            description_placeholders=self._placeholders,
        )

    async def async_step_slower(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Read as often as the cloud of most plants stands."""
        pace = vendor_by_key(self._entry.data[CONF_VENDOR]).pace
        return self._choose({CONF_FAST_POLL_S: f"{pace.default_s:g}"})

    async def async_step_much_slower(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Read as seldom as newer firmware wants it."""
        pace = vendor_by_key(self._entry.data[CONF_VENDOR]).pace
        return self._choose({CONF_FAST_POLL_S: f"{max(pace.choices_s)}"})

    async def async_step_without_cloud(self, _user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Go on as before, and ask no more."""
        return self._choose({CONF_WITHOUT_CLOUD: True})

    def _choose(self, options: Mapping[str, Any]) -> RepairsFlowResult:
        entry = self._entry
        self.hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
        return self.async_create_entry(data={})


LINK_FLOWS: Final[dict[str, type[PlantRepairFlow]]] = {
    MODBUS_OFF: NoAnswerFlow,
    PORT_CLOSED: NoAnswerFlow,
    SECOND_CLIENT: NoAnswerFlow,
    ADDRESS_CHANGED: AddressFlow,
    CLOUD_UPLOAD: CloudUploadFlow,
}
