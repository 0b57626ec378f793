"""The battery modes of the simulated Instagen inverter: each does what the manual says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_messages import Message
from tests.simulators.instagen_windows import in_dates, in_window, on_weekday, tariff_at
from tests.simulators.plant import Flows, PlantConfig

NOON = datetime(2026, 6, 23, 10, 0, tzinfo=UTC)
"""A Tuesday, 12:00 at the plant."""
RATED_W = 4_600.0
HOUSE_W = 1_000.0


def home(soc_pct: float = 50.0, *, pv_w: float = 0.0, **config: Any) -> InstagenSimulator:
    """Build a system without weather at noon."""
    plant = PlantConfig(
        soc_pct=soc_pct,
        inverter_ac_w=RATED_W,
        max_charge_w=RATED_W,
        max_discharge_w=RATED_W,
        battery_capacity_wh=10_000,
        three_phase=False,
    )
    sim = InstagenSimulator(InstagenConfig(speed=0, start=NOON, plant=plant, **config))
    sim.plant.pv_override_w, sim.plant.load_override_w = pv_w, HOUSE_W
    return sim


def told(sim: InstagenSimulator, mode: int, **parameters: Any) -> Flows:
    """Enter a mode as a client does and return the powers once it acts."""
    values: Message = {"target_serials": [sim.config.serials[0]], "mode": mode, **parameters}
    assert sim.device.check(values) == 0
    sim.device.write(values)
    sim.advance(9)
    return sim.plant.flows


def test_write_acts_some_seconds_later() -> None:
    """The old mode goes on for 3 to 8 seconds after the acknowledgement."""
    sim = home()
    delay_s = sim.device.write({"mode": 5, "reserve_soc": 90, "max_power": 50.0})
    assert 3 <= delay_s <= 8
    sim.advance(delay_s - 0.1)
    assert (sim.mode, sim.plant.flows.battery_w > 0) == (1, True)
    sim.advance(0.2)
    assert (sim.mode, sim.plant.flows.battery_w < 0) == (5, True)


def test_writes_act_in_their_order() -> None:
    """However long each takes, the last one stands in the end."""
    for seed in range(20):
        sim = home()
        sim.device._random.seed(seed)
        for mode in (3, 1, 4, 1):
            sim.device.write({"mode": mode, "reserve_soc": 10 + mode})
        sim.advance(9)
        assert (sim.mode, sim.device.modes.stored[1]) == (1, {"reserve_soc": 11})


def test_self_consumption_stops_at_the_reserve() -> None:
    """The battery serves the house down to the reserve and is never charged from the grid."""
    sim = home(30)
    assert told(sim, 1, reserve_soc=25).grid_w == pytest.approx(0, abs=1)
    sim.advance(3600)
    assert sim.plant.soc_pct == pytest.approx(25, abs=0.2)
    assert sim.plant.flows.grid_w > HOUSE_W
    assert told(sim, 1, reserve_soc=60).battery_w == 0


def test_self_consumption_stores_the_surplus() -> None:
    """PV beyond the house goes to the battery, below the reserve too."""
    assert told(home(20, pv_w=3_000), 1, reserve_soc=60).battery_w < -1_800


WEEK: Message = {
    "peak_window": 0x11001500,
    "offpeak_window": 0x0C00_0D1D,
    "peak_buy": 0.4,
    "offpeak_buy": 0.1,
}


def economy(mask_1: int = 31, mask_2: int = 96, dates: int = 0x01011F0C) -> Message:
    """Build a schedule: off-peak from 12:00 up to the end of 13:29, peak 17:00-21:00, on these days."""
    return {
        "reserve_soc": 20,
        "tariff_dates": [
            {
                "date_range": dates,
                "week_group_1": {**WEEK, "weekday_mask": mask_1},
                "week_group_2": {"weekday_mask": mask_2},
            }
        ],
    }


def test_economy_charges_off_peak_up_to_the_end_of_the_last_minute() -> None:
    """From the grid in the window, whose end minute belongs to it; self-consumption after it."""
    sim = home(10)
    assert told(sim, 2, **economy()).battery_w == pytest.approx(-RATED_W + 700, abs=800)
    sim.plant.soc_pct = 50
    sim.advance(89 * 60 + 40)
    assert sim.device.clock.strftime("%H:%M:%S") == "13:29:49"
    assert sim.plant.flows.battery_w < 0
    sim.advance(12)
    assert sim.plant.flows.battery_w > HOUSE_W


def test_economy_serves_the_house_at_the_peak() -> None:
    """The battery runs the house at the peak, down to the reserve."""
    sim = home(60)
    told(sim, 2, **economy())
    sim.advance(5 * 3600 + 1800)
    assert sim.device.clock.hour == 17
    assert sim.plant.flows.grid_w == pytest.approx(0, abs=1)
    assert sim.plant.flows.battery_w > HOUSE_W


@pytest.mark.parametrize(
    "schedule", [economy(mask_1=30 & ~2), economy(dates=0x01071F0C), {"reserve_soc": 20, "tariff_dates": []}]
)
def test_economy_elsewhere_is_self_consumption(schedule: Message) -> None:
    """Another weekday, another season or no schedule: nothing is charged."""
    assert told(home(), 2, **schedule).battery_w > HOUSE_W


def test_backup_charges_to_its_level_then_keeps_it() -> None:
    """From the grid up to the level, no further and not below it; beyond it the surplus is used."""
    sim = home(60)
    assert told(sim, 3, reserve_soc=70).battery_w < -3_000
    sim.advance(3600)
    assert sim.plant.soc_pct == pytest.approx(70, abs=0.3)
    sim.advance(6 * 3600)
    assert sim.plant.soc_pct == pytest.approx(70, abs=1.1)
    sim.plant.pv_override_w = 3_000
    sim.advance(600)
    assert sim.plant.soc_pct > 72


def test_off_grid_has_no_grid() -> None:
    """Grid power 0 although the grid is there, below every reserve, until another mode."""
    sim = home(8)
    flows = told(sim, 4)
    assert (flows.grid_w, flows.household_w) == (0, HOUSE_W)
    assert flows.battery_w > HOUSE_W
    assert sim.plant.islanded
    assert told(sim, 1, reserve_soc=10).grid_w > HOUSE_W


def test_force_charge_holds_its_power_then_its_level() -> None:
    """A share of the rated power up to the level; there the battery rests, PV or house whatever."""
    sim = home(80)
    assert told(sim, 5, reserve_soc=85, max_power=50.0).battery_w == pytest.approx(-RATED_W / 2)
    sim.advance(3600)
    assert sim.plant.soc_pct == pytest.approx(85, abs=0.2)
    assert sim.plant.flows.battery_w == 0
    sim.plant.pv_override_w = 3_000
    sim.advance(60)
    assert sim.plant.flows.battery_w == 0
    sim.plant.soc_pct = 83
    sim.advance(60)
    assert sim.plant.flows.battery_w < 0


def test_force_discharge_holds_its_power_then_its_level() -> None:
    """A share of the rated power into the grid down to the level, then nothing."""
    sim = home(50)
    assert told(sim, 6, reserve_soc=40, max_power=50.0).battery_w == pytest.approx(RATED_W / 2)
    assert sim.plant.flows.grid_w < -1_000
    sim.advance(3600)
    assert sim.plant.soc_pct == pytest.approx(40, abs=0.2)
    assert sim.plant.flows.battery_w == 0
    sim.advance(24 * 3600)
    assert sim.plant.flows.battery_w == 0


def test_peak_shaving_keeps_the_import_under_its_limit() -> None:
    """Below the upper SOC it charges with what the limit leaves; a peak is met by the battery."""
    sim = home(50)
    shaving: dict[str, Any] = {"reserve_soc": 30, "peak_max_soc": 70, "peak_meter_power": 3_000}
    assert told(sim, 7, **shaving).grid_w == pytest.approx(3_000)
    assert sim.plant.flows.battery_w < -1_500
    sim.advance(3 * 3600)
    assert sim.plant.soc_pct == pytest.approx(70, abs=0.3)
    assert sim.plant.flows.battery_w == 0
    sim.plant.pv_override_w = 2_500
    sim.advance(60)
    assert sim.plant.flows.battery_w < -1_000, "above it, the sun still charges"
    sim.plant.pv_override_w = 0
    sim.plant.load_override_w = 5_000
    sim.advance(60)
    assert sim.plant.flows.grid_w == pytest.approx(3_000)
    sim.advance(4 * 3600)
    assert sim.plant.soc_pct == pytest.approx(30, abs=0.3)
    assert sim.plant.flows.grid_w > 5_000


def test_time_of_use_follows_its_windows() -> None:
    """Charge at a share of the rated power up to a level in one, serve the house to a floor in another."""
    sim = home(50)
    periods = [
        {
            "charge_window": 0x0C00_0D00,
            "charge_power": 40,
            "max_soc": 60,
            "discharge_window": 0x0D00_0C00,
            "discharge_power": 10,
            "min_soc": 55,
        }
    ]
    assert told(sim, 8, reserve_soc=10, tou_periods=periods).battery_w == pytest.approx(-0.4 * RATED_W)
    sim.advance(3500)
    assert sim.plant.soc_pct == pytest.approx(60, abs=0.2)
    assert sim.plant.flows.battery_w == 0
    sim.advance(120)
    assert sim.device.clock.strftime("%H:%M") == "13:00"
    assert sim.plant.flows.battery_w == 0, "the end minute still belongs to charging"
    sim.advance(60)
    assert sim.plant.flows.battery_w == pytest.approx(0.1 * RATED_W)
    sim.advance(3 * 3600)
    assert sim.plant.soc_pct == pytest.approx(55, abs=0.2)


def test_time_of_use_without_a_window_keeps_the_reserve() -> None:
    """Outside every window the house is served down to the reserve of the mode."""
    sim = home(50)
    assert told(sim, 8, reserve_soc=45, tou_periods=[]).battery_w > HOUSE_W
    sim.advance(3600)
    assert sim.plant.soc_pct == pytest.approx(45, abs=0.2)


def test_parameters_of_each_mode_are_kept() -> None:
    """Choosing a mode in the app again finds what was written for it."""
    sim = home(50)
    told(sim, 5, reserve_soc=90, max_power=20.0)
    told(sim, 1, reserve_soc=15)
    sim.change_mode(5)
    sim.advance(1)
    assert sim.plant.flows.battery_w == pytest.approx(-0.2 * RATED_W)
    sim.change_mode(1, reserve_soc=55)
    sim.advance(1)
    assert sim.plant.flows.battery_w == 0


def test_outage_uses_the_reserve() -> None:
    """Off the grid the battery runs the house below the reserve, in a hold too."""
    sim = home(50)
    told(sim, 5, reserve_soc=40, max_power=20.0)
    assert sim.plant.flows.battery_w == 0
    sim.plant.grid_available = False
    sim.advance(3600)
    assert sim.plant.soc_pct < 45
    assert not sim.plant.blackout


@pytest.mark.parametrize(
    "values",
    [
        {"mode": 0},
        {"mode": 9, "reserve_soc": 50},
        {"mode": 1},
        {"mode": 1, "reserve_soc": 9},
        {"mode": 1, "reserve_soc": 101},
        {"mode": 5, "reserve_soc": 50},
        {"mode": 5, "reserve_soc": 50, "max_power": 100.1},
        {"mode": 7, "reserve_soc": 50, "peak_max_soc": 70},
        {"mode": 2, "reserve_soc": 50, "tariff_dates": [{}] * 5},
        {"mode": 1, "reserve_soc": 50, "target_serials": []},
        {"mode": 1, "reserve_soc": 50, "target_serials": [5]},
        {},
        {"relays": [{"function": 9}]},
        {"relays": [{"function": 2, "load_mode": 6}]},
    ],
)
def test_impossible_setting_is_refused(values: dict[str, Any]) -> None:
    """A mode that there is not, one without its parameters, a value out of range, nobody's inverter."""
    sim = home()
    assert sim.device.check({"target_serials": [sim.config.serials[0]], **values}) > 0


