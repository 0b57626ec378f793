"""A maker's table as a register map."""

from collections import Counter

import pytest

from tests.simulators.register_map import Bank, RefusedError, Row
from tests.simulators.sigen_map import ROWS, Area, rows_of


def row(data_type: str, count: int, gain: float = 1, address: int = 100) -> Row:
    """Build a row of a table."""
    return Row(
        function="plant",
        address=address,
        count=count,
        data_type=data_type,
        gain=gain,
        unit="",
        access="RO",
        name="some",
        columns={},
    )


@pytest.mark.parametrize(
    ("point", "value", "words"),
    [
        (row("U16", 1, 10), 50.0, (500,)),
        (row("S16", 1, 10), -0.1, (0xFFFF,)),
        (row("S32", 2, 1000), -1.5, (0xFFFF, 0xFA24)),
        (row("U32", 2, 1000), 25.0, (0, 25_000)),
        (row("U64", 4, 100), 0x1_0000_0000 / 100, (0, 1, 0, 0)),
        (row("STRING", 3), "ABC", (0x4142, 0x4300, 0)),
    ],
)
def test_values_become_words_high_word_first(point: Row, value: float | str, words: tuple[int, ...]) -> None:
    """Coding and decoding agree with words written by hand."""
    assert point.encode(value) == words
    assert point.decode(words) == value


@pytest.mark.parametrize("value", [-1, 0x10000])
def test_value_that_does_not_fit_is_an_error(value: int) -> None:
    """Nothing wraps around."""
    with pytest.raises(OverflowError):
        row("U16", 1).encode(value)


def test_string_that_does_not_fit_is_an_error() -> None:
    """A string is not cut."""
    with pytest.raises(ValueError, match="longer than 6"):
        row("STRING", 3).encode("ABCDEFG")


@pytest.mark.parametrize(
    ("address", "count", "found"),
    [
        (100, 2, [100]),
        (100, 5, [100, 104]),
        (102, 3, [104]),
        (101, 2, None),
        (100, 1, None),
        (102, 2, None),
        (104, 2, None),
    ],
)
def test_span_respects_the_borders_of_data_points(address: int, count: int, found: list[int] | None) -> None:
    """A request starts and ends on borders, may cross holes, and fails whole otherwise."""
    bank = Bank([row("U32", 2), row("RESERVED", 2, address=102), row("U16", 1, address=104)])
    if found is None:
        with pytest.raises(RefusedError, match="exception 2"):
            bank.span(address, count)
    else:
        assert [point.address for point in bank.span(address, count)] == found


def test_sigen_table_is_whole() -> None:
    """The transcription has every row of the maker's table."""
    assert len(ROWS) == 636


@pytest.mark.parametrize("area", ["plant", "inverter", "ac_charger", "dc_charger"])
def test_sigen_addresses_are_used_once(area: Area) -> None:
    """No two rows that were shipped share an address within an area."""
    taken = Counter(
        point.address + index for point in rows_of(area) if not point.reserved for index in range(point.count)
    )
    assert taken
    assert max(taken.values()) == 1
