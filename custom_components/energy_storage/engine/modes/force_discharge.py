"""Discharge to a SOC at a power until the override ends, then keep what is left."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish, past

_RESUME_PCT = 2.0


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    """At the floor `hold`: a plant that stands at its floor in `discharge` may not leave it by itself."""
    asked = memory.lasting.asked
    floor = asked("floor_soc_pct", settings.force_discharge_floor_soc_pct)
    reached, notes = past(MODE, memory, at=inputs.plant.soc_pct, end=floor, way_back=floor + _RESUME_PCT)
    reasons = (Reason("force_discharge", floor_pct=floor),)
    if reached:
        floor_reached = Reason("floor_reached", soc_pct=inputs.plant.soc_pct, floor_pct=floor)
        command = BatteryCommand(kind=CommandKind.HOLD)
        return Wish(command=command, reasons=(*reasons, floor_reached), notes=notes)
    command = BatteryCommand(
        kind=CommandKind.DISCHARGE,
        power_w=asked("power_w", settings.force_discharge_power_w),
        floor_soc_pct=floor,
    )
    return Wish(command=command, reasons=reasons, notes=notes)


MODE = Mode(key="force_discharge", needs=CommandKind.DISCHARGE, override=True, decide=_decide)
