"""A house to visit with a browser: the processes of the demo, in a folder and on ports of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.async_api import Page
import pytest
import pytest_asyncio
import pytest_socket

from script.demo_home.api import HomeAssistantApi, Json, connected
from script.demo_home.browser import page_of
from script.demo_home.place import sunny_place
from script.demo_home.plant import DOMAIN, add_plant, plant_device_id
from script.demo_home.processes import HOST, free_port, home_assistant, simulated_plant, write_configuration

_PATIENCE_MS = 30_000
"""A busy machine may take so long to show something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A running Home Assistant, signed in to, and a simulated plant that it may know."""

    api: HomeAssistantApi
    plant_port: int

    @property
    def integration_url(self) -> str:
        """The page of our integration."""
        return f"{self.api.url}/config/integrations/integration/{DOMAIN}"

    async def plant_url(self) -> str:
        """Give the page of the plant's own device."""
        return f"{self.api.url}/config/devices/device/{await plant_device_id(self.api)}"

    async def loaded(self) -> Json:
        """Wait until the plant is set up, then give what its config entry keeps."""
        async with asyncio.timeout(_PATIENCE_MS / 1000):
            while True:
                [entry] = await self.api.command("config_entries/get", domain=DOMAIN)
                if entry["state"] == "loaded":
                    break
                await asyncio.sleep(0.2)
        told = await self.api.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}")
        kept: Json = told["data"]["entry"]
        return kept


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Start plant and Home Assistant once for the tests of a module."""
    # A fixture that outlives a test cannot ask for `socket_enabled`.
    pytest_socket.enable_socket()
    folder = tmp_path_factory.mktemp("house")
    place = sunny_place(datetime.now(UTC))
    plant_port, port = free_port(0), free_port(0)
    write_configuration(folder / "config", port)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(simulated_plant(plant_port, place, folder / "plant.log"))
        await stack.enter_async_context(
            home_assistant(folder / "config", port, folder / "home-assistant.log")
        )
        api = await stack.enter_async_context(connected(f"http://{HOST}:{port}"))
        await api.sign_in(place)
        yield House(api=api, plant_port=plant_port)


@pytest_asyncio.fixture(loop_scope="module")
async def page(house: House, socket_enabled: None) -> AsyncIterator[Page]:  # noqa: ARG001  lets sockets through
    """Open a browser that is signed in."""
    async with page_of(house.api) as page:
        page.set_default_timeout(_PATIENCE_MS)
        yield page


@pytest_asyncio.fixture(loop_scope="module")
async def known_plant(house: House, socket_enabled: None) -> House:  # noqa: ARG001  lets sockets through
    """See to it that the plant is set up, also where a test runs alone."""
    if not await house.api.command("config_entries/get", domain=DOMAIN):
        await add_plant(house.api, house.plant_port)
    return house
