"""Where a value from a display may stand."""

from dataclasses import replace
import struct

import pytest

from custom_components.energy_storage.vendors.raw_access import Space
from custom_components.energy_storage.vendors.register_tools.candidates import (
    Candidate,
    Sighting,
    candidates,
    last_digit,
)
from custom_components.energy_storage.vendors.register_tools.passes import NotComparableError
from custom_components.energy_storage.vendors.register_tools.words import Kind, WordOrder

from .builders import row, scan

FILLER = {address: 40_000 + 7 * address for address in range(100, 140)}


def found(value: float, words: dict[int, int], unit: str | None = None) -> list[Candidate]:
    """Look for one value in one pass."""
    return list(candidates([Sighting(scan=scan(FILLER | words), value=value)], unit=unit))


def read_as(candidate: Candidate) -> tuple[int, Kind, WordOrder, float, bool]:
    """Give how a candidate reads its registers."""
    return candidate.address, candidate.kind, candidate.order, candidate.scale, candidate.inverted


BIG, LITTLE = WordOrder.BIG, WordOrder.LITTLE


@pytest.mark.parametrize(
    ("value", "unit", "words", "expected"),
    [
        (53.1, "%", {105: 531}, (105, Kind.U16, BIG, 0.1, False)),
        (87, "%", {105: 87}, (105, Kind.U16, BIG, 1.0, False)),
        (230.4, "V", {105: 23041}, (105, Kind.U16, BIG, 0.01, False)),
        (-412, "W", {105: 0xFFFF - 411}, (105, Kind.S16, BIG, 1.0, False)),
        (-412, "W", {105: 0xFFFF, 106: 0xFFFF - 411}, (105, Kind.S32, BIG, 1.0, False)),
        (81234, "W", {105: 1, 106: 81234 - 65536}, (105, Kind.S32, BIG, 1.0, False)),
        (81234.5, "kWh", {105: 0x000C, 106: 0x6539}, (105, Kind.U32, BIG, 0.1, False)),
        (81234.5, "kWh", {105: 0x6539, 106: 0x000C}, (105, Kind.U32, LITTLE, 0.1, False)),
        (4.21, "kW", {105: 4213}, (105, Kind.S16, BIG, 0.001, False)),
        (12340, "W", {105: 1234}, (105, Kind.S16, BIG, 10.0, False)),
        (49.98, "Hz", {105: 4998}, (105, Kind.U16, BIG, 0.01, False)),
        (-21.5, "°C", {105: 0xFFFF - 214}, (105, Kind.S16, BIG, 0.1, False)),
        (-2400, "W", {105: 2400}, (105, Kind.S16, BIG, 1.0, True)),
        (123456789.0, "kWh", {105: 1, 106: 0x1F71, 107: 0xFB09, 108: 10}, None),
    ],
)
def test_the_right_reading_comes_first(
    value: float,
    unit: str,
    words: dict[int, int],
    expected: tuple[int, Kind, WordOrder, float, bool] | None,
) -> None:
    """Among every type, scale, order and sign; what is nowhere is not found."""
    answers = found(value, words, unit)
    assert (read_as(answers[0]) if answers else None) == expected


@pytest.mark.parametrize("order", [WordOrder.BIG, WordOrder.LITTLE])
def test_floats_are_found(order: WordOrder) -> None:
    """In both word orders."""
    high, low = struct.unpack(">2H", struct.pack(">f", 230.44))
    words = {105: high, 106: low} if order is WordOrder.BIG else {105: low, 106: high}
    best = found(230.4, words, "V")[0]
    assert read_as(best) == (105, Kind.FLOAT32, order, 1.0, False)
    assert best.error == pytest.approx(0.04, abs=1e-4)


def test_long_counters_are_found() -> None:
    """Energies may take four words."""
    best = found(123456789012.5, {105: 0, 106: 0x11F, 107: 0x71FB, 108: 0x0925})
    assert [(each.address, each.kind, each.scale) for each in best] == []
    raw = 1234567890125
    words = {105 + at: raw >> 48 - 16 * at & 0xFFFF for at in range(4)}
    assert read_as(found(123456789012.5, words)[0]) == (105, Kind.U64, BIG, 0.1, False)


