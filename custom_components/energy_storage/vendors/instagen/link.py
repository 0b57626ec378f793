"""The way to one stick: one request at a time, spaced and bounded; errors in our own words.

Each request has a connection of its own, as the public client does it: the stick serves one client only,
so others get their turn, and a long connection is known to stop the upload to the maker's cloud.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import time

from ..driver import DriverConnectionError, LinkFault
from ..line import Clock, link_fault
from .frame import Extra, Frame, FrameReader, answer_to, encode, is_extended

GAP_S = 2.0
"""Rest between the end of a request and the next one, section 3.1."""

TIMEOUT_S = 10.0
"""For connecting and answering together."""

_CHUNK = 4096
_FIRST_REST_S = 5.0
_LONGEST_REST_S = 60.0
_SEQUENCES = 1 << 16

type Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of whom."""

    command: int
    payload: bytes
    serial: int = 0
    """Of the stick; 0 while it is unknown."""
    target: int = 0
    """Address of the device that is asked; see `frame.STICK`."""

    def frame(self, sequence: int) -> Frame:
        """Give the frame that asks it."""
        extra = Extra(serial=self.serial, target=self.target) if is_extended(self.command) else None
        return Frame(command=self.command, sequence=sequence, payload=self.payload, extra=extra)


class Link:
    """One stick at one address. Every method raises only `DriverConnectionError`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        gap_s: float = GAP_S,
        timeout_s: float = TIMEOUT_S,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Connect to nobody yet."""
        self.requests = 0
        """How many requests were sent, or were to be."""
        self.strays = 0
        """Frames that answered no request of ours."""
        self._address = (host, port)
        self._gap_s = gap_s
        self._timeout_s = timeout_s
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Lock()
        self._free_at = clock()
        self._rest = _Rest()
        self._echoes: dict[str, bool] = {}
        self._closed = False

    async def ask(self, request: Request) -> bytes:
        """Make one request and give the payload of its answer, never an empty one.

        Raises:
            DriverConnectionError: no usable answer in time, or too early after repeated failures.

        """
        async with self._turn:
            self._check_open()
            await self._sleep(max(0.0, self._free_at - self._clock()))
            self._check_open()
            try:
                payload = await self._exchange(request)
            except DriverConnectionError as err:
                self._rest.fail(self._clock(), err)
                raise
            finally:
                self._free_at = self._clock() + self._gap_s
            self._rest = _Rest()
            return payload

    def wake(self) -> None:
        """Forget the failures, so that the next request is made at once: something is urgent."""
        self._rest = _Rest()

    async def close(self) -> None:
        """Let the request that is under way end, and make no other."""
        self._closed = True
        async with self._turn:
            pass

    def _check_open(self) -> None:
        if self._closed:
            raise DriverConnectionError("the link is closed", LinkFault.CLOSED)
        self._rest.check(self._clock())

    async def _exchange(self, request: Request) -> bytes:
        """Connect, ask, hear the answer, hang up."""
        self.requests += 1
        question = request.frame(self.requests % _SEQUENCES)
        octets = encode(question)
        heard = _Heard()
        writer = None
        try:
            async with asyncio.timeout(self._timeout_s):
                reader, writer = await asyncio.open_connection(*self._address)
                heard.connected = True
                writer.write(octets)
                await writer.drain()
                return await self._answer(question, reader, heard)
        except (OSError, ValueError, OverflowError) as err:
            # A host name that cannot be one, or a port beyond all ports, is a ValueError or OverflowError.
            fault = (
                link_fault(err, connected=heard.connected)
                if isinstance(err, OSError)
                else LinkFault.NAME_UNKNOWN
            )
            if fault in (LinkFault.SILENT, LinkFault.CLOSED) and heard.octets:
                fault = LinkFault.GARBLED
            raise DriverConnectionError(str(err) or "no answer in time", fault) from err
        finally:
            if writer is not None:
                writer.close()

    async def _answer(self, question: Frame, reader: asyncio.StreamReader, heard: _Heard) -> bytes:
        frames = FrameReader()
        while received := await reader.read(_CHUNK):
            heard.octets += len(received)
            for frame in frames.feed(received):
                if not self._answers(question, frame):
                    self.strays += 1
                elif frame.payload:
                    return frame.payload
                else:  # how a stick answers that could not decrypt the request
                    raise DriverConnectionError("an empty answer", LinkFault.SILENT)
        raise ConnectionResetError("closed before an answer came")

    def _answers(self, question: Frame, frame: Frame) -> bool:
        """Tell whether a frame is the answer to a question.

        Nobody has published whether every stick echoes sequence, target and serial number. The first
        answer on a new connection can only be ours, so it shows whether this one does.
        """
        if frame.command != answer_to(question.command):
            return False
        fits = _fits(question, frame)
        self._echoes = fits | self._echoes
        return all(fit or not self._echoes[what] for what, fit in fits.items())


@dataclass(slots=True)
class _Heard:
    """What was heard in the course of a request."""

    connected: bool = False
    octets: int = 0


class _Rest:
    """Leaves a stick alone after failures in a row: not after the first, then 5, 10 … 60 s."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0
        self._why: DriverConnectionError | None = None

    def fail(self, now: float, why: DriverConnectionError) -> None:
        self._failures += 1
        self._why = why
        if self._failures > 1:
            rest = min(_FIRST_REST_S * 2 ** min(self._failures - 2, 8), _LONGEST_REST_S)
            self._until = now + rest

    def check(self, now: float) -> None:
        if self._why is not None and now < self._until:
            raise DriverConnectionError(f"left alone after {self._failures} failures", self._why.fault)


def _fits(question: Frame, answer: Frame) -> dict[str, bool]:
    """Tell what of the question's header the answer repeats."""
    fits = {"sequence": answer.sequence == question.sequence}
    if question.extra is not None and answer.extra is not None:
        fits["target"] = answer.extra.target == question.extra.target
        if question.extra.serial:
            fits["serial"] = answer.extra.serial == question.extra.serial
    return fits
