"""Payloads with made-up serial numbers, for diagnostics that are given away; pure."""

from collections.abc import Iterable

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from . import storage_pb2 as proto
from .messages import Command
from .payload import Proto

_ANSWERS: dict[Command, tuple[str, Proto]] = {
    Command.GATEWAY_INFO: ("gateway", proto.GatewayInfoResponse),
    Command.REGISTRY: ("registry", proto.EsRegistryResponse),
    Command.DATA: ("data", proto.EsDataResponse),
    Command.USER_SET: ("set", proto.EsUserSetResponse),
    Command.APP_INFO: ("app_info", proto.AppInfoResponse),
}
_SECRET = frozenset({"gprs_imei", "sim_number", "enc_random"})
_FAMILY_BITS = 32


class Alias:
    """Hands out made-up serial numbers: the same one for the same device, of the same family."""

    def __init__(self) -> None:
        """Begin with nobody known."""
        self._numbers: dict[int, int] = {}
        self._texts: dict[bytes, bytes] = {}

    def number(self, serial: int) -> int:
        """Keep the family of a serial number, which tells the kind of device, and count up the rest."""
        if serial <= 0:
            return 0
        family = serial >> _FAMILY_BITS << _FAMILY_BITS
        return self._numbers.setdefault(serial, family + len(self._numbers) + 1)

    def text(self, serial: bytes) -> bytes:
        """Keep the first four characters, which tell the kind of device, and the length."""
        if not serial:
            return serial
        known = serial[:4] + str(len(self._texts) + 1).encode().rjust(max(0, len(serial) - 4), b"0")
        return self._texts.setdefault(serial, known)


def told(answers: Iterable[tuple[tuple[Command, int, int], bytes]], alias: Alias) -> dict[str, str]:
    """Give name → payload in hexadecimal: `gateway`, `registry`, `data_1`, `data_1_page_1`.

    What nobody has described is left out: it may hold a serial number.
    """
    found: dict[str, str] = {}
    for (command, target, page), payload in answers:
        name, kind = _ANSWERS[command]
        message = kind()
        message.ParseFromString(payload)
        message.DiscardUnknownFields()
        _hide(message, alias)
        name += f"_{target}" if command in (Command.DATA, Command.USER_SET) else ""
        name += f"_page_{page}" if page else ""
        found[name] = message.SerializeToString(deterministic=True).hex()
    return found


def _hide(message: Message, alias: Alias) -> None:
    """Replace what tells one device from another, in a message and all its parts."""
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in (value,) if isinstance(value, Message) else value:
                _hide(part, alias)
        elif "serial" in field.name:
            hide = alias.number if isinstance(value, int) else alias.text
            setattr(message, field.name, hide(value))
        elif field.name in _SECRET:
            setattr(message, field.name, bytes(len(value)))
