"""The limits, one by one and against each other."""

from dataclasses import replace
import math
from typing import Any

import pytest

from custom_components.energy_storage.engine import Act, Inputs, Memory, Settings
from custom_components.energy_storage.engine.command import (
    BatteryCommand,
    CommandKind,
    Guard,
    Limit,
    OutageSafe,
)
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.modes.mode import Mode, Wish
from custom_components.energy_storage.engine.plant import GridState
from tests.engine.house import GOOD, House, abilities, codes, command

SERVE = command(CommandKind.SELF_CONSUME)
HOLD = command(CommandKind.HOLD)


def charging(watts: float = 9000) -> House:
    """Give a house that is asked to charge from the grid."""
    return House().override("force_charge", power_w=watts, from_grid=True)


def discharging(watts: float = 9000, floor: float = 10) -> House:
    """Give a house that is asked to discharge."""
    return House().override("force_discharge", power_w=watts, floor_soc_pct=floor)


def power(given: BatteryCommand | None) -> float | None:
    """Give the power of a command."""
    assert given is not None
    return given.power_w


def test_discharge_stops_at_the_cutoff() -> None:
    """At the floor the battery gives nothing more."""
    decision = House().cycle(soc_pct=10.0)
    assert decision.command == HOLD
    assert codes(decision) == ["self_consumption", "discharge_cutoff"]


def test_discharge_resumes_two_percent_above_the_floor() -> None:
    """No swinging at the floor."""
    house = House()
    house.cycle(soc_pct=10.0)
    assert house.cycle(soc_pct=11.9, after_s=60).command == HOLD
    assert house.cycle(soc_pct=12.0).command == SERVE


def test_the_reserve_is_the_floor_on_grid() -> None:
    """The higher of both floors counts."""
    decision = House().set(backup_reserve_soc_pct=30).cycle(soc_pct=30.0)
    assert decision.command == HOLD
    assert (codes(decision)[-1], decision.floor_soc_pct) == ("backup_reserve", 30)


def test_a_reserve_below_the_cutoff_lowers_no_floor() -> None:
    """What is sold ends at the higher of both."""
    decision = discharging(floor=0).set(backup_reserve_soc_pct=5).cycle()
    assert decision.command == command(CommandKind.DISCHARGE, power_w=9000, floor_soc_pct=10)


def test_off_grid_the_reserve_may_be_used() -> None:
    """That is what it is kept for."""
    house = House().set(backup_reserve_soc_pct=30)
    decision = house.cycle(soc_pct=30.0, grid_state=GridState.OFF_GRID)
    assert (decision.command, decision.floor_soc_pct) == (SERVE, 10)


def test_off_grid_the_cutoff_still_binds() -> None:
    """An empty battery is not drained further for anything."""
    assert House().cycle(soc_pct=10.0, grid_state=GridState.OFF_GRID).command == HOLD


def test_off_grid_the_device_keeps_what_has_to_hold_when_the_grid_is_back() -> None:
    """That moment is over before anybody could write."""
    limits = (Limit.EXPORT, Limit.BACKUP_RESERVE, Limit.IMPORT)
    house = House().set(export_limit_w=3000, backup_reserve_soc_pct=20, import_limit_w=9000)
    for limit in limits:
        house.guard(limit, Guard.DEVICE)
    decision = house.cycle(grid_state=GridState.OFF_GRID)
    assert [decision.device_limits[limit] for limit in limits] == [3000, 20, 9000]


def test_off_grid_a_maximum_that_may_leave_the_house_dark_is_given_up() -> None:
    """And not kept by a command that does not discharge at all."""
    house = House().see(abilities=abilities(self_consume=replace(GOOD, bound_outage_safe=OutageSafe.UNKNOWN)))
    decision = house.set(max_discharge_w=3000).cycle(grid_state=GridState.OFF_GRID)
    assert (decision.command, decision.cannot_hold) == (SERVE, ("max_discharge",))


