"""What may not flow, said of one moment: each claim names what is wrong, or nothing."""

from collections.abc import Callable

from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Guard, Limit
from custom_components.energy_storage.engine.plant import Ownership, Stage

from .story import Moment
from .world import Sample

MEASURED_W = 40.0
"""What a measurement, a rounding or the inverter's own standby may be off by."""
CONVERSION = 0.05
"""Battery watts are told at its terminals, where they are a little less than at the house."""
SOC_PCT = 0.2
"""The step of a reading, and what flows until the next one."""
OVER_PCT = 0.6
"""So near to its floor a discharge is over, and the battery serves the house."""

type Claim = Callable[[Moment, Sample], str | None]


def in_charge(moment: Moment, sample: Sample) -> bool:
    """Tell whether we run the plant, nobody else does, we know how it is, and it has a grid."""
    decision, ownership = moment.view.decision, moment.view.holding.ownership
    ours = decision.control is ControlState.ON and ownership in (Ownership.OURS, Ownership.FREE)
    return ours and decision.stage is Stage.FRESH and sample.grid


def import_limit(moment: Moment, sample: Sample) -> str | None:
    """A guarded import limit is passed only by a house that does so without the battery."""
    limit_w = moment.settings.import_limit_w
    if limit_w is None or not in_charge(moment, sample) or sample.at_own_floor:
        return None
    return _above(moment, sample, Limit.IMPORT, sample.flows.grid_w, max(limit_w, sample.rest_w))


def export_limit(moment: Moment, sample: Sample) -> str | None:
    """A guarded export limit is not passed: the plant gives up its own sun for it."""
    limit_w = moment.settings.export_limit_w
    if limit_w is None or not in_charge(moment, sample):
        return None
    return _above(moment, sample, Limit.EXPORT, -sample.flows.grid_w, limit_w)


def main_fuse(moment: Moment, sample: Sample) -> str | None:
    """Nor a guarded fuse on any phase, but by what house and sun do without the battery."""
    if moment.fuse_w is None or not in_charge(moment, sample) or sample.at_own_floor:
        return None
    flowing: tuple[float, ...] = sample.flows.grid_phases_w
    resting: tuple[float, ...] = sample.rest_phases_w
    if not moment.three_phase:
        flowing, resting = (sample.flows.grid_w,), (sample.rest_w,)
    for now_w, rest_w in zip(flowing, resting, strict=True):
        fuse_w = moment.fuse_w
        wrong = _above(moment, sample, Limit.MAIN_FUSE, now_w, max(fuse_w, rest_w))
        wrong = wrong or _above(moment, sample, Limit.MAIN_FUSE, -now_w, max(fuse_w, -rest_w))
        if wrong is not None:
            return wrong
    return None


def _above(moment: Moment, sample: Sample, limit: Limit, now_w: float, most_w: float) -> str | None:
    guard = moment.view.decision.guards.get(limit, Guard.NONE)
    slack_w = MEASURED_W + (CONVERSION * abs(sample.flows.battery_w) if guard is Guard.TRIM else 0.0)
    if guard is Guard.NONE or now_w <= most_w + slack_w:
        return None
    return f"{now_w:.0f} W instead of {most_w:.0f} W"


def charge_cutoff(moment: Moment, sample: Sample) -> str | None:
    """Above its charge cut-off the battery takes nothing, unless it is said that nothing can keep it."""
    decision = moment.view.decision
    above = sample.soc_pct >= moment.settings.charge_cutoff_soc_pct + SOC_PCT
    if not above or not in_charge(moment, sample) or decision.cannot_hold or _released(moment):
        return None
    return f"takes {-sample.flows.battery_w:.0f} W" if sample.flows.battery_w < -MEASURED_W else None


def spared_grid(moment: Moment, sample: Sample) -> str | None:
    """Nothing flows from the grid into the battery while neither switch nor person allow it.

    A plant that stands at its cut-off makes up for its standby losses by itself.
    """
    asked = None if moment.view.override is None else moment.view.override.parameters.get("from_grid")
    allowed = moment.settings.grid_charging if asked is None else asked is True
    if allowed or not in_charge(moment, sample) or sample.at_own_floor:
        return None
    return f"{sample.grid_to_battery_w:.0f} W" if sample.grid_to_battery_w > MEASURED_W else None


def obedience(moment: Moment, sample: Sample) -> str | None:
    """What the plant holds of us, it does.

    To keep its import limit by itself a plant discharges in any of them.
    """
    command = moment.view.decision.command
    if command is None or command != moment.view.holding.command or not in_charge(moment, sample):
        return None
    most_out, most_in = _bounds(command, sample)
    gives_w, takes_w = sample.flows.battery_w, -sample.flows.battery_w
    if most_out is not None and gives_w > most_out + MEASURED_W and not keeps_import(moment, sample):
        return f"gives {gives_w:.0f} W"
    if most_in is not None and takes_w > most_in + MEASURED_W and not sample.at_own_floor:
        return f"takes {takes_w:.0f} W"
    return None


def _bounds(command: BatteryCommand, sample: Sample) -> tuple[float | None, float | None]:
    """Give the most that the battery gives and takes; None says nothing."""
    match command.kind:
        case CommandKind.SELF_CONSUME:
            return command.max_discharge_w, command.max_charge_w
        case CommandKind.HOLD:
            return None, command.max_charge_w  # how much it gives back shows in the SOC
        case CommandKind.IDLE:
            return 0.0, 0.0
        case CommandKind.CHARGE:
            return 0.0, command.power_w
        case CommandKind.DISCHARGE if sample.soc_pct > (command.floor_soc_pct or 0.0) + OVER_PCT:
            return command.power_w, 0.0
    return None, None


def keeps_import(moment: Moment, sample: Sample) -> bool:
    """Tell whether the battery gives because the plant keeps its import limit by itself."""
    limit_w = moment.view.decision.device_limits.get(Limit.IMPORT)
    return limit_w is not None and sample.flows.grid_w >= limit_w - MEASURED_W


def light(moment: Moment, sample: Sample) -> str | None:
    """In an outage a house with backup supply is served, whatever the plant was told before."""
    decision = moment.view.decision
    plain = decision.control is ControlState.ON and decision.stage is Stage.FRESH
    return "dark" if plain and sample.needlessly_dark else None


def _released(moment: Moment) -> bool:
    command = moment.view.decision.command
    return command is not None and command.kind is CommandKind.RELEASE


CLAIMS: tuple[Claim, ...] = (
    import_limit,
    export_limit,
    main_fuse,
    charge_cutoff,
    spared_grid,
    obedience,
    light,
)


def told(moment: Moment, sample: Sample) -> str:
    """Describe a moment to those who have to find out why."""
    view, decision = moment.view, moment.view.decision
    command = None if decision.command is None else decision.command.to_json()
    guards = {limit.value: guard.value for limit, guard in decision.guards.items()}
    return (
        f"{sample.at_s:.0f} s, cycle {moment.tick}: {decision.act} {command},"
        f" because {[reason.code for reason in decision.reasons]}, {guards}, code {view.code};"
        f" grid {sample.flows.grid_w:.0f} W, at rest {sample.rest_w:.0f} W,"
        f" battery {sample.flows.battery_w:.0f} W, SOC {sample.soc_pct:.2f} %,"
        f" wrong: {sorted(moment.trouble)}"
    )
