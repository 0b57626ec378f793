"""Repairs of control: a plant that does not obey, others who control it, a limit that stops the sun."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.energy_storage.control_issues import (
    NORMAL_LIFE,
    TEXTS,
    async_update_control_issues,
    failure_of,
)
from custom_components.energy_storage.controller import Confidence
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.issues import SHADOW_DAY_OVER, SOMEONE_ELSE, create_issue
from custom_components.energy_storage.vendors import VENDORS

from .conftest import AddHome, Home
from .control_home import PLANT, charging, override, written
from .flow_texts import EN, flow_texts_checked
from .shown_issues import placeholders, shown_issues, start_fix
from .vendor_codes import REFUSALS

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step, error or abort of a fix flow pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


# The plant does not do what it is told.


async def fail(home: Home, fault: str, value: float | None = None) -> None:
    """Let a forced charge fail often enough."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add(fault, value)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    for _ in range(8):
        if home.view.failures >= 2:
            return
        await home.tick(20)
    raise AssertionError("it never failed twice")


async def test_one_failure_is_no_repair(home: Home, hass: HomeAssistant) -> None:
    """What fails once may be chance."""
    await home.set(control="on", outage_consent=True)
    await home.tick(count=2)
    home.sim.faults.add("ignored_writes")
    await override(home, "force_charge", from_grid=True)
    assert home.view.failures == 1
    assert shown_issues(hass) == {}


async def test_command_that_is_not_held_is_told(home: Home, hass: HomeAssistant) -> None:
    """The repair names the command and what the plant does; it ends when the plant obeys."""
    await fail(home, "ignored_writes")
    issue = shown_issues(hass)["not_confirmed_not_held_sigen"]
    assert issue.severity is ir.IssueSeverity.ERROR
    assert placeholders(hass, "not_confirmed_not_held_sigen")["command"] == "Charge"
    home.sim.faults.remove("ignored_writes")
    await home.tick(60, count=3)
    assert home.view.confidence is Confidence.CONFIRMED
    assert shown_issues(hass) == {}


async def test_refused_command_is_told(home: Home, hass: HomeAssistant) -> None:
    """The repair says that it was the plant that refused; switching off ends it."""
    await fail(home, "refused_writes", 2)
    assert shown_issues(hass).keys() == {"control_refused_refused_by_device_sigen"}
    home.sim.faults.remove("refused_writes")
    await home.set(control="off")
    assert shown_issues(hass) == {}


async def test_new_cause_replaces_the_old_one(home: Home, hass: HomeAssistant) -> None:
    """There is one message about it, with the newest cause."""
    await fail(home, "ignored_writes")
    home.sim.faults.remove("ignored_writes")
    home.sim.faults.add("refused_writes", 2)
    await home.tick(60, count=3)
    assert shown_issues(hass).keys() == {"control_refused_refused_by_device_sigen"}


@pytest.mark.parametrize("code", sorted(NORMAL_LIFE))
async def test_normal_life_is_no_repair(home: Home, code: str) -> None:
    """A target that is reached, an outage, a reading that is late: they end by themselves."""
    await charging(home)
    refused = replace(home.view, failures=5, confidence=Confidence.REFUSED, code=code)
    assert failure_of(refused) is None
    assert failure_of(replace(refused, code="refused_by_device")) == "control_refused"


async def test_failures_count_only_while_control_is_on(home: Home) -> None:
    """What failed before does not matter to one who has switched it off."""
    await charging(home)
    failed = replace(home.view, failures=5, confidence=Confidence.ASSUMED, code="not_held")
    assert failure_of(failed) == "not_confirmed"
    for control in (ControlState.OFF, ControlState.SHADOW, ControlState.YIELDED):
        assert failure_of(replace(failed, decision=replace(failed.decision, control=control))) is None


def test_every_cause_has_a_text() -> None:
    """Those whose remedy is in the maker's app have one for each maker, all others share one."""
    for kind, codes in TEXTS.items():
        keys = {f"{kind}_other"}
        for code, of_vendor in codes.items():
            makers = {vendor.key for vendor in VENDORS if code in REFUSALS[vendor.key]}
            assert makers
            keys |= {f"{kind}_{code}_{maker}" for maker in makers} if of_vendor else {f"{kind}_{code}"}
        issues = EN.read_text()
        assert all(f'"{key}"' in issues for key in keys)


# Someone else controls the plant.