def test_off_grid_nothing_is_sold() -> None:
    """Without a grid a discharge serves the house."""
    decision = discharging().cycle(grid_state=GridState.OFF_GRID)
    assert (decision.command, codes(decision)) == (SERVE, ["force_discharge", "off_grid"])


def test_off_grid_nothing_is_charged_from_it() -> None:
    """Without a grid a charge is `hold`."""
    decision = charging().cycle(grid_state=GridState.OFF_GRID)
    assert (decision.command, codes(decision)) == (HOLD, ["force_charge", "off_grid"])


def test_a_floor_that_the_device_holds_needs_no_other_command() -> None:
    """The inverter stops by itself, without a write."""
    house = House().guard(Limit.DISCHARGE_CUTOFF, Guard.DEVICE).guard(Limit.BACKUP_RESERVE, Guard.DEVICE)
    decision = house.set(backup_reserve_soc_pct=20).cycle(soc_pct=10.0)
    assert decision.command == SERVE
    assert decision.device_limits == {Limit.DISCHARGE_CUTOFF: 10, Limit.BACKUP_RESERVE: 20}


def test_a_floor_that_lies_lower_in_the_device_is_ours_to_hold() -> None:
    """It was written when the SOC was lower, and the device would go on down to it."""
    house = House().guard(Limit.DISCHARGE_CUTOFF, Guard.DEVICE).guard(Limit.BACKUP_RESERVE, Guard.DEVICE)
    decision = house.cycle(soc_pct=10.0, discharge_cutoff_soc_pct=9.0)
    assert (decision.command, decision.guards[Limit.DISCHARGE_CUTOFF]) == (HOLD, Guard.TRIM)
    house.set(backup_reserve_soc_pct=20)
    decision = house.cycle(soc_pct=20.0, discharge_cutoff_soc_pct=10.0, backup_reserve_soc_pct=19.0)
    assert (decision.command, decision.guards[Limit.BACKUP_RESERVE]) == (HOLD, Guard.TRIM)


@pytest.mark.parametrize(("soc", "code"), [(20.0, "backup_reserve"), (10.0, "discharge_cutoff")])
def test_a_floor_that_the_device_holds_ends_a_discharge(soc: float, code: str) -> None:
    """A command to sell is not left standing at a floor."""
    house = discharging(floor=0).guard(Limit.DISCHARGE_CUTOFF, Guard.DEVICE)
    house.guard(Limit.BACKUP_RESERVE, Guard.DEVICE).set(backup_reserve_soc_pct=20)
    decision = house.cycle(soc_pct=soc)
    assert (decision.command, codes(decision)[1]) == (SERVE, code)


def test_a_discharge_floor_is_raised_to_the_owners() -> None:
    """An override cannot go below the reserve."""
    decision = discharging(floor=5).set(backup_reserve_soc_pct=30).cycle()
    assert decision.command == command(CommandKind.DISCHARGE, power_w=9000, floor_soc_pct=30)
    assert "floor_clamped" in codes(decision)


def test_a_target_is_lowered_to_the_charge_cutoff() -> None:
    """A target above it is clamped with a reason."""
    decision = charging().set(charge_cutoff_soc_pct=90).cycle()
    assert decision.command == command(CommandKind.CHARGE, power_w=9000, target_soc_pct=90)
    assert "target_clamped" in codes(decision)


def test_charging_stops_at_the_charge_cutoff() -> None:
    """The sun too is kept out above it."""
    house = House().set(charge_cutoff_soc_pct=90)
    assert house.cycle(soc_pct=89.0).command == SERVE
    full = command(CommandKind.SELF_CONSUME, max_charge_w=0)
    assert house.cycle(soc_pct=90.0).command == full
    assert house.cycle(soc_pct=88.5, after_s=60).command == full
    assert house.cycle(soc_pct=88.0).command == SERVE


