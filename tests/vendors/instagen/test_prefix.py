"""Home Assistant dies between any two commands: the plant, left alone for a day, keeps its promises.

One message says all of a command, so it dies before it or after it; taken and not carried out is before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from custom_components.energy_storage.engine.command import (
    Ability,
    BatteryCommand,
    CommandKind,
    Limit,
    OutageSafe,
    Unattended,
)
from custom_components.energy_storage.vendors.control import DeviceLimits
from custom_components.energy_storage.vendors.instagen.abilities import PlantFacts, abilities
from custom_components.energy_storage.vendors.instagen.plan import Situation, Told, plan, release_program
from custom_components.energy_storage.vendors.instagen.user_set import UserSet
from custom_components.energy_storage.vendors.instagen.write_guards import Reading
from tests.simulators import plant as simulated
from tests.simulators.instagen import InstagenConfig
from tests.simulators.plant import PlantConfig
from tests.vendors.instagen.alone import QUIET_W, START, STEP_S, Bench, Day
from tests.vendors.instagen.situations import economy, mode_1

RATED_W, CAPACITY_WH, START_PCT, FLOOR_PCT = 4_600.0, 10_000.0, 60.0, 20.0
SOC_SLACK_PCT, POWER_SLACK_W, IDLE_WH = 1.0, 30.0, 400.0
SERVED_PCT = 100 * QUIET_W / CAPACITY_WH + 1
"""What an hour without a grid takes, below any reserve."""
LIMITS: DeviceLimits = {Limit.DISCHARGE_CUTOFF: 10, Limit.BACKUP_RESERVE: FLOOR_PCT}
COMMANDS = {
    "self_consume": BatteryCommand(kind=CommandKind.SELF_CONSUME),
    "hold": BatteryCommand(kind=CommandKind.HOLD),
    "charge": BatteryCommand(kind=CommandKind.CHARGE, power_w=2_000, target_soc_pct=80),
    "charge_all": BatteryCommand(kind=CommandKind.CHARGE),
    "discharge": BatteryCommand(kind=CommandKind.DISCHARGE, power_w=3_000, floor_soc_pct=30),
    "shave": BatteryCommand(kind=CommandKind.SHAVE, max_import_w=2_000, floor_soc_pct=25),
    "feed_in": BatteryCommand(kind=CommandKind.FEED_IN),
}
RELEASES: dict[str, UserSet | None] = {"release": None, "release to economy": economy(20)}
"""Two ways to end a command, by what the owner has named."""
FACTS = PlantFacts(rated_w=RATED_W, soc_pct=START_PCT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Where everything ended: with this program, of these commands."""

    before: str
    after: str
    done: bool
    """The message of the second was carried out."""
    runs: UserSet

    @property
    def acts(self) -> str:
        """Name the command that the plant was left with."""
        return self.after if self.done else self.before


