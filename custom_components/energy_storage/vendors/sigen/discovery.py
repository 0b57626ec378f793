"""Finds out what answers behind the address of a Sigen plant."""

from functools import partial
import time

from ...engine.plant import DeviceKind, Identity
from ..driver import (
    Discovery,
    DriverConnectionError,
    FoundDevice,
    LinkFault,
    NotThisVendorError,
    Progress,
    Search,
    Units,
)
from ..line import Line
from .clash import CHARGER_STATE
from .registers.inverter import InverterIdentity

PLANT_UNIT_ID = 247
SPACING_S = 1.0
TIMEOUT_S = 8.0
ABSENT_AFTER_S = 1.2
"""An id that nothing has does not answer at all."""

_PLANT_STATE = (30051, 1)
_PLANT_CLOCK = (30000, 2)
_INVERTER_STATE = (30578, 1)


async def discover(units: Units, search: Search, progress: Progress) -> Discovery:
    """Ask the plant, then each of these unit ids which kind of device it is.

    Raises:
        DriverConnectionError: the plant does not answer, or the link broke meanwhile.
        NotThisVendorError: something answers, but it is no Sigen plant.

    """
    unit_ids = search.unit_ids
    plant = _line(units, search.plant_unit_id, TIMEOUT_S, behind=False)
    if not (await plant.answers(*_PLANT_STATE) or await plant.answers(*_PLANT_CLOCK)):
        raise NotThisVendorError(f"unit {search.plant_unit_id} does not know the registers of a Sigen plant")
    progress(0, len(unit_ids))
    found: list[FoundDevice] = []
    clashes: list[int] = []
    for asked, unit_id in enumerate(sorted(unit_ids), 1):
        kinds = await _kinds(_line(units, unit_id, ABSENT_AFTER_S, behind=True))
        if len(kinds) > 1:
            clashes.append(unit_id)
        elif kinds == [DeviceKind.INVERTER]:
            identity = await _identity(_line(units, unit_id, TIMEOUT_S, behind=True))
            found.append(FoundDevice(unit_id=unit_id, kind=DeviceKind.INVERTER, identity=identity))
        elif kinds:
            found.append(FoundDevice(unit_id=unit_id, kind=kinds[0], identity=Identity()))
        progress(asked, len(unit_ids))
    inverters = (device for device in found if device.kind is DeviceKind.INVERTER)
    first = next(inverters, None)
    return Discovery(
        plant=Identity() if first is None else first.identity,
        devices=tuple(found),
        clashes=tuple(clashes),
    )


def _line(units: Units, unit_id: int, timeout_s: float, *, behind: bool) -> Line:
    return Line(units(unit_id), timeout_s=timeout_s, spacing_s=SPACING_S, clock=time.monotonic, behind=behind)


async def _kinds(line: Line) -> list[DeviceKind]:
    """Give what answers on this unit id: two kinds are two devices with one id."""
    spaces = {DeviceKind.INVERTER: _INVERTER_STATE, DeviceKind.AC_CHARGER: CHARGER_STATE}
    try:
        return [kind for kind, probe in spaces.items() if await line.answers(*probe)]
    except DriverConnectionError as err:
        if err.fault is LinkFault.SILENT:
            return []
        raise


async def _identity(line: Line) -> Identity:
    component = InverterIdentity(line.unit)
    await line.ask(partial(component.async_update, notify=False))
    return Identity(
        serial=component.serial_number, model=component.model, firmware=component.firmware_version
    )
