"""How a range of registers is cut, asked, and asked again in parts."""

from hypothesis import given, strategies as st
import pytest

from custom_components.energy_storage.vendors.raw_access import DeclaredRow, Space
from custom_components.energy_storage.vendors.register_tools.layout import Layout, Span
from custom_components.energy_storage.vendors.register_tools.sweep import Ended, Sweep, run

from .builders import Device, row


def layout(*rows: DeclaredRow) -> Layout:
    """Lay out the input registers of unit 1."""
    return Layout.of(rows, 1, Space.INPUT)


async def swept(device: Device, span: Span, layout: Layout, most: int = 10) -> Sweep:
    """Ask for all of a range; every address is then read or refused."""
    sweep = Sweep(span, layout, most)
    assert await run(sweep, device.ask, most_requests=10_000) is Ended.COMPLETE
    assert sweep.words.keys() | sweep.refused == set(range(span.address, span.end))
    assert not sweep.words.keys() & sweep.refused
    return sweep


def ones(*addresses: int) -> tuple[Span, ...]:
    """Give values of one word."""
    return tuple(Span(address, 1) for address in addresses)


def test_requests_are_not_too_long() -> None:
    """The device says how much it answers at once."""
    assert list(layout().cut(Span(0, 25), 10)) == [Span(0, 10), Span(10, 10), Span(20, 5)]


def test_declared_values_stay_whole() -> None:
    """Half a value would be refused."""
    cut = layout(row(0, 4), row(4, 4), row(8, 4)).cut(Span(0, 12), 10)
    assert list(cut) == [Span(0, 8), Span(8, 4)]


def test_a_value_longer_than_a_request_is_asked_in_parts() -> None:
    """There is no other way."""
    assert list(layout(row(0, 15)).cut(Span(0, 15), 10)) == [Span(0, 10), Span(10, 5)]


def test_borders_of_groups_are_not_crossed() -> None:
    """Nothing proves that a device answers across them; a hole within a group is none."""
    cut = layout(row(0), row(1, group="more"), row(4, group="more")).cut(Span(0, 8), 10)
    assert list(cut) == [Span(0, 1), Span(1, 4), Span(5, 3)]


def test_borders_of_blocks_are_not_crossed() -> None:
    """Where a vendor names blocks they count, whatever is grouped in them."""
    rows = [row(0, block=(0, 1)), row(1, block=(0, 1), group="more"), row(3, block=(2, 5))]
    assert list(layout(*rows).cut(Span(0, 8), 10)) == [Span(0, 2), Span(2, 4), Span(6, 2)]


def test_what_is_missing_is_asked_by_itself() -> None:
    """One refusal would cost the answers around it."""
    cut = layout(row(0), row(1, 2, missing=True), row(3, missing=True), row(4)).cut(Span(0, 5), 10)
    assert list(cut) == [Span(0, 1), Span(1, 3), Span(4, 1)]


@pytest.mark.parametrize("unit_id", [2, 1])
def test_other_devices_and_spaces_are_none_of_it(unit_id: int) -> None:
    """The same address means something else there."""
    space = Space.HOLDING if unit_id == 1 else Space.INPUT
    assert not Layout.of([row(0, 4)], unit_id, space).values


async def test_a_known_range_is_read_with_few_requests() -> None:
    """Nothing is refused where the table is right."""
    rows = [row(address, 2) for address in range(0, 40, 2)]
    device = Device(tuple(Span(each.address, 2) for each in rows))
    sweep = await swept(device, Span(0, 40), layout(*rows))
    assert sweep.words == {address: address for address in range(40)}
    assert device.asked == [Span(0, 10), Span(10, 10), Span(20, 10), Span(30, 10)]


async def test_what_is_refused_is_found_by_halves() -> None:
    """The rest is read all the same."""
    device = Device(ones(*(set(range(16)) - {5})))
    sweep = await swept(device, Span(0, 16), layout(), most=16)
    assert sweep.refused == {5}
    assert len(device.asked) < 16


@pytest.mark.parametrize("width", [2, 4])
async def test_undeclared_longer_values_are_found(width: int) -> None:
    """A device that refuses half a value has it all the same."""
    device = Device((*ones(0, 1, 2), Span(3, width), *ones(3 + width)))
    sweep = await swept(device, Span(0, 12), layout(), most=12)
    assert set(sweep.words) == set(range(4 + width))


async def test_declared_values_are_never_asked_in_parts() -> None:
    """What is refused whole is refused."""
    rows = [row(0), row(1, 4), row(5)]
    device = Device(ones(0, 5))
    sweep = await swept(device, Span(0, 6), layout(*rows))
    assert sweep.refused == {1, 2, 3, 4}
    assert all(span.address in {0, 1, 5} for span in device.asked)


