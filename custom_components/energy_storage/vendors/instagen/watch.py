"""Watches whether the battery does what the plant was told, for nothing else confirms it; pure.

The stick says only that it has taken a message. Source: our protocol facts, sections 5, 7 and 8.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .behaviour import Agreement, Seen, agreement, opposite, stands
from .user_set import UserSet

SETTLES = timedelta(seconds=45)
"""From a message to a reading that can show it: 8 s to carry it out, 30 s until all is renewed."""
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
    before: tuple[UserSet, ...] = ()
    """What of us the plant may have run before."""
    strange: bool = False
    """It may as well have run what was not of us."""
    seen_before: bool = False
    """It was seen to do what it was told already, before we were restarted."""
    akin: bool = False
    """It was seen to do the same with other numbers, which may look alike."""
    trusted: bool = False
    """Some program was once seen to be carried out on this plant: its readings tell one from another."""
    verdict: Verdict = Verdict.OPEN
    agreed: int = 0
    """Readings in a row that agree, telling or not."""
    gave: bool = False
    """It was seen to give, so that one sees it stop."""
    stood: int = 0
    """Readings in a row in which it stood at its reserve, since it gave."""
    against: int = 0
    as_before: int = 0
    """Of those against it, how many agree with what came before."""
    against_at: datetime | None = None
    clock: datetime | None = None
    """The device's time of the last reading that was looked at: the same one is not counted twice."""

    def looked(self, seen: Seen | None, *, read_at: datetime, clock: datetime | None) -> Watch:
        """Look at a reading; `clock` is the device's own time, which only tells one reading from the next."""
        stamp = clock or read_at
        if read_at < self.since:  # our own clock was set back
            return replace(self, since=read_at)
        if stamp == self.clock or read_at < self.since + SETTLES:
            return self
        watch = replace(self, clock=stamp)
        if seen is None:
            return watch
        match agreement(self.program, seen):
            case Agreement.AGREES:
                return _agreed(watch, seen)
            case Agreement.CONTRADICTS:
                return _contradicted(watch, seen, read_at)
        return watch


def _agreed(watch: Watch, seen: Seen) -> Watch:
    """Take in a reading that agrees; it confirms where what ran before would look otherwise."""
    plain = () if watch.before and not watch.strange else (opposite(watch.program, seen),)
    others = (*watch.before, *plain)
    agreed = watch.agreed + 1
    steady = (watch.seen_before or watch.akin) and agreed >= _STEADY
    stood = watch.stood + 1 if watch.gave and stands(watch.program, seen) else 0
    telling = steady or stood >= _STEADY
    telling = telling or all(agreement(other, seen) is not Agreement.AGREES for other in others)
    confirmed = telling or watch.verdict is Verdict.CONFIRMED
    verdict = Verdict.CONFIRMED if confirmed else Verdict.OPEN
    gave = watch.gave or seen.battery_w > seen.tolerance_w
    watch = replace(watch, agreed=agreed, gave=gave, stood=stood, verdict=verdict)
    return replace(watch, against=0, as_before=0)


def _contradicted(watch: Watch, seen: Seen, at: datetime) -> Watch:
    """Take in a reading that contradicts; a few of them in a row mean something."""
    apart = watch.against_at is None or not timedelta(0) <= at - watch.against_at <= _WITHIN
    against, as_before = (0, 0) if apart else (watch.against, watch.as_before)
    if any(agreement(before, seen) is Agreement.AGREES for before in watch.before):
        as_before += 1
    watch = replace(watch, agreed=0, against=against + 1, as_before=as_before, against_at=at)
    return watch if watch.against != AGAINST else replace(watch, verdict=_meant(watch))


def _meant(watch: Watch) -> Verdict:
    """Say what it means that the battery does not do what it was told."""
    if watch.verdict is Verdict.CONFIRMED or watch.seen_before:
        return Verdict.CHANGED
    nothing_of_ours = bool(watch.before) and not watch.strange and watch.as_before == 0
    return Verdict.CHANGED if watch.trusted and nothing_of_ours else Verdict.NOT_CARRIED_OUT
