"""The simulated plant: energy balances, limits hold, every behaviour and outage does what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from tests.simulators.curves import series
from tests.simulators.plant import Behaviour, Ev, Flows, PlantConfig, Posture, SimulatedPlant

NOON = datetime(2026, 6, 21, 11, tzinfo=UTC)
NIGHT = datetime(2026, 6, 21, 0, tzinfo=UTC)
WINTER = datetime(2026, 1, 12, 0, tzinfo=UTC)


def plant(config: PlantConfig | None = None, *, start: datetime = NOON, **posture: object) -> SimulatedPlant:
    """Build a plant with 5 kW of PV on offer, a house of 1 kW and this posture."""
    built = SimulatedPlant(config or PlantConfig(), start)
    built.pv_override_w, built.load_override_w = 5_000.0, 1_000.0
    for name, value in posture.items():
        setattr(built.posture, name, value)
    built.step(0)
    return built


def assert_balanced(flows: Flows) -> None:
    """Check that what flows in flows out, at each of the places that `Flows` names."""
    assert flows.household_w + flows.ac_ev_w == pytest.approx(
        flows.inverter_ac_w + flows.third_party_pv_w + flows.grid_w + flows.generator_w, abs=1e-6
    )
    assert flows.inverter_ac_w == pytest.approx(
        flows.pv_w + flows.battery_w - flows.dc_ev_w - flows.losses_w, abs=1e-6
    )
    assert flows.load_w + flows.losses_w == pytest.approx(
        flows.pv_w + flows.third_party_pv_w + flows.battery_w + flows.grid_w + flows.generator_w, abs=1e-6
    )
    assert sum(flows.grid_phases_w) == pytest.approx(flows.grid_w, abs=1e-6)
    assert sum(flows.inverter_phases_w) == pytest.approx(flows.inverter_ac_w, abs=1e-6)
    assert sum(volts * amps for volts, amps in flows.pv_strings) == pytest.approx(flows.pv_w, abs=1e-6)
    assert min(flows.losses_w, flows.battery_losses_w, flows.generator_w) >= -1e-6


def assert_energy_kept(plant: SimulatedPlant, stored_before_wh: float, tolerance: float) -> None:
    """Check that what came in since the start went out, was lost or is stored."""
    total = plant.total_kwh
    came = total.pv + total.third_party_pv + total.grid_import + total.generator
    went = total.grid_export + total.load
    lost = total.losses + total.battery_losses
    stored = (plant.stored_wh - stored_before_wh) / 1000
    assert came > 0
    assert went + lost + stored == pytest.approx(came, rel=tolerance)


def test_a_week_balances() -> None:
    """Over a week at 5 s with everything fitted, energy in is energy out, lost or stored."""
    config = PlantConfig(third_party_pv_peak_w=3_000)
    week = SimulatedPlant(config, datetime(2026, 3, 25, 23, tzinfo=UTC))
    week.ac_ev = Ev(connected=True, charging=True, energy_needed_wh=30_000)
    week.dc_ev = Ev(connected=True, charging=True, energy_needed_wh=20_000)
    stored_wh = week.stored_wh
    for hour in range(7 * 24):
        week.grid_available = hour not in {50, 51, 52}
        week.generator_on = hour == 51
        for _ in range(720):
            week.step(5)
    assert_energy_kept(week, stored_wh, 1e-6)
    total = week.total_kwh
    assert total.ac_ev == pytest.approx(30)
    assert total.dc_ev == pytest.approx(20)
    assert min(total.pv, total.grid_import, total.grid_export, total.losses, total.battery_losses) > 1
    assert min(total.third_party_pv, total.battery_charge, total.battery_discharge, total.generator) > 1


watts = st.floats(0, 12_000)
limits = st.none() | st.just(0.0) | watts
percents = st.floats(0, 100)


@st.composite
def postures(draw: st.DrawFn) -> Posture:
    """Draw any behaviour under any limits."""
    return Posture(
        behaviour=draw(st.sampled_from(Behaviour)),
        charge_limit_w=draw(limits),
        discharge_limit_w=draw(limits),
        pv_limit_w=draw(limits),
        export_limit_w=draw(limits),
        import_limit_w=draw(limits),
        inverter_out_limit_w=draw(limits),
        inverter_in_limit_w=draw(limits),
        charge_cutoff_soc_pct=draw(percents),
        discharge_cutoff_soc_pct=draw(percents),
        backup_soc_pct=draw(percents),
        off_grid=draw(st.booleans()),
        remote_power_w=draw(st.floats(-12_000, 12_000)),
        refill_to_discharge_cutoff=draw(st.booleans()),
    )


@st.composite
def plants(draw: st.DrawFn) -> SimulatedPlant:
    """Draw a plant in any situation."""
    config = PlantConfig(
        soc_pct=draw(percents),
        third_party_pv_peak_w=draw(st.sampled_from((0.0, 9_000.0))),
        three_phase=draw(st.booleans()),
        backup_supply=draw(st.booleans()),
        battery_capacity_wh=draw(st.sampled_from((0.0, 200.0, 16_000.0))),
    )
    drawn = SimulatedPlant(config, NOON)
    drawn.posture = draw(postures())
    drawn.pv_override_w, drawn.load_override_w = draw(watts), draw(watts)
    drawn.grid_available, drawn.generator_on = draw(st.booleans()), draw(st.booleans())
    drawn.ac_ev = Ev(connected=True, charging=draw(st.booleans()), energy_needed_wh=draw(watts))
    drawn.dc_ev = Ev(connected=True, charging=draw(st.booleans()), energy_needed_wh=draw(watts))
    return drawn


@settings(max_examples=300, deadline=None)
@given(drawn=plants(), seconds=st.sampled_from((0, 5, 60, 900)))
def test_every_situation_balances(drawn: SimulatedPlant, seconds: float) -> None:
    """Whatever is set, the readings of each step balance and so do the counters."""
    stored_wh = drawn.stored_wh
    before = replace(drawn.total_kwh)
    drawn.step(seconds)
    assert_balanced(drawn.flows)
    moved = drawn.total_kwh.since(before)
    came = moved.pv + moved.third_party_pv + moved.grid_import + moved.generator
    went = moved.grid_export + moved.load + moved.losses + moved.battery_losses
    assert went + (drawn.stored_wh - stored_wh) / 1000 == pytest.approx(came, abs=1e-6)


def lower(rated_w: float, limit_w: float | None) -> float:
    """Tell the lower of what a device can do and what it was told."""
    return rated_w if limit_w is None else min(rated_w, limit_w)


@settings(max_examples=300, deadline=None)
@given(drawn=plants(), seconds=st.sampled_from((5, 60)))
def test_device_limits_hold_in_every_situation(drawn: SimulatedPlant, seconds: float) -> None:
    """PV, battery and inverter stay inside what they can do and what they were told."""
    posture, config, soc_pct = drawn.posture, drawn.config, drawn.soc_pct
    drawn.step(seconds)
    flows = drawn.flows
    standby_w = config.standby_w / config.inverter_efficiency
    assert 0 <= flows.pv_w <= lower(drawn.pv_available_w, posture.pv_limit_w) + 1e-6
    assert -flows.battery_w <= lower(config.max_charge_w, posture.charge_limit_w) + 1e-6
    assert flows.battery_w <= lower(config.max_discharge_w, posture.discharge_limit_w) + 1e-6
    told = drawn.on_grid
    out_w = lower(config.inverter_ac_w, posture.inverter_out_limit_w if told else None)
    in_w = lower(config.inverter_ac_w, posture.inverter_in_limit_w if told else None)
    assert -in_w - standby_w - 1e-6 <= flows.inverter_ac_w <= out_w + 1e-6
    if flows.battery_w > 1e-6:
        assert drawn.soc_pct >= posture.discharge_cutoff_soc_pct - 0.1
    if flows.battery_w < -1e-6:
        ceiling_pct = posture.charge_cutoff_soc_pct
        if posture.refill_to_discharge_cutoff:
            ceiling_pct = max(ceiling_pct, posture.discharge_cutoff_soc_pct)
        assert soc_pct <= drawn.soc_pct + 0.1
        assert drawn.soc_pct <= ceiling_pct + 1e-6


@settings(max_examples=300, deadline=None)
@given(drawn=plants())
def test_grid_limits_hold_in_every_behaviour(drawn: SimulatedPlant) -> None:
    """The inverter never adds to an export above its limit, nor charging to an import above its limit."""
    drawn.grid_available = True
    posture = drawn.posture
    posture.off_grid = False
    posture.refill_to_discharge_cutoff = False
    drawn.step(5)
    flows = drawn.flows
    if posture.export_limit_w is not None and flows.grid_w < -posture.export_limit_w - 1e-6:
        assert flows.inverter_ac_w <= 1e-6
    if posture.import_limit_w is not None and flows.grid_w > posture.import_limit_w + 1e-6:
        drawn_w = (drawn.config.standby_w + flows.dc_ev_w) / drawn.config.inverter_efficiency
        assert -flows.inverter_ac_w <= drawn_w + 1e-6


def test_surplus_charges_before_it_is_exported() -> None:
    """In self-consumption the grid rests while the battery can take the surplus."""
    flows = plant().flows
    assert flows.grid_w == pytest.approx(0, abs=1e-6)
    assert flows.battery_w < -3_500


def test_battery_serves_the_house_at_night() -> None:
    """In self-consumption the battery gives what the house takes and the inverter loses."""
    night = plant()
    night.pv_override_w = 0.0
    night.step(5)
    assert night.flows.grid_w == pytest.approx(0, abs=1e-6)
    assert night.flows.battery_w == pytest.approx(1_000 + night.flows.losses_w)


def test_battery_rests_in_standby() -> None:
    """In standby the surplus goes to the grid."""
    flows = plant(behaviour=Behaviour.STANDBY).flows
    assert flows.battery_w == 0
    assert flows.grid_w < -3_500


def test_charging_tops_up_from_the_grid() -> None:
    """Charging PV first takes all PV and the rest from the grid."""
    flows = plant(behaviour=Behaviour.CHARGE_PV_FIRST).flows
    assert flows.battery_w == -8_000
    assert flows.pv_w == pytest.approx(5_000)
    assert flows.grid_w > 4_000


def test_charging_grid_first_keeps_pv_out() -> None:
    """Charging grid first lets PV in only for what the grid may not give."""
    free = plant(behaviour=Behaviour.CHARGE_GRID_FIRST, charge_limit_w=3_000.0).flows
    bound = plant(behaviour=Behaviour.CHARGE_GRID_FIRST, charge_limit_w=3_000.0, import_limit_w=2_000.0).flows
    assert free.pv_w == 0
    assert bound.grid_w == pytest.approx(2_000)
    assert bound.battery_w == -3_000
    assert 0 < bound.pv_w < 5_000


def test_discharging_adds_to_pv_up_to_the_export_limit() -> None:
    """Discharging PV first exports PV and battery together, the battery giving way to the limit."""
    free = plant(behaviour=Behaviour.DISCHARGE_PV_FIRST, discharge_limit_w=2_000.0).flows
    bound = plant(behaviour=Behaviour.DISCHARGE_PV_FIRST, export_limit_w=4_500.0).flows
    assert (free.pv_w, free.battery_w) == pytest.approx((5_000, 2_000))
    assert bound.pv_w == pytest.approx(5_000)
    assert bound.grid_w == pytest.approx(-4_500)


def test_discharging_battery_first_pushes_pv_down() -> None:
    """Discharging battery first leaves PV only what the house still lacks."""
    full = plant(behaviour=Behaviour.DISCHARGE_BATTERY_FIRST).flows
    little = plant(behaviour=Behaviour.DISCHARGE_BATTERY_FIRST, discharge_limit_w=400.0).flows
    assert full.pv_w == 0
    assert full.battery_w == 8_000
    assert little.battery_w == 400
    assert little.grid_w == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("setpoint_w", [-6_000.0, -500.0, 0.0, 2_000.0, 9_000.0])
def test_remote_power_is_followed(setpoint_w: float) -> None:
    """The inverter's AC power follows its setpoint whatever the house takes."""
    flows = plant(behaviour=Behaviour.REMOTE_POWER, remote_power_w=setpoint_w).flows
    assert flows.inverter_ac_w == pytest.approx(setpoint_w, abs=1e-6)


