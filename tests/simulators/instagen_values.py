"""What an Instagen stick tells about a plant, in the words of the message table.

Source: sections 3 and 4 of the fact file. In a system of several inverters the first has the meters, so
grid, load, flows and what comes from elsewhere are in its answer alone.
"""

from dataclasses import dataclass

from .instagen_config import GRID_METERS, STICK_SERIAL, WIRED_PV_METER, InstagenConfig
from .instagen_messages import Message, Value
from .instagen_today import Today, load_phases, split
from .plant import SimulatedPlant
from .posture import Behaviour

STICK_VERSION = 4105
"""01.00.09."""
ENCRYPTION_BIT = 1 << 25
HYBRID_INVERTER = 6
_VOLTS = (232.9, 231.4, 233.1)
_HERTZ = 49.98
_INSULATION_KOHM, _EARTH_FAULT_KOHM = 2_000, 20
_INSULATION_BIT = 1 << 15
_LV_CELLS, _HV_CELLS = 16, 72
_FULL_CELL_V, _EMPTY_CELL_V = 3.6, 2.8
_IDLE_W = 20.0
_STANDBY, _ON_GRID, _ISLANDED = 1, 3, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the plant, which the stick shows until the next."""

    config: InstagenConfig
    plant: SimulatedPlant
    today: Today
    clock_s: int
    zone_s: int
    earth_fault: bool
    off: frozenset[int]
    """Inverters that were switched off."""

    def share(self, index: int) -> float:
        """Part of the plant's powers that this inverter has: those that run share them evenly."""
        if self.config.serials[index] in self.off:
            return 0.0
        return 1 / (self.config.inverters - len(self.off))


def data(look: Look, index: int) -> dict[str, Value]:
    """Build the live data of one inverter, without page numbers."""
    config = look.config
    message: dict[str, Value] = {
        "inverter_serial": config.serials[index],
        "unix_time": look.clock_s,
        "tz_offset": look.zone_s,
        "pv_inputs": _pv_inputs(look, index),
        "inverter": _inverter(look, index),
    }
    if config.plant.battery_capacity_wh:
        message["battery"] = _battery(look, index)
    return message | _site(look) if index == 0 else message


def _site(look: Look) -> dict[str, Value]:
    """Build what the master alone knows."""
    today, plant, flows = look.today, look.plant, look.plant.flows
    message: dict[str, Value] = {
        "pv_energy_split": {
            "pv_to_load_today": today.pv_to_load,
            "pv_to_battery_today": today.pv_to_battery,
            "pv_to_grid_today": today.pv_to_grid,
        },
        "load_energy_split": {
            "load_from_pv_today": today.pv_to_load,
            "load_from_battery_today": today.battery_to_load,
            "load_from_grid_today": today.grid_to_load,
        },
        "grid": _grid(look),
        "load": _load(look),
        "power_flow": _flow(look),
    }
    if plant.generator_on or today.generator:
        message["generator"] = _source(look, flows.generator_w, today.generator, running=plant.generator_on)
    if look.config.plant.third_party_pv_peak_w:
        power_w = flows.third_party_pv_w
        message["external_pv"] = _source(look, power_w, today.external_pv, running=plant.on_grid)
    return message


def _phases(look: Look) -> range:
    return range(3 if look.config.plant.three_phase else 1)


def _pv_inputs(look: Look, index: int) -> Value:
    part = look.share(index)
    return [
        {
            "input_index": number,
            "voltage": volts,
            "current": amps * part,
            "power": volts * amps * part,
            "energy_today": energy_kwh / look.config.inverters,
        }
        for number, ((volts, amps), energy_kwh) in enumerate(
            zip(look.plant.flows.pv_strings, look.today.strings, strict=True), 1
        )
    ]


