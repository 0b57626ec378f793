"""What the plant is told to do: the behaviour of its energy management and the limits around it."""

from dataclasses import dataclass
from enum import StrEnum


class Behaviour(StrEnum):
    """How PV, battery and grid share the work, in words of no vendor."""

    SELF_CONSUMPTION = "self_consumption"
    """PV serves the house, then the battery, then the grid; the battery serves the house only."""
    STANDBY = "standby"
    """The battery rests; PV goes to the house and the grid."""
    CHARGE_GRID_FIRST = "charge_grid_first"
    """The battery charges from the grid; PV is let in only for what the grid may not give."""
    CHARGE_PV_FIRST = "charge_pv_first"
    """The battery charges from PV and the grid tops up; further PV goes to the house and the grid."""
    DISCHARGE_PV_FIRST = "discharge_pv_first"
    """PV and the battery feed the house and the grid; the battery gives way where a limit binds."""
    DISCHARGE_BATTERY_FIRST = "discharge_battery_first"
    """The battery feeds the house and the grid; PV is pushed down to what the house still lacks."""
    SHAVE = "shave"
    """The battery gives only what would exceed the import limit, and takes what PV leaves over."""
    REMOTE_POWER = "remote_power"
    """The AC power of the inverter follows a setpoint; the battery covers the difference to PV."""
    FULL_FEED_IN = "full_feed_in"
    """Feed-in is kept as high as allowed; the battery fills the gap or takes what may not be fed in."""
    OFF = "off"
    """The inverter is switched off: no PV, no battery, no DC charger, no standby loss."""


@dataclass(slots=True, kw_only=True)
class Posture:
    """Behaviour and limits in force; the limits are magnitudes and None is no limit."""

    behaviour: Behaviour = Behaviour.SELF_CONSUMPTION
    charge_limit_w: float | None = None
    discharge_limit_w: float | None = None
    pv_limit_w: float | None = None
    export_limit_w: float | None = None
    """Held by curtailing PV and the battery; third-party PV alone may exceed it."""
    import_limit_w: float | None = None
    """Held by charging less and discharging more; a house that takes more than that exceeds it."""
    inverter_out_limit_w: float | None = None
    inverter_in_limit_w: float | None = None
    charge_cutoff_soc_pct: float = 100.0
    discharge_cutoff_soc_pct: float = 5.0
    backup_soc_pct: float = 0.0
    """Kept for an outage: the battery goes below it only off the grid."""
    off_grid: bool = False
    """The plant has parted from a grid that is there: as in an outage, the house has what it has."""
    remote_power_w: float = 0.0
    """Setpoint of REMOTE_POWER, + out of the inverter; the only signed one."""
    refill_to_discharge_cutoff: bool = False
    """A vendor's defect: below the discharge cut-off the battery charges up to it from the grid,
    whatever the behaviour and the import limit."""
