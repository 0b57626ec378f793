"""The actions that command a plant: what they do, what they answer, and when they refuse."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import probatio
import pytest

from custom_components.energy_storage.actions import answer
from custom_components.energy_storage.const import CONF_PLANT_POWER, DOMAIN
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.override import Source
from custom_components.energy_storage.service_calls import FOR_ADMINS, REGISTER_TOOLS

from .conftest import AddHome, Home
from .control_home import PLANT, charging, controller_of, held_kind, left_behind, written
from .test_select import OLDER

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

ACTIONS: Mapping[str, Mapping[str, Any]] = {
    "force_charge": {},
    "force_discharge": {},
    "hold": {},
    "standby": {},
    "release": {},
    "set_mode": {"mode": "standby"},
    "cancel": {},
    "take_over": {},
    "set_plant_power": {"power": True, "confirm": True},
    "backup": {},
    "go_off_grid": {"confirm": True},
    "set_schedule": {"schedule": None},
    "set_shaving_windows": {"windows": []},
    "set_outages": {"outages": []},
    "dispatch": {"id": "1", "sender": "me", "command": "hold", "duration": {"hours": 1}},
    "cancel_dispatch": {},
}


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant that does everything, under control."""
    home = await add_home(PLANT)
    await home.set(control="on", outage_consent=True)
    await home.tick()
    return home


async def call(home: Home[Any], action: str, *, told: bool = True, **fields: Any) -> dict[str, Any]:
    """Call an action as an automation does; with its answer if it is to be `told`."""
    response = await home.hass.services.async_call(
        DOMAIN,
        action,
        {"config_entry": home.entry.entry_id} | fields,
        blocking=True,
        return_response=told,
    )
    await home.hass.async_block_till_done()
    return dict(response or {})


async def refusal(home: Home, action: str, **fields: Any) -> HomeAssistantError:
    """Call an action that is refused, and give the error."""
    done = len(home.sim.writes)
    with pytest.raises(HomeAssistantError) as caught:
        await call(home, action, **fields)
    assert caught.value.translation_domain == DOMAIN
    assert written(home, done) == []
    return caught.value


async def test_a_forced_charge_answers_what_came_of_it(home: Home) -> None:
    """Command, state and end; the plant does it by then."""
    told = await call(
        home,
        "force_charge",
        power_w=2500,
        target_soc_pct=80,
        from_grid=True,
        duration={"hours": 3},
    )
    assert told == {
        "control": "on",
        "mode": "force_charge",
        "base_mode": "self_consumption",
        "command": {"kind": "charge", "power_w": 2500, "target_soc_pct": 80},
        "state": "confirmed",
        "code": None,
        "reasons": [{"code": "force_charge", "values": {"target_pct": 80}}],
        "until": (home.clock.now + timedelta(hours=3)).isoformat(),
    }
    assert home.sim.get("ess_max_charge_limit") == 2.5
    override = controller_of(home).memory.lasting.override
    assert override is not None
    assert override.source is Source.ACTION
    assert home.state("select", "mode").state == "force_charge"


async def test_what_is_left_out_the_numbers_say(home: Home) -> None:
    """Only what was given is a parameter; the length is that of the setting."""
    await home.set(
        force_charge_power_w=1500,
        force_charge_target_soc_pct=75,
        override_duration_min=30,
        grid_charging=True,
    )
    told = await call(home, "force_charge")
    assert told["command"] == {"kind": "charge", "power_w": 1500, "target_soc_pct": 75}
    assert told["until"] == (home.clock.now + timedelta(minutes=30)).isoformat()
    override = controller_of(home).memory.lasting.override
    assert override is not None
    assert override.parameters == {}


async def test_the_switch_decides_about_the_grid_unless_something_was_said(home: Home) -> None:
    """A no in the action binds even where the switch allows it."""
    told = await call(home, "force_charge")
    assert told["command"]["kind"] != "charge"
    assert "grid_charging_off" in [reason["code"] for reason in told["reasons"]]
    await home.tick(60)
    await home.set(grid_charging=True)
    told = await call(home, "force_charge", from_grid=False)
    assert told["command"]["kind"] != "charge"


async def test_a_forced_discharge_ends_at_its_floor(home: Home) -> None:
    """Never below what holds for every mode."""
    await home.set(discharge_cutoff_soc_pct=20)
    told = await call(home, "force_discharge", power_w=2000, floor_soc_pct=35)
    assert told["command"] == {"kind": "discharge", "power_w": 2000, "floor_soc_pct": 35}
    assert held_kind(home) is CommandKind.DISCHARGE
    await home.tick()
    told = await call(home, "force_discharge", power_w=2000, floor_soc_pct=5)
    assert told["command"]["floor_soc_pct"] == 20
    assert "floor_clamped" in [reason["code"] for reason in told["reasons"]]


