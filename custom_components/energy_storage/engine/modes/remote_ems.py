"""A third party says what the battery does, inside the owner's limits; its silence has a fallback."""

from ..command import CommandKind
from ..decision import Reason
from ..inputs import Inputs
from ..memory import Memory
from ..settings import Settings
from .mode import Instead, Mode, Wish

_OWN = Reason("remote_ems")


def _decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish | Instead:
    dispatch = memory.lasting.dispatch
    if dispatch is None or not dispatch.holds(inputs.now):
        return Instead(mode=settings.remote_ems_fallback, reasons=(_OWN, Reason("no_dispatch")))
    return Wish(command=dispatch.command, reasons=(_OWN, Reason("dispatch", sender=dispatch.sender)))


MODE = Mode(key="remote_ems", needs=CommandKind.SELF_CONSUME, decide=_decide)
