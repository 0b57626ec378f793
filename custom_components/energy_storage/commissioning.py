"""The commissioning check: tries each command for a minute, and remembers which were seen to work."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .attempt import Attempts, EndedError, NotNowError, why_not_go_on
from .const import DOMAIN
from .controller import Controller
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .engine.command import CommandKind
from .trials import STOPS, TRIED, Judgement, Verdict, judge, not_now, serves


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was tried, and what became of it."""

    what: str
    """A kind of command, or a proof."""
    judgement: Judgement


@dataclass(slots=True, kw_only=True)
class Results:
    """What a check has come to, so far."""

    rows: list[Row] = field(default_factory=list[Row])
    ended_by: str | None = None
    """Code of what ended it early."""


def why_not_start(entry: EnergyStorageConfigEntry) -> str | None:
    """Say why a check cannot be made now, as a code; None when it can."""
    if entry.state is not ConfigEntryState.LOADED:
        return "not_loaded"
    runtime = entry.runtime_data
    reading = runtime.cycle.reading()
    if runtime.controller is None or reading.control is None:
        return "nothing_to_command"
    if runtime.check is not None and not runtime.check.done():
        return "check_runs"
    return why_not_go_on(reading, reading.control)


class CommissioningCheck:
    """One check of one plant. However it ends, the plant goes on with what it did before."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EnergyStorageConfigEntry,
        runtime: PlantRuntime,
        controller: Controller,
        progress: Callable[[int, int, str], None],
    ) -> None:
        """Begin nothing yet; `progress` is told (step, steps, what is tried)."""
        self.results = Results()
        self._hass = hass
        self._entry = entry
        self._runtime = runtime
        self._controller = controller
        self._progress = progress
        self._unseen: str | None = None
        """Why one would not see the battery stop, as a code."""
        self._tried: set[CommandKind] = set()

    @property
    def steps(self) -> int:
        """Give how many trials there are: one to compare with, the proofs, the commands."""
        return 1 + len(self._controller.control.provable()) + len(TRIED)

    @callback
    def start(self) -> asyncio.Task[object]:
        """Run in a task of its own; cancelling it ends the check."""
        # Not eager: a check that ends before it is shown would bring the form's input to the next step.
        name = f"{DOMAIN} commissioning check"
        task: asyncio.Task[object] = self._entry.async_create_background_task(
            self._hass, self._run(), name, eager_start=False
        )
        self._runtime.check = task
        return task

    async def _run(self) -> None:
        attempts = Attempts(self._hass, self._entry, self._runtime, self._controller)
        try:
            await self._try_all(attempts)
        except EndedError as err:
            self.results.ended_by = err.code
        except asyncio.CancelledError:
            self.results.ended_by = "cancelled"
            raise
        finally:
            self._controller.control.assume(None)
            await attempts.give_back()

    async def _try_all(self, attempts: Attempts) -> None:
        """Look how the battery serves the house, prove what can be, then try every command."""
        proofs, steps = self._controller.control.provable(), self.steps
        self._progress(1, steps, CommandKind.SELF_CONSUME)
        self._unseen = await self._why_a_stop_is_not_seen(attempts)
        for step, (proof, kind) in enumerate(proofs.items(), start=2):
            self._progress(step, steps, proof)
            await self._prove(attempts, proof, kind)
        for step, kind in enumerate(TRIED, start=2 + len(proofs)):
            self._progress(step, steps, kind)
            if kind not in self._tried:
                self._add(kind, await self._try(attempts, kind))

    async def _why_a_stop_is_not_seen(self, attempts: Attempts) -> str | None:
        """See what the battery does when nothing holds it back: only against that a stop shows."""
        try:
            samples, _ = await attempts.observe(CommandKind.SELF_CONSUME)
        except NotNowError as err:
            return err.code
        return None if serves(samples) else "no_load"

    async def _prove(self, attempts: Attempts, proof: str, kind: CommandKind) -> None:
        """Take something for proved, and keep it if the command that lives on it is seen to work."""
        control = self._controller.control
        control.assume(proof)
        try:
            judgement = await self._judged(attempts, kind)
            if judgement.verdict is Verdict.PROVEN:
                control.prove(proof)
                control.note_effect(kind, seen=True)
                self._tried.add(kind)
        finally:
            control.assume(None)
        self._add(kind if kind in self._tried else proof, judgement)
        await self._runtime.coordinator.async_save_state()

    async def _try(self, attempts: Attempts, kind: CommandKind) -> Judgement:
        """Try an offered command; a verdict from earlier stands unless there is a new one."""
        control = self._controller.control
        before = control.effects().get(kind)
        control.note_effect(kind, seen=None)
        try:
            ability = control.capabilities(self._runtime.settings.settings.limits).abilities[kind]
            if not ability.offered:
                return not_now(ability.reason or "not_supported")
            judgement = await self._judged(attempts, kind)
            if judgement.verdict is not Verdict.NOT_NOW:
                before = judgement.verdict is Verdict.PROVEN
            return judgement
        finally:
            control.note_effect(kind, seen=before)
            await self._runtime.coordinator.async_save_state()

    async def _judged(self, attempts: Attempts, kind: CommandKind) -> Judgement:
        if kind in STOPS and self._unseen is not None:
            return not_now(self._unseen)
        try:
            samples, asked_w = await attempts.observe(kind)
        except NotNowError as err:
            return not_now(err.code)
        return judge(kind, samples, asked_w)

    def _add(self, what: str, judgement: Judgement) -> None:
        self.results.rows.append(Row(what=what, judgement=judgement))
