"""An Instagen plant in the hands of Home Assistant: controller, cycle, driver and wire over some hours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
import json
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.energy_storage import controller, cycle
from custom_components.energy_storage.controller import Confidence, Controller, ControlView
from custom_components.energy_storage.cycle import Cycle
from custom_components.energy_storage.engine import ControlState
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.documents import Documents
from custom_components.energy_storage.engine.inputs import Site
from custom_components.energy_storage.engine.override import Override, Parameter, Source
from custom_components.energy_storage.memory_store import MemoryStore
from custom_components.energy_storage.settings_store import SettingsStore
from custom_components.energy_storage.vendors.instagen import VENDOR
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.vendors.instagen.home import HOME, LOAD_W, POLL_S, Home

pytestmark = pytest.mark.usefixtures("socket_enabled")

TICK_S = 5.0
SETTINGS: dict[str, Any] = {
    "control": "on",
    "mode": "self_consumption",
    "backup_reserve_soc_pct": 20,
    "grid_charging": True,
    "outage_consent": True,
}


class Shelf:
    """Stands in for Home Assistant's storage: keeps what was saved, as JSON."""

    def __init__(self, data: object = None) -> None:
        """Begin with what is there."""
        self._saved = json.dumps(data)
        self.saves = 0

    def load(self) -> Any:
        """Give what was saved last."""
        return json.loads(self._saved)

    async def async_save(self, data: object) -> None:
        """Keep it."""
        self.saves += 1
        self._saved = json.dumps(data)

    def async_delay_save(self, data: object, delay: float) -> None:
        """Leave for later what a kill would lose."""


@dataclass
class Story:
    """One house, and one life of Home Assistant after the other."""

    home: Home
    settings: Shelf = field(default_factory=lambda: Shelf(SETTINGS))
    memory: Shelf = field(default_factory=Shelf)
    views: list[ControlView] = field(default_factory=list[ControlView])

    @property
    def now(self) -> datetime:
        """The only clock there is."""
        return self.home.sim.plant.now

    async def begin(self) -> None:
        """Start Home Assistant on what an earlier life has saved."""
        await self.home.start()
        driver = self.home.driver
        lag = timedelta(seconds=VENDOR.pace.lag_s)
        self.controller = Controller(
            self.home.control,
            SettingsStore(self.settings, self.settings.load()),  # type: ignore[arg-type]  # stands in
            name="plant",
            kept=MemoryStore(self.memory, self.memory.load()),  # type: ignore[arg-type]  # stands in
            poll=timedelta(seconds=POLL_S),
            lag=lag,
            site=lambda _: Site(backup_supply=True),
            documents=lambda _: Documents(),
            ready=lambda: True,
            save_state=self._save,
        )
        self.cycle = Cycle(
            driver,
            await self.home.after(0),
            name="plant",
            poll=timedelta(seconds=POLL_S),
            lag=lag,
            spacing_s=VENDOR.pace.spacing_s,
            publish=_nobody_listens,
            control=self.controller.cycle,
        )

    async def _save(self) -> None:
        self.home.saved = json.loads(json.dumps(self.home.driver.state))

    async def live(self, minutes: float) -> ControlView:
        """Let time pass, tick by tick."""
        for _ in range(round(minutes * 60 / TICK_S)):
            await self.cycle.tick()
            assert not self.cycle._defects
            view = self.cycle.reading().control
            assert view is not None
            self.views.append(view)
            self.home.sim.advance(TICK_S)
        return self.views[-1]

    async def override(self, kind: str, **parameters: Parameter) -> None:
        """Have a person ask for something for two hours."""
        end = self.now + timedelta(hours=2)
        await self.controller.start_override(
            Override(kind=kind, parameters=parameters, source=Source.PERSON, started=self.now, ends_at=end)
        )

    def told(self) -> list[tuple[object, object]]:
        """Give mode and reserve of every message that the stick took."""
        return list(zip(self.home.modes, self.home.reserves, strict=True))


async def _nobody_listens(_: object) -> None:
    """Publish nothing."""


@contextmanager
def clocks(sim: InstagenSimulator) -> Iterator[None]:
    """Have everything live in the time of the plant."""

    def now() -> datetime:
        return sim.plant.now

    def seconds() -> float:
        return sim.plant.now.timestamp()

    with (
        patch.object(controller, "utcnow", now),
        patch.object(controller, "monotonic", seconds),
        patch.object(cycle, "utcnow", now),
        patch.object(cycle, "monotonic", seconds),
    ):
        yield


@asynccontextmanager
async def story(config: InstagenConfig = HOME, **settings: Any) -> AsyncIterator[Story]:
    """Begin a story in the evening."""
    async with InstagenSimulator(config).serving() as sim:
        sim.plant.load_override_w = LOAD_W
        sim.plant.pv_override_w = 0.0
        with clocks(sim):
            made = Story(Home(sim), settings=Shelf({**SETTINGS, **settings}))
            await made.begin()
            yield made
            await made.home.driver.close()


