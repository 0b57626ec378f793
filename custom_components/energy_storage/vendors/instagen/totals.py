"""Powers of one inverter's live data as a whole, in watts with the signs as they came; pure."""

from collections.abc import Iterable

from .live_data import LiveData, Source

_MOST_W = 200_000
"""No device of such a plant has more."""


def whole[T: (int, float)](values: Iterable[T | None]) -> T | None:
    """Add up; None where one is unknown, or there is none."""
    total: T | None = None
    for value in values:
        if value is None:
            return None
        total = value if total is None else total + value
    return total


def sane_power(watts: int | None) -> int | None:
    """Give a power, None where no plant of this kind can have it."""
    return None if watts is None or abs(watts) > _MOST_W else watts


def battery_power(data: LiveData) -> int | None:
    """Give what the battery gives or takes."""
    return None if data.battery is None else sane_power(data.battery.power)


def inputs_power(data: LiveData) -> int | None:
    """Give what all PV inputs bring; idle ones read a little below 0."""
    total = whole(sane_power(one.power) for one in data.pv_inputs)
    return None if total is None else max(0, total)


def grid_power(data: LiveData) -> int | None:
    """Give what the grid meter shows; None without one that is online."""
    grid = data.grid
    if grid is None or grid.common is None or grid.common.meter_state != 1:
        return None
    return whole(sane_power(phase.active_power) for phase in grid.phases)


def load_power(data: LiveData) -> int | None:
    """Give what the house takes."""
    return None if data.load is None else whole(sane_power(phase.active_power) for phase in data.load.phases)


def source_power(source: Source | None) -> int | None:
    """Give what a generator or a third-party PV inverter brings."""
    return None if source is None else whole(sane_power(phase.active_power) for phase in source.phases)
