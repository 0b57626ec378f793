"""Encrypted standard frames of newer sticks. Source: our protocol facts, section 2.3.

Extended frames, and so everything about storage, have not been seen encrypted by anyone.
"""

from hashlib import sha256
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG_SIZE = 16
RANDOM_SIZE = 16
"""Of `enc_random`, which the stick sends in clear and makes anew at each start."""

_FEATURE_BIT = 25
_KEY_SIZE = 16
_ROUNDS = 3
_STANDARD = frozenset({0x22, 0x23, 0xA2, 0xA3})
_IN_CLEAR = frozenset({0xA201, 0xA202, 0xA301, 0xA302})


class WrongKeyError(Exception):
    """The frame was encrypted with another key, or changed on its way."""


def speaks_encrypted(feature_bits: int | None) -> bool:
    """Tell from the feature bits whether a stick encrypts its standard frames."""
    return feature_bits is not None and bool(feature_bits >> _FEATURE_BIT & 1)


def is_sealed(command: int) -> bool:
    """Tell whether a stick that encrypts does so for this command."""
    return command >> 8 in _STANDARD and command not in _IN_CLEAR


def key_of(enc_random: bytes) -> bytes:
    """Give the AES-128 key that follows from what the stick sends in clear."""
    return _digest(enc_random)[:_KEY_SIZE]


def nonce_of(command: int, sequence: int, enc_random: bytes) -> bytes:
    """Give the twelve bytes that make each frame's encryption its own."""
    return _digest(_header(command, sequence) + enc_random)[20:]


def seal(command: int, sequence: int, plain: bytes, enc_random: bytes) -> tuple[bytes, bytes]:
    """Encrypt a payload; give what stands in the frame and the tag that follows it."""
    nonce = nonce_of(command, sequence, enc_random)
    sealed = AESGCM(key_of(enc_random)).encrypt(nonce, plain, _header(command, sequence))
    return sealed[:-TAG_SIZE], sealed[-TAG_SIZE:]


def unseal(command: int, sequence: int, sealed: tuple[bytes, bytes], enc_random: bytes) -> bytes:
    """Decrypt what `seal` gave.

    Raises:
        WrongKeyError: key, tag or header do not fit.

    """
    nonce = nonce_of(command, sequence, enc_random)
    try:
        return AESGCM(key_of(enc_random)).decrypt(nonce, b"".join(sealed), _header(command, sequence))
    except InvalidTag as err:
        raise WrongKeyError("the frame does not open with the stick's key") from err


def _header(command: int, sequence: int) -> bytes:
    return struct.pack("<HH", command, sequence)


def _digest(start: bytes) -> bytes:
    for _ in range(_ROUNDS):
        start = sha256(start).digest()
    return start
