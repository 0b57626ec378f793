"""The selects of a plant: mode and control state."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.override import Override, Source
from custom_components.energy_storage.select import CHOICES
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home
from .control_home import PLANT, controller_of, held_kind, written

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

OLDER = SigenConfig(firmware="SPC112", plant=PlantConfig(soc_pct=60.0, backup_supply=False), enter_s=0.0)
"""Its limits act only in forced modes, and it has no gateway."""


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant that does everything, under control."""
    home = await add_home(PLANT)
    await home.set(control="on", outage_consent=True, grid_charging=True)
    await home.tick()
    return home


def mode(home: Home) -> str:
    """Give what the select of the mode shows."""
    return home.state("select", "mode").state


async def choose(home: Home, option: str) -> None:
    """Choose a mode."""
    await home.act("select.select_option", "mode", option=option)


def running(home: Home) -> Override | None:
    """Give the override that runs."""
    return controller_of(home).memory.lasting.override


async def test_a_base_mode_stays(home: Home, hass: HomeAssistant) -> None:
    """The plant obeys; the choice outlives a restart."""
    await choose(home, "standby")
    assert (mode(home), home.runtime.settings.settings.mode) == ("standby", "standby")
    assert held_kind(home) is CommandKind.IDLE
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert mode(home) == "standby"


async def test_an_override_runs_until_its_end(home: Home) -> None:
    """With the length and the values of its numbers, which go on to act; then the base mode is back."""
    await home.set(override_duration_min=90, force_charge_power_w=2000, force_charge_target_soc_pct=90)
    await choose(home, "force_charge")
    override = running(home)
    assert override is not None
    assert (override.source, override.parameters, override.from_grid) == (Source.PERSON, {}, None)
    assert override.ends_at - home.clock.now == timedelta(minutes=90)
    assert mode(home) == "force_charge"
    assert home.runtime.settings.settings.mode == "self_consumption"
    assert home.sim.get("ess_max_charge_limit") == 2.0
    await home.tick(60)
    await home.set(force_charge_power_w=1000)
    assert home.sim.get("ess_max_charge_limit") == 1.0
    await home.tick(90 * 60)
    assert running(home) is None
    assert mode(home) == "self_consumption"
    assert home.sim.get("remote_ems_enable") == 0


async def test_an_override_is_shown_at_once_whoever_starts_it(home: Home) -> None:
    """As soon as the cycle has seen it."""
    now = home.clock.now
    await controller_of(home).start_override(
        Override(kind="standby", source=Source.ACTION, started=now, ends_at=now + timedelta(hours=1))
    )
    await home.decide()
    assert mode(home) == "standby"
    assert home.runtime.settings.settings.mode == "self_consumption"


async def test_choosing_a_base_mode_ends_an_override(home: Home) -> None:
    """Also the one that acted before."""
    await choose(home, "force_discharge")
    assert held_kind(home) is CommandKind.DISCHARGE
    await choose(home, "self_consumption")
    assert running(home) is None
    assert mode(home) == "self_consumption"
    assert held_kind(home) in (None, CommandKind.SELF_CONSUME)


async def test_an_override_outlives_a_restart(home: Home, hass: HomeAssistant) -> None:
    """It is shown before the first decision."""
    await choose(home, "hold")
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert mode(home) == "hold"


async def test_what_a_plant_cannot_is_not_offered(add_home: AddHome) -> None:
    """The list lacks it, and an attribute says why; nobody can choose it by hand either."""
    home = await add_home(OLDER)
    await home.set(control="on", outage_consent=True)
    select = home.state("select", "mode")
    idle, missing = "limits_not_global", select.attributes["not_offered"]
    assert missing == {"pv_only": idle, "standby": idle, "hold": "hold_unproven"}
    assert set(select.attributes["options"]) == set(CHOICES) - set(missing)
    assert "off_grid" not in CHOICES
    with pytest.raises(ServiceValidationError):
        await choose(home, "hold")
    assert written(home) == []


async def test_a_mode_that_runs_stays_in_the_list(add_home: AddHome) -> None:
    """Even where the plant offers it no longer, for example after its firmware has changed."""
    home = await add_home(OLDER)
    await home.set(mode="standby")
    select = home.state("select", "mode")
    assert select.state == "standby"
    assert "standby" in select.attributes["options"]
    assert "standby" in select.attributes["not_offered"]
    with pytest.raises(HomeAssistantError) as caught:
        await choose(home, "standby")
    assert caught.value.translation_key == "refused_limits_not_global"


async def test_nothing_is_started_while_control_is_off(home: Home) -> None:
    """It would run out unseen, or begin when somebody switches control on."""
    await home.set(control="off")
    with pytest.raises(HomeAssistantError) as caught:
        await choose(home, "force_charge")
    assert caught.value.translation_key == "control_off"
    assert running(home) is None
    await choose(home, "device")
    assert mode(home) == "device"


async def test_control_state_has_three_positions(home: Home) -> None:
    """Switch and select show the same setting; in shadow the plant is handed back."""
    await choose(home, "standby")
    assert home.state("select", "control_state").state == "on"
    await home.act("select.select_option", "control_state", option="shadow")
    assert home.state("select", "control_state").state == "shadow"
    assert home.state("switch", "control").state == "off"
    assert home.sim.get("remote_ems_enable") == 0
    assert home.view.decision.control.value == "shadow"
    await home.act("select.select_option", "control_state", option="off")
    assert home.view.decision.control.value == "off"


@pytest.mark.parametrize(
    ("action", "entity", "data"),
    [
        ("select.select_option", "control_state", {"option": "on"}),
        ("switch.turn_on", "control", {}),
    ],
    ids=["select", "switch"],
)
async def test_a_plant_that_takes_no_writes_is_watched_alone(
    add_home: AddHome, action: str, entity: str, data: dict[str, str]
) -> None:
    """Switching control on is refused with a reason; in shadow it is decided and shown."""
    home = await add_home(PLANT)
    control = controller_of(home).control
    able = replace(control.capabilities({}), writable=False)
    with patch.object(type(control), "capabilities", lambda _self, _limits: able):
        with pytest.raises(HomeAssistantError) as caught:
            await home.act(action, entity, **data)
        assert caught.value.translation_key == "refused_read_only"
        assert home.runtime.settings.settings.control.value == "off"
        await home.act("select.select_option", "control_state", option="shadow")
        assert home.view.decision.control.value == "shadow"
        assert home.view.decision.command is not None
    assert written(home) == []


async def test_a_plant_that_takes_no_writes_any_more_is_handed_back(home: Home) -> None:
    """What it holds of us ends; after that it is watched alone, although control is on."""
    await choose(home, "standby")
    assert held_kind(home) is CommandKind.IDLE
    control = controller_of(home).control
    able = replace(control.capabilities({}), writable=False)
    with patch.object(type(control), "capabilities", lambda _self, _limits: able):
        await home.tick()
        assert home.sim.get("remote_ems_enable") == 0
        since = len(written(home))
        await home.tick(count=3)
        assert home.view.decision.control.value == "shadow"
        assert written(home, since) == []
