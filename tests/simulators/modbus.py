"""A Modbus device on pymodbus's server, whose register map is a maker's table.

It listens on a TCP port, with Modbus TCP or RTU frames; `serial_line.py` serves a serial line instead.
The server asks a `Responder` for words and hands each answer to a `Wire`, which may spoil it; what the
registers mean is the responder's business.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
import socket
import struct
from typing import Protocol, override

from pymodbus import ModbusException
from pymodbus.constants import ExcCodes
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
    WriteMultipleRegistersResponse,
    WriteSingleRegisterResponse,
)
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from .framing import TCP, Framing, Message
from .register_map import RefusedError

READ_FUNCTIONS = (3, 4)
WRITE_SINGLE = 6
WRITE_MULTIPLE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came over the wire."""

    at: datetime
    unit: int
    function: int
    address: int
    count: int
    values: tuple[int, ...] = ()
    """The words to write; empty for a read."""

    @property
    def writes(self) -> bool:
        """Whether it wants to change something."""
        return self.function in (WRITE_SINGLE, WRITE_MULTIPLE)


class Responder(Protocol):
    """What a device says."""

    def knows(self, unit: int) -> bool:
        """Tell whether a request that makes no sense to this unit id is refused; else it is not heard."""

    async def respond(self, request: Request) -> tuple[int, ...] | None:
        """Return the words read, `()` for a write done, None for silence; raise RefusedError."""


class Wire(Protocol):
    """How an answer leaves; a perfect one sends it as it is."""

    def accepts(self, open_connections: int) -> bool:
        """Tell whether one more connection is welcome."""

    def hears(self, connection: Connection, request: Request) -> bool:
        """Tell whether the request reaches the device at all."""

    def refuses(self, request: Request) -> int | None:
        """Return an exception code to answer with, instead of asking the device."""

    async def send(self, connection: Connection, request: Request, frame: bytes) -> None:
        """Send the answer through `connection.write` and `connection.reset`."""


class ModbusServer:
    """The listening side: one port that can be closed and opened again."""

    def __init__(
        self, responder: Responder, wire: Wire, *, host: str, port: int, framing: Framing = TCP
    ) -> None:
        """Prepare; `open` listens. Port 0 is chosen by the system once and kept."""
        self.responder = responder
        self.wire = wire
        self.framing = framing
        self.host = host
        self.port = port
        self.requests: list[Request] = []
        self.turn = asyncio.Lock()
        """One request at a time over all connections: a request that stalls holds everybody."""
        self.connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: Listener | None = None
        self._opening: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the port is listening."""
        return self._listener is not None

    def open(self) -> None:
        """Listen now; connections queue from this moment on."""
        if self._listener is not None:
            return
        sock = socket.create_server((self.host, self.port))
        sock.setblocking(False)
        self.port = sock.getsockname()[1]
        self._listener = Listener(self, sock)
        self._opening = self.keep(self._listener.serve_forever(background=True))

    def close(self, *, reset: bool = False) -> None:
        """Stop listening and end every connection, with RST when `reset`."""
        if self._listener is None:
            return
        for connection in tuple(self.connections):
            if reset:
                connection.reset()
            else:
                connection.end()
        if self._opening is not None:
            self._opening.cancel()
        self._listener.stop()
        self._listener = None

    async def closed(self) -> None:
        """Close, then wait until nothing of it runs any more."""
        self.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def keep(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run something until it ends or the server is closed for good."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class Listener(ModbusTcpServer):
    """pymodbus's server on a socket that already listens, with our connections."""

    def __init__(self, server: ModbusServer, sock: socket.socket) -> None:
        """Take over the socket."""
        nothing = SimDevice(0, simdata=SimData(0, values=0, datatype=DataType.REGISTERS))
        super().__init__(nothing, framer=server.framing.framer, address=(server.host, server.port))
        self.owner = server
        self.sock = sock
        self.call_create = partial(self.loop.create_server, self.handle_new_connection, sock=sock)

    @override
    def callback_new_connection(self) -> Connection:
        return Connection(self, self.owner)

    def stop(self) -> None:
        """Close the port, started or not."""
        if not self.serving.done():
            self.serving.set_result(True)
        self.close()
        if self.sock.fileno() >= 0:
            self.loop.remove_reader(self.sock)
            self.sock.close()


