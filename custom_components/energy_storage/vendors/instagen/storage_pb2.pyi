from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GatewayInfoRequest(_message.Message):
    __slots__ = ("page", "unix_time", "tz_offset")
    PAGE_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    page: int
    unix_time: int
    tz_offset: int
    def __init__(self, page: _Optional[int] = ..., unix_time: _Optional[int] = ..., tz_offset: _Optional[int] = ...) -> None: ...

class GatewayInfoResponse(_message.Message):
    __slots__ = ("stick_serial", "unix_time", "page_count", "page", "gateway", "devices", "features")
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    stick_serial: int
    unix_time: int
    page_count: int
    page: int
    gateway: _containers.RepeatedCompositeFieldContainer[GatewayBlock]
    devices: _containers.RepeatedCompositeFieldContainer[GatewayChild]
    features: _containers.RepeatedCompositeFieldContainer[GatewayFeature]
    def __init__(self, stick_serial: _Optional[int] = ..., unix_time: _Optional[int] = ..., page_count: _Optional[int] = ..., page: _Optional[int] = ..., gateway: _Optional[_Iterable[_Union[GatewayBlock, _Mapping]]] = ..., devices: _Optional[_Iterable[_Union[GatewayChild, _Mapping]]] = ..., features: _Optional[_Iterable[_Union[GatewayFeature, _Mapping]]] = ...) -> None: ...

class GatewayBlock(_message.Message):
    __slots__ = ("model_code", "sw_version", "hw_version", "link_kind", "wifi_version", "gprs_version", "gprs_imei", "sim_number", "rule_id", "tls_flag", "feature_bits", "sv", "enc_random")
    MODEL_CODE_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    LINK_KIND_FIELD_NUMBER: _ClassVar[int]
    WIFI_VERSION_FIELD_NUMBER: _ClassVar[int]
    GPRS_VERSION_FIELD_NUMBER: _ClassVar[int]
    GPRS_IMEI_FIELD_NUMBER: _ClassVar[int]
    SIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    TLS_FLAG_FIELD_NUMBER: _ClassVar[int]
    FEATURE_BITS_FIELD_NUMBER: _ClassVar[int]
    SV_FIELD_NUMBER: _ClassVar[int]
    ENC_RANDOM_FIELD_NUMBER: _ClassVar[int]
    model_code: int
    sw_version: int
    hw_version: int
    link_kind: int
    wifi_version: bytes
    gprs_version: bytes
    gprs_imei: bytes
    sim_number: bytes
    rule_id: int
    tls_flag: int
    feature_bits: int
    sv: int
    enc_random: bytes
    def __init__(self, model_code: _Optional[int] = ..., sw_version: _Optional[int] = ..., hw_version: _Optional[int] = ..., link_kind: _Optional[int] = ..., wifi_version: _Optional[bytes] = ..., gprs_version: _Optional[bytes] = ..., gprs_imei: _Optional[bytes] = ..., sim_number: _Optional[bytes] = ..., rule_id: _Optional[int] = ..., tls_flag: _Optional[int] = ..., feature_bits: _Optional[int] = ..., sv: _Optional[int] = ..., enc_random: _Optional[bytes] = ...) -> None: ...

class GatewayChild(_message.Message):
    __slots__ = ("serial", "device_class", "bus_address")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    DEVICE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BUS_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    device_class: int
    bus_address: int
    def __init__(self, serial: _Optional[int] = ..., device_class: _Optional[int] = ..., bus_address: _Optional[int] = ...) -> None: ...

