"""What an owner gives as whole documents, not as single values: schedule, shaving windows, known outages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from .schedule import Schedule
from .windows import DocumentError, Window, as_time, local, overlap, window_of

MOST_SHAVING_WINDOWS = 24
MOST_OUTAGES = 100
_MOST_W = 100_000.0
LONGEST_OUTAGE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShavingWindow:
    """A part of each day in which the import is kept down."""

    window: Window
    max_import_w: float | None = None
    """A maximum of its own; None: the setting's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time without grid that is known beforehand, UTC, [start, end)."""

    start: datetime
    end: datetime

    def covers(self, now: datetime) -> bool:
        """Tell whether it is on."""
        return self.start <= now < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """All of them, and what is needed to read a clock on the wall."""

    schedule: Schedule | None = None
    shaving: tuple[ShavingWindow, ...] = ()
    """None set: always inside."""
    outages: tuple[Outage, ...] = ()
    holidays: frozenset[date] = field(default_factory=frozenset[date])
    zone: tzinfo = UTC

    def shaving_at(self, now: datetime) -> ShavingWindow | None:
        """Give the shaving window that holds at this moment."""
        _, minute = local(now, self.zone)
        return next((each for each in self.shaving if each.window.covers(minute)), None)

    def outage_after(self, now: datetime) -> Outage | None:
        """Give the outage that is on, else the next one."""
        coming = (outage for outage in self.outages if outage.end > now)
        return min(coming, key=lambda outage: outage.start, default=None)


def shaving_of(document: object) -> tuple[ShavingWindow, ...]:
    """Read shaving windows: `[{"start": "17:00", "end": "21:00", "max_import_w": 2000}]`.

    Raises:
        DocumentError: with the first field that makes no sense.

    """
    rows = _rows("windows", document, MOST_SHAVING_WINDOWS)
    windows = tuple(_shaving(f"windows[{number}]", row) for number, row in enumerate(rows))
    if found := overlap(each.window for each in windows):
        raise DocumentError("windows", f"{found[0]} and {found[1]}", "windows that do not overlap")
    return windows


def _shaving(where: str, row: dict[str, object]) -> ShavingWindow:
    most = row.get("max_import_w")
    if most is not None and (
        isinstance(most, bool) or not isinstance(most, int | float) or not 0 <= most <= _MOST_W
    ):
        raise DocumentError(f"{where}.max_import_w", most, f"0 to {_MOST_W:g}")
    return ShavingWindow(
        window=window_of(where, row.get("start"), row.get("end")),
        max_import_w=None if most is None else float(most),
    )


def as_shaving(windows: Iterable[ShavingWindow]) -> list[dict[str, str | float]]:
    """Give what `shaving_of` reads."""
    return [
        {"start": as_time(each.window.start_min), "end": as_time(each.window.end_min)}
        | ({} if each.max_import_w is None else {"max_import_w": each.max_import_w})
        for each in windows
    ]


def as_outages(outages: Iterable[Outage]) -> list[dict[str, str]]:
    """Give what `outages_of` reads."""
    return [{"start": each.start.isoformat(), "end": each.end.isoformat()} for each in outages]


def outages_of(document: object) -> tuple[Outage, ...]:
    """Read known outages: `[{"start": "2026-07-01T18:00:00+02:00", "end": …}]`, in their order.

    Raises:
        DocumentError: with the first field that makes no sense.

    """
    rows = _rows("outages", document, MOST_OUTAGES)
    return in_order(_outage(f"outages[{number}]", row) for number, row in enumerate(rows))


def in_order(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    """Sort outages by their start; those that touch or overlap become one."""
    merged: list[Outage] = []
    for outage in sorted(outages, key=lambda each: each.start):
        if merged and outage.start <= merged[-1].end:
            merged[-1] = Outage(start=merged[-1].start, end=max(merged[-1].end, outage.end))
        else:
            merged.append(outage)
    return tuple(merged)


def _outage(where: str, row: dict[str, object]) -> Outage:
    start, end = (_moment(f"{where}.{name}", row.get(name)) for name in ("start", "end"))
    if not timedelta(0) < end - start <= LONGEST_OUTAGE:
        raise DocumentError(f"{where}.end", row.get("end"), "later than the start, by 7 days at most")
    return Outage(start=start, end=end)


def _moment(where: str, value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        at = None
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise DocumentError(where, value, "a date and time with its offset, as 2026-07-01T18:00:00+02:00")
    return at.astimezone(UTC)


def _rows(where: str, document: object, most: int) -> list[dict[str, object]]:
    if not isinstance(document, list | tuple) or len(document) > most:
        value = len(document) if isinstance(document, list | tuple) else document
        raise DocumentError(where, value, f"a list of at most {most}")
    for number, row in enumerate(document):
        if not isinstance(row, dict):
            raise DocumentError(f"{where}[{number}]", row, "a mapping")
    return list(document)
