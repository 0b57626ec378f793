"""From a command to a message and back, with a plant that answers as a test wants it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

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
from custom_components.energy_storage.engine.plant import GridState, Ownership, PlantState
from custom_components.energy_storage.vendors.control import (
    Applied,
    DeviceLimits,
    Order,
    Outcome,
    PlantControl,
    Request,
)
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverRejectedError,
    LinkFault,
)
from custom_components.energy_storage.vendors.instagen.control import InstagenControl
from custom_components.energy_storage.vendors.instagen.left_with import LeftWith
from custom_components.energy_storage.vendors.instagen.payload import decode
from custom_components.energy_storage.vendors.instagen.user_set import UserSet
from custom_components.energy_storage.vendors.write import CommandRefusedError, MessageWrite
from tests.vendors.instagen.situations import (
    CHARGE,
    DISCHARGE,
    FACTS,
    FLOORS,
    HOLD,
    NOW,
    RATED_W,
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

LOST = DriverConnectionError("gone", LinkFault.SILENT)


class Named(LeftWith):
    """Any program to leave the plant with."""

    def __init__(self, named: Callable[[], UserSet | None]) -> None:
        """Take it as it is at the time."""
        super().__init__()
        self._named = named

    @override
    def program(self, reserve: int) -> UserSet | None:
        return self._named()


class Plant:
    """A plant, its clock, and the control under test."""

    def __init__(self, saved: object = None, *, named: UserSet | None = None) -> None:
        """Begin with a reading of an evening."""
        self.at = NOW
        self.facts = FACTS
        self.named = named
        self.told: list[UserSet] = []
        self.answers: list[int | Exception | None] = []
        self.reads = 0
        self.load_w = 500.0
        self.next_state: Callable[[datetime], PlantState] = lambda at: state(read_at=at)
        self.control = InstagenControl(
            tell=self._tell,
            read=self._read,
            facts=lambda: self.facts,
            now=lambda: self.at,
            left_with=Named(lambda: self.named),
        )
        self.control.restore(saved)
        self.see()

    async def _tell(self, program: UserSet) -> int | None:
        self.told.append(program)
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _read(self) -> None:
        self.reads += 1
        self.control.take_reading(self.next_state(self.at))

    def see(self, battery_w: float = 0.0, *, soc: float | None = 55) -> None:
        """Take a reading now."""
        reading = state(read_at=self.at, battery=battery_w, soc=soc, load=self.load_w)
        self.control.take_reading(reading)

    def wait(self, seconds: float = 35) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    def watch(self, battery_w: float, times: int = 1, *, soc: float | None = 55) -> None:
        """Take readings, one a poll."""
        for _ in range(times):
            self.wait()
            self.see(battery_w, soc=soc)

    async def give(self, command: BatteryCommand, limits: DeviceLimits = FLOORS) -> Applied:
        """Carry out a command as the controller does."""
        return await self.carry_out(self.control.order(command, limits))

    async def carry_out(self, order: Order) -> Applied:
        """Note and send."""
        self.control.begin(order)
        return await self.control.execute(order)

    def restarted(self) -> Plant:
        """Give the next session, with what the disk has."""
        return Plant(self.control.record.to_json(), named=self.named)


CHARGING, SERVING = -2_300.0, 500.0


def test_it_keeps_the_contract() -> None:
    """As the type checker sees it."""
    control: PlantControl = Plant().control
    assert control.provable() == {}
    assert control.requests("plant") == {}


async def test_a_command_is_one_message() -> None:
    """The payload says what to set; who sends it adds the rest."""
    plant = Plant()
    order = plant.control.order(CHARGE, FLOORS)
    (write,) = order.writes
    assert isinstance(write, MessageWrite)
    assert (write.device, write.name, write.value, write.why) == (
        "plant",
        "battery_mode",
        "force_charge",
        "charge",
    )
    assert write.command == 0xC308
    assert decode(UserSet, write.payload) == force_charge()
    applied = await plant.carry_out(order)
    assert (applied.outcome, applied.done) == (Outcome.CONFIRMED, order.writes)
    assert plant.told == [force_charge()]


async def test_it_is_confirmed_by_the_battery() -> None:
    """Assumed until then."""
    plant = Plant()
    await plant.give(CHARGE)
    assert plant.control.holding().command == CHARGE
    assert not plant.control.holding().confirmed
    plant.watch(CHARGING)
    assert not plant.control.holding().confirmed
    plant.watch(CHARGING)
    held = plant.control.holding()
    assert (held.confirmed, held.ownership, held.writes_today, held.writes_left) == (
        True,
        Ownership.OURS,
        1,
        39,
    )


async def test_nothing_is_sent_twice() -> None:
    """While it is assumed, and when it is confirmed."""
    plant = Plant()
    await plant.give(CHARGE)
    assert (await plant.give(CHARGE)).outcome is Outcome.CONFIRMED
    plant.watch(CHARGING, 3)
    await plant.give(CHARGE)
    assert len(plant.told) == 1


async def test_an_answer_without_a_code_is_one_that_took_it() -> None:
    """A zero may be left out on the wire; the battery tells."""
    plant = Plant()
    plant.answers = [None]
    assert (await plant.give(CHARGE)).outcome is Outcome.CONFIRMED


async def test_a_refusal_leaves_what_was() -> None:
    """Of a mode that every firmware has it is not remembered."""
    plant = Plant()
    await plant.give(SELF)
    plant.wait(60)
    for answer in (3, DriverRejectedError("no")):
        plant.answers = [answer]
        plant.wait(60)
        applied = await plant.give(CHARGE)
        assert (applied.outcome, applied.code, applied.again) == (
            Outcome.REFUSED,
            "refused_by_device",
            False,
        )
        assert applied.failed is not None
        assert plant.control.holding().command == SELF
    assert plant.control.capabilities(FLOORS).abilities[CommandKind.CHARGE].offered


async def test_a_refused_mode_is_remembered_and_explained() -> None:
    """Over restarts; asked again at once, the command goes another way."""
    plant = Plant()
    plant.answers = [1]
    applied = await plant.give(SHAVE)
    assert (applied.outcome, applied.again) == (Outcome.REFUSED, True)
    for later in (plant, plant.restarted()):
        able = later.control.capabilities(FLOORS).abilities[CommandKind.SHAVE]
        assert (able.offered, able.reason) == (False, "mode_refused")
        with pytest.raises(CommandRefusedError, match="mode_refused"):
            later.control.order(SHAVE, FLOORS)
    assert plant.told == [peak_shaving()]


async def test_a_lost_link_leaves_it_open() -> None:
    """The command may hold or not; it is told again."""
    plant = Plant()
    await plant.give(SELF)
    plant.wait(60)
    plant.answers = [LOST]
    applied = await plant.give(CHARGE)
    assert (applied.outcome, applied.code, applied.done) == (Outcome.INTERRUPTED, "link_lost", ())
    held = plant.restarted().control.holding()
    assert (held.command, held.confirmed) == (CHARGE, False)
    await plant.give(SELF)
    assert plant.told == [mode_1(20), force_charge(), mode_1(20)]
    assert plant.control.holding().command == SELF


async def test_halted_nothing_is_sent() -> None:
    """A new order is another matter: the release."""
    plant = Plant()
    order = plant.control.order(CHARGE, FLOORS)
    plant.control.begin(order)
    plant.control.halt()
    applied = await plant.control.execute(order)
    assert (applied.outcome, applied.code, plant.told) == (Outcome.INTERRUPTED, "halted", [])
    await plant.carry_out(plant.control.release({}))
    assert plant.told == [mode_1(20)]


async def test_what_was_not_carried_out_is_told_again_and_counts_as_a_failure() -> None:
    """The device took it, and does not do it."""
    plant = Plant()
    await plant.give(SELF)
    plant.watch(SERVING, 2)
    plant.wait(60)
    await plant.give(CHARGE)
    plant.watch(SERVING, 4)
    assert plant.control.holding().command == CHARGE
    applied = await plant.give(CHARGE)
    assert (applied.outcome, applied.code) == (Outcome.UNCONFIRMED, "not_held")
    assert plant.told == [mode_1(20), force_charge(), force_charge()]
    plant.watch(CHARGING, 2)
    assert plant.control.holding().confirmed
    assert (await plant.give(CHARGE)).outcome is Outcome.CONFIRMED


async def test_while_it_waits_to_be_told_again_it_is_a_failure() -> None:
    """So that the owner hears of it."""
    plant = Plant()
    await plant.give(SELF)
    plant.watch(SERVING, 2)
    plant.wait(60)
    await plant.give(CHARGE)
    plant.watch(SERVING, 4)
    await plant.give(CHARGE)
    plant.watch(SERVING, 4)
    applied = await plant.give(CHARGE)
    assert (applied.outcome, applied.code, len(plant.told)) == (Outcome.UNCONFIRMED, "not_held", 3)


async def test_a_change_in_the_app_is_seen() -> None:
    """By three readings, and then nothing is sent until the owner takes the plant over."""
    plant = Plant()
    await plant.give(CHARGE)
    plant.watch(CHARGING, 2)
    plant.watch(SERVING, 2)
    assert plant.control.holding().ownership is Ownership.OURS
    plant.watch(SERVING, 1)
    assert plant.control.holding().ownership is Ownership.FOREIGN
    plant.control.let_go()
    assert plant.restarted().control.holding().ownership is Ownership.FOREIGN
    plant.wait(60)
    await plant.give(CHARGE)
    assert plant.control.holding().ownership is Ownership.OURS


@pytest.mark.parametrize(
    "reading",
    [
        state(battery=500, grid=GridState.OFF_GRID),
        state(battery=500, frozen=True),
        state(battery=500, load=None),
        state(battery=500, soc=None, pv=None),
    ],
)
async def test_a_house_that_tells_nothing_changes_nothing(reading: PlantState) -> None:
    """An outage, a stick that is stuck, or a meter that is gone."""
    plant = Plant()
    await plant.give(CHARGE)
    plant.watch(CHARGING, 2)
    for _ in range(9):
        plant.wait()
        plant.control.take_reading(replace(reading, read_at=plant.at, device_clock=plant.at))
    assert plant.control.holding().ownership is Ownership.OURS
    assert plant.control.holding().confirmed


async def test_a_soc_that_leaps_is_not_believed() -> None:
    """Neither for a reserve, nor for whether a program is carried out."""
    plant = Plant()
    plant.watch(SERVING, soc=90)
    assert decode_reserve(plant.control.order(HOLD, FLOORS)) == 53
    plant.see(SERVING, soc=90)
    assert decode_reserve(plant.control.order(HOLD, FLOORS)) == 53
    plant.watch(SERVING, soc=91)
    assert decode_reserve(plant.control.order(HOLD, FLOORS)) == 89
    plant.watch(SERVING, 3, soc=150)
    plant.control.take_reading(state(read_at=plant.at, soc=None))
    assert decode_reserve(plant.control.order(HOLD, FLOORS)) == 90


def decode_reserve(order: Order) -> int | None:
    """Give the reserve that an order tells."""
    (write,) = order.writes
    assert isinstance(write, MessageWrite)
    return decode(UserSet, write.payload).reserve_soc


async def test_a_frozen_soc_grows_old() -> None:
    """A stick that repeats itself gives no reserve for a hold."""
    plant = Plant()
    for _ in range(5):
        plant.wait()
        plant.control.take_reading(state(read_at=NOW, frozen=True))
    with pytest.raises(CommandRefusedError, match="needs_fresh_soc"):
        plant.control.order(HOLD, FLOORS)


async def test_a_reading_is_not_asked_for_twice() -> None:
    """Asked more often than the stick likes, it stops telling the maker's cloud; frozen or not."""
    plant = Plant()
    plant.control.take_reading(state(read_at=plant.at, frozen=True))
    plant.wait(119)
    await plant.control.refresh()
    assert plant.reads == 0
    plant.wait(1)
    await plant.control.refresh()
    assert plant.reads == 1
    plant.wait(-60)
    await plant.control.refresh()
    assert plant.reads == 2


