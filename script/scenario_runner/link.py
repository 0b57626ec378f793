"""What lies between us and a plant: how old readings are, how long writes take, and what is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How long things take on a link, and how much goes wrong by chance."""

    poll_s: float = 5.0
    """Between two readings, and so between two decisions."""
    age_s: float = 0.0
    """How old a reading is when it is decided upon."""
    write_spacing_s: float = 0.0
    """Between two writes."""
    enter_s: float = 0.0
    """Until remote control is in force."""
    obey_s: float = 0.0
    """From a write to its effect."""
    loss: float = 0.0
    """Share of readings and writes whose answer never comes; half of such writes are executed."""
    refusals: float = 0.0
    """Share of writes that the plant refuses."""
    timeout_s: float = 8.0
    """How long a lost answer is waited for."""
    seed: int = 1

    @property
    def react_s(self) -> float:
        """The longest from a change in the house to its correction."""
        return self.age_s + self.poll_s + self.write_spacing_s + self.obey_s


PRESETS: Mapping[str, Link] = {
    "ideal": Link(),
    "sigen": Link(age_s=0.5, write_spacing_s=1.0, enter_s=3.0, obey_s=1.0),
    "sigen_slow": Link(poll_s=10.0, age_s=2.0, write_spacing_s=2.0, enter_s=6.0, obey_s=3.0, loss=0.01),
    "sigen_lossy": Link(age_s=0.5, write_spacing_s=1.0, enter_s=3.0, obey_s=1.0, loss=0.1, refusals=0.02),
    "instagen": Link(poll_s=35.0, age_s=30.0, write_spacing_s=60.0, enter_s=3.0, obey_s=10.0),
    "stick": Link(poll_s=35.0, age_s=30.0, write_spacing_s=2.0, obey_s=8.0),
    "stick_lossy": Link(poll_s=35.0, age_s=30.0, write_spacing_s=2.0, obey_s=8.0, loss=0.1, refusals=0.02),
}
"""`instagen` is a plant that is read every 35 s and written once a minute, whatever its vendor; `stick` is
that of an Instagen plant, whose driver keeps the minute by itself and lets nothing wait that narrows."""


def link_of(written: str | Mapping[str, Any]) -> Link:
    """Read a link: the name of a preset, or numbers, which may start from one."""
    if isinstance(written, str):
        return PRESETS[written]
    numbers = dict(written)
    return replace(PRESETS[numbers.pop("preset", "ideal")], **numbers)
