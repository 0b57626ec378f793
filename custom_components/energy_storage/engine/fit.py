"""Fits a command into the limits, and finds the next best where the plant does not offer it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
import math

from .bounds import Bound, Limits
from .command import Ability, BatteryCommand, CommandKind, OutageSafe, Parameter, Unattended
from .decision import Reason
from .inputs import Inputs, Site
from .settings import Settings

_PLAIN = BatteryCommand(kind=CommandKind.SELF_CONSUME)
_IDLE = BatteryCommand(kind=CommandKind.IDLE)
_RELEASE = BatteryCommand(kind=CommandKind.RELEASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The command that is left, and what made it so."""

    command: BatteryCommand
    reasons: tuple[Reason, ...] = ()
    cannot_hold: tuple[str, ...] = ()


def fit(command: BatteryCommand, limits: Limits, inputs: Inputs, settings: Settings) -> Fitted:
    """Clamp a command into the limits; where the plant cannot do it, take what comes next to it.

    Where nothing is left that keeps a limit, the plant serves its house, and the limit is named.
    """
    reasons: list[Reason] = []
    for candidate in _candidates(command, limits, inputs, reasons):
        obstacle = _obstacle(candidate, limits, inputs, settings)
        if obstacle is None:
            return Fitted(command=candidate, reasons=tuple(reasons))
        if obstacle not in reasons:
            reasons.append(obstacle)
    last = _PLAIN if _obstacle(_PLAIN, limits, inputs, settings) is None else _RELEASE
    bounds = limits.bounds
    broken = tuple(
        dict.fromkeys(
            bound.limit
            for bound in (bounds.charge, bounds.discharge)
            if bound.watts < _rated(inputs) and bound.limit not in limits.cannot_hold
        )
    )
    return Fitted(command=last, reasons=tuple(reasons), cannot_hold=broken)


def flows(command: BatteryCommand) -> tuple[float, float, float]:
    """Give the most that a command lets flow: grid to battery, battery to house, battery to grid."""
    most = math.inf
    power = most if command.power_w is None else command.power_w
    discharge = most if command.max_discharge_w is None else command.max_discharge_w
    return {
        CommandKind.SELF_CONSUME: (0.0, discharge, 0.0),
        CommandKind.HOLD: (0.0, 0.0, 0.0),
        CommandKind.IDLE: (0.0, 0.0, 0.0),
        CommandKind.CHARGE: (power, 0.0, 0.0),
        CommandKind.DISCHARGE: (0.0, power, power),
        CommandKind.SHAVE: (0.0, most, 0.0),
        CommandKind.FEED_IN: (0.0, most, most),
        CommandKind.ISLAND: (0.0, most, 0.0),
        CommandKind.RELEASE: (0.0, most, 0.0),
    }[command.kind]


def narrower(new: BatteryCommand, old: BatteryCommand) -> bool:
    """Tell whether a command lets nothing flow that the other one does not."""
    return all(mine <= theirs for mine, theirs in zip(flows(new), flows(old), strict=True))