async def test_known_refusals_cost_one_request() -> None:
    """They are looked at, and not taken apart."""
    rows = [row(address, 2, missing=True) for address in range(0, 8, 2)]
    device = Device(())
    sweep = await swept(device, Span(0, 8), layout(*rows))
    assert (sweep.refused, device.asked) == (set(range(8)), [Span(0, 8)])


async def test_nothing_is_asked_twice() -> None:
    """Not even where everything is refused."""
    device = Device(())
    await swept(device, Span(0, 16), layout(), most=16)
    assert len(device.asked) == len(set(device.asked))


async def test_requests_never_leave_the_range() -> None:
    """Also not those that look for longer values."""
    device = Device((Span(7, 2),))
    sweep = await swept(device, Span(0, 8), layout())
    assert sweep.refused == set(range(8))
    assert all(span.end <= 8 for span in device.asked)


async def test_longer_values_are_not_looked_for_across_a_border() -> None:
    """Not even there is a border crossed."""
    device = Device(ones(0, 4, 5, 6))
    plan = layout(row(0, block=(0, 3)), row(6, block=(4, 9)))
    await swept(device, Span(0, 7), plan)
    assert all(span.end <= 4 for span in device.asked if span.address < 4)


async def test_a_silent_device_ends_it() -> None:
    """Asking on would only cost time; what was read stays, and it is known where to go on."""
    device = Device(ones(*range(30)), silent_at=14)
    sweep = Sweep(Span(0, 30), layout(), 10)
    assert await run(sweep, device.ask, most_requests=100) is Ended.SILENT
    assert (set(sweep.words), sweep.next_address) == (set(range(10)), 10)
    assert device.asked == [Span(0, 10), Span(10, 10)]


async def test_it_ends_after_so_many_requests() -> None:
    """And says where to go on."""
    device = Device(ones(*range(30)))
    sweep = Sweep(Span(0, 30), layout(), 10)
    assert await run(sweep, device.ask, most_requests=2) is Ended.OUT_OF_REQUESTS
    assert (len(device.asked), sweep.next_address) == (2, 20)


async def test_it_ends_when_told_to() -> None:
    """Before the next request."""
    device = Device(ones(*range(30)))
    sweep = Sweep(Span(0, 30), layout(), 10)
    ended = await run(
        sweep,
        device.ask,
        most_requests=100,
        why_stop=lambda: Ended.OUT_OF_TIME if sweep.requests else None,
    )
    assert (ended, len(device.asked)) == (Ended.OUT_OF_TIME, 1)


async def test_where_to_go_on_lies_behind_what_a_longer_value_has_brought() -> None:
    """Half of what is left is known already."""
    device = Device((*ones(0, 1, 2), Span(3, 2), *ones(5, 6)))
    sweep = Sweep(Span(0, 8), layout(), 8)
    while 4 not in sweep.words:
        assert await run(sweep, device.ask, most_requests=sweep.requests + 1) is Ended.OUT_OF_REQUESTS
    assert sweep.next_address == 5


@st.composite
def devices(draw: st.DrawFn) -> tuple[Device, tuple[Span, ...]]:
    """Draw a device of values and holes from 0 to 39, and how many of the values are declared."""
    values: list[Span] = []
    here = 0
    while here < 40:
        width = draw(st.sampled_from((0, 1, 1, 2, 4)))
        if width and here + width <= 40:
            values.append(Span(here, width))
        here += max(1, width)
    declared = draw(st.lists(st.sampled_from(values), unique=True)) if values else []
    return Device(tuple(values)), tuple(declared)


@given(drawn=devices(), most=st.integers(4, 40), stops=st.sets(st.integers(1, 60)))
async def test_everything_that_a_device_has_is_found(
    drawn: tuple[Device, tuple[Span, ...]], most: int, stops: set[int]
) -> None:
    """Whatever is declared of it, however often it is cut short; nothing is invented or asked twice."""
    device, declared = drawn
    plan = layout(*(row(span.address, span.size) for span in declared))
    words: dict[int, int] = {}
    refused: set[int] = set()
    start: int | None = 0
    while start is not None:
        sweep = Sweep(Span(start, 40 - start), plan, most)
        stop = min((each for each in stops if each > len(device.asked)), default=10_000)
        await run(sweep, device.ask, most_requests=stop - len(device.asked))
        words |= sweep.words
        refused |= sweep.refused
        start = sweep.next_address
        if len(device.asked) >= stop:
            stops.discard(stop)
    there = {address for span in device.values for address in range(span.address, span.end)}
    assert words == {address: address for address in there}
    assert refused == set(range(40)) - there
    assert all(span.end <= 40 for span in device.asked)
