"""Buttons: start and stop a charger. Whether it charges is what it says itself."""

from functools import partial
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions import async_request
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.plant import Device
from .entity import Offer, PlantEntity, add_as_they_appear
from .vendors.control import Request

PARALLEL_UPDATES = 1

REQUESTS = {"start_charging": Request.START, "stop_charging": Request.STOP}
"""Key of the button → what it asks for."""


async def async_setup_entry(
    hass: HomeAssistant, entry: EnergyStorageConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the buttons of each charger, if the plant can be commanded."""
    runtime = entry.runtime_data
    if runtime.controller is None:
        return
    control = runtime.controller.control

    def offer() -> Offer:
        for device in runtime.driver.devices:
            asked = control.requests(device.key)
            for key, request in REQUESTS.items():
                if request in asked:
                    yield f"{device.key}_{key}", partial(RequestButton, runtime, device, key, request)

    await add_as_they_appear(entry, async_add_entities, offer)


class RequestButton(PlantEntity, ButtonEntity):
    """Asks one thing of one device."""

    def __init__(self, runtime: PlantRuntime, device: Device, key: str, request: Request) -> None:
        """Belong to the device."""
        super().__init__(runtime.coordinator, device, key)
        self.runtime = runtime
        self.request = request
        self._attr_translation_key = key

    @override
    def take_reading(self) -> bool:
        """A reading changes nothing about a button."""
        return False

    @override
    async def async_press(self) -> None:
        """Ask, and return once it was done."""
        await async_request(self.runtime, self.device_key, self.request)
