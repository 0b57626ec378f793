"""Passes as they are kept, continued and compared."""

from dataclasses import replace
from datetime import timedelta
import json

import pytest

from custom_components.energy_storage.vendors.raw_access import Space
from custom_components.energy_storage.vendors.register_tools.layout import Layout, Span
from custom_components.energy_storage.vendors.register_tools.passes import (
    Change,
    NoPassError,
    NotComparableError,
    ScanPass,
    begun,
    difference,
)
from custom_components.energy_storage.vendors.register_tools.sweep import Ended, Sweep

from .builders import NOON, scan

EMPTY = Layout.of((), 1, Space.INPUT)


def test_a_pass_survives_the_disk() -> None:
    """Also one with holes that was cut short."""
    kept = replace(
        scan({10: 1, 11: 2, 20: 3}),
        refused=frozenset({12, 13, 15}),
        next_address=21,
        ended=Ended.OUT_OF_TIME,
        count=40,
    )
    assert ScanPass.from_json(json.loads(json.dumps(kept.to_json()))) == kept


@pytest.mark.parametrize(
    "spoil", [{"words": 5}, {"space": "coils"}, {"address": "x"}, {"started": "noon"}, {"ended": "why"}]
)
def test_what_is_no_pass_is_refused(spoil: dict[str, object]) -> None:
    """A file that somebody has edited is no reason to guess."""
    with pytest.raises(NoPassError):
        ScanPass.from_json(scan({1: 1}).to_json() | spoil)


@pytest.mark.parametrize("saved", [None, [], "pass", {}, {"label": "sun"}])
def test_another_file_is_no_pass(saved: object) -> None:
    """Whatever JSON it holds."""
    with pytest.raises(NoPassError):
        ScanPass.from_json(saved)


def test_a_pass_goes_on_where_it_was_cut_short() -> None:
    """What both sweeps have brought is there, and both are counted."""
    begin = begun("sun", device="plant", unit_id=1, space=Space.INPUT, span=Span(10, 4), started=NOON)
    first = Sweep(Span(10, 4), EMPTY, 2)
    first.next()
    first.answer([1, 2])
    half = begin.with_more(first, Ended.OUT_OF_TIME, NOON)
    assert (half.left, half.continues(begin), half.requests) == (Span(12, 2), True, 1)
    second = Sweep(Span(12, 2), EMPTY, 2)
    second.next()
    second.answer([3, 4])
    whole = half.with_more(second, Ended.COMPLETE, NOON + timedelta(minutes=1))
    assert (whole.words, whole.left, whole.requests) == ({10: 1, 11: 2, 12: 3, 13: 4}, None, 2)
    assert not whole.continues(begin)


def test_another_range_does_not_go_on() -> None:
    """The same label on another range begins anew."""
    begin = begun("sun", device="plant", unit_id=1, space=Space.INPUT, span=Span(10, 4), started=NOON)
    assert not begin.continues(replace(begin, count=5))
    assert not begin.continues(replace(begin, space=Space.HOLDING))


def test_the_difference_names_what_has_changed() -> None:
    """What only one pass has read tells nothing."""
    changes = difference(scan({1: 5, 2: 6, 3: 7}), scan({1: 5, 2: 9, 4: 1}))
    assert changes == (Change(address=2, before=6, after=9),)


def test_passes_of_two_devices_are_not_compared() -> None:
    """Their registers have nothing to do with each other."""
    with pytest.raises(NotComparableError):
        difference(scan({1: 5}), scan({1: 6}, unit_id=2))
