"""A simulated plant, the link to it, and the only clock there is; no socket and no waiting."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import random
from typing import override

from modbus_connection import ModbusExceptionError, ModbusTimeoutError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from tests.simulators.flows import Flows
from tests.simulators.modbus import READ_FUNCTIONS, WRITE_MULTIPLE, WRITE_SINGLE, Request
from tests.simulators.register_map import RefusedError
from tests.simulators.sigen import SigenConfig, SigenSimulator

START = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
TIMEOUT_S = 8.0
"""How long a driver waits for an answer."""
_LONGEST_SAMPLE_S = 2.0
_READ_HOLDING, _READ_INPUT = READ_FUNCTIONS
_DEVICE_FAILURE = 4
_LATE_S = 4.0
_SOC = 30014
_LOWEST_CUTOFF_PCT = 25.0
"""Of those that stories have."""


class KilledError(BaseException):
    """Home Assistant ends in the middle of something; nothing catches that."""


class Trouble(StrEnum):
    """What a link can have."""

    SILENT = "silent"
    """Nothing is heard or answered."""
    LOST_REPLIES = "lost_replies"
    """Requests are executed, replies are lost."""
    REFUSED_WRITES = "refused_writes"
    LATE = "late"
    """Each answer comes some seconds late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How long things take on a link, and how much of it is lost."""

    poll_s: float = 5.0
    spacing_s: float = 0.0
    """Between two requests."""
    answer_s: float = 0.0
    """From a request to its answer."""
    enter_s: float = 0.0
    """Until remote control is in force."""
    obey_s: float = 0.0
    """From a write to its effect."""
    loss: float = 0.0
    """Share of requests whose answer never comes; half of these are executed."""
    seed: int = 0

    @property
    def ideal(self) -> bool:
        """Whether everything happens at once."""
        return not (self.spacing_s or self.answer_s or self.enter_s or self.obey_s or self.loss)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What flowed for some seconds, or flows at one moment."""

    at_s: float
    """When it began."""
    seconds: float
    flows: Flows
    rest_w: float
    """What the grid would give with the battery at rest."""
    soc_pct: float
    grid: bool
    needlessly_dark: bool
    """The house has no power although battery and sun would suffice."""
    own_floor_pct: float
    """The discharge cut-off that the plant has in effect."""

    @property
    def end_s(self) -> float:
        """When it ended."""
        return self.at_s + self.seconds

    @property
    def at_own_floor(self) -> bool:
        """Whether the plant stands at its cut-off, where it makes up for its standby losses from the grid."""
        return abs(self.soc_pct - self.own_floor_pct) <= 0.1

    @property
    def grid_to_battery_w(self) -> float:
        """What the house takes from the grid only because the battery charges."""
        return max(0.0, self.flows.grid_w - max(0.0, self.rest_w)) if self.flows.battery_w < 0 else 0.0

    @property
    def rest_phases_w(self) -> tuple[float, ...]:
        """The same as `rest_w` for each phase, of an inverter that feeds all of them evenly."""
        battery_w = (self.rest_w - self.flows.grid_w) / 3
        return tuple(phase + battery_w for phase in self.flows.grid_phases_w)


