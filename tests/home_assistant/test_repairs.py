"""Problems that only the owner can solve: when they are shown, how they end."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
import json
from typing import Any
from unittest.mock import AsyncMock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from modbus_connection import ModbusTcpParams
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.issues import CLOUD_UPLOAD, HOST_SHARED, UNIT_ID_CLASH
from custom_components.energy_storage.link_issues import (
    OF_MODBUS,
    OF_STREAM,
    async_setup_issues,
    async_update_issues,
)
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverRejectedError,
    LinkFault,
    StreamVendor,
    UnitIdClashError,
)

from .flow_plants import SERIAL, Answer
from .flow_texts import EN, flow_texts_checked
from .shown_issues import shown_issues, start_fix

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "set_up")

HOST = "192.0.2.5"
DATA: dict[str, Any] = {
    "vendor": "sigen",
    "host": HOST,
    "port": 502,
    "plant_unit_id": 247,
    "inverter_unit_ids": [1, 3],
    "ac_charger_unit_ids": [2],
}
REFUSED = DriverConnectionError("refused", LinkFault.REFUSED)
SILENT = DriverConnectionError("silent", LinkFault.SILENT)


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step or error of a fix flow pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture(name="plant")
def _plant(hass: HomeAssistant) -> MockConfigEntry:
    async_setup_issues(hass)
    plant = MockConfigEntry(domain=DOMAIN, unique_id=SERIAL, title="Roof", data=DATA)
    plant.add_to_hass(hass)
    return plant


def _refuse(
    hass: HomeAssistant,
    plant: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    seconds: int,
    fault: LinkFault = LinkFault.REFUSED,
) -> None:
    """Let the plant be asked every five seconds, in vain."""
    for _ in range(0, seconds, 5):
        async_update_issues(hass, plant, DriverConnectionError("no", fault))
        freezer.tick(timedelta(seconds=5))
    async_update_issues(hass, plant, DriverConnectionError("no", fault))


def test_every_vendor_says_where_to_look() -> None:
    """The issues whose remedy is in a vendor's app have a text for each vendor."""
    issues = json.loads(EN.read_text())["issues"]
    for vendor in VENDORS:
        if isinstance(vendor, StreamVendor):
            kinds = [complaint.kind for complaint in OF_STREAM] + [HOST_SHARED]
            kinds += [CLOUD_UPLOAD] if vendor.pace.cloud_s else []
        else:
            kinds = [complaint.kind for complaint in OF_MODBUS]
            kinds += [UNIT_ID_CLASH] if vendor.scanned_unit_ids else []
        assert {f"{kind}_{vendor.key}" for kind in kinds} <= issues.keys()


# Modbus is switched off.


@pytest.mark.parametrize("fault", [LinkFault.REFUSED, LinkFault.CLOSED])
async def test_long_refusal_means_that_modbus_is_off(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory, fault: LinkFault
) -> None:
    """Two minutes of refusals are more than a restart takes; the owner is told what to do, as an error."""
    _refuse(hass, plant, freezer, 115, fault)
    assert shown_issues(hass) == {}
    _refuse(hass, plant, freezer, 5, fault)
    issue = shown_issues(hass)["modbus_off_sigen"]
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_placeholders == {"plant": "Roof", "host": HOST, "port": "502"}


