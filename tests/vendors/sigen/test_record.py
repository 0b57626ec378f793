"""What is remembered about our commands: whose the plant is, and what was there before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.control import Order
from custom_components.energy_storage.vendors.sigen.abilities import Seen
from custom_components.energy_storage.vendors.sigen.held import Held
from custom_components.energy_storage.vendors.sigen.plan import MODE_OF
from custom_components.energy_storage.vendors.sigen.record import STORED_WRITES_A_DAY, Record
from custom_components.energy_storage.vendors.write import RegisterWrite

NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)
CHARGE = BatteryCommand(kind=CommandKind.CHARGE, power_w=3_000, target_soc_pct=80)
SELF = BatteryCommand(kind=CommandKind.SELF_CONSUME)
RELEASE = BatteryCommand(kind=CommandKind.RELEASE)
FREE = Held(
    remote=False,
    work_mode="self_consumption",
    control_mode="self_consumption",
    limits={"ess_charge_cutoff_soc": 95.0, "pv_max_power_limit": 24_000.0},
    unset=frozenset({"ess_max_charge_limit"}),
)
CHARGING = replace(
    FREE,
    remote=True,
    work_mode="remote_ems",
    control_mode="charge_pv_first",
    limits={"ess_charge_cutoff_soc": 80.0, "ess_max_charge_limit": 3_000.0, "pv_max_power_limit": 24_000.0},
    unset=frozenset(),
)
WRITES: tuple[tuple[str, float | str], ...] = (
    ("remote_ems_enable", "on"),
    ("ess_max_charge_limit", 3_000.0),
    ("ess_charge_cutoff_soc", 80.0),
    ("remote_ems_control_mode", "charge_pv_first"),
)


def order(command: BatteryCommand, *writes: tuple[str, float | str]) -> Order:
    """Build an order of these writes."""
    return Order(
        command=command,
        writes=tuple(
            RegisterWrite(device="plant", name=name, address=0, words=(), value=value, unit=None, why="test")
            for name, value in writes
        ),
    )


def begun() -> Record:
    """Give a record of a charge that is about to be written."""
    record = Record()
    record.begin(order(CHARGE, *WRITES), CHARGE, FREE)
    return record


def charged() -> Record:
    """Give a record of a charge that was read back."""
    record = begun()
    record.settle(CHARGE, CHARGING, named=(), deferred=())
    return record


def changed(held: Held, **limits: float) -> Held:
    """Change limits of what is held."""
    return replace(held, limits=dict(held.limits) | limits)


def test_a_plant_that_nobody_wrote_to_is_free() -> None:
    """And one that is found under remote control is somebody else's."""
    assert Record().ownership(FREE) is Ownership.FREE
    assert Record().ownership(CHARGING) is Ownership.FOREIGN
    assert Record().ownership(Held(work_mode="remote_ems")) is Ownership.FOREIGN
    assert Record().ownership(Held()) is Ownership.FREE


def test_another_master_is_named_by_the_plant() -> None:
    """Whatever it holds."""
    assert charged().ownership(replace(CHARGING, work_mode="vpp")) is Ownership.OTHER_MASTER


@pytest.mark.parametrize("done", range(len(WRITES) + 1))
def test_every_prefix_of_our_writes_is_ours(done: int) -> None:
    """A plant in which a sequence was cut off is known again, wherever that was."""
    held = FREE
    for name, value in WRITES[:done]:
        match name:
            case "remote_ems_enable":
                held = replace(held, remote=True, work_mode="remote_ems")
            case "remote_ems_control_mode":
                held = replace(held, control_mode=str(value))
            case _:
                held = changed(held, **{name: float(value)})
    expected = Ownership.OURS if held.remote else Ownership.FREE
    assert begun().ownership(held) is expected


def test_what_we_never_wrote_is_foreign() -> None:
    """Read back and then changed: not ours, whichever register it is."""
    record = charged()
    assert record.ownership(CHARGING) is Ownership.OURS
    for other in (
        changed(CHARGING, ess_charge_cutoff_soc=90.0),
        changed(CHARGING, ess_max_charge_limit=1_000.0),
        replace(CHARGING, control_mode="self_consumption"),
        replace(FREE, work_mode="self_consumption"),
    ):
        assert record.ownership(other) is Ownership.FOREIGN


