"""What the registers of a simulated Sigen plant say: the table's names and how the plant answers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .ev import Ev
from .flows import Energies, Flows
from .register_map import RegisterValue
from .sigen_control import RATED_CHARGER_CURRENT_A, RATED_FREQUENCY_HZ, Ratings
from .sigen_map import Area, Model

RUNNING, SHUT_DOWN = 1, 3
GRID_OUTAGE_BIT = 1 << 9
PHASE_VOLTAGES = (230.4, 231.1, 229.8)
VEHICLE_VOLTAGE = 400.0
CHARGER_PHASES = 3
CHARGER_VOLTAGE = 230.0

LIFE_BEFORE = Energies(
    pv=8_214.5,
    third_party_pv=0.0,
    battery_charge=4_120.3,
    battery_discharge=3_771.9,
    grid_import=2_508.7,
    grid_export=3_390.2,
    household=6_644.1,
    ac_ev=310.0,
    dc_ev=0.0,
)
"""What the plant counted before the simulation begins: its lifetime counters do not start at 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A charger with what the device knows about it."""

    ev: Ev
    power_w: float = 0.0
    session_kwh: float = 0.0
    session_s: float = 0.0
    total_kwh: float = 0.0
    stopped: bool = False
    faulty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that one unit's registers are made from, at one moment."""

    clock_s: int
    """The moment in epoch seconds of the device's own time base."""
    offset_min: int
    started_s: int
    model: Model
    ratings: Ratings
    flows: Flows
    life: Energies
    """Counted since the simulation began."""
    today: Energies
    yesterday: Energies
    soc_pct: float
    soh_pct: float
    temperature_c: float
    capacity_kwh: float
    available_charge_kw: float
    available_discharge_kw: float
    charge_cutoff_pct: float
    discharge_cutoff_pct: float
    on_grid: bool
    grid_sensor: bool
    work_mode: int
    running: bool
    unit: int
    firmware: str
    packs: int
    part: float = 1.0
    """What this unit is of the plant; 1 for the plant itself."""
    share: float = 1.0
    """What this unit carries of the powers now: more than its part when another one is off."""
    vehicle: Vehicle | None = None


type Source = Callable[[Reading], RegisterValue]
type PowerName = str


def _flow(name: PowerName, factor: float = 1.0) -> Source:
    """Make a source of one power, in kW."""
    return lambda r: getattr(r.flows, name) * factor * r.share / 1000


def _phase(name: PowerName, phase: int) -> Source:
    return lambda r: getattr(r.flows, name)[phase] * r.share / 1000


def _life(*names: str) -> Source:
    """Make a source of a lifetime counter, with what was counted before the simulation."""
    return lambda r: sum(getattr(r.life, name) + getattr(LIFE_BEFORE, name) for name in names) * r.part


def _since(*names: str) -> Source:
    """Make a source of a counter of the new statistics, which began at 0 with the simulation."""
    return lambda r: sum(getattr(r.life, name) for name in names) * r.part


def _today(*names: str) -> Source:
    return lambda r: sum(getattr(r.today, name) for name in names) * r.part


def _pv(reading: Reading) -> float:
    """Own PV, with third-party PV in it on firmware that does not show that apart."""
    watts = reading.flows.pv_w
    if not reading.model.third_party_pv_apart:
        watts += reading.flows.third_party_pv_w
    return watts / 1000


def _state(reading: Reading) -> int:
    return RUNNING if reading.running else SHUT_DOWN


def _alarm(reading: Reading) -> int:
    return 0 if reading.on_grid else GRID_OUTAGE_BIT


def _room_kwh(reading: Reading) -> float:
    pct = max(0.0, reading.charge_cutoff_pct - reading.soc_pct)
    return pct / 100 * reading.capacity_kwh * reading.part


def _stock_kwh(reading: Reading) -> float:
    pct = max(0.0, reading.soc_pct - reading.discharge_cutoff_pct)
    return pct / 100 * reading.capacity_kwh * reading.part


