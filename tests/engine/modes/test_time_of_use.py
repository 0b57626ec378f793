"""The schedule as a mode: periods with their own limits, and what holds between them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.energy_storage.engine.command import CommandKind, Ends
from custom_components.energy_storage.engine.decision import Decision
from custom_components.energy_storage.engine.documents import Documents
from custom_components.energy_storage.engine.memory import Memory, mode_chosen
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.modes.mode import Wish
from custom_components.energy_storage.engine.plant import GridState
from custom_components.energy_storage.engine.schedule import schedule_of
from tests.engine.house import GOOD, House, abilities, codes

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def house(*periods: dict[str, Any], gap: str = "entry_floor", at: str = "12:00", **settings: Any) -> House:
    """Build a house that follows this day plan, at a time of day."""
    schedule = schedule_of({"plans": {"day": list(periods)}, "default": "day", "gap": gap})
    built = House().set(mode="time_of_use", grid_charging=True, **settings)
    hours, _, minutes = at.partition(":")
    now = DAY + timedelta(hours=int(hours), minutes=int(minutes))
    return built.see(now=now, documents=Documents(schedule=schedule))


def period(start: str, end: str, action: str, **more: float) -> dict[str, Any]:
    """Write one period."""
    return {"start": start, "end": end, "action": action, **more}


def kind(decision: Decision) -> CommandKind | None:
    """Give what the battery is told."""
    return None if decision.command is None else decision.command.kind


def test_without_a_schedule_the_house_is_served() -> None:
    """And it is said why."""
    decision = House().set(mode="time_of_use").cycle()
    assert (kind(decision), codes(decision)[1]) == (CommandKind.SELF_CONSUME, "no_schedule")
    assert decision.mode == "self_consumption"


def test_a_period_charges_with_its_power_to_its_target() -> None:
    """From the grid, as the switch allows it; past the target only the sun adds to it."""
    tou = house(period("12:00", "14:00", "charge", max_power_w=2000, target_soc_pct=52))
    decision = tou.cycle()
    assert decision.command is not None
    assert (decision.command.kind, decision.command.power_w, decision.command.target_soc_pct) == (
        CommandKind.CHARGE,
        2000,
        52,
    )
    assert kind(tou.cycle(after_s=70, soc_pct=52)) is CommandKind.HOLD
    assert kind(tou.cycle(after_s=70, soc_pct=50.5)) is CommandKind.HOLD
    assert kind(tou.cycle(after_s=70, soc_pct=50)) is CommandKind.CHARGE


def test_a_plant_that_cannot_hold_stays_in_the_charge_that_ends_by_itself() -> None:
    """Else it would discharge in the middle of the cheap hours."""
    tou = house(period("12:00", "14:00", "charge", target_soc_pct=50))
    tou.see(abilities=abilities(CommandKind.HOLD, CommandKind.IDLE))
    assert kind(tou.cycle()) is CommandKind.CHARGE
    endless = replace(GOOD, ends=Ends.NONE)
    tou.see(abilities=abilities(CommandKind.HOLD, CommandKind.IDLE, charge=endless))
    assert kind(tou.cycle(after_s=70)) is CommandKind.SELF_CONSUME


def test_forbidden_grid_charging_binds_the_schedule() -> None:
    """It is automatic."""
    tou = house(period("12:00", "14:00", "charge")).set(grid_charging=False)
    assert kind(tou.cycle()) is CommandKind.HOLD


def test_what_the_grid_may_give_to_the_battery_comes_on_top_of_the_sun() -> None:
    """And what the battery may give to the grid on top of what the house lacks."""
    tou = house(
        period("12:00", "14:00", "charge", grid_to_battery_w=1000),
        period("14:00", "16:00", "discharge", battery_to_grid_w=500),
    )
    decision = tou.cycle(pv_power_w=3000, load_power_w=500)
    assert decision.command is not None
    assert decision.command.power_w == 3500
    decision = tou.cycle(after_s=2 * 3600, pv_power_w=0, load_power_w=800)
    assert decision.command is not None
    assert (decision.command.kind, decision.command.power_w) == (CommandKind.DISCHARGE, 1300)


def test_a_discharge_keeps_what_lies_below_its_floor() -> None:
    """Until the SOC is 2 % above it again."""
    tou = house(period("12:00", "14:00", "discharge", max_power_w=3000, floor_soc_pct=48))
    assert kind(tou.cycle()) is CommandKind.DISCHARGE
    assert kind(tou.cycle(after_s=70, soc_pct=48)) is CommandKind.HOLD
    assert kind(tou.cycle(after_s=70, soc_pct=49.9)) is CommandKind.HOLD
    assert kind(tou.cycle(after_s=70, soc_pct=50)) is CommandKind.DISCHARGE


def test_a_period_has_limits_of_its_own() -> None:
    """They can only be tighter than the owner's."""
    wish = MODES["time_of_use"].decide(
        house(period("12:00", "14:00", "hold", max_import_w=2000, max_export_w=0)).inputs,
        House().settings,
        Memory(),
    )
    assert isinstance(wish, Wish)
    assert (wish.max_import_w, wish.max_export_w) == (2000, 0)


