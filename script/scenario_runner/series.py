"""Load and sun over time: parts of a scenario that are added up."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.simulators.household import Household
from tests.simulators.sun import Roof, Sky

from .times import Clock, minutes_of

type Watts = Callable[[float], float]
"""Watts at a moment in epoch seconds."""


def series_of(written: float | Sequence[Mapping[str, Any]], clock: Clock) -> Watts:
    """Make the sum of all parts; a number is constant."""
    if isinstance(written, int | float):
        constant = float(written)
        return lambda _: constant
    parts = [_PARTS[name](part[name], clock) for part in written for name in part]
    if len(parts) == 1:
        return parts[0]
    return lambda epoch_s: sum([part(epoch_s) for part in parts])


def _constant(watts: float, _: Clock) -> Watts:
    return lambda _: watts


def _steps(rows: Sequence[Sequence[Any]], clock: Clock) -> Watts:
    """Hold each value until the next; before the first the first holds."""
    points = sorted((clock.epoch_s(at), float(watts)) for at, watts in rows)
    moments = [at for at, _ in points]
    return lambda epoch_s: points[max(0, bisect_right(moments, epoch_s) - 1)][1]


def _daily(rows: Sequence[Sequence[Any]], clock: Clock) -> Watts:
    """Hold each value until the next, every day alike in local time."""
    points = sorted((minutes_of(at) * 60.0, float(watts)) for at, watts in rows)
    moments = [at for at, _ in points]
    of_day = clock.seconds_of_day

    def at(epoch_s: float) -> float:
        return points[bisect_right(moments, of_day(epoch_s)) - 1][1]

    return at


def _pulses(row: Mapping[str, Any], clock: Clock) -> Watts:
    """Switch on and off in a part of each day, as a kettle or an oven does."""
    begin, end = minutes_of(row["from"]) * 60.0, minutes_of(row["to"]) * 60.0
    on_s, off_s, watts = row["on_s"], row.get("off_s", 0.0), float(row["watts"])
    of_day = clock.seconds_of_day

    def at(epoch_s: float) -> float:
        second = of_day(epoch_s)
        on = begin <= second < end and (second - begin) % (on_s + off_s) < on_s
        return watts if on else 0.0

    return at


def _household(row: Mapping[str, Any], clock: Clock) -> Watts:
    house = Household(row.get("seed", 1), year_kwh=row.get("year_kwh", 4500.0), time_zone=clock.zone)
    return house.load_w


def _sun(row: Mapping[str, Any], _: Clock) -> Watts:
    """A roof under a sky with seeded clouds."""
    roof = Roof(
        latitude=row.get("latitude", 52.5),
        longitude=row.get("longitude", 13.4),
        peak_w=row["peak_w"],
        azimuth_deg=row.get("azimuth_deg", 180.0),
    ).curve()
    sky = Sky(row.get("seed", 1), row.get("cloudiness", 0.0))

    def at(epoch_s: float) -> float:
        clear_w = roof.at(epoch_s)
        return clear_w * sky.transmission(epoch_s) if clear_w > 0 else 0.0

    return at


_PARTS: Mapping[str, Callable[[Any, Clock], Watts]] = {
    "constant": _constant,
    "steps": _steps,
    "daily": _daily,
    "pulses": _pulses,
    "household": _household,
    "sun": _sun,
}
