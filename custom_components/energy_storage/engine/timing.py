"""Hysteresis, easing and minimum times; pure, over what the memory keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
import math

from .command import BatteryCommand, CommandKind
from .decision import Reason
from .inputs import Inputs
from .memory import Cause, Eased, Pace

_UP_AFTER = timedelta(seconds=30)
_RESUME_PCT = 2.0
_LEAST_POWER_SHARE = 0.03
_LEAST_SOC_PCT = 2.0
_BETWEEN_WISHES = timedelta(seconds=60)
_WISH_AGAIN = timedelta(seconds=60)
_NARROWING_AGAIN = timedelta(seconds=10)
_RELEASE_AGAIN = timedelta(seconds=60)
_RATED_UNKNOWN_W = 3_000.0
_LAST_WRITE = 1
_SENDS_ENERGY = frozenset({CommandKind.CHARGE, CommandKind.DISCHARGE, CommandKind.FEED_IN})


def at_floor(soc_pct: float, floor_pct: float, *, was: bool) -> bool:
    """Tell whether a floor stops the battery: at it, and until 2 % above."""
    return soc_pct <= floor_pct or (was and soc_pct < floor_pct + _RESUME_PCT)


def at_ceiling(soc_pct: float, ceiling_pct: float, *, was: bool) -> bool:
    """Tell whether a ceiling stops the battery: at it, and until 2 % below."""
    return soc_pct >= ceiling_pct or (was and soc_pct > ceiling_pct - _RESUME_PCT)


def least_power_w(inputs: Inputs) -> float:
    """Give the smallest change of power that is worth a write: 3 % of what the plant is rated for."""
    return _LEAST_POWER_SHARE * (inputs.plant.rated_power_w or _RATED_UNKNOWN_W)


def elapsed(now: datetime, since: datetime | None, time: timedelta) -> bool:
    """Tell whether so much time has passed; a moment in the future means that a clock was set back."""
    return since is None or now < since or now - since >= time


@dataclass(slots=True)
class Easing:
    """Eases the measured limits of one step: down at once, up after 30 s, in steps worth a write."""

    before: Mapping[str, Eased]
    now: datetime
    least_w: float
    widening: bool
    """Whether the reading is good enough to let anything rise."""
    after: dict[str, Eased]

    def most(self, key: str, watts: float) -> float:
        """Ease a maximum: rounded down, it falls at once."""
        value = math.floor(watts / self.least_w) * self.least_w
        last = self.before.get(key)
        if last is None:
            eased = Eased(value)
        elif value <= last.value:
            eased = Eased(last.value) if value == last.value else Eased(value)
        elif not self.widening:
            eased = last
        else:
            eased = self._rise(last, value)
        self.after[key] = eased
        return eased.value

    def least(self, key: str, watts: float) -> float:
        """Ease a minimum: rounded up, it rises at once; with a poor reading it stays."""
        last = self.before.get(key)
        if not self.widening:
            return 0.0 if last is None else -self._keep(key, last).value
        return -self.most(key, -watts)

    def _keep(self, key: str, last: Eased) -> Eased:
        self.after[key] = last
        return last

    def _rise(self, last: Eased, value: float) -> Eased:
        since = last.rising_since
        if since is None or self.now < since:
            return Eased(last.value, self.now, value)
        lowest = min(last.lowest, value)
        if self.now - since >= _UP_AFTER:
            return Eased(lowest)
        return Eased(last.value, since, lowest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What becomes of a wish in time."""

    command: BatteryCommand
    write: bool
    reasons: tuple[Reason, ...] = ()


def shaped(
    wanted: BatteryCommand,
    held: BatteryCommand | None,
    pace: Pace,
    inputs: Inputs,
    cause: Cause,
    *,
    permitted: bool,
    modest: Callable[[], BatteryCommand],
) -> Shaped:
    """Put a wish off where it is not worth a write now; what narrows for a limit is never put off.

    `permitted`: the limits leave what is held as it is. `modest` gives `self_consume` as the limits
    leave it, for a day whose budget is spent.
    """
    reasons: tuple[Reason, ...] = ()
    spent = inputs.writes_left is not None and inputs.writes_left <= _LAST_WRITE
    if spent and wanted.kind is not CommandKind.RELEASE:
        reasons = (Reason("write_budget", left=inputs.writes_left),)
        wanted = modest()
        sends = held is not None and held.kind in _SENDS_ENERGY
        if permitted and inputs.writes_left == 0 and not sends:
            return Shaped(command=held or wanted, write=False, reasons=reasons)
    if wanted == held:
        return Shaped(command=wanted, write=False, reasons=reasons)
    if permitted and held is not None and not reasons:
        if _same(wanted, held, least_power_w(inputs)):
            return Shaped(command=held, write=False, reasons=(Reason("small_change"),))
        # One that was tried and is not held has failed: it stays the wish, and is not confirmed.
        new = wanted != pace.tried and cause == pace.cause
        if new and not elapsed(inputs.now, pace.changed_at, _BETWEEN_WISHES):
            return Shaped(command=held, write=False, reasons=(Reason("minimum_time"),))
    again = _WISH_AGAIN if permitted else _NARROWING_AGAIN
    if wanted == pace.tried and not elapsed(inputs.now, pace.tried_at, again):
        return Shaped(command=wanted, write=False, reasons=(*reasons, Reason("not_confirmed")))
    return Shaped(command=wanted, write=True, reasons=reasons)


def release_due(pace: Pace, now: datetime) -> bool:
    """Tell whether a release may be tried: once a minute."""
    return elapsed(now, pace.released_at, _RELEASE_AGAIN)


def decided(
    pace: Pace, command: BatteryCommand, cause: Cause, now: datetime, *, changed: bool, tried: bool
) -> Pace:
    """Note what was decided, for the times that start with it."""
    return Pace(
        command=command,
        changed_at=now if changed else pace.changed_at,
        cause=cause if changed or pace.cause is None else pace.cause,
        tried=command if tried else pace.tried,
        tried_at=now if tried else pace.tried_at,
        released_at=None if tried else pace.released_at,
    )


def released(pace: Pace, now: datetime) -> Pace:
    """Note that a release was given to the driver."""
    return replace(Pace(), cause=pace.cause, released_at=now)


def _same(one: BatteryCommand, other: BatteryCommand, least_w: float) -> bool:
    if one.kind is not other.kind:
        return False
    for name, least in _LEAST:
        mine, theirs = getattr(one, name), getattr(other, name)
        if (mine is None) is not (theirs is None):
            return False
        if mine is not None and abs(mine - theirs) >= (least or least_w):
            return False
    return True


_LEAST = tuple(
    (row.name, _LEAST_SOC_PCT if row.name.endswith("_soc_pct") else None)
    for row in fields(BatteryCommand)
    if row.name != "kind"
)