async def test_vpp_is_told_and_left_alone(home: Home, hass: HomeAssistant) -> None:
    """Taking over is refused as long as they are there; leaving it to them switches control off."""
    await charging(home)
    home.sim.faults.add("vpp")
    await home.tick(count=8)
    assert home.view.decision.control is ControlState.YIELDED
    done = len(home.sim.writes)
    manager, menu = await start_fix(hass, "someone_else_controls")
    assert menu["step_id"] == "other_master"
    form = await manager.async_configure(menu["flow_id"], {"next_step_id": "take_over"})
    assert form["errors"] == {"base": "still_theirs"}
    assert "someone_else_controls" in shown_issues(hass)
    form = await manager.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": "still_theirs"}
    manager.async_abort(form["flow_id"])
    manager, menu = await start_fix(hass, "someone_else_controls")
    end = await manager.async_configure(menu["flow_id"], {"next_step_id": "leave"})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    await home.tick(count=2)
    assert home.runtime.settings.settings.control is ControlState.OFF
    assert shown_issues(hass) == {}
    assert written(home, done) == []


async def test_plant_is_taken_over_from_other_values(home: Home, hass: HomeAssistant) -> None:
    """The app has changed a limit of ours: the owner says whose the plant is."""
    await charging(home)
    home.sim.change("ess_max_charge_limit", 1.0)
    await home.tick(20, count=6)
    manager, menu = await start_fix(hass, "someone_else_controls")
    assert menu["step_id"] == "other_values"
    end = await manager.async_configure(menu["flow_id"], {"next_step_id": "take_over"})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    await home.tick(count=2)
    assert home.view.decision.control is ControlState.ON
    assert home.view.confidence is Confidence.CONFIRMED
    assert home.sim.get("ess_max_charge_limit") == 3.0
    assert shown_issues(hass) == {}


async def test_plant_that_was_let_go_is_taken_back(home: Home, hass: HomeAssistant) -> None:
    """They are gone, and we wait for the owner's word."""
    await charging(home)
    home.sim.faults.add("vpp")
    await home.tick(count=8)
    home.sim.faults.remove("vpp")
    await home.tick(count=8)
    manager, menu = await start_fix(hass, "someone_else_controls")
    assert menu["step_id"] == "gone"
    await manager.async_configure(menu["flow_id"], {"next_step_id": "take_over"})
    await home.tick(count=2)
    assert home.view.decision.control is ControlState.ON
    assert home.view.confidence is Confidence.CONFIRMED
    assert shown_issues(hass) == {}


async def test_flow_ends_where_nobody_else_is_left(home: Home, hass: HomeAssistant) -> None:
    """Whoever opens it a moment too late has nothing to decide any more."""
    await charging(home)
    create_issue(hass, home.entry, SOMEONE_ELSE, fixable=True)
    _, end = await start_fix(hass, "someone_else_controls")
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert shown_issues(hass) == {}
    assert home.view.decision.control is ControlState.ON


@pytest.mark.parametrize("who", ["other_master", "other_values", "gone"])
async def test_window_that_is_opened_again_shows_the_same(home: Home, hass: HomeAssistant, who: str) -> None:
    """A page that is loaded anew asks for the step that it stood at."""
    await charging(home)
    if who == "other_values":
        home.sim.change("ess_max_charge_limit", 1.0)
    else:
        home.sim.faults.add("vpp")
    await home.tick(20, count=6)
    if who == "gone":
        home.sim.faults.remove("vpp")
        await home.tick(count=8)
    manager, menu = await start_fix(hass, "someone_else_controls")
    again = await manager.async_configure(menu["flow_id"])
    assert (again["type"], again["step_id"]) == (FlowResultType.MENU, who)


# A PV limit of 0.


async def forbid_sun(home: Home) -> None:
    """Store a PV limit of 0, and see it."""
    home.sim.change("pv_max_power_limit", 0)
    await home.tick(30, count=3)


async def test_stored_pv_limit_is_lifted(home: Home, hass: HomeAssistant) -> None:
    """In shadow too it is told; submitting writes this one value, and the repair is gone."""
    await forbid_sun(home)
    assert shown_issues(hass) == {}
    await home.set(control="shadow")
    assert shown_issues(hass).keys() == {"pv_limit_zero"}
    manager, form = await start_fix(hass, "pv_limit_zero")
    assert written(home) == []
    end = await manager.async_configure(form["flow_id"], {})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert [name for name, _ in written(home)] == ["pv_max_power_limit"]
    assert home.sim.get("pv_max_power_limit") == 20.0
    await home.tick()
    assert shown_issues(hass) == {}


