"""Control of a simulated Chint plant in Home Assistant: an SCE by its recipes, an ECH in shadow alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.chint_map import Profile

from .chint_home import ChintHome, folder_of, poll
from .conftest import AddChint, HandClock, Home
from .control_home import (
    codes,
    confidence,
    control_state,
    controller_of,
    held_kind,
    kill_and_start,
    override,
    written,
)
from .flow_texts import flow_texts_checked
from .shown_issues import shown_issues
from .test_commissioning import Dialog

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

EVENING = datetime(2026, 6, 1, 19, tzinfo=UTC)
WRITES = {"documented_writes": True}
CONSENTS = {"outage_consent": True, "unattended_consent": True, "grid_charging": True}
OWN_PROGRAM = {"time_control_enable": 0, "hybrid_work_mode": 0}
"""What the plant holds when it is nobody's."""


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step or error pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture(autouse=True)
async def _where_the_plant_is(hass: HomeAssistant) -> None:
    """Have the clock on the wall of the house be that of the device."""
    await hass.config.async_set_time_zone("Europe/Berlin")


@pytest.fixture(name="sce")
async def _sce(add_chint: AddChint, hand_clock: HandClock) -> ChintHome:
    """An SCE in the evening, whose battery serves the house, with documented writes allowed."""
    return await ready(add_chint, hand_clock)


async def ready(
    add_chint: AddChint, clock: HandClock, options: dict[str, Any] | None = None, soc_pct: float = 50.0
) -> ChintHome:
    """Set up an SCE in the evening; control is on."""
    clock.now = EVENING
    home = await add_chint(ChintConfig(), WRITES if options is None else options)
    home.sim.plant.soc_pct = soc_pct
    home.sim.plant.load_override_w = 900.0
    await poll(home, 8)
    await home.set(control="on", **CONSENTS)
    await poll(home, 2)
    return home


def held(sim: ChintSimulator) -> dict[str, object]:
    """Give what the plant holds of what we may write."""
    return {name: sim.get(name) for name in OWN_PROGRAM}


async def charging(home: ChintHome) -> None:
    """Have the plant charge from the grid."""
    await override(home, "force_charge", from_grid=True, target_soc_pct=90)
    await poll(home, 4)
    assert held_kind(home) is CommandKind.CHARGE


# What an SCE does.


async def test_nothing_is_written_while_the_owner_has_not_allowed_it(
    add_chint: AddChint, hand_clock: HandClock
) -> None:
    """The recipes are documented in public; that is no leave to use them."""
    hand_clock.now = EVENING
    home = await add_chint(ChintConfig())
    with pytest.raises(HomeAssistantError) as caught:
        await home.act("switch.turn_on", "control")
    assert caught.value.translation_key == "refused_read_only"
    await home.act("select.select_option", "control_state", option="shadow")
    await home.set(**CONSENTS)
    await override(home, "force_charge", from_grid=True)
    await poll(home, 4)
    assert home.view.decision.command is not None
    assert home.view.decision.command.kind is CommandKind.CHARGE
    assert written(home) == []


async def test_forced_charge_is_obeyed_and_given_back(sce: ChintHome) -> None:
    """The battery is charged from the grid and it is confirmed; off, the plant runs its own program."""
    await charging(sce)
    assert confidence(sce) is Confidence.CONFIRMED
    assert sce.view.holding.ownership is Ownership.OURS
    await poll(sce, 12)
    assert sce.sim.plant.flows.battery_w < -1000
    assert sce.sensor("command") == "charge"
    assert sce.sensor("command_state") == "confirmed"
    await sce.set(control="off")
    await poll(sce, 2)
    assert held(sce.sim) == OWN_PROGRAM
    done = len(sce.sim.writes)
    await poll(sce, 6)
    assert written(sce, done) == []


async def test_hold_keeps_the_battery(sce: ChintHome) -> None:
    """And when it ends, the battery serves the house again."""
    assert sce.sim.plant.flows.battery_w > 500
    await override(sce, "hold", minutes=10)
    await poll(sce, 8)
    assert held_kind(sce) is CommandKind.HOLD
    assert sce.sim.plant.flows.battery_w <= 0
    await sce.tick(5, 130)
    assert held_kind(sce) is CommandKind.SELF_CONSUME
    assert sce.sim.plant.flows.battery_w > 500


