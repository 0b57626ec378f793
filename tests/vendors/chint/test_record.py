"""Whose plant it is, by what it holds and what is remembered of our writes."""

from datetime import UTC, datetime, timedelta
import json

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.plant import Ownership, PlantState, Value
from custom_components.energy_storage.vendors.chint.effects import EffectWatch
from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.plan import plan
from custom_components.energy_storage.vendors.chint.record import STORED_WRITES_A_DAY, Record
from custom_components.energy_storage.vendors.control import Order

from .test_plan import CHARGE, CHARGING, FREE, HOLD, HOLDING, NOON, PLAIN, SCE, situation

UTC_NOON = datetime(2026, 6, 21, 12, 0, tzinfo=UTC)
RELEASE = BatteryCommand(kind=CommandKind.RELEASE)


def began(command: BatteryCommand, held: dict[str, Value]) -> Record:
    """Give the record of a command whose writes are about to go out."""
    record = Record()
    record.begin(Order(command=command, writes=plan(command, situation(held))), command, held)
    return record


def settled(command: BatteryCommand, held: dict[str, Value], after: dict[str, Value]) -> Record:
    """Give the record of a command that was read back."""
    record = began(command, held)
    record.settle(command, SCE, after)
    return record


def test_a_plant_on_its_own_program_is_free() -> None:
    """Whatever mode its owner has chosen; one whose time control is on is somebody's."""
    record = Record()
    assert record.ownership(SCE, FREE) is Ownership.FREE
    assert record.ownership(SCE, HOLDING) is Ownership.FREE
    assert record.ownership(SCE, {}) is Ownership.FREE
    assert record.ownership(SCE, CHARGING) is Ownership.FOREIGN
    assert record.ownership(shipped()["ech_th"], {}) is Ownership.FREE


def test_what_was_read_back_is_ours() -> None:
    """Until somebody changes it: the switch, the window, the mode."""
    record = settled(CHARGE, FREE, CHARGING)
    assert record.ownership(SCE, CHARGING) is Ownership.OURS
    assert record.in_force(SCE, CHARGING, NOON) == CHARGE
    for changed in (
        {"time_control_enable": "off"},
        {"time_slot1_charge_end": "05:00"},
        {"hybrid_work_mode": "unknown_1"},
    ):
        assert record.ownership(SCE, CHARGING | changed) is Ownership.FOREIGN
    assert record.ownership(SCE, CHARGING | {"time_slot1_charge_end": None}) is Ownership.OURS


def test_a_sequence_that_was_cut_off_is_ours_at_every_step() -> None:
    """And what it came to is told from what is held."""
    record = began(CHARGE, HOLDING)
    record.command = HOLD
    held = dict(HOLDING)
    for write in plan(CHARGE, situation(HOLDING)):
        assert record.ownership(SCE, held) is Ownership.OURS
        held[write.name] = write.value
    assert record.ownership(SCE, held) is Ownership.OURS
    assert record.in_force(SCE, HOLDING, NOON) == HOLD
    assert record.in_force(SCE, held, NOON) == CHARGE


def test_a_release_ends_the_claim() -> None:
    """Nothing is ours any more."""
    record = settled(HOLD, FREE, HOLDING)
    record.settle(RELEASE, SCE, FREE)
    assert record.command is None
    assert not record.own
    assert record.ownership(SCE, FREE) is Ownership.FREE


def test_what_somebody_switched_off_meanwhile_is_theirs() -> None:
    """Seen at the first look of a session; what still runs as we left it is ours."""
    record = settled(CHARGE, FREE, CHARGING)
    record.meet(SCE, CHARGING)
    assert record.command == CHARGE
    record.meet(SCE, CHARGING | {"time_control_enable": "off"})
    assert record.to_json()["command"] is None
    assert not record.own


