"""The plant's devices in Home Assistant's device registry."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .engine.plant import Device, DeviceKind
from .own_meter import OwnMeter
from .vendors.driver import Vendor


@callback
def register_devices(
    hass: HomeAssistant, entry: ConfigEntry, vendor: Vendor, devices: tuple[Device, ...]
) -> None:
    """Enter the devices, or what is new about them, parents first.

    Nothing is removed here: a device that does not answer has not gone away.
    """
    registry = dr.async_get(hass)
    ids: dict[str, str] = {}
    for device in devices:
        parent = None if device.parent is None else ids.get(device.parent)
        ids[device.key] = registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={(DOMAIN, device.uid)},
            manufacturer=vendor.name,
            model=device.identity.model,
            serial_number=device.identity.serial,
            sw_version=device.identity.firmware,
            translation_key=device.kind.value,
            translation_placeholders=_placeholders(device, vendor),
            via_device_id=parent,
        ).id


def meter_uid(plant: Device) -> str:
    """Name the owner's meter at the grid connection of this plant: there is one at most."""
    return f"{plant.uid}_meter"


@callback
def register_meter(hass: HomeAssistant, entry: ConfigEntry, plant: Device, own: OwnMeter) -> None:
    """Enter the owner's meter, which belongs to its subentry and goes with that."""
    registry = dr.async_get(hass)
    registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=own.subentry_id,
        identifiers={(DOMAIN, meter_uid(plant))},
        manufacturer=None if own.model is None else own.model.maker,
        model=None if own.model is None else own.model.name,
        translation_key="grid_meter",
    )


def _placeholders(device: Device, vendor: Vendor) -> dict[str, str]:
    """What the device's name is completed with: the plant's has no number."""
    if device.kind is DeviceKind.PLANT:
        return {"vendor": vendor.name}
    return {"vendor": vendor.name, "number": device.key.rpartition("_")[2]}
