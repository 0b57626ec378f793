"""A simulated plant in Home Assistant, over real Modbus TCP, with a clock that tests move by hand."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from unittest.mock import AsyncMock, PropertyMock, patch

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import energy_storage
from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.controller import ControlView
from custom_components.energy_storage.coordinator import PlantRuntime
from custom_components.energy_storage.cycle import Cycle
from custom_components.energy_storage.engine.settings import SettingValue
from custom_components.energy_storage.meter_source import ModbusSource
from custom_components.energy_storage.vendors.chint import VENDOR as CHINT
from custom_components.energy_storage.vendors.chint.driver import create as create_chint
from custom_components.energy_storage.vendors.driver import Driver, LinkSetup, TcpAddress, Units
from custom_components.energy_storage.vendors.instagen import VENDOR as INSTAGEN
from custom_components.energy_storage.vendors.instagen.driver import create as create_instagen
from custom_components.energy_storage.vendors.sigen import VENDOR as SIGEN
from custom_components.energy_storage.vendors.sigen.driver import create
from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_messages import decode
from tests.simulators.instagen_windows import number, parts
from tests.simulators.sigen import SigenConfig, SigenSimulator

from .flow_plants import Answer, answering

type ChintFactory = Callable[[ChintConfig], Awaitable[ChintSimulator]]
type InstagenFactory = Callable[[InstagenConfig], Awaitable[InstagenSimulator]]
type SigenFactory = Callable[[SigenConfig], Awaitable[SigenSimulator]]

NOON = datetime(2026, 6, 1, 11, tzinfo=UTC)
"""A little before noon where the simulated plant stands."""


@dataclass
class HandClock:
    """The time for driver and cycle; only how long they wait for an answer is real."""

    now: datetime = NOON
    timeout_s: float = 1.0

    def utc(self) -> datetime:
        """Give the time of day."""
        return self.now

    def monotonic(self) -> float:
        """Give the seconds that never go back."""
        return (self.now - NOON).total_seconds() + 1_000_000


class Simulated(Protocol):
    """A simulated plant."""

    def advance(self, seconds: float) -> None:
        """Move its time on."""


@dataclass
class Home[Sim: Simulated = SigenSimulator]:
    """One plant in Home Assistant."""

    hass: HomeAssistant
    sim: Sim
    entry: MockConfigEntry
    clock: HandClock

    @property
    def runtime(self) -> PlantRuntime:
        """What the loaded entry consists of."""
        runtime: PlantRuntime = self.entry.runtime_data
        return runtime

    async def tick(self, seconds: float = 5, count: int = 1) -> None:
        """Let time pass for house, device and cycle, a tick at the end of each step."""
        for _ in range(count):
            self.clock.now += timedelta(seconds=seconds)
            self.sim.advance(seconds)
            await self.runtime.cycle.tick()
        await self.hass.async_block_till_done()

    async def set(self, **settings: SettingValue) -> None:
        """Change settings as the owner does, and let the cycle see it."""
        await self.runtime.settings.async_set(**settings)
        await self.decide()

    async def decide(self) -> None:
        """Let the cycle decide on what is known."""
        await self.runtime.cycle.decide()
        await self.hass.async_block_till_done()

    @property
    def view(self) -> ControlView:
        """What control came to last."""
        found = self.runtime.cycle.reading().control
        assert found is not None
        return found

    async def settle(self) -> None:
        """Tick until everything was asked once."""
        for _ in range(60):
            await self.tick()
            if self.runtime.driver.settled:
                return
        raise AssertionError("never asked everything")

    def entity_id(self, platform: str, key: str, device: str = "plant") -> str | None:
        """Find an entity by its key; None when it was never registered."""
        uid = next(known.uid for known in self.runtime.driver.devices if known.key == device)
        return er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, f"{uid}_{key}")

    def state(self, platform: str, key: str, device: str = "plant") -> State:
        """Give the state of an enabled entity."""
        entity_id = self.entity_id(platform, key, device)
        assert entity_id is not None, f"no {platform} {key} on {device}"
        state = self.hass.states.get(entity_id)
        assert state is not None, f"{entity_id} has no state"
        return state

    def sensor(self, key: str, device: str = "plant") -> str:
        """Give what a sensor shows."""
        return self.state("sensor", key, device).state

    async def act(self, action: str, key: str, device: str = "plant", **data: Any) -> None:
        """Use an entity as a person does, for example `switch.turn_on`, and wait until the plant obeyed."""
        platform, _, name = action.partition(".")
        target = {"entity_id": self.entity_id(platform, key, device)}
        await self.hass.services.async_call(platform, name, target | data, blocking=True)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def number(self, key: str, device: str = "plant") -> float:
        """Give the number that a sensor shows."""
        return float(self.sensor(key, device))


def entry_for(
    sim: SigenSimulator,
    options: Mapping[str, Any] | None = None,
    subentries: Sequence[ConfigSubentryData] = (),
    **changed: Any,
) -> MockConfigEntry:
    """The config entry that the flow makes for a simulated plant."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="My plant",
        unique_id=str(sim.get("serial_number", sim.config.inverters[0])),
        data={
            "vendor": "sigen",
            "host": sim.host,
            "port": sim.port,
            "plant_unit_id": 247,
            "inverter_unit_ids": list(sim.config.inverters),
            "ac_charger_unit_ids": list(sim.config.ac_chargers),
        }
        | changed,
        options={"request_spacing_s": 0.0001} | dict(options or {}),
        subentries_data=subentries,
    )


