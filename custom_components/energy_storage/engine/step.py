"""One cycle of the engine, from top to bottom."""

from dataclasses import dataclass, replace
from datetime import timedelta

from .bounds import Limits
from .command import BatteryCommand, CommandKind, OutageSafe, Unattended
from .decision import Act, Decision, Reason
from .fit import Fitted, fit, narrower
from .inputs import Inputs, MeterUse
from .limits import limits_now
from .memory import Cause, Memory, Passing
from .metering import judge
from .modes import MODES
from .modes.mode import Wish
from .overlays import refill
from .ownership import may_write, stand
from .peak_shaving import shave
from .plant import Ownership, Stage
from .reading import Reading, look
from .settings import ControlState, Settings
from .timing import Shaped, decided, elapsed, release_due, released, shaped

_LONGEST_WAIT = timedelta(minutes=5)
_FALLBACK = "self_consumption"


def step(inputs: Inputs, settings: Settings, memory: Memory) -> tuple[Decision, Memory]:
    """Decide one cycle. Same arguments, same answer."""
    cycle, memory = _begin(inputs, settings, memory)
    if settings.control is not ControlState.ON and memory.lasting.engaged:
        if inputs.held is not None and may_write(inputs, memory.passing.standing):
            return _hand_back(cycle, memory)
        memory = replace(memory, lasting=replace(memory.lasting, engaged=False))
    if settings.control is ControlState.OFF:
        return cycle.decide(Act.LEAVE), memory
    if cycle.reading.stage is Stage.LOST:
        return _lost(cycle, memory, Reason("reading_lost", age_s=cycle.reading.age_s))
    return _decide(cycle, memory)


