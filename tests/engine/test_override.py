"""Overrides always end, and survive a restart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.energy_storage.engine import Settings
from custom_components.energy_storage.engine.override import (
    UNTIL_ENDED,
    Override,
    OverrideRefusedError,
    Source,
    check_target,
)
from tests.engine.house import NOON


def override(hours: float = 1, **changes: Any) -> Override:
    """Build an override."""
    parts = {
        "kind": "hold",
        "source": Source.PERSON,
        "started": NOON,
        "ends_at": NOON + timedelta(hours=hours),
    }
    return Override(**{**parts, **changes})


@pytest.mark.parametrize("hours", [-1, 0, 24.1])
def test_an_override_without_a_near_end_is_refused(hours: float) -> None:
    """At most a day, and never backwards."""
    with pytest.raises(OverrideRefusedError) as refused:
        override(hours)
    assert refused.value.reason.code == "override_length"


def test_backup_may_last_longer_than_a_day() -> None:
    """A storm is not over at noon."""
    assert override(72, kind="backup").ends_at == NOON + timedelta(days=3)


def test_an_end_without_a_zone_is_refused() -> None:
    """Local wall time would end at another moment after a clock change."""
    with pytest.raises(OverrideRefusedError, match="override_without_zone"):
        override(ends_at=datetime(2026, 6, 1, 13))  # noqa: DTZ001  the very mistake


def test_saved_and_read_it_is_the_same() -> None:
    """A restart changes nothing."""
    before = override(parameters={"power_w": 2000.0, "from_grid": True, "note": "x", "none": None})
    assert Override.from_json(before.to_json()) == before


def test_times_are_read_back_as_utc() -> None:
    """Whoever wrote the file, the engine calculates in UTC."""
    saved = {**override().to_json(), "ends_at": "2026-06-01T15:00:00+02:00"}
    read = Override.from_json(saved)
    assert read is not None
    assert (read.ends_at, read.ends_at.tzinfo) == (NOON + timedelta(hours=1), UTC)


@pytest.mark.parametrize(
    "damage",
    [
        None,
        [],
        {"parameters": []},
        {"source": "ghost"},
        {"ends_at": "soon"},
        {"ends_at": 5},
        {"ends_at": "2027-01-01T00:00:00+00:00"},
    ],
)
def test_a_damaged_record_is_forgotten(damage: object) -> None:
    """What makes no sense does not act."""
    saved = {**override().to_json(), **damage} if isinstance(damage, dict) else damage
    assert Override.from_json(saved) is None


def test_a_record_without_a_part_is_forgotten() -> None:
    """Nothing is guessed for what is missing."""
    assert Override.from_json({"parameters": {}}) is None


@pytest.mark.parametrize(("value", "number"), [(5, 5), (5.5, 5.5), (True, None), ("5", None), (None, None)])
def test_only_numbers_are_numbers(value: Any, number: float | None) -> None:
    """A switch is not a power of one watt."""
    assert override(parameters={"power_w": value}).number("power_w") == number


@pytest.mark.parametrize(("source", "counts"), [(Source.PERSON, True), (Source.ACTION, True)])
def test_people_may_allow_the_grid(source: Source, counts: bool) -> None:
    """A person or an action carries a permission of its own."""
    assert override(source=source, parameters={"from_grid": True}).from_grid is counts


def test_what_is_automatic_carries_no_permission() -> None:
    """The switch binds everything automatic."""
    assert override(source=Source.AUTOMATIC, parameters={"from_grid": True}).from_grid is None


def test_a_target_above_the_cutoff_is_refused() -> None:
    """An action says no instead of doing something else."""
    with pytest.raises(OverrideRefusedError) as refused:
        check_target(Settings(charge_cutoff_soc_pct=90), 95)
    assert dict(refused.value.reason.values) == {"target_pct": 95, "cutoff_pct": 90}


def test_a_target_at_the_cutoff_is_allowed() -> None:
    """The bound itself is inside."""
    check_target(Settings(charge_cutoff_soc_pct=90), 90)


def test_a_backup_may_wait_for_a_person_to_end_it() -> None:
    """Then no end is told; one that was chosen is."""
    assert override(kind="backup", ends_at=NOON + UNTIL_ENDED).end is None
    assert override(hours=48, kind="backup").end == NOON + timedelta(hours=48)
