"""The first day in shadow: how it begins, what it counts, and the question at its end."""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.energy_storage.engine import ControlState

from .conftest import AddHome, Home, SigenFactory, entry_for
from .control_home import PLANT, override, written
from .flow_texts import flow_texts_checked
from .shown_issues import placeholders, shown_issues, start_fix

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step of a fix flow pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, in shadow."""
    home = await add_home(PLANT)
    await home.set(control="shadow")
    return home


async def pass_day(home: Home, hours: float = 24) -> None:
    """Let hours pass, and one reading come after them."""
    await home.tick(3600 * hours)
    await home.tick()


@pytest.mark.usefixtures("hand_clock")
async def test_plant_begins_as_its_owner_chose(hass: HomeAssistant, sigen: SigenFactory) -> None:
    """In shadow from the first decision on; later the choice is the owner's again."""
    sim = await sigen(PLANT)
    entry = entry_for(sim, {"first_control": "shadow"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await entry.runtime_data.cycle.tick()
    view = entry.runtime_data.cycle.reading().control
    assert view.decision.control is ControlState.SHADOW
    await entry.runtime_data.settings.async_set(control="off")
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data.settings.settings.control is ControlState.OFF
    assert sim.writes == []


async def test_day_is_asked_about_once_it_is_over(home: Home, hass: HomeAssistant) -> None:
    """Not before; with what would have been done in it."""
    await home.tick(count=2)
    await home.set(outage_consent=True)
    await override(home, "force_charge", minutes=30, from_grid=True)
    await home.tick(3600)
    await home.tick(count=3)
    await pass_day(home, 22.9)
    assert shown_issues(hass) == {}
    await pass_day(home, 0.2)
    issue = shown_issues(hass)["shadow_day_over"]
    assert issue.severity is ir.IssueSeverity.WARNING
    told = placeholders(hass, "shadow_day_over")
    assert told["commands"] == "Self-consumption (2), Charge (1)"
    assert told["count"] == "3"


async def test_control_is_switched_on_from_the_question(home: Home, hass: HomeAssistant) -> None:
    """From then on the plant is controlled, and the question is answered."""
    await pass_day(home)
    manager, menu = await start_fix(hass, "shadow_day_over")
    assert menu["menu_options"] == ["switch_on", "stay"]
    end = await manager.async_configure(menu["flow_id"], {"next_step_id": "switch_on"})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    await home.tick()
    assert home.view.decision.control is ControlState.ON
    assert shown_issues(hass) == {}


async def test_who_stays_in_shadow_is_not_asked_again(home: Home, hass: HomeAssistant) -> None:
    """Not after another day, nor after a restart."""
    await pass_day(home)
    manager, menu = await start_fix(hass, "shadow_day_over")
    await manager.async_configure(menu["flow_id"], {"next_step_id": "stay"})
    await pass_day(home)
    assert shown_issues(hass) == {}
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await pass_day(home)
    assert shown_issues(hass) == {}
    assert home.view.decision.control is ControlState.SHADOW
    assert written(home) == []


async def test_day_goes_on_over_a_restart(home: Home, hass: HomeAssistant) -> None:
    """A restart in between is neither its end nor its beginning."""
    await pass_day(home, 23)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await pass_day(home, 1)
    assert "shadow_day_over" in shown_issues(hass)


async def test_leaving_shadow_ends_the_day(home: Home, hass: HomeAssistant) -> None:
    """Who comes back later watches a whole day again."""
    await pass_day(home)
    await home.set(control="off")
    assert shown_issues(hass) == {}
    await home.set(control="shadow")
    await pass_day(home, 23)
    assert shown_issues(hass) == {}
    await pass_day(home, 1)
    assert placeholders(hass, "shadow_day_over")["count"] == "1"


async def test_day_is_forgotten_with_the_plant(
    home: Home, hass: HomeAssistant, hass_storage: Mapping[str, Any]
) -> None:
    """Nothing stays on the disk."""
    key = f"energy_storage.{home.entry.entry_id}.shadow"
    assert hass_storage[key]["data"]["since"] is not None
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert key not in hass_storage
