"""The alarms that a Chint device reports: bits of its alarm words, by the table of its profile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ...engine.plant import Alarm, AlarmLevel
from .profile import Evidence, Fault, Profile

_BITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WordReading:
    """An alarm word as the device gave it."""

    device: str
    row: str
    bits: int | None
    """None while it is not known."""


class AlarmLog:
    """Remembers since when each alarm is there."""

    def __init__(self) -> None:
        """Begin without alarms."""
        self._since: dict[tuple[str, int], datetime] = {}

    def update(self, profile: Profile, words: Iterable[WordReading], now: datetime) -> tuple[Alarm, ...]:
        """Turn what the device says now into alarms; of a word that is not known, those that were stay."""
        found: dict[tuple[str, int], datetime] = {}
        alarms: list[Alarm] = []
        for word in words:
            for bit in self._set(word):
                since = found[word.row, bit] = self._since.get((word.row, bit), now)
                alarms.append(_alarm(profile, word, bit, since))
        self._since = found
        return tuple(alarms)

    def _set(self, word: WordReading) -> Iterator[int]:
        for bit in range(_BITS):
            if word.bits is None:
                if (word.row, bit) in self._since:
                    yield bit
            elif word.bits >> bit & 1:
                yield bit


def _alarm(profile: Profile, word: WordReading, bit: int, since: datetime) -> Alarm:
    unknown = Fault(code=f"{word.row}_bit_{bit}", text=f"{word.row} bit {bit}", level=AlarmLevel.UNKNOWN)
    fault = profile.faults.get(word.row, {}).get(bit, unknown)
    guessed = profile.rows[word.row].evidence is Evidence.ASSUMED
    return Alarm(
        device=word.device,
        code=fault.code,
        text=f"{fault.text} (unconfirmed)" if guessed else fault.text,
        level=AlarmLevel.UNKNOWN if guessed else fault.level,
        since=since,
    )


def no_grid(profile: Profile, words: Iterable[WordReading]) -> bool | None:
    """Tell whether the device reports that the grid is gone; None where it could not."""
    told: bool | None = None
    for word in words:
        if profile.rows[word.row].evidence is Evidence.ASSUMED or word.bits is None:
            continue
        for bit, fault in profile.faults.get(word.row, {}).items():
            if fault.off_grid:
                told = bool(told) or bool(word.bits >> bit & 1)
    return told
