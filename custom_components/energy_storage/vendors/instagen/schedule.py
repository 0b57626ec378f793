"""Our schedule as the economy program of an Instagen plant, for an owner who wants that without us; pure.

Source: our protocol facts, sections 5.1 and 5.2: up to four date ranges, each with two groups of weekdays,
each group with one window to charge (off-peak), one to discharge (peak), and plain self-consumption else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
import math

from ..schedule import Schedule, SchedulePeriod
from ..write import CommandRefusedError
from .packed import NOT_SET, DateRange, Window, price, weekday_mask
from .user_set import BatteryMode, TariffDate, TariffWeek, UserSet
from .write_guards import owners

_MOST_RANGES = 4
_GROUPS = 2
_DAY_MIN = 24 * 60
_HOUR_MIN = 60
_SHORTEST_MIN = 2
"""One whose last minute is its first would read as none."""
_LEAP_YEAR = 2024
_CALENDARS_REPEAT = 28
_WEEKDAYS = tuple(range(7))
_WORKDAYS = 5
_CHARGE, _DISCHARGE, _PLAIN = "charge", "discharge", "self_consumption"
_DEFAULT_PLAN = "default_plan"


class Misfit(StrEnum):
    """Why a schedule cannot be written into the plant."""

    TOO_MANY_RANGES = "schedule_too_many_ranges"
    TOO_MANY_DAY_PLANS = "schedule_too_many_day_plans"
    """Of one part of the year."""
    TOO_MANY_WINDOWS = "schedule_too_many_windows"
    """A day would charge or discharge twice."""
    HOLDS = "schedule_holds"
    NUMBERS = "schedule_numbers"
    """A period has a power or a target of its own."""
    GAP = "schedule_gap_default_plan"
    MISSING = "schedule_missing"
    """There is none."""
    WRAPS = "schedule_wraps"
    """A window goes on into a day of the other group; whose it is then, nobody knows."""
    TOO_SHORT = "schedule_window_too_short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Per kWh of peak, off-peak and the rest: buying, selling. The plant shows them, as far as is known."""

    peak: tuple[float, float]
    off_peak: tuple[float, float]
    rest: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Day:
    """What a day of the economy program has; a window in minutes, its end not in it."""

    charge: tuple[int, int] | None
    discharge: tuple[int, int] | None

    @property
    def wraps(self) -> bool:
        """Whether something goes on after midnight."""
        return any(each is not None and each[1] <= each[0] for each in (self.charge, self.discharge))


type _Week = tuple[_Day, ...]
"""Of Monday to Sunday."""


def economy[P: SchedulePeriod](schedule: Schedule[P], prices: Prices, *, reserve: int) -> UserSet:
    """Give the economy program that does what a schedule says.

    The plant knows no holidays, and a gap is plain self-consumption. A 29 February is like the day before.

    Raises:
        CommandRefusedError: with a code of `Misfit`; the plant cannot run this schedule.

    """
    ranges = list(_ranges(schedule))
    if len(ranges) > _MOST_RANGES:
        raise CommandRefusedError(Misfit.TOO_MANY_RANGES, count=len(ranges), most=_MOST_RANGES)
    if schedule.gap == _DEFAULT_PLAN and len({day for _, week in ranges for day in week}) > 1:
        raise CommandRefusedError(Misfit.GAP)
    floors = [period.floor_soc_pct or 0.0 for period in _periods(schedule)]
    return owners(
        UserSet(
            mode=BatteryMode.ECONOMY,
            reserve_soc=max(reserve, *map(math.ceil, floors), 0),
            tariff_dates=tuple(_tariff(dates, week, prices) for dates, week in ranges),
        )
    )


def _year() -> Iterator[date]:
    """Give all days but the one that most years lack."""
    first = date(_LEAP_YEAR, 1, 1)
    days = (first + timedelta(days=number) for number in range(366))
    return (day for day in days if (day.month, day.day) != (2, 29))


def _periods[P: SchedulePeriod](schedule: Schedule[P]) -> Iterator[P]:
    plans = {schedule.plan_of(day, ()) for day in _year()}
    return (period for plan in plans for period in plan)


def _ranges[P: SchedulePeriod](schedule: Schedule[P]) -> Iterator[tuple[DateRange, _Week]]:
    """Give the parts of the year in which one week is like the other."""
    known: dict[tuple[P, ...], _Day] = {}

    def week_of(day: date) -> _Week:
        week: dict[int, _Day] = {}
        for plan, weekday in _plans_around(schedule, day):
            if plan not in known:
                known[plan] = _day(plan)
            week[weekday] = known[plan]
        return tuple(week[weekday] for weekday in _WEEKDAYS)

    start, last, held = None, None, None
    for day in _year():
        week = week_of(day)
        if start is not None and last is not None and held is not None and week != held:
            yield _dates(start, last), held
            start = day
        start, last, held = start or day, day, week
    if start is not None and last is not None and held is not None:
        yield _dates(start, last), held


