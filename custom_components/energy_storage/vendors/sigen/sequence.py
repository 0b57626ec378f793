"""The order in which a Sigen plant is entered, changed and left; any prefix of it is safe.

Limits that narrow come first, then the mode, then what widens. Leaving puts the mode back first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import math

from ...engine.plant import DeviceKind
from ..write import CommandRefusedError, Expected, RegisterWrite
from .abilities import PlantFacts, Seen
from .fleet import PLANT
from .held import (
    CHARGE,
    CHARGE_CUTOFF,
    DISCHARGE,
    DISCHARGE_CUTOFF,
    EXPORT,
    IMPORT,
    LIMITS,
    MODE,
    PV,
    REMOTE,
    RESERVE,
    Held,
    Installation,
    Reading,
)
from .write_guards import (
    CUTOFF_MARGIN_PCT,
    Refusal,
    down_to_step,
    highest_cutoff,
    make_write,
    refuse_stored_mode,
    same,
    up_to_step,
)

SELF_CONSUMPTION = "self_consumption"
IN_REMOTE = Expected(name="ems_work_mode", value="remote_ems")
_BELOW_SOC = (RESERVE, DISCHARGE_CUTOFF)
_RAISED_TO_NARROW = _BELOW_SOC

type Wanted = Mapping[str, float]
"""Limits by register: what the plant shall hold, in watts and percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan is made from, besides the command."""

    held: Held
    facts: PlantFacts
    reading: Reading
    snapshot: Held | None
    """What the plant held before we came; None when it was found under remote control."""
    installation: Installation


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """A limit that could not be put back yet."""

    name: str
    value: float | None
    """What it shall become; None when nobody knows what it was."""
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What hands a plant back, and what has to wait."""

    writes: tuple[RegisterWrite, ...]
    deferred: tuple[Deferred, ...] = ()


def baseline(now: Situation) -> dict[str, float]:
    """Give every limit as it is when no command needs another: what was named, what was found, the rating.

    A plant that nobody has taken over keeps what it has.
    """
    usual = dict(now.snapshot.limits) if now.snapshot else {}
    rated = {CHARGE: now.facts.rated_charge_w, DISCHARGE: now.facts.rated_discharge_w}
    taken_over = now.snapshot is not None or now.held.remote is not False
    for name, rating in rated.items():
        if rating is not None and taken_over:
            usual[name] = min(usual.get(name, rating), rating)
    usual |= {name: _on_safe_side(name, value) for name, value in now.installation.limits.items()}
    return {name: value for name, value in usual.items() if name in now.facts.offered}


def to_be_put_back(name: str, now: Situation) -> float:
    """Give what this limit goes back to: one that could not be put back is not changed."""
    if (value := baseline(now).get(name)) is None:
        raise CommandRefusedError(Refusal.NO_SNAPSHOT)
    return value


def _on_safe_side(name: str, value: float) -> float:
    if name in _RAISED_TO_NARROW:
        return up_to_step(value)
    return down_to_step(value) if name == CHARGE_CUTOFF else float(math.floor(value))


def carry_out(
    mode: str, special: Wanted, why: str, now: Situation, needed: tuple[str, ...] = (RESERVE,)
) -> tuple[RegisterWrite, ...]:
    """Enter remote EMS, narrow, set the mode, widen; a limit that is not special goes back to its usual."""
    held = now.held
    wanted = {name: value for name, value in baseline(now).items() if name != PV} | dict(special)
    changes = {
        name: wanted[name]
        for name in LIMITS
        if name in wanted and (name in special or not _unlimited(name, held)) and _differs(name, wanted, held)
    }
    before = [name for name in changes if _narrows(name, changes[name], held)]
    always = [name for name in before if name in (EXPORT, IMPORT)]
    enter = tuple(_enter(now))
    mode_now = SELF_CONSUMPTION if enter else held.control_mode

    def limits(names: list[str]) -> Iterator[RegisterWrite]:
        for name in names:
            required = name in needed and name in special
            yield from _limit(
                name, changes[name], why if name in special else "usual", now, required=required
            )

    return (
        *limits(always),
        *enter,
        *limits([name for name in before if name not in always]),
        *((_ems(MODE, mode, why),) if mode_now != mode else ()),
        *limits([name for name in changes if name not in before]),
    )