def test_a_ceiling_that_the_device_holds_ends_a_charge() -> None:
    """A command to buy is not left standing at it."""
    house = charging().guard(Limit.CHARGE_CUTOFF, Guard.DEVICE).set(charge_cutoff_soc_pct=90)
    assert house.cycle(soc_pct=90.0).command == HOLD


def test_a_full_battery_needs_no_ceiling() -> None:
    """At 100 % it stops by itself."""
    assert House().cycle(soc_pct=100.0).command == SERVE


def test_the_owners_most_power_binds() -> None:
    """Battery limits come first."""
    decision = House().set(max_charge_w=2000, max_discharge_w=3000).cycle()
    assert decision.command == command(CommandKind.SELF_CONSUME, max_charge_w=2000, max_discharge_w=3000)
    assert codes(decision) == ["self_consumption", "max_discharge", "max_charge"]


def test_no_power_passes_the_owners_most() -> None:
    """A wish for more is lowered to it."""
    assert power(charging().set(max_charge_w=2000).cycle().command) == 2000
    assert power(discharging().set(max_discharge_w=3000).cycle().command) == 3000


def test_no_more_than_rated_is_asked() -> None:
    """An inverter cannot do more than it says."""
    decision = charging(50_000).cycle()
    assert (power(decision.command), codes(decision)[-1]) == (10_000, "rated_power")


# Main fuse


def fused(house: House, amperes: float = 25) -> House:
    """Put a fuse of one phase before the house: 25 A are 5750 W."""
    return house.connect(main_fuse_a=amperes, largest_load_w=2000.0).set(max_charge_w=6000)


def test_a_quick_trim_charges_up_to_the_fuse() -> None:
    """What the house leaves of the fuse may be charged, in whole steps of 3 %."""
    house = fused(charging())
    decision = house.cycle(grid_power_w=1000.0)
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (4500, Guard.TRIM)
    assert codes(decision)[-1] == "main_fuse"


def test_a_slow_trim_is_none() -> None:
    """Above 15 s the sum stays under the fuse by itself, and nobody claims to guard it."""
    decision = fused(charging()).see(react_s=15.1).cycle()
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (3750, Guard.NONE)
    assert codes(decision)[-1] == "main_fuse_static"


def test_an_unknown_reaction_time_trims_no_fuse() -> None:
    """What was never measured is not quick."""
    decision = fused(charging()).see(react_s=None).cycle()
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (3750, Guard.NONE)


def test_a_trim_that_a_fuse_would_not_outlast_is_none() -> None:
    """Everything at once above 1.45 times the fuse would blow it before we react."""
    house = fused(charging()).connect(largest_load_w=2400.0)
    assert house.cycle().guards[Limit.MAIN_FUSE] is Guard.NONE


def test_what_other_assets_may_take_counts() -> None:
    """The sum of everything we command has to fit."""
    house = fused(charging()).connect(commandable_w=1000.0)
    decision = house.cycle()
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (2750, Guard.NONE)


def test_an_unknown_largest_load_leaves_nothing() -> None:
    """What is unknown is not counted as harmless."""
    assert fused(charging()).connect(largest_load_w=None).cycle().command == command(
        CommandKind.HOLD, max_charge_w=6000
    )


def test_an_unknown_rating_cannot_be_trimmed() -> None:
    """Without it nobody knows what could come at once."""
    assert fused(charging()).cycle(rated_power_w=None).guards[Limit.MAIN_FUSE] is Guard.NONE


@pytest.mark.parametrize("missing", ["grid_power_w", "battery_power_w"])
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_without_its_measurement_the_fuse_is_not_trimmed(missing: str, value: float | None) -> None:
    """A meter that is silent, or says what is no number, guards nothing."""
    silent: dict[str, Any] = {missing: value}
    assert fused(charging()).cycle(**silent).guards[Limit.MAIN_FUSE] is Guard.NONE