def _candidates(
    command: BatteryCommand, limits: Limits, inputs: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    if command.kind in (CommandKind.RELEASE, CommandKind.ISLAND):
        yield command
        yield _PLAIN
    elif limits.bounds.support.watts > 0 and command.kind in _GIVES_TOO_LITTLE:
        _note(reasons, limits.bounds.support)
        yield from _support(limits)
    else:
        yield from _WAYS[command.kind](command, limits, inputs, reasons)


def _serve(
    command: BatteryCommand, limits: Limits, inputs: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    """Serve the house; without discharge that is `hold`."""
    discharge = _most(command.max_discharge_w, limits.bounds.discharge, reasons, limits.bounds.support)
    if discharge == 0:
        yield from _keep(command, limits, inputs, reasons)
        return
    charge = _most(command.max_charge_w, limits.bounds.charge, reasons, limits.bounds.absorb)
    yield _serving(charge, discharge)
    yield _serving(_watts(limits.bounds.charge), _watts(limits.bounds.discharge))
    if limits.bounds.support.watts == 0 and not limits.off_grid:
        yield from _kept(charge)


def _keep(
    command: BatteryCommand, limits: Limits, _: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    """Do not discharge."""
    yield from _kept(_most(command.max_charge_w, limits.bounds.charge, reasons, limits.bounds.absorb))


def _serving(charge: float | None, discharge: float | None) -> BatteryCommand:
    return BatteryCommand(kind=CommandKind.SELF_CONSUME, max_charge_w=charge, max_discharge_w=discharge)


def _kept(charge: float | None) -> Iterator[BatteryCommand]:
    if charge == 0:
        yield _IDLE
    yield BatteryCommand(kind=CommandKind.HOLD, max_charge_w=charge)
    yield _serving(charge, 0.0)
    yield _IDLE


def _rest(_: BatteryCommand, limits: Limits, __: Inputs, reasons: list[Reason]) -> Iterator[BatteryCommand]:
    """Neither charge nor discharge, unless an export limit needs the battery."""
    yield from _kept(_most(0.0, limits.bounds.charge, reasons, limits.bounds.absorb))


def _charge(
    command: BatteryCommand, limits: Limits, inputs: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    """Charge; without the grid that is `hold`."""
    tight = min(limits.bounds.grid_charge, limits.bounds.charge, key=lambda bound: bound.watts)
    power = _most(command.power_w, tight, reasons)
    if power == 0:
        yield from _keep(_PLAIN, limits, inputs, reasons)
        return
    target = command.target_soc_pct
    if target is None or target > limits.ceiling_soc_pct:
        if target is not None:
            reasons.append(Reason("target_clamped", target_pct=target, cutoff_pct=limits.ceiling_soc_pct))
        target = limits.ceiling_soc_pct
    first = replace(command, power_w=_rated_at_most(power, inputs, reasons), target_soc_pct=target)
    yield first
    if tight.watts >= _rated(inputs):
        yield replace(first, power_w=None)
    yield from _keep(_PLAIN, limits, inputs, reasons)


def _discharge(
    command: BatteryCommand, limits: Limits, inputs: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    """Discharge; without the grid that is to serve the house."""
    tight = min(limits.bounds.feed, limits.bounds.discharge, key=lambda bound: bound.watts)
    power = _most(command.power_w, tight, reasons, limits.bounds.support)
    if power == 0 or tight.watts == 0:
        yield from _serve(_PLAIN, limits, inputs, reasons)
        return
    floor = _floor(command, limits.floor_soc_pct, reasons)
    first = replace(command, power_w=_rated_at_most(power, inputs, reasons), floor_soc_pct=floor)
    yield first
    if tight.watts >= _rated(inputs):
        yield replace(first, power_w=None)
    yield from _serve(_PLAIN, limits, inputs, reasons)


def _feed_in(
    command: BatteryCommand, limits: Limits, inputs: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    """Put out all there is; at the floor the sun alone, so that the battery does not take it first."""
    bounds = limits.bounds
    tight = min(bounds.feed, bounds.discharge, key=lambda bound: bound.watts)
    if tight.watts == 0:
        _note(reasons, tight)
        yield from _rest(command, limits, inputs, reasons)
        return
    export = command.export_limit_w
    if limits.export_limit_w is not None and (export is None or export > limits.export_limit_w):
        export = limits.export_limit_w
        reasons.append(Reason("export_limit", limit_w=export))
    if tight.watts >= _rated(inputs):
        yield replace(command, export_limit_w=export)
    instead = BatteryCommand(kind=CommandKind.DISCHARGE, power_w=inputs.plant.rated_power_w)
    yield from _discharge(instead, limits, inputs, reasons)


def _shave(
    command: BatteryCommand, limits: Limits, inputs: Inputs, reasons: list[Reason]
) -> Iterator[BatteryCommand]:
    """Give only what keeps the import down; with nothing to give that is `hold`."""
    bounds = limits.bounds
    if bounds.discharge.watts == 0:
        yield from _serve(_PLAIN, limits, inputs, reasons)
        return
    most = command.max_import_w
    floor = _floor(command, limits.floor_soc_pct, reasons)
    if bounds.support.watts > 0:
        most, floor = min(_or_inf(most), limits.support_import_w), limits.support_floor_soc_pct
    yield replace(command, max_import_w=most, floor_soc_pct=floor)
    yield from _keep(_PLAIN, limits, inputs, reasons)


def _support(limits: Limits) -> Iterator[BatteryCommand]:
    """Give what the fuse needs: best no more than that, else what the house takes."""
    yield BatteryCommand(
        kind=CommandKind.SHAVE,
        max_import_w=limits.support_import_w,
        floor_soc_pct=limits.support_floor_soc_pct,
    )
    yield _serving(_watts(limits.bounds.charge), _watts(limits.bounds.discharge))


_WAYS: dict[
    CommandKind,
    Callable[[BatteryCommand, Limits, Inputs, list[Reason]], Iterator[BatteryCommand]],
] = {
    CommandKind.SELF_CONSUME: _serve,
    CommandKind.HOLD: _keep,
    CommandKind.IDLE: _rest,
    CommandKind.CHARGE: _charge,
    CommandKind.DISCHARGE: _discharge,
    CommandKind.FEED_IN: _feed_in,
    CommandKind.SHAVE: _shave,
}
_GIVES_TOO_LITTLE = frozenset({CommandKind.HOLD, CommandKind.IDLE, CommandKind.CHARGE})


def _obstacle(command: BatteryCommand, limits: Limits, inputs: Inputs, settings: Settings) -> Reason | None:
    """Tell why the plant cannot be given this command; None when it can."""
    if command.kind is CommandKind.RELEASE:
        return None
    name, ability = command.kind.value, inputs.abilities.get(command.kind)
    if ability is None or not ability.offered:
        return Reason("not_offered", command=name, why=None if ability is None else ability.reason)
    if limits.off_grid and ability.outage(command) is not OutageSafe.YES:
        return Reason("not_outage_safe", command=name)
    return consent_missing(command, ability, inputs.site, settings) or _disobeyed(command, ability)


def consent_missing(
    command: BatteryCommand, ability: Ability, site: Site, settings: Settings
) -> Reason | None:
    """Name the consent of the owner that a command needs and lacks."""
    if ability.unattended is Unattended.UNSAFE and not settings.unattended_consent:
        return Reason("needs_unattended_consent", command=command.kind.value)
    dark = ability.outage(command) is not OutageSafe.YES and site.backup_supply is not False
    if dark and not settings.outage_consent:
        return Reason("needs_outage_consent", command=command.kind.value)
    return None


def _disobeyed(command: BatteryCommand, ability: Ability) -> Reason | None:
    for parameter in Parameter:
        if getattr(command, parameter.value) is not None and parameter not in ability.obeys:
            return Reason("not_obeyed", command=command.kind.value, parameter=parameter.value)
    return None


def _most(
    wish: float | None, bound: Bound, reasons: list[Reason], least: Bound | None = None
) -> float | None:
    """Give the wish, lowered to what is allowed and raised to what is needed; None is no maximum."""
    wanted = _or_inf(wish)
    if bound.watts < wanted:
        _note(reasons, bound)
    most = min(wanted, bound.watts)
    if least is not None and 0 < least.watts >= most:
        _note(reasons, least)
        most = least.watts
    return None if most == math.inf else most


def _rated_at_most(power: float | None, inputs: Inputs, reasons: list[Reason]) -> float | None:
    rated = inputs.plant.rated_power_w
    if power is None or rated is None or power <= rated:
        return power
    reasons.append(Reason("rated_power", watts=rated))
    return rated


def _floor(command: BatteryCommand, least: float, reasons: list[Reason]) -> float:
    floor = command.floor_soc_pct
    if floor is None or floor >= least:
        return least if floor is None else floor
    reasons.append(Reason("floor_clamped", floor_pct=floor, least_pct=least))
    return least


def _note(reasons: list[Reason], bound: Bound) -> None:
    if bound.reason is not None and bound.reason not in reasons:
        reasons.append(bound.reason)


def _rated(inputs: Inputs) -> float:
    return _or_inf(inputs.plant.rated_power_w)


def _watts(bound: Bound) -> float | None:
    return None if bound.watts == math.inf else bound.watts


def _or_inf(value: float | None) -> float:
    return math.inf if value is None else value
