"""Keeps the import under a maximum in chosen windows, and energy for it in between; lies over any mode."""

from dataclasses import replace

from .command import BatteryCommand, CommandKind
from .decision import Reason
from .documents import ShavingWindow
from .inputs import Inputs
from .memory import Latches
from .modes.mode import Wish
from .plant import GridState
from .settings import Settings

_RESUME_PCT = 2.0
_GIVES_NOTHING = frozenset({CommandKind.HOLD, CommandKind.IDLE, CommandKind.CHARGE})


def shave(
    wish: Wish, inputs: Inputs, settings: Settings, latches: Latches, soc_pct: float
) -> tuple[Wish, Latches]:
    """Change the wish where the import has to be kept down, or energy kept for that."""
    documents = inputs.documents
    window = documents.shaving_at(inputs.now)
    inside = not documents.shaving or window is not None
    maximum = _maximum(window, wish, settings)
    off = not settings.peak_shaving or maximum is None or inputs.plant.grid_state is not GridState.ON_GRID
    if off or maximum is None or wish.command.kind in (CommandKind.RELEASE, CommandKind.ISLAND):
        return wish, latches
    limit = settings.peak_shaving_soc_pct
    below = soc_pct <= limit if inside else soc_pct < limit
    low = below or (latches.at_shaving and soc_pct < limit + _RESUME_PCT)
    filling = soc_pct <= limit - _RESUME_PCT or (latches.filling_shaving and soc_pct < limit)
    latches = replace(latches, at_shaving=low, filling_shaving=filling and not inside)
    if inside:
        return (_only_excess(wish, maximum, soc_pct) if low else _capped(wish, inputs, maximum)), latches
    if not low:
        return wish, latches
    return _kept(wish, settings, maximum, soc_pct, fill=latches.filling_shaving), latches


def _maximum(window: ShavingWindow | None, wish: Wish, settings: Settings) -> float | None:
    """Give what the import is kept down to: no more than is allowed anyway. None: nobody said."""
    own = None if window is None else window.max_import_w
    most = settings.peak_shaving_max_import_w if own is None else own
    others = [watts for watts in (wish.max_import_w, settings.import_limit_w) if watts is not None]
    return None if most is None else min([most, *others])


def _capped(wish: Wish, inputs: Inputs, maximum: float) -> Wish:
    """Let the mode act, with its import capped; where it gives nothing the battery gives the excess."""
    wish = replace(wish, max_import_w=maximum)
    load, sun = inputs.plant.load_power_w, inputs.plant.pv_power_w
    excess = None if load is None or sun is None else max(0.0, load - sun - maximum)
    if not excess or wish.command.kind not in _GIVES_NOTHING:
        return wish
    reason = Reason("peak_shaving", max_import_w=maximum)
    command = BatteryCommand(kind=CommandKind.SHAVE, max_import_w=maximum)
    return replace(wish, command=command, reasons=(*wish.reasons, reason))


def _only_excess(wish: Wish, maximum: float, soc_pct: float) -> Wish:
    """Give only what exceeds the maximum."""
    reason = Reason("peak_shaving", max_import_w=maximum, soc_pct=soc_pct)
    command = BatteryCommand(kind=CommandKind.SHAVE, max_import_w=maximum)
    return replace(wish, command=command, reasons=(*wish.reasons, reason), max_import_w=maximum)


def _kept(wish: Wish, settings: Settings, maximum: float, soc_pct: float, *, fill: bool) -> Wish:
    """Keep what there is for the next window; fill up with the sun, then from the grid where allowed.

    From the grid only from 2 % below on: what a full reserve loses by itself is no reason to charge.
    """
    limit = settings.peak_shaving_soc_pct
    reason = Reason("peak_shaving_reserve", soc_pct=soc_pct, shaving_pct=limit)
    command = BatteryCommand(kind=CommandKind.HOLD)
    if fill and settings.grid_charging:
        command = BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=limit)
    return replace(wish, command=command, reasons=(*wish.reasons, reason), max_import_w=maximum)
