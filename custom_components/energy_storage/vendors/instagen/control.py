"""Commands an Instagen plant: what it can, what it was told, and the way from a command to a message."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ...engine.command import BatteryCommand, CommandKind, Limit
from ...engine.plant import GridState, PlantState
from ..control import Applied, Capabilities, DeviceLimits, Holding, Order, Outcome, Request, Span
from ..driver import DriverError, DriverRejectedError
from ..schedule import Schedule, SchedulePeriod
from ..write import CommandRefusedError, MessageWrite, Write
from .abilities import PlantFacts, abilities, limit_guards
from .behaviour import seen_in
from .belief import Belief
from .left_with import LeftWith
from .messages import Command
from .payload import decode, encode
from .plan import Situation, plan, release_program
from .record import Message, Record
from .user_set import BatteryMode, UserSet
from .write_guards import FLOORS, Reading, Refusal, least_reserve

PLANT = "plant"
_OFF_GRID = (GridState.OFF_GRID, GridState.OFF_GRID_BY_HAND)
_READ_AGAIN_AFTER = timedelta(seconds=120)
"""What was read since will do: asked more often, the stick stops telling its maker's cloud."""
_MAY_BE_MISSING = frozenset({BatteryMode.ECONOMY, BatteryMode.PEAK_SHAVING, BatteryMode.TIME_OF_USE})
"""Modes that a firmware may not have, or not with these windows: refused once, they are not tried again."""
_NAME = "battery_mode"


