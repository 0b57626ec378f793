"""Sigen (Sigenergy) plants: SigenStor and the hybrid and PV inverters, over Modbus TCP."""

from ..driver import ModbusVendor
from .discovery import PLANT_UNIT_ID, discover
from .driver import create
from .points import READINGS
from .registers import TABLES
from .registers.codes import WORK_MODE

VENDOR = ModbusVendor(
    key="sigen",
    name="Sigen",
    default_port=502,
    plant_unit_id=PLANT_UNIT_ID,
    scanned_unit_ids=tuple(range(1, 9)),
    modes=tuple(WORK_MODE.values()),
    readings=READINGS,
    tables=lambda _: TABLES,
    mac_prefixes=("0C47A9", "BC3198"),
    discover=discover,
    create=create,
)
