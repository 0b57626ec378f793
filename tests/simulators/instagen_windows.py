"""Packed windows, date ranges and weekday masks of an Instagen stick, and the tariff of a moment."""

from datetime import datetime
from typing import Literal

from .instagen_messages import Message, Value

type Tariff = Literal["peak", "offpeak", "rest"]


def number(message: Message, name: str) -> float:
    """Return a member that is a number; 0 where it is missing."""
    value = message.get(name, 0)
    if not isinstance(value, int | float):
        raise TypeError(f"{name} is {value!r}")
    return value


def parts(message: Message, name: str) -> tuple[Message, ...]:
    """Return the messages of a member, one or many; none where it is missing."""
    value: Value = message.get(name, ())
    if isinstance(value, dict):
        return (value,)
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name} is {value!r}")
    return tuple(one for one in value if isinstance(one, dict))


def in_window(word: float, moment: datetime) -> bool:
    """Tell whether a local moment is inside; the end minute belongs to the window, 0 is no window."""
    start_hour, start_minute, end_hour, end_minute = int(word).to_bytes(4)
    if not word:
        return False
    start, end = 60 * start_hour + start_minute, 60 * end_hour + end_minute
    here = 60 * moment.hour + moment.minute
    return start <= here <= end if start <= end else here >= start or here <= end


def in_dates(word: float, moment: datetime) -> bool:
    """Tell whether a local day is inside a range of dates, which may pass the new year."""
    start_day, start_month, end_day, end_month = int(word).to_bytes(4)
    start, end, here = (start_month, start_day), (end_month, end_day), (moment.month, moment.day)
    return start <= here <= end if start <= end else here >= start or here <= end


def on_weekday(mask: float, moment: datetime) -> bool:
    """Tell whether the day of a local moment is in the mask, whose lowest bit is Monday."""
    return bool(int(mask) >> moment.weekday() & 1)


def tariff_at(dates: tuple[Message, ...], moment: datetime) -> Tariff | None:
    """Find the tariff of the first date range and weekday group that cover a local moment."""
    for date in dates:
        if not in_dates(number(date, "date_range"), moment):
            continue
        for week in parts(date, "week_group_1") + parts(date, "week_group_2"):
            if on_weekday(number(week, "weekday_mask"), moment):
                if in_window(number(week, "peak_window"), moment):
                    return "peak"
                return "offpeak" if in_window(number(week, "offpeak_window"), moment) else "rest"
    return None