class AddHome(Protocol):
    """Sets up a simulated plant."""

    def __call__(self, config: SigenConfig | None = None, *, settled: bool = True) -> Awaitable[Home]:
        """Start the plant of this configuration, add it, and read everything once if `settled`."""


@pytest.fixture
def hand_clock() -> Iterator[HandClock]:
    """Let driver and cycle follow a clock that stands until it is moved, and tick only when told to."""
    clock = HandClock()

    def create_by_hand(units: Units, setup: LinkSetup) -> Driver:
        return create(
            units,
            setup,
            now=clock.utc,
            monotonic=clock.monotonic,
            timeout_s=clock.timeout_s,
            charger_timeout_s=clock.timeout_s / 4,
        )

    def create_instagen_by_hand(address: TcpAddress, setup: LinkSetup) -> Driver:
        return create_instagen(
            address,
            setup,
            now=clock.utc,
            monotonic=clock.monotonic,
            gap_s=0,
            timeout_s=clock.timeout_s,
        )

    def create_chint_by_hand(units: Units, setup: LinkSetup) -> Driver:
        return create_chint(units, setup, now=clock.utc, monotonic=clock.monotonic, timeout_s=clock.timeout_s)

    by_hand = (
        replace(SIGEN, create=create_by_hand),
        replace(INSTAGEN, create=create_instagen_by_hand),
        replace(CHINT, create=create_chint_by_hand),
    )
    with (
        patch.object(energy_storage, "VENDORS", by_hand),
        patch("custom_components.energy_storage.cycle.utcnow", clock.utc),
        patch("custom_components.energy_storage.cycle.monotonic", clock.monotonic),
        patch("custom_components.energy_storage.controller.utcnow", clock.utc),
        patch("custom_components.energy_storage.controller.monotonic", clock.monotonic),
        patch("custom_components.energy_storage.actions.utcnow", clock.utc),
        patch("custom_components.energy_storage.calendars.utcnow", clock.utc),
        patch("custom_components.energy_storage.calendar.utcnow", clock.utc),
        patch("custom_components.energy_storage.dispatch_services.utcnow", clock.utc),
        patch("custom_components.energy_storage.document_services.utcnow", clock.utc),
        patch("custom_components.energy_storage.meter_source.utcnow", clock.utc),
        patch("custom_components.energy_storage.own_meter.utcnow", clock.utc),
        patch.object(Cycle, "start"),
        patch.object(ModbusSource, "start"),
    ):
        yield clock


@pytest.fixture
def add_home(hass: HomeAssistant, sigen: SigenFactory, hand_clock: HandClock) -> AddHome:
    """Set up simulated plants that move only when told to."""

    async def add(config: SigenConfig | None = None, *, settled: bool = True) -> Home:
        chosen = replace(config or SigenConfig(), start=hand_clock.now, speed=0.0)
        sim = await sigen(chosen)
        entry = entry_for(sim)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        home = Home(hass, sim, entry, hand_clock)
        if settled:
            await home.settle()
        return home

    return add


