"""What the owner of an Instagen plant reads when the stick or its network fails, and when that is over."""

from collections.abc import Iterator
from dataclasses import replace
import logging
from typing import Any, Literal
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.const import LOGGER
from tests.link_faults import NAME, Names, only_our_name_resolves
from tests.simulators.instagen_client import connected

from .conftest import AddInstagen, HandClock, Home, InstagenFactory, entry_for_stick
from .flow_texts import flow_texts_checked
from .instagen_home import ONE, THREE, poll, quick_discovery
from .shown_issues import shown_issues, start_fix

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

TIMEOUT_S = 0.3

type SecondClient = Literal["dropped", "stalled"]


@pytest.fixture(autouse=True)
def _told(hand_clock: HandClock, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let the repairs follow the same clock, and never show a trace to the owner."""
    hand_clock.timeout_s = TIMEOUT_S
    caplog.set_level(logging.INFO, LOGGER.name)
    with (
        patch("custom_components.energy_storage.link_issues.utcnow", hand_clock.utc),
        flow_texts_checked(),
    ):
        yield
    assert "Traceback" not in caplog.text


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Names that have an address."""
    return only_our_name_resolves(monkeypatch)


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give the levels of what we told in the log."""
    return [record.levelname for record in caplog.records if record.name == LOGGER.name]


OUTAGES: dict[str, float | None] = {
    "silence": 6000,
    "half_open": None,
    "dropped_answers": None,
    "empty_answers": None,
    "wrong_checksum": None,
    "endless_length": None,
    "reset_in_answer": None,
    "closes_instead": None,
    "port_closed": None,
    "restart": 6000,
    "storage_silent": None,
    "frozen_clock": None,
}
"""Faults that leave no reading, with their values."""


@pytest.mark.parametrize("fault", OUTAGES)
async def test_outage_is_honest_and_short(
    add_instagen: AddInstagen, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """Nothing old is shown as live; back with the next polls; one line each in the log."""
    home = await add_instagen()
    await poll(home)
    caplog.clear()
    home.sim.faults.add(fault, OUTAGES[fault])
    await poll(home, 2)
    assert home.sensor("battery_soc") != STATE_UNAVAILABLE
    await poll(home, 6)
    assert home.sensor("reading_stage") == "lost"
    assert home.sensor("battery_soc") == STATE_UNAVAILABLE
    assert home.state("binary_sensor", "connected").state == "off"
    assert ours(caplog) == ["WARNING"]
    home.sim.faults.clear()
    await poll(home, 4)
    assert home.sensor("reading_stage") == "fresh"
    assert home.number("battery_soc") > 0
    assert ours(caplog) == ["WARNING", "INFO"]


BORNE = ("fragmented", "merged", "merged_behind", "garbage_before", "closes_after_answer")


@pytest.mark.parametrize("fault", BORNE)
async def test_oddities_of_the_wire_are_no_news(
    add_instagen: AddInstagen, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """What the driver can bear, the owner does not hear of."""
    home = await add_instagen()
    caplog.clear()
    home.sim.faults.add(fault)
    home.sim.set("battery.soc", 77)
    await poll(home, 2)
    assert home.number("battery_soc") == 77
    assert ours(caplog) == []


async def test_restart_of_the_stick_is_no_news(
    add_instagen: AddInstagen, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a minute without an answer alarms nobody."""
    home = await add_instagen()
    caplog.clear()
    home.sim.faults.add("restart", 6000)
    await poll(home)
    home.sim.faults.remove("restart")
    await poll(home, 2)
    assert home.sensor("reading_stage") == "fresh"
    assert ours(caplog) == []
    assert shown_issues(home.hass) == {}


SET_UP: list[tuple[str, float | None, dict[str, Any], str]] = [
    ("port_closed", None, {}, "no_answer_stream_refused"),
    ("silence", 6000, {}, "no_answer_stream_silent"),
    ("closes_instead", None, {}, "no_answer_stream_closed"),
    ("endless_length", None, {}, "no_answer_stream_garbled"),
    (
        "storage_silent",
        None,
        {"encrypted": True, "storage_when_encrypted": False},
        "no_answer_stream_encrypted",
    ),
]


@pytest.mark.parametrize("case", SET_UP, ids=lambda case: case[0])
async def test_set_up_says_what_is_wrong(
    hass: HomeAssistant, instagen: InstagenFactory, case: tuple[str, float | None, dict[str, Any], str]
) -> None:
    """In words about the stick, not about Modbus; the next attempt after the fault's end succeeds."""
    fault, value, config, expected = case
    sim = await instagen(replace(ONE, speed=0.0, close_s=0.05, **config))
    entry = entry_for_stick(sim)
    entry.add_to_hass(hass)
    sim.faults.add(fault, value)
    await hass.config_entries.async_setup(entry.entry_id)
    assert (state_of(entry), entry.error_reason_translation_key) == (ConfigEntryState.SETUP_RETRY, expected)
    assert "Modbus" not in str(entry.reason)
    if "encrypted" in expected:
        assert shown_issues(hass).keys() == {"encrypted_instagen"}
        return
    sim.faults.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """How far the entry is now."""
    return entry.state


# Repairs.


async def test_closed_port_is_a_repair(add_instagen: AddInstagen) -> None:
    """After five minutes; submitting tests the connection."""
    home = await add_instagen()
    home.sim.faults.add("port_closed")
    await poll(home, 8)
    assert shown_issues(home.hass) == {}
    await poll(home, 3)
    assert shown_issues(home.hass).keys() == {"port_closed_instagen"}
    with quick_discovery():
        manager, form = await start_fix(home.hass, "port_closed_instagen")
        form = await manager.async_configure(form["flow_id"], {})
        assert form["errors"] == {"base": "still_off"}
        home.sim.faults.clear()
        done = await manager.async_configure(form["flow_id"], {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert shown_issues(home.hass) == {}


@pytest.mark.parametrize("second_client", ["dropped", "stalled"])
async def test_second_client_is_a_repair(add_instagen: AddInstagen, second_client: SecondClient) -> None:
    """Somebody holds the only connection of the stick; when he has gone, the message goes too."""
    home = await add_instagen(replace(ONE, second_client=second_client))
    async with connected(home.sim) as other:
        await other.ask(0xDB01)
        await poll(home, 11)
        assert shown_issues(home.hass).keys() == {"second_client_instagen"}
    await poll(home, 3)
    assert shown_issues(home.hass) == {}
    assert home.sensor("reading_stage") == "fresh"


async def test_firmware_that_begins_to_encrypt_is_a_repair(add_instagen: AddInstagen) -> None:
    """An update came: the owner hears that the plant is not offline."""
    home = await add_instagen(replace(ONE, encrypted=True))
    assert shown_issues(home.hass) == {}
    encrypting = replace(home.sim.config, storage_when_encrypted=False)
    home.sim.config = home.sim.answers.config = encrypting
    await poll(home, 3)
    assert shown_issues(home.hass).keys() == {"encrypted_instagen"}
    home.sim.config = home.sim.answers.config = replace(encrypting, storage_when_encrypted=True)
    await poll(home, 3)
    assert shown_issues(home.hass) == {}


async def test_new_address_is_asked_for(
    hass: HomeAssistant, instagen: InstagenFactory, hand_clock: HandClock, names: Names
) -> None:
    """A name that is gone is a repair, which moves the entry to where the plant answers."""
    sim = await instagen(replace(ONE, speed=0.0, start=hand_clock.now))
    entry = entry_for_stick(sim, host=NAME)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    home = Home(hass, sim, entry, hand_clock)
    await poll(home)
    names.known = False
    await poll(home, 11)
    assert shown_issues(hass).keys() == {"address_changed_instagen"}
    with quick_discovery():
        manager, form = await start_fix(hass, "address_changed_instagen")
        form = await manager.async_configure(form["flow_id"], {"host": "elsewhere.example"})
        assert form["errors"] == {"host": "no_answer"}
        hass.config_entries.async_update_entry(entry, unique_id="another")
        form = await manager.async_configure(form["flow_id"], {"host": sim.host})
        assert form["errors"] == {"host": "wrong_plant"}
        hass.config_entries.async_update_entry(entry, unique_id=f"{sim.config.serials[0]:012X}")
        done = await manager.async_configure(form["flow_id"], {"host": f" {sim.host} "})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.data["host"] == sim.host
    assert state_of(entry) is ConfigEntryState.LOADED
    assert shown_issues(hass) == {}


async def test_address_of_another_plant_is_not_taken(
    add_instagen: AddInstagen, instagen: InstagenFactory
) -> None:
    """Only the plant itself moves its entry."""
    home = await add_instagen()
    other = await instagen(replace(THREE, speed=0.0))
    port = home.entry.data["port"]
    home.hass.config_entries.async_update_entry(home.entry, data={**home.entry.data, "port": other.port})
    await home.hass.async_block_till_done()
    assert state_of(home.entry) is ConfigEntryState.SETUP_ERROR
    assert home.entry.error_reason_translation_key == "another_plant"
    home.hass.config_entries.async_update_entry(home.entry, data={**home.entry.data, "port": port})
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert state_of(home.entry) is ConfigEntryState.LOADED


async def test_reading_too_often_for_the_cloud_is_asked_about(add_instagen: AddInstagen) -> None:
    """Whoever reads every 10 s is told what that costs, and can have it otherwise."""
    home = await add_instagen(options={"fast_poll_s": "10"})
    assert shown_issues(home.hass).keys() == {"cloud_upload_instagen"}
    manager, menu = await start_fix(home.hass, "cloud_upload_instagen")
    assert menu["menu_options"] == ["slower", "much_slower", "without_cloud"]
    await manager.async_configure(menu["flow_id"], {"next_step_id": "much_slower"})
    await home.hass.async_block_till_done()
    assert home.entry.options["fast_poll_s"] == "125"
    assert shown_issues(home.hass) == {}
    assert home.runtime.cycle._poll.total_seconds() == 125


async def test_who_needs_no_cloud_is_not_asked_again(add_instagen: AddInstagen) -> None:
    """Not even after a restart."""
    home = await add_instagen(options={"fast_poll_s": "10"})
    manager, menu = await start_fix(home.hass, "cloud_upload_instagen")
    await manager.async_configure(menu["flow_id"], {"next_step_id": "without_cloud"})
    await home.hass.async_block_till_done()
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    assert home.entry.options["fast_poll_s"] == "10"
    assert shown_issues(home.hass) == {}


async def test_another_integration_on_the_stick_is_named(add_instagen: AddInstagen) -> None:
    """The one that speaks the same protocol; a ping to the same host is none."""
    home = await add_instagen()
    for domain in ("ping", "hoymiles_wifi"):
        other = MockConfigEntry(domain=domain, title="Other", data={"host": home.sim.host})
        other.add_to_hass(home.hass)
        other.mock_state(home.hass, ConfigEntryState.LOADED)
    issue = shown_issues(home.hass)["host_shared_instagen"]
    assert (issue.translation_placeholders or {})["others"] == "Other (hoymiles_wifi)"


async def test_the_usual_pace_keeps_the_cloud_alive(add_instagen: AddInstagen) -> None:
    """An hour at 35 s through Home Assistant, with three inverters, stops no upload."""
    home = await add_instagen(THREE)
    await poll(home, 100)
    assert not home.sim.cloud.blocked
