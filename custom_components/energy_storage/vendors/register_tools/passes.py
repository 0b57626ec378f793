"""One pass over a range of registers, as it is kept, and what has changed between two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..raw_access import Space
from .layout import Span
from .sweep import Ended, Sweep
from .words import runs_of


class NotComparableError(Exception):
    """Two passes are about different registers."""


class NoPassError(Exception):
    """What was saved is no pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPass:
    """What a device held in a range of registers while it was read once."""

    label: str
    """As the owner named it, for example `sun` or `at night`."""
    device: str
    unit_id: int
    space: Space
    address: int
    count: int
    started: datetime
    finished: datetime
    words: Mapping[int, int]
    refused: frozenset[int]
    """Addresses that the device does not know."""
    next_address: int | None
    """Where to go on; None: it is complete."""
    ended: Ended
    requests: int

    @property
    def left(self) -> Span | None:
        """What a pass that was cut short has not come to; None when it is complete."""
        if self.next_address is None:
            return None
        return Span(self.next_address, self.address + self.count - self.next_address)

    def continues(self, other: ScanPass) -> bool:
        """Tell whether this pass was cut short and would go on as the other begins."""
        mine = (self.label, self.unit_id, self.space, self.address, self.count)
        theirs = (other.label, other.unit_id, other.space, other.address, other.count)
        return self.left is not None and mine == theirs

    def with_more(self, sweep: Sweep, ended: Ended, finished: datetime) -> ScanPass:
        """Add what a sweep has brought."""
        return replace(
            self,
            finished=finished,
            words={**self.words, **sweep.words},
            refused=self.refused | sweep.refused,
            next_address=sweep.next_address,
            ended=ended,
            requests=self.requests + sweep.requests,
        )

    def to_json(self) -> dict[str, Any]:
        """Give what `from_json` takes."""
        return {
            "label": self.label,
            "device": self.device,
            "unit_id": self.unit_id,
            "space": self.space.value,
            "address": self.address,
            "count": self.count,
            "started": self.started.isoformat(),
            "finished": self.finished.isoformat(),
            "ended": self.ended.value,
            "next_address": self.next_address,
            "requests": self.requests,
            "words": [{"address": first, "words": run} for first, run in runs_of(self.words)],
            "refused": [{"address": span.address, "count": span.size} for span in spans_of(self.refused)],
        }

    @classmethod
    def from_json(cls, saved: Any) -> ScanPass:
        """Read what was saved.

        Raises:
            NoPassError: it is no pass.

        """
        try:
            return cls(
                label=str(saved["label"]),
                device=str(saved["device"]),
                unit_id=int(saved["unit_id"]),
                space=Space(saved["space"]),
                address=int(saved["address"]),
                count=int(saved["count"]),
                started=datetime.fromisoformat(saved["started"]),
                finished=datetime.fromisoformat(saved["finished"]),
                words={
                    int(run["address"]) + at: int(word)
                    for run in saved["words"]
                    for at, word in enumerate(run["words"])
                },
                refused=frozenset(
                    address
                    for span in saved["refused"]
                    for address in range(span["address"], span["address"] + span["count"])
                ),
                next_address=None if saved["next_address"] is None else int(saved["next_address"]),
                ended=Ended(saved["ended"]),
                requests=int(saved["requests"]),
            )
        except (KeyError, TypeError, ValueError) as err:
            raise NoPassError(str(err)) from err


def begun(label: str, *, device: str, unit_id: int, space: Space, span: Span, started: datetime) -> ScanPass:
    """Make a pass in which nothing was read yet."""
    return ScanPass(
        label=label,
        device=device,
        unit_id=unit_id,
        space=space,
        address=span.address,
        count=span.size,
        started=started,
        finished=started,
        words={},
        refused=frozenset(),
        next_address=span.address,
        ended=Ended.OUT_OF_REQUESTS,
        requests=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A register that two passes read differently."""

    address: int
    before: int
    after: int


def difference(before: ScanPass, after: ScanPass) -> tuple[Change, ...]:
    """Give what has changed; what only one of the two has read tells nothing.

    Raises:
        NotComparableError: they are about different registers.

    """
    if (before.unit_id, before.space) != (after.unit_id, after.space):
        raise NotComparableError
    return tuple(
        Change(address=address, before=word, after=after.words[address])
        for address, word in sorted(before.words.items())
        if address in after.words and after.words[address] != word
    )


def spans_of(addresses: Iterable[int]) -> list[Span]:
    """Put addresses that follow each other together."""
    return [Span(first, len(run)) for first, run in runs_of(dict.fromkeys(addresses, 0))]