def test_what_was_seen_belongs_to_profile_and_firmware() -> None:
    """Another of either may behave differently."""
    record = Record(effects={CommandKind.HOLD: True})
    record.on("sce", "1.0")
    record.on("sce", "1.0")
    assert record.effects
    record.on("sce", "1.1")
    assert not record.effects
    record.effects = {CommandKind.HOLD: True}
    record.on("mine", "1.1")
    assert not record.effects


def test_forty_writes_a_day() -> None:
    """Counted from midnight UTC."""
    record = Record()
    for _ in range(STORED_WRITES_A_DAY + 2):
        record.count_write(UTC_NOON)
    assert record.writes_today(UTC_NOON) == STORED_WRITES_A_DAY + 2 == 42
    assert record.writes_left(UTC_NOON) == 0
    assert record.writes_left(UTC_NOON + timedelta(days=1)) == STORED_WRITES_A_DAY


def test_the_record_outlives_a_restart() -> None:
    """As JSON; nonsense in it counts as unknown."""
    record = settled(CHARGE, FREE, CHARGING)
    record.begin(Order(command=HOLD, writes=plan(HOLD, situation(CHARGING))), HOLD, CHARGING)
    record.effects = {CommandKind.CHARGE: True, CommandKind.HOLD: False}
    record.on("sce", "1.0")
    record.count_write(UTC_NOON)
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record
    nonsense = {"own": {"x": 1}, "effects": {"fly": True, 1: 2}, "count": True, "day": 4}
    assert Record.from_json(None) == Record.from_json([]) == Record.from_json(nonsense) == Record()


def reading(minute: float, battery_w: float | None, soc_pct: float | None = 50) -> PlantState:
    """Give a reading so many minutes after noon."""
    return PlantState(
        read_at=UTC_NOON + timedelta(minutes=minute), battery_power_w=battery_w, soc_pct=soc_pct
    )


@pytest.mark.parametrize(
    ("kind", "battery_w", "soc_pct", "fails"),
    [
        (CommandKind.CHARGE, -3000, 50, False),
        (CommandKind.CHARGE, 0, 50, True),
        (CommandKind.CHARGE, 500, 50, True),
        (CommandKind.CHARGE, 0, 99, False),
        (CommandKind.CHARGE, 0, None, False),
        (CommandKind.CHARGE, None, 50, False),
        (CommandKind.HOLD, 0, 50, False),
        (CommandKind.HOLD, -2000, 50, False),
        (CommandKind.HOLD, 800, 50, True),
        (CommandKind.SELF_CONSUME, 0, 50, False),
        (CommandKind.RELEASE, 0, 50, False),
    ],
)
def test_an_effect_shows_within_three_minutes(
    kind: CommandKind, battery_w: float | None, soc_pct: float | None, *, fails: bool
) -> None:
    """Or the command is given up."""
    watch = EffectWatch()
    watch.begin(kind, UTC_NOON)
    assert watch.failed(reading(2.9, battery_w, soc_pct)) is None
    assert watch.failed(reading(3, battery_w, soc_pct)) is (kind if fails else None)


def test_an_effect_that_was_seen_once_is_seen() -> None:
    """A charge may pause later; and what goes on is not watched anew."""
    watch = EffectWatch()
    watch.begin(CommandKind.CHARGE, UTC_NOON)
    watch.failed(reading(1, -2000))
    watch.begin(CommandKind.CHARGE, UTC_NOON + timedelta(minutes=15))
    assert watch.failed(reading(30, 0)) is None
    watch.begin(CommandKind.SELF_CONSUME, UTC_NOON)
    watch.begin(CommandKind.CHARGE, UTC_NOON + timedelta(minutes=40))
    assert watch.failed(reading(44, 0)) is CommandKind.CHARGE


def test_a_plain_command_is_held_without_a_write() -> None:
    """The plant runs its own program, and that is what was asked for."""
    record = settled(PLAIN, FREE, FREE)
    assert record.ownership(SCE, FREE) is Ownership.OURS
    assert record.in_force(SCE, FREE, NOON) == PLAIN
    assert record.ownership(SCE, HOLDING) is Ownership.FOREIGN
