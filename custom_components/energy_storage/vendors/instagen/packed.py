"""Values that the stick packs into one number; no I/O. Source: our protocol facts, section 5.1."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

NOT_SET = 0
"""A window from 00:00 to 00:00, which is none."""

_MOST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS = 7


@dataclass(frozen=True, slots=True)
class Window:
    """A time of day to another one; may wrap midnight.

    In a tariff the stick's end minute still belongs to the window: 04:30 is followed by a start at 04:31.
    """

    start: time
    end: time

    def packed(self) -> int:
        """Give start hour, start minute, end hour, end minute as the bytes of one number."""
        return _pack(self.start.hour, self.start.minute, self.end.hour, self.end.minute)

    @classmethod
    def of(cls, packed: int) -> Self | None:
        """Take a window apart; None where none is set.

        Raises:
            ValueError: there is no such time of day.

        """
        if packed == NOT_SET:
            return None
        start_hour, start_minute, end_hour, end_minute = _unpack(packed)
        return cls(time(start_hour, start_minute), time(end_hour, end_minute))


@dataclass(frozen=True, slots=True)
class DateRange:
    """A day of the year to another one, both included, each as (day, month)."""

    start: tuple[int, int]
    end: tuple[int, int]

    def __post_init__(self) -> None:
        """Refuse days that no year has.

        Raises:
            ValueError: there is no such day.

        """
        for day, month in (self.start, self.end):
            if not (1 <= month <= len(_MOST_DAYS) and 1 <= day <= _MOST_DAYS[month - 1]):
                raise ValueError(f"no year has day {day} of month {month}")

    def packed(self) -> int:
        """Give start day, start month, end day, end month as the bytes of one number."""
        return _pack(*self.start, *self.end)

    @classmethod
    def of(cls, packed: int) -> Self:
        """Take a date range apart.

        Raises:
            ValueError: there is no such day.

        """
        start_day, start_month, end_day, end_month = _unpack(packed)
        return cls((start_day, start_month), (end_day, end_month))


def weekday_mask(weekdays: Collection[int]) -> int:
    """Give the bits of weekdays, 0 is Monday.

    Raises:
        ValueError: there is no such weekday.

    """
    if not all(0 <= day < _WEEKDAYS for day in weekdays):
        raise ValueError(f"not all of {sorted(weekdays)} are weekdays")
    return sum(1 << day for day in set(weekdays))


def weekdays_of(mask: int) -> frozenset[int]:
    """Give the weekdays of a mask, 0 is Monday."""
    return frozenset(day for day in range(_WEEKDAYS) if mask >> day & 1)


def price(amount: float) -> int:
    """Give a price per kWh in hundredths of the currency, rounded.

    Raises:
        ValueError: it is negative or too high; the stick has no negative prices.

    """
    hundredths = int(Decimal(str(amount)).scaleb(2).quantize(Decimal(1), ROUND_HALF_UP))
    if not 0 <= hundredths < 1 << 31:
        raise ValueError(f"{amount} is no price that the stick can hold")
    return hundredths


def _pack(*numbers: int) -> int:
    return int.from_bytes(bytes(numbers))


def _unpack(packed: int) -> bytes:
    if not 0 <= packed < 1 << 32:
        raise ValueError(f"{packed} holds no four bytes")
    return packed.to_bytes(4)
