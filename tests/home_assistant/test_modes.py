"""Every mode in Home Assistant against the simulated plant, over TCP, with a clock moved by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.calendar import CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.energy_storage.engine.command import CommandKind
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home
from .control_home import PLANT, codes, controller_of, held_kind, kill_and_start
from .house_calendar import add_calendar
from .test_control_actions import call, refusal

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

BERLIN = ZoneInfo("Europe/Berlin")
"""The hand clock begins there on Monday, 1 June 2026, at 13:00."""
SCHEDULE: dict[str, Any] = {
    "plans": {
        "monday": [
            {"start": "13:30", "end": "14:00", "action": "charge", "max_power_w": 2000, "target_soc_pct": 90},
            {"start": "14:00", "end": "14:30", "action": "hold"},
        ],
        "other": [],
    },
    "default": "other",
    "weekdays": {"mon": "monday"},
}
WITH_BACKUP = SigenConfig(firmware="SPC114", plant=PlantConfig(soc_pct=60.0, backup_supply=True), enter_s=0.0)


async def under_control(hass: HomeAssistant, add_home: AddHome, config: SigenConfig = PLANT) -> Home:
    """Set up a plant in Berlin that may do everything."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    home = await add_home(config)
    await home.set(control="on", outage_consent=True, grid_charging=True)
    await home.tick()
    return home


@pytest.fixture
async def home(hass: HomeAssistant, add_home: AddHome) -> Home:
    """A plant that does everything, under control."""
    return await under_control(hass, add_home)


