"""Turns what the rows say into `PlantState`: where a device has no register for it, a formula."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ...engine.plant import Alarm, Counter, GridState, PlantState, RunningState
from .beliefs import Beliefs
from .loader import shipped

_COUNTERS: Mapping[Counter, str] = {
    Counter.GRID_IMPORT: "grid_import_energy",
    Counter.GRID_EXPORT: "grid_export_energy",
    Counter.BATTERY_CHARGE: "battery_charge_energy",
    Counter.BATTERY_DISCHARGE: "battery_discharge_energy",
    Counter.PV: "pv_energy",
    Counter.LOAD: "load_energy",
}
_RUNNING: Mapping[str, RunningState] = {
    "fault": RunningState.FAULT,
    "check": RunningState.STANDBY,
    "standby": RunningState.STANDBY,
    "running": RunningState.RUNNING,
    "derate": RunningState.RUNNING,
}
MODES = tuple(
    dict.fromkeys(
        code
        for profile in shipped().values()
        if (row := profile.meaning("vendor_mode")) is not None
        for code in row.options.values()
    )
)
"""Every operating mode that our profiles name."""
_PHASES = ("grid_power_l1", "grid_power_l2", "grid_power_l3")

type Phases = tuple[float | None, float | None, float | None]


def plant_state(
    beliefs: Beliefs,
    *,
    read_at: datetime,
    has_battery: bool,
    off_grid: bool | None,
    alarms: tuple[Alarm, ...],
    reachable: Mapping[str, bool],
) -> PlantState:
    """Make the state of the plant from what is believed."""
    battery_w = _battery_power(beliefs) if has_battery else None
    grid_w, pv_w = _grid_power(beliefs), _pv_power(beliefs)
    energy_kwh = _number(beliefs, "rated_energy")
    mode = beliefs.means("vendor_mode")
    return PlantState(
        read_at=read_at,
        soc_pct=_number(beliefs, "soc") if has_battery else None,
        soh_pct=_number(beliefs, "soh"),
        grid_power_w=grid_w,
        grid_phase_power_w=_grid_phases(beliefs),
        battery_power_w=battery_w,
        pv_power_w=pv_w,
        load_power_w=_sum((pv_w, battery_w, grid_w)),
        grid_state=_grid_state(off_grid),
        running_state=_RUNNING.get(str(beliefs.means("running_state")), RunningState.UNKNOWN),
        vendor_mode=mode if isinstance(mode, str) else None,
        rated_power_w=_number(beliefs, "rated_power") or None,
        rated_energy_wh=None if not energy_kwh else energy_kwh * 1_000,
        counters_kwh={
            counter: _number(beliefs, name) for counter, name in _COUNTERS.items() if beliefs.offers(name)
        },
        alarms=alarms,
        reachable=reachable,
    )


def _number(beliefs: Beliefs, meaning: str) -> float | None:
    value = beliefs.means(meaning)
    return value if isinstance(value, int | float) else None


def _battery_power(beliefs: Beliefs) -> float | None:
    """Give discharge + and charge -; a device without a register for it knows voltage and current."""
    if beliefs.offers("battery_power"):
        return _number(beliefs, "battery_power")
    voltage, current = _number(beliefs, "battery_voltage"), _number(beliefs, "battery_current")
    return None if voltage is None or current is None else float(round(voltage * current))


def _pv_power(beliefs: Beliefs) -> float | None:
    power = _number(beliefs, "pv_power")
    return None if power is None else max(0.0, float(power))


def _grid_power(beliefs: Beliefs) -> float | None:
    """Give import + and export -; where there is no total, what the phases that there are add up to."""
    if beliefs.offers("grid_power"):
        return _number(beliefs, "grid_power")
    return _sum(_grid_phases(beliefs)[: phases(beliefs)])


def _grid_phases(beliefs: Beliefs) -> Phases:
    one, two, three = (_number(beliefs, name) for name in _PHASES)
    there = phases(beliefs)
    return (one, two if there > 1 else None, three if there > len(_PHASES) - 1 else None)


def phases(beliefs: Beliefs) -> int:
    """Give how many phases the device has; three while it has not said."""
    count = beliefs.means("phases")
    return count if isinstance(count, int) and 1 <= count <= len(_PHASES) else len(_PHASES)


def _grid_state(off_grid: bool | None) -> GridState:
    if off_grid is None:
        return GridState.UNKNOWN
    return GridState.OFF_GRID if off_grid else GridState.ON_GRID


def _sum(powers: Sequence[float | None]) -> float | None:
    known = [power for power in powers if power is not None]
    return sum(known) if known and len(known) == len(powers) else None