@pytest.mark.parametrize(
    ("fault", "value", "error"),
    [
        ("refused_writes", 2, "refused_by_device"),
        ("ignored_writes", None, "not_held"),
        ("modbus_off", None, "link_lost"),
    ],
)
async def test_pv_limit_that_is_not_lifted_is_explained(
    home: Home, hass: HomeAssistant, fault: str, value: float | None, error: str
) -> None:
    """The flow says what was in the way, and the next attempt can succeed."""
    await forbid_sun(home)
    await home.set(control="shadow")
    manager, form = await start_fix(hass, "pv_limit_zero")
    home.sim.faults.add(fault, value)
    form = await manager.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": error}
    assert "pv_limit_zero" in shown_issues(hass)
    home.sim.faults.remove(fault)
    await home.tick()
    end = await manager.async_configure(form["flow_id"], {})
    assert end["type"] is FlowResultType.CREATE_ENTRY


async def test_forced_charge_under_a_pv_limit_raises_one_repair(home: Home, hass: HomeAssistant) -> None:
    """The refusal has its repair already."""
    await forbid_sun(home)
    await home.set(control="on", outage_consent=True)
    await override(home, "force_charge", from_grid=True)
    await home.tick(60, count=3)
    assert home.view.code == "pv_limit_zero"
    assert shown_issues(hass).keys() == {"pv_limit_zero"}


# Plants that go.


async def test_flow_of_a_plant_that_is_not_set_up_says_so(home: Home, hass: HomeAssistant) -> None:
    """Nothing can be fixed while nobody can reach the plant."""
    await forbid_sun(home)
    await home.set(control="shadow")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    _, end = await start_fix(hass, "pv_limit_zero")
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (SOMEONE_ELSE, "take_over"),
        (SOMEONE_ELSE, "leave"),
        (SHADOW_DAY_OVER, "switch_on"),
        (SHADOW_DAY_OVER, "stay"),
    ],
)
async def test_plant_that_goes_while_the_window_is_open_is_told(
    home: Home, hass: HomeAssistant, kind: str, option: str
) -> None:
    """An answer comes too late for it."""
    await charging(home)
    home.sim.faults.add("vpp")
    await home.tick(count=8)
    create_issue(hass, home.entry, SHADOW_DAY_OVER, fixable=True, count="1", commands="Hold (1)")
    manager, menu = await start_fix(hass, kind)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    end = await manager.async_configure(menu["flow_id"], {"next_step_id": option})
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_shadow_day_of_a_plant_that_is_not_set_up_waits(home: Home, hass: HomeAssistant) -> None:
    """There is nothing to switch on."""
    create_issue(hass, home.entry, SHADOW_DAY_OVER, fixable=True, count="1", commands="Hold (1)")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    _, end = await start_fix(hass, "shadow_day_over")
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")
    create_issue(hass, home.entry, SOMEONE_ELSE, fixable=True)
    _, end = await start_fix(hass, "someone_else_controls")
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_nobody_is_asked_to_control_a_plant_that_takes_no_writes(
    home: Home, hass: HomeAssistant
) -> None:
    """However long it was watched."""
    await home.set(control="shadow")
    await home.tick()
    reading, shadow_day = home.runtime.cycle.reading(), home.runtime.coordinator.shadow_day
    later = replace(reading, at=reading.at + timedelta(days=2))
    assert later.control is not None
    read_only = replace(later, control=replace(later.control, writable=False))
    await async_update_control_issues(hass, home.entry, read_only, shadow_day)
    assert "shadow_day_over" not in shown_issues(hass)
    await async_update_control_issues(hass, home.entry, later, shadow_day)
    assert "shadow_day_over" in shown_issues(hass)


async def test_plant_without_control_has_no_repairs_of_it(home: Home, hass: HomeAssistant) -> None:
    """Where nothing can be commanded, nothing can fail."""
    await forbid_sun(home)
    await home.set(control="shadow")
    reading = replace(home.runtime.cycle.reading(), control=None)
    await async_update_control_issues(hass, home.entry, reading, home.runtime.coordinator.shadow_day)
    assert shown_issues(hass) == {}


async def test_disabled_plant_has_no_repairs_of_control(home: Home, hass: HomeAssistant) -> None:
    """What the owner has switched off is not complained about."""
    await forbid_sun(home)
    await home.set(control="shadow")
    assert shown_issues(hass)
    await hass.config_entries.async_set_disabled_by(home.entry.entry_id, ConfigEntryDisabler.USER)
    assert shown_issues(hass) == {}
