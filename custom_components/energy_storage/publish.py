"""When a new number is worth a row in the recorder; pure."""

from dataclasses import dataclass

REST = 6
"""After so many ordinary intervals any change is shown, however small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How closely what is shown follows what is read."""

    every_s: float
    """Ordinary changes are shown this far apart."""
    dead_band: float
    """A smaller change is noise and waits."""
    dead_share: float = 0.0
    """So is one that is smaller than this share of what is shown, 0..1."""
    step: float | None = None
    """A larger change is shown at once; None: never at once."""
    step_share: float = 0.0
    """A step is also larger than this share of what is shown, 0..1."""


POWER = Pace(every_s=10, dead_band=10, dead_share=0.01, step=50, step_share=0.05)
ENERGY = Pace(every_s=60, dead_band=0.01)
SLOW_ENERGY = Pace(every_s=300, dead_band=0.01)
PERCENT = Pace(every_s=60, dead_band=0.1, step=1)
TEMPERATURE = Pace(every_s=60, dead_band=0.5)
SLOW = Pace(every_s=60, dead_band=0)


def worth_publishing(shown: float, value: float, age_s: float, pace: Pace) -> bool:
    """Tell whether `value` should replace what has been shown for `age_s` seconds."""
    change = abs(value - shown)
    if pace.step is not None and change > max(pace.step, pace.step_share * abs(shown)):
        return True
    if age_s < pace.every_s or not change:
        return False
    return change >= max(pace.dead_band, pace.dead_share * abs(shown)) or age_s >= REST * pace.every_s
