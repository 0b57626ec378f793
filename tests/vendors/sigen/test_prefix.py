"""Home Assistant dies after any single write: the simulated plant, left alone for a day, keeps its limits."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
import math

import pytest

from custom_components.energy_storage.engine.command import (
    BatteryCommand,
    CommandKind,
    OutageSafe,
    Unattended,
)
from custom_components.energy_storage.vendors.sigen.abilities import Seen, ability
from custom_components.energy_storage.vendors.sigen.held import Held, Installation
from custom_components.energy_storage.vendors.sigen.plan import plan, release_plan
from custom_components.energy_storage.vendors.sigen.sequence import Situation
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.write import RegisterWrite
from tests.simulators import plant as simulated
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig
from tests.vendors.sigen.bench import QUIET_W, STEP_S, Bench, Day, Words

CAPACITY_WH, START_PCT = 16_000.0, 60.0
SOC_SLACK_PCT, POWER_SLACK_W, IDLE_WH = 1.0, 30.0, 400.0
GRID_LIMITS = Installation(export_limit_w=3_000, import_limit_w=9_000)
LIMITS = Installation(
    export_limit_w=3_000, import_limit_w=9_000, charge_cutoff_pct=95, discharge_cutoff_pct=10
)
FOUND = Installation(charge_cutoff_pct=100, discharge_cutoff_pct=5)
"""The cut-offs that the plant had and gets back."""
COMMANDS = {
    "self_consume": BatteryCommand(kind=CommandKind.SELF_CONSUME),
    "ceilings": BatteryCommand(kind=CommandKind.SELF_CONSUME, max_charge_w=2_000, max_discharge_w=1_500),
    "hold": BatteryCommand(kind=CommandKind.HOLD),
    "idle": BatteryCommand(kind=CommandKind.IDLE),
    "charge": BatteryCommand(kind=CommandKind.CHARGE, power_w=3_000, target_soc_pct=80),
    "charge_all": BatteryCommand(kind=CommandKind.CHARGE),
    "discharge": BatteryCommand(kind=CommandKind.DISCHARGE, power_w=4_000, floor_soc_pct=30),
    "shave": BatteryCommand(kind=CommandKind.SHAVE, max_import_w=2_000, floor_soc_pct=20),
    "feed_in": BatteryCommand(kind=CommandKind.FEED_IN, export_limit_w=2_000, floor_soc_pct=25),
    "release": BatteryCommand(kind=CommandKind.RELEASE),
}
SHORT = "short release"
"""Another way to end a command: without a SOC."""
RELEASES = ("release", SHORT)
MODES = {CommandKind.CHARGE: 4, CommandKind.DISCHARGE: 5, CommandKind.FEED_IN: 5}
"""Register 40031 by command; all others are 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A plant that differs in what is proven about it."""

    firmware: str
    version: Version
    gateway: bool
    app_mode: int = 0
    installation: Installation = LIMITS

    def bench(self) -> Bench:
        """Build it."""
        config = SigenConfig(
            firmware=self.firmware,
            app_mode=self.app_mode,
            plant=PlantConfig(soc_pct=START_PCT, backup_supply=self.gateway, battery_capacity_wh=CAPACITY_WH),
        )
        bench = Bench(config, self.version, {Seen.GATEWAY} if self.gateway else ())
        for name, value in (("grid_export_limit", 3.0), ("grid_import_limit", 9.0)):
            bench.sim.change(name, value)
        return bench


VARIANTS = {
    "V2.5": Variant(firmware="SPC104", version=Version.V2_5, gateway=True, installation=GRID_LIMITS),
    "SPC112": Variant(firmware="SPC112", version=Version.V2_8, gateway=False, app_mode=2),
    "V2.8 with gateway": Variant(firmware="SPC113", version=Version.V2_8, gateway=True),
    "V2.9": Variant(firmware="SPC114", version=Version.V2_9, gateway=False),
    "V2.9 with gateway": Variant(firmware="SPC114", version=Version.V2_9, gateway=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Where everything ended: between two commands, after so many writes of the second."""

    before: str
    after: str
    done: int
    of: int
    words: Words
    now: Situation

    @property
    def commands(self) -> tuple[BatteryCommand, BatteryCommand]:
        """The command that was held, and the one that was to follow."""
        return COMMANDS[self.before], COMMANDS["release" if self.after == SHORT else self.after]

    def of_both(self, unattended: Unattended) -> bool:
        """Tell whether both commands promise this when left alone."""
        able = (ability(command, self.now.facts, self.now.installation) for command in self.commands)
        return all(found.unattended is unattended for found in able)


