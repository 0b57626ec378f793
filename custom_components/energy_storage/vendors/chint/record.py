"""What is remembered about our commands to a Chint plant: what we wrote, and what was seen of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...engine.command import BatteryCommand, CommandKind
from ...engine.plant import Ownership, Value
from ..control import Order
from .plan import Held, in_force
from .profile import Profile

STORED_WRITES_A_DAY = 40
"""Nobody knows whether a register is kept in flash, so it counts as if it were."""

type Plain = float | str


@dataclass(slots=True, kw_only=True)
class Record:
    """Kept over restarts, on disk before the first write."""

    own: dict[str, list[Plain]] = field(default_factory=dict[str, list[Plain]])
    """Row → values that are ours: the one that was read back, then those on their way."""
    command: BatteryCommand | None = None
    """The last one that was read back."""
    pending: BatteryCommand | None = None
    """One whose writes have begun and not ended."""
    effects: dict[CommandKind, bool] = field(default_factory=dict[CommandKind, bool])
    """Commands that were tried on this plant, and whether they had their effect."""
    seen_on: str | None = None
    """Profile and firmware that all this was seen with."""
    day: str = ""
    count: int = 0
    """Writes of this day (UTC)."""

    # Whose plant it is.

    def ownership(self, profile: Profile, held: Held) -> Ownership:
        """Tell who controls the plant, by what it holds and what we know of it."""
        if self.own:
            return Ownership.FOREIGN if self.differing(held) else Ownership.OURS
        return Ownership.FREE if self._is_off(profile, held) else Ownership.FOREIGN

    def differing(self, held: Held) -> tuple[str, ...]:
        """Name the rows of ours that hold what we never wrote."""
        return tuple(
            row for row, ours in self.own.items() if (now := held.get(row)) is not None and now not in ours
        )

    def in_force(self, profile: Profile, held: Held, local: datetime | None) -> BatteryCommand | None:
        """Give the command that the plant obeys; of a sequence that was cut off, the one that it holds."""
        for command in (self.pending, self.command):
            if command is not None and in_force(command, profile, held, local):
                return command
        return None

    @staticmethod
    def _is_off(profile: Profile, held: Held) -> bool:
        """Tell whether the first thing that a release writes reads so already: then nobody steers."""
        first = next(iter(profile.commands.get(CommandKind.RELEASE, ())), None)
        return first is None or held.get(first.row) in (None, first.value)

    # What happens to it.

    def begin(self, order: Order, command: BatteryCommand, held: Held) -> None:
        """Note what is about to be written, beside what is there."""
        self.pending = command
        for write in order.writes:
            ours = self.own.setdefault(write.name, [])
            if not ours and isinstance(now := held.get(write.name), int | float | str):
                ours.append(now)
            if write.value not in ours:
                ours.append(write.value)

    def settle(self, command: BatteryCommand, profile: Profile, held: Held) -> None:
        """Note that all of an order was read back."""
        self.pending = None
        if command.kind is CommandKind.RELEASE:
            self.command, self.own = None, {}
            return
        self.command = command
        rows = {step.row for step in profile.commands[command.kind]} | self.own.keys()
        self.own = {row: [now] for row in rows if isinstance(now := held.get(row), int | float | str)}

    def give_up(self) -> None:
        """Give up the claim on a plant that somebody else has taken."""
        self.command = self.pending = None
        self.own = {}

    def meet(self, profile: Profile, held: Held) -> None:
        """Look at a plant for the first time in a session: what somebody has switched off is theirs."""
        if self.own and self.differing(held) and self._is_off(profile, held):
            self.give_up()

    def on(self, profile: str, firmware: str | None) -> None:
        """Forget what was seen with another profile or another firmware: it may behave differently."""
        now = f"{profile} {firmware or ''}".strip()
        if self.seen_on not in (None, now):
            self.effects = {}
        self.seen_on = now

    # The budget.

    def count_write(self, now: datetime) -> None:
        """Count one write."""
        self._turn_day(now)
        self.count += 1

    def writes_today(self, now: datetime) -> int:
        """Give how many writes this day has seen."""
        self._turn_day(now)
        return self.count

    def writes_left(self, now: datetime) -> int:
        """Give how many this day has left."""
        return max(0, STORED_WRITES_A_DAY - self.writes_today(now))

    def _turn_day(self, now: datetime) -> None:
        if (day := now.astimezone(UTC).date().isoformat()) != self.day:
            self.day, self.count = day, 0

    # On disk.

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {
            "own": {row: list(values) for row, values in self.own.items()},
            "command": None if self.command is None else self.command.to_json(),
            "pending": None if self.pending is None else self.pending.to_json(),
            "effects": {kind.value: seen for kind, seen in self.effects.items()},
            "seen_on": self.seen_on,
            "day": self.day,
            "count": self.count,
        }

    @classmethod
    def from_json(cls, saved: object) -> Record:
        """Read what was saved; a part that makes no sense counts as unknown."""
        kept = _mapping(saved)
        seen_on, day, count = kept.get("seen_on"), kept.get("day"), kept.get("count")
        return cls(
            own={
                str(row): [value for value in values if _is_plain(value)]
                for row, values in _mapping(kept.get("own")).items()
                if isinstance(values, list)
            },
            command=BatteryCommand.from_json(kept.get("command")),
            pending=BatteryCommand.from_json(kept.get("pending")),
            effects={
                CommandKind(kind): seen is True
                for kind, seen in _mapping(kept.get("effects")).items()
                if isinstance(kind, str) and kind in CommandKind
            },
            seen_on=seen_on if isinstance(seen_on, str) else None,
            day=day if isinstance(day, str) else "",
            count=count if isinstance(count, int) and not isinstance(count, bool) else 0,
        )


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _is_plain(value: Value | object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
