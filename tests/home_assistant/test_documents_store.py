"""The documents of a plant: checked as a whole, kept, and gone with the plant."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.energy_storage.documents_store import DocumentStore, Kept, documents_store

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

SCHEDULE: dict[str, Any] = {
    "plans": {"day": [{"start": "01:00", "end": "05:00", "action": "charge"}]},
    "default": "day",
}


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant that is not read completely: nothing of that matters here."""
    return await add_home(settled=False)


async def test_all_or_none(home: Home) -> None:
    """One wrong document takes the others with it; who listens hears of changes alone."""
    store, heard = home.runtime.calendars.store, list[Kept]()
    store.listen(lambda: heard.append(store.kept))
    with pytest.raises(ServiceValidationError) as caught:
        await store.async_set(schedule=SCHEDULE, shaving_windows=[{"start": "25:00", "end": "03:00"}])
    assert caught.value.translation_placeholders == {
        "field": "windows[0].start",
        "value": "25:00",
        "allowed": "00:00 to 24:00",
    }
    assert (store.kept, heard) == (Kept(), [])
    for _ in range(2):
        await store.async_set(schedule=SCHEDULE)
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("outage_calendar", "sensor.a"), ("holiday_country", 7), ("holiday_country", "XX")]
)
async def test_what_makes_no_sense_is_refused(home: Home, name: str, value: object) -> None:
    """By its field."""
    with pytest.raises(ServiceValidationError) as caught:
        await home.runtime.calendars.store.async_set(**{name: value})
    assert (caught.value.translation_placeholders or {})["field"] == name


async def test_a_document_that_makes_no_sense_any_more_is_left_out(hass: HomeAssistant) -> None:
    """The others stay; so does a plant whose file somebody has edited."""
    kept = {"schedule": SCHEDULE, "outages": "none", "from_a_later_version": 1}
    store = DocumentStore(hass, documents_store(hass, "entry"), kept)
    assert store.kept.schedule is not None
    assert store.kept.outages == ()


async def test_documents_go_with_the_plant(
    home: Home, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What is saved at once is removed with the entry."""
    await home.runtime.calendars.store.async_set(schedule=SCHEDULE)
    key = f"energy_storage.{home.entry.entry_id}.documents"
    assert hass_storage[key]["data"]["schedule"]["default"] == "day"
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert key not in hass_storage


async def test_a_calendar_that_is_not_there_yet_is_waited_for(home: Home) -> None:
    """It may belong to an integration that starts later."""
    calendars = home.runtime.calendars
    assert calendars.ready
    await calendars.store.async_set(outage_calendar="calendar.later")
    await home.hass.async_block_till_done()
    assert not calendars.ready
