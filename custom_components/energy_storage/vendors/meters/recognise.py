"""Finds out which meter answers on a unit id, or why what answers cannot be read."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from struct import pack, unpack

from ...engine.plant import Value
from ..driver import DriverError, DriverRejectedError
from ..fields import Table, fields_of
from ..line import Line
from ..modbus import Block
from ..poller import Poller
from . import MODELS
from .dtsu666 import Electricity
from .meter import MapFault, MeterModel, NotThisMeterError, within

_WORD_ORDER = 0x000C
"""Of a DTSU666: 0 high word and high byte first, the only order that we read."""
_OTHER_ORDERS = _WORDS_SWAPPED, _BYTES_SWAPPED, _BOTH_SWAPPED = 1, 2, 3
_SUNGROW_VOLTS = (0x0061, 3)
_SUNGROW_HERTZ = (0x0077, 1)
_SCALES = (1, 10, 100)
"""Nobody has published which one it is."""
_VOLTS = (180, 280)
_HERTZ = (45, 65)


async def recognise(line: Line) -> MeterModel:
    """Tell which meter answers.

    Raises:
        DriverConnectionError: nothing answers.
        NotThisMeterError: something else answers, or in a way that we do not read.

    """
    for model in MODELS:
        values = await _values(line, model.measured) | await _values(line, model.proof)
        if model.plausible(values):
            return model
    if await _answers(partial(_is_in_other_order, line)):
        raise NotThisMeterError(MapFault.WORD_ORDER)
    if await _answers(partial(_is_sungrows, line)):
        raise NotThisMeterError(MapFault.OEM_SUNGROW)
    raise NotThisMeterError(MapFault.UNKNOWN_MAP)


async def _values(line: Line, table: type[Table]) -> dict[str, Value]:
    """Read a table; a device that does not know it says nothing by it."""
    block = Block("meter", table, line, tuple(fields_of(table)))
    try:
        await Poller(lambda: 0.0).read(block)
    except DriverRejectedError:
        return {}
    return block.values


async def _answers(looks: Callable[[], Awaitable[bool]]) -> bool:
    """Tell whether something looks as expected; no answer is no."""
    try:
        return await looks()
    except DriverError:
        return False


async def _is_in_other_order(line: Line) -> bool:
    """Tell whether a DTSU666 says itself that it sends another order, and is plausible in that one."""
    [order] = await line.ask(partial(line.unit.read_holding_registers, _WORD_ORDER, 1))
    if order not in _OTHER_ORDERS:
        return False
    volts = fields_of(Electricity)["voltage_l1"]
    words = await line.ask(partial(line.unit.read_holding_registers, volts.address, volts.count))
    return within(_ordered(words, order) * volts.scale, *_VOLTS)


def _ordered(words: Sequence[int], order: int) -> float:
    """Read a float from two words in one of the other orders."""
    layout = ">HH" if order == _WORDS_SWAPPED else "<HH"
    high, low = words if order == _BYTES_SWAPPED else reversed(words)
    [value] = unpack(">f", pack(layout, high, low))
    return float(value)


async def _is_sungrows(line: Line) -> bool:
    """Tell whether there are voltages and a frequency where a meter of Sungrow's has them."""
    volts = await line.ask(partial(line.unit.read_input_registers, *_SUNGROW_VOLTS))
    hertz = await line.ask(partial(line.unit.read_input_registers, *_SUNGROW_HERTZ))
    return _somehow(volts, _VOLTS) and _somehow(hertz, _HERTZ)


def _somehow(numbers: Sequence[int], span: tuple[float, float]) -> bool:
    """Tell whether all numbers are in a range, in one of the scales."""
    return any(all(within(number / scale, *span) for number in numbers) for scale in _SCALES)