def test_a_fuse_that_nobody_can_follow_is_kept_by_size() -> None:
    """With the largest load of the house on top, whatever is measured now."""
    decision = fused(charging()).guard(Limit.MAIN_FUSE, Guard.NONE).cycle(grid_power_w=0.0)
    assert (power(decision.command), decision.guards[Limit.MAIN_FUSE]) == (3750, Guard.NONE)


def test_a_fuse_that_the_device_holds_is_left_to_it() -> None:
    """The inverter is quicker than we are."""
    decision = fused(charging()).guard(Limit.MAIN_FUSE, Guard.DEVICE).cycle(grid_power_w=5000.0)
    assert (power(decision.command), decision.device_limits[Limit.MAIN_FUSE]) == (6000, 5750)


def test_trimming_goes_down_at_once() -> None:
    """A kettle is answered in the same cycle."""
    house = fused(charging())
    house.cycle(grid_power_w=0.0)
    decision = house.cycle(grid_power_w=6000.0, battery_power_w=-3000.0)
    assert (decision.act, power(decision.command)) == (Act.APPLY, 2700)


def test_trimming_goes_up_after_half_a_minute() -> None:
    """And a kettle that is off again is believed only after 30 s."""
    house = fused(charging())
    house.cycle(grid_power_w=3000.0)
    powers = [power(house.cycle(grid_power_w=0.0, after_s=10).command) for _ in range(7)]
    assert powers[:3] == [2700, 2700, 2700]
    assert powers[-1] == 5700


def test_an_old_reading_does_not_let_the_room_rise() -> None:
    """Half a minute in which nobody looked is no half minute of calm."""
    house = fused(charging())
    house.cycle(grid_power_w=3000.0)
    for _ in range(3):
        house.cycle(grid_power_w=0.0, after_s=19, read=False)
    assert power(house.cycle(grid_power_w=0.0).command) == 2700


def test_per_phase_the_fullest_phase_counts() -> None:
    """A third of the battery's power flows over each phase."""
    house = charging().connect(main_fuse_a=16, phases=3, largest_load_w=1500.0)
    decision = house.cycle(grid_phase_power_w=(3080.0, 0.0, -2000.0))
    assert power(decision.command) == 1800


def test_an_inverter_of_one_phase_loads_only_that() -> None:
    """What the other phases carry is not its business."""
    house = charging().connect(main_fuse_a=25, phases=3, inverter_phase=1, largest_load_w=1500.0)
    decision = house.set(max_charge_w=5000).cycle(grid_phase_power_w=(5700.0, 1250.0, 0.0))
    assert power(decision.command) == 4500


def test_an_inverter_of_one_phase_is_bounded_by_it_without_a_trim() -> None:
    """All that is charged flows over one fuse."""
    house = charging().guard(Limit.MAIN_FUSE, Guard.NONE)
    decision = house.connect(main_fuse_a=25, phases=3, inverter_phase=1, largest_load_w=1500.0).cycle()
    assert power(decision.command) == 4250


def test_a_three_phase_total_guards_no_phase() -> None:
    """Without the phases the sum says nothing about one of them."""
    house = charging().connect(main_fuse_a=16, phases=3, largest_load_w=1500.0)
    decision = house.cycle(grid_power_w=0.0)
    assert decision.guards[Limit.MAIN_FUSE] is Guard.NONE
    assert power(decision.command) == pytest.approx(3 * (16 * 230 - 1500))


def test_the_battery_supports_the_fuse() -> None:
    """In `hold` it gives just what the fuse cannot carry."""
    house = fused(House().override("hold"))
    decision = house.cycle(grid_power_w=6550.0)
    assert decision.command == command(CommandKind.SHAVE, max_import_w=5700, floor_soc_pct=10)
    assert codes(decision) == ["hold", "main_fuse"]


def test_what_is_held_gives_way_to_the_fuse() -> None:
    """At once, although more flows then than before."""
    house = fused(House().override("hold"))
    house.cycle(grid_power_w=0.0)
    decision = house.cycle(grid_power_w=6550.0)
    assert decision.act is Act.APPLY
    assert decision.command == command(CommandKind.SHAVE, max_import_w=5700, floor_soc_pct=10)