def _cell_voltage(reading: Reading) -> float:
    return 3.2 + 0.0015 * reading.soc_pct


def _kw(reading: Reading) -> float:
    return reading.ratings.active_kw * reading.part


def _current(phase: int) -> Source:
    return lambda r: r.flows.inverter_phases_w[phase] * r.share / PHASE_VOLTAGES[phase]


_PLANT: Mapping[str, Source] = {
    "system_time": lambda r: r.clock_s,
    "system_timezone_offset": lambda r: r.offset_min,
    "ems_work_mode": lambda r: r.work_mode,
    "grid_sensor_status": lambda r: int(r.grid_sensor),
    "grid_active_power": _flow("grid_w"),
    "grid_connection_state": lambda r: 0 if r.on_grid else 1,
    "max_active_power": lambda r: r.ratings.active_kw,
    "max_apparent_power": lambda r: r.ratings.active_kw,
    "ess_soc": lambda r: r.soc_pct,
    "plant_phase_a_active_power": _phase("inverter_phases_w", 0),
    "plant_phase_b_active_power": _phase("inverter_phases_w", 1),
    "plant_phase_c_active_power": _phase("inverter_phases_w", 2),
    "plant_alarm_1": _alarm,
    "plant_active_power": _flow("inverter_ac_w"),
    "pv_power": _pv,
    "ess_power": _flow("battery_w", -1),
    "available_max_active_power": lambda r: r.ratings.active_kw * r.running,
    "available_min_active_power": lambda r: r.ratings.active_kw * r.running,
    "available_max_reactive_power": lambda r: 0.6 * r.ratings.active_kw * r.running,
    "available_min_reactive_power": lambda r: 0.6 * r.ratings.active_kw * r.running,
    "ess_available_max_charge_power": lambda r: r.available_charge_kw,
    "ess_available_max_discharge_power": lambda r: r.available_discharge_kw,
    "plant_running_state": _state,
    "grid_phase_a_active_power": _phase("grid_phases_w", 0),
    "grid_phase_b_active_power": _phase("grid_phases_w", 1),
    "grid_phase_c_active_power": _phase("grid_phases_w", 2),
    "ess_available_charge_energy": _room_kwh,
    "ess_available_discharge_energy": _stock_kwh,
    "ess_rated_charge_power": lambda r: r.ratings.charge_kw,
    "ess_rated_discharge_power": lambda r: r.ratings.discharge_kw,
    "ess_rated_energy": lambda r: r.capacity_kwh,
    "ess_charge_cutoff_soc_readback": lambda r: r.charge_cutoff_pct,
    "ess_discharge_cutoff_soc_readback": lambda r: r.discharge_cutoff_pct,
    "ess_soh": lambda r: r.soh_pct,
    "pv_energy_total": _life("pv"),
    "load_energy_today": _today("load"),
    "load_energy_total": _life("load"),
    "third_party_pv_power": _flow("third_party_pv_w"),
    "third_party_pv_energy_total": _life("third_party_pv"),
    "ess_charge_energy_total": _life("battery_charge"),
    "ess_discharge_energy_total": _life("battery_discharge"),
    "evdc_charge_energy_total": _life("dc_ev"),
    "grid_import_energy_total": _life("grid_import"),
    "grid_export_energy_total": _life("grid_export"),
    "generator_energy_total": _life("generator"),
    "stat2_common_load_energy_total": _since("household"),
    "stat2_evac_charge_energy_total": _since("ac_ev"),
    "stat2_own_pv_energy_total": _since("pv"),
    "stat2_third_party_pv_energy_total": _since("third_party_pv"),
    "stat2_ess_charge_energy_total": _since("battery_charge"),
    "stat2_ess_discharge_energy_total": _since("battery_discharge"),
    "stat2_evdc_charge_energy_total": _since("dc_ev"),
    "stat2_grid_import_energy_total": _since("grid_import"),
    "stat2_grid_export_energy_total": _since("grid_export"),
    "stat2_generator_energy_total": _since("generator"),
    "pv_energy_today": _today("pv"),
    "pv_energy_yesterday": lambda r: r.yesterday.pv,
    "grid_code_rated_frequency": lambda _: RATED_FREQUENCY_HZ,
    "grid_code_rated_voltage": lambda _: 400.0,
    "remote_output_control_command": lambda _: 100.0,
    "general_load_power": _flow("household_w"),
    "total_load_power": _flow("load_w"),
    "ess_average_cell_temperature": lambda r: r.temperature_c,
}

