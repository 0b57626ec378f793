"""A Chint plant between its physics and its registers: what it shows, and what its settings make of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from .chint_alarms import AlarmLog
from .chint_config import ChintConfig
from .chint_counters import Counters
from .chint_faults import spoil
from .chint_load import Surroundings, is_on
from .chint_map import ECH, spaces
from .chint_modes import FORCED_OFF_GRID, SELF_CONSUMPTION, Situation, posture
from .chint_settings import Settings
from .chint_values import Reading, Source
from .chint_values_ech import ECH_S, ECH_TH
from .chint_values_sce import SCE
from .chint_values_string import STRING
from .faults import Faults
from .plant import Behaviour, Posture, SimulatedPlant
from .register_map import RegisterValue, Row
from .word_space import unset

SOURCES: Mapping[str, Mapping[str, Source]] = {
    "ech_s": ECH_S,
    "ech_th": ECH_TH,
    "cps_403x": STRING,
    "sce": SCE,
}
LOW_SOC_PCT = 10.0
ISLAND_MARGIN_PCT = 15.0
"""Above the floor, before the device leaves the grid on command [assumed]."""
_VOLTS = (230.4, 231.1, 229.8)
_DARK = (0.0, 0.0, 0.0)
_HERTZ = 50.02
_SAG = 0.86
_CONDITIONS = ("bms_loss", "undervoltage", "underfrequency", "low_battery_voltage", "meter_loss")
_STEP_S = 60.0


class ChintPlant:
    """The device without its wire."""

    def __init__(self, config: ChintConfig, plant: SimulatedPlant, faults: Faults) -> None:
        """Put registers around a plant."""
        self.config = config
        self.plant = plant
        self.faults = faults
        self.spaces: Final = spaces(config.profile, config.layout, extended=config.extended)
        self.settings = Settings(config.profile, self.spaces["holding"], config.clock_offset_s)
        self.alarms = AlarmLog(config.profile)
        self.smart_on = False
        self.island_ended = False
        """Off-grid operation on command came to an end by itself; the command no longer counts."""
        self._zone = ZoneInfo(plant.config.time_zone)
        self.counters = Counters(day=self.local().date())
        if config.memory:
            self._restore(config.memory)
        self.obey()

    # Its clock and what it remembers.

    def local(self) -> datetime:
        """Return the device's own local time."""
        fault = self.faults.get("wrong_clock")
        ahead = timedelta(seconds=self.settings.clock_offset_s + (fault.value if fault else 0.0))
        return (self.plant.now + ahead).astimezone(self._zone)

    def memory(self) -> dict[str, Any]:
        """Return what outlives a restart, ready for JSON."""
        return {
            "soc_pct": self.plant.soc_pct,
            "settings": self.settings.saved(),
            "clock_offset_s": self.settings.clock_offset_s,
            "counters": self.counters.saved(self.plant.total_kwh),
        }

    def _restore(self, memory: Mapping[str, Any]) -> None:
        self.plant.soc_pct = memory["soc_pct"]
        self.settings.restore(memory["settings"])
        self.settings.clock_offset_s = memory["clock_offset_s"]
        self.counters = Counters.restored(memory["counters"])
        if self.counters.day != self.local().date():
            self.counters.begin(self.local().date(), self.plant.total_kwh)

    # What it shows.

    def words(self, row: Row, look: list[Reading]) -> tuple[int, ...]:
        """Return what a row holds; a request looks at the plant once, and keeps that in `look`."""
        if row.access == "RW":
            return self.settings.words(row, self.local())
        if not look:
            look.append(self._reading())
        return spoil(self.faults, row, self._measured(row, look[0]))

    def _measured(self, row: Row, reading: Reading) -> tuple[int, ...]:
        if row.columns["type"] == "bitfield16":
            return (self.alarms.word(row.name),)
        source = SOURCES[self.config.profile].get(row.name)
        if source is None:
            return (0,) * row.count
        value = source(reading)
        return unset(row) if value is None else row.encode(_fitted(row, value))

    def _reading(self) -> Reading:
        plant, counters, identity = self.plant, self.counters, self.config.identity
        life = counters.life(plant.total_kwh)
        volts, hertz = self._grid()
        islanded = plant.islanded and not plant.blackout
        running = plant.posture.behaviour is not Behaviour.OFF
        battery_v = self._battery_v()
        smart_w = self._smart_w() if not plant.blackout else 0.0
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
            inverter_volts=self._phases(_VOLTS if islanded or (plant.on_grid and running) else _DARK),
            hertz=hertz,
            inverter_hertz=_HERTZ if islanded else hertz,
            relay_closed=plant.on_grid and running,
            islanded=islanded,
            running=running,
            faulty=self._grid_is_bad and not islanded,
            derated=plant.flows.pv_w < plant.pv_available_w - 1.0,
            mode=self.mode,
            smart_on=self.smart_on,
            smart_w=smart_w,
            bms_there="bms_loss" not in self.faults,
            meter_there="meter_loss" not in self.faults,
            rated_w=plant.config.inverter_ac_w,
            three_phase=plant.config.three_phase,
        )

    def _grid(self) -> tuple[tuple[float, float, float], float]:
        """Return volts and hertz of the grid, nothing where it is gone."""
        if not self.plant.grid_available:
            return _DARK, 0.0
        sunk, slow = self.faults.get("undervoltage"), self.faults.get("underfrequency")
        volts = (sunk.value,) * 3 if sunk else _VOLTS
        return self._phases(volts), slow.value if slow else _HERTZ

    def _phases(self, volts: tuple[float, ...]) -> tuple[float, float, float]:
        return (volts[0], volts[1], volts[2]) if self.plant.config.three_phase else (volts[0], 0.0, 0.0)

    def _battery_v(self) -> float:
        identity = self.config.identity
        rise = identity.pack_full_v - identity.pack_empty_v
        volts = identity.pack_empty_v + rise * self.plant.soc_pct / 100
        return volts * _SAG if "low_battery_voltage" in self.faults else volts

    def _smart_w(self) -> float:
        return self.settings.number("smart_load_rated_power") if self.smart_on else 0.0

    # What its settings make of it.

    @property
    def mode(self) -> int:
        """ECH running mode in force."""
        if self.config.profile not in ECH:
            return SELF_CONSUMPTION
        mode = int(self.settings.number("running_mode"))
        return SELF_CONSUMPTION if mode == FORCED_OFF_GRID and self.island_ended else mode

    def store(self, row: Row, address: int, word: int) -> None:
        """Keep a setting; `obey` makes it act."""
        self.settings.store(row, address, word, self.local())
        if row.name == "running_mode":
            enough = self.plant.posture.discharge_cutoff_soc_pct + ISLAND_MARGIN_PCT
            self.island_ended = self.plant.soc_pct < enough

    def obey(self) -> None:
        """Let the plant do at once what it is told and what its troubles force on it."""
        self._step(0.0)

    def _step(self, seconds: float) -> None:
        self._tell()
        self.plant.step(seconds)
        if self.plant.blackout and self.plant.grid_available and not self._grid_is_bad:
            self.island_ended = True
            self._tell()
            self.plant.step(0)
        self.alarms.update(self.plant.now, self._troubles(), self._unknown_bit)

    def _tell(self) -> None:
        plant = self.plant
        if "not_obeyed" not in self.faults:
            plant.posture = self._posture()
        self._switch_smart_load()

    def _posture(self) -> Posture:
        told = posture(self.config.profile, self.settings, self._situation())
        if "bms_loss" in self.faults:
            told.charge_limit_w = told.discharge_limit_w = 0.0
        if "low_battery_voltage" in self.faults:
            told.discharge_limit_w = 0.0
        if "meter_loss" in self.faults and told.behaviour is Behaviour.SELF_CONSUMPTION:
            told.behaviour = Behaviour.STANDBY
        if self._grid_is_bad and not self.plant.config.backup_supply:
            told.behaviour = Behaviour.OFF
        told.off_grid = self.plant.config.backup_supply and (
            self.mode == FORCED_OFF_GRID or self._grid_is_bad
        )
        return told

    @property
    def _grid_is_bad(self) -> bool:
        return "undervoltage" in self.faults or "underfrequency" in self.faults

    def _situation(self) -> Situation:
        return Situation(
            now=self.local(),
            rated_w=self.plant.config.inverter_ac_w,
            mode=self.mode,
            dispatch_needs_enable=self.config.dispatch_needs_enable,
        )

    def _switch_smart_load(self) -> None:
        if "smart_load_mode" not in self.settings.space.rows:
            return
        plant = self.plant
        around = Surroundings(
            now=self.local(), soc_pct=plant.soc_pct, grid_w=plant.flows.grid_w, on_grid=plant.on_grid
        )
        self.smart_on = is_on(self.settings, self.smart_on, around)
        plant.switched_load_w = self._smart_w()

    def _troubles(self) -> Iterator[str]:
        yield from (name for name in _CONDITIONS if name in self.faults)
        if not self.plant.grid_available:
            yield "utility_loss"
        if self.plant.config.battery_capacity_wh and self.plant.soc_pct < LOW_SOC_PCT:
            yield "low_soc"

    @property
    def _unknown_bit(self) -> int | None:
        fault = self.faults.get("unknown_alarm")
        return int(fault.value) if fault else None

    # Time.

    def run(self, seconds: float) -> None:
        """Move the physics on, obeying what was written, minute by minute of the device's own clock."""
        if not seconds:
            self.obey()
        while seconds > 0:
            now = self.local()
            part_s = min(seconds, _STEP_S - now.second - now.microsecond / 1e6)
            self._step(part_s)
            self._count(part_s)
            seconds -= part_s

    def _count(self, seconds: float) -> None:
        plant, counters = self.plant, self.counters
        if (today := self.local().date()) != counters.day:
            counters.begin(today, plant.total_kwh)
        kwh = seconds / 3_600_000
        if plant.islanded and not plant.blackout:
            counters.backup_kwh += plant.flows.household_w * kwh
        if not plant.blackout:
            counters.smart_kwh += plant.switched_load_w * kwh
        counters.peak_today_w = max(counters.peak_today_w, plant.flows.pv_w)
        if plant.flows.pv_w > 0:
            counters.run_today_s += seconds
            counters.life_h += seconds / 3600


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
