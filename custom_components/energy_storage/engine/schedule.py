"""The owner's schedule: day plans of up to 24 periods, and which of them holds at a moment."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
import re
from typing import Any

from .windows import DocumentError, Window, as_time, jumps, local, moments, overlap, window_of

MOST_PERIODS = 24
_MOST_SEASONS = 12
_MOST_PLANS = 20
_MOST_W = 100_000.0
_LOOK_AHEAD_DAYS = 8
_DAY = re.compile(r"(\d{2})-(\d{2})")
_LEAP_YEAR = 2024
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Action(StrEnum):
    """What the battery does in a period."""

    CHARGE = "charge"
    DISCHARGE = "discharge"
    SELF_CONSUMPTION = "self_consumption"
    HOLD = "hold"


class Gap(StrEnum):
    """What holds where no period does."""

    ENTRY_FLOOR = "entry_floor"
    """Self-consumption, but not below the SOC with which the gap began."""
    SELF_CONSUMPTION = "self_consumption"
    DEFAULT_PLAN = "default_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One part of a day, with limits of its own; None is no limit. Powers are magnitudes in watts."""

    window: Window
    action: Action
    max_power_w: float | None = None
    """Of the battery, charging or discharging."""
    target_soc_pct: float | None = None
    """Where charging from the grid ends."""
    floor_soc_pct: float | None = None
    """Where discharging ends."""
    max_import_w: float | None = None
    max_export_w: float | None = None
    grid_to_battery_w: float | None = None
    battery_to_grid_w: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A part of the year, both days included, in which other plans hold; it may wrap the year."""

    name: str
    start: tuple[int, int]
    """Month and day."""
    end: tuple[int, int]
    default: str
    weekdays: Mapping[int, str] = field(default_factory=dict[int, str])

    def covers(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        now = (day.month, day.day)
        if self.start <= self.end:
            return self.start <= now <= self.end
        return now >= self.start or now <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """All of it: holidays come before seasons, seasons before weekdays, weekdays before the default."""

    plans: Mapping[str, tuple[Period, ...]]
    default: str
    weekdays: Mapping[int, str] = field(default_factory=dict[int, str])
    """0 is Monday."""
    seasons: tuple[Season, ...] = ()
    holidays: str | None = None
    """The plan of holidays."""
    gap: Gap = Gap.ENTRY_FLOOR

    def plan_of(self, day: date, holidays: Collection[date]) -> tuple[Period, ...]:
        """Give the periods of a day."""
        if self.holidays is not None and day in holidays:
            return self.plans[self.holidays]
        for season in self.seasons:
            if season.covers(day):
                return self.plans[season.weekdays.get(day.weekday(), season.default)]
        return self.plans[self.weekdays.get(day.weekday(), self.default)]

    def at(self, now: datetime, zone: tzinfo, holidays: Collection[date]) -> Period | None:
        """Give the period that holds at this moment: of this day, or one of the day before that goes on."""
        found = self._found(now, zone, holidays)
        return None if found is None else found[1]

    def _found(self, now: datetime, zone: tzinfo, holidays: Collection[date]) -> tuple[date, Period] | None:
        """Give the period that holds, and the day on which it began."""
        day, minute = local(now, zone)
        for period in self.plan_of(day, holidays):
            if period.window.begins_today(minute):
                return day, period
        day -= timedelta(days=1)
        for period in self.plan_of(day, holidays):
            if period.window.goes_on(minute):
                return day, period
        return None

    def default_at(self, now: datetime, zone: tzinfo) -> Period | None:
        """Give the period of the default plan that would hold."""
        _, minute = local(now, zone)
        return next((p for p in self.plans[self.default] if p.window.covers(minute)), None)

    def next_change(self, now: datetime, zone: tzinfo, holidays: Collection[date]) -> datetime | None:
        """Give the next moment, UTC, at which another period holds, or none; None within the week to come."""
        current = self.at(now, zone, holidays)
        today, _ = local(now, zone)
        days = [today + timedelta(days=offset) for offset in range(-1, _LOOK_AHEAD_DAYS)]
        for moment in self._borders(days, zone, holidays):
            if moment > now and self.at(moment, zone, holidays) != current:
                return moment
        return None

    def spans(
        self, start: datetime, end: datetime, zone: tzinfo, holidays: Collection[date]
    ) -> Iterator[tuple[datetime, datetime, Period]]:
        """Give what holds between two moments, as from, until, UTC, and the period; the outer ones whole."""
        first, last = local(start, zone)[0], local(end, zone)[0]
        days = [first + timedelta(days=offset) for offset in range(-2, (last - first).days + 3)]
        since, held = start, None
        for moment in self._borders(days, zone, holidays):
            found = self._found(moment, zone, holidays)
            if found == held:
                continue
            if held is not None and since < end and moment > start:
                yield since, moment, held[1]
            since, held = moment, found

    def _borders(
        self, days: Iterable[date], zone: tzinfo, holidays: Collection[date]
    ) -> tuple[datetime, ...]:
        """Give all moments, in their order, at which another period may begin to hold."""
        found: set[datetime] = set()
        for day in days:
            found.update(moments(day, 0, zone), jumps(day, zone))
            for period in self.plan_of(day, holidays):
                window = period.window
                found.update(
                    moments(day, window.start_min, zone),
                    moments(day + timedelta(days=window.wraps), window.end_min, zone),
                )
        return tuple(sorted(found))


def schedule_of(document: object) -> Schedule:
    """Read a schedule from its document.

    Raises:
        DocumentError: with the first field that makes no sense.

    """
    whole = _mapping("schedule", document)
    _refuse_unknown("", whole, ("plans", "default", "weekdays", "seasons", "holidays", "gap"))
    written = _mapping("plans", whole.get("plans"))
    if not 1 <= len(written) <= _MOST_PLANS:
        raise DocumentError("plans", len(written), f"1 to {_MOST_PLANS} plans")
    plans = {name: _periods(f"plans.{name}", periods) for name, periods in written.items()}
    holidays = whole.get("holidays")
    gap = whole.get("gap", Gap.ENTRY_FLOOR)
    if gap not in tuple(Gap):
        raise DocumentError("gap", gap, ", ".join(Gap))
    return Schedule(
        plans=plans,
        default=_plan("default", whole.get("default"), plans),
        weekdays=_weekdays("weekdays", whole.get("weekdays", {}), plans),
        seasons=_seasons(whole.get("seasons", []), plans),
        holidays=None if holidays is None else _plan("holidays", holidays, plans),
        gap=Gap(gap),
    )


def as_document(schedule: Schedule) -> dict[str, Any]:
    """Give what `schedule_of` reads."""

    def days(weekdays: Mapping[int, str]) -> dict[str, str]:
        return {WEEKDAYS[day]: plan for day, plan in sorted(weekdays.items())}

    return {
        "plans": {name: [_as_row(period) for period in periods] for name, periods in schedule.plans.items()},
        "default": schedule.default,
        "weekdays": days(schedule.weekdays),
        "seasons": [
            {
                "name": season.name,
                "start": f"{season.start[0]:02d}-{season.start[1]:02d}",
                "end": f"{season.end[0]:02d}-{season.end[1]:02d}",
                "default": season.default,
                "weekdays": days(season.weekdays),
            }
            for season in schedule.seasons
        ],
        "holidays": schedule.holidays,
        "gap": schedule.gap.value,
    }


_POWERS = ("max_power_w", "max_import_w", "max_export_w", "grid_to_battery_w", "battery_to_grid_w")
_PERCENTS = ("target_soc_pct", "floor_soc_pct")


def _as_row(period: Period) -> dict[str, Any]:
    numbers = {name: getattr(period, name) for name in (*_POWERS, *_PERCENTS)}
    return {
        "start": as_time(period.window.start_min),
        "end": as_time(period.window.end_min),
        "action": period.action.value,
        **{name: value for name, value in numbers.items() if value is not None},
    }


def _periods(where: str, written: object) -> tuple[Period, ...]:
    rows = _list(where, written)
    if len(rows) > MOST_PERIODS:
        raise DocumentError(where, len(rows), f"at most {MOST_PERIODS} periods")
    periods = tuple(_period(f"{where}[{number}]", row) for number, row in enumerate(rows))
    if found := overlap(period.window for period in periods):
        one, other = found
        raise DocumentError(where, f"{one} and {other}", "periods that do not overlap")
    return tuple(sorted(periods, key=lambda period: period.window.start_min))


def _period(where: str, written: object) -> Period:
    row = _mapping(where, written)
    _refuse_unknown(f"{where}.", row, ("start", "end", "action", *_POWERS, *_PERCENTS))
    action = row.get("action")
    if action not in tuple(Action):
        raise DocumentError(f"{where}.action", action, ", ".join(Action))
    return Period(
        window=window_of(where, row.get("start"), row.get("end")),
        action=Action(action),
        **{name: _number(f"{where}.{name}", row.get(name), _MOST_W) for name in _POWERS},
        **{name: _number(f"{where}.{name}", row.get(name), 100.0) for name in _PERCENTS},
    )


def _number(where: str, value: object, high: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise DocumentError(where, value, f"0 to {high:g}")
    return float(value)


def _plan(where: str, name: object, plans: Collection[str]) -> str:
    if not isinstance(name, str) or name not in plans:
        raise DocumentError(where, name, ", ".join(plans))
    return name


def _weekdays(where: str, written: object, plans: Collection[str]) -> dict[int, str]:
    days = _mapping(where, written)
    _refuse_unknown(f"{where}.", days, WEEKDAYS)
    return {WEEKDAYS.index(day): _plan(f"{where}.{day}", plan, plans) for day, plan in days.items()}


def _seasons(written: object, plans: Collection[str]) -> tuple[Season, ...]:
    rows = _list("seasons", written)
    if len(rows) > _MOST_SEASONS:
        raise DocumentError("seasons", len(rows), f"at most {_MOST_SEASONS} seasons")
    seasons: list[Season] = []
    for number, written_row in enumerate(rows):
        where = f"seasons[{number}]"
        row = _mapping(where, written_row)
        _refuse_unknown(f"{where}.", row, ("name", "start", "end", "default", "weekdays"))
        seasons.append(
            Season(
                name=str(row.get("name", number + 1)),
                start=_day(f"{where}.start", row.get("start")),
                end=_day(f"{where}.end", row.get("end")),
                default=_plan(f"{where}.default", row.get("default"), plans),
                weekdays=_weekdays(f"{where}.weekdays", row.get("weekdays", {}), plans),
            )
        )
    _refuse_overlapping(seasons)
    return tuple(seasons)


def _refuse_overlapping(seasons: list[Season]) -> None:
    year = [date(_LEAP_YEAR, 1, 1) + timedelta(days=day) for day in range(366)]
    for number, season in enumerate(seasons):
        for other in seasons[:number]:
            if any(season.covers(day) and other.covers(day) for day in year):
                raise DocumentError(
                    f"seasons[{number}]", f"{other.name} and {season.name}", "seasons that do not overlap"
                )


def _day(where: str, text: object) -> tuple[int, int]:
    found = _DAY.fullmatch(text) if isinstance(text, str) else None
    try:
        day = date(_LEAP_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise DocumentError(where, text, "01-01 to 12-31")
    return day.month, day.day


def _mapping(where: str, written: object) -> Mapping[str, Any]:
    if not isinstance(written, Mapping):
        raise DocumentError(where, written, "a mapping")
    return {str(key): value for key, value in written.items()}


def _list(where: str, written: object) -> list[Any]:
    if not isinstance(written, list | tuple):
        raise DocumentError(where, written, "a list")
    return list(written)


def _refuse_unknown(where: str, row: Mapping[str, Any], known: Collection[str]) -> None:
    for name in row:
        if name not in known:
            raise DocumentError(f"{where}{name}", row[name], f"no such field; fields: {', '.join(known)}")
