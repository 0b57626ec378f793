"""What a Sigen plant says on unit 247. Source: Sigenergy Modbus document V2.9, appendices for the plant."""

from ....engine.plant import DeviceKind
from ...driver import PointRole, Tier
from ...fields import Table, alarm_word, choice, epoch, s16, s32, u16, u32, u64
from ..version import Version
from .codes import (
    BLOCKED,
    CLEAR,
    CONTROL_MODE,
    GRID_STATE,
    HVRT_MODE,
    LVRT_MODE,
    OFF_ON,
    RUNNING_STATE,
    SENSOR,
    STOP_START,
    UNSET,
    WORK_MODE,
)


class PlantNow(Table):
    """What the plant does now. Plant running information; answers on unit 247."""

    device = DeviceKind.PLANT
    register_space = "input"
    tier = Tier.FAST

    system_time = epoch(30000)
    system_timezone_offset = s16(30002, "min", low=-1440, high=1440)
    ems_work_mode = choice(30003, WORK_MODE)
    grid_sensor_status = choice(30004, SENSOR, role=PointRole.DISABLED)
    grid_active_power = s32(30005, "W")  # + import
    grid_reactive_power = s32(30007, "var", role=PointRole.DISABLED)
    grid_connection_state = choice(30009, GRID_STATE)
    max_active_power = u32(30010, "W")
    max_apparent_power = u32(30012, "VA")
    ess_soc = u16(30014, "%", 0.1)
    plant_phase_a_active_power = s32(30015, "W", role=PointRole.DISABLED)
    plant_phase_b_active_power = s32(30017, "W", role=PointRole.DISABLED)
    plant_phase_c_active_power = s32(30019, "W", role=PointRole.DISABLED)
    plant_phase_a_reactive_power = s32(30021, "var")
    plant_phase_b_reactive_power = s32(30023, "var")
    plant_phase_c_reactive_power = s32(30025, "var")
    plant_alarm_1 = alarm_word(30027, "pcs_1")
    plant_alarm_2 = alarm_word(30028, "pcs_2")
    plant_alarm_3 = alarm_word(30029, "ess")
    plant_alarm_4 = alarm_word(30030, "gateway")
    plant_active_power = s32(30031, "W", role=PointRole.DISABLED)  # + into the AC bus
    plant_reactive_power = s32(30033, "var")
    pv_power = s32(30035, "W")  # includes third-party PV before SPC108
    ess_power = s32(30037, "W")  # + charging: flipped in driver.py
    available_max_active_power = u32(30039, "W")
    available_min_active_power = u32(30041, "W")  # a magnitude
    available_max_reactive_power = u32(30043, "var")
    available_min_reactive_power = u32(30045, "var")
    ess_available_max_charge_power = u32(30047, "W")
    ess_available_max_discharge_power = u32(30049, "W")
    plant_running_state = choice(30051, RUNNING_STATE)
    grid_phase_a_active_power = s32(30052, "W")
    grid_phase_b_active_power = s32(30054, "W")
    grid_phase_c_active_power = s32(30056, "W")
    grid_phase_a_reactive_power = s32(30058, "var")
    grid_phase_b_reactive_power = s32(30060, "var")
    grid_phase_c_reactive_power = s32(30062, "var")
    ess_available_charge_energy = u32(30064, "kWh", 0.01, role=PointRole.DISABLED)
    ess_available_discharge_energy = u32(30066, "kWh", 0.01, role=PointRole.DISABLED)
    ess_rated_charge_power = u32(30068, "W")
    ess_rated_discharge_power = u32(30070, "W")
    plant_alarm_5 = alarm_word(30072, "dc_charger", since=Version.V2_4)
    ess_rated_energy = u32(30083, "kWh", 0.01, since=Version.V2_5)
    ess_charge_cutoff_soc_readback = u16(30085, "%", 0.1, since=Version.V2_5)
    ess_discharge_cutoff_soc_readback = u16(30086, "%", 0.1, since=Version.V2_5)
    ess_soh = u16(30087, "%", 0.1, since=Version.V2_5)


class PlantTotals(Table):
    """Lifetime PV and load. Plant running information."""

    device = DeviceKind.PLANT
    register_space = "input"
    tier = Tier.COUNTERS

    pv_energy_total = u64(30088, "kWh", 0.01, total=True, since=Version.V2_6)
    load_energy_today = u32(30092, "kWh", 0.01, total=True, since=Version.V2_6, role=PointRole.MAIN)
    load_energy_total = u64(30094, "kWh", 0.01, total=True, since=Version.V2_6)


