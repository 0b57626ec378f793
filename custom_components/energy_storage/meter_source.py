"""Where the readings of a meter come from: a Modbus link, or sensors of Home Assistant."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from math import isfinite
from time import monotonic
from typing import Any, Protocol

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event, async_track_state_report_event
from homeassistant.util.dt import utcnow
from homeassistant.util.unit_conversion import PowerConverter

from .const import (
    LOGGER,
)
from .engine.plant import MeterReading
from .grid_meter import GridMeter
from .link import Link
from .probe import Problem, link_problem
from .vendors.driver import DriverConnectionError, DriverError
from .vendors.meters.meter import MapFault, MeterDriver, NotThisMeterError

POLL = timedelta(seconds=1)
_REST = timedelta(seconds=30)
_REST_AFTER = 10
"""So many failures in a row are an outage: then it is asked less often, and met anew."""
SENSOR_UNAVAILABLE = "sensor_unavailable"
DEFECT = "defect"

type Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Source(Protocol):
    """Feeds a meter until it is stopped."""

    def start(self, spawn: Spawn) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End; when this returns nothing is asked any more."""

    def told(self) -> Mapping[str, Any]:
        """Give what diagnostics tell of it."""


class ModbusSource:
    """Reads a meter once a second, in a task of its own."""

    def __init__(self, meter: GridMeter, name: str, link: Link, connect: Callable[[], MeterDriver]) -> None:
        """`connect` takes the link, which may be in use."""
        self._meter, self._name, self._link, self._connect = meter, name, link, connect
        self._driver: MeterDriver | None = None
        self._met = False
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def start(self, spawn: Spawn) -> None:
        """Begin."""
        self._task = spawn(self._run())

    async def stop(self) -> None:
        """End; when this returns nothing is asked any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def told(self) -> Mapping[str, Any]:
        """Give what diagnostics tell of it."""
        driver = self._driver
        if driver is None:
            return {}
        words = {f"0x{address:04X}": word for address, word in sorted(driver.raw().items())}
        return {"model": driver.model.key, "counters": driver.counters, "raw_registers": words}

    async def _run(self) -> None:
        while True:
            started = monotonic()
            await self.poll()
            every = POLL if self._failures < _REST_AFTER else _REST
            await asyncio.sleep(max(0.0, every.total_seconds() - (monotonic() - started)))

    async def poll(self) -> None:
        """Read once; nothing but a cancellation gets out."""
        try:
            reading = await self._read()
        except HomeAssistantError as err:
            self._failed(Problem.IN_USE, err)
        except NotThisMeterError as err:
            self._failed(err.fault, err)
        except DriverConnectionError as err:
            self._failed(link_problem(err.fault, self._link.kind), err)
        except DriverError as err:
            self._failed(MapFault.UNKNOWN_MAP, err)
        except Exception as err:  # noqa: BLE001  a defect must not end the task
            self._failed(DEFECT, err)
        else:
            if self._failures >= _REST_AFTER:
                LOGGER.info("%s: the grid meter answers again", self._name)
            self._failures = 0
            self._meter.hear(reading)

    async def _read(self) -> MeterReading:
        self._driver = self._driver or self._connect()
        if not self._met:
            await self._driver.connect()
            self._met = True
        return await self._driver.read()

    def _failed(self, problem: str, err: Exception) -> None:
        self._failures += 1
        self._meter.fail(problem)
        if isinstance(err, NotThisMeterError) or self._failures >= _REST_AFTER:
            self._met = False
        tell = LOGGER.warning if self._failures == _REST_AFTER else LOGGER.debug
        tell("%s: the grid meter cannot be read: %s: %s", self._name, type(err).__name__, err)


class SensorSource:
    """Follows one power sensor, or one of each phase."""

    def __init__(self, hass: HomeAssistant, meter: GridMeter, entity_ids: tuple[str, ...]) -> None:
        """Ask nothing yet."""
        self._hass, self._meter, self.entity_ids = hass, meter, entity_ids
        self._heard: dict[str, tuple[datetime, float]] = {}
        self._stops: list[CALLBACK_TYPE] = []

    def start(self, spawn: Spawn) -> None:  # noqa: ARG002  it needs no task
        """Begin."""
        self._stops = [
            async_track_state_change_event(self._hass, self.entity_ids, self._changed),
            async_track_state_report_event(self._hass, self.entity_ids, self._reported),
        ]

    async def stop(self) -> None:
        """End."""
        while self._stops:
            self._stops.pop()()

    def told(self) -> Mapping[str, Any]:
        """Give what diagnostics tell of it."""
        return {"entities": self.entity_ids}

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        self._take(event.data["entity_id"], event.data["new_state"])

    @callback
    def _reported(self, event: Event[EventStateReportedData]) -> None:
        self._take(event.data["entity_id"], event.data["new_state"])

    def _take(self, entity_id: str, state: State | None) -> None:
        """Take what one sensor says; a reading is as old as the oldest of its parts."""
        if (watts := watts_of(state)) is None:
            self._heard.pop(entity_id, None)
            self._meter.fail(SENSOR_UNAVAILABLE)
            return
        self._heard[entity_id] = (utcnow(), watts)
        if len(self._heard) < len(self.entity_ids):
            return
        powers = [self._heard[entity_id][1] for entity_id in self.entity_ids]
        l1, l2, l3 = powers if len(powers) > 1 else (None, None, None)
        self._meter.hear(
            MeterReading(
                read_at=min(at for at, _ in self._heard.values()),
                power_w=sum(powers),
                phase_power_w=(l1, l2, l3),
            )
        )


def watts_of(state: State | None) -> float | None:
    """Give what a power sensor says, whatever unit it uses; None where it says no power."""
    if state is None:
        return None
    try:
        power = PowerConverter.convert(
            float(state.state), state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), UnitOfPower.WATT
        )
    except HomeAssistantError, ValueError:
        return None
    return power if isfinite(power) else None
