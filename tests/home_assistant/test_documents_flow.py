"""The options in which an owner edits schedule, windows, outages and holidays."""

from collections.abc import Iterator
import json
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.energy_storage.documents_store import Kept
from custom_components.energy_storage.engine.schedule import schedule_of

from .conftest import AddHome, Home
from .control_home import PLANT
from .flow_texts import EN as EN_FILE, flow_texts_checked
from .house_calendar import add_calendar

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

EN: dict[str, Any] = json.loads(EN_FILE.read_text(encoding="utf-8"))
PERIOD = {"start": "22:00:00", "end": "00:00:00", "action": "charge", "target_soc_pct": 80.0}


@pytest.fixture(autouse=True)
def texts() -> Iterator[None]:
    """Look for the text of everything that is shown."""
    with flow_texts_checked():
        yield


@pytest.fixture
async def home(hass: HomeAssistant, add_home: AddHome) -> Home:
    """A plant in Berlin; its clock begins on Monday, 1 June 2026, at 13:00."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    return await add_home(PLANT)


async def opened(home: Home, step: str) -> ConfigFlowResult:
    """Choose a step from the menu."""
    options = home.hass.config_entries.options
    menu = await options.async_init(home.entry.entry_id)
    return await options.async_configure(menu["flow_id"], {"next_step_id": step})


async def entered(home: Home, step: str, **fields: Any) -> ConfigFlowResult:
    """Fill in the form of a step."""
    form = await opened(home, step)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, step)
    result = await home.hass.config_entries.options.async_configure(form["flow_id"], fields)
    await home.hass.async_block_till_done()
    return result


def kept(home: Home) -> Kept:
    """Give what is kept now."""
    return home.runtime.calendars.store.kept


def suggested(form: ConfigFlowResult) -> dict[str, Any]:
    """Give what a form begins with."""
    schema = form["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"] for key in schema.schema if key.description is not None
    }


async def test_a_schedule_of_two_day_plans(home: Home) -> None:
    """What was entered is kept, shown again, and changes nothing else."""
    before = dict(home.entry.options)
    result = await entered(
        home,
        "schedule",
        every_day=[PERIOD],
        days=["sat", "sun"],
        other_days=[],
        holidays="other_days",
        gap="self_consumption",
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert home.entry.options == before
    night = {"start": "22:00", "end": "24:00", "action": "charge", "target_soc_pct": 80.0}
    document = {
        "plans": {"every_day": [night], "other_days": []},
        "default": "every_day",
        "weekdays": {"sat": "other_days", "sun": "other_days"},
        "seasons": [],
        "holidays": "other_days",
        "gap": "self_consumption",
    }
    assert kept(home).to_json()["schedule"] == document
    shown = suggested(await opened(home, "schedule"))
    assert (shown["every_day"], shown["days"], shown["holidays"]) == ([night], ["sat", "sun"], "other_days")
    await entered(home, "schedule", holidays="every_day", gap="entry_floor")
    assert kept(home).schedule is None


async def test_what_overlaps_is_said_at_its_field(home: Home) -> None:
    """With the two periods; nothing of it is kept, and it can be corrected."""
    periods = [PERIOD, {"start": "23:00:00", "end": "01:00:00", "action": "hold"}]
    form = await entered(home, "schedule", every_day=periods, holidays="every_day", gap="entry_floor")
    assert (form["type"], form["errors"]) == (FlowResultType.FORM, {"every_day": "not_allowed"})
    assert form["description_placeholders"] == {
        "field": "plans.every_day",
        "value": "22:00-24:00 and 23:00-01:00",
        "allowed": "periods that do not overlap",
    }
    assert suggested(form)["every_day"] == periods
    assert kept(home).schedule is None


async def test_a_schedule_with_seasons_is_shown_as_text(home: Home) -> None:
    """The simple form would lose them."""
    winter = {"name": "winter", "start": "12-01", "end": "02-28", "default": "day", "weekdays": {}}
    document = {"plans": {"day": []}, "default": "day", "seasons": [winter]}
    await entered(home, "document", schedule=document)
    assert kept(home).schedule == schedule_of(document)
    form = await opened(home, "schedule")
    assert form["step_id"] == "document"
    assert suggested(form)["schedule"]["seasons"] == [winter]
    wrong = await entered(home, "document", schedule=document | {"default": "night"})
    assert wrong["errors"] == {"base": "not_allowed"}
    await entered(home, "document")
    assert kept(home).schedule is None


async def test_shaving_windows(home: Home) -> None:
    """With and without a maximum of their own."""
    windows = [{"start": "17:00:00", "end": "21:00:00", "max_import_w": 2000.0}]
    await entered(home, "shaving", windows=windows)
    shown = suggested(await opened(home, "shaving"))["windows"]
    assert shown == [{"start": "17:00", "end": "21:00", "max_import_w": 2000.0}]
    wrong = await entered(home, "shaving", windows=[windows[0] | {"end": "17:00:00"}])
    assert wrong["errors"] == {"windows": "not_allowed"}


async def test_outages_are_in_local_time(home: Home, hass: HomeAssistant) -> None:
    """And a calendar can know more."""
    calendar = await add_calendar(hass, "load_shedding")
    outage = {"start": "2026-06-01 18:00:00", "end": "2026-06-01 20:00:00"}
    await entered(home, "outages", outages=[outage], outage_calendar=calendar.entity_id)
    assert kept(home).to_json()["outages"] == [
        {"start": "2026-06-01T16:00:00+00:00", "end": "2026-06-01T18:00:00+00:00"}
    ]
    assert suggested(await opened(home, "outages")) == {
        "outages": [outage],
        "outage_calendar": calendar.entity_id,
    }
    wrong = await entered(home, "outages", outages=[outage | {"end": "2026-06-01 17:00:00"}])
    assert wrong["errors"] == {"outages": "not_allowed"}
    await entered(home, "outages")
    assert (kept(home).outages, kept(home).outage_calendar) == ((), None)


async def test_holidays(home: Home) -> None:
    """A region that its country does not have is refused."""
    await entered(home, "holidays", holiday_country="DE", holiday_subdivision="BY")
    assert (kept(home).holiday_country, kept(home).holiday_subdivision) == ("DE", "BY")
    wrong = await entered(home, "holidays", holiday_country="DE", holiday_subdivision="TX")
    assert wrong["errors"] == {"holiday_subdivision": "not_allowed"}
    unknown = await entered(home, "holidays", holiday_country="XX")
    assert unknown["errors"] == {"holiday_country": "not_allowed"}
    await entered(home, "holidays")
    assert kept(home).holiday_country is None


async def test_a_plant_that_is_not_loaded_has_no_forms(home: Home, hass: HomeAssistant) -> None:
    """Its documents are not at hand."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    for step in ("schedule", "holidays"):
        result = await opened(home, step)
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_forms_reach_the_screen(
    home: Home, hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """As the frontend asks for them: rows with typed parts."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    base = "/api/config/config_entries/options/flow"
    for step, rows in (("schedule", "every_day"), ("shaving", "windows"), ("outages", "outages")):
        menu = await (await client.post(base, json={"handler": home.entry.entry_id})).json()
        form = await (await client.post(f"{base}/{menu['flow_id']}", json={"next_step_id": step})).json()
        (field,) = [each for each in form["data_schema"] if each["name"] == rows]
        assert field["selector"]["object"]["multiple"] is True
        assert field["selector"]["object"]["fields"]["start"]["selector"]
        parts = EN["selector"][field["selector"]["object"]["translation_key"]]["fields"]
        assert parts.keys() == field["selector"]["object"]["fields"].keys()