def _enter(now: Situation) -> Iterator[RegisterWrite]:
    """Take remote EMS over the harmless mode; it is in force some seconds after it was switched on.

    Where the mode is refused before that, this is remembered and the next plan writes it right after.
    """
    held = now.held
    if held.remote:
        if held.work_mode != IN_REMOTE.value:
            raise CommandRefusedError(Refusal.REMOTE_NOT_IN_FORCE)
        return
    if now.snapshot is None or now.snapshot.remote is not False:
        raise CommandRefusedError(Refusal.NO_SNAPSHOT)
    late = Seen.MODE_ONLY_IN_REMOTE in now.facts.seen
    harmless = held.control_mode == SELF_CONSUMPTION
    if late:
        refuse_stored_mode(held)
    elif not harmless:
        yield _ems(MODE, SELF_CONSUMPTION, "enter")
    yield _ems(REMOTE, "on", "enter", wait_for=IN_REMOTE)
    if late and not harmless:
        yield _ems(MODE, SELF_CONSUMPTION, "enter")


def leave(wanted: Wanted, now: Situation, *, short: bool = False) -> Release:
    """Put the mode back, then the limits, then switch remote EMS off."""
    held = now.held
    writes: list[RegisterWrite] = []
    deferred: list[Deferred] = []
    foreign = held.work_mode == "vpp"
    if held.remote is not False and held.control_mode != SELF_CONSUMPTION and not foreign:
        writes.append(_ems(MODE, SELF_CONSUMPTION, "leave"))
    # Whoever has changed the PV limit had a reason; we never write it.
    ours = (name for name in LIMITS if name != PV and name in now.facts.offered)
    for name in (name for name in ours if not _unlimited(name, held)):
        value = wanted.get(name)
        if value is None and name in (CHARGE, DISCHARGE) and held.remote is not False:
            deferred.append(Deferred(name=name, value=None, code=Refusal.VALUE_UNKNOWN))
        if value is None or not _differs(name, wanted, held):
            continue
        if code := _why_not_now(name, value, now, short=short, foreign=foreign):
            deferred.append(Deferred(name=name, value=value, code=code))
        if code in (None, Refusal.SOC_TOO_LOW):
            writes += _limit(name, value, "leave", now)
    if held.remote is not False and not foreign:
        writes.append(_ems(REMOTE, "off", "leave"))
    return Release(writes=tuple(writes), deferred=tuple(deferred))


def _why_not_now(name: str, value: float, now: Situation, *, short: bool, foreign: bool) -> Refusal | None:
    """Tell why a limit is not put back, or not wholly, in this release."""
    if foreign:
        return Refusal.OTHER_MASTER
    if short and name not in (CHARGE, DISCHARGE):
        return Refusal.LATER
    if name not in _BELOW_SOC:
        return None
    try:
        return None if value <= highest_cutoff(now.reading) else Refusal.SOC_TOO_LOW
    except CommandRefusedError as err:
        return Refusal(err.code)


def _limit(
    name: str, value: float, why: str, now: Situation, *, required: bool = False
) -> Iterator[RegisterWrite]:
    """Write a limit; what must stay below the SOC is kept there, or left for later unless it is required.

    Raises:
        CommandRefusedError: it is required and cannot be written now.

    """
    if name not in _BELOW_SOC:
        bound = name in (CHARGE, DISCHARGE) and not now.held.remote and not now.facts.limits_global
        yield _ems(name, value, why, may_be_refused=bound and why == "leave")
        return
    try:
        highest = highest_cutoff(now.reading)
    except CommandRefusedError:
        if required:
            raise
        return
    held = now.held.limits.get(name)
    # At the SOC a reserve does what it is for; a cut-off above it would charge from the grid.
    above = 2 * CUTOFF_MARGIN_PCT if name == RESERVE else CUTOFF_MARGIN_PCT
    if value <= highest or (held is not None and held > highest + above):
        yield _ems(name, min(value, highest), why, below_soc=True)


def _differs(name: str, wanted: Wanted, held: Held) -> bool:
    now = held.limits.get(name)
    return now is None or not same(now, wanted[name])


def _unlimited(name: str, held: Held) -> bool:
    """Tell whether a power limit was never set: it is as good as the rating, and cannot be unset again."""
    return name in (CHARGE, DISCHARGE) and name in held.unset


def _narrows(name: str, value: float, held: Held) -> bool:
    now = held.limits.get(name)
    if now is None:
        return True
    return value > now if name in _RAISED_TO_NARROW else value < now


def _ems(
    name: str,
    value: float | str,
    why: str,
    *,
    below_soc: bool = False,
    may_be_refused: bool = False,
    wait_for: Expected | None = None,
) -> RegisterWrite:
    return make_write(
        DeviceKind.PLANT,
        PLANT,
        name,
        value,
        why,
        below_soc=below_soc,
        may_be_refused=may_be_refused,
        wait_for=wait_for,
    )
