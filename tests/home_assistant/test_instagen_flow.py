"""A simulated Instagen stick in Home Assistant over real TCP: found, added, moved, and read at its pace."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors.instagen import discovery, driver
from custom_components.energy_storage.vendors.instagen.link import Link
from tests.simulators.instagen import InstagenConfig, InstagenSimulator

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

PLANT = InstagenConfig(inverters=2, speed=0, close_s=0.1)


class QuickLink(Link):
    """The real one, without rests between requests and with little patience."""

    def __init__(self, host: str, port: int, **more: Any) -> None:
        """Ask at once."""
        super().__init__(host, port, **more | {"gap_s": 0, "timeout_s": 0.5})


@pytest.fixture(autouse=True)
def _in_a_hurry() -> Iterator[None]:
    with patch.object(discovery, "Link", QuickLink), patch.object(driver, "Link", QuickLink):
        yield


@pytest.fixture(name="sim")
async def _sim() -> AsyncIterator[InstagenSimulator]:
    async with InstagenSimulator(PLANT).serving() as sim:
        yield sim


async def search(hass: HomeAssistant, sim: InstagenSimulator) -> ConfigFlowResult:
    """Choose the maker, enter the address, and wait for what is found there."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    form = await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "instagen"})
    assert form["data_schema"] is not None
    assert {str(key) for key in form["data_schema"].schema} == {"host", "port", "fast_poll_s"}
    address = {"host": sim.host, "port": sim.port}
    shown = await hass.config_entries.flow.async_configure(form["flow_id"], address)
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(form["flow_id"])


async def add(hass: HomeAssistant, sim: InstagenSimulator) -> ConfigEntry:
    """Add the plant, and wait until it is set up."""
    found = await search(hass, sim)
    assert found["step_id"] == "found_stream"
    created = await hass.config_entries.flow.async_configure(found["flow_id"], {"next_step_id": "create"})
    await hass.async_block_till_done()
    entry: ConfigEntry = created["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def test_plant_is_added_and_shown(hass: HomeAssistant, sim: InstagenSimulator) -> None:
    """By host, port and pace alone: the stick tells the rest; nothing is written to it."""
    entry = await add(hass, sim)
    assert entry.data == {"vendor": "instagen", "host": "127.0.0.1", "port": sim.port}
    assert entry.unique_id == "200322460001"
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    kinds = {next(iter(device.identifiers))[1] for device in devices}
    of_plant = {f"200322460001{suffix}" for suffix in ("", "_gateway", "_inverter", "_battery", "_meter")}
    assert kinds == of_plant | {"200322460002_inverter", "200322460002_battery"}
    ids = er.async_get(hass)
    for key, shown in {
        "battery_soc": "50.0",
        "pv_to_load_power": None,
        "battery_charge_energy": "0.0",
    }.items():
        entity_id = ids.async_get_entity_id("sensor", DOMAIN, f"200322460001_{key}")
        assert entity_id is not None, key
        state = hass.states.get(entity_id)
        assert (state.state if state else None) == shown, key
    assert sim.writes == []
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert sim.writes == []


async def test_stick_that_speaks_only_encrypted_is_said_to_be_so(hass: HomeAssistant) -> None:
    """Not silent, and not offline."""
    config = InstagenConfig(encrypted=True, storage_when_encrypted=False, speed=0, close_s=0.1)
    async with InstagenSimulator(config).serving() as sim:
        form = await search(hass, sim)
        assert form["errors"] == {"base": "encrypted"}


async def test_added_again_at_a_new_address_it_is_the_same_plant(
    hass: HomeAssistant, sim: InstagenSimulator
) -> None:
    """A firmware update gave the stick another address: the entry follows, its entities stay."""
    entry = await add(hass, sim)
    before = {
        known.entity_id for known in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    sim.faults.add("moved")
    again = await search(hass, sim)
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")
    await hass.async_block_till_done()
    assert entry.data["port"] == sim.port
    assert entry.state is ConfigEntryState.LOADED
    after = {
        known.entity_id for known in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    assert after == before
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_owner_chooses_between_the_cloud_and_newest_readings(
    hass: HomeAssistant, sim: InstagenSimulator
) -> None:
    """35 s, 125 s or 10 s, and no other pace."""
    entry = await add(hass, sim)
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    form = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "reading"})
    assert form["data_schema"] is not None
    shown = {str(key): (key, selector) for key, selector in form["data_schema"].schema.items()}
    pace, selector = shown["fast_poll_s"]
    assert pace.default() == "35"
    assert selector.config["options"] == ["10", "35", "125"]
    done = await hass.config_entries.options.async_configure(form["flow_id"], {"fast_poll_s": "10"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.cycle._poll.total_seconds() == 10
    assert await hass.config_entries.async_unload(entry.entry_id)