@pytest.fixture(autouse=True)
def coarse_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the physics take steps of five minutes."""
    monkeypatch.setattr(simulated, "_LONGEST_STEP_S", STEP_S)


@pytest.mark.parametrize("name", VARIANTS)
async def test_any_prefix_is_safe(name: str) -> None:
    """Between any two commands, and in every release."""
    variant, days = VARIANTS[name], dict[str, Day]()
    deaths = 0
    async for death in every_death(variant):
        bench = variant.bench()
        bench.words = death.words
        posture = repr(bench.sim.plant.posture)
        if posture not in days:
            days[posture] = bench.day(variant.installation)
        judge(death, days[posture], variant)
        deaths += 1
    assert deaths > 20


def judge(death: Death, day: Day, variant: Variant) -> None:
    """Hold a day to what was promised."""
    where = f"{death.before} → {death.after}, {death.done} of {death.of}: {day}"
    ours = death.after not in RELEASES and (death.before not in RELEASES or death.done == death.of)
    limits = variant.installation if ours else FOUND
    assert day.over_import_w <= POWER_SLACK_W, where
    assert day.over_export_w <= POWER_SLACK_W, where
    assert day.lowest_pct >= (limits.discharge_cutoff_pct or 5.0) - SOC_SLACK_PCT, where
    assert day.highest_pct <= (limits.charge_cutoff_pct or 100.0) + SOC_SLACK_PCT, where
    assert day.grid_to_battery_wh <= 1.1 * CAPACITY_WH, where
    assert day.battery_to_grid_wh <= 1.1 * CAPACITY_WH, where
    if death.of_both(Unattended.SAFE):
        assert day.grid_to_battery_wh <= IDLE_WH, where
        assert day.battery_to_grid_wh <= IDLE_WH, where
    if death.words.get((247, 40029)) == (1,):
        judge_command(death, day, variant, where)
    if death.done == death.of:
        judge_end(death, day, variant, where)


def judge_command(death: Death, day: Day, variant: Variant, where: str) -> None:
    """Hold a day to the command whose control mode the plant was left in, `ends` and power."""
    (mode,) = death.words.get((247, 40031), (2,))
    acting = [command for command in death.commands if MODES.get(command.kind, 2) == mode]
    assert acting or mode == 2, where
    charges = [command for command in acting if command.kind is CommandKind.CHARGE]
    discharges = [command for command in acting if MODES.get(command.kind) == 5]
    ends_by_itself = variant.version >= Version.V2_6
    if charges:
        assert day.most_charge_w <= max(c.power_w or math.inf for c in charges) + POWER_SLACK_W, where
        if ends_by_itself:
            assert day.highest_pct <= max(c.target_soc_pct or 95 for c in charges) + SOC_SLACK_PCT, where
    if discharges:
        assert day.most_discharge_w <= max(c.power_w or math.inf for c in discharges) + POWER_SLACK_W, where
        if ends_by_itself:
            assert day.lowest_pct >= min(c.floor_soc_pct or 0 for c in discharges) - SOC_SLACK_PCT, where


def judge_end(death: Death, day: Day, variant: Variant, where: str) -> None:
    """Hold the day after a whole sequence to what the command says, and to `outage_safe`."""
    command = death.commands[1]
    able = ability(command, death.now.facts, death.now.installation)
    if command.kind in (CommandKind.HOLD, CommandKind.IDLE):
        served_pct = 100 * QUIET_W / CAPACITY_WH + 1
        assert day.lowest_pct >= START_PCT - served_pct - SOC_SLACK_PCT, where
    if command.kind is CommandKind.IDLE:
        assert day.most_charge_w <= POWER_SLACK_W, where
    if command.max_charge_w is not None:
        assert day.most_charge_w <= command.max_charge_w + POWER_SLACK_W, where
    if command.max_discharge_w is not None:
        assert day.most_discharge_w <= command.max_discharge_w + POWER_SLACK_W, where
    if variant.gateway and able.outage_safe is OutageSafe.YES:
        assert day.dark_h == 0, where


async def every_death(variant: Variant) -> AsyncIterator[Death]:
    """Give every state in which a plant can be left."""
    for before in COMMANDS:
        bench = variant.bench()
        snapshot = await bench.held()
        if not possible(before, await bench.situation(snapshot, variant.installation)):
            continue
        await settle(bench, before, snapshot, variant.installation)
        held = bench.words
        now = await bench.situation(snapshot, variant.installation)
        for after in (name for name in (*COMMANDS, SHORT) if possible(name, now)):
            writes = writes_of(after, now)
            then = variant.bench()
            then.words = held
            for done in range(len(writes) + 1):
                await then.apply(writes[max(0, done - 1) : done])
                yield Death(before=before, after=after, done=done, of=len(writes), words=then.words, now=now)


def possible(name: str, now: Situation) -> bool:
    """Tell whether this plant has the command."""
    if name == SHORT:
        return True
    able = ability(COMMANDS[name], now.facts, now.installation)
    return able.offered and (bool(able.obeys) or name != "ceilings")


def writes_of(name: str, now: Situation) -> tuple[RegisterWrite, ...]:
    """Give the writes of a command, or of the release that knows no SOC."""
    return release_plan(now, short=True).writes if name == SHORT else plan(COMMANDS[name], now)


async def settle(bench: Bench, name: str, snapshot: Held, installation: Installation) -> None:
    """Carry a command out, and see that it then asks for nothing more."""
    for _ in range(3):
        writes = writes_of(name, await bench.situation(snapshot, installation))
        await bench.apply(writes)
    assert writes == ()
