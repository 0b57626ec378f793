"""A simulated Instagen plant in Home Assistant, over TCP, with a clock that tests move by hand."""

from dataclasses import replace

from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.plant import PlantConfig

from .conftest import Home

type InstagenHome = Home[InstagenSimulator]

POLL_S = 35
"""How often such a plant is read unless its owner says otherwise."""

ONE = InstagenConfig()
THREE = InstagenConfig(inverters=3, plant=PlantConfig(soc_pct=60.0))
"""Three-phase inverters in parallel."""


def with_plant(config: InstagenConfig, **plant: float | bool) -> InstagenConfig:
    """Change the physics behind a stick."""
    return replace(config, plant=replace(config.plant, **plant))


async def poll(home: InstagenHome, count: int = 1) -> None:
    """Let the plant be read so often, with the decisions in between."""
    await home.tick(5, count * POLL_S // 5)
