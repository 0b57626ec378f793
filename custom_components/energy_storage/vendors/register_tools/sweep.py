"""The way through a range of registers, one request after another; what is refused is asked in parts."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

from ..driver import DriverConnectionError, DriverRejectedError
from .layout import Layout, Span

_WIDTHS = (2, 4)
"""A device that refuses one register may have a value of so many words there."""

type Ask = Callable[[Span], Awaitable[Sequence[int]]]
"""Makes one request."""


class Ended(StrEnum):
    """Why a sweep is over."""

    COMPLETE = "complete"
    SILENT = "silent"
    """The device did not answer; asking on would only cost it and us time."""
    OUT_OF_TIME = "out_of_time"
    OUT_OF_REQUESTS = "out_of_requests"
    NOT_FRESH = "not_fresh"
    """The plant's own readings come first."""


class Sweep:
    """What was read of a range so far, and what to ask for next."""

    def __init__(self, span: Span, layout: Layout, most: int) -> None:
        """Begin with nothing read."""
        self.span = span
        self.words: dict[int, int] = {}
        self.refused: set[int] = set()
        self.requests = 0
        self._layout = layout
        self._waiting = list(layout.cut(span, most))[::-1]
        self._asked: Span | None = None
        self._tried: set[Span] = set()
        self._wider: set[Span] = set()

    @property
    def next_address(self) -> int | None:
        """The lowest address that is not done; None when all are."""
        asked = () if self._asked is None else (self._asked,)
        left = (self._left_of(span) for span in (*asked, *self._waiting))
        return min((span.address for span in left if span.size), default=None)

    def next(self) -> Span | None:
        """Give what to ask for now; None when all is done."""
        while self._asked is None and self._waiting:
            span = self._left_of(self._waiting.pop())
            self._asked = span if span.size else None
        if self._asked is not None:
            self.requests += 1
        return self._asked

    def answer(self, words: Sequence[int]) -> None:
        """Take what was asked for last."""
        if (asked := self._asked) is not None:
            self.words.update(zip(range(asked.address, asked.end), words, strict=True))
        self._asked = None

    def refuse(self) -> None:
        """Take that the device refuses what was asked for last: ask for its parts, or a whole value."""
        asked, self._asked = self._asked, None
        if asked is None:
            return
        self._tried.add(asked)
        if asked in self._wider:
            self._widen(asked.address)
        elif self._layout.is_whole(asked) or self._layout.is_missing(asked):
            self.refused.update(range(asked.address, asked.end))
        elif asked.size == 1:
            self._widen(asked.address)
        else:
            self._waiting += reversed(self._layout.halves(asked))

    def _left_of(self, span: Span) -> Span:
        """Leave out what a longer value before it has brought already."""
        while span.size and span.address in self.words:
            span = Span(span.address + 1, span.size - 1)
        return span

    def _widen(self, address: int) -> None:
        """Try whether a longer value begins at an address that nobody has declared."""
        for width in _WIDTHS:
            span = Span(address, width)
            others = range(address + 1, span.end)
            known = (self.words, self._layout.values, self._layout.missing, self._layout.borders)
            if span in self._tried or span.end > self.span.end or address in self._layout.values:
                continue
            if not any(other in those for other in others for those in known):
                self._wider.add(span)
                self._waiting.append(span)
                return
        self.refused.add(address)


async def run(
    sweep: Sweep, ask: Ask, *, most_requests: int, why_stop: Callable[[], Ended | None] = lambda: None
) -> Ended:
    """Ask until all is done, the device is silent, or `why_stop` says so before a request."""
    while True:
        if sweep.next_address is None:
            return Ended.COMPLETE
        if sweep.requests >= most_requests:
            return Ended.OUT_OF_REQUESTS
        if (why := why_stop()) is not None:
            return why
        if (span := sweep.next()) is None:
            return Ended.COMPLETE
        try:
            sweep.answer(await ask(span))
        except DriverRejectedError:
            sweep.refuse()
        except DriverConnectionError:
            return Ended.SILENT