def _battery(look: Look, index: int) -> Value:
    config, plant = look.config, look.plant
    part, power_w = 1 / config.inverters, plant.flows.battery_w * look.share(index)
    cells = _HV_CELLS if config.plant.three_phase else _LV_CELLS
    cell_v = 3.24 + 0.18 * plant.soc_pct / 100 - 0.02 * power_w / config.plant.max_discharge_w
    volts = cells * cell_v
    sign = -1 if config.charging_is_positive else 1
    warm_c = plant.cell_temperature_c
    return {
        "battery_type": 1,
        "state": 0 if abs(power_w) < _IDLE_W else 2 if power_w > 0 else 1,
        "fault_bits": 0,
        "soc": plant.soc_pct,
        "soh": plant.soh_pct,
        "voltage": volts,
        "current": sign * power_w / volts * 0.1 / config.battery_current_step,
        "power": sign * power_w,
        "max_charge_current": plant.available_charge_w * part / volts,
        "max_discharge_current": plant.available_discharge_w * part / volts,
        "charge_cutoff_voltage": cells * _FULL_CELL_V,
        "discharge_cutoff_voltage": cells * _EMPTY_CELL_V,
        "cell_temp_max": warm_c + 1,
        "cell_temp_min": warm_c - 1,
        "module_temp_max": warm_c + 1,
        "module_temp_min": warm_c - 1,
        "charged_today": look.today.charged * part,
        "discharged_today": look.today.discharged * part,
        "cell_voltage_max": cell_v + 0.004,
        "cell_voltage_min": cell_v - 0.004,
    }


def _grid(look: Look) -> Value:
    on_grid, flows = look.plant.on_grid, look.plant.flows
    sign = 1 if look.config.importing_is_positive else -1
    return {
        "common": {
            "meter_state": int(look.config.plant.grid_sensor),
            "frequency": _HERTZ if on_grid else 0,
            "power_factor_total": 0.98 if on_grid else 0,
        },
        "phases": [
            {
                "phase": index + 1,
                "voltage": _VOLTS[index] if on_grid else 0,
                "current": abs(flows.grid_phases_w[index]) / _VOLTS[index],
                "active_power": sign * flows.grid_phases_w[index],
                "reactive_power": -22 if on_grid else 0,
                "power_factor": 0.98 if on_grid else 0,
                "export_today": look.today.exported[index],
                "import_today": look.today.imported[index],
            }
            for index in _phases(look)
        ],
    }


def _load(look: Look) -> Value:
    alive = not look.plant.blackout
    powers = load_phases(look.plant.flows, three_phase=look.config.plant.three_phase)
    return {
        "common": {"state": 1, "frequency": _HERTZ if alive else 0},
        "phases": [
            {
                "phase": index + 1,
                "voltage": _VOLTS[index] if alive else 0,
                "active_power": powers[index],
                "energy_today": look.today.load[index],
            }
            for index in _phases(look)
        ],
    }


def _inverter(look: Look, index: int) -> Value:
    config, plant = look.config, look.plant
    part, volts = look.share(index), 0.0 if _state(look, index) == _STANDBY else 1.0
    return {
        "common": {
            "role": 0 if config.inverters == 1 else 1 if index == 0 else 2,
            "state": _state(look, index),
            "power_stage_faults": 0,
            "safety_faults": _INSULATION_BIT * look.earth_fault,
            "frequency": _HERTZ * volts,
            "insulation_resistance": _EARTH_FAULT_KOHM if look.earth_fault else _INSULATION_KOHM,
            "leakage_current": 12,
            "temp_cabinet": 38,
            "temp_inverter_heatsink": 41,
            "bus_voltage": 400.0,
        },
        "phases": [
            {
                "phase": phase + 1,
                "voltage": _VOLTS[phase] * volts,
                "current": plant.flows.inverter_phases_w[phase] * part / _VOLTS[phase],
                "active_power": plant.flows.inverter_phases_w[phase] * part,
                "reactive_power": 0,
                "dc_injection_current": 3,
                "dc_offset_voltage": 0.4,
                "backup_voltage": _VOLTS[phase] * volts * config.plant.backup_supply,
                "backup_power": plant.flows.inverter_phases_w[phase] * part * plant.islanded,
            }
            for phase in _phases(look)
        ],
    }


