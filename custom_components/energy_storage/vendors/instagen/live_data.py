"""The live data of one inverter: the answer to command C3 03; no I/O.

Source: our protocol facts, section 4. Numbers are as they came; `readings` gives them unit, scale and sign.
"""

from dataclasses import dataclass
from typing import ClassVar

from . import storage_pb2 as proto
from .payload import Proto, part, parts


@dataclass(frozen=True, slots=True, kw_only=True)
class PvSplit:
    """Where the PV energy of today went."""

    PROTO: ClassVar[Proto] = proto.EsPvSplit

    pv_to_load_today: int | None = None
    pv_to_battery_today: int | None = None
    pv_to_grid_today: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSplit:
    """Where the energy of the loads came from today."""

    PROTO: ClassVar[Proto] = proto.EsLoadSplit

    load_from_pv_today: int | None = None
    load_from_battery_today: int | None = None
    load_from_grid_today: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PvInput:
    """One PV input, counted from 1; small negative currents when idle."""

    PROTO: ClassVar[Proto] = proto.EsPvInput

    input_index: int | None = None
    voltage: int | None = None
    current: int | None = None
    power: int | None = None
    energy_today: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """The battery. Power and current: discharge +, probably; the scale of the current is not certain."""

    PROTO: ClassVar[Proto] = proto.EsBattery

    battery_type: int | None = None
    state: int | None = None
    fault_bits: int | None = None
    soc: int | None = None
    soh: int | None = None
    voltage: int | None = None
    current: int | None = None
    power: int | None = None
    max_charge_current: int | None = None
    max_discharge_current: int | None = None
    charge_cutoff_voltage: int | None = None
    discharge_cutoff_voltage: int | None = None
    cell_temp_max: int | None = None
    cell_temp_min: int | None = None
    module_temp_max: int | None = None
    module_temp_min: int | None = None
    charged_today: int | None = None
    discharged_today: int | None = None
    cell_voltage_max: int | None = None
    cell_voltage_min: int | None = None
    module_voltage_max: int | None = None
    module_voltage_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridMeter:
    """The grid meter as a whole."""

    PROTO: ClassVar[Proto] = proto.EsGridCommon

    meter_state: int | None = None
    frequency: int | None = None
    power_factor_total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPhase:
    """One phase at the grid meter. Power: import -, probably; energies of today."""

    PROTO: ClassVar[Proto] = proto.EsGridPhase

    phase: int | None = None
    voltage: int | None = None
    current: int | None = None
    active_power: int | None = None
    reactive_power: int | None = None
    power_factor: int | None = None
    export_today: int | None = None
    import_today: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The grid meter."""

    PROTO: ClassVar[Proto] = proto.EsGrid

    common: GridMeter | None = part(GridMeter)
    phases: tuple[GridPhase, ...] = parts(GridPhase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What loads and sources say as a whole."""

    PROTO: ClassVar[Proto] = proto.EsSimpleCommon

    state: int | None = None
    frequency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPhase:
    """One phase of the loads."""

    PROTO: ClassVar[Proto] = proto.EsLoadPhase

    phase: int | None = None
    voltage: int | None = None
    active_power: int | None = None
    energy_today: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The loads of the house."""

    PROTO: ClassVar[Proto] = proto.EsLoad

    common: Common | None = part(Common)
    phases: tuple[LoadPhase, ...] = parts(LoadPhase)


@dataclass(frozen=True, slots=True, kw_only=True)
class InverterCommon:
    """The inverter as a whole; the scale of the temperatures is not certain."""

    PROTO: ClassVar[Proto] = proto.EsInverterCommon

    role: int | None = None
    state: int | None = None
    power_stage_faults: int | None = None
    safety_faults: int | None = None
    frequency: int | None = None
    insulation_resistance: int | None = None
    leakage_current: int | None = None
    drm_state: int | None = None
    afd: int | None = None
    temp_cabinet: int | None = None
    temp_pv_heatsink: int | None = None
    temp_inverter_heatsink: int | None = None
    bus_voltage: int | None = None
    bus_voltage_pos: int | None = None
    bus_voltage_neg: int | None = None
    battery_port_voltage: int | None = None
    battery_port_current: int | None = None
    battery_port_power: int | None = None
    fan1: int | None = None
    fan2: int | None = None
    fan3: int | None = None
    arc_ok: int | None = None
    coa_state: int | None = None
    selftest_enable: int | None = None
    temp_battery_heatsink: int | None = None
    ext_fan1: int | None = None
    ext_fan2: int | None = None
    ext_fan3: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InverterPhase:
    """One phase of the inverter and of its backup output."""

    PROTO: ClassVar[Proto] = proto.EsInverterPhase

    phase: int | None = None
    voltage: int | None = None
    current: int | None = None
    active_power: int | None = None
    reactive_power: int | None = None
    dc_injection_current: int | None = None
    dc_offset_voltage: int | None = None
    backup_voltage: int | None = None
    backup_current: int | None = None
    backup_power: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """The inverter."""

    PROTO: ClassVar[Proto] = proto.EsInverter

    common: InverterCommon | None = part(InverterCommon)
    phases: tuple[InverterPhase, ...] = parts(InverterPhase)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePhase:
    """One phase of a generator or of a third-party PV inverter."""

    PROTO: ClassVar[Proto] = proto.EsSourcePhase

    phase: int | None = None
    voltage: int | None = None
    current: int | None = None
    active_power: int | None = None
    reactive_power: int | None = None
    energy_today: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A generator, or a third-party PV inverter on its own meter."""

    PROTO: ClassVar[Proto] = proto.EsSource

    common: Common | None = part(Common)
    phases: tuple[SourcePhase, ...] = parts(SourcePhase)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartLoadPhase:
    """One phase of a smart load."""

    PROTO: ClassVar[Proto] = proto.EsSmartLoadPhase

    phase: int | None = None
    voltage: int | None = None
    current: int | None = None
    active_power: int | None = None
    energy_today: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartLoad:
    """A load on the smart load port."""

    PROTO: ClassVar[Proto] = proto.EsSmartLoad

    common: Common | None = part(Common)
    phases: tuple[SmartLoadPhase, ...] = parts(SmartLoadPhase)
    total_power: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFlow:
    """Powers from here to there."""

    PROTO: ClassVar[Proto] = proto.EsFlow

    pv_to_load: int | None = None
    pv_to_battery: int | None = None
    pv_to_grid: int | None = None
    battery_to_load: int | None = None
    grid_to_load: int | None = None
    battery_to_grid: int | None = None
    soc: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveData:
    """Everything one inverter says about now. `unix_time` is when, by the stick's clock."""

    PROTO: ClassVar[Proto] = proto.EsDataResponse

    inverter_serial: int | None = None
    unix_time: int | None = None
    tz_offset: int | None = None
    page_count: int | None = None
    page: int | None = None
    pv_energy_split: PvSplit | None = part(PvSplit)
    load_energy_split: LoadSplit | None = part(LoadSplit)
    pv_inputs: tuple[PvInput, ...] = parts(PvInput)
    battery: Battery | None = part(Battery)
    grid: Grid | None = part(Grid)
    load: Load | None = part(Load)
    inverter: Inverter | None = part(Inverter)
    generator: Source | None = part(Source)
    external_pv: Source | None = part(Source)
    smart_loads: tuple[SmartLoad, ...] = parts(SmartLoad)
    power_flow: PowerFlow | None = part(PowerFlow)
