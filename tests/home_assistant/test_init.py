"""Setting up, unloading and removing a plant."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
from modbus_connection import ModbusTlsParams
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import energy_storage
from custom_components.energy_storage import async_remove_config_entry_device
from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.cycle import Cycle
from custom_components.energy_storage.engine.plant import Identity, PlantState
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverError,
    DriverState,
    LinkFault,
    LinkSetup,
    NotThisVendorError,
    UnitIdClashError,
    Units,
)
from custom_components.energy_storage.vendors.sigen import VENDOR as SIGEN
from tests.simulators.sigen import SigenConfig

from .conftest import NOON, AddHome, Home, SigenFactory, entry_for
from .fake_driver import FakeDriver

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def test_set_up_needs_few_requests(add_home: AddHome) -> None:
    """Six requests at one a second are less than eight seconds; the rest comes afterwards."""
    home = await add_home(settled=False)
    assert len(home.sim.requests) <= 6
    assert home.number("battery_soc") == home.sim.get("ess_soc")
    assert home.state("binary_sensor", "connected").state == "on"


async def test_everything_is_read_soon_after(add_home: AddHome) -> None:
    """At one request a second and with two of three left to the rest, all is known within two minutes."""
    home = await add_home(settled=False)
    started = home.clock.now
    await home.settle()
    assert (home.clock.now - started).total_seconds() <= 120


async def test_devices_are_registered(hass: HomeAssistant, add_home: AddHome) -> None:
    """Plant, inverters and chargers have names, serial numbers and firmware, and hang together."""
    home = await add_home(SigenConfig(inverters=(1, 2), ac_chargers=(3,), dc_charger=1), settled=False)
    assert home.sim.plant.dc_ev is not None
    home.sim.plant.dc_ev.connected = True
    await home.settle()
    registry = dr.async_get(hass)
    devices = {
        device.name: device for device in dr.async_entries_for_config_entry(registry, home.entry.entry_id)
    }
    assert set(devices) == {
        "Sigen plant",
        "Sigen inverter 1",
        "Sigen inverter 2",
        "Sigen AC charger 3",
        "Sigen DC charger 1",
    }
    plant, inverter = devices["Sigen plant"], devices["Sigen inverter 1"]
    assert inverter.serial_number == home.sim.get("serial_number", 1)
    assert inverter.sw_version == home.sim.get("firmware_version", 1)
    assert inverter.model == home.sim.get("model", 1)
    assert inverter.manufacturer == "Sigen"
    assert inverter.via_device_id == plant.id
    assert devices["Sigen AC charger 3"].via_device_id == plant.id
    assert devices["Sigen DC charger 1"].via_device_id == inverter.id


async def test_real_loop_keeps_reading(
    hass: HomeAssistant, sigen: SigenFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """Without any help the cycle reads, and it ends with the entry, and the link with both."""
    sim = await sigen(SigenConfig())
    entry = entry_for(sim, {"fast_poll_s": 0.05})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    async with asyncio.timeout(5):
        for _ in range(5):
            await _next_reading(entry)
    assert [info.connected for info in async_get_connection_info(hass)] == [True]
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not async_get_connection_info(hass)
    asked = len(sim.requests)
    await asyncio.sleep(0.2)
    assert len(sim.requests) == asked
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_cycle_ends_before_home_assistant_closes_the_link(
    hass: HomeAssistant, sigen: SigenFactory
) -> None:
    """When Home Assistant stops, nothing is asked any more, so no connection is opened again."""
    sim = await sigen(SigenConfig())
    entry = entry_for(sim, {"fast_poll_s": 0.02})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    asked_at_stop: list[int] = []
    hass.bus.async_listen_once("homeassistant_stop", lambda _: asked_at_stop.append(len(sim.requests)))
    await hass.async_stop(force=True)
    await asyncio.sleep(0.1)
    assert asked_at_stop == [len(sim.requests)]


async def test_reload_starts_again(home: Home) -> None:
    """After a reload the same entities show the plant."""
    before = set(home.hass.states.async_entity_ids())
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    await home.settle()
    assert set(home.hass.states.async_entity_ids()) == before
    assert home.number("battery_soc") == home.sim.get("ess_soc")


async def test_closed_port_is_tried_again(
    hass: HomeAssistant, sigen: SigenFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """Modbus switched off: the owner reads what to check, and set-up goes on by itself later."""
    sim = await sigen(SigenConfig())
    entry = entry_for(sim)
    entry.add_to_hass(hass)
    await asyncio.sleep(0.01)
    sim.faults.add("modbus_off")
    await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "no_answer_refused"
    assert "Check the port and that Modbus TCP is enabled" in str(entry.reason)
    assert not [record for record in caplog.records if record.exc_info and record.levelname != "DEBUG"]
    sim.faults.remove("modbus_off")
    await hass.config_entries.async_reload(entry.entry_id)
    assert state_of(entry) is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


async def test_another_plant_is_refused(hass: HomeAssistant, sigen: SigenFactory) -> None:
    """The address of another plant does not get the entities of this one."""
    sim = await sigen(SigenConfig())
    entry = entry_for(sim)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, unique_id="SOMEBODY ELSE")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "another_plant"
    assert str(sim.get("serial_number", 1)) in str(entry.reason)
    assert not async_get_connection_info(hass)


async def test_other_line_settings_are_refused(hass: HomeAssistant, sigen: SigenFactory) -> None:
    """One connection cannot serve two protocols."""
    sim = await sigen(SigenConfig())
    entry = entry_for(sim)
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "modbus", {})
    params = ModbusTlsParams(host=sim.host, port=sim.port)
    async with async_get_temporary_unit(hass, params, 1):
        await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "link_in_use"


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """How far the entry is now."""
    return entry.state


async def _next_reading(entry: MockConfigEntry) -> None:
    published = asyncio.Event()
    entry.runtime_data.coordinator.async_add_listener(published.set)
    await published.wait()


class Meeting:
    """A vendor whose driver meets what the test says."""

    def __init__(self) -> None:
        """Meet a plant."""
        self.fault: DriverError | None = None
        self.saved: list[DriverState | None] = []
        self.driver = FakeDriver(lambda _: PlantState(read_at=NOON), identity=Identity(serial="S1"))

    def create(self, units: Units, setup: LinkSetup) -> FakeDriver:
        """Make the driver."""
        units(setup.plant_unit_id)

        async def connect(saved: DriverState | None) -> None:
            self.saved.append(saved)
            if self.fault is not None:
                raise self.fault

        self.driver.connect = connect  # type: ignore[method-assign]  # what this test is about
        return self.driver


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    """Let the test say what is met, and when the cycle ticks."""
    with patch.object(Cycle, "start"):
        yield Meeting()


async def meet(hass: HomeAssistant, meeting: Meeting) -> MockConfigEntry:
    """Set up a plant at which this is met."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="My plant",
        unique_id="S1",
        data={
            "vendor": "sigen",
            "host": "192.0.2.1",
            "port": 502,
            "plant_unit_id": 247,
            "inverter_unit_ids": [1],
            "ac_charger_unit_ids": [],
        },
    )
    entry.add_to_hass(hass)
    with patch.object(energy_storage, "VENDORS", (replace(SIGEN, create=meeting.create),)):
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    return entry


