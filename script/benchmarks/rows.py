"""Rows that the recorder would write over simulated days: one for each change of an enabled entity."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .figures import Figure, Options
from .home import home
from .straight import POLL_S, StraightPlant, straight_plant

_MIDNIGHT = datetime(2026, 6, 20, 22, tzinfo=UTC)
"""In the time zone of the simulated plant."""
_DAYS = {"sunny day": 0.0, "changeable day": 1.0}
_MOST_PER_HOUR = 1500
_SHOWN = 10


async def measure(options: Options) -> Sequence[Figure]:
    """Let the days pass, each in a process of its own, and count."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        days = [
            loop.run_in_executor(pool, _day, name, cloudiness, options.hours)
            for name, cloudiness in _DAYS.items()
        ]
        return [figure for day in await asyncio.gather(*days) for figure in day]


def _day(name: str, cloudiness: float, hours: int) -> Sequence[Figure]:
    async def pass_by() -> Sequence[Counter[str]]:
        config = SigenConfig(plant=PlantConfig(cloudiness=cloudiness))
        async with home() as hass, straight_plant(hass, config, _MIDNIGHT) as plant:
            await plant.settle()
            return await _rows(hass, plant, hours)

    return _figures(name, asyncio.run(pass_by()))


async def _rows(hass: HomeAssistant, plant: StraightPlant, hours: int) -> Sequence[Counter[str]]:
    """Count the rows of each entity in each hour."""
    registry = er.async_get(hass)
    ours = {e.entity_id for e in er.async_entries_for_config_entry(registry, plant.entry.entry_id)}
    by_hour = [Counter[str]() for _ in range(hours)]
    now = by_hour[0]

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        if event.data["new_state"] is not None and (entity_id := event.data["entity_id"]) in ours:
            now[entity_id] += 1

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    for now in by_hour:  # noqa: B007  the listener reads it
        for _ in range(round(3600 / POLL_S)):
            await plant.tick()
    stop()
    return by_hour


def _figures(day: str, by_hour: Sequence[Counter[str]]) -> Sequence[Figure]:
    totals = [hour.total() for hour in by_hour]
    busiest = max(range(len(totals)), key=totals.__getitem__)
    by_entity = sum(by_hour, Counter[str]())
    return (
        Figure(name=f"{day}: rows per hour, mean", value=sum(totals) / len(totals), unit="rows"),
        Figure(
            name=f"{day}: rows per hour, most",
            value=totals[busiest],
            unit="rows",
            goal=_MOST_PER_HOUR,
            note=f"from {busiest}:00; each hour: {' '.join(map(str, totals))}",
        ),
        *(
            Figure(name=f"{day}: {entity_id}", value=rows / len(totals), unit="rows", note="per hour")
            for entity_id, rows in by_entity.most_common(_SHOWN)
        ),
    )
