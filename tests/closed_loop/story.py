"""What became of a scenario, cycle by cycle."""

from dataclasses import dataclass

from custom_components.energy_storage.controller import ControlView
from custom_components.energy_storage.engine import Decision
from custom_components.energy_storage.engine.command import BatteryCommand
from custom_components.energy_storage.engine.settings import Settings
from tests.simulators.sigen import Write

from .scenario import Scenario
from .world import Sample, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One decision: a cycle has one, and one more for what the owner has just changed."""

    at_s: float
    cause: object
    """What a person changes: settings and override."""
    grid: bool
    held: BatteryCommand | None
    """Before the decision, as the next."""
    writes_left: int | None
    decision: Decision
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One cycle: what was decided, what came of it, and what flowed until the next one was over."""

    tick: int
    settings: Settings
    view: ControlView
    react_s: float | None
    trouble: frozenset[str]
    """What is wrong in this cycle."""
    turns: tuple[Turn, ...]
    """What was decided in this cycle, the last of them by `view`."""
    fuse_w: float | None
    """Of one phase."""
    three_phase: bool
    later: list[Sample]
    """What flowed until the next cycle was over."""

    @property
    def writes(self) -> tuple[Write, ...]:
        """What the plant was told in this cycle."""
        return tuple(write for turn in self.turns for write in turn.writes)

    @property
    def now(self) -> Sample:
        """What flowed right after the cycle."""
        return self.later[0]

    @property
    def end_s(self) -> float:
        """When the next cycle was over."""
        return self.later[-1].end_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of a scenario."""

    scenario: Scenario
    moments: tuple[Moment, ...]
    """Those in which Home Assistant was there."""
    failed_at: tuple[float, ...]
    """When a request was spoilt."""
    world: World
    """As it was left."""