def test_full_feed_in_charges_what_may_not_be_fed_in() -> None:
    """Full feed-in uses the export limit up and stores the rest."""
    flows = plant(behaviour=Behaviour.FULL_FEED_IN, export_limit_w=1_500.0).flows
    assert flows.grid_w == pytest.approx(-1_500)
    assert flows.battery_w < -2_000


def test_nothing_flows_in_an_inverter_that_is_off() -> None:
    """Switched off, the inverter does not even lose power; the grid serves the house."""
    flows = plant(behaviour=Behaviour.OFF).flows
    assert (flows.pv_w, flows.battery_w, flows.inverter_ac_w, flows.losses_w) == (0, 0, 0, 0)
    assert flows.grid_w == 1_000


def test_charge_power_falls_with_soc() -> None:
    """A nearly full battery takes less, a full one nothing."""
    powers = [plant(PlantConfig(soc_pct=soc_pct)).available_charge_w for soc_pct in (80, 92, 96, 99, 100)]
    assert all(higher > lower for higher, lower in pairwise(powers))
    assert (powers[0], powers[-1]) == (8_000, 0)


def test_full_battery_curtails_pv_at_the_export_limit() -> None:
    """With the battery full, PV gives what the house and the export limit take."""
    flows = plant(PlantConfig(soc_pct=100), export_limit_w=500.0).flows
    assert flows.grid_w == pytest.approx(-500)
    assert flows.pv_w < 1_700