def test_the_pv_limit_is_none_of_ours() -> None:
    """Who changes it does not take the plant from us."""
    assert charged().ownership(changed(CHARGING, pv_max_power_limit=5_000.0)) is Ownership.OURS


def test_a_plant_left_to_its_own_program_is_watched_for_its_mode() -> None:
    """Another mode chosen in the app is somebody's wish."""
    record = Record()
    record.begin(order(SELF), SELF, FREE)
    left = replace(changed(FREE, ess_backup_soc=10.0), work_mode="remote_ems")
    record.settle(SELF, left, named=("ess_charge_cutoff_soc",), deferred=())
    assert record.ownership(FREE) is Ownership.FREE
    assert record.ownership(replace(FREE, work_mode="ai")) is Ownership.FOREIGN
    assert record.ownership(changed(FREE, ess_charge_cutoff_soc=50.0)) is Ownership.FOREIGN
    assert record.ownership(changed(FREE, ess_backup_soc=50.0)) is Ownership.FREE


def test_nothing_read_says_nothing() -> None:
    """While the plant is silent it stays what it was."""
    assert charged().ownership(Held()) is Ownership.OURS


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (CHARGING, CHARGE),
        (replace(CHARGING, control_mode="self_consumption"), SELF),
        (FREE, SELF),
        (replace(FREE, control_mode="charge_pv_first"), SELF),
    ],
)
def test_a_sequence_that_was_cut_off_left_the_command_of_its_mode(
    held: Held, expected: BatteryCommand
) -> None:
    """From self-consumption to a charge: the control mode tells which of the two is obeyed."""
    record = Record(command=SELF, own={"remote_ems_enable": ["off"]})
    record.begin(order(CHARGE, *WRITES), CHARGE, FREE)
    assert record.in_force(held, MODE_OF) == expected


def test_the_snapshot_is_what_was_there_before_us() -> None:
    """It is taken once, also where a second command follows."""
    record = charged()
    record.begin(order(SELF, ("ess_charge_cutoff_soc", 95.0)), SELF, CHARGING)
    assert record.snapshot == FREE


@pytest.mark.parametrize("name", ["grid_export_limit", "grid_import_limit"])
def test_a_grid_limit_that_somebody_lowered_is_not_raised_again(name: str) -> None:
    """Also where it was lowered while the plant was ours: it is about the grid, not about us."""
    found = changed(FREE, **{name: 10_000.0, "ess_backup_soc": 10.0})
    record = Record()
    record.begin(order(CHARGE, *WRITES), CHARGE, found)
    held = changed(CHARGING, **{name: 10_000.0, "ess_backup_soc": 10.0})
    record.settle(CHARGE, held, named=(), deferred=())
    snapshot = record.snapshot_for(changed(held, **{name: 2_000.0, "ess_backup_soc": 30.0}))
    assert snapshot is not None
    assert snapshot.limits[name] == 2_000.0
    assert snapshot.limits["ess_backup_soc"] == 10.0


def test_a_plant_in_remote_control_is_no_snapshot() -> None:
    """What it holds is somebody's command, and would outlive it."""
    assert Record().snapshot_for(CHARGING) is None
    assert Record().snapshot_for(Held()) is None


