"""Closes the loop: the real driver and controller on a simulated plant, cycle by cycle."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
import json
from typing import Any
from unittest.mock import patch

from custom_components.energy_storage import controller, cycle
from custom_components.energy_storage.controller import Controller, ControlView
from custom_components.energy_storage.cycle import Cycle, Reading
from custom_components.energy_storage.engine import Decision
from custom_components.energy_storage.engine.command import BatteryCommand
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.override import Override, Source
from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.engine.settings import Settings
from custom_components.energy_storage.inputs_from_ha import site_of
from custom_components.energy_storage.memory_store import MemoryStore
from custom_components.energy_storage.settings_store import SettingsStore
from custom_components.energy_storage.vendors.driver import DriverError, Due, LinkSetup, Tier
from custom_components.energy_storage.vendors.sigen.driver import create
from tests.simulators.curves import series
from tests.simulators.sigen import Write

from .scenario import Fault, Mishap, Scenario, Wish
from .world import START, KilledError, Sample, Trouble, World

EVERYTHING = Due(tiers=frozenset(Tier))
_LOOK_S = 1.0
VOLTAGE_V = 230.0
_OVERRIDE_FOR = timedelta(hours=2)
_FAULTS = {
    Mishap.FROZEN_CLOCK: "frozen_clock",
    Mishap.IGNORED_WRITES: "ignored_writes",
    Mishap.OPERATOR: "vpp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One decision: a cycle has one, and one more for what the owner has just changed."""

    at_s: float
    cause: object
    """What a person changes: settings and override."""
    grid: bool
    held: BatteryCommand | None
    writes_left: int | None
    decision: Decision
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One cycle: what was decided, what came of it, and what flowed until the next one ended."""

    tick: int
    at_s: float
    settings: Settings
    view: ControlView
    react_s: float | None
    trouble: frozenset[str]
    """What is wrong in this cycle."""
    turns: tuple[Turn, ...]
    """What was decided in this cycle, the last of them by `view`."""
    fuse_w: float | None
    """Of one phase."""
    three_phase: bool
    later: list[Sample]
    """What flowed until the next cycle was over."""

    @property
    def writes(self) -> tuple[Write, ...]:
        """What the plant was told in this cycle."""
        return tuple(write for turn in self.turns for write in turn.writes)

    @property
    def now(self) -> Sample:
        """What flowed right after the cycle."""
        return self.later[0]

    @property
    def end_s(self) -> float:
        """When the next cycle was over."""
        return self.later[-1].end_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of a scenario."""

    scenario: Scenario
    moments: tuple[Moment, ...]
    failed_at: tuple[float, ...]
    """When a request was spoilt."""
    world: World


class _Shelf:
    """Stands in for Home Assistant's storage: keeps what was saved, as JSON."""

    def __init__(self, data: object = None) -> None:
        self.saved = json.dumps(data)

    def load(self) -> Any:
        return json.loads(self.saved)

    async def async_save(self, data: object) -> None:
        self.saved = json.dumps(data)

    def async_delay_save(self, data: Any, delay: float) -> None:
        """Leave for later what a kill would lose."""


