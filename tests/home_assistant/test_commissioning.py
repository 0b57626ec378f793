"""The commissioning check on simulated plants: what it proves, what it leaves, and how it ends."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.energy_storage.engine.command import CommandKind
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home
from .control_home import codes, controller_of, held_kind, left_behind, override, written
from .flow_texts import flow_texts_checked

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

NO_BACKUP = PlantConfig(soc_pct=60.0, backup_supply=False)
OLD = SigenConfig(firmware="SPC112", plant=NO_BACKUP, enter_s=0.0)
"""Its limits are bound to the modes that they were made for."""
BETWEEN = replace(OLD, firmware="SPC113")
"""Its document does not say so, but its limits act in every mode."""
NEW = replace(OLD, firmware="SPC114")


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step or error pass that has no text."""
    with flow_texts_checked():
        yield


@dataclass
class Dialog:
    """An open options flow of one plant."""

    home: Home[Any]
    now: ConfigFlowResult

    async def answer(self, typed: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Submit, or look where the flow is."""
        flows = self.home.hass.config_entries.options
        self.now = await flows.async_configure(self.now["flow_id"], typed)
        return self.now

    def close(self) -> None:
        """Close the window."""
        self.home.hass.config_entries.options.async_abort(self.now["flow_id"])

    async def until_it_ends(self) -> str:
        """Let time pass until the check is over; give its results."""
        for _ in range(200):
            await self.home.tick()
            task = self.home.runtime.check
            assert task is not None
            if task.done():
                break
        await self.home.hass.async_block_till_done(wait_background_tasks=True)
        result = await self.answer()
        assert result["step_id"] == "result"
        shown = result["description_placeholders"]
        assert shown is not None
        return f"{shown['results']}\n\n{shown['end']}"

    async def until_held(self, kind: CommandKind) -> None:
        """Let time pass until the plant holds a command."""
        for _ in range(200):
            if held_kind(self.home) is kind and self.home.sim.get("remote_ems_enable") == 1:
                return
            await self.home.tick()
        raise AssertionError(f"{kind} never held")


async def ready(add_home: AddHome, config: SigenConfig, *, load_w: float = 1500.0) -> Home:
    """Set up a plant whose battery serves the house at night; control is on."""
    home = await add_home(config)
    home.sim.plant.load_override_w = load_w
    home.sim.plant.pv_override_w = 0.0
    await home.set(control="on", outage_consent=True)
    await home.tick(count=3)
    return home


async def open_check(home: Home[Any]) -> Dialog:
    """Choose the check in the menu of options."""
    menu = await home.hass.config_entries.options.async_init(home.entry.entry_id)
    dialog = Dialog(home, menu)
    form = await dialog.answer({"next_step_id": "check"})
    assert form["step_id"] == "check"
    return dialog


async def begin(home: Home[Any]) -> Dialog:
    """Begin the check."""
    dialog = await open_check(home)
    shown = await dialog.answer({})
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    return dialog


async def see_gateway(home: Home) -> None:
    """Let the plant tell of something that only a gateway has."""
    home.sim.set("smart_load_01_energy_total", 5)
    await home.tick(20, count=20)
    assert "hold_by_reserve" in controller_of(home).control.provable()


def offered(home: Home) -> set[CommandKind]:
    """Give the commands of the check that the plant offers."""
    limits = home.runtime.settings.settings.limits
    able = controller_of(home).control.capabilities(limits).abilities
    tried = (CommandKind.HOLD, CommandKind.IDLE, CommandKind.CHARGE, CommandKind.DISCHARGE)
    return {kind for kind in tried if able[kind].offered}


async def test_everything_is_proven_on_the_newest_firmware(add_home: AddHome) -> None:
    """Each command is seen to work, and afterwards the plant runs its own program again."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    told = await dialog.until_it_ends()
    for name in ("Hold", "Idle", "Charge", "Discharge"):
        assert f"| {name} | Proven |" in told
    assert "until the firmware changes" in told
    assert controller_of(home).control.effects() == {
        CommandKind.HOLD: True,
        CommandKind.IDLE: True,
        CommandKind.CHARGE: True,
        CommandKind.DISCHARGE: True,
    }
    await home.tick(count=2)
    assert controller_of(home).memory.lasting.override is None
    assert left_behind(home) == {}
    end = await dialog.answer({})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert home.entry.options == {"request_spacing_s": 0.0001}


async def test_limits_that_act_everywhere_are_proven_by_their_effect(
    add_home: AddHome, hass: HomeAssistant
) -> None:
    """A plant whose document promises nothing offers hold and standby afterwards, after a restart too."""
    home = await ready(add_home, BETWEEN)
    assert offered(home) == {CommandKind.CHARGE, CommandKind.DISCHARGE}
    told = await (await begin(home)).until_it_ends()
    assert "| Hold | Proven |" in told
    assert "| Idle | Proven |" in told
    assert len(offered(home)) == 4
    assert controller_of(home).control.provable() == {}
    await home.tick(count=2)
    assert left_behind(home) == {}
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await home.settle()
    assert len(offered(home)) == 4


async def test_limits_that_are_bound_to_modes_prove_nothing(add_home: AddHome) -> None:
    """The battery serves the house on: hold and standby stay what they were, not offered."""
    home = await ready(add_home, OLD)
    told = await (await begin(home)).until_it_ends()
    assert "| Limits of charging and discharging in every mode | No effect |" in told
    assert "| Hold | Not possible now: " in told
    assert "| Charge | Proven |" in told
    assert offered(home) == {CommandKind.CHARGE, CommandKind.DISCHARGE}
    assert controller_of(home).control.provable() == {"limits_global": CommandKind.IDLE}
    await home.tick(count=2)
    assert left_behind(home) == {}


async def test_gateway_that_holds_by_its_reserve_proves_no_limits(add_home: AddHome) -> None:
    """There hold works without any limit, and must not be taken for a proof of them."""
    config = replace(OLD, plant=replace(NO_BACKUP, backup_supply=True))
    home = await ready(add_home, config)
    await see_gateway(home)
    assert set(controller_of(home).control.provable()) == {"limits_global", "hold_by_reserve"}
    told = await (await begin(home)).until_it_ends()
    assert "| Limits of charging and discharging in every mode | No effect |" in told
    assert "| Hold | Proven |" in told
    assert set(controller_of(home).control.provable()) == {"limits_global"}
    assert CommandKind.IDLE not in offered(home)


async def test_battery_that_has_to_fall_a_little_is_waited_for(add_home: AddHome) -> None:
    """A hold by the reserve begins a little below the present charge, which takes minutes."""
    config = replace(OLD, plant=replace(NO_BACKUP, backup_supply=True))
    home = await ready(add_home, config, load_w=250.0)
    await see_gateway(home)
    told = await (await begin(home)).until_it_ends()
    assert "| Hold by the backup reserve | Not possible now: the house takes so little" in told
    assert "No effect" not in told.replace("in every mode | No effect", "")
    assert CommandKind.HOLD in offered(home)


async def test_without_load_a_stop_is_not_seen(add_home: AddHome) -> None:
    """The battery rests anyway: neither proven nor without effect, and an earlier verdict stands."""
    home = await ready(add_home, NEW, load_w=50.0)
    controller_of(home).control.note_effect(CommandKind.HOLD, seen=True)
    told = await (await begin(home)).until_it_ends()
    assert "| Hold | Not possible now: the house takes too little" in told
    assert "| Idle | Not possible now: the house takes too little" in told
    assert "| Charge | Proven |" in told
    assert "check again at another time" in told
    effects = controller_of(home).control.effects()
    assert effects[CommandKind.HOLD] is True
    assert CommandKind.IDLE not in effects


@pytest.mark.parametrize(
    ("soc_pct", "told"),
    [
        (95.0, {"Hold": "Proven", "Discharge": "Proven", "Charge": "the battery is too full to try it"}),
        (
            15.0,
            {
                "Hold": "the battery is too empty to try it",
                "Idle": "the battery is too empty to try it",
                "Discharge": "the battery is too empty to try it",
                "Charge": "Proven",
            },
        ),
    ],
)
async def test_battery_decides_what_can_be_tried(
    add_home: AddHome, soc_pct: float, told: dict[str, str]
) -> None:
    """A full one is not charged, and an empty one not discharged, nor can it be seen to stop."""
    home = await ready(add_home, replace(NEW, plant=replace(NO_BACKUP, soc_pct=soc_pct)))
    results = await (await begin(home)).until_it_ends()
    for name, result in told.items():
        verdict = result if result == "Proven" else f"Not possible now: {result}"
        assert f"| {name} | {verdict} |" in results


async def test_refusal_is_told_in_the_results(add_home: AddHome) -> None:
    """It is no verdict about the command: the plant has not even been told."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.IDLE)
    home.sim.faults.add("refused_writes", 2)
    told = await dialog.until_it_ends()
    assert "| Charge | Not possible now: The device has refused it" in told
    assert CommandKind.CHARGE not in controller_of(home).control.effects()


async def test_command_that_is_dropped_meanwhile_proves_nothing(add_home: AddHome) -> None:
    """Consent was taken back while it was watched."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.CHARGE)
    await home.tick(count=3)
    await home.set(outage_consent=False)
    told = await dialog.until_it_ends()
    assert "| Charge | Not possible now: Needs your consent" in told
    assert CommandKind.CHARGE not in controller_of(home).control.effects()


async def test_missing_consent_is_told(add_home: AddHome) -> None:
    """What the owner has not agreed to is not done, and costs little time."""
    home = await ready(add_home, replace(NEW, plant=replace(NO_BACKUP, backup_supply=True)))
    await home.set(outage_consent=False)
    began = home.clock.now
    told = await (await begin(home)).until_it_ends()
    assert told.count("Not possible now: Needs your consent: unsafe in an outage") == 4
    assert (home.clock.now - began).total_seconds() < 200
    assert {4.0, 5.0}.isdisjoint(mode for name, mode in written(home) if name == "remote_ems_control_mode")


async def test_what_ran_before_goes_on(add_home: AddHome) -> None:
    """A forced charge of the owner's is interrupted, not ended."""
    home = await ready(add_home, NEW)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    before = controller_of(home).memory.lasting.override
    await (await begin(home)).until_it_ends()
    await home.tick(count=2)
    assert controller_of(home).memory.lasting.override == before
    assert held_kind(home) is CommandKind.CHARGE
    assert home.sim.plant.flows.battery_w == pytest.approx(-3000, abs=50)


async def test_override_whose_time_is_over_does_not_come_back(add_home: AddHome) -> None:
    """It would have ended during the check."""
    home = await ready(add_home, NEW)
    await override(home, "force_charge", minutes=2, from_grid=True)
    await (await begin(home)).until_it_ends()
    assert controller_of(home).memory.lasting.override is None


async def test_progress_names_each_step(add_home: AddHome) -> None:
    """The window tells what is tried."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    steps: list[str] = []
    for _ in range(80):
        await home.tick()
        if home.runtime.check is None or home.runtime.check.done():
            break
        shown = (await dialog.answer())["description_placeholders"]
        assert shown is not None
        told = f"{shown['number']}/{shown['total']} {shown['what']}"
        steps += [told] if told not in steps else []
    assert steps == ["1/5 Self-consumption", "2/5 Hold", "3/5 Idle", "4/5 Charge", "5/5 Discharge"]


# Ended early.


async def test_closing_the_window_ends_the_check(add_home: AddHome) -> None:
    """Override and assumption are gone, and the plant is released."""
    home = await ready(add_home, BETWEEN)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.IDLE)
    dialog.close()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    await home.tick(count=2)
    assert controller_of(home).memory.lasting.override is None
    assert offered(home) == {CommandKind.CHARGE, CommandKind.DISCHARGE}
    assert left_behind(home) == {}
    assert home.runtime.check is not None
    assert home.runtime.check.done()


async def test_unloading_ends_the_check(add_home: AddHome, hass: HomeAssistant) -> None:
    """The plant is handed back, and the next start knows of no override."""
    home = await ready(add_home, BETWEEN)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.IDLE)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    assert left_behind(home) == {}
    assert controller_of(home).memory.lasting.override is None
    result = await dialog.answer()
    assert result["step_id"] == "result"
    assert "ended early: it was cancelled" in (result["description_placeholders"] or {})["end"]


async def test_change_of_options_ends_the_check(add_home: AddHome, hass: HomeAssistant) -> None:
    """The plant is handed over with what was tried, and moved on from it at once."""
    home = await ready(add_home, BETWEEN)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.IDLE)
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, "fast_poll_s": 6})
    await hass.async_block_till_done()
    await home.settle()
    assert left_behind(home) == {}
    assert offered(home) == {CommandKind.CHARGE, CommandKind.DISCHARGE}


async def test_stop_of_home_assistant_ends_the_check(add_home: AddHome, hass: HomeAssistant) -> None:
    """The plant is free before the link is closed."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.CHARGE)
    await hass.async_stop()
    assert left_behind(home) == {}
    assert controller_of(home).memory.lasting.override is None


async def test_another_wish_ends_the_check(add_home: AddHome) -> None:
    """Who wants something of the plant meanwhile gets it; the check does not take it away again."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.HOLD)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    told = await dialog.until_it_ends()
    assert "ended early: something else was asked of the plant" in told
    await home.tick(count=2)
    assert held_kind(home) is CommandKind.CHARGE


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("off", "control is not switched on any more"),
        ("vpp", "Someone else controls the plant"),
        ("grid", "the grid was lost"),
        ("silence", "the plant does not answer as it should"),
    ],
)
async def test_check_ends_where_it_cannot_go_on(add_home: AddHome, event: str, why: str) -> None:
    """What was seen until then is kept, and the rest is left."""
    home = await ready(add_home, NEW)
    dialog = await begin(home)
    await dialog.until_held(CommandKind.IDLE)
    match event:
        case "off":
            await home.set(control="off")
        case "vpp":
            home.sim.faults.add("vpp")
        case "grid":
            home.sim.plant.grid_available = False
        case _:
            home.sim.faults.add("modbus_off")
    told = await dialog.until_it_ends()
    assert f"ended early: {why}" in told
    assert "| Hold | Proven |" in told
    assert "Charge" not in told.replace("Discharge", "")


# Not begun.


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ("off", "control_not_on"),
        ("shadow", "control_not_on"),
        ("vpp", "someone_else_controls"),
        ("grid", "not_on_grid"),
        ("silence", "reading_not_fresh"),
        ("unloaded", "not_loaded"),
        ("uncontrollable", "nothing_to_command"),
    ],
)
async def test_check_is_refused_with_its_reason(
    add_home: AddHome, hass: HomeAssistant, event: str, error: str
) -> None:
    """Nothing is asked of a plant that cannot be tried now."""
    home = await ready(add_home, NEW)
    match event:
        case "off" | "shadow":
            await home.set(control=event)
        case "vpp":
            home.sim.faults.add("vpp")
        case "grid":
            home.sim.plant.grid_available = False
        case "uncontrollable":
            home.runtime.controller = None
        case "unloaded":
            assert await hass.config_entries.async_unload(home.entry.entry_id)
        case _:
            home.sim.faults.add("modbus_off")
    if event != "unloaded":
        await home.tick(count=8)
    dialog = await open_check(home)
    form = await dialog.answer({})
    assert (form["step_id"], form["errors"]) == ("check", {"base": error})


async def test_one_check_at_a_time(add_home: AddHome) -> None:
    """A second window waits for the first."""
    home = await ready(add_home, NEW)
    first = await begin(home)
    second = await open_check(home)
    form = await second.answer({})
    assert form["errors"] == {"base": "check_runs"}
    first.close()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert (await second.answer({}))["type"] is FlowResultType.SHOW_PROGRESS
    second.close()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert "force_charge" not in codes(home)
