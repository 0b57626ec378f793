"""How control begins and ends: kill, restart, unload, reload, disable, remove, stop, another machine."""

import asyncio
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.lifecycle import HANDED_OVER, async_stop
from custom_components.energy_storage.vendors.control import Request
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home
from .control_home import (
    PLANT,
    charging,
    codes,
    confidence,
    control_state,
    controller_of,
    held_kind,
    kill_and_start,
    killed,
    left_behind,
    override,
    start_again,
    written,
)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until this holds."""
    for _ in range(1_000_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


async def test_nothing_is_written_while_control_is_off(home: Home) -> None:
    """Also not by an override."""
    await override(home, "force_charge", from_grid=True)
    await home.tick(count=5)
    assert written(home) == []


async def test_nothing_is_written_in_shadow(home: Home) -> None:
    """It is decided and shown, no more; not at a stop either."""
    await home.set(control="shadow", outage_consent=True)
    await override(home, "force_charge", from_grid=True)
    await home.tick(count=5)
    assert home.view.decision.command is not None
    assert home.view.decision.command.kind is CommandKind.CHARGE
    assert confidence(home) is None
    await home.hass.async_stop()
    assert written(home) == []


async def test_a_forced_charge_is_obeyed_and_ends(home: Home) -> None:
    """The plant charges and it is confirmed; when the override ends, the base mode acts."""
    await charging(home)
    assert confidence(home) is Confidence.CONFIRMED
    assert home.view.holding.ownership is Ownership.OURS
    assert home.sim.plant.flows.battery_w == pytest.approx(-3000, abs=20)
    await home.tick(3600)
    await home.tick(count=2)
    assert home.view.decision.mode == "self_consumption"
    assert held_kind(home) is CommandKind.SELF_CONSUME
    assert left_behind(home) == {}


async def test_switching_off_hands_the_plant_back_once(home: Home) -> None:
    """And writes nothing any more."""
    await charging(home)
    await home.set(control="off")
    await home.tick()
    assert left_behind(home) == {}
    done = len(home.sim.writes)
    await home.tick(60, count=5)
    assert written(home, done) == []


async def test_owners_cutoffs_are_taken_from_the_plant(add_home: AddHome) -> None:
    """Our defaults are no reason to change what the owner has set in the app."""
    home = await add_home(PLANT, settled=False)
    home.sim.change("ess_discharge_cutoff_soc", 15)
    assert home.runtime.settings.settings.discharge_cutoff_soc_pct == 10
    await home.settle()
    assert home.runtime.settings.settings.discharge_cutoff_soc_pct == 15


async def test_cutoffs_are_taken_from_the_plant_once(home: Home) -> None:
    """From then on the setting is what the owner wants."""
    assert home.runtime.settings.settings.discharge_cutoff_soc_pct == 5
    home.sim.change("ess_discharge_cutoff_soc", 20)
    await home.tick(60, count=3)
    assert home.runtime.settings.settings.discharge_cutoff_soc_pct == 5


async def test_cutoffs_that_make_no_sense_are_not_taken_from_the_plant(add_home: AddHome) -> None:
    """The others are, and it is decided as ever."""
    home = await add_home(PLANT, settled=False)
    home.sim.change("ess_charge_cutoff_soc", 40)
    home.sim.change("ess_discharge_cutoff_soc", 15)
    await home.settle()
    settings = home.runtime.settings.settings
    assert (settings.charge_cutoff_soc_pct, settings.discharge_cutoff_soc_pct) == (100, 15)
    assert control_state(home) is ControlState.OFF


async def test_what_was_chosen_at_the_set_up_is_not_chosen_again(home: Home, hass: HomeAssistant) -> None:
    """Each start would undo what the owner has chosen since."""
    options = {**home.entry.options, "first_control": "shadow"}
    hass.config_entries.async_update_entry(home.entry, options=options)
    await hass.async_block_till_done()
    assert home.runtime.settings.settings.control is ControlState.OFF


async def test_a_limit_that_the_plant_would_not_hold_is_not_left_in_it(add_home: AddHome) -> None:
    """Without its grid sensor an export limit is a number without effect."""
    blind = PlantConfig(soc_pct=60.0, backup_supply=False, grid_sensor=False)
    home = await add_home(replace(PLANT, plant=blind))
    await home.set(export_limit_w=4_000, mode="device", control="on")
    await home.tick(60, count=3)
    assert written(home) == []


async def test_a_plant_that_runs_its_own_program_keeps_the_owners_limits(home: Home) -> None:
    """They are left in it once, also where nothing was ever commanded, and again when they change."""
    await home.set(export_limit_w=4_000, mode="device", control="on")
    await home.tick(60, count=2)
    assert written(home) == [("grid_export_limit", 4.0)]
    home.sim.change("grid_export_limit", 8.0)
    await home.tick(60, count=3)
    assert written(home) == [("grid_export_limit", 4.0)]
    await home.set(export_limit_w=3_000)
    assert written(home) == [("grid_export_limit", 4.0), ("grid_export_limit", 3.0)]


async def test_a_stop_leaves_a_plant_alone_that_was_not_commanded_yet(
    home: Home, hass: HomeAssistant
) -> None:
    """There is nothing to be handed back."""
    await home.runtime.settings.async_set(control="on", export_limit_w=4_000)
    await hass.async_stop()
    assert written(home) == []


async def test_a_stop_in_mid_sequence_ends_it_first(add_home: AddHome) -> None:
    """What waits for remote control waits no longer, and there is time to hand the plant back."""
    home = await add_home(replace(PLANT, enter_s=60.0))
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    begun = asyncio.create_task(override(home, "force_charge", from_grid=True))
    await until(lambda: len(home.sim.writes) > 0)
    with patch("custom_components.energy_storage.lifecycle._STOP_WITHIN_S", 8.0):
        await async_stop(home.runtime)
    assert left_behind(home) == {}
    await begun


async def test_a_stop_hands_the_plant_back(home: Home, hass: HomeAssistant) -> None:
    """Before the shared link is closed."""
    await charging(home)
    await hass.async_stop()
    assert left_behind(home) == {}


async def test_a_restart_takes_the_plant_again(home: Home, hass: HomeAssistant) -> None:
    """Handed back at the end, taken over at the start: control is on, and the override still runs."""
    await charging(home)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert left_behind(home) == {}
    await start_again(home, hass)
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED


async def test_a_killed_session_is_adopted(home: Home, hass: HomeAssistant) -> None:
    """What the plant still holds is known at once, and nothing is written for it."""
    await charging(home)
    done = len(home.sim.writes)
    await kill_and_start(home, hass)
    await home.tick(count=3)
    assert home.view.holding.ownership is Ownership.OURS
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED
    assert written(home, done) == []
    await home.set(control="off")
    await home.tick()
    assert left_behind(home) == {}


async def test_an_override_that_ended_meanwhile_is_over(home: Home, hass: HomeAssistant) -> None:
    """Killed in a charge, started two hours later: the base mode acts."""
    await charging(home)
    with killed():
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    home.clock.now = home.clock.now.replace(hour=home.clock.now.hour + 2)
    home.sim.advance(7200)
    await start_again(home, hass)
    await home.tick(count=3)
    assert left_behind(home) == {}
    assert held_kind(home) is CommandKind.SELF_CONSUME


@pytest.mark.parametrize("nth", range(1, 5))
async def test_killed_after_any_write_the_rest_is_done_or_undone(
    home: Home, hass: HomeAssistant, nth: int
) -> None:
    """The half-written plant is known as ours, and switching off gives all of it back."""
    home.sim.faults.add("silent_after_writes", nth)
    await home.set(control="on", outage_consent=True)
    home.clock.timeout_s = 0.2
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    assert len(home.sim.writes) == nth
    with killed():
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    home.sim.faults.clear()
    home.clock.timeout_s = 1.0
    await start_again(home, hass)
    assert controller_of(home).control.holding().ownership is not Ownership.FOREIGN
    await home.tick(count=5)
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED
    await home.set(control="off")
    await home.tick()
    assert left_behind(home) == {}


async def test_our_own_reload_keeps_the_command(home: Home, hass: HomeAssistant) -> None:
    """Changed options set the entry up anew; the plant goes on meanwhile."""
    await charging(home)
    done = len(home.sim.writes)
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, "fast_poll_s": 7})
    await hass.async_block_till_done()
    await home.tick(count=3)
    assert home.runtime.cycle._poll.total_seconds() == 7
    assert held_kind(home) is CommandKind.CHARGE
    assert written(home, done) == []


async def test_only_the_unload_of_our_own_reload_keeps_the_command(home: Home, hass: HomeAssistant) -> None:
    """The next one is somebody else's, however soon it comes."""
    await charging(home)
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, "fast_poll_s": 7})
    await hass.async_block_till_done()
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.CHARGE
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert left_behind(home) == {}


