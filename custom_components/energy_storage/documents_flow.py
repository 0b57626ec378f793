"""The steps of the options in which the owner edits schedule, windows, outages and holidays."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
import probatio

from .coordinator import EnergyStorageConfigEntry
from .document_forms import (
    DOCUMENT,
    DOCUMENT_SCHEMA,
    HOLIDAYS_SCHEMA,
    OUTAGE_CALENDAR,
    OUTAGES,
    OUTAGES_SCHEMA,
    SCHEDULE_SCHEMA,
    SHAVING_SCHEMA,
    WINDOWS,
    can_show,
    outages_as_form,
    outages_from_form,
    schedule_as_form,
    schedule_from_form,
    windows_from_form,
)
from .documents_store import DocumentStore, Kept
from .engine.documents import as_shaving
from .engine.schedule import as_document
from .engine.windows import DocumentError

_NOTHING_WRONG = {"field": "", "value": "", "allowed": ""}

type Shows = Callable[[Kept], Mapping[str, Any]]
type Reads = Callable[[Mapping[str, Any]], dict[str, object]]


class DocumentSteps(OptionsFlow):
    """One step for each kind of document: what is refused is said at its field, with what is allowed."""

    async def async_step_schedule(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Edit a schedule of two day plans; one that has more is shown as text."""
        store = self._store()
        if store is not None and user_input is None:
            schedule = store.kept.schedule
            if schedule is not None and not can_show(schedule):
                return await self.async_step_document()
        return await self._edit(
            "schedule",
            SCHEDULE_SCHEMA,
            user_input,
            lambda kept: schedule_as_form(kept.schedule),
            lambda entered: {"schedule": schedule_from_form(entered)},
        )

    async def async_step_document(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Edit all of a schedule, as text."""
        return await self._edit(
            "document",
            DOCUMENT_SCHEMA,
            user_input,
            lambda kept: {} if kept.schedule is None else {DOCUMENT: as_document(kept.schedule)},
            lambda entered: {"schedule": entered.get(DOCUMENT) or None},
        )

    async def async_step_shaving(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Edit the windows of peak shaving."""
        return await self._edit(
            "shaving",
            SHAVING_SCHEMA,
            user_input,
            lambda kept: {WINDOWS: as_shaving(kept.shaving_windows)},
            lambda entered: {"shaving_windows": windows_from_form(entered.get(WINDOWS))},
        )

    async def async_step_outages(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Edit the outages that are known, and choose a calendar that knows more."""
        return await self._edit(
            "outages",
            OUTAGES_SCHEMA,
            user_input,
            lambda kept: {OUTAGES: outages_as_form(kept.outages), OUTAGE_CALENDAR: kept.outage_calendar},
            lambda entered: {
                "outages": outages_from_form(entered.get(OUTAGES)),
                "outage_calendar": entered.get(OUTAGE_CALENDAR),
            },
        )

    async def async_step_holidays(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say which days are holidays."""
        names = ("holiday_country", "holiday_subdivision", "holiday_calendar")
        return await self._edit(
            "holidays",
            HOLIDAYS_SCHEMA,
            user_input,
            lambda kept: {name: getattr(kept, name) for name in names},
            lambda entered: {name: entered.get(name) for name in names},
        )

    def _store(self) -> DocumentStore | None:
        entry: EnergyStorageConfigEntry = self.config_entry
        return entry.runtime_data.calendars.store if entry.state is ConfigEntryState.LOADED else None

    async def _edit(
        self,
        step: str,
        schema: probatio.Schema,
        entered: dict[str, Any] | None,
        shows: Shows,
        reads: Reads,
    ) -> ConfigFlowResult:
        """Show what is kept, or take what was entered as a whole."""
        if (store := self._store()) is None:
            return self.async_abort(reason="not_loaded")
        errors, wrong = {}, _NOTHING_WRONG
        if entered is not None:
            try:
                documents = reads(entered)
                await store.async_check(**documents)
            except DocumentError as err:
                errors = {_field_of(err.field, schema): "not_allowed"}
                wrong = {"field": err.field, "value": str(err.value), "allowed": err.allowed}
            else:
                await store.async_set(**documents)
                return self.async_create_entry(data=dict(self.config_entry.options))
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                schema, shows(store.kept) if entered is None else entered
            ),
            errors=errors,
            description_placeholders=wrong,
        )


def _field_of(path: str, schema: probatio.Schema) -> str:
    """Give the field of the form in which the wrong part of a document was entered."""
    words = path.replace("[", ".").split(".")
    return next((word for word in words if word in {str(key) for key in schema.schema}), "base")
