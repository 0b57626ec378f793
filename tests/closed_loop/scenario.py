"""What can happen to a house: the plant, its owner's wishes, its loads and its sun, and what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any

from custom_components.energy_storage.engine.documents import Documents
from custom_components.energy_storage.engine.settings import SettingValue
from custom_components.energy_storage.vendors.driver import DriverState
from custom_components.energy_storage.vendors.sigen.held import LIMITS, MODE, REMOTE
from tests.simulators.sigen import SigenConfig

from .link import Link, Trouble
from .world import START

type Values = Mapping[str, SettingValue]


class Mishap(StrEnum):
    """What goes wrong inside the plant, or is done to it by others."""

    GRID_LOST = "grid_lost"
    SOC_MISSING = "soc_missing"
    SOC_LEAPS = "soc_leaps"
    FROZEN_CLOCK = "frozen_clock"
    IGNORED_WRITES = "ignored_writes"
    APP_CHANGES_LIMIT = "app_changes_limit"
    OPERATOR = "operator"
    """A power plant operator takes the plant, and gives it back."""
    KILLED = "killed"
    """Home Assistant ends without a word, and starts anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong for some cycles."""

    what: Mishap | Trouble
    tick: int
    ticks: int
    value: float = 0.0

    @property
    def end(self) -> int:
        """The first cycle without it."""
        return self.tick + self.ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the owner wants from a cycle on: other settings, or an override."""

    tick: int
    settings: Values = field(default_factory=dict[str, SettingValue])
    override: str | None = None
    asked: Values = field(default_factory=dict[str, SettingValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some seconds of constant load and sun."""

    seconds: float
    load_w: float
    pv_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story."""

    plant: SigenConfig
    link: Link = field(default_factory=Link)
    connection: Mapping[str, Any] = field(default_factory=lambda: {"phases": 1})
    """What the owner said about how the house is connected."""
    settings: Values = field(default_factory=dict[str, SettingValue])
    documents: Documents = field(default_factory=Documents)
    house: tuple[Stretch, ...] = (Stretch(seconds=1e9, load_w=500.0, pv_w=0.0),)
    wishes: tuple[Wish, ...] = ()
    faults: tuple[Fault, ...] = ()
    ticks: int = 40
    writes_before: int = 0
    """How often each register was written today, before the story begins."""

    def moments(self, start: datetime) -> list[tuple[datetime, Stretch]]:
        """Say when each stretch begins."""
        ends = accumulate((stretch.seconds for stretch in self.house), initial=0.0)
        return [
            (start + timedelta(seconds=at), stretch) for at, stretch in zip(ends, self.house, strict=False)
        ]

    def wrong(self, tick: int) -> frozenset[Mishap | Trouble]:
        """Name what is wrong in a cycle."""
        return frozenset(fault.what for fault in self.faults if fault.tick <= tick < fault.end)

    @property
    def state_before(self) -> DriverState | None:
        """What the driver has kept of the day so far."""
        if not self.writes_before:
            return None
        counts = dict.fromkeys((*LIMITS, MODE, REMOTE), self.writes_before)
        return {"control": {"day": START.date().isoformat(), "counts": counts}}

    @property
    def plant_on_link(self) -> SigenConfig:
        """The plant, as quick as its link says, with its clock in our hands."""
        return replace(self.plant, enter_s=self.link.enter_s, obey_s=self.link.obey_s, start=START, speed=0)
