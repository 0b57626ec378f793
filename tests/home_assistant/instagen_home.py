"""A simulated Instagen plant in Home Assistant, over TCP, with a clock that tests move by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from custom_components.energy_storage import config_flow, vendors
from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.instagen import VENDOR
from custom_components.energy_storage.vendors.instagen.discovery import discover
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_windows import number
from tests.simulators.plant import PlantConfig

from .conftest import AddInstagen, Home
from .control_home import confidence, held_kind, override

type InstagenHome = Home[InstagenSimulator]

SELF_CONSUMPTION, ECONOMY, FORCE_CHARGE, FORCE_DISCHARGE = 1, 2, 5, 6
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


NIGHT = with_plant(ONE, soc_pct=50.0, backup_supply=False)
"""A house whose battery has something to do: see `at_night`."""


async def at_night(
    add_instagen: AddInstagen, config: InstagenConfig = NIGHT, options: Mapping[str, Any] | None = None
) -> InstagenHome:
    """Set up a plant without sun, whose battery serves a steady load; control is on and obeyed."""
    home = await add_instagen(config, options)
    home.sim.plant.pv_override_w = 0.0
    home.sim.plant.load_override_w = 900.0
    await poll(home)
    await home.set(control="on", outage_consent=True)
    await poll(home, 6)
    assert confidence(home) is Confidence.CONFIRMED
    return home


async def charge(home: InstagenHome) -> None:
    """Have the battery charged from the grid with 1.5 kW up to 80 %, until it is seen to."""
    await override(home, "force_charge", from_grid=True, power_w=1500, target_soc_pct=80)
    await poll(home, 4)
    assert home.sim.mode == FORCE_CHARGE
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED


def told(home: InstagenHome, since: int = 0) -> list[int]:
    """Give the battery modes that were told since the nth message."""
    return [int(number(write.values, "mode")) for write in home.sim.writes[since:]]
