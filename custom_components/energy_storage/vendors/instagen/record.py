"""What is remembered about our messages to an Instagen plant, for the plant itself does not tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ...engine.command import BatteryCommand, CommandKind, Limit
from ...engine.plant import Ownership
from ..control import DeviceLimits
from .behaviour import Seen
from .payload import PayloadError, decode, encode
from .plan import Told
from .user_set import BatteryMode, UserSet, check
from .watch import Verdict, Watch
from .write_guards import FLOORS, WRITES_A_DAY, least_reserve

_AGAIN_FIRST_S = 60.0
_AGAIN_LAST_S = 600.0
_MOST_DOUBLINGS = 10
RELEASED = "battery_mode"
"""What could not be given back yet, where a release was not carried out."""
_DANGER: Mapping[CommandKind, int] = {
    CommandKind.RELEASE: 0,
    CommandKind.SELF_CONSUME: 1,
    CommandKind.HOLD: 2,
    CommandKind.SHAVE: 3,
    CommandKind.CHARGE: 4,
    CommandKind.DISCHARGE: 5,
    CommandKind.FEED_IN: 6,
    CommandKind.ISLAND: 7,
}
"""Of two commands of which either may hold, the one to reckon with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A command, and the program that carries it out."""

    command: BatteryCommand
    program: UserSet

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {"command": self.command.to_json(), "program": encode(self.program).hex()}

    @classmethod
    def from_json(cls, saved: object) -> Message | None:
        """Read what was saved; None when it makes no sense."""
        kept = _mapping(saved)
        command, program = BatteryCommand.from_json(kept.get("command")), program_of(kept.get("program"))
        return None if command is None or program is None else cls(command=command, program=program)


@dataclass(slots=True, kw_only=True)
class Record:
    """Kept over restarts, on disk before each message; only `watch` begins anew."""

    taken: Message | None = None
    """The last one that the device said it took; a release is one, too."""
    before: tuple[Message, ...] = ()
    """What of us it may have run before that."""
    strange: bool = True
    """It may as well have run what was not of us."""
    pending: tuple[Message, ...] = ()
    """Sent since and not answered: each may hold or not."""
    released: bool = True
    """The plant is its owner's: what it runs by now is none of our business."""
    foreign: bool = False
    """Somebody else has told it something while it was ours."""
    seen: bool = False
    """What was taken last was seen to be carried out."""
    trusted: bool = False
    """Something was once seen to be carried out on this plant."""
    lost: int = 0
    """How often in a row it was taken and not carried out."""
    floor_pct: int | None = None
    """The reserve that keeps the owner's floors, as ordered last: a release leaves it."""
    refused: set[str] = field(default_factory=set[str])
    """Programs that the firmware did not take, as hexadecimal payloads."""
    effects: dict[CommandKind, bool] = field(default_factory=dict[CommandKind, bool])
    """Commands that were tried on this plant, and whether they had their effect."""
    firmware: str | None = None
    """The one that all this was seen on."""
    sent_at: datetime | None = None
    day: str = ""
    count: int = 0
    """Messages of this day (UTC)."""
    watch: Watch | None = None

    # Whose plant it is, and what it does.

    def ownership(self) -> Ownership:
        """Tell who controls the plant, by what we told it and what it was seen to do since."""
        if self.foreign:
            return Ownership.FOREIGN
        return Ownership.FREE if self.command() is None else Ownership.OURS

    def command(self) -> BatteryCommand | None:
        """Give the command that the plant obeys; where one of several may hold, the one to reckon with."""
        if self.foreign:
            return None
        commands = [m.command for m in self._may_run() if m.command.kind is not CommandKind.RELEASE]
        return max(commands, key=lambda command: _DANGER[command.kind], default=None)

    def _may_run(self, *, left: bool = False) -> tuple[Message, ...]:
        """Give all that the plant may be running of us, what it was left with too if that counts."""
        taken = () if self.taken is None or (self.released and not left) else (self.taken,)
        before = self.before if taken and self.lost else ()
        return (*taken, *before, *self.pending)

    @property
    def confirmed(self) -> bool:
        """Whether the plant was seen, since we look, to do what it was told; a released one need not."""
        if self.pending or self.deferred:
            return False
        if self.released:
            return True
        return self.watch is not None and self.watch.verdict is Verdict.CONFIRMED

    @property
    def doubtful(self) -> bool:
        """Whether something speaks against what was taken, or it was to end what sends energy and may not."""
        against = self.lost > 0 or (self.watch is not None and self.watch.against > 0)
        forced = any(each.program.mode != BatteryMode.SELF_CONSUMPTION for each in self.before)
        return against or (forced and not self.seen)

    @property
    def deferred(self) -> tuple[str, ...]:
        """What a release could not give back yet."""
        return (RELEASED,) if self.released and self.lost else ()

    def told(self, now: datetime) -> Told:
        """Give what a plan has to know."""
        known = None if self.foreign or self.pending else self.taken
        return Told(
            program=None if known is None else known.program,
            kind=None if known is None or self.released else known.command.kind,
            at=self.sent_at,
            writes_left=self.writes_left(now),
            again_at=self._again_at(now),
            certain=not self.lost and not self.released,
            may_run=() if self.foreign else tuple(message.program for message in self._may_run(left=True)),
        )

    def _again_at(self, now: datetime) -> datetime | None:
        """Give when to send again what was not carried out; a clock that was set back makes that now."""
        if not self.lost or self.sent_at is None or now < self.sent_at:
            return None
        wait_s = min(_AGAIN_LAST_S, _AGAIN_FIRST_S * 2 ** min(self.lost, _MOST_DOUBLINGS))
        return self.sent_at + timedelta(seconds=wait_s)

    # What happens to it.

    def begin(self, message: Message | None, limits: DeviceLimits, now: datetime) -> None:
        """Note what is about to be sent, if anything is, and the floors that hold from now on."""
        if limits.keys() & FLOORS:
            self.floor_pct = least_reserve(limits)
        if message is None:
            return
        self.pending = (*_few(self.pending), message)
        self._turn_day(now)
        self.count += 1
        self.sent_at = now

    def take(self, message: Message, now: datetime) -> None:
        """Note that the device has taken a message, which says nothing about whether it acts on it."""
        ran, strange = self._ran()
        unanswered = tuple(each for each in self.pending if each != message)
        akin = self.seen and {each.command.kind for each in ran} == {message.command.kind}
        if unanswered or not self._is_again(message):
            self.before, self.strange, self.seen = _few((*ran, *unanswered)), strange, False
        if not self._is_again(message):
            self.lost = 0
        self.taken, self.pending, self.foreign = message, (), False
        self.released = message.command.kind is CommandKind.RELEASE
        self.watch = self._watch(message, now, akin=akin)

    def _is_again(self, message: Message) -> bool:
        """Tell whether the same was taken before, and nobody can have told the plant otherwise since."""
        ours = not self.foreign and (not self.released or self.lost > 0)
        return ours and self.taken is not None and self.taken.program == message.program

    def _ran(self) -> tuple[tuple[Message, ...], bool]:
        """Give what of us the plant may have run until now, and whether it may have run something else."""
        if self.taken is None or self.foreign or (self.released and not self.lost):
            return (), True
        return ((self.taken,), False) if self.seen else (_few((*self.before, self.taken)), self.strange)

    def keep(self, command: BatteryCommand) -> None:
        """Note a command that the plant carries out already, without a message."""
        if self.taken is not None:
            self.taken = Message(command=command, program=self.taken.program)
            self.released = command.kind is CommandKind.RELEASE

    def refuse(self, message: Message, *, for_good: bool) -> None:
        """Note that the device did not take a message: it does what it did before."""
        self.pending = self.pending[:-1]  # the same may have been sent before, without an answer
        if for_good:
            self.refused.add(encode(message.program).hex())

    def refuses(self, program: UserSet) -> bool:
        """Tell whether this very program was refused."""
        return encode(program).hex() in self.refused

    def refused_modes(self) -> frozenset[BatteryMode]:
        """Give the modes of which a program was refused."""
        programs = (program_of(each) for each in self.refused)
        return frozenset(BatteryMode(each.mode) for each in programs if each is not None and each.mode)

    def look(self, seen: Seen | None, *, read_at: datetime, clock: datetime | None) -> None:
        """Look at a reading: does the battery do what the plant was told?"""
        if self.pending or self.foreign or self.taken is None:
            return
        watch = self.watch or self._watch(self.taken, read_at, akin=False)
        self.watch = watch.looked(seen, read_at=read_at, clock=clock)
        if self.watch.verdict is Verdict.CONFIRMED:
            self.seen, self.trusted, self.lost = True, True, 0
        elif self.watch.verdict is not watch.verdict:
            self._judge(self.watch)

    def _judge(self, watch: Watch) -> None:
        """Act on readings that contradict. A plant that was released may do what its owner likes.

        Unless it just goes on with what we told it before.
        """
        as_before = bool(watch.before) and watch.as_before == watch.against
        if watch.verdict is Verdict.CHANGED and not self.released:
            self.foreign, self.seen = True, False
        elif watch.verdict is Verdict.NOT_CARRIED_OUT and (as_before or not self.released):
            self.lost += 1

    def _watch(self, taken: Message, since: datetime, *, akin: bool) -> Watch:
        return Watch(
            program=taken.program,
            since=since,
            before=tuple({each.program: None for each in self.before if each.program != taken.program}),
            strange=self.strange,
            seen_before=self.seen,
            akin=akin,
            trusted=self.trusted,
        )

    def give_up(self) -> None:
        """Give up the claim on a plant that somebody else has told something."""
        if self.foreign:
            self.taken = self.watch = None
            self.before, self.strange, self.pending = (), True, ()
            self.lost, self.seen, self.released = 0, False, True

    def on_firmware(self, firmware: str | None) -> None:
        """Forget what was seen of another firmware: it may behave differently."""
        if firmware is None or firmware == self.firmware:
            return
        if self.firmware is not None:
            self.refused, self.effects, self.trusted = set(), {}, False
        self.firmware = firmware

    # The budget.

    def writes_today(self, now: datetime) -> int:
        """Give how many messages this day has seen."""
        self._turn_day(now)
        return self.count

    def writes_left(self, now: datetime) -> int:
        """Give what is left of today's."""
        return max(0, WRITES_A_DAY - self.writes_today(now))

    def _turn_day(self, now: datetime) -> None:
        if (day := now.astimezone(UTC).date().isoformat()) != self.day:
            self.day, self.count = day, 0

    # On disk.

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {
            "taken": None if self.taken is None else self.taken.to_json(),
            "before": [each.to_json() for each in self.before],
            "pending": [each.to_json() for each in self.pending],
            "strange": self.strange,
            "released": self.released,
            "foreign": self.foreign,
            "seen": self.seen,
            "trusted": self.trusted,
            "lost": self.lost,
            "floor_pct": self.floor_pct,
            "refused": sorted(self.refused),
            "effects": {kind.value: seen for kind, seen in self.effects.items()},
            "firmware": self.firmware,
            "sent_at": None if self.sent_at is None else self.sent_at.isoformat(),
            "day": self.day,
            "count": self.count,
        }

    @classmethod
    def from_json(cls, saved: object) -> Record:
        """Read what was saved; a part that makes no sense counts as unknown."""
        kept = _mapping(saved)
        firmware, day = kept.get("firmware"), kept.get("day")
        taken = Message.from_json(kept.get("taken"))
        floor = _count(kept.get("floor_pct"))
        return cls(
            taken=taken,
            before=_messages(kept.get("before")),
            pending=_messages(kept.get("pending")),
            strange=kept.get("strange") is not False,
            released=kept.get("released") is not False or taken is None,
            foreign=kept.get("foreign") is True,
            seen=kept.get("seen") is True,
            trusted=kept.get("trusted") is True,
            lost=_count(kept.get("lost")) or 0,
            floor_pct=None if floor is None else least_reserve({Limit.DISCHARGE_CUTOFF: floor}),
            refused={each for each in _list(kept.get("refused")) if program_of(each) is not None},
            effects={
                CommandKind(kind): seen is True
                for kind, seen in _mapping(kept.get("effects")).items()
                if isinstance(kind, str) and kind in CommandKind
            },
            firmware=firmware if isinstance(firmware, str) else None,
            sent_at=_moment(kept.get("sent_at")),
            day=day if isinstance(day, str) else "",
            count=_count(kept.get("count")) or 0,
        )


def _few(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Give the last one of each kind of command."""
    last = {message.command.kind: message for message in messages}
    return tuple(message for message in dict.fromkeys(messages) if message in last.values())


def _messages(saved: object) -> tuple[Message, ...]:
    return tuple(each for each in map(Message.from_json, _items(saved)) if each is not None)


def program_of(text: object) -> UserSet | None:
    """Read a program from its payload in hexadecimal digits; None when it is none."""
    try:
        program = decode(UserSet, bytes.fromhex(text)) if isinstance(text, str) else None
        if program is not None:
            check(program)
    except ValueError, PayloadError:
        return None
    return program


def _moment(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else at.astimezone(UTC)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _list(value: object) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)]
