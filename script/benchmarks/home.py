"""A real Home Assistant core in this process, as far as a plant needs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import logging
from tempfile import TemporaryDirectory
from types import MappingProxyType
from unittest.mock import Mock

from homeassistant import bootstrap, loader
from homeassistant.components.http import HomeAssistantHTTP
from homeassistant.config_entries import SOURCE_USER, ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.core import DOMAIN as HOMEASSISTANT, HomeAssistant
from homeassistant.setup import async_setup_component

from tests.simulators.sigen import SigenConfig, SigenSimulator

from .figures import BenchmarkError
from .simulator import HOST

PLANT_UNIT_ID = 247


@asynccontextmanager
async def home() -> AsyncIterator[HomeAssistant]:
    """Run a core with an empty configuration until the block ends."""
    logging.getLogger(loader.__name__).setLevel(logging.ERROR)  # that we are a custom integration is known
    with TemporaryDirectory() as folder:
        hass = HomeAssistant(folder)
        hass.config.skip_pip = True
        loader.async_setup(hass)
        hass.config_entries = ConfigEntries(hass, {})
        await bootstrap.async_load_base_functionality(hass)
        await async_setup_component(hass, HOMEASSISTANT, {})
        # The calendar platform wants to be served; nobody calls here, so there is no web server.
        hass.config.components.add("http")
        hass.http = Mock(spec=HomeAssistantHTTP)
        await hass.async_start()
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)


def entry_of(config: SigenConfig, port: int, *, fast_poll_s: float, spacing_s: float) -> ConfigEntry:
    """The config entry that the flow makes for such a plant on this port."""
    return ConfigEntry(
        domain="energy_storage",
        title="Plant",
        unique_id=str(SigenSimulator(config).get("serial_number", config.inverters[0])),
        data={
            "vendor": "sigen",
            "host": HOST,
            "port": port,
            "plant_unit_id": PLANT_UNIT_ID,
            "inverter_unit_ids": list(config.inverters),
            "ac_charger_unit_ids": list(config.ac_chargers),
        },
        options={"fast_poll_s": fast_poll_s, "request_spacing_s": spacing_s},
        version=1,
        minor_version=1,
        source=SOURCE_USER,
        discovery_keys=MappingProxyType({}),
        subentries_data=None,
    )


async def add(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Add a plant and set it up.

    Raises:
        BenchmarkError: it could not be set up.

    """
    await hass.config_entries.async_add(entry)
    if entry.state is not ConfigEntryState.LOADED:
        raise BenchmarkError(f"the plant could not be set up: {entry.reason}")
