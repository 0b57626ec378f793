"""Bytes of an Instagen stick to frames and back; no I/O. Source: our protocol facts, section 2.1."""

from collections.abc import Iterator
from dataclasses import dataclass
import struct

from .encryption import TAG_SIZE, is_sealed

MAX_SIZE = 16_384
"""Longest frame that is believed; a storage answer of ten inverters' worth of packs is below 4 kB."""

STICK = 255
"""Target address of the stick itself; inverters have the `bus_address` of the registry, from 1."""

_MAGIC = b"HM"
_HEADER = struct.Struct(">2sHHHH")
_EXTRA = struct.Struct(">HqHH")
_EXTENDED_COMMANDS = frozenset({0xC2, 0xC3, 0xDA, 0xDB})
_STANDARD_COMMANDS = frozenset({0x22, 0x23, 0xA2, 0xA3})
_SERIALS = range(1 << 63)
_TARGETS = range(1 << 16)
_POLYNOMIAL = 0xA001


def _crc_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_CRC_TABLE = tuple(map(_crc_of_byte, range(256)))


def crc16(payload: bytes) -> int:
    """Give the CRC-16/MODBUS of a payload."""
    crc = 0xFFFF
    for byte in payload:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What the header of an extended frame says besides; all storage frames have one."""

    serial: int
    """Of the stick; 0 while it is unknown, which only the gateway information allows."""
    target: int
    """Address of the device behind the stick, or `STICK`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One request or answer."""

    command: int
    """Two bytes; the first says whether the frame is extended."""
    sequence: int
    payload: bytes
    extra: Extra | None = None
    """Present exactly where the command is one of an extended frame."""
    tag: bytes = b""
    """The authentication tag behind the payload where this is an encrypted standard frame."""


def is_extended(command: int) -> bool:
    """Tell whether frames of this command carry the extra header."""
    return command >> 8 in _EXTENDED_COMMANDS


def answer_to(command: int) -> int:
    """Give the command id of the answer to a request: its first byte less one."""
    return command - 0x100


def encode(frame: Frame) -> bytes:
    """Give the bytes of a frame.

    Raises:
        ValueError: it does not fit its kind of frame, or is longer than `MAX_SIZE`.

    """
    if is_extended(frame.command) is not (frame.extra is not None):
        raise ValueError(f"command {frame.command:04x} and its header do not belong together")
    extra = b""
    if frame.extra is not None:
        if frame.extra.serial not in _SERIALS or frame.extra.target not in _TARGETS:
            raise ValueError(f"{frame.extra} cannot be addressed")
        extra = _EXTRA.pack(_EXTRA.size, frame.extra.serial, 0, frame.extra.target)
    size = _HEADER.size + len(extra) + len(frame.payload)
    if size > MAX_SIZE:
        raise ValueError(f"a frame of {size} bytes is longer than {MAX_SIZE}")
    header = _HEADER.pack(_MAGIC, frame.command, frame.sequence, crc16(frame.payload), size)
    return header + extra + frame.payload + frame.tag


class FrameReader:
    """Collects bytes as they come and gives the frames in them; keeps less than two frames in memory."""

    def __init__(self, *, sealed: bool = False) -> None:
        """Begin without a byte; `sealed`: standard frames of this stick are encrypted."""
        self.skipped = 0
        """Bytes that belonged to no frame."""
        self._sealed = sealed
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Frame]:
        """Take in bytes; give each frame that is complete and whose CRC fits."""
        for start in range(0, len(received), MAX_SIZE):
            self._buffer += received[start : start + MAX_SIZE]
            while (frame := self._next()) is not None:
                yield frame

    def _next(self) -> Frame | None:
        while self._seek():
            command, crc, size = self._header()
            if not _plausible(command, size):
                self._skip(len(_MAGIC))
                continue
            tail = TAG_SIZE if self._sealed and is_sealed(command) else 0
            if len(self._buffer) < size + tail:
                return None
            frame = _frame(bytes(self._buffer[:size]), bytes(self._buffer[size : size + tail]))
            if frame is not None and crc16(frame.payload) == crc:
                del self._buffer[: size + tail]
                return frame
            self._skip(len(_MAGIC))
        return None

    def _seek(self) -> bool:
        """Drop what comes before the next frame; tell whether its header is complete."""
        start = self._buffer.find(_MAGIC)
        if start < 0:  # the last byte may be the first half of the next mark
            start = len(self._buffer) - self._buffer.endswith(_MAGIC[:1])
        self._skip(start)
        return len(self._buffer) >= _HEADER.size

    def _header(self) -> tuple[int, int, int]:
        _, command, _, crc, size = _HEADER.unpack_from(self._buffer)
        return command, crc, size

    def _skip(self, count: int) -> None:
        self.skipped += count
        del self._buffer[:count]


def _plausible(command: int, size: int) -> bool:
    """Tell whether these two can stand in a header, before anyone waits for so many bytes."""
    if is_extended(command):
        return _HEADER.size + _EXTRA.size <= size <= MAX_SIZE
    return command >> 8 in _STANDARD_COMMANDS and _HEADER.size <= size <= MAX_SIZE


def _frame(whole: bytes, tag: bytes) -> Frame | None:
    """Take a frame apart; None where its extra header is not one."""
    _, command, sequence, _, _ = _HEADER.unpack_from(whole)
    if not is_extended(command):
        return Frame(command=command, sequence=sequence, payload=whole[_HEADER.size :], tag=tag)
    size, serial, _, target = _EXTRA.unpack_from(whole, _HEADER.size)
    if size != _EXTRA.size or serial < 0:
        return None
    return Frame(
        command=command,
        sequence=sequence,
        payload=whole[_HEADER.size + _EXTRA.size :],
        extra=Extra(serial=serial, target=target),
    )
