"""What is remembered about a plant that does not tell: who has it, what it may run, and what was seen."""

from dataclasses import replace
from datetime import datetime, timedelta
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.instagen.behaviour import Seen, seen_in
from custom_components.energy_storage.vendors.instagen.record import Message, Record
from custom_components.energy_storage.vendors.instagen.user_set import BatteryMode, UserSet
from tests.vendors.instagen.situations import (
    CHARGE,
    DISCHARGE,
    HOLD,
    NOW,
    RELEASE,
    SELF,
    SHAVE,
    economy,
    force_charge,
    force_discharge,
    mode_1,
    peak_shaving,
    state,
)

SERVES = seen_in(state(battery=1_000, load=1_000))
RESTS = seen_in(state(battery=0, load=1_000))
CHARGES = seen_in(state(battery=-2_300, load=1_000))
SELLS = seen_in(state(battery=4_000, load=1_000))
TO_SELF = Message(command=SELF, program=mode_1(20))
TO_HOLD = Message(command=HOLD, program=mode_1(54))
TO_CHARGE = Message(command=CHARGE, program=force_charge())
TO_DISCHARGE = Message(command=DISCHARGE, program=force_discharge())
TO_RELEASE = Message(command=RELEASE, program=mode_1(20))


def tell(record: Record, *messages: Message, at: datetime = NOW) -> Record:
    """Have messages taken one after another."""
    for message in messages:
        record.begin(message, {}, at)
        record.take(message, at)
    return record


def look(record: Record, *readings: Seen | None, at: datetime = NOW + timedelta(seconds=50)) -> Record:
    """Look at readings one after another."""
    for seen in readings:
        record.look(seen, read_at=at, clock=at)
        at += timedelta(seconds=35)
    return record


def restarted(record: Record) -> Record:
    """Give what the next session finds on the disk."""
    return Record.from_json(json.loads(json.dumps(record.to_json())))


def done(record: Record) -> bool:
    """Tell whether nothing is left to be given back, or to be seen."""
    return record.confirmed and not record.deferred


def test_a_plant_is_its_owners_until_it_is_told_something() -> None:
    """Ours to take."""
    record = Record()
    assert (record.ownership(), record.command(), record.confirmed) == (Ownership.FREE, None, True)
    assert record.told(NOW).program is None
    assert not record.told(NOW).certain


def test_what_was_taken_is_assumed_until_it_is_seen() -> None:
    """The answer says only that it was taken."""
    record = tell(Record(), TO_CHARGE)
    assert (record.ownership(), record.command(), record.confirmed) == (Ownership.OURS, CHARGE, False)
    assert look(record, CHARGES).confirmed
    assert record.seen
    assert record.trusted


def test_after_a_restart_it_is_assumed_again() -> None:
    """Until the battery is seen anew."""
    record = restarted(look(tell(Record(), TO_CHARGE), CHARGES))
    assert (record.ownership(), record.command(), record.confirmed) == (Ownership.OURS, CHARGE, False)
    assert record.told(NOW).certain
    assert look(record, CHARGES, at=NOW + timedelta(days=1)).confirmed is False
    assert look(record, CHARGES, at=NOW + timedelta(days=1, minutes=1)).confirmed


def test_unanswered_it_may_hold_or_not() -> None:
    """The worse of both is reckoned with, and whatever follows is told anew."""
    record = tell(Record(), TO_SELF)
    record.begin(TO_CHARGE, {}, NOW)
    assert (record.command(), record.confirmed) == (CHARGE, False)
    told = record.told(NOW)
    assert told.program is None
    assert told.may_run == (TO_SELF.program, TO_CHARGE.program)
    record.begin(TO_SELF, {}, NOW)
    assert record.command() == CHARGE
    record.take(TO_SELF, NOW)
    assert record.command() == SELF
    assert record.told(NOW).program == TO_SELF.program


