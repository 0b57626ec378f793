"""Windows of the day in local wall time, as owners write them down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
import re
from typing import override

DAY_MIN = 24 * 60
_MINUTE = timedelta(minutes=1)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")


class DocumentError(ValueError):
    """A document that makes no sense; names the field, the value and what is allowed there."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        """Keep what is needed to tell whoever wrote it."""
        super().__init__(f"{field}: {value!r} is not allowed; allowed is {allowed}")
        self.field, self.value, self.allowed = field, value, allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of each day, [start, end) in minutes; one whose end lies before its start wraps midnight."""

    start_min: int
    end_min: int

    @property
    def wraps(self) -> bool:
        """Whether it goes on after midnight."""
        return self.end_min <= self.start_min

    def begins_today(self, minute: int) -> bool:
        """Tell whether it holds at this minute of the day on which it began."""
        return self.start_min <= minute and (self.wraps or minute < self.end_min)

    def goes_on(self, minute: int) -> bool:
        """Tell whether it holds at this minute of the day after."""
        return self.wraps and minute < self.end_min

    def covers(self, minute: int) -> bool:
        """Tell whether it holds at this minute, where every day has it."""
        return self.begins_today(minute) or self.goes_on(minute)

    def parts(self) -> tuple[tuple[int, int], ...]:
        """Give it as ranges that do not wrap."""
        if not self.wraps:
            return ((self.start_min, self.end_min),)
        return ((self.start_min, DAY_MIN), *(((0, self.end_min),) if self.end_min else ()))

    @override
    def __str__(self) -> str:
        """Write it as people do."""
        return f"{as_time(self.start_min)}-{as_time(self.end_min)}"


def window_of(field: str, start: object, end: object) -> Window:
    """Read a window; `field` names where it stands.

    Raises:
        DocumentError: a time is none, or the window is empty.

    """
    begin = minutes_of(f"{field}.start", start)
    if begin == DAY_MIN:
        raise DocumentError(f"{field}.start", start, "00:00 to 23:59")
    finish = minutes_of(f"{field}.end", end)
    if begin == finish % DAY_MIN and finish != DAY_MIN:
        raise DocumentError(f"{field}.end", end, f"any time but the start, {as_time(begin)}")
    return Window(start_min=begin, end_min=finish)


def minutes_of(field: str, text: object) -> int:
    """Read a time of day, 00:00 to 24:00.

    Raises:
        DocumentError: it is none.

    """
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else DAY_MIN + 1  # noqa: PLR2004  an hour
    if minutes > DAY_MIN:
        raise DocumentError(field, text, "00:00 to 24:00")
    return minutes


def as_time(minutes: int) -> str:
    """Write minutes as a time of day."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def overlap(windows: Iterable[Window]) -> tuple[Window, Window] | None:
    """Give two windows of one day plan of which both hold at some minute; None where none do."""
    parts = [(part, window) for window in windows for part in window.parts()]
    for (earlier, one), (later, other) in pairwise(sorted(parts, key=lambda each: each[0])):
        if later[0] < earlier[1]:
            return one, other
    return None


def local(now: datetime, zone: tzinfo) -> tuple[date, int]:
    """Give the day and its minute that a clock on the wall shows at this moment."""
    wall = now.astimezone(zone)
    return wall.date(), wall.hour * 60 + wall.minute


def moments(day: date, minute: int, zone: tzinfo) -> Iterator[datetime]:
    """Give the moments, UTC, at which the clock on the wall shows this: none, one, or two of them."""
    if minute == DAY_MIN:
        day, minute = day + timedelta(days=1), 0
    seen: set[datetime] = set()
    for fold in (0, 1):
        wall = datetime.combine(day, time(minute // 60, minute % 60), zone).replace(fold=fold)
        moment = wall.astimezone(UTC)
        if moment not in seen and moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            seen.add(moment)
            yield moment


def jumps(day: date, zone: tzinfo) -> Iterator[datetime]:
    """Give the moment, UTC, at which the clock on the wall is changed on this day, where it is."""
    before, after = (
        datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=1))
    )
    old, new = (moment.astimezone(zone).utcoffset() for moment in (before, after))
    if old == new:
        return
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    yield after
