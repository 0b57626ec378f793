"""A simulated Instagen plant as the loop sees it: told by the driver's own messages, seen by its battery."""

from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import math
from typing import Any

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.plant import GridState, PlantState
from custom_components.energy_storage.vendors.control import (
    Applied,
    Capabilities,
    DeviceLimits,
    Holding,
    Order,
    Outcome,
)
from custom_components.energy_storage.vendors.instagen.abilities import PlantFacts
from custom_components.energy_storage.vendors.instagen.control import InstagenControl
from custom_components.energy_storage.vendors.instagen.record import Record
from custom_components.energy_storage.vendors.instagen.user_set import UserSet
from custom_components.energy_storage.vendors.write import CommandRefusedError, MessageWrite, Write
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_messages import decode
from tests.simulators.instagen_modes import INVALID
from tests.simulators.instagen_windows import number
from tests.simulators.plant import PlantConfig, SimulatedPlant

from .link import Link

_READ_AGAIN_AFTER = timedelta(seconds=60)
_FIRMWARE = "simulated"


class InstagenHouse:
    """The plant, and what a driver keeps of it."""

    def __init__(self, config: Mapping[str, Any], link: Link, start: datetime, *, writes_before: int) -> None:
        """Build it; nothing was sent yet."""
        physics = replace(
            PlantConfig(),
            battery_capacity_wh=config.get("battery_wh", 10_000.0),
            soc_pct=config.get("soc_pct", 50.0),
            max_charge_w=config.get("max_charge_w", 5_000.0),
            max_discharge_w=config.get("max_discharge_w", 5_000.0),
            inverter_ac_w=config.get("inverter_w", 8_000.0),
            backup_supply=config.get("backup_supply", True),
            grid_sensor=config.get("grid_sensor", True),
            three_phase=config.get("phases", 1) > 1,
        )
        self.sim = InstagenSimulator(
            InstagenConfig(
                plant=physics,
                mode=config.get("battery_mode", 1),
                refused_modes=frozenset(config.get("refused_modes", ())),
                # What the stick shows is as old as the link says; it needs not look by itself.
                refresh_s=math.inf,
                apply_s=(link.obey_s, link.obey_s),
                start=start,
                speed=0,
            )
        )
        self._now = start
        self._state: PlantState | None = None
        self._answer: int | None = None
        self.control = self._new_control()
        if writes_before:
            day = start.astimezone(UTC).date().isoformat()
            self.control.restore({**Record().to_json(), "day": day, "count": writes_before})

    @property
    def plant(self) -> SimulatedPlant:
        """Its physics."""
        return self.sim.plant

    def _new_control(self) -> InstagenControl:
        return InstagenControl(tell=self._tell, read=self._read, facts=self._facts, now=lambda: self._now)

    async def _tell(self, _: UserSet) -> int | None:
        """Give what the plant has answered already: the loop sends the message itself."""
        return self._answer

    async def _read(self) -> None:
        self.take(self.measure(self._now), self._now)

    def _facts(self) -> PlantFacts:
        config = self.plant.config
        return PlantFacts(rated_w=config.inverter_ac_w, has_battery=config.battery_capacity_wh > 0)

    # Physics.

    def run(self, seconds: float, load_w: float, pv_w: float) -> None:
        """Let time pass."""
        self.plant.load_override_w, self.plant.pv_override_w = load_w, pv_w
        self.sim.device.run(seconds)

    def happen(self, kind: str, what: Any) -> None:
        """Let somebody else do something to the plant."""
        if kind == "grid":
            self.plant.grid_available = what == "back"
        elif kind == "app":
            parameters = dict(what)
            self.sim.change_mode(int(parameters.pop("battery_mode", self.sim.mode)), **parameters)
        else:
            raise ValueError(f"{kind} cannot happen to an Instagen plant")

    def register(self, name: str) -> float | str:
        """Give what the plant runs: its battery mode, or a parameter of it."""
        mode = self.sim.mode
        return mode if name == "battery_mode" else number(self.sim.device.modes.stored[mode], name)

    # What is read.

    def measure(self, now: datetime) -> PlantState:
        """Read what the plant measures, in the steps of its messages."""
        plant, flows = self.plant, self.plant.flows
        config = plant.config
        sensor, phases = config.grid_sensor, flows.grid_phases_w
        return PlantState(
            read_at=now,
            device_clock=plant.now,
            soc_pct=round(plant.soc_pct),
            grid_power_w=round(flows.grid_w) if sensor else None,
            grid_phase_power_w=(
                (round(phases[0]), round(phases[1]), round(phases[2]))
                if config.three_phase and sensor
                else (round(flows.grid_w) if sensor else None, None, None)
            ),
            battery_power_w=round(flows.battery_w),
            pv_power_w=round(flows.pv_w),
            load_power_w=round(flows.load_w),
            grid_state=GridState.ON_GRID if plant.on_grid else GridState.OFF_GRID,
            rated_power_w=config.inverter_ac_w,
            rated_energy_wh=config.battery_capacity_wh,
            available_charge_power_w=round(plant.available_charge_w),
            available_discharge_power_w=round(plant.available_discharge_w),
        )

    def take(self, state: PlantState, now: datetime) -> None:
        """Look at a reading that has just arrived."""
        self._now, self._state = now, state
        self.control.take_reading(state, _FIRMWARE)

    def look(self, now: datetime) -> None:
        """Read anew what an order is made from, unless that was done just now."""
        self._now = now
        if self._state is None or now - self._state.read_at >= _READ_AGAIN_AFTER:
            self.take(self.measure(now), now)

    # What the engine is told.

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded."""
        return self.control.capabilities(limits)

    def holding(self, now: datetime) -> Holding:
        """Say what the plant was told, and whether its battery was seen to do it."""
        self._now = now
        return self.control.holding()

    # What it is told.

    def order(self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool = False) -> Order:
        """Plan a command, None for a release.

        Raises:
            CommandRefusedError: it cannot be carried out now.

        """
        if command is None or command.kind is CommandKind.RELEASE:
            return self.control.release(limits, short=short)
        return self.control.order(command, limits)

    def drifted(self, command: BatteryCommand, limits: DeviceLimits) -> bool:
        """Tell whether what it was told needs another message to be this command still."""
        try:
            return bool(self.order(command, limits).writes)
        except CommandRefusedError:
            return False

    def begin(self, order: Order) -> None:
        """Note what is about to be sent."""
        self.control.begin(order)

    def count(self, write: Write, now: datetime) -> None:  # noqa: ARG002  the contract
        """Count nothing: `begin` has done so."""
        self._now = now

    def may_be_written(self, write: Write) -> bool:
        """Allow it: no message depends on the SOC of its moment."""
        return not write.below_soc

    def write(self, write: Write) -> bool:
        """Send a message; False where the plant refuses it."""
        if not isinstance(write, MessageWrite):
            raise TypeError("registers cannot go to a stick")
        serials = [self.sim.config.serials[0]]
        values = {**decode("EsUserSetRequest", write.payload), "target_serials": serials}
        self._answer = self.sim.device.check(values)
        if not self._answer:
            self.sim.device.write(values)
        return not self._answer

    def waits(self, write: Write) -> bool:
        """Wait for nothing: what comes of a message shows in the readings of the next minutes."""
        return write.wait_for is not None

    def refused(self, order: Order) -> bool:
        """Note that the plant refused, or that something on the way did."""
        self._answer = self._answer or INVALID
        return self._executed(order).again

    def settle(self, order: Order, skipped: tuple[str, ...], now: datetime) -> bool:  # noqa: ARG002  nothing is ever skipped
        """Note that the message was taken."""
        self._now, self._answer = now, 0
        return self._executed(order).outcome is Outcome.CONFIRMED

    def _executed(self, order: Order) -> Applied:
        """Let the driver's own code draw its conclusions; it waits for nothing here."""
        return _at_once(self.control.execute(order))

    def let_go(self) -> None:
        """Give up the claim on what somebody else has told it."""
        self.control.let_go()

    def ignore_writes(self, *, on: bool) -> None:
        """Acknowledge messages without doing them."""
        if on:
            self.sim.faults.add("ignored_writes")
        else:
            self.sim.faults.remove("ignored_writes")

    def restarted(self) -> None:
        """Know only what was on the disk."""
        saved = json.loads(json.dumps(self.control.record.to_json()))
        self.control = self._new_control()
        self.control.restore(saved)
        self._state = None


def _at_once(work: Coroutine[Any, Any, Applied]) -> Applied:
    """Run something that never waits, outside of any loop."""
    try:
        work.send(None)
    except StopIteration as done:
        applied: Applied = done.value
        return applied
    raise RuntimeError("it waits")
