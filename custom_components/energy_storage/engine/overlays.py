"""What lies over any mode: it changes the wish before the limits narrow it."""

from dataclasses import replace

from .command import BatteryCommand, CommandKind
from .decision import Reason
from .inputs import Inputs
from .memory import Latches
from .modes.mode import Wish
from .plant import GridState
from .settings import Settings

_START_BELOW_PCT = 2.0
_FILLED_UP = frozenset({CommandKind.SELF_CONSUME, CommandKind.HOLD, CommandKind.SHAVE})


def refill(
    wish: Wish, inputs: Inputs, settings: Settings, latches: Latches, soc_pct: float
) -> tuple[Wish, Latches]:
    """Charge the backup reserve again from the grid, if the owner wants that; from 2 % below it."""
    reserve = settings.backup_reserve_soc_pct
    wanted = settings.refill_reserve_from_grid and settings.grid_charging
    possible = inputs.plant.grid_state is GridState.ON_GRID and wish.command.kind in _FILLED_UP
    low = soc_pct <= reserve - _START_BELOW_PCT or (latches.refilling and soc_pct < reserve)
    filling = wanted and possible and low
    latches = latches if latches.refilling is filling else replace(latches, refilling=filling)
    if not filling:
        return wish, latches
    command = BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=reserve)
    reason = Reason("refill_reserve", soc_pct=soc_pct, reserve_pct=reserve)
    return replace(wish, command=command, reasons=(*wish.reasons, reason)), latches
