"""A Modbus device on a serial line: a pseudo terminal whose other end is given to the client.

What the client writes is pumped into a socket that the same connection serves as over TCP, and back.
"""

import asyncio
from contextlib import suppress
import os
import socket
import tty
from typing import override

from .framing import RTU
from .modbus import Connection, Listener, ModbusServer, Responder, Wire

_MOST_BYTES = 4096


class SerialServer(ModbusServer):
    """The device's end of the line; closed, it hears nothing, and the line stays."""

    def __init__(self, responder: Responder, wire: Wire) -> None:
        """Lay the line; `device` is the path for clients."""
        super().__init__(responder, wire, host="serial", port=0, framing=RTU)
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self.device = os.ttyname(self._far)
        self._loop = asyncio.get_running_loop()
        self._connection: SerialConnection | None = None
        self._plug: socket.socket | None = None
        self._inner: socket.socket | None = None
        self._loop.add_reader(self._near, self._from_client)

    @property
    @override
    def is_open(self) -> bool:
        return self._plug is not None

    @override
    def open(self) -> None:
        if self._plug is not None:
            return
        self._plug, self._inner = socket.socketpair()
        self._plug.setblocking(False)
        self._connection = SerialConnection(Listener(self, self._inner), self)
        self._loop.add_reader(self._plug, self._to_client)
        self.keep(self._attach(self._connection, self._inner))

    async def _attach(self, connection: Connection, inner: socket.socket) -> None:
        await self._loop.connect_accepted_socket(lambda: connection, inner)

    @override
    def close(self, *, reset: bool = False) -> None:
        if self._plug is None or self._connection is None or self._inner is None:
            return
        self._loop.remove_reader(self._plug)
        if self._connection.stream is None:
            self._inner.close()
        self._connection.end()
        self._plug.close()
        self._plug = None

    @override
    async def closed(self) -> None:
        await super().closed()
        self._loop.remove_reader(self._near)
        os.close(self._near)
        os.close(self._far)

    def _from_client(self) -> None:
        data = os.read(self._near, _MOST_BYTES)
        if self._plug is not None:
            self._plug.send(data)

    def _to_client(self) -> None:
        if self._plug is not None:
            with suppress(BlockingIOError):
                os.write(self._near, self._plug.recv(_MOST_BYTES))


class SerialConnection(Connection):
    """The only connection of a serial line; nobody can cut it."""

    @override
    def reset(self) -> None:
        """Leave the line as it is."""
