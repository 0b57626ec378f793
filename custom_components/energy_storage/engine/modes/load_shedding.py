"""Full before each known outage, serving the house in it; at all other times as the owner chose."""

from datetime import datetime, timedelta

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..documents import Outage
from ..inputs import Inputs
from ..memory import Memory
from ..reading import known
from ..settings import Settings
from .mode import Instead, Mode, Wish

_EFFICIENCY = 0.92
"""From the AC side into the battery."""
_MARGIN = timedelta(minutes=15)
_LEAD_UNKNOWN = timedelta(hours=8)
"""Where nobody knows how large the battery is, or how fast it charges."""
_LEAST_W = 100.0
_RESUME_PCT = 2.0
_OWN = Reason("load_shedding")


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish | Instead:
    outage = inputs.documents.outage_after(inputs.now)
    if outage is None:
        return Instead(mode=settings.load_shedding_base, reasons=(_OWN, Reason("no_outage_known")))
    if outage.covers(inputs.now):
        command = BatteryCommand(kind=CommandKind.SELF_CONSUME)
        reason = Reason("outage_window", until=outage.end.isoformat())
        return Wish(command=command, reasons=(_OWN, reason), notes={})
    seen_w = _seen_w(inputs, memory)
    lead = _lead(inputs, settings, seen_w)
    if inputs.now < outage.start - lead:
        reason = Reason("outage_known", start=outage.start.isoformat())
        return Instead(mode=settings.load_shedding_base, reasons=(_OWN, reason))
    return _fill(outage, inputs, settings, memory, seen_w)


def _fill(outage: Outage, inputs: Inputs, settings: Settings, memory: Memory, seen_w: float | None) -> Wish:
    """Charge to the cut-off, then keep it for the outage."""
    soc, full = inputs.plant.soc_pct or 0.0, settings.charge_cutoff_soc_pct
    was_full = memory.lasting.notes.get(MODE.key, {}).get("full") == outage.start.isoformat()
    reasons: tuple[Reason, ...] = (_OWN, Reason("outage_ahead", start=outage.start.isoformat()))
    notes = {"seen_w": seen_w} if seen_w is not None else {}
    if soc >= full or (was_full and soc > full - _RESUME_PCT):
        command = BatteryCommand(kind=CommandKind.HOLD)
        reached = Reason("target_reached", soc_pct=soc, target_pct=full)
        return Wish(
            command=command, reasons=(*reasons, reached), notes={**notes, "full": outage.start.isoformat()}
        )
    needed = _time_to_fill(inputs, settings, seen_w)
    if needed is not None and inputs.now + needed > outage.start:
        reachable = _reachable(inputs, needed, outage.start, full)
        reasons = (*reasons, Reason("outage_not_full", soc_pct=reachable))
    command = BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=full)
    return Wish(command=command, reasons=reasons, notes=notes)


def _lead(inputs: Inputs, settings: Settings, seen_w: float | None) -> timedelta:
    needed = _time_to_fill(inputs, settings, seen_w)
    return _LEAD_UNKNOWN if needed is None else needed + _MARGIN


def _time_to_fill(inputs: Inputs, settings: Settings, seen_w: float | None) -> timedelta | None:
    """Give how long the battery takes to be full, with the power that was seen or that it can take."""
    plant = inputs.plant
    capacity, soc = known(plant.rated_energy_wh), plant.soc_pct
    able_w = known(plant.available_charge_power_w)
    powers = [known(plant.rated_power_w), able_w, settings.max_charge_w, seen_w]
    limits = [watts for watts in powers if watts is not None and watts >= _LEAST_W]
    if capacity is None or soc is None or not limits:
        return None
    missing_wh = capacity * max(0.0, settings.charge_cutoff_soc_pct - soc) / 100
    return timedelta(hours=missing_wh / (min(limits) * _EFFICIENCY))


def _reachable(inputs: Inputs, needed: timedelta, start: datetime, full: float) -> float:
    """Give the SOC with which the outage will begin."""
    soc = inputs.plant.soc_pct or 0.0
    return round(soc + (full - soc) * max(0.0, (start - inputs.now) / needed), 1)


def _seen_w(inputs: Inputs, memory: Memory) -> float | None:
    """Give the power with which the battery charges now, or did before: a full one takes less at last."""
    power = known(inputs.plant.battery_power_w)
    before = memory.lasting.notes.get(MODE.key, {}).get("seen_w")
    kept = before if isinstance(before, int | float) else None
    held = inputs.held
    if power is None or held is None or held.kind is not CommandKind.CHARGE or -power < _LEAST_W:
        return kept
    return round(-power, -2) if kept is None else max(kept, round(-power, -2))


MODE = Mode(key="load_shedding", needs=CommandKind.CHARGE, decide=_decide)
