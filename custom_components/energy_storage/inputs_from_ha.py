"""What one decision is made from: the reading, the driver's promises, and how the house is connected."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .const import (
    CONF_BACKUP_SUPPLY,
    CONF_INVERTER_PHASE,
    CONF_LARGEST_LOAD_W,
    CONF_MAIN_FUSE_A,
    CONF_PHASES,
)
from .engine import Inputs, Site
from .engine.documents import Documents
from .engine.inputs import Metered
from .engine.plant import PlantState
from .vendors.control import Capabilities, Holding

_KEPT_DAYS = 30
_ENOUGH = timedelta(days=1)
"""Before so much was seen of a house, nobody knows its largest load."""


class LoadPeaks:
    """The largest load of each of the last 30 days, while we do not command it."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        """Go on with what was kept: ISO date → watts."""
        self._days = {
            str(day): float(watts) for day, watts in (kept or {}).items() if isinstance(watts, int | float)
        }

    def feed(self, at: datetime, load_w: float | None) -> None:
        """Look at a load."""
        if load_w is None:
            return
        day = at.astimezone(UTC).date()
        key = day.isoformat()
        self._days[key] = max(self._days.get(key, 0.0), load_w)
        oldest = (day - timedelta(days=_KEPT_DAYS)).isoformat()
        self._days = {known: watts for known, watts in self._days.items() if known >= oldest}

    def largest_w(self, now: datetime) -> float | None:
        """Give the largest, None while too little was seen."""
        first = min(self._days, default=None)
        if first is None or now - datetime.fromisoformat(first).replace(tzinfo=UTC) < _ENOUGH:
            return None
        return max(self._days.values())

    def to_json(self) -> dict[str, float]:
        """Give what the next start takes."""
        return dict(self._days)


def site_of(connection: Mapping[str, Any], largest_load_w: float | None) -> Site:
    """Say how the house is connected: what the owner said, and what was seen."""
    loads = [watts for watts in (connection.get(CONF_LARGEST_LOAD_W), largest_load_w) if watts is not None]
    phases = int(connection.get(CONF_PHASES, 1))
    return Site(
        main_fuse_a=connection.get(CONF_MAIN_FUSE_A),
        phases=phases,
        inverter_phase=_phase(connection) if phases > 1 else None,
        largest_load_w=max(loads, default=None),
        backup_supply=connection.get(CONF_BACKUP_SUPPLY),
    )


def inputs_of(
    now: datetime,
    state: PlantState,
    capabilities: Capabilities,
    holding: Holding,
    site: Site,
    *,
    poll: timedelta,
    lag: timedelta,
    react_s: float | None,
    meter: Metered | None = None,
    wrote_at: datetime | None = None,
    documents: Documents,
    ready: bool,
) -> Inputs:
    """Put together what one step is decided from."""
    return Inputs(
        now=now,
        plant=state,
        abilities=capabilities.abilities,
        guards=capabilities.guards,
        site=site,
        held=holding.command,
        ownership=holding.ownership,
        held_at=holding.read_at,
        poll=poll,
        lag=lag,
        react_s=react_s,
        meter=meter,
        wrote_at=wrote_at,
        writes_left=holding.writes_left,
        documents=documents,
        ready=ready,
    )


def _phase(connection: Mapping[str, Any]) -> int | None:
    """Give the phase that the inverter feeds, counted from 0; None where it feeds all of them."""
    return {"l1": 0, "l2": 1, "l3": 2}.get(str(connection.get(CONF_INVERTER_PHASE, "all")))
