"""Where the demo's house stands: wherever the sun is high at the moment, so that there is always PV."""

from dataclasses import dataclass
from datetime import datetime

_BEST_HOUR = 11.0
"""Solar time at which the house should be: the sun is up for hours yet, and the shadows move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place on Earth and its clock."""

    latitude: float
    longitude: float
    time_zone: str


def sunny_place(now: datetime) -> Place:
    """Find the place on 20° N where it is about eleven in the morning at `now` (aware, UTC)."""
    utc_hours = now.hour + now.minute / 60
    offset_hours = (round(_BEST_HOUR - utc_hours) + 12) % 24 - 12
    # The names of these zones count westwards.
    zone = "Etc/GMT" if offset_hours == 0 else f"Etc/GMT{-offset_hours:+d}"
    return Place(latitude=20.0, longitude=15.0 * offset_hours, time_zone=zone)
