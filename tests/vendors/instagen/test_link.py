"""One request at a time, spaced, bounded and told apart from what answers no request of ours."""

import asyncio
import socket

import pytest

from custom_components.energy_storage.vendors.driver import DriverConnectionError, LinkFault
from custom_components.energy_storage.vendors.instagen.link import Link, Request

from .scripted import (
    Answer,
    answer_of,
    floods,
    hangs_up,
    says,
    says_wrong,
    scripted,
    sends,
    silent,
)
from .test_vectors import STICK_SERIAL, VECTORS

pytestmark = pytest.mark.usefixtures("socket_enabled")

REQUEST = Request(command=0xC302, payload=b"question", serial=STICK_SERIAL, target=1)
STANDARD = Request(command=0xA301, payload=b"question")


class Hands:
    """Clock and sleep, moved by hand."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.seconds = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        """Tell the time."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.seconds += seconds


async def fault_of(link: Link, request: Request = REQUEST) -> LinkFault:
    """Ask, and give what went wrong."""
    with pytest.raises(DriverConnectionError) as caught:
        await link.ask(request)
    return caught.value.fault


async def test_request_on_the_wire_is_that_of_the_facts() -> None:
    """The very first request is the vector with sequence 1."""
    octets = bytes.fromhex(VECTORS["gateway info"][0])
    received = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.readexactly(len(octets)))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    link = Link("127.0.0.1", server.sockets[0].getsockname()[1], gap_s=0, timeout_s=5)
    async with server:
        await fault_of(link, Request(command=0xDB01, payload=octets[24:], target=255))
    assert received == octets


@pytest.mark.parametrize("request_", [REQUEST, STANDARD])
async def test_answer_comes_back(request_: Request) -> None:
    """Both kinds of frame are answered in kind."""
    async with scripted(says(b"answer")) as stick:
        assert await stick.link().ask(request_) == b"answer"
        assert (stick.asked[0].extra is None) is (request_ is STANDARD)


@pytest.mark.parametrize("cut", [1, 10, 30])
async def test_fragmented_answer(cut: int) -> None:
    """However many pieces it comes in."""
    async with scripted(says(bytes(range(200)), cut=cut)) as stick:
        assert await stick.link(timeout_s=5.0).ask(REQUEST) == bytes(range(200))


async def test_garbage_before_the_answer() -> None:
    """The answer is found behind what is none."""
    async with scripted(says(b"answer", before=b"\x00HM\xff\xffHMgarbage")) as stick:
        assert await stick.link().ask(REQUEST) == b"answer"


async def test_late_answer_is_not_taken_for_this_one() -> None:
    """An answer to an earlier request, with its sequence, is passed over also where both come merged."""

    async def late(_: object, writer: asyncio.StreamWriter) -> None:
        frame = stick.asked[-1]
        writer.write(answer_of(frame, b"late", sequence=frame.sequence - 1) + answer_of(frame, b"now"))

    async with scripted(says(b"first"), late) as stick:
        link = stick.link()
        assert await link.ask(REQUEST) == b"first"
        assert await link.ask(REQUEST) == b"now"
        assert link.strays == 1


@pytest.mark.parametrize("wrong", [{"sequence": 999}, {"target": 2}, {"serial": 5}])
async def test_answer_with_another_header_is_none(wrong: dict[str, int]) -> None:
    """Once a stick has shown that it echoes the header, all of it must fit."""
    async with scripted(says(b"first"), says_wrong(b"wrong", **wrong)) as stick:
        link = stick.link()
        await link.ask(REQUEST)
        assert await fault_of(link) is LinkFault.GARBLED
        assert link.strays == 1


async def test_answer_to_another_command_is_none() -> None:
    """Even the first one, and from a stick that does not echo."""

    async def other(_: object, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_of(Request(command=0xC303, payload=b"", target=1).frame(1), b"other"))

    async with scripted(other) as stick:
        assert await fault_of(stick.link()) is LinkFault.GARBLED


async def test_stick_that_echoes_nothing_is_understood() -> None:
    """Nobody has published that all do; its first answer on a new connection can only be ours."""
    async with scripted(says_wrong(b"answer", sequence=0, target=0, serial=0)) as stick:
        link = stick.link()
        assert await link.ask(REQUEST) == b"answer"
        assert await link.ask(REQUEST) == b"answer"


async def test_serial_number_is_judged_when_it_was_asked_for() -> None:
    """The first request carries none, so its answer shows nothing about that."""
    first = Request(command=0xDB01, payload=b"question", target=255)
    async with scripted(says_wrong(b"answer", serial=STICK_SERIAL), says(b"answer")) as stick:
        link = stick.link()
        await link.ask(first)
        assert await link.ask(REQUEST) == b"answer"
        stick.answers = [says_wrong(b"wrong", serial=5)]
        await fault_of(link)


async def test_sequence_counts_and_wraps() -> None:
    """Sixteen bits, one more each time."""
    async with scripted(says(b"answer")) as stick:
        link = stick.link()
        link.requests = 0xFFFE
        for _ in range(3):
            await link.ask(REQUEST)
        assert [frame.sequence for frame in stick.asked] == [0xFFFF, 0, 1]


