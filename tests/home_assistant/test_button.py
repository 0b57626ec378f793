"""The buttons of the chargers."""

from dataclasses import replace

from homeassistant.exceptions import HomeAssistantError
import pytest

from .conftest import AddHome, Home
from .control_home import PLANT

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

CHARGERS = ("ac_charger_3", "dc_charger_1")
UNITS = {"ac_charger_3": 3, "dc_charger_1": 1}


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant with both kinds of charger, under control."""
    home = await add_home(replace(PLANT, ac_chargers=(3,), dc_charger=1))
    await home.set(control="on")
    await home.tick(count=2)
    return home


def asked(home: Home) -> list[tuple[int, float | str]]:
    """Give what was asked of chargers: unit id and the number that was written."""
    return [(write.unit, write.value) for write in home.sim.writes if write.name == "charging_start_stop"]


async def refusal(home: Home, key: str, device: str) -> str | None:
    """Press, and give the key of the error."""
    with pytest.raises(HomeAssistantError) as caught:
        await home.act("button.press", key, device)
    assert caught.value.translation_domain == "energy_storage"
    return caught.value.translation_key


@pytest.mark.parametrize("device", CHARGERS)
async def test_a_charger_is_started_and_stopped(home: Home, device: str) -> None:
    """By 0 and 1, the other way round than one would think."""
    await home.act("button.press", "start_charging", device)
    await home.act("button.press", "stop_charging", device)
    assert asked(home) == [(UNITS[device], 0), (UNITS[device], 1)]


@pytest.mark.parametrize("control", ["off", "shadow"])
async def test_nothing_is_asked_unless_control_is_on(home: Home, control: str) -> None:
    """And the owner is told to switch it on."""
    await home.set(control=control)
    assert await refusal(home, "start_charging", "ac_charger_3") == "control_not_on"
    assert asked(home) == []


async def test_nothing_is_asked_while_somebody_else_controls(home: Home) -> None:
    """We have yielded; the charger is part of that plant."""
    home.sim.faults.add("vpp")
    await home.tick(count=3)
    assert await refusal(home, "stop_charging", "ac_charger_3") == "refused_someone_else_controls"
    assert asked(home) == []


async def test_a_charger_that_refuses_is_explained(home: Home) -> None:
    """The owner reads what the cause may be."""
    home.sim.faults.add("charger_refuses")
    assert await refusal(home, "start_charging", "ac_charger_3") == "refused_refused_by_device"


async def test_a_charger_that_is_not_reached_is_explained(home: Home) -> None:
    """What became of it nobody knows."""
    home.clock.timeout_s = 0.2
    home.sim.faults.add("modbus_off")
    assert await refusal(home, "start_charging", "ac_charger_3") == "refused_link_lost"


async def test_only_chargers_have_buttons(home: Home) -> None:
    """Plant and inverter do not."""
    found = {state.entity_id for state in home.hass.states.async_all("button")}
    assert found == {
        home.entity_id("button", key, device)
        for device in CHARGERS
        for key in ("start_charging", "stop_charging")
    }
