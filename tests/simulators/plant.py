"""One physical plant for the simulated devices of all vendors; the caller moves its time."""

from copy import copy
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .curves import Series
from .ev import Ev
from .flows import Energies, Flows
from .plant_config import PlantConfig
from .posture import Behaviour, Posture
from .power_flow import PowerFlow

__all__ = ["Behaviour", "Energies", "Ev", "Flows", "PlantConfig", "Posture", "SimulatedPlant"]

_LONGEST_STEP_S = 60.0


class SimulatedPlant(PowerFlow):
    """Inverter with PV, battery and DC charger; house, AC charger, grid and generator around it.

    Set `posture`, `grid_available`, `generator_on`, `switched_load_w`, `ac_ev`, `dc_ev` or an override at
    any time; they act from the next step on. `step(0)` lets them act at once without moving time. How the
    readings balance is written at `Flows`.
    """

    def __init__(self, config: PlantConfig, start: datetime) -> None:
        """Build the plant and let it run at this moment."""
        if start.tzinfo is None:
            raise ValueError(f"start {start} has no time zone")
        super().__init__(config, start.timestamp())
        self.total_kwh = Energies()
        self._time_zone = ZoneInfo(config.time_zone)
        self._day_began = Energies()
        self._midnight_s = self._next_midnight()
        self.flows = self._run(0.0)

    @property
    def now(self) -> datetime:
        """The plant's moment, UTC."""
        return datetime.fromtimestamp(self._epoch_s, UTC)

    @property
    def soc_pct(self) -> float:
        """State of charge, 0 to 100; may be set."""
        return self._battery.soc_pct

    @soc_pct.setter
    def soc_pct(self, value: float) -> None:
        self._battery.stored_wh = self._battery.capacity_wh * value / 100

    @property
    def soh_pct(self) -> float:
        """State of health, 0 to 100."""
        return self._battery.soh_pct

    @property
    def stored_wh(self) -> float:
        """Energy in the battery."""
        return self._battery.stored_wh

    @property
    def cell_temperature_c(self) -> float:
        """Mean temperature of the cells."""
        return self._battery.temperature_c

    @property
    def available_charge_w(self) -> float:
        """What the battery can take at its SOC; a limit that was set does not count."""
        return self._battery.charge_w(self.posture.charge_cutoff_soc_pct, 0)

    @property
    def available_discharge_w(self) -> float:
        """What the battery can give at its SOC; a limit that was set does not count."""
        return self._battery.discharge_w(self._floor_pct(), 0)

    @property
    def pv_available_w(self) -> float:
        """What the inverter's strings could give if nothing curtailed them."""
        return sum(self._site.string_powers_w(self._epoch_s))

    @property
    def pv_override_w(self) -> float | Series | None:
        """PV on offer instead of sun and clouds: a power, or a series of them."""
        return self._site.pv_override_w

    @pv_override_w.setter
    def pv_override_w(self, value: float | Series | None) -> None:
        self._site.pv_override_w = value

    @property
    def load_override_w(self) -> float | Series | None:
        """Household load instead of the profile: a power, or a series of them."""
        return self._site.load_override_w

    @load_override_w.setter
    def load_override_w(self, value: float | Series | None) -> None:
        self._site.load_override_w = value

    @property
    def islanded(self) -> bool:
        """The plant is off the grid and the backup supply has taken over, whether or not it holds."""
        return not self.on_grid and self.config.backup_supply

    @property
    def today_kwh(self) -> Energies:
        """Energies since midnight of the plant's time zone."""
        return self.total_kwh.since(self._day_began)

    def step(self, seconds: float) -> None:
        """Run for so long; `flows` are then those of the last minute of it at most."""
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds} s")
        if not seconds:
            self.flows = self._run(0.0)
        while seconds > 0:
            part_s = min(seconds, _LONGEST_STEP_S, self._midnight_s - self._epoch_s)
            self.flows = self._run(part_s)
            self._epoch_s += part_s
            seconds -= part_s
            if self._epoch_s >= self._midnight_s:
                self._day_began = copy(self.total_kwh)
                self._midnight_s = self._next_midnight()

    def _next_midnight(self) -> float:
        tomorrow = datetime.fromtimestamp(self._epoch_s, self._time_zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self._time_zone).timestamp()

    def _run(self, seconds: float) -> Flows:
        """Move energy by the powers of the next seconds."""
        flows = self._decide(seconds)
        self._battery.exchange(flows.battery_w, flows.battery_losses_w, seconds)
        for ev, power_w in ((self.ac_ev, flows.ac_ev_w), (self.dc_ev, flows.dc_ev_w)):
            if ev is not None:
                ev.take(power_w, seconds)
        self.total_kwh.add(flows, seconds)
        return flows
