"""Drivers on simulated plants, over real Modbus TCP without waiting times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.energy_storage.engine.plant import PlantState, Value
from custom_components.energy_storage.vendors.driver import Driver, DriverState, Due, LinkSetup, Tier
from custom_components.energy_storage.vendors.sigen.driver import create
from tests.simulators.sigen import SigenSimulator

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
ALL = Due(tiers=frozenset(Tier))
FAST = Due(tiers=frozenset({Tier.FAST}), most_requests=0)


@dataclass
class Hands:
    """Clocks that a test moves by hand, both at once."""

    seconds: float = 0.0
    start: datetime = NOON

    def now(self) -> datetime:
        """Give the time."""
        return self.start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Give the seconds that never jump."""
        return self.seconds


@dataclass
class Rig:
    """A driver, its plant and their clocks."""

    sim: SigenSimulator
    driver: Driver
    hands: Hands = field(default_factory=Hands)

    async def read(self, due: Due = ALL, *, after_s: float = 5.0) -> PlantState:
        """Let time pass on both sides, then read."""
        self.pass_time(after_s)
        return await self.driver.read(due)

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self.hands.seconds += seconds
        self.sim.advance(seconds)

    def value(self, device: str, key: str) -> Value:
        """Give what a point says."""
        return self.driver.value(next(p for p in self.driver.points if (p.device, p.key) == (device, key)))

    def asked(self, since: int = 0) -> list[tuple[int, int, int]]:
        """Give unit id, address and count of every request since the nth."""
        return [(request.unit, request.address, request.count) for request in self.sim.requests[since:]]


@asynccontextmanager
async def on(
    sim: SigenSimulator,
    saved: DriverState | None = None,
    *,
    connect: bool = True,
    timeout_s: float = 0.3,
    hands: Hands | None = None,
) -> AsyncIterator[Rig]:
    """Put a driver on a simulated plant."""
    hands = hands or Hands(start=sim.config.start or NOON)
    connection = ModbusConnection(ModbusTcpParams(host=sim.host, port=sim.port))
    setup = LinkSetup(
        plant_unit_id=247,
        inverter_unit_ids=sim.config.inverters,
        ac_charger_unit_ids=sim.config.ac_chargers,
        request_spacing_s=0,
    )
    driver = create(
        connection.for_unit,
        setup,
        now=hands.now,
        monotonic=hands.monotonic,
        timeout_s=timeout_s,
        charger_timeout_s=timeout_s / 3,
    )
    try:
        if connect:
            await driver.connect(saved)
        yield Rig(sim, driver, hands)
    finally:
        await connection.close()
