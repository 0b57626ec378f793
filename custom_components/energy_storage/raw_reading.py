"""Reads ranges of registers between the ticks of a plant's cycle."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .coordinator import PlantRuntime
from .cycle import CycleStoppedError
from .engine.plant import Device
from .errors import not_allowed, refused
from .vendors.driver import DriverError
from .vendors.raw_access import RawAccess, Space
from .vendors.register_tools.layout import Layout, Span
from .vendors.register_tools.sweep import Ended, Sweep, run

_ADDRESSES: Final = 0x10000
_MOST_REQUESTS: Final = 50
"""Of one reading; what is refused is asked again in parts."""


def raw_access_of(runtime: PlantRuntime) -> RawAccess:
    """Give the registers of a plant.

    Raises:
        HomeAssistantError: it has none.

    """
    if (raw := runtime.driver.raw_access) is None:
        raise refused("not_supported")
    return raw


def device_of(runtime: PlantRuntime, name: str, field: str) -> Device:
    """Give a device of the plant by its key; `field` is where it was named.

    Raises:
        ServiceValidationError: there is no such device.

    """
    known = {device.key: device for device in runtime.driver.devices}
    if name not in known:
        raise not_allowed(field, name, ", ".join(sorted(known)))
    return known[name]


def address_range(data: Mapping[str, Any]) -> Span:
    """Give the range that was asked for.

    Raises:
        ServiceValidationError: it goes beyond the last address.

    """
    span = Span(data["address"], data["count"])
    if span.end > _ADDRESSES:
        raise not_allowed("count", span.size, f"1 … {_ADDRESSES - span.address}")
    return span


async def read_range(
    runtime: PlantRuntime, device: Device, space: Space, span: Span
) -> tuple[dict[int, int], set[int]]:
    """Read a range just now; give its words, and the addresses that the device does not know.

    Raises:
        HomeAssistantError: it does not answer, or refuses too much.

    """
    sweep = Sweep(span, layout_of(runtime, device, space), raw_access_of(runtime).most_registers)
    ended = await sweep_between_ticks(runtime, device, space, sweep, most_requests=_MOST_REQUESTS)
    if ended is not Ended.COMPLETE:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=f"range_{ended}",
            translation_placeholders={"device": device.key, "address": str(sweep.next_address)},
        )
    return sweep.words, sweep.refused


def layout_of(runtime: PlantRuntime, device: Device, space: Space) -> Layout:
    """Give where the declared registers of a device begin and end."""
    return Layout.of(raw_access_of(runtime).rows(), device.unit_id, space)


async def sweep_between_ticks(
    runtime: PlantRuntime,
    device: Device,
    space: Space,
    sweep: Sweep,
    *,
    most_requests: int,
    why_stop: Callable[[], Ended | None] = lambda: None,
) -> Ended:
    """Make the requests of a sweep, each between two ticks, so that the plant's own readings stay fresh.

    Raises:
        HomeAssistantError: the plant is being handed back, or the device is none that can be asked.

    """
    raw = raw_access_of(runtime)

    async def ask(span: Span) -> tuple[int, ...]:
        return await runtime.cycle.beside(partial(raw.read, device.unit_id, space, span.address, span.size))

    try:
        return await run(sweep, ask, most_requests=most_requests, why_stop=why_stop)
    except CycleStoppedError as err:
        raise refused("halted") from err
    except DriverError as err:
        raise refused("not_supported") from err
