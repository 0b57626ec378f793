"""Everything that can go wrong between us and a plant, for the tests of more than one layer."""

import asyncio
from dataclasses import dataclass, field
import socket
from typing import override

import pytest
from tmodbus import create_async_tcp_client

from custom_components.energy_storage.vendors.driver import Driver, LinkFault
from custom_components.energy_storage.vendors.sigen.driver import SigenDriver
from tests.simulators.sigen import SigenSimulator

NAME = "sigen.example"
TIMEOUT_S = 0.2
"""How long a driver waits for an answer that will not come."""
PATIENCE_S = 3.0
"""How long it waits for one that will, on a machine that may be busy."""


@dataclass(frozen=True, slots=True)
class Case:
    """A fault of the link, and what the driver calls it once it lasts."""

    fault: str
    kind: LinkFault
    value: float | None = None
    no_plant: bool = False
    """Whether a driver that meets it at first takes it for a device of somebody else."""

    @override
    def __str__(self) -> str:
        """Name it in the list of tests."""
        return self.fault if self.fault != "exception" else f"exception_{self.value}"


CASES = (
    Case("name_unknown", LinkFault.NAME_UNKNOWN),
    Case("host_gone", LinkFault.UNREACHABLE),
    Case("modbus_off", LinkFault.REFUSED),
    Case("restart", LinkFault.REFUSED, 60),
    Case("half_open", LinkFault.SILENT),
    Case("silence", LinkFault.SILENT, 60),
    Case("dropped_replies", LinkFault.SILENT),
    Case("late_replies", LinkFault.SILENT, 1.4 * TIMEOUT_S),
    Case("other_transaction", LinkFault.SILENT),
    Case("truncated_frame", LinkFault.SILENT),
    Case("garbage", LinkFault.SILENT),
    Case("reset_in_reply", LinkFault.CLOSED),
    Case("wrong_unit_id", LinkFault.GARBLED),
    *(Case("exception", LinkFault.SILENT, code, no_plant=True) for code in (1, 2, 3)),
    *(Case("exception", LinkFault.SILENT, code) for code in (4, 5, 6, 8, 10, 11)),
)


def wait_at_most(driver: Driver, seconds: float, *, unit: int | None = None) -> None:
    """Change how long a driver waits for the answers of one unit id, or of all."""
    assert isinstance(driver, SigenDriver)
    fleet = driver._fleet
    lines = {fleet.plant_id: fleet.plant_line} | fleet.inverter_lines | fleet.charger_lines
    for line in lines.values() if unit is None else [lines[unit]]:
        line._timeout_s = seconds


@dataclass
class Names:
    """Where our name leads now."""

    known: bool = True
    hole: list[socket.socket] = field(default_factory=list[socket.socket])
    """The sockets of a port where nobody answers; empty while the name leads to the plant."""

    def close(self) -> None:
        """Lead to the plant again."""
        for sock in self.hole:
            sock.close()
        self.hole.clear()


@dataclass
class Trouble:
    """Switches the fault of a case on a simulated plant that is reached by its name."""

    sim: SigenSimulator
    case: Case
    names: Names

    def __post_init__(self) -> None:
        """Be reached by name, which can be unknown."""
        self.sim.host = NAME

    def begin(self) -> None:
        """Let it go wrong from now on."""
        match self.case.fault:
            case "name_unknown":
                self.names.known = False
            case "host_gone":
                self.names.hole = _black_hole()
            case fault:
                self.sim.faults.add(fault, self.case.value)
                return
        self.sim.faults.add("restart", 0.01)  # a link that is open needs no address

    def end(self) -> None:
        """Let all be well from now on."""
        self.names.known = True
        self.names.close()
        self.sim.faults.clear()


def _black_hole() -> list[socket.socket]:
    """Open a port at which attempts to connect are never answered: its queue is full."""
    hole = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    for client in waiting:
        client.setblocking(False)
        client.connect_ex(hole.getsockname())
    return [hole, *waiting]


def only_our_name_resolves(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Let our name lead to this machine, and no others anywhere."""
    names = Names()

    async def look_up(host: str, port: int, **_: object) -> list[object]:
        if host != NAME or not names.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        address = names.hole[0].getsockname() if names.hole else ("127.0.0.1", port)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    # The library gives a host up after ten seconds, a little later than a driver does.
    defaults = create_async_tcp_client.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "connect_timeout", 5 * TIMEOUT_S)
    return names
