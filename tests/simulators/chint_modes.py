"""What the settings of a simulated Chint plant make it do, platform by platform.

Codes and their meaning beyond what a source says are assumed; each is marked here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from .chint_map import Profile
from .chint_settings import Settings, in_window
from .chint_tou import Action, Tables
from .plant import Behaviour, Posture

POWER_OFF = 0x5555
PV_MODE, SELF_CONSUMPTION, FULL_FEED_IN, EMERGENCY_CHARGING, FORCED_OFF_GRID, TOU = range(6)
"""ECH running modes, in the order of the manual [assumed]."""
BACK_UP = 3
_EVERY_DAY = 1
_FULL_PCT = 100.0
_REMOTE, _LOCAL = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the device knows when it decides."""

    now: datetime
    """Of its own local clock."""
    rated_w: float
    mode: int = SELF_CONSUMPTION
    """ECH running mode in force, which may not be the one that is set."""
    dispatch_needs_enable: bool = False


def posture(profile: Profile, settings: Settings, situation: Situation) -> Posture:
    """Say what the plant is told to do now."""
    match profile:
        case "sce":
            return _sce(settings, situation.now)
        case "cps_403x":
            return _string(settings, situation)
        case _:
            return _ech(settings, situation)


def _sce(settings: Settings, now: datetime) -> Posture:
    """Obey time control first, else the work mode.

    Assumed: a window charges with all power and to the full, PV first; back-up keeps what is stored
    and stores surplus; the unnamed work modes 1 and 2 are self-use; any other repeat is never.
    """
    if settings.number("time_control_enable") and settings.number("time_slot1_repeat") == _EVERY_DAY:
        start = int(settings.number("time_slot1_charge_start"))
        end = int(settings.number("time_slot1_charge_end"))
        if in_window(start, end, now):
            return Posture(behaviour=Behaviour.CHARGE_PV_FIRST)
    if settings.number("hybrid_work_mode") == BACK_UP:
        return Posture(backup_soc_pct=_FULL_PCT)
    return Posture()


def _string(settings: Settings, situation: Situation) -> Posture:
    """Limit the output; 0x1001 binds unless local control is chosen [assumed where firmware differs]."""
    if settings.number("power_on_off") == POWER_OFF:
        return Posture(behaviour=Behaviour.OFF)
    source = settings.number("active_power_control_mode")
    if source == _LOCAL:
        percent = settings.number("active_power_set_local")
    elif source == _REMOTE or not situation.dispatch_needs_enable:
        percent = settings.number("active_power_set")
    else:
        percent = _FULL_PCT
    limit_w = percent / 100 * situation.rated_w
    return Posture(behaviour=Behaviour.FULL_FEED_IN, inverter_out_limit_w=limit_w)


def _ech(settings: Settings, situation: Situation) -> Posture:
    """Obey the running mode in force, within export limit, floors and output limit.

    Assumed: the export limit binds every mode; the grid-charge window counts in self-consumption and
    in self-use periods of time-of-use; emergency charging asks nobody whether the grid may charge.
    """
    if settings.number("power_on_off") == POWER_OFF:
        return Posture(behaviour=Behaviour.OFF)
    base = Posture(
        backup_soc_pct=settings.number("batt_min_soc_on_grid"),
        discharge_cutoff_soc_pct=settings.number("batt_min_soc_off_grid"),
        export_limit_w=1000 * settings.number("FeedbackGridPower")
        if settings.number("AntiFeedbackGridEn")
        else None,
        inverter_out_limit_w=settings.number("active_power_set") / 100 * situation.rated_w,
    )
    match situation.mode:
        case x if x == PV_MODE:
            return replace(base, behaviour=Behaviour.STANDBY)
        case x if x == FULL_FEED_IN:
            return replace(base, behaviour=Behaviour.FULL_FEED_IN)
        case x if x == EMERGENCY_CHARGING:
            return replace(base, behaviour=Behaviour.CHARGE_PV_FIRST, backup_soc_pct=_FULL_PCT)
        case x if x == TOU:
            return _time_of_use(settings, base, situation.now)
    return _self_use(settings, base, situation.now)


def _time_of_use(settings: Settings, base: Posture, now: datetime) -> Posture:
    tables = Tables(
        base_modes=settings.record("tou_base_modes"),
        weeks=settings.record("tou_weekly_categories"),
        seasons=settings.record("tou_seasonal_rules"),
        holidays=settings.record("tou_holiday_rules"),
    )
    match tables.action(now):
        case Action.CHARGE:
            return _charging(settings, base)
        case Action.DISCHARGE:
            return replace(base, behaviour=Behaviour.FULL_FEED_IN)
        case Action.HOLD:
            return replace(base, backup_soc_pct=_FULL_PCT)
        case _:
            return _self_use(settings, base, now)


def _self_use(settings: Settings, base: Posture, now: datetime) -> Posture:
    start = int(settings.number("BatFromGridStartTime"))
    end = int(settings.number("BatFromGridEndTime"))
    if settings.number("GridChgEn") and in_window(start, end, now):
        return _charging(settings, base)
    return base


def _charging(settings: Settings, base: Posture) -> Posture:
    """Charge from PV, and from the grid with what it may draw; 0 where grid charging is off."""
    allowed_w = 1000 * settings.number("BatFromGridPower") * settings.number("GridChgEn")
    return replace(base, behaviour=Behaviour.CHARGE_PV_FIRST, inverter_in_limit_w=allowed_w)
