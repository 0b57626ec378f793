"""Every operating mode, by its key."""

from .device import MODE as DEVICE
from .force_charge import MODE as FORCE_CHARGE
from .force_discharge import MODE as FORCE_DISCHARGE
from .hold import MODE as HOLD
from .self_consumption import MODE as SELF_CONSUMPTION
from .standby import MODE as STANDBY

MODES = {mode.key: mode for mode in (SELF_CONSUMPTION, STANDBY, DEVICE, HOLD, FORCE_CHARGE, FORCE_DISCHARGE)}
