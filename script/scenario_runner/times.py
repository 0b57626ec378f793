"""How a scenario says when: local wall time on its first day, on a later one, or with a date."""

from datetime import UTC, datetime, timedelta
import re
from zoneinfo import ZoneInfo

_DAILY = re.compile(r"(?:(\d+) )?(\d\d):(\d\d)(?::(\d\d))?")
_QUARTER_S = 900


def minutes_of(text: str) -> float:
    """Give the minutes of a time of day, 00:00 to 24:00."""
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)


class Clock:
    """The scenario's beginning, and what its times mean."""

    def __init__(self, start: str, zone: str) -> None:
        """Begin at a local moment."""
        self.zone = ZoneInfo(zone)
        self.start = self._local(datetime.fromisoformat(start))
        self.start_s = self.start.timestamp()
        self._quarter = -1
        self._offset_s = 0.0

    def epoch_s(self, text: str) -> float:
        """Give the moment of `06:30`, `2 06:30` (second day), or `2026-10-25T02:30+01:00`."""
        found = _DAILY.fullmatch(text)
        if found is None:
            return self._local(datetime.fromisoformat(text)).timestamp()
        day = self.start.astimezone(self.zone).date() + timedelta(days=int(found[1] or 1) - 1)
        hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
        extra, hour = divmod(hour, 24)
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=self.zone)
        return (local + timedelta(days=extra)).timestamp()

    def seconds_of_day(self, epoch_s: float) -> float:
        """Give the local second of the day; zones change their offset at quarters of an hour at most."""
        if (quarter := int(epoch_s) // _QUARTER_S) != self._quarter:
            self._quarter = quarter
            offset = datetime.fromtimestamp(epoch_s, self.zone).utcoffset()
            self._offset_s = offset.total_seconds() if offset else 0.0
        return (epoch_s + self._offset_s) % 86_400

    def text(self, epoch_s: float) -> str:
        """Write a moment as people there do."""
        return f"{datetime.fromtimestamp(epoch_s, self.zone):%m-%d %H:%M:%S}"

    def _local(self, moment: datetime) -> datetime:
        aware = moment if moment.utcoffset() is not None else moment.replace(tzinfo=self.zone)
        return aware.astimezone(UTC)
