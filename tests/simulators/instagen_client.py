"""A client that knows only the simulator's own frames and table, to judge a simulated stick by."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .instagen import InstagenSimulator
from .instagen_frame import STANDARD_BYTES, Frame, is_extended, pack, size, unpack
from .instagen_messages import Message, Value, decode, encode
from .instagen_windows import number

QUIET_S = 0.15
_ANSWERS = {
    0xDB01: "GatewayInfoResponse",
    0xDB02: "GatewayHeartbeatResponse",
    0xDB03: "GatewayActionResponse",
    0xDB04: "GatewayActionStatusResponse",
    0xDB06: "GatewayNetResponse",
    0xC302: "EsRegistryResponse",
    0xC303: "EsDataResponse",
    0xC308: "EsUserSetResponse",
    0xA301: "AppInfoResponse",
    0xA302: "AppHeartbeatResponse",
    0xA305: "LegacyActionResponse",
}


class StickClient:
    """One connection."""

    def __init__(
        self, sim: InstagenSimulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take over a connection."""
        self.sim = sim
        self.reader = reader
        self.writer = writer
        self.sequence = 0
        self.key: bytes | None = None
        """Seals standard frames, when set."""

    def frame(self, command: int, values: Message | None = None, *, target: int = 1) -> Frame:
        """Build the next request."""
        self.sequence += 1
        if not is_extended(command):
            return Frame(command=command, sequence=self.sequence, payload=_payload(command, values))
        return Frame(
            command=command,
            sequence=self.sequence,
            payload=_payload(command, values),
            stick_serial=self.sim.stick_serial,
            target=255 if command >> 8 == 0xDB else target,
        )

    async def receive(self, timeout_s: float = 5.0) -> Frame:
        """Return the next frame."""
        async with asyncio.timeout(timeout_s):
            head = await self.reader.readexactly(STANDARD_BYTES)
            rest = size(head, encrypting=self.key is not None) - STANDARD_BYTES
            return unpack(head + await self.reader.readexactly(rest), self.key)

    async def exchange(self, request: Frame) -> Frame:
        """Send a request and return what comes back, which must belong to it."""
        self.writer.write(pack(request, self.key))
        answer = await self.receive()
        expected = request.answer(answer.payload)
        if answer != expected:
            raise AssertionError(f"{answer} instead of {expected}")
        return answer

    async def ask(self, command: int, values: Message | None = None, *, target: int = 1) -> dict[str, Value]:
        """Send a request and return the members of the answer."""
        answer = await self.exchange(self.frame(command, values, target=target))
        return decode(_ANSWERS[command], answer.payload)

    async def data(self, index: int = 0, page: int = 0) -> dict[str, Value]:
        """Return the live data of an inverter."""
        return await self.ask(
            0xC303, {"inverter_serial": self.sim.config.serials[index], "page": page}, target=index + 1
        )

    async def set(self, **values: Value) -> int:
        """Send a settings message and return its error code."""
        serials = [self.sim.config.serials[0]]
        message: Message = {"unix_time": 1, "transaction_id": 7, "target_serials": serials, **values}
        return int(number(await self.ask(0xC308, message), "error_code"))

    async def quiet(self, data: bytes, seconds: float = QUIET_S) -> bool:
        """Tell whether bytes stay without any answer for so long, or until the end of the connection."""
        self.writer.write(data)
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except TimeoutError:
            return True

    async def ended(self, timeout_s: float = 5.0) -> bool:
        """Tell whether the stick ends the connection."""
        try:
            async with asyncio.timeout(timeout_s):
                return not await self.reader.read()
        except ConnectionError:
            return True


def _payload(command: int, values: Message | None) -> bytes:
    message = _ANSWERS.get(command, "").replace("Response", "Request")
    return encode(message, values or {}) if message else b""


@asynccontextmanager
async def connected(sim: InstagenSimulator, port: int | None = None) -> AsyncIterator[StickClient]:
    """Connect until the block ends, to the simulator or to one like it at another port."""
    reader, writer = await asyncio.open_connection(sim.host, sim.port if port is None else port)
    try:
        yield StickClient(sim, reader, writer)
    finally:
        writer.transport.abort()
