"""A simulated Sigen plant as the loop sees it: measured, told what to do by the driver's own plans."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import json
from typing import Any

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import DeviceKind, GridState, PlantState
from custom_components.energy_storage.vendors.control import Capabilities, DeviceLimits, Holding, Order
from custom_components.energy_storage.vendors.driver import RegisterReading
from custom_components.energy_storage.vendors.fields import fields_of
from custom_components.energy_storage.vendors.sigen.abilities import (
    PlantFacts,
    Seen,
    abilities,
    facts_of,
    limit_guards,
)
from custom_components.energy_storage.vendors.sigen.control import installation_of
from custom_components.energy_storage.vendors.sigen.held import (
    CHARGE_CUTOFF,
    DISCHARGE_CUTOFF,
    EXPORT,
    IMPORT,
    LIMITS,
    MODE,
    REMOTE,
    RESERVE,
    Held,
    Reading,
    held_of,
)
from custom_components.energy_storage.vendors.sigen.plan import MODE_OF, plan, release_plan
from custom_components.energy_storage.vendors.sigen.record import Record
from custom_components.energy_storage.vendors.sigen.registers import TABLES
from custom_components.energy_storage.vendors.sigen.sequence import Situation
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.sigen.write_guards import highest_cutoff
from custom_components.energy_storage.vendors.write import CommandRefusedError, Write, register_writes
from tests.simulators.modbus import Request
from tests.simulators.plant import PlantConfig
from tests.simulators.register_map import RefusedError
from tests.simulators.sigen import SigenConfig, SigenSimulator
from tests.simulators.sigen_map import PLANT_UNIT

from .link import Link

_REGISTER_OF: Mapping[Limit, str] = {
    Limit.EXPORT: EXPORT,
    Limit.IMPORT: IMPORT,
    Limit.CHARGE_CUTOFF: CHARGE_CUTOFF,
    Limit.DISCHARGE_CUTOFF: DISCHARGE_CUTOFF,
    Limit.BACKUP_RESERVE: RESERVE,
}
_TIERS = ("fast", "settings")
_PEAK_OVER_S = 300.0
_WATCHED_EVERY_S = 30.0
_EVERY_S = 60.0
_FOLLOWS_READINGS = frozenset({CommandKind.HOLD, CommandKind.SHAVE, CommandKind.DISCHARGE})
"""Commands whose writes may change with each reading."""


@dataclass(slots=True, kw_only=True)
class _Look:
    """What was read of the plant's settings, and what follows from it."""

    held: Held
    facts: PlantFacts
    at: datetime
    cutoffs: tuple[float, float, float | None]


