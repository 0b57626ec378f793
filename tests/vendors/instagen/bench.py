"""A driver and a simulated stick, joined by real TCP; time passes when the test says so."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from custom_components.energy_storage.engine.plant import PlantState, Value
from custom_components.energy_storage.vendors.driver import (
    Driver,
    DriverConnectionError,
    DriverState,
    Due,
    LinkSetup,
    OptionValue,
    TcpAddress,
    Tier,
)
from custom_components.energy_storage.vendors.instagen.driver import create
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.plant import PlantConfig

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
NIGHT = datetime(2026, 6, 21, 1, 0, tzinfo=UTC)
FAST = Due(tiers=frozenset({Tier.FAST}))
ALL = Due(tiers=frozenset(Tier))


@dataclass
class Bench:
    """One plant under test."""

    sim: InstagenSimulator
    timeout_s: float = 0.5

    def __post_init__(self) -> None:
        """Have a driver that nobody has connected."""
        self.driver = self.new_driver()

    def new_driver(self, **options: OptionValue) -> Driver:
        """Make a driver that lives in the time of the plant."""
        return create(
            TcpAddress(host=self.sim.host, port=self.sim.port),
            LinkSetup(request_spacing_s=0, options=options),
            now=lambda: self.sim.plant.now,
            monotonic=lambda: self.sim.plant.now.timestamp(),  # noqa: PLW0108  it moves
            gap_s=0,
            timeout_s=self.timeout_s,
        )

    async def connect(self, saved: DriverState | None = None, **options: OptionValue) -> PlantState:
        """Connect a new driver, as after a restart."""
        self.driver = self.new_driver(**options)
        await self.driver.connect(saved)
        return await self.driver.read(Due(tiers=frozenset()))

    async def after(self, seconds: float, due: Due = FAST) -> PlantState:
        """Let time pass, and read."""
        self.sim.advance(seconds)
        return await self.driver.read(due)

    async def recovered(self) -> PlantState:
        """Read until there is a reading again; the stick may still be busy with a connection we have left."""
        async with asyncio.timeout(10):
            while True:
                with suppress(DriverConnectionError):
                    return await self.after(65)
                await asyncio.sleep(0.05)

    def load(self, watts: float) -> None:
        """Let the house take so much, all the time."""
        self.sim.plant.load_override_w = watts

    def show(self, values: Mapping[str, Any]) -> None:
        """Force members of the live data."""
        for name, value in values.items():
            self.sim.set(name, value)

    def value(self, device: str, key: str) -> Value:
        """Give what a reading says, also where it is none that the plant offers."""
        points = {(point.device, point.key): point for point in self.driver.points}
        found = points.get((device, key))
        return None if found is None else self.driver.value(found)


@asynccontextmanager
async def bench(config: InstagenConfig | None = None, **plant: Any) -> AsyncIterator[Bench]:
    """Run a plant whose clock stands still until it is told."""
    config = config or InstagenConfig()
    physics: PlantConfig = replace(config.plant, **plant)
    stands = replace(config, plant=physics, speed=0, start=config.start or NOON, close_s=0.1)
    async with InstagenSimulator(stands).serving() as sim:
        yield Bench(sim)
