"""Drivers on simulated plants, over real Modbus without waiting times."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from modbus_connection import ModbusSerialParams, ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.energy_storage.engine.plant import PlantState, Value
from custom_components.energy_storage.vendors.chint.driver import create
from custom_components.energy_storage.vendors.driver import (
    Driver,
    DriverState,
    Due,
    LinkSetup,
    OptionValue,
    Tier,
)
from tests.simulators.chint import ChintConfig, ChintSimulator

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
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

    sim: ChintSimulator
    driver: Driver
    hands: Hands = field(default_factory=Hands)

    async def read(self, due: Due = ALL, *, after_s: float = 10.0) -> PlantState:
        """Let time pass on both sides, then read."""
        self.pass_time(after_s)
        return await self.driver.read(due)

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self.hands.seconds += seconds
        self.sim.advance(seconds)

    def value(self, key: str) -> Value:
        """Give what a point says."""
        return self.driver.value(next(p for p in self.driver.points if p.key == key))

    def asked(self, since: int = 0) -> list[tuple[int, int, int]]:
        """Give function, address and count of every request since the nth."""
        return [(request.function, request.address, request.count) for request in self.sim.requests[since:]]


def plant(profile: str, **more: object) -> ChintSimulator:
    """Make a plant that stands still at noon."""
    config: dict[str, object] = {"profile": profile, "start": NOON, "speed": 0} | more
    return ChintSimulator(ChintConfig(**config))  # type: ignore[arg-type]  # names and types are its own


@asynccontextmanager
async def on(
    sim: ChintSimulator,
    saved: DriverState | None = None,
    *,
    options: Mapping[str, OptionValue] | None = None,
    profiles: Mapping[str, str] | None = None,
    connect: bool = True,
    timeout_s: float = 0.5,
    hands: Hands | None = None,
) -> AsyncIterator[Rig]:
    """Put a driver on a simulated plant."""
    hands = hands or Hands(start=sim.config.start or NOON)
    setup = LinkSetup(
        plant_unit_id=sim.config.unit,
        request_spacing_s=0,
        options=options or {},
        profiles=profiles or {},
        zone=BERLIN,
    )
    connection = link(sim)
    driver = create(connection.for_unit, setup, now=hands.now, monotonic=hands.monotonic, timeout_s=timeout_s)
    try:
        if connect:
            await driver.connect(saved)
        yield Rig(sim, driver, hands)
    finally:
        await connection.close()


def link(sim: ChintSimulator) -> ModbusConnection:
    """Open the line of a plant, however it is reached."""
    if sim.config.line == "tcp":
        return ModbusConnection(ModbusTcpParams(host=sim.host, port=sim.port))
    return ModbusConnection(ModbusSerialParams(device=sim.device, baudrate=9600))
