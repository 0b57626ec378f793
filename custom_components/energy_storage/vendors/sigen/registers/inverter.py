"""What a Sigen hybrid or PV inverter says. Source: Sigenergy Modbus document V2.9, inverter tables."""

from ....engine.plant import DeviceKind
from ...driver import PointRole, Tier
from ...fields import Table, alarm_word, choice, epoch, s16, s32, text, u16, u32, u64
from ..version import Version
from .codes import OUTPUT_TYPE, RUNNING_STATE, STOP_START

_CELL_V = 5.0  # no battery cell has more


class InverterIdentity(Table):
    """Who the inverter is. Inverter running information; answers on the inverter's own unit id."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.STATIC
    all_or_nothing = True

    model = text(30500, 15)
    serial_number = text(30515, 10)
    firmware_version = text(30525, 15)


class InverterRatings(Table):
    """What the inverter and its battery are made for. Inverter running information."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.STATIC

    rated_active_power = u32(30540, "W")
    max_apparent_power = u32(30542, "VA")
    max_active_power = u32(30544, "W")
    max_absorption_power = u32(30546, "W")
    rated_battery_energy = u32(30548, "kWh", 0.01)
    ess_rated_charge_power = u32(30550, "W")
    ess_rated_discharge_power = u32(30552, "W")


class InverterNow(Table):
    """What the inverter and its battery do now. Inverter running information."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.COUNTERS
    pace_s = 15.0

    ess_charge_energy_today = u32(30566, "kWh", 0.01, total=True, role=PointRole.MAIN)
    ess_charge_energy_total = u64(30568, "kWh", 0.01, total=True, role=PointRole.DISABLED)
    ess_discharge_energy_today = u32(30572, "kWh", 0.01, total=True, role=PointRole.MAIN)
    ess_discharge_energy_total = u64(30574, "kWh", 0.01, total=True, role=PointRole.DISABLED)
    running_state = choice(30578, RUNNING_STATE, role=PointRole.DIAGNOSTIC)
    active_power_adjust_max = s32(30579, "W")
    active_power_adjust_min = s32(30581, "W")
    reactive_power_adjust_max_feed = u32(30583, "var")
    reactive_power_adjust_max_absorb = u32(30585, "var")
    active_power = s32(30587, "W", role=PointRole.MAIN)
    reactive_power = s32(30589, "var", role=PointRole.DISABLED)
    ess_max_charge_power = u32(30591, "W")
    ess_max_discharge_power = u32(30593, "W")
    ess_available_charge_energy = u32(30595, "kWh", 0.01)
    ess_available_discharge_energy = u32(30597, "kWh", 0.01)
    ess_power = s32(30599, "W", role=PointRole.DISABLED)  # + charging: flipped in driver.py
    ess_soc = u16(30601, "%", 0.1, role=PointRole.DISABLED)
    ess_soh = u16(30602, "%", 0.1, role=PointRole.DISABLED)
    ess_average_cell_temperature = s16(30603, "°C", 0.1, role=PointRole.DIAGNOSTIC)
    ess_average_cell_voltage = u16(30604, "V", 0.001, high=_CELL_V, role=PointRole.DISABLED)
    alarm_1 = alarm_word(30605, "pcs_1")
    alarm_2 = alarm_word(30606, "pcs_2")
    alarm_3 = alarm_word(30607, "ess")
    alarm_4 = alarm_word(30608, "gateway")
    alarm_5 = alarm_word(30609, "dc_charger", since=Version.V2_4)
    active_power_setpoint_feedback = s32(30613, "W", since=Version.V2_6)
    reactive_power_setpoint_feedback = s32(30615, "var", since=Version.V2_6)
    active_power_percent_feedback = s16(30617, "%", 0.01, low=-100, since=Version.V2_6)
    reactive_power_qs_feedback = s16(30618, "%", 0.01, low=-100, since=Version.V2_6)
    power_factor_feedback = s16(30619, scale=0.001, low=-1, high=1, since=Version.V2_6)
    ess_max_battery_temperature = s16(30620, "°C", 0.1, since=Version.V2_5, role=PointRole.DISABLED)
    ess_min_battery_temperature = s16(30621, "°C", 0.1, since=Version.V2_5, role=PointRole.DISABLED)
    ess_max_cell_voltage = u16(
        30622, "V", 0.001, high=_CELL_V, doubtful=True, since=Version.V2_5, role=PointRole.DISABLED
    )  # refused by SPC112 on some units
    ess_min_cell_voltage = u16(
        30623, "V", 0.001, high=_CELL_V, doubtful=True, since=Version.V2_5, role=PointRole.DISABLED
    )  # refused by SPC112 on some units


class InverterGrid(Table):
    """AC side, first four PV strings and what is fitted. Inverter running information."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.COUNTERS

    rated_grid_voltage = u16(31000, "V", 0.1)
    rated_grid_frequency = u16(31001, "Hz", 0.01)
    grid_frequency = u16(31002, "Hz", 0.01, role=PointRole.DISABLED)
    pcs_internal_temperature = s16(31003, "°C", 0.1, role=PointRole.DIAGNOSTIC)
    output_type = choice(31004, OUTPUT_TYPE)
    line_voltage_ab = u32(31005, "V", 0.01, role=PointRole.DISABLED)
    line_voltage_bc = u32(31007, "V", 0.01, role=PointRole.DISABLED)
    line_voltage_ca = u32(31009, "V", 0.01, role=PointRole.DISABLED)
    phase_a_voltage = u32(31011, "V", 0.01, role=PointRole.DISABLED)
    phase_b_voltage = u32(31013, "V", 0.01, role=PointRole.DISABLED)
    phase_c_voltage = u32(31015, "V", 0.01, role=PointRole.DISABLED)
    phase_a_current = s32(31017, "A", 0.01, role=PointRole.DISABLED)
    phase_b_current = s32(31019, "A", 0.01, role=PointRole.DISABLED)
    phase_c_current = s32(31021, "A", 0.01, role=PointRole.DISABLED)
    power_factor = s16(31023, scale=0.001, low=-1, high=1, role=PointRole.DISABLED)  # insane values seen
    pack_count = u16(31024, high=1000)
    pv_string_count = u16(31025, high=36)
    mppt_count = u16(31026, high=36)
    pv01_voltage = s16(31027, "V", 0.1, role=PointRole.DISABLED)
    pv01_current = s16(31028, "A", 0.01, role=PointRole.DISABLED)
    pv02_voltage = s16(31029, "V", 0.1, role=PointRole.DISABLED)
    pv02_current = s16(31030, "A", 0.01, role=PointRole.DISABLED)
    pv03_voltage = s16(31031, "V", 0.1, role=PointRole.DISABLED)
    pv03_current = s16(31032, "A", 0.01, role=PointRole.DISABLED)
    pv04_voltage = s16(31033, "V", 0.1, role=PointRole.DISABLED)
    pv04_current = s16(31034, "A", 0.01, role=PointRole.DISABLED)
    pv_power = s32(31035, "W", role=PointRole.MAIN)
    insulation_resistance = u16(31037, "kΩ", role=PointRole.DISABLED)
    startup_time = epoch(31038, role=PointRole.DISABLED)
    shutdown_time = epoch(31040)


