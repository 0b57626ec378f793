"""What becomes of a command when readings, the link, the device or somebody else get in its way."""

from dataclasses import replace
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import Ownership, Stage
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig
from tests.vendors.sigen.plants import on

from .conftest import AddHome, Home
from .control_home import (
    PLANT,
    charging,
    codes,
    confidence,
    control_state,
    controller_of,
    held_kind,
    left_behind,
    override,
    stage,
    written,
)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

OLD = SigenConfig(firmware="SPC112", plant=PlantConfig(soc_pct=60.0, backup_supply=False), enter_s=0.0)
"""On a firmware whose limits act in some modes alone."""
REFUSALS = (1, 2, 3, 4, 5, 8, 10, 11)
"""Exception codes with which a device can refuse."""
BUSY = 6
"""The code by which it asks for patience: the link waits, we do not."""


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


def asked_to_write(home: Home) -> int:
    """Give how often a write was sent, whatever became of it."""
    return sum(request.function in (6, 16) for request in home.sim.requests)


# Readings.


async def test_lost_soc_ends_a_charge(home: Home) -> None:
    """After a minute without a SOC the plant is on its own program again; with the SOC the charge returns."""
    await charging(home)
    home.sim.set_raw("ess_soc", (0xFFFF,))
    await home.tick(count=6)
    assert stage(home) is Stage.STALE
    assert held_kind(home) is CommandKind.CHARGE
    await home.tick(count=9)
    assert stage(home) is Stage.LOST
    assert home.sim.get("remote_ems_enable") == 0
    assert home.sim.get("remote_ems_control_mode") == 2
    assert home.view.holding.deferred == ("ess_charge_cutoff_soc",)
    home.sim.set_raw("ess_soc", None)
    await home.tick(count=4)
    assert held_kind(home) is CommandKind.CHARGE
    await home.set(control="off")
    await home.tick()
    assert left_behind(home) == {}


async def test_a_leaping_soc_is_no_reading(home: Home) -> None:
    """One that nobody believes changes nothing."""
    await charging(home)
    done = len(home.sim.writes)
    home.sim.set("ess_soc", 95.0)
    await home.tick()
    home.sim.set("ess_soc", None)
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.CHARGE
    assert written(home, done) == []


async def test_a_frozen_device_is_let_go(home: Home) -> None:
    """It answers, but nothing it says is new: as with a reading that is lost."""
    await charging(home)
    home.sim.faults.add("frozen_clock")
    await home.tick(count=16)
    assert stage(home) is Stage.LOST
    assert home.sim.get("remote_ems_enable") == 0
    home.sim.faults.clear()
    await home.tick(count=4)
    assert held_kind(home) is CommandKind.CHARGE


async def test_self_consumption_outlives_a_lost_reading(home: Home) -> None:
    """It is safe by itself, so nothing is written for it."""
    await home.set(control="on")
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.SELF_CONSUME
    done = len(home.sim.writes)
    home.sim.set_raw("ess_soc", (0xFFFF,))
    await home.tick(count=20)
    assert stage(home) is Stage.LOST
    assert written(home, done) == []


# The link.


@pytest.mark.parametrize("nth", range(4))
async def test_a_link_lost_in_mid_sequence_is_taken_up_again(home: Home, nth: int) -> None:
    """Told as not confirmed meanwhile, and done to the end when the link is back."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("silent_after_writes", nth)
    home.clock.timeout_s = 0.2
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    assert len(home.sim.writes) == nth
    assert confidence(home) is Confidence.ASSUMED
    assert home.view.code == "link_lost"
    home.sim.faults.clear()
    home.clock.timeout_s = 1.0
    await home.tick(15, count=5)
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED
    await home.set(control="off")
    await home.tick()
    assert left_behind(home) == {}


async def test_a_link_lost_in_a_release_is_released_later(home: Home) -> None:
    """Tried once a minute until it is done."""
    await charging(home)
    home.sim.faults.add("silent_after_writes", 1)
    await home.set(control="off")
    assert home.sim.get("remote_ems_enable") == 1
    home.sim.faults.clear()
    await home.tick(20, count=5)
    assert left_behind(home) == {}


async def test_what_cannot_be_looked_at_is_not_written_to(home: Home) -> None:
    """Nobody knows then whether a write would still be right."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("exception", 4)
    done = asked_to_write(home)
    await override(home, "force_charge", from_grid=True)
    assert home.view.code == "link_lost"
    assert asked_to_write(home) == done


