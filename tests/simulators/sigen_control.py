"""What was written to a simulated Sigen plant, what it refuses, and what it makes the plant do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
import re

from pymodbus.constants import ExcCodes

from .posture import Behaviour, Posture
from .register_map import RefusedError, Row
from .sigen_map import PLANT_UNIT, Area, Model, rows_of

WORK_MODE_SELF_CONSUMPTION = 0
WORK_MODE_FULL_FEED_IN = 5
WORK_MODE_VPP = 6
WORK_MODE_REMOTE = 7
RATED_FREQUENCY_HZ = 50.0
UNSET = 0xFFFF
RATED_CHARGER_CURRENT_A = 16.0

_BEHAVIOURS: Mapping[int, Behaviour] = {
    0: Behaviour.REMOTE_POWER,
    1: Behaviour.STANDBY,
    2: Behaviour.SELF_CONSUMPTION,
    3: Behaviour.CHARGE_GRID_FIRST,
    4: Behaviour.CHARGE_PV_FIRST,
    5: Behaviour.DISCHARGE_PV_FIRST,
    6: Behaviour.DISCHARGE_BATTERY_FIRST,
    8: Behaviour.SELF_CONSUMPTION,
}
"""40031 → behaviour; 8 (V2G) is not described, so the plant goes on as before."""
_CHARGE_MODES = (3, 4)
_DISCHARGE_MODES = (5, 6)
_MODE_BOUND = ("ess_max_charge_limit", "ess_max_discharge_limit", "pv_max_power_limit")
_PHASES = ("phase_a", "phase_b", "phase_c")
_AREAS: tuple[Area, ...] = ("ac_charger", "dc_charger", "plant")
_SETTINGS = {row.name: row for area in _AREAS for row in rows_of(area) if row.access != "RO"}
"""Settings by name; the plant's own win over those of its devices."""

