"""Shaving windows and known outages as documents."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.energy_storage.engine.documents import (
    Documents,
    Outage,
    as_outages,
    as_shaving,
    outages_of,
    shaving_of,
)
from custom_components.energy_storage.engine.windows import DocumentError

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def outage(start: str, end: str) -> dict[str, Any]:
    """Write one outage of the first of June."""
    return {"start": f"2026-06-01T{start}:00+02:00", "end": f"2026-06-01T{end}:00+02:00"}


def test_outages_are_read_in_their_order() -> None:
    """In UTC; those that touch are one."""
    found = outages_of([outage("20:00", "22:00"), outage("16:00", "18:00"), outage("18:00", "18:30")])
    assert found == (
        Outage(start=NOON + timedelta(hours=2), end=NOON + timedelta(hours=4.5)),
        Outage(start=NOON + timedelta(hours=6), end=NOON + timedelta(hours=8)),
    )


def test_the_outage_that_is_on_comes_before_the_next() -> None:
    """And one that is over does not count."""
    documents = Documents(outages=outages_of([outage("14:00", "16:00"), outage("20:00", "22:00")]))
    assert documents.outage_after(NOON) == documents.outages[0]
    assert documents.outage_after(NOON + timedelta(hours=2)) == documents.outages[1]
    assert documents.outage_after(NOON + timedelta(hours=12)) is None


@pytest.mark.parametrize(
    ("document", "field", "allowed"),
    [
        (7, "outages", "a list of at most 100"),
        ([7], "outages[0]", "a mapping"),
        ([{"start": "2026-06-01T14:00:00"}], "outages[0].start", "a date and time with its offset"),
        ([{"start": "noon"}], "outages[0].start", "a date and time with its offset"),
        ([outage("16:00", "14:00")], "outages[0].end", "later than the start"),
    ],
)
def test_an_outage_that_makes_no_sense_is_named(document: object, field: str, allowed: str) -> None:
    """With its field and what is allowed."""
    with pytest.raises(DocumentError) as caught:
        outages_of(document)
    assert caught.value.field == field
    assert caught.value.allowed.startswith(allowed)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([{"start": "17:00", "end": "21:00"}] * 2, "windows"),
        ([{"start": "17:00", "end": "21:00", "max_import_w": -1}], "windows[0].max_import_w"),
        ([{"start": "17:00"}], "windows[0].end"),
        ([{"start": f"{h:02d}:00", "end": f"{h:02d}:30"} for h in range(24)] * 2, "windows"),
    ],
)
def test_a_shaving_window_that_makes_no_sense_is_named(document: object, field: str) -> None:
    """Also two that overlap, and too many."""
    with pytest.raises(DocumentError) as caught:
        shaving_of(document)
    assert caught.value.field == field


def test_documents_are_written_as_they_are_read() -> None:
    """So that what is kept and shown can be given back."""
    windows = [{"start": "17:00", "end": "24:00", "max_import_w": 2000.0}, {"start": "06:00", "end": "08:00"}]
    assert as_shaving(shaving_of(windows)) == windows
    outages = outages_of([outage("14:00", "16:00")])
    assert outages_of(as_outages(outages)) == outages
