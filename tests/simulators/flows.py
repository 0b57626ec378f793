"""What the plant measures: its powers at one moment and the energies that they add up to."""

from dataclasses import dataclass

type Phases = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Powers in watts over the last step; what feeds the house is positive.

    The readings balance exactly, and the losses have three places:

    - AC bus: `household + ac_ev = inverter_ac + third_party_pv + grid + generator`
    - inverter: `inverter_ac = pv + battery - dc_ev - losses`, with conversion and standby in `losses`
    - battery: `-battery = change of stored energy + battery_losses`, behind the battery's terminals

    So `load + losses = pv + third_party_pv + battery + grid + generator`, where `load` counts the
    household and both chargers.
    """

    pv_w: float
    """DC power of the inverter's own strings after curtailment, ≥ 0."""
    third_party_pv_w: float
    battery_w: float
    """DC power at the battery's terminals, + discharging."""
    grid_w: float
    """+ import."""
    household_w: float
    ac_ev_w: float
    dc_ev_w: float
    generator_w: float
    inverter_ac_w: float
    """+ into the AC bus."""
    losses_w: float
    """In the inverter, ≥ 0."""
    battery_losses_w: float
    """In the battery, ≥ 0; already part of what `battery_w` charges or of what it lacks."""
    grid_phases_w: Phases
    inverter_phases_w: Phases
    pv_strings: tuple[tuple[float, float], ...]
    """Volts and amps of each string; their products add up to `pv_w`."""

    @property
    def load_w(self) -> float:
        """Everything that is taken: the household and both chargers."""
        return self.household_w + self.ac_ev_w + self.dc_ev_w


@dataclass(slots=True, kw_only=True)
class Energies:
    """Energies in kWh, each counted in one direction only."""

    pv: float = 0.0
    third_party_pv: float = 0.0
    battery_charge: float = 0.0
    battery_discharge: float = 0.0
    grid_import: float = 0.0
    grid_export: float = 0.0
    household: float = 0.0
    ac_ev: float = 0.0
    dc_ev: float = 0.0
    generator: float = 0.0
    losses: float = 0.0
    battery_losses: float = 0.0

    @property
    def load(self) -> float:
        """Everything that was taken: the household and both chargers."""
        return self.household + self.ac_ev + self.dc_ev

    def add(self, flows: Flows, seconds: float) -> None:
        """Count these powers for so long."""
        kwh = seconds / 3_600_000
        self.pv += flows.pv_w * kwh
        self.third_party_pv += flows.third_party_pv_w * kwh
        if flows.battery_w > 0:
            self.battery_discharge += flows.battery_w * kwh
        else:
            self.battery_charge -= flows.battery_w * kwh
        if flows.grid_w > 0:
            self.grid_import += flows.grid_w * kwh
        else:
            self.grid_export -= flows.grid_w * kwh
        self.household += flows.household_w * kwh
        self.ac_ev += flows.ac_ev_w * kwh
        self.dc_ev += flows.dc_ev_w * kwh
        self.generator += flows.generator_w * kwh
        self.losses += flows.losses_w * kwh
        self.battery_losses += flows.battery_losses_w * kwh

    def since(self, earlier: Energies) -> Energies:
        """What was counted after an earlier reading."""
        return Energies(**{name: getattr(self, name) - getattr(earlier, name) for name in Energies.__slots__})
