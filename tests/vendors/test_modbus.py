"""Blocks of registers: cut as the device wants, whole again when it can."""

from modbus_connection import IllegalDataAddressError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit
import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.driver import DriverRejectedError, Tier
from custom_components.energy_storage.vendors.fields import Table, u16, u32
from custom_components.energy_storage.vendors.line import Line
from custom_components.energy_storage.vendors.modbus import Block
from custom_components.energy_storage.vendors.poller import Poller


class Eight(Table):
    """Eight registers in a row, and one beyond a hole."""

    device = DeviceKind.PLANT
    tier = Tier.COUNTERS

    a = u16(100)
    b = u16(101)
    c = u32(102)
    d = u16(104)
    e = u16(105)
    f = u16(106, doubtful=True)
    g = u16(107)
    beyond = u16(120)


class Model(Table):
    """What a model has all of, or none."""

    device = DeviceKind.PLANT
    tier = Tier.SETTINGS
    all_or_nothing = True

    a = u16(200)
    b = u16(201)
    c = u16(202)


@pytest.fixture
def unit() -> MockModbusUnit:
    """A device whose registers hold their own address."""
    unit = MockModbusConnection().for_unit(1)
    unit.holding = {address: address for address in range(100, 230)}
    return unit


def line(unit: MockModbusUnit) -> Line:
    """Open a line."""
    return Line(unit, timeout_s=1, spacing_s=0, clock=lambda: 0.0)


def block(unit: MockModbusUnit, table: type[Table] = Eight) -> Block:
    """Lay out a block with all fields of a table."""
    return Block("plant", table, line(unit), tuple(table.declared_fields))


async def read(block: Block) -> list[tuple[int, int]]:
    """Read a block; give the requests that took."""
    unit = block.line.unit
    assert isinstance(unit, MockModbusUnit)
    unit.read_events.clear()
    await Poller(lambda: 0.0).read(block)
    return [(event.address, event.count) for event in unit.read_events]


def refuse(unit: MockModbusUnit, *addresses: int) -> None:
    """Make the device not know these addresses."""
    for address in addresses:
        unit.fail_read(address, IllegalDataAddressError())


async def test_a_block_is_one_request_across_a_hole(unit: MockModbusUnit) -> None:
    """Reserved addresses in between do no harm."""
    eight = block(unit)
    assert await read(eight) == [(100, 21)]
    assert eight.values["c"] == (102 << 16) + 103
    assert eight.words[110] == 110


async def test_what_is_doubtful_is_left_out_first(unit: MockModbusUnit) -> None:
    """A known gap costs two more requests, once."""
    refuse(unit, 106)
    eight = block(unit)
    assert await read(eight) == [(100, 21), (100, 6), (107, 14), (106, 1)]
    assert eight.missing == {"f"}
    assert await read(eight) == [(100, 6), (107, 14)]
    assert eight.values.keys() == {"a", "b", "c", "d", "e", "g", "beyond"}


async def test_a_missing_point_is_found_by_halves(unit: MockModbusUnit) -> None:
    """Each other point is read, the next reading asks around the missing one."""
    refuse(unit, 101)
    eight = block(unit)
    await read(eight)
    assert eight.missing == {"b"}
    assert await read(eight) == [(100, 1), (102, 19)]


async def test_a_hole_that_may_not_be_crossed_keeps_its_pieces(unit: MockModbusUnit) -> None:
    """Asked together once more, refused once more, then asked apart for good."""
    refuse(unit, 110)
    eight = block(unit)
    for _ in range(3):
        await read(eight)
    assert eight.missing == set()
    assert sorted(await read(eight)) == [(100, 6), (106, 1), (107, 1), (120, 1)]
    assert eight.values["beyond"] == 120


async def test_data_points_are_never_cut(unit: MockModbusUnit) -> None:
    """Both words of a 32-bit value are in one request."""
    refuse(unit, 101, 104)
    requests = [request for _ in range(2) for request in await read(block(unit))]
    assert 103 not in {address for address, _ in requests}
    assert 102 not in {address + count - 1 for address, count in requests}


async def test_a_model_that_lacks_a_table_is_asked_three_times(unit: MockModbusUnit) -> None:
    """For all of it, for its first field, and for the others."""
    refuse(unit, 200, 201, 202)
    model = block(unit, Model)
    assert await read(model) == [(200, 3), (200, 1), (201, 2)]
    assert model.empty
    assert await read(model) == []


@pytest.mark.parametrize(("lacking", "offered"), [(200, "bc"), (201, "ac"), (202, "ab")])
async def test_a_model_that_lacks_one_field_keeps_the_others(
    unit: MockModbusUnit, lacking: int, offered: str
) -> None:
    """One missing point never costs its block, not even the first one."""
    refuse(unit, lacking)
    model = block(unit, Model)
    await read(model)
    assert model.offered == tuple(offered)


async def test_a_refusal_of_what_answered_before_teaches_nothing(unit: MockModbusUnit) -> None:
    """A device in trouble refuses everything for a while."""
    eight = block(unit)
    await read(eight)
    refuse(unit, 101)
    with pytest.raises(DriverRejectedError):
        await read(eight)
    assert eight.missing == set()
    assert eight.values["b"] == 101
    with pytest.raises(DriverRejectedError):
        await read(eight)
    assert eight.values == {}


async def test_a_restored_field_is_asked_again(unit: MockModbusUnit) -> None:
    """Once the device has it, the block is one request as before."""
    refuse(unit, 106)
    eight = block(unit)
    await read(eight)
    unit.fail_read(106, None)
    eight.restore("f")
    assert await read(eight) == [(100, 21)]


async def test_a_block_cut_in_two_sheds_the_rest(unit: MockModbusUnit) -> None:
    """The first request keeps its pace, the others get one of their own."""
    refuse(unit, 106)
    eight = block(unit)
    await read(eight)
    rest = eight.shed(Tier.STATIC, 15.0)
    assert rest is not None
    assert (rest.words[107], rest.words[120]) == (107, 120)
    assert 107 not in eight.words
    assert await read(eight) == [(100, 6)]
    assert await read(rest) == [(107, 14)]
    assert (rest.missing, rest.values["beyond"]) == ({"f"}, 120)


async def test_a_block_that_is_refused_altogether_sheds_nothing(unit: MockModbusUnit) -> None:
    """There is no first request to keep."""
    refuse(unit, *range(100, 130))
    eight = block(unit)
    await read(eight)
    assert eight.empty
    assert eight.shed(Tier.STATIC, 15.0) is None
