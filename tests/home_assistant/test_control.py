"""Control through real Home Assistant: what is decided, written, kept and given back."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.override import Override, Source
from custom_components.energy_storage.engine.plant import Ownership
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

PLANT = SigenConfig(firmware="SPC114", plant=PlantConfig(soc_pct=60.0, backup_supply=False), enter_s=0.0)


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


async def override(home: Home, kind: str, minutes: float = 60, **asked: float | bool) -> None:
    """Start an override as a person does."""
    now = home.clock.now
    controller = home.runtime.controller
    assert controller is not None
    await controller.start_override(
        Override(
            kind=kind,
            parameters=asked,
            source=Source.PERSON,
            started=now,
            ends_at=now + timedelta(minutes=minutes),
        )
    )
    await home.decide()


def written(home: Home) -> list[tuple[str, float | str]]:
    """Give what was written, in its order."""
    return [(write.name, write.value) for write in home.sim.writes]


async def test_nothing_is_written_while_control_is_off(home: Home) -> None:
    """Also not by an override."""
    await override(home, "force_charge", from_grid=True)
    await home.tick(count=5)
    assert written(home) == []


async def test_a_forced_charge_is_obeyed(home: Home) -> None:
    """Consent for what may leave the house dark, control on: the plant charges and it is confirmed."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=3)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    await home.tick(count=2)
    assert home.view.decision.command is not None
    assert home.view.decision.command.kind is CommandKind.CHARGE
    assert home.view.confidence is Confidence.CONFIRMED
    assert home.view.holding.ownership is Ownership.OURS
    assert home.sim.plant.flows.battery_w == pytest.approx(-3000, abs=20)
    await home.set(control="off")
    await home.tick(count=2)
    assert home.sim.get("remote_ems_enable") == 0
    assert home.view.holding.command is None


async def test_a_plant_is_handed_back_when_home_assistant_stops(home: Home, hass: HomeAssistant) -> None:
    """Before the shared link is closed."""
    await home.set(control="on", outage_consent=True)
    await override(home, "force_charge", from_grid=True)
    await home.tick()
    assert home.sim.get("remote_ems_enable") == 1
    await hass.async_stop()
    assert home.sim.get("remote_ems_enable") == 0
    assert home.sim.get("remote_ems_control_mode") == 2