class GatewayFeature(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: int
    value: bytes
    def __init__(self, key: _Optional[int] = ..., value: _Optional[bytes] = ...) -> None: ...

class GatewayNetRequest(_message.Message):
    __slots__ = ("tz_offset", "unix_time")
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    tz_offset: int
    unix_time: int
    def __init__(self, tz_offset: _Optional[int] = ..., unix_time: _Optional[int] = ...) -> None: ...

class GatewayNetResponse(_message.Message):
    __slots__ = ("stick_serial", "unix_time", "set_mode", "set_time", "set_state", "active_mode", "active_time", "signal_quality", "active_state", "ap_set_state")
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    SET_MODE_FIELD_NUMBER: _ClassVar[int]
    SET_TIME_FIELD_NUMBER: _ClassVar[int]
    SET_STATE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_MODE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_QUALITY_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_STATE_FIELD_NUMBER: _ClassVar[int]
    AP_SET_STATE_FIELD_NUMBER: _ClassVar[int]
    stick_serial: int
    unix_time: int
    set_mode: int
    set_time: int
    set_state: int
    active_mode: int
    active_time: int
    signal_quality: int
    active_state: int
    ap_set_state: int
    def __init__(self, stick_serial: _Optional[int] = ..., unix_time: _Optional[int] = ..., set_mode: _Optional[int] = ..., set_time: _Optional[int] = ..., set_state: _Optional[int] = ..., active_mode: _Optional[int] = ..., active_time: _Optional[int] = ..., signal_quality: _Optional[int] = ..., active_state: _Optional[int] = ..., ap_set_state: _Optional[int] = ...) -> None: ...

class GatewayHeartbeatRequest(_message.Message):
    __slots__ = ("tz_offset", "unix_time", "date_time_text")
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    DATE_TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    tz_offset: int
    unix_time: int
    date_time_text: bytes
    def __init__(self, tz_offset: _Optional[int] = ..., unix_time: _Optional[int] = ..., date_time_text: _Optional[bytes] = ...) -> None: ...

class GatewayHeartbeatResponse(_message.Message):
    __slots__ = ("tz_offset", "unix_time", "signal_quality", "stick_serial", "ping_offset", "rs_tms")
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_QUALITY_FIELD_NUMBER: _ClassVar[int]
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    PING_OFFSET_FIELD_NUMBER: _ClassVar[int]
    RS_TMS_FIELD_NUMBER: _ClassVar[int]
    tz_offset: int
    unix_time: int
    signal_quality: int
    stick_serial: int
    ping_offset: int
    rs_tms: int
    def __init__(self, tz_offset: _Optional[int] = ..., unix_time: _Optional[int] = ..., signal_quality: _Optional[int] = ..., stick_serial: _Optional[int] = ..., ping_offset: _Optional[int] = ..., rs_tms: _Optional[int] = ...) -> None: ...

class GatewayActionRequest(_message.Message):
    __slots__ = ("unix_time", "action", "page_count", "page", "transaction_id", "data", "target_serials", "crc")
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    TARGET_SERIALS_FIELD_NUMBER: _ClassVar[int]
    CRC_FIELD_NUMBER: _ClassVar[int]
    unix_time: int
    action: int
    page_count: int
    page: int
    transaction_id: int
    data: bytes
    target_serials: _containers.RepeatedScalarFieldContainer[int]
    crc: int
    def __init__(self, unix_time: _Optional[int] = ..., action: _Optional[int] = ..., page_count: _Optional[int] = ..., page: _Optional[int] = ..., transaction_id: _Optional[int] = ..., data: _Optional[bytes] = ..., target_serials: _Optional[_Iterable[int]] = ..., crc: _Optional[int] = ...) -> None: ...

class GatewayActionResponse(_message.Message):
    __slots__ = ("stick_serial", "unix_time", "action", "page", "transaction_id", "error_code")
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    stick_serial: int
    unix_time: int
    action: int
    page: int
    transaction_id: int
    error_code: int
    def __init__(self, stick_serial: _Optional[int] = ..., unix_time: _Optional[int] = ..., action: _Optional[int] = ..., page: _Optional[int] = ..., transaction_id: _Optional[int] = ..., error_code: _Optional[int] = ...) -> None: ...

class GatewayActionStatusRequest(_message.Message):
    __slots__ = ("unix_time", "action", "page", "transaction_id")
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    unix_time: int
    action: int
    page: int
    transaction_id: int
    def __init__(self, unix_time: _Optional[int] = ..., action: _Optional[int] = ..., page: _Optional[int] = ..., transaction_id: _Optional[int] = ...) -> None: ...

class GatewayActionStatusResponse(_message.Message):
    __slots__ = ("stick_serial", "unix_time", "action", "page_count", "page", "transaction_id", "done_serials", "failed_serials", "progress", "errors", "status", "type")
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DONE_SERIALS_FIELD_NUMBER: _ClassVar[int]
    FAILED_SERIALS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    stick_serial: int
    unix_time: int
    action: int
    page_count: int
    page: int
    transaction_id: int
    done_serials: _containers.RepeatedScalarFieldContainer[int]
    failed_serials: _containers.RepeatedScalarFieldContainer[int]
    progress: _containers.RepeatedCompositeFieldContainer[ActionProgress]
    errors: _containers.RepeatedCompositeFieldContainer[ActionError]
    status: int
    type: int
    def __init__(self, stick_serial: _Optional[int] = ..., unix_time: _Optional[int] = ..., action: _Optional[int] = ..., page_count: _Optional[int] = ..., page: _Optional[int] = ..., transaction_id: _Optional[int] = ..., done_serials: _Optional[_Iterable[int]] = ..., failed_serials: _Optional[_Iterable[int]] = ..., progress: _Optional[_Iterable[_Union[ActionProgress, _Mapping]]] = ..., errors: _Optional[_Iterable[_Union[ActionError, _Mapping]]] = ..., status: _Optional[int] = ..., type: _Optional[int] = ...) -> None: ...

class ActionProgress(_message.Message):
    __slots__ = ("serial", "percent")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    serial: int
    percent: int
    def __init__(self, serial: _Optional[int] = ..., percent: _Optional[int] = ...) -> None: ...

class ActionError(_message.Message):
    __slots__ = ("serial", "error_code")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    serial: int
    error_code: int
    def __init__(self, serial: _Optional[int] = ..., error_code: _Optional[int] = ...) -> None: ...

class EsRegistryRequest(_message.Message):
    __slots__ = ("unix_time", "date_time_text", "tz_offset", "page")
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    DATE_TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    unix_time: int
    date_time_text: bytes
    tz_offset: int
    page: int
    def __init__(self, unix_time: _Optional[int] = ..., date_time_text: _Optional[bytes] = ..., tz_offset: _Optional[int] = ..., page: _Optional[int] = ...) -> None: ...

class EsRegistryResponse(_message.Message):
    __slots__ = ("type", "meters", "inverters", "generator_port_mode", "unix_time", "tz_offset", "mid_old", "feature_bits", "ems_mode_or_module", "mid", "page_count", "page")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    METERS_FIELD_NUMBER: _ClassVar[int]
    INVERTERS_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_PORT_MODE_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    MID_OLD_FIELD_NUMBER: _ClassVar[int]
    FEATURE_BITS_FIELD_NUMBER: _ClassVar[int]
    EMS_MODE_OR_MODULE_FIELD_NUMBER: _ClassVar[int]
    MID_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    type: int
    meters: EsMeterRef
    inverters: _containers.RepeatedCompositeFieldContainer[EsInverterRef]
    generator_port_mode: int
    unix_time: int
    tz_offset: int
    mid_old: _containers.RepeatedCompositeFieldContainer[EsMidRef]
    feature_bits: int
    ems_mode_or_module: int
    mid: _containers.RepeatedCompositeFieldContainer[EsMidRef]
    page_count: int
    page: int
    def __init__(self, type: _Optional[int] = ..., meters: _Optional[_Union[EsMeterRef, _Mapping]] = ..., inverters: _Optional[_Iterable[_Union[EsInverterRef, _Mapping]]] = ..., generator_port_mode: _Optional[int] = ..., unix_time: _Optional[int] = ..., tz_offset: _Optional[int] = ..., mid_old: _Optional[_Iterable[_Union[EsMidRef, _Mapping]]] = ..., feature_bits: _Optional[int] = ..., ems_mode_or_module: _Optional[int] = ..., mid: _Optional[_Iterable[_Union[EsMidRef, _Mapping]]] = ..., page_count: _Optional[int] = ..., page: _Optional[int] = ...) -> None: ...

class EsMeterRef(_message.Message):
    __slots__ = ("grid_meter_serial", "pv_meter_serial")
    GRID_METER_SERIAL_FIELD_NUMBER: _ClassVar[int]
    PV_METER_SERIAL_FIELD_NUMBER: _ClassVar[int]
    grid_meter_serial: bytes
    pv_meter_serial: bytes
    def __init__(self, grid_meter_serial: _Optional[bytes] = ..., pv_meter_serial: _Optional[bytes] = ...) -> None: ...

class EsInverterRef(_message.Message):
    __slots__ = ("serial", "type", "hw_version", "sw_main", "sw_safety", "sw_system", "battery_serial", "battery_hw", "battery_sw", "battery_capacity", "pv_input_count", "bus_address", "model_name", "bms_protocol", "battery_type", "chargers", "battery_packs", "displays")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    SW_MAIN_FIELD_NUMBER: _ClassVar[int]
    SW_SAFETY_FIELD_NUMBER: _ClassVar[int]
    SW_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    BATTERY_SERIAL_FIELD_NUMBER: _ClassVar[int]
    BATTERY_HW_FIELD_NUMBER: _ClassVar[int]
    BATTERY_SW_FIELD_NUMBER: _ClassVar[int]
    BATTERY_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    PV_INPUT_COUNT_FIELD_NUMBER: _ClassVar[int]
    BUS_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    BMS_PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TYPE_FIELD_NUMBER: _ClassVar[int]
    CHARGERS_FIELD_NUMBER: _ClassVar[int]
    BATTERY_PACKS_FIELD_NUMBER: _ClassVar[int]
    DISPLAYS_FIELD_NUMBER: _ClassVar[int]
    serial: int
    type: int
    hw_version: bytes
    sw_main: bytes
    sw_safety: bytes
    sw_system: bytes
    battery_serial: bytes
    battery_hw: bytes
    battery_sw: bytes
    battery_capacity: int
    pv_input_count: int
    bus_address: int
    model_name: bytes
    bms_protocol: int
    battery_type: int
    chargers: _containers.RepeatedCompositeFieldContainer[EsSmallRef]
    battery_packs: _containers.RepeatedCompositeFieldContainer[EsPackRef]
    displays: _containers.RepeatedCompositeFieldContainer[EsSmallRef]
    def __init__(self, serial: _Optional[int] = ..., type: _Optional[int] = ..., hw_version: _Optional[bytes] = ..., sw_main: _Optional[bytes] = ..., sw_safety: _Optional[bytes] = ..., sw_system: _Optional[bytes] = ..., battery_serial: _Optional[bytes] = ..., battery_hw: _Optional[bytes] = ..., battery_sw: _Optional[bytes] = ..., battery_capacity: _Optional[int] = ..., pv_input_count: _Optional[int] = ..., bus_address: _Optional[int] = ..., model_name: _Optional[bytes] = ..., bms_protocol: _Optional[int] = ..., battery_type: _Optional[int] = ..., chargers: _Optional[_Iterable[_Union[EsSmallRef, _Mapping]]] = ..., battery_packs: _Optional[_Iterable[_Union[EsPackRef, _Mapping]]] = ..., displays: _Optional[_Iterable[_Union[EsSmallRef, _Mapping]]] = ...) -> None: ...

class EsSmallRef(_message.Message):
    __slots__ = ("serial", "sw_version", "hw_version")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    serial: int
    sw_version: int
    hw_version: int
    def __init__(self, serial: _Optional[int] = ..., sw_version: _Optional[int] = ..., hw_version: _Optional[int] = ...) -> None: ...

class EsMidRef(_message.Message):
    __slots__ = ("serial", "sw_version", "hw_version")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    serial: int
    sw_version: int
    hw_version: int
    def __init__(self, serial: _Optional[int] = ..., sw_version: _Optional[int] = ..., hw_version: _Optional[int] = ...) -> None: ...

class EsPackRef(_message.Message):
    __slots__ = ("circuit_no", "serial", "dcdc_sw", "bms_sw", "sox_version", "hw_version", "capacity")
    CIRCUIT_NO_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    DCDC_SW_FIELD_NUMBER: _ClassVar[int]
    BMS_SW_FIELD_NUMBER: _ClassVar[int]
    SOX_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    circuit_no: int
    serial: int
    dcdc_sw: int
    bms_sw: int
    sox_version: int
    hw_version: int
    capacity: int
    def __init__(self, circuit_no: _Optional[int] = ..., serial: _Optional[int] = ..., dcdc_sw: _Optional[int] = ..., bms_sw: _Optional[int] = ..., sox_version: _Optional[int] = ..., hw_version: _Optional[int] = ..., capacity: _Optional[int] = ...) -> None: ...

class EsDataRequest(_message.Message):
    __slots__ = ("unix_time", "date_time_text", "tz_offset", "page", "inverter_serial")
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    DATE_TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    INVERTER_SERIAL_FIELD_NUMBER: _ClassVar[int]
    unix_time: int
    date_time_text: bytes
    tz_offset: int
    page: int
    inverter_serial: int
    def __init__(self, unix_time: _Optional[int] = ..., date_time_text: _Optional[bytes] = ..., tz_offset: _Optional[int] = ..., page: _Optional[int] = ..., inverter_serial: _Optional[int] = ...) -> None: ...

class EsDataResponse(_message.Message):
    __slots__ = ("inverter_serial", "unix_time", "tz_offset", "page_count", "page", "pv_energy_split", "load_energy_split", "pv_inputs", "battery", "grid", "load", "inverter", "generator", "external_pv", "protection_selftest", "smart_loads", "power_flow", "ev_chargers", "mid", "battery_packs")
    INVERTER_SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PV_ENERGY_SPLIT_FIELD_NUMBER: _ClassVar[int]
    LOAD_ENERGY_SPLIT_FIELD_NUMBER: _ClassVar[int]
    PV_INPUTS_FIELD_NUMBER: _ClassVar[int]
    BATTERY_FIELD_NUMBER: _ClassVar[int]
    GRID_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    INVERTER_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_PV_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_SELFTEST_FIELD_NUMBER: _ClassVar[int]
    SMART_LOADS_FIELD_NUMBER: _ClassVar[int]
    POWER_FLOW_FIELD_NUMBER: _ClassVar[int]
    EV_CHARGERS_FIELD_NUMBER: _ClassVar[int]
    MID_FIELD_NUMBER: _ClassVar[int]
    BATTERY_PACKS_FIELD_NUMBER: _ClassVar[int]
    inverter_serial: int
    unix_time: int
    tz_offset: int
    page_count: int
    page: int
    pv_energy_split: EsPvSplit
    load_energy_split: EsLoadSplit
    pv_inputs: _containers.RepeatedCompositeFieldContainer[EsPvInput]
    battery: EsBattery
    grid: EsGrid
    load: EsLoad
    inverter: EsInverter
    generator: EsSource
    external_pv: EsSource
    protection_selftest: EsSelfTest
    smart_loads: _containers.RepeatedCompositeFieldContainer[EsSmartLoad]
    power_flow: EsFlow
    ev_chargers: _containers.RepeatedCompositeFieldContainer[EsCharger]
    mid: _containers.RepeatedCompositeFieldContainer[EsMid]
    battery_packs: _containers.RepeatedCompositeFieldContainer[EsPack]
    def __init__(self, inverter_serial: _Optional[int] = ..., unix_time: _Optional[int] = ..., tz_offset: _Optional[int] = ..., page_count: _Optional[int] = ..., page: _Optional[int] = ..., pv_energy_split: _Optional[_Union[EsPvSplit, _Mapping]] = ..., load_energy_split: _Optional[_Union[EsLoadSplit, _Mapping]] = ..., pv_inputs: _Optional[_Iterable[_Union[EsPvInput, _Mapping]]] = ..., battery: _Optional[_Union[EsBattery, _Mapping]] = ..., grid: _Optional[_Union[EsGrid, _Mapping]] = ..., load: _Optional[_Union[EsLoad, _Mapping]] = ..., inverter: _Optional[_Union[EsInverter, _Mapping]] = ..., generator: _Optional[_Union[EsSource, _Mapping]] = ..., external_pv: _Optional[_Union[EsSource, _Mapping]] = ..., protection_selftest: _Optional[_Union[EsSelfTest, _Mapping]] = ..., smart_loads: _Optional[_Iterable[_Union[EsSmartLoad, _Mapping]]] = ..., power_flow: _Optional[_Union[EsFlow, _Mapping]] = ..., ev_chargers: _Optional[_Iterable[_Union[EsCharger, _Mapping]]] = ..., mid: _Optional[_Iterable[_Union[EsMid, _Mapping]]] = ..., battery_packs: _Optional[_Iterable[_Union[EsPack, _Mapping]]] = ...) -> None: ...

class EsPvSplit(_message.Message):
    __slots__ = ("pv_to_load_today", "pv_to_battery_today", "pv_to_grid_today")
    PV_TO_LOAD_TODAY_FIELD_NUMBER: _ClassVar[int]
    PV_TO_BATTERY_TODAY_FIELD_NUMBER: _ClassVar[int]
    PV_TO_GRID_TODAY_FIELD_NUMBER: _ClassVar[int]
    pv_to_load_today: int
    pv_to_battery_today: int
    pv_to_grid_today: int
    def __init__(self, pv_to_load_today: _Optional[int] = ..., pv_to_battery_today: _Optional[int] = ..., pv_to_grid_today: _Optional[int] = ...) -> None: ...

class EsLoadSplit(_message.Message):
    __slots__ = ("load_from_pv_today", "load_from_battery_today", "load_from_grid_today")
    LOAD_FROM_PV_TODAY_FIELD_NUMBER: _ClassVar[int]
    LOAD_FROM_BATTERY_TODAY_FIELD_NUMBER: _ClassVar[int]
    LOAD_FROM_GRID_TODAY_FIELD_NUMBER: _ClassVar[int]
    load_from_pv_today: int
    load_from_battery_today: int
    load_from_grid_today: int
    def __init__(self, load_from_pv_today: _Optional[int] = ..., load_from_battery_today: _Optional[int] = ..., load_from_grid_today: _Optional[int] = ...) -> None: ...

class EsPvInput(_message.Message):
    __slots__ = ("input_index", "voltage", "current", "power", "energy_today")
    INPUT_INDEX_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    input_index: int
    voltage: int
    current: int
    power: int
    energy_today: int
    def __init__(self, input_index: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class EsBattery(_message.Message):
    __slots__ = ("battery_type", "state", "fault_bits", "soc", "soh", "voltage", "current", "power", "max_charge_current", "max_discharge_current", "charge_cutoff_voltage", "discharge_cutoff_voltage", "cell_temp_max", "cell_temp_min", "module_temp_max", "module_temp_min", "charged_today", "discharged_today", "cell_voltage_max", "cell_voltage_min", "module_voltage_max", "module_voltage_min")
    BATTERY_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAULT_BITS_FIELD_NUMBER: _ClassVar[int]
    SOC_FIELD_NUMBER: _ClassVar[int]
    SOH_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    MAX_CHARGE_CURRENT_FIELD_NUMBER: _ClassVar[int]
    MAX_DISCHARGE_CURRENT_FIELD_NUMBER: _ClassVar[int]
    CHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMP_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMP_MIN_FIELD_NUMBER: _ClassVar[int]
    MODULE_TEMP_MAX_FIELD_NUMBER: _ClassVar[int]
    MODULE_TEMP_MIN_FIELD_NUMBER: _ClassVar[int]
    CHARGED_TODAY_FIELD_NUMBER: _ClassVar[int]
    DISCHARGED_TODAY_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MIN_FIELD_NUMBER: _ClassVar[int]
    MODULE_VOLTAGE_MAX_FIELD_NUMBER: _ClassVar[int]
    MODULE_VOLTAGE_MIN_FIELD_NUMBER: _ClassVar[int]
    battery_type: int
    state: int
    fault_bits: int
    soc: int
    soh: int
    voltage: int
    current: int
    power: int
    max_charge_current: int
    max_discharge_current: int
    charge_cutoff_voltage: int
    discharge_cutoff_voltage: int
    cell_temp_max: int
    cell_temp_min: int
    module_temp_max: int
    module_temp_min: int
    charged_today: int
    discharged_today: int
    cell_voltage_max: int
    cell_voltage_min: int
    module_voltage_max: int
    module_voltage_min: int
    def __init__(self, battery_type: _Optional[int] = ..., state: _Optional[int] = ..., fault_bits: _Optional[int] = ..., soc: _Optional[int] = ..., soh: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., max_charge_current: _Optional[int] = ..., max_discharge_current: _Optional[int] = ..., charge_cutoff_voltage: _Optional[int] = ..., discharge_cutoff_voltage: _Optional[int] = ..., cell_temp_max: _Optional[int] = ..., cell_temp_min: _Optional[int] = ..., module_temp_max: _Optional[int] = ..., module_temp_min: _Optional[int] = ..., charged_today: _Optional[int] = ..., discharged_today: _Optional[int] = ..., cell_voltage_max: _Optional[int] = ..., cell_voltage_min: _Optional[int] = ..., module_voltage_max: _Optional[int] = ..., module_voltage_min: _Optional[int] = ...) -> None: ...

class EsGrid(_message.Message):
    __slots__ = ("common", "phases")
    COMMON_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    common: EsGridCommon
    phases: _containers.RepeatedCompositeFieldContainer[EsGridPhase]
    def __init__(self, common: _Optional[_Union[EsGridCommon, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[EsGridPhase, _Mapping]]] = ...) -> None: ...

class EsGridCommon(_message.Message):
    __slots__ = ("meter_state", "frequency", "power_factor_total")
    METER_STATE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    POWER_FACTOR_TOTAL_FIELD_NUMBER: _ClassVar[int]
    meter_state: int
    frequency: int
    power_factor_total: int
    def __init__(self, meter_state: _Optional[int] = ..., frequency: _Optional[int] = ..., power_factor_total: _Optional[int] = ...) -> None: ...

class EsGridPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "active_power", "reactive_power", "power_factor", "export_today", "import_today", "line")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    REACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    POWER_FACTOR_FIELD_NUMBER: _ClassVar[int]
    EXPORT_TODAY_FIELD_NUMBER: _ClassVar[int]
    IMPORT_TODAY_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    active_power: int
    reactive_power: int
    power_factor: int
    export_today: int
    import_today: int
    line: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., active_power: _Optional[int] = ..., reactive_power: _Optional[int] = ..., power_factor: _Optional[int] = ..., export_today: _Optional[int] = ..., import_today: _Optional[int] = ..., line: _Optional[int] = ...) -> None: ...

