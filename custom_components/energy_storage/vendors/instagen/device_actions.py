"""Device actions: restart, on and off, and so on. Understood, never sent; no I/O.

Source: our protocol facts, section 6. Nobody has run them on this device, and some would harm it.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from . import storage_pb2 as proto
from .payload import Proto, parts


class Action(IntEnum):
    """What can be asked for; stick actions from 4096, inverter actions from 8193."""

    STICK_RESTART = 4096
    STICK_FACTORY_RESET = 4097
    STICK_STOP_COMMANDS = 4098
    STICK_COLLECT_DATA = 4099
    STICK_COLLECT_VERSIONS = 4100
    STICK_SEARCH = 4101
    STICK_UPGRADE = 4102
    DEVICE_UPGRADE = 4112
    INVERTER_ON = 8193
    INVERTER_OFF = 8194
    INVERTER_RESTART = 8195
    INVERTER_FACTORY_RESET = 8196
    CLEAR_WARNINGS = 8197
    CLEAR_HISTORY = 8198
    UPLOAD_DATA = 8199
    SEARCH_DEVICES = 8200
    BATTERY_BALANCE = 8208
    BATTERY_RESTART = 8224
    BATTERY_URGENT_CHARGE = 8225


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequest:
    """Asks for an action. `target_serials`: of the inverters it is for; none for the stick itself."""

    PROTO: ClassVar[Proto] = proto.GatewayActionRequest

    unix_time: int | None = None
    action: int | None = None
    page_count: int | None = None
    page: int | None = None
    transaction_id: int | None = None
    data: bytes | None = None
    target_serials: tuple[int, ...] = ()
    crc: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAnswer:
    """Whether an action was taken: `error_code` 0, probably."""

    PROTO: ClassVar[Proto] = proto.GatewayActionResponse

    stick_serial: int | None = None
    unix_time: int | None = None
    action: int | None = None
    page: int | None = None
    transaction_id: int | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionProgress:
    """How far a device is; -1 is not started."""

    PROTO: ClassVar[Proto] = proto.ActionProgress

    serial: int | None = None
    percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionError:
    """What went wrong on a device."""

    PROTO: ClassVar[Proto] = proto.ActionError

    serial: int | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStatusRequest:
    """Asks how far an action is."""

    PROTO: ClassVar[Proto] = proto.GatewayActionStatusRequest

    unix_time: int | None = None
    action: int | None = None
    page: int | None = None
    transaction_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStatus:
    """How far an action is."""

    PROTO: ClassVar[Proto] = proto.GatewayActionStatusResponse

    stick_serial: int | None = None
    unix_time: int | None = None
    action: int | None = None
    page_count: int | None = None
    page: int | None = None
    transaction_id: int | None = None
    done_serials: tuple[int, ...] = ()
    failed_serials: tuple[int, ...] = ()
    progress: tuple[ActionProgress, ...] = parts(ActionProgress)
    errors: tuple[ActionError, ...] = parts(ActionError)
    status: int | None = None
    type: int | None = None
