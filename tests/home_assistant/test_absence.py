"""The notice of what the plant held while Home Assistant was away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.core import HomeAssistant, callback
import pytest

from custom_components.energy_storage.absence import length

from .conftest import AddHome, Home
from .control_home import PLANT, charging, killed, start_again

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


@pytest.fixture(autouse=True)
def _shifted() -> Iterator[None]:
    """Be set up anew three hours after what was noted on the disk, by the clock on the wall."""
    later = datetime.now(UTC) + timedelta(hours=3, minutes=5)
    with patch("custom_components.energy_storage.absence.utcnow", return_value=later):
        yield


@pytest.fixture(name="notices")
def _notices(hass: HomeAssistant) -> list[Notification]:
    """Every notice that is given."""
    given: list[Notification] = []

    @callback
    def note(update: UpdateType, changed: dict[str, Notification]) -> None:
        if update is UpdateType.ADDED:
            given.extend(changed.values())

    async_register_callback(hass, note)
    return given


async def kill(home: Home, hass: HomeAssistant) -> None:
    """End the session without a word to the plant, as of now on the disk."""
    controller = home.runtime.controller
    assert controller is not None
    await controller.kept.keep(controller.memory.lasting, at_once=True)
    with killed():
        assert await hass.config_entries.async_unload(home.entry.entry_id)


async def test_what_was_held_meanwhile_is_told(
    home: Home, hass: HomeAssistant, notices: list[Notification]
) -> None:
    """How long, which plant, and with which numbers."""
    await charging(home)
    await kill(home, hass)
    assert notices == []
    await start_again(home, hass)
    [notice] = notices
    assert notice["title"] == "My plant: Home Assistant was away"
    assert "3 h 5 min" in notice["message"] or "3 h 4 min" in notice["message"]
    assert "My plant held: Charge (3000 W, up to 80 %)" in notice["message"]


async def test_clean_stop_leaves_nothing_to_tell(
    home: Home, hass: HomeAssistant, notices: list[Notification]
) -> None:
    """The plant was handed back, so it held nothing of ours."""
    await charging(home)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await start_again(home, hass)
    assert notices == []


async def test_short_absence_is_not_told(
    home: Home, hass: HomeAssistant, notices: list[Notification]
) -> None:
    """A restart takes some minutes, and that is nobody's business."""
    await charging(home)
    await kill(home, hass)
    with patch("custom_components.energy_storage.absence.utcnow", lambda: datetime.now(UTC)):
        await start_again(home, hass)
    assert notices == []


async def test_our_own_reload_is_no_absence(
    home: Home, hass: HomeAssistant, notices: list[Notification]
) -> None:
    """The plant keeps its command meanwhile, and what is on the disk is of this moment."""
    await charging(home)
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, "fast_poll_s": 5})
    with patch("custom_components.energy_storage.absence.utcnow", lambda: datetime.now(UTC)):
        await hass.async_block_till_done()
    assert home.sim.get("remote_ems_control_mode") == 4
    assert notices == []
    controller = home.runtime.controller
    assert controller is not None
    assert controller.kept.alive_at is not None
    assert datetime.now(UTC) - controller.kept.alive_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (timedelta(minutes=12, seconds=50), "12 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=2, hours=4, minutes=30), "2 d 4 h"),
        (timedelta(days=1), "1 d"),
    ],
)
def test_length_is_written_as_people_say_it(time: timedelta, told: str) -> None:
    """The two largest units are enough."""
    assert length(time) == told