class EsLoad(_message.Message):
    __slots__ = ("common", "phases")
    COMMON_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    common: EsSimpleCommon
    phases: _containers.RepeatedCompositeFieldContainer[EsLoadPhase]
    def __init__(self, common: _Optional[_Union[EsSimpleCommon, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[EsLoadPhase, _Mapping]]] = ...) -> None: ...

class EsSimpleCommon(_message.Message):
    __slots__ = ("state", "frequency")
    STATE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    state: int
    frequency: int
    def __init__(self, state: _Optional[int] = ..., frequency: _Optional[int] = ...) -> None: ...

class EsLoadPhase(_message.Message):
    __slots__ = ("phase", "voltage", "active_power", "energy_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    active_power: int
    energy_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., active_power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class EsInverter(_message.Message):
    __slots__ = ("common", "phases")
    COMMON_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    common: EsInverterCommon
    phases: _containers.RepeatedCompositeFieldContainer[EsInverterPhase]
    def __init__(self, common: _Optional[_Union[EsInverterCommon, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[EsInverterPhase, _Mapping]]] = ...) -> None: ...

class EsInverterCommon(_message.Message):
    __slots__ = ("role", "state", "power_stage_faults", "safety_faults", "frequency", "insulation_resistance", "leakage_current", "drm_state", "afd", "temp_cabinet", "temp_pv_heatsink", "temp_inverter_heatsink", "bus_voltage", "bus_voltage_pos", "bus_voltage_neg", "battery_port_voltage", "battery_port_current", "battery_port_power", "fan1", "fan2", "fan3", "arc_ok", "coa_state", "selftest_enable", "temp_battery_heatsink", "ext_fan1", "ext_fan2", "ext_fan3")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    POWER_STAGE_FAULTS_FIELD_NUMBER: _ClassVar[int]
    SAFETY_FAULTS_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    INSULATION_RESISTANCE_FIELD_NUMBER: _ClassVar[int]
    LEAKAGE_CURRENT_FIELD_NUMBER: _ClassVar[int]
    DRM_STATE_FIELD_NUMBER: _ClassVar[int]
    AFD_FIELD_NUMBER: _ClassVar[int]
    TEMP_CABINET_FIELD_NUMBER: _ClassVar[int]
    TEMP_PV_HEATSINK_FIELD_NUMBER: _ClassVar[int]
    TEMP_INVERTER_HEATSINK_FIELD_NUMBER: _ClassVar[int]
    BUS_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BUS_VOLTAGE_POS_FIELD_NUMBER: _ClassVar[int]
    BUS_VOLTAGE_NEG_FIELD_NUMBER: _ClassVar[int]
    BATTERY_PORT_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BATTERY_PORT_CURRENT_FIELD_NUMBER: _ClassVar[int]
    BATTERY_PORT_POWER_FIELD_NUMBER: _ClassVar[int]
    FAN1_FIELD_NUMBER: _ClassVar[int]
    FAN2_FIELD_NUMBER: _ClassVar[int]
    FAN3_FIELD_NUMBER: _ClassVar[int]
    ARC_OK_FIELD_NUMBER: _ClassVar[int]
    COA_STATE_FIELD_NUMBER: _ClassVar[int]
    SELFTEST_ENABLE_FIELD_NUMBER: _ClassVar[int]
    TEMP_BATTERY_HEATSINK_FIELD_NUMBER: _ClassVar[int]
    EXT_FAN1_FIELD_NUMBER: _ClassVar[int]
    EXT_FAN2_FIELD_NUMBER: _ClassVar[int]
    EXT_FAN3_FIELD_NUMBER: _ClassVar[int]
    role: int
    state: int
    power_stage_faults: int
    safety_faults: int
    frequency: int
    insulation_resistance: int
    leakage_current: int
    drm_state: int
    afd: int
    temp_cabinet: int
    temp_pv_heatsink: int
    temp_inverter_heatsink: int
    bus_voltage: int
    bus_voltage_pos: int
    bus_voltage_neg: int
    battery_port_voltage: int
    battery_port_current: int
    battery_port_power: int
    fan1: int
    fan2: int
    fan3: int
    arc_ok: int
    coa_state: int
    selftest_enable: int
    temp_battery_heatsink: int
    ext_fan1: int
    ext_fan2: int
    ext_fan3: int
    def __init__(self, role: _Optional[int] = ..., state: _Optional[int] = ..., power_stage_faults: _Optional[int] = ..., safety_faults: _Optional[int] = ..., frequency: _Optional[int] = ..., insulation_resistance: _Optional[int] = ..., leakage_current: _Optional[int] = ..., drm_state: _Optional[int] = ..., afd: _Optional[int] = ..., temp_cabinet: _Optional[int] = ..., temp_pv_heatsink: _Optional[int] = ..., temp_inverter_heatsink: _Optional[int] = ..., bus_voltage: _Optional[int] = ..., bus_voltage_pos: _Optional[int] = ..., bus_voltage_neg: _Optional[int] = ..., battery_port_voltage: _Optional[int] = ..., battery_port_current: _Optional[int] = ..., battery_port_power: _Optional[int] = ..., fan1: _Optional[int] = ..., fan2: _Optional[int] = ..., fan3: _Optional[int] = ..., arc_ok: _Optional[int] = ..., coa_state: _Optional[int] = ..., selftest_enable: _Optional[int] = ..., temp_battery_heatsink: _Optional[int] = ..., ext_fan1: _Optional[int] = ..., ext_fan2: _Optional[int] = ..., ext_fan3: _Optional[int] = ...) -> None: ...

class EsInverterPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "active_power", "reactive_power", "dc_injection_current", "dc_offset_voltage", "backup_voltage", "backup_current", "backup_power", "line")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    REACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    DC_INJECTION_CURRENT_FIELD_NUMBER: _ClassVar[int]
    DC_OFFSET_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BACKUP_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    BACKUP_CURRENT_FIELD_NUMBER: _ClassVar[int]
    BACKUP_POWER_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    active_power: int
    reactive_power: int
    dc_injection_current: int
    dc_offset_voltage: int
    backup_voltage: int
    backup_current: int
    backup_power: int
    line: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., active_power: _Optional[int] = ..., reactive_power: _Optional[int] = ..., dc_injection_current: _Optional[int] = ..., dc_offset_voltage: _Optional[int] = ..., backup_voltage: _Optional[int] = ..., backup_current: _Optional[int] = ..., backup_power: _Optional[int] = ..., line: _Optional[int] = ...) -> None: ...

