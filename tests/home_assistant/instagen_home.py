"""A simulated Instagen plant in Home Assistant, over TCP, with a clock that tests move by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from custom_components.energy_storage import config_flow, vendors
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.instagen import VENDOR
from custom_components.energy_storage.vendors.instagen.discovery import discover
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.plant import PlantConfig

from .conftest import Home

type InstagenHome = Home[InstagenSimulator]

POLL_S = 35
"""How often such a plant is read unless its owner says otherwise."""

ONE = InstagenConfig()
THREE = InstagenConfig(inverters=3, plant=PlantConfig(soc_pct=60.0))
"""Three-phase inverters in parallel."""


def with_plant(config: InstagenConfig, **plant: Any) -> InstagenConfig:
    """Change the physics behind a stick."""
    return replace(config, plant=replace(config.plant, **plant))


async def poll(home: InstagenHome, count: int = 1) -> None:
    """Let the plant be read so often, with the decisions in between."""
    await home.tick(5, count * POLL_S // 5)


@contextmanager
def quick_discovery() -> Iterator[None]:
    """Let discovery ask without pauses, and give up soon."""
    hurried = replace(VENDOR, discover=partial(discover, gap_s=0.0, timeout_s=0.3))
    found = tuple(hurried if each is VENDOR else each for each in VENDORS)
    with patch.object(vendors, "VENDORS", found), patch.object(config_flow, "VENDORS", found):
        yield
