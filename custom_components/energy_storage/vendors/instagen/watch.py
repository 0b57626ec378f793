"""Watches whether the battery does what the plant was told, for nothing else confirms it; pure.

The stick says only that it has taken a message. Source: our protocol facts, sections 5, 7 and 8.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .behaviour import Agreement, Seen, agreement, opposite
from .user_set import UserSet

SETTLES = timedelta(seconds=45)
"""From a message to a reading that can show it: 3 to 8 s to carry it out, 30 s in which nothing is renewed."""
AGAINST = 3
"""So many readings that contradict are no chance."""
_WITHIN = timedelta(minutes=30)
"""Contradictions that lie further apart have nothing to do with each other."""
_STEADY = 3


class Verdict(StrEnum):
    """What the readings since a message come to."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    """The battery does what was told, and did not before, or would not otherwise."""
    NOT_CARRIED_OUT = "not_carried_out"
    """It goes on as before."""
    CHANGED = "changed"
    """It did what was told, or never, and now it does something else: somebody has told it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What was seen since a message."""

    program: UserSet
    since: datetime
    """When it was sent, UTC."""
    before: UserSet | None = None
    """What the plant was told before; None: nobody knows what it ran."""
    seen_before: bool = False
    """It was seen to do what it was told already, before we were restarted."""
    akin: bool = False
    """It was seen to do the same with other numbers, which may look alike."""
    trusted: bool = False
    """Some program was once seen to be carried out on this plant: its readings tell one from another."""
    verdict: Verdict = Verdict.OPEN
    agreed: int = 0
    """Readings in a row that agree, telling or not."""
    against: int = 0
    as_before: int = 0
    """Of those against it, how many agree with what came before."""
    against_at: datetime | None = None
    clock: datetime | None = None
    """The device's time of the last reading that was looked at: the same one is not counted twice."""

    def looked(self, seen: Seen | None, *, read_at: datetime, clock: datetime | None) -> Watch:
        """Look at a reading; `clock` is the device's own time, which only tells one reading from the next."""
        stamp = clock or read_at
        if stamp == self.clock or read_at < self.since + SETTLES:
            return self
        watch = replace(self, clock=stamp)
        if seen is None:
            return watch
        match agreement(self.program, seen):
            case Agreement.AGREES:
                return watch._agree(seen)
            case Agreement.CONTRADICTS:
                return watch._contradict(seen, read_at)
        return watch

    def _agree(self, seen: Seen) -> Watch:
        other = self.before or opposite(self.program, seen)
        agreed = self.agreed + 1
        steady = (self.seen_before or self.akin) and agreed >= _STEADY
        told = steady or agreement(other, seen) is not Agreement.AGREES
        confirmed = told or self.verdict is Verdict.CONFIRMED
        return replace(
            self,
            agreed=agreed,
            against=0,
            as_before=0,
            verdict=Verdict.CONFIRMED if confirmed else Verdict.OPEN,
        )

    def _contradict(self, seen: Seen, at: datetime) -> Watch:
        apart = self.against_at is None or not timedelta(0) <= at - self.against_at <= _WITHIN
        against, as_before = (0, 0) if apart else (self.against, self.as_before)
        against += 1
        if self.before is not None and agreement(self.before, seen) is Agreement.AGREES:
            as_before += 1
        watch = replace(self, agreed=0, against=against, as_before=as_before, against_at=at)
        return watch if against != AGAINST else replace(watch, verdict=watch._against())

    def _against(self) -> Verdict:
        """Say what it means that the battery does not do what it was told."""
        if self.verdict is Verdict.CONFIRMED or self.seen_before:
            return Verdict.CHANGED
        nothing_of_ours = self.before is not None and self.as_before == 0
        return Verdict.CHANGED if self.trusted and nothing_of_ours else Verdict.NOT_CARRIED_OUT
