"""Adding a simulated Sigen plant over real Modbus TCP: what is found, and what each fault is called."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
import socket
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors.sigen import VENDOR, discovery
from tests.simulators.sigen import SigenConfig, SigenSimulator

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

PLANT = SigenConfig(inverters=(1, 3), ac_chargers=(2,), firmware="SPC113")


@pytest.fixture(autouse=True)
def _in_a_hurry() -> Iterator[None]:
    """Ask without pauses, give up soon, and do not set up what was added."""
    with (
        patch.object(discovery, "SPACING_S", 0.0),
        patch.object(discovery, "TIMEOUT_S", 0.4),
        patch.object(discovery, "ABSENT_AFTER_S", 0.1),
        patch("custom_components.energy_storage.async_setup_entry", return_value=True),
        patch("custom_components.energy_storage.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture(name="sim")
async def _sim() -> AsyncIterator[SigenSimulator]:
    async with SigenSimulator(PLANT).serving() as sim:
        yield sim


def _address(sim: SigenSimulator, unit_ids: str = "1, 2, 3", plant_unit_id: int = 247) -> dict[str, Any]:
    return {
        "host": sim.host,
        "port": sim.port,
        "advanced": {"plant_unit_id": plant_unit_id, "unit_ids": unit_ids},
    }


async def _open(hass: HomeAssistant) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "sigen"})


async def _search(hass: HomeAssistant, flow: ConfigFlowResult, address: dict[str, Any]) -> ConfigFlowResult:
    """Submit the form and wait for the end of the search."""
    shown = await hass.config_entries.flow.async_configure(flow["flow_id"], address)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def _add(hass: HomeAssistant, found: ConfigFlowResult) -> ConfigFlowResult:
    assert found["step_id"] == "found"
    return await hass.config_entries.flow.async_configure(found["flow_id"], {"next_step_id": "create"})


async def test_whole_plant_is_found_by_its_address(hass: HomeAssistant, sim: SigenSimulator) -> None:
    """All devices among the first eight unit ids are found; the first inverter stands for the plant."""
    found = await _search(hass, await _open(hass), {"host": sim.host, "port": sim.port})
    shown = found["description_placeholders"]
    assert shown is not None
    assert (shown["inverters"], shown["ac_chargers"]) == ("1, 3", "2")
    assert "SPC113" in shown["firmware"]
    created = await _add(hass, found)
    assert created["data"] == {
        "vendor": "sigen",
        "host": "127.0.0.1",
        "port": sim.port,
        "plant_unit_id": 247,
        "inverter_unit_ids": [1, 3],
        "ac_charger_unit_ids": [2],
    }
    assert created["result"].unique_id == shown["serial"]
    assert sim.writes == []


FAULTS = [
    ("modbus_off", None, {"port": "refused"}),
    ("half_open", None, {"base": "silent"}),
    ("silence", 60, {"base": "silent"}),
    ("dropped_replies", None, {"base": "silent"}),
    ("reset_in_reply", None, {"base": "closed"}),
    ("garbage", None, {"base": "silent"}),  # its length field promises more bytes than ever come
    ("other_transaction", None, {"base": "silent"}),
    ("wrong_unit_id", None, {"port": "garbled"}),
    ("truncated_frame", None, {"base": "silent"}),
    ("exception", 2, {"host": "not_this_vendor"}),
    ("id_clash", None, {"advanced": "unit_id_clash"}),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0])
async def test_fault_is_named_and_the_next_search_succeeds(
    hass: HomeAssistant, sim: SigenSimulator, fault: tuple[str, float | None, dict[str, str]]
) -> None:
    """What is wrong on the wire is told apart, and is no obstacle once it is over."""
    name, value, errors = fault
    sim.faults.add(name, value)
    form = await _search(hass, await _open(hass), _address(sim))
    assert form["errors"] == errors
    sim.faults.remove(name)
    created = await _add(hass, await _search(hass, form, _address(sim)))
    assert created["type"] is FlowResultType.CREATE_ENTRY


async def test_wrong_plant_unit_id_is_silent(hass: HomeAssistant, sim: SigenSimulator) -> None:
    """A unit id that nobody has does not answer, and the text points to it."""
    form = await _search(hass, await _open(hass), _address(sim, plant_unit_id=246))
    assert form["errors"] == {"base": "silent"}
    created = await _add(hass, await _search(hass, form, _address(sim)))
    assert created["data"]["plant_unit_id"] == 247


async def test_unit_ids_without_an_inverter(hass: HomeAssistant, sim: SigenSimulator) -> None:
    """A plant whose inverters have other unit ids answers, but cannot be known without one."""
    form = await _search(hass, await _open(hass), _address(sim, unit_ids="2, 7"))
    assert form["errors"] == {"advanced": "no_inverter"}
    created = await _add(hass, await _search(hass, form, _address(sim, unit_ids="3 2")))
    assert created["data"]["inverter_unit_ids"] == [3]


async def test_port_of_the_maker_closed_means_modbus_off(hass: HomeAssistant, sim: SigenSimulator) -> None:
    """Nothing listens on the maker's own port: its Modbus server is off, and the text says so."""
    sim.faults.add("modbus_off")
    vendor = "custom_components.energy_storage.vendors.VENDORS"
    with patch(vendor, (replace(VENDOR, default_port=sim.port),)):
        form = await _search(hass, await _open(hass), _address(sim))
    assert form["errors"] == {"base": "modbus_disabled"}


async def test_unknown_name_has_its_own_words(hass: HomeAssistant, sim: SigenSimulator) -> None:
    """A typing mistake in a host name is told from a host that is off."""
    nowhere = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    with patch.object(hass.loop, "getaddrinfo", side_effect=nowhere):
        form = await _search(hass, await _open(hass), _address(sim) | {"host": "sigen.example"})
    assert form["errors"] == {"host": "name_unknown"}
    assert (await _search(hass, form, _address(sim)))["step_id"] == "found"
