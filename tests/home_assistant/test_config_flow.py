"""Adding a plant, following it, changing how it is reached and read."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_IGNORE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    EVENT_DATA_ENTRY_FLOW_PROGRESSED,
    FlowResultType,
    InvalidData,
)
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from modbus_connection import ModbusTlsParams
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.engine.plant import Identity
from custom_components.energy_storage.options_flow import _MENU
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import (
    Discovery,
    DriverConnectionError,
    DriverError,
    DriverRejectedError,
    LinkFault,
    NotThisVendorError,
)

from .flow_plants import FIRMWARE, MODEL, OTHER_PLANT, PLANT, SERIAL, Answer
from .flow_texts import flow_texts_checked

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "set_up")

HOST = "192.0.2.5"
NEW_HOST = "192.0.2.77"
MAC = "0c47a9123456"
DATA: dict[str, Any] = {
    "vendor": "sigen",
    "host": HOST,
    "port": 502,
    "plant_unit_id": 247,
    "inverter_unit_ids": [1, 3],
    "ac_charger_unit_ids": [2],
}
TYPED = {"host": HOST, "port": 502, "advanced": {"plant_unit_id": 247, "unit_ids": "1, 2, 3"}}


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step, field, error or abort pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture(name="plant_entry")
def _plant_entry(hass: HomeAssistant) -> MockConfigEntry:
    entry = MockConfigEntry(domain=DOMAIN, unique_id=SERIAL, title="Sigen", data=DATA)
    entry.add_to_hass(hass)
    return entry


async def _open_form(hass: HomeAssistant) -> ConfigFlowResult:
    """Go through the menu of makers."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    return await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "sigen"})


async def _submit(hass: HomeAssistant, flow: ConfigFlowResult, typed: Mapping[str, Any]) -> ConfigFlowResult:
    """Submit the form and wait for the end of the search."""
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], dict(typed))
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        result = await _now(hass, flow)
    return result


async def _now(hass: HomeAssistant, flow: ConfigFlowResult) -> ConfigFlowResult:
    """See where the flow is, as the frontend does when it is told that something changed."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def _choose(hass: HomeAssistant, flow: ConfigFlowResult, option: str) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {"next_step_id": option})
    await hass.async_block_till_done()
    return result


def _kept(form: ConfigFlowResult) -> dict[str, Any]:
    """What the form offers in its fields."""
    schema = form["data_schema"]
    assert schema is not None
    kept: dict[str, Any] = {}
    for marker, kind in schema.schema.items():
        if str(marker) == "advanced":
            kept["advanced"] = {str(inner): _suggested(inner) for inner in kind.schema.schema}
        else:
            kept[str(marker)] = _suggested(marker)
    return kept


def _suggested(marker: Any) -> Any:
    return (marker.description or {}).get("suggested_value")


def _advanced_is_open(form: ConfigFlowResult) -> bool:
    schema = form["data_schema"]
    assert schema is not None
    return not schema.schema["advanced"].options["collapsed"]


async def _dhcp(hass: HomeAssistant, host: str = NEW_HOST, mac: str = MAC) -> ConfigFlowResult:
    info = DhcpServiceInfo(ip=host, hostname="", macaddress=mac)
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_DHCP}, data=info)
    await hass.async_block_till_done()
    return result


# Adding a plant.


async def test_menu_offers_every_vendor(hass: HomeAssistant) -> None:
    """The first step lists the vendors of the registry, each with a step of its own."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert menu["menu_options"] == [vendor.key for vendor in VENDORS]
    for vendor in VENDORS:
        again = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        form = await _choose(hass, again, vendor.key)
        assert form["step_id"] == vendor.key


async def test_plant_is_added_by_its_host_alone(
    hass: HomeAssistant, answer: Answer, set_up: AsyncMock
) -> None:
    """Host and port are enough: the rest is found, shown and kept."""
    form = await _open_form(hass)
    found = await _submit(hass, form, {"host": f" {HOST} ", "port": 502.0})
    assert found["type"] is FlowResultType.MENU
    assert found["description_placeholders"] == {
        "host": HOST,
        "model": MODEL,
        "serial": SERIAL,
        "firmware": FIRMWARE,
        "inverters": "1, 3",
        "ac_chargers": "2",
    }
    created = await _choose(hass, found, "create")
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["data"] == DATA
    assert created["options"] == {"first_control": "off"}
    assert created["title"] == MODEL
    assert created["result"].unique_id == SERIAL
    assert answer.asked == [(247, tuple(range(1, 9)))]
    assert len(set_up.mock_calls) == 1


