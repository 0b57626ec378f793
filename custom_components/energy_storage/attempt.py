"""One attempt to see a command work: it is asked for, waited for, and watched for a while."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from homeassistant.core import HomeAssistant, callback

from .connect import poll_of
from .const import DOMAIN
from .controller import Confidence, Controller, ControlView
from .coordinator import EnergyStorageConfigEntry, PlantRuntime
from .cycle import DECIDE_EVERY_S, Reading
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

_SLOWEST_STOP: Final = timedelta(minutes=20)
_OTHER_COMMAND: Final = 3
"""After so many decisions for another command, the one that is tried will not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one attempt may take: the longer, the less often the plant is read and the older that is."""

    confirm_within: timedelta = timedelta(seconds=40)
    observe_for: timedelta = timedelta(seconds=60)
    begins_within: timedelta = timedelta(minutes=3)
    """A plant that looks at its own clock before it begins."""
    stops_within: timedelta = timedelta(minutes=8)
    """A battery that has to fall a little before it stops."""

    @classmethod
    def of(cls, poll: timedelta, lag: timedelta) -> Self:
        """Suit it to a plant: a few readings are needed to see anything, and a few more to be sure."""
        usual = cls()
        late = max(timedelta(0), poll - timedelta(seconds=DECIDE_EVERY_S)) + lag
        return cls(
            confirm_within=usual.confirm_within + 4 * late,
            observe_for=max(usual.observe_for, 4 * poll + lag),
            begins_within=usual.begins_within + 4 * late,
            stops_within=max(usual.stops_within, min(25 * poll, _SLOWEST_STOP)),
        )

    def to_confirm(self, kind: CommandKind) -> timedelta:
        """Give how long to wait until the plant holds a command; of some, only the battery's stop tells."""
        return self.confirm_within + (self.stops_within if kind is CommandKind.HOLD else timedelta(0))

    def runs_for(self, kind: CommandKind) -> timedelta:
        """Give when an override that nobody ended is over by itself."""
        return self.to_confirm(kind) + max(self.begins_within, self.stops_within) + self.observe_for


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
        pace = runtime.vendor.pace
        self._patience = Patience.of(poll_of(entry, runtime.vendor), timedelta(seconds=pace.lag_s))
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
        patience = self._patience
        began = await self._confirmed(kind, reading.at + patience.to_confirm(kind))
        samples: dict[datetime, Sample] = {}
        soc_pct = reading.state.soc_pct
        while True:
            reading, view = await self._next()
            command = view.decision.command
            if command is None or command.kind is not kind or not _is_held(view):
                raise NotNowError(_in_the_way_of(kind, view))
            asked_w = command.power_w
            if (sample := sample_of(reading.state)) is not None:
                samples[reading.state.read_at] = sample
            if reading.at - began < patience.observe_for:
                continue
            newest = [sample for at, sample in samples.items() if reading.at - at <= patience.observe_for]
            if may_still_begin(kind, newest, asked_w) and reading.at - began < patience.begins_within:
                continue
            if not may_still_stop(kind, newest, fallen(soc_pct, reading.state.soc_pct)):
                return newest, asked_w
            if reading.at - began >= patience.stops_within:
                raise NotNowError("too_slow_to_see")

    async def _ask_for(self, kind: CommandKind, reading: Reading) -> None:
        """Start the override, and have it decided at once."""
        mine = Override(
            kind=MODE_OF[kind],
            parameters=parameters(kind, reading.state, self._runtime.settings.settings),
            source=Source.PERSON,
            started=reading.at,
            ends_at=reading.at + self._patience.runs_for(kind),
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
            late = reading.at >= until
            if late and others < _OTHER_COMMAND and view.override == self._mine and _is_held(view):
                return reading.at
            if late or others >= _OTHER_COMMAND:
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


def _is_held(view: ControlView) -> bool:
    """Tell whether the plant holds what was decided, as far as it tells; what it does is looked at here."""
    taken = view.failures == 0 and view.holding.command == view.decision.command
    return view.confidence is Confidence.CONFIRMED or taken


def _in_the_way_of(kind: CommandKind, view: ControlView) -> str:
    """Name what keeps a command from being carried out, as a code."""
    if view.failures and view.code is not None:
        return view.code
    decided = view.decision.command is not None and view.decision.command.kind is kind
    codes = [reason.code for reason in view.decision.reasons if reason.code not in MODES]
    return "not_confirmed" if decided or not codes else codes[0]
