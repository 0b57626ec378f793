"""How long the integration keeps Home Assistant's event loop from everything else."""

import asyncio
from collections.abc import Sequence
import gc

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .figures import BenchmarkError, Figure, Options
from .home import add, entry_of, home
from .simulator import LARGE, simulated_plant
from .watch import Longest, Watch, watching

_SPEED = 60
"""Simulated seconds per second: every reading differs, so that entities have something to write."""
_SPACING_S = 0.1
_POLL_S = 0.5
_REPEATS = 5
_STEADY_S = 70.0
"""Longer than the slower tiers take to come round."""
_MOST_POLLS = 120
_MOST_MS = 10.0


async def measure(_: Options) -> Sequence[Figure]:
    """Set a large plant up for the first time and again, then let it poll."""
    async with simulated_plant(LARGE, speed=_SPEED) as port, home() as hass:
        cold = await _set_up(hass, port)
        warm = [await _set_up(hass, port) for _ in range(_REPEATS)]
        entry = entry_of(LARGE, port, fast_poll_s=_POLL_S, spacing_s=_SPACING_S)
        await add(hass, entry)
        await _settle(entry)
        _rest()
        with watching() as steady:
            await asyncio.sleep(_STEADY_S)
        await hass.config_entries.async_remove(entry.entry_id)
    return [
        *_figures("set-up, first of all (with imports)", [cold[0]]),
        *_figures("set-up", [set_up for set_up, _ in warm]),
        *_figures("until all is read", [settled for _, settled in warm]),
        *_figures("steady polling", [steady]),
    ]


async def _set_up(hass: HomeAssistant, port: int) -> tuple[Watch, Watch]:
    """Add a plant, wait until everything was read once, and remove it."""
    entry = entry_of(LARGE, port, fast_poll_s=_POLL_S, spacing_s=_SPACING_S)
    _rest()
    with watching() as set_up:
        await add(hass, entry)
    with watching() as settling:
        await _settle(entry)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    return set_up, settling


async def _settle(entry: ConfigEntry) -> None:
    """Wait until everything was read once."""
    for _ in range(_MOST_POLLS):
        await asyncio.sleep(_POLL_S)
        if entry.runtime_data.driver.settled:
            return
    raise BenchmarkError("the plant was never read completely")


def _rest() -> None:
    """Collect garbage now, so that what others left behind is not counted."""
    gc.collect()
    gc.freeze()


def _figures(what: str, watches: Sequence[Watch]) -> Sequence[Figure]:
    """Take the least of several runs: other programs on this machine can only add."""
    block = min((watch.block for watch in watches), key=_ms)
    ours = min((watch.ours for watch in watches), key=_ms)
    return (
        Figure(name=f"{what}: longest block", value=block.ms, unit="ms", note=block.name),
        Figure(name=f"{what}: longest of ours", value=ours.ms, unit="ms", goal=_MOST_MS, note=ours.name),
    )


def _ms(longest: Longest) -> float:
    return longest.ms