class EsSource(_message.Message):
    __slots__ = ("common", "phases")
    COMMON_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    common: EsSimpleCommon
    phases: _containers.RepeatedCompositeFieldContainer[EsSourcePhase]
    def __init__(self, common: _Optional[_Union[EsSimpleCommon, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[EsSourcePhase, _Mapping]]] = ...) -> None: ...

class EsSourcePhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "active_power", "reactive_power", "energy_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    REACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    active_power: int
    reactive_power: int
    energy_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., active_power: _Optional[int] = ..., reactive_power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class EsSmartLoad(_message.Message):
    __slots__ = ("common", "phases", "total_power")
    COMMON_FIELD_NUMBER: _ClassVar[int]
    PHASES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_POWER_FIELD_NUMBER: _ClassVar[int]
    common: EsSimpleCommon
    phases: _containers.RepeatedCompositeFieldContainer[EsSmartLoadPhase]
    total_power: int
    def __init__(self, common: _Optional[_Union[EsSimpleCommon, _Mapping]] = ..., phases: _Optional[_Iterable[_Union[EsSmartLoadPhase, _Mapping]]] = ..., total_power: _Optional[int] = ...) -> None: ...

class EsSmartLoadPhase(_message.Message):
    __slots__ = ("phase", "voltage", "current", "active_power", "energy_today")
    PHASE_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POWER_FIELD_NUMBER: _ClassVar[int]
    ENERGY_TODAY_FIELD_NUMBER: _ClassVar[int]
    phase: int
    voltage: int
    current: int
    active_power: int
    energy_today: int
    def __init__(self, phase: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., active_power: _Optional[int] = ..., energy_today: _Optional[int] = ...) -> None: ...