def _state(look: Look, index: int) -> int:
    plant = look.plant
    if look.config.serials[index] in look.off or plant.posture.behaviour is Behaviour.OFF or plant.blackout:
        return _STANDBY
    return _ON_GRID if plant.on_grid else _ISLANDED


def _source(look: Look, power_w: float, energy_kwh: float, *, running: bool) -> Value:
    phases = _phases(look)
    return {
        "common": {"state": int(running), "frequency": _HERTZ if running else 0},
        "phases": [
            {
                "phase": index + 1,
                "voltage": _VOLTS[index] if running else 0,
                "current": power_w / len(phases) / _VOLTS[index],
                "active_power": power_w / len(phases),
                "reactive_power": 0,
                "energy_today": energy_kwh / len(phases),
            }
            for index in phases
        ],
    }


def _flow(look: Look) -> Value:
    shares = split(look.plant.flows)
    drawn_w = shares.grid_to_battery if look.config.grid_charge_is_negative else 0.0
    return {
        "pv_to_load": shares.pv_to_load,
        "pv_to_battery": shares.pv_to_battery,
        "pv_to_grid": shares.pv_to_grid,
        "battery_to_load": shares.battery_to_load,
        "grid_to_load": shares.grid_to_load,
        "battery_to_grid": shares.battery_to_grid - drawn_w,
        "soc": look.plant.soc_pct,
    }


def gateway(config: InstagenConfig, clock_s: int, enc_random: bytes) -> Message:
    """Build what the stick says of itself; its empty members are sent empty."""
    block: dict[str, Value] = {
        "model_code": 1,
        "sw_version": STICK_VERSION,
        "hw_version": 1 << 12,
        "link_kind": 1,
        "wifi_version": b"V1.0.5",
        "gprs_version": b"",
        "gprs_imei": b"",
        "sim_number": b"",
        "rule_id": 0,
        "tls_flag": 0,
    }
    if config.encrypted:
        block |= {"feature_bits": ENCRYPTION_BIT, "enc_random": enc_random}
    return {
        "stick_serial": STICK_SERIAL,
        "unix_time": clock_s,
        "page_count": 1,
        "page": 0,
        "gateway": [block],
        "devices": [
            {"serial": serial, "device_class": HYBRID_INVERTER, "bus_address": address}
            for address, serial in enumerate(config.serials, 1)
        ],
    }


def registry(config: InstagenConfig, clock_s: int, zone_s: int, mode: int) -> Message:
    """Build what the stick knows of its inverters, meters and batteries."""
    meters = {"grid_meter_serial": GRID_METERS[config.plant.three_phase]}
    if config.plant.third_party_pv_peak_w:
        meters["pv_meter_serial"] = WIRED_PV_METER
    capacity_kwh = config.plant.battery_capacity_wh / 1000 / config.inverters
    message: dict[str, Value] = {
        "type": 1,
        "meters": meters if config.plant.grid_sensor else {},
        "inverters": [
            {
                "serial": serial,
                "type": 1,
                "hw_version": "H01.01",
                "sw_main": "V01.00.12",
                "sw_safety": "V01.00.04",
                "sw_system": "V01.00.07",
                "battery_serial": f"B{address:011d}" if capacity_kwh else "",
                "battery_hw": "H1.0" if capacity_kwh else "",
                "battery_sw": "V2.14" if capacity_kwh else "",
                "battery_capacity": capacity_kwh,
                "pv_input_count": len(config.plant.pv_azimuths_deg),
                "bus_address": address,
                "model_name": config.model,
                "bms_protocol": 1,
                "battery_type": int(capacity_kwh > 0),
            }
            for address, serial in enumerate(config.serials, 1)
        ],
        "generator_port_mode": 0,
        "unix_time": clock_s,
        "tz_offset": zone_s,
        "feature_bits": 0,
        "page_count": 1,
        "page": 0,
    }
    return message | {"ems_mode_or_module": mode} if config.shows_mode else message