async def test_a_release_is_what_the_owner_wants_without_us() -> None:
    """Self-consumption with the floors that were ordered last, though a release names none."""
    plant = Plant()
    await plant.give(CHARGE, {Limit.BACKUP_RESERVE: 40})
    applied = await plant.carry_out(plant.control.release({}))
    assert (applied.outcome, plant.told[-1]) == (Outcome.CONFIRMED, mode_1(40))
    assert plant.control.holding().command is None


async def test_a_release_says_nothing_new_where_it_runs_that_already() -> None:
    """Every message wears the device out; short or not."""
    plant = Plant()
    await plant.give(SELF)
    assert plant.control.release({}).writes == plant.control.release({}, short=True).writes == ()
    await plant.carry_out(plant.control.order(RELEASE, {}))
    assert plant.control.holding().command is None
    assert plant.told == [mode_1(20)]
    plant.wait(60)
    await plant.give(CHARGE)
    assert len(plant.control.release({}, short=True).writes) == 1


async def test_a_release_says_it_again_where_that_is_in_doubt() -> None:
    """The end of a charge was taken, and was not seen yet; or something speaks against it."""
    plant = Plant()
    await plant.give(CHARGE)
    await plant.give(SELF)
    assert len(plant.control.release({}).writes) == 1
    plant.watch(SERVING, 2)
    assert plant.control.release({}).writes == ()
    plant.watch(CHARGING, 1)
    assert len(plant.control.release({}).writes) == 1


