"""What a battery should be doing under a program, and whether a reading agrees; pure.

No message of the stick tells which mode it runs, so what the battery does is the only witness there is.
Source: our protocol facts, sections 5 and 7; manual of the Hoymiles HAT-5.0HV-EUG1, printed pages 46 and 47.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...engine.plant import GridState, PlantState
from .user_set import FULL_POWER, LOWEST_RESERVE_PCT, BatteryMode, UserSet

_LEAST_TOLERANCE_W = 150.0
_TOLERANCE_SHARE = 0.05
"""Of rated power: battery and loads are not measured in the same moment."""
_RATED_UNKNOWN_W = 5_000.0
_NEAR_PCT = 2.0
"""So near to its end a program may do the one or the other."""
_HOLDS_WITHIN_PCT = 7.0
_TAPERS_ABOVE_PCT = 90.0
_CARED_FOR_BELOW_PCT = 15.0
"""A battery so low may be charged to look after it, whatever it was told."""
_EXACT = 1.1
_MOSTLY = 0.7
_CAN_W = 500.0
"""A battery that allows less than this may have reasons of its own to do nothing."""


class Agreement(StrEnum):
    """What a reading says about a program."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a judgement looks at; powers in watts, discharging is positive."""

    battery_w: float
    deficit_w: float
    """What the house lacks without the battery; negative where the sun has too much."""
    soc_pct: float
    pv_w: float = 0.0
    rated_w: float | None = None
    can_give_w: float | None = None
    """What the battery itself allows; None is unknown."""
    can_take_w: float | None = None

    @property
    def tolerance_w(self) -> float:
        """How far from what is expected a power may be without meaning anything."""
        return max(_LEAST_TOLERANCE_W, _TOLERANCE_SHARE * self.most_w)

    @property
    def most_w(self) -> float:
        """What the battery may be charged or discharged with at most."""
        return self.rated_w or _RATED_UNKNOWN_W

    @property
    def surplus_w(self) -> float:
        """What the sun has too much, ≥ 0."""
        return max(0.0, -self.deficit_w)

    @property
    def lack_w(self) -> float:
        """What the house lacks, ≥ 0."""
        return max(0.0, self.deficit_w)


@dataclass(frozen=True, slots=True)
class Span:
    """The battery power that is expected, from most charging to most discharging."""

    low_w: float
    high_w: float


def seen_in(state: PlantState) -> Seen | None:
    """Take what a judgement looks at from a reading; None where it says nothing about any program.

    Without the grid the battery does what the island needs, whatever it was told.
    """
    known = (state.battery_power_w, state.load_power_w, state.pv_power_w, state.soc_pct)
    battery_w, load_w, pv_w, soc_pct = known
    if battery_w is None or load_w is None or pv_w is None or soc_pct is None:
        return None
    if state.grid_state is not GridState.ON_GRID or state.clock_frozen:
        return None
    return Seen(
        battery_w=battery_w,
        deficit_w=load_w - pv_w - (state.third_party_pv_power_w or 0.0),
        soc_pct=soc_pct,
        pv_w=max(0.0, pv_w),
        rated_w=state.rated_power_w,
        can_give_w=state.available_discharge_power_w,
        can_take_w=state.available_charge_power_w,
    )


def agreement(program: UserSet, seen: Seen) -> Agreement:
    """Tell what a reading says about a program."""
    span = expected(program, seen)
    if span is None:
        return Agreement.UNCLEAR
    beyond_w = max(span.low_w - seen.battery_w, seen.battery_w - span.high_w)
    if beyond_w <= seen.tolerance_w:
        return Agreement.AGREES
    return Agreement.CONTRADICTS if beyond_w > 2 * seen.tolerance_w else Agreement.UNCLEAR


def expected(program: UserSet, seen: Seen) -> Span | None:
    """Give what the battery should be doing; None where the program leaves that open."""
    rule = None if program.mode is None else _RULES.get(BatteryMode(program.mode))
    return None if rule is None else rule(program, seen)


def opposite(program: UserSet, seen: Seen) -> UserSet:
    """Give the plain program that is least like this one: a reading that agrees with both tells nothing.

    A reserve not far below the SOC is there to hold, though the battery still serves the house.
    """
    above_pct = seen.soc_pct - _end(program)
    serves = program.mode == BatteryMode.SELF_CONSUMPTION and above_pct >= _HOLDS_WITHIN_PCT
    reserve = 100 if serves else LOWEST_RESERVE_PCT
    return UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=reserve)