async def until(home: Home, hour: int, minute: int) -> None:
    """Let the time pass until this time of the first day."""
    wanted = datetime(2026, 6, 1, hour, minute, 5, tzinfo=BERLIN).astimezone(UTC)
    passing = (wanted - home.clock.now).total_seconds()
    for _ in range(int(passing // 60)):
        await home.tick(60)
    await home.tick(passing % 60)


# Schedule.


@pytest.mark.usefixtures("every_entity")
async def test_a_schedule_is_followed_over_its_borders(home: Home) -> None:
    """Before, in, between and after its periods; sensors tell what is on and what comes."""
    answer = await call(home, "set_schedule", schedule=SCHEDULE | {"gap": "self_consumption"})
    assert answer["schedule"]["plans"]["monday"][0]["start"] == "13:30"
    await call(home, "set_mode", mode="time_of_use")
    assert held_kind(home) in (None, CommandKind.SELF_CONSUME)
    assert home.sensor("active_period") == "none"
    assert home.sensor("next_change") == "2026-06-01T11:30:00+00:00"
    assert home.sensor("limiting_reason") == "time_of_use"
    await until(home, 13, 30)
    assert held_kind(home) is CommandKind.CHARGE
    assert home.sim.get("ess_max_charge_limit") == 2.0
    assert home.state("sensor", "active_period").attributes["window"] == "13:30-14:00"
    assert home.sensor("next_change") == "2026-06-01T12:00:00+00:00"
    await until(home, 14, 2)
    assert (held_kind(home), home.sensor("active_period")) == (CommandKind.HOLD, "hold")
    await until(home, 14, 32)
    assert held_kind(home) in (None, CommandKind.SELF_CONSUME)
    assert home.sensor("active_period") == "none"


async def test_a_schedule_outlives_a_restart(home: Home, hass: HomeAssistant) -> None:
    """It is on the disk at once, and is followed without anybody's doing."""
    await call(home, "set_schedule", schedule=SCHEDULE)
    await call(home, "set_mode", mode="time_of_use")
    await kill_and_start(home, hass)
    await home.settle()
    await until(home, 13, 32)
    assert held_kind(home) is CommandKind.CHARGE
    assert (await call(home, "get_schedule"))["schedule"]["weekdays"] == {"mon": "monday"}


async def test_a_gap_keeps_the_level_with_which_it_began(home: Home) -> None:
    """As its default rule says; choosing the mode begins a gap anew."""
    home.sim.plant.pv_override_w = 0
    await call(home, "set_schedule", schedule=SCHEDULE)
    await call(home, "set_mode", mode="time_of_use")
    assert home.view.decision.floor_soc_pct == pytest.approx(60, abs=0.5)
    home.sim.plant.soc_pct = 70
    await home.tick(60, count=3)
    assert home.view.decision.floor_soc_pct == pytest.approx(60, abs=0.5)
    await call(home, "set_mode", mode="time_of_use")
    assert home.view.decision.floor_soc_pct == pytest.approx(70, abs=0.5)


async def test_overlapping_periods_are_refused_by_their_names(home: Home) -> None:
    """Nothing of such a document is taken."""
    periods = [
        {"start": "13:00", "end": "15:00", "action": "charge"},
        {"start": "14:30", "end": "16:00", "action": "hold"},
    ]
    error = await refusal(home, "set_schedule", schedule={"plans": {"day": periods}, "default": "day"})
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "not_allowed"
    assert error.translation_placeholders == {
        "field": "plans.day",
        "value": "13:00-15:00 and 14:30-16:00",
        "allowed": "periods that do not overlap",
    }
    assert (await call(home, "get_schedule"))["schedule"] is None


async def test_a_schedule_can_be_taken_back(home: Home) -> None:
    """Then the mode says that there is none."""
    await call(home, "set_schedule", schedule=SCHEDULE)
    assert await call(home, "set_schedule", schedule=None) == {"schedule": None}
    await call(home, "set_mode", mode="time_of_use")
    assert codes(home)[:2] == ["time_of_use", "no_schedule"]


# Peak shaving.


async def test_peak_shaving_holds_the_import(home: Home) -> None:
    """A full house in a window with its own maximum; the sun is away."""
    home.sim.plant.pv_override_w = 0
    home.sim.plant.load_override_w = 5000
    windows = [{"start": "13:00", "end": "15:00", "max_import_w": 2000}]
    assert await call(home, "set_shaving_windows", windows=windows) == {"windows": windows}
    await home.set(mode="standby", peak_shaving=True, peak_shaving_soc_pct=70, peak_shaving_max_import_w=4000)
    await home.tick(10, count=12)
    assert home.sim.plant.flows.grid_w == pytest.approx(2000, abs=150)
    assert "peak_shaving" in codes(home)
    assert home.view.decision.max_import_w == 2000
    assert await call(home, "set_shaving_windows", windows=None) == {"windows": []}
    await home.tick(10, count=12)
    assert 3000 < home.sim.plant.flows.grid_w < 4050


# Load shedding.


async def test_the_battery_is_full_before_an_outage_that_was_told(home: Home) -> None:
    """From early enough on, until it is over; then the outage is forgotten."""
    start = home.clock.now + timedelta(hours=3)
    outage = {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}
    await call(home, "set_outages", outages=[outage])
    await call(home, "set_mode", mode="load_shedding")
    home.sim.plant.pv_override_w = 0
    await home.tick(60, count=3)
    assert "outage_ahead" in codes(home) or "outage_known" in codes(home)
    while home.clock.now < start:
        await home.tick(300)
    assert home.sim.plant.soc_pct > 97
    assert "outage_window" in codes(home)
    assert home.view.next_change == start + timedelta(hours=2)
    await home.tick(300, count=25)
    assert "no_outage_known" in codes(home)
    await home.runtime.calendars.async_refresh()
    assert (await call(home, "get_schedule"))["outages"] == []


async def test_an_outage_comes_from_a_calendar(home: Home, hass: HomeAssistant) -> None:
    """Of whatever integration knows it; an event that was put off is seen at once."""
    calendar = await add_calendar(hass, "load_shedding")
    start = home.clock.now + timedelta(minutes=30)
    calendar.events = [CalendarEvent(start=start, end=start + timedelta(hours=2), summary="Stage 4")]
    await home.runtime.calendars.store.async_set(outage_calendar=calendar.entity_id)
    await hass.async_block_till_done()
    await call(home, "set_mode", mode="load_shedding")
    assert "outage_ahead" in codes(home)
    assert (await call(home, "get_schedule"))["known_outages"][0]["start"] == start.isoformat()
    calendar.events = []
    hass.states.async_set(calendar.entity_id, "off", {"changed": True})
    await hass.async_block_till_done()
    await home.decide()
    assert "no_outage_known" in codes(home)


async def test_a_calendar_that_is_silent_takes_nothing_back(home: Home, hass: HomeAssistant) -> None:
    """What it said last still holds."""
    calendar = await add_calendar(hass, "load_shedding")
    start = home.clock.now + timedelta(minutes=30)
    calendar.events = [CalendarEvent(start=start, end=start + timedelta(hours=2), summary="Stage 4")]
    await home.runtime.calendars.store.async_set(outage_calendar=calendar.entity_id)
    await hass.async_block_till_done()
    calendar.broken = True
    await home.runtime.calendars.async_refresh()
    assert [outage.start for outage in home.runtime.calendars.documents(home.clock.now).outages] == [start]


# Dispatch.


async def dispatch(home: Home, **fields: Any) -> dict[str, Any]:
    """Dispatch a charge for an hour."""
    usual: dict[str, Any] = {"id": "a", "sender": "supplier", "command": "charge", "power_w": 1500}
    return await call(home, "dispatch", **(usual | {"duration": {"hours": 1}} | fields))


async def test_a_dispatch_is_followed_until_its_end(home: Home) -> None:
    """The answer tells what came of it; then the fallback acts."""
    await home.set(remote_ems_fallback="standby")
    await call(home, "set_mode", mode="remote_ems")
    assert held_kind(home) is CommandKind.IDLE
    answer = await dispatch(home)
    assert (answer["accepted"], answer["command"]["kind"], answer["state"]) == ("a", "charge", "confirmed")
    assert answer["valid_until"] == (home.clock.now + timedelta(hours=1)).isoformat()
    assert home.sim.get("ess_max_charge_limit") == 1.5
    assert home.view.next_change == home.clock.now + timedelta(hours=1)
    await home.tick(1800, count=3)
    assert held_kind(home) is CommandKind.IDLE
    assert "no_dispatch" in codes(home)


async def test_a_dispatch_outlives_a_restart(home: Home, hass: HomeAssistant) -> None:
    """It is on the disk at once."""
    await call(home, "set_mode", mode="remote_ems")
    await dispatch(home)
    await kill_and_start(home, hass)
    await home.settle()
    assert held_kind(home) is CommandKind.CHARGE


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"sender": "another"}, "refused_dispatch_taken"),
        ({"valid_until": "2026-05-31T10:00:00+00:00"}, "refused_dispatch_expired"),
        ({"duration": {"hours": 25}}, "refused_dispatch_too_long"),
        ({"power_w": 90_000}, "refused_dispatch_power"),
        ({"target_soc_pct": 95}, "refused_target_above_cutoff"),
        ({"command": "discharge", "floor_soc_pct": 1}, "refused_floor_below_reserve"),
    ],
)
async def test_a_dispatch_is_refused_with_the_reason(home: Home, fields: dict[str, Any], key: str) -> None:
    """And the one that runs goes on."""
    await home.set(charge_cutoff_soc_pct=90)
    await call(home, "set_mode", mode="remote_ems")
    await dispatch(home)
    running = controller_of(home).memory.lasting.dispatch
    usual: dict[str, Any] = {"id": "b", "sender": "supplier", "command": "charge", "duration": {"hours": 1}}
    error = await refusal(home, "dispatch", **(usual | fields))
    assert error.translation_key == key
    assert str(error) != key
    assert controller_of(home).memory.lasting.dispatch == running


