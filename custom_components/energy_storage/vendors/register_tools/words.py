"""What raw words say, read as one of the usual types."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
import math

from modbus_connection.decode import decode_float32, decode_int, decode_string


class Kind(StrEnum):
    """How to read the words of a value."""

    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    U64 = "u64"
    FLOAT32 = "float32"
    STRING = "string"
    """All words together, two characters each."""
    BITS = "bits"
    """The numbers of the bits that are set; bit 0 is the lowest of the first word."""


class WordOrder(StrEnum):
    """Which word of a longer number comes first."""

    BIG = "big"
    """The highest."""
    LITTLE = "little"
    """The lowest."""


WIDTHS: Mapping[Kind, int] = {
    Kind.U16: 1,
    Kind.S16: 1,
    Kind.U32: 2,
    Kind.S32: 2,
    Kind.U64: 4,
    Kind.FLOAT32: 2,
    Kind.BITS: 1,
}
"""How many words a value has; a text has as many as there are."""

type Decoded = float | str | tuple[int, ...] | None


def decode(words: list[int], kind: Kind, order: WordOrder = WordOrder.BIG) -> Decoded:
    """Read these words as one value; None where they are no number, or no text that can be printed."""
    match kind:
        case Kind.STRING:
            text = decode_string(words).split("\0", 1)[0].strip()
            return text if text and text.isprintable() else None
        case Kind.BITS:
            return tuple(bit for bit in range(16) if words[0] >> bit & 1)
        case _:
            return decode_number(words, kind, order)


def decode_number(words: list[int], kind: Kind, order: WordOrder) -> float | None:
    """Read these words as a number; None where a float is none."""
    if kind is Kind.FLOAT32:
        number = decode_float32(words, word_order=order.value)
        return number if math.isfinite(number) else None
    return decode_int(words, signed=kind in (Kind.S16, Kind.S32), word_order=order.value)


def values_of(
    words: Mapping[int, int], kind: Kind, order: WordOrder = WordOrder.BIG, scale: float = 1.0
) -> Iterator[tuple[int, Decoded]]:
    """Give address and value, one after the other; what lacks a word is left out."""
    for first, run in runs_of(words):
        width = WIDTHS.get(kind, len(run))
        for at in range(0, len(run) - width + 1, width):
            value = decode(run[at : at + width], kind, order)
            yield first + at, scaled(value, scale) if isinstance(value, int | float) else value


def scaled(number: float, scale: float) -> float:
    """Give the number in its unit, without the noise of binary fractions."""
    if scale == 1:
        return number
    return round(number * scale, max(0, 3 - math.floor(math.log10(abs(scale)))))


def runs_of(words: Mapping[int, int]) -> Iterator[tuple[int, list[int]]]:
    """Give the words that follow each other without a gap, each with the first address."""
    first, run = 0, list[int]()
    for address in sorted(words):
        if run and address != first + len(run):
            yield first, run
            run = []
        if not run:
            first = address
        run.append(words[address])
    if run:
        yield first, run
