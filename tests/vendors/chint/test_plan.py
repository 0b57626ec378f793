"""The writes of a recipe: those of the documented one, only what differs, in an order that may be cut."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from custom_components.energy_storage.engine.command import (
    BatteryCommand,
    CommandKind,
    Ends,
    Guard,
    Limit,
    OutageSafe,
    Parameter,
    Unattended,
)
from custom_components.energy_storage.engine.plant import Value
from custom_components.energy_storage.vendors.chint.abilities import PlantFacts, abilities, limit_guards
from custom_components.energy_storage.vendors.chint.loader import load, shipped
from custom_components.energy_storage.vendors.chint.plan import (
    Situation,
    in_force,
    make_write,
    plan,
    release_plan,
    request_plan,
    window_end,
)
from custom_components.energy_storage.vendors.chint.refusals import Refusal
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from custom_components.energy_storage.vendors.write import CommandRefusedError, RegisterWrite

SCE = shipped()["sce"]
SWITCH, REPEAT, START, END, MODE = 0x214C, 0x2101, 0x2102, 0x2103, 0x2100
NOON = datetime(2026, 6, 21, 12, 0)  # noqa: DTZ001  what the clock on the device shows
FREE: dict[str, Value] = {
    "time_control_enable": "off",
    "time_slot1_repeat": "unknown_0",
    "time_slot1_charge_start": "00:00",
    "time_slot1_charge_end": "00:00",
    "hybrid_work_mode": "self_use",
}
CHARGING = FREE | {
    "time_control_enable": "on",
    "time_slot1_repeat": "every_day",
    "time_slot1_charge_end": "12:30",
}
HOLDING = FREE | {"hybrid_work_mode": "back_up"}
CHARGE = BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=90)
HOLD = BatteryCommand(kind=CommandKind.HOLD)
PLAIN = BatteryCommand(kind=CommandKind.SELF_CONSUME)


def situation(held: dict[str, Value] | None = None, **more: object) -> Situation:
    """Give a plant at noon, half full."""
    base = Situation(
        facts=PlantFacts(profile=SCE),
        held=FREE if held is None else held,
        device="inverter_1",
        local=NOON,
        soc_pct=50,
    )
    return replace(base, **more)  # type: ignore[arg-type]  # names and types are its own


def sent(writes: Iterable[RegisterWrite]) -> list[tuple[int, int]]:
    """Give address and word of each, all by function 6."""
    writes = tuple(writes)
    assert all(write.function == 6 for write in writes)
    return [(write.address, write.words[0]) for write in writes]


def code(command: BatteryCommand, now: Situation) -> str:
    """Give why a command is refused."""
    with pytest.raises(CommandRefusedError) as caught:
        plan(command, now)
    return caught.value.code


def test_the_documented_recipes() -> None:
    """As evcc writes them: hold, charge with the switch last, and back."""
    assert sent(plan(HOLD, situation())) == [(MODE, 3)]
    assert sent(plan(CHARGE, situation())) == [(REPEAT, 1), (END, 0x0C1E), (SWITCH, 1)]
    assert sent(plan(PLAIN, situation(CHARGING))) == [(SWITCH, 0)]
    assert sent(plan(PLAIN, situation(HOLDING))) == [(MODE, 0)]
    everything = FREE | {
        "time_control_enable": "on",
        "time_slot1_charge_start": "03:00",
        "time_slot1_charge_end": "05:00",
        "hybrid_work_mode": "back_up",
    }
    assert sent(plan(CHARGE, situation(everything))) == [
        (SWITCH, 0),
        (REPEAT, 1),
        (START, 0),
        (END, 0x0C1E),
        (MODE, 0),
        (SWITCH, 1),
    ]


def test_what_is_held_is_not_written() -> None:
    """Neither of a command nor of a release."""
    assert not plan(HOLD, situation(HOLDING))
    assert not plan(PLAIN, situation())
    assert not plan(CHARGE, situation(CHARGING))
    assert not release_plan(situation(), FREE)


def test_a_window_is_moved_on_by_one_write() -> None:
    """A quarter of an hour before its end; the switch stays on."""
    later = situation(CHARGING, local=NOON.replace(minute=16))
    assert sent(plan(CHARGE, later)) == [(END, 0x0C2E)]


@pytest.mark.parametrize(
    ("now", "held", "end"),
    [
        ("12:00", "00:00", "12:30"),
        ("12:00", "12:30", "12:30"),
        ("12:15", "12:30", "12:30"),
        ("12:16", "12:30", "12:46"),
        ("12:00", "12:31", "12:30"),  # it does not last longer than we may be gone
        ("12:00", "23:59", "12:30"),
        ("12:00", None, "12:30"),
        ("12:00", "nonsense", "12:30"),
        ("23:40", "23:45", "23:59"),  # it does not reach over midnight
        ("23:50", "23:59", "23:59"),
        ("23:59", "23:59", "23:59"),
        ("00:00", "23:59", "00:30"),  # which would be a whole day of charging
    ],
)
def test_the_end_of_a_window(now: str, held: Value, end: str) -> None:
    """Between a quarter and half an hour ahead."""
    hour, minute = now.split(":")
    assert window_end(NOON.replace(hour=int(hour), minute=int(minute)), held) == end


def test_only_what_is_ours_is_handed_back() -> None:
    """A mode that the owner chose himself stays his; what was not read is written."""
    assert not release_plan(situation(HOLDING), ["time_control_enable"])
    assert sent(release_plan(situation(HOLDING), ["hybrid_work_mode"])) == [(MODE, 0)]
    assert sent(release_plan(situation(CHARGING), CHARGING)) == [(SWITCH, 0)]
    unread = dict.fromkeys(CHARGING, None)
    assert sent(release_plan(situation(unread), CHARGING)) == [(SWITCH, 0), (MODE, 0)]


def test_nothing_is_written_of_which_nobody_knows_what_it_was() -> None:
    """A row that was not read yet."""
    unread = {**FREE, "time_slot1_charge_start": None}
    assert code(CHARGE, situation(unread)) == Refusal.NOT_READ


def test_a_charge_needs_a_clock_and_a_soc() -> None:
    """And one below its target."""
    assert code(CHARGE, situation(soc_pct=None)) == Refusal.SOC_UNKNOWN
    assert code(CHARGE, situation(soc_pct=90)) == Refusal.TARGET_REACHED
    assert code(CHARGE, situation(facts=PlantFacts(profile=SCE, clock_known=False))) == Refusal.CLOCK_UNKNOWN
    assert code(CHARGE, situation(local=None)) == Refusal.CLOCK_UNKNOWN


def test_a_command_with_a_power_is_refused() -> None:
    """No register here takes one, so it would charge with all it has."""
    assert code(replace(CHARGE, power_w=1000), situation()) == Refusal.NOT_SUPPORTED
    assert code(replace(HOLD, max_charge_w=0), situation()) == Refusal.NOT_SUPPORTED
    assert code(replace(PLAIN, max_discharge_w=1000), situation()) == Refusal.NOT_SUPPORTED


def test_off_grid_nothing_is_held_back() -> None:
    """Nobody knows whether a held battery serves the house then."""
    assert code(CHARGE, situation(off_grid=True)) == Refusal.GRID_LOST
    assert code(HOLD, situation(off_grid=True)) == Refusal.GRID_LOST
    assert sent(plan(PLAIN, situation(HOLDING, off_grid=True))) == [(MODE, 0)]


@pytest.mark.parametrize(
    "kind", [CommandKind.IDLE, CommandKind.DISCHARGE, CommandKind.FEED_IN, CommandKind.SHAVE]
)
def test_without_a_recipe_nothing_is_done(kind: CommandKind) -> None:
    """It is not offered, and says why."""
    assert code(BatteryCommand(kind=kind), situation()) == Refusal.NO_COMMAND


def test_what_the_plant_can() -> None:
    """No power, no target, no limit: it charges to the end of a window, and again the next day."""
    able = abilities(PlantFacts(profile=SCE))
    charge, hold, plain = (
        able[kind] for kind in (CommandKind.CHARGE, CommandKind.HOLD, CommandKind.SELF_CONSUME)
    )
    assert (charge.ends, charge.unattended, charge.obeys) == (Ends.TIME, Unattended.COSTLY, frozenset())
    assert (hold.ends, hold.unattended, hold.outage_safe) == (
        Ends.NONE,
        Unattended.COSTLY,
        OutageSafe.UNKNOWN,
    )
    assert (plain.unattended, plain.outage_safe) == (Unattended.SAFE, OutageSafe.YES)
    assert all(each.proven for each in (charge, hold, plain))
    assert set(limit_guards().values()) == {Guard.NONE}
    assert set(limit_guards()) == set(Limit)


def test_a_charge_may_pass_an_import_limit() -> None:
    """Left alone, nobody holds the limit that the owner named."""
    able = abilities(PlantFacts(profile=SCE, import_limit=True))[CommandKind.CHARGE]
    assert able.unattended is Unattended.UNSAFE


def test_what_had_no_effect_is_not_offered() -> None:
    """Until it is tried again."""
    facts = PlantFacts(profile=SCE, effects={CommandKind.CHARGE: False})
    assert code(CHARGE, situation(facts=facts)) == Refusal.NO_EFFECT
    assert plan(CHARGE, situation(facts=replace(facts, tried=CommandKind.CHARGE)))


def test_a_recipe_of_the_owner_s_own_waits_for_its_trial() -> None:
    """Only a seen effect makes it one that is used."""
    own = load("sce", TEXTS["sce"], of_owner=True)
    facts = PlantFacts(profile=own)
    assert code(CHARGE, situation(facts=facts)) == Refusal.NOT_TRIED
    assert not abilities(facts)[CommandKind.CHARGE].proven
    assert plan(CHARGE, situation(facts=replace(facts, tried=CommandKind.CHARGE)))
    assert plan(CHARGE, situation(facts=replace(facts, effects={CommandKind.CHARGE: True})))
    assert abilities(replace(facts, effects={CommandKind.CHARGE: True}))[CommandKind.CHARGE].proven
    held = replace(facts, held_anyway=frozenset({CommandKind.SELF_CONSUME}))
    assert not plan(PLAIN, situation(facts=held))


def test_a_plant_without_recipes_only_decides() -> None:
    """Everything can be thought of, and nothing is written."""
    facts = PlantFacts(profile=shipped()["ech_th"])
    able = abilities(facts)
    assert {kind for kind, ability in able.items() if not ability.offered} == {
        CommandKind.ISLAND,
        CommandKind.SHAVE,
    }
    assert Parameter.POWER in able[CommandKind.CHARGE].obeys
    assert not any(ability.proven for ability in able.values())
    assert code(CHARGE, situation(facts=facts)) == Refusal.READ_ONLY


def test_a_string_inverter_has_nothing_to_command() -> None:
    """It has no battery; it is switched on and off, which is no command."""
    string = shipped()["cps_403x"]
    able = abilities(PlantFacts(profile=string))
    assert {ability.reason for ability in able.values()} == {Refusal.NO_BATTERY}
    assert sent(request_plan(string, "power_off", "inverter_1")) == [(0x1000, 0x5555)]
    assert sent(request_plan(string, "power_on", "inverter_1")) == [(0x1000, 0xAAAA)]
    with pytest.raises(CommandRefusedError):
        request_plan(SCE, "power_off", "inverter_1")


def test_a_command_is_in_force_when_all_of_it_is_held() -> None:
    """Also while its window lasts; not once that is over."""
    assert in_force(CHARGE, SCE, CHARGING, NOON)
    assert not in_force(CHARGE, SCE, CHARGING, NOON.replace(minute=31))
    assert not in_force(CHARGE, SCE, CHARGING, None)
    assert not in_force(CHARGE, SCE, CHARGING | {"time_control_enable": "off"}, NOON)
    assert not in_force(HOLD, SCE, CHARGING, NOON)
    assert in_force(HOLD, SCE, HOLDING, NOON)
    assert not in_force(BatteryCommand(kind=CommandKind.IDLE), SCE, FREE, NOON)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("hybrid_work_mode", "economy"),
        ("hybrid_work_mode", 3),
        ("time_slot1_charge_end", "24:00"),
        ("batt_soc", 50),
        ("serial_number", "1"),
    ],
)
def test_a_bad_value_never_reaches_the_wire(row: str, value: float | str) -> None:
    """Codes, times, and rows that are only read."""
    with pytest.raises(ValueError, match=r"."):
        make_write(SCE.rows[row], "inverter_1", value, "test")
