"""Holidays and outages that calendars and countries know, brought together with what the owner gave."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event, async_track_time_interval
from homeassistant.util.dt import get_default_time_zone, utcnow
import probatio

from .const import DOMAIN, LOGGER
from .documents_store import DocumentStore
from .engine.documents import LONGEST_OUTAGE, Documents, Outage, in_order
from .public_holidays import days_of

_EVERY = timedelta(minutes=5)
_BACK = timedelta(days=2)
_AHEAD = timedelta(days=60)

type Span = tuple[datetime | date, datetime | date]
"""When an event begins and ends; dates for whole days, the last one not included."""


class Calendars:
    """Asks every few minutes, and at once when something changes; what does not answer stays as it was."""

    def __init__(self, hass: HomeAssistant, store: DocumentStore) -> None:
        """Know only what the owner gave."""
        self.store = store
        self._hass = hass
        self._found: dict[str, tuple[Span, ...]] = {}
        self._public: tuple[tuple[Any, ...], frozenset[date]] = ((), frozenset())
        self._stop: list[CALLBACK_TYPE] = []
        self._watch: CALLBACK_TYPE | None = None
        self._asking = asyncio.Lock()

    @property
    def ready(self) -> bool:
        """Whether every calendar has answered once."""
        return self.store.kept.calendars <= self._found.keys()

    async def async_start(self) -> None:
        """Ask for the first time, then go on until stopped."""
        self._stop = [
            async_track_time_interval(
                self._hass, self._ask_again, _EVERY, name=f"{DOMAIN} calendars", cancel_on_shutdown=True
            ),
            self.store.listen(self._changed),
        ]
        self._watch_calendars()
        await self.async_refresh()

    @callback
    def stop(self) -> None:
        """Ask no more."""
        for stop in self._stop:
            stop()
        self._stop = []
        if self._watch is not None:
            self._watch()
            self._watch = None

    def documents(self, now: datetime) -> Documents:
        """Give all that is known at this moment."""
        kept, zone = self.store.kept, get_default_time_zone()
        holidays = set(self._public[1])
        for span in self._found.get(kept.holiday_calendar or "", ()):
            holidays.update(_days(span, zone))
        outages = list(kept.outages)
        for span in self._found.get(kept.outage_calendar or "", ()):
            start, end = (_moment(each, zone) for each in span)
            if timedelta(0) < end - start <= LONGEST_OUTAGE:
                outages.append(Outage(start=start, end=end))
        return Documents(
            schedule=kept.schedule,
            shaving=kept.shaving_windows,
            outages=in_order(outage for outage in outages if outage.end > now),
            holidays=frozenset(holidays),
            zone=zone,
        )

    async def async_refresh(self) -> None:
        """Ask all that can be asked, and forget outages that are over."""
        async with self._asking:
            kept, now = self.store.kept, utcnow()
            await self._look_up_holidays(now.year)
            for entity_id in kept.calendars:
                await self._ask(entity_id, now)
            self._found = {known: spans for known, spans in self._found.items() if known in kept.calendars}
        await self.store.async_forget(now)

    async def _look_up_holidays(self, year: int) -> None:
        kept = self.store.kept
        wanted = (kept.holiday_country, kept.holiday_subdivision, year)
        if kept.holiday_country is None:
            self._public = (wanted, frozenset())
        elif wanted != self._public[0]:
            years = range(year - 1, year + 2)
            found = await self._hass.async_add_executor_job(
                days_of, kept.holiday_country, kept.holiday_subdivision, years
            )
            self._public = (wanted, found)

    async def _ask(self, entity_id: str, now: datetime) -> None:
        if self._hass.states.get(entity_id) is None:
            return
        try:
            answer = await self._hass.services.async_call(
                "calendar",
                "get_events",
                {
                    "start_date_time": (now - _BACK).isoformat(),
                    "end_date_time": (now + _AHEAD).isoformat(),
                },
                target={"entity_id": entity_id},
                blocking=True,
                return_response=True,
            )
        except (HomeAssistantError, probatio.Invalid) as err:
            LOGGER.debug("%s does not answer: %s", entity_id, err)
            return
        told = (answer or {}).get(entity_id)
        if isinstance(told, Mapping) and isinstance(events := told.get("events"), list):
            self._found[entity_id] = tuple(_spans(events))

    @callback
    def _changed(self) -> None:
        self._watch_calendars()
        self._hass.async_create_task(self.async_refresh(), f"{DOMAIN} calendars")

    async def _ask_again(self, _now: datetime) -> None:
        await self.async_refresh()

    @callback
    def _watch_calendars(self) -> None:
        """Ask again when a calendar comes, goes, or changes."""
        if self._watch is not None:
            self._watch()
        self._watch = async_track_state_change_event(
            self._hass, self.store.kept.calendars, self._calendar_changed
        )

    async def _calendar_changed(self, _event: Event[EventStateChangedData]) -> None:
        await self.async_refresh()


def _spans(events: list[Any]) -> Iterator[Span]:
    """Read events as the action gives them; one that makes no sense is left out."""
    for event in events:
        try:
            start, end = str(event["start"]), str(event["end"])
            if "T" in start or " " in start:
                yield datetime.fromisoformat(start), datetime.fromisoformat(end)
            else:
                yield date.fromisoformat(start), date.fromisoformat(end)
        except KeyError, TypeError, ValueError:
            continue


def _moment(at: datetime | date, zone: tzinfo) -> datetime:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), zone)
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def _days(span: Span, zone: tzinfo) -> Iterator[date]:
    """Give the days on which an event is."""
    start, end = (_moment(each, zone).astimezone(zone) for each in span)
    last = (end - timedelta(microseconds=1)).date() if end > start else start.date()
    for offset in range((last - start.date()).days + 1):
        yield start.date() + timedelta(days=offset)