def test_discharge_stops_at_the_cutoff() -> None:
    """The battery stops at its cut-off and the grid takes over."""
    low = plant(PlantConfig(soc_pct=10, self_discharge_w=0), discharge_cutoff_soc_pct=8.0)
    low.pv_override_w = 0.0
    low.step(3600)
    assert low.soc_pct == pytest.approx(8.0)
    assert low.flows.battery_w == pytest.approx(0, abs=1e-6)
    assert low.flows.grid_w > 1_000


def test_backup_reserve_is_kept_for_an_outage() -> None:
    """Below the reserve the battery serves the house only when the grid is gone."""
    kept = plant(PlantConfig(soc_pct=30), backup_soc_pct=40.0)
    kept.pv_override_w = 0.0
    kept.step(5)
    assert kept.flows.battery_w == 0
    assert kept.available_discharge_w == 0
    kept.grid_available = False
    kept.step(5)
    assert kept.flows.battery_w > 1_000


@pytest.mark.parametrize("refill", [False, True])
def test_cutoff_above_soc_refills_from_the_grid(refill: bool) -> None:
    """The vendor's defect charges to the cut-off in spite of the import limit, only where it is set."""
    bug = plant(discharge_cutoff_soc_pct=60.0, import_limit_w=0.0, refill_to_discharge_cutoff=refill)
    bug.pv_override_w = 0.0
    bug.step(5)
    assert (bug.flows.grid_w > 8_000) is refill
    bug.step(3600)
    assert bug.soc_pct == pytest.approx(60 if refill else 50, abs=0.1)


