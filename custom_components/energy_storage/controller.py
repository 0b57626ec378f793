"""Decides once a cycle and has the plant obey: reading and settings in, writes out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic

from homeassistant.util.dt import utcnow

from .const import LOGGER
from .engine import Act, ControlState, Decision, Inputs, Memory, Site, give_up, step
from .engine.command import Ability, BatteryCommand, CommandKind, Guard, Limit
from .engine.dispatch import Dispatch
from .engine.documents import Documents
from .engine.fit import consent_missing
from .engine.inputs import Metered
from .engine.memory import dispatched, mode_chosen, overridden, taken_over
from .engine.override import Override
from .engine.plant import Ownership, PlantState, Stage
from .grid_meter import GridMeter
from .inputs_from_ha import inputs_of
from .memory_store import MemoryStore
from .outlook import Outlook
from .settings_store import SettingsStore
from .vendors.control import Applied, DeviceLimits, Holding, Order, Outcome, PlantControl, Request
from .vendors.driver import DriverError
from .vendors.write import CommandRefusedError

_TWICE = 2
"""What fails once may be chance."""
_CORRECTION_PER_LOOK = 5 / 3
"""Three requests to look, two more to write and to read back."""
_UPKEEP_AGAIN_S = (10.0, 60.0)
"""After one failure or a lost link, and after more refusals."""
_NEEDS_FRESH_SOC = "needs_fresh_soc"
_SOMEONE_ELSE = "someone_else_controls"
_HALTED = "halted"
_DEFERRED_EVERY_S = 600.0
_INSTALLATION = (Limit.EXPORT, Limit.IMPORT)


class Confidence(StrEnum):
    """How sure it is that the plant does what was decided."""

    CONFIRMED = "confirmed"
    """Read back."""
    ASSUMED = "assumed"
    """Not read back, or only in part."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlView:
    """What one cycle of control came to, for everything that shows it."""

    decision: Decision
    holding: Holding
    abilities: Mapping[CommandKind, Ability]
    writable: bool = True
    """Whether anything may be written to this plant at all."""
    override: Override | None
    next_change: datetime | None = None
    """When the command may change next without anybody's doing."""
    confidence: Confidence | None
    """None while nothing is to be held."""
    code: str | None = None
    """Why the plant does not hold what was decided."""
    failures: int = 0
    """How often in a row it did not."""
    wrote_at: datetime | None = None
    """When anything was last written to the plant, UTC."""


