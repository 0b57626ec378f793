"""Where a value that somebody reads on a display may stand among raw registers, and as what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import product
import math
from typing import Any

from ..raw_access import DeclaredRow
from .passes import NotComparableError, ScanPass
from .words import WIDTHS, Kind, WordOrder, decode_number

SCALES = (1.0, 0.1, 0.01, 0.001, 10.0)
_NUMBERS = (Kind.U16, Kind.S16, Kind.U32, Kind.S32, Kind.U64, Kind.FLOAT32)
_WAYS = tuple(
    (kind, order)
    for kind, order in product(_NUMBERS, WordOrder)
    if WIDTHS[kind] > 1 or order is WordOrder.BIG
)
_FACTORS = tuple(
    (scale, inverted, -scale if inverted else scale) for scale in SCALES for inverted in (False, True)
)
_USUAL_SCALES: Mapping[str, tuple[float, ...]] = {
    "%": (1.0, 0.1),
    "A": (0.1, 0.01),
    "Hz": (0.01, 0.1),
    "V": (0.1, 0.01, 1.0),
    "W": (1.0, 10.0, 0.1),
    "kW": (0.001, 0.01, 0.1),
    "kWh": (0.1, 0.01, 0.001, 1.0),
    "°C": (0.1, 1.0),
}
_SIGNED_UNITS = ("A", "W", "kW", "var", "°C")
_FULL, _STEP = 100, 8
_SMALL = 100
"""Numbers below this stand everywhere."""
_NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A value that stood on a display while a pass was made."""

    scan: ScanPass
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to read registers that gives what the display showed."""

    address: int
    kind: Kind
    order: WordOrder
    scale: float
    inverted: bool
    """The device counts the other way round."""
    values: tuple[float, ...]
    """What it gives in each pass."""
    error: float
    """The largest distance to what was seen."""
    declared: str | None
    """The declared register that stands there."""
    plausibility: int
    """From 1 to 100; it ranks, and proves nothing."""

    @property
    def count(self) -> int:
        """How many words it has."""
        return WIDTHS[self.kind]

    def to_json(self) -> dict[str, Any]:
        """Give all of it, as JSON."""
        return asdict(self) | {"values": list(self.values)}


def last_digit(value: float) -> float:
    """Give what one step of the last digit shown is worth: 0.1 for 53.1, 1 for 230."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 10.0 ** min(0, exponent) if isinstance(exponent, int) else 1.0


