"""What speaks to hardware: one package for each vendor, pure of Home Assistant."""

from .driver import Vendor
from .sigen import VENDOR as SIGEN

VENDORS: tuple[Vendor, ...] = (SIGEN,)
