"""A client that knows only bytes, to judge a simulated device by."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import struct

QUIET_S = 0.15


class RawClient:
    """One connection; frames are hexadecimal and start with the unit id, as fact files print them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take over a connection."""
        self.reader = reader
        self.writer = writer
        self.transaction = 0

    def send(self, frame: str) -> None:
        """Send a request with the next transaction id."""
        self.transaction += 1
        body = bytes.fromhex(frame)
        self.writer.write(struct.pack(">HHH", self.transaction, 0, len(body)) + body)

    async def receive(self, timeout_s: float = 5.0) -> tuple[int, str]:
        """Return transaction id and frame of the next answer."""
        async with asyncio.timeout(timeout_s):
            transaction, _, length = struct.unpack(">HHH", await self.reader.readexactly(6))
            return transaction, (await self.reader.readexactly(length)).hex(" ").upper()

    async def ask(self, frame: str) -> str:
        """Send a request and return the frame of the answer to it."""
        self.send(frame)
        transaction, answer = await self.receive()
        if transaction != self.transaction:
            raise AssertionError(f"asked {self.transaction}, answered {transaction}")
        return answer

    async def quiet(self, frame: str, seconds: float = QUIET_S) -> bool:
        """Tell whether a request stays without any answer for so long."""
        self.send(frame)
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except TimeoutError:
            return True

    async def read(self, unit: int, address: int, count: int = 1, function: int = 4) -> str:
        """Return the words of a read as hexadecimal, or `exception NN`."""
        answer = await self.ask(struct.pack(">BBHH", unit, function, address, count).hex())
        return f"exception {answer[6:8]}" if answer[3] >= "8" else answer[9:].replace(" ", "")

    async def write(self, unit: int, address: int, *words: int) -> str:
        """Write one word by 0x06 or several by 0x10; return `ok` or `exception NN`."""
        if len(words) == 1:
            body = struct.pack(">BBHH", unit, 6, address, words[0])
        else:
            head = struct.pack(">BBHHB", unit, 16, address, len(words), 2 * len(words))
            body = head + struct.pack(f">{len(words)}H", *words)
        answer = await self.ask(body.hex())
        return f"exception {answer[6:8]}" if answer[3] >= "8" else "ok"


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[RawClient]:
    """Connect until the block ends."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.transport.abort()