@pytest.mark.parametrize(
    ("action", "kind"), [("hold", CommandKind.HOLD), ("standby", CommandKind.IDLE), ("release", None)]
)
async def test_what_runs_for_a_while_ends_by_itself(
    home: Home, action: str, kind: CommandKind | None
) -> None:
    """Hold, standby, and the plant's own program."""
    await home.set(mode="standby" if kind is None else "self_consumption")
    before = held_kind(home)
    told = await call(home, action, duration="00:10:00")
    assert told["mode"] == ("device" if action == "release" else action)
    assert told["until"] == (home.clock.now + timedelta(minutes=10)).isoformat()
    assert told["state"] == "confirmed"
    assert held_kind(home) is kind
    await home.tick(60, count=12)
    assert held_kind(home) is before
    assert controller_of(home).memory.lasting.override is None


async def test_release_without_an_end_is_a_mode(home: Home) -> None:
    """It ends what runs, and stays."""
    await charging(home)
    told = await call(home, "release")
    assert (told["mode"], told["base_mode"], told["until"]) == ("device", "device", None)
    assert (told["command"], told["state"]) == ({"kind": "release"}, "confirmed")
    assert left_behind(home) == {}


async def test_a_mode_is_set(home: Home) -> None:
    """It ends what runs."""
    await charging(home)
    told = await call(home, "set_mode", mode="standby")
    assert (told["mode"], told["base_mode"], told["until"]) == ("standby", "standby", None)
    assert held_kind(home) is CommandKind.IDLE


async def test_cancel_gives_the_mode_its_turn(home: Home) -> None:
    """Also where nothing runs."""
    await charging(home)
    for _ in range(2):
        told = await call(home, "cancel")
        assert (told["mode"], told["until"]) == ("self_consumption", None)
        assert home.sim.get("remote_ems_enable") == 0


async def test_shadow_decides_and_writes_nothing(home: Home) -> None:
    """The answer says what would be."""
    await home.set(control="shadow")
    told = await call(home, "force_charge", from_grid=True)
    assert (told["control"], told["state"], told["command"]["kind"]) == ("shadow", "shadow", "charge")
    assert home.sim.get("remote_ems_enable") == 0


@pytest.mark.parametrize("action", ["force_charge", "force_discharge", "hold", "standby"])
async def test_nothing_is_started_while_control_is_off(home: Home, action: str) -> None:
    """It would have no effect, and run out unseen."""
    await home.set(control="off")
    assert (await refusal(home, action)).translation_key == "control_off"
    assert controller_of(home).memory.lasting.override is None


async def test_a_mode_can_be_set_while_control_is_off(home: Home) -> None:
    """It is a setting; nothing comes of it yet."""
    await home.set(control="off")
    told = await call(home, "set_mode", mode="device")
    assert (told["control"], told["base_mode"]) == ("off", "device")
    assert (told["command"], told["state"]) == (None, "none")


async def test_what_the_plant_does_not_offer_is_refused_with_its_reason(add_home: AddHome) -> None:
    """On firmware whose limits act only in forced modes."""
    home = await add_home(OLDER)
    await home.set(control="on", outage_consent=True)
    assert (await refusal(home, "hold")).translation_key == "refused_hold_unproven"
    assert (await refusal(home, "standby")).translation_key == "refused_limits_not_global"
    error = await refusal(home, "set_mode", mode="standby")
    assert error.translation_key == "refused_limits_not_global"
    assert home.runtime.settings.settings.mode == "self_consumption"


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"target_soc_pct": 95}, ("target_soc_pct", "95", "1 … 90")),
        ({"duration": {"hours": 25}}, ("duration", "1 day, 1:00:00", "24:00:00")),
        ({"duration": 0}, ("duration", "0:00:00", "00:00:01")),
    ],
)
async def test_what_makes_no_sense_names_field_value_and_range(
    home: Home, fields: dict[str, Any], parts: tuple[str, ...]
) -> None:
    """The override that runs goes on."""
    await call(home, "hold")
    await home.set(charge_cutoff_soc_pct=90)
    error = await refusal(home, "force_charge", **fields)
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "not_allowed"
    for part in parts:
        assert part in str(error)
    assert home.view.decision.mode == "hold"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("force_charge", {"power_w": 0}),
        ("force_charge", {"power_w": 200_000}),
        ("force_charge", {"target_soc_pct": 0}),
        ("force_discharge", {"floor_soc_pct": 101}),
        ("force_discharge", {"target_soc_pct": 50}),
        ("hold", {"duration": -60}),
        ("set_mode", {"mode": "force_charge"}),
        ("set_mode", {}),
    ],
)
async def test_a_call_that_cannot_be_is_refused_by_its_schema(
    home: Home, action: str, fields: dict[str, Any]
) -> None:
    """Also in a script, which no form guards."""
    with pytest.raises(probatio.Invalid):
        await call(home, action, **fields)


