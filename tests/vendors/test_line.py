"""Requests on one unit id: bounded, and every failure named for what the network did."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
import logging
import socket
import time

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverRejectedError,
    LinkFault,
)
from custom_components.energy_storage.vendors.line import Backoff, Line
from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenConfig

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TIMEOUT_S = 0.15


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    """Run a server on loopback; give its port."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def line_to(port: int, host: str = "127.0.0.1", *, behind: bool = False) -> AsyncIterator[Line]:
    """Open a line to unit 247."""
    connection = ModbusConnection(ModbusTcpParams(host=host, port=port))
    unit = connection.for_unit(247)
    try:
        yield Line(unit, timeout_s=TIMEOUT_S, spacing_s=0, clock=time.monotonic, behind=behind)
    finally:
        await connection.close()


async def fault_of(line: Line) -> LinkFault:
    """Ask for two registers; give how that failed."""
    with pytest.raises(DriverConnectionError) as caught:
        await line.ask(partial(line.unit.read_input_registers, 30000, 2))
    assert str(caught.value)
    return caught.value.fault


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close before anything was asked."""
    writer.close()


async def hang_up_when_asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close instead of an answer."""
    await reader.read(12)
    writer.close()


async def reset_when_asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset instead of an answer."""
    await reader.read(12)
    writer.transport.abort()


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listen, and keep silent."""
    await reader.read()
    writer.close()


async def answer_for_another(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the unit id of somebody else."""
    request = await reader.read(12)
    writer.write(request[:4] + b"\0\7" + b"\x05\x04\x04\0\0\0\1")
    await reader.read()
    writer.close()


async def answer_too_little(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one register where two were asked for."""
    request = await reader.read(12)
    writer.write(request[:4] + b"\0\5" + b"\xf7\x04\x02\0\1")
    await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("talk", "fault"),
    [
        (hang_up, LinkFault.CLOSED),
        (hang_up_when_asked, LinkFault.CLOSED),
        (reset_when_asked, LinkFault.CLOSED),
        (say_nothing, LinkFault.SILENT),
        (answer_for_another, LinkFault.GARBLED),
        (answer_too_little, LinkFault.GARBLED),
    ],
)
@pytest.mark.usefixtures("socket_enabled")
async def test_what_a_bad_peer_does_is_named(talk: Talk, fault: LinkFault) -> None:
    """Each way to fail after the connection was accepted has its own name."""
    async with listening(talk) as port, line_to(port) as line:
        assert await fault_of(line) is fault


@pytest.mark.usefixtures("socket_enabled")
async def test_a_closed_port_is_refused() -> None:
    """The host is there, nothing listens."""
    async with listening(say_nothing) as port:
        pass
    async with line_to(port) as line:
        assert await fault_of(line) is LinkFault.REFUSED
    async with line_to(port, "localhost") as line:
        assert await fault_of(line) is LinkFault.REFUSED


@pytest.mark.usefixtures("socket_enabled")
async def test_a_name_without_address_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner has mistyped the host."""
    loop = asyncio.get_running_loop()

    async def nobody(*_args: object, **_kwargs: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(loop, "getaddrinfo", nobody)
    async with line_to(502, "nobody.invalid") as line:
        assert await fault_of(line) is LinkFault.NAME_UNKNOWN


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("answer", ["never", "no route"])
@pytest.mark.parametrize("behind", [False, True])
async def test_a_host_that_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: str, *, behind: bool
) -> None:
    """No way to the host, or nothing comes back from there; no attempt is left to end in a trace."""

    async def connect(*_args: object, **_kwargs: object) -> None:
        if answer == "no route":
            raise OSError(113, "No route to host")
        await asyncio.sleep(3 * TIMEOUT_S)
        raise TimeoutError

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", connect)
    async with line_to(502, behind=behind) as line:
        assert await fault_of(line) is LinkFault.UNREACHABLE
        await asyncio.sleep(3 * TIMEOUT_S)
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("code", [1, 2, 3])
async def test_a_refused_address_is_a_refusal(sigen: SigenFactory, code: int) -> None:
    """The device is well, it just does not know the register."""
    sim = await sigen(SigenConfig(speed=0))
    sim.faults.add("exception", code)
    async with line_to(sim.port) as line:
        with pytest.raises(DriverRejectedError):
            await line.ask(partial(line.unit.read_input_registers, 30000, 2))
        assert not await line.answers(30000, 2)
        assert line.answered is True


@pytest.mark.parametrize("code", [4, 5, 6, 8, 10, 11])
async def test_other_exceptions_mean_no_answer(sigen: SigenFactory, code: int) -> None:
    """Busy, broken, or a gateway that speaks for somebody silent."""
    sim = await sigen(SigenConfig(speed=0))
    sim.faults.add("exception", code)
    async with line_to(sim.port) as line:
        assert await fault_of(line) is LinkFault.SILENT
        assert line.answered is False


async def test_a_half_open_link_is_opened_again(sigen: SigenFactory) -> None:
    """A connection that died without a word would stay silent for ever."""
    sim = await sigen(SigenConfig(speed=0))
    async with line_to(sim.port) as line:
        sim.faults.add("half_open")
        assert await fault_of(line) is LinkFault.SILENT
        sim.faults.remove("half_open")
        assert await line.answers(30000, 2)


async def test_the_rest_of_a_broken_frame_does_not_spoil_the_next(sigen: SigenFactory) -> None:
    """A frame that lacks its end waits in the buffer until the link is opened again."""
    sim = await sigen(SigenConfig(speed=0))
    async with line_to(sim.port) as line:
        sim.faults.add("truncated_frame")
        assert await fault_of(line) is LinkFault.SILENT
        sim.faults.remove("truncated_frame")
        assert await line.answers(30000, 2)


async def test_a_silent_unit_behind_the_plant_is_left_alone(sigen: SigenFactory) -> None:
    """It rests, and the link stays open for the others."""
    sim = await sigen(SigenConfig(speed=0, ac_chargers=(5,)))
    sim.faults.add("charger_silent")
    async with line_to(sim.port) as plant:
        assert await plant.answers(30000, 2)
        unit = ModbusConnection(ModbusTcpParams(host=sim.host, port=sim.port)).for_unit(5)
        charger = Line(unit, timeout_s=TIMEOUT_S, spacing_s=0, clock=time.monotonic, behind=True)
        assert await fault_of(charger) is LinkFault.SILENT
        assert charger.resting()
        assert unit.connected
        await unit.disconnect()


def test_back_off_doubles_up_to_a_quarter_of_an_hour() -> None:
    """1, 2, 4, 8 and then 15 minutes."""
    backoff, rests = Backoff(), []
    for _ in range(6):
        backoff.fail(0.0)
        rests.append(next(s for s in range(0, 2_000, 30) if not backoff.resting(s)))
    assert rests == [60, 120, 240, 480, 900, 900]


def test_an_answer_ends_the_back_off() -> None:
    """A charger that is back is asked as before."""
    backoff = Backoff()
    backoff.fail(0.0)
    backoff.succeed()
    assert not backoff.resting(1.0)
