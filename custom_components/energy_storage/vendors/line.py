"""One unit id on a shared Modbus link: bounded requests, and errors in our own words."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
import contextlib
import errno
from functools import partial
import socket
from typing import Any

from modbus_connection import (
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusUnit,
)

from .driver import DriverConnectionError, DriverRejectedError, LinkFault

_FIRST_REST_S = 60.0
_LONGEST_REST_S = 900.0
_TEARDOWN_S = 2.0
_WRITE_ONE = 0x06
_UNKNOWN_TO_DEVICE: tuple[type[ModbusExceptionError], ...] = (
    IllegalFunctionError,
    IllegalDataAddressError,
    IllegalDataValueError,
)

type Clock = Callable[[], float]
"""Seconds that never jump."""


class Backoff:
    """Waits longer after each failure in a row: 1, 2, 4 … 15 minutes."""

    def __init__(self) -> None:
        """Begin without a failure."""
        self.failures = 0
        self._until = 0.0

    def fail(self, now: float) -> None:
        """Take in a failure."""
        self.failures += 1
        self._until = now + min(_FIRST_REST_S * 2 ** min(self.failures - 1, 8), _LONGEST_REST_S)

    def succeed(self) -> None:
        """Take in a success."""
        self.failures = 0
        self._until = 0.0

    def resting(self, now: float) -> bool:
        """Tell whether it is too early to try again."""
        return now < self._until


class Line:
    """One unit id on the link, asked with one request at a time."""

    def __init__(
        self, unit: ModbusUnit, *, timeout_s: float, spacing_s: float, clock: Clock, behind: bool = False
    ) -> None:
        """Bound each request; a unit `behind` the one that owns the link is left alone while silent."""
        self.unit = unit
        self.behind = behind
        self.answered: bool | None = None
        """Whether it answered when it was last asked."""
        self.requests = 0
        """How many requests it was asked."""
        self._timeout_s = timeout_s + spacing_s
        self._clock = clock
        self._backoff = Backoff()
        unit.set_message_spacing(spacing_s)

    def resting(self) -> bool:
        """Tell whether it was silent so lately that asking again would only cost time."""
        return self._backoff.resting(self._clock())

    def wake(self) -> None:
        """Forget that it was silent: that had another reason."""
        self._backoff.succeed()

    async def ask[T](
        self,
        request: Callable[[], Awaitable[T]],
        refusals: tuple[type[ModbusExceptionError], ...] = _UNKNOWN_TO_DEVICE,
    ) -> T:
        """Make one request.

        Raises:
            DriverRejectedError: the device does not know the address or does not like the request.
            DriverConnectionError: no usable answer.

        """
        self.requests += 1
        try:
            answer = await self._within_time(request)
        except refusals as err:
            self._heard()
            raise DriverRejectedError(str(err)) from err
        except (ModbusError, TimeoutError) as err:
            fault = link_fault(err, connected=self.unit.connected)
            await self._missed(fault, exception=isinstance(err, ModbusExceptionError))
            raise DriverConnectionError(str(err) or "no answer in time", fault) from err
        self._heard()
        return answer

    async def write(self, address: int, words: tuple[int, ...], function: int) -> None:
        """Write these words whole. Whatever code a device refuses a write with, it means: not now.

        Raises:
            DriverRejectedError: the device refuses.
            DriverConnectionError: no usable answer; whether it was written is unknown.

        """
        if function == _WRITE_ONE:
            request = partial(self.unit.write_register, address, words[0])
        else:
            request = partial(self.unit.write_registers, address, list(words))
        await self.ask(request, (ModbusExceptionError,))

    async def answers(self, address: int, count: int) -> bool:
        """Tell whether the device knows these input registers."""
        try:
            await self.ask(partial(self.unit.read_input_registers, address, count))
        except DriverRejectedError:
            return False
        return True

    async def _within_time[T](self, request: Callable[[], Awaitable[T]]) -> T:
        """Wait for the answer, but not for ever.

        An attempt to open the link is left to end by itself: cut off, it would end in a logged trace.
        """
        task = asyncio.ensure_future(request())
        try:
            await asyncio.wait({task}, timeout=self._timeout_s)
        finally:
            if not task.done():
                task.add_done_callback(_hear_out)
                if self.unit.connected:
                    task.cancel()
                    await asyncio.wait({task})
        if task.cancelled() or not task.done():
            raise TimeoutError
        return task.result()

    def _heard(self) -> None:
        self.answered = True
        self._backoff.succeed()

    async def _missed(self, fault: LinkFault, *, exception: bool) -> None:
        self.answered = False
        if self.behind:
            self._backoff.fail(self._clock())
        elif not exception and fault in (LinkFault.SILENT, LinkFault.GARBLED):
            # The link itself may be half open, or hold the rest of a broken frame: start it afresh.
            with contextlib.suppress(ModbusError, TimeoutError):
                async with asyncio.timeout(_TEARDOWN_S):
                    await self.unit.disconnect()


def _hear_out(task: asyncio.Future[Any]) -> None:
    """Take note of how a request ended that nobody waits for."""
    if not task.cancelled():
        task.exception()


def link_fault(err: BaseException, *, connected: bool) -> LinkFault:
    """Tell from an error and what caused it why there was no usable answer."""
    if isinstance(err, ModbusExceptionError):
        return LinkFault.SILENT  # busy, or a gateway that speaks for a silent device
    if isinstance(err, ModbusProtocolError):
        return LinkFault.GARBLED
    if isinstance(err, TimeoutError):
        return LinkFault.SILENT if connected else LinkFault.UNREACHABLE
    return next((fault for cause in _causes(err) if (fault := _network_fault(cause))), LinkFault.CLOSED)


def _causes(err: BaseException | None) -> Iterator[BaseException]:
    while err is not None:
        yield err
        err = err.__cause__


def _network_fault(cause: BaseException) -> LinkFault | None:
    match cause:
        case socket.gaierror():
            return LinkFault.NAME_UNKNOWN
        case ConnectionRefusedError():
            return LinkFault.REFUSED
        case ConnectionError():
            return LinkFault.CLOSED
        case OSError() if f"[Errno {errno.ECONNREFUSED}]" in str(cause):
            return LinkFault.REFUSED  # a host with several addresses tells its refusals in one text
        case OSError():
            return LinkFault.UNREACHABLE
    return None
