"""What an Instagen plant is to run without us: self-consumption, or the owner's schedule where that fits."""

from dataclasses import replace

from ..schedule import Schedule, SchedulePeriod
from ..write import CommandRefusedError
from .schedule import Misfit, Prices, economy
from .user_set import LOWEST_RESERVE_PCT, UserSet

UNKNOWN_PRICES = Prices(peak=(0, 0), off_peak=(0, 0), rest=(0, 0))
"""We do not know what the owner pays, and invent nothing: the maker's app shows 0.

The windows say what the plant does, not the prices, as far as anybody knows (protocol facts, section 5.2).
"""


class LeftWith:
    """Keeps the owner's schedule as a program of the plant, or why it is none."""

    def __init__(self, *, wanted: bool = False) -> None:
        """Know no schedule yet; unless `wanted`, none is looked at."""
        self._wanted = wanted
        self._schedule: object = None
        self._program: UserSet | None = None
        self.misfit: str | None = Misfit.MISSING if wanted else None
        """Why the plant is left with self-consumption, though its owner wants something else."""

    def name_schedule[P: SchedulePeriod](self, schedule: Schedule[P] | None) -> None:
        """Take the schedule as it is now; it is looked at once, for that takes a while."""
        if not self._wanted or schedule is self._schedule:
            return
        self._schedule, self._program, self.misfit = schedule, None, Misfit.MISSING
        if schedule is None:
            return
        try:
            self._program = economy(schedule, UNKNOWN_PRICES, reserve=LOWEST_RESERVE_PCT)
        except CommandRefusedError as err:
            self.misfit = err.code
        else:
            self.misfit = None

    def program(self, reserve: int) -> UserSet | None:
        """Give the program, with this reserve or its own higher one in percent; None: self-consumption."""
        if self._program is None:
            return None
        return replace(self._program, reserve_soc=max(reserve, self._program.reserve_soc or 0))