def test_an_unanswered_end_of_a_charge_is_still_a_charge() -> None:
    """Also a release."""
    for end in (TO_SELF, TO_HOLD, TO_RELEASE):
        record = tell(Record(), TO_CHARGE)
        record.begin(end, {}, NOW)
        assert restarted(record).command() == CHARGE


def test_of_unanswered_messages_the_last_of_each_kind_is_kept() -> None:
    """So that there are few of them, and the one to reckon with is never forgotten."""
    record = Record()
    record.begin(TO_DISCHARGE, {}, NOW)
    for power in range(100, 1000, 100):
        record.begin(Message(command=CHARGE, program=force_charge(90, power)), {}, NOW)
    assert [message.program.max_power for message in record.pending] == [500, 800, 900]
    assert record.command() == DISCHARGE


def test_what_was_refused_changes_nothing() -> None:
    """The device does what it did before."""
    record = look(tell(Record(), TO_SELF), SERVES)
    shave = Message(command=SHAVE, program=peak_shaving())
    record.begin(shave, {}, NOW)
    record.refuse(shave, for_good=True)
    assert (record.command(), record.confirmed) == (SELF, True)
    kept = restarted(record)
    assert kept.refused_modes() == {BatteryMode.PEAK_SHAVING}
    assert kept.refuses(peak_shaving())
    assert not kept.refuses(peak_shaving(30))


def test_a_refusal_for_now_is_not_remembered() -> None:
    """Of a mode that every firmware has."""
    record = Record()
    record.begin(TO_CHARGE, {}, NOW)
    record.refuse(TO_CHARGE, for_good=False)
    assert record.refused_modes() == frozenset()
    assert (record.command(), record.pending) == (None, ())


def test_released_it_is_its_owners() -> None:
    """Whatever it does then; and it is told anew when it is ours again."""
    record = look(tell(Record(), TO_SELF), SERVES)
    tell(record, TO_RELEASE)
    assert (record.ownership(), record.command(), record.confirmed) == (Ownership.FREE, None, True)
    look(record, SELLS, SELLS, SELLS, SELLS)
    assert record.ownership() is Ownership.FREE
    assert record.deferred == ()
    assert not record.told(NOW).certain


def test_a_release_that_was_not_carried_out_is_still_to_do() -> None:
    """The battery goes on with what it was told before."""
    record = look(tell(Record(), TO_CHARGE), CHARGES)
    released = NOW + timedelta(hours=1)
    tell(record, TO_RELEASE, at=released)
    look(record, CHARGES, CHARGES, at=released + timedelta(seconds=50))
    assert not record.deferred
    look(record, CHARGES, at=released + timedelta(seconds=150))
    assert list(record.deferred) == ["battery_mode"]
    assert not record.confirmed
    assert record.ownership() is Ownership.FREE
    look(record, SERVES, at=released + timedelta(seconds=300))
    assert done(record)


def test_what_is_not_carried_out_is_told_again_later_each_time() -> None:
    """2, 4, 8 minutes after the last message, then every 10."""
    record = look(tell(Record(), TO_SELF), SERVES)
    sent = NOW + timedelta(hours=1)
    waits: list[float] = []
    for _ in range(5):
        tell(record, TO_CHARGE, at=sent)
        look(record, SERVES, SERVES, SERVES, at=sent + timedelta(seconds=50))
        told = record.told(sent)
        assert not told.certain
        assert told.again_at is not None
        waits.append((told.again_at - sent).total_seconds())
        sent = told.again_at
    assert waits == [120, 240, 480, 600, 600]
    assert record.command() == CHARGE
    look(record, CHARGES, at=sent)
    assert (record.lost, record.confirmed) == (0, True)


