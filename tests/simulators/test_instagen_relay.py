"""The dry contact of the simulated Instagen inverter: earth fault, load modes, generator."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_messages import Message
from tests.simulators.instagen_windows import number, parts
from tests.simulators.plant import PlantConfig

NOON = datetime(2026, 6, 23, 10, 0, tzinfo=UTC)
"""A Tuesday, 12:00 at the plant."""
HOME = InstagenConfig(speed=0, start=NOON, plant=PlantConfig(three_phase=False, soc_pct=50))
HEATER_W = 2_000.0


def system(config: InstagenConfig = HOME) -> InstagenSimulator:
    """Build a system without weather at noon."""
    sim = InstagenSimulator(config)
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 1_000.0
    return sim


def relay(sim: InstagenSimulator, **settings: Any) -> None:
    """Write the relay part alone, as a client does, and wait until it acts."""
    values: Message = {"target_serials": [sim.config.serials[0]], "relays": [settings]}
    assert sim.device.check(values) == 0
    sim.device.write(values)
    sim.advance(9)


def closed(sim: InstagenSimulator) -> bool:
    """Tell whether the contact is closed."""
    return sim.contact.closed


def at(sim: InstagenSimulator, clock: str) -> bool:
    """Go to a time of day at the plant and tell whether the contact is closed."""
    hour, minute = map(int, clock.split(":"))
    seconds = (hour - sim.device.clock.hour) * 3600 + (minute - sim.device.clock.minute) * 60
    sim.advance(seconds % 86_400 - sim.device.clock.second + 1)
    return closed(sim)


def test_relay_alone_leaves_the_battery_mode() -> None:
    """A message without a mode changes the contact only."""
    sim = system(replace(HOME, mode=3))
    relay(sim, function=2, load_mode=1, manual_switch=1)
    assert (sim.mode, closed(sim)) == (3, True)


def test_both_parts_may_come_at_once() -> None:
    """One message sets mode and contact."""
    sim = system()
    sim.device.write({"mode": 3, "reserve_soc": 70, "relays": [{"function": 2, "load_mode": 1}]})
    relay(sim, manual_switch=1)
    assert (sim.mode, closed(sim)) == (3, True)


def test_zero_must_be_sent_to_open_the_switch() -> None:
    """What a message leaves out stays; only an explicit 0 opens the contact."""
    sim = system()
    relay(sim, function=2, load_mode=1, manual_switch=1)
    relay(sim, function=2, load_mode=1)
    assert closed(sim)
    relay(sim, manual_switch=0)
    assert not closed(sim)


@pytest.mark.parametrize("settings", [{"function": 0}, {"function": 1}, {"function": 2}, {"function": 3}])
def test_contact_is_open_without_a_reason(settings: dict[str, int]) -> None:
    """A function without its settings closes nothing."""
    sim = system()
    relay(sim, manual_switch=1, **settings)
    assert not closed(sim)


def test_earth_fault_closes_the_alarm_contact() -> None:
    """The alarm follows the insulation, which shows in the live data."""
    sim = system()
    relay(sim, function=1)
    assert not closed(sim)
    sim.faults.add("earth_fault")
    sim.advance(20)
    assert closed(sim)
    common = parts(parts(sim.device.shown[0], "inverter")[0], "common")[0]
    assert number(common, "insulation_resistance") < 100
    assert number(common, "safety_faults") == 1 << 15
    sim.faults.remove("earth_fault")
    sim.advance(20)
    assert not closed(sim)


def test_time_mode_has_two_groups_of_two_windows() -> None:
    """Closed in its windows on its weekdays, each to the end of its last minute."""
    sim = system()
    windows = {
        "weekday_mask_1": 0b0000010,
        "window_1a": 0x0C1E0D00,
        "window_1b": 0x0F00_0F1E,
        "weekday_mask_2": 0b0000100,
        "window_2a": 0x0800_0900,
        "window_2b": 0x1600_0500,
    }
    relay(sim, function=2, load_mode=2, time_mode=windows)
    clocks = ("12:29", "12:30", "13:00", "13:01", "15:30", "22:30")
    assert [at(sim, clock) for clock in clocks] == [False, True, True, False, True, False]
    wednesday = ("00:30", "08:30", "12:30", "23:59")
    assert [at(sim, clock) for clock in wednesday] == [True, True, False, True]
    assert at(sim, "00:01") is False, "Thursday is in no group"


def test_intelligent_mode_waits_for_a_surplus() -> None:
    """Inside its window by a surplus of the load's power; on for its minimum run time, which it survives."""
    sim = system(replace(HOME, contact_load_w=HEATER_W, plant=replace(HOME.plant, soc_pct=100)))
    mode = {"weekday_mask_1": 127, "window_1": 0x0C00_0E00, "min_run_time": 30, "rated_power": 2_000}
    relay(sim, function=2, load_mode=3, intelligent_mode=mode)
    sim.plant.pv_override_w = 2_900.0
    sim.advance(60)
    assert not closed(sim)
    sim.plant.pv_override_w = 3_500.0
    sim.advance(60)
    assert closed(sim)
    assert sim.plant.flows.household_w == 1_000 + HEATER_W
    sim.advance(40 * 60)
    assert closed(sim), "its own load is no lack of surplus"
    sim.plant.pv_override_w = 500.0
    sim.advance(60)
    assert not closed(sim)
    sim.plant.pv_override_w = 6_000.0
    sim.advance(60)
    sim.plant.pv_override_w = 0.0
    sim.advance(25 * 60)
    assert closed(sim), "the minimum run time holds"
    sim.advance(10 * 60)
    assert not closed(sim)
    sim.plant.pv_override_w = 6_000.0
    assert at(sim, "14:01") is False


