"""The plant runs the program that the owner named for the time without us."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.RELEASE), reasons=(Reason("device"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="device", needs=CommandKind.RELEASE, decide=_decide)
