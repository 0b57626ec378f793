"""What a simulated Chint plant counts, measures and remembers."""

from datetime import UTC, datetime
import json

import pytest

from tests.simulators.chint import ChintConfig, ChintSimulator, Profile
from tests.simulators.plant import PlantConfig

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
LATE = datetime(2026, 6, 21, 21, 30, tzinfo=UTC)
"""Half past eleven in Berlin."""
HYBRIDS: tuple[Profile, ...] = ("ech_s", "ech_th", "sce")
NAMES = {
    "ech_s": ("Grid_Power", "pv_power", "batt_power", "load_power"),
    "ech_th": ("grid_power", "pv_power", "batt_power", "load_power"),
    "sce": ("grid_l1_power", "pv_power_total", "batt_power", "load_l1_power"),
}


@pytest.mark.parametrize("profile", HYBRIDS)
@pytest.mark.parametrize("pv_w", [0.0, 2_000.0, 5_500.0])
def test_powers_balance(profile: Profile, pv_w: float) -> None:
    """Grid, PV and battery together are load and losses, with the signs of the fact file."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w = pv_w, 1_200.0
    sim.advance(60)
    grid, pv, battery, load = (float(sim.get(name)) for name in NAMES[profile])
    assert grid + pv + battery == pytest.approx(load + sim.plant.flows.losses_w, abs=3)


@pytest.mark.parametrize("profile", ["ech_s", "ech_th"])
def test_battery_power_is_voltage_times_current(profile: Profile) -> None:
    """That is how it is computed where there is no register for it."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 2_000.0
    sim.advance(60)
    volt, amp = ("Batt_Volt", "Batt_Curr") if profile == "ech_s" else ("batt_voltage", "batt_current")
    volts, amps = float(sim.get(volt)), float(sim.get(amp))
    assert amps > 0
    assert volts * amps == pytest.approx(sim.plant.flows.battery_w, rel=0.02)


def test_phases_of_a_three_phase_sce_add_up() -> None:
    """Each has its own power; together they are that of the grid."""
    config = ChintConfig(profile="sce", speed=0, start=NOON, plant=PlantConfig(battery_capacity_wh=0.0))
    sim = ChintSimulator(config)
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 6_000.0
    sim.advance(60)
    phases = [float(sim.get(f"grid_l{phase}_power")) for phase in (1, 2, 3)]
    assert sum(phases) == pytest.approx(sim.plant.flows.grid_w, abs=0.3)
    assert len(set(phases)) == 3
    assert sim.get("phase_count") == 3


def test_lifetime_counter_of_an_sce_has_a_fraction_apart() -> None:
    """Whole kilowatt-hours in one register, thousandths in another."""
    sim = ChintSimulator(ChintConfig(profile="sce", speed=0, start=NOON))
    whole, fraction = float(sim.get("pv_energy_total")), float(sim.get("pv_energy_total_fraction"))
    assert whole + fraction == pytest.approx(6_412.7)
    sim.plant.pv_override_w = 3_000.0
    sim.advance(1_800)
    later = float(sim.get("pv_energy_total")) + float(sim.get("pv_energy_total_fraction"))
    assert later == pytest.approx(6_414.2, abs=0.01)
    assert sim.get("pv_energy_today") == 1_500


def test_counters_of_the_day_begin_anew_at_local_midnight() -> None:
    """Not at midnight UTC; those of the life go on."""
    sim = ChintSimulator(ChintConfig(profile="sce", speed=0, start=LATE))
    sim.plant.load_override_w = 1_000.0
    sim.advance(1_799)
    assert sim.get("load_energy_today") == pytest.approx(0.5, abs=0.01)
    sim.advance(1_801)
    assert sim.get("load_energy_today") == pytest.approx(0.5, abs=0.01)
    assert sim.get("load_energy_total") == pytest.approx(5_103.6, abs=0.01)


def test_device_that_is_ahead_begins_its_day_early() -> None:
    """It is its own clock that counts."""
    sim = ChintSimulator(ChintConfig(profile="sce", speed=0, start=LATE, clock_offset_s=900.0))
    sim.plant.load_override_w = 1_000.0
    sim.advance(1_200)
    assert sim.get("load_energy_today") == pytest.approx(0.083, abs=0.01)


@pytest.mark.parametrize("profile", HYBRIDS)
def test_memory_survives_a_restart(profile: Profile) -> None:
    """Counters, settings and SOC go on, by way of a file."""
    sim = ChintSimulator(ChintConfig(profile=profile, speed=0, start=NOON))
    setting = "hybrid_work_mode" if profile == "sce" else "running_mode"
    sim.change(setting, 3)
    sim.advance(3_600)
    memory = json.loads(json.dumps(sim.memory()))
    again = ChintSimulator(ChintConfig(profile=profile, speed=0, start=sim.plant.now, memory=memory))
    total = "load_energy_total" if profile == "sce" else "ABF_Load_TotalEnergy"
    today = "load_energy_today" if profile == "sce" else "ABF_Load_TodayEnergy"
    for name in (setting, total, today):
        assert again.get(name) == sim.get(name)
    assert again.plant.soc_pct == sim.plant.soc_pct


def test_memory_of_yesterday_starts_a_new_day() -> None:
    """What was counted today was counted then."""
    sim = ChintSimulator(ChintConfig(profile="sce", speed=0, start=NOON))
    sim.advance(3_600)
    tomorrow = sim.plant.now.replace(day=22)
    again = ChintSimulator(
        ChintConfig(profile="sce", speed=0, start=tomorrow, memory=json.loads(json.dumps(sim.memory())))
    )
    assert again.get("load_energy_today") == 0
    assert again.get("load_energy_total") == sim.get("load_energy_total")
