"""The calendar of a plant: what is on, what comes, and what lies in a range."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.calendar import CalendarEvent
from homeassistant.core import HomeAssistant
import pytest

from .conftest import AddHome, Home
from .control_home import PLANT, override
from .house_calendar import add_calendar
from .test_control_actions import call

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "every_entity")

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = {"start": "22:00", "end": "05:00", "action": "charge", "max_power_w": 3000, "target_soc_pct": 80}
SCHEDULE: dict[str, Any] = {
    "plans": {"day": [NIGHT], "feast": [{"start": "10:00", "end": "12:00", "action": "hold"}]},
    "default": "day",
    "holidays": "feast",
}


@pytest.fixture
async def home(hass: HomeAssistant, add_home: AddHome) -> Home:
    """A plant in Berlin; its clock begins on Monday, 1 June 2026, at 13:00."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    home = await add_home(PLANT)
    await home.set(control="on", outage_consent=True, grid_charging=True)
    return home


async def events(home: Home, start: datetime, end: datetime) -> list[dict[str, str]]:
    """Give what the calendar says about a range, as an automation asks for it."""
    entity_id = home.entity_id("calendar", "plan")
    assert entity_id is not None
    told = await home.hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": entity_id, "start_date_time": start, "end_date_time": end},
        blocking=True,
        return_response=True,
    )
    assert told is not None
    found: Any = told[entity_id]
    events: list[dict[str, str]] = found["events"]
    return events


async def test_periods_outages_and_overrides_are_events(home: Home) -> None:
    """In their order, in local time, a night in one piece."""
    await call(home, "set_schedule", schedule=SCHEDULE)
    evening = datetime(2026, 6, 1, 18, tzinfo=BERLIN)
    outage = {"start": evening.isoformat(), "end": (evening + timedelta(hours=2)).isoformat()}
    await call(home, "set_outages", outages=[outage])
    await override(home, "standby", minutes=30)
    day = datetime(2026, 6, 1, 12, tzinfo=BERLIN)
    found = await events(home, day, day + timedelta(days=1))
    assert [(each["summary"], each["end"][:16]) for each in found] == [
        (
            "Standby",
            home.clock.now.astimezone(BERLIN).replace(tzinfo=None).isoformat()[:14]
            + "3"
            + str(home.clock.now.minute % 10),
        ),
        ("Planned outage", "2026-06-01T20:00"),
        ("Charge", "2026-06-02T05:00"),
    ]
    assert found[2]["start"] == "2026-06-01T22:00:00+02:00"
    assert found[2]["description"] == "3000 W, up to 80 %"


async def test_nights_of_the_clock_change_have_their_real_length(home: Home) -> None:
    """Six hours in spring, eight in autumn; the clock on the wall shows the same."""
    await call(home, "set_schedule", schedule=SCHEDULE)
    for day, hours in ((date(2026, 10, 24), 8), (date(2027, 3, 27), 6), (date(2027, 3, 28), 7)):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN)
        (night,) = await events(home, noon, noon + timedelta(hours=20))
        start, end = (datetime.fromisoformat(night[each]) for each in ("start", "end"))
        assert (start.hour, end.hour) == (22, 5)
        assert end - start == timedelta(hours=hours)


async def test_the_state_tells_what_is_on(home: Home) -> None:
    """Else what comes next; nothing is known without documents."""
    assert "message" not in home.state("calendar", "plan").attributes
    await call(home, "set_schedule", schedule=SCHEDULE)
    plan = home.state("calendar", "plan")
    assert plan.attributes["message"] == "Charge"
    assert plan.attributes["start_time"] == "2026-06-01 22:00:00"
    await call(home, "set_schedule", schedule=None)
    assert "message" not in home.state("calendar", "plan").attributes


async def test_holidays_come_from_a_calendar(home: Home, hass: HomeAssistant) -> None:
    """A day off, as an event of whole days."""
    await call(home, "set_schedule", schedule=SCHEDULE)
    calendar = await add_calendar(hass, "days_off")
    calendar.events = [CalendarEvent(start=date(2026, 6, 3), end=date(2026, 6, 5), summary="Off")]
    await home.runtime.calendars.store.async_set(holiday_calendar=calendar.entity_id)
    await hass.async_block_till_done()
    assert (await call(home, "get_schedule"))["holidays"] == ["2026-06-03", "2026-06-04"]
    morning = datetime(2026, 6, 3, 6, tzinfo=BERLIN)
    found = await events(home, morning, morning + timedelta(hours=20))
    assert [each["summary"] for each in found] == ["Hold"]


async def test_holidays_come_from_a_country(home: Home, hass: HomeAssistant) -> None:
    """Corpus Christi is one in Bavaria, and not in Berlin."""
    store, day = home.runtime.calendars.store, date(2026, 6, 4)
    for land, off in (("BY", True), ("BE", False)):
        await store.async_set(holiday_country="DE", holiday_subdivision=land)
        await hass.async_block_till_done()
        assert (day in home.runtime.calendars.documents(datetime.now(UTC)).holidays) is off
    await store.async_set(holiday_country=None)
    await hass.async_block_till_done()
    assert home.runtime.calendars.documents(datetime.now(UTC)).holidays == frozenset()
    assert store.kept.holiday_subdivision is None