def test_battery_charging_is_no_surplus() -> None:
    """What goes into the battery is not left for the load."""
    sim = system(replace(HOME, contact_load_w=HEATER_W))
    mode = {"weekday_mask_1": 127, "window_1": 0x0001_173B, "min_run_time": 30, "rated_power": 2_000}
    relay(sim, function=2, load_mode=3, intelligent_mode=mode)
    sim.plant.pv_override_w = 6_000.0
    sim.advance(60)
    assert sim.plant.flows.battery_w < -4_000
    assert not closed(sim)


def test_backup_load_is_shed_off_the_grid() -> None:
    """Below the protection SOC in an outage; back with a margin, or with the grid."""
    sim = system()
    relay(sim, function=2, load_mode=4, protection_soc=40)
    found = [closed(sim)]
    sim.plant.grid_available = False
    for soc_pct in (50, 35, 42, 46, 35):
        sim.plant.soc_pct = soc_pct
        sim.advance(5)
        found.append(closed(sim))
    sim.plant.grid_available = True
    sim.advance(5)
    assert [*found, closed(sim)] == [True, True, False, False, True, False, True]


def test_ev_charger_is_let_in_while_the_entrance_has_room() -> None:
    """On below breaker less charger, off above the breaker, as it was between them."""
    sim = system(replace(HOME, mode=3, plant=replace(HOME.plant, battery_capacity_wh=0)))
    relay(sim, function=2, load_mode=5, entrance_breaker_size=63, ev_charger_size=32)
    found = []
    for load_w in (5_000, 12_000, 15_000, 12_000, 5_000):
        sim.plant.load_override_w = float(load_w)
        sim.advance(5)
        found.append(closed(sim))
    assert found == [True, True, False, False, True]


AUTO = {"run_mode": 2, "start_soc": 30, "stop_soc": 60}


def generator(**settings: int) -> InstagenSimulator:
    """Build a system off the grid with a generator at the contact."""
    sim = system()
    sim.plant.grid_available = False
    relay(sim, function=3, generator={**AUTO, **settings})
    return sim


def test_generator_runs_by_hand() -> None:
    """On and off as told; it feeds the house while the grid is gone."""
    sim = generator(run_mode=1)
    assert sim.plant.generator_on
    sim.advance(60)
    assert sim.plant.flows.generator_w > 1_000
    shown = parts(sim.device.shown[0], "generator")[0]
    assert number(parts(shown, "phases")[0], "active_power") > 1_000
    relay(sim, function=3, generator={"run_mode": 0})
    assert not sim.plant.generator_on


def test_generator_runs_by_soc() -> None:
    """From the start SOC up to the stop SOC, never with the grid."""
    sim = generator()
    found = []
    for soc_pct in (31, 29, 59, 61, 31, 20):
        sim.plant.soc_pct = soc_pct
        sim.advance(1)
        found.append(sim.plant.generator_on)
    assert found == [False, True, True, False, False, True]
    sim.plant.grid_available = True
    sim.advance(1)
    assert not sim.plant.generator_on


def test_generator_is_quiet_in_quiet_hours() -> None:
    """Off in both windows while they are enabled."""
    sim = generator(quiet_enable=1, quiet_window_1=0x0C00_0C1E, quiet_window_2=0x0D00_0D1E)
    sim.plant.soc_pct = 20
    assert [at(sim, clock) for clock in ("12:10", "12:45", "13:10")] == [False, True, False]
    relay(sim, function=3, generator={**AUTO, "quiet_enable": 0, "quiet_window_2": 0x0D00_0D1E})
    assert sim.plant.generator_on


def test_generator_charges_the_battery_in_its_window_only() -> None:
    """Outside the charge window it serves the house alone."""
    sim = generator(run_mode=1, charge_window=0x0C1E0D00)
    sim.advance(60)
    assert sim.plant.flows.battery_w >= 0
    assert at(sim, "12:31")
    sim.advance(60)
    assert sim.plant.flows.battery_w < -2_000


def test_generator_may_fail_to_start() -> None:
    """The contact closes and nothing comes."""
    sim = system()
    sim.faults.add("generator_does_not_start")
    sim.plant.grid_available = False
    relay(sim, function=3, generator={"run_mode": 1})
    sim.advance(60)
    assert closed(sim)
    assert sim.plant.flows.generator_w == pytest.approx(0)
