"""The owner's meter at the grid connection: what it has said in the last minutes, and how quick it is."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, callback

from .engine.inputs import Metered
from .engine.plant import MeterReading

KEPT = timedelta(minutes=3)
"""Longer than the slowest plant needs from one reading to the next."""
_GAPS = 20
_LATE_AT = 3
"""A gap of so many intervals is an outage; so many in a row are a new interval."""
_WAITS = 20
_LONGEST_WAIT = timedelta(seconds=5)
"""For a decision, before any was seen: there is one in each tick."""
_NEWS_W = 100.0
"""A smaller change is worth no decision of its own."""


class Interval:
    """The longest that it lately took from one reading to the next."""

    def __init__(self, least: timedelta | None = None) -> None:
        """Begin with what is known for certain; None: it has to be seen first."""
        self._least = least
        self._gaps: deque[timedelta] = deque(maxlen=_GAPS)
        self._outages = 0

    @property
    def longest(self) -> timedelta | None:
        """Give it, None while too little was seen."""
        if self._least is None and len(self._gaps) < _LATE_AT:
            return None
        return max((*self._gaps, self._least or timedelta(0)))

    def feed(self, gap: timedelta) -> None:
        """Look at the time between two readings; an outage is none that would count."""
        longest = self.longest
        if longest is not None and gap > _LATE_AT * longest:
            self._outages += 1
            if self._outages < _LATE_AT:
                return
            self._gaps.clear()
        self._outages = 0
        self._gaps.append(gap)


class GridMeter:
    """One meter, as the cycle and its entities see it, whatever it is read from."""

    def __init__(self, *, turned: bool = False, interval: timedelta | None = None) -> None:
        """`turned`: it counts what is exported as positive. `interval`: how often it is read, where we do."""
        self.problem: str | None = None
        """Why there is no new reading, as a code."""
        self.on_news: Callable[[], None] | None = None
        """Told when a decision is due at once."""
        self._turned = turned
        self._interval = Interval(interval)
        self._readings: deque[MeterReading] = deque()
        self._told: MeterReading | None = None
        self._news_since: datetime | None = None
        self._waited: deque[timedelta] = deque(maxlen=_WAITS)
        self._listeners: list[Callable[[], None]] = []

    @property
    def newest(self) -> MeterReading | None:
        """The last reading, however old."""
        return self._readings[-1] if self._readings else None

    @property
    def interval(self) -> timedelta | None:
        """The longest from one reading to the next; None while unknown."""
        return self._interval.longest

    @callback
    def hear(self, reading: MeterReading) -> None:
        """Take a reading; one without a power is none."""
        last = self.newest
        if reading.power_w is None or (last is not None and reading.read_at <= last.read_at):
            return
        if last is not None:
            self._interval.feed(reading.read_at - last.read_at)
        reading = reading.turned() if self._turned else reading
        self.problem = None
        self._readings.append(reading)
        while self._readings[0].read_at < reading.read_at - KEPT:
            self._readings.popleft()
        for listener in tuple(self._listeners):
            listener()
        if self._news_since is None and self._is_news(reading):
            self._news_since = reading.read_at
        if self._news_since is not None and self.on_news is not None:
            self.on_news()

    @callback
    def fail(self, problem: str) -> None:
        """Note why there is no reading."""
        self.problem = str(problem)

    @callback
    def listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Have each reading told; give what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def metered(self, correction_s: float | None) -> Metered:
        """Give what a decision is made from; `correction_s` is what follows upon a decision."""
        interval = self.interval
        if interval is None:
            return Metered(interval=timedelta(0))
        waited = max(self._waited, default=_LONGEST_WAIT)
        return Metered(
            readings=tuple(self._readings),
            interval=interval,
            react_s=None if correction_s is None else (interval + waited).total_seconds() + correction_s,
        )

    def decided(self, now: datetime) -> None:
        """Note that a decision has seen everything until now, and how long news had to wait for it."""
        self._told = self.newest
        if self._news_since is not None:
            self._waited.append(now - self._news_since)
            self._news_since = None

    def _is_news(self, reading: MeterReading) -> bool:
        told = self._told
        if told is None:
            return True
        changes = zip(
            (reading.power_w, *reading.phase_power_w), (told.power_w, *told.phase_power_w), strict=True
        )
        return any(
            now is not None and (before is None or abs(now - before) >= _NEWS_W) for now, before in changes
        )
