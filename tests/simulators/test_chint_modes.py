"""What the settings of a simulated Chint plant make it do: modes, windows, limits, floors."""

from datetime import UTC, datetime

import pytest

from tests.simulators.chint import ChintConfig, ChintSimulator, Profile
from tests.simulators.chint_modes import (
    EMERGENCY_CHARGING,
    FORCED_OFF_GRID,
    FULL_FEED_IN,
    PV_MODE,
    SELF_CONSUMPTION,
    TOU,
)
from tests.simulators.chint_settings import in_window

NOON_UTC = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
"""Noon in Berlin."""
LOAD_W, SUN_W, DARK_W = 1_000.0, 3_000.0, 0.0


def plant(
    profile: Profile,
    *,
    pv_w: float = DARK_W,
    load_w: float = LOAD_W,
    soc_pct: float = 50.0,
    **settings: float,
) -> ChintSimulator:
    """Build a plant that stands still, with sun and load given, and settings as if made in the app."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON_UTC, unlocked=True))
    sim.plant.pv_override_w, sim.plant.load_override_w = pv_w, load_w
    sim.plant.soc_pct = soc_pct
    for name, value in settings.items():
        sim.change(name, value)
    sim.advance(1)
    return sim


def packed(hour: int, minute: int = 0) -> int:
    """Give a time of day as a word."""
    return hour << 8 | minute


# The `sce`, whose control is public.


def test_sce_self_use_lets_the_battery_serve_the_house() -> None:
    """By night it gives, and nothing comes from the grid."""
    sim = plant("sce")
    assert sim.plant.flows.battery_w > LOAD_W
    assert sim.plant.flows.grid_w == pytest.approx(0)


def test_sce_back_up_gives_nothing_on_the_grid() -> None:
    """The recipe for hold: the grid serves the house, surplus still goes into the battery."""
    sim = plant("sce", hybrid_work_mode=3)
    assert sim.plant.flows.battery_w == 0
    assert sim.plant.flows.grid_w > LOAD_W
    assert plant("sce", hybrid_work_mode=3, pv_w=SUN_W).plant.flows.battery_w < 0


def test_sce_back_up_serves_the_house_in_an_outage() -> None:
    """That is what it is kept for."""
    sim = plant("sce", hybrid_work_mode=3)
    sim.plant.grid_available = False
    sim.advance(60)
    assert sim.plant.flows.battery_w > LOAD_W
    assert not sim.plant.blackout


def test_sce_charges_from_the_grid_in_its_window() -> None:
    """The recipe for grid charging, over the whole day."""
    sim = plant(
        "sce",
        time_slot1_repeat=1,
        time_slot1_charge_start=0,
        time_slot1_charge_end=0x173B,
        time_control_enable=1,
    )
    assert sim.plant.flows.battery_w == pytest.approx(-5_000, abs=200)
    assert sim.plant.flows.grid_w > 5_000


@pytest.mark.parametrize("missing", ["time_slot1_repeat", "time_control_enable"])
def test_sce_window_needs_switch_and_repeat(missing: str) -> None:
    """Without either it is self-use."""
    settings = {
        "time_slot1_repeat": 1,
        "time_slot1_charge_start": 0,
        "time_slot1_charge_end": 0x173B,
        "time_control_enable": 1,
    }
    assert plant("sce", **{**settings, missing: 0}).plant.flows.battery_w > 0


def test_sce_window_begins_and_ends_by_its_own_local_clock() -> None:
    """From 12:10 to 12:20 in Berlin, and again the next day."""
    sim = plant(
        "sce",
        time_slot1_repeat=1,
        time_slot1_charge_start=packed(12, 10),
        time_slot1_charge_end=packed(12, 20),
        time_control_enable=1,
    )
    seen = []
    for _ in range(4):
        sim.advance(450)
        seen.append(sim.plant.flows.battery_w < 0)
    assert seen == [False, True, False, False]
    sim.advance(24 * 3600 - 4 * 450 + 900)
    assert sim.plant.flows.battery_w < 0


def test_sce_with_a_wrong_clock_charges_at_the_wrong_time() -> None:
    """Its clock is an hour ahead: the window of 13 o'clock is now."""
    sim = plant(
        "sce",
        time_slot1_repeat=1,
        time_slot1_charge_start=packed(13),
        time_slot1_charge_end=packed(13, 30),
        time_control_enable=1,
    )
    assert sim.plant.flows.battery_w > 0
    sim.faults.add("wrong_clock", 3_600)
    sim.advance(60)
    assert sim.plant.flows.battery_w < 0


