"""A stick made of recorded payloads, as a driver's diagnostics hold them."""

from collections.abc import Mapping

from .instagen_messages import decode, encode
from .instagen_windows import number


class Recording:
    """Payloads served as they were recorded, whoever asks; only their clock goes on."""

    def __init__(self, payloads: Mapping[str, str]) -> None:
        """Take payloads in hexadecimal by name.

        `gateway`, `registry`, perhaps `app_info`, and more whose names begin with `data`; these say
        themselves of which inverter and page they are.
        """
        found = {name: bytes.fromhex(text) for name, text in payloads.items()}
        self.gateway = found["gateway"]
        self.registry = found["registry"]
        self.app_info = found.get("app_info")
        self._data: dict[tuple[int, int], bytes] = {}
        for name, payload in found.items():
            if name.startswith("data"):
                message = decode("EsDataResponse", payload)
                self._data[int(number(message, "inverter_serial")), int(number(message, "page"))] = payload
        self.stick_serial = int(number(decode("GatewayInfoResponse", self.gateway), "stick_serial"))

    def data(self, serial: int, page: int, seconds: int) -> bytes | None:
        """Give the live data of an inverter so many seconds later; None where nothing was recorded.

        What our table cannot write byte for byte stays as it is, clock and all.
        """
        if (payload := self._data.get((serial, page))) is None:
            return None
        message = decode("EsDataResponse", payload)
        if not seconds or "unix_time" not in message or encode("EsDataResponse", message) != payload:
            return payload
        return encode("EsDataResponse", message | {"unix_time": number(message, "unix_time") + seconds})
