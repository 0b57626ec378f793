"""The line between a simulated Chint plant and its clients: a bus on which somebody else may talk too."""

import struct
from typing import override

from pymodbus.framer import FramerType

from .faults import Faults, FaultyWire
from .framing import rtu_frame
from .modbus import Connection, Request

_FOREIGN_REQUEST = struct.pack(">BHH", 3, 0x2012, 2)
_FOREIGN_ANSWER = struct.pack(">BBHH", 3, 4, 0x448F, 0xC000)
"""Another inverter asks the meter for its power."""


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