class World:
    """The plant and its time; every second that passes is seen."""

    def __init__(self, config: SigenConfig, link: Link) -> None:
        """Begin at noon."""
        self.sim = SigenSimulator(config)
        self.link = link
        self.seconds = 0.0
        self.samples: list[Sample] = []
        self.trouble: Trouble | None = None
        self.failed_at: list[float] = []
        """When a request was spoilt."""
        self.dies_after: int | None = None
        """After so many further requests Home Assistant is killed."""
        self.glitch_pct: float | None = None
        """What the next look at the SOC shows instead."""
        self._idle_since = -1e9
        self._random = random.Random(link.seed)

    def now(self) -> datetime:
        """Give the time of day, UTC."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return 1_000_000 + self.seconds

    def unit(self, unit_id: int) -> MockModbusUnit:
        """Give one unit id of the plant."""
        return _Unit(self, unit_id)

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what flows then is what flows at its end."""
        while seconds > 0:
            part_s = min(seconds, _LONGEST_SAMPLE_S)
            offered_w = self.sim.plant.pv_available_w
            served = self._could_serve(offered_w)
            self.sim.advance(part_s)
            self.samples.append(self._sample(self.seconds, part_s, offered_w, served=served))
            self.seconds += part_s
            seconds -= part_s
        self.sim.plant.step(0)

    def _sample(self, at_s: float, seconds: float, offered_w: float, *, served: bool) -> Sample:
        plant, flows = self.sim.plant, self.sim.plant.flows
        needed_w = flows.household_w + flows.ac_ev_w - flows.third_party_pv_w
        alone_w = min(plant._converter.to_ac(offered_w), plant.config.inverter_ac_w)
        return Sample(
            at_s=at_s,
            seconds=seconds,
            flows=flows,
            rest_w=needed_w - alone_w,
            soc_pct=plant.soc_pct,
            grid=plant.grid_available,
            own_floor_pct=plant.posture.discharge_cutoff_soc_pct,
            needlessly_dark=plant.blackout and plant.config.backup_supply and served,
        )

    def _could_serve(self, offered_w: float) -> bool:
        """Tell whether battery and sun are enough for the house in an outage."""
        plant = self.sim.plant
        if plant.soc_pct < _LOWEST_CUTOFF_PCT + plant.config.restart_margin_pct + 1:
            return False
        most_w = min(plant.config.inverter_ac_w, 0.9 * (plant.config.max_discharge_w + offered_w) - 100)
        return plant._site.household_w(plant._epoch_s) < most_w

    async def ask(self, request: Request) -> list[int]:
        """Make one request over the link, with all the time that it takes."""
        link = self.link
        if self.dies_after is not None:
            if self.dies_after <= 0:
                raise KilledError
            self.dies_after -= 1
        self.pass_time(max(0.0, self._idle_since + link.spacing_s - self.seconds))
        lost = self._random.random() < link.loss
        heard = self.trouble is not Trouble.SILENT and (not lost or self._random.random() < 0.5)
        try:
            if request.writes and self.trouble is Trouble.REFUSED_WRITES:
                raise RefusedError(_DEVICE_FAILURE)  # noqa: TRY301  as the device does
            words = await self._respond(request) if heard else None
            lost = lost or words is None or self.trouble in (Trouble.SILENT, Trouble.LOST_REPLIES)
            if lost:
                self.failed_at.append(self.seconds)
                self.pass_time(TIMEOUT_S)
                raise ModbusTimeoutError
            if self.trouble is Trouble.LATE:
                self.failed_at.append(self.seconds)
                self.pass_time(_LATE_S)
            self.pass_time(link.answer_s)
        except RefusedError as err:
            if request.writes:
                self.failed_at.append(self.seconds)
            self.pass_time(link.answer_s)
            raise ModbusExceptionError.from_code(err.code) from err
        finally:
            self._idle_since = self.seconds
        return list(words or ())

    async def _respond(self, request: Request) -> tuple[int, ...] | None:
        if self.glitch_pct is None or not request.address <= _SOC < request.address + request.count:
            return await self.sim.respond(request)
        self.sim.set("ess_soc", self.glitch_pct)
        try:
            return await self.sim.respond(request)
        finally:
            self.glitch_pct = None
            self.sim.set("ess_soc", None)


class _Unit(MockModbusUnit):
    """One unit id, asked over the world's link."""

    def __init__(self, world: World, unit_id: int) -> None:
        super().__init__(MockModbusConnection(), unit_id)
        self._world = world
        self._number = unit_id

    @property
    @override
    def connected(self) -> bool:
        return True

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        return await self._ask(_READ_HOLDING, address, count)

    @override
    async def read_input_registers(self, address: int, count: int) -> list[int]:
        return await self._ask(_READ_INPUT, address, count)

    @override
    async def write_register(self, address: int, value: int) -> None:
        await self._ask(WRITE_SINGLE, address, 1, (value,))

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        await self._ask(WRITE_MULTIPLE, address, len(values), tuple(values))

    @override
    def set_message_spacing(self, seconds: float) -> None:
        """Take no pause of its own: the link does."""

    async def _ask(self, function: int, address: int, count: int, values: tuple[int, ...] = ()) -> list[int]:
        request = Request(
            at=self._world.now(),
            unit=self._number,
            function=function,
            address=address,
            count=count,
            values=values,
        )
        return await self._world.ask(request)