async def test_what_has_no_recipe_is_not_offered(sce: ChintHome) -> None:
    """With its reason at the select; chosen all the same, it is refused in words."""
    reasons = sce.state("select", "mode").attributes["not_offered"]
    assert "force_discharge" in reasons
    assert "full_feed_in" in reasons
    assert "force_charge" in sce.state("select", "mode").attributes["options"]
    with pytest.raises(HomeAssistantError):
        await sce.hass.services.async_call(
            "energy_storage",
            "force_discharge",
            {"config_entry": sce.entry.entry_id, "duration": {"minutes": 30}},
            blocking=True,
        )
    assert [name for name, _ in written(sce) if name not in OWN_PROGRAM] == []


# How sessions end.


async def test_kill_and_restart_adopt_what_the_plant_holds(sce: ChintHome, hass: HomeAssistant) -> None:
    """It goes on charging meanwhile; the next session takes it up without a write, and ends it."""
    await charging(sce)
    done = len(sce.sim.writes)
    await kill_and_start(sce, hass)
    await poll(sce, 3)
    assert held_kind(sce) is CommandKind.CHARGE
    assert control_state(sce) is ControlState.ON
    assert [name for name, _ in written(sce, done) if name != "time_slot1_charge_end"] == []
    await sce.set(control="off")
    await poll(sce, 2)
    assert held(sce.sim) == OWN_PROGRAM


async def test_unloading_hands_the_plant_back(sce: ChintHome, hass: HomeAssistant) -> None:
    """Disabled or removed by its owner, too."""
    await charging(sce)
    assert await hass.config_entries.async_unload(sce.entry.entry_id)
    assert held(sce.sim) == OWN_PROGRAM


async def test_stop_hands_the_plant_back(sce: ChintHome, hass: HomeAssistant) -> None:
    """Before Home Assistant is gone."""
    await charging(sce)
    await hass.async_stop()
    assert held(sce.sim) == OWN_PROGRAM


async def test_options_are_changed_without_letting_go(sce: ChintHome, hass: HomeAssistant) -> None:
    """What is only about the pace keeps the command; another register map does not."""
    await charging(sce)
    done = len(sce.sim.writes)
    hass.config_entries.async_update_entry(sce.entry, options={**sce.entry.options, "fast_poll_s": 15})
    await hass.async_block_till_done()
    await poll(sce, 3)
    assert held_kind(sce) is CommandKind.CHARGE
    assert [name for name, _ in written(sce, done) if name != "time_slot1_charge_end"] == []
    hass.config_entries.async_update_entry(sce.entry, options={**sce.entry.options, "profile": "sce"})
    await hass.async_block_till_done()
    assert ("time_control_enable", 0) in written(sce, done)


async def test_leave_that_is_withdrawn_ends_the_command(sce: ChintHome, hass: HomeAssistant) -> None:
    """The plant is handed back, and watched in shadow from then on."""
    await charging(sce)
    options = {**sce.entry.options, "documented_writes": False}
    hass.config_entries.async_update_entry(sce.entry, options=options)
    await hass.async_block_till_done()
    await poll(sce, 4)
    assert held(sce.sim) == OWN_PROGRAM
    assert control_state(sce) is ControlState.SHADOW


# Somebody else.


async def test_app_that_changes_the_mode_is_given_way(sce: ChintHome, hass: HomeAssistant) -> None:
    """Nothing is written against it; a repair asks whose plant it is."""
    await charging(sce)
    sce.sim.change("hybrid_work_mode", 3)
    await poll(sce, 12)
    assert control_state(sce) is ControlState.YIELDED
    done = len(sce.sim.writes)
    await poll(sce, 6)
    assert written(sce, done) == []
    assert "someone_else_controls" in shown_issues(hass)
    await sce.hass.services.async_call(
        "energy_storage", "take_over", {"config_entry": sce.entry.entry_id}, blocking=True
    )
    await poll(sce, 4)
    assert held_kind(sce) is CommandKind.CHARGE
    assert shown_issues(hass) == {}


# A plant that does not.


async def test_clock_that_shows_another_time_is_no_charge(
    add_chint: AddChint, hand_clock: HandClock, hass: HomeAssistant
) -> None:
    """The device charges by its own clock: far from the house's, nothing comes of it, which is said."""
    await hass.config.async_set_time_zone("America/Los_Angeles")
    home = await ready(add_chint, hand_clock)
    await override(home, "force_charge", from_grid=True, target_soc_pct=90)
    await home.tick(20, 20)
    assert controller_of(home).control.effects()[CommandKind.CHARGE] is False
    assert held_kind(home) is not CommandKind.CHARGE
    assert home.sim.get("time_control_enable") == 0


