"""Frames of both kinds, cut out of a stream as it comes."""

from tests.simulators.framing import RTU, TCP, Message, rtu_frame
from tests.simulators.raw_client import crc

READ = bytes.fromhex("03 2000 0001".replace(" ", ""))
WRITE_TWO = bytes.fromhex("10 2102 0002 04 0000 173B".replace(" ", ""))


def test_checksum_is_that_of_the_standard() -> None:
    """A frame that every Modbus text prints."""
    assert rtu_frame(1, bytes.fromhex("0300000001")).hex(" ") == "01 03 00 00 00 01 84 0a"
    assert crc(bytes.fromhex("010300000001")).hex() == "840a"


def test_rtu_stream_is_cut_into_its_requests() -> None:
    """Two requests that arrive together are two; half of a third one waits."""
    first, second = rtu_frame(1, READ), rtu_frame(2, WRITE_TWO)
    used, messages = RTU.split(first + second + first[:5])
    assert used == len(first) + len(second)
    assert messages == [Message(0, 1, READ), Message(0, 2, WRITE_TWO)]


def test_rtu_frame_with_a_wrong_checksum_is_thrown_away() -> None:
    """So is all that came with it."""
    spoiled = bytearray(rtu_frame(1, READ))
    spoiled[3] ^= 1
    assert RTU.split(bytes(spoiled)) == (len(spoiled), [])


def test_rtu_request_of_another_function_is_what_arrived_together() -> None:
    """A device cannot know how long it is, and refuses it as a whole."""
    frame = rtu_frame(1, bytes.fromhex("41 00 01".replace(" ", "")))
    assert RTU.split(frame) == (len(frame), [Message(0, 1, frame[1:-2])])


def test_tcp_stream_is_cut_into_its_requests() -> None:
    """The header says how long each is."""
    frame = bytes.fromhex("0007 0000 0006 01".replace(" ", "")) + READ
    assert TCP.split(frame + frame[:8]) == (len(frame), [Message(7, 1, READ)])


def test_unit_id_is_changed_with_its_checksum() -> None:
    """An answer of a stranger is a sound frame."""
    assert RTU.with_unit(rtu_frame(1, READ), 9) == rtu_frame(9, READ)
    assert RTU.unit_of(rtu_frame(9, READ)) == 9
