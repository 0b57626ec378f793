"""Whether the way a stick is asked would have stopped its upload to the maker's cloud.

Source: section 7 of the fact file: reports about sibling sticks. Asking for the same thing again within
32 s (newer firmware: 120 s) stops it, and so does asking at exact multiples of 30 s for two hours; 300 s
were fine. Commands are no polling and are not judged.
"""

from dataclasses import dataclass, field
from typing import Literal

_RHYTHM_S = 30.0
_RHYTHM_ENDS_S = 300.0
_EXACTLY_S = 0.5
_RHYTHM_BLOCKS_S = 7200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One request that would have stopped the upload."""

    at_s: float
    what: tuple[int, ...]
    """Command, inverter and page."""
    gap_s: float
    why: Literal["too_often", "multiple_of_30_s"]


@dataclass(slots=True, kw_only=True)
class Cloud:
    """The judge of one stick."""

    gap_s: float = 32.0
    breaches: list[Breach] = field(default_factory=list)
    _asked: dict[tuple[int, ...], float] = field(default_factory=dict)
    _rhythm: dict[tuple[int, ...], float] = field(default_factory=dict)
    """Since when something is asked for at multiples of 30 s."""

    @property
    def blocked(self) -> bool:
        """Whether the upload would have stopped at some time."""
        return bool(self.breaches)

    def heard(self, at_s: float, what: tuple[int, ...]) -> None:
        """Judge one request by the last one of the same kind."""
        before_s = self._asked.get(what)
        self._asked[what] = at_s
        if before_s is None:
            return
        gap_s = at_s - before_s
        if gap_s < self.gap_s:
            self.breaches.append(Breach(at_s=at_s, what=what, gap_s=gap_s, why="too_often"))
        off_s = abs(gap_s - _RHYTHM_S * round(gap_s / _RHYTHM_S))
        if off_s > _EXACTLY_S or gap_s > _RHYTHM_ENDS_S - _EXACTLY_S:
            self._rhythm.pop(what, None)
        elif at_s - self._rhythm.setdefault(what, before_s) >= _RHYTHM_BLOCKS_S:
            self.breaches.append(Breach(at_s=at_s, what=what, gap_s=gap_s, why="multiple_of_30_s"))