class Connection(ServerRequestHandler):
    """One client; its requests are answered in their order."""

    def __init__(self, listener: Listener, server: ModbusServer) -> None:
        """Start the task that answers."""
        super().__init__(listener, None, None, None)  # type: ignore[no-untyped-call]  # pymodbus leaves it untyped
        self.owner = server
        self.framing = server.framing
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        self.worker = server.keep(self._work())
        self.stream: asyncio.Transport | None = None
        self.dead = False
        """Whether the other side alone believes that it is still there."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("TCP only")
        self.stream = transport
        super().connection_made(transport)
        if self.owner.wire.accepts(len(self.owner.connections)):
            self.owner.connections.add(self)
        else:
            self.reset()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.owner.connections.discard(self)
        self.worker.cancel()
        super().connection_lost(exc)

    @override
    def callback_data(self, data: bytes, addr: tuple[str, int] | None = None) -> int:
        used, messages = self.framing.split(data)
        for message in messages:
            self.inbox.put_nowait(message)
        return used

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        if self.stream is not None and not self.stream.is_closing():
            self.stream.write(data)

    def end(self) -> None:
        """Close the connection politely."""
        if self.stream is not None:
            self.stream.close()

    def reset(self) -> None:
        """Cut the connection with RST."""
        if self.stream is None or self.stream.is_closing():
            return
        self.stream.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.stream.abort()

    async def _work(self) -> None:
        """Answer what comes in, one after the other."""
        while True:
            message = await self.inbox.get()
            async with self.owner.turn:
                await self._answer(message)

    async def _answer(self, message: Message) -> None:
        unit, function = message.unit, message.pdu[0]
        request = _request(self.framer.decoder, message)
        answer: ModbusPDU | None
        if request is None and not self.owner.responder.knows(unit):
            return
        if request is None:
            code = ExcCodes.ILLEGAL_VALUE if _is_register_function(function) else ExcCodes.ILLEGAL_FUNCTION
            request = Request(at=datetime.now(UTC), unit=unit, function=function, address=0, count=0)
            answer = ExceptionResponse(function, code)
        elif not self.owner.wire.hears(self, request):
            return
        else:
            self.owner.requests.append(request)
            answer = await self._ask(request)
        if answer is not None:
            answer.dev_id = unit
            answer.transaction_id = message.transaction
            await self.owner.wire.send(self, request, self.framer.buildFrame(answer))

    async def _ask(self, request: Request) -> ModbusPDU | None:
        if (code := self.owner.wire.refuses(request)) is not None:
            return ExceptionResponse(request.function, code)
        try:
            words = await self.owner.responder.respond(request)
        except RefusedError as refused:
            return ExceptionResponse(request.function, refused.code)
        return None if words is None else _response(request, words)


def _response(request: Request, words: tuple[int, ...]) -> ModbusPDU:
    """Wrap an answer in the response that belongs to the request."""
    match request.function:
        case 3:
            return ReadHoldingRegistersResponse(registers=list(words))
        case 4:
            return ReadInputRegistersResponse(registers=list(words))
        case 6:
            return WriteSingleRegisterResponse(address=request.address, registers=list(request.values))
        case _:
            return WriteMultipleRegistersResponse(address=request.address, count=request.count)


def _is_register_function(function: int) -> bool:
    return function in (*READ_FUNCTIONS, WRITE_SINGLE, WRITE_MULTIPLE)


def _request(decoder: DecodePDU, message: Message) -> Request | None:
    """Decode a message by pymodbus; None for another function or for one that is not well formed."""
    if not _is_register_function(message.pdu[0]):
        return None
    try:
        pdu = decoder.decode(message.pdu)
    except ModbusException, struct.error:
        return None
    if pdu is None:
        return None
    values = tuple(pdu.registers)
    return Request(
        at=datetime.now(UTC),
        unit=message.unit,
        function=pdu.function_code,
        address=pdu.address,
        count=1 if pdu.function_code == WRITE_SINGLE else pdu.count,
        values=values,
    )