def test_firmware_may_lack_newer_modes() -> None:
    """Modes 7 and 8 are refused where the firmware does not know them."""
    sim = home(refused_modes=frozenset({7, 8}))
    serials = [sim.config.serials[0]]
    newer: Message = {"target_serials": serials, "mode": 8, "reserve_soc": 10, "tou_periods": []}
    assert sim.device.check(newer) == 2
    assert sim.device.check({"target_serials": serials, "mode": 1, "reserve_soc": 10}) == 0


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (0x041F001D, ("04:31", "23:00", "00:29"), ("04:30", "00:30")),
        (0x03000500, ("03:00", "05:00"), ("02:59", "05:01")),
        (0, (), ("00:00", "12:00")),
    ],
)
def test_windows(window: int, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    """Both ends belong to a window, it may pass midnight, and zero is none."""
    for texts, expected in ((inside, True), (outside, False)):
        for text in texts:
            assert in_window(window, datetime.fromisoformat(f"2026-01-01T{text}:59+01:00")) is expected


@pytest.mark.parametrize(
    ("dates", "inside", "outside"),
    [
        (0x01011C02, ("01-01", "02-28"), ("02-29", "03-01", "12-31")),
        (0x0F0B0F03, ("11-15", "01-01", "03-15"), ("11-14", "03-16")),
    ],
)
def test_dates(dates: int, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    """Both days belong to a range, which may pass the new year."""
    for texts, expected in ((inside, True), (outside, False)):
        for text in texts:
            assert in_dates(dates, datetime.fromisoformat(f"2028-{text}T00:00:00+01:00")) is expected


def test_weekdays() -> None:
    """The lowest bit is Monday: 31 is Monday to Friday, 96 the weekend."""
    days = [datetime(2026, 6, 22 + day, tzinfo=UTC) for day in range(7)]
    assert [on_weekday(31, day) for day in days] == [True] * 5 + [False] * 2
    assert [on_weekday(96, day) for day in days] == [False] * 5 + [True] * 2


def test_tariff_of_the_vector() -> None:
    """The published example: off-peak 00:30-04:30, peak from 04:31, on both day groups, in winter only."""
    group = {"peak_window": 0x041F001D, "offpeak_window": 0x001E041E}
    dates: tuple[Message, ...] = (
        {
            "date_range": 0x01011C02,
            "week_group_1": {**group, "weekday_mask": 31},
            "week_group_2": {**group, "weekday_mask": 96},
        },
    )
    found = [tariff_at(dates, datetime(2026, 1, 12, hour, minute, tzinfo=UTC)) for hour, minute in TIMES]
    assert found == ["peak", "offpeak", "offpeak", "peak"]
    assert tariff_at(dates, datetime(2026, 7, 1, tzinfo=UTC)) is None


TIMES = ((0, 29), (0, 30), (4, 30), (4, 31))
