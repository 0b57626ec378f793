"""A simulated home in the evening, commanded over TCP as the controller does it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from custom_components.energy_storage.engine.command import BatteryCommand, Limit
from custom_components.energy_storage.engine.plant import Ownership
from custom_components.energy_storage.vendors.control import Applied, DeviceLimits, Holding, PlantControl
from custom_components.energy_storage.vendors.driver import DriverState, OptionValue
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.plant import PlantConfig
from tests.vendors.instagen.bench import Bench

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


@dataclass
class Home(Bench):
    """The plant, and one session of ours after the other."""

    timeout_s: float = TIMEOUT_S
    options: dict[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    saved: DriverState | None = None

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

    @property
    def reserves(self) -> list[int]:
        """Their reserves."""
        return [value for write in self.sim.writes if isinstance(value := write.values["reserve_soc"], int)]

    @property
    def foreign(self) -> bool:
        """Whether somebody else was seen to control the plant."""
        return self.holding.ownership is Ownership.FOREIGN

    async def start(self) -> None:
        """Begin a session with what the last one has saved."""
        await self.driver.close()
        await self.connect(self.saved, **self.options)

    async def polls(self, times: int = 1) -> None:
        """Let polls go by, each with its reading."""
        for _ in range(times):
            await self.after(POLL_S)

    async def give(self, command: BatteryCommand | None, limits: DeviceLimits = LIMITS) -> Applied:
        """Carry a command out, with the state on disk before and after; None is a release."""
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
    """Serve a home whose session has begun: the house takes 1 kW, and there is no sun."""
    async with InstagenSimulator(config).serving() as sim:
        sim.plant.load_override_w = LOAD_W
        sim.plant.pv_override_w = 0.0
        made = Home(sim, options=options or {})
        await made.start()
        yield made
        await made.driver.close()
