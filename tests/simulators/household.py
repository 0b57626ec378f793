"""What a household takes: a daily shape, a fridge, seeded appliances, and a murmur that never stops."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from .curves import Curve, noise, uniform

_STEP_S = 20
_HOURS_PER_YEAR = 8_766
_SHAPE_OF_DAY = (
    *(0.45, 0.40, 0.38, 0.38, 0.40, 0.55, 0.95, 1.25, 1.15, 1.00, 0.95, 1.05),
    *(1.20, 1.05, 0.95, 0.95, 1.05, 1.30, 1.70, 1.90, 1.75, 1.45, 1.00, 0.65),
)
"""Share of the mean load at each full hour."""
_APPLIANCES = (
    (0.9, 6.6, 1.0, 240, 2_000),
    (0.6, 15.0, 2.0, 240, 2_000),
    (0.7, 11.5, 1.5, 1_500, 1_800),
    (0.8, 17.5, 1.5, 2_400, 2_200),
    (0.5, 9.0, 6.0, 3_000, 1_300),
    (0.4, 19.5, 1.5, 4_200, 1_100),
    (0.7, 6.0, 16.0, 600, 1_500),
)
"""Chance a day, earliest hour, hours of choice, seconds on, watts."""
_APPLIANCES_WH_PER_DAY = sum(chance * seconds * watts / 3600 for chance, _, _, seconds, watts in _APPLIANCES)
_FRIDGE_W = 90.0
_FRIDGE_ON_S = 900
_FRIDGE_CYCLE_S = 2_700


class Household:
    """Load of a house whose consumption over a year is about what it is said to be."""

    def __init__(self, seed: int, *, year_kwh: float, time_zone: ZoneInfo) -> None:
        """The same seed is the same family: every moment has one load."""
        self._seed = seed
        self._time_zone = time_zone
        mean_w = year_kwh * 1000 / _HOURS_PER_YEAR
        self._scale = min(1.0, mean_w / 350)
        """A small consumer has smaller appliances too."""
        rest_w = mean_w - self._scale * (
            _APPLIANCES_WH_PER_DAY / 24 + _FRIDGE_W * _FRIDGE_ON_S / _FRIDGE_CYCLE_S
        )
        self._shaped_w = max(0.0, rest_w)
        self._curve = Curve(lambda index: self._slow_w(index * _STEP_S), _STEP_S)
        self._murmur = noise(seed + 10, 13)
        self._mood = noise(seed + 11, 1_800)
        self._runs = lru_cache(maxsize=4)(self._runs_of_day)

    def load_w(self, epoch_s: float) -> float:
        """Power at this moment."""
        mood = 0.75 + 0.5 * self._mood.at(epoch_s)
        murmur_w = 40 * self._scale * (self._murmur.at(epoch_s) - 0.5)
        return max(0.0, self._curve.at(epoch_s) * mood + murmur_w)

    def _slow_w(self, epoch_s: int) -> float:
        local = datetime.fromtimestamp(epoch_s, self._time_zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        left = local.hour
        shape = _SHAPE_OF_DAY[left] + (_SHAPE_OF_DAY[(left + 1) % 24] - _SHAPE_OF_DAY[left]) * (hour - left)
        running_w = sum(watts for begin, end, watts in self._runs(local.toordinal()) if begin <= hour < end)
        fridge_w = _FRIDGE_W if epoch_s % _FRIDGE_CYCLE_S < _FRIDGE_ON_S else 0.0
        return self._shaped_w * shape + self._scale * (running_w + fridge_w)

    def _runs_of_day(self, day: int) -> tuple[tuple[float, float, float], ...]:
        """Begin and end in hours of the day, and watts, of what is switched on that day."""
        runs = []
        for place, (chance, earliest, choice, seconds, watts) in enumerate(_APPLIANCES):
            dice = day * 2 * len(_APPLIANCES) + 2 * place
            if uniform(self._seed + 12, dice) < chance:
                begin = earliest + choice * uniform(self._seed + 12, dice + 1)
                runs.append((begin, begin + seconds / 3600, watts))
        return tuple(runs)
