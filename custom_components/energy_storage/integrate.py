"""Energy from power, for what a firmware does not count itself; pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from .engine.plant import Counter, PlantState

LONGEST_GAP = timedelta(minutes=5)
"""Over a longer silence nobody knows what the power was, so nothing is added."""


class Integral:
    """A sum of energy in kWh: each power counts from its reading until the next (left Riemann sum)."""

    def __init__(self, kwh: float = 0.0) -> None:
        """Go on from an energy that was kept."""
        self.kwh = kwh
        self._power_w: float | None = None
        self._since: datetime | None = None

    def add(self, power_w: float | None, at: datetime) -> None:
        """Take a power that was read at this time; what is negative or unknown adds nothing."""
        if self._since is not None and at <= self._since:
            return
        if self._since is not None and self._power_w is not None and at - self._since <= LONGEST_GAP:
            self.kwh += max(0.0, self._power_w) * (at - self._since).total_seconds() / 3_600_000
        self._power_w, self._since = power_w, at


def _negated(power_w: float | None) -> float | None:
    return None if power_w is None else -power_w


POWER_OF: Mapping[Counter, Callable[[PlantState], float | None]] = {
    Counter.GRID_IMPORT: lambda state: state.grid_power_w,
    Counter.GRID_EXPORT: lambda state: _negated(state.grid_power_w),
    Counter.BATTERY_CHARGE: lambda state: _negated(state.battery_power_w),
    Counter.BATTERY_DISCHARGE: lambda state: state.battery_power_w,
    Counter.PV: lambda state: state.pv_power_w,
    Counter.THIRD_PARTY_PV: lambda state: state.third_party_pv_power_w,
    Counter.LOAD: lambda state: state.load_power_w,
}
"""The power whose positive part makes each counter count."""
