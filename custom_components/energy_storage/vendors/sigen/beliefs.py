"""What can be believed of what a Sigen plant says: our signs, no leaps, no counter that falls."""

from datetime import UTC, datetime, timedelta

from ...engine.plant import Value
from ..fields import Field, Number, fields_of
from ..guards import CounterGuard, SocGuard
from ..modbus import Block
from .catalogue import Catalogue
from .clock import ClockWatch, time_base
from .fleet import PLANT

# Sigen counts charging as positive. Turned round here, and nowhere else.
_TURNED = "ess_power"
_SOC = "ess_soc"


class Beliefs:
    """Looks at each reading once, and then answers for every register."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Believe nothing yet."""
        self.read_at: datetime | None = None
        """When the newest fast reading arrived that was not frozen."""
        self.frozen = False
        self.device_clock: datetime | None = None
        self._base: timedelta | None = None
        self._catalogue = catalogue
        self._clock = ClockWatch()
        self._soc = SocGuard()
        self._soc_pct: float | None = None
        self._counters: dict[tuple[str, str], CounterGuard] = {}
        self._counted: dict[Block, float | None] = {}

    def take_fast(self, now: datetime, monotonic_s: float) -> None:
        """Look at a fast reading."""
        seconds = self.number(PLANT, "system_time")
        self.frozen = self._clock.feed(seconds, now, monotonic_s)
        self.read_at = self._clock.live_at if self.frozen else now
        offset = self.number(PLANT, "system_timezone_offset")
        self._base = None if seconds is None else time_base(seconds, offset or 0, now)
        self.device_clock = self._utc(seconds)
        self._soc_pct = self._soc.feed(self.number(PLANT, _SOC))

    def take_counters(self, now: datetime) -> None:
        """Look at the counters of every block that was read since the last look."""
        offset = self.number(PLANT, "system_timezone_offset")
        local = None if offset is None else timedelta(minutes=offset)
        for block in self._catalogue.poller.blocks:
            if self._counted.get(block) == block.read_at:
                continue
            for name, field in fields_of(block.table).items():
                if field.total and name in block.values:
                    guard = self._counters.setdefault(
                        (block.device, name), CounterGuard(daily=name.endswith("_today"))
                    )
                    guard.feed(_number(block.values[name]), now, local)
        self._counted = {block: block.read_at for block in self._catalogue.poller.blocks}

    def number(self, device: str, name: str) -> int | float | None:
        """Give a number as the device said it."""
        block = self._catalogue.block(device, name)
        return None if block is None else _number(block.values.get(name))

    def value(self, device: str, name: str) -> Value:
        """Give what a register says, as far as it can be believed; None while its device is silent."""
        block = self._catalogue.block(device, name)
        if block is None or not self._catalogue.fleet.answers(device):
            return None
        if (device, name) == (PLANT, _SOC):
            return self._soc_pct
        return self._in_our_terms(device, name, fields_of(block.table)[name], block.values.get(name))

    def _in_our_terms(self, device: str, name: str, field: Field, value: Value) -> Value:
        if isinstance(field, Number) and isinstance(value, int | float):
            if field.total:
                guard = self._counters.get((device, name))
                return None if guard is None else guard.value
            if field.timestamp:
                return self._utc(value)
            if name == _TURNED:
                return -value
        return value

    def _utc(self, seconds: float | None) -> datetime | None:
        if seconds is None or self._base is None:
            return None
        return datetime.fromtimestamp(seconds, UTC) - self._base


def _number(value: Value) -> int | float | None:
    return value if isinstance(value, int | float) else None
