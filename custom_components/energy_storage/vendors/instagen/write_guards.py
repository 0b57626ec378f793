"""What may never be told an Instagen plant: each rule is one small function, and plans are made of them."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
import math

from ...engine.command import Limit
from ..control import DeviceLimits
from ..write import CommandRefusedError
from .user_set import FULL_POWER, LOWEST_RESERVE_PCT, BatteryMode, UserSet, check

WRITE_SPACING_S = 60.0
WRITES_A_DAY = 40
"""Each message is stored in flash, as far as anybody knows."""
SOC_AGE_S = 120.0
"""The stick renews what it tells every 10 to 30 s, and is asked once in 35 s or less often."""
RATCHET_PCT = 5
"""A battery that is held gives back up to so much of what the sun has put on top."""
RATCHET_S = 600.0
MOST_METER_W = 100_000
FLOORS = frozenset({Limit.DISCHARGE_CUTOFF, Limit.BACKUP_RESERVE})
"""Limits that the reserve of a plant can hold."""
_AT_REST_W = 50.0
_MARGIN_PCT = 1.0
_GIVING_MARGIN_PCT = 2.0
_FLOOR_MARGIN_PCT = 1.0
_FULL_PCT = 100
_MODES = frozenset(
    {
        BatteryMode.SELF_CONSUMPTION,
        BatteryMode.OFF_GRID,
        BatteryMode.FORCE_CHARGE,
        BatteryMode.FORCE_DISCHARGE,
        BatteryMode.PEAK_SHAVING,
    }
)
_OF_OWNER = frozenset({BatteryMode.SELF_CONSUMPTION, BatteryMode.ECONOMY})


class Refusal(StrEnum):
    """Why a command is not carried out."""

    BELOW_MINIMUM = "below_minimum"
    BY_DEVICE = "refused_by_device"
    GRID_LOST = "grid_lost"
    HALTED = "halted"
    LINK_LOST = "link_lost"
    LOAD_UNKNOWN = "load_unknown"
    MODE_REFUSED = "mode_refused"
    """The firmware did not take this mode; it is not asked again."""
    NEEDS_FRESH_SOC = "needs_fresh_soc"
    NO_EFFECT = "no_effect"
    """It was tried on this plant, and nothing came of it."""
    NOT_HELD = "not_held"
    """The device took the message, and the battery does something else."""
    NOT_SUPPORTED = "not_supported"
    NO_CEILINGS = "no_ceilings"
    """A maximum was asked for that no message can say."""
    PROGRAM_REFUSED = "program_refused"
    """The firmware did not take what the owner wants it to run without us."""
    RATINGS_UNKNOWN = "ratings_unknown"
    SOC_AT_FLOOR = "soc_at_floor"
    SOC_TOO_LOW = "soc_too_low"
    SOC_UNKNOWN = "soc_unknown"
    TARGET_REACHED = "target_reached"
    WRITE_SPACING = "write_spacing"
    """It is less than a minute since the last message."""
    WRITE_BUDGET = "write_budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the plant measured last, as far as it decides about messages."""

    soc_pct: float | None = None
    soc_age_s: float = math.inf
    off_grid: bool = False
    battery_w: float | None = None
    """Discharging is positive."""


def commanded(program: UserSet) -> UserSet:
    """Give the program, if a command may send it: modes 2, 3 and 8 belong to the owner.

    Raises:
        ValueError: it is not whole, out of range, or not for us.

    """
    check(program)
    if program.mode not in _MODES:
        raise ValueError(f"mode {program.mode} is never commanded")
    return program


def owners(program: UserSet) -> UserSet:
    """Give the program, if an owner may name it for the time without us: no forced mode, no island.

    Raises:
        ValueError: it is not whole, out of range, or nothing to leave a plant alone with.

    """
    check(program)
    if program.mode not in _OF_OWNER:
        raise ValueError(f"mode {program.mode} is no program to be left alone with")
    return program


def least_reserve(limits: DeviceLimits) -> int:
    """Give the reserve that keeps the owner's floors: rounded up, and never below the lowest there is."""
    floors = (limits.get(Limit.DISCHARGE_CUTOFF, 0.0), limits.get(Limit.BACKUP_RESERVE, 0.0))
    return min(_FULL_PCT, max(LOWEST_RESERVE_PCT, *map(math.ceil, floors)))


def reserve_that_holds(reading: Reading, floor: int) -> int:
    """Give a reserve that the battery is at, or just above; rounded down, for above the SOC it might charge.

    Raises:
        CommandRefusedError: the SOC is unknown, too old, or below every reserve.

    """
    soc_pct = known_soc(reading)
    if not 0 <= reading.soc_age_s <= SOC_AGE_S:
        raise CommandRefusedError(Refusal.NEEDS_FRESH_SOC, age_s=reading.soc_age_s)
    if soc_pct < LOWEST_RESERVE_PCT:
        raise CommandRefusedError(Refusal.SOC_TOO_LOW, soc_pct=soc_pct)
    resting = reading.battery_w is not None and reading.battery_w <= _AT_REST_W
    margin = _MARGIN_PCT if resting else _GIVING_MARGIN_PCT
    return max(floor, LOWEST_RESERVE_PCT, math.floor(soc_pct - margin))


