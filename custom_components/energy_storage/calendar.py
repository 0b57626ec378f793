"""The calendar of a plant: periods of the schedule, outages that are known, and what runs for a while."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.dt import as_local, utcnow

from .control_entity import SettingEntity
from .controller import Controller
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.documents import Documents
from .engine.override import Override
from .engine.schedule import Period
from .texts import Texts, load_texts

PARALLEL_UPDATES = 0

CALENDAR = "plan"
_AHEAD = timedelta(days=8)
_LONGEST = timedelta(days=366)
"""Nobody looks further at once, and a longer look would hold everything up."""


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar of one plant, if it can be commanded."""
    runtime = entry.runtime_data
    if runtime.controller is not None:
        async_add_entities([PlanCalendar(runtime, runtime.controller, await load_texts(hass))])


class PlanCalendar(SettingEntity, CalendarEntity):
    """What the plant will do, as far as that is known beforehand."""

    _attr_entity_registry_enabled_default = False

    def __init__(self, runtime: PlantRuntime, controller: Controller, texts: Texts) -> None:
        """Belong to the plant."""
        super().__init__(runtime, CALENDAR)
        self._controller = controller
        self._texts = texts
        self._next: CalendarEvent | None = None
        self._of: object = None

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """What is on now, else what comes next."""
        return self._next

    @override
    async def async_added_to_hass(self) -> None:
        """Follow every change of the documents."""
        await super().async_added_to_hass()
        self.async_on_remove(self.runtime.calendars.store.listen(self.show))

    @override
    def take_reading(self) -> bool:
        """Look again once a minute, or when something else is known."""
        now = utcnow()
        documents, running = self.runtime.calendars.documents(now), self._running()
        of = (documents, running, now.replace(second=0, microsecond=0))
        if of == self._of:
            return False
        before, self._of = self._next, of
        coming = self._events(documents, running, now, now + _AHEAD)
        self._next = min(coming, key=lambda event: event.start_datetime_local, default=None)
        return self._next != before

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Give everything between two moments."""
        end = min(end_date, start_date + _LONGEST)
        documents, running = self.runtime.calendars.documents(start_date), self._running()
        found = self._events(documents, running, start_date, end)
        return sorted(found, key=lambda event: event.start_datetime_local)

    def _running(self) -> Override | None:
        return self._controller.memory.lasting.override

    def _events(
        self, documents: Documents, running: Override | None, start: datetime, end: datetime
    ) -> Iterator[CalendarEvent]:
        if documents.schedule is not None:
            spans = documents.schedule.spans(start, end, documents.zone, documents.holidays)
            for since, until, period in spans:
                name = self._texts[f"entity.sensor.active_period.state.{period.action}"]
                yield _event(since, until, name, self._about(period))
        for outage in documents.outages:
            if outage.start < end and outage.end > start:
                yield _event(outage.start, outage.end, self._texts["common.calendar_outage"])
        if running is not None and running.started < end and running.ends_at > start:
            name = self._texts.get(f"entity.select.mode.state.{running.kind}", running.kind)
            yield _event(running.started, running.ends_at, name)

    def _about(self, period: Period) -> str | None:
        """Write the limits of a period."""
        numbers = (
            ("at_power", period.max_power_w),
            ("up_to_soc", period.target_soc_pct),
            ("down_to_soc", period.floor_soc_pct),
            ("at_most_import", period.max_import_w),
            ("at_most_export", period.max_export_w),
            ("at_most_grid_to_battery", period.grid_to_battery_w),
            ("at_most_battery_to_grid", period.battery_to_grid_w),
        )
        told = [
            self._texts[f"common.{key}"].format(number=f"{number:g}")
            for key, number in numbers
            if number is not None
        ]
        return ", ".join(told) or None


def _event(start: datetime, end: datetime, name: str, about: str | None = None) -> CalendarEvent:
    return CalendarEvent(start=as_local(start), end=as_local(end), summary=name, description=about)