class Controller:
    """One plant's control. Called by the cycle alone, never twice at a time."""

    def __init__(
        self,
        control: PlantControl,
        settings: SettingsStore,
        *,
        name: str,
        kept: MemoryStore,
        poll: timedelta,
        lag: timedelta = timedelta(0),
        meter: GridMeter | None = None,
        site: Callable[[float | None], Site],
        documents: Callable[[datetime], Documents],
        ready: Callable[[], bool],
        save_state: Callable[[], Awaitable[None]],
    ) -> None:
        """Decide nothing yet; `save_state` brings the driver's state to the disk."""
        self.settings = settings
        self.kept = kept
        self.memory = Memory(lasting=kept.lasting)
        self.view: ControlView | None = None
        self.turn = asyncio.Lock()
        """Held by whoever speaks with the plant, so that one never cuts into the other."""
        self._control = control
        self._name = name
        self._poll = poll
        self._lag = lag
        self._meter = meter
        self._wrote_at: datetime | None = None
        self._site = site
        self._documents = documents
        self._outlook = Outlook()
        self._ready = ready
        self._save_state = save_state
        self._sequence: asyncio.Task[Applied] | None = None
        self._took_s: list[float] = []
        """How long the last corrections of a running command took."""
        self._looked_s: float | None = None
        self._raised = 0
        self._last: Applied | None = None
        self._failures = 0
        self._tried_at = -1e9
        self._deferred_at = -1e9
        self._left_limits: DeviceLimits = {}
        self._tried_limits: DeviceLimits = {}
        """The limits that the plant was left with at the last release, and those that were tried."""
        self._stopping = False

    @property
    def control(self) -> PlantControl:
        """What the driver can be told."""
        return self._control

    @property
    def writable(self) -> bool:
        """Whether anything may be written; else commands are decided and shown alone."""
        return self._control.capabilities(self.settings.settings.limits).writable

    # Once a cycle.

    async def cycle(self, state: PlantState) -> ControlView:
        """Decide on this reading, and have the plant obey."""
        inputs = self.inputs(state)
        self._control.name_schedule(inputs.documents.schedule)
        if self._meter is not None:
            self._meter.decided(inputs.now)
        if inputs.held is None and inputs.ownership is Ownership.FREE:
            await self.settings.async_adopt(state)
        if inputs.held is None or inputs.held.kind is CommandKind.SELF_CONSUME:
            self.kept.peaks.feed(inputs.now, state.load_power_w)
        before = self.memory.lasting
        decision = self._decide(inputs)
        if self.memory.lasting != before:
            await self._keep(at_once=self.memory.lasting.override != before.override)
        self.kept.stay_alive(inputs.now)
        if decision.control is ControlState.YIELDED:
            self._control.let_go()
        await self._obey(decision, inputs)
        holding = self._control.holding()
        if decision.act is Act.LEAVE and decision.command == holding.command and holding.confirmed:
            self._failures = 0
        self.view = self._view(decision, inputs)
        return self.view

    def inputs(self, state: PlantState) -> Inputs:
        """Give what a decision is made from now."""
        now = utcnow()
        return inputs_of(
            now,
            state,
            self._control.capabilities(self.settings.settings.limits),
            self._control.holding(),
            self._site(self.kept.peaks.largest_w(now)),
            poll=self._poll,
            lag=self._lag,
            react_s=self._react_s(),
            meter=self._metered(),
            wrote_at=self._wrote_at,
            documents=self._documents(now),
            ready=self._ready(),
        )

    def _react_s(self) -> float | None:
        """Give the longest from a change in the house to its correction, as measured; None is unknown."""
        correction_s = self._correction_s()
        return None if correction_s is None else self._poll.total_seconds() + correction_s

    def _metered(self) -> Metered | None:
        """Give what the meter said; a correction that follows upon it takes no less time."""
        return None if self._meter is None else self._meter.metered(self._correction_s())

    def _correction_s(self) -> float | None:
        """Give how long a correction takes until it shows in the plant's reading: the next waits for that."""
        correction_s = max(self._took_s, default=None)
        if correction_s is None and self._looked_s is not None:
            correction_s = _CORRECTION_PER_LOOK * self._looked_s
        return None if correction_s is None else self._lag.total_seconds() + correction_s

    def _decide(self, inputs: Inputs) -> Decision:
        """Ask the engine; when it raises twice, give up as with a reading that was lost."""
        settings = self.settings.settings
        if settings.control is ControlState.ON and not self.writable:
            settings = replace(settings, control=ControlState.SHADOW)
        try:
            decision, self.memory = step(inputs, settings, self.memory)
        except Exception as err:  # noqa: BLE001  a defect in the engine must end in a safe plant
            self._raised += 1
            if self._raised == 1:
                LOGGER.error("%s: unexpected error in deciding: %s: %s", self._name, type(err).__name__, err)
            LOGGER.debug("%s: where it happened", self._name, exc_info=err)
            if self._raised < _TWICE and self.view is not None:
                return replace(self.view.decision, act=Act.LEAVE)
            decision, self.memory = give_up(inputs, settings, self.memory)
        else:
            self._raised = 0
        return decision

    async def _obey(self, decision: Decision, inputs: Inputs) -> None:
        match decision.act:
            case Act.APPLY if decision.command is not None:
                self._note(await self._shielded(decision.command, decision.device_limits))
            case Act.RELEASE | Act.SHORT_RELEASE:
                short = decision.act is Act.SHORT_RELEASE
                self._note(await self._shielded(None, self.installation_limits(), short=short))
            case _:
                await self._keep_up(decision, inputs)

    async def _keep_up(self, decision: Decision, inputs: Inputs) -> None:
        """Adapt what is held: a reserve that follows the SOC, a ceiling that follows the load."""
        command = decision.command
        ours = inputs.ownership in (Ownership.OURS, Ownership.FREE)
        if decision.control is ControlState.YIELDED or decision.stage is not Stage.FRESH or not ours:
            return
        released = command is not None and command.kind is CommandKind.RELEASE
        if decision.control is not ControlState.ON or released:
            await self._finish_release(alone=released and decision.control is ControlState.ON)
            return
        if command is None or command != inputs.held or monotonic() - self._tried_at < self._pause_s():
            return
        try:
            needed = bool(self._control.order(command, decision.device_limits).writes)
        except CommandRefusedError as err:
            needed = err.code == _NEEDS_FRESH_SOC
        if needed or not self._control.holding().confirmed:
            self._note(await self._shielded(command, decision.device_limits))

    def _pause_s(self) -> float:
        """Give how long to wait after failures; a link that was lost may be back at once."""
        if not self._failures:
            return 0.0
        lost = self._last is not None and self._last.outcome is Outcome.INTERRUPTED
        return _UPKEEP_AGAIN_S[0 if lost else min(self._failures, 2) - 1]

    async def _finish_release(self, *, alone: bool) -> None:
        """Give back what had to wait, once all of it can be: that is still the one release.

        A plant that is to run alone keeps the installation limits, also where it was never commanded.
        """
        holding, limits = self._control.holding(), self.installation_limits()
        if holding.command is not None:
            return
        if alone and (limits != self._left_limits or not holding.confirmed):
            if limits != self._tried_limits or monotonic() - self._tried_at >= _UPKEEP_AGAIN_S[-1]:
                self._tried_limits = limits
                self._note(await self._shielded(None, limits))
            return
        if not holding.deferred or monotonic() - self._deferred_at < _DEFERRED_EVERY_S:
            return
        self._deferred_at = monotonic()
        with contextlib.suppress(DriverError):
            await self._control.refresh()
        if not self._control.release(limits).deferred:
            self._note(await self._shielded(None, limits))

    # One command, from the plan to the read-back.

    async def _shielded(
        self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool = False
    ) -> Applied:
        """Carry out a sequence to its end, whoever is cancelled meanwhile; no command is a release."""
        await self._end_of_sequence()
        self._sequence = asyncio.ensure_future(self._give(command, limits, short=short))
        return await asyncio.shield(self._sequence)

    async def _end_of_sequence(self) -> None:
        """Wait for a sequence that nobody waits for any more: its caller was cancelled."""
        if self._sequence is not None and not self._sequence.done():
            await asyncio.wait([self._sequence])

    async def _give(self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool) -> Applied:
        started = self._tried_at = monotonic()
        applied = await self._give_once(command, limits, short=short)
        if applied.again:
            applied = await self._give_once(command, limits, short=short)
        corrects = applied.done and all(write.wait_for is None for write in applied.done)
        if applied.outcome is Outcome.CONFIRMED and corrects:
            self._took_s = [*self._took_s[-9:], monotonic() - started]
        if applied.outcome is Outcome.CONFIRMED and command is None and not short:
            self._left_limits = limits
        return applied

    async def _give_once(
        self, command: BatteryCommand | None, limits: DeviceLimits, *, short: bool
    ) -> Applied:
        """Look, plan, save, write, save."""
        nothing = Order(command=command or BatteryCommand(kind=CommandKind.RELEASE))
        if not short:
            try:
                await self._look()
            except DriverError:
                if command is not None:
                    return Applied(order=nothing, outcome=Outcome.INTERRUPTED, code="link_lost")
                short = True
        try:
            self._refuse_others()
            if command is None:
                order = self._control.release(limits, short=short)
            else:
                order = self._control.order(command, limits)
        except CommandRefusedError as err:
            LOGGER.debug("%s: refused: %s", self._name, err)
            return Applied(order=nothing, outcome=Outcome.REFUSED, code=err.code)
        if self._stopping and command is not None:
            return Applied(order=nothing, outcome=Outcome.INTERRUPTED, code=_HALTED)
        return await self.carry_out(order)

    async def _look(self) -> None:
        """Read what the plant holds and measures, and how long that takes."""
        started = monotonic()
        await self._control.refresh()
        self._looked_s = monotonic() - started

    async def carry_out(self, order: Order) -> Applied:
        """Write an order, with the state on disk before and after."""
        self._control.begin(order)
        await self._save_state()
        applied = await self._control.execute(order)
        await self._save_state()
        for write in applied.done:
            LOGGER.debug("%s: wrote %s %s = %s", self._name, write.device, write.name, write.value)
        return applied

    def _refuse_others(self) -> None:
        """Refuse to write where a look just now shows that somebody else controls the plant."""
        ownership = self._control.holding().ownership
        taking_over = self.memory.passing.standing.taking_over
        if ownership is Ownership.OTHER_MASTER or (ownership is Ownership.FOREIGN and not taking_over):
            raise CommandRefusedError(_SOMEONE_ELSE)

    async def request(self, device: str, request: Request, value: float | None = None) -> Applied:
        """Ask something of one device of the plant: a person wants it now.

        Raises:
            CommandRefusedError: it cannot be done.

        """
        return await self.carry_out_in_turn(lambda: self._control.request(device, request, value))

    async def carry_out_in_turn(self, order: Callable[[], Order]) -> Applied:
        """Look, plan and write what a person wants, when nothing else runs.

        Raises:
            CommandRefusedError: it cannot be done.

        """
        async with self.turn:
            with contextlib.suppress(DriverError):  # a link that is down fails the write, too
                await self._look()
            self._refuse_others()
            if self._stopping:
                raise CommandRefusedError(_HALTED)
            return await self.carry_out(order())

    def _note(self, applied: Applied) -> None:
        """Remember how the last order went."""
        self._last = applied
        if applied.done:
            self._wrote_at = utcnow()
        if applied.outcome is Outcome.CONFIRMED:
            self._failures = 0
            return
        self._failures += 1
        at = "" if applied.failed is None else f" at {applied.failed.name}"
        tell = LOGGER.warning if self._failures == _TWICE else LOGGER.debug
        tell("%s: %s was %s%s: %s", self._name, _named(applied), applied.outcome, at, applied.code)

    def _view(self, decision: Decision, inputs: Inputs) -> ControlView:
        holding, command = self._control.holding(), decision.command
        confidence: Confidence | None = None
        if decision.control is ControlState.ON and command is not None:
            last = self._last
            failed = last is not None and self._failures > 0
            released = command.kind is CommandKind.RELEASE and holding.command is None
            if (holding.command == command or released) and holding.confirmed and not failed:
                confidence = Confidence.CONFIRMED
            elif failed and last is not None and last.outcome is Outcome.REFUSED:
                confidence = Confidence.REFUSED
            else:
                confidence = Confidence.ASSUMED
        able = self._control.capabilities(self.settings.settings.limits)
        return ControlView(
            decision=decision,
            holding=holding,
            abilities=able.abilities,
            writable=able.writable,
            override=self.memory.lasting.override,
            next_change=self._outlook.next_change(
                inputs.now, decision, inputs.documents, self.memory.lasting
            ),
            confidence=confidence,
            code=self._last.code if self._failures and self._last is not None else None,
            failures=self._failures,
            wrote_at=self._wrote_at,
        )

    def installation_limits(self) -> dict[Limit, float]:
        """Give the limits that stay in the device when it is handed back."""
        settings = self.settings.settings
        guards = self._control.capabilities(settings.limits).guards
        return {
            limit: value
            for limit, value in settings.limits.items()
            if limit in _INSTALLATION and guards.get(limit) is Guard.DEVICE
        }

    # What a person or an action wants.

    def consent_missing(self, kind: CommandKind) -> str | None:
        """Name the consent that the owner would have to give for a command, as a code."""
        settings = self.settings.settings
        ability = self._control.capabilities(settings.limits).abilities[kind]
        site = self._site(self.kept.peaks.largest_w(utcnow()))
        missing = consent_missing(BatteryCommand(kind=kind), ability, site, settings)
        return None if missing is None else missing.code

    async def start_override(self, override: Override | None) -> None:
        """Begin an override, which replaces the one that runs; None ends it."""
        self.memory = overridden(self.memory, override)
        await self._keep(at_once=True)

    async def choose_mode(self, mode: str) -> None:
        """Begin a base mode anew; an override that runs ends."""
        self.memory = mode_chosen(self.memory, mode)
        await self._keep(at_once=True)

    async def dispatch(self, dispatch: Dispatch | None) -> None:
        """Take what a third party wants; None takes it back."""
        self.memory = dispatched(self.memory, dispatch)
        await self._keep(at_once=True)

    def take_over(self) -> None:
        """Take the plant from whoever controls it: the owner was asked."""
        self.memory = taken_over(self.memory)

    async def _keep(self, *, at_once: bool) -> None:
        await self.kept.keep(self.memory.lasting, at_once=at_once)

    # The end.

    def halt(self) -> None:
        """Begin nothing new, and end what runs as soon as that is safe."""
        self._stopping = True
        self._control.halt()

    async def hand_back(self) -> None:
        """Hand the plant back, if it is ours; where that fails, at least with the few writes that matter."""
        await self._end_of_sequence()
        self._control.name_schedule(self._documents(utcnow()).schedule)
        if self._hands_back():
            limits = self.installation_limits()
            released = await self._shielded(None, limits)
            if released.outcome in (Outcome.REFUSED, Outcome.UNCONFIRMED) and released.code != _SOMEONE_ELSE:
                await self._shielded(None, limits, short=True)
        if self._control.holding().command is None:
            # Else the next start goes on with the release, also where control is off by then.
            self.memory = replace(self.memory, lasting=replace(self.memory.lasting, engaged=False))
        await self._keep(at_once=True)

    def _hands_back(self) -> bool:
        holding = self._control.holding()
        on = self.settings.settings.control is ControlState.ON or self.memory.lasting.engaged
        ours = holding.ownership is Ownership.OURS or holding.command is not None
        return on and ours and not self.memory.passing.standing.yielded


def _named(applied: Applied) -> str:
    return "a request" if applied.order.command is None else applied.order.command.kind.value
