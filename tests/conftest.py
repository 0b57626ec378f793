"""Fixtures used by more than one folder."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import pytest

from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.meter import MeterConfig, MeterSimulator
from tests.simulators.plant import SimulatedPlant
from tests.simulators.sigen import SigenConfig, SigenSimulator

type ChintFactory = Callable[[ChintConfig], Awaitable[ChintSimulator]]
type SigenFactory = Callable[[SigenConfig], Awaitable[SigenSimulator]]
type InstagenFactory = Callable[[InstagenConfig], Awaitable[InstagenSimulator]]


class MeterFactory(Protocol):
    """Starts a simulated meter."""

    def __call__(self, config: MeterConfig, plant: SimulatedPlant | None = None) -> Awaitable[MeterSimulator]:
        """Put a meter at this plant, or at one of its own."""


@pytest.fixture
async def sigen(socket_enabled: None) -> AsyncIterator[SigenFactory]:  # noqa: ARG001  lets sockets through
    """Start simulated Sigen plants that listen on loopback until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(config: SigenConfig) -> SigenSimulator:
            return await stack.enter_async_context(SigenSimulator(config).serving())

        yield start


@pytest.fixture
async def chint(socket_enabled: None) -> AsyncIterator[ChintFactory]:  # noqa: ARG001  lets sockets through
    """Start simulated Chint plants that listen on loopback or a serial line until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(config: ChintConfig) -> ChintSimulator:
            return await stack.enter_async_context(ChintSimulator(config).serving())

        yield start


@pytest.fixture
async def instagen(socket_enabled: None) -> AsyncIterator[InstagenFactory]:  # noqa: ARG001  lets sockets through
    """Start simulated Instagen sticks that listen on loopback until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(config: InstagenConfig) -> InstagenSimulator:
            return await stack.enter_async_context(InstagenSimulator(config).serving())

        yield start


@pytest.fixture
async def meters(socket_enabled: None) -> AsyncIterator[MeterFactory]:  # noqa: ARG001  lets sockets through
    """Start simulated meters that listen on loopback, or on a line of this machine, until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(config: MeterConfig, plant: SimulatedPlant | None = None) -> MeterSimulator:
            return await stack.enter_async_context(MeterSimulator(config, plant).serving())

        yield start
