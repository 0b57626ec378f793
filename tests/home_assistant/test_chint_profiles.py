"""Register maps of the owner's own in the config folder: they win, survive, and act at once."""

from datetime import timedelta
import os
from pathlib import Path

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.energy_storage.profiles import FOLDER
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from tests.simulators.chint import ChintConfig

from .chint_home import ChintHome, changed, folder_of, poll
from .conftest import AddChint, ChintFactory, entry_for_chint
from .shown_issues import placeholders, shown_issues

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

TH = ChintConfig(profile="ech_th")


@pytest.fixture(name="folder")
def _folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    return folder_of(hass, tmp_path)


async def minute(home: ChintHome) -> None:
    """Let the minute pass after which the folder is looked at, and the plant be read."""
    async_fire_time_changed(home.hass, utcnow() + timedelta(minutes=1, seconds=1))
    await home.hass.async_block_till_done(wait_background_tasks=True)
    if home.entry.state is ConfigEntryState.LOADED:
        await poll(home, 2)


def scale_of(home: ChintHome) -> float:
    """Tell by which scale the battery's voltage is read: 0.1 is ours."""
    battery_v = home.runtime.driver.value(
        next(point for point in home.runtime.driver.points if point.key == "batt_voltage")
    )
    assert isinstance(battery_v, float | int)
    return round(float(battery_v) / float(home.sim.get("batt_voltage")), 2)


async def test_own_map_wins_over_ours(add_chint: AddChint, folder: Path) -> None:
    """By the name of its file."""
    (folder / "ech_th.json").write_text(changed("ech_th", "batt_voltage", scale=0.2))
    assert scale_of(await add_chint(TH)) == 2.0


async def test_map_that_is_added_changed_and_removed_acts_within_a_minute(
    add_chint: AddChint, folder: Path
) -> None:
    """Nothing has to be restarted, and no entity goes."""
    home = await add_chint(TH)
    before = set(home.hass.states.async_entity_ids())
    assert scale_of(home) == 1.0
    path = folder / "ech_th.json"
    path.write_text(changed("ech_th", "batt_voltage", scale=0.2))
    assert scale_of(home) == 1.0
    await minute(home)
    assert scale_of(home) == 2.0
    path.write_text(changed("ech_th", "batt_voltage", scale=0.05))
    await minute(home)
    assert scale_of(home) == 0.5
    path.unlink()
    await minute(home)
    assert scale_of(home) == 1.0
    assert set(home.hass.states.async_entity_ids()) == before
    assert home.sensor("reading_stage") == "fresh"
    assert home.sim.writes == []


async def test_folder_that_stays_as_it_is_costs_nothing(add_chint: AddChint, folder: Path) -> None:
    """A file is not read again, and the plant not set up again; a touched one changes nothing either."""
    path = folder / "ech_th.json"
    path.write_text(TEXTS["ech_th"])
    home = await add_chint(TH)
    driver = home.runtime.driver
    await minute(home)
    os.utime(path, (1, 1))
    await minute(home)
    assert home.runtime.driver is driver


async def test_wrong_map_is_told_by_file_line_and_field(add_chint: AddChint, folder: Path) -> None:
    """The plant goes on with what was right last; mended, the new one acts and the repair goes."""
    path = folder / "ech_th.json"
    path.write_text(changed("ech_th", "batt_voltage", scale=0.2))
    home = await add_chint(TH)
    good = path.read_text()
    wrong = changed("ech_th", "batt_voltage", scale="wide")
    path.write_text(wrong)
    await minute(home)
    told = placeholders(home.hass, "profile_wrong")
    line = next(n for n, text in enumerate(wrong.splitlines(), 1) if '"wide"' in text)
    assert told["file"] == "ech_th.json"
    assert (told["line"], told["field"].rpartition(".")[2]) == (str(line), "scale")
    assert "'wide' is not allowed; allowed is of type number" in told["problem"]
    assert scale_of(home) == 2.0
    assert home.sensor("reading_stage") == "fresh"

    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await poll(home)
    assert scale_of(home) == 2.0

    path.write_text(good.replace("0.2", "0.3"))
    await minute(home)
    assert scale_of(home) == 3.0
    assert shown_issues(home.hass) == {}


