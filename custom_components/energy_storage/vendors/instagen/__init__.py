"""Instagen plants (Hoymiles storage family): our own driver over the stick's local port."""

from ..driver import Pace, StreamVendor
from .discovery import discover
from .driver import create
from .link import GAP_S
from .options import OPTIONS
from .readings import READINGS
from .user_set import BatteryMode

VENDOR = StreamVendor(
    key="instagen",
    name="Instagen",
    default_port=10081,
    modes=tuple(mode.name.lower() for mode in BatteryMode),
    readings=READINGS,
    # 35 s and 125 s keep the maker's cloud alive, on older and on newer firmware; 10 s does not.
    pace=Pace(
        default_s=35,
        choices_s=(10, 35, 125),
        lag_s=30.0,
        spacing_s=GAP_S,
        least_spacing_s=GAP_S,
        cloud_s=32.0,
    ),
    options=OPTIONS,
    integrations=frozenset({"hoymiles_wifi"}),
    discover=discover,
    create=create,
)