@pytest.mark.parametrize(("after_s", "kept"), [(59, True), (60, False)])
async def test_a_reload_that_did_not_come_is_forgotten(
    home: Home, hass: HomeAssistant, after_s: float, kept: bool
) -> None:
    """Else an unload much later would leave the plant under control."""
    await charging(home)
    hass.data.setdefault(HANDED_OVER, {})[home.entry.entry_id] = 1_000.0
    with patch("custom_components.energy_storage.lifecycle.monotonic", return_value=1_000.0 + after_s):
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert (home.sim.get("remote_ems_enable") == 1) is kept


async def test_a_plant_that_takes_too_long_does_not_keep_home_assistant(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """It waits 20 s, and no longer."""
    await charging(home)
    home.sim.faults.add("late_replies", 3)
    with patch("custom_components.energy_storage.lifecycle._STOP_WITHIN_S", 0.2):
        async with asyncio.timeout(2):
            await async_stop(home.runtime)
    assert "not handed back in time" in caplog.text
    home.sim.faults.clear()


async def test_a_command_that_is_being_looked_into_is_not_begun_at_a_stop(home: Home) -> None:
    """What is halted after the look and before the first write writes nothing."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    asked = len(home.sim.requests)
    begun = asyncio.create_task(override(home, "force_charge", from_grid=True))
    await until(lambda: len(home.sim.requests) > asked)
    controller_of(home).halt()
    await begun
    assert written(home) == []
    assert home.view.code == "halted"


async def test_what_is_about_to_be_written_is_on_the_disk_before(
    home: Home, hass_storage: Mapping[str, Any]
) -> None:
    """Whatever happens then, the next start knows what was found and what may have been written."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("silent_after_writes", 1)
    begun = asyncio.create_task(override(home, "force_charge", from_grid=True))
    await until(lambda: len(home.sim.writes) > 0)
    kept = hass_storage[f"energy_storage.{home.entry.entry_id}.driver"]["data"]["control"]
    assert kept["snapshot"]["remote"] is False
    assert kept["pending"]["kind"] == "charge"
    assert "on" in kept["own"]["remote_ems_enable"]
    await begun


async def test_a_release_that_is_refused_at_the_end_is_tried_with_what_matters_most(home: Home) -> None:
    """A plant that refuses once gets its program back, though not yet every limit."""
    await charging(home)
    asked = len(home.sim.requests)
    home.sim.faults.add("refused_address", 40031)
    stopping = asyncio.create_task(async_stop(home.runtime))
    await until(lambda: any(request.function in (6, 16) for request in home.sim.requests[asked:]))
    home.sim.faults.clear()
    await stopping
    assert home.sim.get("remote_ems_enable") == 0
    assert left_behind(home) == {"ess_charge_cutoff_soc": 80}


async def test_a_reload_by_the_owner_hands_back_and_takes_again(home: Home, hass: HomeAssistant) -> None:
    """He may have reasons that we do not know."""
    await charging(home)
    done = len(home.sim.writes)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert ("remote_ems_enable", 0.0) in written(home, done)
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.CHARGE


async def test_a_plant_with_a_new_address_is_handed_back_at_the_old_one(
    home: Home, hass: HomeAssistant
) -> None:
    """Nobody knows whether it will be reached at the new one."""
    await charging(home)
    hass.config_entries.async_update_entry(home.entry, data={**home.entry.data, "plant_unit_id": 246})
    await hass.async_block_till_done()
    assert left_behind(home) == {}


async def test_disabling_hands_the_plant_back(home: Home, hass: HomeAssistant) -> None:
    """As unloading does."""
    await charging(home)
    await hass.config_entries.async_set_disabled_by(home.entry.entry_id, ConfigEntryDisabler.USER)
    assert left_behind(home) == {}


async def test_removing_hands_the_plant_back_and_forgets_it(
    home: Home, hass: HomeAssistant, hass_storage: Mapping[str, Any]
) -> None:
    """Nothing of the plant stays on the disk."""
    await charging(home)
    assert any(home.entry.entry_id in key for key in hass_storage)
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert left_behind(home) == {}
    assert not [key for key in hass_storage if home.entry.entry_id in key]


async def test_a_backup_on_another_machine_finds_a_plant_that_is_free(
    home: Home, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What the backup says of a command is over; the plant is taken as it is."""
    await charging(home)
    backup = deepcopy(hass_storage)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert left_behind(home) == {}
    home.sim.change("ess_charge_cutoff_soc", 90)
    hass_storage.update(backup)
    await start_again(home, hass)
    assert controller_of(home).control.holding().command is None
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.CHARGE
    await home.set(control="off")
    await home.tick()
    assert home.sim.get("ess_charge_cutoff_soc") == 90


async def test_a_backup_on_another_machine_yields_to_the_first(
    home: Home, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """The plant is in remote control at values that the backup does not know."""
    await charging(home)
    backup = deepcopy(hass_storage)
    await home.set(force_charge_power_w=1500)
    await override(home, "force_charge", from_grid=True, power_w=1500, target_soc_pct=70)
    await home.tick(60)
    with killed():
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    hass_storage.update(backup)
    await start_again(home, hass)
    done = len(home.sim.writes)
    await home.tick(count=20)
    assert control_state(home) is ControlState.YIELDED
    assert written(home, done) == []
    assert home.sim.get("ess_max_charge_limit") == 1.5


async def test_remote_control_by_somebody_else_is_left_alone(add_home: AddHome) -> None:
    """Found at the first start: yielded, until the owner says that the plant is ours."""
    home = await add_home(PLANT)
    for name, value in (("remote_ems_enable", 1), ("remote_ems_control_mode", 5)):
        home.sim.change(name, value)
    await home.tick(60, count=2)
    await home.set(control="on", outage_consent=True)
    await home.tick(count=3)
    assert control_state(home) is ControlState.YIELDED
    assert "someone_else_controls" in codes(home)
    assert written(home) == []
    controller_of(home).take_over()
    await home.decide()
    await home.tick(count=3)
    assert control_state(home) is ControlState.ON
    assert left_behind(home) == {}


async def test_a_release_that_never_came_through_is_made_at_the_next_start(
    home: Home, hass: HomeAssistant
) -> None:
    """Switched off while the link was down, and stopped: control is off, and the plant is still ours."""
    await charging(home)
    home.sim.faults.add("silence", 600)
    home.clock.timeout_s = 0.2
    await home.set(control="off")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert home.sim.get("remote_ems_enable") == 1
    home.sim.faults.clear()
    home.clock.timeout_s = 1.0
    await start_again(home, hass)
    await home.tick(60, count=2)
    assert left_behind(home) == {}


async def test_nothing_is_asked_of_a_charger_while_somebody_else_controls(add_home: AddHome) -> None:
    """Seen by a look just before, not only with the next reading."""
    home = await add_home(replace(PLANT, ac_chargers=(3,)))
    await home.set(control="on")
    await home.tick(count=2)
    done = len(home.sim.writes)
    home.sim.faults.add("vpp", 2)
    with pytest.raises(CommandRefusedError, match="someone_else_controls"):
        await controller_of(home).request("ac_charger_3", Request.STOP)
    home.sim.faults.clear()
    controller_of(home).halt()
    with pytest.raises(CommandRefusedError, match="halted"):
        await controller_of(home).request("ac_charger_3", Request.STOP)
    assert written(home, done) == []


async def test_two_plants_are_kept_apart(add_home: AddHome) -> None:
    """A command to one is none to the other."""
    home = await add_home(PLANT)
    other = await add_home(SigenConfig(firmware="SPC114", inverters=(2,)))
    await charging(home)
    await other.tick(count=3)
    assert written(other) == []
