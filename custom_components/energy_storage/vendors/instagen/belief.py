"""Which SOC of an Instagen plant can be believed: a leap, or a value that is none, is a missing reading."""

from dataclasses import dataclass
from datetime import datetime

_LEAP_PCT = 5.0
_FULL_PCT = 100


@dataclass(frozen=True, slots=True)
class Belief:
    """The last SOC that could be believed, and one that waits for a second reading like it."""

    soc_pct: float | None = None
    at: datetime | None = None
    """When it was read, UTC."""
    doubted_pct: float | None = None
    doubted_at: datetime | None = None

    def taken(self, soc_pct: float | None, at: datetime) -> Belief:
        """Take in a reading."""
        if soc_pct is None or not 0 <= soc_pct <= _FULL_PCT or at in (self.at, self.doubted_at):
            return self
        near = self.soc_pct is None or abs(soc_pct - self.soc_pct) <= _LEAP_PCT
        again = self.doubted_pct is not None and abs(soc_pct - self.doubted_pct) <= _LEAP_PCT
        if near or again:
            return Belief(soc_pct, at)
        return Belief(self.soc_pct, self.at, soc_pct, at)
