"""What a profile says: the registers of one kind of Chint inverter, and what may be done with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ...engine.command import CommandKind
from ...engine.plant import AlarmLevel
from ..driver import PointRole, Tier

type Space = Literal["input", "holding"]
type Order = Literal["big", "little"]

WORDS: Mapping[str, int] = {
    "uint16": 1,
    "int16": 1,
    "uint32": 2,
    "int32": 2,
    "uint64": 4,
    "bits": 1,
    "version": 1,
    "time": 1,
}
"""How many registers a type takes; a text says it itself."""
FAMILY_SENTINELS: Mapping[str, frozenset[int]] = {
    "uint16": frozenset({0xFFFF}),
    "int16": frozenset({0x8000}),
    "uint32": frozenset({0xFFFFFFFF}),
    "int32": frozenset({0x80000000}),
    "uint64": frozenset({0xFFFFFFFFFFFFFFFF}),
    "bits": frozenset({0xFFFF}),
    "version": frozenset({0xFFFF}),
}
"""Raw values that mean: not there. Source: CPS family."""


PACE_S: Mapping[Tier, int] = {Tier.FAST: 10, Tier.COUNTERS: 60, Tier.SETTINGS: 300}
"""How often each tier is read where a profile does not say it."""


class Evidence(StrEnum):
    """How we know of a row."""

    PROVEN = "proven"
    DOCUMENTED = "documented"
    MANUAL = "manual"
    ASSUMED = "assumed"
    """Guessed: not read until the owner switches it on, and never written."""
    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One register."""

    name: str
    address: int
    space: Space
    type: str
    count: int
    group: str
    evidence: Evidence
    scale: float = 1.0
    unit: str | None = None
    sign: int | None = 1
    """-1 where the device counts the other way than the house; None where nobody knows."""
    order: Order = "big"
    sentinels: frozenset[int] = frozenset()
    writable: bool = False
    low: float | None = None
    high: float | None = None
    options: Mapping[int, str] = field(default_factory=dict[int, str])
    counts: str | None = None
    """`life` or `day`: it counts up."""
    device: str = "inverter"
    tier: Tier = Tier.COUNTERS
    role: PointRole = PointRole.REGISTER
    means: str | None = None
    maker: str | None = None
    source: str | None = None
    note: str | None = None

    @property
    def last(self) -> int:
        """The last of its registers."""
        return self.address + self.count - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A range that a request must not leave."""

    space: Space
    first: int
    last: int
    name: str = ""

    def holds(self, row: Row) -> bool:
        """Tell whether a row lies inside."""
        return self.space == row.space and self.first <= row.address and row.last <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one bit of an alarm word stands for."""

    code: str
    text: str
    level: AlarmLevel
    off_grid: bool = False
    """While it is set there is no grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One write of a recipe."""

    row: str
    value: float | str
    """A number in the row's unit, a code of its enum, a time of day, or one of `PARAMETERS`."""


PARAMETERS = frozenset({"power_w", "target_soc_pct", "floor_soc_pct", "window_end"})
"""What a recipe takes from the command, or from the clock."""

type Recipe = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The registers of one kind of inverter."""

    key: str
    title: str
    has_battery: bool
    rows: Mapping[str, Row]
    spans: tuple[Span, ...]
    device_types: frozenset[int] = frozenset()
    model_prefixes: tuple[str, ...] = ()
    serial_prefixes: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    most_registers: int = 60
    max_gap: int = 16
    pace_s: Mapping[Tier, int] = field(default_factory=dict[Tier, int])
    faults: Mapping[str, Mapping[int, Fault]] = field(default_factory=dict[str, Mapping[int, Fault]])
    """Alarm word → bit → meaning."""
    commands: Mapping[CommandKind, Recipe] = field(default_factory=dict[CommandKind, Recipe])
    requests: Mapping[str, Recipe] = field(default_factory=dict[str, Recipe])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    of_owner: bool = False
    """It was put there by the owner, in place of ours or beside it."""
    version: str = ""
    """Tells what the owner has changed from what it was before; empty: it is ours."""

    @property
    def edition(self) -> str:
        """Tells this profile from others, and from what the owner has had under its name before."""
        return f"{self.key} {self.version}".strip()

    @property
    def assumed_groups(self) -> tuple[str, ...]:
        """Groups that have rows which nobody has seen on a device."""
        groups = (row.group for row in self.rows.values() if row.evidence is Evidence.ASSUMED)
        return tuple(sorted(set(groups)))

    def meaning(self, means: str) -> Row | None:
        """Give the row that is this of the plant as a whole."""
        return next((row for row in self.rows.values() if row.means == means), None)
