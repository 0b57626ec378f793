"""One physical plant for the simulated devices of all vendors; the caller moves its time."""

from copy import copy
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .battery import Battery
from .curves import Series, clamp
from .dispatch import SHARES, Converter, Room, Shares, charge_pv_first, self_consumption
from .ev import Ev
from .flows import Energies, Flows
from .plant_config import PlantConfig
from .posture import Behaviour, Posture
from .site import Site

__all__ = ["Behaviour", "Energies", "Ev", "Flows", "PlantConfig", "Posture", "SimulatedPlant"]

_LONGEST_STEP_S = 60.0
_TOLERANCE_W = 1e-6
_NO_LIMIT_W = float("inf")


class SimulatedPlant:
    """Inverter with PV, battery and DC charger; house, AC charger, grid and generator around it.

    Set `posture`, `grid_available`, `generator_on`, `ac_ev`, `dc_ev` or an override at any time; they
    act from the next step on. `step(0)` lets them act at once without moving time. How the readings
    balance is written at `Flows`.
    """

    def __init__(self, config: PlantConfig, start: datetime) -> None:
        """Build the plant and let it run at this moment."""
        if start.tzinfo is None:
            raise ValueError(f"start {start} has no time zone")
        self.config = config
        self.posture = Posture()
        self.grid_available = True
        self.generator_on = False
        self.ac_ev: Ev | None = None
        self.dc_ev: Ev | None = None
        self.blackout = False
        """The house has no power."""
        self.total_kwh = Energies()
        self._site = Site(config)
        self._converter = Converter(efficiency=config.inverter_efficiency, standby_w=config.standby_w)
        self._battery = Battery(
            capacity_wh=config.battery_capacity_wh,
            max_charge_w=config.max_charge_w,
            max_discharge_w=config.max_discharge_w,
            efficiency=config.battery_efficiency,
            self_discharge_w=config.self_discharge_w,
            soc_pct=config.soc_pct,
        )
        self._epoch_s = start.timestamp()
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
        """The grid is gone and the backup supply has taken over, whether or not it holds."""
        return not self.grid_available and self.config.backup_supply

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
        """Decide the powers of the next seconds and move energy by them."""
        flows = self._on_grid(seconds) if self.grid_available else self._off_grid(seconds)
        self._battery.exchange(flows.battery_w, flows.battery_losses_w, seconds)
        for ev, power_w in ((self.ac_ev, flows.ac_ev_w), (self.dc_ev, flows.dc_ev_w)):
            if ev is not None:
                ev.take(power_w, seconds)
        self.total_kwh.add(flows, seconds)
        return flows

    def _on_grid(self, seconds: float) -> Flows:
        self.blackout = False
        posture, sensor = self.posture, self.config.grid_sensor
        household_w = self._site.household_w(self._epoch_s)
        third_party_w = self._site.third_party_pv_w(self._epoch_s)
        ac_ev_w = self.ac_ev.wanted_w(seconds) if self.ac_ev else 0.0
        needed_w = household_w + ac_ev_w - third_party_w
        if posture.behaviour is Behaviour.OFF:
            return self._flows(seconds, household_w=household_w, ac_ev_w=ac_ev_w, third_party_w=third_party_w)
        dc_ev_w = self.dc_ev.wanted_w(seconds) if self.dc_ev else 0.0
        export_w = _known(posture.export_limit_w) if sensor else _NO_LIMIT_W
        import_w = _known(posture.import_limit_w) if sensor else _NO_LIMIT_W
        room = self._room(seconds, needed_w, dc_ev_w, needed_w - import_w, needed_w + export_w)
        if not sensor and posture.behaviour is Behaviour.SELF_CONSUMPTION:
            shares = SHARES[Behaviour.STANDBY](room)
        else:
            shares = SHARES[posture.behaviour](room)
        lowest_w = self._converter.to_dc(-min(self.config.inverter_ac_w, _known(posture.inverter_in_limit_w)))
        shares = self._refilled(shares, lowest_w + dc_ev_w, seconds)
        supply_w = shares[0] + shares[1]
        dc_ev_w = clamp(supply_w - lowest_w, 0.0, dc_ev_w)
        return self._flows(
            seconds,
            shares=shares,
            inverter_ac_w=self._converter.to_ac(supply_w - dc_ev_w),
            household_w=household_w,
            ac_ev_w=ac_ev_w,
            dc_ev_w=dc_ev_w,
            third_party_w=third_party_w,
        )

    def _off_grid(self, seconds: float) -> Flows:
        """Run the house from PV, battery and generator if they suffice; else it is dark."""
        config = self.config
        recovered = not self.blackout or self.soc_pct >= self._floor_pct() + config.restart_margin_pct
        able = config.backup_supply and self.posture.behaviour is not Behaviour.OFF
        if able and (recovered or self.generator_on):
            household_w = self._site.household_w(self._epoch_s)
            generator_w = config.generator_w if self.generator_on else 0.0
            room = self._room(seconds, household_w, 0.0, household_w - generator_w, household_w)
            shares = charge_pv_first(room) if self.generator_on else self_consumption(room)
            inverter_ac_w = self._converter.to_ac(shares[0] + shares[1])
            if -_TOLERANCE_W < household_w - inverter_ac_w <= generator_w + _TOLERANCE_W:
                self.blackout = False
                return self._flows(
                    seconds, shares=shares, inverter_ac_w=inverter_ac_w, household_w=household_w
                )
        self.blackout = True
        return self._flows(seconds, shares=self._dark_shares(seconds))

    def _floor_pct(self) -> float:
        posture = self.posture
        if not self.grid_available:
            return posture.discharge_cutoff_soc_pct
        return max(posture.discharge_cutoff_soc_pct, posture.backup_soc_pct)

    def _room(self, seconds: float, needed_w: float, dc_ev_w: float, low_w: float, high_w: float) -> Room:
        """Bring every limit to the DC side; low and high are the bounds of the inverter's AC power."""
        posture, rated_w = self.posture, self.config.inverter_ac_w
        out_w, in_w = rated_w, rated_w
        if self.grid_available:
            out_w = min(rated_w, _known(posture.inverter_out_limit_w))
            in_w = min(rated_w, _known(posture.inverter_in_limit_w))
        low_w, high_w = clamp(low_w, -in_w, out_w), clamp(high_w, -in_w, out_w)
        to_dc = self._converter.to_dc
        return Room(
            pv_w=min(sum(self._site.string_powers_w(self._epoch_s)), _known(posture.pv_limit_w)),
            charge_w=min(
                self._battery.charge_w(posture.charge_cutoff_soc_pct, seconds), _known(posture.charge_limit_w)
            ),
            discharge_w=min(
                self._battery.discharge_w(self._floor_pct(), seconds), _known(posture.discharge_limit_w)
            ),
            lowest_w=to_dc(low_w) + dc_ev_w,
            highest_w=to_dc(high_w) + dc_ev_w,
            house_w=to_dc(clamp(needed_w, low_w, high_w)) + dc_ev_w,
            remote_w=to_dc(clamp(posture.remote_power_w, low_w, high_w)) + dc_ev_w,
        )

    def _refilled(self, shares: Shares, lowest_w: float, seconds: float) -> Shares:
        """Charge up to the discharge cut-off where the vendor's defect is switched on."""
        posture = self.posture
        if not posture.refill_to_discharge_cutoff:
            return shares
        wanted_w = self._battery.charge_w(posture.discharge_cutoff_soc_pct, seconds)
        wanted_w = min(wanted_w, _known(posture.charge_limit_w))
        pv_w, battery_w = shares
        return pv_w, min(battery_w, max(-wanted_w, lowest_w - pv_w))

    def _dark_shares(self, seconds: float) -> Shares:
        """Keep the inverter awake: by PV, which also charges, where there is backup; else by the battery."""
        posture, standby_w = self.posture, self.config.standby_w
        if posture.behaviour is Behaviour.OFF:
            return 0.0, 0.0
        pv_w = sum(self._site.string_powers_w(self._epoch_s)) if self.config.backup_supply else 0.0
        if pv_w >= standby_w:
            charge_w = self._battery.charge_w(posture.charge_cutoff_soc_pct, seconds)
            charge_w = min(charge_w, pv_w - standby_w, _known(posture.charge_limit_w))
            return standby_w + charge_w, -charge_w
        spare = self._battery.discharge_w(self._floor_pct(), seconds) >= standby_w
        return 0.0, standby_w if spare else 0.0

    def _flows(
        self,
        seconds: float,
        *,
        shares: Shares = (0.0, 0.0),
        inverter_ac_w: float = 0.0,
        household_w: float = 0.0,
        ac_ev_w: float = 0.0,
        dc_ev_w: float = 0.0,
        third_party_w: float = 0.0,
    ) -> Flows:
        """Close the balance: what the AC bus still lacks comes from the grid, else from the generator."""
        pv_w, battery_w = shares
        even_w = ac_ev_w - third_party_w
        rest_w = household_w + even_w - inverter_ac_w
        grid_w, generator_w = (rest_w, 0.0) if self.grid_available else (0.0, rest_w)
        on_phases, epoch_s = self._site.on_phases, self._epoch_s
        if self.grid_available:
            grid_phases = on_phases(household_w, even_w - inverter_ac_w, epoch_s)
            inverter_phases = on_phases(0.0, inverter_ac_w, epoch_s)
        else:
            grid_phases = (0.0, 0.0, 0.0)
            inverter_phases = on_phases(household_w, -generator_w, epoch_s)
        offers_w = self._site.string_powers_w(epoch_s)
        offered_w = sum(offers_w)
        used = pv_w / offered_w if offered_w else 0.0
        return Flows(
            pv_w=pv_w,
            third_party_pv_w=third_party_w,
            battery_w=battery_w,
            grid_w=grid_w,
            household_w=household_w,
            ac_ev_w=ac_ev_w,
            dc_ev_w=dc_ev_w,
            generator_w=generator_w,
            inverter_ac_w=inverter_ac_w,
            losses_w=pv_w + battery_w - dc_ev_w - inverter_ac_w,
            battery_losses_w=self._battery.losses_w(battery_w, seconds),
            grid_phases_w=grid_phases,
            inverter_phases_w=inverter_phases,
            pv_strings=self._site.string_readings(tuple([power_w * used for power_w in offers_w])),
        )


def _known(limit_w: float | None) -> float:
    """Read None as no limit."""
    return _NO_LIMIT_W if limit_w is None else limit_w
