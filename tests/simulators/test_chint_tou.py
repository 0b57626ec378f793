"""Which action the time-of-use tables give: holiday, season, week, DEFAULT, self-use."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.simulators.chint_tou import Action, Tables

ALL_DAY = (0x0000, 0x173B)
MONDAY = datetime(2026, 6, 22, 12, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 6, 27, 12, 0, tzinfo=UTC)


def modes(*actions: int, first_type: int = 1) -> list[int]:
    """Give base modes that do one thing the whole day; the first is the DEFAULT one."""
    words: list[int] = []
    for index, action in enumerate(actions):
        record = [first_type if index == 0 else 2, 1, *ALL_DAY, action]
        words += record + [0] * (32 - len(record))
    return words + [0] * (256 - len(words))


def tables(
    base_modes: Sequence[int],
    *,
    weeks: Sequence[int] = (),
    seasons: Sequence[int] = (),
    holidays: Sequence[int] = (),
) -> Tables:
    """Give the four tables, the rest of each empty."""
    return Tables(
        base_modes=base_modes,
        weeks=[*weeks, *[0] * (32 - len(weeks))],
        seasons=[*seasons, *[0] * (16 - len(seasons))],
        holidays=[*holidays, *[0] * (32 - len(holidays))],
    )


def test_empty_tables_are_self_use() -> None:
    """A new plant does what it did before."""
    assert tables([0] * 256).action(MONDAY) == Action.SELF_USE


def test_default_base_mode_holds_without_any_rule() -> None:
    """It is the first weekday entry, too."""
    assert tables(modes(Action.HOLD)).action(MONDAY) == Action.HOLD


def test_weekday_chooses_the_base_mode() -> None:
    """Saturday and Sunday are others than the workdays."""
    week = tables(modes(0, 1, 2), weeks=[1, 1, 1, 1, 1, 2, 2, 0])
    assert week.action(MONDAY) == Action.CHARGE
    assert week.action(SATURDAY) == Action.DISCHARGE


@pytest.mark.parametrize(
    ("start", "end", "month", "inside"),
    [
        (0x0601, 0x061E, 6, True),
        (0x0601, 0x061E, 7, False),
        (0x0B01, 0x021C, 12, True),
        (0x0B01, 0x021C, 1, True),
        (0x0B01, 0x021C, 6, False),
    ],
)
def test_season_replaces_the_week(start: int, end: int, month: int, inside: bool) -> None:
    """It may go over the new year."""
    seasonal = tables(modes(0, 3), weeks=[0] * 8 + [1] * 8, seasons=[start, end, 1, 1])
    action = seasonal.action(MONDAY.replace(month=month, day=15))
    assert action == (Action.HOLD if inside else Action.SELF_USE)


def test_season_that_is_off_does_nothing() -> None:
    """Its last word switches it."""
    seasonal = tables(modes(0, 3), weeks=[0] * 8 + [1] * 8, seasons=[0x0101, 0x0C1F, 1, 0])
    assert seasonal.action(MONDAY) == Action.SELF_USE


def test_holiday_is_strongest() -> None:
    """Over season and week."""
    festive = tables(
        modes(0, 1, 2, 3),
        weeks=[1] * 8 + [2] * 8,
        seasons=[0x0101, 0x0C1F, 1, 1],
        holidays=[0x0616, 3],
    )
    assert festive.action(MONDAY) == Action.HOLD
    assert festive.action(SATURDAY) == Action.DISCHARGE


def test_empty_base_mode_leaves_it_to_the_default() -> None:
    """A rule that points to nothing has no say."""
    assert tables(modes(Action.CHARGE), weeks=[5] * 8).action(MONDAY) == Action.CHARGE


def test_between_periods_it_is_self_use() -> None:
    """A plan need not cover the day."""
    words = [1, 2, 0x0100, 0x0500, 1, 0x1600, 0x0000, 2]
    plan = tables(words + [0] * (256 - len(words)))
    assert plan.action(MONDAY.replace(hour=3)) == Action.CHARGE
    assert plan.action(MONDAY) == Action.SELF_USE
    assert plan.action(MONDAY.replace(hour=23)) == Action.DISCHARGE
