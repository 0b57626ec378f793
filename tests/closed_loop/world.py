"""A simulated plant and the only clock there is: every second that passes is seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.simulators.flows import Flows
from tests.simulators.sigen import SigenConfig, SigenSimulator

START = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
_LONGEST_SAMPLE_S = 2.0
_HIGHEST_CUTOFF_PCT = 25.0
"""Of those that stories have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What flowed for some seconds."""

    at_s: float
    """When it began."""
    seconds: float
    flows: Flows
    rest_w: float
    """What the grid would give with the battery at rest."""
    soc_pct: float
    grid: bool
    needlessly_dark: bool
    """The house has no power although battery and sun would suffice."""
    own_floor_pct: float
    """The discharge cut-off that the plant has in effect."""

    @property
    def end_s(self) -> float:
        """When it ended."""
        return self.at_s + self.seconds

    @property
    def at_own_floor(self) -> bool:
        """Whether the plant stands at its cut-off, where it makes up for its standby losses from the grid."""
        return abs(self.soc_pct - self.own_floor_pct) <= 0.1

    @property
    def grid_to_battery_w(self) -> float:
        """What the house takes from the grid only because the battery charges."""
        return max(0.0, self.flows.grid_w - max(0.0, self.rest_w)) if self.flows.battery_w < 0 else 0.0

    @property
    def rest_phases_w(self) -> tuple[float, ...]:
        """The same as `rest_w` for each phase, of an inverter that feeds all of them evenly."""
        battery_w = (self.rest_w - self.flows.grid_w) / 3
        return tuple(phase + battery_w for phase in self.flows.grid_phases_w)


class World:
    """The plant and its time."""

    def __init__(self, config: SigenConfig) -> None:
        """Begin at noon."""
        self.sim = SigenSimulator(config)
        self.seconds = 0.0
        self.samples: list[Sample] = []
        """Where samples go; may be changed for another list."""

    def now(self) -> datetime:
        """Give the time of day, UTC."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return 1_000_000 + self.seconds

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what is read then is what flows at its end."""
        while seconds > 0:
            part_s = min(seconds, _LONGEST_SAMPLE_S)
            self._pass(part_s)
            seconds -= part_s
        self.sim.plant.step(0)

    def _pass(self, seconds: float) -> None:
        """Let some seconds pass whose house and sun are those of their beginning."""
        plant = self.sim.plant
        offered_w, able = plant.pv_available_w, self._could_serve()
        self.sim.advance(seconds)
        flows = plant.flows
        alone_w = min(plant._converter.to_ac(offered_w), plant.config.inverter_ac_w)
        self.samples.append(
            Sample(
                at_s=self.seconds,
                seconds=seconds,
                flows=flows,
                rest_w=flows.household_w + flows.ac_ev_w - flows.third_party_pv_w - alone_w,
                soc_pct=plant.soc_pct,
                grid=plant.grid_available,
                needlessly_dark=plant.blackout and able,
                own_floor_pct=plant.posture.discharge_cutoff_soc_pct,
            )
        )
        self.seconds += seconds

    def _could_serve(self) -> bool:
        """Tell whether battery and sun would be enough for the house in an outage."""
        plant = self.sim.plant
        config = plant.config
        empty = plant.soc_pct < _HIGHEST_CUTOFF_PCT + config.restart_margin_pct + 1
        most_w = min(config.inverter_ac_w, 0.9 * (config.max_discharge_w + plant.pv_available_w)) - 100
        return config.backup_supply and not empty and plant._site.household_w(plant._epoch_s) < most_w