class EsFlow(_message.Message):
    __slots__ = ("pv_to_load", "pv_to_battery", "pv_to_grid", "battery_to_load", "grid_to_load", "battery_to_grid", "soc")
    PV_TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    PV_TO_BATTERY_FIELD_NUMBER: _ClassVar[int]
    PV_TO_GRID_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    GRID_TO_LOAD_FIELD_NUMBER: _ClassVar[int]
    BATTERY_TO_GRID_FIELD_NUMBER: _ClassVar[int]
    SOC_FIELD_NUMBER: _ClassVar[int]
    pv_to_load: int
    pv_to_battery: int
    pv_to_grid: int
    battery_to_load: int
    grid_to_load: int
    battery_to_grid: int
    soc: int
    def __init__(self, pv_to_load: _Optional[int] = ..., pv_to_battery: _Optional[int] = ..., pv_to_grid: _Optional[int] = ..., battery_to_load: _Optional[int] = ..., grid_to_load: _Optional[int] = ..., battery_to_grid: _Optional[int] = ..., soc: _Optional[int] = ...) -> None: ...

class EsSelfTest(_message.Message):
    __slots__ = ("step", "status", "code")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    step: int
    status: int
    code: int
    def __init__(self, step: _Optional[int] = ..., status: _Optional[int] = ..., code: _Optional[int] = ...) -> None: ...

class EsCharger(_message.Message):
    __slots__ = ("status", "bills")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    BILLS_FIELD_NUMBER: _ClassVar[int]
    status: _containers.RepeatedCompositeFieldContainer[EsChargerStatus]
    bills: _containers.RepeatedCompositeFieldContainer[EsChargerBill]
    def __init__(self, status: _Optional[_Iterable[_Union[EsChargerStatus, _Mapping]]] = ..., bills: _Optional[_Iterable[_Union[EsChargerBill, _Mapping]]] = ...) -> None: ...

class EsChargerStatus(_message.Message):
    __slots__ = ("state", "error_code", "duration", "voltage", "current", "power", "wc", "serial", "green_energy")
    STATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    WC_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    GREEN_ENERGY_FIELD_NUMBER: _ClassVar[int]
    state: int
    error_code: int
    duration: int
    voltage: int
    current: int
    power: int
    wc: int
    serial: int
    green_energy: int
    def __init__(self, state: _Optional[int] = ..., error_code: _Optional[int] = ..., duration: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., wc: _Optional[int] = ..., serial: _Optional[int] = ..., green_energy: _Optional[int] = ...) -> None: ...

class EsChargerBill(_message.Message):
    __slots__ = ("serial", "unix_time", "transaction_id", "start_time", "end_time", "energy", "state", "green_energy")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ENERGY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GREEN_ENERGY_FIELD_NUMBER: _ClassVar[int]
    serial: int
    unix_time: int
    transaction_id: _containers.RepeatedScalarFieldContainer[int]
    start_time: int
    end_time: int
    energy: int
    state: int
    green_energy: int
    def __init__(self, serial: _Optional[int] = ..., unix_time: _Optional[int] = ..., transaction_id: _Optional[_Iterable[int]] = ..., start_time: _Optional[int] = ..., end_time: _Optional[int] = ..., energy: _Optional[int] = ..., state: _Optional[int] = ..., green_energy: _Optional[int] = ...) -> None: ...

class EsMid(_message.Message):
    __slots__ = ("fault_bits", "temp_ambient", "temp_copper", "relay_state", "state")
    FAULT_BITS_FIELD_NUMBER: _ClassVar[int]
    TEMP_AMBIENT_FIELD_NUMBER: _ClassVar[int]
    TEMP_COPPER_FIELD_NUMBER: _ClassVar[int]
    RELAY_STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    fault_bits: int
    temp_ambient: int
    temp_copper: int
    relay_state: int
    state: int
    def __init__(self, fault_bits: _Optional[int] = ..., temp_ambient: _Optional[int] = ..., temp_copper: _Optional[int] = ..., relay_state: _Optional[int] = ..., state: _Optional[int] = ...) -> None: ...

class EsPack(_message.Message):
    __slots__ = ("serial", "state", "heater_state", "dcdc_fault", "out_voltage", "inductor_current1", "inductor_current2", "hv_voltage", "temp_ambient", "temp_radiator", "temp_terminal_pos", "temp_terminal_neg", "bms_fault", "soc", "soh", "voltage", "current", "power", "max_charge_current", "max_discharge_current", "charge_cutoff_voltage", "discharge_cutoff_voltage", "cell_temp_max", "cell_temp_min", "cell_voltage_max", "cell_voltage_min", "discharged_today", "charged_today")
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HEATER_STATE_FIELD_NUMBER: _ClassVar[int]
    DCDC_FAULT_FIELD_NUMBER: _ClassVar[int]
    OUT_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    INDUCTOR_CURRENT1_FIELD_NUMBER: _ClassVar[int]
    INDUCTOR_CURRENT2_FIELD_NUMBER: _ClassVar[int]
    HV_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    TEMP_AMBIENT_FIELD_NUMBER: _ClassVar[int]
    TEMP_RADIATOR_FIELD_NUMBER: _ClassVar[int]
    TEMP_TERMINAL_POS_FIELD_NUMBER: _ClassVar[int]
    TEMP_TERMINAL_NEG_FIELD_NUMBER: _ClassVar[int]
    BMS_FAULT_FIELD_NUMBER: _ClassVar[int]
    SOC_FIELD_NUMBER: _ClassVar[int]
    SOH_FIELD_NUMBER: _ClassVar[int]
    VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    POWER_FIELD_NUMBER: _ClassVar[int]
    MAX_CHARGE_CURRENT_FIELD_NUMBER: _ClassVar[int]
    MAX_DISCHARGE_CURRENT_FIELD_NUMBER: _ClassVar[int]
    CHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_CUTOFF_VOLTAGE_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMP_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_TEMP_MIN_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MAX_FIELD_NUMBER: _ClassVar[int]
    CELL_VOLTAGE_MIN_FIELD_NUMBER: _ClassVar[int]
    DISCHARGED_TODAY_FIELD_NUMBER: _ClassVar[int]
    CHARGED_TODAY_FIELD_NUMBER: _ClassVar[int]
    serial: int
    state: int
    heater_state: int
    dcdc_fault: int
    out_voltage: int
    inductor_current1: int
    inductor_current2: int
    hv_voltage: int
    temp_ambient: int
    temp_radiator: int
    temp_terminal_pos: int
    temp_terminal_neg: int
    bms_fault: int
    soc: int
    soh: int
    voltage: int
    current: int
    power: int
    max_charge_current: int
    max_discharge_current: int
    charge_cutoff_voltage: int
    discharge_cutoff_voltage: int
    cell_temp_max: int
    cell_temp_min: int
    cell_voltage_max: int
    cell_voltage_min: int
    discharged_today: int
    charged_today: int
    def __init__(self, serial: _Optional[int] = ..., state: _Optional[int] = ..., heater_state: _Optional[int] = ..., dcdc_fault: _Optional[int] = ..., out_voltage: _Optional[int] = ..., inductor_current1: _Optional[int] = ..., inductor_current2: _Optional[int] = ..., hv_voltage: _Optional[int] = ..., temp_ambient: _Optional[int] = ..., temp_radiator: _Optional[int] = ..., temp_terminal_pos: _Optional[int] = ..., temp_terminal_neg: _Optional[int] = ..., bms_fault: _Optional[int] = ..., soc: _Optional[int] = ..., soh: _Optional[int] = ..., voltage: _Optional[int] = ..., current: _Optional[int] = ..., power: _Optional[int] = ..., max_charge_current: _Optional[int] = ..., max_discharge_current: _Optional[int] = ..., charge_cutoff_voltage: _Optional[int] = ..., discharge_cutoff_voltage: _Optional[int] = ..., cell_temp_max: _Optional[int] = ..., cell_temp_min: _Optional[int] = ..., cell_voltage_max: _Optional[int] = ..., cell_voltage_min: _Optional[int] = ..., discharged_today: _Optional[int] = ..., charged_today: _Optional[int] = ...) -> None: ...

