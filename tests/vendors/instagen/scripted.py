"""A stick that answers as a test tells it to, byte for byte, over real TCP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from custom_components.energy_storage.vendors.instagen.frame import Frame, FrameReader, answer_to, encode
from custom_components.energy_storage.vendors.instagen.link import Link

type Answer = Callable[[Frame, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ScriptedStick:
    """Answers the first request as the first of its answers says, and so on; the last one stays."""

    answers: list[Answer]
    port: int = 0
    asked: list[Frame] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    open: int = 0
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client has hung up."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the client hangs up or the answer closes it."""
        self.connections += 1
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        frames = FrameReader()
        try:
            while received := await reader.read(4096):
                for frame in frames.feed(received):
                    self.asked.append(frame)
                    self.was_asked.set()
                    answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                    await answer(frame, writer)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            self.gone.set()
            writer.close()

    def link(self, timeout_s: float = 0.3) -> Link:
        """Give a way to it that does not rest between requests."""
        return Link("127.0.0.1", self.port, gap_s=0, timeout_s=timeout_s)


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[ScriptedStick]:
    """Run such a stick."""
    stick = ScriptedStick(list(answers))
    server = await asyncio.start_server(stick.serve, "127.0.0.1", 0)
    stick.port = server.sockets[0].getsockname()[1]
    try:
        yield stick
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()


def answer_of(question: Frame, payload: bytes, sequence: int | None = None, **extra: int) -> bytes:
    """Give the bytes of an answer to a question, right or with another header."""
    return encode(
        Frame(
            command=answer_to(question.command),
            sequence=question.sequence if sequence is None else sequence,
            payload=payload,
            extra=question.extra and replace(question.extra, **extra),
        )
    )


def says(payload: bytes, *, before: bytes = b"", after: bytes = b"", cut: int | None = None) -> Answer:
    """Answer properly; `cut`: in pieces of so many bytes."""

    async def answer(question: Frame, writer: asyncio.StreamWriter) -> None:
        octets = before + answer_of(question, payload) + after
        size = cut or len(octets)
        for start in range(0, len(octets), size):
            writer.write(octets[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)

    return answer


def says_wrong(payload: bytes, **header: int) -> Answer:
    """Answer with another sequence, target or serial number than was asked."""

    async def answer(question: Frame, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_of(question, payload, **header))

    return answer


def sends(octets: bytes) -> Answer:
    """Answer with these bytes, whatever they are."""

    async def answer(_: Frame, writer: asyncio.StreamWriter) -> None:
        writer.write(octets)

    return answer


async def silent(_: Frame, __: asyncio.StreamWriter) -> None:
    """Do not answer."""


async def hangs_up(_: Frame, writer: asyncio.StreamWriter) -> None:
    """Close the connection instead of an answer."""
    writer.close()


async def floods(_: Frame, writer: asyncio.StreamWriter) -> None:
    """Send what is no frame, without end."""
    while True:
        writer.write(b"HM" + bytes(65_534))
        await writer.drain()