_INVERTER: Mapping[str, Source] = {
    "model": lambda r: f"{'SigenStor EC' if r.model.hybrid else 'Sigen PV'} {_kw(r):.1f} TP",
    "serial_number": lambda r: f"110A{r.unit:03d}23450001",
    "firmware_version": lambda r: r.firmware,
    "rated_active_power": _kw,
    "max_apparent_power": _kw,
    "max_active_power": _kw,
    "max_absorption_power": _kw,
    "rated_battery_energy": lambda r: r.capacity_kwh * r.part,
    "ess_rated_charge_power": lambda r: r.ratings.charge_kw * r.part,
    "ess_rated_discharge_power": lambda r: r.ratings.discharge_kw * r.part,
    "legacy_export_energy_today": _today("grid_export"),
    "legacy_export_energy_total": _life("grid_export"),
    "legacy_import_energy_today": _today("grid_import"),
    "legacy_import_energy_total": _life("grid_import"),
    "ess_charge_energy_today": _today("battery_charge"),
    "ess_charge_energy_total": _life("battery_charge"),
    "ess_discharge_energy_today": _today("battery_discharge"),
    "ess_discharge_energy_total": _life("battery_discharge"),
    "running_state": _state,
    "active_power_adjust_max": lambda r: _kw(r) * r.running,
    "active_power_adjust_min": lambda r: -_kw(r) * r.running,
    "reactive_power_adjust_max_feed": lambda r: 0.6 * _kw(r) * r.running,
    "reactive_power_adjust_max_absorb": lambda r: 0.6 * _kw(r) * r.running,
    "active_power": _flow("inverter_ac_w"),
    "ess_max_charge_power": lambda r: r.available_charge_kw * r.share,
    "ess_max_discharge_power": lambda r: r.available_discharge_kw * r.share,
    "ess_available_charge_energy": _room_kwh,
    "ess_available_discharge_energy": _stock_kwh,
    "ess_power": _flow("battery_w", -1),
    "ess_soc": lambda r: r.soc_pct,
    "ess_soh": lambda r: r.soh_pct,
    "ess_average_cell_temperature": lambda r: r.temperature_c,
    "ess_average_cell_voltage": _cell_voltage,
    "alarm_1": _alarm,
    "power_factor_feedback": lambda _: 1.0,
    "ess_max_battery_temperature": lambda r: r.temperature_c + 0.8,
    "ess_min_battery_temperature": lambda r: r.temperature_c - 0.6,
    "ess_max_cell_voltage": lambda r: _cell_voltage(r) + 0.004,
    "ess_min_cell_voltage": lambda r: _cell_voltage(r) - 0.003,
    "rated_grid_voltage": lambda _: 400.0,
    "rated_grid_frequency": lambda _: RATED_FREQUENCY_HZ,
    "grid_frequency": lambda _: 50.02,
    "pcs_internal_temperature": lambda r: r.temperature_c + 12,
    "output_type": lambda _: 2,
    "line_voltage_ab": lambda _: 399.6,
    "line_voltage_bc": lambda _: 399.2,
    "line_voltage_ca": lambda _: 398.6,
    "phase_a_voltage": lambda _: PHASE_VOLTAGES[0],
    "phase_b_voltage": lambda _: PHASE_VOLTAGES[1],
    "phase_c_voltage": lambda _: PHASE_VOLTAGES[2],
    "phase_a_current": _current(0),
    "phase_b_current": _current(1),
    "phase_c_current": _current(2),
    "power_factor": lambda _: 0.998,
    "pack_count": lambda r: r.packs,
    "pv_string_count": lambda r: len(r.flows.pv_strings),
    "mppt_count": lambda r: len(r.flows.pv_strings),
    "pv_power": _flow("pv_w"),
    "insulation_resistance": lambda _: 0.514,
    "startup_time": lambda r: r.started_s,
    "pv_energy_today": _today("pv"),
    "pv_energy_total": _life("pv"),
}

