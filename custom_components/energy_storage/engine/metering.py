"""What flows through the grid connection: as the plant says, and a faster meter beside it."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from .command import CommandKind
from .inputs import Inputs, Metered, MeterUse
from .memory import Doubt
from .plant import GridState, MeterReading, PerPhase, Stage, reading_stage
from .reading import known

_CLOCK_SLACK = timedelta(seconds=-2)
_DISAGREE_W = 500.0
_AGREE_W = 200.0
"""What both must show at least, the same way, to speak for each other."""
_CONVINCED_AFTER = timedelta(minutes=1)
_CONVINCED_BY = 3
_SAME_MOMENT = timedelta(seconds=5)
OBEYED_AFTER = timedelta(seconds=10)
"""So long after a write the battery may still be on its way."""
_RATED_UNKNOWN_W = 50_000.0


class GridSample(NamedTuple):
    """Power through the grid connection at one moment, import positive; None is unknown."""

    power_w: float | None
    phase_power_w: PerPhase
    battery_w: tuple[float, float] | None
    """The least and the most that the battery gave then, charging negative."""


def judge(inputs: Inputs, was: Doubt) -> tuple[Inputs, MeterUse | None, Doubt]:
    """Tell whether limits follow the meter; where they do not, it is left out of the inputs."""
    meter = inputs.meter
    if meter is None:
        return inputs, None, Doubt()
    doubt = _compared(inputs, meter, was)
    use = _use(inputs, meter, doubt)
    if use is MeterUse.IN_USE:
        times = [meter.react_s]
        if _enough(inputs, meter.readings[-1]):  # whichever is sooner says it
            times.append(inputs.react_s)
        react_s = min((time_s for time_s in times if time_s is not None), default=None)
        return replace(inputs, react_s=react_s), use, doubt
    return replace(inputs, meter=None), use, doubt


def grid_samples(inputs: Inputs) -> tuple[GridSample, ...]:
    """Give what the plant said last, and what a meter in use has said since.

    The battery's power is that of the plant's reading. So everything since counts, not the newest
    alone: what the battery has done meanwhile is no change of the house. Only after a write of ours it
    may have moved as far as that let it, which is given the benefit of the doubt: then no more is taken
    back than what really flows too much. And since the plant's own reading counts, too, no meter ever
    leaves more than the plant alone would.
    """
    plant, meter = inputs.plant, inputs.meter
    battery = known(plant.battery_power_w)
    still = None if battery is None else (battery, battery)
    own = GridSample(plant.grid_power_w, plant.grid_phase_power_w, still)
    if meter is None:
        return (own,)
    since, moved = plant.read_at - inputs.lag, _moved(inputs, battery)
    heard = [reading for reading in meter.readings if reading.read_at >= since] or meter.readings[-1:]
    return (
        own,
        *(
            GridSample(
                reading.power_w,
                reading.phase_power_w,
                moved if inputs.wrote_at is None or reading.read_at >= inputs.wrote_at else still,
            )
            for reading in heard
        ),
    )


def _moved(inputs: Inputs, battery_w: float | None) -> tuple[float, float] | None:
    """Give between which powers the battery may be by now, when the plant has not told it since a write."""
    if battery_w is None:
        return None
    told = inputs.wrote_at is None or inputs.plant.read_at - inputs.lag >= inputs.wrote_at + OBEYED_AFTER
    if told:
        return battery_w, battery_w
    low, high = _reach(inputs)
    return min(battery_w, low), max(battery_w, high)


def _reach(inputs: Inputs) -> tuple[float, float]:
    """Give what the battery may do under what the plant holds."""
    held, rated = inputs.held, known(inputs.plant.rated_power_w) or _RATED_UNKNOWN_W
    if held is None:
        return -rated, rated
    power = rated if held.power_w is None else held.power_w
    match held.kind:
        case CommandKind.CHARGE:
            return -power, 0.0
        case CommandKind.DISCHARGE | CommandKind.FEED_IN:
            return 0.0, power
        case CommandKind.HOLD:
            return -rated, 0.0
        case CommandKind.IDLE:
            return 0.0, 0.0
        case _:
            return -rated, rated


def _use(inputs: Inputs, meter: Metered, doubt: Doubt) -> MeterUse:
    age = inputs.now - meter.readings[-1].read_at if meter.readings else timedelta.max
    if age < _CLOCK_SLACK or reading_stage(age, meter.interval) is not Stage.FRESH:
        return MeterUse.LATE
    if doubt.disagrees:
        return MeterUse.DISAGREES
    if meter.interval > inputs.poll + inputs.lag and _enough(inputs, meter.readings[-1]):
        return MeterUse.SLOW
    return MeterUse.IN_USE


def _enough(inputs: Inputs, reading: MeterReading) -> bool:
    """Tell whether the plant says by itself all that the meter says."""
    plant = inputs.plant
    phases = zip(plant.grid_phase_power_w, reading.phase_power_w, strict=True)
    by_phase = all(known(own) is not None or known(metered) is None for own, metered in phases)
    return known(plant.grid_power_w) is not None and by_phase


def _compared(inputs: Inputs, meter: Metered, was: Doubt) -> Doubt:
    """Compare each reading of the plant, once, with what the meter said then."""
    plant = inputs.plant
    own = known(plant.grid_power_w)
    on_grid = plant.grid_state in (GridState.ON_GRID, GridState.UNKNOWN)
    if own is None or not on_grid or plant.clock_frozen or plant.read_at == was.read_at:
        return was
    metered = _then(inputs, meter)
    if metered is None:
        return was
    was = replace(was, read_at=plant.read_at)
    if own * metered < 0 and abs(own - metered) > _DISAGREE_W:
        disagrees = True
    elif own * metered > 0 and min(abs(own), abs(metered)) > _AGREE_W:
        disagrees = False
    else:
        return was
    if disagrees is was.disagrees:
        return replace(was, since=None, count=0)
    since, count = was.since or plant.read_at, was.count + 1
    if count >= _CONVINCED_BY and plant.read_at - since > _CONVINCED_AFTER:
        return Doubt(disagrees=disagrees, read_at=plant.read_at)
    return replace(was, since=since, count=count)


def _then(inputs: Inputs, meter: Metered) -> float | None:
    """Give what the meter said when the plant was read; None if it said nothing about then."""
    near = max(_SAME_MOMENT, meter.interval) + inputs.lag
    apart = [(abs(reading.read_at - inputs.plant.read_at), reading.power_w) for reading in meter.readings]
    close = [(distance, power) for distance, power in apart if distance <= near and known(power) is not None]
    return min(close, key=lambda pair: pair[0])[1] if close else None
