"""A simulated Sigen plant without a socket: what it holds, what is written to it, and a day left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.driver import RegisterReading
from custom_components.energy_storage.vendors.fields import Field, fields_of
from custom_components.energy_storage.vendors.sigen.abilities import PlantFacts, Seen, facts_of
from custom_components.energy_storage.vendors.sigen.held import Held, Installation, Reading, held_of
from custom_components.energy_storage.vendors.sigen.registers import TABLES
from custom_components.energy_storage.vendors.sigen.sequence import Situation
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.write import RegisterWrite
from tests.simulators.modbus import Request
from tests.simulators.plant import SimulatedPlant
from tests.simulators.register_map import RefusedError
from tests.simulators.sigen import SigenConfig, SigenSimulator
from tests.simulators.sigen_map import PLANT_UNIT

START = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
STEP_S = 300.0
EVENING, OUTAGE, PEAK_W, QUIET_W = (17, 18), (18, 19), 8_000.0, 600.0
"""Hours in UTC with a high load, and without a grid."""

type Words = dict[tuple[int, int], tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened in 24 hours without anybody."""

    over_import_w: float = 0.0
    """At most, beyond the limit and beyond what the house itself took."""
    over_export_w: float = 0.0
    lowest_pct: float = 100.0
    highest_pct: float = 0.0
    grid_to_battery_wh: float = 0.0
    battery_to_grid_wh: float = 0.0
    most_charge_w: float = 0.0
    """While there is a grid, as the next."""
    most_discharge_w: float = 0.0
    dark_h: float = 0.0


class Bench:
    """A plant under test."""

    def __init__(self, config: SigenConfig, version: Version, seen: Iterable[Seen] = ()) -> None:
        """Build it at noon; nothing is written yet."""
        self.sim = SigenSimulator(replace(config, speed=0, start=START))
        self.version = version
        self.seen = frozenset(seen)
        self.sim.plant.load_override_w = _load_w

    @property
    def words(self) -> Words:
        """Every setting that was written."""
        return dict(self.sim.controls._words)

    @words.setter
    def words(self, words: Words) -> None:
        rows = self.sim._banks[PLANT_UNIT].points
        for (unit, address), value in words.items():
            self.sim.controls.store(unit, rows[address], value)
        self.sim.advance(self.sim.config.enter_s + 1)

    async def readings(self) -> tuple[RegisterReading, ...]:
        """Read every declared register of the plant."""
        return tuple(
            [
                await self._reading(name, field)
                for table in TABLES[DeviceKind.PLANT]
                if not table.write_only
                for name, field in fields_of(table).items()
                if table.tier in ("fast", "settings")
            ]
        )

    async def held(self) -> Held:
        """Give what the plant holds."""
        return held_of(await self.readings())

    async def facts(self) -> PlantFacts:
        """Give what is known of the plant."""
        return facts_of(await self.readings(), self.version, self.seen)

    async def situation(self, snapshot: Held | None, installation: Installation) -> Situation:
        """Give everything that a plan needs, with a SOC read just now."""
        soc_pct = float(self.sim.get("ess_soc"))
        return Situation(
            held=await self.held(),
            facts=await self.facts(),
            reading=Reading(soc_pct=soc_pct, soc_age_s=0.5, net_load_peak_w=5_000.0),
            snapshot=snapshot,
            installation=installation,
        )

    async def apply(self, writes: Sequence[RegisterWrite]) -> None:
        """Do the writes in their order, waiting where they say so."""
        for write in writes:
            try:
                await self.sim.respond(_request(write.function, write.address, write.words))
            except RefusedError:
                if not write.may_be_refused:
                    raise
            self.sim.advance(1.0)
            if write.wait_for:
                self.sim.advance(self.sim.config.enter_s)

    async def _reading(self, name: str, field: Field) -> RegisterReading:
        request = _request(3, field.address, (0,) * field.count)
        try:
            raw = await self.sim.respond(replace(request, values=()))
        except RefusedError:
            raw = None
        value = None if raw is None else field.decode(list(raw))
        return RegisterReading(
            device="plant", name=name, address=field.address, raw=raw, value=value, unit=field.unit
        )

    def day(self, limits: Installation) -> Day:
        """Leave the plant alone for a day."""
        return day_alone(self.sim.plant, limits)


def day_alone(plant: SimulatedPlant, limits: Installation) -> Day:
    """Leave a plant alone for 24 hours: a heavy load in the evening, then an hour without a grid."""
    day = Day()
    plant.load_override_w = _load_w
    for _ in range(int(24 * 3600 / STEP_S)):
        plant.grid_available = not OUTAGE[0] <= plant.now.hour < OUTAGE[1]
        plant.step(STEP_S)
        flows, hours = plant.flows, STEP_S / 3600
        charged = min(max(0.0, -flows.battery_w), max(0.0, flows.grid_w))
        sold = min(max(0.0, flows.battery_w), max(0.0, -flows.grid_w))
        import_w = max(limits.import_limit_w or 0.0, flows.household_w + plant.config.standby_w)
        day = Day(
            over_import_w=max(day.over_import_w, flows.grid_w - import_w),
            over_export_w=max(day.over_export_w, -flows.grid_w - (limits.export_limit_w or 0.0)),
            lowest_pct=min(day.lowest_pct, plant.soc_pct),
            highest_pct=max(day.highest_pct, plant.soc_pct),
            grid_to_battery_wh=day.grid_to_battery_wh + charged * hours,
            battery_to_grid_wh=day.battery_to_grid_wh + sold * hours,
            most_charge_w=max(day.most_charge_w, -flows.battery_w * plant.grid_available),
            most_discharge_w=max(day.most_discharge_w, flows.battery_w * plant.grid_available),
            dark_h=day.dark_h + hours * plant.blackout,
        )
    return day


def _load_w(now: datetime) -> float:
    return PEAK_W if EVENING[0] <= now.hour < EVENING[1] else QUIET_W


def _request(function: int, address: int, words: tuple[int, ...]) -> Request:
    return Request(
        at=START, unit=PLANT_UNIT, function=function, address=address, count=len(words), values=words
    )