# Refusals.


async def test_a_refused_command_is_asked_for_once_a_minute(home: Home) -> None:
    """A device that says no is not hammered."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("refused_writes", 4)
    done = asked_to_write(home)
    await override(home, "force_charge", from_grid=True)
    assert asked_to_write(home) == done + 1
    await home.tick(count=10)
    assert asked_to_write(home) == done + 1
    await home.tick(count=3)
    assert asked_to_write(home) == done + 2


async def test_what_is_held_is_adapted_at_a_pace(home: Home) -> None:
    """A limit that the plant does not take is tried after ten seconds, then once a minute."""
    await charging(home)
    home.sim.faults.add("refused_address", 40038)
    done = asked_to_write(home)
    await home.set(export_limit_w=5_000)
    assert asked_to_write(home) == done + 1
    await home.tick(count=1)
    assert asked_to_write(home) == done + 1
    await home.tick(count=2)
    assert asked_to_write(home) == done + 2
    await home.tick(count=10)
    assert asked_to_write(home) == done + 2
    await home.tick(count=4)
    assert asked_to_write(home) == done + 3


async def test_what_had_to_wait_is_given_back_when_all_of_it_can_be(home: Home) -> None:
    """Asked every ten minutes; until then nothing is written to a plant that is not ours."""
    await charging(home)
    home.sim.set_raw("ess_soc", (0xFFFF,))
    await home.tick(count=6)
    await home.set(control="off")
    assert "ess_charge_cutoff_soc" in home.view.holding.deferred
    done = asked_to_write(home)
    await home.tick(60, count=25)
    assert asked_to_write(home) == done
    home.sim.set_raw("ess_soc", None)
    await home.tick(60, count=11)
    assert left_behind(home) == {}
    assert home.view.holding.deferred == ()


async def test_a_reserve_that_had_to_wait_does_not_follow_the_soc(add_home: AddHome) -> None:
    """Where the SOC falls further a part of it could be written, again and again."""
    home = await add_home(replace(PLANT, plant=PlantConfig(soc_pct=40.0)))
    home.sim.change("ess_backup_soc", 50.0)
    home.sim.set("smart_load_01_power", 0.5)
    await home.tick(60, count=2)
    await home.set(control="on")
    await override(home, "hold")
    await home.tick(count=2)
    assert held_kind(home) is CommandKind.HOLD
    await home.set(control="off")
    assert home.view.holding.deferred == ("ess_backup_soc",)
    done = asked_to_write(home)
    for soc_pct in (37.0, 34.0, 31.0, 28.0):
        home.sim.set("ess_soc", soc_pct)
        await home.tick(60, count=6)
    assert asked_to_write(home) == done


# Defects.


async def test_only_errors_in_a_row_end_a_command(home: Home) -> None:
    """One may be chance, and a good decision in between starts anew; after two the plant is let go."""
    await charging(home)
    step = "custom_components.energy_storage.controller.step"
    for _ in range(2):
        with patch(step, side_effect=ZeroDivisionError):
            await home.tick()
        assert held_kind(home) is CommandKind.CHARGE
        await home.tick()
    with patch(step, side_effect=ZeroDivisionError):
        await home.tick(count=2)
    assert home.sim.get("remote_ems_enable") == 0
    await home.tick(count=3)
    assert held_kind(home) is CommandKind.CHARGE


@pytest.mark.parametrize("code", [*REFUSALS, BUSY])
async def test_a_refused_write_changes_nothing(home: Home, code: int) -> None:
    """It is told; when the device takes writes again, the command is carried out."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("refused_writes", code)
    home.clock.timeout_s = 0.3
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    assert written(home) == []
    assert confidence(home) is (Confidence.ASSUMED if code == BUSY else Confidence.REFUSED)
    assert home.view.code == ("link_lost" if code == BUSY else "refused_by_device")
    home.sim.faults.clear()
    home.clock.timeout_s = 1.0
    await home.tick(30, count=4)
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED


