"""A calendar of Home Assistant, as another integration brings it."""

from datetime import datetime
from typing import override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.components.calendar.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError


class HouseCalendar(CalendarEntity):
    """Holds the events that a test puts into it."""

    _attr_should_poll = False

    def __init__(self, name: str) -> None:
        """Have no events."""
        self._attr_name = name
        self.events: list[CalendarEvent] = []
        self.broken = False

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Tell nothing by its state but how many events there are, so that it changes with them."""
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Give what lies in the range."""
        if self.broken:
            raise HomeAssistantError("the cloud is away")
        return [
            event
            for event in self.events
            if event.start_datetime_local < end_date and event.end_datetime_local > start_date
        ]


async def add_calendar(hass: HomeAssistant, name: str) -> HouseCalendar:
    """Add a calendar, `calendar.<name>`; calendars must be set up already."""
    calendar = HouseCalendar(name)
    await hass.data[DATA_COMPONENT].async_add_entities([calendar])
    await hass.async_block_till_done()
    return calendar
