"""What a simulated Chint plant shows: its registers around the device."""

from collections.abc import Mapping

from .chint_config import ChintConfig
from .chint_device import DARK, HERTZ, VOLTS, ChintDevice
from .chint_faults import spoil
from .chint_values import Reading, Source
from .chint_values_ech import ECH_S, ECH_TH
from .chint_values_sce import SCE
from .chint_values_string import STRING
from .faults import Faults
from .plant import SimulatedPlant
from .register_map import RegisterValue, Row
from .word_space import unset

SOURCES: Mapping[str, Mapping[str, Source]] = {
    "ech_s": ECH_S,
    "ech_th": ECH_TH,
    "cps_403x": STRING,
    "sce": SCE,
}
_SAG = 0.86


class ChintPlant(ChintDevice):
    """The device without its wire."""

    def __init__(self, config: ChintConfig, plant: SimulatedPlant, faults: Faults) -> None:
        """Put registers around a plant."""
        super().__init__(config, plant, faults)
        self._frozen: dict[tuple[str, int, int], tuple[int, ...]] = {}

    def words(self, row: Row, look: list[Reading]) -> tuple[int, ...]:
        """Return what a row holds; a request looks at the plant once, and keeps that in `look`."""
        if (held := self._frozen.get((row.columns["kind"], row.address, row.count))) is not None:
            return held
        if row.access == "RW":
            return self.settings.words(row, self.local())
        if not look:
            look.append(self._reading())
        return spoil(self.faults, row, self._measured(row, look[0]))

    def freeze(self, *, on: bool) -> None:
        """Hold what is measured, and the clock, as they are; settings are read back all the same."""
        self._frozen = {}
        if on:
            look: list[Reading] = []
            self._frozen = {
                (row.columns["kind"], row.address, row.count): self.words(row, look)
                for space in self.spaces.values()
                for row in space.rows.values()
                if row.access == "R" or row.name.startswith("rtc_")
            }

    def _measured(self, row: Row, reading: Reading) -> tuple[int, ...]:
        if row.columns["type"] == "bitfield16":
            return (self.alarms.word(row.name),)
        if row.name in self.config.autotest:
            return self.autotest.records.get(row.name, (0,) * row.count)
        source = SOURCES[self.config.profile].get(row.name)
        if source is None:
            return (0,) * row.count
        value = source(reading)
        return unset(row) if value is None else row.encode(_fitted(row, value))

    def _reading(self) -> Reading:
        plant, counters, identity = self.plant, self.counters, self.config.identity
        life = counters.life(plant.total_kwh)
        volts, hertz = self.grid()
        islanded = plant.islanded and not plant.blackout
        running = self.runs
        battery_v = self._battery_v()
        smart_w = self.smart_w() if not plant.blackout else 0.0
        return Reading(
            identity=identity,
            settings=self.settings,
            flows=plant.flows,
            life=life,
            today=life.since(counters.day_began),
            backup_kwh=counters.backup_kwh,
            backup_today_kwh=counters.backup_kwh - counters.backup_began_kwh,
            smart_kwh=counters.smart_kwh,
            smart_today_kwh=counters.smart_kwh - counters.smart_began_kwh,
            peak_today_w=counters.peak_today_w,
            run_today_s=counters.run_today_s,
            life_h=counters.life_h,
            soc_pct=plant.soc_pct,
            soh_pct=plant.soh_pct,
            temperature_c=plant.cell_temperature_c,
            battery_v=battery_v,
            capacity_kwh=plant.config.battery_capacity_wh / 1000,
            charge_a=_least(identity.most_charge_a, plant.available_charge_w, battery_v),
            discharge_a=_least(identity.most_discharge_a, plant.available_discharge_w, battery_v),
            volts=volts,
            inverter_volts=self.phases(VOLTS if islanded or (plant.on_grid and running) else DARK),
            hertz=hertz,
            inverter_hertz=HERTZ if islanded else hertz,
            relay_closed=plant.on_grid and running,
            islanded=islanded,
            running=running,
            faulty=self.grid_is_bad and not islanded,
            derated=plant.flows.pv_w < plant.pv_available_w - 1.0,
            mode=self.mode,
            autotest_state=self.autotest.state,
            autotest_step=self.autotest.step,
            smart_on=self.smart_on,
            smart_w=smart_w,
            bms_there="bms_loss" not in self.faults,
            meter_there="meter_loss" not in self.faults,
            rated_w=plant.config.inverter_ac_w,
            three_phase=plant.config.three_phase,
        )

    def _battery_v(self) -> float:
        identity = self.config.identity
        rise = identity.pack_full_v - identity.pack_empty_v
        volts = identity.pack_empty_v + rise * self.plant.soc_pct / 100
        return volts * _SAG if "low_battery_voltage" in self.faults else volts


def _least(most_a: float, watts: float, volts: float) -> float:
    return min(most_a, watts / volts) if volts else 0.0


def _fitted(row: Row, value: RegisterValue) -> RegisterValue:
    """Bring a number into what its words can hold; a current without a sign is a magnitude."""
    if isinstance(value, str):
        return value
    bits = 16 * row.count
    if row.data_type.startswith("S"):
        least, most = -(1 << bits - 1) + 1, (1 << bits - 1) - 1
    else:
        least, most = 0, (1 << bits) - 2
        value = abs(value) if row.unit == "A" else value
    return min(max(value, least / row.gain), most / row.gain)
