"""What the owner gave as whole documents for one plant, and where holidays and outages are known from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .engine.documents import Outage, ShavingWindow, as_outages, as_shaving, outages_of, shaving_of
from .engine.schedule import Schedule, as_document, schedule_of
from .engine.windows import DocumentError
from .errors import not_allowed
from .public_holidays import check_country


def documents_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Where the documents of one plant are kept."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All of them."""

    schedule: Schedule | None = None
    shaving_windows: tuple[ShavingWindow, ...] = ()
    outages: tuple[Outage, ...] = ()
    holiday_country: str | None = None
    holiday_subdivision: str | None = None
    holiday_calendar: str | None = None
    outage_calendar: str | None = None

    @property
    def calendars(self) -> frozenset[str]:
        """The calendar entities that are asked."""
        return frozenset(filter(None, (self.holiday_calendar, self.outage_calendar)))

    def to_json(self) -> dict[str, Any]:
        """Give them as they are written, and as they are kept."""
        return {
            "schedule": None if self.schedule is None else as_document(self.schedule),
            "shaving_windows": as_shaving(self.shaving_windows),
            "outages": as_outages(self.outages),
            "holiday_country": self.holiday_country,
            "holiday_subdivision": self.holiday_subdivision,
            "holiday_calendar": self.holiday_calendar,
            "outage_calendar": self.outage_calendar,
        }


def _schedule(document: object) -> Schedule | None:
    return None if document is None else schedule_of(document)


def _calendar(name: str, entity_id: object) -> str | None:
    if entity_id is None or (isinstance(entity_id, str) and entity_id.startswith("calendar.")):
        return entity_id
    raise DocumentError(name, entity_id, "calendar.…")


def _text(name: str, text: object) -> str | None:
    if text is None or isinstance(text, str):
        return text or None
    raise DocumentError(name, text, "ABC")


_READERS: Mapping[str, Callable[[object], object]] = {
    "schedule": _schedule,
    "shaving_windows": shaving_of,
    "outages": outages_of,
    "holiday_country": partial(_text, "holiday_country"),
    "holiday_subdivision": partial(_text, "holiday_subdivision"),
    "holiday_calendar": partial(_calendar, "holiday_calendar"),
    "outage_calendar": partial(_calendar, "outage_calendar"),
}


class DocumentStore:
    """Checks every document as a whole, saves it at once, and tells who listens."""

    def __init__(
        self, hass: HomeAssistant, store: Store[dict[str, Any]], kept: Mapping[str, Any] | None = None
    ) -> None:
        """Take over what was kept; a document that makes no sense any more is left out."""
        self._hass = hass
        self._store = store
        self._listeners: list[Callable[[], None]] = []
        self.kept = Kept()
        for name, document in (kept or {}).items():
            try:
                self.kept = _changed(self.kept, {name: document})
            except DocumentError:
                continue

    @callback
    def listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call the listener after every change until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def async_check(self, **documents: object) -> Kept:
        """Give what would hold with other documents.

        Raises:
            DocumentError: names the field, the value and what is allowed.

        """
        kept = _changed(self.kept, documents)
        if kept.holiday_country is None:
            return replace(kept, holiday_subdivision=None)
        where = (kept.holiday_country, kept.holiday_subdivision)
        if where != (self.kept.holiday_country, self.kept.holiday_subdivision):
            await self._hass.async_add_executor_job(check_country, *where)
        return kept

    async def async_set(self, **documents: object) -> Kept:
        """Change documents, all of them or none.

        Raises:
            ServiceValidationError: names the field, the value and what is allowed.

        """
        try:
            kept = await self.async_check(**documents)
        except DocumentError as err:
            raise not_allowed(err.field, err.value, err.allowed) from err
        changed = kept != self.kept
        self.kept = kept
        await self._store.async_save(kept.to_json())
        if changed:
            for listener in tuple(self._listeners):
                listener()
        return kept

    async def async_forget(self, now: datetime) -> None:
        """Keep no outage that is over; nobody needs to hear of it."""
        coming = tuple(outage for outage in self.kept.outages if outage.end > now)
        if coming != self.kept.outages:
            self.kept = replace(self.kept, outages=coming)
            await self._store.async_save(self.kept.to_json())


def _changed(kept: Kept, documents: Mapping[str, object]) -> Kept:
    read: dict[str, Any] = {
        name: _READERS[name](document) for name, document in documents.items() if name in _READERS
    }
    return replace(kept, **read)