async def test_answer_ends_modbus_off(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The issue goes by itself when the plant answers again, and the two minutes begin anew."""
    _refuse(hass, plant, freezer, 125)
    assert shown_issues(hass)
    async_update_issues(hass, plant, None)
    assert shown_issues(hass) == {}
    _refuse(hass, plant, freezer, 115)
    assert shown_issues(hass) == {}


async def test_silence_in_between_begins_the_refusal_anew(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A plant that is rebooting is refusing, silent and gone by turns: that is not switched off."""
    for _ in range(3):
        _refuse(hass, plant, freezer, 60)
        async_update_issues(hass, plant, SILENT)
    assert shown_issues(hass) == {}


async def test_silence_does_not_end_modbus_off(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Only an answer proves that Modbus is on again."""
    _refuse(hass, plant, freezer, 125)
    async_update_issues(hass, plant, SILENT)
    assert "modbus_off_sigen" in shown_issues(hass)
    async_update_issues(hass, plant, DriverRejectedError("busy"))
    assert shown_issues(hass) == {}


@pytest.mark.parametrize(
    "case",
    [
        (REFUSED, "still_off"),
        (DriverConnectionError("hung up", LinkFault.CLOSED), "still_off"),
        (SILENT, "no_answer"),
    ],
)
async def test_fix_flow_asks_the_plant(
    hass: HomeAssistant,
    plant: MockConfigEntry,
    answer: Answer,
    freezer: FrozenDateTimeFactory,
    case: tuple[DriverConnectionError, str],
) -> None:
    """Submitting tests the connection: the issue goes only when the plant answers, else it says what is."""
    _refuse(hass, plant, freezer, 125)
    manager, form = await start_fix(hass, "modbus_off_sigen")
    assert form["type"] is FlowResultType.FORM
    assert answer.asked == []
    answer.default, error = case
    form = await manager.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": error}
    assert "modbus_off_sigen" in shown_issues(hass)
    answer.by_host[HOST] = Answer().default
    done = await manager.async_configure(form["flow_id"], {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert answer.asked[-1] == (247, (1,))
    assert shown_issues(hass) == {}


@pytest.mark.usefixtures("answer")
async def test_fix_flow_sets_up_a_plant_that_waits(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory, set_up: AsyncMock
) -> None:
    """A plant whose set-up failed does not wait for its next attempt."""
    _refuse(hass, plant, freezer, 125)
    manager, form = await start_fix(hass, "modbus_off_sigen")
    plant.mock_state(hass, ConfigEntryState.SETUP_RETRY)
    set_up.reset_mock()
    await manager.async_configure(form["flow_id"], {})
    await hass.async_block_till_done()
    assert len(set_up.mock_calls) == 1
    assert plant.state is ConfigEntryState.LOADED


# Two devices on one unit id.


async def test_unit_id_clash_is_explained(hass: HomeAssistant, plant: MockConfigEntry) -> None:
    """The owner is told which unit id is taken twice, until the plant could be read."""
    async_update_issues(hass, plant, UnitIdClashError(1))
    issue = shown_issues(hass)["unit_id_clash_sigen"]
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_placeholders == {"plant": "Roof", "host": HOST, "port": "502", "unit_id": "1"}
    async_update_issues(hass, plant, SILENT)
    assert "unit_id_clash_sigen" in shown_issues(hass)
    async_update_issues(hass, plant, None)
    assert shown_issues(hass) == {}


async def test_clash_ends_modbus_off(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A plant whose devices clash has answered."""
    _refuse(hass, plant, freezer, 125)
    async_update_issues(hass, plant, UnitIdClashError(1))
    assert shown_issues(hass).keys() == {"unit_id_clash_sigen"}


# Another integration on the same host.

OTHERS: list[Mapping[str, Any]] = [
    {"host": HOST, "port": 502},
    {"plant_connection": {"ip": HOST, "tcp_port": 502, "slave": 247}, "inverters": {}},
]
STRANGERS: list[Mapping[str, Any]] = [
    {"host": HOST, "port": 80},
    {"host": "192.0.2.6", "port": 502},
    {"host": HOST},
    {"one": {"host": HOST, "port": 80}, "two": {"host": "192.0.2.6", "port": 502}},
]


@pytest.mark.parametrize("data", OTHERS)
async def test_other_integration_on_the_host_is_named(
    hass: HomeAssistant, plant: MockConfigEntry, data: Mapping[str, Any]
) -> None:
    """An entry of anybody else with our host and port side by side is a warning, until it is gone."""
    other = MockConfigEntry(domain="sigenergy", title="My battery", data=data)
    other.add_to_hass(hass)
    other.mock_state(hass, ConfigEntryState.LOADED)
    issue = shown_issues(hass)["host_shared"]
    assert issue.severity is ir.IssueSeverity.WARNING
    assert issue.translation_placeholders == {
        "plant": "Roof",
        "host": HOST,
        "port": "502",
        "others": "My battery (sigenergy)",
    }
    await hass.config_entries.async_remove(other.entry_id)
    assert shown_issues(hass) == {}
    assert plant.state is ConfigEntryState.NOT_LOADED


@pytest.mark.usefixtures("plant")
async def test_disabled_integration_on_the_host_is_no_problem(hass: HomeAssistant) -> None:
    """The owner may keep the old integration, switched off."""
    other = MockConfigEntry(domain="sigenergy", data=OTHERS[0])
    other.add_to_hass(hass)
    other.mock_state(hass, ConfigEntryState.LOADED)
    assert "host_shared" in shown_issues(hass)
    await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)
    other.mock_state(hass, ConfigEntryState.NOT_LOADED)  # as its unloading does
    assert shown_issues(hass) == {}


@pytest.mark.usefixtures("plant")
@pytest.mark.parametrize("data", STRANGERS)
async def test_strangers_are_left_alone(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Same host on another port, or same port on another host, has nothing to do with the plant."""
    other = MockConfigEntry(domain="ping", data=data)
    other.add_to_hass(hass)
    other.mock_state(hass, ConfigEntryState.LOADED)
    assert shown_issues(hass) == {}


async def test_integration_on_our_link_is_named(hass: HomeAssistant, plant: MockConfigEntry) -> None:
    """Who shares our link through Home Assistant is seen there, whatever its entry says."""
    other = MockConfigEntry(domain="solar_meter", title="Meter")
    other.add_to_hass(hass)
    async_get_unit(hass, plant, ModbusTcpParams(host=HOST, port=502), 247)
    assert shown_issues(hass) == {}
    async_get_unit(hass, other, ModbusTcpParams(host=HOST, port=502), 1)
    other.mock_state(hass, ConfigEntryState.LOADED)
    placeholders = shown_issues(hass)["host_shared"].translation_placeholders
    assert placeholders is not None
    assert placeholders["others"] == "Meter (solar_meter)"


async def test_second_plant_of_ours_is_no_other_integration(
    hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    """Entries of our own never count, as the config flow keeps them apart."""
    second = MockConfigEntry(domain=DOMAIN, unique_id="X2", data=DATA)
    second.add_to_hass(hass)
    second.mock_state(hass, ConfigEntryState.LOADED)
    plant.mock_state(hass, ConfigEntryState.LOADED)
    assert shown_issues(hass) == {}


# When a plant goes.


async def test_removed_plant_has_no_issues(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What is gone needs no repair."""
    other = MockConfigEntry(domain="sigenergy", data=OTHERS[0])
    other.add_to_hass(hass)
    _refuse(hass, plant, freezer, 125)
    plant.mock_state(hass, ConfigEntryState.SETUP_RETRY)
    assert shown_issues(hass).keys() == {"modbus_off_sigen", "host_shared"}
    plant.mock_state(hass, ConfigEntryState.NOT_LOADED)
    await hass.config_entries.async_remove(plant.entry_id)
    assert shown_issues(hass) == {}


async def test_disabled_plant_has_no_issues(
    hass: HomeAssistant, plant: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What the owner has switched off is not complained about, and is not judged by its past later."""
    await hass.config_entries.async_setup(plant.entry_id)
    _refuse(hass, plant, freezer, 125)
    assert shown_issues(hass)
    await hass.config_entries.async_set_disabled_by(plant.entry_id, ConfigEntryDisabler.USER)
    assert shown_issues(hass) == {}
    async_update_issues(hass, plant, REFUSED)
    assert shown_issues(hass) == {}