class InstagenControl:
    """The commands of one plant."""

    def __init__(
        self,
        *,
        tell: Callable[[UserSet], Awaitable[int | None]],
        read: Callable[[], Awaitable[None]],
        facts: Callable[[], PlantFacts],
        now: Callable[[], datetime],
        left_with: LeftWith | None = None,
    ) -> None:
        """Remember nothing yet; `restore` does.

        `tell` sends a program and gives the error code of the answer; `read` takes a fast reading and
        hands it to `take_reading`. `left_with` is what the owner wants the plant to run without us.
        """
        self.record = Record()
        self._tell = tell
        self._read = read
        self._facts = facts
        self._now = now
        self._left_with = left_with or LeftWith()
        self._state: PlantState | None = None
        self._looked_at: datetime | None = None
        self._belief = Belief()
        self._halted = False

    # What the driver calls.

    def restore(self, saved: object) -> None:
        """Take over what an earlier session has kept."""
        self.record = Record.from_json(saved)

    def take_reading(self, state: PlantState, firmware: str | None = None) -> None:
        """Look at a reading that has just been taken."""
        self._state, self._looked_at = state, self._now()
        self.record.on_firmware(firmware)
        self._belief = self._belief.taken(state.soc_pct, state.read_at)
        believed = replace(state, soc_pct=self._belief.soc_pct)
        self.record.look(seen_in(believed), read_at=state.read_at, clock=state.device_clock)

    # What the caller of the driver sees.

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded; what was tried here and had no effect is not offered."""
        able = abilities(self._plant_facts(), limits)
        for kind, seen in self.record.effects.items():
            if seen:
                able[kind] = replace(able[kind], proven=True)
            elif able[kind].offered:
                able[kind] = replace(able[kind], offered=False, reason=Refusal.NO_EFFECT)
        return Capabilities(abilities=able, guards=limit_guards())

    def holding(self) -> Holding:
        """Say what the plant was told, and whether the battery was seen to do it."""
        now, record, named = self._now(), self.record, self._named({})
        refused = named is not None and record.refuses(named)
        return Holding(
            ownership=record.ownership(),
            command=record.command(),
            confirmed=record.confirmed,
            deferred=record.deferred,
            misfit=Refusal.PROGRAM_REFUSED if refused else self._left_with.misfit,
            writes_today=record.writes_today(now),
            writes_left=record.writes_left(now),
        )

    async def refresh(self) -> None:
        """Read what the plant measures, unless that was done just now; what it holds it does not tell.

        Raises:
            DriverError: it does not answer.

        """
        since = None if self._looked_at is None else self._now() - self._looked_at
        if since is None or not timedelta(0) <= since < _READ_AGAIN_AFTER:
            await self._read()

    def order(self, command: BatteryCommand, limits: DeviceLimits) -> Order:
        """Plan a command."""
        if command.kind is CommandKind.RELEASE:
            return self.release(limits)
        program = plan(command, self._situation(limits))
        return Order(command=command, writes=_writes(program, command.kind), limits=limits)

    def release(self, limits: DeviceLimits, *, short: bool = False) -> Order:  # noqa: ARG002  one message needs no reading
        """Plan how to hand the plant back: to the program that the owner named, else to self-consumption.

        A plant that is its owner's already is told only a program that he has named since.
        """
        named = self._named(limits)
        if named is not None and self.record.refuses(named):
            named = None
        now = self._situation(limits)
        program: UserSet | None = release_program(named, now)
        taken = self.record.taken
        if self.record.released and not self.record.pending and not self.record.deferred:
            ours_to_end = taken is not None and taken.program.mode == BatteryMode.ECONOMY
            wanted = ours_to_end or (named is not None and self._may_be_told())
            left = None if taken is None else taken.program
            program = None if left == program or not wanted else program
        elif now.told.program == program and not self.record.doubtful:
            program = None
        command = BatteryCommand(kind=CommandKind.RELEASE)
        return Order(command=command, writes=_writes(program, command.kind), limits=limits)

    def request(self, device: str, request: Request, value: float | None = None) -> Order:  # noqa: ARG002  the contract
        """Refuse: dry contact, generator and device actions are not written at run time.

        Raises:
            CommandRefusedError: always.

        """
        raise CommandRefusedError(Refusal.NOT_SUPPORTED)

    def requests(self, device: str) -> Mapping[Request, Span | None]:  # noqa: ARG002  the contract
        """Give nothing: no single device is asked for anything."""
        return {}

    def begin(self, order: Order) -> None:
        """Note what is about to be sent, and count it: from here on it may have been."""
        self._halted = False
        self.record.begin(_message(order), order.limits, self._now())

    async def execute(self, order: Order) -> Applied:
        """Send; the answer says that it was taken, and the battery in a minute whether it is obeyed."""
        message = _message(order)
        if message is None:
            return self._nothing_to_send(order)
        if self._halted:
            return self._ended(order, Outcome.INTERRUPTED, Refusal.HALTED)
        try:
            error = await self._tell(message.program)
        except DriverRejectedError:
            error = None
            refused = True
        except DriverError:
            return self._ended(order, Outcome.INTERRUPTED, Refusal.LINK_LOST)
        else:
            refused = bool(error)
        if refused:
            for_good = message.program.mode in _MAY_BE_MISSING
            self.record.refuse(message, for_good=for_good)
            return replace(self._ended(order, Outcome.REFUSED, Refusal.BY_DEVICE), again=for_good)
        self.record.take(message, self._now())
        return replace(self._outcome(order), done=order.writes)

    def halt(self) -> None:
        """Send nothing any more; there is never more than one message to send."""
        self._halted = True

    def let_go(self) -> None:
        """Give up the claim on a plant that somebody else has told something."""
        self.record.give_up()

    def provable(self) -> Mapping[str, CommandKind]:
        """Give nothing: what could be proved is proved by trying the commands themselves."""
        return {}

    def assume(self, proof: str | None) -> None:
        """Take nothing for proved."""

    def prove(self, proof: str) -> None:
        """Keep nothing."""

    def note_effect(self, kind: CommandKind, *, seen: bool | None) -> None:
        """Keep whether a command had its effect."""
        if seen is None:
            self.record.effects.pop(kind, None)
        else:
            self.record.effects[kind] = seen

    def effects(self) -> Mapping[CommandKind, bool]:
        """Give the commands that were tried on this plant."""
        return dict(self.record.effects)

    def name_schedule[P: SchedulePeriod](self, schedule: Schedule[P] | None) -> None:
        """Take the owner's schedule for the next release."""
        self._left_with.name_schedule(schedule)

    # How it is done.

    def _named(self, limits: DeviceLimits) -> UserSet | None:
        """Give what the owner wants the plant to run without us, above the floors that it is to keep."""
        return self._left_with.program(least_reserve(self._with_floors(limits)))

    def _with_floors(self, limits: DeviceLimits) -> DeviceLimits:
        """Add the floors that were ordered last, where none is named."""
        floor = self.record.floor_pct
        if floor is not None and not limits.keys() & FLOORS:
            return {**limits, Limit.DISCHARGE_CUTOFF: floor}
        return limits

    def _nothing_to_send(self, order: Order) -> Applied:
        if order.command is not None:
            self.record.keep(order.command)
        return self._outcome(order)

    def _outcome(self, order: Order) -> Applied:
        """Say that the device took it; where it did so before and did nothing, that does not count."""
        if self.record.lost:
            return Applied(order=order, outcome=Outcome.UNCONFIRMED, code=Refusal.NOT_HELD)
        return Applied(order=order, outcome=Outcome.CONFIRMED)

    def _ended(self, order: Order, outcome: Outcome, code: str) -> Applied:
        return Applied(order=order, outcome=outcome, failed=order.writes[0], code=code)

    def _may_be_told(self) -> bool:
        """Tell whether anything may be told to a plant that we have never told anything."""
        return abilities(self._plant_facts(), ())[CommandKind.RELEASE].offered

    def _plant_facts(self) -> PlantFacts:
        facts = self._facts()
        return replace(facts, soc_pct=self._belief.soc_pct, refused=self.record.refused_modes())

    def _situation(self, limits: DeviceLimits) -> Situation:
        """Gather what a plan is made from; floors that are not named are those ordered last."""
        now, state = self._now(), self._state
        at = self._belief.at
        return Situation(
            now=now,
            facts=self._plant_facts(),
            reading=Reading(
                soc_pct=self._belief.soc_pct,
                soc_age_s=float("inf") if at is None else (now - at).total_seconds(),
                off_grid=state is not None and state.grid_state in _OFF_GRID,
                battery_w=None if state is None else state.battery_power_w,
            ),
            told=self.record.told(now),
            limits=self._with_floors(limits),
        )


def _writes(program: UserSet | None, kind: CommandKind) -> tuple[Write, ...]:
    """Make the one write that tells a program; who sends it adds time, transaction and target."""
    if program is None or program.mode is None:
        return ()
    return (
        MessageWrite(
            device=PLANT,
            name=_NAME,
            value=BatteryMode(program.mode).name.lower(),
            unit=None,
            why=kind.value,
            command=Command.USER_SET,
            payload=encode(program),
        ),
    )


def _message(order: Order) -> Message | None:
    """Give what an order sends."""
    for write in order.writes:
        if isinstance(write, MessageWrite) and order.command is not None:
            return Message(command=order.command, program=decode(UserSet, write.payload))
    return None