def entry_for_stick(
    sim: InstagenSimulator, options: Mapping[str, Any] | None = None, **changed: Any
) -> MockConfigEntry:
    """Make the config entry that the flow makes for a simulated Instagen stick."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="My plant",
        unique_id=f"{_master_of(sim):012X}",
        data={"vendor": "instagen", "host": sim.host, "port": sim.port} | changed,
        options={"request_spacing_s": 0.0001} | dict(options or {}),
    )


def _master_of(sim: InstagenSimulator) -> int:
    """Give the serial number of the first inverter, also of a plant that is played from a dump."""
    if not sim.config.recorded:
        return sim.config.serials[0]
    registry = decode("EsRegistryResponse", bytes.fromhex(sim.config.recorded["registry"]))
    return int(number(parts(registry, "inverters")[0], "serial"))


class AddInstagen(Protocol):
    """Sets up a simulated Instagen plant."""

    def __call__(
        self, config: InstagenConfig | None = None, options: Mapping[str, Any] | None = None
    ) -> Awaitable[Home[InstagenSimulator]]:
        """Start the plant of this configuration, and add it."""


@pytest.fixture
def add_instagen(hass: HomeAssistant, instagen: InstagenFactory, hand_clock: HandClock) -> AddInstagen:
    """Set up simulated Instagen plants that move only when told to."""

    async def add(
        config: InstagenConfig | None = None, options: Mapping[str, Any] | None = None
    ) -> Home[InstagenSimulator]:
        chosen = replace(config or InstagenConfig(), start=hand_clock.now, speed=0.0, close_s=0.05)
        sim = await instagen(chosen)
        entry = entry_for_stick(sim, options)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        home = Home(hass, sim, entry, hand_clock)
        await home.settle()
        return home

    return add


def entry_for_chint(
    sim: ChintSimulator, options: Mapping[str, Any] | None = None, **changed: Any
) -> MockConfigEntry:
    """Make the config entry that the flow makes for a simulated Chint plant, however it is reached."""
    line: dict[str, Any] = {"host": sim.host, "port": sim.port}
    match sim.config.line:
        case "rtu_tcp":
            line |= {"link": "rtu_over_tcp"}
        case "serial":
            line = {"link": "serial", "serial_port": sim.device}
            line |= {"baudrate": 9600, "parity": "none", "stopbits": 1}
        case _:
            pass
    unit_id = sim.config.unit
    return MockConfigEntry(
        domain=DOMAIN,
        title="My plant",
        unique_id=serial_of(sim),
        data={
            "vendor": "chint",
            **line,
            "plant_unit_id": unit_id,
            "inverter_unit_ids": [unit_id],
            "ac_charger_unit_ids": [],
        }
        | changed,
        options={"request_spacing_s": 0.0001} | dict(options or {}),
    )


def serial_of(sim: ChintSimulator) -> str:
    """Give what a device says is its serial number, also one that is played from a dump."""
    if not sim.config.recorded:
        return sim.config.identity.serial
    return str(sim.get("serial_number"))


class AddChint(Protocol):
    """Sets up a simulated Chint plant."""

    def __call__(
        self, config: ChintConfig | None = None, options: Mapping[str, Any] | None = None
    ) -> Awaitable[Home[ChintSimulator]]:
        """Start the plant of this configuration, and add it."""


@pytest.fixture
def add_chint(hass: HomeAssistant, chint: ChintFactory, hand_clock: HandClock) -> AddChint:
    """Set up simulated Chint plants that move only when told to."""

    async def add(
        config: ChintConfig | None = None, options: Mapping[str, Any] | None = None
    ) -> Home[ChintSimulator]:
        chosen = replace(config or ChintConfig(), start=hand_clock.now, speed=0.0)
        sim = await chint(chosen)
        entry = entry_for_chint(sim, options)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        home = Home(hass, sim, entry, hand_clock)
        await home.settle()
        return home

    return add


@pytest.fixture
def every_entity() -> Iterator[None]:
    """Have every entity enabled, as an owner can; must come before the plant."""
    with patch.object(Entity, "entity_registry_enabled_default", PropertyMock(return_value=True)):
        yield


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """One plant with one inverter, read completely."""
    return await add_home()


@pytest.fixture
def answer() -> Iterator[Answer]:
    """Let the test say what a search for plants finds."""
    with answering() as found:
        yield found


@pytest.fixture
def set_up() -> Iterator[AsyncMock]:
    """Let flows end with an entry that nobody sets up."""
    package = "custom_components.energy_storage"
    with (
        patch(f"{package}.async_setup_entry", return_value=True) as called,
        patch(f"{package}.async_unload_entry", return_value=True),
    ):
        yield called