def test_import_limit_makes_the_battery_help() -> None:
    """A big load discharges the battery in a charging plant before the import limit breaks."""
    flows_before = plant(behaviour=Behaviour.CHARGE_PV_FIRST, import_limit_w=4_000.0)
    flows_before.pv_override_w, flows_before.load_override_w = 0.0, 7_000.0
    flows_before.step(5)
    assert flows_before.flows.grid_w == pytest.approx(4_000)
    assert flows_before.flows.battery_w > 3_000


def test_battery_cannot_follow_a_house_without_grid_sensor() -> None:
    """Without the sensor the battery rests in self-consumption."""
    assert plant(PlantConfig(grid_sensor=False)).flows.battery_w == 0


def test_grid_limits_need_the_grid_sensor() -> None:
    """Without the sensor nobody holds the limits at the grid."""
    blind = PlantConfig(grid_sensor=False)
    assert plant(blind, behaviour=Behaviour.STANDBY, export_limit_w=0.0).flows.grid_w < -3_500
    assert plant(blind, behaviour=Behaviour.CHARGE_PV_FIRST, import_limit_w=0.0).flows.grid_w > 4_000


def test_island_serves_the_house_with_pv_curtailed() -> None:
    """Off the grid with a full battery, PV gives only what the house takes."""
    island = plant(PlantConfig(soc_pct=100, self_discharge_w=0, third_party_pv_peak_w=5_000))
    island.grid_available = False
    island.step(5)
    assert island.islanded
    assert not island.blackout
    assert island.flows.household_w == 1_000
    assert (island.flows.grid_w, island.flows.third_party_pv_w, island.flows.battery_w) == (0, 0, 0)
    assert island.flows.pv_w == pytest.approx(1_000 + island.flows.losses_w)


