"""The plant leaves the grid and runs alone, until a person ends it."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.ISLAND), reasons=(Reason("off_grid"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="off_grid", needs=CommandKind.ISLAND, override=True, decide=_decide)