class SigenHouse:
    """The plant, and what a driver keeps of it."""

    def __init__(self, config: Mapping[str, Any], link: Link, start: datetime, *, writes_before: int) -> None:
        """Build it; nothing was written yet."""
        defaults = PlantConfig()
        three = config.get("phases", 1) > 1
        physics = replace(
            defaults,
            battery_capacity_wh=config.get("battery_wh", 10_000.0),
            soc_pct=config.get("soc_pct", 50.0),
            max_charge_w=config.get("max_charge_w", 5_000.0),
            max_discharge_w=config.get("max_discharge_w", 5_000.0),
            inverter_ac_w=config.get("inverter_w", 8_000.0),
            backup_supply=config.get("backup_supply", True),
            grid_sensor=config.get("grid_sensor", True),
            three_phase=three,
        )
        firmware, version = config.get("firmware"), config.get("version")
        self.sim = SigenSimulator(
            SigenConfig(
                plant=physics,
                firmware=firmware,
                version=version or (None if firmware else "V2.9"),
                app_mode=config.get("app_mode", 0),
                cutoff_bug=config.get("cutoff_bug", True),
                enter_s=link.enter_s,
                obey_s=link.obey_s,
                start=start,
                speed=0,
            )
        )
        self.plant = self.sim.plant
        for name, value in config.get("held", {}).items():
            self.sim.change(name, value)
        self.plant.step(0)
        number = int(self.sim.model.version.removeprefix("V").replace(".", ""))
        self._version = max(version for version in Version if version <= number)
        self.record = Record(seen={Seen(name) for name in config.get("seen", [])})
        if writes_before:
            self.record.day = start.astimezone(UTC).date().isoformat()
            self.record.counts = dict.fromkeys((*LIMITS, MODE, REMOTE), writes_before)
        self._look: _Look | None = None
        self._touched = True
        self._holding: Holding | None = None
        self._held_day = 0
        self._abilities: tuple[object, Capabilities] | None = None
        self._kept_up: object = None
        self._peaks: deque[tuple[float, float]] = deque()
        self._met = False
        self._measured: PlantState | None = None

    # Physics.

    def run(self, seconds: float, load_w: float, pv_w: float) -> None:
        """Let time pass."""
        plant, device = self.plant, self.sim.device
        plant.load_override_w, plant.pv_override_w = load_w, pv_w
        if device._coming or self.sim.controls.seconds_to_remote() is not None:
            device.run(seconds)
            self._touched = True
        else:
            plant.step(seconds)

    def happen(self, kind: str, what: Any) -> None:
        """Let somebody else do something to the plant."""
        if kind == "grid":
            self.plant.grid_available = what == "back"
        elif kind == "vpp":
            self.sim.device.vpp(what)
        else:
            for name, value in what.items():
                if name == "app_mode":
                    self.sim.controls.app_mode = int(value)
                    self.sim.device._obey()
                else:
                    self.sim.change(name, value)
        self._touched = True

    def register(self, name: str) -> float | str:
        """Give what a register shows, in the table's unit."""
        return self.sim.get(name)

    # What is read.

    def measure(self, now: datetime) -> PlantState:
        """Read what the plant measures, as its registers say it."""
        plant = self.plant
        flows, config, look = plant.flows, plant.config, self._look
        sensor, on_grid = config.grid_sensor, plant.grid_available
        known: tuple[float | None, ...] = (None, None, None) if look is None else look.cutoffs
        three = config.three_phase
        phases = flows.grid_phases_w
        return PlantState(
            read_at=now,
            soc_pct=round(plant.soc_pct, 1),
            grid_power_w=round(flows.grid_w) if sensor else None,
            grid_phase_power_w=(
                (round(phases[0]), round(phases[1]), round(phases[2]))
                if three and sensor
                else (round(flows.grid_w) if sensor else None, None, None)
            ),
            battery_power_w=round(flows.battery_w),
            pv_power_w=round(flows.pv_w),
            load_power_w=round(flows.load_w),
            grid_state=GridState.ON_GRID if on_grid else GridState.OFF_GRID,
            rated_power_w=config.inverter_ac_w,
            rated_energy_wh=config.battery_capacity_wh,
            available_charge_power_w=round(plant.available_charge_w),
            available_discharge_power_w=round(plant.available_discharge_w),
            charge_cutoff_soc_pct=known[0],
            discharge_cutoff_soc_pct=known[1],
            backup_reserve_soc_pct=known[2],
        )

    def take(self, state: PlantState, now: datetime) -> None:
        """Look at a reading that has just arrived, and now and then at what the plant holds."""
        now_s = now.timestamp()
        if state.load_power_w is not None and state.pv_power_w is not None:
            peaks = self._peaks
            peaks.append((now_s, state.load_power_w - state.pv_power_w))
            while now_s - peaks[0][0] > _PEAK_OVER_S:
                peaks.popleft()
        look = self._look
        watched = _WATCHED_EVERY_S if self.record.own else _EVERY_S
        on_grid = self._measured is None or self._measured.grid_state is state.grid_state
        self._measured = state
        if look is None or not on_grid or (now - look.at).total_seconds() >= watched:
            self.look(now)
        if not self._met and self._look is not None:
            self._met = True
            self.record.give_up(self._look.held)
            self._holding = None

    def look(self, now: datetime) -> _Look:
        """Read what the plant holds; the registers themselves only where something may have changed."""
        if self._look is not None and not self._touched:
            self._look.at = now
            if self._holding is not None:
                self._holding = replace(self._holding, read_at=now)
            return self._look
        self._touched = self.sim.controls.seconds_to_remote() is not None
        readings = tuple(self._readings())
        facts = facts_of(readings, self._version, self.record.seen)
        if Seen.GATEWAY in facts.seen:
            self.record.seen.add(Seen.GATEWAY)
        held, posture = held_of(readings), self.plant.posture
        reserve = held.limits.get(RESERVE) if RESERVE in facts.offered else None
        self._look = _Look(
            held=held,
            facts=facts,
            at=now,
            cutoffs=(posture.charge_cutoff_soc_pct, posture.discharge_cutoff_soc_pct, reserve),
        )
        self._holding, self._abilities = None, None
        return self._look

    def _readings(self) -> list[RegisterReading]:
        found = []
        for table in TABLES[DeviceKind.PLANT]:
            if table.write_only or table.tier not in _TIERS:
                continue
            for name, field in fields_of(table).items():
                request = _request(3, field.address, (), field.count)
                try:
                    raw = self.sim._read(PLANT_UNIT, request)
                except RefusedError:
                    raw = None
                value = None if raw is None else field.decode(list(raw))
                reading = RegisterReading(
                    device="plant",
                    name=name,
                    address=field.address,
                    raw=raw,
                    value=value,
                    unit=field.unit,
                )
                found.append(reading)
        return found

    # What the engine is told.

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded."""
        assert self._look is not None
        key = tuple(limits.items())
        if self._abilities is None or self._abilities[0] != key:
            facts = self._look.facts
            able = abilities(facts, installation_of(limits))
            self._abilities = key, Capabilities(abilities=able, guards=limit_guards(facts))
        return self._abilities[1]

    def holding(self, now: datetime) -> Holding:
        """Say what the plant holds, as read last."""
        look, record = self._look, self.record
        assert look is not None
        day = now.toordinal()
        if self._holding is None or day != self._held_day:
            self._held_day = day
            self._holding = Holding(
                ownership=record.ownership(look.held),
                command=record.in_force(look.held, MODE_OF),
                confirmed=record.pending is None,
                read_at=look.at,
                deferred=record.deferred,
                writes_today=record.writes_today(now),
                writes_left=record.writes_left(now),
            )
        return self._holding

    # What it is told.

    def order(self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool = False) -> Order:
        """Plan a command, None for a release.

        Raises:
            CommandRefusedError: it cannot be carried out now.

        """
        situation = self._situation(limits)
        if command is None or command.kind is CommandKind.RELEASE:
            released = release_plan(situation, short=short)
            return Order(
                command=BatteryCommand(kind=CommandKind.RELEASE),
                writes=released.writes,
                limits=limits,
                deferred=tuple(waiting.name for waiting in released.deferred),
            )
        return Order(command=command, writes=plan(command, situation), limits=limits)

    def drifted(self, command: BatteryCommand, limits: DeviceLimits) -> bool:
        """Tell whether what is held needs another write to be this command still."""
        key = (command, tuple(limits.items()), id(self._look), self._soc_pct() // 1, self.record.pending)
        if key == self._kept_up and command.kind not in _FOLLOWS_READINGS:
            return False
        self._kept_up = key
        try:
            return bool(self.order(command, limits).writes)
        except CommandRefusedError as err:
            return err.code == "needs_fresh_soc"

    def _situation(self, limits: DeviceLimits) -> Situation:
        look, state = self._look, self._measured
        assert look is not None
        return Situation(
            held=look.held,
            facts=look.facts,
            reading=Reading(
                soc_pct=None if state is None else state.soc_pct,
                soc_age_s=0.5,
                off_grid=state is not None and state.grid_state is not GridState.ON_GRID,
                net_load_peak_w=max((watts for _, watts in self._peaks), default=None),
            ),
            snapshot=self.record.snapshot_for(look.held),
            installation=installation_of(limits),
        )

    def _soc_pct(self) -> float:
        return (self._measured.soc_pct if self._measured else None) or 0.0

    def begin(self, order: Order) -> None:
        """Note what is about to be written."""
        assert self._look is not None
        assert order.command is not None
        self.record.begin(order, order.command, self._look.held)
        self._holding = None

    def count(self, write: Write, now: datetime) -> None:
        """Count a write, whatever becomes of it."""
        self.record.count(write.name, now)
        self._holding = None

    def may_be_written(self, write: Write) -> bool:
        """Compare what must lie below the SOC with the SOC of this moment."""
        if not write.below_soc:
            return True
        try:
            highest = highest_cutoff(Reading(soc_pct=round(self.plant.soc_pct, 1), soc_age_s=0.0))
        except CommandRefusedError:
            return False
        return isinstance(write.value, float | int) and write.value <= highest

    def write(self, write: Write) -> bool:
        """Write; False where the plant refuses."""
        self._touched = True
        (register,) = register_writes((write,))
        request = _request(register.function, register.address, register.words, len(register.words))
        try:
            self.sim._write(PLANT_UNIT, request)
        except RefusedError:
            return False
        return True

    def waits(self, write: Write) -> bool:
        """Tell whether what a write leads to is still to come."""
        return write.wait_for is not None and self.sim.controls.seconds_to_remote() is not None

    def refused(self, order: Order) -> bool:  # noqa: ARG002  the contract
        """Learn nothing: the next look shows what was refused."""
        return False

    def settle(self, order: Order, skipped: tuple[str, ...], now: datetime) -> bool:
        """Read back; True when all of it holds."""
        held = self.look(now).held
        for write in register_writes(order.writes):
            row = self.sim._banks[PLANT_UNIT].points[write.address]
            if self.sim._words(PLANT_UNIT, row) != write.words and write.name not in skipped:
                return False
        assert order.command is not None
        named = {_REGISTER_OF[limit] for limit in order.limits if limit in _REGISTER_OF}
        deferred = tuple(dict.fromkeys((*order.deferred, *skipped)))
        self.record.settle(order.command, held, named=named, deferred=deferred)
        self._holding = None
        return True

    def let_go(self) -> None:
        """Give up the claim on what somebody else has switched off."""
        if self._look is not None:
            self.record.give_up(self._look.held)
            self._holding = None

    def ignore_writes(self, *, on: bool) -> None:
        """Answer writes without doing them."""
        if on:
            self.sim.faults.add("ignored_writes", 0)
        else:
            self.sim.faults.remove("ignored_writes")

    def restarted(self) -> None:
        """Know only what was on the disk."""
        self.record = Record.from_json(json.loads(json.dumps(self.record.to_json())))
        self._look = self._holding = self._abilities = self._kept_up = self._measured = None
        self._touched, self._met, self._peaks = True, False, deque()


def _request(function: int, address: int, words: tuple[int, ...], count: int) -> Request:
    return Request(
        at=datetime.fromtimestamp(0, UTC),
        unit=PLANT_UNIT,
        function=function,
        address=address,
        count=count,
        values=words,
    )
