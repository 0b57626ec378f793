"""A stick made of recorded payloads, as a driver's diagnostics hold them."""

from collections.abc import Mapping

from .instagen_messages import decode
from .instagen_windows import number


class Recording:
    """Payloads served as they were recorded, whoever asks and whenever."""

    def __init__(self, payloads: Mapping[str, str]) -> None:
        """Take payloads in hexadecimal by name.

        `gateway`, `registry`, and more whose names begin with `data`; these say themselves of which
        inverter and page they are.
        """
        found = {name: bytes.fromhex(text) for name, text in payloads.items()}
        self.gateway = found["gateway"]
        self.registry = found["registry"]
        self.data: dict[tuple[int, int], bytes] = {}
        for name, payload in found.items():
            if name.startswith("data"):
                message = decode("EsDataResponse", payload)
                self.data[int(number(message, "inverter_serial")), int(number(message, "page"))] = payload
        self.stick_serial = int(number(decode("GatewayInfoResponse", self.gateway), "stick_serial"))
