"""How control of a plant begins and ends with its config entry: adopt, hand over, hand back."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .calendars import Calendars
from .connect import poll_of
from .const import CONF_FIRST_CONTROL, DOMAIN, LOGGER, SUBENTRY_GRID_CONNECTION
from .controller import Controller
from .coordinator import EnergyStorageConfigEntry, PlantCoordinator, PlantRuntime
from .documents_store import DocumentStore, documents_store
from .inputs_from_ha import site_of
from .memory_store import MemoryStore, memory_store
from .own_meter import OwnMeter
from .settings_store import SettingsStore, settings_store
from .vendors.driver import Vendor

_STOP_WITHIN_S = 15.0
"""Home Assistant waits 20 s for those who have something to do before it stops."""
_HAND_OVER_WITHIN_S = 60.0

HANDED_OVER: HassKey[dict[str, float]] = HassKey(f"{DOMAIN}_handed_over")
"""Entry id → when we began to reload it ourselves: the plant keeps what it holds meanwhile."""


async def load_settings(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> SettingsStore:
    """Give the settings of a plant as they were left; a new one begins as its owner chose."""
    store = settings_store(hass, entry.entry_id)
    kept = await store.async_load()
    settings = SettingsStore(store, kept)
    if kept is None and (first := entry.options.get(CONF_FIRST_CONTROL)) is not None:
        await settings.async_set(control=first)
    return settings


async def load_documents(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> Calendars:
    """Give schedule, outages and holidays of a plant, and have them kept up to date until it is unloaded."""
    store = documents_store(hass, entry.entry_id)
    calendars = Calendars(hass, DocumentStore(hass, store, await store.async_load()))
    await calendars.async_start()
    entry.async_on_unload(calendars.stop)
    return calendars


async def create_controller(
    hass: HomeAssistant,
    entry: EnergyStorageConfigEntry,
    coordinator: PlantCoordinator,
    settings: SettingsStore,
    calendars: Calendars,
    *,
    meter: OwnMeter | None = None,
) -> Controller | None:
    """Give what controls a plant, None where nothing can be commanded."""
    if (control := coordinator.driver.control) is None:
        return None
    store = memory_store(hass, entry.entry_id)
    return Controller(
        control,
        settings,
        name=entry.title,
        kept=MemoryStore(store, await store.async_load()),
        poll=poll_of(entry, coordinator.vendor),
        lag=timedelta(seconds=coordinator.vendor.pace.lag_s),
        meter=None if meter is None else meter.meter,
        site=partial(site_of, grid_connection_of(entry)),
        documents=calendars.documents,
        ready=lambda: hass.is_running and calendars.ready,
        save_state=coordinator.async_save_state,
    )


def grid_connection_of(entry: EnergyStorageConfigEntry) -> Mapping[str, Any]:
    """Give what the owner said about how the house is connected."""
    found = next(iter(entry.get_subentries_of_type(SUBENTRY_GRID_CONNECTION)), None)
    return {} if found is None else found.data


async def async_stop(runtime: PlantRuntime, *, hand_over: bool = False) -> None:
    """End the cycle, then hand the plant back, within 15 s whatever the device does.

    Handed over, what we know of it is brought to the disk: who comes next begins with that.
    """
    controller = runtime.controller
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            if runtime.check is not None:
                runtime.check.cancel()
                await asyncio.wait([runtime.check])
            if controller is not None:
                controller.halt()
            if runtime.meter is not None:
                await runtime.meter.source.stop()
            await runtime.cycle.stop()
            if controller is not None and hand_over:
                await controller.kept.keep(controller.memory.lasting, at_once=True)
            elif controller is not None:
                await controller.hand_back()
    except TimeoutError:
        LOGGER.warning("%s: not handed back in time", runtime.coordinator.name)
    finally:
        await runtime.driver.close()


async def async_reload_with_hand_over(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> None:
    """Set a changed entry up anew; the plant keeps its command, as long as it is reached as before."""
    if entry.runtime_data.loaded_data == how_reached(entry, entry.runtime_data.vendor):
        hass.data.setdefault(HANDED_OVER, {})[entry.entry_id] = monotonic()
    await hass.config_entries.async_reload(entry.entry_id)


def how_reached(entry: EnergyStorageConfigEntry, vendor: Vendor) -> dict[str, Any]:
    """Give what must be the same for a plant to keep its command: its address, and how it is read."""
    read = {row.key: entry.options.get(row.key, row.default) for row in vendor.options if row.at_setup}
    return {**entry.data, **read}


def is_handed_over(hass: HomeAssistant, entry: EnergyStorageConfigEntry) -> bool:
    """Tell whether it is we who unload the entry, to set it up again at once."""
    since = hass.data.get(HANDED_OVER, {}).pop(entry.entry_id, None)
    return since is not None and monotonic() - since < _HAND_OVER_WITHIN_S