async def test_old_firmware_teaches_where_the_mode_goes(add_home: AddHome) -> None:
    """It refuses the control mode while remote EMS is off: learnt at once, and written after it."""
    home = await add_home(OLD)
    home.sim.change("remote_ems_control_mode", 4)
    home.sim.faults.add("mode_only_in_remote")
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    assert held_kind(home) is CommandKind.CHARGE
    assert home.runtime.driver.state["control"]["seen"] == ["mode_only_in_remote"]


@pytest.mark.parametrize("address", [40029, 40031, 40032, 40047])
async def test_a_write_that_is_answered_and_not_done_is_noticed(home: Home, address: int) -> None:
    """Nothing that depends on it is written after it."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("ignored_writes", address)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    await home.tick(60, count=2)
    assert confidence(home) is Confidence.ASSUMED
    assert home.view.failures >= 2
    assert home.view.code in ("not_held", "remote_not_in_force")
    assert home.sim.get("remote_ems_control_mode") != 4 or home.sim.get("remote_ems_enable") == 0
    home.sim.faults.clear()
    await home.tick(60, count=2)
    assert confidence(home) is Confidence.CONFIRMED


# Others.


async def test_an_operator_takes_the_plant_and_keeps_it(home: Home, hass: HomeAssistant) -> None:
    """We yield at once, and write nothing, not even when Home Assistant stops."""
    await charging(home)
    done = len(home.sim.writes)
    home.sim.faults.add("vpp", 2)
    await home.tick(count=3)
    assert control_state(home) is ControlState.YIELDED
    assert home.view.holding.ownership is Ownership.OTHER_MASTER
    await home.set(force_charge_power_w=2000)
    await home.tick(60, count=5)
    await hass.async_stop()
    assert written(home, done) == []


@pytest.mark.parametrize("by_itself", [True, False])
async def test_an_operator_gives_the_plant_back(home: Home, by_itself: bool) -> None:
    """After ten quiet minutes we go on, if the owner wants that."""
    await charging(home)
    await home.set(resume_by_itself=by_itself)
    home.sim.faults.add("vpp", 2)
    await home.tick(count=3)
    home.sim.faults.clear()
    await home.tick(60, count=9)
    assert control_state(home) is ControlState.YIELDED
    await home.tick(60, count=5)
    assert (control_state(home) is ControlState.ON) is by_itself
    assert (held_kind(home) is CommandKind.CHARGE) is by_itself


@pytest.mark.parametrize(
    ("name", "value", "back"),
    [
        ("ess_discharge_cutoff_soc", 12.0, 5.0),
        ("ess_max_charge_limit", 1.0, 3.0),
        ("remote_ems_control_mode", 2, 4),
        ("remote_ems_enable", 0, 1),
    ],
)
async def test_a_change_in_the_app_is_respected(home: Home, name: str, value: float, back: float) -> None:
    """Seen in two readings we yield and leave it as it is; the owner can take the plant back."""
    await charging(home)
    done = len(home.sim.writes)
    home.sim.change(name, value)
    await home.tick(count=12)
    assert control_state(home) is ControlState.YIELDED
    assert "someone_else_controls" in codes(home)
    assert written(home, done) == []
    assert home.sim.get(name) == value
    controller_of(home).take_over()
    await home.decide()
    await home.tick(count=3)
    assert control_state(home) is ControlState.ON
    assert held_kind(home) is CommandKind.CHARGE
    assert confidence(home) is Confidence.CONFIRMED
    if name != "ess_discharge_cutoff_soc":
        assert home.sim.get(name) == back


@pytest.mark.parametrize("control", ["on", "off"])
async def test_a_change_that_no_reading_has_seen_is_respected_too(home: Home, control: str) -> None:
    """The plant is looked at just before it is written to."""
    await charging(home)
    done = len(home.sim.writes)
    home.sim.change("ess_max_charge_limit", 1.0)
    await home.set(control=control, max_charge_w=2_000)
    assert written(home, done) == []
    assert home.sim.get("remote_ems_enable") == 1


async def test_a_plant_that_an_operator_gave_back_is_not_touched_at_a_stop(
    home: Home, hass: HomeAssistant
) -> None:
    """It is at our values again; but nobody asked us to come back."""
    await charging(home)
    home.sim.faults.add("vpp", 2)
    await home.tick(count=3)
    home.sim.faults.clear()
    home.sim.change("remote_ems_enable", 1)
    home.sim.change("remote_ems_control_mode", 4)
    await home.tick(60, count=3)
    assert control_state(home) is ControlState.YIELDED
    assert home.view.holding.ownership is Ownership.OURS
    done = len(home.sim.writes)
    await hass.async_stop()
    assert written(home, done) == []


async def test_what_had_to_wait_is_not_given_back_while_we_keep_still(home: Home) -> None:
    """An operator came and went meanwhile, and the owner has not said that the plant is ours again."""
    await charging(home)
    home.sim.set_raw("ess_soc", (0xFFFF,))
    await home.tick(count=15)
    assert home.view.holding.deferred == ("ess_charge_cutoff_soc",)
    home.sim.faults.add("vpp", 2)
    home.sim.set_raw("ess_soc", None)
    await home.tick(count=8)
    home.sim.faults.clear()
    done = len(home.sim.writes)
    await home.tick(60, count=15)
    assert control_state(home) is ControlState.YIELDED
    assert home.view.holding.ownership is Ownership.FREE
    assert written(home, done) == []


async def test_limits_of_a_plant_that_others_control_are_not_adopted(add_home: AddHome) -> None:
    """A cut-off is part of their command, and not what the owner wants."""
    home = await add_home(PLANT, settled=False)
    for name, value in (("remote_ems_enable", 1), ("ess_charge_cutoff_soc", 70)):
        home.sim.change(name, value)
    await home.settle()
    assert home.view.holding.ownership is Ownership.FOREIGN
    assert home.runtime.settings.settings.charge_cutoff_soc_pct == 100


async def test_a_change_that_is_undone_at_once_is_none(home: Home) -> None:
    """One reading is not enough to give way."""
    await charging(home)
    home.sim.change("ess_max_charge_limit", 1.0)
    await home.runtime.driver.control.refresh()  # type: ignore[union-attr]  # it has one
    home.sim.change("ess_max_charge_limit", 3.0)
    await home.tick(count=12)
    assert control_state(home) is ControlState.ON
    assert held_kind(home) is CommandKind.CHARGE


async def test_another_program_that_commands_the_plant_makes_us_yield(home: Home) -> None:
    """Two Home Assistants never fight: the first gives way to the second."""
    await charging(home)
    async with on(home.sim) as other:
        commands = other.driver.control
        assert commands is not None
        await commands.refresh()
        assert commands.holding().ownership is Ownership.FOREIGN
        order = commands.order(
            BatteryCommand(kind=CommandKind.DISCHARGE, power_w=1000, floor_soc_pct=30),
            {Limit.CHARGE_CUTOFF: 100, Limit.DISCHARGE_CUTOFF: 5},
        )
        commands.begin(order)
        await commands.execute(order)
    done = len(home.sim.writes)
    await home.tick(count=12)
    assert control_state(home) is ControlState.YIELDED
    await home.set(control="off")
    await home.tick(60, count=2)
    assert written(home, done) == []


# Firmware.


async def test_an_upgrade_under_a_command_leaves_no_limit_behind(add_home: AddHome) -> None:
    """Limits of ours that become real everywhere are put back like any other."""
    home = await add_home(OLD)
    await charging(home)
    home.sim.upgrade("SPC114")
    await home.tick(1800)
    await home.settle()
    await home.set(control="off")
    await home.tick(60, count=3)
    assert left_behind(home) == {}


async def test_an_upgrade_that_makes_a_stored_pv_limit_real_is_told(add_home: AddHome) -> None:
    """A 0 that did no harm would stop the sun: no mode in which it acts is entered."""
    home = await add_home(OLD)
    home.sim.change("pv_max_power_limit", 0)
    await home.tick(60)
    await home.set(control="on", outage_consent=True)
    await home.tick(count=3)
    assert home.view.holding.obstacles == ("pv_limit_zero",)
    await override(home, "force_charge", from_grid=True)
    assert home.view.code == "pv_limit_zero"
    assert confidence(home) is Confidence.REFUSED
    assert home.sim.get("remote_ems_enable") == 0
