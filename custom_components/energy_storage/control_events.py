"""What is worth an event between one cycle of control and the next; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .cycle import Reading
from .engine import ControlState
from .engine.override import Override
from .engine.plant import GridState

MODE_CHANGED = "mode_changed"
OVERRIDE_STARTED = "override_started"
OVERRIDE_ENDED = "override_ended"
CANNOT_HOLD = "cannot_hold"
OUTAGE_BEGAN = "outage_began"
OUTAGE_ENDED = "outage_ended"
EVENTS = (MODE_CHANGED, OVERRIDE_STARTED, OVERRIDE_ENDED, CANNOT_HOLD, OUTAGE_BEGAN, OUTAGE_ENDED)

type Told = tuple[str, Mapping[str, str | float | None]]
"""The kind of an event, and what is to be known about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What events are told from."""

    mode: str | None = None
    override: Override | None = None
    not_held: frozenset[str] = frozenset()
    dark: bool | None = None
    """Whether the grid is lost; None: nobody knows."""


def situation(reading: Reading, before: Situation | None) -> Situation | None:
    """See how things stand; what is not known now is as it was before."""
    if (view := reading.control) is None:
        return before
    decision, was = view.decision, before or Situation()
    grid = reading.state.grid_state
    known = grid in (GridState.ON_GRID, GridState.OFF_GRID)
    decides = decision.control is not ControlState.OFF
    return Situation(
        mode=decision.mode if decides else None,
        override=view.override,
        not_held=was.not_held if decides and decision.command is None else frozenset(decision.cannot_hold),
        dark=grid is GridState.OFF_GRID if known else was.dark,
    )


def changes(before: Situation, now: Situation) -> Iterator[Told]:
    """Give an event for each thing that has changed."""
    was, override = before.override, now.override
    if was is not None and (override is None or override.started != was.started):
        yield OVERRIDE_ENDED, {"mode": was.kind}
    if override is not None and (was is None or override.started != was.started):
        until = None if override.end is None else override.end.isoformat()
        yield OVERRIDE_STARTED, {"mode": override.kind, "until": until, "source": override.source.value}
    if now.mode != before.mode and now.mode is not None and before.mode is not None:
        yield MODE_CHANGED, {"mode": now.mode, "before": before.mode}
    for limit in sorted(now.not_held - before.not_held):
        yield CANNOT_HOLD, {"limit": limit}
    if before.dark is not None and now.dark is not None and now.dark is not before.dark:
        yield (OUTAGE_BEGAN if now.dark else OUTAGE_ENDED), {}
