"""Energy Storage: a home battery run locally by Home Assistant."""

from datetime import timedelta
from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HassJob, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .absence import async_tell_absence
from .alarms import AlarmLog, alarm_store
from .connect import connect, create_driver, poll_of, spacing_s
from .const import CONF_VENDOR, DOMAIN
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator, PlantRuntime, driver_store
from .cycle import Cycle
from .devices import meter_uid, register_devices, register_meter
from .documents_store import documents_store
from .lifecycle import (
    async_reload_with_hand_over,
    async_stop,
    create_controller,
    how_reached,
    is_handed_over,
    load_documents,
    load_settings,
)
from .link_issues import async_setup_issues, async_update_cloud_issue
from .memory_store import memory_store
from .own_meter import create_meter
from .passes_store import PassesStore, passes_store
from .profiles import async_forget_profiles, async_profiles, async_watch_profiles
from .services import async_setup_services
from .settings_store import settings_store
from .shadow_day import ShadowDay, shadow_store
from .vendors import VENDORS
from .vendors.driver import Due

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what belongs to no single plant."""
    async_setup_services(hass)
    async_setup_issues(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> bool:
    """Set up one plant: who it is and a first reading, then the cycle that reads and controls it."""
    vendor = next(vendor for vendor in VENDORS if vendor.key == entry.data[CONF_VENDOR])
    saved = await driver_store(hass, entry.entry_id).async_load()
    profiles = (await async_profiles(hass, vendor)).texts
    driver = create_driver(hass, entry, vendor, profiles)
    entry.async_on_unload(driver.close)
    await connect(hass, entry, vendor, driver, saved)
    async_update_cloud_issue(hass, entry, poll_of(entry, vendor))
    register_devices(hass, entry, vendor, driver.devices)
    alarms = AlarmLog(alarm_store(hass, entry.entry_id))
    await alarms.load()
    shadow_days = shadow_store(hass, entry.entry_id)
    coordinator = PlantCoordinator(
        hass,
        entry,
        vendor=vendor,
        driver=driver,
        alarms=alarms,
        kept=saved,
        shadow_day=ShadowDay(shadow_days, await shadow_days.async_load()),
    )
    settings = await load_settings(hass, entry)
    calendars = await load_documents(hass, entry)
    meter = create_meter(hass, entry)
    controller = await create_controller(hass, entry, coordinator, settings, calendars, meter=meter)
    cycle = Cycle(
        driver,
        await driver.read(Due(tiers=frozenset())),
        name=entry.title,
        poll=poll_of(entry, vendor),
        lag=timedelta(seconds=vendor.pace.lag_s),
        spacing_s=spacing_s(entry, vendor),
        publish=coordinator.async_publish,
        control=None if controller is None else controller.cycle,
        turn=None if controller is None else controller.turn,
        listens=meter is not None and controller is not None,
    )
    coordinator.async_set_updated_data(cycle.reading())
    if controller is not None:
        await async_tell_absence(hass, entry, controller)
    entry.runtime_data = PlantRuntime(
        vendor=vendor,
        driver=driver,
        alarms=alarms,
        coordinator=coordinator,
        cycle=cycle,
        settings=settings,
        calendars=calendars,
        controller=controller,
        passes=PassesStore(passes_store(hass, entry.entry_id)),
        loaded_data=how_reached(entry, vendor),
        meter=meter,
    )
    if meter is not None:
        register_meter(hass, entry, driver.devices[0], meter)
        meter.meter.on_news = cycle.tell
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    spawn = partial(entry.async_create_background_task, hass, name=f"{DOMAIN} {entry.title}")
    cycle.start(spawn)
    if meter is not None:
        meter.source.start(spawn)
    # Before the shared link is closed, which a later reading would open again.
    entry.async_on_unload(hass.async_add_shutdown_job(HassJob(partial(async_stop, entry.runtime_data))))
    entry.async_on_unload(entry.add_update_listener(async_reload_with_hand_over))
    async_watch_profiles(hass, entry, vendor, profiles)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> bool:
    """Unload one plant: it is handed back before our hold on the link ends."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await async_stop(entry.runtime_data, hand_over=is_handed_over(hass, entry))
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> None:
    """Forget what was kept about a plant."""
    stores = (driver_store, alarm_store, settings_store, documents_store, memory_store, shadow_store)
    for store in (*stores, passes_store):
        await store(hass, entry.entry_id).async_remove()
    await async_forget_profiles(hass, entry)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, device: DeviceEntry
) -> bool:
    """Let the owner remove a device that is no longer part of the plant."""
    if entry.state is not ConfigEntryState.LOADED:
        return True
    devices = entry.runtime_data.driver.devices
    present = {(DOMAIN, known.uid) for known in devices}
    if entry.runtime_data.meter is not None:
        present.add((DOMAIN, meter_uid(devices[0])))
    return present.isdisjoint(device.identifiers)