def test_without_shaving_it_serves_the_house() -> None:
    """The next best that takes load off the fuse."""
    house = fused(House().see(abilities=abilities(CommandKind.SHAVE)).override("hold"))
    assert house.cycle(grid_power_w=6550.0).command == command(CommandKind.SELF_CONSUME, max_charge_w=6000)


def test_the_fuse_may_use_the_backup_reserve() -> None:
    """The fuse comes before the reserve, and that is said."""
    house = fused(House()).set(backup_reserve_soc_pct=60)
    decision = house.cycle(grid_power_w=6550.0)
    assert decision.command is not None
    assert decision.command.max_discharge_w == 900
    assert decision.cannot_hold == ("backup_reserve",)
    assert {"main_fuse", "cannot_hold_backup_reserve"} <= set(codes(decision))


def test_without_shaving_the_fuse_may_use_the_reserve_too() -> None:
    """No more of it than the fuse needs."""
    house = fused(House().see(abilities=abilities(CommandKind.SHAVE)).override("hold"))
    decision = house.set(backup_reserve_soc_pct=60).cycle(grid_power_w=6550.0)
    assert decision.command == command(CommandKind.SELF_CONSUME, max_charge_w=6000, max_discharge_w=900)


def test_the_fuse_may_not_use_what_is_below_the_cutoff() -> None:
    """An empty battery cannot help, and that is said."""
    decision = fused(House()).cycle(grid_power_w=6550.0, soc_pct=10.0)
    assert decision.command == command(CommandKind.HOLD, max_charge_w=6000)
    assert decision.cannot_hold == ("main_fuse",)


def test_support_ends_half_a_minute_after_the_load() -> None:
    """Up at once, down late."""
    house = fused(House().override("hold"))
    house.cycle(grid_power_w=6550.0)
    kinds = [house.cycle(grid_power_w=0.0, after_s=15).command for _ in range(8)]
    assert [kind is not None and kind.kind for kind in (kinds[0], kinds[-1])] == [
        CommandKind.SHAVE,
        CommandKind.HOLD,
    ]


def test_a_discharge_stays_under_the_fuse_too() -> None:
    """What is sold flows through the same fuse."""
    house = fused(discharging())
    assert power(house.cycle(grid_power_w=-1250.0).command) == 4500
    assert power(house.cycle(grid_power_w=1250.0, after_s=60).command) == 4500


# Export and import


def test_a_discharge_is_trimmed_to_the_export_limit() -> None:
    """The house's own load and the sun are seen in the meter."""
    decision = discharging().set(export_limit_w=3000).cycle(grid_power_w=-600.0)
    assert (power(decision.command), codes(decision)[-1]) == (2400, "export_limit")


def test_an_export_limit_that_nobody_can_follow_is_kept_by_size() -> None:
    """Battery and sun together stay below it, and it is shown as not guarded."""
    house = discharging().guard(Limit.EXPORT, Guard.NONE).set(export_limit_w=3000)
    decision = house.cycle(pv_power_w=1000.0)
    assert (power(decision.command), decision.guards[Limit.EXPORT]) == (2000, Guard.NONE)
    assert codes(decision)[-1] == "export_limit_static"


def test_an_unknown_reaction_time_follows_nothing() -> None:
    """What was never measured is not relied upon."""
    house = discharging().see(react_s=None).set(export_limit_w=3000)
    assert set(house.cycle().guards.values()) == {Guard.NONE}


@pytest.mark.parametrize("missing", ["grid_power_w", "battery_power_w"])
def test_an_export_limit_without_a_measurement_sells_nothing(missing: str) -> None:
    """When in doubt, narrow."""
    silent: dict[str, Any] = {missing: None}
    house = discharging().set(export_limit_w=3000)
    decision = house.cycle(pv_power_w=None, **silent)
    assert (decision.command, decision.guards[Limit.EXPORT]) == (SERVE, Guard.NONE)


