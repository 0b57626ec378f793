"""How a Modbus message travels: in the frame of Modbus TCP, or in an RTU frame with its checksum."""

from dataclasses import dataclass
import struct
from typing import Protocol, override

from pymodbus.framer import FramerType
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU

TCP_HEADER_BYTES = 7
RTU_LEAST_BYTES = 4
RTU_MOST_BYTES = 256


@dataclass(frozen=True, slots=True)
class Message:
    """One message without its frame; RTU has no transactions, so theirs is 0."""

    transaction: int
    unit: int
    pdu: bytes


class Framing(Protocol):
    """What frames look like on one kind of line."""

    framer: FramerType

    def split(self, data: bytes) -> tuple[int, list[Message]]:
        """Return how many bytes are done with, and the requests among them."""

    def with_unit(self, frame: bytes, unit: int) -> bytes:
        """Return the frame as if it came from another unit id."""

    def with_other_transaction(self, frame: bytes) -> bytes:
        """Return the frame with the id of the transaction before, where frames have one."""

    def unit_of(self, frame: bytes) -> int:
        """Return the unit id in a frame."""


class TcpFraming(Framing):
    """Modbus TCP: transaction, protocol, length, unit id."""

    framer = FramerType.SOCKET

    @override
    def split(self, data: bytes) -> tuple[int, list[Message]]:
        used = 0
        messages: list[Message] = []
        while len(data) - used > TCP_HEADER_BYTES:
            transaction, _, length = struct.unpack(">HHH", data[used : used + 6])
            if len(data) - used < 6 + length:
                break
            messages.append(Message(transaction, data[used + 6], data[used + 7 : used + 6 + length]))
            used += 6 + length
        return used, messages

    @override
    def with_unit(self, frame: bytes, unit: int) -> bytes:
        return frame[:6] + bytes([unit]) + frame[7:]

    @override
    def with_other_transaction(self, frame: bytes) -> bytes:
        return struct.pack(">H", (int.from_bytes(frame[:2], "big") - 1) % 0x10000) + frame[2:]

    @override
    def unit_of(self, frame: bytes) -> int:
        return frame[6]


class RtuFraming(Framing):
    """Modbus RTU on a serial line, or its bytes in a TCP stream: unit id in front, CRC behind.

    A frame has no length of its own. That of a known function follows from its head; one of another
    function is what arrived together. What has a wrong checksum is thrown away, as a device does.
    """

    framer = FramerType.RTU

    def __init__(self) -> None:
        """Know the requests, for their lengths."""
        self._decoder = DecodePDU(is_server=True)

    @override
    def split(self, data: bytes) -> tuple[int, list[Message]]:
        used = 0
        messages: list[Message] = []
        while len(data) - used >= RTU_LEAST_BYTES:
            length = self._length(data[used:])
            if length is None or len(data) - used < length:
                break
            body, crc = data[used : used + length - 2], data[used + length - 2 : used + length]
            if not FramerRTU.check_CRC(body, int.from_bytes(crc, "big")):
                return len(data), messages
            messages.append(Message(0, body[0], body[1:]))
            used += length
        return used, messages

    def _length(self, data: bytes) -> int | None:
        """Return the bytes of the request that begins here, None while that cannot be told."""
        kind = None if data[1] & 0x80 else self._decoder.lookupPduClass(data)
        if kind is None:
            return min(len(data), RTU_MOST_BYTES)
        return kind.calculateRtuFrameSize(data) or None

    @override
    def with_unit(self, frame: bytes, unit: int) -> bytes:
        return rtu_frame(unit, frame[1:-2])

    @override
    def with_other_transaction(self, frame: bytes) -> bytes:
        return frame

    @override
    def unit_of(self, frame: bytes) -> int:
        return frame[0]


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    """Wrap a message in an RTU frame."""
    body = bytes([unit]) + pdu
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


TCP = TcpFraming()
RTU = RtuFraming()
