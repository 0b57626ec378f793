"""What the registers of a simulated CPS string inverter (`cps_403x`) show."""

from collections.abc import Mapping
from math import sqrt

from .chint_values import Reading, Source, amps, lines, per_phase, strings

_STRINGS = 3
_FAULT, _STANDBY, _RUNNING, _DERATE = 0x8000, 0x2000, 0x1000, 0x0800


def work_mode(reading: Reading) -> int:
    """Give the status word of the family."""
    if reading.faulty:
        return _FAULT
    if not reading.running:
        return _STANDBY
    return _DERATE if reading.derated else _RUNNING


def _output_kw(reading: Reading) -> float:
    return max(0.0, reading.flows.inverter_ac_w) / 1000


def _efficiency(reading: Reading) -> float:
    """Give a share of 1: that fits the words that both sources print (their units do not agree)."""
    return max(0.0, reading.flows.inverter_ac_w) / reading.flows.pv_w if reading.flows.pv_w else 0.0


STRING: Mapping[str, Source] = {
    "device_type": lambda r: r.identity.device_type,
    "lcd_boot_and_arc_version": lambda r: r.identity.lcd_boot,
    "firmware_minor_version": lambda r: r.identity.dsp_minor,
    "firmware_major_version": lambda r: r.identity.dsp_major,
    "serial_number": lambda r: r.identity.serial,
    "model_name": lambda r: r.identity.model,
    "total_yield": lambda r: r.life.pv,
    "daily_yield": lambda r: r.today.pv,
    "efficiency": _efficiency,
    "power_factor": lambda _: 0.998,
    "peak_power_today": lambda r: r.peak_today_w / 1000,
    "run_time_today": lambda r: r.run_today_s / 60,
    "active_power": _output_kw,
    "apparent_power": lambda r: _output_kw(r) / 0.998,
    **per_phase(("grid_voltage_ab", "grid_voltage_bc", "grid_voltage_ca"), lambda r, p: r.volts[p] * sqrt(3)),
    **per_phase(
        ("grid_voltage_ab_hr", "grid_voltage_bc_hr", "grid_voltage_ca_hr"), lambda r, p: r.volts[p] * sqrt(3)
    ),
    **per_phase(lines("grid_voltage_l{}"), lambda r, p: r.volts[p]),
    **per_phase(lines("grid_current_l{}"), lambda r, p: abs(amps(r.flows.inverter_phases_w, r.volts, p))),
    **strings(_STRINGS),
    "grid_frequency": lambda r: r.hertz,
    "heatsink_temperature": lambda r: r.temperature_c + 14,
    "internal_temperature": lambda r: r.temperature_c + 10,
    "internal_temperature_hr": lambda r: r.temperature_c + 10,
    "module_temperature_hr": lambda r: r.temperature_c + 14,
    "transformer_or_coil_temperature": lambda r: r.temperature_c + 18,
    "work_mode": work_mode,
    "pv_input_power_total": lambda r: r.flows.pv_w / 1000,
    "dc_power_total_hr": lambda r: r.flows.pv_w / 1000,
    "active_power_total_hr": _output_kw,
    "p_max_limit": lambda r: r.rated_w / 1000,
    "s_max_limit": lambda r: r.rated_w / 1000,
    "insulation_resistance": lambda _: 1_850,
    "leakage_current": lambda _: 12,
}
"""Everything else reads 0."""