def test_of_what_was_not_carried_out_the_worse_is_reckoned_with() -> None:
    """The charge goes on, though it was told to end."""
    record = look(tell(Record(), TO_CHARGE), CHARGES)
    sent = NOW + timedelta(hours=1)
    tell(record, TO_SELF, at=sent)
    look(record, CHARGES, CHARGES, CHARGES, at=sent + timedelta(seconds=50))
    assert record.command() == CHARGE
    assert record.told(sent).program == TO_SELF.program
    tell(record, TO_DISCHARGE, at=sent)
    assert record.before == (TO_CHARGE, TO_SELF)


def test_a_change_of_somebody_else_is_foreign() -> None:
    """And stays so over restarts, until the plant is told something again."""
    record = look(tell(Record(), TO_CHARGE), CHARGES)
    look(record, SELLS, SELLS, SELLS, at=NOW + timedelta(hours=1))
    assert (record.ownership(), record.command()) == (Ownership.FOREIGN, None)
    assert record.told(NOW).may_run == ()
    record.give_up()
    assert restarted(record).ownership() is Ownership.FOREIGN
    look(record, CHARGES, CHARGES, CHARGES, at=NOW + timedelta(hours=2))
    assert record.ownership() is Ownership.FOREIGN
    tell(record, TO_SELF)
    assert (record.ownership(), record.before) == (Ownership.OURS, ())


def test_nothing_is_given_up_without_need() -> None:
    """The controller yields for other reasons too."""
    record = tell(Record(), TO_CHARGE)
    record.give_up()
    assert record.command() == CHARGE


def test_while_an_answer_is_missing_nothing_is_judged() -> None:
    """It may run the one or the other."""
    record = look(tell(Record(), TO_CHARGE), CHARGES)
    record.begin(TO_SELF, {}, NOW)
    look(record, SERVES, SERVES, SERVES, SERVES, at=NOW + timedelta(hours=1))
    assert record.ownership() is Ownership.OURS


def test_a_program_stands_for_another_command() -> None:
    """Told once, it need not be told again: the release of a plant that serves its house."""
    record = look(tell(Record(), TO_SELF), SERVES)
    record.keep(RELEASE)
    assert (record.command(), record.ownership()) == (None, Ownership.FREE)
    Record().keep(RELEASE)


def test_what_a_released_plant_was_seen_to_do_does_not_count_any_more() -> None:
    """Told the same again, it has to be seen again: its owner may have told it otherwise meanwhile."""
    record = look(tell(Record(), TO_SELF), SERVES)
    tell(record, TO_RELEASE)
    back = NOW + timedelta(hours=1)
    tell(record, TO_SELF, at=back)
    assert not record.seen
    look(record, SELLS, SELLS, SELLS, at=back + timedelta(seconds=50))
    assert (record.ownership(), record.lost) == (Ownership.OURS, 1)


def test_after_an_answer_that_was_missing_it_has_to_be_seen_again() -> None:
    """What came in between may have been done, and be what it still does."""
    record = look(tell(Record(), TO_CHARGE), CHARGES)
    record.begin(TO_SELF, {}, NOW)
    record.begin(TO_CHARGE, {}, NOW)
    record.take(TO_CHARGE, NOW)
    assert (record.seen, record.before) == (False, (TO_CHARGE, TO_SELF))
    look(record, SERVES, SERVES, SERVES, at=NOW + timedelta(minutes=5))
    assert (record.ownership(), record.lost) == (Ownership.OURS, 1)


def test_a_clock_that_was_set_back_puts_nothing_off() -> None:
    """Neither what is to be sent again, nor what is to be seen."""
    record = look(tell(Record(), TO_SELF), SERVES)
    tell(record, TO_CHARGE, at=NOW + timedelta(hours=1))
    look(record, SERVES, SERVES, SERVES, at=NOW + timedelta(hours=1, seconds=50))
    assert record.told(NOW).again_at is None
    tell(record, TO_SELF, at=NOW + timedelta(hours=9))
    look(record, CHARGES, SERVES, at=NOW)
    assert not record.confirmed
    look(record, CHARGES, CHARGES, CHARGES, at=NOW + timedelta(minutes=5))
    assert record.lost == 1


