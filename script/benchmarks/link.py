"""Requests and seconds that reading takes on links of different speed, without Home Assistant."""

import asyncio
from collections.abc import Sequence
from itertools import product
from statistics import median
from time import monotonic

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.energy_storage.vendors.driver import Due, LinkSetup, Tier
from custom_components.energy_storage.vendors.sigen import VENDOR

from .figures import Figure, Options
from .simulator import HOST, ONE_INVERTER, simulated_plant
from .slow_link import SlowLink

_FAST = Due(tiers=frozenset({Tier.FAST}), most_requests=0)
_EVERYTHING = Due(tiers=frozenset(Tier))
_POLLS = 5
_MOST_FAST_REQUESTS = 2


async def measure(options: Options) -> Sequence[Figure]:
    """Read the same plant over each link and at each spacing; they do not share a link, so all at once."""
    async with simulated_plant(ONE_INVERTER) as port:
        found = await asyncio.gather(
            *(
                _read(port, delay_ms, spacing_s)
                for spacing_s, delay_ms in product(options.spacings_s, options.delays_ms)
            )
        )
    return [figure for figures in found for figure in figures]


async def _read(port: int, delay_ms: int, spacing_s: float) -> Sequence[Figure]:
    """Connect, read everything, then poll like the cycle does between two slower readings."""
    link = SlowLink(port, delay_ms)
    setup = LinkSetup(plant_unit_id=VENDOR.plant_unit_id, inverter_unit_ids=(1,), request_spacing_s=spacing_s)
    async with link.listening() as slow_port:
        connection = ModbusConnection(ModbusTcpParams(host=HOST, port=slow_port))
        driver = VENDOR.create(connection.for_unit, setup)
        try:
            started = monotonic()
            await driver.connect(None)
            connect_s, connect_requests = monotonic() - started, link.requests
            await driver.read(_EVERYTHING)
            first_s, first_requests = monotonic() - started, link.requests
            took: list[float] = []
            for _ in range(_POLLS):
                await asyncio.sleep(spacing_s)  # the poll interval leaves the link at rest
                started = monotonic()
                await driver.read(_FAST)
                took.append(monotonic() - started)
        finally:
            await connection.close()
    where = f"{delay_ms} ms link, {spacing_s:g} s spacing"
    polled = (link.requests - first_requests) / _POLLS
    return (
        Figure(name=f"{where}: set-up", value=connect_requests, unit="requests", goal=6),
        Figure(name=f"{where}: set-up", value=connect_s, unit="s", goal=8),
        Figure(name=f"{where}: first full read", value=first_requests, unit="requests"),
        Figure(name=f"{where}: first full read", value=first_s, unit="s"),
        Figure(name=f"{where}: fast poll", value=polled, unit="requests", goal=_MOST_FAST_REQUESTS),
        Figure(name=f"{where}: fast poll", value=median(took), unit="s"),
    )