def test_what_a_short_release_left_is_not_taken_for_the_owners() -> None:
    """Only what somebody else has changed meanwhile is."""
    record = charged()
    left = changed(FREE, ess_charge_cutoff_soc=80.0, ess_max_charge_limit=3_000.0, ess_backup_soc=20.0)
    left = replace(left, unset=frozenset())
    record.begin(order(RELEASE, ("remote_ems_enable", "off")), RELEASE, CHARGING)
    record.settle(RELEASE, left, named=(), deferred=("ess_charge_cutoff_soc",))
    assert record.deferred == ("ess_charge_cutoff_soc",)
    snapshot = record.snapshot_for(left)
    assert snapshot is not None
    assert snapshot.limits["ess_charge_cutoff_soc"] == 95.0
    assert snapshot.limits["ess_backup_soc"] == 20.0
    assert snapshot.unset == {"ess_max_charge_limit"}
    others = changed(left, ess_charge_cutoff_soc=70.0)
    assert record.ownership(others) is Ownership.FREE
    moved = record.snapshot_for(others)
    assert moved is not None
    assert moved.limits["ess_charge_cutoff_soc"] == 70.0


def test_a_whole_release_forgets_the_snapshot() -> None:
    """The next one is taken anew."""
    record = charged()
    record.begin(order(RELEASE, ("remote_ems_enable", "off")), RELEASE, CHARGING)
    record.settle(RELEASE, FREE, named=(), deferred=())
    assert (record.snapshot, record.own, record.command) == (None, {}, None)


def test_a_claim_is_given_up_where_somebody_switched_us_off() -> None:
    """The plant is free then; what we left in it is still known as ours."""
    record = charged()
    left = changed(FREE, ess_charge_cutoff_soc=80.0)
    assert record.ownership(left) is Ownership.FOREIGN
    record.give_up(left)
    assert record.ownership(left) is Ownership.FREE
    assert record.in_force(left, MODE_OF) is None
    snapshot = record.snapshot_for(left)
    assert snapshot is not None
    assert snapshot.limits["ess_charge_cutoff_soc"] == 95.0


def test_a_claim_stays_where_remote_control_is_on() -> None:
    """Else nobody could tell when the plant is back at our values."""
    record = charged()
    record.give_up(changed(CHARGING, ess_max_charge_limit=1_000.0))
    assert record.command == CHARGE


def test_another_firmware_has_to_be_seen_anew() -> None:
    """What was proved of the old one may not hold; a gateway stays a gateway."""
    record = Record(seen={Seen.GATEWAY, Seen.LIMITS_GLOBAL}, effects={CommandKind.HOLD: True})
    record.on_firmware("SPC113")
    assert record.seen == {Seen.GATEWAY, Seen.LIMITS_GLOBAL}
    record.on_firmware(None)
    record.on_firmware("SPC112")
    assert record.seen == {Seen.GATEWAY}
    assert record.effects == {}


def test_writes_are_counted_by_register_and_day() -> None:
    """The budget is that of the register which was written most."""
    record = Record()
    for _ in range(3):
        record.count("a", NOON)
    record.count("b", NOON)
    assert (record.writes_today(NOON), record.writes_left(NOON)) == (4, STORED_WRITES_A_DAY - 3)
    tomorrow = NOON + timedelta(days=1)
    assert (record.writes_today(tomorrow), record.writes_left(tomorrow)) == (0, STORED_WRITES_A_DAY)


def test_all_of_it_survives_the_disk() -> None:
    """Through JSON and back."""
    record = charged()
    record.begin(order(SELF, ("ess_charge_cutoff_soc", 95.0)), SELF, CHARGING)
    record.seen.add(Seen.GATEWAY)
    record.effects[CommandKind.HOLD] = False
    record.on_firmware("SPC114")
    record.count("a", NOON)
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize(
    "saved",
    [
        None,
        7,
        {"snapshot": [], "own": 3, "command": {"kind": "fly"}, "pending": "x", "seen": [1], "counts": None},
        {
            "snapshot": {"limits": {"unknown": 1, "ess_backup_soc": "x"}},
            "command": {"kind": "hold", "power_w": "x"},
        },
        {"own": {"a": 3}, "effects": {"fly": True, 3: True}, "deferred": ["nothing"], "counts": {"a": True}},
    ],
)
def test_what_makes_no_sense_on_the_disk_is_unknown(saved: Any) -> None:
    """Never an error at start."""
    record = Record.from_json(saved)
    assert record.command is None
    assert record.own == {}
    assert record.snapshot in (None, Held())
    assert record.counts == {}
