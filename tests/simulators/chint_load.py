"""The intelligent load of a simulated ECH: a switched load and the four rules that switch it.

Modes: 0 off, 1 by hand, 2 by battery energy, 3 by time, 4 by residual PV power [codes assumed].
"""

from dataclasses import dataclass
from datetime import datetime

from .chint_settings import Settings, in_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the rules look at."""

    now: datetime
    """Of the device's own local clock."""
    soc_pct: float
    grid_w: float
    """+ import, with the load in it while it runs."""
    on_grid: bool


def is_on(settings: Settings, on: bool, around: Surroundings) -> bool:
    """Say whether the load runs from now on; `on` is whether it runs."""
    match int(settings.number("smart_load_mode")):
        case 1:
            return bool(settings.number("smart_load_manual_switch"))
        case 2:
            threshold = settings.number("smart_load_off_soc" if on else "smart_load_on_soc")
            return around.soc_pct > threshold if on else around.soc_pct >= threshold
        case 3:
            return any(_in_slot(settings, slot, around.now) for slot in (1, 2))
        case 4:
            return _residual_pv(settings, on, around)
    return False


def _in_slot(settings: Settings, slot: int, now: datetime) -> bool:
    start, stop = (int(settings.number(f"smart_load_{end}_{slot}")) for end in ("start", "stop"))
    return in_window(start, stop, now)


def _residual_pv(settings: Settings, on: bool, around: Surroundings) -> bool:
    """Switch by what would be fed in without the load; needs the grid and no export limit."""
    if not around.on_grid or settings.number("AntiFeedbackGridEn"):
        return False
    spare_w = -around.grid_w + on * settings.number("smart_load_rated_power")
    return spare_w >= settings.number("smart_load_off_export" if on else "smart_load_on_export")
