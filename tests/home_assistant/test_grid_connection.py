"""The grid connection: a subentry that its owner fills in, and that takes effect at once."""

from collections.abc import Iterator
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from custom_components.energy_storage.engine import Site

from .conftest import AddHome, Home
from .control_home import PLANT, charging, controller_of, written
from .flow_texts import flow_texts_checked

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

TYPED: dict[str, Any] = {
    "main_fuse_a": 35.0,
    "phases": "3",
    "inverter_phase": "l2",
    "largest_load_w": 4000.0,
    "backup_supply": "no",
}


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step, field or abort pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


async def open_form(home: Home) -> SubentryFlowResult:
    """Begin as an owner does from the plant's page."""
    return await home.hass.config_entries.subentries.async_init(
        (home.entry.entry_id, "grid_connection"), context={"source": SOURCE_USER}
    )


async def describe(home: Home, typed: dict[str, Any]) -> ConfigSubentry:
    """Add a grid connection, and wait until it has taken effect."""
    form = await open_form(home)
    done = await home.hass.config_entries.subentries.async_configure(form["flow_id"], typed)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await home.hass.async_block_till_done()
    [subentry] = home.entry.subentries.values()
    return subentry


def site(home: Home) -> Site:
    """Give what the engine knows about the connection."""
    return controller_of(home).inputs(home.runtime.cycle.reading().state).site


async def test_connection_takes_effect(home: Home) -> None:
    """Everything that was typed reaches the next decision."""
    assert site(home).main_fuse_a is None
    subentry = await describe(home, TYPED)
    assert subentry.title == "Grid connection"
    found = site(home)
    assert (found.main_fuse_a, found.phases, found.inverter_phase) == (35, 3, 1)
    assert (found.largest_load_w, found.backup_supply) == (4000, False)


async def test_what_is_unknown_stays_unknown(home: Home) -> None:
    """Nothing is guessed for a field that was left empty, nor for a question that was not answered."""
    await describe(home, {"phases": "3", "inverter_phase": "all", "backup_supply": "unknown"})
    found = site(home)
    assert (found.main_fuse_a, found.largest_load_w, found.backup_supply) == (None, None, None)
    assert found.inverter_phase is None


async def test_one_phase_has_no_choice_of_phases(home: Home) -> None:
    """What was chosen for three phases does not matter for one."""
    subentry = await describe(home, TYPED | {"phases": "1"})
    assert subentry.data["inverter_phase"] == "all"
    assert (site(home).phases, site(home).inverter_phase) == (1, None)


async def test_plant_has_one_connection(home: Home) -> None:
    """A second one is refused."""
    await describe(home, TYPED)
    refused = await open_form(home)
    assert (refused["type"], refused["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_connection_is_changed(home: Home) -> None:
    """The form offers what holds; an emptied field is forgotten."""
    subentry = await describe(home, TYPED)
    form = await home.entry.start_subentry_reconfigure_flow(home.hass, subentry.subentry_id)
    schema = form["data_schema"]
    assert schema is not None
    suggested = {str(key): (key.description or {}).get("suggested_value") for key in schema.schema}
    assert suggested == TYPED
    changed = {key: value for key, value in TYPED.items() if key != "main_fuse_a"} | {"backup_supply": "yes"}
    done = await home.hass.config_entries.subentries.async_configure(form["flow_id"], changed)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await home.hass.async_block_till_done()
    assert site(home).main_fuse_a is None
    assert site(home).backup_supply is True


async def test_connection_is_removed(home: Home, hass: HomeAssistant) -> None:
    """Its fuse plays no part any more."""
    subentry = await describe(home, TYPED)
    assert hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await hass.async_block_till_done()
    assert site(home).main_fuse_a is None


async def test_plant_keeps_its_command_while_it_takes_effect(home: Home) -> None:
    """Home Assistant sets the plant up anew; the plant is not told a word."""
    await charging(home)
    done = len(home.sim.writes)
    await describe(home, TYPED | {"main_fuse_a": 63})
    await home.tick(count=2)
    assert written(home, done) == []
    assert home.sim.get("remote_ems_control_mode") == 4


@pytest.mark.parametrize("fuse_a", [5, 201])
async def test_fuse_has_bounds(home: Home, fuse_a: float) -> None:
    """No house has a main fuse like that."""
    form = await open_form(home)
    with pytest.raises(InvalidData):
        await home.hass.config_entries.subentries.async_configure(
            form["flow_id"], TYPED | {"main_fuse_a": fuse_a}
        )
