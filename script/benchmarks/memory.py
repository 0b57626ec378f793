"""What each further plant costs in memory."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
import gc
import tracemalloc

from homeassistant.core import HomeAssistant
import psutil

from tests.simulators.sigen import SigenConfig

from .figures import BenchmarkError, Figure, Options
from .home import add, entry_of, home
from .simulator import simulated_plant

_PLANTS = 5
_SPACING_S = 0.01
_POLL_S = 0.5
_MOST_POLLS = 120
_POLLS_AFTER = 10
_MB = 1e6


async def measure(_: Options) -> Sequence[Figure]:
    """Add one plant after another; the first also brings the code, so it is told apart."""
    async with AsyncExitStack() as stack:
        plants = [
            (config, await stack.enter_async_context(simulated_plant(config)))
            for unit_id in range(1, _PLANTS + 1)
            for config in [SigenConfig(inverters=(unit_id,))]
        ]
        hass = await stack.enter_async_context(home())
        tracemalloc.start()
        sizes = [_sizes()]
        for config, port in plants:
            await _add_and_read(hass, config, port)
            sizes.append(_sizes())
        tracemalloc.stop()
    empty, first, last = sizes[0], sizes[1], sizes[-1]
    further = _PLANTS - 1
    return (
        Figure(name="first plant with its code, allocated", value=first[0] - empty[0], unit="MB"),
        Figure(name="first plant with its code, resident", value=first[1] - empty[1], unit="MB"),
        Figure(name="each further plant, allocated", value=(last[0] - first[0]) / further, unit="MB"),
        Figure(name="each further plant, resident", value=(last[1] - first[1]) / further, unit="MB"),
    )


async def _add_and_read(hass: HomeAssistant, config: SigenConfig, port: int) -> None:
    """Add a plant and let it poll for a while after everything was read once."""
    entry = entry_of(config, port, fast_poll_s=_POLL_S, spacing_s=_SPACING_S)
    await add(hass, entry)
    for _ in range(_MOST_POLLS):
        await asyncio.sleep(_POLL_S)
        if entry.runtime_data.driver.settled:
            await asyncio.sleep(_POLLS_AFTER * _POLL_S)
            return
    raise BenchmarkError("the plant was never read completely")


def _sizes() -> tuple[float, float]:
    """Give what Python has allocated and what the process holds, in MB; garbage is not counted."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / _MB, psutil.Process().memory_info().rss / _MB
