"""What a mode is: a name, the commands it lives on, and a function that says what it wishes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..command import Ability, BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory, Note
from ..settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a mode would do if there were no limits."""

    command: BatteryCommand
    reasons: tuple[Reason, ...] = ()
    from_grid: bool | None = None
    """Whether the person who asked for it allowed the grid; None: the switch decides."""
    floor_soc_pct: float | None = None
    """A floor of its own, which can only be above those of the owner."""
    max_import_w: float | None = None
    """A maximum of its own, which can only be below that of the owner."""
    max_export_w: float | None = None
    notes: Mapping[str, Note] | None = None
    """What it wants to find again, after a restart too; None: as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A mode that leaves the choice to another one."""

    mode: str
    reasons: tuple[Reason, ...] = ()


class Decide(Protocol):
    """Say what a mode wishes now."""

    def __call__(self, inputs: Inputs, settings: Settings, memory: Memory) -> Wish | Instead:
        """Wish freely: limits are none of a mode's business. The SOC is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One operating mode."""

    key: str
    needs: CommandKind
    """Without this command the mode is not offered."""
    override: bool = False
    """It runs only until an end, above the base mode."""
    decide: Decide


def why_not(mode: Mode, abilities: Mapping[CommandKind, Ability]) -> Reason | None:
    """Tell why a plant does not offer a mode; None when it does."""
    ability = abilities.get(mode.needs)
    if mode.needs is CommandKind.RELEASE or (ability is not None and ability.offered):
        return None
    return Reason("not_offered", command=mode.needs.value, why=None if ability is None else ability.reason)


def past(
    mode: Mode, memory: Memory, *, at: float | None, end: float, way_back: float
) -> tuple[bool, Mapping[str, Note]]:
    """Tell whether an end of SOC was reached, and the note by which that holds until the way back.

    The note names the override, so that the next one starts anew. An unknown SOC reaches nothing.
    """
    override = memory.lasting.override
    run = "" if override is None else override.started.isoformat()
    if at is None:
        return False, {}
    up = way_back < end
    was = memory.lasting.notes.get(mode.key, {}).get("reached") == run
    reached = (at >= end or (was and at > way_back)) if up else (at <= end or (was and at < way_back))
    return reached, {"reached": run} if reached else {}
