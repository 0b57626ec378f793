"""One attempt to see a command work: it is asked for, waited for, and watched for a while."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .controller import Confidence, Controller, ControlView
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .cycle import Reading
from .engine import ControlState
from .engine.command import CommandKind
from .engine.modes import MODES
from .engine.override import Override, Source
from .engine.plant import GridState, Stage
from .trials import (
    MODE_OF,
    Sample,
    fallen,
    may_still_begin,
    may_still_stop,
    obstacle,
    parameters,
    sample_of,
)

CONFIRM_WITHIN: Final = timedelta(seconds=40)
OBSERVE_FOR: Final = timedelta(seconds=60)
BEGINS_WITHIN: Final = timedelta(minutes=3)
STOPS_WITHIN: Final = timedelta(minutes=8)
_RUNS_FOR: Final = timedelta(minutes=10)
"""An override that nobody ended is over by itself after this."""
_OTHER_COMMAND: Final = 3
"""After so many decisions for another command, the one that is tried will not come."""


class NotNowError(Exception):
    """A command cannot be tried now."""

    def __init__(self, code: str) -> None:
        """Keep why."""
        super().__init__(code)
        self.code = code


class EndedError(Exception):
    """Nothing can be tried any more."""

    def __init__(self, code: str) -> None:
        """Keep why."""
        super().__init__(code)
        self.code = code


def why_not_go_on(reading: Reading, view: ControlView) -> str | None:
    """Say why nothing can be tried on a plant in this state, as a code."""
    control = view.decision.control
    if control is ControlState.YIELDED:
        return "someone_else_controls"
    if control is not ControlState.ON:
        return "control_not_on"
    if reading.stage is not Stage.FRESH:
        return "reading_not_fresh"
    return None if reading.state.grid_state is GridState.ON_GRID else "not_on_grid"


class Attempts:
    """Has one command after another carried out as an override of the owner's, so that all limits hold."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EnergyStorageConfigEntry,
        runtime: PlantRuntime,
        controller: Controller,
    ) -> None:
        """Remember what ran before."""
        self._hass = hass
        self._entry = entry
        self._runtime = runtime
        self._controller = controller
        self._before = controller.memory.lasting.override
        self._mine: Override | None = None
        self._heard = asyncio.Event()
        self._stop_listening = runtime.coordinator.async_add_listener(self._heard.set)

    async def observe(self, kind: CommandKind) -> tuple[list[Sample], float | None]:
        """Have a command carried out, and look for a while; give also the power that limits left of it.

        A plant that takes no power is asked for all it can: None.

        Raises:
            NotNowError: it is not carried out.
            EndedError: nothing can be tried any more.

        """
        reading = self._runtime.cycle.reading()
        settings = self._runtime.settings.settings
        if (code := obstacle(kind, reading.state, settings)) is not None:
            raise NotNowError(code)
        await self._ask_for(kind, reading)
        began = await self._confirmed(kind, reading.at + CONFIRM_WITHIN)
        samples: dict[datetime, Sample] = {}
        soc_pct = reading.state.soc_pct
        while True:
            reading, view = await self._next()
            command = view.decision.command
            if command is None or command.kind is not kind or view.confidence is not Confidence.CONFIRMED:
                raise NotNowError(_in_the_way_of(kind, view))
            asked_w = command.power_w
            if (sample := sample_of(reading.state)) is not None:
                samples[reading.state.read_at] = sample
            if reading.at - began < OBSERVE_FOR:
                continue
            newest = [sample for at, sample in samples.items() if reading.at - at <= OBSERVE_FOR]
            if may_still_begin(kind, newest, asked_w) and reading.at - began < BEGINS_WITHIN:
                continue
            if not may_still_stop(kind, newest, fallen(soc_pct, reading.state.soc_pct)):
                return newest, asked_w
            if reading.at - began >= STOPS_WITHIN:
                raise NotNowError("too_slow_to_see")

    async def _ask_for(self, kind: CommandKind, reading: Reading) -> None:
        """Start the override, and have it decided at once."""
        mine = Override(
            kind=MODE_OF[kind],
            parameters=parameters(kind, reading.state, self._runtime.settings.settings),
            source=Source.PERSON,
            started=reading.at,
            ends_at=reading.at + _RUNS_FOR,
        )
        self._refuse_others()
        self._mine = mine
        await self._controller.start_override(mine)
        self._decide()

    async def _confirmed(self, kind: CommandKind, until: datetime) -> datetime:
        """Wait until the plant holds the command; give when it was seen to."""
        others = 0
        while True:
            reading, view = await self._next()
            command = view.decision.command
            if command is not None and command.kind is kind:
                if view.confidence is Confidence.CONFIRMED and view.override == self._mine:
                    return reading.at
            else:
                others += 1
            if others >= _OTHER_COMMAND or reading.at >= until:
                raise NotNowError(_in_the_way_of(kind, view))

    async def _next(self) -> tuple[Reading, ControlView]:
        """Wait for the next reading."""
        self._heard.clear()
        await self._heard.wait()
        self._refuse_others()
        reading = self._runtime.coordinator.data
        if (view := reading.control) is None:
            raise EndedError("nothing_to_command")
        if (code := why_not_go_on(reading, view)) is not None:
            raise EndedError(code)
        return reading, view

    def _refuse_others(self) -> None:
        """Give way to whatever was asked of the plant meanwhile."""
        wanted = self._controller.memory.lasting.override
        if self._mine is not None and wanted != self._mine:
            raise EndedError("something_else_asked")

    async def give_back(self) -> None:
        """End the override; what ran before goes on, if its time is not over."""
        self._stop_listening()
        if self._mine is not None and self._controller.memory.lasting.override == self._mine:
            before, now = self._before, self._runtime.cycle.reading().at
            await self._controller.start_override(before if before and before.ends_at > now else None)
        self._decide()

    @callback
    def _decide(self) -> None:
        """Let the cycle see it, in a task of its own, which is not cancelled half-way with us."""
        self._entry.async_create_background_task(
            self._hass, self._runtime.cycle.decide(), f"{DOMAIN} decide", eager_start=False
        )


def _in_the_way_of(kind: CommandKind, view: ControlView) -> str:
    """Name what keeps a command from being carried out, as a code."""
    if view.failures and view.code is not None:
        return view.code
    decided = view.decision.command is not None and view.decision.command.kind is kind
    codes = [reason.code for reason in view.decision.reasons if reason.code not in MODES]
    return "not_confirmed" if decided or not codes else codes[0]