def test_an_export_limit_that_the_device_holds_is_left_to_it() -> None:
    """The device is told, and the discharge is not cut."""
    house = discharging().guard(Limit.EXPORT, Guard.DEVICE).set(export_limit_w=3000)
    decision = house.cycle(grid_power_w=-600.0)
    assert (power(decision.command), decision.device_limits[Limit.EXPORT]) == (9000, 3000)


def test_an_export_limit_of_nothing_serves_the_house() -> None:
    """Nothing to sell: the battery is for the house."""
    assert discharging().set(export_limit_w=0).cycle().command == SERVE


def test_standby_takes_what_may_not_be_exported() -> None:
    """A limit comes before the mode."""
    decision = House().set(mode="standby", export_limit_w=3000).cycle(grid_power_w=-4400.0)
    assert decision.command == command(CommandKind.HOLD, max_charge_w=1500)
    assert codes(decision) == ["standby", "export_limit"]


def test_a_full_battery_cannot_hold_the_export_limit() -> None:
    """That is an event, not a silence."""
    house = House().set(mode="standby", export_limit_w=3000, charge_cutoff_soc_pct=90)
    decision = house.cycle(grid_power_w=-4400.0, soc_pct=95.0)
    assert decision.command == command(CommandKind.IDLE)
    assert decision.cannot_hold == ("export",)


def test_a_charge_is_trimmed_to_the_import_limit() -> None:
    """The grid contract is kept with what the house takes."""
    decision = charging().set(import_limit_w=5000).cycle(grid_power_w=1400.0)
    assert (power(decision.command), codes(decision)[-1]) == (3600, "import_limit")


def test_a_later_limit_never_widens_an_earlier_one() -> None:
    """The fuse stays where the contract would allow more."""
    decision = fused(charging()).set(import_limit_w=20_000).cycle(grid_power_w=1000.0)
    assert (power(decision.command), codes(decision)[-1]) == (4500, "main_fuse")


def test_an_import_limit_that_nobody_can_follow_is_kept_by_size() -> None:
    """With the largest load of the house on top."""
    house = charging().guard(Limit.IMPORT, Guard.NONE).set(import_limit_w=5000).connect(largest_load_w=2000.0)
    decision = house.cycle()
    assert (power(decision.command), decision.guards[Limit.IMPORT]) == (3000, Guard.NONE)


def test_an_import_limit_with_an_unknown_load_charges_nothing() -> None:
    """When in doubt, narrow."""
    decision = charging().see(react_s=None).set(import_limit_w=5000).cycle()
    assert (decision.command, decision.guards[Limit.IMPORT]) == (HOLD, Guard.NONE)


def test_an_import_limit_that_the_device_holds_is_left_to_it() -> None:
    """The device is told, and the charge is not cut."""
    house = charging().guard(Limit.IMPORT, Guard.DEVICE).set(import_limit_w=5000)
    decision = house.cycle(grid_power_w=4000.0)
    assert (power(decision.command), decision.device_limits[Limit.IMPORT]) == (9000, 5000)


def test_a_limit_that_nobody_declares_is_not_guarded() -> None:
    """Silence is never a promise."""
    decision = House().see(guards={}).set(export_limit_w=3000).cycle()
    assert decision.guards[Limit.EXPORT] is Guard.NONE


def test_what_the_battery_can_take_bounds_what_it_must() -> None:
    """A cold battery that takes little cannot hold the limit."""
    house = House().set(mode="standby", export_limit_w=3000)
    decision = house.cycle(grid_power_w=-4400.0, available_charge_power_w=500.0)
    assert decision.cannot_hold == ("export",)


