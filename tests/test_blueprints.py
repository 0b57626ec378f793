"""The blueprints, checked and run by Home Assistant's own blueprint and automation code."""

from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.energy_storage.alarms import CLEARED, OCCURRED
from custom_components.energy_storage.engine.plant import AlarmLevel

BLUEPRINTS = Path(__file__).parent.parent / "blueprints"
OURS = Path("automation/energy_storage")
ALARM = "notify_alarm.yaml"
GRID_LOST = "notify_grid_lost.yaml"
ALL = sorted(path.name for path in (BLUEPRINTS / OURS).iterdir())

TOLD = "told"
TELL = [{"event": TOLD, "event_data": {"title": "{{ title }}", "message": "{{ message }}"}}]
ALARM_ENTITY = "event.sigen_plant_last_alarm"
GRID_ENTITY = "binary_sensor.sigen_plant_on_grid"
SOC_ENTITY = "sensor.sigen_plant_battery_soc"
OVERHEATED = {"code": "1003", "text": "Too hot", "level": "critical"}


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Have the blueprints where an owner's Home Assistant has them."""
    shutil.copytree(BLUEPRINTS, Path(hass_tmp_config_dir) / "blueprints", dirs_exist_ok=True)
    return hass_tmp_config_dir


async def automate(hass: HomeAssistant, blueprint: str, **inputs: Any) -> list[Event]:
    """Start an automation from a blueprint and collect what it tells."""
    automation = {"use_blueprint": {"path": f"energy_storage/{blueprint}", "input": inputs}}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    told: list[Event] = async_capture_events(hass, TOLD)
    return told


async def raise_alarm(hass: HomeAssistant, happened: str = OCCURRED, **attributes: str) -> None:
    """Let the plant report an alarm now."""
    hass.states.async_set(
        ALARM_ENTITY, utcnow().isoformat(), {"event_type": happened, **OVERHEATED, **attributes}
    )
    await hass.async_block_till_done()


async def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let time pass."""
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_home_assistant_accepts_every_blueprint(hass: HomeAssistant) -> None:
    """Each file passes the schema that the import in the user interface applies."""
    blueprints = await async_get_blueprints(hass).async_get_blueprints()
    ours = {path: each for path, each in blueprints.items() if path.startswith("energy_storage/")}
    assert sorted(ours) == [f"energy_storage/{name}" for name in ALL]
    for path, each in ours.items():
        assert isinstance(each, Blueprint), each
        assert each.validate() is None
        assert each.metadata["source_url"].endswith(f"/blueprints/automation/{path}")


@pytest.mark.parametrize("name", ALL)
async def test_blueprints_ask_for_our_entities_alone(hass: HomeAssistant, name: str) -> None:
    """Whoever fills in the form cannot pick an entity of something else by mistake."""
    blueprint = await async_get_blueprints(hass).async_get_blueprint(f"energy_storage/{name}")
    selectors = [
        each["selector"]["entity"] for each in blueprint.inputs.values() if "entity" in each["selector"]
    ]
    assert selectors
    for selector in selectors:
        assert [row["integration"] for row in selector["filter"]] == ["energy_storage"]


async def test_every_level_of_alarm_can_be_chosen(hass: HomeAssistant) -> None:
    """The form offers exactly the levels that alarms can have, all of them at first."""
    blueprint = await async_get_blueprints(hass).async_get_blueprint(f"energy_storage/{ALARM}")
    levels = blueprint.inputs["levels"]
    offered = {option["value"] for option in levels["selector"]["select"]["options"]}
    assert offered == set(levels["default"]) == {level.value for level in AlarmLevel}


async def test_an_alarm_is_told(hass: HomeAssistant) -> None:
    """The message carries the maker's code, the meaning, and how serious it is."""
    told = await automate(hass, ALARM, alarm=ALARM_ENTITY, actions=TELL)
    await raise_alarm(hass)
    assert [event.data["message"] for event in told] == ["Too hot (code 1003, critical)"]
    assert told[0].data["title"].startswith("Alarm: ")


