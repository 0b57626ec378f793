"""Asks who answers at an address, for flows that have no set-up plant to ask."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import CONF_INVERTER_UNIT_IDS, CONF_PLANT_UNIT_ID, CONF_VENDOR
from .engine.plant import DeviceKind
from .link import Link
from .profiles import async_profiles
from .vendors import vendor_by_key
from .vendors.driver import (
    AnyVendor,
    Discovery,
    DriverConnectionError,
    DriverError,
    LinkFault,
    LinkKind,
    ModbusVendor,
    OptionValue,
    OwnProfileError,
    Progress,
    Search,
    StreamVendor,
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
    STREAM_UNREACHABLE = "stream_unreachable"
    STREAM_REFUSED = "stream_refused"
    STREAM_CLOSED = "stream_closed"
    STREAM_SILENT = "stream_silent"
    STREAM_GARBLED = "stream_garbled"
    STREAM_NOT_THIS_VENDOR = "stream_not_this_vendor"
    ENCRYPTED = "encrypted"
    SERIAL_PORT = "serial_port"
    """The port cannot be opened."""
    SERIAL_SILENT = "serial_silent"
    PROFILE_MISSING = "profile_missing"


LINK_PROBLEMS: Final = {
    LinkFault.NAME_UNKNOWN: Problem.NAME_UNKNOWN,
    LinkFault.UNREACHABLE: Problem.UNREACHABLE,
    LinkFault.REFUSED: Problem.REFUSED,
    LinkFault.CLOSED: Problem.CLOSED,
    LinkFault.SILENT: Problem.SILENT,
    LinkFault.GARBLED: Problem.GARBLED,
}
STREAM_PROBLEMS: Final = {
    LinkFault.NAME_UNKNOWN: Problem.NAME_UNKNOWN,
    LinkFault.UNREACHABLE: Problem.STREAM_UNREACHABLE,
    LinkFault.REFUSED: Problem.STREAM_REFUSED,
    LinkFault.CLOSED: Problem.STREAM_CLOSED,
    LinkFault.SILENT: Problem.STREAM_SILENT,
    LinkFault.GARBLED: Problem.STREAM_GARBLED,
    LinkFault.ENCRYPTED: Problem.ENCRYPTED,
}
"""The same for those who speak a protocol of their own: there is no Modbus to look at."""
_ANSWERLESS: Final = (LinkFault.SILENT, LinkFault.GARBLED)


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

    vendor: AnyVendor
    link: Link
    plant_unit_id: int = 0
    unit_ids: tuple[int, ...] = ()
    """The devices to ask for."""
    options: Mapping[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    """What the owner chose of the vendor's options."""


def last_address(entry: ConfigEntry, host: str | None = None) -> Address:
    """Where this plant was last, or would be at another host; its first inverter is proof enough."""
    vendor, link = vendor_by_key(entry.data[CONF_VENDOR]), Link.of(entry.data)
    return Address(
        vendor=vendor,
        link=link if host is None else link.at(host),
        plant_unit_id=entry.data.get(CONF_PLANT_UNIT_ID, 0),
        unit_ids=tuple(entry.data.get(CONF_INVERTER_UNIT_IDS, ())[:1]),
        options=vendor.chosen(entry.options),
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
        raise ProbeError(_plant_problem(err.fault, address)) from err
    except OwnProfileError as err:
        raise ProbeError(Problem.PROFILE_MISSING) from err
    except DriverError as err:
        stream = isinstance(address.vendor, StreamVendor)
        raise ProbeError(Problem.STREAM_NOT_THIS_VENDOR if stream else Problem.NOT_THIS_VENDOR) from err
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
    vendor = address.vendor
    search = Search(
        plant_unit_id=address.plant_unit_id,
        unit_ids=address.unit_ids,
        options=address.options,
        profiles=(await async_profiles(hass, vendor)).texts,
    )
    if not isinstance(vendor, ModbusVendor):
        return await vendor.discover(address.link.stream(), search, progress)
    params = address.link.modbus()
    async with AsyncExitStack() as holds:
        units = {
            unit_id: await holds.enter_async_context(async_get_temporary_unit(hass, params, unit_id))
            for unit_id in {address.plant_unit_id, *address.unit_ids}
        }
        return await vendor.discover(units.__getitem__, search, progress)


def link_problem(fault: LinkFault, kind: LinkKind) -> Problem:
    """Tell what is wrong with a link of this kind."""
    if kind is LinkKind.SERIAL:
        return Problem.SERIAL_SILENT if fault in _ANSWERLESS else Problem.SERIAL_PORT
    return LINK_PROBLEMS[fault]


def _plant_problem(fault: LinkFault, address: Address) -> Problem:
    """Tell what is wrong with the way to a plant, in the words of its kind."""
    if isinstance(address.vendor, StreamVendor):
        return STREAM_PROBLEMS[fault]
    over_network = address.link.kind is not LinkKind.SERIAL
    if fault is LinkFault.REFUSED and over_network and address.link.port == address.vendor.default_port:
        # The host is there and it is the right port: the plant's Modbus server is switched off.
        return Problem.MODBUS_DISABLED
    return link_problem(fault, address.link.kind)
