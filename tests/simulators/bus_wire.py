"""The line between a simulated device and its clients: a bus behind a gateway, with others on it."""

from collections.abc import Mapping
import struct
from typing import override

from pymodbus.framer import FramerType

from .faults import WIRE_FAULTS, FaultKind, Faults, FaultyWire
from .framing import rtu_frame
from .modbus import Connection, Request

_FOREIGN_REQUEST = struct.pack(">BHH", 3, 0x2012, 2)
_FOREIGN_ANSWER = struct.pack(">BBHH", 3, 4, 0x448F, 0xC000)
"""Another inverter asks the meter for its power."""

BUS_FAULTS: Mapping[str, FaultKind] = {
    **WIRE_FAULTS,
    "gateway_away": FaultKind(
        "the gateway restarts: the port is closed, or the serial line silent, for VALUE seconds",
        20,
        ends=True,
    ),
    "second_master": FaultKind(
        "another master asks too: before each VALUE-th answer its traffic is heard on a serial line or in"
        " an RTU stream; a gateway for Modbus TCP gives the answer meant for the other one",
        2,
    ),
}


class BusWire(FaultyWire):
    """Spoils answers as the faults say, and lets a second master be heard."""

    def __init__(self, faults: Faults, seed: int = 0) -> None:
        """Take the faults to obey."""
        super().__init__(faults, seed)
        self._answers = 0

    @override
    async def send(self, connection: Connection, request: Request, frame: bytes) -> None:
        if (fault := self.faults.get("second_master", request.unit)) is not None:
            self._answers += 1
            if self._answers % max(1, int(fault.value)) == 0:
                if connection.framing.framer is FramerType.SOCKET:
                    head = struct.pack(">HHB", 0, len(_FOREIGN_ANSWER) + 1, request.unit)
                    frame = frame[:2] + head + _FOREIGN_ANSWER
                else:
                    connection.write(rtu_frame(request.unit, _FOREIGN_REQUEST))
                    connection.write(rtu_frame(request.unit, _FOREIGN_ANSWER))
        await super().send(connection, request, frame)
