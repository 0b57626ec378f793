"""What is remembered about our commands to a Sigen plant: what was there before, and what we wrote."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ...engine.command import BatteryCommand, CommandKind
from ...engine.plant import Ownership
from ..control import Order
from .abilities import Seen
from .held import EXPORT, IMPORT, LIMITS, MODE, PV, REMOTE, Held
from .sequence import IN_REMOTE, SELF_CONSUMPTION
from .write_guards import same

STORED_WRITES_A_DAY = 250
"""Of one register: nobody knows whether it is stored in flash, so it counts as if it were."""
_OF_FIRMWARE = frozenset({Seen.LIMITS_GLOBAL, Seen.HOLD_BY_RESERVE, Seen.MODE_ONLY_IN_REMOTE})

type Registers = Mapping[str, float | str]


def registers_of(held: Held) -> dict[str, float | str]:
    """Give the registers by which a plant is commanded; the PV limit is not ours, we only look at it."""
    found: dict[str, float | str] = {name: value for name, value in held.limits.items() if name != PV}
    if held.remote is not None:
        found[REMOTE] = "on" if held.remote else "off"
    if held.control_mode is not None:
        found[MODE] = held.control_mode
    return found


@dataclass(slots=True, kw_only=True)
class Record:
    """Kept over restarts, on disk before the first write."""

    snapshot: Held | None = None
    """What the plant held before we came, until all of it was given back."""
    own: dict[str, list[float | str]] = field(default_factory=dict[str, list[float | str]])
    """Register → values that are ours: the one that was read back, then those on their way."""
    command: BatteryCommand | None = None
    """The last one that was read back."""
    pending: BatteryCommand | None = None
    """One whose writes have begun and not ended."""
    deferred: tuple[str, ...] = ()
    seen: set[Seen] = field(default_factory=set[Seen])
    effects: dict[CommandKind, bool] = field(default_factory=dict[CommandKind, bool])
    """Commands that were tried on this plant, and whether they had their effect."""
    firmware: str | None = None
    """The one that all this was seen on."""
    day: str = ""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    """Writes of this day (UTC) by register."""

    # Whose plant it is.

    def ownership(self, held: Held) -> Ownership:
        """Tell who controls the plant, by what it holds and what we know of it."""
        if held.work_mode == "vpp":
            return Ownership.OTHER_MASTER
        if held.remote is None:
            if self.command or self.pending:
                return Ownership.OURS
            return Ownership.FOREIGN if held.work_mode == IN_REMOTE.value else Ownership.FREE
        ours = self.own.get(REMOTE, [])
        if held.remote:
            return Ownership.OURS if "on" in ours and not self.differing(held) else Ownership.FOREIGN
        return Ownership.FOREIGN if self._taken_away(held, ours) else Ownership.FREE

    def _taken_away(self, held: Held, ours: list[float | str]) -> bool:
        """Tell whether somebody has ended a command of ours, or changed what it was left with."""
        if ours == ["on"]:
            return True
        if self.command is None or "on" in ours:
            return False
        moved = held.work_mode not in (SELF_CONSUMPTION, IN_REMOTE.value, None)
        return moved or bool(self.differing(held))

    def differing(self, held: Held) -> tuple[str, ...]:
        """Name the registers of ours that hold what we never wrote."""
        now = registers_of(held)
        return tuple(
            name
            for name, ours in self.own.items()
            if (value := now.get(name)) is not None and not any(_same(value, mine) for mine in ours)
        )

    def in_force(self, held: Held, modes: Mapping[CommandKind, str]) -> BatteryCommand | None:
        """Give the command that the plant obeys; of a sequence that was cut off, the one by its mode."""
        if self.pending is None:
            return self.command
        for command in (self.pending, self.command):
            if command is not None and held.remote and modes.get(command.kind) == held.control_mode:
                return command
        return self.command or (self.pending if held.remote else None)

    # What happens to it.

    def snapshot_for(self, held: Held) -> Held | None:
        """Give what a release will put back: what was found, not what we left there ourselves."""
        before = self.snapshot
        if held.remote is not False and before is not None:
            # Who lowers what flows over the grid while the plant is ours has a reason that outlasts us.
            grid = {name: held.limits[name] for name in (EXPORT, IMPORT) if self._changed(name, held)}
            return replace(before, limits=dict(before.limits) | grid)
        if held.remote is not False or before is None:
            return held if held.remote is False else None
        changed = {name: held.limits[name] for name in LIMITS if self._changed(name, held)}
        limits = dict(before.limits) | changed
        return replace(held, limits=limits, unset=before.unset - limits.keys() | held.unset)

    def _changed(self, name: str, held: Held) -> bool:
        """Tell whether somebody else has given this limit the value that it has."""
        value = held.limits.get(name)
        return value is not None and not any(_same(value, mine) for mine in self.own.get(name, ()))

    def begin(self, order: Order, command: BatteryCommand, held: Held) -> None:
        """Note what is about to be written."""
        self.snapshot = self.snapshot_for(held)
        self.pending = command
        for write in order.writes:
            ours = self.own.setdefault(write.name, [])
            if not ours and (now := registers_of(held).get(write.name)) is not None:
                ours.append(now)
            if write.value not in ours:
                ours.append(write.value)

    def settle(
        self, command: BatteryCommand, held: Held, *, named: Collection[str], deferred: tuple[str, ...]
    ) -> None:
        """Note that all of an order was read back; `named` registers hold limits of the owner."""
        self.pending, self.deferred = None, deferred
        if command.kind is CommandKind.RELEASE:
            self.command = None
            self._keep_left_behind(held)
            if not deferred:
                self.snapshot, self.own = None, {}
            return
        self.command = command
        now = registers_of(held)
        if not held.remote:
            kept = {REMOTE, *named, *(name for name in now if self._left_behind(name, held))}
            now = {name: value for name, value in now.items() if name in kept}
        self.own = {name: [value] for name, value in now.items()}

    def give_up(self, held: Held) -> None:
        """Give up the claim on a plant whose remote control somebody else has switched off."""
        if held.remote is False and (self.command or self.pending or "on" in self.own.get(REMOTE, ())):
            self.snapshot = self.snapshot_for(held)
            self.command = self.pending = None
            self._keep_left_behind(held)

    def _left_behind(self, name: str, held: Held) -> bool:
        """Tell whether a limit holds what we wrote, and not yet again what was found."""
        found = self.snapshot.limits.get(name) if self.snapshot else None
        now = held.limits.get(name)
        if found is None or now is None or same(found, now):
            return False
        return any(_same(now, mine) for mine in self.own.get(name, ()))

    def _keep_left_behind(self, held: Held) -> None:
        """Know for later which limits are still ours in a plant that is not."""
        self.own = {
            name: ours
            for name, ours in self.own.items()
            if name in LIMITS
            and (not held.read(name) or any(_same(held.limits.get(name, ""), mine) for mine in ours))
        }

    def on_firmware(self, firmware: str | None) -> None:
        """Forget what was seen of another firmware: it may behave differently."""
        if firmware is None or firmware == self.firmware:
            return
        if self.firmware is not None:
            self.seen -= _OF_FIRMWARE
            self.effects = {}
        self.firmware = firmware

    # The budget.

    def count(self, name: str, now: datetime) -> None:
        """Count one write."""
        self._turn_day(now)
        self.counts[name] = self.counts.get(name, 0) + 1

    def writes_today(self, now: datetime) -> int:
        """Give how many writes this day has seen."""
        self._turn_day(now)
        return sum(self.counts.values())

    def writes_left(self, now: datetime) -> int:
        """Give what is left of the register that was written most."""
        self._turn_day(now)
        return max(0, STORED_WRITES_A_DAY - max(self.counts.values(), default=0))

    def _turn_day(self, now: datetime) -> None:
        if (day := now.astimezone(UTC).date().isoformat()) != self.day:
            self.day, self.counts = day, {}

    # On disk.

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes."""
        return {
            "snapshot": None if self.snapshot is None else _held_to_json(self.snapshot),
            "own": {name: list(values) for name, values in self.own.items()},
            "command": None if self.command is None else self.command.to_json(),
            "pending": None if self.pending is None else self.pending.to_json(),
            "deferred": list(self.deferred),
            "seen": sorted(self.seen),
            "effects": {kind.value: seen for kind, seen in self.effects.items()},
            "firmware": self.firmware,
            "day": self.day,
            "counts": dict(self.counts),
        }

    @classmethod
    def from_json(cls, saved: object) -> Record:
        """Read what was saved; a part that makes no sense counts as unknown."""
        kept = _mapping(saved)
        firmware, day = kept.get("firmware"), kept.get("day")
        return cls(
            snapshot=_held_from_json(kept.get("snapshot")),
            own={
                str(name): [value for value in values if _is_value(value)]
                for name, values in _mapping(kept.get("own")).items()
                if isinstance(values, list)
            },
            command=BatteryCommand.from_json(kept.get("command")),
            pending=BatteryCommand.from_json(kept.get("pending")),
            deferred=tuple(name for name in _list(kept.get("deferred")) if name in LIMITS),
            seen={Seen(name) for name in _list(kept.get("seen")) if name in Seen},
            effects={
                CommandKind(kind): seen is True
                for kind, seen in _mapping(kept.get("effects")).items()
                if isinstance(kind, str) and kind in CommandKind
            },
            firmware=firmware if isinstance(firmware, str) else None,
            day=day if isinstance(day, str) else "",
            counts={
                str(name): count
                for name, count in _mapping(kept.get("counts")).items()
                if isinstance(count, int) and not isinstance(count, bool)
            },
        )


def _held_to_json(held: Held) -> dict[str, object]:
    return {
        "remote": held.remote,
        "work_mode": held.work_mode,
        "control_mode": held.control_mode,
        "limits": dict(held.limits),
        "unset": sorted(held.unset),
    }


def _held_from_json(saved: object) -> Held | None:
    kept = _mapping(saved)
    if not kept:
        return None
    remote, work_mode, control_mode = kept.get("remote"), kept.get("work_mode"), kept.get("control_mode")
    limits = {
        str(name): float(value)
        for name, value in _mapping(kept.get("limits")).items()
        if name in LIMITS and isinstance(value, int | float) and not isinstance(value, bool)
    }
    return Held(
        remote=remote if isinstance(remote, bool) else None,
        work_mode=work_mode if isinstance(work_mode, str) else None,
        control_mode=control_mode if isinstance(control_mode, str) else None,
        limits=limits,
        unset=frozenset(name for name in _list(kept.get("unset")) if name in LIMITS),
    )


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _is_value(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _same(one: float | str, other: float | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return same(one, other)