_START: Mapping[str, float] = {
    "remote_ems_control_mode": 2,
    "ess_charge_cutoff_soc": 100.0,
    "ess_discharge_cutoff_soc": 5.0,
    "grid_import_limit": 50.0,
    "active_power_gradient": 100.0,
    "grid_code_lvrt_enable": 1,
    "grid_code_lvrt_reactive_factor": 2.0,
    "grid_code_lvrt_negseq_reactive_factor": 2.0,
    "grid_code_hvrt_enable": 1,
    "grid_code_hvrt_reactive_factor": 2.0,
    "grid_code_hvrt_negseq_reactive_factor": 2.0,
    "grid_code_overfreq_derating_enable": 1,
    "grid_code_overfreq_ramp_rate": 40.0,
    "grid_code_overfreq_trigger": 50.2,
    "grid_code_overfreq_cutoff": 51.5,
    "grid_code_underfreq_boost_enable": 1,
    "grid_code_underfreq_ramp_rate": 40.0,
    "grid_code_underfreq_trigger": 49.8,
    "grid_code_underfreq_cutoff": 48.0,
    "pcc_power_factor_import": 1.0,
    "pcc_power_factor_export": 1.0,
    "power_factor_setpoint": 1.0,
    "output_current_limit": RATED_CHARGER_CURRENT_A,
}
"""What a new plant holds; everything else that can be written is 0 or unset."""
_START_UNSET = ("ess_max_charge_limit", "ess_max_discharge_limit", "pcs_export_limit", "pcs_import_limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """Figures of the plant that bound what may be written, in the table's units."""

    active_kw: float
    charge_kw: float
    discharge_kw: float
    pv_kw: float
    dc_charger_kw: float
    charger_breaker_a: float


class Controls:
    """The settings of the plant, its operating mode, and the posture that follows from both."""

    def __init__(
        self,
        model: Model,
        ratings: Ratings,
        now: Callable[[], datetime],
        *,
        gateway: bool,
        grid_sensor: bool,
        enter_s: float,
        cutoff_bug: bool,
        app_mode: int,
    ) -> None:
        """Start as a plant that nobody has written to, in the mode that the app chose."""
        self.model = model
        self.ratings = ratings
        self.app_mode = app_mode
        self.vpp = False
        self.stopped = False
        self._now = now
        self._gateway = gateway
        self._grid_sensor = grid_sensor
        self._enter_s = enter_s
        self._cutoff_bug = cutoff_bug
        self._remote_since: datetime | None = None
        self._words: dict[tuple[int, int], tuple[int, ...]] = {}

    # What is stored.

    def words(self, unit: int, row: Row) -> tuple[int, ...]:
        """Return what the register holds."""
        if (stored := self._words.get((unit, row.address))) is not None:
            return stored
        if row.name in _START_UNSET:
            return (UNSET,) * row.count
        return row.encode(self._start(row.name))

    def store(self, unit: int, row: Row, words: tuple[int, ...]) -> None:
        """Keep words as they are, without asking whether a client may write them."""
        self._words[unit, row.address] = words
        if row.name == "remote_ems_enable":
            self._set_remote(enabled=bool(words[0]))
        elif row.name == "plant_start_stop":
            self.stopped = words[0] == 0

    def number(self, name: str, unit: int = PLANT_UNIT) -> float | None:
        """Return a setting of the plant in the table's unit, None while it was never set."""
        row = _SETTINGS[name]
        words = self.words(unit, row)
        if words == (UNSET,) * row.count and row.count > 1:
            return None
        value = row.decode(words)
        return value if not isinstance(value, str) else None

    def _start(self, name: str) -> float:
        match name:
            case "pv_max_power_limit":
                return self.ratings.pv_kw
            case "grid_export_limit":
                return self.ratings.active_kw
            case "max_charge_power_limit" | "max_discharge_power_limit":
                return self.ratings.dc_charger_kw
        return _START.get(name, 0)

    # What a client may write.

    def check(self, row: Row, words: tuple[int, ...]) -> None:
        """Refuse a write that the plant does not take now."""
        if row.name in _MODE_BOUND and not self.model.limits_are_global and not self.remote:
            raise RefusedError(ExcCodes.ILLEGAL_ADDRESS)
        value = row.decode(words)
        if isinstance(value, str) or not self._allowed(row, value):
            raise RefusedError(ExcCodes.ILLEGAL_VALUE)

    def _allowed(self, row: Row, value: float) -> bool:
        bounds = self._bounds(row)
        if bounds is not None:
            return bounds[0] <= value <= bounds[1]
        if row.columns["valid_range"].startswith("(-1,-0.8]"):
            return 0.8 <= abs(value) <= 1 and value != -1
        listed = row.columns["enum_or_bits"]
        if listed and "ignored" not in listed:
            numbers = {int(number) for number in re.findall(r"(?:^|; )(\d+) ", listed)}
            if row.name == "remote_ems_control_mode":
                numbers -= {7} if self.model.version == "V2.9" else {7, 8}
            return value in numbers
        return True

    def _bounds(self, row: Row) -> tuple[float, float] | None:
        rated = self.ratings
        current_a = min(RATED_CHARGER_CURRENT_A, rated.charger_breaker_a)
        by_rating = {
            "active_power_setpoint": (-rated.active_kw, rated.active_kw),
            "reactive_power_setpoint": (-0.6 * rated.active_kw, 0.6 * rated.active_kw),
            "ess_max_charge_limit": (0, rated.charge_kw),
            "ess_max_discharge_limit": (0, rated.discharge_kw),
            "max_charge_power_limit": (0, rated.dc_charger_kw),
            "max_discharge_power_limit": (0, rated.dc_charger_kw),
            "output_current_limit": (6, current_a),
        }
        if row.name in by_rating:
            return by_rating[row.name]
        text = row.columns["valid_range"]
        if found := re.fullmatch(r"(-?[\d.]+?)\.\.(-?[\d.]+)", text):
            return float(found[1]), float(found[2])
        if found := re.match(r"([\d.]+)\*Fn\.\.([\d.]+)\*Fn", text):
            return float(found[1]) * RATED_FREQUENCY_HZ, float(found[2]) * RATED_FREQUENCY_HZ
        return None

    # What the plant does.

    @property
    def remote(self) -> bool:
        """Whether remote EMS is in force; it takes some seconds after 40029 = 1."""
        if self._remote_since is None:
            return False
        return (self._now() - self._remote_since).total_seconds() >= self._enter_s

    def seconds_to_remote(self) -> float | None:
        """Seconds until remote EMS begins to act; None when nothing is on its way."""
        if self._remote_since is None or self.remote:
            return None
        return self._enter_s - (self._now() - self._remote_since).total_seconds()

    @property
    def work_mode(self) -> int:
        """What 30003 says."""
        if self.vpp:
            return WORK_MODE_VPP
        return WORK_MODE_REMOTE if self.remote else self.app_mode

    def _set_remote(self, *, enabled: bool) -> None:
        if enabled and self._remote_since is None:
            self._remote_since = self._now()
        elif not enabled and self._remote_since is not None:
            self._remote_since = None
            self.app_mode = WORK_MODE_SELF_CONSUMPTION

    def posture(self) -> Posture:
        """Say what the plant is told to do now."""
        remote = self.remote or self.vpp
        mode = int(self.number("remote_ems_control_mode") or 0) if remote else None
        everywhere = self.model.limits_are_global
        limits = dict.fromkeys(_MODE_BOUND, everywhere)
        limits["ess_max_charge_limit"] |= mode in _CHARGE_MODES
        limits["ess_max_discharge_limit"] |= mode in _DISCHARGE_MODES
        limits["pv_max_power_limit"] |= mode in _CHARGE_MODES + _DISCHARGE_MODES

        def bound(name: str) -> float | None:
            return self._watts(name) if limits[name] else None

        def at_grid(name: str) -> float | None:
            return self._watts(name) if self._grid_sensor else None

        return Posture(
            behaviour=self._behaviour(mode),
            charge_limit_w=bound("ess_max_charge_limit"),
            discharge_limit_w=bound("ess_max_discharge_limit"),
            pv_limit_w=bound("pv_max_power_limit"),
            export_limit_w=at_grid("grid_export_limit"),
            import_limit_w=at_grid("grid_import_limit"),
            inverter_out_limit_w=self._watts("pcs_export_limit"),
            inverter_in_limit_w=self._watts("pcs_import_limit"),
            charge_cutoff_soc_pct=self.number("ess_charge_cutoff_soc") or 0.0,
            discharge_cutoff_soc_pct=self.number("ess_discharge_cutoff_soc") or 0.0,
            backup_soc_pct=(self.number("ess_backup_soc") or 0.0) if self._gateway else 0.0,
            remote_power_w=self._dispatch_w(),
            refill_to_discharge_cutoff=self._cutoff_bug,
        )

    def _behaviour(self, mode: int | None) -> Behaviour:
        if self.stopped:
            return Behaviour.OFF
        if mode is not None:
            return _BEHAVIOURS.get(mode, Behaviour.SELF_CONSUMPTION)
        if self.app_mode == WORK_MODE_FULL_FEED_IN:
            return Behaviour.FULL_FEED_IN
        return Behaviour.SELF_CONSUMPTION

    def _watts(self, name: str) -> float | None:
        value = self.number(name)
        return None if value is None else value * 1000

    def _dispatch_w(self) -> float:
        """Power of PCS remote control; a fixed power wins over percent (assumed)."""
        if self.number("independent_phase_control_enable"):
            fixed = sum(self.number(f"{phase}_active_power_setpoint") or 0.0 for phase in _PHASES)
            share = sum(self.number(f"{phase}_active_power_percent_setpoint") or 0.0 for phase in _PHASES) / 3
        else:
            fixed = self.number("active_power_setpoint") or 0.0
            share = self.number("active_power_percent_setpoint") or 0.0
        return 1000 * (fixed or share / 100 * self.ratings.active_kw)