def test_shaving_gives_only_what_exceeds_the_limit() -> None:
    """Below the limit the battery rests, above it gives the excess, and it takes the surplus."""
    shaving = plant(behaviour=Behaviour.SHAVE, import_limit_w=2_000.0)
    assert shaving.flows.battery_w == pytest.approx(-3_900, abs=150)
    assert shaving.flows.grid_w == pytest.approx(0, abs=1)
    found = []
    for load_w in (6_500.0, 9_000.0):
        shaving.load_override_w = load_w
        shaving.step(5)
        assert_balanced(shaving.flows)
        found.append((shaving.flows.battery_w, shaving.flows.grid_w))
    assert found[0][0] == 0
    assert 1_600 < found[0][1] < 2_000
    assert found[1][0] == pytest.approx(2_200, abs=300)
    assert found[1][1] == pytest.approx(2_000, abs=1)


def test_plant_that_parts_from_the_grid_is_an_island() -> None:
    """With the grid there, a plant told to go off it lives as in an outage, and comes back."""
    told = plant(PlantConfig(soc_pct=50, third_party_pv_peak_w=5_000), off_grid=True, backup_soc_pct=80)
    assert told.islanded
    assert (told.flows.grid_w, told.flows.third_party_pv_w, told.flows.household_w) == (0, 0, 1_000)
    told.pv_override_w = 0.0
    told.step(5)
    assert told.flows.battery_w > 1_000
    told.posture.off_grid = False
    told.step(5)
    assert told.flows.grid_w + told.flows.third_party_pv_w > 1_000


@pytest.mark.parametrize("grid", [True, False])
def test_switched_load_is_part_of_the_household(grid: bool) -> None:
    """A load behind a contact of the device is supplied like the house."""
    switched = plant()
    switched.grid_available = grid
    switched.switched_load_w = 700.0
    switched.step(5)
    assert_balanced(switched.flows)
    assert switched.flows.household_w == 1_700


def test_island_goes_dark_at_the_cutoff() -> None:
    """An empty battery ends the island until PV has charged it by the margin."""
    island = plant(PlantConfig(soc_pct=6, battery_capacity_wh=10_000))
    island.grid_available = False
    island.pv_override_w = 0.0
    island.step(1800)
    assert island.blackout
    assert island.flows.load_w == 0
    island.pv_override_w = 2_000.0
    for _ in range(5):
        island.step(60)
        assert island.blackout
    assert 5.5 < island.soc_pct < 10
    assert island.flows.battery_w < -1_500
    island.step(1800)
    assert island.flows.household_w == 1_000


def test_island_goes_dark_when_overloaded() -> None:
    """A house that takes more than the inverter gives is cut off, and served again when it takes less."""
    island = plant()
    island.grid_available = False
    island.load_override_w = 11_000.0
    island.step(5)
    assert island.blackout
    island.load_override_w = 3_000.0
    island.step(5)
    assert island.flows.household_w == 3_000


def test_house_without_backup_is_dark() -> None:
    """Without backup supply nothing flows but what keeps the inverter awake."""
    dark = plant(PlantConfig(backup_supply=False))
    dark.grid_available = False
    dark.step(5)
    flows = dark.flows
    assert dark.blackout
    assert not dark.islanded
    assert (flows.load_w, flows.pv_w, flows.inverter_ac_w, flows.grid_w) == (0, 0, 0, 0)
    assert flows.battery_w == flows.losses_w == dark.config.standby_w


@pytest.mark.parametrize("backup_supply", [False, True])
def test_everything_resumes_when_the_grid_returns(backup_supply: bool) -> None:
    """After an outage the plant does again what it did."""
    back = plant(PlantConfig(backup_supply=backup_supply))
    before = back.flows
    back.grid_available = False
    back.step(5)
    back.grid_available = True
    back.step(5)
    assert not back.blackout
    assert back.flows.battery_w == pytest.approx(before.battery_w)
    assert back.flows.household_w == before.household_w


def test_generator_runs_the_house_without_the_grid() -> None:
    """Off the grid the generator serves the house and charges the battery within its power."""
    island = plant(PlantConfig(soc_pct=5))
    island.pv_override_w = 0.0
    island.generator_on = True
    island.step(5)
    assert island.flows.generator_w == 0
    island.grid_available = False
    island.step(5)
    assert island.flows.generator_w == pytest.approx(6_000)
    assert island.flows.battery_w < -4_000
    assert island.flows.household_w == 1_000


