"""What speaks to hardware: one package for each vendor, pure of Home Assistant."""

from .chint import VENDOR as CHINT
from .driver import AnyVendor
from .instagen import VENDOR as INSTAGEN
from .sigen import VENDOR as SIGEN

VENDORS: tuple[AnyVendor, ...] = (SIGEN, INSTAGEN, CHINT)


def vendor_by_key(key: str) -> AnyVendor:
    """Find the vendor that a saved plant names."""
    return next(vendor for vendor in VENDORS if vendor.key == key)