def test_a_gap_keeps_the_soc_with_which_it_began() -> None:
    """The house is served down to it, and it moves down with the SOC, never up."""
    tou = house(period("10:00", "12:00", "charge"), at="11:59")
    tou.cycle()
    decision = tou.cycle(after_s=120, soc_pct=52)
    assert (kind(decision), decision.floor_soc_pct) == (CommandKind.HOLD, 52)
    assert "mode_floor" in codes(decision)
    decision = tou.cycle(after_s=70, soc_pct=55)
    assert (kind(decision), decision.floor_soc_pct) == (CommandKind.SELF_CONSUME, 52)
    assert tou.cycle(after_s=70, soc_pct=51).floor_soc_pct == 51
    assert tou.cycle(after_s=70, soc_pct=55).floor_soc_pct == 51


def test_a_gap_survives_a_restart() -> None:
    """What lasts is on the disk; what passes is gone."""
    tou = house(period("10:00", "11:00", "charge"))
    tou.cycle()
    tou.cycle(soc_pct=54)
    tou.memory = Memory(lasting=type(tou.memory.lasting).from_json(tou.memory.lasting.to_json()))
    assert tou.cycle(after_s=600, soc_pct=54).floor_soc_pct == 50


def test_a_gap_begins_anew_after_an_outage() -> None:
    """Off the grid there is no such floor; back on it, it is the SOC that is left."""
    tou = house(period("10:00", "11:00", "charge"))
    tou.cycle()
    assert tou.cycle(after_s=70, grid_state=GridState.OFF_GRID).floor_soc_pct == 10
    tou.cycle(after_s=70, soc_pct=53)
    assert tou.cycle(after_s=70, soc_pct=53, grid_state=GridState.ON_GRID).floor_soc_pct == 53


def test_a_gap_begins_anew_with_another_schedule_or_when_the_mode_is_chosen() -> None:
    """Both are an owner who wants something new."""
    tou = house(period("10:00", "11:00", "charge"))
    tou.cycle()
    tou.cycle(soc_pct=54)
    assert tou.cycle(soc_pct=54).floor_soc_pct == 50
    edited = schedule_of({"plans": {"day": []}, "default": "day"})
    tou.see(documents=Documents(schedule=edited))
    assert tou.cycle(soc_pct=54).floor_soc_pct == 54
    tou.cycle(soc_pct=58)
    tou.memory = mode_chosen(tou.memory, "time_of_use")
    assert tou.cycle(soc_pct=58).floor_soc_pct == 58


def test_other_gaps_serve_the_house_or_follow_the_default_plan() -> None:
    """As Instagen and Chint do."""
    plain = house(period("10:00", "11:00", "charge"), gap="self_consumption").cycle()
    assert (kind(plain), plain.floor_soc_pct) == (CommandKind.SELF_CONSUME, 10)
    schedule = schedule_of(
        {
            "plans": {"day": [period("11:00", "13:00", "hold")], "monday": []},
            "default": "day",
            "weekdays": {"mon": "monday"},
            "gap": "default_plan",
        }
    )
    tou = house(gap="default_plan").see(documents=Documents(schedule=schedule))
    assert kind(tou.cycle()) is CommandKind.HOLD
    assert kind(tou.cycle(after_s=2 * 3600)) is CommandKind.SELF_CONSUME
