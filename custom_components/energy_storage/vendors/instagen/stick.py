"""What a stick can be asked, as calls that give messages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from ..driver import DriverConnectionError, LinkFault
from .frame import STICK
from .link import Link, Request
from .live_data import LiveData
from .messages import (
    TZ_OFFSET_S,
    AppInfo,
    AppInfoRequest,
    Command,
    DataRequest,
    GatewayInfo,
    GatewayInfoRequest,
    Registry,
    RegistryRequest,
    local_text,
    merge,
)
from .payload import Payload, PayloadError, decode, encode
from .user_set import UserSet, UserSetAnswer, check

MAX_PAGES = 16
_MASTER = 1

type Now = Callable[[], datetime]


class Stick:
    """One stick, which tells about the inverters behind it. Every method raises only `DriverError`."""

    def __init__(self, link: Link, *, now: Now, zone: tzinfo | None = None) -> None:
        """Take the way to it, and the zone of its house, else of this machine; nothing is asked yet."""
        self.link = link
        self.serial = 0
        """Known after `gateway_info`."""
        self._now = now
        self._zone = zone
        self._payloads: dict[tuple[Command, int, int], bytes] = {}

    @property
    def payloads(self) -> Mapping[tuple[Command, int, int], bytes]:
        """Command, target and page → what was answered last."""
        return self._payloads

    async def gateway_info(self) -> GatewayInfo:
        """Ask who the stick is; from then on it is addressed by its serial number."""

        def request(page: int) -> GatewayInfoRequest:
            return GatewayInfoRequest(page=page or None, unix_time=self._unix_time(), tz_offset=TZ_OFFSET_S)

        info = await self._pages(Command.GATEWAY_INFO, STICK, GatewayInfo, request)
        if (info.stick_serial or 0) <= 0:
            raise DriverConnectionError("a stick without a serial number", LinkFault.GARBLED)
        self.serial = info.stick_serial or 0
        return info

    async def registry(self) -> Registry:
        """Ask which inverters there are."""

        def request(page: int) -> RegistryRequest:
            return RegistryRequest(
                unix_time=self._unix_time(),
                date_time_text=local_text(self._now().astimezone(self._zone)),
                tz_offset=TZ_OFFSET_S,
                page=page or None,
            )

        return await self._pages(Command.REGISTRY, _MASTER, Registry, request)

    async def live_data(self, inverter: int, target: int) -> LiveData:
        """Ask what one inverter says about now.

        Raises:
            DriverConnectionError: no answer, or that of another inverter.

        """

        def request(page: int) -> DataRequest:
            return DataRequest(
                unix_time=self._unix_time(),
                date_time_text=local_text(self._now().astimezone(self._zone)),
                tz_offset=TZ_OFFSET_S,
                page=page or None,
                inverter_serial=inverter,
            )

        data = await self._pages(Command.DATA, target, LiveData, request)
        if data.inverter_serial != inverter:
            raise DriverConnectionError("another inverter answered", LinkFault.GARBLED)
        return data

    async def app_info(self) -> AppInfo:
        """Ask in a standard frame, which sticks of all kinds answer unencrypted."""
        request = AppInfoRequest(
            date_time_text=local_text(self._now().astimezone(self._zone)),
            tz_offset=TZ_OFFSET_S,
            unix_time=self._unix_time(),
        )
        return await self._message(Command.APP_INFO, STICK, AppInfo, request)

    async def set_user(self, settings: UserSet, inverter: int, target: int) -> int:
        """Send settings to one inverter; give the error code of the answer.

        0 is taken, which does not mean carried out; nobody has published what the others stand for.

        Raises:
            ValueError: they must not be sent; see `user_set.check`.
            DriverConnectionError: no usable answer; they may have arrived all the same.

        """
        check(settings)
        at = self._unix_time()
        sent = replace(settings, unix_time=at, transaction_id=at, target_serials=(inverter,))
        answer = await self._message(Command.USER_SET, target, UserSetAnswer, sent)
        if (answer.transaction_id, answer.inverter_serial) != (at, inverter):
            raise DriverConnectionError("the answer to other settings", LinkFault.GARBLED)
        return answer.error_code or 0

    async def _pages[T: (GatewayInfo, Registry, LiveData)](
        self, command: Command, target: int, kind: type[T], request: Callable[[int], Payload]
    ) -> T:
        """Ask for all pages of an answer; a stick that gives the same page again has no more."""
        whole = await self._message(command, target, kind, request(0))
        for page in range(1, min(whole.page_count or 1, MAX_PAGES)):
            later = await self._message(command, target, kind, request(page), page)
            if later.page != page:
                break
            whole = merge(whole, later)
        return whole

    async def _message[T: Payload](
        self, command: Command, target: int, kind: type[T], request: Payload, page: int = 0
    ) -> T:
        serial = 0 if command is Command.GATEWAY_INFO else self.serial
        payload = await self.link.ask(
            Request(command=command, payload=encode(request), serial=serial, target=target)
        )
        try:
            message = decode(kind, payload)
        except PayloadError as err:
            raise DriverConnectionError(str(err), LinkFault.GARBLED) from err
        self._payloads[command, target, page] = payload
        return message

    def _unix_time(self) -> int:
        return int(self._now().timestamp())
