"""Situations of an Instagen plant, for tests of what it is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import GridState, PlantState
from custom_components.energy_storage.vendors.control import DeviceLimits
from custom_components.energy_storage.vendors.instagen.abilities import PlantFacts
from custom_components.energy_storage.vendors.instagen.plan import Situation, Told
from custom_components.energy_storage.vendors.instagen.user_set import (
    BatteryMode,
    TariffDate,
    TariffWeek,
    UserSet,
)
from custom_components.energy_storage.vendors.instagen.write_guards import Reading

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RATED_W = 4_600.0
FACTS = PlantFacts(rated_w=RATED_W, soc_pct=55)
READING = Reading(soc_pct=55, soc_age_s=20, battery_w=0)
FLOORS: DeviceLimits = {Limit.DISCHARGE_CUTOFF: 10, Limit.BACKUP_RESERVE: 20}
UNTOLD = Told(writes_left=40, certain=False)

SELF = BatteryCommand(kind=CommandKind.SELF_CONSUME)
HOLD = BatteryCommand(kind=CommandKind.HOLD)
CHARGE = BatteryCommand(kind=CommandKind.CHARGE, power_w=2_300, target_soc_pct=90)
DISCHARGE = BatteryCommand(kind=CommandKind.DISCHARGE, power_w=2_300, floor_soc_pct=30)
FEED_IN = BatteryCommand(kind=CommandKind.FEED_IN)
SHAVE = BatteryCommand(kind=CommandKind.SHAVE, max_import_w=2_000, floor_soc_pct=25)
ISLAND = BatteryCommand(kind=CommandKind.ISLAND)
RELEASE = BatteryCommand(kind=CommandKind.RELEASE)


def mode_1(reserve: int = 20) -> UserSet:
    """Build self-consumption."""
    return UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=reserve)


def force_charge(to: int = 90, power: int = 500) -> UserSet:
    """Build a forced charge; its power in 0.1 %."""
    return UserSet(mode=BatteryMode.FORCE_CHARGE, reserve_soc=to, max_power=power)


def force_discharge(to: int = 30, power: int = 500) -> UserSet:
    """Build a forced discharge."""
    return UserSet(mode=BatteryMode.FORCE_DISCHARGE, reserve_soc=to, max_power=power)


def peak_shaving(floor: int = 25, watts: int = 2_000, fill: int | None = None) -> UserSet:
    """Build peak shaving."""
    return UserSet(
        mode=BatteryMode.PEAK_SHAVING,
        reserve_soc=floor,
        peak_max_soc=floor if fill is None else fill,
        peak_meter_power=watts,
    )


def full_backup(to: int = 100) -> UserSet:
    """Build full backup, which is the owner's alone."""
    return UserSet(mode=BatteryMode.FULL_BACKUP, reserve_soc=to)


def economy(reserve: int = 20) -> UserSet:
    """Build an economy program: charge from 01:00 to 05:59."""
    week = TariffWeek(
        weekday_mask=31,
        peak_window=0,
        peak_buy=30,
        peak_sell=8,
        offpeak_window=0x0100053B,
        offpeak_buy=15,
        offpeak_sell=8,
        rest_buy=25,
        rest_sell=8,
    )
    dates = TariffDate(date_range=0x01011F0C, week_group_1=week, week_group_2=replace(week, weekday_mask=96))
    return UserSet(mode=BatteryMode.ECONOMY, reserve_soc=reserve, tariff_dates=(dates,))


def told(
    program: UserSet | None,
    kind: CommandKind | None = None,
    *,
    ago_s: float = 3_600,
    writes_left: int = 30,
    certain: bool = True,
    again_at: datetime | None = None,
) -> Told:
    """Build what a plant was told so long ago."""
    return Told(
        program=program,
        kind=kind,
        at=NOW - timedelta(seconds=ago_s),
        writes_left=writes_left,
        certain=certain,
        again_at=again_at,
        may_run=() if program is None else (program,),
    )


def at(
    what: Told = UNTOLD,
    *,
    facts: PlantFacts = FACTS,
    reading: Reading = READING,
    limits: DeviceLimits = FLOORS,
) -> Situation:
    """Build a situation."""
    return Situation(now=NOW, facts=facts, reading=reading, told=what, limits=limits)


def state(
    *,
    soc: float | None = 55,
    battery: float | None = 0,
    pv: float | None = 0,
    load: float | None = 500,
    read_at: datetime = NOW,
    grid: GridState = GridState.ON_GRID,
    frozen: bool = False,
    can_w: float | None = RATED_W,
) -> PlantState:
    """Build a reading; discharging is positive."""
    known = battery is not None and pv is not None and load is not None
    return PlantState(
        read_at=read_at,
        device_clock=read_at,
        soc_pct=soc,
        battery_power_w=battery,
        pv_power_w=pv,
        load_power_w=load,
        grid_power_w=(load or 0) - (pv or 0) - (battery or 0) if known else None,
        grid_state=grid,
        rated_power_w=RATED_W,
        available_charge_power_w=can_w,
        available_discharge_power_w=can_w,
        clock_frozen=frozen,
    )
