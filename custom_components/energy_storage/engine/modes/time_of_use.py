"""The period of the schedule that holds now; in a gap what the owner chose for gaps."""

from collections.abc import Callable, Mapping
import zlib

from ..command import BatteryCommand, CommandKind, Ends
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory, Note
from ..plant import GridState
from ..schedule import Action, Gap, Period, Schedule
from ..settings import Settings
from .mode import Instead, Mode, Wish

_RESUME_PCT = 2.0
_OFF_GRID = (GridState.OFF_GRID, GridState.OFF_GRID_BY_HAND)
_PLAIN = BatteryCommand(kind=CommandKind.SELF_CONSUME)
_HOLD = BatteryCommand(kind=CommandKind.HOLD)
_OWN = Reason("time_of_use")


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish | Instead:
    documents = inputs.documents
    if (schedule := documents.schedule) is None:
        return Instead(mode="self_consumption", reasons=(_OWN, Reason("no_schedule")))
    period = schedule.at(inputs.now, documents.zone, documents.holidays)
    before = memory.lasting.notes.get(MODE.key, {})
    if period is not None:
        return _in_period(period, inputs, before)
    if schedule.gap is Gap.DEFAULT_PLAN:
        period = schedule.default_at(inputs.now, documents.zone)
        if period is not None:
            return _in_period(period, inputs, before)
    return _in_gap(schedule, inputs, before)


def _in_gap(schedule: Schedule, inputs: Inputs, before: Mapping[str, Note]) -> Wish:
    """Serve the house; with an entry floor not below the SOC with which the gap began."""
    reason = Reason("schedule_gap")
    if schedule.gap is not Gap.ENTRY_FLOOR:
        return Wish(command=_PLAIN, reasons=(_OWN, reason), notes={})
    soc, anchor = inputs.plant.soc_pct, before.get("anchor")
    off_grid = inputs.plant.grid_state in _OFF_GRID
    edited = before.get("schedule") != fingerprint(schedule)
    began_anew = edited or (before.get("outage") is True and not off_grid)
    if soc is not None:
        known = isinstance(anchor, int | float) and not began_anew
        anchor = min(anchor, soc) if known and isinstance(anchor, int | float) else soc
    notes: dict[str, Note] = {"anchor": anchor, "schedule": fingerprint(schedule), "outage": off_grid}
    floor = anchor if isinstance(anchor, int | float) and not off_grid else None
    if floor is not None:
        reason = Reason("schedule_gap", floor_pct=floor)
    return Wish(command=_PLAIN, reasons=(_OWN, reason), from_grid=False, floor_soc_pct=floor, notes=notes)


def _in_period(period: Period, inputs: Inputs, before: Mapping[str, Note]) -> Wish:
    command, reached = _COMMANDS[period.action](period, inputs, before)
    holds = Reason("period", window=str(period.window), action=period.action.value)
    reasons: tuple[Reason, ...] = (_OWN, holds)
    if reached:
        reasons = (*reasons, Reason("target_reached", soc_pct=inputs.plant.soc_pct))
    return Wish(
        command=command,
        reasons=reasons,
        max_import_w=period.max_import_w,
        max_export_w=period.max_export_w,
        notes={"reached": str(period.window)} if reached else {},
    )


def _charge(period: Period, inputs: Inputs, before: Mapping[str, Note]) -> tuple[BatteryCommand, bool]:
    """Charge; past the SOC at which charging from the grid ends only the sun adds to it."""
    target = period.target_soc_pct
    if target is not None and _past(inputs.plant.soc_pct, target, period, before, up=True):
        hold, charge = (inputs.abilities.get(kind) for kind in (CommandKind.HOLD, CommandKind.CHARGE))
        ends_by_itself = charge is not None and charge.ends is Ends.SOC
        if (hold is not None and hold.offered) or not ends_by_itself:
            return _HOLD, True
    sun = _surplus(inputs)
    power = _least(period.max_power_w, _plus(period.grid_to_battery_w, max(0.0, sun or 0.0)))
    return BatteryCommand(kind=CommandKind.CHARGE, power_w=power, target_soc_pct=target), False


def _discharge(period: Period, inputs: Inputs, before: Mapping[str, Note]) -> tuple[BatteryCommand, bool]:
    """Discharge; at its own floor the battery keeps what is left."""
    floor = period.floor_soc_pct
    if floor is not None and _past(inputs.plant.soc_pct, floor, period, before, up=False):
        return _HOLD, True
    sun = _surplus(inputs)
    power = _least(period.max_power_w, _plus(period.battery_to_grid_w, max(0.0, -(sun or 0.0))))
    return BatteryCommand(kind=CommandKind.DISCHARGE, power_w=power, floor_soc_pct=floor), False


def _serve(period: Period, inputs: Inputs, before: Mapping[str, Note]) -> tuple[BatteryCommand, bool]:
    return _PLAIN, False


def _keep(period: Period, inputs: Inputs, before: Mapping[str, Note]) -> tuple[BatteryCommand, bool]:
    return _HOLD, False


_COMMANDS: Mapping[Action, Callable[[Period, Inputs, Mapping[str, Note]], tuple[BatteryCommand, bool]]] = {
    Action.CHARGE: _charge,
    Action.DISCHARGE: _discharge,
    Action.SELF_CONSUMPTION: _serve,
    Action.HOLD: _keep,
}


def _past(soc: float | None, end: float, period: Period, before: Mapping[str, Note], *, up: bool) -> bool:
    """Tell whether an end was reached in this period, until 2 % on the way back."""
    if soc is None:
        return False
    was = before.get("reached") == str(period.window)
    if up:
        return soc >= end or (was and soc > end - _RESUME_PCT)
    return soc <= end or (was and soc < end + _RESUME_PCT)


def _surplus(inputs: Inputs) -> float | None:
    """Give what the sun has left over for battery and grid; negative: what the house lacks."""
    sun, load = inputs.plant.pv_power_w, inputs.plant.load_power_w
    return None if sun is None or load is None else sun - load


def _plus(limit: float | None, watts: float) -> float | None:
    return None if limit is None else limit + watts


def _least(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)


def fingerprint(schedule: Schedule) -> str:
    """Give a mark by which an edited schedule is told from the one before; the same after a restart."""
    return f"{zlib.crc32(repr(schedule).encode()):08x}"


MODE = Mode(key="time_of_use", needs=CommandKind.SELF_CONSUME, decide=_decide)