def test_sce_charge_goes_to_the_full_and_no_further() -> None:
    """A window has no target."""
    sim = plant(
        "sce",
        soc_pct=97,
        time_slot1_repeat=1,
        time_slot1_charge_start=0,
        time_slot1_charge_end=0x173B,
        time_control_enable=1,
    )
    sim.advance(4 * 3600)
    assert sim.get("batt_soc") == 100
    for seconds in (0, 0.001, 0.001, 0):
        sim.advance(seconds)
        assert sim.plant.flows.battery_w == pytest.approx(0, abs=10)


@pytest.mark.parametrize(
    ("start", "end", "hour", "inside"),
    [
        (packed(1), packed(5), 1, True),
        (packed(1), packed(5), 5, False),
        (packed(22), packed(6), 23, True),
        (packed(22), packed(6), 3, True),
        (packed(22), packed(6), 12, False),
        (packed(7), packed(7), 7, False),
    ],
)
def test_window(start: int, end: int, hour: int, inside: bool) -> None:
    """The end is outside, a later start goes over midnight, equal ones are no window."""
    assert in_window(start, end, datetime(2026, 6, 21, hour, tzinfo=UTC)) == inside


# The ECH, whose settings are assumed.


@pytest.mark.parametrize("profile", ["ech_s", "ech_th"])
def test_ech_pv_mode_leaves_the_battery_alone(profile: Profile) -> None:
    """Neither house nor surplus moves it."""
    assert plant(profile, running_mode=PV_MODE).plant.flows.battery_w == 0
    sunny = plant(profile, running_mode=PV_MODE, pv_w=SUN_W)
    assert sunny.plant.flows.battery_w == 0
    assert sunny.plant.flows.grid_w < -1_500


def test_ech_self_consumption_never_feeds_in_from_the_battery() -> None:
    """It serves the house only, down to its floor."""
    sim = plant("ech_th", running_mode=SELF_CONSUMPTION, soc_pct=11.0)
    assert sim.plant.flows.grid_w == pytest.approx(0)
    sim.advance(3 * 3600)
    assert sim.plant.soc_pct == pytest.approx(10, abs=0.2)
    assert sim.plant.flows.grid_w > 900


def test_ech_full_feed_in_discharges_to_keep_feed_in_high() -> None:
    """Within the export limit, where one is set."""
    sim = plant("ech_th", running_mode=FULL_FEED_IN, pv_w=SUN_W)
    assert sim.plant.flows.battery_w > 3_000
    limited = plant(
        "ech_th", running_mode=FULL_FEED_IN, pv_w=SUN_W, AntiFeedbackGridEn=1, FeedbackGridPower=1.5
    )
    assert limited.plant.flows.grid_w == pytest.approx(-1_500, abs=1)


def test_ech_emergency_charging_fills_and_holds() -> None:
    """As fast as it can, grid charging allowed or not; then it keeps the charge."""
    sim = plant("ech_th", running_mode=EMERGENCY_CHARGING, soc_pct=90.0)
    assert sim.plant.flows.battery_w < -5_000
    sim.advance(3 * 3600)
    assert sim.plant.soc_pct == pytest.approx(100, abs=0.5)
    sim.plant.grid_available = False
    sim.advance(60)
    assert sim.plant.flows.battery_w > LOAD_W


def test_ech_forced_off_grid_runs_as_an_island() -> None:
    """The grid is there and nothing comes from it; the mode is shown."""
    sim = plant("ech_th", running_mode=FORCED_OFF_GRID)
    assert sim.plant.islanded
    assert sim.plant.grid_available
    assert sim.plant.flows.grid_w == 0
    assert sim.get("pcs_run_state") == 4
    assert sim.get("running_mode_feedback") == FORCED_OFF_GRID
    assert sim.get("grid_relay_state") == 0
    sim.advance(3600)
    assert sim.get("backup_energy_today") == pytest.approx(1.0, abs=0.1)


def test_ech_returns_to_the_grid_when_the_island_fails() -> None:
    """A load that is too high ends it early."""
    sim = plant("ech_th", running_mode=FORCED_OFF_GRID)
    sim.plant.load_override_w = 15_000.0
    sim.advance(60)
    assert not sim.plant.islanded
    assert sim.plant.flows.grid_w > 5_000
    assert sim.get("running_mode_feedback") == SELF_CONSUMPTION


