"""Meters word by word: IEEE 754 numbers, high word first, as the maker's tables place them."""

from collections.abc import Mapping

from modbus_connection import IllegalDataAddressError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from custom_components.energy_storage.vendors.line import Line
from custom_components.energy_storage.vendors.meters.modbus_meter import open_line

DTSU = {
    0x2006: (0x450F, 0xD000),  # 2301.0: 230.1 V
    0x2008: (0x450E, 0xF000),  # 2287.0: 228.7 V
    0x200A: (0x4510, 0x9000),  # 2313.0: 231.3 V
    0x200C: (0x45BB, 0x8000),  # 6000.0: 6 A
    0x200E: (0x44FA, 0x0000),  # 2000.0: 2 A
    0x2010: (0x447A, 0x0000),  # 1000.0: 1 A
    0x2012: (0x4640, 0xE400),  # 12345.0: 1234.5 W of import
    0x2014: (0x469C, 0x4000),  # 20000.0: 2000 W
    0x2016: (0xC59C, 0x4000),  # -5000.0: 500 W of export
    0x2018: (0xC526, 0xF000),  # -2671.0: 267.1 W of export
    0x2044: (0x459C, 0x4000),  # 5000.0: 50 Hz
    0x0006: (1,),
    0x0007: (10,),
}
"""A DTSU666 without transformers, and without counters."""
DDSU = {
    0x2000: (0x4366, 0x8000),  # 230.5 V
    0x2002: (0x40B0, 0x0000),  # 5.5 A
    0x2004: (0xBFA0, 0x0000),  # -1.25 kW: export
    0x2006: (0x3DCC, 0xCCCD),  # 0.1 kvar
    0x200A: (0x3F7F, 0x0000),  # power factor
    0x200E: (0x4248, 0x0000),  # 50 Hz
    0x4000: (0x4640, 0xE400),  # 12345 kWh
    0x400A: (0x44FA, 0x0000),  # 2000 kWh
}
ZERO = (0x0000, 0x0000)
KWH_1000 = (0x447A, 0x0000)
KWH_1234_5 = (0x449A, 0x5000)
_MAPPED = (*range(0x80), *range(0x1000, 0x1060), *range(0x2000, 0x2060), *range(0x4000, 0x4060))

type Words = Mapping[int, tuple[int, ...]]


def meter(*holding: Words, inputs: dict[int, int] | None = None) -> MockModbusUnit:
    """Build a meter that knows these registers and refuses all others."""
    unit = MockModbusConnection().for_unit(1)
    words = {
        at: word for some in holding for first, many in some.items() for at, word in enumerate(many, first)
    }
    unit.holding, unit.input = dict(words), dict(inputs or {})
    for address in _MAPPED:
        if address not in unit.holding:
            unit.fail_read(address, IllegalDataAddressError())
        if address not in unit.input:
            unit.fail_read(address, IllegalDataAddressError(), register_type="input")
    return unit


def line(unit: MockModbusUnit) -> Line:
    """Open a line to it, on a clock that stands."""
    return open_line(unit, lambda: 0.0, timeout_s=1.0, behind=False)