def test_a_battery_that_supports_a_phase_takes_nothing_from_the_others() -> None:
    """Phases that pull in opposite directions: the fuse comes first, the export limit is named."""
    house = (
        House()
        .connect(main_fuse_a=16, phases=3, largest_load_w=1500.0)
        .set(mode="standby", max_charge_w=2000, export_limit_w=1000)
    )
    decision = house.cycle(grid_power_w=-2020.0, grid_phase_power_w=(3980.0, -3000.0, -3000.0))
    assert decision.command is not None
    assert decision.command.kind is CommandKind.SHAVE
    assert decision.cannot_hold == ("export",)


# What a mode sets itself


DISCHARGE, CHARGE = command(CommandKind.DISCHARGE), command(CommandKind.CHARGE)


def wishing(monkeypatch: pytest.MonkeyPatch, wish: Wish) -> House:
    """Give a house in a mode of which this is the wish."""

    def decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:  # noqa: ARG001  asked alike
        return wish

    monkeypatch.setitem(MODES, "new", Mode(key="new", needs=wish.command.kind, decide=decide))
    return House().set(mode="new", grid_charging=True)


def test_a_limit_of_the_mode_without_a_meter_is_kept_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mode's own maximum is no limit of the owner, so nobody is shown as its guard."""
    house = wishing(monkeypatch, Wish(command=DISCHARGE, max_export_w=3000))
    decision = house.cycle(grid_power_w=None, pv_power_w=500.0)
    assert power(decision.command) == 2500
    assert Limit.EXPORT not in decision.guards


def test_a_limit_of_the_mode_below_the_devices_is_ours_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device holds the owner's number and knows no other."""
    selling = wishing(monkeypatch, Wish(command=DISCHARGE, max_export_w=3000))
    selling.guard(Limit.EXPORT, Guard.DEVICE).set(export_limit_w=6000)
    assert power(selling.cycle(grid_power_w=0.0).command) == 3000
    buying = wishing(monkeypatch, Wish(command=CHARGE, max_import_w=3000))
    buying.guard(Limit.IMPORT, Guard.DEVICE).set(import_limit_w=6000)
    assert power(buying.cycle(grid_power_w=0.0).command) == 3000


def test_a_limit_of_the_mode_above_the_owners_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lower one counts."""
    house = wishing(monkeypatch, Wish(command=DISCHARGE, max_export_w=6000)).set(export_limit_w=3000)
    assert power(house.cycle(grid_power_w=0.0).command) == 3000


@pytest.mark.parametrize(("guard", "told_w"), [(Guard.TRIM, 3000), (Guard.DEVICE, None)])
def test_feeding_in_is_told_a_limit_that_is_ours_to_keep(
    monkeypatch: pytest.MonkeyPatch, guard: Guard, told_w: float | None
) -> None:
    """Also while the load of the house leaves room for all that the plant can give."""
    house = wishing(monkeypatch, Wish(command=command(CommandKind.FEED_IN))).guard(Limit.EXPORT, guard)
    decision = house.set(export_limit_w=3000).cycle(grid_power_w=8000.0)
    assert decision.command == command(CommandKind.FEED_IN, export_limit_w=told_w)


def test_a_floor_of_the_mode_stops_the_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the owner's floors."""
    house = wishing(monkeypatch, Wish(command=SERVE, floor_soc_pct=40))
    decision = house.cycle(soc_pct=40.0)
    assert (decision.command, codes(decision), decision.floor_soc_pct) == (HOLD, ["mode_floor"], 40)


def test_a_floor_of_the_mode_ends_a_discharge(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sold stops there too."""
    low = wishing(monkeypatch, Wish(command=DISCHARGE, floor_soc_pct=5))
    assert low.cycle().command == command(CommandKind.DISCHARGE, floor_soc_pct=10)
    house = wishing(monkeypatch, Wish(command=DISCHARGE, floor_soc_pct=40))
    assert house.cycle(soc_pct=41.0).command == command(CommandKind.DISCHARGE, floor_soc_pct=40)
    assert house.cycle(soc_pct=40.0).command == HOLD
