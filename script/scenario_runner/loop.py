"""The closed loop: reading, decision, writes, and the plant that obeys them in its own time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
import random
from typing import Any

from custom_components.energy_storage.engine import Act, Decision, Inputs, Memory, step
from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Guard, Limit
from custom_components.energy_storage.engine.dispatch import Dispatch, DispatchRefusedError, check_dispatch
from custom_components.energy_storage.engine.memory import (
    Lasting,
    dispatched,
    mode_chosen,
    overridden,
    taken_over,
)
from custom_components.energy_storage.engine.metering import OBEYED_AFTER
from custom_components.energy_storage.engine.override import (
    Override,
    OverrideRefusedError,
    Source,
    check_target,
)
from custom_components.energy_storage.engine.plant import Ownership, PlantState, Stage
from custom_components.energy_storage.engine.settings import ControlState
from custom_components.energy_storage.vendors.control import DeviceLimits, Order
from custom_components.energy_storage.vendors.write import CommandRefusedError, Write

from .house import House
from .meter import Meter
from .scenario import Event, Scenario, changed, documents_of
from .trace import Sample, Trace, Turn, WriteMade
from .vendors import VENDORS

_IN_FORCE_WITHIN_S = 20.0
_AGAIN_AFTER_S = (10.0, 60.0)
_DEFERRED_EVERY_S = 600.0
_INSTALLATION = (Limit.EXPORT, Limit.IMPORT)
_DECISIVE = ("remote_ems_enable", "remote_ems_control_mode")
_LONG_AGO = -1e9


def run(scenario: Scenario, registers_at: tuple[tuple[float, str], ...] = ()) -> Trace:
    """Let the whole story happen; `registers_at` names what is to be looked at, and when."""
    return _Loop(scenario, registers_at).live()


class _Ended(Exception):  # noqa: N818  it is an outcome, not an error
    """A sequence of writes ended early."""

    def __init__(self, code: str, *, again: bool = False) -> None:
        super().__init__(code)
        self.code, self.again = code, again


class _Loop:
    """One house, its time, and Home Assistant in it."""

    def __init__(self, scenario: Scenario, registers_at: tuple[tuple[float, str], ...]) -> None:
        self.scenario = scenario
        self.trace = Trace()
        self._now_s = self._tick_s = scenario.clock.start_s
        """How far the plant is, and at which moment we decide."""
        self._house: House = VENDORS[scenario.vendor](
            scenario.plant,
            scenario.link,
            datetime.fromtimestamp(self._now_s, UTC),
            writes_before=scenario.writes_before,
        )
        self._random = random.Random(scenario.link.seed)
        self._settings = scenario.settings
        self._documents = scenario.documents
        self._memory = Memory()
        self._state: PlantState | None = None
        self._physical = [event for event in scenario.events if event.physical]
        self._wishes = [event for event in scenario.events if not event.physical]
        self._ends: list[tuple[float, str]] = []
        self._faults: dict[str, Any] = {}
        self._asked = sorted(registers_at)
        self._written_s = self._next_s = self._read_s = _LONG_AGO
        self._meter = None if scenario.meter is None else Meter(scenario.meter, scenario.link)
        self._every_s = scenario.link.poll_s
        if scenario.meter is not None:
            self._every_s = min(self._every_s, scenario.meter.every_s)
        self._forget()

    def _forget(self) -> None:
        """Begin a life of Home Assistant: what was only in its memory is gone."""
        self._failures = 0
        self._code: str | None = None
        self._tried_s = self._deferred_s = _LONG_AGO
        self._left: DeviceLimits = {}
        self._tried_limits: DeviceLimits = {}
        self._told: object = None

    # Time.

    def live(self) -> Trace:
        """Go from reading to reading until the end."""
        scenario = self.scenario
        while self._tick_s < scenario.end_s:
            # The plant follows only where something is written: until then it makes no difference.
            self._pass(self._tick_s - self._late_s())
            if self._due():
                self._read()
            self._hear()
            self._act_on_wishes()
            if self._state is not None:
                self._cycle()
            self._tick_s = max(self._tick_s + self._every_s, self._now_s)
        self._pass(scenario.end_s)
        self._look_at_registers(inf)
        return self.trace

    def _late_s(self) -> float:
        late = self._faults.get("reading_late")
        return self.scenario.link.age_s + (0.0 if late is None else late)

    def _pass(self, until_s: float) -> None:
        """Let time pass, with all that happens by itself meanwhile."""
        scenario = self.scenario
        while True:
            if self._now_s >= self._next_s:
                self._happen()
                self._next_s = self._when_next()
            left_s = min(until_s, self._next_s) - self._now_s
            if left_s <= 0:
                return
            seconds = min(left_s, scenario.step_s)
            at_s = self._now_s
            load_w, pv_w = scenario.load(at_s), scenario.pv(at_s)
            self._house.run(seconds, load_w, pv_w)
            self._now_s = at_s + seconds
            self._sample(at_s, seconds)

    def _sample(self, at_s: float, seconds: float) -> None:
        plant = self._house.plant
        flows = plant.flows
        grid_w = phase_w = flows.grid_w
        if plant.config.three_phase:
            phase_w = max(flows.grid_phases_w, key=abs)
        self.trace.samples.append(
            Sample(
                at_s,
                seconds,
                plant.soc_pct,
                grid_w,
                flows.battery_w,
                flows.pv_w,
                flows.household_w,
                phase_w,
                plant.blackout,
                self._settings,
            )
        )

    def _when_next(self) -> float:
        """Give when something happens by itself next."""
        moments = [event.at_s for event in self._physical[:1]]
        moments += [at_s for at_s, _ in self._ends]
        moments += [at_s for at_s, _ in self._asked[:1]]
        return min(moments, default=inf)

    def _happen(self) -> None:
        self._look_at_registers(self._now_s)
        for end in [each for each in self._ends if each[0] <= self._now_s]:
            self._ends.remove(end)
            self._end_fault(end[1])
        while self._physical and self._physical[0].at_s <= self._now_s:
            event = self._physical.pop(0)
            self._tell(f"{event.kind} {event.what}")
            if event.kind == "fault":
                self._begin_fault(event.what)
            else:
                self._house.happen(event.kind, event.what)

    def _begin_fault(self, what: dict[str, Any]) -> None:
        kind = what["kind"]
        self._faults[kind] = what.get("value", 0.0)
        self._ends.append((self._now_s + 60 * what["for_min"], kind))
        if kind == "vpp":
            self._house.happen("vpp", what.get("value", 2.0))
        elif kind == "writes_ignored":
            self._house.ignore_writes(on=True)

    def _end_fault(self, kind: str) -> None:
        self._faults.pop(kind, None)
        self._tell(f"end of {kind}")
        if kind == "vpp":
            self._house.happen("vpp", None)
        elif kind == "writes_ignored":
            self._house.ignore_writes(on=False)

    def _look_at_registers(self, until_s: float) -> None:
        while self._asked and self._asked[0][0] <= until_s:
            at_s, name = self._asked.pop(0)
            self.trace.registers.setdefault(at_s, {})[name] = self._house.register(name)

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(max(self._now_s, self._tick_s), UTC)

    def _tell(self, text: str) -> None:
        self.trace.told.append((self._now_s, text))

    # The reading.

    def _due(self) -> bool:
        """Tell whether the plant is read: after a write of ours before a meter is followed again."""
        return self._tick_s - self._read_s >= self.scenario.link.poll_s or self._obeying()

    def _obeying(self) -> bool:
        return self._meter is not None and self._read_s < self._written_s + OBEYED_AFTER.total_seconds()

    def _hear(self) -> None:
        """Take what a meter says at this moment."""
        if self._meter is not None and "meter_silent" not in self._faults:
            self._meter.hear(self._house.plant.flows, datetime.fromtimestamp(self._now_s, UTC))

    def _read(self) -> None:
        """Take a reading of this moment; a lost one leaves the one before."""
        self._read_s = self._tick_s
        faults = self._faults
        loss = self.scenario.link.loss
        if "silent" in faults or "reading_lost" in faults or (loss and self._random.random() < loss):
            return
        now = datetime.fromtimestamp(self._now_s, UTC)
        if "frozen_clock" in faults:
            if self._state is not None:
                self._state = replace(self._state, clock_frozen=True)
            return
        state = self._house.measure(now)
        if "soc_missing" in faults:
            state = replace(state, soc_pct=None)
        if "soc_leaps" in faults:
            state = replace(state, soc_pct=faults.pop("soc_leaps"))
        self._house.take(state, now)
        if self._state is None:  # what it holds is known only now
            state = replace(self._house.measure(now), soc_pct=state.soc_pct)
        self._state = state

    # What the owner does.

    def _act_on_wishes(self) -> None:
        while self._wishes and self._wishes[0].at_s <= self._tick_s:
            event = self._wishes.pop(0)
            self.trace.told.append((self._tick_s, f"{event.kind} {event.what}"))
            try:
                self._act_on(event)
            except (OverrideRefusedError, DispatchRefusedError) as err:
                self.trace.refused.append((self._tick_s, err.reason.code))

    def _act_on(self, event: Event) -> None:
        what = event.what
        match event.kind:
            case "settings":
                self._settings = changed(self._settings, what)
                if "mode" in what:
                    self._memory = mode_chosen(self._memory, what["mode"])
            case "documents":
                self._documents = documents_of(what, self.scenario.clock, self._documents, "documents")
            case "override":
                self._memory = overridden(self._memory, self._override(what))
            case "end_override":
                self._memory = overridden(self._memory, None)
            case "dispatch":
                self._memory = dispatched(self._memory, self._dispatch(what))
            case "take_over":
                self._memory = taken_over(self._memory)
            case "restart":
                self._restart(what)

    def _override(self, what: dict[str, Any]) -> Override:
        numbers = what.get("parameters", {})
        if "target_soc_pct" in numbers and what.get("source", "person") == "action":
            check_target(self._settings, numbers["target_soc_pct"])
        return Override(
            kind=what["kind"],
            parameters=numbers,
            source=Source(what.get("source", "person")),
            started=self._now,
            ends_at=self._now + timedelta(minutes=what["minutes"]),
        )

    def _dispatch(self, what: dict[str, Any]) -> Dispatch:
        command = BatteryCommand.from_json(what["command"])
        assert command is not None
        begins = self._now + timedelta(minutes=what.get("after_min", 0))
        dispatch = Dispatch(
            id=what.get("id", what["sender"]),
            sender=what["sender"],
            command=command,
            valid_from=begins,
            valid_until=begins + timedelta(minutes=what["minutes"]),
        )
        rated_w = self._house.plant.config.inverter_ac_w
        check_dispatch(dispatch, self._memory.lasting.dispatch, self._settings, self._now, rated_w)
        return dispatch

    def _restart(self, what: dict[str, Any]) -> None:
        """Be away for a while; only what is saved comes back."""
        if what.get("clean", False):
            if self._house.holding(self._now).command is not None:
                self._give(None, self._installation_limits())
            self._memory = replace(self._memory, lasting=replace(self._memory.lasting, engaged=False))
        saved = self._memory.lasting.to_json()
        self._pass(self._tick_s)
        self._pass(self._now_s + what["down_s"])
        self._memory = Memory(lasting=Lasting.from_json(saved))
        self._house.restarted()
        self._state = None
        self._forget()
        self._read()

    # One cycle.

    def _cycle(self) -> None:
        state = self._state
        assert state is not None
        house, now = self._house, self._now
        self.trace.cycles += 1
        able = house.capabilities(self._settings.limits)
        holding = house.holding(now)
        inputs = Inputs(
            now=now,
            plant=state,
            abilities=able.abilities,
            guards=able.guards,
            site=self.scenario.site,
            held=holding.command if holding.ownership in _OURS_OR_FREE else None,
            ownership=holding.ownership,
            held_at=holding.read_at,
            poll=self._poll,
            lag=self._lag,
            react_s=self.scenario.link.react_s,
            meter=None if self._meter is None else self._meter.metered(),
            wrote_at=None if self._written_s == _LONG_AGO else datetime.fromtimestamp(self._written_s, UTC),
            writes_left=holding.writes_left,
            documents=self._documents,
        )
        decision, self._memory = step(inputs, self._settings, self._memory)
        if decision.control is ControlState.YIELDED:
            house.let_go()
        self._obey(decision, inputs)
        self._note(decision)

    @property
    def _poll(self) -> timedelta:
        return timedelta(seconds=self.scenario.link.poll_s)

    @property
    def _lag(self) -> timedelta:
        return timedelta(seconds=self.scenario.link.age_s)

    def _note(self, decision: Decision) -> None:
        """Keep what was decided, where it is another turn than before."""
        held = self._house.holding(self._now).command
        reasons = tuple([reason.code for reason in decision.reasons])
        told = (decision.control, decision.stage, decision.mode, decision.command, held, reasons, self._code)
        if told == self._told:
            return
        self._told = told
        self.trace.turns.append(
            Turn(
                at_s=max(self._now_s, self._tick_s),
                control=decision.control.value,
                stage=decision.stage.value,
                mode=decision.mode,
                command=decision.command,
                held=held,
                reasons=reasons,
                cannot_hold=decision.cannot_hold,
                code=self._code,
            )
        )

    def _obey(self, decision: Decision, inputs: Inputs) -> None:
        match decision.act:
            case Act.APPLY if decision.command is not None:
                self._give(decision.command, decision.device_limits)
            case Act.RELEASE | Act.SHORT_RELEASE:
                self._give(None, self._installation_limits(), short=decision.act is Act.SHORT_RELEASE)
            case _:
                self._keep_up(decision, inputs)

    def _keep_up(self, decision: Decision, inputs: Inputs) -> None:
        """Adapt what is held: a reserve that follows the SOC, a ceiling that follows the load."""
        command = decision.command
        ours = inputs.ownership in _OURS_OR_FREE
        if decision.control is ControlState.YIELDED or decision.stage is not Stage.FRESH or not ours:
            return
        released = command is not None and command.kind is CommandKind.RELEASE
        if decision.control is not ControlState.ON or released:
            self._finish_release(alone=released and decision.control is ControlState.ON)
            return
        pause_s = _AGAIN_AFTER_S[min(self._failures, 2) - 1] if self._failures else 0.0
        if command is None or command != inputs.held or self._tick_s - self._tried_s < pause_s:
            return
        if (
            self._house.drifted(command, decision.device_limits)
            or not self._house.holding(self._now).confirmed
        ):
            self._give(command, decision.device_limits)

    def _finish_release(self, *, alone: bool) -> None:
        """Give back what had to wait; a plant that runs alone keeps the installation limits."""
        holding, limits = self._house.holding(self._now), self._installation_limits()
        if holding.command is not None:
            return
        if alone and (limits != self._left or not holding.confirmed):
            if limits != self._tried_limits or self._tick_s - self._tried_s >= _AGAIN_AFTER_S[-1]:
                self._tried_limits = limits
                self._give(None, limits)
            return
        if not holding.deferred or self._tick_s - self._deferred_s < _DEFERRED_EVERY_S:
            return
        self._deferred_s = self._tick_s
        self._house.look(self._now)
        if not self._house.order(None, limits).deferred:
            self._give(None, limits)

    def _installation_limits(self) -> dict[Limit, float]:
        guards = self._house.capabilities(self._settings.limits).guards
        return {
            limit: value
            for limit, value in self._settings.limits.items()
            if limit in _INSTALLATION and guards.get(limit) is Guard.DEVICE
        }

    # One command, from the plan to the read-back.

    def _give(self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool = False) -> None:
        self._pass(self._tick_s)
        self._tried_s = self._now_s
        try:
            try:
                self._give_once(command, limits, short=short)
            except _Ended as end:
                if not end.again:
                    raise
                self._give_once(command, limits, short=short)
        except _Ended as end:
            self._failures += 1
            self._code = end.code
            return
        self._failures, self._code = 0, None
        if command is None and not short:
            self._left = limits

    def _give_once(self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool) -> None:
        """Look, plan, write, read back."""
        house = self._house
        if "silent" in self._faults:
            self._pass(self._now_s + self.scenario.link.timeout_s)
            raise _Ended("link_lost")
        house.look(self._now)
        ownership = house.holding(self._now).ownership
        taking_over = self._memory.passing.standing.taking_over
        if ownership is Ownership.OTHER_MASTER or (ownership is Ownership.FOREIGN and not taking_over):
            raise _Ended("someone_else_controls")
        try:
            order = house.order(command, limits, short=short)
        except CommandRefusedError as err:
            raise _Ended(err.code) from err
        house.begin(order)
        skipped = self._send(order)
        if not house.settle(order, skipped, self._now):
            raise _Ended("not_held")

    def _send(self, order: Order) -> tuple[str, ...]:
        """Write one after another; give what a release leaves for later."""
        releasing = order.command is not None and order.command.kind is CommandKind.RELEASE
        skipped: list[str] = []
        for write in order.writes:
            self._pass(max(self._now_s, self._written_s + self.scenario.link.write_spacing_s))
            if not self._house.may_be_written(write):
                raise _Ended("soc_too_low", again=True)
            if not self._write(write):
                if releasing and write.name not in _DECISIVE:
                    skipped.append(write.name)
                elif not write.may_be_refused:
                    raise _Ended("by_device", again=self._house.refused(order))
            self._wait(write)
        return tuple(skipped)

    def _write(self, write: Write) -> bool:
        """Make one write over the link."""
        link, dice = self.scenario.link, self._random.random
        self._house.count(write, self._now)
        self._written_s = self._now_s
        at_s, lost, refused = self._now_s, "writes_lost" in self._faults, "writes_refused" in self._faults
        if link.loss or link.refusals:
            lost, refused = lost or dice() < link.loss, refused or dice() < link.refusals
        heard = not (lost and dice() < 0.5)  # noqa: PLR2004  half of them
        if "silent" in self._faults:
            lost, heard = True, False
        done = heard and not refused and self._house.write(write)
        outcome = "lost" if lost else "done" if done else "refused"
        self.trace.writes.append(
            WriteMade(at_s=at_s, name=write.name, value=write.value, why=write.why, outcome=outcome)
        )
        if lost:
            self._pass(self._now_s + link.timeout_s)
            raise _Ended("link_lost")
        return done

    def _wait(self, write: Write) -> None:
        """Wait until a write is in force."""
        since_s = self._now_s
        while self._house.waits(write):
            if self._now_s - since_s >= _IN_FORCE_WITHIN_S:
                raise _Ended("remote_not_in_force")
            self._pass(self._now_s + 1.0)


_OURS_OR_FREE = (Ownership.OURS, Ownership.FREE)