async def test_write_that_is_refused_is_said(sce: ChintHome, hass: HomeAssistant) -> None:
    """By the state of the command, then by a repair."""
    sce.sim.faults.add("refused_writes", 2)
    await override(sce, "hold")
    await sce.tick(20, 20)
    assert confidence(sce) is Confidence.REFUSED
    assert sce.sensor("command_state") == "refused"
    assert set(shown_issues(hass)) == {"control_refused_refused_by_device_chint"}
    sce.sim.faults.remove("refused_writes")
    await sce.tick(20, 10)
    assert confidence(sce) is Confidence.CONFIRMED
    assert shown_issues(hass) == {}


async def test_write_that_is_answered_and_not_kept_is_said(sce: ChintHome, hass: HomeAssistant) -> None:
    """It is read back, so nobody believes it."""
    sce.sim.faults.add("ignored_writes", 0)
    await override(sce, "hold")
    await sce.tick(20, 20)
    assert confidence(sce) is not Confidence.CONFIRMED
    assert set(shown_issues(hass)) == {"not_confirmed_not_held_chint"}


async def test_command_that_shows_no_effect_is_given_up_and_said(sce: ChintHome) -> None:
    """The register keeps it, the battery does not follow: after three minutes it is not offered any more."""
    sce.sim.faults.add("not_obeyed")
    await override(sce, "hold")
    await sce.tick(20, 15)
    assert controller_of(sce).control.effects()[CommandKind.HOLD] is False
    assert held_kind(sce) is not CommandKind.HOLD
    assert sce.state("select", "mode").attributes["not_offered"]["hold"]
    assert held(sce.sim) == OWN_PROGRAM
    with pytest.raises(HomeAssistantError):
        await sce.hass.services.async_call(
            "energy_storage", "hold", {"config_entry": sce.entry.entry_id}, blocking=True
        )
    assert codes(sce)


# Plants that take no writes.


@pytest.mark.parametrize("profile", ["ech_s", "ech_th"])
async def test_ech_is_watched_in_shadow_alone(add_chint: AddChint, profile: Profile) -> None:
    """Decided and shown, whatever the owner has allowed; *on* is refused in words; nothing is written."""
    home = await add_chint(ChintConfig(profile=profile, unlocked=True), WRITES)
    for action, entity, data in (
        ("switch.turn_on", "control", {}),
        ("select.select_option", "control_state", {"option": "on"}),
    ):
        with pytest.raises(HomeAssistantError) as caught:
            await home.act(action, entity, **data)
        assert caught.value.translation_key == "refused_read_only"
    await home.act("select.select_option", "control_state", option="shadow")
    for mode in ("force_charge", "force_discharge", "hold"):
        await home.act("select.select_option", "mode", option=mode)
        await poll(home, 2)
        assert home.sensor("command_state") in ("shadow", "none")
    await home.act("select.select_option", "mode", option="full_feed_in")
    await poll(home, 2)
    assert home.sensor("command") == "feed_in"
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert written(home) == []


# The owner's own recipes.


async def test_own_recipe_is_tried_before_it_is_used(
    add_chint: AddChint, hand_clock: HandClock, hass: HomeAssistant, tmp_path: Path
) -> None:
    """The commissioning check tries it; only what was seen to work is offered. Changed, it is tried anew."""
    folder = folder_of(hass, tmp_path)
    document = json.loads(TEXTS["sce"])
    (folder / "sce.json").write_text(json.dumps(document))
    home = await ready(add_chint, hand_clock)
    assert "hold" in home.state("select", "mode").attributes["not_offered"]
    dialog = await check(home)
    told = await dialog.until_it_ends()
    assert "Hold" in told
    assert controller_of(home).control.effects()[CommandKind.HOLD] is True
    assert "hold" not in home.state("select", "mode").attributes["not_offered"]
    await override(home, "hold")
    await poll(home, 6)
    assert held_kind(home) is CommandKind.HOLD
    document["title"] = "Another"
    (folder / "sce.json").write_text(json.dumps(document))
    await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    assert "hold" in home.state("select", "mode").attributes["not_offered"]


async def check(home: Home[Any]) -> Dialog:
    """Begin a commissioning check."""
    flows = home.hass.config_entries.options
    dialog = Dialog(home, await flows.async_init(home.entry.entry_id))
    await dialog.answer({"next_step_id": "check"})
    await dialog.answer({})
    return dialog
