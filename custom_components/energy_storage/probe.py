"""Asks who answers at an address, for flows that have no set-up plant to ask."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from modbus_connection import ModbusTcpParams

from .const import CONF_INVERTER_UNIT_IDS, CONF_PLANT_UNIT_ID, CONF_VENDOR
from .engine.plant import DeviceKind
from .vendors import vendor_by_key
from .vendors.driver import (
    Discovery,
    DriverConnectionError,
    DriverError,
    LinkFault,
    Progress,
    Vendor,
)


class Problem(StrEnum):
    """What keeps us from using the plant at an address; also the key of its text."""

    NAME_UNKNOWN = "name_unknown"
    UNREACHABLE = "unreachable"
    MODBUS_DISABLED = "modbus_disabled"
    REFUSED = "refused"
    CLOSED = "closed"
    SILENT = "silent"
    GARBLED = "garbled"
    NOT_THIS_VENDOR = "not_this_vendor"
    NO_INVERTER = "no_inverter"
    NO_SERIAL = "no_serial"
    UNIT_ID_CLASH = "unit_id_clash"
    IN_USE = "in_use"


LINK_PROBLEMS: Final = {
    LinkFault.NAME_UNKNOWN: Problem.NAME_UNKNOWN,
    LinkFault.UNREACHABLE: Problem.UNREACHABLE,
    LinkFault.REFUSED: Problem.REFUSED,
    LinkFault.CLOSED: Problem.CLOSED,
    LinkFault.SILENT: Problem.SILENT,
    LinkFault.GARBLED: Problem.GARBLED,
}


class ProbeError(Exception):
    """There is no plant to use at an address."""

    def __init__(self, problem: Problem, *, unit_ids: tuple[int, ...] = ()) -> None:
        """Keep what is wrong, and with which unit ids."""
        super().__init__(problem.value)
        self.problem = problem
        self.unit_ids = unit_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a plant is expected."""

    vendor: Vendor
    host: str
    port: int
    plant_unit_id: int
    unit_ids: tuple[int, ...]
    """The devices to ask for."""


def last_address(entry: ConfigEntry, host: str | None = None) -> Address:
    """Where this plant was last, or would be at another host; its first inverter is proof enough."""
    return Address(
        vendor=vendor_by_key(entry.data[CONF_VENDOR]),
        host=host or entry.data[CONF_HOST],
        port=entry.data[CONF_PORT],
        plant_unit_id=entry.data[CONF_PLANT_UNIT_ID],
        unit_ids=tuple(entry.data[CONF_INVERTER_UNIT_IDS][:1]),
    )


def _unheard(_asked: int, _total: int) -> None:
    """Tell nobody how far the search is."""


async def async_probe(hass: HomeAssistant, address: Address, progress: Progress = _unheard) -> Discovery:
    """Find out what answers, over the link of a set-up plant where there is one.

    Raises:
        ProbeError: no plant that we can use.

    """
    try:
        found = await _async_discover(hass, address, progress)
    except DriverConnectionError as err:
        raise ProbeError(_link_problem(err.fault, address)) from err
    except DriverError as err:
        raise ProbeError(Problem.NOT_THIS_VENDOR) from err
    except HomeAssistantError as err:
        raise ProbeError(Problem.IN_USE) from err
    if found.clashes:
        raise ProbeError(Problem.UNIT_ID_CLASH, unit_ids=found.clashes)
    if not any(device.kind is DeviceKind.INVERTER for device in found.devices):
        raise ProbeError(Problem.NO_INVERTER)
    if not found.plant.serial:
        raise ProbeError(Problem.NO_SERIAL)
    return found


async def _async_discover(hass: HomeAssistant, address: Address, progress: Progress) -> Discovery:
    params = ModbusTcpParams(host=address.host, port=address.port)
    async with AsyncExitStack() as holds:
        units = {
            unit_id: await holds.enter_async_context(async_get_temporary_unit(hass, params, unit_id))
            for unit_id in (address.plant_unit_id, *address.unit_ids)
        }
        return await address.vendor.discover(
            units.__getitem__, address.plant_unit_id, address.unit_ids, progress
        )


def _link_problem(fault: LinkFault, address: Address) -> Problem:
    if fault is LinkFault.REFUSED and address.port == address.vendor.default_port:
        # The host is there and it is the right port: the plant's Modbus server is switched off.
        return Problem.MODBUS_DISABLED
    return LINK_PROBLEMS[fault]
