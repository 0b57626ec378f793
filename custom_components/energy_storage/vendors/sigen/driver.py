"""Reads a Sigen plant."""

from ..driver import Driver, DriverConnectionError, LinkFault, LinkSetup, Units


def create(units: Units, setup: LinkSetup) -> Driver:
    """Make the driver of one plant; nothing is asked before `connect`."""
    raise DriverConnectionError(f"{setup} on {units}", LinkFault.SILENT)
