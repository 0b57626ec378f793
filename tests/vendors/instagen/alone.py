"""A simulated Instagen plant without a socket: what it is told, what it shows, and a day left alone."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from custom_components.energy_storage.vendors.instagen.payload import encode
from custom_components.energy_storage.vendors.instagen.user_set import UserSet
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_messages import decode

START = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
STEP_S = 300.0
EVENING, OUTAGE, PEAK_W, QUIET_W = (17, 18), (18, 19), 8_000.0, 600.0
"""Hours in UTC with a high load, and without a grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened in 24 hours without anybody."""

    most_import_w: float = 0.0
    """While the load is low."""
    most_export_w: float = 0.0
    lowest_pct: float = 100.0
    """While there is a grid, as the next two."""
    most_charge_w: float = 0.0
    most_discharge_w: float = 0.0
    highest_pct: float = 0.0
    grid_to_battery_wh: float = 0.0
    battery_to_grid_wh: float = 0.0
    dark_h: float = 0.0


class Bench:
    """A plant under test."""

    def __init__(self, config: InstagenConfig) -> None:
        """Build it at noon in its owner's self-consumption."""
        self.sim = InstagenSimulator(replace(config, speed=0, start=START))
        self.sim.plant.load_override_w = _load_w

    def tell(self, program: UserSet) -> None:
        """Send a program past the wire, and let it act."""
        serials = self.sim.config.serials
        at = int(self.sim.plant.now.timestamp())
        message = replace(program, unix_time=at, transaction_id=at, target_serials=serials)
        values = decode("EsUserSetRequest", encode(message))
        assert self.sim.device.check(values) == 0
        self.sim.device.write(values)
        self.sim.advance(10.0)

    def day(self) -> Day:
        """Leave the plant alone for 24 hours: a heavy load in the evening, then an hour without a grid."""
        day, sim = Day(), self.sim
        for _ in range(int(24 * 3600 / STEP_S)):
            grid = not OUTAGE[0] <= sim.plant.now.hour < OUTAGE[1]
            sim.plant.grid_available = grid
            sim.advance(STEP_S)
            flows, hours, soc_pct = sim.plant.flows, STEP_S / 3600, sim.plant.soc_pct
            charged = min(max(0.0, -flows.battery_w), max(0.0, flows.grid_w))
            sold = min(max(0.0, flows.battery_w), max(0.0, -flows.grid_w))
            quiet = flows.household_w <= QUIET_W
            day = Day(
                most_import_w=max(day.most_import_w, flows.grid_w * quiet),
                most_export_w=max(day.most_export_w, -flows.grid_w),
                lowest_pct=min(day.lowest_pct, soc_pct) if grid else day.lowest_pct,
                most_charge_w=max(day.most_charge_w, -flows.battery_w * grid),
                most_discharge_w=max(day.most_discharge_w, flows.battery_w * grid),
                highest_pct=max(day.highest_pct, soc_pct),
                grid_to_battery_wh=day.grid_to_battery_wh + charged * hours,
                battery_to_grid_wh=day.battery_to_grid_wh + sold * hours,
                dark_h=day.dark_h + hours * sim.plant.blackout,
            )
        return day


def _load_w(now: datetime) -> float:
    return PEAK_W if EVENING[0] <= now.hour < EVENING[1] else QUIET_W