def stands(program: UserSet, seen: Seen) -> bool:
    """Tell whether the battery stands at the very reserve that was told, in a house that could use it."""
    at_reserve = (
        program.mode == BatteryMode.SELF_CONSUMPTION and abs(seen.soc_pct - _end(program)) < _NEAR_PCT
    )
    return at_reserve and abs(seen.battery_w) <= seen.tolerance_w and seen.lack_w > 2 * seen.tolerance_w


def _self_consumption(program: UserSet, seen: Seen) -> Span:
    """Serve the house down to the reserve, store what is left over, and never charge from the grid."""
    return _served(seen, seen.lack_w, seen.lack_w, above_pct=seen.soc_pct - _end(program))


def _peak_shaving(program: UserSet, seen: Seen) -> Span:
    """Give what the import exceeds its maximum by; the battery may be filled up to its peak SOC."""
    excess_w = max(0.0, seen.lack_w - (program.peak_meter_power or 0))
    span = _served(seen, excess_w, seen.lack_w, above_pct=seen.soc_pct - _end(program))
    fills = program.peak_max_soc is not None and seen.soc_pct < program.peak_max_soc + _NEAR_PCT
    return Span(-seen.most_w, span.high_w) if fills else span


def _served(seen: Seen, least_w: float, most_w: float, *, above_pct: float) -> Span:
    """Give what a battery does that serves the house above its reserve."""
    low_w = -seen.most_w if seen.soc_pct < _CARED_FOR_BELOW_PCT else -seen.surplus_w
    if above_pct <= -_NEAR_PCT:
        return Span(low_w, 0.0)
    if above_pct >= _NEAR_PCT and least_w > 0 and _allows(seen.can_give_w):
        low_w = _MOSTLY * min(least_w, seen.can_give_w or 0.0, seen.most_w)
    return Span(low_w, most_w)


def _force_charge(program: UserSet, seen: Seen) -> Span:
    """Charge with so much to the end, then keep it."""
    power_w, below_pct = _power(program, seen), _end(program) - seen.soc_pct
    most_w = max(power_w, seen.surplus_w) * _EXACT
    if below_pct <= -1:
        return Span(-seen.surplus_w, seen.lack_w)
    if below_pct < _NEAR_PCT:
        return Span(-most_w, seen.lack_w)
    if _allows(seen.can_take_w) and seen.soc_pct < _TAPERS_ABOVE_PCT:
        return Span(-most_w, -_MOSTLY * min(power_w, seen.can_take_w or 0.0))
    return Span(-most_w, 0.0)


def _force_discharge(program: UserSet, seen: Seen) -> Span:
    """Discharge with so much to the end, as far as the sun leaves room in the inverter; then keep it."""
    power_w, above_pct = _power(program, seen), seen.soc_pct - _end(program)
    most_w = max(power_w, seen.lack_w) * _EXACT
    low_w = -seen.most_w if seen.soc_pct < _CARED_FOR_BELOW_PCT else -seen.surplus_w
    if above_pct <= -_NEAR_PCT:
        return Span(low_w, 0.0)
    if above_pct < _NEAR_PCT:
        return Span(low_w, most_w)
    room_w = seen.most_w - seen.pv_w
    if room_w <= 0 or not _allows(seen.can_give_w):
        return Span(-max(0.0, -room_w), most_w)
    return Span(_MOSTLY * min(power_w, seen.can_give_w or 0.0, room_w), most_w)


def _allows(watts: float | None) -> bool:
    return watts is not None and watts >= _CAN_W


def _end(program: UserSet) -> float:
    return float(program.reserve_soc or 0)


def _power(program: UserSet, seen: Seen) -> float:
    return (program.max_power or 0) / FULL_POWER * seen.most_w


_RULES: Mapping[BatteryMode, Callable[[UserSet, Seen], Span]] = {
    BatteryMode.SELF_CONSUMPTION: _self_consumption,
    BatteryMode.FORCE_CHARGE: _force_charge,
    BatteryMode.FORCE_DISCHARGE: _force_discharge,
    BatteryMode.PEAK_SHAVING: _peak_shaving,
}
"""Not the owner's own programs, which follow his clock and prices, nor an island."""
