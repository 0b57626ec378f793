"""What one step hands to the next: the part that survives a restart, and the part that does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from .command import BatteryCommand
from .dispatch import Dispatch
from .override import Override
from .settings import Settings

type Note = float | str | bool | None
"""One thing that a mode wants to find again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Saved: the override at once, the rest within a minute."""

    override: Override | None = None
    engaged: bool = False
    """We have written a command and not released it since."""
    dispatch: Dispatch | None = None
    """What a third party wants; it counts while the base mode listens to it."""
    notes: Mapping[str, Mapping[str, Note]] = field(default_factory=dict[str, Mapping[str, Note]])
    """Mode → what it wants to find again."""

    def asked(self, name: str, default: float) -> float:
        """Give a number of the running override, or what its entity says."""
        number = None if self.override is None else self.override.number(name)
        return default if number is None else number

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {
            "override": None if self.override is None else self.override.to_json(),
            "engaged": self.engaged,
            "dispatch": None if self.dispatch is None else self.dispatch.to_json(),
            "notes": {mode: dict(notes) for mode, notes in self.notes.items()},
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, object]) -> Lasting:
        """Read what was saved; a part that makes no sense is forgotten."""
        notes = saved.get("notes")
        return cls(
            override=Override.from_json(saved.get("override")),
            engaged=saved.get("engaged") is True,
            dispatch=Dispatch.from_json(saved.get("dispatch")),
            notes=(
                {str(mode): dict(kept) for mode, kept in notes.items() if isinstance(kept, dict)}
                if isinstance(notes, dict)
                else {}
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The last SOC that could be believed, and one that waits for its confirmation."""

    soc_pct: float | None = None
    soc_at: datetime | None = None
    doubted_pct: float | None = None
    doubted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How we stand to others who might control the plant."""

    foreign_reads: int = 0
    """How many readings in a row held what we did not write."""
    read_at: datetime | None = None
    """The last reading that was counted."""
    yielded: bool = False
    taking_over: bool = False
    """The owner said that the plant is ours: others' values do not count until ours are held."""
    back_since: datetime | None = None
    """Since when the plant is back at our values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Whether the plant and a meter at its grid connection tell the same."""

    disagrees: bool = False
    since: datetime | None = None
    """Since when what they say speaks against `disagrees`."""
    count: int = 0
    """How many readings of the plant have done so."""
    read_at: datetime | None = None
    """The plant's last reading that was compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latches:
    """Which SOC bounds hold until their hysteresis is passed."""

    at_cutoff: bool = False
    at_reserve: bool = False
    at_mode_floor: bool = False
    at_ceiling: bool = False
    at_shaving: bool = False
    filling_shaving: bool = False
    refilling: bool = False


@dataclass(frozen=True, slots=True)
class Eased:
    """A number that falls at once and rises only after a while."""

    value: float
    rising_since: datetime | None = None
    lowest: float = 0.0
    """The lowest that was seen while it wanted to rise."""


type Cause = tuple[str, datetime | None, Settings]
"""Mode, start of its override, settings: what a person changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When we changed what, for minimum times and repetitions."""

    command: BatteryCommand | None = None
    """What was decided last; in shadow it stands for what the plant would hold."""
    changed_at: datetime | None = None
    cause: Cause | None = None
    tried: BatteryCommand | None = None
    """What was last given to the driver."""
    tried_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Never saved."""

    started_at: datetime | None = None
    belief: Belief = field(default_factory=Belief)
    standing: Standing = field(default_factory=Standing)
    doubt: Doubt = field(default_factory=Doubt)
    latches: Latches = field(default_factory=Latches)
    eased: Mapping[str, Eased] = field(default_factory=dict[str, Eased])
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Handed in and back with every step."""

    lasting: Lasting = field(default_factory=Lasting)
    passing: Passing = field(default_factory=Passing)


def overridden(memory: Memory, override: Override | None) -> Memory:
    """Start an override, which replaces the one that runs; None ends it, as choosing a mode does."""
    return replace(memory, lasting=replace(memory.lasting, override=override))


def mode_chosen(memory: Memory, mode: str) -> Memory:
    """Begin a base mode anew: an override ends, and what the mode remembers from before is forgotten."""
    notes = {key: kept for key, kept in memory.lasting.notes.items() if key != mode}
    return replace(memory, lasting=replace(memory.lasting, override=None, notes=notes))


def dispatched(memory: Memory, dispatch: Dispatch | None) -> Memory:
    """Take a dispatch, which replaces the one before; None takes it back."""
    return replace(memory, lasting=replace(memory.lasting, dispatch=dispatch))


def taken_over(memory: Memory) -> Memory:
    """Take the plant from whoever controls it: only for an owner who was asked."""
    return replace(memory, passing=replace(memory.passing, standing=Standing(taking_over=True)))
