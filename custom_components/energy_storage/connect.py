"""How a config entry becomes a connected driver, or an explanation why not."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from homeassistant.components.modbus import async_get_unit
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady, HomeAssistantError
from homeassistant.util.dt import get_default_time_zone

from .const import (
    CONF_AC_CHARGER_UNIT_IDS,
    CONF_ALLOW_OFF_GRID,
    CONF_FAST_POLL_S,
    CONF_INVERTER_UNIT_IDS,
    CONF_PLANT_UNIT_ID,
    CONF_REQUEST_SPACING_S,
    DOMAIN,
)
from .coordinator import EnergyStorageConfigEntry
from .link import Link
from .link_issues import async_update_issues
from .vendors.driver import (
    AnyVendor,
    Driver,
    DriverConnectionError,
    DriverError,
    DriverState,
    LinkKind,
    LinkSetup,
    ModbusVendor,
    NotThisVendorError,
    OwnProfileError,
    StreamVendor,
    UnitIdClashError,
    Vendor,
)


def spacing_s(entry: EnergyStorageConfigEntry, vendor: Vendor) -> float:
    """Give the least time between two requests that the owner wants."""
    spacing: float = entry.options.get(CONF_REQUEST_SPACING_S, vendor.pace.spacing_s)
    return spacing


def poll_of(entry: EnergyStorageConfigEntry, vendor: Vendor) -> timedelta:
    """Give how often the plant is read."""
    return timedelta(seconds=float(entry.options.get(CONF_FAST_POLL_S, vendor.pace.default_s)))


def create_driver(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, vendor: AnyVendor, profiles: Mapping[str, str]
) -> Driver:
    """Build the driver: a Modbus plant's on Home Assistant's link, shared with whoever else uses it.

    `profiles` are the owner's own register maps by file name.

    Raises:
        ConfigEntryError: another integration uses the link with other settings.

    """
    link = Link.of(entry.data)
    chosen = (CONF_ALLOW_OFF_GRID, *(row.key for row in vendor.options))
    setup = LinkSetup(
        plant_unit_id=entry.data.get(CONF_PLANT_UNIT_ID, 0),
        inverter_unit_ids=tuple(entry.data.get(CONF_INVERTER_UNIT_IDS, ())),
        ac_charger_unit_ids=tuple(entry.data.get(CONF_AC_CHARGER_UNIT_IDS, ())),
        request_spacing_s=spacing_s(entry, vendor),
        options={key: entry.options[key] for key in chosen if key in entry.options},
        profiles=profiles,
        zone=get_default_time_zone(),
    )
    if not isinstance(vendor, ModbusVendor):
        return vendor.create(link.stream(), setup)
    try:
        return vendor.create(partial(async_get_unit, hass, entry, link.modbus()), setup)
    except HomeAssistantError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key="link_in_use",
            translation_placeholders={"host": link.where, "port": link.detail, "error": str(err)},
        ) from err


async def connect(
    hass: HomeAssistant,
    entry: EnergyStorageConfigEntry,
    vendor: Vendor,
    driver: Driver,
    saved: DriverState | None,
) -> None:
    """Meet the plant, and make sure that it is the one that was added.

    Raises:
        ConfigEntryNotReady: it does not answer as it should; trying again later is right.
        ConfigEntryError: the owner has to change something.

    """
    link = Link.of(entry.data)
    address = {"vendor": vendor.name, "host": link.where, "port": link.detail}
    try:
        await _ask(hass, entry, driver, saved)
    except DriverConnectionError as err:
        if link.kind is LinkKind.SERIAL:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="no_answer_serial",
                translation_placeholders=address,
            ) from err
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=f"no_answer_{_how_spoken(vendor)}{err.fault}",
            translation_placeholders=address,
        ) from err
    except UnitIdClashError as err:
        # It ends in the maker's app, which nobody tells us, so this is asked again.
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="unit_id_clash",
            translation_placeholders=address | {"unit_id": str(err.unit_id)},
        ) from err
    except NotThisVendorError as err:
        # A plant that starts up may answer nonsense for a while, so this is asked again.
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="not_this_vendor", translation_placeholders=address
        ) from err
    except OwnProfileError as err:
        # It is looked for again: the owner may put it back.
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="profile_not_usable",
            translation_placeholders={"error": str(err)},
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


def _how_spoken(vendor: Vendor) -> str:
    """Tell texts about a protocol of the vendor's own from those about Modbus."""
    return "stream_" if isinstance(vendor, StreamVendor) else ""


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
