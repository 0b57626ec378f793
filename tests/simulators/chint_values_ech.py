"""What the registers of the simulated ECH hybrids (`ech_s`, `ech_th`) show."""

from collections.abc import Mapping

from .chint_values import Reading, Source, amps, at_meter, battery, lines, metered, per_phase, strings
from .chint_values_string import work_mode

_STRINGS = 4
_BASE_REGISTERS = 60
_STANDBY, _ON_GRID, _OFF_GRID, _FAULT = 1, 3, 4, 5
_IDLE, _CHARGING, _DISCHARGING, _BROKEN = range(4)
_REST_W = 20.0


def _run_state(reading: Reading) -> int:
    if reading.faulty:
        return _FAULT
    if reading.islanded:
        return _OFF_GRID
    return _ON_GRID if reading.running else _STANDBY


def _battery_state(reading: Reading) -> int:
    if not reading.bms_there:
        return _BROKEN
    if abs(reading.flows.battery_w) < _REST_W:
        return _IDLE
    return _DISCHARGING if reading.flows.battery_w > 0 else _CHARGING


def _cell_v(reading: Reading) -> float:
    return 3.1 + 0.0025 * reading.soc_pct


def _letters(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.format(phase) for phase in "abc")


_COMMON: Mapping[str, Source] = {
    "device_type": lambda r: r.identity.device_type,
    "LCDBootVersion": lambda r: r.identity.lcd_boot,
    "InputRegNum": lambda _: _BASE_REGISTERS,
    "ProVersion": lambda r: r.identity.protocol,
    "fw_minor": lambda r: r.identity.dsp_minor,
    "fw_major": lambda r: r.identity.dsp_major,
    "serial_number": lambda r: r.identity.serial,
    "model_name": lambda r: r.identity.model,
    "total_yield": lambda r: r.life.pv,
    "daily_yield": lambda r: r.today.pv,
    "ac_active_power_coarse": lambda r: abs(r.flows.inverter_ac_w) / 1000,
    "grid_frequency_coarse": lambda r: r.hertz,
    "heatsink_temperature": lambda r: r.temperature_c + 14,
    "internal_temperature": lambda r: r.temperature_c + 10,
    "work_mode": work_mode,
    "pcs_run_state": _run_state,
    "running_mode_feedback": lambda r: r.mode,
    "grid_relay_state": lambda r: int(r.relay_closed),
    **strings(_STRINGS),
    **per_phase(lines("ac_voltage_l{}"), lambda r, p: r.inverter_volts[p]),
    **per_phase(lines("ac_current_l{}"), lambda r, p: amps(r.flows.grid_phases_w, r.volts, p)),
    "grid_frequency": lambda r: r.hertz,
    **per_phase(lines("backup_voltage_l{}"), lambda r, p: r.inverter_volts[p]),
    **per_phase(lines("backup_current_l{}"), lambda r, p: amps(r.backup_phases_w, r.inverter_volts, p)),
    "inverter_ac_power": lambda r: r.flows.inverter_ac_w,
    "backup_power": lambda r: sum(r.backup_phases_w),
    "pcs_temperature": lambda r: r.temperature_c + 12,
    "dc_bus_voltage": lambda _: 640.0,
    "insulation_resistance": lambda _: 1_850,
    "autotest_state": lambda r: r.autotest_state,
    "autotest_step": lambda r: r.autotest_step,
    "smart_load_state": lambda r: int(r.smart_on),
    "smart_load_power": lambda r: r.smart_w,
}
"""Phase currents are those of the grid, as the field test used them; their sign is unproven."""

