"""Everything that one step looks at, besides settings and memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .command import Ability, BatteryCommand, CommandKind, Guard, Limit
from .documents import Documents
from .plant import MeterReading, Ownership, PlantState


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How the house is connected; None is unknown and never counted as harmless."""

    main_fuse_a: float | None = None
    """Per phase; None: the owner set none."""
    phases: int = 1
    voltage_v: float = 230.0
    inverter_phase: int | None = None
    """0, 1 or 2 where the inverter feeds one phase of three; None: it feeds all of them evenly."""
    largest_load_w: float | None = None
    """The largest uncontrolled load of 30 days: of one phase where there are three."""
    commandable_w: float = 0.0
    """What all assets that we command may take together, on one phase."""
    backup_supply: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What a meter at the grid connection has said in the last minutes, beside the plant."""

    readings: tuple[MeterReading, ...] = ()
    """Oldest first."""
    interval: timedelta
    """The longest that it lately took from one reading to the next."""
    react_s: float | None = None
    """As `Inputs.react_s`, when a correction follows upon the meter."""


class MeterUse(StrEnum):
    """Whether limits follow the meter, and if not, why only the plant's own reading counts."""

    IN_USE = "in_use"
    LATE = "late"
    """Its last reading is older than it should be."""
    SLOW = "slow"
    """The plant itself says it sooner."""
    DISAGREES = "disagrees"
    """For long, one of the two has said import where the other said export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """One cycle's view of the world. `now` is UTC, and the only clock there is."""

    now: datetime
    plant: PlantState
    abilities: Mapping[CommandKind, Ability]
    guards: Mapping[Limit, Guard] = field(default_factory=dict[Limit, Guard])
    """The best the driver can do for each limit; a limit that is missing is `none`."""
    site: Site = field(default_factory=Site)
    held: BatteryCommand | None = None
    """What the plant was last confirmed to hold from us; None on its own program."""
    ownership: Ownership = Ownership.FREE
    held_at: datetime | None = None
    """When the plant was last asked what it holds; None: with each reading."""
    poll: timedelta = timedelta(seconds=5)
    lag: timedelta = timedelta(0)
    """The source's own delay."""
    react_s: float | None = None
    """Measured time from a change in the house to its correction; None is unknown: no trimming."""
    meter: Metered | None = None
    """None: the owner has none."""
    wrote_at: datetime | None = None
    """When anything was last written to the plant, UTC; None: never."""
    writes_left: int | None = None
    """Of today's budget of stored writes, of what has least left; None: unlimited."""
    documents: Documents = field(default_factory=Documents)
    ready: bool = True
    """Home Assistant has started and everything that the modes need is there."""