def test_other_numbers_are_akin_to_what_was_seen() -> None:
    """A reserve that follows is confirmed by a battery that stays as it is."""
    record = look(tell(Record(), TO_HOLD), RESTS)
    assert done(record)
    tell(record, Message(command=HOLD, program=mode_1(55)))
    assert not record.confirmed
    look(record, RESTS, RESTS, RESTS, at=NOW + timedelta(minutes=5))
    assert record.confirmed


def test_another_command_is_not_akin_though_its_mode_is_the_same() -> None:
    """A hold begins as self-consumption that serves on, down to its reserve."""
    record = look(tell(Record(), TO_SELF), SERVES)
    tell(record, TO_HOLD)
    look(record, SERVES, SERVES, SERVES, SERVES, at=NOW + timedelta(minutes=5))
    assert not record.confirmed
    look(record, RESTS, at=NOW + timedelta(minutes=9))
    assert record.confirmed


def test_floors_are_those_ordered_last() -> None:
    """A release names none and leaves them."""
    record = Record()
    record.begin(TO_SELF, {Limit.BACKUP_RESERVE: 40}, NOW)
    record.begin(TO_SELF, {}, NOW)
    record.begin(None, {Limit.EXPORT: 0}, NOW)
    assert restarted(record).floor_pct == 40


def test_messages_are_counted_by_the_day() -> None:
    """In UTC, before they are sent."""
    record = Record()
    for _ in range(3):
        record.begin(TO_SELF, {}, NOW)
    record.begin(None, {}, NOW)
    kept = restarted(record)
    assert (kept.writes_today(NOW), kept.writes_left(NOW)) == (3, 37)
    assert kept.told(NOW).at == NOW
    assert kept.writes_left(NOW + timedelta(hours=12)) == 40
    for _ in range(45):
        kept.begin(TO_SELF, {}, NOW)
    assert kept.writes_left(NOW) == 0


def test_another_firmware_may_behave_differently() -> None:
    """What the old one refused is tried again."""
    record = Record(effects={CommandKind.HOLD: True}, trusted=True)
    record.refuse(Message(command=SHAVE, program=peak_shaving()), for_good=True)
    record.on_firmware("1.0")
    assert record.refused_modes()
    record.on_firmware(None)
    assert record.refused_modes()
    record.on_firmware("1.1")
    assert (record.refused_modes(), record.effects, record.trusted) == (frozenset(), {}, False)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        "text",
        {"taken": {"command": {"kind": "charge"}, "program": "zz"}},
        {"taken": {"command": {"kind": "no_such"}, "program": "2001280a"}},
        {"taken": {"command": {"kind": "charge"}, "program": "2005"}},
        {"pending": [{"command": {}}], "sent_at": "yesterday", "count": -3, "refused": ["00", 7]},
        {
            "sent_at": "2026-11-26T12:00:00",
            "count": True,
            "floor_pct": "ten",
            "effects": {"hold": 1, "x": True},
        },
        {"foreign": "yes", "seen": 1, "released": 0},
    ],
)
def test_what_makes_no_sense_counts_as_unknown(kept: object) -> None:
    """A damaged file makes a plant that is its owner's, and never a defect."""
    record = Record.from_json(kept)
    assert (record.command(), record.ownership()) == (None, Ownership.FREE)
    assert (record.count, record.sent_at, record.floor_pct) == (0, None, None)
    assert record.refused == set()


def test_a_floor_from_the_disk_is_one_that_the_device_has() -> None:
    """Never below the lowest."""
    assert Record.from_json({"floor_pct": 3}).floor_pct == 10
    assert Record.from_json({"floor_pct": 400}).floor_pct == 100


COMMANDS = st.sampled_from([TO_SELF, TO_HOLD, TO_CHARGE, TO_DISCHARGE, TO_RELEASE])
STEPS = st.one_of(
    st.tuples(st.just("take"), COMMANDS),
    st.tuples(st.just("lose"), COMMANDS),
    st.tuples(st.just("refuse"), COMMANDS),
    st.tuples(st.just("look"), st.sampled_from([SERVES, RESTS, CHARGES, SELLS, None])),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("give up"), st.none()),
)


