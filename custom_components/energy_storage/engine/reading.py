"""Which reading can be believed, and how far."""

from dataclasses import dataclass, replace
from datetime import timedelta
import math

from .inputs import Inputs
from .memory import Belief
from .plant import Stage, reading_stage

_LEAP_PCT = 5.0
_CLOCK_SLACK = timedelta(seconds=-2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The state of charge that counts now, and its stage."""

    soc_pct: float
    stage: Stage
    age_s: float | None
    """None: there was never one."""


def look(inputs: Inputs, belief: Belief) -> tuple[Reading, Belief]:
    """Tell what is known. A leap of the SOC, or one out of range, is a missing reading."""
    belief = _believe(inputs, belief)
    if belief.soc_at is None or belief.soc_pct is None:
        return Reading(soc_pct=math.nan, stage=Stage.LOST, age_s=None), belief
    age = inputs.now - belief.soc_at
    stage = reading_stage(age, inputs.poll, inputs.lag)
    if stage is Stage.FRESH and (age < _CLOCK_SLACK or inputs.plant.clock_frozen):
        stage = Stage.STALE
    return Reading(soc_pct=belief.soc_pct, stage=stage, age_s=age.total_seconds()), belief


def known(value: float | None) -> float | None:
    """Give a number that can be calculated with, None otherwise."""
    return value if value is not None and math.isfinite(value) else None


def _believe(inputs: Inputs, belief: Belief) -> Belief:
    soc, read_at = inputs.plant.soc_pct, inputs.plant.read_at
    if soc is None or not 0 <= soc <= 100 or inputs.plant.clock_frozen:  # noqa: PLR2004  percent
        return belief
    if read_at in (belief.soc_at, belief.doubted_at):
        return belief
    last = belief.soc_pct
    confirmed = belief.doubted_pct is not None and abs(soc - belief.doubted_pct) <= _LEAP_PCT
    if last is None or abs(soc - last) <= _LEAP_PCT or confirmed:
        return Belief(soc_pct=soc, soc_at=read_at)
    return replace(belief, doubted_pct=soc, doubted_at=read_at)
