"""What the commissioning check tries on a plant, when it can, and how it tells an effect; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import math
from statistics import median
from typing import Final

from .engine import Settings
from .engine.command import CommandKind
from .engine.override import Parameter
from .engine.plant import PlantState

MODE_OF: Final[Mapping[CommandKind, str]] = {
    CommandKind.SELF_CONSUME: "self_consumption",
    CommandKind.HOLD: "hold",
    CommandKind.IDLE: "standby",
    CommandKind.CHARGE: "force_charge",
    CommandKind.DISCHARGE: "force_discharge",
}
"""The mode that has a command carried out."""
TRIED: Final = (CommandKind.HOLD, CommandKind.IDLE, CommandKind.CHARGE, CommandKind.DISCHARGE)
STOPS: Final = frozenset({CommandKind.HOLD, CommandKind.IDLE})
"""Commands that are seen by the battery no longer serving the house."""
ASKED_W: Final = 1_000.0
"""Of charging and discharging at most: enough to be seen, little enough for every house."""

_LEAST_LOAD_W = 200.0
"""Below this, a battery that gives nothing proves nothing."""
_AT_REST_W = 100.0
_LEAST_SEEN_W = 200.0
_STOPS_BELOW_PCT = 1.0
_SOC_RANGE = (20.0, 90.0)
_ABOVE_FLOOR_PCT = 3.0
_CHARGED_PCT = 3.0
_DISCHARGED_PCT = 2.0
_ENOUGH = 3
"""Readings that a median is taken of."""
_HALF, _MOST, _NEXT_TO_NOTHING = 0.5, 1.5, 0.2


class Verdict(StrEnum):
    """What became of a trial."""

    PROVEN = "proven"
    NO_EFFECT = "no_effect"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, and the code of what kept it from being another."""

    verdict: Verdict
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One reading during a trial."""

    battery_w: float
    """Discharging is positive."""
    deficit_w: float | None
    """What the house lacks without the battery; negative where the sun has too much."""


PROVEN: Final = Judgement(verdict=Verdict.PROVEN)
NO_EFFECT: Final = Judgement(verdict=Verdict.NO_EFFECT)


def not_now(why: str) -> Judgement:
    """Say that nothing could be seen, and why."""
    return Judgement(verdict=Verdict.NOT_NOW, why=why)


def sample_of(state: PlantState) -> Sample | None:
    """Take what a trial looks at; None where the battery is silent."""
    if state.battery_power_w is None:
        return None
    sun, load = state.pv_power_w, state.load_power_w
    other = state.third_party_pv_power_w or 0.0
    deficit = None if sun is None or load is None else load - sun - other
    return Sample(battery_w=state.battery_power_w, deficit_w=deficit)


def obstacle(kind: CommandKind, state: PlantState, settings: Settings) -> str | None:
    """Say why a command cannot be tried now, as a code."""
    soc = state.soc_pct
    if soc is None:
        return "soc_unknown"
    charging = kind is CommandKind.CHARGE
    low, high = _SOC_RANGE
    floor = max(settings.discharge_cutoff_soc_pct, settings.backup_reserve_soc_pct)
    if charging and (soc > high or soc + 1 > settings.charge_cutoff_soc_pct):
        return "soc_too_high_to_try"
    if not charging and (soc < low or soc < floor + _ABOVE_FLOOR_PCT):
        return "soc_too_low_to_try"
    available = state.available_charge_power_w if charging else state.available_discharge_power_w
    if available is not None and available < ASKED_W:
        return "battery_limits_itself"
    return None


def parameters(kind: CommandKind, state: PlantState, settings: Settings) -> dict[str, Parameter]:
    """Give the numbers that a command is tried with."""
    soc, sample = state.soc_pct or 0.0, sample_of(state)
    deficit_w = 0.0 if sample is None or sample.deficit_w is None else sample.deficit_w
    if kind is CommandKind.CHARGE:
        target = min(settings.charge_cutoff_soc_pct, math.ceil(soc + _CHARGED_PCT))
        return {"power_w": _unlike(-deficit_w), "target_soc_pct": target, "from_grid": True}
    if kind is CommandKind.DISCHARGE:
        return {
            "power_w": _unlike(deficit_w),
            "floor_soc_pct": float(math.floor(soc - _DISCHARGED_PCT)),
        }
    return {}


def _unlike(by_itself_w: float) -> float:
    """Choose a power that is told from what the battery does by itself: half of that, if it is near."""
    near = _HALF * ASKED_W <= by_itself_w <= _MOST * ASKED_W
    return round(_HALF * by_itself_w) if near else ASKED_W


def serves(samples: Sequence[Sample]) -> bool:
    """Tell whether the battery gave the house what it lacked, so that one sees when it stops."""
    battery_w, deficit_w = _medians(samples)
    return deficit_w is not None and deficit_w > _LEAST_LOAD_W and battery_w > _HALF * deficit_w


def may_still_stop(kind: CommandKind, samples: Sequence[Sample], fallen_pct: float) -> bool:
    """Tell whether a battery that gives on may be on its way to stop.

    Some plants hold at a charge just below the present one, so it has to fall a little first.
    """
    battery_w, _ = _medians(samples)
    return kind is CommandKind.HOLD and battery_w > _AT_REST_W and fallen_pct < _STOPS_BELOW_PCT


def may_still_begin(kind: CommandKind, samples: Sequence[Sample], asked_w: float | None) -> bool:
    """Tell whether a battery at rest may be about to move: what takes no power takes effect by a clock."""
    battery_w, _ = _medians(samples)
    return kind not in STOPS and asked_w is None and abs(battery_w) <= _NEXT_TO_NOTHING * ASKED_W


def fallen(before_pct: float | None, now_pct: float | None) -> float:
    """Give how far the charge has fallen; as far as is unknown, far enough for everything."""
    return math.inf if before_pct is None or now_pct is None else before_pct - now_pct


def judge(kind: CommandKind, samples: Sequence[Sample], asked_w: float | None) -> Judgement:
    """Tell whether a command did what it should; None asked for all that the battery can.

    Of charging and discharging only where the battery would not have done the same by itself.
    """
    if len(samples) < _ENOUGH:
        return not_now("no_readings")
    battery_w, deficit_w = _medians(samples)
    if deficit_w is None:
        return not_now("load_unknown")
    if kind in STOPS:
        return _judge_stop(kind, battery_w, deficit_w)
    sign = -1 if kind is CommandKind.CHARGE else 1
    if asked_w is None:
        return _judge_full_flow(sign * battery_w, sign * deficit_w)
    if asked_w < _LEAST_SEEN_W:
        return not_now("limited")
    return _judge_flow(sign * battery_w, sign * deficit_w, asked_w)


def _judge_stop(kind: CommandKind, battery_w: float, deficit_w: float) -> Judgement:
    if deficit_w <= _LEAST_LOAD_W:
        return not_now("no_load")
    charged_w = -battery_w if kind is CommandKind.IDLE else 0.0
    if max(battery_w, charged_w) <= _AT_REST_W:
        return PROVEN
    return NO_EFFECT if battery_w >= _HALF * deficit_w else not_now("unclear")


def _judge_flow(flow_w: float, by_itself_w: float, asked_w: float) -> Judgement:
    low, high = _HALF * asked_w, _MOST * asked_w
    if low <= by_itself_w <= high:
        return not_now("same_by_itself")
    if low <= flow_w <= high:
        return PROVEN
    clear = flow_w > high or flow_w < _NEXT_TO_NOTHING * asked_w
    return NO_EFFECT if clear else not_now("unclear")


def _judge_full_flow(flow_w: float, by_itself_w: float) -> Judgement:
    if flow_w >= max(0.0, by_itself_w) + _HALF * ASKED_W:
        return PROVEN
    little = _NEXT_TO_NOTHING * ASKED_W
    if by_itself_w > little:
        return not_now("same_by_itself")
    return NO_EFFECT if flow_w <= little else not_now("unclear")


def _medians(samples: Sequence[Sample]) -> tuple[float, float | None]:
    """Give the medians; the deficit's is None when it is unknown once."""
    if not samples:
        return 0.0, None
    deficits = [sample.deficit_w for sample in samples if sample.deficit_w is not None]
    battery_w = median(sample.battery_w for sample in samples)
    return battery_w, median(deficits) if len(deficits) == len(samples) else None
