"""The sun serves the house and the grid; the storage is not used."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.IDLE), reasons=(Reason("pv_only"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="pv_only", needs=CommandKind.IDLE, decide=_decide)