@pytest.fixture(autouse=True)
def coarse_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the physics take steps of five minutes."""
    monkeypatch.setattr(simulated, "_LONGEST_STEP_S", STEP_S)


def config(*, backup: bool = True) -> InstagenConfig:
    """Build a small hybrid home with a backup supply."""
    return InstagenConfig(
        plant=PlantConfig(
            soc_pct=START_PCT,
            backup_supply=backup,
            battery_capacity_wh=CAPACITY_WH,
            inverter_ac_w=RATED_W,
            max_charge_w=RATED_W,
            max_discharge_w=RATED_W,
            three_phase=False,
        )
    )


@cache
def day_of(program: UserSet) -> Day:
    """Give the day of a plant that was left with a program."""
    bench = Bench(config())
    bench.tell(program)
    return bench.day()


def ability_of(name: str, limits: DeviceLimits = LIMITS) -> Ability:
    """Give what is promised of a command, or of a release."""
    kind = CommandKind.RELEASE if name in RELEASES else COMMANDS[name].kind
    return abilities(FACTS, limits)[kind]


def situation(held: tuple[str, UserSet] | None) -> Situation:
    """Build the situation of a plant that was told something an hour ago."""
    kind = None if held is None or held[0] in RELEASES else COMMANDS[held[0]].kind
    program = None if held is None else held[1]
    return Situation(
        now=START,
        facts=FACTS,
        reading=Reading(soc_pct=START_PCT, soc_age_s=40, battery_w=0),
        told=Told(
            program=program,
            kind=kind,
            writes_left=30,
            certain=kind is not None,
            may_run=() if program is None else (program,),
        ),
        limits=LIMITS,
    )


def program_of(name: str, held: tuple[str, UserSet] | None) -> UserSet | None:
    """Give what a plant is told for a command or a release; None where that is nothing new."""
    now = situation(held)
    return release_program(RELEASES[name], now) if name in RELEASES else plan(COMMANDS[name], now)


def every_death() -> Iterator[Death]:
    """Give every state in which a plant can be left."""
    for before in (*COMMANDS, *RELEASES):
        first = program_of(before, None)
        assert first is not None
        for after in (*COMMANDS, *RELEASES):
            then = program_of(after, (before, first))
            yield Death(before=before, after=after, done=False, runs=first)
            yield Death(before=before, after=after, done=True, runs=then or first)


def test_any_cut_is_safe() -> None:
    """Between any two commands, and in every release."""
    deaths = list(every_death())
    assert len(deaths) == 2 * (len(COMMANDS) + len(RELEASES)) ** 2
    assert len({death.runs for death in deaths}) >= 7
    for death in deaths:
        judge(death, day_of(death.runs))


def judge(death: Death, day: Day) -> None:
    """Hold a day to what was promised."""
    where = f"{death.before} → {death.after}, {death.done}: {day}"
    able, acts = ability_of(death.acts), death.acts
    assert day.lowest_pct >= FLOOR_PCT - SERVED_PCT - SOC_SLACK_PCT, where
    assert day.grid_to_battery_wh <= 1.1 * CAPACITY_WH, where
    assert day.battery_to_grid_wh <= 1.1 * CAPACITY_WH, where
    assert able.unattended in {Unattended.SAFE, Unattended.COSTLY}, where
    if able.unattended is Unattended.SAFE and acts != "release to economy":
        assert day.grid_to_battery_wh <= IDLE_WH, where
        assert day.battery_to_grid_wh <= IDLE_WH, where
    if able.outage_safe is OutageSafe.YES:
        assert day.dark_h == 0, where
    if acts in COMMANDS:
        judge_command(COMMANDS[acts], day, where)


def judge_command(command: BatteryCommand, day: Day, where: str) -> None:
    """Hold a day to the command: its power, its end, and what it must not do."""
    power = RATED_W if command.power_w is None else command.power_w
    match command.kind:
        case CommandKind.HOLD:
            assert day.lowest_pct >= START_PCT - 3 - SERVED_PCT, where
            assert day.grid_to_battery_wh <= IDLE_WH, where
        case CommandKind.CHARGE:
            assert day.most_charge_w <= power + POWER_SLACK_W, where
            assert day.highest_pct <= (command.target_soc_pct or 100) + SOC_SLACK_PCT, where
        case CommandKind.DISCHARGE | CommandKind.FEED_IN:
            assert day.most_discharge_w <= power + POWER_SLACK_W, where
            floor = command.floor_soc_pct or FLOOR_PCT
            assert day.lowest_pct >= floor - SERVED_PCT - SOC_SLACK_PCT, where
        case CommandKind.SHAVE:
            assert day.most_import_w <= (command.max_import_w or 0) + POWER_SLACK_W, where
            assert day.grid_to_battery_wh <= IDLE_WH, where
            assert day.battery_to_grid_wh <= IDLE_WH, where


def test_a_day_can_break_its_promises() -> None:
    """The judge is not blind: a forced mode sells, charges, and leaves no reserve."""
    sells = day_of(program_of("feed_in", None) or mode_1())
    assert sells.battery_to_grid_wh > 0.2 * CAPACITY_WH
    assert sells.lowest_pct < 25
    charges = day_of(program_of("charge_all", None) or mode_1())
    assert charges.grid_to_battery_wh + charges.highest_pct > 95
    assert day_of(economy(20)).grid_to_battery_wh > IDLE_WH


@pytest.mark.parametrize(("name", "limit"), [("discharge", Limit.EXPORT), ("feed_in", Limit.EXPORT)])
def test_what_is_called_unsafe_passes_a_limit(name: str, limit: Limit) -> None:
    """Nobody holds it, so the owner is asked before he is left alone with such a command."""
    assert ability_of(name, {**LIMITS, limit: 0}).unattended is Unattended.UNSAFE
    assert day_of(program_of(name, None) or mode_1()).most_export_w > 1_000


def test_a_charge_passes_an_import_limit() -> None:
    """As above; while the house takes little."""
    assert ability_of("charge_all", {**LIMITS, Limit.IMPORT: 1_000}).unattended is Unattended.UNSAFE
    bench = Bench(config())
    bench.sim.plant.pv_override_w = 0.0
    bench.tell(program_of("charge_all", None) or mode_1())
    assert bench.day().most_import_w > 4_000
