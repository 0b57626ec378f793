"""Who is asked next, when not everything can be."""

from modbus_connection.mock import MockModbusConnection

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.driver import Tier
from custom_components.energy_storage.vendors.fields import Table, u16
from custom_components.energy_storage.vendors.line import Line
from custom_components.energy_storage.vendors.modbus import Block
from custom_components.energy_storage.vendors.poller import Poller


class Count(Table):
    """Something that is counted."""

    device = DeviceKind.PLANT
    tier = Tier.COUNTERS

    a = u16(100)


class Setting(Table):
    """Something that is set."""

    device = DeviceKind.PLANT
    tier = Tier.SETTINGS

    a = u16(200)


async def test_the_most_overdue_block_comes_first() -> None:
    """What does not fit into a call is not forgotten."""
    now = 0.0
    unit = MockModbusConnection().for_unit(1)
    unit.holding = {100: 1, 200: 2}
    poller = Poller(lambda: now)
    line = Line(unit, timeout_s=1, spacing_s=0, clock=lambda: now)
    poller.blocks = [Block("plant", table, line, ("a",)) for table in (Count, Setting)]
    await poller.read_others(None)
    now = 60.0
    poller.due({Tier.SETTINGS})
    now = 61.0
    poller.due({Tier.COUNTERS, Tier.SETTINGS})
    unit.read_events.clear()
    await poller.read_others(1)
    assert [event.address for event in unit.read_events] == [200]
    await poller.read_others(1)
    await poller.read_others(1)
    assert [event.address for event in unit.read_events] == [200, 100]
