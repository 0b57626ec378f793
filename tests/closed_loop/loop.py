"""Closes the loop: the real driver, controller and cycle on a simulated plant, without waiting."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
import json
from typing import Any
from unittest.mock import patch

from custom_components.energy_storage import controller, cycle
from custom_components.energy_storage.controller import Controller, ControlView
from custom_components.energy_storage.cycle import Cycle, Reading
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.override import Override, Source
from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.inputs_from_ha import site_of
from custom_components.energy_storage.memory_store import MemoryStore
from custom_components.energy_storage.settings_store import SettingsStore
from custom_components.energy_storage.vendors.control import PlantControl
from custom_components.energy_storage.vendors.driver import Driver, DriverError, Due, LinkSetup, Tier
from custom_components.energy_storage.vendors.sigen.driver import create
from tests.simulators.curves import series

from .link import KilledError, Trouble, Wire
from .scenario import Fault, Mishap, Scenario, Wish
from .story import Moment, Story, Turn
from .world import START, World

VOLTAGE_V = 230.0
_EVERYTHING = Due(tiers=frozenset(Tier))
_LOOK_S = 1.0
_OVERRIDE_FOR = timedelta(hours=2)
_LASTING_FAULTS = {
    Mishap.FROZEN_CLOCK: "frozen_clock",
    Mishap.IGNORED_WRITES: "ignored_writes",
    Mishap.OPERATOR: "vpp",
}


class _Shelf:
    """Stands in for Home Assistant's storage: keeps what was saved, as JSON."""

    def __init__(self, data: object = None) -> None:
        self._saved = json.dumps(data)

    def load(self) -> Any:
        return json.loads(self._saved)

    async def async_save(self, data: object) -> None:
        self._saved = json.dumps(data)

    def async_delay_save(self, data: object, delay: float) -> None:
        """Leave for later what a kill would lose."""