async def test_after_a_release_everything_is_told_anew() -> None:
    """The owner may have changed it in the app meanwhile."""
    plant = Plant()
    await plant.give(SELF)
    await plant.carry_out(plant.control.release({}))
    plant.wait(60)
    await plant.give(SELF)
    assert plant.told == [mode_1(20), mode_1(20)]


async def test_a_plant_that_was_never_commanded_is_left_as_it_is() -> None:
    """The owner's program in the app is his; one that he has named is told once."""
    plant = Plant()
    assert plant.control.release({}).writes == ()
    await plant.carry_out(plant.control.release({}))
    assert (plant.told, plant.control.holding().ownership) == ([], Ownership.FREE)
    named = Plant(named=economy())
    await named.carry_out(named.control.release({}))
    assert named.told == [economy()]
    assert named.restarted().control.release({}).writes == ()


async def test_a_plant_that_may_not_be_told_anything_is_not_left_with_a_program_either() -> None:
    """Several inverters: nobody knows how they share a message."""
    plant = Plant(named=economy())
    plant.facts = replace(FACTS, inverters=2)
    assert plant.control.release({}).writes == ()


async def test_a_program_that_is_named_no_more_is_ended() -> None:
    """Ours was left in the plant."""
    plant = Plant(named=economy())
    await plant.give(CHARGE)
    await plant.carry_out(plant.control.release({}))
    plant.named = None
    await plant.carry_out(plant.control.release({}))
    assert plant.told == [force_charge(), economy(), mode_1(20)]
    assert plant.control.release({}).writes == ()


