"""Whatever arrives, there are frames, messages or an error of ours. `script/fuzz wire` looks at many more."""

from dataclasses import fields
import os
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.energy_storage.vendors.instagen import device_actions, live_data, messages, user_set
from custom_components.energy_storage.vendors.instagen.frame import (
    MAX_SIZE,
    Extra,
    Frame,
    FrameReader,
    crc16,
    encode as encode_frame,
    is_extended,
)
from custom_components.energy_storage.vendors.instagen.payload import Payload, PayloadError, decode, encode

from .drawn import drawn

MORE = int(os.environ.get("FUZZ_EXAMPLES", "0"))
KINDS: list[type[Payload]] = [
    kind
    for module in (device_actions, live_data, messages, user_set)
    for kind in vars(module).values()
    if isinstance(kind, type) and hasattr(kind, "PROTO") and kind.__module__ == module.__name__
]
ENOUGH = settings(max_examples=MORE or 100, deadline=None)
COMMANDS = (0xC203, 0xDA01, 0xC208, 0xA202, 0x2205)


pytestmark = pytest.mark.timeout(0 if MORE else 120)


def frames() -> st.SearchStrategy[Frame]:
    """Draw answers of both kinds."""
    extra = st.builds(Extra, serial=st.integers(0, (1 << 63) - 1), target=st.integers(0, 0xFFFF))
    return st.builds(
        lambda command, sequence, payload, extra: Frame(
            command=command,
            sequence=sequence,
            payload=payload,
            extra=extra if is_extended(command) else None,
        ),
        st.sampled_from(COMMANDS),
        st.integers(0, 0xFFFF),
        st.binary(max_size=60),
        extra,
    )


@ENOUGH
@given(st.lists(frames(), max_size=4), st.binary(max_size=9).filter(lambda it: b"H" not in it), st.data())
def test_frames_survive_every_way_of_arriving(sent: list[Frame], garbage: bytes, data: st.DataObject) -> None:
    """Garbage between them and cuts anywhere change nothing."""
    stream = b"".join(garbage + encode_frame(frame) for frame in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader = FrameReader()
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [frame for piece in pieces for frame in reader.feed(piece)] == sent


@ENOUGH
@given(
    st.lists(st.binary(max_size=200) | frames().map(encode_frame) | st.just(b"HM"), max_size=6), st.booleans()
)
def test_any_bytes_give_frames_or_nothing(pieces: list[bytes], sealed: bool) -> None:
    """No exception, no more memory than a frame, and every frame given has the CRC of its payload."""
    reader = FrameReader(sealed=sealed)
    for piece in pieces:
        for frame in reader.feed(piece):
            header = encode_frame(frame)
            assert int.from_bytes(header[6:8]) == crc16(frame.payload)
        assert len(reader._buffer) <= MAX_SIZE


@ENOUGH
@given(st.integers(0, 1 << 64))
def test_messages_survive_the_way_there_and_back(seed: int) -> None:
    """What is encoded and decoded is the same, zeros and absences too."""
    random = Random(seed)
    kind = random.choice(KINDS)
    message = drawn(kind, random)
    assert decode(kind, encode(message)) == message


@ENOUGH
@given(st.integers(0, 1 << 64), st.booleans())
def test_any_payload_is_a_message_or_an_error_of_ours(seed: int, damaged: bool) -> None:
    """Random bytes and damaged messages raise nothing else, and what is read can be written."""
    random = Random(seed)
    kind = random.choice(KINDS)
    payload = bytearray(encode(drawn(kind, random)) if damaged else random.randbytes(random.randrange(100)))
    for _ in range(random.randrange(4)):
        if payload:
            payload[random.randrange(len(payload))] = random.randrange(256)
    try:
        message = decode(kind, bytes(payload))
    except PayloadError:
        return
    assert decode(kind, encode(message)) == message


def test_every_kind_is_looked_at() -> None:
    """The list above is made by reflection, so it is checked to be no empty one."""
    assert {kind.__name__ for kind in KINDS} >= {
        "LiveData",
        "Registry",
        "GatewayInfo",
        "UserSet",
        "ActionRequest",
    }
    assert len(KINDS) > 40


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_members_are_those_of_the_message(kind: type[Payload]) -> None:
    """A dataclass has no member that its message lacks, and lists are lists in both."""
    proto = kind.PROTO()
    for one in fields(kind):
        assert one.name in proto.DESCRIPTOR.fields_by_name
        assert (one.default == ()) == hasattr(getattr(proto, one.name), "extend")