def test_ech_does_not_leave_the_grid_with_an_empty_battery() -> None:
    """It needs a well charged one."""
    assert not plant("ech_th", running_mode=FORCED_OFF_GRID, soc_pct=12.0).plant.islanded


def test_ech_charges_from_the_grid_in_its_window() -> None:
    """No more than it may draw, and only where that is allowed."""
    window = {"BatFromGridStartTime": packed(11), "BatFromGridEndTime": packed(13), "BatFromGridPower": 2.0}
    allowed = plant("ech_th", GridChgEn=1, **window)
    assert allowed.plant.flows.grid_w == pytest.approx(3_000, abs=1)
    assert allowed.plant.flows.battery_w < -1_500
    assert plant("ech_th", GridChgEn=0, **window).plant.flows.battery_w > 0
    allowed.advance(2 * 3600)
    assert allowed.plant.flows.battery_w > 0


def test_ech_export_limit_curtails() -> None:
    """A full battery and sun: no more than the limit goes out."""
    sim = plant("ech_th", pv_w=9_000, soc_pct=100, AntiFeedbackGridEn=1, FeedbackGridPower=0.5)
    assert sim.plant.flows.grid_w == pytest.approx(-500, abs=1)
    assert sim.get("work_mode") == 0x0800


def test_ech_switched_off_stands_still() -> None:
    """No PV, no battery; the grid serves the house."""
    sim = plant("ech_th", pv_w=SUN_W, power_on_off=0x5555)
    assert (sim.plant.flows.pv_w, sim.plant.flows.battery_w) == (0, 0)
    assert sim.get("work_mode") == 0x2000


def test_ech_follows_its_time_of_use_tables() -> None:
    """Charge at noon, then sell, then hold, then self-use."""
    periods = [
        *(packed(12), packed(13), 1),
        *(packed(13), packed(14), 2),
        *(packed(14), packed(15), 3),
    ]
    sim = plant("ech_th", running_mode=TOU, GridChgEn=1, BatFromGridPower=3.0)
    sim.change_table("tou_base_modes", [1, 3, *periods])
    seen = []
    for _ in range(4):
        seen.append(round(sim.plant.flows.battery_w / 1_000, 0))
        sim.advance(3600)
    assert seen[0] == -3
    assert seen[1] > 5
    assert seen[2:] == [0, 1]


def test_ech_clock_is_read_and_set() -> None:
    """The registers show its own local time; a written hour moves it."""
    sim = plant("ech_th")
    assert (sim.get("rtc_year"), sim.get("rtc_hour"), sim.get("rtc_minute")) == (2026, 12, 0)
    sim.change("rtc_hour", 23)
    sim.change("rtc_minute", 59)
    before = sim.get("pv_energy_total")
    sim.advance(120)
    assert (sim.get("rtc_day"), sim.get("rtc_hour"), sim.get("rtc_minute")) == (22, 0, 1)
    assert sim.get("pv_energy_total") == before


# The string inverter, which has no battery.


def test_string_inverter_obeys_its_output_limit() -> None:
    """10 % of 50 kW."""
    sim = plant("cps_403x", pv_w=40_000, active_power_set=10.0)
    assert sim.plant.flows.inverter_ac_w == pytest.approx(5_000)
    assert sim.get("active_power") == 5.0


def test_string_inverter_with_needy_firmware_ignores_the_limit_until_it_is_enabled() -> None:
    """It is accepted, and does nothing."""
    sim = ChintSimulator(ChintConfig(profile="cps_403x", speed=0, start=NOON_UTC, dispatch_needs_enable=True))
    sim.plant.pv_override_w = 40_000
    sim.change("active_power_set", 10.0)
    assert sim.plant.flows.inverter_ac_w > 35_000
    sim.change("active_power_control_mode", 1)
    assert sim.plant.flows.inverter_ac_w == pytest.approx(5_000)
    sim.change("active_power_control_mode", 2)
    sim.change("active_power_set_local", 20.0)
    assert sim.plant.flows.inverter_ac_w == pytest.approx(10_000)


def test_string_inverter_can_be_switched_off() -> None:
    """And shows standby."""
    sim = plant("cps_403x", pv_w=40_000, power_on_off=0x5555)
    assert sim.plant.flows.pv_w == 0
    assert sim.get("work_mode") == 0x2000
