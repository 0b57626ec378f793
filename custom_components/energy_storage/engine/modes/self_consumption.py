"""The battery serves the house, and takes what the sun leaves over."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.SELF_CONSUME), reasons=(Reason("self_consumption"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="self_consumption", needs=CommandKind.SELF_CONSUME, decide=_decide)