def danger(command: BatteryCommand | None) -> int:
    """Rank what a plant may be doing."""
    order = (None, CommandKind.SELF_CONSUME, CommandKind.HOLD, CommandKind.CHARGE, CommandKind.DISCHARGE)
    return order.index(None if command is None else command.kind)


@settings(deadline=None)
@given(steps=st.lists(STEPS, max_size=25))
def test_what_the_plant_really_runs_is_never_thought_harmless(steps: list[tuple[str, object]]) -> None:
    """Whatever is taken, lost on the way, refused or seen: unless somebody else was seen to have it.

    A message that is lost on the way arrives or not; the plant is taken to have had all of them in turn.
    """
    record, at, runs = Record(), NOW, {0}
    for what, thing in steps:
        at += timedelta(minutes=5)
        match thing:
            case Message():
                record.begin(thing, {}, at)
                rank = 0 if thing.command.kind is CommandKind.RELEASE else danger(thing.command)
                if what == "take":
                    record.take(thing, at)
                    runs = {rank}
                elif what == "refuse":
                    record.refuse(thing, for_good=False)
                else:
                    runs |= {rank}
            case _ if what == "look":
                record.look(thing if isinstance(thing, Seen) else None, read_at=at, clock=at)
            case _ if what == "restart":
                record = restarted(record)
            case _:
                record.give_up()
        if not record.foreign:
            assert danger(record.command()) >= max(runs)


HOLDS = Message(command=HOLD, program=mode_1(58))
FATES = st.sampled_from(["done", "ignored", "done, unanswered", "lost", "refused"])


def behaving(runs: Message | None) -> Seen | None:
    """Give a reading of a plant that runs this, in a house that takes 1 kW."""
    kind = CommandKind.SELF_CONSUME if runs is None else runs.command.kind
    battery_w = {CommandKind.HOLD: 0, CommandKind.CHARGE: -2_300, CommandKind.DISCHARGE: 2_300}.get(
        kind, 1_000
    )
    return seen_in(state(battery=battery_w, load=1_000))


@settings(deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([TO_SELF, HOLDS, TO_CHARGE, TO_DISCHARGE, TO_RELEASE]), FATES, st.booleans()
        ),
        max_size=12,
    )
)
def test_what_a_plant_does_is_known_after_some_readings(steps: list[tuple[Message, str, bool]]) -> None:
    """Whatever became of each message, and with restarts: no forced mode of ours goes on unnoticed.

    It is reckoned with, or is still to be given back, or somebody else is taken to have the plant.
    """
    record, at, runs = Record(), NOW, None
    for message, fate, restart in steps:
        at += timedelta(minutes=5)
        record.begin(message, {}, at)
        if fate.startswith("done"):
            runs = message
        match fate:
            case "done" | "ignored":
                record.take(message, at)
            case "refused":
                record.refuse(message, for_good=False)
        if restart:
            record = restarted(record)
        for _ in range(8):
            at += timedelta(seconds=35)
            record.look(behaving(runs), read_at=at, clock=at)
        forced = runs is not None and runs.command.kind in {CommandKind.CHARGE, CommandKind.DISCHARGE}
        if forced and not record.foreign and not record.deferred:
            assert danger(record.command()) >= danger(runs.command if runs else None)
        if record.confirmed and not record.released:
            assert behaving(record.taken) == behaving(runs)


def test_a_program_of_the_owner_survives_the_disk() -> None:
    """With all its windows."""
    left: UserSet = economy()
    record = tell(Record(), Message(command=RELEASE, program=left))
    kept = restarted(record)
    assert kept.taken is not None
    assert kept.taken.program == left
    assert replace(kept, watch=None).released