class Strings5To16(Table):
    """Further PV strings. Inverter running information."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.COUNTERS

    pv05_voltage = s16(31042, "V", 0.1, since=Version.V2_4, role=PointRole.DISABLED)
    pv05_current = s16(31043, "A", 0.01, since=Version.V2_4, role=PointRole.DISABLED)
    pv06_voltage = s16(31044, "V", 0.1, since=Version.V2_4, role=PointRole.DISABLED)
    pv06_current = s16(31045, "A", 0.01, since=Version.V2_4, role=PointRole.DISABLED)
    pv07_voltage = s16(31046, "V", 0.1, since=Version.V2_4, role=PointRole.DISABLED)
    pv07_current = s16(31047, "A", 0.01, since=Version.V2_4, role=PointRole.DISABLED)
    pv08_voltage = s16(31048, "V", 0.1, since=Version.V2_4, role=PointRole.DISABLED)
    pv08_current = s16(31049, "A", 0.01, since=Version.V2_4, role=PointRole.DISABLED)
    pv09_voltage = s16(31050, "V", 0.1, since=Version.V2_4)
    pv09_current = s16(31051, "A", 0.01, since=Version.V2_4)
    pv10_voltage = s16(31052, "V", 0.1, since=Version.V2_4)
    pv10_current = s16(31053, "A", 0.01, since=Version.V2_4)
    pv11_voltage = s16(31054, "V", 0.1, since=Version.V2_4)
    pv11_current = s16(31055, "A", 0.01, since=Version.V2_4)
    pv12_voltage = s16(31056, "V", 0.1, since=Version.V2_4)
    pv12_current = s16(31057, "A", 0.01, since=Version.V2_4)
    pv13_voltage = s16(31058, "V", 0.1, since=Version.V2_4)
    pv13_current = s16(31059, "A", 0.01, since=Version.V2_4)
    pv14_voltage = s16(31060, "V", 0.1, since=Version.V2_4)
    pv14_current = s16(31061, "A", 0.01, since=Version.V2_4)
    pv15_voltage = s16(31062, "V", 0.1, since=Version.V2_4)
    pv15_current = s16(31063, "A", 0.01, since=Version.V2_4)
    pv16_voltage = s16(31064, "V", 0.1, since=Version.V2_4)
    pv16_current = s16(31065, "A", 0.01, since=Version.V2_4)


class Strings17To36(Table):
    """PV strings of the large PV inverters. Inverter running information."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.COUNTERS

    pv17_voltage = s16(31066, "V", 0.1, since=Version.V2_8)
    pv17_current = s16(31067, "A", 0.01, since=Version.V2_8)
    pv18_voltage = s16(31068, "V", 0.1, since=Version.V2_8)
    pv18_current = s16(31069, "A", 0.01, since=Version.V2_8)
    pv19_voltage = s16(31070, "V", 0.1, since=Version.V2_8)
    pv19_current = s16(31071, "A", 0.01, since=Version.V2_8)
    pv20_voltage = s16(31072, "V", 0.1, since=Version.V2_8)
    pv20_current = s16(31073, "A", 0.01, since=Version.V2_8)
    pv21_voltage = s16(31074, "V", 0.1, since=Version.V2_8)
    pv21_current = s16(31075, "A", 0.01, since=Version.V2_8)
    pv22_voltage = s16(31076, "V", 0.1, since=Version.V2_8)
    pv22_current = s16(31077, "A", 0.01, since=Version.V2_8)
    pv23_voltage = s16(31078, "V", 0.1, since=Version.V2_8)
    pv23_current = s16(31079, "A", 0.01, since=Version.V2_8)
    pv24_voltage = s16(31080, "V", 0.1, since=Version.V2_8)
    pv24_current = s16(31081, "A", 0.01, since=Version.V2_8)
    pv25_voltage = s16(31082, "V", 0.1, since=Version.V2_8)
    pv25_current = s16(31083, "A", 0.01, since=Version.V2_8)
    pv26_voltage = s16(31084, "V", 0.1, since=Version.V2_8)
    pv26_current = s16(31085, "A", 0.01, since=Version.V2_8)
    pv27_voltage = s16(31086, "V", 0.1, since=Version.V2_8)
    pv27_current = s16(31087, "A", 0.01, since=Version.V2_8)
    pv28_voltage = s16(31088, "V", 0.1, since=Version.V2_8)
    pv28_current = s16(31089, "A", 0.01, since=Version.V2_8)
    pv29_voltage = s16(31090, "V", 0.1, since=Version.V2_8)
    pv29_current = s16(31091, "A", 0.01, since=Version.V2_8)
    pv30_voltage = s16(31092, "V", 0.1, since=Version.V2_8)
    pv30_current = s16(31093, "A", 0.01, since=Version.V2_8)
    pv31_voltage = s16(31094, "V", 0.1, since=Version.V2_8)
    pv31_current = s16(31095, "A", 0.01, since=Version.V2_8)
    pv32_voltage = s16(31096, "V", 0.1, since=Version.V2_8)
    pv32_current = s16(31097, "A", 0.01, since=Version.V2_8)
    pv33_voltage = s16(31098, "V", 0.1, since=Version.V2_8)
    pv33_current = s16(31099, "A", 0.01, since=Version.V2_8)
    pv34_voltage = s16(31100, "V", 0.1, since=Version.V2_8)
    pv34_current = s16(31101, "A", 0.01, since=Version.V2_8)
    pv35_voltage = s16(31102, "V", 0.1, since=Version.V2_8)
    pv35_current = s16(31103, "A", 0.01, since=Version.V2_8)
    pv36_voltage = s16(31104, "V", 0.1, since=Version.V2_8)
    pv36_current = s16(31105, "A", 0.01, since=Version.V2_8)


