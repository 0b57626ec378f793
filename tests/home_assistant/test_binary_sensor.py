"""What the binary sensors of a plant say."""

from datetime import datetime

from homeassistant.const import STATE_UNKNOWN
import pytest

from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


def says(home: Home, key: str, device: str = "plant") -> str:
    """What a binary sensor says now."""
    return home.state("binary_sensor", key, device).state


@pytest.mark.parametrize(
    ("powers_kw", "answers"),
    [
        ((0.0, -0.2, 0.05, 0.02), ("off", "off", "off", "off")),
        ((0.0, 0.09, 0.11, 0.05, 0.02), ("off", "off", "on", "on", "off")),
    ],
)
async def test_charging_does_not_flap_around_zero(
    home: Home, powers_kw: tuple[float, ...], answers: tuple[str, ...]
) -> None:
    """It begins above 100 W and ends below 30 W."""
    said = []
    for power_kw in powers_kw:
        home.sim.set("ess_power", power_kw, 247)
        await home.tick()
        said.append(says(home, "battery_charging"))
    assert tuple(said) == answers


async def test_grid_loss_is_told(home: Home) -> None:
    """Off grid is off, and what the device does not say is unknown."""
    assert says(home, "on_grid") == "on"
    home.sim.set("grid_connection_state", 1)
    await home.tick()
    assert says(home, "on_grid") == "off"
    home.sim.set("grid_connection_state", 9)
    await home.tick()
    assert says(home, "on_grid") == STATE_UNKNOWN


async def test_unknown_power_is_no_answer(home: Home) -> None:
    """Without a battery power nobody knows whether it charges."""
    home.sim.set_raw("ess_power", (0x8000, 0), 247)
    await home.tick()
    assert says(home, "battery_charging") == STATE_UNKNOWN


@pytest.mark.usefixtures("every_entity")
async def test_alarm_is_a_problem(home: Home) -> None:
    """On while any device reports one; the sensor lists them."""
    assert says(home, "alarm") == "off"
    home.sim.set("alarm_1", 0b10, 1)
    await home.tick(count=4)
    assert says(home, "alarm") == "on"
    assert home.sensor("active_alarms") == "1"
    (alarm,) = home.state("sensor", "active_alarms").attributes["alarms"]
    assert alarm == {
        "device": "inverter_1",
        "code": "1002",
        "text": "Insulation resistance too low",
        "level": "critical",
        "occurred_at": alarm["occurred_at"],
    }
    assert datetime.fromisoformat(alarm["occurred_at"]) <= home.clock.now


@pytest.mark.usefixtures("every_entity")
async def test_connection_of_each_device_is_told(add_home: AddHome) -> None:
    """A silent charger is disconnected, alone; a silent plant takes all with it."""
    home = await add_home(SigenConfig(ac_chargers=(3,)))
    home.sim.faults.add("charger_silent")
    await home.tick(count=30)
    assert says(home, "connected", "ac_charger_3") == "off"
    assert says(home, "connected") == says(home, "connected", "inverter_1") == "on"
    home.sim.faults.add("modbus_off")
    await home.tick(count=14)
    assert says(home, "connected") == says(home, "connected", "inverter_1") == "off"