async def test_a_command_that_the_plant_refuses_is_told(home: Home) -> None:
    """In the answer, or as an error where nobody asked for one."""
    home.sim.change("pv_max_power_limit", 0)
    told = await call(home, "force_charge", from_grid=True)
    assert (told["state"], told["code"]) == ("refused", "pv_limit_zero")
    await call(home, "cancel")
    await home.tick(60)
    error = await refusal(home, "force_charge", told=False, from_grid=True)
    assert error.translation_key == "refused_pv_limit_zero"


async def test_nobody_is_troubled_when_all_is_well(home: Home) -> None:
    """Without an answer, too."""
    assert await call(home, "force_charge", told=False, from_grid=True) == {}
    assert held_kind(home) is CommandKind.CHARGE


async def test_an_answer_needs_a_decision(home: Home) -> None:
    """Where a defect kept the cycle from deciding, nobody is told that all is well."""
    reading = replace(home.runtime.cycle.reading(), control=None)
    with pytest.raises(HomeAssistantError) as caught:
        answer(home.runtime, reading, told=True)
    assert caught.value.translation_key == "not_decided"


async def test_a_plant_is_taken_over(add_home: AddHome) -> None:
    """From whoever left it in remote control; only then, and nothing else is done meanwhile."""
    home = await add_home(PLANT)
    for name, value in (("remote_ems_enable", 1), ("remote_ems_control_mode", 5)):
        home.sim.change(name, value)
    await home.tick(60, count=2)
    await home.set(control="on", outage_consent=True)
    await home.tick(count=3)
    for action in ("force_charge", "hold"):
        assert (await refusal(home, action)).translation_key == "refused_someone_else_controls"
    told = await call(home, "set_mode", mode="standby")
    assert (told["control"], told["state"]) == ("yielded", "none")
    told = await call(home, "take_over")
    assert (told["control"], told["state"]) == ("on", "confirmed")
    assert held_kind(home) is CommandKind.IDLE
    assert (await refusal(home, "take_over")).translation_key == "not_yielded"


async def test_plant_power_needs_the_option_and_a_confirmation(
    add_home: AddHome, hass: HomeAssistant
) -> None:
    """Off, the house may be dark: nobody comes here by accident."""
    home = await add_home(replace(PLANT, inverters=(1,)))
    await home.set(control="on")
    error = await refusal(home, "set_plant_power", power=False, confirm=True)
    assert error.translation_key == "plant_power_off"
    hass.config_entries.async_update_entry(home.entry, options={**home.entry.options, CONF_PLANT_POWER: True})
    await hass.async_block_till_done()
    for fields in ({"power": False}, {"power": "off", "confirm": False}):
        error = await refusal(home, "set_plant_power", **fields)
        assert error.translation_key == "not_allowed"
        for part in ("confirm", "false", "true"):
            assert part in str(error)
    done = len(home.sim.writes)
    await call(home, "set_plant_power", power=False, confirm=True)
    assert ("plant_start_stop", 0) in written(home, done)
    await call(home, "set_plant_power", power="on", confirm=True)
    assert ("plant_start_stop", 1) in written(home, done)
    await home.set(control="shadow")
    error = await refusal(home, "set_plant_power", power=False, confirm=True)
    assert error.translation_key == "control_not_on"


@pytest.mark.parametrize(("action", "fields"), ACTIONS.items())
async def test_what_is_costly_is_for_administrators(
    home: Home, hass_read_only_user: User, action: str, fields: Mapping[str, Any]
) -> None:
    """An automation, which has no user, may do all of it; so may everybody with the rest."""
    refused: type[Exception] | None = None
    try:
        await home.hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry": home.entry.entry_id, **fields},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    except (HomeAssistantError, Unauthorized) as err:
        refused = type(err)
    assert (refused is Unauthorized) is (action in FOR_ADMINS)
    assert ACTIONS.keys() >= FOR_ADMINS - REGISTER_TOOLS


async def test_actions_are_there_without_a_plant(hass: HomeAssistant) -> None:
    """An automation that uses them is valid before the plant answers; calling them says what is wrong."""
    assert await async_setup_component(hass, DOMAIN, {})
    for action, fields in ACTIONS.items():
        with pytest.raises(ServiceValidationError) as caught:
            await hass.services.async_call(DOMAIN, action, {"config_entry": "none", **fields}, blocking=True)
        assert caught.value.translation_key == "service_config_entry_not_found"


@pytest.mark.parametrize("action", ["force_charge", "force_discharge", "hold", "standby"])
async def test_what_may_leave_the_house_dark_needs_consent(home: Home, action: str) -> None:
    """Said at once, and not only in a reason that nobody looks at."""
    await home.set(outage_consent=False)
    await home.tick()
    assert (await refusal(home, action)).translation_key == "refused_needs_outage_consent"
    await home.set(outage_consent=True)
    assert (await call(home, action))["state"] == "confirmed"