class EsUserSetRequest(_message.Message):
    __slots__ = ("unix_time", "transaction_id", "target_serials", "mode", "reserve_soc", "max_power", "tariff_dates", "relays", "peak_max_soc", "peak_meter_power", "tou_periods", "mid_settings", "heat_pump")
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_SERIALS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    RESERVE_SOC_FIELD_NUMBER: _ClassVar[int]
    MAX_POWER_FIELD_NUMBER: _ClassVar[int]
    TARIFF_DATES_FIELD_NUMBER: _ClassVar[int]
    RELAYS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MAX_SOC_FIELD_NUMBER: _ClassVar[int]
    PEAK_METER_POWER_FIELD_NUMBER: _ClassVar[int]
    TOU_PERIODS_FIELD_NUMBER: _ClassVar[int]
    MID_SETTINGS_FIELD_NUMBER: _ClassVar[int]
    HEAT_PUMP_FIELD_NUMBER: _ClassVar[int]
    unix_time: int
    transaction_id: int
    target_serials: _containers.RepeatedScalarFieldContainer[int]
    mode: int
    reserve_soc: int
    max_power: int
    tariff_dates: _containers.RepeatedCompositeFieldContainer[TariffDate]
    relays: _containers.RepeatedCompositeFieldContainer[RelaySettings]
    peak_max_soc: int
    peak_meter_power: int
    tou_periods: _containers.RepeatedCompositeFieldContainer[TouPeriod]
    mid_settings: _containers.RepeatedCompositeFieldContainer[MidSettings]
    heat_pump: _containers.RepeatedCompositeFieldContainer[HeatPumpSettings]
    def __init__(self, unix_time: _Optional[int] = ..., transaction_id: _Optional[int] = ..., target_serials: _Optional[_Iterable[int]] = ..., mode: _Optional[int] = ..., reserve_soc: _Optional[int] = ..., max_power: _Optional[int] = ..., tariff_dates: _Optional[_Iterable[_Union[TariffDate, _Mapping]]] = ..., relays: _Optional[_Iterable[_Union[RelaySettings, _Mapping]]] = ..., peak_max_soc: _Optional[int] = ..., peak_meter_power: _Optional[int] = ..., tou_periods: _Optional[_Iterable[_Union[TouPeriod, _Mapping]]] = ..., mid_settings: _Optional[_Iterable[_Union[MidSettings, _Mapping]]] = ..., heat_pump: _Optional[_Iterable[_Union[HeatPumpSettings, _Mapping]]] = ...) -> None: ...

class EsUserSetResponse(_message.Message):
    __slots__ = ("unix_time", "transaction_id", "inverter_serial", "error_code")
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    INVERTER_SERIAL_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    unix_time: int
    transaction_id: int
    inverter_serial: int
    error_code: int
    def __init__(self, unix_time: _Optional[int] = ..., transaction_id: _Optional[int] = ..., inverter_serial: _Optional[int] = ..., error_code: _Optional[int] = ...) -> None: ...

class TariffDate(_message.Message):
    __slots__ = ("date_range", "week_group_1", "week_group_2")
    DATE_RANGE_FIELD_NUMBER: _ClassVar[int]
    WEEK_GROUP_1_FIELD_NUMBER: _ClassVar[int]
    WEEK_GROUP_2_FIELD_NUMBER: _ClassVar[int]
    date_range: int
    week_group_1: TariffWeek
    week_group_2: TariffWeek
    def __init__(self, date_range: _Optional[int] = ..., week_group_1: _Optional[_Union[TariffWeek, _Mapping]] = ..., week_group_2: _Optional[_Union[TariffWeek, _Mapping]] = ...) -> None: ...

class TariffWeek(_message.Message):
    __slots__ = ("weekday_mask", "peak_window", "peak_buy", "peak_sell", "offpeak_window", "offpeak_buy", "offpeak_sell", "rest_buy", "rest_sell")
    WEEKDAY_MASK_FIELD_NUMBER: _ClassVar[int]
    PEAK_WINDOW_FIELD_NUMBER: _ClassVar[int]
    PEAK_BUY_FIELD_NUMBER: _ClassVar[int]
    PEAK_SELL_FIELD_NUMBER: _ClassVar[int]
    OFFPEAK_WINDOW_FIELD_NUMBER: _ClassVar[int]
    OFFPEAK_BUY_FIELD_NUMBER: _ClassVar[int]
    OFFPEAK_SELL_FIELD_NUMBER: _ClassVar[int]
    REST_BUY_FIELD_NUMBER: _ClassVar[int]
    REST_SELL_FIELD_NUMBER: _ClassVar[int]
    weekday_mask: int
    peak_window: int
    peak_buy: int
    peak_sell: int
    offpeak_window: int
    offpeak_buy: int
    offpeak_sell: int
    rest_buy: int
    rest_sell: int
    def __init__(self, weekday_mask: _Optional[int] = ..., peak_window: _Optional[int] = ..., peak_buy: _Optional[int] = ..., peak_sell: _Optional[int] = ..., offpeak_window: _Optional[int] = ..., offpeak_buy: _Optional[int] = ..., offpeak_sell: _Optional[int] = ..., rest_buy: _Optional[int] = ..., rest_sell: _Optional[int] = ...) -> None: ...

class TouPeriod(_message.Message):
    __slots__ = ("charge_window", "charge_power", "discharge_window", "discharge_power", "min_soc", "max_soc")
    CHARGE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    CHARGE_POWER_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_POWER_FIELD_NUMBER: _ClassVar[int]
    MIN_SOC_FIELD_NUMBER: _ClassVar[int]
    MAX_SOC_FIELD_NUMBER: _ClassVar[int]
    charge_window: int
    charge_power: int
    discharge_window: int
    discharge_power: int
    min_soc: int
    max_soc: int
    def __init__(self, charge_window: _Optional[int] = ..., charge_power: _Optional[int] = ..., discharge_window: _Optional[int] = ..., discharge_power: _Optional[int] = ..., min_soc: _Optional[int] = ..., max_soc: _Optional[int] = ...) -> None: ...

class RelaySettings(_message.Message):
    __slots__ = ("function", "manual_switch", "load_mode", "time_mode", "intelligent_mode", "protection_soc", "entrance_breaker_size", "ev_charger_size", "generator")
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    MANUAL_SWITCH_FIELD_NUMBER: _ClassVar[int]
    LOAD_MODE_FIELD_NUMBER: _ClassVar[int]
    TIME_MODE_FIELD_NUMBER: _ClassVar[int]
    INTELLIGENT_MODE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_SOC_FIELD_NUMBER: _ClassVar[int]
    ENTRANCE_BREAKER_SIZE_FIELD_NUMBER: _ClassVar[int]
    EV_CHARGER_SIZE_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    function: int
    manual_switch: int
    load_mode: int
    time_mode: LoadTimeMode
    intelligent_mode: LoadSurplusMode
    protection_soc: int
    entrance_breaker_size: int
    ev_charger_size: int
    generator: GeneratorSettings
    def __init__(self, function: _Optional[int] = ..., manual_switch: _Optional[int] = ..., load_mode: _Optional[int] = ..., time_mode: _Optional[_Union[LoadTimeMode, _Mapping]] = ..., intelligent_mode: _Optional[_Union[LoadSurplusMode, _Mapping]] = ..., protection_soc: _Optional[int] = ..., entrance_breaker_size: _Optional[int] = ..., ev_charger_size: _Optional[int] = ..., generator: _Optional[_Union[GeneratorSettings, _Mapping]] = ...) -> None: ...

class LoadTimeMode(_message.Message):
    __slots__ = ("weekday_mask_1", "window_1a", "window_1b", "weekday_mask_2", "window_2a", "window_2b")
    WEEKDAY_MASK_1_FIELD_NUMBER: _ClassVar[int]
    WINDOW_1A_FIELD_NUMBER: _ClassVar[int]
    WINDOW_1B_FIELD_NUMBER: _ClassVar[int]
    WEEKDAY_MASK_2_FIELD_NUMBER: _ClassVar[int]
    WINDOW_2A_FIELD_NUMBER: _ClassVar[int]
    WINDOW_2B_FIELD_NUMBER: _ClassVar[int]
    weekday_mask_1: int
    window_1a: int
    window_1b: int
    weekday_mask_2: int
    window_2a: int
    window_2b: int
    def __init__(self, weekday_mask_1: _Optional[int] = ..., window_1a: _Optional[int] = ..., window_1b: _Optional[int] = ..., weekday_mask_2: _Optional[int] = ..., window_2a: _Optional[int] = ..., window_2b: _Optional[int] = ...) -> None: ...