_AC_CHARGER: Mapping[str, Source] = {
    "system_state": lambda r: _ac_state(_vehicle(r)),
    "energy_total": lambda r: _vehicle(r).total_kwh,
    "charging_power": lambda r: _vehicle(r).power_w / 1000,
    "rated_power": lambda _: RATED_CHARGER_CURRENT_A * CHARGER_VOLTAGE * CHARGER_PHASES / 1000,
    "rated_current": lambda _: RATED_CHARGER_CURRENT_A,
    "rated_voltage": lambda _: CHARGER_VOLTAGE,
    "input_breaker_rated_current": lambda r: r.ratings.charger_breaker_a,
}

_DC_CHARGER: Mapping[str, Source] = {
    "vehicle_battery_voltage": lambda r: VEHICLE_VOLTAGE * _vehicle(r).ev.connected,
    "charging_current": lambda r: _vehicle(r).power_w / VEHICLE_VOLTAGE,
    "output_power": lambda r: _vehicle(r).power_w / 1000,
    "vehicle_soc": lambda r: (_vehicle(r).ev.soc_pct or 0.0) * _vehicle(r).ev.connected,
    "session_charge_energy": lambda r: _vehicle(r).session_kwh,
    "session_charge_duration": lambda r: int(_vehicle(r).session_s),
    "running_state": lambda r: _dc_state(_vehicle(r)),
    "charge_energy_total": lambda r: _vehicle(r).total_kwh,
    "rated_charge_power": lambda r: r.ratings.dc_charger_kw,
    "rated_discharge_power": lambda r: r.ratings.dc_charger_kw,
}

SOURCES: Mapping[Area, Mapping[str, Source]] = {
    "plant": _PLANT,
    "inverter": _INVERTER,
    "ac_charger": _AC_CHARGER,
    "dc_charger": _DC_CHARGER,
}
"""Area → name in the maker's table → how the plant answers; everything else reads 0."""


def value_of(area: Area, name: str, reading: Reading) -> RegisterValue:
    """Say what a register shows, in the table's unit."""
    if (source := SOURCES[area].get(name)) is not None:
        return source(reading)
    if area == "inverter" and name.startswith("pv") and name[2:4].isdigit():
        string, quantity = int(name[2:4]) - 1, name[5:]
        if string < len(reading.flows.pv_strings):
            volts, amps = reading.flows.pv_strings[string]
            return volts if quantity == "voltage" else amps * reading.share
    return 0


def _vehicle(reading: Reading) -> Vehicle:
    return reading.vehicle or Vehicle(ev=Ev())


def _ac_state(vehicle: Vehicle) -> int:
    """Give the IEC 61851 state: 1 no car, 2 and 4 not released, 3 released, 5 charging."""
    if not vehicle.ev.connected:
        return 1
    if not vehicle.ev.charging:
        return 4 if vehicle.ev.energy_needed_wh > 0 else 2
    return 5 if vehicle.power_w > 0 else 3


def _dc_state(vehicle: Vehicle) -> int:
    """Give 31513: 0 idle, 2 preparing, 3 charging, 4 fault, 5 scheduled, 6 ended."""
    if not vehicle.ev.connected:
        return 0
    if vehicle.faulty:
        return 4
    if vehicle.ev.charging:
        return 3 if vehicle.power_w > 0 else 2
    return 6 if vehicle.stopped else 5
