"""The actions of an Instagen stick (section 6 of the fact file): restarts, on, off, and harmless ones."""

from collections.abc import Callable

from .instagen_device import InstagenDevice
from .instagen_messages import Message, Value
from .instagen_modes import INVALID, UNSUPPORTED
from .instagen_windows import number

STICK_RESTART, STOP_COMMANDS = (4096, 1), 4098
ON, OFF, RESTART = 8193, 8194, 8195
_REFRESH = (4099, 8199)
_HARMLESS = (4100, 4101, 8197, 8198, 8200)
_RESTART_S = 60.0


class Actions:
    """What was commanded; factory resets and upgrades are refused, so that a test sees who asks for them."""

    def __init__(self, device: InstagenDevice, restart_stick: Callable[[], None]) -> None:
        """Act on a device."""
        self.done: list[int] = []
        self.refused: list[int] = []
        self._device = device
        self._restart_stick = restart_stick
        self._serials: dict[int, list[int]] = {}
        """Transaction → the inverters that it was for."""

    def start(self, asked: Message) -> dict[str, Value]:
        """Begin an action; error 0 says that it was accepted."""
        action = int(number(asked, "action"))
        targets = asked.get("target_serials", [])
        serials = [one for one in targets if isinstance(one, int)] if isinstance(targets, list) else []
        code = self._act(action, serials)
        (self.refused if code else self.done).append(action)
        transaction = int(number(asked, "transaction_id"))
        if not code:
            self._serials[transaction] = serials
        return {"action": action, "page": 0, "transaction_id": transaction, "error_code": code}

    def status(self, asked: Message) -> dict[str, Value]:
        """Tell how far an action is; one that nobody started has no inverters."""
        transaction = int(number(asked, "transaction_id"))
        serials = self._serials.get(transaction, [])
        return {
            "action": number(asked, "action"),
            "page_count": 1,
            "page": 0,
            "transaction_id": transaction,
            "done_serials": serials,
            "progress": [{"serial": serial, "percent": 100} for serial in serials],
            "status": 0,
        }

    def _act(self, action: int, serials: list[int]) -> int:
        device = self._device
        if action in (ON, OFF, RESTART):
            if not serials or set(serials) - set(device.config.serials):
                return INVALID
            for serial in serials:
                if action == RESTART:
                    device.restart(serial, _RESTART_S)
                else:
                    device.switch(serial, on=action == ON)
        elif action in STICK_RESTART:
            self._restart_stick()
        elif action == STOP_COMMANDS:
            device.forget()
        elif action in _REFRESH:
            device.refresh()
        elif action not in _HARMLESS:
            return UNSUPPORTED
        return 0