class SmartLoads(Table):
    """The 24 smart load ports of the gateway. Plant running information."""

    device = DeviceKind.PLANT
    register_space = "input"
    tier = Tier.COUNTERS

    smart_load_01_energy_total = u32(30098, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_02_energy_total = u32(30100, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_03_energy_total = u32(30102, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_04_energy_total = u32(30104, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_05_energy_total = u32(30106, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_06_energy_total = u32(30108, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_07_energy_total = u32(30110, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_08_energy_total = u32(30112, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_09_energy_total = u32(30114, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_10_energy_total = u32(30116, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_11_energy_total = u32(30118, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_12_energy_total = u32(30120, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_13_energy_total = u32(30122, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_14_energy_total = u32(30124, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_15_energy_total = u32(30126, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_16_energy_total = u32(30128, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_17_energy_total = u32(30130, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_18_energy_total = u32(30132, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_19_energy_total = u32(30134, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_20_energy_total = u32(30136, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_21_energy_total = u32(30138, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_22_energy_total = u32(30140, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_23_energy_total = u32(30142, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_24_energy_total = u32(30144, "kWh", 0.01, total=True, since=Version.V2_6)
    smart_load_01_power = s32(30146, "W", since=Version.V2_6)
    smart_load_02_power = s32(30148, "W", since=Version.V2_6)
    smart_load_03_power = s32(30150, "W", since=Version.V2_6)
    smart_load_04_power = s32(30152, "W", since=Version.V2_6)
    smart_load_05_power = s32(30154, "W", since=Version.V2_6)
    smart_load_06_power = s32(30156, "W", since=Version.V2_6)
    smart_load_07_power = s32(30158, "W", since=Version.V2_6)
    smart_load_08_power = s32(30160, "W", since=Version.V2_6)
    smart_load_09_power = s32(30162, "W", since=Version.V2_6)
    smart_load_10_power = s32(30164, "W", since=Version.V2_6)
    smart_load_11_power = s32(30166, "W", since=Version.V2_6)
    smart_load_12_power = s32(30168, "W", since=Version.V2_6)
    smart_load_13_power = s32(30170, "W", since=Version.V2_6)
    smart_load_14_power = s32(30172, "W", since=Version.V2_6)
    smart_load_15_power = s32(30174, "W", since=Version.V2_6)
    smart_load_16_power = s32(30176, "W", since=Version.V2_6)
    smart_load_17_power = s32(30178, "W", since=Version.V2_6)
    smart_load_18_power = s32(30180, "W", since=Version.V2_6)
    smart_load_19_power = s32(30182, "W", since=Version.V2_6)
    smart_load_20_power = s32(30184, "W", since=Version.V2_6)
    smart_load_21_power = s32(30186, "W", since=Version.V2_6)
    smart_load_22_power = s32(30188, "W", since=Version.V2_6)
    smart_load_23_power = s32(30190, "W", since=Version.V2_6)
    smart_load_24_power = s32(30192, "W", since=Version.V2_6)


class PlantMore(Table):
    """What newer firmware adds: third-party PV, lifetime counters, loads. Plant running information.

    The counters from 30228 on start at 0 when the firmware first knows them; they do not continue the others.
    """

    device = DeviceKind.PLANT
    register_space = "input"
    tier = Tier.FAST

    third_party_pv_power = s32(30194, "W", since=Version.V2_7)
    third_party_pv_energy_total = u64(30196, "kWh", 0.01, total=True, since=Version.V2_7)
    ess_charge_energy_total = u64(30200, "kWh", 0.01, total=True, since=Version.V2_7)
    ess_discharge_energy_total = u64(30204, "kWh", 0.01, total=True, since=Version.V2_7)
    evdc_charge_energy_total = u64(
        30208, "kWh", 0.01, total=True, since=Version.V2_7, role=PointRole.DISABLED
    )
    evdc_discharge_energy_total = u64(
        30212, "kWh", 0.01, total=True, since=Version.V2_7, role=PointRole.DISABLED
    )
    grid_import_energy_total = u64(30216, "kWh", 0.01, total=True, since=Version.V2_7)
    grid_export_energy_total = u64(30220, "kWh", 0.01, total=True, since=Version.V2_7)
    generator_energy_total = u64(30224, "kWh", 0.01, total=True, since=Version.V2_7, role=PointRole.DISABLED)
    stat2_common_load_energy_total = u64(30228, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_evac_charge_energy_total = u64(30232, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_own_pv_energy_total = u64(30236, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_third_party_pv_energy_total = u64(30240, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_ess_charge_energy_total = u64(30244, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_ess_discharge_energy_total = u64(30248, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_evdc_charge_energy_total = u64(30252, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_evdc_discharge_energy_total = u64(30256, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_grid_import_energy_total = u64(30260, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_grid_export_energy_total = u64(30264, "kWh", 0.01, total=True, since=Version.V2_7)
    stat2_generator_energy_total = u64(30268, "kWh", 0.01, total=True, since=Version.V2_7)
    grid_code_rated_frequency = u16(30276, "Hz", 0.01, since=Version.V2_8)
    grid_code_rated_voltage = u32(30277, "V", 0.01, since=Version.V2_8)
    remote_output_control_command = u16(30279, "%", 0.01, since=Version.V2_8)
    plant_alarm_6 = alarm_word(30280, "plant_1", since=Version.V2_8)
    plant_alarm_7 = alarm_word(
        30281, "plant_2", since=Version.V2_8, doubtful=True
    )  # refused by several builds
    general_load_power = s32(30282, "W", since=Version.V2_8, role=PointRole.DISABLED)
    total_load_power = s32(30284, "W", since=Version.V2_8)
    ess_average_cell_temperature = s16(
        30286, "°C", 0.1, since=Version.V2_9, role=PointRole.DISABLED
    )  # a withdrawn draft had a grid voltage here


class PvDays(Table):
    """PV energy of the last days; V2.8 lists these addresses as reserved. Plant running information."""

    device = DeviceKind.PLANT
    register_space = "input"
    tier = Tier.COUNTERS

    pv_energy_today = u32(30272, "kWh", 0.01, total=True, since=Version.V2_9, role=PointRole.DISABLED)
    pv_energy_yesterday = u32(30274, "kWh", 0.01, since=Version.V2_9)


class Dispatch(Table):
    """Power dispatch of a remote master. Plant parameter setting."""

    device = DeviceKind.PLANT
    tier = Tier.SETTINGS

    active_power_setpoint = s32(40001, "W", settable=True)
    reactive_power_setpoint = s32(40003, "var", settable=True)
    active_power_percent_setpoint = s16(40005, "%", 0.01, low=-100, settable=True)
    reactive_power_qs_setpoint = s16(40006, "%", 0.01, low=-100, settable=True)
    power_factor_setpoint = s16(40007, scale=0.001, low=-1, high=1, settable=True)
    phase_a_active_power_setpoint = s32(40008, "W", settable=True)
    phase_b_active_power_setpoint = s32(40010, "W", settable=True)
    phase_c_active_power_setpoint = s32(40012, "W", settable=True)
    phase_a_reactive_power_setpoint = s32(40014, "var", settable=True)
    phase_b_reactive_power_setpoint = s32(40016, "var", settable=True)
    phase_c_reactive_power_setpoint = s32(40018, "var", settable=True)
    phase_a_active_power_percent_setpoint = s16(40020, "%", 0.01, low=-100, settable=True)
    phase_b_active_power_percent_setpoint = s16(40021, "%", 0.01, low=-100, settable=True)
    phase_c_active_power_percent_setpoint = s16(40022, "%", 0.01, low=-100, settable=True)
    phase_a_reactive_power_qs_setpoint = s16(40023, "%", 0.01, low=-100, settable=True)
    phase_b_reactive_power_qs_setpoint = s16(40024, "%", 0.01, low=-100, settable=True)
    phase_c_reactive_power_qs_setpoint = s16(40025, "%", 0.01, low=-100, settable=True)


class EmsControl(Table):
    """Remote EMS and the limits of the plant. Plant parameter setting."""

    device = DeviceKind.PLANT
    tier = Tier.SETTINGS

    remote_ems_enable = choice(40029, OFF_ON, settable=True, role=PointRole.DIAGNOSTIC)
    independent_phase_control_enable = choice(40030, OFF_ON, settable=True)
    remote_ems_control_mode = choice(40031, CONTROL_MODE, settable=True, role=PointRole.DIAGNOSTIC)
    ess_max_charge_limit = u32(40032, "W", nan=UNSET, settable=True, role=PointRole.DISABLED)
    ess_max_discharge_limit = u32(40034, "W", nan=UNSET, settable=True, role=PointRole.DISABLED)
    pv_max_power_limit = u32(40036, "W", settable=True, role=PointRole.DISABLED)
    grid_export_limit = u32(40038, "W", settable=True, since=Version.V2_5, role=PointRole.DIAGNOSTIC)
    grid_import_limit = u32(40040, "W", settable=True, since=Version.V2_5, role=PointRole.DIAGNOSTIC)
    pcs_export_limit = u32(40042, "W", nan=UNSET, settable=True, since=Version.V2_5, role=PointRole.DISABLED)
    pcs_import_limit = u32(40044, "W", nan=UNSET, settable=True, since=Version.V2_5, role=PointRole.DISABLED)
    ess_backup_soc = u16(40046, "%", 0.1, settable=True, since=Version.V2_6, role=PointRole.DIAGNOSTIC)
    ess_charge_cutoff_soc = u16(40047, "%", 0.1, settable=True, since=Version.V2_6, role=PointRole.DISABLED)
    ess_discharge_cutoff_soc = u16(
        40048, "%", 0.1, settable=True, since=Version.V2_6, role=PointRole.DISABLED
    )  # above the SOC it charges from the grid


class PowerGradient(Table):
    """How fast power may change. Plant parameter setting."""

    device = DeviceKind.PLANT
    tier = Tier.STATIC

    active_power_gradient = u32(
        40049, "%/s", 0.001, high=5000, settable=True, since=Version.V2_8
    )  # refused by SPC112


class GridCode(Table):
    """Grid protection, for the installer alone. Plant parameter setting; some models."""

    device = DeviceKind.PLANT
    tier = Tier.STATIC
    all_or_nothing = True

    grid_code_lvrt_enable = choice(40051, OFF_ON, settable=True, since=Version.V2_8)
    grid_code_lvrt_reactive_factor = u16(40052, scale=0.01, high=20, settable=True, since=Version.V2_8)
    grid_code_lvrt_negseq_reactive_factor = u16(
        40053, scale=0.01, high=20, settable=True, since=Version.V2_8
    )  # documented up to 10, 20 seen
    grid_code_lvrt_mode = choice(40054, LVRT_MODE, settable=True, since=Version.V2_8)
    grid_code_lvrt_voltage_protection_blocking = choice(40055, BLOCKED, settable=True, since=Version.V2_8)
    grid_code_hvrt_enable = choice(40056, OFF_ON, settable=True, since=Version.V2_8)
    grid_code_hvrt_reactive_factor = u16(40057, scale=0.01, high=20, settable=True, since=Version.V2_8)
    grid_code_hvrt_negseq_reactive_factor = u16(40058, scale=0.01, high=20, settable=True, since=Version.V2_8)
    grid_code_hvrt_mode = choice(40059, HVRT_MODE, settable=True, since=Version.V2_8)
    grid_code_hvrt_voltage_protection_blocking = choice(40060, BLOCKED, settable=True, since=Version.V2_8)
    grid_code_overfreq_derating_enable = choice(40061, OFF_ON, settable=True, since=Version.V2_8)
    grid_code_overfreq_ramp_rate = u16(40062, "%", 0.01, settable=True, since=Version.V2_8)
    grid_code_overfreq_trigger = u16(40063, "Hz", 0.01, settable=True, since=Version.V2_8)
    grid_code_overfreq_cutoff = u16(40064, "Hz", 0.01, settable=True, since=Version.V2_8)
    grid_code_underfreq_boost_enable = choice(40065, OFF_ON, settable=True, since=Version.V2_8)
    grid_code_underfreq_ramp_rate = u16(40066, "%", 0.01, settable=True, since=Version.V2_8)
    grid_code_underfreq_trigger = u16(40067, "Hz", 0.01, settable=True, since=Version.V2_8)
    grid_code_underfreq_cutoff = u16(40068, "Hz", 0.01, settable=True, since=Version.V2_8)


class PccPowerFactor(Table):
    """Power factor at the grid connection. Plant parameter setting; M1-HYB models."""

    device = DeviceKind.PLANT
    tier = Tier.STATIC
    all_or_nothing = True

    pcc_power_factor_import = s16(40157, scale=0.001, low=-1, high=1, settable=True, since=Version.V2_9)
    pcc_power_factor_export = s16(40158, scale=0.001, low=-1, high=1, settable=True, since=Version.V2_9)


class PlantCommands(Table):
    """Write-only commands. Plant parameter setting."""

    device = DeviceKind.PLANT
    write_only = True

    plant_start_stop = choice(40000, STOP_START, settable=True)
    grid_loss_lockout_alarm_clear = choice(40159, CLEAR, settable=True, since=Version.V2_9)
