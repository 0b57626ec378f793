"""A Sigen plant between its physics and its registers: what it shows, and what a write does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
import math
from zoneinfo import ZoneInfo

from .flows import Energies
from .plant import Ev, Posture, SimulatedPlant
from .register_map import Row
from .sigen_config import SigenConfig
from .sigen_control import Controls, Ratings
from .sigen_map import AC_START_STOP, DC_START_STOP, PLANT_UNIT, Area, Model, area_of, rows_of
from .sigen_values import CHARGER_PHASES, CHARGER_VOLTAGE, Reading, Vehicle, value_of

DC_CHARGER_KW = 12.5
CHARGER_BREAKER_A = 32.0
_VPP_MODE = 5
_MOMENT_S = 1e-3

type Look = dict[Area, Reading]
"""What one request to one unit id has seen of the plant so far."""


class SigenPlant:
    """The device without its wire."""

    def __init__(self, config: SigenConfig, model: Model, plant: SimulatedPlant) -> None:
        """Put registers around a plant."""
        self.config = config
        self.model = model
        self.plant = plant
        self.firmware = firmware_string(model, config.firmware)
        self.controls = Controls(
            model,
            Ratings(
                active_kw=plant.config.inverter_ac_w / 1000,
                charge_kw=plant.config.max_charge_w / 1000,
                discharge_kw=plant.config.max_discharge_w / 1000,
                pv_kw=2 * plant.config.pv_peak_w / 1000,
                dc_charger_kw=DC_CHARGER_KW,
                charger_breaker_a=CHARGER_BREAKER_A,
            ),
            lambda: self.plant.now,
            gateway=plant.config.backup_supply,
            grid_sensor=plant.config.grid_sensor,
            enter_s=config.enter_s,
            cutoff_bug=config.cutoff_bug,
            app_mode=config.app_mode,
        )
        self.dc_fault = False
        """A vehicle that was told 0 kW in a session: latched until it is plugged in again."""
        self._off: set[int] = set()
        self._started = plant.now
        self._day_began = Energies()
        self._yesterday = Energies()
        self._dc_stopped = False
        self._session_kwh = self._session_s = 0.0
        self._coming: list[tuple[float, Posture]] = []
        """What was written and has no effect yet, with the second at which it will."""
        if config.ac_chargers and plant.ac_ev is None:
            plant.ac_ev = Ev()
        if config.dc_charger is not None and plant.dc_ev is None:
            plant.dc_ev = Ev(max_power_w=DC_CHARGER_KW * 1000, soc_pct=40.0)
        plant.posture = self.controls.posture()
        plant.step(0)

    # What it shows.

    @property
    def elapsed_s(self) -> float:
        """Simulated seconds since the start."""
        return (self.plant.now - self._started).total_seconds()

    def words(self, unit: int, row: Row, look: Look | None = None) -> tuple[int, ...]:
        """Return what a register holds, written or measured; a request looks at the plant only once."""
        if row.access == "RW":
            return self.controls.words(unit, row)
        area = area_of(row)
        if area is None:
            return (0,) * row.count
        look = {} if look is None else look
        if area not in look:
            look[area] = self._reading(unit, area)
        value = value_of(area, row.name, look[area])
        if not isinstance(value, str) and row.data_type.startswith(("U", "B")):
            value = max(0, value)
        return row.encode(value)

    def _reading(self, unit: int, area: Area) -> Reading:
        plant, running = self.plant, unit not in self._off and not self.controls.stopped
        part = share = 1.0
        if area == "inverter":
            part = 1 / len(self.config.inverters)
            share = running / max(1, len(self.config.inverters) - len(self._off))
        packs = plant.config.battery_packs if plant.config.battery_capacity_wh else 0
        return Reading(
            clock_s=self._clock_s(plant.now),
            offset_min=self._offset_min(),
            started_s=self._clock_s(self._started),
            model=self.model,
            ratings=self.controls.ratings,
            flows=plant.flows,
            life=plant.total_kwh,
            today=plant.total_kwh.since(self._day_began),
            yesterday=self._yesterday,
            soc_pct=plant.soc_pct,
            soh_pct=plant.soh_pct,
            temperature_c=plant.cell_temperature_c,
            capacity_kwh=plant.config.battery_capacity_wh / 1000,
            available_charge_kw=plant.available_charge_w / 1000 * running,
            available_discharge_kw=plant.available_discharge_w / 1000 * running,
            charge_cutoff_pct=plant.posture.charge_cutoff_soc_pct,
            discharge_cutoff_pct=plant.posture.discharge_cutoff_soc_pct,
            on_grid=plant.grid_available,
            grid_sensor=plant.config.grid_sensor,
            work_mode=self.controls.work_mode,
            running=running,
            unit=unit,
            firmware=self.firmware,
            packs=math.ceil(packs * part),
            part=part,
            share=share,
            vehicle=self._vehicle(unit, area),
        )

    def _vehicle(self, unit: int, area: Area) -> Vehicle | None:
        flows, total = self.plant.flows, self.plant.total_kwh
        first = self.config.ac_chargers[:1]
        if area == "ac_charger" and self.plant.ac_ev and (unit in first or unit in self.config.inverters):
            return Vehicle(ev=self.plant.ac_ev, power_w=flows.ac_ev_w, total_kwh=total.ac_ev)
        if area == "dc_charger" and self.plant.dc_ev and unit == self.config.dc_charger:
            return Vehicle(
                ev=self.plant.dc_ev,
                power_w=flows.dc_ev_w,
                session_kwh=self._session_kwh,
                session_s=self._session_s,
                total_kwh=total.dc_ev,
                stopped=self._dc_stopped,
                faulty=self.dc_fault,
            )
        return None

    def _offset_min(self) -> int:
        offset = self.plant.now.astimezone(ZoneInfo(self.plant.config.time_zone)).utcoffset()
        return round((offset or timedelta()).total_seconds() / 60)

    def _clock_s(self, moment: datetime) -> int:
        return int(moment.timestamp()) + 60 * self._offset_min() * self.config.local_time_base

    def upgrade(self, model: Model, firmware: str) -> None:
        """Run on another firmware; what was written stays."""
        self.model = self.controls.model = model
        self.firmware = firmware_string(model, firmware)
        self._obey()

    # What a write does.

    def apply(self, unit: int, row: Row, words: tuple[int, ...]) -> None:
        """Store a setting or obey a command."""
        value = row.decode(words)
        if row.address in (AC_START_STOP, DC_START_STOP):
            self._start_stop(row.address, start=words[0] == 0)
        elif row.name == "inverter_start_stop":
            (self._off.discard if words[0] else self._off.add)(unit)
            self.controls.stopped = self._off.issuperset(self.config.inverters)
        else:
            self.controls.store(unit, row, words)
            if isinstance(value, float):
                self._limit_vehicle(row, value)
            if row.name == "plant_start_stop":
                self._off = set(self.config.inverters) if self.controls.stopped else set()
        self._obey()

    def _start_stop(self, address: int, *, start: bool) -> None:
        """Release or stop a vehicle: 0 starts, 1 stops."""
        if address == AC_START_STOP:
            if self.plant.ac_ev:
                self.plant.ac_ev.charging = start
        elif self.plant.dc_ev:
            if start and not self.plant.dc_ev.charging:
                self._session_kwh = self._session_s = 0.0
            self.plant.dc_ev.charging = start and not self.dc_fault
            self._dc_stopped = not start

    def _limit_vehicle(self, row: Row, value: float) -> None:
        if row.name == "output_current_limit" and self.plant.ac_ev:
            self.plant.ac_ev.limit_w = value * CHARGER_VOLTAGE * CHARGER_PHASES
        elif row.name == "max_charge_power_limit" and (ev := self.plant.dc_ev):
            ev.limit_w = value * 1000
            if value == 0 and ev.connected and ev.charging:
                self.dc_fault = True
                ev.charging = False

    def stop_at_car(self) -> None:
        """Stop DC charging by hand at the car or in the app: it stays so until a start command."""
        if self.plant.dc_ev:
            self.plant.dc_ev.charging = False
            self._dc_stopped = True
            self._obey()

    def vpp(self, discharge_kw: float | None) -> None:
        """Let a power plant operator take remote EMS, or give it back when None."""
        values = {"remote_ems_enable": float(discharge_kw is not None)}
        if discharge_kw is not None:
            values |= {"remote_ems_control_mode": _VPP_MODE, "ess_max_discharge_limit": discharge_kw}
        self.controls.vpp = discharge_kw is not None
        rows = {row.name: row for row in rows_of("plant")}
        for name, value in values.items():
            self.apply(PLANT_UNIT, rows[name], rows[name].encode(value))

    # Time.

    def run(self, seconds: float) -> None:
        """Move the physics on, obeying what was written."""
        for part_s in self._parts(seconds):
            self._obey()
            before = replace(self.plant.total_kwh)
            self.plant.step(part_s)
            charged = self.plant.total_kwh.since(before).dc_ev
            self._session_kwh += charged
            self._session_s += part_s if charged else 0
            ev = self.plant.dc_ev
            if ev is not None and not ev.connected:
                self.dc_fault = self._dc_stopped = ev.charging = False

    def _parts(self, seconds: float) -> Iterator[float]:
        """Cut a stretch of time where the day ends and where remote EMS begins to act."""
        zone = ZoneInfo(self.plant.config.time_zone)
        while seconds > 0:
            now = self.plant.now.astimezone(zone)
            midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), zone)
            to_midnight = midnight.timestamp() - now.timestamp()
            to_effect = max(_MOMENT_S, self._coming[0][0] - self.elapsed_s) if self._coming else seconds
            part_s = min(seconds, to_midnight, self.controls.seconds_to_remote() or seconds, to_effect)
            yield part_s
            seconds -= part_s
            if part_s == to_midnight:
                self._yesterday = self.plant.total_kwh.since(self._day_began)
                self._day_began = replace(self.plant.total_kwh)

    def _obey(self) -> None:
        self.plant.posture = self._in_effect(self.controls.posture())
        self.plant.step(0)

    def _in_effect(self, told: Posture) -> Posture:
        """Give what the plant does by now of what it is told."""
        if not self.config.obey_s:
            return told
        posture, now_s = self.plant.posture, self.elapsed_s
        if told != (self._coming[-1][1] if self._coming else posture):
            self._coming.append((now_s + self.config.obey_s, told))
        while self._coming and self._coming[0][0] <= now_s + _MOMENT_S:
            _, posture = self._coming.pop(0)
        return posture


def firmware_string(model: Model, firmware: str | None) -> str:
    """Return what 30525 shows: the string that was given, or one around its SPC number."""
    short = f"SPC{model.spc}"
    return f"V100R001C22{short}B064H" if firmware in (None, short) else str(firmware)
