"""Everything that can go wrong between us and a plant, for the tests of more than one layer."""

import asyncio
from dataclasses import dataclass
import socket
from typing import override

import pytest

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
class Trouble:
    """Switches the fault of a case on a simulated plant that is reached by its name."""

    sim: SigenSimulator
    case: Case
    names: set[str]
    """What has an address now."""

    def __post_init__(self) -> None:
        """Be reached by name, which can be unknown."""
        self.sim.host = NAME

    def begin(self) -> None:
        """Let it go wrong from now on."""
        if self.case.fault == "name_unknown":
            self.names.clear()
            self.sim.faults.add("restart", 0.01)  # a link that is open needs no name
        else:
            self.sim.faults.add(self.case.fault, self.case.value)

    def end(self) -> None:
        """Let all be well from now on."""
        self.names.add(NAME)
        self.sim.faults.clear()


def only_our_name_resolves(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Let the names in the set lead to this machine, and no others anywhere."""
    known = {NAME}

    async def look_up(host: str, port: int, **_: object) -> list[object]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    return known
