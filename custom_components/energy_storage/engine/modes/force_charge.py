"""Charge to a SOC at a power until the override ends, then keep what was charged."""

from ..command import BatteryCommand, CommandKind, Ends
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish, past

_RESUME_PCT = 2.0


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    """At the target keep a command that ends there by itself; else `hold`."""
    asked = memory.lasting.asked
    target = asked("target_soc_pct", settings.force_charge_target_soc_pct)
    end = min(target, settings.charge_cutoff_soc_pct)
    reached, notes = past(MODE, memory, at=inputs.plant.soc_pct, end=end, way_back=end - _RESUME_PCT)
    command = BatteryCommand(
        kind=CommandKind.CHARGE,
        power_w=asked("power_w", settings.force_charge_power_w),
        target_soc_pct=target,
    )
    reasons = [Reason("force_charge", target_pct=target)]
    if reached:
        reasons.append(Reason("target_reached", soc_pct=inputs.plant.soc_pct, target_pct=end))
        ability = inputs.abilities.get(CommandKind.CHARGE)
        if ability is None or ability.ends is not Ends.SOC:
            command = BatteryCommand(kind=CommandKind.HOLD)
    override = memory.lasting.override
    return Wish(
        command=command,
        reasons=tuple(reasons),
        from_grid=None if override is None else override.from_grid,
        notes=notes,
    )


MODE = Mode(key="force_charge", needs=CommandKind.CHARGE, override=True, decide=_decide)