class LoadSurplusMode(_message.Message):
    __slots__ = ("weekday_mask_1", "window_1", "weekday_mask_2", "window_2", "min_run_time", "rated_power")
    WEEKDAY_MASK_1_FIELD_NUMBER: _ClassVar[int]
    WINDOW_1_FIELD_NUMBER: _ClassVar[int]
    WEEKDAY_MASK_2_FIELD_NUMBER: _ClassVar[int]
    WINDOW_2_FIELD_NUMBER: _ClassVar[int]
    MIN_RUN_TIME_FIELD_NUMBER: _ClassVar[int]
    RATED_POWER_FIELD_NUMBER: _ClassVar[int]
    weekday_mask_1: int
    window_1: int
    weekday_mask_2: int
    window_2: int
    min_run_time: int
    rated_power: int
    def __init__(self, weekday_mask_1: _Optional[int] = ..., window_1: _Optional[int] = ..., weekday_mask_2: _Optional[int] = ..., window_2: _Optional[int] = ..., min_run_time: _Optional[int] = ..., rated_power: _Optional[int] = ...) -> None: ...

class GeneratorSettings(_message.Message):
    __slots__ = ("run_mode", "start_soc", "stop_soc", "charge_window", "quiet_enable", "quiet_window_1", "quiet_window_2", "exercise")
    RUN_MODE_FIELD_NUMBER: _ClassVar[int]
    START_SOC_FIELD_NUMBER: _ClassVar[int]
    STOP_SOC_FIELD_NUMBER: _ClassVar[int]
    CHARGE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    QUIET_ENABLE_FIELD_NUMBER: _ClassVar[int]
    QUIET_WINDOW_1_FIELD_NUMBER: _ClassVar[int]
    QUIET_WINDOW_2_FIELD_NUMBER: _ClassVar[int]
    EXERCISE_FIELD_NUMBER: _ClassVar[int]
    run_mode: int
    start_soc: int
    stop_soc: int
    charge_window: int
    quiet_enable: int
    quiet_window_1: int
    quiet_window_2: int
    exercise: GeneratorExercise
    def __init__(self, run_mode: _Optional[int] = ..., start_soc: _Optional[int] = ..., stop_soc: _Optional[int] = ..., charge_window: _Optional[int] = ..., quiet_enable: _Optional[int] = ..., quiet_window_1: _Optional[int] = ..., quiet_window_2: _Optional[int] = ..., exercise: _Optional[_Union[GeneratorExercise, _Mapping]] = ...) -> None: ...

class GeneratorExercise(_message.Message):
    __slots__ = ("mode", "frequency", "weekday", "start_time", "duration")
    MODE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    mode: int
    frequency: int
    weekday: int
    start_time: int
    duration: int
    def __init__(self, mode: _Optional[int] = ..., frequency: _Optional[int] = ..., weekday: _Optional[int] = ..., start_time: _Optional[int] = ..., duration: _Optional[int] = ...) -> None: ...

class HeatPumpSettings(_message.Message):
    __slots__ = ("date_ranges", "weekday_masks", "mode", "start_power", "feed_power", "consumption_power", "soc_enable", "min_run_time", "day_run_time", "start_soc", "stop_soc", "max_time_enable")
    DATE_RANGES_FIELD_NUMBER: _ClassVar[int]
    WEEKDAY_MASKS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    START_POWER_FIELD_NUMBER: _ClassVar[int]
    FEED_POWER_FIELD_NUMBER: _ClassVar[int]
    CONSUMPTION_POWER_FIELD_NUMBER: _ClassVar[int]
    SOC_ENABLE_FIELD_NUMBER: _ClassVar[int]
    MIN_RUN_TIME_FIELD_NUMBER: _ClassVar[int]
    DAY_RUN_TIME_FIELD_NUMBER: _ClassVar[int]
    START_SOC_FIELD_NUMBER: _ClassVar[int]
    STOP_SOC_FIELD_NUMBER: _ClassVar[int]
    MAX_TIME_ENABLE_FIELD_NUMBER: _ClassVar[int]
    date_ranges: _containers.RepeatedScalarFieldContainer[int]
    weekday_masks: _containers.RepeatedScalarFieldContainer[int]
    mode: int
    start_power: int
    feed_power: int
    consumption_power: int
    soc_enable: int
    min_run_time: int
    day_run_time: int
    start_soc: int
    stop_soc: int
    max_time_enable: int
    def __init__(self, date_ranges: _Optional[_Iterable[int]] = ..., weekday_masks: _Optional[_Iterable[int]] = ..., mode: _Optional[int] = ..., start_power: _Optional[int] = ..., feed_power: _Optional[int] = ..., consumption_power: _Optional[int] = ..., soc_enable: _Optional[int] = ..., min_run_time: _Optional[int] = ..., day_run_time: _Optional[int] = ..., start_soc: _Optional[int] = ..., stop_soc: _Optional[int] = ..., max_time_enable: _Optional[int] = ...) -> None: ...

class MidSettings(_message.Message):
    __slots__ = ("function", "contacts", "generators")
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    GENERATORS_FIELD_NUMBER: _ClassVar[int]
    function: int
    contacts: _containers.RepeatedCompositeFieldContainer[MidContact]
    generators: _containers.RepeatedCompositeFieldContainer[GeneratorSettings]
    def __init__(self, function: _Optional[int] = ..., contacts: _Optional[_Iterable[_Union[MidContact, _Mapping]]] = ..., generators: _Optional[_Iterable[_Union[GeneratorSettings, _Mapping]]] = ...) -> None: ...

class MidContact(_message.Message):
    __slots__ = ("manual_switch", "load_mode", "time_mode", "intelligent_mode", "protection_soc")
    MANUAL_SWITCH_FIELD_NUMBER: _ClassVar[int]
    LOAD_MODE_FIELD_NUMBER: _ClassVar[int]
    TIME_MODE_FIELD_NUMBER: _ClassVar[int]
    INTELLIGENT_MODE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_SOC_FIELD_NUMBER: _ClassVar[int]
    manual_switch: int
    load_mode: int
    time_mode: LoadTimeMode
    intelligent_mode: LoadSurplusMode
    protection_soc: int
    def __init__(self, manual_switch: _Optional[int] = ..., load_mode: _Optional[int] = ..., time_mode: _Optional[_Union[LoadTimeMode, _Mapping]] = ..., intelligent_mode: _Optional[_Union[LoadSurplusMode, _Mapping]] = ..., protection_soc: _Optional[int] = ...) -> None: ...

class AppInfoRequest(_message.Message):
    __slots__ = ("date_time_text", "tz_offset", "page", "error_code", "unix_time")
    DATE_TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    date_time_text: bytes
    tz_offset: int
    page: int
    error_code: int
    unix_time: int
    def __init__(self, date_time_text: _Optional[bytes] = ..., tz_offset: _Optional[int] = ..., page: _Optional[int] = ..., error_code: _Optional[int] = ..., unix_time: _Optional[int] = ...) -> None: ...

class AppInfoResponse(_message.Message):
    __slots__ = ("stick_serial", "unix_time", "device_count", "pv_count", "page_count", "page", "channel", "stick", "meters", "repeaters", "microinverters", "flags", "features")
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    DEVICE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PV_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STICK_FIELD_NUMBER: _ClassVar[int]
    METERS_FIELD_NUMBER: _ClassVar[int]
    REPEATERS_FIELD_NUMBER: _ClassVar[int]
    MICROINVERTERS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    stick_serial: bytes
    unix_time: int
    device_count: int
    pv_count: int
    page_count: int
    page: int
    channel: int
    stick: AppStickInfo
    meters: _containers.RepeatedCompositeFieldContainer[AppMeterInfo]
    repeaters: _containers.RepeatedCompositeFieldContainer[AppRepeaterInfo]
    microinverters: _containers.RepeatedCompositeFieldContainer[AppMicroInfo]
    flags: int
    features: _containers.RepeatedCompositeFieldContainer[AppFeature]
    def __init__(self, stick_serial: _Optional[bytes] = ..., unix_time: _Optional[int] = ..., device_count: _Optional[int] = ..., pv_count: _Optional[int] = ..., page_count: _Optional[int] = ..., page: _Optional[int] = ..., channel: _Optional[int] = ..., stick: _Optional[_Union[AppStickInfo, _Mapping]] = ..., meters: _Optional[_Iterable[_Union[AppMeterInfo, _Mapping]]] = ..., repeaters: _Optional[_Iterable[_Union[AppRepeaterInfo, _Mapping]]] = ..., microinverters: _Optional[_Iterable[_Union[AppMicroInfo, _Mapping]]] = ..., flags: _Optional[int] = ..., features: _Optional[_Iterable[_Union[AppFeature, _Mapping]]] = ...) -> None: ...

