"""The output is as high as it can be: sun first, then battery; what cannot be fed in charges it."""

from ..command import BatteryCommand, CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Mode, Wish

_WISH = Wish(command=BatteryCommand(kind=CommandKind.FEED_IN), reasons=(Reason("full_feed_in"),))


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:
    return _WISH


MODE = Mode(key="full_feed_in", needs=CommandKind.FEED_IN, decide=_decide)