async def test_two_alarms_in_one_moment_are_both_told(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A cause and its consequence often come with the same reading."""
    told = await automate(hass, ALARM, alarm=ALARM_ENTITY, actions=TELL)
    freezer.tick()
    await raise_alarm(hass)
    await raise_alarm(hass, code="1009", text="Grid outage")
    assert [event.data["message"] for event in told] == [
        "Too hot (code 1003, critical)",
        "Grid outage (code 1009, critical)",
    ]


async def test_the_end_of_an_alarm_is_told(hass: HomeAssistant) -> None:
    """The second message says that it is over."""
    told = await automate(hass, ALARM, alarm=ALARM_ENTITY, actions=TELL)
    await raise_alarm(hass, CLEARED)
    assert [event.data["title"].partition(":")[0] for event in told] == ["Alarm over"]


async def test_the_end_of_an_alarm_can_stay_untold(hass: HomeAssistant) -> None:
    """The owner who only wants bad news gets only bad news."""
    told = await automate(hass, ALARM, alarm=ALARM_ENTITY, tell_cleared=False, actions=TELL)
    await raise_alarm(hass, CLEARED)
    assert not told


async def test_alarms_of_other_levels_stay_untold(hass: HomeAssistant) -> None:
    """An alarm that is less serious than asked for sends nothing."""
    told = await automate(hass, ALARM, alarm=ALARM_ENTITY, levels=["critical"], actions=TELL)
    await raise_alarm(hass, level="general")
    assert not told


async def test_an_old_alarm_is_no_news(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """The last event that comes back after a reload sends nothing."""
    told = await automate(hass, ALARM, alarm=ALARM_ENTITY, actions=TELL)
    old = utcnow() - timedelta(hours=3)
    hass.states.async_set(ALARM_ENTITY, "unavailable")
    await wait(hass, freezer, 1)
    hass.states.async_set(ALARM_ENTITY, old.isoformat(), {"event_type": OCCURRED, **OVERHEATED})
    await hass.async_block_till_done()
    assert not told


async def test_without_a_choice_the_message_appears_in_home_assistant(hass: HomeAssistant) -> None:
    """An owner who fills in nothing but the entity is told all the same."""
    await automate(hass, ALARM, alarm=ALARM_ENTITY)
    notified = async_mock_service(hass, "persistent_notification", "create")
    await raise_alarm(hass)
    assert [call.data["message"] for call in notified] == ["Too hot (code 1003, critical)"]


async def start_outage(hass: HomeAssistant, soc_pct: str) -> list[Event]:
    """Run the outage blueprint on a plant that is still on the grid, then cut it off."""
    hass.states.async_set(GRID_ENTITY, "on")
    hass.states.async_set(SOC_ENTITY, soc_pct, {"unit_of_measurement": "%"})
    told = await automate(hass, GRID_LOST, grid=GRID_ENTITY, soc=SOC_ENTITY, actions=TELL)
    hass.states.async_set(GRID_ENTITY, "off")
    await hass.async_block_till_done()
    return told


async def test_a_lost_grid_is_told_with_the_battery_level(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """After the waiting time the owner learns how full the battery is."""
    told = await start_outage(hass, "63")
    assert not told
    await wait(hass, freezer, 11)
    assert [(event.data["title"], event.data["message"]) for event in told] == [
        ("The grid is lost", "The house runs without the grid. Battery: 63 %.")
    ]


async def test_a_short_outage_stays_untold(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A grid that is back within the waiting time sends nothing."""
    told = await start_outage(hass, "63")
    await wait(hass, freezer, 5)
    hass.states.async_set(GRID_ENTITY, "on")
    await wait(hass, freezer, 5)
    hass.states.async_set(GRID_ENTITY, "unavailable")
    await wait(hass, freezer, 60)
    assert not told


async def test_a_low_battery_is_told_during_an_outage(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Without the grid, falling below the level sends one more message."""
    told = await start_outage(hass, "26")
    await wait(hass, freezer, 11)
    hass.states.async_set(SOC_ENTITY, "24", {"unit_of_measurement": "%"})
    await hass.async_block_till_done()
    assert [event.data["title"] for event in told] == ["The grid is lost", "The battery runs low"]


async def test_a_low_battery_on_grid_stays_untold(hass: HomeAssistant) -> None:
    """An ordinary evening is no emergency."""
    hass.states.async_set(GRID_ENTITY, "on")
    hass.states.async_set(SOC_ENTITY, "26")
    told = await automate(hass, GRID_LOST, grid=GRID_ENTITY, soc=SOC_ENTITY, actions=TELL)
    hass.states.async_set(SOC_ENTITY, "24")
    await hass.async_block_till_done()
    assert not told


async def test_the_return_of_the_grid_is_told(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """The owner learns that it is over, with the level of the battery even if that is unknown."""
    told = await start_outage(hass, "63")
    await wait(hass, freezer, 11)
    hass.states.async_set(SOC_ENTITY, "unavailable")
    hass.states.async_set(GRID_ENTITY, "on")
    await wait(hass, freezer, 11)
    assert told[-1].data["message"] == "The house is on the grid again. Battery: unknown."
