"""A client that knows only bytes, to judge a simulated device by."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import struct
from typing import override

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


class RawRtuClient(RawClient):
    """The same over RTU frames, whose checksum is reckoned bit by bit."""

    @override
    def send(self, frame: str) -> None:
        body = bytes.fromhex(frame)
        self.writer.write(body + crc(body))

    @override
    async def receive(self, timeout_s: float = 5.0) -> tuple[int, str]:
        async with asyncio.timeout(timeout_s):
            head = await self.reader.readexactly(3)
            more = 2 if head[1] & 0x80 else head[2] + 2 if head[1] in (3, 4) else 5
            answer = head + await self.reader.readexactly(more)
        if crc(answer[:-2]) != answer[-2:]:
            raise AssertionError(f"wrong checksum: {answer.hex(' ')}")
        return 0, answer[:-2].hex(" ").upper()


def crc(body: bytes) -> bytes:
    """Return the checksum of an RTU frame, low byte first."""
    value = 0xFFFF
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


@asynccontextmanager
async def connected_rtu(host: str, port: int) -> AsyncIterator[RawRtuClient]:
    """Connect with RTU frames until the block ends."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield RawRtuClient(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[RawClient]:
    """Connect until the block ends."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.transport.abort()