@pytest.mark.usefixtures("answer")
async def test_plant_can_be_added_in_shadow(hass: HomeAssistant) -> None:
    """The first option is the careful one: control begins by watching."""
    found = await _submit(hass, await _open_form(hass), TYPED)
    assert found["menu_options"] == ["create_in_shadow", "create", "change"]
    created = await _choose(hass, found, "create_in_shadow")
    assert created["data"] == DATA
    assert created["options"] == {"first_control": "shadow"}


async def test_named_unit_ids_are_the_only_ones_asked(hass: HomeAssistant, answer: Answer) -> None:
    """Who names unit ids is spared the search, in whatever way the ids are separated."""
    form = await _open_form(hass)
    advanced = {"plant_unit_id": 246, "unit_ids": "12; 3 1,3"}
    found = await _submit(hass, form, {"host": HOST, "port": 502, "advanced": advanced})
    assert answer.asked == [(246, (1, 3, 12))]
    created = await _choose(hass, found, "create")
    assert created["data"]["plant_unit_id"] == 246


async def test_plant_without_model_or_firmware_is_named_after_its_vendor(
    hass: HomeAssistant, answer: Answer
) -> None:
    """Only the serial number is needed of what an inverter says about itself."""
    answer.default = replace(PLANT, plant=Identity(serial=SERIAL), devices=PLANT.devices[:1])
    found = await _submit(hass, await _open_form(hass), TYPED)
    shown = found["description_placeholders"]
    assert shown is not None
    assert (shown["model"], shown["firmware"], shown["ac_chargers"]) == ("Sigen", "?", "-")
    created = await _choose(hass, found, "create")
    assert created["title"] == "Sigen"
    assert created["data"]["ac_charger_unit_ids"] == []


async def test_plant_whose_model_does_not_name_its_vendor_is_named_after_both(
    hass: HomeAssistant, answer: Answer
) -> None:
    """A bare model number tells an owner nothing."""
    answer.default = replace(PLANT, plant=replace(PLANT.plant, model="EC 12.0 TP"))
    created = await _choose(hass, await _submit(hass, await _open_form(hass), TYPED), "create")
    assert created["title"] == "Sigen EC 12.0 TP"


async def test_search_shows_how_far_it_is(hass: HomeAssistant, answer: Answer) -> None:
    """The progress step names the unit id in question and moves its bar."""
    bar: list[float] = []

    @callback
    def moved(event: Event[Mapping[str, Any]]) -> None:
        bar.append(event.data["progress"])

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, moved)
    answer.hold_at = 2
    form = await _open_form(hass)
    typed = {"host": HOST, "port": 502, "advanced": {"plant_unit_id": 247, "unit_ids": "1, 3, 9, 12"}}
    first = await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    assert first["type"] is FlowResultType.SHOW_PROGRESS
    assert first["description_placeholders"] == {"host": HOST, "unit_id": "1", "number": "1", "total": "4"}
    await answer.held.wait()
    held = await _now(hass, form)
    assert held["description_placeholders"] == {"host": HOST, "unit_id": "9", "number": "3", "total": "4"}
    answer.go_on.set()
    await hass.async_block_till_done()
    assert bar == [number / 4 for number in range(1, 5)]
    assert (await _now(hass, form))["step_id"] == "found"


async def test_closing_the_dialog_ends_the_search(hass: HomeAssistant, answer: Answer) -> None:
    """A search that nobody waits for gives the link back."""
    answer.hold_at = 0
    form = await _open_form(hass)
    await hass.config_entries.flow.async_configure(form["flow_id"], {"host": HOST, "port": 502})
    await answer.held.wait()
    assert len(async_get_connection_info(hass)) == 1
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert async_get_connection_info(hass) == []


