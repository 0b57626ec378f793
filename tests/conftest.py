"""Fixtures used by more than one folder."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import pytest

from tests.simulators.meter import MeterConfig, MeterSimulator
from tests.simulators.plant import SimulatedPlant
from tests.simulators.sigen import SigenConfig, SigenSimulator

type SigenFactory = Callable[[SigenConfig], Awaitable[SigenSimulator]]


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
async def meters(socket_enabled: None) -> AsyncIterator[MeterFactory]:  # noqa: ARG001  lets sockets through
    """Start simulated meters that listen on loopback, or on a line of this machine, until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(config: MeterConfig, plant: SimulatedPlant | None = None) -> MeterSimulator:
            return await stack.enter_async_context(MeterSimulator(config, plant).serving())

        yield start
