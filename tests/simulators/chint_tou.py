"""The time-of-use resolver of a simulated ECH: which action its tables give for a moment.

The order is holiday, season, the first weekly category, the DEFAULT base mode, self-use [assumed].
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from .chint_settings import in_window

_MODE_WORDS, _WEEK_WORDS, _SEASON_WORDS, _HOLIDAY_WORDS, _PERIOD_WORDS = 32, 8, 4, 2, 3
_MOST_PERIODS = 8
_DEFAULT = 1


class Action(IntEnum):
    """What a period asks for."""

    SELF_USE = 0
    CHARGE = 1
    DISCHARGE = 2
    HOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The words of the four tables, as the device holds them."""

    base_modes: Sequence[int]
    weeks: Sequence[int]
    seasons: Sequence[int]
    holidays: Sequence[int]

    def action(self, now: datetime) -> Action:
        """Return what holds at this moment of the device's own time."""
        for mode in self._candidates(now):
            record = _record(self.base_modes, mode, _MODE_WORDS)
            if record and record[0]:
                return _action_of(record, now)
        return Action.SELF_USE

    def _candidates(self, now: datetime) -> Iterator[int]:
        """Give base modes, the strongest claim first; an empty one leaves it to the next."""
        today = now.month << 8 | now.day
        for day, mode in _records(self.holidays, _HOLIDAY_WORDS):
            if day == today:
                yield mode
        for start, end, week, enabled in _records(self.seasons, _SEASON_WORDS):
            if enabled and _in_season(start, end, today):
                yield from self._of_weekday(week, now)
        yield from self._of_weekday(0, now)
        for index, record in enumerate(_records(self.base_modes, _MODE_WORDS)):
            if record[0] == _DEFAULT:
                yield index

    def _of_weekday(self, week: int, now: datetime) -> Iterator[int]:
        if record := _record(self.weeks, week, _WEEK_WORDS):
            yield record[now.weekday()]


def _action_of(record: Sequence[int], now: datetime) -> Action:
    for period in range(min(record[1], _MOST_PERIODS)):
        start, end, action = record[2 + _PERIOD_WORDS * period :][:_PERIOD_WORDS]
        if in_window(start, end, now):
            return Action(action) if action in list(Action) else Action.SELF_USE
    return Action.SELF_USE


def _in_season(start: int, end: int, today: int) -> bool:
    """Tell whether a date lies between two others, both included, over the new year too."""
    return start <= today <= end if start <= end else today >= start or today <= end


def _records(words: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for place in range(0, len(words), size):
        yield words[place : place + size]


def _record(words: Sequence[int], index: int, size: int) -> Sequence[int]:
    return words[index * size : (index + 1) * size]
