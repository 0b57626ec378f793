"""Curves over time: seeded noise and series that a test gives, each a pure function of the moment."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime

type Series = Callable[[datetime], float]
"""A value for every moment."""

_MASK = (1 << 64) - 1


def series(points: Sequence[tuple[datetime, float]]) -> Series:
    """Hold each value until the next point; before the first point its value holds."""
    ordered = sorted(points)
    moments = [moment for moment, _ in ordered]

    def at(moment: datetime) -> float:
        return ordered[max(0, bisect_right(moments, moment) - 1)][1]

    return at


def clamp(value: float, low: float, high: float) -> float:
    """Bring a value between two bounds."""
    return low if value < low else min(value, high)


def uniform(seed: int, index: int) -> float:
    """Draw a number in [0, 1) that depends on seed and index alone."""
    bits = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return (bits ^ (bits >> 31)) / (_MASK + 1)


class Curve:
    """Straight lines between points that are computed every so many seconds."""

    def __init__(self, value_at: Callable[[int], float], spacing_s: float) -> None:
        """Take the value at each index; index n lies at n times the spacing, in epoch seconds."""
        self._value_at = value_at
        self._spacing_s = spacing_s
        self._index: int | None = None
        self._left = self._right = 0.0

    def at(self, epoch_s: float) -> float:
        """Value at this moment."""
        place = epoch_s / self._spacing_s
        index = int(place)
        if index != self._index:
            self._left = self._right if index - 1 == self._index else self._value_at(index)
            self._right = self._value_at(index + 1)
            self._index = index
        return self._left + (self._right - self._left) * (place - index)


def noise(seed: int, spacing_s: float) -> Curve:
    """Wander between 0 and 1, with a new direction every so many seconds."""
    return Curve(lambda index: uniform(seed, index), spacing_s)
