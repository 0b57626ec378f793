"""What owners see and read when the wire or the device fails, and when that is over."""

import logging

from homeassistant.const import STATE_UNAVAILABLE
import pytest

from custom_components.energy_storage.const import LOGGER

from .conftest import AddHome, HandClock, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

FAULTS: dict[str, float | None] = {
    "dropped_replies": None,
    "other_transaction": None,
    "wrong_unit_id": None,
    "truncated_frame": None,
    "garbage": None,
    "reset_in_reply": None,
    "half_open": None,
    "silence": 60,
    "modbus_off": None,
    "restart": 60,
    "frozen_clock": None,
    **{f"exception {code}": code for code in (1, 2, 3, 4, 5, 6, 8, 10, 11)},
}


@pytest.fixture
async def impatient(add_home: AddHome, hand_clock: HandClock) -> Home:
    """A plant whose driver does not wait long, for tests in which nobody answers."""
    hand_clock.timeout_s = 0.15
    return await add_home()


@pytest.mark.parametrize("fault", FAULTS)
async def test_outage_is_honest_and_short(
    impatient: Home, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """Nothing old is shown as live, two polls after the end all is well, one line each in the log."""
    home = impatient
    caplog.set_level(logging.INFO, LOGGER.name)
    caplog.clear()
    name = fault.partition(" ")[0]
    home.sim.faults.add(name, FAULTS[fault])
    await home.tick(25, count=3)
    assert home.sensor("battery_soc") == STATE_UNAVAILABLE
    assert home.state("binary_sensor", "connected").state == "off"
    home.sim.faults.remove(name)
    await home.tick(count=2)
    assert home.sensor("reading_stage") == "fresh"
    assert home.sensor("battery_soc") != STATE_UNAVAILABLE
    await home.tick(count=2)
    ours = [record for record in caplog.records if record.name == LOGGER.name]
    assert [record.getMessage().split(":")[0].split(" after")[0] for record in ours] == [
        "My plant is unavailable",
        "My plant is available again",
    ]
    assert not [record for record in caplog.records if record.exc_info]


async def test_late_replies_are_waited_for(home: Home) -> None:
    """A slow device is slow, not lost: its replies belong to their own requests."""
    home.sim.faults.add("late_replies", 0.3)
    for _ in range(3):
        home.sim.set("grid_active_power", 1.0 + home.clock.now.timestamp() % 7)
        await home.tick(10)
        assert home.sensor("reading_stage") == "fresh"
        assert home.number("grid_power") == 1000 * float(home.sim.get("grid_active_power"))