def test_the_display_sets_the_tolerance() -> None:
    """Half a step of its last digit; the owner may say another."""
    assert not found(53.1, {105: 5316})
    assert found(53.1, {105: 5314})
    wider = candidates([Sighting(scan=scan(FILLER | {105: 5316}), value=53.1)], tolerance=0.1)
    assert [each.address for each in wider if each.scale == 0.01] == [105]


@pytest.mark.parametrize(("value", "step"), [(53.1, 0.1), (230, 1), (230.0, 1), (4.125, 0.001), (12000, 1)])
def test_the_last_digit_of_a_display(value: float, step: float) -> None:
    """Nobody shows tens with a zero at the end."""
    assert last_digit(value) == pytest.approx(step)


def test_a_second_value_leaves_only_what_followed() -> None:
    """One that happened to be right once is gone, and what moved along is more plausible."""
    morning, noon = FILLER | {105: 531, 120: 531}, FILLER | {105: 780, 120: 531}
    once = candidates([Sighting(scan=scan(morning), value=53.1)], unit="%")
    twice = candidates(
        [Sighting(scan=scan(morning), value=53.1), Sighting(scan=scan(noon, "noon"), value=78)], unit="%"
    )
    assert {each.address for each in once if each.scale == 0.1} == {105, 120}
    assert [each.address for each in twice] == [105]
    assert twice[0].values == (53.1, 78.0)
    assert twice[0].plausibility > once[0].plausibility


def test_a_small_number_is_hardly_plausible() -> None:
    """Ones and zeros stand everywhere."""
    assert found(1, {105: 1})[0].plausibility < found(87, {105: 87})[0].plausibility
    assert found(87, {105: 87})[0].plausibility < found(873, {105: 873})[0].plausibility


def test_every_plausibility_is_a_number_from_1_to_100() -> None:
    """However much speaks against it."""
    answers = found(0, {105: 0, 106: 0, 107: 0, 108: 0}, "kWh")
    assert answers
    assert all(1 <= each.plausibility <= 100 for each in answers)


def test_the_vendors_word_order_counts() -> None:
    """Where a vendor sends the lowest word first, that is the more plausible order."""
    words = scan(FILLER | {105: 0x6539, 106: 0x000C, 110: 0x000C, 111: 0x6539})
    sighting = [Sighting(scan=words, value=81234.5)]
    assert candidates(sighting)[0].address == 110
    assert candidates(sighting, low_word_first=True)[0].address == 105


def test_what_the_table_says_counts() -> None:
    """A reading that the declared register confirms comes first, one that cuts into it last."""
    rows = [row(105, kind="u16", scale=0.1, name="soc"), row(119, 2, kind="u32", name="power")]
    sighting = [Sighting(scan=scan(FILLER | {105: 531, 112: 531, 120: 531}), value=53.1)]
    best = [each for each in candidates(sighting, rows) if each.scale == 0.1 and each.kind is Kind.U16]
    assert [(each.address, each.declared) for each in best] == [(105, "soc"), (112, None), (120, "power")]


def test_two_devices_are_not_searched_together() -> None:
    """Their registers have nothing to do with each other."""
    with pytest.raises(NotComparableError):
        candidates([Sighting(scan=scan({1: 5}), value=5), Sighting(scan=scan({1: 6}, unit_id=2), value=6)])
    other = replace(scan({1: 6}), space=Space.HOLDING)
    with pytest.raises(NotComparableError):
        candidates([Sighting(scan=scan({1: 5}), value=5), Sighting(scan=other, value=6)])


def test_half_a_pass_is_no_obstacle() -> None:
    """Words that a pass lacks are no value."""
    short = Sighting(scan=scan({105: 0x000C}), value=81234.5)
    assert candidates([short]) == ()
