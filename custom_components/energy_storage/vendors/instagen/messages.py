"""What is asked of an Instagen stick and what it answers, live data and settings apart; no I/O.

Source: our protocol facts, sections 3 and 4. Live data is in `live_data`, settings (`UserSet`) in `user_set`,
device actions in `device_actions`.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any, ClassVar

from . import storage_pb2 as proto
from .payload import Payload, Proto, part, parts, text

TZ_OFFSET_S = 28_800
"""A constant that every client sends; it is not the owner's time zone."""


class Command(IntEnum):
    """The requests that are known to work, and those that are only understood."""

    GATEWAY_INFO = 0xDB01
    GATEWAY_ACTION = 0xDB03
    GATEWAY_ACTION_STATUS = 0xDB04
    REGISTRY = 0xC302
    DATA = 0xC303
    USER_SET = 0xC308
    APP_INFO = 0xA301
    APP_HEARTBEAT = 0xA302


class DeviceClass(IntEnum):
    """What a device behind the stick is."""

    STICK_OF_MICROINVERTERS = 1
    MICROINVERTER = 3
    METER = 5
    INVERTER = 6
    STICK = 9
    BATTERY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayBlock:
    """The stick itself. Versions are packed, see `version_text`; `enc_random` changes at each start."""

    PROTO: ClassVar[Proto] = proto.GatewayBlock

    model_code: int | None = None
    sw_version: int | None = None
    hw_version: int | None = None
    link_kind: int | None = None
    wifi_version: str | None = text()
    feature_bits: int | None = None
    enc_random: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayChild:
    """A device behind the stick. Its bus address is the target in the frames to it."""

    PROTO: ClassVar[Proto] = proto.GatewayChild

    serial: int | None = None
    device_class: int | None = None
    bus_address: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInfoRequest:
    """Asks who the stick is; the one request that needs no serial number."""

    PROTO: ClassVar[Proto] = proto.GatewayInfoRequest

    page: int | None = None
    unix_time: int | None = None
    tz_offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInfo:
    """Who the stick is and what is behind it."""

    PROTO: ClassVar[Proto] = proto.GatewayInfoResponse

    stick_serial: int | None = None
    unix_time: int | None = None
    page_count: int | None = None
    page: int | None = None
    gateway: tuple[GatewayBlock, ...] = parts(GatewayBlock)
    devices: tuple[GatewayChild, ...] = parts(GatewayChild)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRef:
    """The meters of the plant."""

    PROTO: ClassVar[Proto] = proto.EsMeterRef

    grid_meter_serial: str | None = text()
    pv_meter_serial: str | None = text()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRef:
    """One pack of a battery."""

    PROTO: ClassVar[Proto] = proto.EsPackRef

    circuit_no: int | None = None
    serial: int | None = None
    dcdc_sw: int | None = None
    bms_sw: int | None = None
    sox_version: int | None = None
    hw_version: int | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MidRef:
    """An external islanding box."""

    PROTO: ClassVar[Proto] = proto.EsMidRef

    serial: int | None = None
    sw_version: int | None = None
    hw_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InverterRef:
    """One inverter and its battery.

    `bus_address` is the target of frames to it; `battery_capacity` is in 0.1 kWh, probably.
    """

    PROTO: ClassVar[Proto] = proto.EsInverterRef

    serial: int | None = None
    type: int | None = None
    hw_version: str | None = text()
    sw_main: str | None = text()
    sw_safety: str | None = text()
    sw_system: str | None = text()
    battery_serial: str | None = text()
    battery_hw: str | None = text()
    battery_sw: str | None = text()
    battery_capacity: int | None = None
    pv_input_count: int | None = None
    bus_address: int | None = None
    model_name: str | None = text()
    bms_protocol: int | None = None
    battery_type: int | None = None
    battery_packs: tuple[PackRef, ...] = parts(PackRef)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRequest:
    """Asks for the inverters of the plant."""

    PROTO: ClassVar[Proto] = proto.EsRegistryRequest

    unix_time: int | None = None
    date_time_text: str | None = text()
    tz_offset: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The inverters of the plant. `ems_mode_or_module` may be the battery mode; nobody knows."""

    PROTO: ClassVar[Proto] = proto.EsRegistryResponse

    type: int | None = None
    meters: MeterRef | None = part(MeterRef)
    inverters: tuple[InverterRef, ...] = parts(InverterRef)
    generator_port_mode: int | None = None
    unix_time: int | None = None
    tz_offset: int | None = None
    mid_old: tuple[MidRef, ...] = parts(MidRef)
    feature_bits: int | None = None
    ems_mode_or_module: int | None = None
    mid: tuple[MidRef, ...] = parts(MidRef)
    page_count: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequest:
    """Asks for the live data of one inverter."""

    PROTO: ClassVar[Proto] = proto.EsDataRequest

    unix_time: int | None = None
    date_time_text: str | None = text()
    tz_offset: int | None = None
    page: int | None = None
    inverter_serial: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfoRequest:
    """Asks a stick of any kind for its versions, in a standard frame."""

    PROTO: ClassVar[Proto] = proto.AppInfoRequest

    date_time_text: str | None = text()
    tz_offset: int | None = None
    page: int | None = None
    error_code: int | None = None
    unix_time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStick:
    """What a stick of any kind says about itself."""

    PROTO: ClassVar[Proto] = proto.AppStickInfo

    sw_version: int | None = None
    hw_version: int | None = None
    signal_quality: int | None = None
    wifi_version: str | None = text()
    error_code: int | None = None
    feature_bits: int | None = None
    enc_random: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """The answer of a stick of any kind."""

    PROTO: ClassVar[Proto] = proto.AppInfoResponse

    stick_serial: str | None = text()
    unix_time: int | None = None
    device_count: int | None = None
    pv_count: int | None = None
    page_count: int | None = None
    page: int | None = None
    stick: AppStick | None = part(AppStick)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppHeartbeatRequest:
    """Keeps a long connection alive; sent by others, and it stops the upload to the cloud."""

    PROTO: ClassVar[Proto] = proto.AppHeartbeatRequest

    tz_offset: int | None = None
    unix_time: int | None = None
    date_time_text: str | None = text()


def version_text(packed: int | None) -> str | None:
    """Give a version number of the stick as people write it: 4105 is `01.00.09`."""
    return None if packed is None else f"{packed >> 12:02}.{packed >> 8 & 15:02}.{packed & 255:02}"


def serial_text(serial: int | None) -> str | None:
    """Give a serial number as it stands on the device: twelve hexadecimal digits; None for 0."""
    return f"{serial:012X}" if serial else None


def local_text(at: datetime) -> str:
    """Give a moment as the stick reads it: wall-clock time of the zone that `at` carries."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def merge[T: Payload](first: T, later: T) -> T:
    """Put two pages of an answer together: lists are joined, members that the first lacks are taken over."""
    names = [one.name for one in fields(first)]
    return replace(first, **{name: _both(getattr(first, name), getattr(later, name)) for name in names})


def _both(first: Any, later: Any) -> Any:
    if isinstance(first, tuple):
        return first + later
    if first is None or later is None:
        return later if first is None else first
    return merge(first, later) if is_dataclass(first) else first
