"""What the registers of a simulated `sce` hybrid show: the table's names and how the plant answers them."""

from collections.abc import Mapping
from math import floor

from .chint_values import Reading, Source, amps, at_meter, battery, lines, metered, per_phase, strings

_STRINGS = 9
_MPPTS = 2
_HYBRID_WITHOUT_SMART_LOAD = 2
_NORMAL, _OFF_GRID, _FAULT, _WAITING = 2, 3, 4, 0
"""Inverter modes; no source gives the codes [assumed]."""


def _mode(reading: Reading) -> int:
    if reading.faulty:
        return _FAULT
    if reading.islanded:
        return _OFF_GRID
    return _NORMAL if reading.running else _WAITING


SCE: Mapping[str, Source] = {
    **per_phase(lines("ac_l{}_voltage"), lambda r, p: r.inverter_volts[p]),
    **per_phase(
        lines("ac_l{}_current"), lambda r, p: abs(amps(r.flows.inverter_phases_w, r.inverter_volts, p))
    ),
    **per_phase(lines("ac_l{}_power"), lambda r, p: r.flows.inverter_phases_w[p]),
    **per_phase(lines("ac_l{}_frequency"), lambda r, p: r.inverter_hertz if r.inverter_volts[p] else 0.0),
    **strings(_STRINGS),
    "inner_temperature": lambda r: r.temperature_c + 12,
    "inverter_mode": _mode,
    "pv_energy_total": lambda r: floor(r.life.pv),
    "pv_energy_total_fraction": lambda r: r.life.pv - floor(r.life.pv),
    "generation_time_total": lambda r: r.life_h,
    "pv_energy_today": lambda r: 1000 * r.today.pv,
    "ac_active_power": lambda r: r.flows.inverter_ac_w,
    "ac_reactive_power": lambda _: 0.0,
    "peak_power_today": lambda r: r.peak_today_w,
    "power_factor": lambda _: 0.998,
    "pv_power_total": lambda r: r.flows.pv_w,
    **per_phase(lines("grid_l{}_power"), metered(lambda r, p: r.flows.grid_phases_w[p])),
    "grid_import_energy_total": lambda r: r.life.grid_import,
    "grid_export_energy_total": lambda r: r.life.grid_export,
    **per_phase(lines("load_l{}_power"), metered(lambda r, p: r.load_phases_w[p])),
    "load_energy_total": lambda r: r.life.load,
    **per_phase(lines("grid_l{}_voltage"), metered(lambda r, p: r.volts[p])),
    **per_phase(lines("grid_l{}_current"), metered(lambda r, p: amps(r.flows.grid_phases_w, r.volts, p))),
    **per_phase(lines("load_l{}_voltage"), lambda r, p: r.inverter_volts[p]),
    **per_phase(lines("load_l{}_current"), metered(lambda r, p: amps(r.load_phases_w, r.inverter_volts, p))),
    "grid_import_energy_today": lambda r: r.today.grid_import,
    "grid_export_energy_today": lambda r: r.today.grid_export,
    "load_energy_today": lambda r: r.today.load,
    "grid_frequency": at_meter(lambda r: r.hertz),
    **per_phase(lines("backup_l{}_voltage"), lambda r, p: r.inverter_volts[p]),
    **per_phase(lines("backup_l{}_current"), lambda r, p: amps(r.backup_phases_w, r.inverter_volts, p)),
    **per_phase(lines("backup_l{}_power"), lambda r, p: r.backup_phases_w[p]),
    "backup_frequency": lambda r: r.inverter_hertz,
    "backup_energy_today": lambda r: r.backup_today_kwh,
    "backup_energy_total": lambda r: r.backup_kwh,
    "device_name": lambda r: r.identity.model,
    "serial_number": lambda r: r.identity.serial,
    "master_firmware": lambda _: "1.0.62",
    "master_build_date": lambda _: "240115",
    "slave_firmware": lambda _: "1.0.14",
    "slave_build_date": lambda _: "240115",
    "mppt_count": lambda _: _MPPTS,
    "rated_voltage": lambda _: 230.0,
    "rated_frequency": lambda _: 50.0,
    "rated_power": lambda r: r.rated_w,
    "phase_count": lambda r: 3 if r.three_phase else 1,
    "production_type": lambda _: _HYBRID_WITHOUT_SMART_LOAD,
    "ems_firmware": lambda _: "1.0.21",
    "ems_build_date": lambda _: "2024-01-15",
    "dcdc_firmware": lambda _: "1.0.08",
    "dcdc_build_date": lambda _: "240115",
    "batt_soc": battery(lambda r: r.soc_pct),
    "batt_temperature": battery(lambda r: r.temperature_c),
    "batt_voltage": lambda r: r.battery_v,
    "batt_current": lambda r: r.battery_a,
    "batt_power": lambda r: r.flows.battery_w,
    "batt_charge_energy_today": lambda r: r.today.battery_charge,
    "batt_charge_energy_total": lambda r: r.life.battery_charge,
    "batt_discharge_energy_today": lambda r: r.today.battery_discharge,
    "batt_discharge_energy_total": lambda r: r.life.battery_discharge,
}
