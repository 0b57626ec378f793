"""What an Instagen plant can do with battery commands, by what is documented or was seen, and nothing else.

Source: our protocol facts, sections 5 and 7; manual of the Hoymiles HAT-5.0HV-EUG1, printed pages 46 and 47.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ...engine.command import Ability, CommandKind, Ends, Guard, Limit, OutageSafe, Parameter, Unattended
from .user_set import FULL_POWER, LOWEST_RESERVE_PCT, BatteryMode

_POWER = frozenset({Parameter.POWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFacts:
    """What is known about a plant that decides what may be commanded."""

    rated_w: float | None = None
    """Of the inverter, of which powers are a share; None until its model is known."""
    has_battery: bool = True
    inverters: int = 1
    """How many are behind the stick; nobody knows how several take one message."""
    soc_pct: float | None = None
    refused: frozenset[BatteryMode] = frozenset()
    """Modes that the firmware of this plant did not take."""
    island_allowed: bool = False
    """The owner has allowed going off the grid."""


def abilities(facts: PlantFacts, limits: Collection[Limit]) -> dict[CommandKind, Ability]:
    """Say for every kind of command whether it is offered, and what becomes of it when left alone.

    `limits` are those that the owner has set.
    """
    return {kind: _ability(kind, facts, limits) for kind in CommandKind}


def limit_guards() -> dict[Limit, Guard]:
    """Say who holds each limit: there is a reserve, and no other knob; what is read may be a minute old."""
    held = {Limit.DISCHARGE_CUTOFF, Limit.BACKUP_RESERVE}
    return {limit: Guard.DEVICE if limit in held else Guard.NONE for limit in Limit}


def _ability(kind: CommandKind, facts: PlantFacts, limits: Collection[Limit]) -> Ability:
    if not facts.has_battery:
        return _no("no_battery")
    if facts.inverters != 1:
        return _no("parallel_unproven")
    return _ABILITIES[kind](facts, limits)


def _no(reason: str) -> Ability:
    return Ability(offered=False, reason=reason)


def _self_consume(_: PlantFacts, __: Collection[Limit]) -> Ability:
    """Mode 1: the reserve is kept for outages, which is what the manual has it for."""
    return Ability(offered=True, proven=True, unattended=Unattended.SAFE, outage_safe=OutageSafe.YES)


def _hold(facts: PlantFacts, _: Collection[Limit]) -> Ability:
    """Mode 1 with a reserve at the SOC; below the lowest reserve the battery gives nothing anyway."""
    if facts.soc_pct is not None and facts.soc_pct < LOWEST_RESERVE_PCT:
        return _no("soc_below_reserves")
    return Ability(offered=True, unattended=Unattended.COSTLY, outage_safe=OutageSafe.YES)


def _to_soc(limit: Limit, *, obeys: bool, proven: bool) -> _Rule:
    """Make the rule of a forced mode, which its SOC ends; nobody watches the grid's limit meanwhile."""

    def rule(facts: PlantFacts, limits: Collection[Limit]) -> Ability:
        rated = facts.rated_w
        return Ability(
            offered=True,
            step_w=rated / FULL_POWER if rated else 1.0,
            proven=proven,
            ends=Ends.SOC,
            unattended=Unattended.UNSAFE if limit in limits else Unattended.COSTLY,
            obeys=_POWER if obeys and rated else frozenset(),
        )

    return rule


def _shave(facts: PlantFacts, _: Collection[Limit]) -> Ability:
    """Mode 7, which the plant carries out by itself, if its firmware has it."""
    if BatteryMode.PEAK_SHAVING in facts.refused:
        return _no("mode_refused")
    return Ability(
        offered=True,
        ends=Ends.SOC,
        unattended=Unattended.COSTLY,
        obeys=frozenset({Parameter.MAX_IMPORT}),
    )


def _island(facts: PlantFacts, _: Collection[Limit]) -> Ability:
    """Mode 4: somebody has to be there when the battery is empty."""
    if not facts.island_allowed:
        return _no("island_not_allowed")
    return Ability(offered=True, unattended=Unattended.UNSAFE, outage_safe=OutageSafe.YES)


type _Rule = Callable[[PlantFacts, Collection[Limit]], Ability]

_ABILITIES: Mapping[CommandKind, _Rule] = {
    CommandKind.SELF_CONSUME: _self_consume,
    CommandKind.HOLD: _hold,
    CommandKind.IDLE: lambda _, __: _no("no_command"),
    CommandKind.CHARGE: _to_soc(Limit.IMPORT, obeys=True, proven=True),
    CommandKind.DISCHARGE: _to_soc(Limit.EXPORT, obeys=True, proven=True),
    CommandKind.SHAVE: _shave,
    CommandKind.FEED_IN: _to_soc(Limit.EXPORT, obeys=False, proven=False),
    CommandKind.ISLAND: _island,
    CommandKind.RELEASE: _self_consume,
}