class AppStickInfo(_message.Message):
    __slots__ = ("device_kind", "sw_version", "hw_version", "step_time", "rf_hw", "rf_sw", "network_kind", "comm_time", "signal_quality", "gprs_version", "wifi_version", "sim_number", "rule_id", "error_code", "rs485_mode", "rs485_address", "rf_band", "rf_channel_count", "rf_channel", "rf_rp", "rf_channel_total", "gprs_imei", "sw_build_time", "feature_bits", "slave_handles", "type", "enc_random")
    DEVICE_KIND_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    STEP_TIME_FIELD_NUMBER: _ClassVar[int]
    RF_HW_FIELD_NUMBER: _ClassVar[int]
    RF_SW_FIELD_NUMBER: _ClassVar[int]
    NETWORK_KIND_FIELD_NUMBER: _ClassVar[int]
    COMM_TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_QUALITY_FIELD_NUMBER: _ClassVar[int]
    GPRS_VERSION_FIELD_NUMBER: _ClassVar[int]
    WIFI_VERSION_FIELD_NUMBER: _ClassVar[int]
    SIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    RS485_MODE_FIELD_NUMBER: _ClassVar[int]
    RS485_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    RF_BAND_FIELD_NUMBER: _ClassVar[int]
    RF_CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    RF_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RF_RP_FIELD_NUMBER: _ClassVar[int]
    RF_CHANNEL_TOTAL_FIELD_NUMBER: _ClassVar[int]
    GPRS_IMEI_FIELD_NUMBER: _ClassVar[int]
    SW_BUILD_TIME_FIELD_NUMBER: _ClassVar[int]
    FEATURE_BITS_FIELD_NUMBER: _ClassVar[int]
    SLAVE_HANDLES_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ENC_RANDOM_FIELD_NUMBER: _ClassVar[int]
    device_kind: int
    sw_version: int
    hw_version: int
    step_time: int
    rf_hw: int
    rf_sw: int
    network_kind: int
    comm_time: int
    signal_quality: int
    gprs_version: bytes
    wifi_version: bytes
    sim_number: bytes
    rule_id: int
    error_code: int
    rs485_mode: int
    rs485_address: int
    rf_band: int
    rf_channel_count: int
    rf_channel: int
    rf_rp: int
    rf_channel_total: int
    gprs_imei: bytes
    sw_build_time: int
    feature_bits: int
    slave_handles: _containers.RepeatedScalarFieldContainer[int]
    type: int
    enc_random: bytes
    def __init__(self, device_kind: _Optional[int] = ..., sw_version: _Optional[int] = ..., hw_version: _Optional[int] = ..., step_time: _Optional[int] = ..., rf_hw: _Optional[int] = ..., rf_sw: _Optional[int] = ..., network_kind: _Optional[int] = ..., comm_time: _Optional[int] = ..., signal_quality: _Optional[int] = ..., gprs_version: _Optional[bytes] = ..., wifi_version: _Optional[bytes] = ..., sim_number: _Optional[bytes] = ..., rule_id: _Optional[int] = ..., error_code: _Optional[int] = ..., rs485_mode: _Optional[int] = ..., rs485_address: _Optional[int] = ..., rf_band: _Optional[int] = ..., rf_channel_count: _Optional[int] = ..., rf_channel: _Optional[int] = ..., rf_rp: _Optional[int] = ..., rf_channel_total: _Optional[int] = ..., gprs_imei: _Optional[bytes] = ..., sw_build_time: _Optional[int] = ..., feature_bits: _Optional[int] = ..., slave_handles: _Optional[_Iterable[int]] = ..., type: _Optional[int] = ..., enc_random: _Optional[bytes] = ...) -> None: ...

class AppMeterInfo(_message.Message):
    __slots__ = ("device_kind", "serial", "model", "ct_ratio", "link", "access_mode", "sw_version", "value")
    DEVICE_KIND_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CT_RATIO_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    ACCESS_MODE_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    device_kind: int
    serial: int
    model: int
    ct_ratio: int
    link: int
    access_mode: int
    sw_version: int
    value: bytes
    def __init__(self, device_kind: _Optional[int] = ..., serial: _Optional[int] = ..., model: _Optional[int] = ..., ct_ratio: _Optional[int] = ..., link: _Optional[int] = ..., access_mode: _Optional[int] = ..., sw_version: _Optional[int] = ..., value: _Optional[bytes] = ...) -> None: ...

class AppRepeaterInfo(_message.Message):
    __slots__ = ("device_kind", "serial", "sw_version", "hw_version", "rule_id")
    DEVICE_KIND_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    device_kind: int
    serial: int
    sw_version: int
    hw_version: int
    rule_id: int
    def __init__(self, device_kind: _Optional[int] = ..., serial: _Optional[int] = ..., sw_version: _Optional[int] = ..., hw_version: _Optional[int] = ..., rule_id: _Optional[int] = ...) -> None: ...

class AppMicroInfo(_message.Message):
    __slots__ = ("device_kind", "serial", "bootloader", "sw_version", "hw_part", "hw_version", "grid_profile_code", "grid_profile", "rf_hw", "rf_sw", "rule_id", "sw_build_time")
    DEVICE_KIND_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    BOOTLOADER_FIELD_NUMBER: _ClassVar[int]
    SW_VERSION_FIELD_NUMBER: _ClassVar[int]
    HW_PART_FIELD_NUMBER: _ClassVar[int]
    HW_VERSION_FIELD_NUMBER: _ClassVar[int]
    GRID_PROFILE_CODE_FIELD_NUMBER: _ClassVar[int]
    GRID_PROFILE_FIELD_NUMBER: _ClassVar[int]
    RF_HW_FIELD_NUMBER: _ClassVar[int]
    RF_SW_FIELD_NUMBER: _ClassVar[int]
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    SW_BUILD_TIME_FIELD_NUMBER: _ClassVar[int]
    device_kind: int
    serial: int
    bootloader: int
    sw_version: int
    hw_part: int
    hw_version: int
    grid_profile_code: int
    grid_profile: int
    rf_hw: int
    rf_sw: int
    rule_id: int
    sw_build_time: int
    def __init__(self, device_kind: _Optional[int] = ..., serial: _Optional[int] = ..., bootloader: _Optional[int] = ..., sw_version: _Optional[int] = ..., hw_part: _Optional[int] = ..., hw_version: _Optional[int] = ..., grid_profile_code: _Optional[int] = ..., grid_profile: _Optional[int] = ..., rf_hw: _Optional[int] = ..., rf_sw: _Optional[int] = ..., rule_id: _Optional[int] = ..., sw_build_time: _Optional[int] = ...) -> None: ...

class AppFeature(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: int
    value: bytes
    def __init__(self, key: _Optional[int] = ..., value: _Optional[bytes] = ...) -> None: ...

class AppHeartbeatRequest(_message.Message):
    __slots__ = ("tz_offset", "unix_time", "date_time_text")
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    DATE_TIME_TEXT_FIELD_NUMBER: _ClassVar[int]
    tz_offset: int
    unix_time: int
    date_time_text: bytes
    def __init__(self, tz_offset: _Optional[int] = ..., unix_time: _Optional[int] = ..., date_time_text: _Optional[bytes] = ...) -> None: ...

class AppHeartbeatResponse(_message.Message):
    __slots__ = ("tz_offset", "unix_time", "signal_quality", "stick_serial", "device_serial")
    TZ_OFFSET_FIELD_NUMBER: _ClassVar[int]
    UNIX_TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_QUALITY_FIELD_NUMBER: _ClassVar[int]
    STICK_SERIAL_FIELD_NUMBER: _ClassVar[int]
    DEVICE_SERIAL_FIELD_NUMBER: _ClassVar[int]
    tz_offset: int
    unix_time: int
    signal_quality: int
    stick_serial: bytes
    device_serial: bytes
    def __init__(self, tz_offset: _Optional[int] = ..., unix_time: _Optional[int] = ..., signal_quality: _Optional[int] = ..., stick_serial: _Optional[bytes] = ..., device_serial: _Optional[bytes] = ...) -> None: ...
