"""A simulated home with a driver on the wire, whose time a test moves by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from custom_components.energy_storage.engine.command import BatteryCommand, Limit
from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.vendors.control import Applied, DeviceLimits, Holding, PlantControl
from custom_components.energy_storage.vendors.driver import (
    Driver,
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

EVENING = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)
RATED_W, LOAD_W, POLL_S, TIMEOUT_S = 4_600.0, 1_000.0, 35.0, 0.3
LIMITS: DeviceLimits = {Limit.DISCHARGE_CUTOFF: 10, Limit.BACKUP_RESERVE: 20}
HOME = InstagenConfig(
    speed=0,
    start=EVENING,
    close_s=0.05,
    plant=PlantConfig(
        soc_pct=55,
        battery_capacity_wh=10_000,
        inverter_ac_w=RATED_W,
        max_charge_w=RATED_W,
        max_discharge_w=RATED_W,
        three_phase=False,
    ),
)
FAST = Due(tiers=frozenset({Tier.FAST}))


class Home:
    """The plant, and one session of ours after the other."""

    def __init__(self, sim: InstagenSimulator, options: dict[str, OptionValue] | None = None) -> None:
        """Put a house around a simulator."""
        self.sim = sim
        self._options = options or {}
        self.saved: DriverState | None = None
        self.driver = self._create()
        sim.plant.load_override_w = LOAD_W
        sim.plant.pv_override_w = 0.0

    @property
    def control(self) -> PlantControl:
        """The control of the session that runs."""
        found = self.driver.control
        assert found is not None
        return found

    @property
    def holding(self) -> Holding:
        """What the plant holds, as far as the session knows."""
        return self.control.holding()

    @property
    def modes(self) -> list[object]:
        """The battery modes of all messages that the stick took, in order."""
        return [write.values["mode"] for write in self.sim.writes]

    def _create(self) -> Driver:
        return create(
            TcpAddress(host=self.sim.host, port=self.sim.port),
            LinkSetup(request_spacing_s=0, options=self._options),
            now=lambda: self.sim.plant.now,
            monotonic=lambda: self.sim.device.elapsed_s,
            sleep=lambda _: asyncio.sleep(0),
            gap_s=0,
            timeout_s=TIMEOUT_S,
        )

    async def start(self) -> None:
        """Begin a session with what the last one has saved."""
        await self.driver.close()
        self.driver = self._create()
        await self.driver.connect(self.saved)

    async def read(self) -> PlantState:
        """Take a reading."""
        return await self.driver.read(FAST)

    async def polls(self, times: int = 1) -> None:
        """Let polls go by, each with its reading."""
        for _ in range(times):
            self.sim.advance(POLL_S)
            await self.read()

    async def give(self, command: BatteryCommand | None, limits: DeviceLimits = LIMITS) -> Applied:
        """Carry a command out as the controller does, with the state on disk; None is a release."""
        await self.control.refresh()
        order = self.control.release({}) if command is None else self.control.order(command, limits)
        self.control.begin(order)
        self.saved = self.driver.state
        applied = await self.control.execute(order)
        self.saved = self.driver.state
        return applied


@asynccontextmanager
async def home(
    config: InstagenConfig = HOME, options: dict[str, OptionValue] | None = None
) -> AsyncIterator[Home]:
    """Serve a home whose session has begun."""
    async with InstagenSimulator(config).serving() as sim:
        made = Home(sim, options)
        await made.start()
        yield made
        await made.driver.close()


def with_plant(**changed: float) -> InstagenConfig:
    """Build a home with a plant that differs."""
    return replace(HOME, plant=replace(HOME.plant, **changed))