class InverterPv(Table):
    """PV energy; sits in the middle of the DC charger. Inverter running information."""

    device = DeviceKind.INVERTER
    register_space = "input"
    tier = Tier.COUNTERS

    pv_energy_today = u32(31509, "kWh", 0.01, total=True, since=Version.V2_6, role=PointRole.MAIN)
    pv_energy_total = u32(31511, "kWh", 0.01, total=True, since=Version.V2_6, role=PointRole.DISABLED)


class InverterDispatch(Table):
    """Power dispatch of one PV inverter. Inverter parameter setting; PV inverters."""

    device = DeviceKind.INVERTER
    tier = Tier.SETTINGS
    all_or_nothing = True

    active_power_setpoint = s32(41501, "W", settable=True, since=Version.V2_4)
    reactive_power_setpoint = s32(41503, "var", settable=True, since=Version.V2_4)
    active_power_percent_setpoint = s16(41505, "%", 0.01, low=-100, settable=True, since=Version.V2_4)
    reactive_power_qs_setpoint = s16(41506, "%", 0.01, low=-100, settable=True, since=Version.V2_4)
    power_factor_setpoint = s16(41507, scale=0.001, low=-1, high=1, settable=True, since=Version.V2_4)


class InverterCommands(Table):
    """Write-only commands. Inverter parameter setting."""

    device = DeviceKind.INVERTER
    write_only = True

    inverter_start_stop = choice(40500, STOP_START, settable=True)
