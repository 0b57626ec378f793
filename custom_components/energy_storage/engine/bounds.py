"""What limits leave of the battery, and how one limit after the other narrows it."""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import NamedTuple

from .command import Guard, Limit
from .decision import Reason
from .inputs import Inputs
from .reading import known
from .timing import Easing


class Bound(NamedTuple):
    """The most that one flow may be, and the limit that says so."""

    watts: float = math.inf
    limit: str = ""
    reason: Reason | None = None


class Bounds(NamedTuple):
    """What is left of the battery. Later limits can only narrow what earlier ones left."""

    charge: Bound = Bound()
    """Most that may flow into the battery in any command."""
    discharge: Bound = Bound()
    """Most that may flow out of it in any command."""
    grid_charge: Bound = Bound()
    """Most that `charge` may take, on top of the above."""
    feed: Bound = Bound()
    """Most that `discharge` and `feed_in` may give, on top of the above."""
    support: Bound = Bound(0.0)
    """Least that it must give, for the fuse."""
    absorb: Bound = Bound(0.0)
    """Least that it must take, for the export limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All that a command has to be fitted into."""

    bounds: Bounds
    floor_soc_pct: float
    """Where the battery stops giving."""
    support_floor_soc_pct: float
    """Where it stops giving even for the fuse."""
    ceiling_soc_pct: float
    support_import_w: float = math.inf
    """What the house imports when the battery just supports the fuse."""
    export_limit_w: float | None = None
    """What `feed_in` has to be told, because the device does not hold it by itself."""
    max_import_w: float | None = None
    """The most that is to be taken from the grid, of the owner, the mode and what lies over it."""
    off_grid: bool
    guards: Mapping[Limit, Guard]
    device: Mapping[Limit, float]
    cannot_hold: tuple[str, ...] = ()


class Narrowing:
    """Takes the limits in their order. Where one leaves nothing of another, the earlier one stays."""

    def __init__(self, inputs: Inputs, easing: Easing) -> None:
        """Begin with a battery that may do everything."""
        self.inputs, self.easing = inputs, easing
        self.bounds = Bounds()
        self.guards: dict[Limit, Guard] = {}
        self.device: dict[Limit, float] = {}
        self.cannot_hold: list[str] = []

    def guard(self, limit: Limit, value: float) -> Guard:
        """Note who holds a limit, and what the device is to hold by itself."""
        guard = self.inputs.guards.get(limit, Guard.NONE)
        if guard is Guard.TRIM and self.inputs.react_s is None:
            guard = Guard.NONE
        self.guards[limit] = guard
        if guard is Guard.DEVICE:
            self.device[limit] = value
        return guard

    def charge(self, watts: float, limit: str, reason: Reason) -> None:
        """Let no more flow in, except what an earlier limit demands."""
        self.bounds = self.bounds._replace(
            charge=self._at_most(self.bounds.charge, watts, limit, reason, least=self.bounds.absorb.watts)
        )

    def discharge(self, watts: float, limit: str, reason: Reason) -> None:
        """Let no more flow out, except what an earlier limit demands."""
        self.bounds = self.bounds._replace(
            discharge=self._at_most(
                self.bounds.discharge, watts, limit, reason, least=self.bounds.support.watts
            )
        )

    def grid_charge(self, watts: float, limit: str, reason: Reason) -> None:
        """Let `charge` take no more."""
        bound = self._at_most(self.bounds.grid_charge, watts, limit, reason)
        self.bounds = self.bounds._replace(grid_charge=bound)

    def feed(self, watts: float, limit: str, reason: Reason) -> None:
        """Let `discharge` give no more."""
        self.bounds = self.bounds._replace(feed=self._at_most(self.bounds.feed, watts, limit, reason))

    def support(self, watts: float, limit: Limit, reason: Reason) -> None:
        """Have the battery give at least this; what it cannot, stays unheld."""
        left = min(self.bounds.discharge.watts, self.bounds.feed.watts, self._able_to_give())
        self.bounds = self.bounds._replace(support=Bound(self._clipped(watts, left, limit), limit, reason))

    def absorb(self, watts: float, limit: Limit, reason: Reason) -> None:
        """Have the battery take at least this; what it cannot, stays unheld."""
        left = min(self.bounds.charge.watts, self._able_to_take())
        if self.bounds.support.watts > 0:
            left = 0.0
        self.bounds = self.bounds._replace(absorb=Bound(self._clipped(watts, left, limit), limit, reason))

    def _at_most(self, bound: Bound, watts: float, limit: str, reason: Reason, least: float = 0.0) -> Bound:
        if watts < least:
            self.cannot_hold.append(limit)
        watts = max(watts, least, 0.0)
        return Bound(watts, limit, reason) if watts < bound.watts else bound

    def _clipped(self, watts: float, left: float, limit: Limit) -> float:
        if watts > left:
            self.cannot_hold.append(limit)
        return max(0.0, min(watts, left))

    def _able_to_give(self) -> float:
        plant = self.inputs.plant
        return _first(plant.available_discharge_power_w, plant.rated_power_w)

    def _able_to_take(self) -> float:
        plant = self.inputs.plant
        return _first(plant.available_charge_power_w, plant.rated_power_w)


def _first(*values: float | None) -> float:
    return next((value for value in map(known, values) if value is not None), math.inf)
