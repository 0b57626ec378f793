"""The powers of the next seconds: what house, weather, battery and limits make of the posture."""

from .battery import Battery
from .curves import clamp
from .dispatch import SHARES, Converter, Room, Shares, charge_pv_first, self_consumption
from .ev import Ev
from .flows import Flows
from .plant_config import PlantConfig
from .posture import Behaviour, Posture
from .site import Site

_TOLERANCE_W = 1e-6
_NO_LIMIT_W = float("inf")


class PowerFlow:
    """The parts of a plant and the decision how power flows between them; it moves no energy."""

    def __init__(self, config: PlantConfig, epoch_s: float) -> None:
        """Build the parts; everything public may be set between two decisions."""
        self.config = config
        self.posture = Posture()
        self.grid_available = True
        self.generator_on = False
        self.switched_load_w = 0.0
        """A load behind a contact of the device; part of the household while it has power."""
        self.ac_ev: Ev | None = None
        self.dc_ev: Ev | None = None
        self.blackout = False
        """The house has no power."""
        self._epoch_s = epoch_s
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

    @property
    def on_grid(self) -> bool:
        """There is a grid, and the plant is connected to it."""
        return self.grid_available and not self.posture.off_grid

    def _decide(self, seconds: float) -> Flows:
        """Find the powers that hold for so long without breaking a bound of the battery."""
        return self._on_grid(seconds) if self.on_grid else self._off_grid(seconds)

    def _on_grid(self, seconds: float) -> Flows:
        self.blackout = False
        posture, sensor = self.posture, self.config.grid_sensor
        household_w = self._site.household_w(self._epoch_s) + self.switched_load_w
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
        recovered = (
            not self.blackout or self._battery.soc_pct >= self._floor_pct() + config.restart_margin_pct
        )
        able = config.backup_supply and self.posture.behaviour is not Behaviour.OFF
        if able and (recovered or self.generator_on):
            household_w = self._site.household_w(self._epoch_s) + self.switched_load_w
            generator_w = config.generator_w if self.generator_on else 0.0
            room = self._room(seconds, household_w, 0.0, household_w - generator_w, household_w)
            shares = charge_pv_first(room) if self.generator_on else self_consumption(room)
            inverter_ac_w = self._converter.to_ac(shares[0] + shares[1])
            if household_w - inverter_ac_w <= generator_w + _TOLERANCE_W:
                self.blackout = False
                return self._flows(
                    seconds, shares=shares, inverter_ac_w=inverter_ac_w, household_w=household_w
                )
        self.blackout = True
        return self._flows(seconds, shares=self._dark_shares(seconds))

    def _floor_pct(self) -> float:
        posture = self.posture
        if not self.on_grid:
            return posture.discharge_cutoff_soc_pct
        return max(posture.discharge_cutoff_soc_pct, posture.backup_soc_pct)

    def _pv_w(self) -> float:
        return min(sum(self._site.string_powers_w(self._epoch_s)), _known(self.posture.pv_limit_w))

    def _charge_w(self, ceiling_pct: float, seconds: float) -> float:
        return min(self._battery.charge_w(ceiling_pct, seconds), _known(self.posture.charge_limit_w))

    def _discharge_w(self, seconds: float) -> float:
        return min(
            self._battery.discharge_w(self._floor_pct(), seconds), _known(self.posture.discharge_limit_w)
        )

    def _room(self, seconds: float, needed_w: float, dc_ev_w: float, low_w: float, high_w: float) -> Room:
        """Bring every limit to the DC side; low and high are the bounds of the inverter's AC power."""
        posture, rated_w = self.posture, self.config.inverter_ac_w
        out_w, in_w = rated_w, rated_w
        if self.on_grid:
            out_w = min(rated_w, _known(posture.inverter_out_limit_w))
            in_w = min(rated_w, _known(posture.inverter_in_limit_w))
        low_w, high_w = clamp(low_w, -in_w, out_w), clamp(high_w, -in_w, out_w)
        to_dc = self._converter.to_dc
        return Room(
            pv_w=self._pv_w(),
            charge_w=self._charge_w(posture.charge_cutoff_soc_pct, seconds),
            discharge_w=self._discharge_w(seconds),
            lowest_w=to_dc(low_w) + dc_ev_w,
            highest_w=to_dc(high_w) + dc_ev_w,
            house_w=to_dc(clamp(needed_w, low_w, high_w)) + dc_ev_w,
            remote_w=to_dc(clamp(posture.remote_power_w, low_w, high_w)) + dc_ev_w,
        )

    def _refilled(self, shares: Shares, lowest_w: float, seconds: float) -> Shares:
        """Charge up to the discharge cut-off where the vendor's defect is switched on."""
        posture = self.posture
        floor_pct = posture.discharge_cutoff_soc_pct
        if not posture.refill_to_discharge_cutoff or self._battery.soc_pct >= floor_pct:
            return shares
        wanted_w = self._charge_w(floor_pct, seconds)
        pv_w, battery_w = shares
        return pv_w, min(battery_w, max(-wanted_w, lowest_w - pv_w))

    def _dark_shares(self, seconds: float) -> Shares:
        """Keep the inverter awake: by PV, which also charges, where there is backup; else by the battery."""
        posture, standby_w = self.posture, self.config.standby_w
        if posture.behaviour is Behaviour.OFF:
            return 0.0, 0.0
        pv_w = self._pv_w() if self.config.backup_supply else 0.0
        if pv_w >= standby_w:
            charge_w = min(pv_w - standby_w, self._charge_w(posture.charge_cutoff_soc_pct, seconds))
            return standby_w + charge_w, -charge_w
        return 0.0, standby_w if self._discharge_w(seconds) >= standby_w else 0.0

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
        grid_w, generator_w = (rest_w, 0.0) if self.on_grid else (0.0, rest_w)
        on_phases, epoch_s = self._site.on_phases, self._epoch_s
        if self.on_grid:
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