async def test_what_was_found_can_be_searched_again(hass: HomeAssistant, answer: Answer) -> None:
    """Who misses a device goes back to the form, which has kept everything and shows the unit ids."""
    answer.default = replace(PLANT, devices=PLANT.devices[:1])
    found = await _submit(hass, await _open_form(hass), TYPED)
    form = await _choose(hass, found, "change")
    assert form["step_id"] == "sigen"
    assert _kept(form) == TYPED
    assert _advanced_is_open(form)
    answer.default = PLANT
    found = await _submit(hass, form, TYPED)
    created = await _choose(hass, found, "create")
    assert created["data"] == DATA


# What can go wrong, and that it can be put right without typing anything twice.

type Case = tuple[Discovery | DriverError, int, str, str]
"""What is found at which port; the field to look at and the error beside it."""


def _link(fault: LinkFault) -> DriverConnectionError:
    return DriverConnectionError("gone", fault)


CASES: list[Case] = [
    (_link(LinkFault.NAME_UNKNOWN), 502, "host", "name_unknown"),
    (_link(LinkFault.UNREACHABLE), 502, "host", "unreachable"),
    (_link(LinkFault.REFUSED), 502, "base", "modbus_disabled"),
    (_link(LinkFault.REFUSED), 503, "port", "refused"),
    (_link(LinkFault.CLOSED), 502, "base", "closed"),
    (_link(LinkFault.SILENT), 502, "base", "silent"),
    (_link(LinkFault.GARBLED), 502, "port", "garbled"),
    (NotThisVendorError("a heat pump"), 502, "host", "not_this_vendor"),
    (DriverRejectedError("no"), 502, "host", "not_this_vendor"),
    (replace(PLANT, clashes=(1,)), 502, "advanced", "unit_id_clash"),
    (replace(PLANT, devices=PLANT.devices[2:]), 502, "advanced", "no_inverter"),
    (replace(PLANT, plant=Identity(model=MODEL)), 502, "base", "no_serial"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[3]}_{case[1]}")
async def test_problem_is_named_at_its_field(hass: HomeAssistant, answer: Answer, case: Case) -> None:
    """Each problem has its own words beside the field to look at, and the next attempt can succeed."""
    answer.default, port, field, error = case
    typed = TYPED | {"port": port}
    form = await _submit(hass, await _open_form(hass), typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {field: error}
    assert _kept(form) == typed
    assert _advanced_is_open(form) is (field == "advanced")
    answer.default = PLANT
    found = await _submit(hass, form, typed)
    assert found["step_id"] == "found"
    created = await _choose(hass, found, "create")
    assert created["data"] == DATA | {"port": port}


async def test_unit_id_clash_names_the_unit_id(hass: HomeAssistant, answer: Answer) -> None:
    """The owner learns which unit id is taken twice."""
    answer.default = replace(PLANT, clashes=(1, 4))
    form = await _submit(hass, await _open_form(hass), TYPED)
    shown = form["description_placeholders"]
    assert shown is not None
    assert shown["unit_ids"] == "1, 4"


@pytest.mark.parametrize("unit_ids", ["one", "0", "247", "1.5", "-1"])
async def test_impossible_unit_ids_are_refused_before_asking(
    hass: HomeAssistant, answer: Answer, unit_ids: str
) -> None:
    """A typing mistake costs no search, and loses nothing of what was typed."""
    typed = {"host": HOST, "port": 502, "advanced": {"plant_unit_id": 247, "unit_ids": unit_ids}}
    form = await _submit(hass, await _open_form(hass), typed)
    assert form["errors"] == {"advanced": "unit_ids_invalid"}
    assert _kept(form) == typed
    assert _advanced_is_open(form)
    assert answer.asked == []
    found = await _submit(hass, form, TYPED)
    assert found["step_id"] == "found"


@pytest.mark.parametrize("port", [0, 65536])
async def test_port_has_bounds(hass: HomeAssistant, port: int) -> None:
    """The form itself refuses a port that cannot be."""
    form = await _open_form(hass)
    with pytest.raises(InvalidData):
        await hass.config_entries.flow.async_configure(form["flow_id"], {"host": HOST, "port": port})


async def test_host_used_over_other_line_settings(hass: HomeAssistant, answer: Answer) -> None:
    """A link that someone else holds with TLS cannot be shared: that is said, and can end."""
    async with async_get_temporary_unit(hass, ModbusTlsParams(host=HOST, port=502), 1):
        form = await _submit(hass, await _open_form(hass), TYPED)
        assert form["errors"] == {"base": "in_use"}
        assert answer.asked == []
    assert (await _submit(hass, form, TYPED))["step_id"] == "found"


@pytest.mark.usefixtures("plant_entry")
async def test_same_address_is_not_asked_twice(hass: HomeAssistant, answer: Answer) -> None:
    """A plant at a known host and port is already there; its polling is not disturbed."""
    result = await _submit(hass, await _open_form(hass), TYPED)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert answer.asked == []


@pytest.mark.usefixtures("answer")
async def test_same_plant_is_not_added_twice(hass: HomeAssistant, plant_entry: MockConfigEntry) -> None:
    """A plant is known by its serial number, whichever inverter's address was typed; its entry stays."""
    result = await _submit(hass, await _open_form(hass), TYPED | {"host": NEW_HOST})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert plant_entry.data["host"] == HOST


# Discovery on the network.


async def test_new_device_on_the_network_is_offered(hass: HomeAssistant, answer: Answer) -> None:
    """The form comes with the address filled in; the plant is known by its serial number afterwards."""
    form = await _dhcp(hass, HOST)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "sigen"
    assert _kept(form)["host"] == HOST
    assert _kept(form)["port"] == 502
    assert answer.asked == []
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": f"Sigen ({HOST})"}
    found = await _submit(hass, form, TYPED)
    created = await _choose(hass, found, "create")
    assert created["result"].unique_id == SERIAL


async def test_same_device_is_offered_once(hass: HomeAssistant) -> None:
    """A device that shows up again while it is on offer is not offered again."""
    await _dhcp(hass)
    again = await _dhcp(hass)
    assert again["type"] is FlowResultType.ABORT
    assert again["reason"] == "already_in_progress"


async def test_ignored_device_stays_ignored(hass: HomeAssistant) -> None:
    """What the owner does not want to hear of is not offered again."""
    ignored = MockConfigEntry(domain=DOMAIN, unique_id="0c:47:a9:12:34:56", source=SOURCE_IGNORE)
    ignored.add_to_hass(hass)
    result = await _dhcp(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


@pytest.mark.usefixtures("plant_entry")
async def test_known_host_is_left_alone(hass: HomeAssistant, answer: Answer) -> None:
    """A plant that renews the address it has is not asked anything."""
    result = await _dhcp(hass, HOST)
    assert result["reason"] == "already_configured"
    assert answer.asked == []


async def test_moved_plant_is_followed(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry, set_up: AsyncMock
) -> None:
    """A known plant at a new address, silent at the old one, has its entry moved and set up again."""
    await hass.config_entries.async_setup(plant_entry.entry_id)
    answer.by_host[HOST] = DriverConnectionError("gone", LinkFault.UNREACHABLE)
    result = await _dhcp(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert plant_entry.data == DATA | {"host": NEW_HOST}
    assert len(set_up.mock_calls) == 2


async def test_plant_whose_old_address_went_to_another_is_followed(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry, set_up: AsyncMock
) -> None:
    """An entry that gave up because it met another plant at its address is set up at the new one."""
    set_up.side_effect = ConfigEntryError("another plant")
    await hass.config_entries.async_setup(plant_entry.entry_id)
    assert plant_entry.state is ConfigEntryState.SETUP_ERROR
    set_up.side_effect = None
    answer.by_host[HOST] = OTHER_PLANT
    await _dhcp(hass)
    assert plant_entry.data["host"] == NEW_HOST
    assert len(set_up.mock_calls) == 2


@pytest.mark.usefixtures("answer")
async def test_second_inverter_of_a_plant_does_not_move_it(
    hass: HomeAssistant, plant_entry: MockConfigEntry
) -> None:
    """Each inverter speaks for the plant: as long as the known address answers it is kept."""
    result = await _dhcp(hass)
    assert result["reason"] == "already_configured"
    assert plant_entry.data["host"] == HOST


@pytest.mark.usefixtures("plant_entry")
async def test_second_plant_is_offered_beside_the_first(hass: HomeAssistant, answer: Answer) -> None:
    """Another serial number is another plant."""
    answer.by_host[NEW_HOST] = OTHER_PLANT
    form = await _dhcp(hass)
    assert form["type"] is FlowResultType.FORM
    assert _kept(form)["host"] == NEW_HOST


@pytest.mark.usefixtures("plant_entry")
async def test_silent_device_is_not_offered_beside_a_plant(hass: HomeAssistant, answer: Answer) -> None:
    """It may well be another inverter of the known plant, whose Modbus server is off."""
    answer.default = DriverConnectionError("off", LinkFault.REFUSED)
    result = await _dhcp(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "cannot_connect"


async def test_plants_of_other_vendors_are_not_asked(hass: HomeAssistant, answer: Answer) -> None:
    """A device of one maker cannot be a plant of another."""
    other = MockConfigEntry(domain=DOMAIN, unique_id="X1", data=DATA | {"vendor": "another", "host": "h"})
    other.add_to_hass(hass)
    assert (await _dhcp(hass))["type"] is FlowResultType.FORM
    assert answer.asked == []


# Reconfiguring.


@pytest.mark.usefixtures("answer")
async def test_open_dialog_sees_how_a_reconfiguration_ends(
    hass: HomeAssistant, plant_entry: MockConfigEntry
) -> None:
    """The frontend fetches the flow a little after it is told of a change; the end can be fetched once."""
    fetched: list[ConfigFlowResult] = []

    async def fetch(_: Event[Mapping[str, Any]]) -> None:
        await asyncio.sleep(0.01)
        fetched.append(await _now(hass, form))

    form = await plant_entry.start_reconfigure_flow(hass)
    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, fetch)
    typed = TYPED | {"advanced": {"plant_unit_id": 247, "unit_ids": "1"}}
    await hass.config_entries.flow.async_configure(form["flow_id"], typed)
    await hass.async_block_till_done()
    assert [result.get("reason") for result in fetched] == ["reconfigure_successful"]


async def test_plant_is_reconfigured(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry, set_up: AsyncMock
) -> None:
    """The form offers what holds; what is found at the new address replaces it and takes effect."""
    await hass.config_entries.async_setup(plant_entry.entry_id)
    form = await plant_entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure_sigen"
    assert _kept(form) == TYPED
    answer.default = replace(PLANT, devices=PLANT.devices[:1])
    typed = {"host": NEW_HOST, "port": 1502, "advanced": {"plant_unit_id": 247}}
    result = await _submit(hass, form, typed)
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert plant_entry.data == DATA | {
        "host": NEW_HOST,
        "port": 1502,
        "inverter_unit_ids": [1],
        "ac_charger_unit_ids": [],
    }
    assert len(set_up.mock_calls) == 2


async def test_plant_with_a_listener_is_set_up_anew_by_it(
    hass: HomeAssistant, answer: Answer, loaded: MockConfigEntry, set_up: AsyncMock
) -> None:
    """A reconfiguration, or a new address, tells the listener alone: it hands the plant over."""
    told: list[str] = []

    async def listen(_: HomeAssistant, entry: ConfigEntry) -> None:
        told.append(entry.data["host"])

    loaded.add_update_listener(listen)
    form = await loaded.start_reconfigure_flow(hass)
    assert (await _submit(hass, form, TYPED | {"host": NEW_HOST}))["reason"] == "reconfigure_successful"
    answer.by_host[NEW_HOST] = DriverConnectionError("gone", LinkFault.UNREACHABLE)
    assert (await _dhcp(hass, host="192.0.2.88"))["reason"] == "already_configured"
    assert told == [NEW_HOST, "192.0.2.88"]
    assert len(set_up.mock_calls) == 1


async def test_silent_device_that_is_still_named_stays(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry
) -> None:
    """During an outage a charger without backup supply does not answer; the plant is not smaller for it."""
    answer.default = replace(PLANT, devices=PLANT.devices[:2])
    form = await plant_entry.start_reconfigure_flow(hass)
    result = await _submit(hass, form, TYPED | {"host": NEW_HOST})
    assert result["reason"] == "reconfigure_successful"
    assert plant_entry.data == DATA | {"host": NEW_HOST}


async def test_silent_device_that_is_no_longer_named_goes(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry
) -> None:
    """Taking its unit id out of the list is how an owner removes a device."""
    answer.default = replace(PLANT, devices=PLANT.devices[:1])
    form = await plant_entry.start_reconfigure_flow(hass)
    typed = TYPED | {"advanced": {"plant_unit_id": 247, "unit_ids": "1, 2"}}
    result = await _submit(hass, form, typed)
    assert result["reason"] == "reconfigure_successful"
    assert plant_entry.data == DATA | {"inverter_unit_ids": [1], "ac_charger_unit_ids": [2]}


async def test_reconfiguring_refuses_another_plant(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry
) -> None:
    """Another plant's serial number is named beside the host, and nothing typed is lost."""
    answer.by_host[NEW_HOST] = OTHER_PLANT
    form = await plant_entry.start_reconfigure_flow(hass)
    typed = TYPED | {"host": NEW_HOST}
    again = await _submit(hass, form, typed)
    assert again["step_id"] == "reconfigure_sigen"
    assert again["errors"] == {"host": "wrong_plant"}
    assert _kept(again) == typed
    assert plant_entry.data == DATA
    done = await _submit(hass, again, TYPED)
    assert done["reason"] == "reconfigure_successful"


async def test_reconfiguring_to_the_host_of_another_entry_is_refused(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry
) -> None:
    """Two entries never poll the same host and port."""
    other = MockConfigEntry(domain=DOMAIN, unique_id="X1", data=DATA | {"host": NEW_HOST})
    other.add_to_hass(hass)
    form = await plant_entry.start_reconfigure_flow(hass)
    result = await _submit(hass, form, TYPED | {"host": NEW_HOST})
    assert result["reason"] == "already_configured"
    assert answer.asked == []


async def test_failed_reconfiguring_goes_back_to_its_own_form(
    hass: HomeAssistant, answer: Answer, plant_entry: MockConfigEntry
) -> None:
    """A plant that does not answer at the new address stays where it was."""
    answer.default = DriverConnectionError("no", LinkFault.SILENT)
    form = await plant_entry.start_reconfigure_flow(hass)
    again = await _submit(hass, form, TYPED)
    assert again["step_id"] == "reconfigure_sigen"
    assert again["errors"] == {"base": "silent"}
    answer.default = PLANT
    done = await _submit(hass, again, TYPED)
    assert done["reason"] == "reconfigure_successful"


# Options.


@pytest.fixture(name="loaded")
async def _loaded(hass: HomeAssistant, plant_entry: MockConfigEntry) -> MockConfigEntry:
    await hass.config_entries.async_setup(plant_entry.entry_id)
    assert plant_entry.state is ConfigEntryState.LOADED
    return plant_entry


async def _open_reading(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Go through the menu of options."""
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    assert menu["menu_options"] == list(_MENU)
    return await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "reading"})


async def test_options_are_saved(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Those of both sections end side by side in the options."""
    form = await _open_reading(hass, loaded)
    expert = {"request_spacing_s": 0.5, "plant_power": True}
    typed = {"fast_poll_s": 10.0, "expert": expert}
    result = await hass.config_entries.options.async_configure(form["flow_id"], typed)
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == expert | {"fast_poll_s": 10, "allow_off_grid": False}


async def test_options_keep_what_is_not_shown(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Who leaves the expert section closed keeps its values."""
    hass.config_entries.async_update_entry(loaded, options={"fast_poll_s": 7, "request_spacing_s": 2.0})
    form = await _open_reading(hass, loaded)
    schema = form["data_schema"]
    assert schema is not None
    fast_poll, _ = schema.schema
    assert _suggested(fast_poll) == 7
    spacing, plant_power, off_grid = schema.schema["expert"].schema.schema
    assert _suggested(spacing) == 2.0
    assert plant_power.default() is off_grid.default() is False
    await hass.config_entries.options.async_configure(form["flow_id"], {"fast_poll_s": 20})
    await hass.async_block_till_done()
    assert loaded.options == {"fast_poll_s": 20, "request_spacing_s": 2.0}


@pytest.mark.parametrize(
    "typed",
    [
        {"fast_poll_s": 2},
        {"fast_poll_s": 61},
        {"fast_poll_s": 5, "expert": {"request_spacing_s": 0.05}},
        {"fast_poll_s": 5, "expert": {"request_spacing_s": 6}},
    ],
)
async def test_options_have_bounds(
    hass: HomeAssistant, loaded: MockConfigEntry, typed: dict[str, Any]
) -> None:
    """Nobody can poll a plant to death, or so rarely that a reading is never fresh."""
    form = await _open_reading(hass, loaded)
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(form["flow_id"], typed)
