"""The battery keeps what it has; the sun may add to it."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.HOLD), reasons=(Reason("hold"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="hold", needs=CommandKind.HOLD, override=True, decide=_decide)