class Loop:
    """One house."""

    def __init__(self, scenario: Scenario) -> None:
        """Build the plant; nobody reads it yet."""
        self._scenario = scenario
        self._world = World(scenario.plant_on_link)
        self._wire = Wire(self._world, scenario.link)
        self._settings, self._memory = _Shelf(dict(scenario.settings)), _Shelf()
        self._driver_state = _Shelf(scenario.state_before)
        self._turns: list[Turn] = []
        self._alive = False
        self._driver: Driver
        self._controller: Controller
        self._cycle: Cycle
        moments = scenario.moments(START)
        self._world.sim.plant.load_override_w = series([(at, each.load_w) for at, each in moments])
        self._world.sim.plant.pv_override_w = series([(at, each.pv_w) for at, each in moments])

    async def live(self) -> Story:
        """Let the whole story happen."""
        scenario, world = self._scenario, self._world
        with self._clocks():
            moments = [await self._tick(tick) for tick in range(scenario.ticks)]
            world.sim.advance(scenario.link.enter_s + scenario.link.obey_s)
        return Story(
            scenario=scenario,
            moments=tuple(moment for moment in moments if moment is not None),
            failed_at=tuple(self._wire.failed_at),
            world=world,
        )

    @contextmanager
    def _clocks(self) -> Iterator[None]:
        now, monotonic = self._world.now, self._world.monotonic
        with (
            patch.object(controller, "utcnow", now),
            patch.object(controller, "monotonic", monotonic),
            patch.object(cycle, "utcnow", now),
            patch.object(cycle, "monotonic", monotonic),
        ):
            yield

    # One life of Home Assistant.

    async def _begin(self) -> None:
        """Start on what an earlier life has kept."""
        world, scenario = self._world, self._scenario
        link, poll = scenario.link, timedelta(seconds=scenario.link.poll_s)
        setup = LinkSetup(plant_unit_id=247, inverter_unit_ids=(1,), request_spacing_s=link.spacing_s)
        self._driver = create(self._wire.unit, setup, now=world.now, monotonic=world.monotonic)
        await self._driver.connect(self._driver_state.load())
        with suppress(DriverError):
            await self._driver.read(_EVERYTHING)
        self._controller = Controller(
            self._control,
            SettingsStore(self._settings, self._settings.load()),  # type: ignore[arg-type]  # stands in
            name="plant",
            kept=MemoryStore(self._memory, self._memory.load()),  # type: ignore[arg-type]  # stands in
            poll=poll,
            site=lambda seen_w: site_of(scenario.connection, seen_w),
            documents=lambda _: scenario.documents,
            ready=lambda: True,
            save_state=self._save_state,
        )
        self._cycle = Cycle(
            self._driver,
            await self._driver.read(Due(tiers=frozenset())),
            name="plant",
            poll=poll,
            spacing_s=max(link.spacing_s, 0.1),
            publish=_nobody_listens,
            control=self._turn,
        )

    @property
    def _control(self) -> PlantControl:
        control = self._driver.control
        assert control is not None
        return control

    async def _save_state(self) -> None:
        await self._driver_state.async_save(self._driver.state)

    async def _turn(self, state: PlantState) -> ControlView:
        """Let the controller decide and obey, and keep what came of it."""
        holding, writes = self._control.holding(), self._world.sim.writes
        at_s, before = self._world.seconds, len(writes)
        view = await self._controller.cycle(state)
        turn = Turn(
            at_s=at_s,
            cause=(self._controller.settings.settings, view.override),
            grid=self._world.sim.plant.grid_available,
            held=holding.command,
            writes_left=holding.writes_left,
            decision=view.decision,
            writes=tuple(writes[before:]),
        )
        self._turns.append(turn)
        return view

    # One cycle.

    async def _tick(self, tick: int) -> Moment | None:
        """Go through one cycle and wait for the next; None while Home Assistant is dead."""
        world = self._world
        began_s = world.seconds
        for fault in self._scenario.faults:
            if tick in (fault.tick, fault.end):
                self._switch(fault, on=tick == fault.tick)
        if self._alive or await self._wake(tick):
            self._alive = await self._decide(tick)
        moment = self._moment(tick) if self._alive else None
        world.pass_time(_LOOK_S)
        world.pass_time(max(0.0, self._scenario.link.poll_s - (world.seconds - began_s)))
        return moment

    async def _wake(self, tick: int) -> bool:
        """Start Home Assistant, once it may."""
        self._wire.dies_after = None
        if Mishap.KILLED in self._scenario.wrong(tick):
            return False
        try:
            await self._begin()
        except DriverError:
            return False
        return True

    async def _decide(self, tick: int) -> bool:
        """Let owner and cycle have their turn; False when Home Assistant was killed in it."""
        try:
            for wish in self._scenario.wishes:
                if wish.tick == tick:
                    await self._want(wish)
            await self._cycle.tick()
        except KilledError:
            return False
        assert not self._cycle._defects
        return self._wire.dies_after is None

    async def _want(self, wish: Wish) -> None:
        if wish.settings:
            await self._controller.settings.async_set(**wish.settings)
        if wish.override is not None:
            started = self._world.now()
            asked = Override(
                kind=wish.override,
                parameters=wish.asked,
                source=Source.PERSON,
                started=started,
                ends_at=started + _OVERRIDE_FOR,
            )
            await self._controller.start_override(asked if wish.override in MODES else None)
        await self._cycle.decide()

    def _switch(self, fault: Fault, *, on: bool) -> None:
        sim, wire = self._world.sim, self._wire
        match fault.what:
            case Trouble():
                wire.trouble = fault.what if on else None
            case Mishap.GRID_LOST:
                sim.plant.grid_available = not on
            case Mishap.SOC_MISSING:
                sim.set_raw("ess_soc", (0xFFFF,) if on else None)
            case Mishap.SOC_LEAPS:
                wire.glitch_pct = fault.value if on else None
            case Mishap.APP_CHANGES_LIMIT if on:
                with suppress(KeyError):  # which older firmware does not have
                    sim.change("ess_discharge_cutoff_soc", fault.value)
            case Mishap.KILLED if on:
                wire.dies_after = round(fault.value)
            case what if what in _LASTING_FAULTS:
                if on:
                    sim.faults.add(_LASTING_FAULTS[what], fault.value)
                else:
                    sim.faults.remove(_LASTING_FAULTS[what])

    def _moment(self, tick: int) -> Moment:
        """Keep what came of a cycle; what flows from now on belongs to it."""
        view, connection = self._controller.view, self._scenario.connection
        assert view is not None
        turns, self._turns, self._world.samples = tuple(self._turns), [], []
        fuse_a = connection.get("main_fuse_a")
        return Moment(
            tick=tick,
            settings=self._controller.settings.settings,
            view=view,
            react_s=self._controller.inputs(self._cycle.reading().state).react_s,
            trouble=self._scenario.wrong(tick),
            turns=turns,
            fuse_w=None if fuse_a is None else fuse_a * VOLTAGE_V,
            three_phase=connection["phases"] == 3,
            later=self._world.samples,
        )


async def _nobody_listens(_: Reading) -> None:
    pass
