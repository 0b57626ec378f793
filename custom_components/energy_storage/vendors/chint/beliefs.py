"""What can be believed of what a Chint device says: no SOC that leaps, no counter that falls."""

from datetime import datetime, tzinfo

from ...engine.plant import Value
from ..guards import CounterGuard, SocGuard
from ..modbus import Block
from .device import ChintDevice
from .profile import Evidence, Row

_FRACTION = "pv_energy_fraction"
_WITH_FRACTION = "pv_energy"


class Beliefs:
    """Looks at each reading once, and then answers for every row."""

    def __init__(self, device: ChintDevice, zone: tzinfo | None) -> None:
        """Believe nothing yet; counters of the day begin anew at midnight in `zone`."""
        self.read_at: datetime | None = None
        """When the newest fast reading arrived."""
        self.answers = True
        """Whether the last fast reading arrived; one of the others that is lost costs its own readings."""
        self._device = device
        self._zone = zone
        self._soc = SocGuard()
        self._soc_pct: float | None = None
        self._counters: dict[str, CounterGuard] = {}
        self._counted: dict[Block, float | None] = {}

    def take_fast(self, now: datetime) -> None:
        """Look at a fast reading."""
        self.answers = True
        self.read_at = now
        row = self._device.profile.meaning("soc")
        self._soc_pct = self._soc.feed(None if row is None else _number(self._device.value(row.name)))

    def take_counters(self, now: datetime) -> None:
        """Look at the counters of every block that was read since the last look."""
        local = None if self._zone is None else now.astimezone(self._zone).utcoffset()
        for block in self._device.poller.blocks:
            if self._counted.get(block) == block.read_at:
                continue
            for name in block.values:
                row = self._device.profile.rows[name]
                if row.counts is not None and row.means != _FRACTION:
                    guard = self._counters.setdefault(name, CounterGuard(daily=row.counts == "day"))
                    guard.feed(self._counted_by(row), now, local)
        self._counted = {block: block.read_at for block in self._device.poller.blocks}

    def value(self, name: str) -> Value:
        """Give what a row says, as far as it can be believed; None while the device is silent."""
        row = self._device.profile.rows.get(name)
        if row is None or not self.answers or self._device.block(name) is None:
            return None
        if row.means == "soc":
            return self._soc_pct
        if name in self._counters:
            return self._counters[name].value
        return self._device.value(name)

    def means(self, meaning: str) -> Value:
        """Give what is known of the plant as a whole; a guess, or a sign that nobody knows, tells nothing."""
        row = self._device.profile.meaning(meaning)
        if row is None or row.evidence is Evidence.ASSUMED or row.sign is None:
            return None
        return self.value(row.name)

    def offers(self, meaning: str) -> bool:
        """Tell whether the device has this, whatever it reads just now."""
        row = self._device.profile.meaning(meaning)
        known = row is not None and row.evidence is not Evidence.ASSUMED
        return known and row is not None and row.name in self._device.offered()

    def _counted_by(self, row: Row) -> float | None:
        """Give what a counter reads; one that counts whole kWh may have the rest in another register."""
        kwh = _number(self._device.value(row.name))
        rest = self._device.profile.meaning(_FRACTION) if row.means == _WITH_FRACTION else None
        if kwh is None or rest is None or rest.name not in self._device.offered():
            return kwh
        fraction = _number(self._device.value(rest.name))
        return None if fraction is None else kwh + fraction


def _number(value: Value) -> int | float | None:
    return value if isinstance(value, int | float) else None
