"""What a Chint plant can do with battery commands, by the recipes of its profile and what they did."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...engine.command import (
    Ability,
    CommandKind,
    Ends,
    Guard,
    Limit,
    OutageSafe,
    Parameter,
    Unattended,
)
from .profile import Profile
from .refusals import Refusal

_CEILINGS = frozenset({Parameter.MAX_CHARGE, Parameter.MAX_DISCHARGE})
_HARMLESS = (CommandKind.SELF_CONSUME, CommandKind.RELEASE)
_FROM_GRID = (CommandKind.CHARGE,)
_TO_GRID = (CommandKind.DISCHARGE, CommandKind.FEED_IN)
_WINDOW_END = "window_end"
_SOC = frozenset({"target_soc_pct", "floor_soc_pct"})
_OBEYS: Mapping[CommandKind, frozenset[Parameter]] = {
    CommandKind.SELF_CONSUME: _CEILINGS,
    CommandKind.HOLD: _CEILINGS,
    CommandKind.CHARGE: frozenset({Parameter.POWER}),
    CommandKind.DISCHARGE: frozenset({Parameter.POWER}),
    CommandKind.FEED_IN: frozenset({Parameter.EXPORT_LIMIT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFacts:
    """What is known about a plant that decides what may be commanded."""

    profile: Profile
    effects: Mapping[CommandKind, bool] = field(default_factory=dict[CommandKind, bool])
    """Commands that were tried here, and whether they had their effect."""
    tried: CommandKind | None = None
    """The one that is being tried just now."""
    held_anyway: frozenset[CommandKind] = frozenset()
    """Commands whose recipe is what the plant holds already: they need no write."""
    clock_known: bool = True
    import_limit: bool = False
    """The owner has named a limit that nobody here holds."""
    export_limit: bool = False


def abilities(facts: PlantFacts) -> dict[CommandKind, Ability]:
    """Say for every kind of command whether it is offered, and what becomes of it when left alone."""
    return {kind: _ability(kind, facts) for kind in CommandKind}


def limit_guards() -> dict[Limit, Guard]:
    """Say who holds each limit: no power can be set here, so nobody."""
    return dict.fromkeys(Limit, Guard.NONE)


def _ability(kind: CommandKind, facts: PlantFacts) -> Ability:
    if not facts.profile.has_battery:
        return _no(Refusal.NO_BATTERY)
    if not facts.profile.commands:
        return _only_decided(kind)
    if kind not in facts.profile.commands:
        return _no(Refusal.NO_COMMAND)
    able = _by_recipe(kind, facts)
    reason = _why_not(kind, able, facts)
    return able if reason is None else replace(able, offered=False, reason=reason)


def _why_not(kind: CommandKind, able: Ability, facts: PlantFacts) -> Refusal | None:
    """Say why a recipe is not used."""
    if able.ends is Ends.TIME and not facts.clock_known:
        return Refusal.CLOCK_UNKNOWN
    if kind in (facts.tried, CommandKind.RELEASE):
        return None
    seen = facts.effects.get(kind)
    if seen is False:
        return Refusal.NO_EFFECT
    if facts.profile.of_owner and not seen and kind not in facts.held_anyway:
        return Refusal.NOT_TRIED
    return None


def _by_recipe(kind: CommandKind, facts: PlantFacts) -> Ability:
    """Say what the writes of a recipe make of a command; what it does not write, it does not obey."""
    values = {step.value for step in facts.profile.commands[kind]}
    ends = Ends.TIME if _WINDOW_END in values else Ends.SOC if values & _SOC else Ends.NONE
    broken = (kind in _FROM_GRID and facts.import_limit) or (kind in _TO_GRID and facts.export_limit)
    unattended = Unattended.UNSAFE if broken else Unattended.COSTLY
    harmless = kind in _HARMLESS
    return Ability(
        offered=True,
        # A recipe that is written down in public is good until it is seen not to work.
        proven=facts.effects.get(kind, not facts.profile.of_owner),
        ends=ends,
        unattended=Unattended.SAFE if harmless else unattended,
        outage_safe=OutageSafe.YES if harmless else OutageSafe.UNKNOWN,
        obeys=frozenset({Parameter.POWER}) if Parameter.POWER.value in values else frozenset(),
    )


def _only_decided(kind: CommandKind) -> Ability:
    """Let anything be decided: nothing is written here, so nothing can go wrong by it."""
    if kind in (CommandKind.ISLAND, CommandKind.SHAVE):
        return _no(Refusal.NO_COMMAND)
    return Ability(
        offered=True,
        ends=Ends.SOC,
        unattended=Unattended.SAFE,
        outage_safe=OutageSafe.YES,
        obeys=_OBEYS.get(kind, frozenset()),
    )


def _no(reason: str) -> Ability:
    return Ability(offered=False, reason=reason)
