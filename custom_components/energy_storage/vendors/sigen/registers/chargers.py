"""What Sigen AC and DC chargers say. Source: Sigenergy Modbus document V2.9, charger tables."""

from ....engine.plant import DeviceKind
from ...driver import PointRole, Tier
from ...fields import Table, alarm_word, choice, s32, u16, u32
from ..version import Version
from .codes import AC_STATE, DC_STATE, START_STOP


class AcCharger(Table):
    """An AC charger. Charger running information; answers on the charger's own unit id."""

    device = DeviceKind.AC_CHARGER
    register_space = "input"
    tier = Tier.COUNTERS
    pace_s = 15.0

    system_state = choice(32000, AC_STATE, role=PointRole.MAIN)
    energy_total = u32(32001, "kWh", 0.01, total=True, role=PointRole.MAIN)
    charging_power = s32(32003, "W", role=PointRole.MAIN)
    rated_power = u32(32005, "W", role=PointRole.DISABLED)
    rated_current = s32(32007, "A", 0.01, role=PointRole.DISABLED)
    rated_voltage = u16(32009, "V", 0.1, role=PointRole.DISABLED)
    input_breaker_rated_current = s32(32010, "A", 0.01, role=PointRole.DISABLED)
    alarm_1 = alarm_word(32012, "ac_charger_1")
    alarm_2 = alarm_word(32013, "ac_charger_2")
    alarm_3 = alarm_word(32014, "ac_charger_3")


class AcChargerLimit(Table):
    """What an AC charger may take; less than 6 A is not allowed. Charger parameter setting."""

    device = DeviceKind.AC_CHARGER
    tier = Tier.SETTINGS

    output_current_limit = u32(42001, "A", 0.01, settable=True, role=PointRole.DIAGNOSTIC)


class AcChargerCommands(Table):
    """Write-only commands: 0 starts, 1 stops. Charger parameter setting."""

    device = DeviceKind.AC_CHARGER
    write_only = True

    charging_start_stop = choice(42000, START_STOP, settable=True)


class DcCharger(Table):
    """A DC charger; part of its inverter's unit id. DC charger running information."""

    device = DeviceKind.DC_CHARGER
    register_space = "input"
    tier = Tier.COUNTERS
    pace_s = 15.0
    all_or_nothing = True

    vehicle_battery_voltage = u16(31500, "V", 0.1, role=PointRole.DISABLED)
    charging_current = u16(31501, "A", 0.1, role=PointRole.DISABLED)
    output_power = s32(31502, "W", role=PointRole.MAIN)  # + into the vehicle
    vehicle_soc = u16(31504, "%", 0.1, nan=0, role=PointRole.MAIN)  # 0: no vehicle
    session_charge_energy = u32(31505, "kWh", 0.01, role=PointRole.MAIN)
    session_charge_duration = u32(31507, "s", role=PointRole.DISABLED)
    running_state = choice(31513, DC_STATE, since=Version.V2_8, role=PointRole.MAIN)
    discharging_current = u16(31514, "A", 0.1, since=Version.V2_9, role=PointRole.DISABLED)
    session_discharge_energy = u32(31515, "kWh", 0.01, since=Version.V2_9, role=PointRole.DISABLED)
    session_discharge_duration = u32(31517, "s", since=Version.V2_9, role=PointRole.DISABLED)
    charge_energy_total = u32(31519, "kWh", 0.01, total=True, since=Version.V2_9, role=PointRole.MAIN)
    discharge_energy_total = u32(31521, "kWh", 0.01, total=True, since=Version.V2_9, role=PointRole.MAIN)
    rated_charge_power = u32(31523, "W", since=Version.V2_9, role=PointRole.DISABLED)
    rated_discharge_power = u32(31525, "W", since=Version.V2_9, role=PointRole.DISABLED)


class DcChargerLimits(Table):
    """What a DC charger may do. DC charger parameter setting."""

    device = DeviceKind.DC_CHARGER
    tier = Tier.SETTINGS
    all_or_nothing = True

    max_charge_power_limit = u32(41002, "W", settable=True, since=Version.V2_9, role=PointRole.DISABLED)
    max_discharge_power_limit = u32(41004, "W", settable=True, since=Version.V2_9, role=PointRole.DISABLED)


class DcChargerCommands(Table):
    """Write-only commands: 0 starts, 1 stops. DC charger parameter setting."""

    device = DeviceKind.DC_CHARGER
    write_only = True

    charging_start_stop = choice(41000, START_STOP, settable=True)
