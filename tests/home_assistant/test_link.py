"""The address of a plant: what is typed, what is kept, and what is opened."""

from typing import Any

from modbus_connection import ModbusSerialParams, ModbusTcpParams
import pytest

from custom_components.energy_storage.link import Link
from custom_components.energy_storage.vendors.driver import LinkKind, TcpAddress

TCP = {"host": "192.0.2.7", "port": 502}
ADAPTER = {"link": "rtu_over_tcp", "host": "192.0.2.7", "port": 8899}
SERIAL = {"link": "serial", "serial_port": "/dev/ttyUSB0", "baudrate": 19200, "parity": "even", "stopbits": 2}


@pytest.mark.parametrize("kept", [TCP, ADAPTER, SERIAL])
def test_what_is_kept_comes_back(kept: dict[str, Any]) -> None:
    """Nothing is lost between two starts."""
    assert Link.of(kept).data() == kept


def test_an_entry_of_before_is_over_tcp() -> None:
    """Plants that were added when there was only one way."""
    assert Link.of(TCP).kind is LinkKind.TCP


def test_typing_is_forgiven() -> None:
    """Blanks around a host and capitals in it."""
    assert Link.of({"host": " Plant.Local ", "port": 502.0}).data() == {"host": "plant.local", "port": 502}


def test_selected_numbers_are_numbers() -> None:
    """Selectors hand out text."""
    typed = SERIAL | {"baudrate": "19200", "stopbits": "2"}
    assert Link.of(typed).data() == SERIAL


def test_modbus_tcp_is_opened_as_others_do() -> None:
    """The same parameters mean the same connection."""
    assert Link.of(TCP).modbus() == ModbusTcpParams(host="192.0.2.7", port=502)


@pytest.mark.parametrize(
    ("host", "device"), [("192.0.2.7", "socket://192.0.2.7:8899"), ("fd00::7", "socket://[fd00::7]:8899")]
)
def test_an_adapter_carries_a_serial_line(host: str, device: str) -> None:
    """Over TCP, at the speed that Home Assistant gives such lines."""
    link = Link.of(ADAPTER | {"host": host})
    assert link.modbus() == ModbusSerialParams(device=device, baudrate=115_200)


def test_a_serial_port_has_its_line_settings() -> None:
    """As the plant has them."""
    link = Link.of(SERIAL)
    expected = ModbusSerialParams(device="/dev/ttyUSB0", baudrate=19200, parity="E", stopbits=2)
    assert (link.modbus(), link.where, link.detail) == (expected, "/dev/ttyUSB0", "19200")


def test_a_plant_that_moved_keeps_all_but_its_host() -> None:
    """A router gave it another address."""
    assert Link.of(ADAPTER).at("192.0.2.8").data() == ADAPTER | {"host": "192.0.2.8"}


def test_a_protocol_of_its_own_needs_host_and_port() -> None:
    """And nothing of Modbus."""
    assert Link.of(TCP).stream() == TcpAddress(host="192.0.2.7", port=502)