_ABF: Mapping[str, Source] = {
    "load_power": at_meter(lambda r: r.flows.load_w),
    **per_phase(_letters("ABF_GridU{}"), metered(lambda r, p: r.volts[p])),
    **per_phase(_letters("ABF_GridI{}"), metered(lambda r, p: amps(r.flows.grid_phases_w, r.volts, p))),
    "ABF_GridPt": at_meter(lambda r: r.flows.grid_w),
    **per_phase(_letters("ABF_GridP{}"), metered(lambda r, p: r.flows.grid_phases_w[p])),
    "ABF_Grid_TodayBuyEnergy": lambda r: r.today.grid_import,
    "ABF_Grid_TodaySellEnergy": lambda r: r.today.grid_export,
    **per_phase(_letters("ABF_LoadP{}"), metered(lambda r, p: r.load_phases_w[p])),
    "ABF_Load_TodayEnergy": lambda r: r.today.load,
    "ABF_Load_TotalEnergy": lambda r: r.life.load,
    "meter_comm_state": lambda r: int(r.meter_there),
    **per_phase(lines("meter_voltage_l{}"), metered(lambda r, p: r.volts[p])),
    **per_phase(lines("meter_current_l{}"), metered(lambda r, p: amps(r.flows.grid_phases_w, r.volts, p))),
    "meter_power": at_meter(lambda r: r.flows.grid_w),
    **per_phase(lines("meter_power_l{}"), metered(lambda r, p: r.flows.grid_phases_w[p])),
    "meter_frequency": at_meter(lambda r: r.hertz),
    "meter_import_energy": at_meter(lambda r: r.life.grid_import),
    "meter_export_energy": at_meter(lambda r: r.life.grid_export),
    "Grid_TotalBuyEnergy": lambda r: r.life.grid_import,
    "Grid_TotalSellEnergy": lambda r: r.life.grid_export,
    "pv_power": lambda r: r.flows.pv_w,
    "batt_power": lambda r: r.flows.battery_w,
}

_ENERGY: Mapping[str, Source] = {
    "pv_energy_today": lambda r: r.today.pv,
    "pv_energy_total": lambda r: r.life.pv,
    "batt_charge_energy_today": lambda r: r.today.battery_charge,
    "batt_charge_energy_total": lambda r: r.life.battery_charge,
    "batt_discharge_energy_today": lambda r: r.today.battery_discharge,
    "batt_discharge_energy_total": lambda r: r.life.battery_discharge,
    "load_energy_today": lambda r: r.today.load,
    "load_energy_total": lambda r: r.life.load,
    "grid_import_energy_today": lambda r: r.today.grid_import,
    "grid_import_energy_total": lambda r: r.life.grid_import,
    "grid_export_energy_today": lambda r: r.today.grid_export,
    "grid_export_energy_total": lambda r: r.life.grid_export,
    "backup_energy_today": lambda r: r.backup_today_kwh,
    "backup_energy_total": lambda r: r.backup_kwh,
    "smart_load_energy_today": lambda r: r.smart_today_kwh,
    "smart_load_energy_total": lambda r: r.smart_kwh,
}

_BATTERY_S: Mapping[str, Source] = {
    "Batt_SOC": battery(lambda r: r.soc_pct),
    "Batt_SOH": battery(lambda r: r.soh_pct),
    "DchgLimitCurr": battery(lambda r: r.discharge_a),
    "ChgLimitCurr": battery(lambda r: r.charge_a),
    "Batt_Volt": lambda r: r.battery_v,
    "Batt_Curr": lambda r: r.battery_a,
    "Batt_Temp": battery(lambda r: r.temperature_c),
    "batt_state": _battery_state,
    "batt_rated_energy": lambda r: r.capacity_kwh,
    "cell_voltage_max": battery(lambda r: _cell_v(r) + 0.004),
    "cell_voltage_min": battery(lambda r: _cell_v(r) - 0.003),
    "cell_temperature_max": battery(lambda r: r.temperature_c + 0.8),
    "cell_temperature_min": battery(lambda r: r.temperature_c - 0.6),
    "batt_voltage_copy": lambda r: r.battery_v,
    "batt_current_copy": lambda r: r.battery_a,
    "batt_soc_copy": battery(lambda r: r.soc_pct),
}

_BATTERY_TH: Mapping[str, Source] = {
    "batt_voltage": lambda r: r.battery_v,
    "batt_current": lambda r: r.battery_a,
    "batt_temperature": battery(lambda r: r.temperature_c),
    "batt_soc": battery(lambda r: r.soc_pct),
    "batt_soh": battery(lambda r: r.soh_pct),
    "batt_discharge_limit": battery(lambda r: r.discharge_a),
    "batt_charge_limit": battery(lambda r: r.charge_a),
    "batt_rated_energy": lambda r: r.capacity_kwh,
}

ECH_S: Mapping[str, Source] = {
    **_COMMON,
    **_ABF,
    **_ENERGY,
    **_BATTERY_S,
    "Grid_Power": at_meter(lambda r: r.flows.grid_w),
}
ECH_TH: Mapping[str, Source] = {
    **_COMMON,
    **_ABF,
    **_ENERGY,
    **_BATTERY_TH,
    "grid_power": at_meter(lambda r: r.flows.grid_w),
}