async def test_a_dispatch_needs_its_mode_and_an_end(home: Home) -> None:
    """Nobody but the owner gives the battery into others' hands."""
    usual: dict[str, Any] = {"id": "a", "sender": "supplier", "command": "hold"}
    assert (await refusal(home, "dispatch", **usual, duration="01:00")).translation_key == "not_remote_ems"
    await call(home, "set_mode", mode="remote_ems")
    assert (await refusal(home, "dispatch", **usual)).translation_key == "not_allowed"


async def test_a_dispatch_is_taken_back(home: Home) -> None:
    """By its sender, or by the owner."""
    await call(home, "set_mode", mode="remote_ems")
    await dispatch(home)
    error = await refusal(home, "cancel_dispatch", sender="another")
    assert error.translation_key == "refused_dispatch_taken"
    await call(home, "cancel_dispatch", sender="supplier")
    assert controller_of(home).memory.lasting.dispatch is None


# Backup, off grid.


async def test_backup_charges_again_after_an_outage(hass: HomeAssistant, add_home: AddHome) -> None:
    """Until it is ended; in the outage the house has all of it."""
    home = await under_control(hass, add_home, WITH_BACKUP)
    home.sim.plant.pv_override_w = 0
    answer = await call(home, "backup", target_soc_pct=62, power_w=3000, from_grid=True)
    assert (answer["command"]["kind"], answer["until"]) == ("charge", None)
    await home.tick(300, count=12)
    assert home.sim.plant.soc_pct >= 61.5
    assert held_kind(home) is CommandKind.HOLD
    home.sim.plant.grid_available = False
    home.sim.plant.load_override_w = 3000
    await home.tick(60, count=30)
    assert held_kind(home) in (None, CommandKind.SELF_CONSUME)
    assert home.sim.plant.soc_pct < 58
    home.sim.plant.grid_available = True
    await home.tick(30, count=6)
    assert held_kind(home) is CommandKind.CHARGE
    assert home.state("select", "mode").state == "backup"
    await call(home, "cancel")
    assert home.state("select", "mode").state == "self_consumption"


async def test_going_off_grid_has_to_be_allowed_confirmed_and_possible(
    home: Home, hass: HomeAssistant
) -> None:
    """In this order; this plant cannot do it."""
    assert (await refusal(home, "go_off_grid", confirm=True)).translation_key == "off_grid_not_allowed"
    options = dict(home.entry.options) | {"allow_off_grid": True}
    hass.config_entries.async_update_entry(home.entry, options=options)
    await hass.async_block_till_done()
    await home.settle()
    assert (await refusal(home, "go_off_grid")).translation_key == "not_allowed"
    assert (await refusal(home, "go_off_grid", confirm=True)).translation_key == "refused_no_command"
    assert "off_grid" not in home.state("select", "mode").attributes["options"]


# Choices.


@pytest.mark.usefixtures("every_entity")
async def test_a_choice_is_a_select(hass: HomeAssistant, add_home: AddHome) -> None:
    """What acts while nobody dispatches."""
    home = await under_control(hass, add_home)
    await home.act("select.select_option", "remote_ems_fallback", option="standby")
    assert home.state("select", "remote_ems_fallback").state == "standby"
    assert home.runtime.settings.settings.remote_ems_fallback == "standby"
