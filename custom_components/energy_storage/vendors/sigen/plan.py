"""The writes that carry out a battery command on a Sigen plant, and those that hand it back; no I/O."""

from collections.abc import Callable, Mapping
from dataclasses import replace
import math

from ...engine.command import BatteryCommand, CommandKind, OutageSafe, Parameter
from ..write import CommandRefusedError, RegisterWrite
from .abilities import SHAVE_STEP, PlantFacts, abilities, ability
from .held import (
    CHARGE,
    CHARGE_CUTOFF,
    DISCHARGE,
    DISCHARGE_CUTOFF,
    EXPORT,
    LIMITS,
    MODE,
    RESERVE,
    Held,
    Installation,
)
from .sequence import (
    IN_REMOTE,
    SELF_CONSUMPTION,
    Release,
    Situation,
    baseline,
    carry_out,
    leave,
    to_be_put_back,
)
from .write_guards import (
    CUTOFF_MARGIN_PCT,
    FLOOR_MARGIN_PCT,
    Refusal,
    charge_rating,
    discharge_rating,
    down_to_step,
    highest_cutoff,
    refuse_off_grid,
    refuse_other_master,
    refuse_stored_pv_zero,
    up_to_step,
    within_rating,
)

_CHARGE = "charge_pv_first"
_DISCHARGE = "discharge_pv_first"
MODE_OF: Mapping[CommandKind, str] = {
    CommandKind.SELF_CONSUME: SELF_CONSUMPTION,
    CommandKind.HOLD: SELF_CONSUMPTION,
    CommandKind.IDLE: SELF_CONSUMPTION,
    CommandKind.SHAVE: SELF_CONSUMPTION,
    CommandKind.CHARGE: _CHARGE,
    CommandKind.DISCHARGE: _DISCHARGE,
    CommandKind.FEED_IN: _DISCHARGE,
}
"""The control mode in which the plant carries out a command while remote EMS is on."""
_RESERVE_STEP_PCT = 2.0


