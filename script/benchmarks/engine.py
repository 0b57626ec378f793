"""How long the engine takes to decide one cycle."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import gc
from statistics import median
from time import perf_counter_ns

from custom_components.energy_storage.engine import ControlState, Inputs, Memory, Settings, Site, step
from custom_components.energy_storage.engine.plant import GridState, Ownership, PlantState
from custom_components.energy_storage.vendors.sigen.abilities import PlantFacts, abilities, limit_guards
from custom_components.energy_storage.vendors.sigen.held import LIMITS, Installation
from custom_components.energy_storage.vendors.sigen.version import Version

from .figures import BenchmarkError, Figure, Options

_NOON = datetime(2026, 6, 21, 10, tzinfo=UTC)
_POLL = timedelta(seconds=5)
_CYCLES = 5_000
_MOST_US = 40.0
_PLAIN = Settings(control=ControlState.ON)
_ALL_LIMITS = replace(
    _PLAIN,
    charge_cutoff_soc_pct=90,
    backup_reserve_soc_pct=30,
    max_charge_w=4_000,
    max_discharge_w=4_000,
    export_limit_w=3_000,
    import_limit_w=6_000,
    grid_charging=True,
    refill_reserve_from_grid=True,
    peak_shaving=True,
    peak_shaving_max_import_w=5_000,
    unattended_consent=True,
    outage_consent=True,
)
_FUSE = Site(main_fuse_a=35, phases=3, largest_load_w=3_000, backup_supply=True)


async def measure(_: Options) -> Sequence[Figure]:
    """Decide again and again, as in a house in which nothing has to be written."""
    return [
        _figure("plain settings", _PLAIN, Site(backup_supply=True)),
        _figure("all limits, a fuse of three phases, peak shaving", _ALL_LIMITS, _FUSE),
    ]


def _figure(name: str, settings: Settings, site: Site) -> Figure:
    took_us = sorted(_took_us(settings, site))
    slow = f"99 of 100 within {took_us[len(took_us) * 99 // 100]:.0f} µs"
    return Figure(name=f"step, {name}", value=median(took_us), unit="µs", goal=_MOST_US, note=slow)


def _took_us(settings: Settings, site: Site) -> list[float]:
    facts = PlantFacts(
        version=Version.V2_9,
        offered=frozenset(LIMITS),
        grid_sensor=True,
        rated_charge_w=8_000,
        rated_discharge_w=8_000,
    )
    inputs = Inputs(
        now=_NOON,
        plant=_reading(0),
        abilities=abilities(facts, Installation()),
        guards=limit_guards(facts),
        site=site,
        poll=_POLL,
        react_s=10.0,
        writes_left=200,
    )
    memory, took_us = Memory(), list[float]()
    gc.collect()
    for number in range(_CYCLES):
        now = _NOON + number * _POLL
        inputs = replace(inputs, now=now, plant=replace(_reading(number), read_at=now))
        started = perf_counter_ns()
        decision, memory = step(inputs, settings, memory)
        took_us.append((perf_counter_ns() - started) / 1000)
        if decision.command is None:
            raise BenchmarkError(f"nothing was decided: {decision.reasons}")
        inputs = replace(inputs, held=decision.command, ownership=Ownership.OURS)
    return took_us


def _reading(number: int) -> PlantState:
    """Give a house that is never still; the battery follows it."""
    lacks_w = 400.0 + 37 * (number % 17)
    return PlantState(
        read_at=_NOON,
        soc_pct=60.0,
        grid_power_w=0.0,
        grid_phase_power_w=(300.0, -100.0, -200.0),
        battery_power_w=lacks_w,
        pv_power_w=1_500.0,
        load_power_w=1_500.0 + lacks_w,
        grid_state=GridState.ON_GRID,
        rated_power_w=10_000.0,
        available_charge_power_w=8_000.0,
        available_discharge_power_w=8_000.0,
    )
