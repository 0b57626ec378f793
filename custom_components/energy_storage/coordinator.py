"""Publishes readings to entities; it never asks the plant itself."""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .alarms import AlarmLog
from .calendars import Calendars
from .const import DOMAIN, LOGGER
from .control_issues import async_update_control_issues
from .controller import Controller
from .cycle import Cycle, Reading
from .devices import register_devices
from .engine.plant import PlantState
from .link_issues import async_update_issues
from .own_meter import OwnMeter
from .passes_store import PassesStore
from .settings_store import SettingsStore
from .shadow_day import ShadowDay
from .vendors.driver import AnyVendor, Driver, DriverError, DriverState, UnitIdClashError, Vendor

type EnergyStorageConfigEntry = ConfigEntry[PlantRuntime]


def driver_store(hass: HomeAssistant, entry_id: str) -> Store[DriverState]:
    """Where a driver's state is kept for the next start."""
    return Store(hass, 1, f"{DOMAIN}.{entry_id}.driver")


class PlantCoordinator(DataUpdateCoordinator[Reading]):
    """Hands the cycle's readings to the entities of one plant."""

    config_entry: EnergyStorageConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EnergyStorageConfigEntry,
        *,
        vendor: Vendor,
        driver: Driver,
        alarms: AlarmLog,
        kept: DriverState | None,
        shadow_day: ShadowDay,
    ) -> None:
        """Have no interval: the cycle says when there is something to publish.

        `kept` is what the store of the driver's state holds.
        """
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title)
        self.vendor = vendor
        self.driver = driver
        self.shadow_day = shadow_day
        self._alarms = alarms
        self._devices = driver.devices
        self._store = driver_store(hass, entry.entry_id)
        self._kept = kept

    @override
    async def _async_update_data(self) -> Reading:
        """Answer a manual update with what is known: the plant sets the pace of its requests."""
        return self.data

    async def async_publish(self, reading: Reading) -> None:
        """Bring a reading to everything in Home Assistant that shows or keeps it."""
        if self.driver.devices != self._devices:
            self._devices = self.driver.devices
            register_devices(self.hass, self.config_entry, self.vendor, self._devices)
        self.async_set_updated_data(reading)
        async_update_issues(self.hass, self.config_entry, reading.error or _clash(reading.state))
        await async_update_control_issues(self.hass, self.config_entry, reading, self.shadow_day)
        await self._alarms.update(reading, settled=self.driver.settled)
        await self.async_save_state()

    async def async_save_state(self) -> None:
        """Bring the driver's state to the disk, if there is anything new in it."""
        if (state := self.driver.state) != self._kept:
            self._kept = deepcopy(state)
            await self._store.async_save(self._kept)


def _clash(state: PlantState) -> DriverError | None:
    return UnitIdClashError(state.clashes[0]) if state.clashes else None


@dataclass(slots=True, kw_only=True)
class PlantRuntime:
    """What a loaded config entry consists of."""

    vendor: AnyVendor
    driver: Driver
    alarms: AlarmLog
    coordinator: PlantCoordinator
    cycle: Cycle
    settings: SettingsStore
    calendars: Calendars
    controller: Controller | None
    """None where nothing can be commanded."""
    passes: PassesStore
    loaded_data: Mapping[str, Any]
    """How the plant was reached when this was set up."""
    meter: OwnMeter | None = None
    """The owner's meter at the grid connection."""
    check: asyncio.Task[object] | None = None
    """The commissioning check that runs."""