def test_ac_charger_loads_the_ac_bus() -> None:
    """The AC charger takes its power outside of the inverter until the vehicle has enough."""
    charging = plant(behaviour=Behaviour.STANDBY)
    without_w = charging.flows.grid_w
    charging.ac_ev = Ev(connected=True, charging=True, limit_w=3_600.0, energy_needed_wh=6, soc_pct=50.0)
    charging.step(5)
    assert charging.flows.ac_ev_w == 3_600
    assert charging.flows.grid_w == pytest.approx(without_w + 3_600)
    charging.step(60)
    assert charging.total_kwh.ac_ev == pytest.approx(0.006)
    assert charging.ac_ev.soc_pct == pytest.approx(50.01)
    charging.step(5)
    assert charging.flows.ac_ev_w == 0


def test_dc_charger_loads_the_dc_side() -> None:
    """The DC charger takes PV before it reaches the inverter's AC side."""
    charging = plant(behaviour=Behaviour.STANDBY)
    without_w = charging.flows.inverter_ac_w
    charging.dc_ev = Ev(connected=True, charging=True, limit_w=2_000.0, energy_needed_wh=9_000)
    charging.step(5)
    assert charging.flows.dc_ev_w == 2_000
    assert charging.flows.inverter_ac_w == pytest.approx(without_w - 2_000 * 0.97)
    assert charging.flows.load_w == 3_000


def test_today_starts_again_at_local_midnight() -> None:
    """Counters of the day drop at the plant's midnight, those of its life do not."""
    day = plant(start=datetime(2026, 6, 21, 21, 59, 50, tzinfo=UTC), behaviour=Behaviour.STANDBY)
    day.step(5)
    assert day.today_kwh.pv == pytest.approx(5 * 5_000 / 3_600_000)
    day.step(5)
    assert day.today_kwh.pv == 0
    day.step(5)
    assert day.today_kwh.pv == pytest.approx(5 * 5_000 / 3_600_000)
    assert day.total_kwh.pv == pytest.approx(15 * 5_000 / 3_600_000)


def test_readings_move_at_every_step() -> None:
    """By day PV and load differ from one 5 s step to the next."""
    live = SimulatedPlant(PlantConfig(), NOON)
    seen = []
    for _ in range(200):
        live.step(5)
        seen.append((live.flows.pv_w, live.flows.load_w, live.flows.battery_w))
    assert all(abs(a - b) > 0.001 for one, two in pairwise(seen) for a, b in zip(one, two, strict=True))


def test_the_same_seed_lives_the_same_day() -> None:
    """Two plants with one seed agree, and another seed differs."""
    first, second, other = (SimulatedPlant(PlantConfig(seed=seed), WINTER) for seed in (4, 4, 5))
    for each in (first, second, other):
        each.step(86_400)
    assert first.total_kwh == second.total_kwh
    assert first.total_kwh.household != other.total_kwh.household


def test_overrides_follow_a_series() -> None:
    """PV and load may come from points in time, each held until the next."""
    told = plant()
    told.pv_override_w = series([(NOON, 3_000.0), (NOON + timedelta(seconds=60), 1_000.0)])
    told.step(60)
    assert told.flows.pv_w == pytest.approx(3_000)
    told.step(60)
    assert told.flows.pv_w == pytest.approx(1_000)
    assert told.now == NOON + timedelta(seconds=120)


def test_temperature_rises_with_use_while_health_falls() -> None:
    """A battery that works gets warm and old."""
    used = plant(behaviour=Behaviour.DISCHARGE_PV_FIRST)
    fresh_c = used.cell_temperature_c
    used.step(1800)
    assert used.cell_temperature_c > fresh_c + 1
    assert 99.9 < used.soh_pct < 100


@pytest.mark.parametrize("start", [datetime(2026, 1, 1)])  # noqa: DTZ001  the naive moment is the test
def test_naive_start_is_refused(start: datetime) -> None:
    """A start without time zone would be a different moment on every machine."""
    with pytest.raises(ValueError, match="no time zone"):
        SimulatedPlant(PlantConfig(), start)


def test_time_does_not_go_back() -> None:
    """A negative step is refused."""
    with pytest.raises(ValueError, match="does not go back"):
        plant().step(-1)
