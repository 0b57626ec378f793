"""The listening side of an Instagen stick: one port, one client at a time, frames in and out.

The server hands each sound frame to a `Responder` and sends what it says, spoiled as the faults say.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
import random
import socket
import struct
from typing import Literal, Protocol

from .faults import Faults
from .instagen_frame import STANDARD_BYTES, Frame, FrameError, WrongKeyError, pack, size, unpack

_HANDOVER_S = 0.05
"""The next client may come before the stick has noticed that the last one went."""
_BETWEEN_PIECES_S = 0.005
_HEARTBEAT = 0xDA02


class SilenceError(Exception):
    """The device does not answer; `close` ends the connection after a while."""

    def __init__(self, *, close: bool) -> None:
        """Remember what follows."""
        super().__init__()
        self.close = close


class Responder(Protocol):
    """What a stick says, and the random bytes that its encryption is made of."""

    @property
    def key(self) -> bytes | None:
        """The enc_random of an encrypting stick."""

    def respond(self, frame: Frame) -> bytes:
        """Return the payload of the answer; raise SilenceError."""


class StickServer:
    """One port that can be closed and opened again, here or elsewhere."""

    def __init__(
        self,
        responder: Responder,
        faults: Faults,
        *,
        host: str,
        port: int,
        close_s: float,
        second_client: Literal["dropped", "stalled"],
        wrong_key: Literal["silence", "empty", "close"],
    ) -> None:
        """Prepare; `open` listens. Port 0 is chosen by the system once and kept."""
        self.responder = responder
        self.faults = faults
        self.host = host
        self.port = port
        self.close_s = close_s
        self.second_client = second_client
        self.wrong_key = wrong_key
        self.connections: set[Connection] = set()
        self.turn = asyncio.Lock()
        """Whoever holds it is the client."""
        self._socket: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []
        self._listening: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the port is listening."""
        return self._socket is not None

    def open(self) -> None:
        """Listen now; connections queue from this moment on."""
        if self._socket is not None:
            return
        self._socket = socket.create_server((self.host, self.port))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self._listening = self.keep(self._accept(self._socket))

    def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._socket is None:
            return
        for connection in tuple(self.connections):
            connection.reset()
        if self._listening is not None:
            self._listening.cancel()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = None

    def move(self) -> None:
        """Listen at another port."""
        was_open = self.is_open
        self.close()
        self.port = 0
        if was_open:
            self.open()

    async def closed(self) -> None:
        """Close, wait until nothing of it runs any more, and raise what went wrong inside."""
        self.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._failures:
            raise BaseExceptionGroup("the simulated stick failed", self._failures)

    def keep(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run something until it ends or the server is closed for good."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failures.append(failure)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listening)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.keep(self._serve(client))

    async def _serve(self, client: socket.socket) -> None:
        """Talk to a client once it is its turn."""
        reader, writer = await asyncio.open_connection(sock=client)
        connection = Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            patience_s = None if self.second_client == "stalled" else _HANDOVER_S
            async with asyncio.timeout(patience_s):
                await self.turn.acquire()
            try:
                await connection.talk()
            finally:
                self.turn.release()
        except TimeoutError:
            connection.reset()
        except OSError:
            pass
        finally:
            self.connections.discard(connection)
            writer.close()


class Connection:
    """One client."""

    def __init__(
        self, server: StickServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take over a connection."""
        self.server = server
        self.faults = server.faults
        self.reader = reader
        self.writer = writer
        self.dead = False
        """Whether the other side alone believes that it is still there."""
        self._random = random.Random(server.port)

    def reset(self) -> None:
        """Cut the connection with RST."""
        sock = self.writer.get_extra_info("socket")
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def talk(self) -> None:
        """Answer frame by frame until the client goes or sends something that is none."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                try:
                    await self._answer(await self._frame())
                except WrongKeyError as wrong:
                    if self.server.wrong_key == "empty":
                        await self._send(pack(wrong.head.answer(b"")))
                    elif self.server.wrong_key == "close":
                        return
                except FrameError:
                    await self._end_later()
                    return
                except SilenceError as silence:
                    if silence.close:
                        await self._end_later()
                        return

    async def _frame(self) -> Frame:
        """Wait for a frame; one that has begun is waited for only so long."""
        data = await self.reader.readexactly(1)
        key = self.server.responder.key
        try:
            async with asyncio.timeout(self.server.close_s):
                data += await self.reader.readexactly(STANDARD_BYTES - 1)
                data += await self.reader.readexactly(size(data, encrypting=key is not None) - STANDARD_BYTES)
        except TimeoutError as err:
            raise FrameError("cut short") from err
        return unpack(data, key)

    async def _end_later(self) -> None:
        await asyncio.sleep(self.server.close_s)

    async def _answer(self, request: Frame) -> None:
        if "half_open" in self.faults:
            self.dead = True
        if self.dead or "silence" in self.faults:
            return
        payload = self.server.responder.respond(request)
        if "dropped_answers" in self.faults:
            return
        if "closes_instead" in self.faults:
            self.reset()
            return
        if (late := self.faults.get("late_answers")) is not None:
            await asyncio.sleep(late.value)
        await self._send(self._spoiled(request.answer(payload)))
        if "closes_after_answer" in self.faults:
            self.writer.close()

    def _spoiled(self, answer: Frame) -> bytes:
        """Write an answer as the faults say."""
        faults = self.faults
        frame = Frame(
            command=answer.command,
            sequence=(answer.sequence + ("wrong_sequence" in faults)) & 0xFFFF,
            payload=b"" if "empty_answers" in faults else answer.payload,
            stick_serial=answer.stick_serial ^ 0xFF * (answer.extended and "wrong_serial" in faults),
            target=answer.target,
        )
        data = pack(frame, self.server.responder.key)
        if "wrong_checksum" in faults:
            data = data[:6] + bytes([data[6] ^ 0x55]) + data[7:]
        if "endless_length" in faults:
            data = data[:8] + (int.from_bytes(data[8:10]) + 100).to_bytes(2) + data[10:]
        heartbeat = pack(Frame(command=_HEARTBEAT, sequence=0, payload=b"", stick_serial=answer.stick_serial))
        data = heartbeat * ("merged" in faults) + data + heartbeat * ("merged_behind" in faults)
        if (garbage := faults.get("garbage_before")) is not None:
            data = self._random.randbytes(int(garbage.value)).replace(b"H", b"h") + data
        return data

    async def _send(self, data: bytes) -> None:
        if "reset_in_answer" in self.faults:
            self.writer.write(data[: len(data) // 2])
            await asyncio.sleep(_BETWEEN_PIECES_S)
            self.reset()
            return
        pieces = self.faults.get("fragmented")
        step = int(pieces.value) if pieces is not None else len(data)
        for start in range(0, len(data), step):
            if start:
                await asyncio.sleep(_BETWEEN_PIECES_S)
            self.writer.write(data[start : start + step])
            await self.writer.drain()
