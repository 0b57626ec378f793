"""The alarm event of a plant."""

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import State
import pytest

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


def alarm_event(home: Home) -> State:
    """The state of the event entity."""
    return home.state("event", "alarm")


async def test_alarm_comes_and_goes(home: Home) -> None:
    """One event each, with what a person wants to know."""
    assert alarm_event(home).state == STATE_UNKNOWN
    written: list[str] = []
    home.hass.bus.async_listen("state_changed", lambda event: written.append(event.data["entity_id"]))
    home.sim.set("plant_alarm_3", 0b1)
    await home.tick(count=3)
    occurred = alarm_event(home)
    assert occurred.attributes["event_type"] == "occurred"
    assert occurred.attributes["device"] == "plant"
    assert occurred.attributes["code"]
    assert occurred.attributes["text"]
    assert occurred.attributes["level"] in ("general", "critical", "unknown")
    assert occurred.attributes["occurred_at"]
    assert occurred.attributes["cleared_at"] is None
    home.sim.set("plant_alarm_3", 0)
    await home.tick(count=3)
    cleared = alarm_event(home)
    assert cleared.attributes["event_type"] == "cleared"
    assert cleared.attributes["code"] == occurred.attributes["code"]
    assert cleared.attributes["occurred_at"] == occurred.attributes["occurred_at"]
    assert cleared.attributes["cleared_at"] > cleared.attributes["occurred_at"]
    assert written.count(cleared.entity_id) == 2


async def test_unknown_bit_is_told(home: Home) -> None:
    """A bit that nobody has described is an alarm too."""
    home.sim.set_raw("plant_alarm_6", (0x8000,))
    await home.tick(count=2)
    assert alarm_event(home).attributes["event_type"] == "occurred"
    assert "15" in alarm_event(home).attributes["code"]


async def test_alarm_that_is_up_already_is_told_once(add_home: AddHome) -> None:
    """The first reading tells what nobody has told yet; a reload does not tell it again."""
    home = await add_home(settled=False)
    home.sim.set("plant_alarm_6", 0b1)
    await home.settle()
    await home.tick()
    told = alarm_event(home)
    assert told.attributes["event_type"] == "occurred"
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    assert alarm_event(home).state == told.state
    assert [change["change"] for change in home.runtime.alarms.changes] == ["occurred"]
