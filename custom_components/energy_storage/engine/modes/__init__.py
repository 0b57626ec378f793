"""Every operating mode, by its key."""

from .backup import MODE as BACKUP
from .device import MODE as DEVICE
from .force_charge import MODE as FORCE_CHARGE
from .force_discharge import MODE as FORCE_DISCHARGE
from .full_feed_in import MODE as FULL_FEED_IN
from .hold import MODE as HOLD
from .load_shedding import MODE as LOAD_SHEDDING
from .off_grid import MODE as OFF_GRID
from .pv_only import MODE as PV_ONLY
from .remote_ems import MODE as REMOTE_EMS
from .self_consumption import MODE as SELF_CONSUMPTION
from .standby import MODE as STANDBY
from .time_of_use import MODE as TIME_OF_USE

MODES = {
    mode.key: mode
    for mode in (
        SELF_CONSUMPTION,
        TIME_OF_USE,
        LOAD_SHEDDING,
        FULL_FEED_IN,
        PV_ONLY,
        STANDBY,
        REMOTE_EMS,
        DEVICE,
        HOLD,
        FORCE_CHARGE,
        FORCE_DISCHARGE,
        BACKUP,
        OFF_GRID,
    )
}
