"""What an Instagen stick answers: one function a command, each from message to payload."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from . import instagen_values
from .instagen_actions import Actions
from .instagen_cloud import Cloud
from .instagen_config import STICK_SERIAL, InstagenConfig
from .instagen_device import InstagenDevice
from .instagen_messages import Message, Value, encode
from .instagen_recording import Recording
from .instagen_windows import number
from .instagen_wire import SilenceError

_SIGNAL_PCT = 76
_WIFI = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One settings message that was acknowledged with 0."""

    at: datetime
    """Simulated time."""
    values: Message
    acts_after_s: float


class Answers:
    """The stick's side of every conversation."""

    def __init__(self, config: InstagenConfig, device: InstagenDevice, actions: Actions) -> None:
        """Speak for a device."""
        self.config = config
        self.device = device
        self.actions = actions
        self.cloud = Cloud(gap_s=config.cloud_gap_s)
        self.recording = Recording(config.recorded) if config.recorded else None
        self.enc_random = b""
        self.writes: list[Write] = []
        self.forced: dict[str, Value | None] = {}
        """Members of the live data by their path; None leaves one out."""
        self.elapsed_s = 0.0
        """Simulated time by which polling is judged."""

    @property
    def stick_serial(self) -> int:
        """Serial number of the stick."""
        return self.recording.stick_serial if self.recording else STICK_SERIAL

    @property
    def _serial_text(self) -> str:
        return f"{self.stick_serial:012X}"

    def _polled(self, command: int, serial: float = 0, page: float = 0) -> None:
        self.cloud.heard(self.elapsed_s, (command, int(serial), int(page)))

    def _gateway(self, _: Message) -> bytes:
        self._polled(0xDB01)
        if self.recording:
            return self.recording.gateway
        return encode(
            "GatewayInfoResponse",
            instagen_values.gateway(self.config, self.device.clock_s, self.enc_random),
        )

    def _registry(self, _: Message) -> bytes:
        self._polled(0xC302)
        if self.recording:
            return self.recording.registry
        device = self.device
        return encode(
            "EsRegistryResponse",
            instagen_values.registry(self.config, device.clock_s, device.zone_s, device.modes.mode),
        )

    def _data(self, asked: Message) -> bytes:
        serial, page = int(number(asked, "inverter_serial")), int(number(asked, "page"))
        self._polled(0xC303, serial, page)
        if self.recording:
            later_s = int(self.elapsed_s // self.config.refresh_s * self.config.refresh_s)
            if (payload := self.recording.data(serial, page, later_s)) is None:
                raise SilenceError(close=True)
            return payload
        if serial not in self.config.serials or page >= self.config.pages:
            raise SilenceError(close=True)
        shown = self.device.shown[self.config.serials.index(serial)]
        for name, value in self.forced.items():
            shown = _with(shown, name.split("."), value)
        if self.config.pages > 1:
            shown = {name: value for name, value in shown.items() if _page(name) in (page, None)}
        return encode("EsDataResponse", shown | {"page_count": self.config.pages, "page": page})

    def _user_set(self, asked: Message) -> bytes:
        code = 0 if self.recording else self.device.check(asked)
        if not code:
            delay_s = 0.0 if self.recording else self.device.write(asked)
            self.writes.append(Write(at=self.device.plant.now, values=asked, acts_after_s=delay_s))
        serials = asked.get("target_serials")
        return encode(
            "EsUserSetResponse",
            {
                "unix_time": self.device.clock_s,
                "transaction_id": number(asked, "transaction_id"),
                "inverter_serial": serials[0] if isinstance(serials, list) and serials else 0,
                "error_code": code,
            },
        )

    def _action(self, asked: Message) -> bytes:
        return encode("GatewayActionResponse", self._stick() | self.actions.start(asked))

    def _action_status(self, asked: Message) -> bytes:
        return encode("GatewayActionStatusResponse", self._stick() | self.actions.status(asked))

    def _legacy_action(self, asked: Message) -> bytes:
        stick: dict[str, Value] = {
            "stick_serial": self._serial_text,
            "unix_time": self.device.clock_s,
        }
        return encode("LegacyActionResponse", stick | self.actions.start(asked))

    def _net(self, _: Message) -> bytes:
        self._polled(0xDB06)
        shown: dict[str, Value] = {
            "set_mode": _WIFI,
            "active_mode": _WIFI,
            "signal_quality": _SIGNAL_PCT,
            "active_state": 1,
        }
        return encode("GatewayNetResponse", self._stick() | shown)

    def _gateway_heartbeat(self, _: Message) -> bytes:
        self._polled(0xDB02)
        shown: dict[str, Value] = {"tz_offset": self.device.zone_s, "signal_quality": _SIGNAL_PCT}
        return encode("GatewayHeartbeatResponse", self._stick() | shown)

    def _heartbeat(self, _: Message) -> bytes:
        self._polled(0xA302)
        return encode(
            "AppHeartbeatResponse",
            {
                "tz_offset": self.device.zone_s,
                "unix_time": self.device.clock_s,
                "signal_quality": _SIGNAL_PCT,
                "stick_serial": self._serial_text,
            },
        )

    def _app_info(self, _: Message) -> bytes:
        self._polled(0xA301)
        if self.recording and self.recording.app_info is not None:
            return self.recording.app_info
        if self.recording or not self.config.app_info:
            raise SilenceError(close=True)
        block: dict[str, Value] = {
            "device_kind": 1,
            "sw_version": instagen_values.STICK_VERSION,
            "network_kind": _WIFI,
            "signal_quality": _SIGNAL_PCT,
            "feature_bits": instagen_values.ENCRYPTION_BIT * self.config.encrypted,
            "enc_random": self.enc_random if self.config.encrypted else b"",
        }
        return encode(
            "AppInfoResponse",
            {
                "stick_serial": self._serial_text,
                "unix_time": self.device.clock_s,
                "device_count": self.config.inverters,
                "page_count": 1,
                "page": 0,
                "stick": block,
            },
        )

    def _nothing(self, _: Message) -> bytes:
        """Answer what sibling sticks know without saying anything."""
        return b""

    def _stick(self) -> dict[str, Value]:
        return {"stick_serial": self.stick_serial, "unix_time": self.device.clock_s}


def _page(name: str) -> int | None:
    """Say on which of two pages a member is; None is on both."""
    if name in ("inverter_serial", "unix_time", "tz_offset"):
        return None
    return int(name in ("battery", "power_flow"))


def _with(message: Value, path: list[str], value: Value | None) -> dict[str, Value]:
    """Copy a message with one member changed, or left out."""
    if not isinstance(message, dict):
        raise TypeError(f"no member {path[0]} in {message!r}")
    name, *rest = path
    if not rest:
        kept = {other: one for other, one in message.items() if other != name}
        return kept if value is None else kept | {name: value}
    inner = message[name]
    if isinstance(inner, list):
        index = int(rest[0])
        return message | {name: [*inner[:index], _with(inner[index], rest[1:], value), *inner[index + 1 :]]}
    return message | {name: _with(inner, rest, value)}


type Handler = Callable[[Answers, Message], bytes]

HANDLERS: dict[int, tuple[str | None, Handler]] = {
    0xDB01: ("GatewayInfoRequest", Answers._gateway),
    0xDB02: ("GatewayHeartbeatRequest", Answers._gateway_heartbeat),
    0xDB03: ("GatewayActionRequest", Answers._action),
    0xDB04: ("GatewayActionStatusRequest", Answers._action_status),
    0xDB06: ("GatewayNetRequest", Answers._net),
    0xC302: ("EsRegistryRequest", Answers._registry),
    0xC303: ("EsDataRequest", Answers._data),
    0xC308: ("EsUserSetRequest", Answers._user_set),
    0xA301: ("AppInfoRequest", Answers._app_info),
    0xA302: ("AppHeartbeatRequest", Answers._heartbeat),
    0xA304: (None, Answers._nothing),
    0xA311: (None, Answers._nothing),
    0xA305: ("LegacyActionRequest", Answers._legacy_action),
    0x2305: ("LegacyActionRequest", Answers._legacy_action),
}
"""Command → message and answer. C3 07, the network settings, memory and settings blocks are not known."""