async def test_what_was_right_last_outlives_a_restart(
    add_chint: AddChint, folder: Path, hass: HomeAssistant
) -> None:
    """Home Assistant stops, the owner breaks the file, Home Assistant starts."""
    path = folder / "ech_th.json"
    path.write_text(changed("ech_th", "batt_voltage", scale=0.2))
    home = await add_chint(TH)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    hass.data.pop(FOLDER)
    path.write_text("{")
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await poll(home)
    assert scale_of(home) == 2.0
    assert placeholders(hass, "profile_wrong")["line"] == "1"


async def test_map_that_never_was_right_leaves_ours(add_chint: AddChint, folder: Path) -> None:
    """And a second wrong file is told beside the first."""
    (folder / "ech_th.json").write_text(changed("ech_th", "batt_voltage", address="0x0600", type="uint128"))
    (folder / "sce.json").write_text("[]")
    home = await add_chint(TH)
    assert scale_of(home) == 1.0
    issues = [issue for issue in shown_issues(home.hass) if issue.startswith("profile_")]
    assert issues == ["profile_wrong"]
    (folder / "ech_th.json").unlink()
    (folder / "sce.json").unlink()
    await minute(home)
    assert shown_issues(home.hass) == {}


async def test_chosen_map_that_is_removed_goes_on(
    add_chint: AddChint, folder: Path, hass: HomeAssistant
) -> None:
    """The plant is not read by another instead, and a repair says what is missing."""
    path = folder / "mine.json"
    path.write_text(changed("ech_th", "batt_voltage", scale=0.2))
    home = await add_chint(TH, {"profile": "mine"})
    path.unlink()
    await minute(home)
    assert scale_of(home) == 2.0
    assert placeholders(hass, "profile_missing")["file"] == "mine.json"
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, "profile": "auto"})
    await hass.async_block_till_done()
    await minute(home)
    assert scale_of(home) == 1.0
    assert shown_issues(hass) == {}


async def test_chosen_map_that_never_was_there_is_waited_for(
    hass: HomeAssistant, chint: ChintFactory, folder: Path
) -> None:
    """The set-up says which file, and is tried again."""
    sim = await chint(TH)
    entry = entry_for_chint(sim, {"profile": "mine"})
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == "profile_not_usable"
    (folder / "mine.json").write_text(TEXTS["ech_th"])
    assert await hass.config_entries.async_reload(entry.entry_id)


async def test_file_with_a_mark_of_windows_is_read(add_chint: AddChint, folder: Path) -> None:
    """Its editor puts one before the first character."""
    path = folder / "ech_th.json"
    path.write_text(changed("ech_th", "batt_voltage", scale=0.2), encoding="utf-8-sig")
    home = await add_chint(TH)
    assert scale_of(home) == 2.0
    assert shown_issues(home.hass) == {}


async def test_whatever_else_is_in_the_folder_does_no_harm(add_chint: AddChint, folder: Path) -> None:
    """A folder, a file that leads nowhere, a copy with another suffix, bytes that are no text."""
    (folder / "old.json").mkdir()
    (folder / "gone.json").symlink_to(folder / "nowhere.json")
    (folder / "ech_th.json.bak").write_text("{")
    (folder / "photo.json").write_bytes(bytes(range(256)) * 100)
    home = await add_chint(TH)
    assert scale_of(home) == 1.0
    assert placeholders(home.hass, "profile_wrong")["file"] == "photo.json"


async def test_last_plant_takes_its_maps_along(
    add_chint: AddChint, folder: Path, hass: HomeAssistant
) -> None:
    """The owner's files stay; what was kept of them and what was told of them goes."""
    path = folder / "ech_th.json"
    path.write_text("{")
    home = await add_chint(TH)
    assert "profile_wrong" in shown_issues(hass)
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert shown_issues(hass) == {}
    assert path.exists()
