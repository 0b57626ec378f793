"""A plant under control in Home Assistant, and the ways in which a session can end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant

from custom_components.energy_storage.controller import Confidence, Controller
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.override import Override, Source
from custom_components.energy_storage.engine.plant import Stage
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import Home

PLANT = SigenConfig(firmware="SPC114", plant=PlantConfig(soc_pct=60.0, backup_supply=False), enter_s=0.0)
"""On the newest firmware, whose limits act in every mode."""


def controller_of(home: Home[Any]) -> Controller:
    """Give what controls the plant."""
    found = home.runtime.controller
    assert found is not None
    return found


async def override(home: Home[Any], kind: str, minutes: float = 60, **asked: float | bool) -> None:
    """Start an override as a person does, and let the plant obey."""
    now = home.clock.now
    await controller_of(home).start_override(
        Override(
            kind=kind,
            parameters=asked,
            source=Source.PERSON,
            started=now,
            ends_at=now + timedelta(minutes=minutes),
        )
    )
    await home.decide()


async def charging(home: Home[Any]) -> None:
    """Have the plant charge from the grid with 3 kW up to 80 %."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    await home.tick(count=2)
    assert held_kind(home) is CommandKind.CHARGE
    assert home.sim.get("remote_ems_control_mode") == 4


def held_kind(home: Home[Any]) -> CommandKind | None:
    """Give the command that the plant holds from us."""
    command = home.view.holding.command
    return None if command is None else command.kind


def control_state(home: Home[Any]) -> ControlState:
    """Give who controls the plant, as decided last."""
    return home.view.decision.control


def confidence(home: Home[Any]) -> Confidence | None:
    """Give how sure it is that the plant does what was decided."""
    return home.view.confidence


def stage(home: Home[Any]) -> Stage:
    """Give how far the last reading could be trusted."""
    return home.view.decision.stage


def codes(home: Home[Any]) -> list[str]:
    """Give the codes of the last decision's reasons."""
    return [reason.code for reason in home.view.decision.reasons]


def written(home: Home[Any], since: int = 0) -> list[tuple[str, float | str]]:
    """Give what was written since the nth write, in its order."""
    return [(write.name, write.value) for write in home.sim.writes[since:]]


def left_behind(home: Home[Any]) -> dict[str, object]:
    """Give what a plant holds that it would not hold without us."""
    usual: dict[str, tuple[object, ...]] = {
        "remote_ems_enable": (0,),
        "remote_ems_control_mode": (2,),
        "ess_charge_cutoff_soc": (100,),
        "ess_discharge_cutoff_soc": (5,),
        "ess_max_charge_limit": (8.0, 0xFFFFFFFF / 1000),
        "ess_max_discharge_limit": (8.0, 0xFFFFFFFF / 1000),
    }
    held = {name: home.sim.get(name) for name in usual}
    return {name: value for name, value in held.items() if value not in usual[name]}


@contextmanager
def killed() -> Iterator[None]:
    """Let a session end without a word to the plant."""
    with patch.object(Controller, "hand_back"):
        yield


async def start_again(home: Home[Any], hass: HomeAssistant) -> None:
    """Set the plant up anew from what is on the disk."""
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()


async def kill_and_start(home: Home[Any], hass: HomeAssistant) -> None:
    """Kill Home Assistant in this very moment, and start it again."""
    with killed():
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    await start_again(home, hass)
