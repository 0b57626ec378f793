"""What raw words say."""

import pytest

from custom_components.energy_storage.vendors.register_tools.words import (
    Decoded,
    Kind,
    WordOrder,
    decode,
    values_of,
)


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ([0xFFFE], Kind.U16, 65534),
        ([0xFFFE], Kind.S16, -2),
        ([0x0001, 0x0002], Kind.U32, 65538),
        ([0xFFFF, 0xFFFE], Kind.S32, -2),
        ([0, 0, 1, 0], Kind.U64, 65536),
        ([0x4366, 0x8000], Kind.FLOAT32, 230.5),
        ([0x4543, 0x4800], Kind.STRING, "ECH"),
        ([0x8005], Kind.BITS, (0, 2, 15)),
    ],
)
def test_words_are_read_as_every_type(words: list[int], kind: Kind, value: Decoded) -> None:
    """With the highest word first, as most devices send them."""
    assert decode(words, kind) == value


@pytest.mark.parametrize(
    ("words", "kind", "value"),
    [
        ([0x0002, 0x0001], Kind.U32, 65538),
        ([0xFFFE, 0xFFFF], Kind.S32, -2),
        ([0, 1, 0, 0], Kind.U64, 65536),
        ([0x8000, 0x4366], Kind.FLOAT32, 230.5),
    ],
)
def test_words_are_read_the_other_way_round(words: list[int], kind: Kind, value: Decoded) -> None:
    """With the lowest word first."""
    assert decode(words, kind, WordOrder.LITTLE) == value


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ([0x7FC0, 0], Kind.FLOAT32),
        ([0x7F80, 0], Kind.FLOAT32),
        ([0, 0], Kind.STRING),
        ([0x0102], Kind.STRING),
    ],
)
def test_what_is_no_value_is_none(words: list[int], kind: Kind) -> None:
    """No number, infinity, an empty text, control characters: nobody could read them."""
    assert decode(words, kind) is None


def test_a_range_is_read_value_by_value() -> None:
    """A gap begins anew, and half a value at an end is left out."""
    words = {10: 0, 11: 100, 12: 0xFFFF, 13: 0xFFFF, 14: 1, 20: 0, 21: 7}
    assert list(values_of(words, Kind.S32, scale=0.1)) == [(10, 10.0), (12, -0.1), (20, 0.7)]


def test_scaled_values_are_free_of_noise() -> None:
    """One tenth has no exact binary fraction."""
    assert list(values_of({5: 531}, Kind.U16, scale=0.1)) == [(5, 53.1)]


def test_a_text_is_the_whole_range() -> None:
    """Nobody knows where it ends."""
    assert list(values_of({1: 0x4142, 2: 0x4344}, Kind.STRING)) == [(1, "ABCD")]
