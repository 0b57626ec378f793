"""The battery neither gives nor takes."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.IDLE), reasons=(Reason("standby"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="standby", needs=CommandKind.IDLE, decide=_decide)
