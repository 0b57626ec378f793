"""Finds out what answers behind the address of a Sigen plant."""

from ..driver import Discovery, DriverConnectionError, LinkFault, Progress, Units

PLANT_UNIT_ID = 247


async def discover(
    units: Units, plant_unit_id: int, unit_ids: tuple[int, ...], progress: Progress
) -> Discovery:
    """Ask the plant, then each of these unit ids which kind of device it is."""
    progress(0, len(unit_ids))
    raise DriverConnectionError(f"unit {plant_unit_id} of {units} does not answer", LinkFault.SILENT)