@pytest.mark.parametrize(
    ("fault", "state", "key"),
    [
        *(
            (DriverConnectionError("x", fault), ConfigEntryState.SETUP_RETRY, f"no_answer_{fault}")
            for fault in LinkFault
        ),
        (NotThisVendorError("x"), ConfigEntryState.SETUP_RETRY, "not_this_vendor"),
        (DriverError("odd"), ConfigEntryState.SETUP_RETRY, "not_readable"),
        (UnitIdClashError(4), ConfigEntryState.SETUP_RETRY, "unit_id_clash"),
    ],
)
async def test_every_failure_is_explained(
    hass: HomeAssistant, meeting: Meeting, fault: DriverError, state: ConfigEntryState, key: str
) -> None:
    """Each has its own text, and is tried again where that can help."""
    meeting.fault = fault
    entry = await meet(hass, meeting)
    assert entry.state is state
    assert entry.error_reason_translation_key == key
    assert entry.reason
    assert "{" not in entry.reason


async def test_unknown_serial_number_is_tried_again(hass: HomeAssistant, meeting: Meeting) -> None:
    """Without a serial number nobody knows whose plant it is."""
    meeting.driver.identity = Identity()
    entry = await meet(hass, meeting)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "serial_unknown"


async def test_a_connection_of_the_driver_is_closed(hass: HomeAssistant, meeting: Meeting) -> None:
    """Also after a set-up that failed: a stick serves one at a time."""
    meeting.driver.identity = Identity()
    await meet(hass, meeting)
    assert meeting.driver.closed
    meeting.driver.closed, meeting.driver.identity = False, Identity(serial="S1")
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    with patch.object(energy_storage, "VENDORS", (replace(SIGEN, create=meeting.create),)):
        await hass.config_entries.async_reload(entry.entry_id)
    assert not meeting.driver.closed
    await hass.config_entries.async_unload(entry.entry_id)
    assert meeting.driver.closed


