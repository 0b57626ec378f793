"""The options of a plant: how it is read, its schedule, and the commissioning check."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback
import probatio

from .commissioning import CommissioningCheck, Results, why_not_start
from .const import CONF_VENDOR
from .coordinator import EnergyStorageConfigEntry
from .documents_flow import DocumentSteps
from .forms import SECTION_EXPERT, options_schema
from .profiles import async_profiles
from .texts import Texts, load_texts, name_of, why
from .trials import Verdict
from .vendors import VENDORS, vendor_by_key

_MENU = ("reading", "schedule", "document", "shaving", "outages", "holidays", "check")


class PlantOptionsFlow(DocumentSteps):
    """Choose how often the plant is read, edit its documents, or check what it can do."""

    _check: CommissioningCheck

    def __init__(self) -> None:
        """Check nothing yet."""
        self._task: asyncio.Task[object] | None = None
        self._texts: Texts = {}
        self._step = (0, 1, "")

    async def async_step_init(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what there is."""
        return self.async_show_menu(step_id="init", menu_options=list(_MENU))

    async def async_step_reading(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the pace."""
        if user_input is not None:
            expert = user_input.pop(SECTION_EXPERT, {})
            return self.async_create_entry(data={**self.config_entry.options, **user_input, **expert})
        options = self.config_entry.options
        vendor = vendor_by_key(self.config_entry.data[CONF_VENDOR])
        return self.async_show_form(
            step_id=f"reading_{vendor.key}",
            data_schema=self.add_suggested_values_to_schema(
                options_schema(vendor, (await async_profiles(self.hass, vendor)).names),
                {**options, SECTION_EXPERT: options},
            ),
        )

    async def async_step_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what a check does, and begin it when the owner says so and it can be made."""
        entry: EnergyStorageConfigEntry = self.config_entry
        code = None if user_input is None else why_not_start(entry)
        if user_input is None or code is not None:
            return self.async_show_form(
                step_id="check",
                data_schema=probatio.Schema({}),
                errors={} if code is None else {"base": code},
                description_placeholders={"plant": entry.title},
                last_step=False,
            )
        self._texts = await load_texts(self.hass)
        runtime = entry.runtime_data
        if runtime.controller is None:
            raise RuntimeError("why_not_start has said that it can be commanded")
        self._check = CommissioningCheck(self.hass, entry, runtime, runtime.controller, self._show_progress)
        self._step = (1, self._check.steps, "")
        self._task = self._check.start()
        return await self.async_step_running()

    async def async_step_running(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show how far the check is; closing the dialog ends it."""
        if self._task is not None and not self._task.done():
            number, total, what = self._step
            return self.async_show_progress(
                step_id="running",
                progress_action="check",
                progress_task=self._task,
                description_placeholders={"number": str(number), "total": str(total), "what": what},
            )
        return self.async_show_progress_done(next_step_id="result")

    @callback
    def _show_progress(self, number: int, total: int, what: str) -> None:
        """Move the bar, and have the text fetched anew."""
        self._step = (number, total, name_of(self._texts, what))
        self.async_update_progress((number - 1) / total)
        self.async_notify_flow_changed()

    async def async_step_result(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what was seen to work, and what not, and why."""
        if user_input is not None:
            return self.async_create_entry(data=dict(self.config_entry.options))
        return self.async_show_form(
            step_id="result",
            data_schema=probatio.Schema({}),
            description_placeholders={
                "results": result_table(self._texts, self._check.results),
                "end": _end(self._texts, self._check.results),
            },
        )


def result_table(texts: Texts, results: Results) -> str:
    """Write the results as a table in Markdown."""
    lines = [f"| {texts['common.check_command']} | {texts['common.check_result']} |", "| --- | --- |"]
    for row in results.rows:
        told = texts[f"common.check_{row.judgement.verdict}"]
        if row.judgement.why is not None:
            told = f"{told}: {why(texts, row.judgement.why)}"
        lines.append(f"| {name_of(texts, row.what)} | {told} |")
    return "\n".join(lines)


# The same step for each vendor: its form has words of its own.
for _each in VENDORS:
    setattr(PlantOptionsFlow, f"async_step_reading_{_each.key}", PlantOptionsFlow.async_step_reading)


def _end(texts: Texts, results: Results) -> str:
    """Say whether the check came to its end, and that some of it may be worth another try."""
    if results.ended_by is not None:
        return texts["common.check_ended"].format(why=why(texts, results.ended_by))
    again = any(row.judgement.verdict is Verdict.NOT_NOW for row in results.rows)
    return texts["common.check_again" if again else "common.check_complete"]
