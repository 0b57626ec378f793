"""Frames of an Instagen stick: two kinds of header, a checksum, and the encryption of the plain kind.

Source: section 2 of the fact file. Nothing here is shared with the driver.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"HM"
STANDARD_BYTES = 10
EXTENDED_BYTES = 24
_EXTRA_BYTES = 14
TAG_BYTES = 16
_EXTENDED_FAMILIES = (0xC2, 0xC3, 0xDA, 0xDB)
NEVER_ENCRYPTED = (0xA201, 0xA202, 0xA301, 0xA302)


class FrameError(ValueError):
    """These bytes are no frame."""


class WrongKeyError(FrameError):
    """A sound frame that was sealed with another key; `head` is what can be read of it."""

    def __init__(self, head: Frame) -> None:
        """Remember the header."""
        super().__init__("another key")
        self.head = head


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame; the extended kind also says which stick and whom behind it."""

    command: int
    sequence: int
    payload: bytes
    stick_serial: int = 0
    target: int = 0

    @property
    def extended(self) -> bool:
        """Whether the long header is used."""
        return is_extended(self.command)

    def answer(self, payload: bytes) -> Frame:
        """Make the answer to this request: the id is one family lower, everything else an echo."""
        return Frame(
            command=self.command - 0x100,
            sequence=self.sequence,
            payload=payload,
            stick_serial=self.stick_serial,
            target=self.target,
        )


def is_extended(command: int) -> bool:
    """Tell whether commands of this family have the long header."""
    return command >> 8 in _EXTENDED_FAMILIES


def is_encrypted(command: int) -> bool:
    """Tell whether an encrypting stick encrypts this command."""
    return not is_extended(command) and command not in NEVER_ENCRYPTED


def crc16(data: bytes) -> int:
    """Check these bytes as Modbus does: polynomial 8005 reflected, start FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def pack(frame: Frame, key: bytes | None = None) -> bytes:
    """Write a frame; `key` is the enc_random of an encrypting stick."""
    body, tag = frame.payload, b""
    if key is not None and is_encrypted(frame.command):
        sealed = AESGCM(aes_key(key)).encrypt(
            nonce(key, frame.command, frame.sequence), body, _associated(frame)
        )
        body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    extra = struct.pack(">HQHH", _EXTRA_BYTES, frame.stick_serial, 0, frame.target) if frame.extended else b""
    length = STANDARD_BYTES + len(extra) + len(body)
    head = struct.pack(">HHHH", frame.command, frame.sequence, crc16(body), length)
    return MAGIC + head + extra + body + tag


def size(head: bytes, *, encrypting: bool = False) -> int:
    """Tell how long the frame is that begins with these ten bytes."""
    if head[:2] != MAGIC:
        raise FrameError("no HM")
    command, length = int.from_bytes(head[2:4]), int.from_bytes(head[8:10])
    if length < (EXTENDED_BYTES if is_extended(command) else STANDARD_BYTES):
        raise FrameError(f"length {length}")
    return length + TAG_BYTES * (encrypting and is_encrypted(command))


def unpack(data: bytes, key: bytes | None = None) -> Frame:
    """Read one whole frame; raise `FrameError` for a wrong checksum, length or key."""
    if len(data) < STANDARD_BYTES or len(data) != size(data[:STANDARD_BYTES], encrypting=key is not None):
        raise FrameError("wrong length")
    command, sequence, crc, length = struct.unpack(">HHHH", data[2:STANDARD_BYTES])
    start, serial, target = STANDARD_BYTES, 0, 0
    if is_extended(command):
        extra, serial, _, target = struct.unpack(">HQHH", data[STANDARD_BYTES:EXTENDED_BYTES])
        if extra != _EXTRA_BYTES:
            raise FrameError(f"extra header of {extra} bytes")
        start = EXTENDED_BYTES
    if crc16(data[start:length]) != crc:
        raise FrameError("wrong checksum")
    frame = Frame(
        command=command, sequence=sequence, payload=data[start:], stick_serial=serial, target=target
    )
    return _opened(frame, key) if key is not None and is_encrypted(command) else frame


def _opened(frame: Frame, key: bytes) -> Frame:
    try:
        plain = AESGCM(aes_key(key)).decrypt(
            nonce(key, frame.command, frame.sequence), frame.payload, _associated(frame)
        )
    except InvalidTag as err:
        raise WrongKeyError(replace(frame, payload=b"")) from err
    return replace(frame, payload=plain)


def aes_key(enc_random: bytes) -> bytes:
    """Derive the AES key from the random bytes that the stick shows."""
    return _triple(enc_random)[:16]


def nonce(enc_random: bytes, command: int, sequence: int) -> bytes:
    """Derive the nonce of one frame."""
    return _triple(struct.pack("<HH", command, sequence) + enc_random)[20:]


def _associated(frame: Frame) -> bytes:
    return struct.pack("<HH", frame.command, frame.sequence)


def _triple(data: bytes) -> bytes:
    for _ in range(3):
        data = sha256(data).digest()
    return data
