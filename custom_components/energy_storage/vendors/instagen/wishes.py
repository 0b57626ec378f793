"""What the owner of an Instagen plant wishes of our control, as the options of his plant say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..driver import OptionValue
from .record import program_of
from .user_set import UserSet
from .write_guards import owners

PROGRAM = "instagen_program"
"""The program to leave the plant with, as the payload of its message in hexadecimal digits."""
ISLAND = "allow_off_grid"
"""The owner has allowed going off the grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is to be done, and may be done."""

    named: UserSet | None = None
    """None: self-consumption with the owner's reserve."""
    island: bool = False

    @classmethod
    def of(cls, options: Mapping[str, OptionValue]) -> Self:
        """Read the options; a program that no plant may be left alone with is none."""
        program = program_of(options.get(PROGRAM))
        try:
            named = None if program is None else owners(program)
        except ValueError:
            named = None
        return cls(named=named, island=options.get(ISLAND) is True)

    def program(self) -> UserSet | None:
        """Give the program to leave the plant with."""
        return self.named