async def test_a_program_that_is_refused_gives_way_to_self_consumption() -> None:
    """At once, for the plant must not stay as it is."""
    plant = Plant(named=economy())
    await plant.give(CHARGE)
    plant.answers = [1]
    applied = await plant.carry_out(plant.control.release({}))
    assert (applied.outcome, applied.again) == (Outcome.REFUSED, True)
    assert (await plant.carry_out(plant.control.release({}))).outcome is Outcome.CONFIRMED
    assert plant.told[1:] == [economy(), mode_1(20)]
    assert plant.control.holding().misfit == "program_refused"
    plant.named = economy(30)
    assert plant.control.holding().misfit is None


async def test_a_release_never_waits() -> None:
    """Neither for its minute, nor for a new day, nor for what was not carried out."""
    plant = Plant()
    await plant.give(CHARGE)
    plant.control.record.count = 99
    assert plant.control.holding().writes_left == 0
    await plant.carry_out(plant.control.release({}))
    assert plant.told == [force_charge(), mode_1(20)]


async def test_a_release_that_was_not_carried_out_waits_for_the_next_try() -> None:
    """Deferred, so that the controller tries again."""
    plant = Plant()
    await plant.give(CHARGE)
    plant.watch(CHARGING, 2)
    await plant.carry_out(plant.control.release({}))
    plant.watch(CHARGING, 4)
    held = plant.control.holding()
    assert (held.command, held.deferred, held.confirmed) == (None, ("battery_mode",), False)
    order = plant.control.release({})
    assert (len(order.writes), order.deferred) == (1, ())
    await plant.carry_out(order)
    plant.watch(SERVING, 2)
    assert plant.control.holding().deferred == ()


