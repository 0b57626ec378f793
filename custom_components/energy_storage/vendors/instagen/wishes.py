"""What the owner of an Instagen plant wishes of our control, as the options of his plant say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..driver import OptionValue
from .options import LEFT_WITH, SCHEDULE

ISLAND = "allow_off_grid"
"""The owner has allowed going off the grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be done, and may be done."""

    by_schedule: bool = False
    """Without us the plant is to run the owner's schedule; else self-consumption with his reserve."""
    island: bool = False

    @classmethod
    def of(cls, options: Mapping[str, OptionValue]) -> Self:
        """Read the options."""
        return cls(by_schedule=options.get(LEFT_WITH) == SCHEDULE, island=options.get(ISLAND) is True)
