"""A simulated Instagen plant in Home Assistant, over TCP, with a clock that tests move by hand."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors.instagen.messages import serial_text
from tests.simulators.instagen import InstagenConfig, InstagenSimulator

from .conftest import HandClock, Home

type InstagenHome = Home[InstagenSimulator]
type InstagenFactory = Callable[[InstagenConfig], Awaitable[InstagenSimulator]]

POLL_S = 35.0
"""How often such a plant is read unless its owner says otherwise."""


def entry_for_stick(
    sim: InstagenSimulator, options: Mapping[str, Any] | None = None, **changed: Any
) -> MockConfigEntry:
    """Make the config entry that the flow makes for a simulated stick."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="My plant",
        unique_id=serial_text(sim.config.serials[0]),
        data={"vendor": "instagen", "host": sim.host, "port": sim.port} | changed,
        options={"request_spacing_s": 0.0001} | dict(options or {}),
    )


class AddInstagen(Protocol):
    """Sets up a simulated plant."""

    def __call__(
        self, config: InstagenConfig | None = None, options: Mapping[str, Any] | None = None
    ) -> Awaitable[InstagenHome]:
        """Start the plant of this configuration, and add it."""


@pytest.fixture
def add_instagen(hass: HomeAssistant, instagen: InstagenFactory, hand_clock: HandClock) -> AddInstagen:
    """Set up simulated plants that move only when told to."""

    async def add(
        config: InstagenConfig | None = None, options: Mapping[str, Any] | None = None
    ) -> InstagenHome:
        chosen = replace(config or InstagenConfig(), start=hand_clock.now, speed=0.0, close_s=0.05)
        sim = await instagen(chosen)
        entry = entry_for_stick(sim, options)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        home = Home(hass, sim, entry, hand_clock)
        await home.settle()
        return home

    return add


async def poll(home: InstagenHome, count: int = 1) -> None:
    """Let the plant be read so often, a poll apart, with the decisions in between."""
    await home.tick(5, count * round(POLL_S / 5))
