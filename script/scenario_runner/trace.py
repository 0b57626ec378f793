"""What a run leaves behind: powers for each stretch of time, and each turn that a decision took."""

from dataclasses import dataclass, field
from typing import NamedTuple

from custom_components.energy_storage.engine.command import BatteryCommand
from custom_components.energy_storage.engine.settings import Settings


class Sample(NamedTuple):
    """What flowed for some seconds; signs as everywhere."""

    at_s: float
    seconds: float
    soc_pct: float
    """At its end."""
    grid_w: float
    battery_w: float
    pv_w: float
    load_w: float
    phase_w: float
    """The largest of the phases, in or out."""
    dark: bool
    settings: Settings
    """Those that held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was decided from a moment on, until the next turn."""

    at_s: float
    control: str
    stage: str
    mode: str
    command: BatteryCommand | None
    held: BatteryCommand | None
    reasons: tuple[str, ...]
    cannot_hold: tuple[str, ...]
    code: str | None
    """Why the plant does not hold what was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteMade:
    """One write that reached the plant, or that it refused."""

    at_s: float
    name: str
    value: float | str
    why: str
    outcome: str


@dataclass(slots=True)
class Trace:
    """All of it."""

    samples: list[Sample] = field(default_factory=list[Sample])
    turns: list[Turn] = field(default_factory=list[Turn])
    writes: list[WriteMade] = field(default_factory=list[WriteMade])
    told: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """Events as they happened."""
    refused: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """Overrides and dispatches that were not taken, with the code."""
    registers: dict[float, dict[str, float | str]] = field(
        default_factory=dict[float, dict[str, float | str]]
    )
    """What the plant held at the moments that expectations ask for."""
    cycles: int = 0