def plan(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    """Give the writes that carry out a command: only what differs from what is held.

    Raises:
        CommandRefusedError: with the code of what is missing; nothing is to be written.

    """
    if command.kind is CommandKind.RELEASE:
        return release_plan(now).writes
    able = ability(command, now.facts, now.installation)
    if not able.offered:
        raise CommandRefusedError(able.reason or Refusal.NOT_SUPPORTED)
    refuse_other_master(now.held)
    refuse_off_grid(now.reading, outage_safe=able.outage_safe is OutageSafe.YES)
    for parameter, watts in (
        (Parameter.MAX_CHARGE, command.max_charge_w),
        (Parameter.MAX_DISCHARGE, command.max_discharge_w),
    ):
        if watts is not None and parameter not in able.obeys:
            raise CommandRefusedError(Refusal.LIMITS_NOT_GLOBAL)
    _refuse_unread(now.held, now.facts)
    return _PLANS[command.kind](command, now)


def release_plan(now: Situation, *, short: bool = False) -> Release:
    """Give the writes that end our control; the plant then runs its own self-consumption.

    What is held but unknown is written. `short` leaves out all that needs a SOC or can wait.
    """
    grid_limits = Installation(
        export_limit_w=now.installation.export_limit_w, import_limit_w=now.installation.import_limit_w
    )
    return leave(baseline(replace(now, installation=grid_limits)), now, short=short)


def _self_consume(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    """Let the plant do it on its own where nothing has to be limited and its own mode is this one."""
    wanted = _ceilings(command, now)
    held, before = now.held, now.snapshot
    own = before.work_mode if held.remote and before else held.work_mode
    if own is None:
        raise CommandRefusedError(Refusal.NOT_READ)
    if not wanted and own in (SELF_CONSUMPTION, IN_REMOTE.value):
        writes = leave(baseline(now), now).writes
        if writes and not held.remote and before is None:
            raise CommandRefusedError(Refusal.NO_SNAPSHOT)
        return writes
    return carry_out(SELF_CONSUMPTION, wanted, "self_consume", now)


def _hold(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    wanted = _ceilings(replace(command, max_discharge_w=None), now)
    if now.facts.holds_by_reserve:
        wanted[RESERVE] = _reserve_that_holds(now)
    else:
        wanted[DISCHARGE] = 0.0
    return carry_out(SELF_CONSUMPTION, wanted, "hold", now)


def _idle(_: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    return carry_out(SELF_CONSUMPTION, {CHARGE: 0.0, DISCHARGE: 0.0}, "idle", now)


def _charge(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    refuse_stored_pv_zero(now.held)
    rated = charge_rating(now.facts)
    wanted = {CHARGE: float(round(within_rating(_or(command.power_w, rated), rated)))}
    target = command.target_soc_pct
    if CHARGE_CUTOFF in now.facts.offered:
        usual = to_be_put_back(CHARGE_CUTOFF, now)
        wanted[CHARGE_CUTOFF] = target = down_to_step(min(_or(target, usual), usual))
    writes = carry_out(_CHARGE, wanted, "charge", now)
    if target is not None and any(write.name in (MODE, CHARGE_CUTOFF) for write in writes):
        if now.reading.soc_pct is None:
            raise CommandRefusedError(Refusal.SOC_UNKNOWN)
        if now.reading.soc_pct >= target:
            raise CommandRefusedError(Refusal.TARGET_REACHED, soc_pct=now.reading.soc_pct, target_pct=target)
    return writes


def _discharge(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    """Discharge to the floor; `feed_in` is the same at the rated power."""
    refuse_stored_pv_zero(now.held)
    rated = discharge_rating(now.facts)
    power = rated if command.kind is CommandKind.FEED_IN else _or(command.power_w, rated)
    wanted = {DISCHARGE: float(round(within_rating(power, rated)))}
    soc_pct, floor = now.reading.soc_pct, _floor(command, now)
    if soc_pct is None:
        raise CommandRefusedError(Refusal.SOC_UNKNOWN)
    if soc_pct - floor < FLOOR_MARGIN_PCT:
        if now.held.control_mode == _DISCHARGE and now.held.remote:
            return _stop_discharging(now)
        raise CommandRefusedError(Refusal.SOC_AT_FLOOR, soc_pct=soc_pct, floor_pct=floor)
    if DISCHARGE_CUTOFF in now.facts.offered:
        wanted[DISCHARGE_CUTOFF] = floor
    if command.export_limit_w is not None:
        wanted[EXPORT] = math.floor(min(command.export_limit_w, to_be_put_back(EXPORT, now)))
    return carry_out(_DISCHARGE, wanted, command.kind, now, needed=(DISCHARGE_CUTOFF,))


def _floor(command: BatteryCommand, now: Situation) -> float:
    """Give where the discharge ends: the plant's own cut-off where none can be written."""
    if DISCHARGE_CUTOFF in now.facts.offered:
        usual = to_be_put_back(DISCHARGE_CUTOFF, now)
    elif now.facts.discharge_cutoff_pct is None:
        raise CommandRefusedError(Refusal.NOT_READ)
    else:
        usual = now.facts.discharge_cutoff_pct
    return up_to_step(max(_or(command.floor_soc_pct, usual), usual))


def _stop_discharging(now: Situation) -> tuple[RegisterWrite, ...]:
    """Leave the discharge before its cut-off lies above the SOC, which would charge from the grid."""
    if abilities(now.facts, now.installation)[CommandKind.HOLD].offered:
        return _hold(BatteryCommand(kind=CommandKind.HOLD), now)
    return carry_out(SELF_CONSUMPTION, {}, "self_consume", now)


def _shave(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    """Allow the battery what the load exceeds the maximum by, in coarse steps."""
    soc_pct, peak_w, floor = now.reading.soc_pct, now.reading.net_load_peak_w, _or(command.floor_soc_pct, 0.0)
    if peak_w is None or command.max_import_w is None:
        raise CommandRefusedError(Refusal.LOAD_UNKNOWN)
    if soc_pct is None:
        raise CommandRefusedError(Refusal.SOC_UNKNOWN)
    if soc_pct - floor < FLOOR_MARGIN_PCT:
        raise CommandRefusedError(Refusal.SOC_AT_FLOOR, soc_pct=soc_pct, floor_pct=floor)
    rated = discharge_rating(now.facts)
    step_w = SHAVE_STEP * rated
    excess_w = math.ceil(max(0.0, peak_w - command.max_import_w) / step_w) * step_w
    wanted = {DISCHARGE: float(math.floor(within_rating(excess_w, rated)))}
    return carry_out(SELF_CONSUMPTION, wanted, "shave", now)


def _ceilings(command: BatteryCommand, now: Situation) -> dict[str, float]:
    wanted: dict[str, float] = {}
    if command.max_charge_w is not None:
        wanted[CHARGE] = math.floor(within_rating(command.max_charge_w, charge_rating(now.facts)))
    if command.max_discharge_w is not None:
        wanted[DISCHARGE] = math.floor(within_rating(command.max_discharge_w, discharge_rating(now.facts)))
    return wanted


def _reserve_that_holds(now: Situation) -> float:
    """Give the reserve just below the SOC; one that is near enough stays, for flash wears out."""
    soc_pct, held = now.reading.soc_pct, now.held.limits.get(RESERVE)
    if soc_pct is None:
        raise CommandRefusedError(Refusal.SOC_UNKNOWN)
    best = down_to_step(soc_pct - CUTOFF_MARGIN_PCT)
    # The battery stops where it reaches its reserve: lowered then, it would never stop.
    if held is not None and best - _RESERVE_STEP_PCT < held <= soc_pct:
        return held
    return highest_cutoff(now.reading)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _refuse_unread(held: Held, facts: PlantFacts) -> None:
    """Refuse to change anything of which nobody knows what it was."""
    known = held.remote is not None and held.control_mode is not None and held.work_mode is not None
    if not known or any(not held.read(name) for name in LIMITS if name in facts.offered):
        raise CommandRefusedError(Refusal.NOT_READ)


_PLANS: Mapping[CommandKind, Callable[[BatteryCommand, Situation], tuple[RegisterWrite, ...]]] = {
    CommandKind.SELF_CONSUME: _self_consume,
    CommandKind.HOLD: _hold,
    CommandKind.IDLE: _idle,
    CommandKind.CHARGE: _charge,
    CommandKind.DISCHARGE: _discharge,
    CommandKind.FEED_IN: _discharge,
    CommandKind.SHAVE: _shave,
}
