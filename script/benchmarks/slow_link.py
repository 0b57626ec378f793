"""A TCP proxy on loopback that makes a link slow and counts the Modbus requests that pass."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
import struct

from .simulator import HOST

_HEADER_BYTES = 6
"""Of a Modbus TCP frame, up to and with its length field."""


class SlowLink:
    """Delays each direction by half and knows how many requests went to the device."""

    def __init__(self, port: int, delay_ms: int) -> None:
        """Lead to this port on loopback."""
        self._port = port
        self._half_s = delay_ms / 2000
        self.requests = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Forward until the block ends; gives the port to connect to."""
        server = await asyncio.start_server(self._serve, HOST, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self._port)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._forward(reader, far_writer, self._count))
            both.create_task(self._forward(far_reader, writer, lambda: None))

    def _count(self) -> None:
        self.requests += 1

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passed: Callable[[], None]
    ) -> None:
        """Pass frames on, each a while after it came, until one side hangs up."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                header = await reader.readexactly(_HEADER_BYTES)
                (length,) = struct.unpack(">4xH", header)
                frame = header + await reader.readexactly(length)
                await asyncio.sleep(self._half_s)
                passed()
                writer.write(frame)
                await writer.drain()
        writer.close()