def candidates(
    seen: Sequence[Sighting],
    rows: Iterable[DeclaredRow] = (),
    *,
    unit: str | None = None,
    tolerance: float | None = None,
    low_word_first: bool = False,
) -> tuple[Candidate, ...]:
    """Give every reading that shows each of the values seen, the most plausible first.

    A value counts as shown when it is at most `tolerance` away; None: half a step of its last digit.

    Raises:
        NotComparableError: the passes are about different registers.

    """
    first = seen[0].scan
    if any((each.scan.unit_id, each.scan.space) != (first.unit_id, first.space) for each in seen):
        raise NotComparableError
    bounds = [last_digit(each.value) / 2 if tolerance is None else tolerance for each in seen]
    declared = {
        address: row
        for row in rows
        if (row.unit_id, row.space) == (first.unit_id, first.space)
        for address in row.addresses
    }
    wanted = tuple((each.value, bound + _NOISE) for each, bound in zip(seen, bounds, strict=True))
    found: list[Candidate] = []
    for reading in _readings(seen, wanted, signed_unit=unit in _SIGNED_UNITS):
        row = declared.get(reading.address)
        doubts = _doubts(reading, seen, unit, low_word_first=low_word_first) + _doubts_of_table(reading, row)
        found.append(
            Candidate(
                address=reading.address,
                kind=reading.kind,
                order=reading.order,
                scale=reading.scale,
                inverted=reading.inverted,
                values=reading.values,
                error=reading.error(seen),
                declared=None if row is None else row.name,
                plausibility=max(1, min(_FULL, _FULL - _STEP * doubts)),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.plausibility, each.error, each.address)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    address: int
    kind: Kind
    order: WordOrder
    scale: float
    inverted: bool
    raws: tuple[float, ...]

    @property
    def values(self) -> tuple[float, ...]:
        factor = -self.scale if self.inverted else self.scale
        return tuple(round(raw * factor, 6) for raw in self.raws)

    def error(self, seen: Sequence[Sighting]) -> float:
        """Give the largest distance to what was seen."""
        pairs = zip(self.values, seen, strict=True)
        return round(max(abs(value - each.value) for value, each in pairs), 6)


def _readings(
    seen: Sequence[Sighting], wanted: tuple[tuple[float, float], ...], *, signed_unit: bool
) -> Iterator[_Reading]:
    """Give each way to read each register that comes near enough to what is wanted: value and bound.

    Of two ways that give the same in every pass it is the usual one.
    """
    for address in seen[0].scan.words:
        for kind, order in _WAYS:
            raws = _raws(seen, address, kind, order)
            if raws is None or _is_doubled(raws, kind, signed_unit=signed_unit):
                continue
            for scale, inverted, factor in _FACTORS:
                pairs = zip(raws, wanted, strict=True)
                if all(abs(raw * factor - value) <= bound for raw, (value, bound) in pairs):
                    yield _Reading(
                        address=address, kind=kind, order=order, scale=scale, inverted=inverted, raws=raws
                    )


def _raws(seen: Sequence[Sighting], address: int, kind: Kind, order: WordOrder) -> tuple[float, ...] | None:
    """Decode the same registers in every pass; None where one of them lacks a word, or is no number."""
    raws: list[float] = []
    for each in seen:
        words = [each.scan.words.get(at) for at in range(address, address + WIDTHS[kind])]
        known = [word for word in words if word is not None]
        raw = decode_number(known, kind, order) if len(known) == len(words) else None
        if raw is None:
            return None
        raws.append(raw)
    return tuple(raws)


def _is_doubled(raws: tuple[float, ...], kind: Kind, *, signed_unit: bool) -> bool:
    """Tell whether the same words with, or without, a sign give the same, and that is more usual."""
    half = 1 << (16 * WIDTHS[kind] - 1)
    if any(not 0 <= raw < half for raw in raws):
        return False
    signed = kind in (Kind.S16, Kind.S32)
    return signed is not signed_unit and kind in (Kind.U16, Kind.S16, Kind.U32, Kind.S32)


def _doubts(reading: _Reading, seen: Sequence[Sighting], unit: str | None, *, low_word_first: bool) -> int:
    """Count what speaks against a reading."""
    width, raw = WIDTHS[reading.kind], max(abs(raw) for raw in reading.raws)
    negative = min(reading.raws) < 0  # words of nothing but ones before a number are no chance
    other_order = width > 1 and (reading.order is WordOrder.LITTLE) is not low_word_first
    whole = width > 1 and reading.kind is not Kind.FLOAT32
    fits_fewer_words = whole and not negative and raw < 1 << 16 * (width - 1)
    return (
        _doubts_of_scale(reading, seen, unit)
        + 2 * (len(set(reading.raws)) == 1)  # what never moved may be a constant
        + 2 * reading.inverted
        + (raw < _SMALL)
        + 2 * (raw <= 1)
        + 2 * other_order
        + (width - 1) * fits_fewer_words
    )


def _doubts_of_scale(reading: _Reading, seen: Sequence[Sighting], unit: str | None) -> int:
    """Count what speaks against a scale: other digits than the display has, or unusual for the unit."""
    shown = min(last_digit(each.value) for each in seen)
    digits = abs(round(math.log10(reading.scale) - math.log10(shown)))
    usual = _USUAL_SCALES.get(unit or "", SCALES)
    return min(2, digits) * (reading.kind is not Kind.FLOAT32) + 2 * (reading.scale not in usual)


def _doubts_of_table(reading: _Reading, row: DeclaredRow | None) -> int:
    """Count what the declared register there speaks against a reading; one that agrees speaks for it."""
    if row is None:
        return 0
    same = (row.address, row.kind, row.scale) == (reading.address, reading.kind.value, reading.scale)
    return -3 if same else 3
