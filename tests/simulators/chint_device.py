"""A Chint plant without its registers: what settings, troubles and time make of the physics."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from .chint_alarms import AlarmLog
from .chint_autotest import AutoTest
from .chint_config import ChintConfig
from .chint_counters import Counters
from .chint_load import Surroundings, is_on
from .chint_map import ECH, spaces
from .chint_modes import FORCED_OFF_GRID, SELF_CONSUMPTION, Situation, posture
from .chint_settings import Settings
from .faults import Faults
from .flows import Phases
from .plant import Behaviour, Posture, SimulatedPlant
from .register_map import Row

LOW_SOC_PCT = 10.0
ISLAND_MARGIN_PCT = 15.0
"""Above the floor, before the device leaves the grid on command [assumed]."""
VOLTS = (230.4, 231.1, 229.8)
DARK = (0.0, 0.0, 0.0)
HERTZ = 50.02
_CONDITIONS = ("bms_loss", "undervoltage", "underfrequency", "low_battery_voltage", "meter_loss")
_STEP_S = 60.0


class ChintDevice:
    """Settings, clock, counters and alarms around a plant."""

    def __init__(self, config: ChintConfig, plant: SimulatedPlant, faults: Faults) -> None:
        """Start as a new device, or as one that remembers."""
        self.config = config
        self.plant = plant
        self.faults = faults
        self.spaces: Final = spaces(config.profile, config.layout, extended=config.extended)
        self.settings = Settings(config.profile, self.spaces["holding"], config.clock_offset_s)
        self.alarms = AlarmLog(config.profile)
        self.autotest = AutoTest(config.autotest)
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
        if row.name == "autotest_command":
            self._start_autotest(start=bool(word))
        if row.name == "running_mode":
            enough = self.plant.posture.discharge_cutoff_soc_pct + ISLAND_MARGIN_PCT
            self.island_ended = self.plant.soc_pct < enough

    def _start_autotest(self, *, start: bool) -> None:
        if start:
            ready = self.plant.on_grid and not self.grid_is_bad and self.runs
            self.autotest.start(self.plant.now, ready=ready)
        else:
            self.autotest.abort()

    @property
    def runs(self) -> bool:
        """Whether it is switched on and may work."""
        return self.plant.posture.behaviour is not Behaviour.OFF

    def obey(self) -> None:
        """Let the plant do at once what it is told and what its troubles force on it."""
        self._step(0.0)

    def _step(self, seconds: float) -> None:
        self._tell()
        self.plant.step(seconds)
        if self.plant.blackout and self.plant.grid_available and not self.grid_is_bad:
            self.island_ended = True
            self._tell()
            self.plant.step(0)
        self.alarms.update(self.plant.now, self._troubles(), self._unknown_bit)

    def _test(self) -> bool:
        """Move the self test on, and tell whether it did; a grid that fails ends it."""
        if not self.plant.grid_available or self.grid_is_bad:
            self.autotest.abort()
        fault, (volts, hertz) = self.faults.get("autotest_fails"), self.grid()
        slow = None if fault is None else int(fault.value)
        return self.autotest.move(self.plant.now, volts=volts[0], hertz=hertz, slow_step=slow)

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
        if self.autotest.off_grid or (self.grid_is_bad and not self.plant.config.backup_supply):
            told.behaviour = Behaviour.OFF
        if not self.autotest.feed_in_allowed:
            told.export_limit_w = 0.0
        told.off_grid = self.plant.config.backup_supply and (self.mode == FORCED_OFF_GRID or self.grid_is_bad)
        return told

    @property
    def grid_is_bad(self) -> bool:
        """Whether there is a grid that the inverter must let go of."""
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
        plant.switched_load_w = self.smart_w()

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
            self._test()
            self.obey()
        while seconds > 0:
            self._test()
            now = self.local()
            part_s = min(seconds, _STEP_S - now.second - now.microsecond / 1e6)
            part_s = min(part_s, self.autotest.seconds_left(self.plant.now) or part_s)
            self._step(part_s)
            self._count(part_s)
            seconds -= part_s
        if self._test():
            self.obey()

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

    def grid(self) -> tuple[Phases, float]:
        """Return volts and hertz of the grid, nothing where it is gone."""
        if not self.plant.grid_available:
            return DARK, 0.0
        sunk, slow = self.faults.get("undervoltage"), self.faults.get("underfrequency")
        volts = (sunk.value,) * 3 if sunk else VOLTS
        return self.phases(volts), slow.value if slow else HERTZ

    def phases(self, volts: Sequence[float]) -> Phases:
        """Return these voltages on the phases that the plant has."""
        return (volts[0], volts[1], volts[2]) if self.plant.config.three_phase else (volts[0], 0.0, 0.0)

    def smart_w(self) -> float:
        """Return what the intelligent load takes."""
        return self.settings.number("smart_load_rated_power") if self.smart_on else 0.0