def share_of(watts: float | None, rated_w: float | None) -> int:
    """Give a power as the steps of `max_power`, rounded down; None is all there is.

    Raises:
        CommandRefusedError: nobody knows the rating, or not even one step is left.

    """
    if watts is None:
        return FULL_POWER
    if not rated_w:
        raise CommandRefusedError(Refusal.RATINGS_UNKNOWN)
    share = math.floor(min(watts, rated_w) * FULL_POWER / rated_w + 1e-6)
    if share < 1:
        raise CommandRefusedError(Refusal.BELOW_MINIMUM, value=watts, minimum=rated_w / FULL_POWER)
    return share


def target_of(target_pct: float | None) -> int:
    """Give where a charge ends, rounded down.

    Raises:
        CommandRefusedError: the device has no target so low.

    """
    target = math.floor(_FULL_PCT if target_pct is None else min(target_pct, _FULL_PCT))
    if target < LOWEST_RESERVE_PCT:
        raise CommandRefusedError(Refusal.BELOW_MINIMUM, value=target, minimum=LOWEST_RESERVE_PCT)
    return target


def refuse_reached(target: int, soc_pct: float) -> None:
    """Refuse a charge to a target at which the battery is."""
    if soc_pct >= target:
        raise CommandRefusedError(Refusal.TARGET_REACHED, soc_pct=soc_pct, target_pct=target)


def floor_of(floor_pct: float | None, least: int) -> int:
    """Give where a discharge ends, rounded up, never below the owner's floors."""
    return min(_FULL_PCT, max(least, math.ceil(floor_pct or 0.0)))


def refuse_at_floor(floor: int, soc_pct: float) -> None:
    """Refuse a discharge to a floor at which the battery is, or nearly."""
    if soc_pct - floor < _FLOOR_MARGIN_PCT:
        raise CommandRefusedError(Refusal.SOC_AT_FLOOR, soc_pct=soc_pct, floor_pct=floor)


def known_soc(reading: Reading) -> float:
    """Give the SOC.

    Raises:
        CommandRefusedError: it is unknown.

    """
    if reading.soc_pct is None:
        raise CommandRefusedError(Refusal.SOC_UNKNOWN)
    return reading.soc_pct


def exempt(new: UserSet, may_run: Collection[UserSet], soc_pct: float | None) -> bool:
    """Tell whether a message may not have to wait for its minute, nor for tomorrow's budget.

    That is what narrows all that may run, and what ends a mode that sends energy somewhere.
    """
    plain = new.mode == BatteryMode.SELF_CONSUMPTION
    if plain and any(old.mode != BatteryMode.SELF_CONSUMPTION for old in may_run):
        return True
    return bool(may_run) and all(old != new and narrows(new, old, soc_pct) for old in may_run)


def narrows(new: UserSet, old: UserSet, soc_pct: float | None) -> bool:
    """Tell whether a program lets nothing flow that the one before does not, nor ends later."""
    mine, theirs = _flows(new, soc_pct), _flows(old, soc_pct)
    if any(one > other for one, other in zip(mine, theirs, strict=True)):
        return False
    charges, gives = mine[0] > 0, mine[1] > 0 or mine[2] > 0
    lower_target = not charges or _ceiling(new) <= _ceiling(old)
    return lower_target and (not gives or (new.reserve_soc or 0) >= (old.reserve_soc or 0))


def _flows(program: UserSet, soc_pct: float | None) -> tuple[float, float, float]:
    """Give the most that flows from the grid to the battery, from it to the house, from it to the grid."""
    most, power = math.inf, float(program.max_power or 0)
    match program.mode:
        case BatteryMode.SELF_CONSUMPTION:
            at_reserve = soc_pct is not None and soc_pct <= (program.reserve_soc or 0)
            return 0.0, 0.0 if at_reserve else most, 0.0
        case BatteryMode.FORCE_CHARGE:
            return power, 0.0, 0.0
        case BatteryMode.FORCE_DISCHARGE:
            return 0.0, power, power
        case BatteryMode.PEAK_SHAVING:
            return most, most, 0.0
        case BatteryMode.OFF_GRID:
            return 0.0, most, 0.0
    return most, most, most


def _ceiling(program: UserSet) -> int:
    reserve = program.reserve_soc or 0
    return reserve if program.mode == BatteryMode.FORCE_CHARGE else (program.peak_max_soc or _FULL_PCT)