async def test_driver_finds_its_state_again(
    hass: HomeAssistant, hass_storage: Mapping[str, Any], meeting: Meeting
) -> None:
    """What a driver has learnt is kept on disk, handed back, and forgotten with the entry."""
    entry = await meet(hass, meeting)
    coordinator = entry.runtime_data.coordinator
    meeting.driver.state["probed"] = [1, 2]
    await coordinator.async_publish(coordinator.data)
    assert hass_storage[f"energy_storage.{entry.entry_id}.driver"]["data"] == {"probed": [1, 2]}
    meeting.driver.state["probed"].append(3)
    await coordinator.async_publish(coordinator.data)
    with patch.object(energy_storage, "VENDORS", (replace(SIGEN, create=meeting.create),)):
        await hass.config_entries.async_reload(entry.entry_id)
    assert meeting.saved == [None, {"probed": [1, 2, 3]}]
    await hass.config_entries.async_remove(entry.entry_id)
    assert f"energy_storage.{entry.entry_id}.driver" not in hass_storage


async def test_new_firmware_is_shown(hass: HomeAssistant, meeting: Meeting) -> None:
    """After an update the device page tells the new version without a restart."""
    entry = await meet(hass, meeting)
    plant = meeting.driver.devices[0]
    meeting.driver.devices = (replace(plant, identity=Identity(firmware="SPC114")),)
    await entry.runtime_data.coordinator.async_publish(entry.runtime_data.coordinator.data)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, plant.uid), entry.entry_id)
    assert device is not None
    assert device.sw_version == "SPC114"


async def test_only_a_device_that_is_gone_can_be_removed(hass: HomeAssistant, meeting: Meeting) -> None:
    """The owner may tidy up, but not remove what is part of the plant."""
    entry = await meet(hass, meeting)
    registry = dr.async_get(hass)
    gone = registry.async_get_or_create(config_entry_id=entry.entry_id, identifiers={(DOMAIN, "sold")})
    here = registry.async_get_device_by_identifier((DOMAIN, "X"), entry.entry_id)
    assert here is not None
    assert await async_remove_config_entry_device(hass, entry, gone)
    assert not await async_remove_config_entry_device(hass, entry, here)
    await hass.config_entries.async_unload(entry.entry_id)
    assert await async_remove_config_entry_device(hass, entry, here)


async def test_manual_update_asks_the_device_nothing(home: Home) -> None:
    """The plant sets the pace of its requests; an update by hand is answered from what is known."""
    asked = len(home.sim.requests)
    await async_setup_component(home.hass, "homeassistant", {})
    await home.hass.services.async_call(
        "homeassistant",
        "update_entity",
        {"entity_id": [home.entity_id("sensor", "battery_soc")]},
        blocking=True,
    )
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert len(home.sim.requests) == asked
    assert home.runtime.coordinator.last_update_success


async def test_healthy_plant_raises_no_issue(home: Home) -> None:
    """Neither of ours nor about us."""
    assert not [issue for issue in ir.async_get(home.hass).issues.values() if issue.domain == DOMAIN]


async def test_nothing_is_ever_written(add_home: AddHome) -> None:
    """Set up, read everything, lose the plant and find it again, reload, stop: the plant stays as it was."""
    home = await add_home(SigenConfig(version="V2.9", ac_chargers=(3,), dc_charger=1))
    home.sim.faults.add("modbus_off")
    await home.tick(30, count=3)
    home.sim.faults.clear()
    await home.tick(count=3)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_stop()
    functions = {request.function for request in home.sim.requests}
    assert home.sim.writes == []
    assert functions == {3, 4}