def _plans_around[P: SchedulePeriod](schedule: Schedule[P], day: date) -> Iterator[tuple[tuple[P, ...], int]]:
    """Give the plans that each weekday has on this day of the year, by years in which it falls on them."""
    for year in range(_LEAP_YEAR, _LEAP_YEAR + _CALENDARS_REPEAT):
        same = date(year, day.month, day.day)
        yield schedule.plan_of(same, ()), same.weekday()


def _dates(start: date, end: date) -> DateRange:
    """Give a range of days; one that ends with February ends with its longest."""
    last = (29, 2) if (end.month, end.day) == (2, 28) else (end.day, end.month)
    return DateRange((start.day, start.month), last)


def _day(plan: Iterable[SchedulePeriod]) -> _Day:
    plan = tuple(plan)
    for period in plan:
        _refuse_numbers(period)
        if period.action not in (_CHARGE, _DISCHARGE, _PLAIN):
            raise CommandRefusedError(Misfit.HOLDS)
    return _Day(_window(plan, _CHARGE), _window(plan, _DISCHARGE))


def _refuse_numbers(period: SchedulePeriod) -> None:
    numbers = (
        period.max_power_w,
        period.target_soc_pct,
        period.max_import_w,
        period.max_export_w,
        period.grid_to_battery_w,
        period.battery_to_grid_w,
    )
    if any(number is not None for number in numbers):
        raise CommandRefusedError(Misfit.NUMBERS)


def _window(plan: Iterable[SchedulePeriod], action: str) -> tuple[int, int] | None:
    """Give the one window in which a day does this, joined from periods that touch."""
    windows = [[p.window.start_min, p.window.end_min] for p in plan if p.action == action]
    joined: list[list[int]] = []
    for window in sorted(windows):
        if joined and joined[-1][1] == window[0]:
            joined[-1][1] = window[1]
        else:
            joined.append(window)
    if len(joined) > 1:
        raise CommandRefusedError(Misfit.TOO_MANY_WINDOWS, count=len(joined))
    if not joined:
        return None
    start, end = joined[0]
    if (end - start) % _DAY_MIN < _SHORTEST_MIN and end - start != _DAY_MIN:
        raise CommandRefusedError(Misfit.TOO_SHORT)
    return start, end


def _tariff(dates: DateRange, week: _Week, prices: Prices) -> TariffDate:
    groups = _grouped(week)
    first, second = (
        TariffWeek(
            weekday_mask=weekday_mask(days),
            peak_window=_packed(day.discharge),
            peak_buy=price(prices.peak[0]),
            peak_sell=price(prices.peak[1]),
            offpeak_window=_packed(day.charge),
            offpeak_buy=price(prices.off_peak[0]),
            offpeak_sell=price(prices.off_peak[1]),
            rest_buy=price(prices.rest[0]),
            rest_sell=price(prices.rest[1]),
        )
        for days, day in groups
    )
    return TariffDate(date_range=dates.packed(), week_group_1=first, week_group_2=second)


def _grouped(week: _Week) -> list[tuple[tuple[int, ...], _Day]]:
    """Share the weekdays among two groups; where all are alike, as the maker's app does."""
    by_day: Mapping[_Day, list[int]] = {day: [] for day in week}
    for weekday, day in enumerate(week):
        by_day[day].append(weekday)
    if len(by_day) > _GROUPS:
        raise CommandRefusedError(Misfit.TOO_MANY_DAY_PLANS, count=len(by_day), most=_GROUPS)
    if len(by_day) == 1:
        return [(_WEEKDAYS[:_WORKDAYS], week[0]), (_WEEKDAYS[_WORKDAYS:], week[0])]
    if any(day.wraps for day in by_day):
        raise CommandRefusedError(Misfit.WRAPS)
    return [(tuple(days), day) for day, days in by_day.items()]


def _packed(window: tuple[int, int] | None) -> int:
    """Give a window as the plant has it: its last minute belongs to it."""
    if window is None:
        return NOT_SET
    start, last = window[0], (window[1] - 1) % _DAY_MIN
    return Window(
        time(start // _HOUR_MIN, start % _HOUR_MIN), time(last // _HOUR_MIN, last % _HOUR_MIN)
    ).packed()
