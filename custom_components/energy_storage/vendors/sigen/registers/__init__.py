"""Every register of Sigen plants that this driver knows, by the device that has it."""

from ....engine.plant import DeviceKind
from ...fields import Table
from .chargers import (
    AcCharger,
    AcChargerCommands,
    AcChargerLimit,
    DcCharger,
    DcChargerCommands,
    DcChargerLimits,
)
from .inverter import (
    InverterCommands,
    InverterDispatch,
    InverterGrid,
    InverterIdentity,
    InverterNow,
    InverterPv,
    InverterRatings,
    Strings5To16,
    Strings17To36,
)
from .plant import (
    Dispatch,
    EmsControl,
    GridCode,
    PccPowerFactor,
    PlantCommands,
    PlantMore,
    PlantNow,
    PlantTotals,
    PowerGradient,
    PvDays,
    SmartLoads,
)
from .preheat import Preheat, PreheatMore

TABLES: dict[DeviceKind, tuple[type[Table], ...]] = {
    DeviceKind.PLANT: (
        PlantNow,
        PlantMore,
        PlantTotals,
        PvDays,
        EmsControl,
        Dispatch,
        SmartLoads,
        PowerGradient,
        GridCode,
        PccPowerFactor,
        Preheat,
        PreheatMore,
        PlantCommands,
    ),
    DeviceKind.INVERTER: (
        InverterNow,
        InverterGrid,
        InverterPv,
        InverterRatings,
        InverterIdentity,
        Strings5To16,
        Strings17To36,
        InverterDispatch,
        InverterCommands,
    ),
    DeviceKind.AC_CHARGER: (AcCharger, AcChargerLimit, AcChargerCommands),
    DeviceKind.DC_CHARGER: (DcCharger, DcChargerLimits, DcChargerCommands),
}
"""The tables of each kind of device, the most wanted first."""
