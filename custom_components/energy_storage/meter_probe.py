"""Asks who answers where a meter should be, and what a sensor says that should stand for one."""

from collections.abc import Sequence
from enum import StrEnum
from time import monotonic

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util.dt import utcnow
from homeassistant.util.unit_conversion import PowerConverter

from .link import Link
from .meter_source import watts_of
from .own_meter import shares_link
from .probe import Problem, link_problem
from .vendors.driver import DriverConnectionError, DriverError
from .vendors.meters.meter import MapFault, MeterModel, NotThisMeterError, Side
from .vendors.meters.modbus_meter import TIMEOUT_S, ModbusMeter, open_line
from .vendors.meters.recognise import recognise


class SensorProblem(StrEnum):
    """What keeps a sensor from standing for a meter; also the key of its text."""

    UNAVAILABLE = "sensor_unavailable"
    NO_POWER = "sensor_no_power"
    OWN = "sensor_own"
    """It shows what the plant says already."""
    TWICE = "sensor_twice"


class MeterProbeError(Exception):
    """There is no meter that we can read."""

    def __init__(self, problem: Problem | MapFault) -> None:
        """Keep what is wrong."""
        super().__init__(problem.value)
        self.problem = problem


async def async_probe_meter(
    hass: HomeAssistant, entry: ConfigEntry, link: Link, unit_id: int, side: Side
) -> MeterModel:
    """Find out which meter answers, and read it once.

    Raises:
        MeterProbeError: none that we can read.

    """
    try:
        async with async_get_temporary_unit(hass, link.modbus(), unit_id) as unit:
            line = open_line(unit, monotonic, timeout_s=TIMEOUT_S, behind=shares_link(entry, link))
            model = await recognise(line)
            meter = ModbusMeter(model, line, side, now=utcnow)
            await meter.connect()
            await meter.read()
    except NotThisMeterError as err:
        raise MeterProbeError(err.fault) from err
    except DriverConnectionError as err:
        raise MeterProbeError(link_problem(err.fault, link.kind)) from err
    except DriverError as err:
        raise MeterProbeError(MapFault.UNKNOWN_MAP) from err
    except HomeAssistantError as err:
        raise MeterProbeError(Problem.IN_USE) from err
    return model


def check_sensors(
    hass: HomeAssistant, entry: ConfigEntry, entity_ids: Sequence[str]
) -> dict[int, SensorProblem]:
    """Tell by index which of the sensors cannot stand for a meter, or for a phase of one."""
    problems = {
        index: SensorProblem.TWICE if entity_id in entity_ids[:index] else _problem(hass, entry, entity_id)
        for index, entity_id in enumerate(entity_ids)
    }
    return {index: problem for index, problem in problems.items() if problem is not None}


def _problem(hass: HomeAssistant, entry: ConfigEntry, entity_id: str) -> SensorProblem | None:
    registered = er.async_get(hass).async_get(entity_id)
    if registered is not None and registered.config_entry_id == entry.entry_id:
        return SensorProblem.OWN
    state = hass.states.get(entity_id)
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return SensorProblem.UNAVAILABLE
    if state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) not in PowerConverter.VALID_UNITS:
        return SensorProblem.NO_POWER
    return SensorProblem.UNAVAILABLE if watts_of(state) is None else None
