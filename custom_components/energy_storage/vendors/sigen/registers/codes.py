"""What the numbers in Sigen registers stand for. Source: Sigenergy Modbus document V2.9 and field reports."""

UNSET = 0xFFFFFFFF
"""A 32-bit limit that was never set, or is not in use."""

OFF_ON = {0: "off", 1: "on"}
STOP_START = {0: "stop", 1: "start"}
START_STOP = {0: "start", 1: "stop"}
"""Chargers: the other way round than plant and inverter."""
CLEAR = {1: "clear"}
SENSOR = {0: "not_connected", 1: "connected"}
BLOCKED = {0: "not_blocked", 1: "blocked"}
WORK_MODE = {
    0: "self_consumption",
    1: "ai",
    2: "time_of_use",
    5: "full_feed_in",
    6: "vpp",
    7: "remote_ems",
    9: "custom",
}
GRID_STATE = {0: "on_grid", 1: "off_grid", 2: "off_grid_by_hand"}
RUNNING_STATE = {0: "standby", 1: "running", 2: "fault", 3: "shut_down", 7: "environment_abnormal"}
OUTPUT_TYPE = {0: "l_n", 1: "l1_l2_l3", 2: "l1_l2_l3_n", 3: "l1_l2_n"}
CONTROL_MODE = {
    0: "pcs_remote_control",
    1: "standby",
    2: "self_consumption",
    3: "charge_grid_first",
    4: "charge_pv_first",
    5: "discharge_pv_first",
    6: "discharge_battery_first",
    8: "v2g",
}
LVRT_MODE = {
    0: "reactive_zero_active",
    2: "zero_current",
    3: "constant_current",
    4: "dynamic_reactive_zero_active",
    5: "reactive_constant_active",
}
HVRT_MODE = {**LVRT_MODE, 4: "dynamic_reactive_active_held"}
PREHEAT_MODE = {0: "automatic", 1: "manual"}
AC_STATE = {
    0: "initialising",
    1: "no_vehicle",
    2: "plugged_not_released",
    3: "plugged_released",
    4: "ready_not_released",
    5: "charging",
    6: "out_of_service",
    7: "error",
}
DC_STATE = {
    0: "idle",
    1: "vehicle_not_recognised",
    2: "preparing_communication",
    3: "charging",
    4: "fault",
    5: "scheduled",
    6: "ended",
    7: "out_for_maintenance",
    8: "discharging",
    9: "alarm",
    10: "preparing_insulation_test",
}
