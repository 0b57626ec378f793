"""Chint and CPS inverters: ECH hybrids, SCE hybrids and SCA/SCH string inverters, each by its profile."""

from ..driver import LinkKind, ModbusVendor, Pace
from .choice import OPTIONS, choice_of, declared
from .discovery import SPACING_S, discover
from .driver import create
from .loader import check_own
from .points import READINGS
from .state import MODES

VENDOR = ModbusVendor(
    key="chint",
    name="Chint",
    default_port=502,
    plant_unit_id=1,
    modes=MODES,
    readings=READINGS,
    links=(LinkKind.TCP, LinkKind.RTU_OVER_TCP, LinkKind.SERIAL),
    pace=Pace(default_s=10, low_s=5, high_s=60, spacing_s=SPACING_S, least_spacing_s=SPACING_S),
    options=OPTIONS,
    check_profile=check_own,
    tables=lambda setup: declared(choice_of(setup.options, setup.profiles)),
    discover=discover,
    create=create,
)
