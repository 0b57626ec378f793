"""Energy Storage: a home battery run locally by Home Assistant."""

from datetime import timedelta
from functools import partial

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType
from modbus_connection import ModbusTcpParams

from .alarms import AlarmLog, alarm_store
from .const import (
    CONF_AC_CHARGER_UNIT_IDS,
    CONF_FAST_POLL_S,
    CONF_INVERTER_UNIT_IDS,
    CONF_PLANT_UNIT_ID,
    CONF_REQUEST_SPACING_S,
    CONF_VENDOR,
    DEFAULT_FAST_POLL_S,
    DEFAULT_REQUEST_SPACING_S,
    DOMAIN,
)
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator, PlantRuntime, driver_store
from .cycle import Cycle
from .devices import register_devices
from .repairs import async_setup_issues, async_update_issues
from .services import async_setup_services
from .vendors import VENDORS
from .vendors.driver import (
    Driver,
    DriverConnectionError,
    DriverError,
    DriverState,
    Due,
    LinkSetup,
    NotThisVendorError,
    UnitIdClashError,
    Vendor,
)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what belongs to no single plant."""
    async_setup_services(hass)
    async_setup_issues(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> bool:
    """Set up one plant: who it is and a first reading, then the cycle that keeps on reading."""
    vendor = next(vendor for vendor in VENDORS if vendor.key == entry.data[CONF_VENDOR])
    saved = await driver_store(hass, entry.entry_id).async_load()
    driver = _create_driver(hass, entry, vendor)
    await _connect(hass, entry, vendor, driver, saved)
    register_devices(hass, entry, vendor, driver.devices)
    alarms = AlarmLog(alarm_store(hass, entry.entry_id))
    await alarms.load()
    coordinator = PlantCoordinator(hass, entry, vendor=vendor, driver=driver, alarms=alarms, kept=saved)
    cycle = Cycle(
        driver,
        await driver.read(Due(tiers=frozenset())),
        name=entry.title,
        poll=timedelta(seconds=entry.options.get(CONF_FAST_POLL_S, DEFAULT_FAST_POLL_S)),
        spacing_s=_spacing_s(entry),
        publish=coordinator.async_publish,
    )
    coordinator.async_set_updated_data(cycle.reading())
    entry.runtime_data = PlantRuntime(
        vendor=vendor, driver=driver, alarms=alarms, coordinator=coordinator, cycle=cycle
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    cycle.start(partial(entry.async_create_background_task, hass, name=f"{DOMAIN} {entry.title}"))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> bool:
    """Unload one plant: its cycle ends before its hold on the link does."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.cycle.stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> None:
    """Forget what was kept about a plant."""
    await driver_store(hass, entry.entry_id).async_remove()
    await alarm_store(hass, entry.entry_id).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, device: DeviceEntry
) -> bool:
    """Let the owner remove a device that is no longer part of the plant."""
    if entry.state is not ConfigEntryState.LOADED:
        return True
    present = {(DOMAIN, known.uid) for known in entry.runtime_data.driver.devices}
    return present.isdisjoint(device.identifiers)


def _spacing_s(entry: EnergyStorageConfigEntry) -> float:
    spacing_s: float = entry.options.get(CONF_REQUEST_SPACING_S, DEFAULT_REQUEST_SPACING_S)
    return spacing_s


def _create_driver(hass: HomeAssistant, entry: EnergyStorageConfigEntry, vendor: Vendor) -> Driver:
    """Build the driver on Home Assistant's link to this address, shared with whoever else uses it."""
    params = ModbusTcpParams(host=entry.data[CONF_HOST], port=entry.data[CONF_PORT])
    setup = LinkSetup(
        plant_unit_id=entry.data[CONF_PLANT_UNIT_ID],
        inverter_unit_ids=tuple(entry.data[CONF_INVERTER_UNIT_IDS]),
        ac_charger_unit_ids=tuple(entry.data[CONF_AC_CHARGER_UNIT_IDS]),
        request_spacing_s=_spacing_s(entry),
    )
    try:
        return vendor.create(partial(async_get_unit, hass, entry, params), setup)
    except HomeAssistantError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="link_in_use",
            translation_placeholders={"host": params.host, "port": str(params.port), "error": str(err)},
        ) from err


async def _ask(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, driver: Driver, saved: DriverState | None
) -> None:
    """Connect, and keep the repairs in step with how that went."""
    try:
        await driver.connect(saved)
    except DriverError as err:
        async_update_issues(hass, entry, err)
        raise
    async_update_issues(hass, entry, None)


async def _connect(
    hass: HomeAssistant,
    entry: EnergyStorageConfigEntry,
    vendor: Vendor,
    driver: Driver,
    saved: DriverState | None,
) -> None:
    """Meet the plant, and make sure that it is the one that was added."""
    address = {"vendor": vendor.name, "host": entry.data[CONF_HOST], "port": str(entry.data[CONF_PORT])}
    try:
        await _ask(hass, entry, driver, saved)
    except DriverConnectionError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=f"no_answer_{err.fault}",
            translation_placeholders=address,
        ) from err
    except UnitIdClashError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="unit_id_clash",
            translation_placeholders=address | {"unit_id": str(err.unit_id)},
        ) from err
    except NotThisVendorError as err:
        # A plant that starts up may answer nonsense for a while, so this is asked again.
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="not_this_vendor", translation_placeholders=address
        ) from err
    except DriverError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="not_readable",
            translation_placeholders=address | {"error": str(err)},
        ) from err
    if (serial := driver.identity.serial) is None:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="serial_unknown", translation_placeholders=address
        )
    if serial != entry.unique_id:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="another_plant",
            translation_placeholders=address | {"expected": str(entry.unique_id), "found": serial},
        )
