"""Bytes to frames: resynchronised, bounded, and whole however they arrive."""

import pytest

from custom_components.energy_storage.vendors.instagen.encryption import WrongKeyError, seal, unseal
from custom_components.energy_storage.vendors.instagen.frame import (
    MAX_SIZE,
    Extra,
    Frame,
    FrameReader,
    answer_to,
    encode,
)

FIRST = Frame(command=0xC203, sequence=7, payload=b"first", extra=Extra(serial=0x430122480001, target=1))
SECOND = Frame(command=0xA202, sequence=8, payload=b"second")
LONG = Frame(command=0xC203, sequence=9, payload=bytes(3000), extra=Extra(serial=1, target=2))
KEY = bytes(16)


def read(*received: bytes) -> list[Frame]:
    """Give the frames in what is received piece by piece."""
    reader = FrameReader()
    return [frame for piece in received for frame in reader.feed(piece)]


@pytest.mark.parametrize("cut", [1, 2, 3, 9, 10, 23, 24, 30, 1000])
def test_fragmented_answer_is_whole(cut: int) -> None:
    """Wherever the network cuts, the frame is the same."""
    octets = encode(LONG)
    assert read(octets[:cut], octets[cut:]) == [LONG]


def test_merged_answers_are_two() -> None:
    """Two answers in one packet are both found."""
    assert read(encode(FIRST) + encode(SECOND)) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0\1\2",
        b"H",
        b"HM",
        b"HMHMHM",
        b"HM\xc2\x03\0\1\0\0\0\x05",  # shorter than its own header
        b"HM\xc2\x03\0\1\0\0\xff\xff",  # longer than any frame
        b"HM\xc2\x03\0\1\0\0\0\x17",  # no room for the header of its kind
        b"HM\x99\x03\0\1\0\0\0\x40",  # no command of this protocol
    ],
)
def test_garbage_costs_nothing_but_itself(garbage: bytes) -> None:
    """What comes before the mark of a frame is skipped, also where it looks like one."""
    assert read(garbage + encode(FIRST), encode(SECOND)) == [FIRST, SECOND]


@pytest.mark.parametrize("place", [6, 11, 24])
def test_damaged_frame_is_no_frame(place: int) -> None:
    """A wrong CRC, extra header or payload byte makes it garbage; the next frame is found."""
    octets = bytearray(encode(FIRST))
    octets[place] ^= 1
    assert read(bytes(octets) + encode(SECOND)) == [SECOND]


def test_flood_of_garbage_is_not_kept() -> None:
    """However much arrives that is no frame, no more is kept than the longest frame."""
    reader = FrameReader()
    opening = b"HM\xc2\x03\0\1\0\0" + MAX_SIZE.to_bytes(2)
    for flood in (b"\xff" * 1_000_000, b"H" * 1_000_000, opening * 100_000):
        assert list(reader.feed(flood)) == []
        assert len(reader._buffer) <= MAX_SIZE
    assert reader.skipped > 1_900_000


def test_frame_longer_than_any_is_not_made() -> None:
    """What nobody would believe is not sent either."""
    with pytest.raises(ValueError, match="longer"):
        encode(Frame(command=0xA301, sequence=0, payload=bytes(MAX_SIZE)))


@pytest.mark.parametrize(("serial", "target"), [(-1, 1), (1 << 63, 1), (1, -1), (1, 1 << 16)])
def test_address_that_does_not_fit_is_refused(serial: int, target: int) -> None:
    """It does not wrap."""
    with pytest.raises(ValueError, match="addressed"):
        encode(Frame(command=0xC303, sequence=0, payload=b"", extra=Extra(serial=serial, target=target)))


def test_header_belongs_to_its_command() -> None:
    """A storage command without the extra header is a mistake, and so is the opposite."""
    with pytest.raises(ValueError, match="belong"):
        encode(Frame(command=0xC303, sequence=0, payload=b""))
    with pytest.raises(ValueError, match="belong"):
        encode(Frame(command=0xA301, sequence=0, payload=b"", extra=Extra(serial=1, target=1)))


@pytest.mark.parametrize(("request_id", "answer_id"), [(0xC303, 0xC203), (0xDB01, 0xDA01), (0x2305, 0x2205)])
def test_answer_has_the_first_byte_less_one(request_id: int, answer_id: int) -> None:
    """That is how an answer is known."""
    assert answer_to(request_id) == answer_id


def test_encrypted_frame_needs_its_tag() -> None:
    """A reader that knows of the encryption waits for the bytes behind the frame; others skip them."""
    payload, tag = seal(0xA211, 3, b"secret", KEY)
    octets = encode(Frame(command=0xA211, sequence=3, payload=payload, tag=tag))
    reader = FrameReader(sealed=True)
    assert list(reader.feed(octets[:-1])) == []
    (frame,) = reader.feed(octets[-1:])
    assert unseal(frame.command, frame.sequence, (frame.payload, frame.tag), KEY) == b"secret"
    assert read(octets + encode(SECOND))[-1] == SECOND


def test_encrypted_stick_sends_some_frames_in_clear() -> None:
    """Heartbeat and storage have no tag behind them."""
    reader = FrameReader(sealed=True)
    assert list(reader.feed(encode(SECOND) + encode(FIRST))) == [SECOND, FIRST]


def test_wrong_key_is_told() -> None:
    """A frame of before the stick's restart does not open with its new key."""
    with pytest.raises(WrongKeyError):
        unseal(0xA211, 3, seal(0xA211, 3, b"secret", KEY), bytes(range(16)))
