"""The event of control: one for each change."""

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
import pytest

from custom_components.energy_storage.control_events import Situation, changes
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "every_entity")

CONFIG = SigenConfig(firmware="SPC114", plant=PlantConfig(soc_pct=60.0, backup_supply=True), enter_s=0.0)


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant with backup supply, under control."""
    home = await add_home(CONFIG)
    await home.set(control="on", outage_consent=True, grid_charging=True)
    await home.tick(count=3)
    return home


def listen(home: Home) -> list[dict[str, object]]:
    """Collect what the event entity tells from now on."""
    told: list[dict[str, object]] = []
    entity_id = home.entity_id("event", "control")

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and event.data["entity_id"] == entity_id:
            told.append(
                {k: v for k, v in state.attributes.items() if k not in ("event_types", "friendly_name")}
            )

    home.hass.bus.async_listen("state_changed", changed)
    return told


async def test_an_override_begins_and_ends(home: Home) -> None:
    """Each is told once, with the change of the mode."""
    told = listen(home)
    await home.act("select.select_option", "mode", option="hold")
    await home.tick(count=5)
    kinds = [each["event_type"] for each in told]
    assert kinds == ["override_started", "mode_changed"]
    assert told[0]["mode"] == told[1]["mode"] == "hold"
    assert told[0]["source"] == "person"
    await home.act("select.select_option", "mode", option="standby")
    await home.tick(count=5)
    assert [each["event_type"] for each in told[2:]] == ["override_ended", "mode_changed"]
    assert told[3] == {"event_type": "mode_changed", "mode": "standby", "before": "hold"}


async def test_an_outage_begins_and_ends(home: Home) -> None:
    """As often as the grid goes, however often the plant is read meanwhile."""
    told = listen(home)
    home.sim.plant.grid_available = False
    await home.tick(count=8)
    home.sim.plant.grid_available = True
    await home.tick(count=8)
    outages = [each["event_type"] for each in told if str(each["event_type"]).startswith("outage")]
    assert outages == ["outage_began", "outage_ended"]


async def test_a_reload_tells_nothing(home: Home, hass: HomeAssistant) -> None:
    """What was so before is no change."""
    told = listen(home)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    assert [each for each in told if each.get("event_type")] == []


def test_a_limit_is_told_when_it_cannot_be_held() -> None:
    """Not again while that stays so; its end is no event."""
    held, passed = Situation(mode="hold"), Situation(mode="hold", not_held=frozenset({"export"}))
    assert list(changes(held, passed)) == [("cannot_hold", {"limit": "export"})]
    assert list(changes(passed, passed)) == []
    assert list(changes(passed, held)) == []