async def test_an_end_that_was_not_carried_out_is_released_all_the_same() -> None:
    """What it was told last looks like the release, and is not what it does."""
    plant = Plant()
    await plant.give(CHARGE)
    plant.watch(CHARGING, 2)
    await plant.give(SELF)
    plant.watch(CHARGING, 4)
    assert plant.control.holding().command == CHARGE
    assert len(plant.control.release({}).writes) == 1


async def test_a_hold_that_was_not_ended_is_released_all_the_same() -> None:
    """Told again and not seen yet: it looks like the release, and may still be the hold."""
    plant = Plant()
    plant.load_w = 1_500.0
    await plant.give(HOLD)
    plant.watch(0.0, 4)
    assert plant.control.holding().confirmed
    await plant.give(SELF)
    plant.watch(0.0, 4)
    plant.wait(120)
    await plant.give(SELF)
    assert plant.told == [mode_1(54), mode_1(20), mode_1(20)]
    assert len(plant.control.release({}).writes) == 1


async def test_no_single_device_is_asked_for_anything() -> None:
    """Dry contact, generator and device actions are not written at run time."""
    plant = Plant()
    for request in Request:
        with pytest.raises(CommandRefusedError, match="not_supported"):
            plant.control.request("plant", request, 1.0)


def test_what_is_promised_of_each_command() -> None:
    """The right column of the command table."""
    able = Plant().control.capabilities({}).abilities
    assert {kind for kind, each in able.items() if not each.offered} == {
        CommandKind.IDLE,
        CommandKind.ISLAND,
    }
    promised = {
        kind: (each.ends, each.unattended, each.outage_safe, set(each.obeys))
        for kind, each in able.items()
        if each.offered
    }
    power, unknown = {Parameter.POWER}, OutageSafe.UNKNOWN
    assert promised == {
        CommandKind.SELF_CONSUME: (Ends.NONE, Unattended.SAFE, OutageSafe.YES, set()),
        CommandKind.HOLD: (Ends.NONE, Unattended.COSTLY, OutageSafe.YES, set()),
        CommandKind.CHARGE: (Ends.SOC, Unattended.COSTLY, unknown, power),
        CommandKind.DISCHARGE: (Ends.SOC, Unattended.COSTLY, unknown, power),
        CommandKind.SHAVE: (Ends.SOC, Unattended.COSTLY, unknown, {Parameter.MAX_IMPORT}),
        CommandKind.FEED_IN: (Ends.SOC, Unattended.COSTLY, unknown, set()),
        CommandKind.RELEASE: (Ends.NONE, Unattended.SAFE, OutageSafe.YES, set()),
    }
    proven = {kind for kind, each in able.items() if each.proven}
    assert proven == {
        CommandKind.SELF_CONSUME,
        CommandKind.CHARGE,
        CommandKind.DISCHARGE,
        CommandKind.RELEASE,
    }
    assert able[CommandKind.CHARGE].step_w == RATED_W / 1000


