"""Charge to a SOC and keep it for an outage, until it is ended; off the grid the house has all of it."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..plant import GridState
from ..settings import Settings
from .mode import Mode, Wish, past

_RESUME_PCT = 2.0
_OFF_GRID = (GridState.OFF_GRID, GridState.OFF_GRID_BY_HAND)


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    asked, override = memory.lasting.asked, memory.lasting.override
    target = asked("target_soc_pct", settings.backup_target_soc_pct)
    end = min(target, settings.charge_cutoff_soc_pct)
    reasons = (Reason("backup", target_pct=target),)
    from_grid = None if override is None else override.from_grid
    if inputs.plant.grid_state in _OFF_GRID:
        # Back on the grid it charges anew.
        return Wish(command=BatteryCommand(kind=CommandKind.SELF_CONSUME), reasons=reasons, notes={})
    reached, notes = past(MODE, memory, at=inputs.plant.soc_pct, end=end, way_back=end - _RESUME_PCT)
    if reached:
        reason = Reason("target_reached", soc_pct=inputs.plant.soc_pct, target_pct=end)
        return Wish(command=BatteryCommand(kind=CommandKind.HOLD), reasons=(*reasons, reason), notes=notes)
    power = memory.lasting.asked("power_w", settings.force_charge_power_w)
    command = BatteryCommand(kind=CommandKind.CHARGE, power_w=power, target_soc_pct=target)
    return Wish(command=command, reasons=reasons, from_grid=from_grid, notes=notes)


MODE = Mode(key="backup", needs=CommandKind.CHARGE, override=True, decide=_decide)