async def test_a_charge_and_what_follows_it() -> None:
    """Charged to its target, held there, handed on to the base mode; confirmed all along, by few messages."""
    async with story() as house:
        view = await house.live(5)
        assert (view.confidence, house.told()) == (Confidence.CONFIRMED, [(1, 20)])
        await house.override("force_charge", power_w=4_000.0, target_soc_pct=60.0, from_grid=True)
        view = await house.live(4)
        assert view.confidence is Confidence.CONFIRMED
        assert house.home.sim.plant.flows.battery_w == pytest.approx(-4_000, abs=200)
        await house.live(15)
        assert house.home.sim.plant.soc_pct == pytest.approx(60, abs=1.5)
        assert house.told()[:2] == [(1, 20), (5, 60)]
        await house.live(110)
        assert house.told()[-1] == (1, 20)
        assert len(house.told()) <= 5


async def test_hold_keeps_what_there_is() -> None:
    """And is called assumed until the battery was seen to stop."""
    async with story() as house:
        house.home.sim.set("battery.max_discharge_current", 90)
        await house.live(3)
        await house.override("hold")
        view = await house.live(3)
        assert view.confidence is Confidence.ASSUMED
        view = await house.live(40)
        assert view.confidence is Confidence.CONFIRMED
        assert house.home.sim.plant.soc_pct > 51
        assert house.told() == [(1, 20), (1, 52)]


async def test_an_outage_ends_a_charge_at_once() -> None:
    """The house has the battery, and the plant does not go on charging when the grid is back."""
    async with story() as house:
        await house.override("force_charge", power_w=4_000.0, target_soc_pct=90.0, from_grid=True)
        await house.live(4)
        assert house.home.sim.mode == 5
        house.home.sim.faults.add("grid_loss")
        await house.live(3)
        assert house.home.sim.mode == 1
        assert not house.home.sim.plant.blackout
        assert not house.home.foreign


async def test_a_kill_and_what_the_next_life_makes_of_it() -> None:
    """The command is adopted as assumed, and confirmed by the battery; nothing is said twice."""
    async with story() as house:
        await house.override("force_charge", power_w=2_000.0, target_soc_pct=90.0, from_grid=True)
        await house.live(4)
        told = house.told()
        house.home.sim.advance(600)
        await house.begin()
        assert house.home.holding.command is not None
        assert house.home.holding.command.kind is CommandKind.CHARGE
        view = await house.live(4)
        assert (view.confidence, house.told()) == (Confidence.CONFIRMED, told)


async def test_a_stop_hands_the_plant_back() -> None:
    """Once, with the owner's reserve, and whatever else was under way."""
    async with story() as house:
        await house.override("force_charge", power_w=2_000.0, target_soc_pct=90.0, from_grid=True)
        await house.live(3)
        house.controller.halt()
        await house.controller.hand_back()
        house.home.sim.advance(10)
        assert (house.home.sim.mode, house.told()[-1]) == (1, (1, 20))
        assert house.home.holding.command is None


async def test_the_app_takes_the_plant_and_the_owner_takes_it_back() -> None:
    """We yield and write nothing, until he says so."""
    async with story() as house:
        await house.override("force_charge", power_w=2_000.0, target_soc_pct=90.0, from_grid=True)
        await house.live(4)
        told = house.told()
        house.home.sim.change_mode(6, reserve_soc=20, max_power=60.0)
        view = await house.live(5)
        assert view.decision.control is ControlState.YIELDED
        await house.live(30)
        assert house.told() == told
        house.controller.take_over()
        view = await house.live(4)
        assert view.decision.control is ControlState.ON
        assert view.confidence is Confidence.CONFIRMED
        assert house.home.sim.mode == 5


async def test_a_plant_that_takes_and_does_nothing_is_told_less_and_less_often() -> None:
    """The owner hears of it, and the flash memory lives."""
    async with story() as house:
        await house.live(4)
        house.home.sim.faults.add("ignored_writes")
        await house.override("force_charge", power_w=2_000.0, target_soc_pct=90.0, from_grid=True)
        view = await house.live(60)
        assert (view.confidence, view.code) == (Confidence.ASSUMED, "not_held")
        assert view.failures >= 2
        times = [write.at for write in house.home.sim.writes[1:]]
        assert 4 <= len(times) <= 12
        assert all((later - one).total_seconds() >= 60 for one, later in pairwise(times))


async def test_wishes_by_the_minute_are_one_message_a_minute() -> None:
    """However often a person changes his mind."""
    async with story() as house:
        for number in range(60):
            power = 1_000.0 + 500 * (number % 5)
            await house.override("force_charge", power_w=power, target_soc_pct=95.0, from_grid=True)
            await house.live(0.25)
        times = [write.at for write in house.home.sim.writes]
        assert len(times) > 3
        widening = [
            later - one
            for (one, before), (later, after) in pairwise(
                [(write.at, write.values.get("max_power", 0)) for write in house.home.sim.writes]
            )
            if isinstance(before, int | float) and isinstance(after, int | float) and after > before
        ]
        assert all(gap >= timedelta(seconds=60) for gap in widening)


async def test_nothing_is_saved_while_nothing_changes() -> None:
    """An hour in which a command is only assumed costs no write to the disk."""
    async with story() as house:
        house.home.sim.plant.load_override_w = 20.0
        await house.live(5)
        before = json.dumps(house.home.driver.state["control"])
        view = await house.live(20)
        assert view.confidence is Confidence.ASSUMED
        assert json.dumps(house.home.driver.state["control"]) == before
        assert len(house.told()) == 1
