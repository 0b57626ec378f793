"""A meter at the grid connection of a story, heard more often than the plant is read."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from custom_components.energy_storage.engine.inputs import Metered
from custom_components.energy_storage.engine.plant import MeterReading
from tests.simulators.flows import Flows

from .link import Link

_KEPT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSetup:
    """Which meter there is."""

    every_s: float = 1.0
    """From one reading to the next."""
    phases: bool = False
    """Whether it measures each of three phases."""
    turned: bool = False
    """Whether it is mounted the wrong way round, and nobody has noticed."""


def meter_of(written: Mapping[str, Any] | None) -> MeterSetup | None:
    """Read it; there may be none."""
    return None if written is None else MeterSetup(**written)


class Meter:
    """What it has said."""

    def __init__(self, setup: MeterSetup, link: Link) -> None:
        """Begin without a reading; a correction takes as long as on the link of the plant."""
        self._setup = setup
        self._react_s = setup.every_s + link.age_s + link.write_spacing_s + link.obey_s
        self._readings: deque[MeterReading] = deque()

    def hear(self, flows: Flows, now: datetime) -> None:
        """Take a reading of this moment."""
        phases = flows.grid_phases_w
        reading = MeterReading(
            read_at=now,
            power_w=round(flows.grid_w),
            phase_power_w=(
                (round(phases[0]), round(phases[1]), round(phases[2]))
                if self._setup.phases
                else (None, None, None)
            ),
        )
        self._readings.append(reading.turned() if self._setup.turned else reading)
        while self._readings[0].read_at < now - _KEPT:
            self._readings.popleft()

    def metered(self) -> Metered:
        """Give what a decision is made from."""
        return Metered(
            readings=tuple(self._readings),
            interval=timedelta(seconds=self._setup.every_s),
            react_s=self._react_s,
        )