def give_up(inputs: Inputs, settings: Settings, memory: Memory) -> tuple[Decision, Memory]:
    """Decide for a cycle whose step raised twice: as with a reading that was lost."""
    cycle, memory = _begin(inputs, settings, memory)
    if settings.control is ControlState.OFF:
        return cycle.decide(Act.LEAVE), memory
    return _lost(cycle, memory, Reason("step_failed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cycle:
    """What is certain about a cycle before anything is decided."""

    inputs: Inputs
    settings: Settings
    reading: Reading
    control: ControlState
    mode: str
    writable: bool
    """We control the plant, and nobody else does."""
    reasons: tuple[Reason, ...]
    meter: MeterUse | None

    def decide(self, act: Act, *reasons: Reason, command: BatteryCommand | None = None) -> Decision:
        """Give a decision that no limit had a part in."""
        return Decision(
            control=self.control,
            stage=self.reading.stage,
            act=act,
            command=command,
            mode=self.mode,
            base_mode=self.settings.mode,
            reasons=(*self.reasons, *reasons),
            meter=self.meter,
        )


def _begin(inputs: Inputs, settings: Settings, memory: Memory) -> tuple[_Cycle, Memory]:
    """See how far the reading is good, who controls the plant, and which mode is to act."""
    passing, lasting, reasons = memory.passing, memory.lasting, list[Reason]()
    reading, belief = look(inputs, passing.belief)
    inputs, meter, doubt = judge(inputs, passing.doubt)
    standing = stand(inputs, settings, passing.standing, engaged=lasting.engaged)
    control = settings.control
    if control is ControlState.ON and standing.yielded:
        control = ControlState.YIELDED
        reasons.append(Reason("someone_else_controls"))
    mine = may_write(inputs, standing)
    if control is ControlState.ON and not mine:
        reasons.append(Reason("held_differs"))
    ours = inputs.ownership is Ownership.OURS and inputs.held is not None and control is ControlState.ON
    override = lasting.override
    if override is not None and (inputs.now >= override.ends_at or override.kind not in MODES):
        reasons.append(Reason("override_ended", mode=override.kind))
        override = None
    engaged = (lasting.engaged or ours) and control is not ControlState.YIELDED
    if override is not lasting.override or engaged is not lasting.engaged:
        lasting = replace(lasting, override=override, engaged=engaged)
    passing = replace(
        passing,
        belief=belief,
        standing=standing,
        doubt=doubt,
        started_at=passing.started_at or inputs.now,
    )
    cycle = _Cycle(
        inputs=inputs,
        settings=settings,
        reading=reading,
        control=control,
        mode=settings.mode if override is None else override.kind,
        writable=control is ControlState.ON and mine,
        reasons=tuple(reasons),
        meter=meter,
    )
    return cycle, Memory(lasting=lasting, passing=passing)


def _hand_back(cycle: _Cycle, memory: Memory) -> tuple[Decision, Memory]:
    """Switching off releases: tried once a minute until the plant is on its own program."""
    if not release_due(memory.passing.pace, cycle.inputs.now):
        return cycle.decide(Act.LEAVE, Reason("released")), memory
    act = Act.RELEASE if cycle.reading.stage is Stage.FRESH else Act.SHORT_RELEASE
    return cycle.decide(act, Reason("released")), _after_release(memory, cycle)


def _lost(cycle: _Cycle, memory: Memory, why: Reason) -> tuple[Decision, Memory]:
    """Leave a command that is safe alone; end any other, tried once a minute."""
    held = cycle.inputs.held
    if held is None or not cycle.writable or _safe_alone(held, cycle.inputs):
        return cycle.decide(Act.LEAVE, why), memory
    if not release_due(memory.passing.pace, cycle.inputs.now):
        return cycle.decide(Act.LEAVE, why), memory
    return cycle.decide(Act.SHORT_RELEASE, why), _after_release(memory, cycle)


def _safe_alone(held: BatteryCommand, inputs: Inputs) -> bool:
    ability = inputs.abilities.get(held.kind)
    if ability is None or ability.unattended is not Unattended.SAFE:
        return False
    return ability.outage(held) is OutageSafe.YES or inputs.site.backup_supply is False


def _after_release(memory: Memory, cycle: _Cycle) -> Memory:
    pace = released(memory.passing.pace, cycle.inputs.now)
    return replace(memory, passing=replace(memory.passing, pace=pace))


def _decide(cycle: _Cycle, memory: Memory) -> tuple[Decision, Memory]:
    """Wish, limits, command, timing."""
    inputs, settings, override = cycle.inputs, cycle.settings, memory.lasting.override
    held = _held(cycle, memory)
    wish, mode, memory = _wish(cycle, memory, held)
    if wish is None:
        return cycle.decide(Act.LEAVE, Reason("waiting", stage=cycle.reading.stage.value)), memory
    allowed = settings.grid_charging
    if override is not None:
        allowed = override.from_grid is not False and (allowed or wish.from_grid is True)
    limits, latches, eased = limits_now(
        inputs, settings, memory.passing, wish, cycle.reading, from_grid=allowed
    )
    fitted = fit(wish.command, limits, inputs, settings)
    cause: Cause = (mode, None if override is None else override.started, settings)
    shape = _in_time(cycle, memory.passing, fitted, held, limits=limits, cause=cause)
    passing = replace(memory.passing, latches=latches, eased=eased)
    memory = replace(memory, passing=passing)
    act, memory = _act(cycle, memory, shape, held, cause)
    cannot_hold = (*limits.cannot_hold, *fitted.cannot_hold)
    decision = Decision(
        control=cycle.control,
        stage=cycle.reading.stage,
        act=act,
        command=shape.command,
        mode=mode,
        base_mode=settings.mode,
        reasons=(
            *cycle.reasons,
            *wish.reasons,
            *fitted.reasons,
            *(Reason(f"cannot_hold_{limit}") for limit in cannot_hold),
            *shape.reasons,
        ),
        floor_soc_pct=limits.floor_soc_pct,
        max_import_w=limits.max_import_w,
        guards=limits.guards,
        device_limits=limits.device,
        cannot_hold=cannot_hold,
        meter=cycle.meter,
    )
    return decision, memory


def _held(cycle: _Cycle, memory: Memory) -> BatteryCommand | None:
    """Give what the plant holds from us; while we write nothing, what it would hold."""
    if cycle.control is not ControlState.ON:
        return memory.passing.pace.command
    taking_over = cycle.writable and cycle.inputs.ownership is Ownership.FOREIGN
    return None if taking_over else cycle.inputs.held


def _wish(cycle: _Cycle, memory: Memory, held: BatteryCommand | None) -> tuple[Wish | None, str, Memory]:
    """Ask the mode; with an old reading, or before everything is there, keep to what is held."""
    inputs, passing = cycle.inputs, memory.passing
    stale = cycle.reading.stage is Stage.STALE
    if stale or not (inputs.ready or elapsed(inputs.now, passing.started_at, _LONGEST_WAIT)):
        override = memory.lasting.override
        reason = Reason("reading_stale", age_s=cycle.reading.age_s) if stale else Reason("waiting")
        from_grid = None if override is None else override.from_grid
        kept = None if held is None else Wish(command=held, reasons=(reason,), from_grid=from_grid)
        return kept, cycle.mode, memory
    soc = cycle.reading.soc_pct
    if inputs.plant.soc_pct != soc:
        inputs = replace(inputs, plant=replace(inputs.plant, soc_pct=soc))
    wish, mode = _asked(cycle, inputs, memory)
    memory = _noted(memory, mode, wish)
    wish, latches = refill(wish, inputs, cycle.settings, passing.latches, soc)
    wish, latches = shave(wish, inputs, cycle.settings, latches, soc)
    if latches is not passing.latches:
        memory = replace(memory, passing=replace(passing, latches=latches))
    return wish, mode, memory


def _asked(cycle: _Cycle, inputs: Inputs, memory: Memory) -> tuple[Wish, str]:
    """Ask the acting mode, and the one that it leaves the choice to."""
    key, reasons = cycle.mode, tuple[Reason, ...]()
    for _ in MODES:
        if key not in MODES:
            reasons = (*reasons, Reason("unknown_mode", mode=key))
            key = _FALLBACK
        answer = MODES[key].decide(inputs, cycle.settings, memory)
        if isinstance(answer, Wish):
            return (replace(answer, reasons=(*reasons, *answer.reasons)) if reasons else answer), key
        key, reasons = answer.mode, (*reasons, *answer.reasons)
    plain = BatteryCommand(kind=CommandKind.SELF_CONSUME)
    return Wish(command=plain, reasons=(*reasons, Reason("modes_in_circle"))), _FALLBACK


def _noted(memory: Memory, mode: str, wish: Wish) -> Memory:
    lasting = memory.lasting
    if wish.notes is None or wish.notes == lasting.notes.get(mode, {}):
        return memory
    return replace(memory, lasting=replace(lasting, notes={**lasting.notes, mode: wish.notes}))


def _in_time(
    cycle: _Cycle,
    passing: Passing,
    fitted: Fitted,
    held: BatteryCommand | None,
    *,
    limits: Limits,
    cause: Cause,
) -> Shaped:
    """Let timing have its say; an old reading may only narrow what is held."""
    inputs, settings, wanted = cycle.inputs, cycle.settings, fitted.command
    permitted = held is None or wanted == held or _permitted(held, limits, inputs, settings)
    if held is not None and not permitted and cycle.reading.stage is Stage.STALE:
        dark = limits.off_grid and not _serves_in_outage(held, inputs)
        if not dark and not narrower(wanted, held):
            return Shaped(command=held, write=False, reasons=(Reason("not_widened"),))
    plain = BatteryCommand(kind=CommandKind.SELF_CONSUME)
    return shaped(
        wanted,
        held,
        passing.pace,
        inputs,
        cause,
        permitted=permitted,
        modest=lambda: fit(plain, limits, inputs, settings).command,
    )


def _permitted(held: BatteryCommand, limits: Limits, inputs: Inputs, settings: Settings) -> bool:
    """Tell whether the limits leave what is held as it is, and it keeps them."""
    kept = fit(held, limits, inputs, settings)
    return kept.command == held and not kept.cannot_hold


def _serves_in_outage(held: BatteryCommand, inputs: Inputs) -> bool:
    ability = inputs.abilities.get(held.kind)
    return ability is not None and ability.outage(held) is OutageSafe.YES


def _act(
    cycle: _Cycle, memory: Memory, shape: Shaped, held: BatteryCommand | None, cause: Cause
) -> tuple[Act, Memory]:
    """Say what is to be done with the device, and remember it."""
    inputs, passing, lasting = cycle.inputs, memory.passing, memory.lasting
    pace, act = passing.pace, Act.LEAVE
    if cycle.control is ControlState.ON and not cycle.writable:
        return act, memory
    if cycle.writable and shape.command.kind is CommandKind.RELEASE:
        if held is not None and release_due(pace, inputs.now):
            act, pace = Act.RELEASE, released(pace, inputs.now)
    elif cycle.writable and shape.write:
        act = Act.APPLY
        lasting = lasting if lasting.engaged else replace(lasting, engaged=True)
    pace = decided(pace, shape.command, cause, inputs.now, changed=shape.write, tried=act is Act.APPLY)
    return act, Memory(lasting=lasting, passing=replace(passing, pace=pace))
