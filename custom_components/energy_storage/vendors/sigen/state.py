"""Turns what the registers say into `PlantState`: formulas where a firmware lacks a register."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ...engine.plant import Alarm, Counter, GridState, PlantState, RunningState, Value

_COUNTERS = {
    Counter.GRID_IMPORT: "grid_import_energy_total",
    Counter.GRID_EXPORT: "grid_export_energy_total",
    Counter.BATTERY_CHARGE: "ess_charge_energy_total",
    Counter.BATTERY_DISCHARGE: "ess_discharge_energy_total",
    Counter.PV: "pv_energy_total",
    Counter.THIRD_PARTY_PV: "third_party_pv_energy_total",
    Counter.LOAD: "load_energy_total",
}

type Phases = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Looks up what was read: one value by device and register, signs already ours."""

    get: Callable[[str, str], Value]
    offered: Collection[str]
    """Names of the plant's registers that the firmware has."""
    fast: Collection[str]
    """Those of them that every fast poll brings."""
    inverters: tuple[str, ...]
    ac_chargers: tuple[str, ...]
    dc_chargers: tuple[str, ...]
    phases: int | None
    has_battery: bool

    def number(self, name: str, device: str = "plant") -> float | None:
        """Give a number, None while unknown."""
        value = self.get(device, name)
        return value if isinstance(value, int | float) else None

    def code(self, name: str) -> str | None:
        """Give a code of the plant, None while unknown."""
        value = self.get("plant", name)
        return value if isinstance(value, str) else None

    def battery(self, name: str) -> float | None:
        """Give a number about the battery; a plant without one reads 0 there."""
        return self.number(name) if self.has_battery else None


def plant_state(
    r: Readings,
    *,
    read_at: datetime,
    device_clock: datetime | None,
    clock_frozen: bool,
    alarms: tuple[Alarm, ...],
    reachable: Mapping[str, bool],
    clashes: tuple[int, ...],
) -> PlantState:
    """Make the state of the plant from its readings."""
    return PlantState(
        read_at=read_at,
        soc_pct=r.battery("ess_soc"),
        soh_pct=_soh(r),
        grid_power_w=_grid_power(r),
        grid_phase_power_w=_grid_phase_powers(r),
        battery_power_w=r.battery("ess_power"),
        pv_power_w=_pv_power(r),
        third_party_pv_power_w=r.number("third_party_pv_power"),
        load_power_w=_load_power(r),
        ev_power_w=_ev_power(r),
        grid_state=_known(GridState, r.code("grid_connection_state")),
        running_state=_known(RunningState, r.code("plant_running_state")),
        vendor_mode=r.code("ems_work_mode"),
        rated_power_w=r.number("max_active_power"),
        rated_energy_wh=_rated_energy(r),
        available_charge_power_w=r.battery("ess_available_max_charge_power"),
        available_discharge_power_w=r.battery("ess_available_max_discharge_power"),
        charge_cutoff_soc_pct=r.battery("ess_charge_cutoff_soc_readback"),
        discharge_cutoff_soc_pct=r.battery("ess_discharge_cutoff_soc_readback"),
        backup_reserve_soc_pct=r.battery("ess_backup_soc"),
        counters_kwh={counter: r.number(name) for counter, name in _COUNTERS.items() if name in r.offered},
        alarms=alarms,
        device_clock=device_clock,
        clock_frozen=clock_frozen,
        reachable=reachable,
        clashes=clashes,
    )


def _known[S: StrEnum](states: type[S], code: str | None) -> S:
    """Give the state that a code names, `unknown` for a number that nobody has described."""
    return states(code) if code is not None and code in states else states("unknown")


def _grid_power(r: Readings) -> float | None:
    """Give import + and export -; without a grid sensor the register means nothing."""
    return r.number("grid_active_power") if r.code("grid_sensor_status") == "connected" else None


def _grid_phase_powers(r: Readings) -> Phases:
    """Give the powers of the phases that there are."""
    if _grid_power(r) is None:
        return (None, None, None)
    a, b, c = (r.number(f"grid_phase_{phase}_active_power") for phase in "abc")
    return (a, None if r.phases == 1 else b, None if r.phases in (1, 2) else c)


def _pv_power(r: Readings) -> float | None:
    """Give the plant's own PV; at night the register is a little below 0."""
    power = r.number("pv_power")
    return None if power is None else max(0.0, power)


def _ev_power(r: Readings) -> float | None:
    """Give what all chargers take."""
    powers = [r.number("charging_power", key) for key in r.ac_chargers]
    powers += [r.number("output_power", key) for key in r.dc_chargers]
    total = _sum(powers)
    return None if total is None or not powers else max(0.0, total)


def _load_power(r: Readings) -> float | None:
    """Give what the house takes, chargers included: measured since V2.8, else what is left over."""
    if "total_load_power" in r.fast:
        return r.number("total_load_power")
    powers = [r.number("plant_active_power"), _grid_power(r)]
    if "third_party_pv_power" in r.offered:
        powers.append(r.number("third_party_pv_power"))
    powers += [r.number("output_power", key) for key in r.dc_chargers]
    return _sum(powers)


def _rated_energy(r: Readings) -> float | None:
    """Give the battery's energy in Wh; before V2.5 only the inverters know it."""
    if not r.has_battery:
        return None
    if "ess_rated_energy" in r.offered:
        kwh = r.number("ess_rated_energy")
    else:
        kwh = _sum([r.number("rated_battery_energy", key) for key in r.inverters])
    return None if kwh is None else kwh * 1_000


def _soh(r: Readings) -> float | None:
    """Give the battery's health; before V2.5 the mean of the inverters'."""
    if not r.has_battery or "ess_soh" in r.offered:
        return r.battery("ess_soh")
    total = _sum([r.number("ess_soh", key) for key in r.inverters])
    return None if total is None else total / len(r.inverters)


def _sum(powers: Collection[float | None]) -> float | None:
    known = [power for power in powers if power is not None]
    return sum(known) if len(known) == len(powers) else None
