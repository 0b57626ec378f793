"""The switches of a plant."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.settings import ControlState
from custom_components.energy_storage.switch import SWITCHES

from .conftest import AddHome, Home
from .control_home import PLANT, codes, held_kind, override

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "every_entity")

CONSENTS = ("unattended_consent", "outage_consent")


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


async def test_control_is_switched_on_and_off(home: Home) -> None:
    """The plant obeys at once, and is handed back at once."""
    await home.set(grid_charging=True, outage_consent=True)
    assert home.state("switch", "control").state == "off"
    await home.act("switch.turn_on", "control")
    await override(home, "force_charge")
    assert home.state("switch", "control").state == "on"
    assert held_kind(home) is CommandKind.CHARGE
    await home.act("switch.turn_off", "control")
    assert home.state("switch", "control").state == "off"
    assert home.sim.get("remote_ems_enable") == 0


async def test_shadow_is_not_on(home: Home) -> None:
    """In shadow nothing is written."""
    await home.set(control=ControlState.SHADOW)
    assert home.state("switch", "control").state == "off"


async def test_grid_charging_binds_at_once(home: Home) -> None:
    """A forced charge goes on with what the sun gives, and from the grid again when it is allowed."""
    await home.set(control="on", outage_consent=True)
    await override(home, "force_charge")
    assert "grid_charging_off" in codes(home)
    assert held_kind(home) is not CommandKind.CHARGE
    await home.act("switch.turn_on", "grid_charging")
    assert held_kind(home) is CommandKind.CHARGE
    await home.tick(60)
    await home.act("switch.turn_off", "grid_charging")
    assert held_kind(home) is not CommandKind.CHARGE


@pytest.mark.parametrize("key", [row.key for row in SWITCHES if row.key != "control"])
async def test_every_switch_is_a_setting(home: Home, hass: HomeAssistant, key: str) -> None:
    """It is kept over a restart, and shown while the plant is silent."""
    assert home.state("switch", key).state == "off"
    await home.act("switch.turn_on", key)
    assert getattr(home.runtime.settings.settings, key) is True
    home.sim.faults.add("modbus_off")
    await home.tick(30, count=3)
    assert home.state("switch", key).state == "on"
    home.sim.faults.clear()
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert home.state("switch", key).state == "on"
    await home.act("switch.turn_off", key)
    assert getattr(home.runtime.settings.settings, key) is False


async def test_a_change_from_elsewhere_is_shown_at_once(home: Home) -> None:
    """Before the next reading."""
    await home.runtime.settings.async_set(resume_by_itself=True)
    assert home.state("switch", "resume_by_itself").state == "on"


async def test_few_switches_are_for_every_day() -> None:
    """Consents and the like wait disabled, among the settings of the device."""
    assert {row.key for row in SWITCHES if row.entity_registry_enabled_default} == {
        "control",
        "grid_charging",
    }
    assert {row.key for row in SWITCHES if row.entity_category is None} == {"control", "grid_charging"}
    assert set(CONSENTS) <= {row.key for row in SWITCHES}