class Loop:
    """One house."""

    def __init__(self, scenario: Scenario) -> None:
        """Build the plant; nobody reads it yet."""
        self.scenario = scenario
        self.world = World(scenario.plant_on_link, scenario.link)
        self.controller: Controller
        self.cycle: Cycle
        self._settings, self._memory = _Shelf(dict(scenario.settings)), _Shelf()
        self._state = json.dumps(scenario.state_before)
        self._turns: list[Turn] = []
        self.alive = False
        self._follow_house()

    def _follow_house(self) -> None:
        loads, suns, at_s = [], [], 0.0
        for stretch in self.scenario.house:
            moment = START + timedelta(seconds=at_s)
            loads.append((moment, stretch.load_w))
            suns.append((moment, stretch.pv_w))
            at_s += stretch.seconds
        plant = self.world.sim.plant
        plant.load_override_w, plant.pv_override_w = series(loads), series(suns)

    # One life of Home Assistant.

    async def begin(self) -> None:
        """Start Home Assistant on what an earlier one has kept."""
        world, scenario = self.world, self.scenario
        setup = LinkSetup(
            plant_unit_id=247, inverter_unit_ids=(1,), request_spacing_s=scenario.link.spacing_s
        )
        driver = create(world.unit, setup, now=world.now, monotonic=world.monotonic)
        self.driver = driver
        await driver.connect(json.loads(self._state))
        with suppress(DriverError):
            await driver.read(EVERYTHING)
        assert driver.control is not None
        poll = timedelta(seconds=scenario.link.poll_s)
        self.controller = Controller(
            driver.control,
            SettingsStore(self._settings, self._settings.load()),  # type: ignore[arg-type]  # stands in
            name="plant",
            kept=MemoryStore(self._memory, self._memory.load()),  # type: ignore[arg-type]  # stands in
            poll=poll,
            site=lambda seen_w: site_of(scenario.connection, seen_w),
            documents=lambda _: scenario.documents,
            ready=lambda: True,
            save_state=self._save_state,
        )
        self.cycle = Cycle(
            driver,
            await driver.read(Due(tiers=frozenset())),
            name="plant",
            poll=poll,
            spacing_s=max(scenario.link.spacing_s, 0.1),
            publish=_nobody_listens,
            control=self._turn,
        )

    async def _turn(self, state: PlantState) -> ControlView:
        """Let the controller decide and obey, and keep what came of it."""
        assert self.driver.control is not None
        holding, writes = self.driver.control.holding(), self.world.sim.writes
        at_s, before = self.world.seconds, len(writes)
        view = await self.controller.cycle(state)
        turn = Turn(
            at_s=at_s,
            cause=(self.controller.settings.settings, view.override),
            grid=self.world.sim.plant.grid_available,
            held=holding.command,
            writes_left=holding.writes_left,
            decision=view.decision,
            writes=tuple(writes[before:]),
        )
        self._turns.append(turn)
        return view

    async def _save_state(self) -> None:
        self._state = json.dumps(self.driver.state)

    # What happens.

    async def live(self) -> Story:
        """Let the whole story happen."""
        scenario, world = self.scenario, self.world
        moments: list[Moment] = []
        with self._clocks():
            for tick in range(scenario.ticks):
                moment = await self._tick(tick)
                moments += () if moment is None else (moment,)
            world.sim.advance(scenario.link.enter_s + scenario.link.obey_s)
        if moments:
            assert not self.cycle._defects
        return Story(
            scenario=scenario,
            moments=tuple(moments),
            failed_at=tuple(world.failed_at),
            world=world,
        )

    @contextmanager
    def _clocks(self) -> Iterator[None]:
        with (
            patch.object(controller, "utcnow", self.world.now),
            patch.object(controller, "monotonic", self.world.monotonic),
            patch.object(cycle, "utcnow", self.world.now),
            patch.object(cycle, "monotonic", self.world.monotonic),
        ):
            yield

    async def _tick(self, tick: int) -> Moment | None:
        """Go through one cycle and wait for the next; None while Home Assistant is dead."""
        world, scenario = self.world, self.scenario
        began_s = world.seconds
        for fault in scenario.faults:
            if tick == fault.tick:
                self._switch(fault, on=True)
            elif tick == fault.end:
                self._switch(fault, on=False)
        alive = self.alive or await self._wake(tick)
        if alive:
            alive = self.alive = await self._decide(tick)
        if not alive:
            world.dies_after = None
        moment = self._moment(tick) if alive else None
        world.pass_time(_LOOK_S)
        world.pass_time(max(0.0, scenario.link.poll_s - (world.seconds - began_s)))
        return moment

    async def _wake(self, tick: int) -> bool:
        """Start Home Assistant again, once it may."""
        if any(f.what is Mishap.KILLED and f.tick <= tick < f.end for f in self.scenario.faults):
            return False
        try:
            await self.begin()
        except DriverError:
            return False
        return True

    async def _decide(self, tick: int) -> bool:
        """Let owner and cycle have their turn; False when Home Assistant was killed in it."""
        try:
            for wish in self.scenario.wishes:
                if wish.tick == tick:
                    await self._want(wish)
            await self.cycle.tick()
        except KilledError:
            return False
        return self.world.dies_after is None

    async def _want(self, wish: Wish) -> None:
        if wish.settings:
            await self.controller.settings.async_set(**wish.settings)
        if wish.override is not None:
            started = self.world.now()
            asked = Override(
                kind=wish.override,
                parameters=wish.asked,
                source=Source.PERSON,
                started=started,
                ends_at=started + _OVERRIDE_FOR,
            )
            await self.controller.start_override(asked if wish.override in MODES else None)
        await self.cycle.decide()

    def _switch(self, fault: Fault, *, on: bool) -> None:
        sim, world = self.world.sim, self.world
        match fault.what:
            case Trouble():
                world.trouble = fault.what if on else None
            case Mishap.GRID_LOST:
                sim.plant.grid_available = not on
            case Mishap.SOC_MISSING:
                sim.set_raw("ess_soc", (0xFFFF,) if on else None)
            case Mishap.SOC_LEAPS:
                world.glitch_pct = fault.value if on else None
            case Mishap.FROZEN_CLOCK | Mishap.IGNORED_WRITES | Mishap.OPERATOR if on:
                sim.faults.add(_FAULTS[fault.what], fault.value)
            case Mishap.FROZEN_CLOCK | Mishap.IGNORED_WRITES | Mishap.OPERATOR:
                sim.faults.remove(_FAULTS[fault.what])
            case Mishap.APP_CHANGES_LIMIT if on:
                with suppress(KeyError):  # which older firmware does not have
                    sim.change("ess_discharge_cutoff_soc", fault.value)
            case Mishap.KILLED if on:
                world.dies_after = round(fault.value)

    def _moment(self, tick: int) -> Moment:
        view = self.controller.view
        assert view is not None
        turns, self._turns = tuple(self._turns), []
        connection = self.scenario.connection
        fuse_a = connection.get("main_fuse_a")
        fuse_w = None if fuse_a is None else fuse_a * VOLTAGE_V
        later: list[Sample] = []
        self.world.samples = later
        return Moment(
            tick=tick,
            at_s=self.world.seconds,
            settings=self.controller.settings.settings,
            view=view,
            react_s=self.controller.inputs(self.cycle.reading().state).react_s,
            trouble=frozenset(f.what for f in self.scenario.faults if f.tick <= tick < f.end),
            turns=turns,
            fuse_w=fuse_w,
            three_phase=connection["phases"] == 3,
            later=later,
        )


async def _nobody_listens(reading: Reading) -> None:
    pass