async def test_two_seconds_between_requests() -> None:
    """After the end of one, whether it was answered or not; the first need not wait."""
    hands = Hands()
    async with scripted(says(b"answer"), silent, says(b"answer")) as stick:
        link = Link("127.0.0.1", stick.port, timeout_s=0.1, clock=hands.clock, sleep=hands.sleep)
        await link.ask(REQUEST)
        await fault_of(link)
        hands.seconds += 0.5
        await link.ask(REQUEST)
    assert hands.slept == [0.0, 2.0, 1.5]


async def test_one_client_at_a_time() -> None:
    """Several callers take turns, each on a connection of its own that is closed after the answer."""
    async with scripted(says(b"answer")) as stick:
        link = stick.link(timeout_s=5.0)
        await asyncio.gather(*(link.ask(REQUEST) for _ in range(4)))
        assert (stick.connections, stick.most_at_once) == (4, 1)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (silent, LinkFault.SILENT),
        (hangs_up, LinkFault.CLOSED),
        (sends(b"HTTP/1.1 400 Bad Request\r\n\r\n"), LinkFault.GARBLED),
        (floods, LinkFault.GARBLED),
        (says(b""), LinkFault.SILENT),
        (sends(b"HM\xc2\x02\0\1\0\0\0\0"), LinkFault.GARBLED),
    ],
    ids=["silent", "hangs up", "another protocol", "flood", "empty answer", "length zero"],
)
async def test_what_went_wrong_is_told(answer: Answer, fault: LinkFault) -> None:
    """In the words of the driver, and within the time."""
    async with scripted(answer) as stick:
        assert await fault_of(stick.link()) is fault


async def test_garbage_and_then_the_end_is_garbled() -> None:
    """Something answers there, but not in this protocol."""

    async def answer(_: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"login:")
        writer.close()

    async with scripted(answer) as stick:
        assert await fault_of(stick.link()) is LinkFault.GARBLED


async def test_nobody_listens() -> None:
    """The host is there, the port is closed."""
    async with scripted(silent) as stick:
        link = stick.link()
    assert await fault_of(link) is LinkFault.REFUSED


@pytest.mark.parametrize(("host", "port"), [("a\0b", 10081), ("127.0.0.1", 70_000)])
async def test_address_that_cannot_be_one(host: str, port: int) -> None:
    """No address of this world, and nothing but our own error."""
    assert await fault_of(Link(host, port, gap_s=0, timeout_s=5)) is LinkFault.NAME_UNKNOWN


@pytest.mark.parametrize("err", [socket.gaierror("unknown"), UnicodeError("label empty or too long")])
async def test_name_that_cannot_be_looked_up(monkeypatch: pytest.MonkeyPatch, err: Exception) -> None:
    """Nobody knows it, or it breaks the rules for names."""

    def look_up(*_: object, **__: object) -> None:
        raise err

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert await fault_of(Link("stick.invalid", 10081, gap_s=0, timeout_s=5)) is LinkFault.NAME_UNKNOWN


async def test_failures_in_a_row_make_it_rest() -> None:
    """Not after the first; then 5 s, 10 s … a minute at most, and no longer than until an answer."""
    hands = Hands()
    async with scripted(hangs_up) as stick:
        link = Link("127.0.0.1", stick.port, gap_s=0, timeout_s=5, clock=hands.clock, sleep=hands.sleep)
        await fault_of(link)
        for rest in (5, 10, 20, 40, 60, 60):
            await fault_of(link)
            made = link.requests
            hands.seconds += rest - 0.1
            assert await fault_of(link) is LinkFault.CLOSED
            assert link.requests == made, f"asked before {rest} s were over"
            hands.seconds += 0.1
        stick.answers = [says(b"answer"), hangs_up]
        await link.ask(REQUEST)
        await fault_of(link)
        made = link.requests
        await fault_of(link)
        assert link.requests == made + 1


async def test_something_urgent_does_not_wait_for_the_rest() -> None:
    """A release is sent although the last requests failed."""
    hands = Hands()
    async with scripted(hangs_up, hangs_up, says(b"answer")) as stick:
        link = Link("127.0.0.1", stick.port, gap_s=0, timeout_s=5, clock=hands.clock, sleep=hands.sleep)
        await fault_of(link)
        await fault_of(link)
        link.wake()
        assert await link.ask(REQUEST) == b"answer"


async def test_cancelled_request_leaves_nothing_behind() -> None:
    """The connection is closed, and the next request finds the link free."""
    async with scripted(silent, says(b"answer")) as stick:
        link = stick.link(timeout_s=30.0)
        task = asyncio.create_task(link.ask(REQUEST))
        await asyncio.wait_for(stick.was_asked.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(stick.gone.wait(), 5)
        assert await link.ask(REQUEST) == b"answer"


async def test_closed_link_asks_nobody() -> None:
    """After `close`, and while one waited for its turn."""
    async with scripted(says(b"answer")) as stick:
        link = stick.link()
        await link.close()
        assert await fault_of(link) is LinkFault.CLOSED
        assert stick.connections == 0


async def test_close_waits_for_the_request_under_way() -> None:
    """A write that has begun is heard out; those behind it are not made."""
    async with scripted(says(b"answer", cut=3)) as stick:
        link = stick.link(timeout_s=5.0)
        first, second = (asyncio.create_task(link.ask(REQUEST)) for _ in range(2))
        await asyncio.wait_for(stick.was_asked.wait(), 5)
        await link.close()
        assert await first == b"answer"
        with pytest.raises(DriverConnectionError):
            await second
        assert stick.connections == 1
