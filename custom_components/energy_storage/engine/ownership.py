"""When we give way to somebody else, and when we come back."""

from dataclasses import replace
from datetime import timedelta

from .inputs import Inputs
from .memory import Standing
from .plant import Ownership
from .settings import Settings

_FOREIGN_READS = 2
_BACK = timedelta(minutes=10)


def stand(inputs: Inputs, settings: Settings, standing: Standing, *, engaged: bool) -> Standing:
    """Yield to another master at once, to other values when two readings agree or we held nothing.

    Come back after ten minutes without others, and only if the owner wants that.
    """
    if inputs.ownership is Ownership.OTHER_MASTER:
        return Standing(yielded=True, read_at=inputs.plant.read_at)
    if inputs.ownership is Ownership.FOREIGN:
        return standing if standing.taking_over else _suspect(inputs, standing, engaged=engaged)
    if not standing.yielded:
        done = standing.foreign_reads or (standing.taking_over and inputs.ownership is Ownership.OURS)
        return Standing() if done else standing
    if standing.back_since is None or inputs.now < standing.back_since:
        return replace(standing, foreign_reads=0, back_since=inputs.now)
    if settings.resume_by_itself and inputs.now - standing.back_since >= _BACK:
        return Standing()
    return standing


def _suspect(inputs: Inputs, standing: Standing, *, engaged: bool) -> Standing:
    reads, read_at = standing.foreign_reads, inputs.held_at or inputs.plant.read_at
    if standing.read_at != read_at:
        reads = min(reads + 1, _FOREIGN_READS)
    return Standing(
        foreign_reads=reads,
        read_at=read_at,
        yielded=standing.yielded or not engaged or reads >= _FOREIGN_READS,
    )


def may_write(inputs: Inputs, standing: Standing) -> bool:
    """Tell whether the plant is ours to write to."""
    if inputs.ownership is Ownership.OTHER_MASTER or standing.yielded:
        return False
    return inputs.ownership is not Ownership.FOREIGN or standing.taking_over
