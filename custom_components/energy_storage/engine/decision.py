"""What one step decides, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .command import BatteryCommand, Guard, Limit
from .inputs import MeterUse
from .plant import Stage
from .settings import ControlState


@dataclass(frozen=True, slots=True, init=False)
class Reason:
    """Why something was decided: a code, which is also the translation key, and its numbers."""

    code: str
    values: tuple[tuple[str, float | str | None], ...]

    def __init__(self, code: str, /, **values: float | str | None) -> None:
        """Take the numbers by name: `Reason("soc_floor", soc_pct=9.8)`."""
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", tuple(values.items()))


class Act(StrEnum):
    """What is to be done with the device."""

    LEAVE = "leave"
    """Write nothing."""
    APPLY = "apply"
    """Write `Decision.command`."""
    RELEASE = "release"
    """Hand the device to its own program."""
    SHORT_RELEASE = "short_release"
    """The same with what needs no fresh reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done in this cycle, and what an owner is shown about it."""

    control: ControlState
    stage: Stage
    act: Act
    command: BatteryCommand | None = None
    """What the plant should hold, also in shadow; None: whatever it holds is left alone."""
    mode: str
    """The mode that decided: the override's, else the base mode."""
    base_mode: str
    reasons: tuple[Reason, ...] = ()
    """In the order in which they acted."""
    floor_soc_pct: float | None = None
    """Where the battery stops giving."""
    max_import_w: float | None = None
    """The most that is to be taken from the grid: of owner, mode and overlay the lowest."""
    guards: Mapping[Limit, Guard] = field(default_factory=dict[Limit, Guard])
    """Who holds each limit that is set; `none` is shown as not guarded."""
    device_limits: Mapping[Limit, float] = field(default_factory=dict[Limit, float])
    """Watts or percent that the device is to hold by itself, also after a release."""
    cannot_hold: tuple[str, ...] = ()
    """Limits that are passed at this moment whatever we do; each is worth an event."""
    meter: MeterUse | None = None
    """What the meter at the grid connection had to do with it; None without one."""
