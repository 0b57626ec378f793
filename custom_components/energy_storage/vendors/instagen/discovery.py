"""Finds out what answers at the address of an Instagen stick."""

from datetime import UTC, datetime

from ...engine.plant import DeviceKind
from ..driver import Discovery, DriverConnectionError, FoundDevice, LinkFault, Progress, Search, TcpAddress
from .link import GAP_S, Link
from .meeting import meet
from .stick import Stick

_STEPS = 2


async def discover(
    address: TcpAddress, search: Search, progress: Progress, *, gap_s: float = GAP_S, timeout_s: float = 10.0
) -> Discovery:
    """Ask the stick who it is and what is behind it.

    The first requests to some sticks are known to be lost, so silence is met with a second try.

    Raises:
        DriverConnectionError: nothing answers, or only encrypted.
        NotThisVendorError: something answers, but it is no stick of a storage system.

    """
    del search  # a stick tells by itself what is behind it
    link = Link(address.host, address.port, gap_s=gap_s, timeout_s=timeout_s)
    stick = Stick(link, now=lambda: datetime.now(UTC))
    progress(0, _STEPS)
    try:
        try:
            roster = await meet(stick)
        except DriverConnectionError as err:
            if err.fault is not LinkFault.SILENT:
                raise
            progress(1, _STEPS)
            link.wake()
            roster = await meet(stick)
    finally:
        await link.close()
    progress(_STEPS, _STEPS)
    return Discovery(
        plant=roster.identity,
        devices=tuple(
            FoundDevice(unit_id=inverter.target, kind=DeviceKind.INVERTER, identity=inverter.identity)
            for inverter in roster.inverters
        ),
    )