def test_limits_that_nobody_holds_make_commands_unsafe() -> None:
    """There is no knob for export or import: left alone, a forced mode may pass them."""
    able = Plant().control.capabilities({Limit.EXPORT: 0, Limit.IMPORT: 5_000}).abilities
    unsafe = {kind for kind, each in able.items() if each.unattended is Unattended.UNSAFE}
    assert unsafe == {CommandKind.CHARGE, CommandKind.DISCHARGE, CommandKind.FEED_IN}


def test_limits_that_the_protocol_does_not_have_are_not_guarded() -> None:
    """The reserve is all there is."""
    guards = Plant().control.capabilities({}).guards
    held = {limit for limit, guard in guards.items() if guard is Guard.DEVICE}
    assert held == {Limit.DISCHARGE_CUTOFF, Limit.BACKUP_RESERVE}
    assert set(guards) == set(Limit)
    assert all(guard is Guard.NONE for limit, guard in guards.items() if limit not in held)


def test_an_island_is_unsafe_and_needs_an_expert() -> None:
    """Somebody has to be there when the battery is empty."""
    plant = Plant()
    plant.facts = replace(FACTS, island_allowed=True)
    able = plant.control.capabilities({}).abilities[CommandKind.ISLAND]
    assert (able.offered, able.proven, able.unattended, able.outage_safe) == (
        True,
        False,
        Unattended.UNSAFE,
        OutageSafe.YES,
    )


async def test_what_was_tried_is_known() -> None:
    """A command that had no effect is not offered; one that had is proven."""
    plant = Plant()
    control = plant.control
    control.note_effect(CommandKind.HOLD, seen=True)
    control.note_effect(CommandKind.CHARGE, seen=False)
    for each in (control, plant.restarted().control):
        able = each.capabilities({}).abilities
        assert able[CommandKind.HOLD].proven
        assert (able[CommandKind.CHARGE].offered, able[CommandKind.CHARGE].reason) == (False, "no_effect")
        assert each.effects() == {CommandKind.HOLD: True, CommandKind.CHARGE: False}
    control.note_effect(CommandKind.CHARGE, seen=None)
    assert control.capabilities({}).abilities[CommandKind.CHARGE].offered


async def test_a_hold_below_its_reserve_never_waits() -> None:
    """At its reserve a battery gives nothing, so to end a charge that way narrows, whatever ran before."""
    plant = Plant()
    await plant.give(SELF, {Limit.BACKUP_RESERVE: 20})
    await plant.give(SELF, {Limit.BACKUP_RESERVE: 80})
    assert plant.told == [mode_1(20), mode_1(80)]
    with pytest.raises(CommandRefusedError, match="write_spacing"):
        plant.control.order(SELF, {Limit.BACKUP_RESERVE: 20})
    await plant.give(SELF, {Limit.BACKUP_RESERVE: 70})
    assert plant.told[-1] == mode_1(70)


async def test_a_discharge_may_follow_a_charge_after_a_minute() -> None:
    """One message a minute, counted over restarts."""
    plant = Plant()
    await plant.give(CHARGE)
    later = plant.restarted()
    with pytest.raises(CommandRefusedError, match="write_spacing"):
        later.control.order(DISCHARGE, FLOORS)
    later.wait(60)
    await later.give(DISCHARGE)
    assert later.told == [force_discharge()]
