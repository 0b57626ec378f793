"""A house whose clock is moved by hand: steps the engine and obeys it like an ideal driver."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.energy_storage.engine import (
    Act,
    ControlState,
    Decision,
    Inputs,
    Memory,
    Ownership,
    Settings,
    Site,
    step,
)
from custom_components.energy_storage.engine.command import (
    Ability,
    BatteryCommand,
    CommandKind,
    Ends,
    Guard,
    Limit,
    OutageSafe,
    Parameter,
)
from custom_components.energy_storage.engine.memory import overridden
from custom_components.energy_storage.engine.override import Override, Parameter as Asked, Source
from custom_components.energy_storage.engine.plant import GridState, PlantState

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLL = timedelta(seconds=5)
RATED_W = 10_000.0

GOOD = Ability(
    offered=True, proven=True, ends=Ends.SOC, outage_safe=OutageSafe.YES, obeys=frozenset(Parameter)
)


def abilities(*missing: CommandKind, **changed: Ability) -> dict[CommandKind, Ability]:
    """Give a plant that can do everything well, but for these."""
    able = dict.fromkeys(CommandKind, GOOD)
    able |= {kind: Ability(offered=False, reason="firmware") for kind in missing}
    return able | {CommandKind(kind): ability for kind, ability in changed.items()}


def codes(decision: Decision) -> list[str]:
    """Give the codes of a decision's reasons, in their order."""
    return [reason.code for reason in decision.reasons]


def command(kind: CommandKind, **numbers: Any) -> BatteryCommand:
    """Build a command."""
    return replace(BatteryCommand(kind=kind), **numbers)


@dataclass
class House:
    """Everything around one plant; `cycle` moves the clock and decides."""

    settings: Settings = field(
        default_factory=lambda: Settings(control=ControlState.ON, discharge_cutoff_soc_pct=10)
    )
    inputs: Inputs = field(
        default_factory=lambda: Inputs(
            now=NOON,
            plant=PlantState(
                read_at=NOON,
                soc_pct=50.0,
                grid_power_w=0.0,
                battery_power_w=0.0,
                pv_power_w=0.0,
                rated_power_w=RATED_W,
                grid_state=GridState.ON_GRID,
            ),
            abilities=abilities(),
            guards=dict.fromkeys(Limit, Guard.TRIM),
            site=Site(backup_supply=True),
            react_s=8.0,
        )
    )
    memory: Memory = field(default_factory=Memory)
    obeys: bool = True
    writes: list[tuple[datetime, BatteryCommand]] = field(default_factory=list)

    def set(self, **settings: Any) -> House:
        """Change settings."""
        self.settings = replace(self.settings, **settings)
        return self

    def see(self, **inputs: Any) -> House:
        """Change what the engine is given."""
        self.inputs = replace(self.inputs, **inputs)
        return self

    def connect(self, **site: Any) -> House:
        """Change how the house is connected."""
        return self.see(site=replace(self.inputs.site, **site))

    def guard(self, limit: Limit, guard: Guard) -> House:
        """Say who holds a limit."""
        return self.see(guards={**self.inputs.guards, limit: guard})

    def override(
        self, kind: str, minutes: float = 60, source: Source = Source.PERSON, **asked: Asked
    ) -> House:
        """Start an override now."""
        now = self.inputs.now
        override = Override(
            kind=kind,
            parameters=asked,
            source=source,
            started=now,
            ends_at=now + timedelta(minutes=minutes),
        )
        self.memory = overridden(self.memory, override)
        return self

    def cycle(self, *, after_s: float = 5, read: bool = True, **plant: Any) -> Decision:
        """Move the clock, take a new reading unless told otherwise, decide, obey."""
        now = self.inputs.now + timedelta(seconds=after_s)
        reading = replace(self.inputs.plant, **plant)
        if read:
            reading = replace(reading, read_at=now)
        self.inputs = replace(self.inputs, now=now, plant=reading)
        decision, self.memory = step(self.inputs, self.settings, self.memory)
        if self.obeys:
            self.obey(decision)
        return decision

    def obey(self, decision: Decision) -> None:
        """Do what was decided, as a driver without faults does."""
        if decision.act is Act.APPLY:
            assert decision.command is not None
            self.writes.append((self.inputs.now, decision.command))
            self.see(held=decision.command, ownership=Ownership.OURS)
        elif decision.act is not Act.LEAVE:
            self.see(held=None, ownership=Ownership.FREE)

    def cycles(self, count: int, **plant: Any) -> Decision:
        """Go through several cycles; give the last decision."""
        for _ in range(count - 1):
            self.cycle(**plant)
        return self.cycle(**plant)
