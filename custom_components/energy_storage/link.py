"""How a plant is reached: what its config entry keeps of it, and what becomes of that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from homeassistant.const import CONF_HOST, CONF_PORT
from modbus_connection import ModbusSerialParams, ModbusTcpParams

from .const import CONF_BAUDRATE, CONF_LINK, CONF_PARITY, CONF_SERIAL_PORT, CONF_STOPBITS
from .vendors.driver import LinkKind, TcpAddress

type Parity = Literal["N", "E", "O"]
type StopBits = Literal[1, 2]

PARITIES: Mapping[str, Parity] = {"none": "N", "even": "E", "odd": "O"}
_CARRIED_BAUDRATE = 115_200
"""What Home Assistant says of a serial line over TCP: who shares it has to say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The address of a plant, over the network or at a serial port of this machine."""

    kind: LinkKind = LinkKind.TCP
    host: str = ""
    port: int = 0
    serial_port: str = ""
    baudrate: int = 9600
    parity: str = "none"
    """A key of `PARITIES`."""
    stopbits: int = 1

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Take what an entry keeps, or what the owner typed."""
        kind = LinkKind(data.get(CONF_LINK, LinkKind.TCP))
        if kind is LinkKind.SERIAL:
            return cls(
                kind=kind,
                serial_port=data[CONF_SERIAL_PORT].strip(),
                baudrate=int(data[CONF_BAUDRATE]),
                parity=data[CONF_PARITY],
                stopbits=int(data[CONF_STOPBITS]),
            )
        return cls(kind=kind, host=data[CONF_HOST].strip().lower(), port=int(data[CONF_PORT]))

    def data(self) -> dict[str, Any]:
        """Give what an entry keeps."""
        kind = {} if self.kind is LinkKind.TCP else {CONF_LINK: self.kind.value}
        if self.kind is LinkKind.SERIAL:
            return kind | {
                CONF_SERIAL_PORT: self.serial_port,
                CONF_BAUDRATE: self.baudrate,
                CONF_PARITY: self.parity,
                CONF_STOPBITS: self.stopbits,
            }
        return kind | {CONF_HOST: self.host, CONF_PORT: self.port}

    def at(self, host: str) -> Link:
        """Give the same link to another host."""
        return replace(self, host=host)

    @property
    def where(self) -> str:
        """The address itself, as people know it."""
        return self.serial_port or self.host

    @property
    def detail(self) -> str:
        """What belongs to the address: the port, or the speed of the line."""
        return str(self.baudrate if self.kind is LinkKind.SERIAL else self.port)

    def modbus(self) -> ModbusTcpParams | ModbusSerialParams:
        """Give the parameters of a Modbus link, as every integration that shares it has to say them."""
        match self.kind:
            case LinkKind.TCP:
                return ModbusTcpParams(host=self.host, port=self.port)
            case LinkKind.RTU_OVER_TCP:
                host = f"[{self.host}]" if ":" in self.host else self.host
                return ModbusSerialParams(device=f"socket://{host}:{self.port}", baudrate=_CARRIED_BAUDRATE)
            case LinkKind.SERIAL:
                return ModbusSerialParams(
                    device=self.serial_port,
                    baudrate=self.baudrate,
                    parity=PARITIES[self.parity],
                    stopbits=2 if self.stopbits == 2 else 1,  # noqa: PLR2004  there is no third number
                )

    def stream(self) -> TcpAddress:
        """Give the address for a protocol of the vendor's own."""
        return TcpAddress(host=self.host, port=self.port)
