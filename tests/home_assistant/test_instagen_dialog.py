"""Adding an Instagen plant over TCP: what is found, what each fault is called, and its choices."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
import socket
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.const import DOMAIN
from tests.simulators.instagen import InstagenConfig, InstagenSimulator

from .conftest import entry_for_stick
from .flow_texts import flow_texts_checked
from .instagen_home import THREE, quick_discovery

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

PLANT = replace(THREE, close_s=0.05)


@pytest.fixture(autouse=True)
def _in_a_hurry() -> Iterator[None]:
    """Ask without pauses, miss no text, and do not set up what was added."""
    with (
        quick_discovery(),
        flow_texts_checked(),
        patch("custom_components.energy_storage.async_setup_entry", return_value=True),
        patch("custom_components.energy_storage.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture(name="sim")
async def _sim() -> AsyncIterator[InstagenSimulator]:
    async with InstagenSimulator(PLANT).serving() as sim:
        yield sim


async def open_form(hass: HomeAssistant) -> ConfigFlowResult:
    """Choose the maker."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "instagen"})


async def search(
    hass: HomeAssistant, flow: ConfigFlowResult, sim: InstagenSimulator, **typed: Any
) -> ConfigFlowResult:
    """Submit the form and wait for the end of the search."""
    entered = {"host": sim.host, "port": sim.port} | typed
    shown = await hass.config_entries.flow.async_configure(flow["flow_id"], entered)
    if shown["type"] is FlowResultType.SHOW_PROGRESS:
        assert shown["progress_action"] == "search_one"
        await hass.async_block_till_done()
        shown = await hass.config_entries.flow.async_configure(flow["flow_id"])
    return shown


async def add(hass: HomeAssistant, found: ConfigFlowResult, how: str = "create") -> ConfigFlowResult:
    """Take what was found."""
    assert found["step_id"] == "found_stream"
    return await hass.config_entries.flow.async_configure(found["flow_id"], {"next_step_id": how})


async def test_plant_is_added_by_the_address_of_its_stick(
    hass: HomeAssistant, sim: InstagenSimulator
) -> None:
    """It tells by itself what is behind it; how often it is read is asked at once."""
    form = await open_form(hass)
    assert form["step_id"] == "instagen"
    found = await search(hass, form, sim)
    assert found["description_placeholders"] == {
        "host": sim.host,
        "model": "HYT-3.3HV-EUG1",
        "serial": "214422460001",
        "firmware": "V01.00.12",
        "count": "3",
    }
    created = await add(hass, found, "create_in_shadow")
    assert created["title"] == "Instagen HYT-3.3HV-EUG1"
    assert created["data"] == {"vendor": "instagen", "host": sim.host, "port": sim.port}
    assert created["options"] == {"first_control": "shadow", "fast_poll_s": "35"}
    assert created["result"].unique_id == "214422460001"
    assert sim.writes == []


async def test_pace_that_was_chosen_is_kept(hass: HomeAssistant, sim: InstagenSimulator) -> None:
    """With its consequence for the maker's cloud beside it."""
    created = await add(hass, await search(hass, await open_form(hass), sim, fast_poll_s="125"))
    assert created["options"] == {"first_control": "off", "fast_poll_s": "125"}


FAULTS: list[tuple[str, float | None, dict[str, str]]] = [
    ("port_closed", None, {"port": "stream_refused"}),
    ("silence", 60, {"base": "stream_silent"}),
    ("half_open", None, {"base": "stream_silent"}),
    ("dropped_answers", None, {"base": "stream_silent"}),
    ("empty_answers", None, {"base": "stream_silent"}),
    ("closes_instead", None, {"base": "stream_closed"}),
    ("endless_length", None, {"port": "stream_garbled"}),
    ("storage_silent", None, {"base": "stream_silent"}),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case[0])
async def test_fault_is_named_and_the_next_search_succeeds(
    hass: HomeAssistant, sim: InstagenSimulator, case: tuple[str, float | None, dict[str, str]]
) -> None:
    """In words about the stick; nothing has to be typed twice."""
    fault, value, errors = case
    sim.faults.add(fault, value)
    form = await search(hass, await open_form(hass), sim)
    assert form["step_id"] == "instagen"
    assert form["errors"] == errors
    sim.faults.clear()
    created = await add(hass, await search(hass, form, sim))
    assert created["type"] is FlowResultType.CREATE_ENTRY


async def test_encrypted_stick_is_named(hass: HomeAssistant) -> None:
    """It is not offline, and no other plant."""
    config = InstagenConfig(encrypted=True, storage_when_encrypted=False)
    async with InstagenSimulator(config).serving() as sim:
        form = await search(hass, await open_form(hass), sim)
    assert form["errors"] == {"base": "encrypted"}


async def test_something_else_at_the_address_is_named(hass: HomeAssistant, sim: InstagenSimulator) -> None:
    """A name that nobody has, and a host where nothing answers."""
    nowhere = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    with patch.object(hass.loop, "getaddrinfo", side_effect=nowhere):
        form = await search(hass, await open_form(hass), sim, host="stick.example")
    assert form["errors"] == {"host": "name_unknown"}
    with patch("asyncio.open_connection", side_effect=OSError(113, "No route to host")):
        form = await search(hass, form, sim)
    assert form["errors"] == {"host": "stream_unreachable"}


async def test_known_plant_at_a_new_address_is_moved(hass: HomeAssistant, sim: InstagenSimulator) -> None:
    """Added again, it is known by its inverter: its entry has the new address then, and is no second one."""
    entry = entry_for_stick(sim, port=1)
    entry.add_to_hass(hass)
    done = await search(hass, await open_form(hass), sim)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert entry.data["port"] == sim.port
    assert hass.config_entries.async_entries(DOMAIN) == [entry]


async def test_plant_is_moved_by_hand(hass: HomeAssistant, sim: InstagenSimulator) -> None:
    """Reconfigured to where it answers; another plant is refused there."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id="200322460001", data=entry_for_stick(sim, port=1).data)
    entry.add_to_hass(hass)
    form = await entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure_instagen"
    refused = await search(hass, form, sim)
    assert refused["errors"] == {"host": "wrong_plant"}
    hass.config_entries.async_update_entry(entry, unique_id="214422460001")
    done = await search(hass, refused, sim)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["port"] == sim.port


async def test_options_are_those_of_such_a_plant(hass: HomeAssistant, sim: InstagenSimulator) -> None:
    """A choice of three paces, and what nobody has published."""
    entry = entry_for_stick(sim)
    entry.add_to_hass(hass)
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    form = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "reading"})
    assert form["step_id"] == "reading_instagen"
    expert = {
        "request_spacing_s": 2,
        "plant_power": False,
        "allow_off_grid": False,
        "instagen_battery_sign": "charge_positive",
        "instagen_grid_sign": "auto",
        "instagen_battery_current": "auto",
        "instagen_temperature": "auto",
    }
    done = await hass.config_entries.options.async_configure(
        form["flow_id"], {"fast_poll_s": "125", "expert": expert}
    )
    assert done["data"] == {"fast_poll_s": "125", **expert}
