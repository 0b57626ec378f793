"""A simulated Instagen stick: one TCP port, the inverters behind it, and the maker's cloud that looks on.

In a test::

    async with InstagenSimulator(InstagenConfig(inverters=2, pages=2)).serving() as sim:
        ...                                    # connect to sim.host, sim.port
        sim.faults.add("fragmented", 1000)     # the names are in instagen_faults.py
        sim.set("battery.soc", 55)             # force a member, as grid.phases.0.active_power too
        sim.hide("grid")                       # leave a member out; `set(name, None)` brings it back
        sim.advance(600)                       # ten minutes later
        sim.change_mode(2)                     # the owner does it in the app
        sim.requests, sim.writes, sim.actions  # what was asked, set and commanded
        sim.mode, sim.contact.closed           # what the device does now, which it tells nobody
        sim.cloud.blocked                      # whether our polling would have stopped the upload
        sim.plant                              # the physics: grid, battery, generator
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
import random
import time

from .faults import Faults
from .instagen_actions import Actions
from .instagen_answers import HANDLERS, Answers, Write
from .instagen_cloud import Cloud
from .instagen_config import InstagenConfig
from .instagen_device import InstagenDevice
from .instagen_faults import INSTAGEN_FAULTS
from .instagen_frame import Frame
from .instagen_messages import MalformedError, Message, Value, decode
from .instagen_relay import Contact
from .instagen_wire import SilenceError, StickServer
from .plant import SimulatedPlant

__all__ = ["InstagenConfig", "InstagenSimulator", "Request", "Write"]

TICK_S = 1.0
_ANSWERED_S = 0.05
STICK_TARGET = 255
_STORAGE = 0xC3
_FIRST_QUESTION = 0xDB01
_KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came over the wire."""

    at: datetime
    """Simulated time."""
    command: int
    message: str | None
    """Name in the message table; None for a command that this stick does not know."""
    values: Message
    sequence: int
    stick_serial: int
    target: int


class InstagenSimulator:
    """The whole device; see the head of this file for its use."""

    def __init__(self, config: InstagenConfig | None = None) -> None:
        """Build the system; `serving` opens the port."""
        self.config = config or InstagenConfig()
        self.plant = SimulatedPlant(self.config.plant, self.config.start or datetime.now(UTC))
        self.faults = Faults(INSTAGEN_FAULTS, self._fault_changed)
        self.device = InstagenDevice(self.config, self.plant, self.faults)
        self.answers = Answers(self.config, self.device, Actions(self.device, self._restart_soon))
        self.requests: list[Request] = []
        self.host = "127.0.0.1"
        self._random = random.Random(self.config.plant.seed)
        self._new_key()
        self._server: StickServer | None = None
        self._last = time.monotonic()

    # For tests and for the command line.

    @property
    def port(self) -> int:
        """Port that listens, the same when it is closed and opened again."""
        return self._listening.port

    @property
    def stick_serial(self) -> int:
        """Serial number that belongs in the header of every request but the first."""
        return self.answers.stick_serial

    @property
    def mode(self) -> int:
        """Battery mode in force."""
        return self.device.modes.mode

    @property
    def contact(self) -> Contact:
        """The dry contact DO1."""
        return self.device.contact

    @property
    def actions(self) -> list[int]:
        """Actions that were accepted, in order."""
        return self.answers.actions.done

    @property
    def refused_actions(self) -> list[int]:
        """Actions that this stick does not do, as factory resets."""
        return self.answers.actions.refused

    @property
    def writes(self) -> list[Write]:
        """Settings messages that were acknowledged with 0, in order."""
        return self.answers.writes

    @property
    def cloud(self) -> Cloud:
        """The judge of our polling."""
        return self.answers.cloud

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[InstagenSimulator]:
        """Listen until the block ends."""
        self.host = host
        self._server = StickServer(
            self,
            self.faults,
            host=host,
            port=port,
            close_s=self.config.close_s,
            second_client=self.config.second_client,
            wrong_key=self.config.wrong_key,
        )
        self._last = time.monotonic()
        if not {"port_closed", "restart"} & set(self.faults):
            self._server.open()
        self._server.keep(self._tick_for_ever())
        try:
            yield self
        finally:
            self.faults.stop()
            await self._server.closed()

    def advance(self, seconds: float) -> None:
        """Move the simulated time on."""
        self._tick()
        self._move_on(seconds)

    def set(self, name: str, value: Value | None) -> None:
        """Force a member of the live data in the table's unit; None lets it follow the plant again."""
        if value is None:
            self.answers.forced.pop(name, None)
        else:
            self.answers.forced[name] = value

    def hide(self, name: str) -> None:
        """Leave a member out of the live data."""
        self.answers.forced[name] = None

    def change_mode(self, mode: int, **parameters: Value) -> None:
        """Choose a battery mode as the owner does in the app or the cloud; it acts at once."""
        self.device.apply({**self.device.modes.stored[mode], **parameters, "mode": mode})

    @property
    def _listening(self) -> StickServer:
        if self._server is None:
            raise RuntimeError("not serving")
        return self._server

    # What the stick answers.

    @property
    def key(self) -> bytes | None:
        """The enc_random that standard frames are sealed with, if they are."""
        return self.answers.enc_random if self.config.encrypted else None

    def respond(self, frame: Frame) -> bytes:
        """Answer one request; see `Responder`."""
        self._tick()
        message, handler = HANDLERS.get(frame.command, (None, None))
        try:
            values = decode(message, frame.payload) if message else {}
        except MalformedError as err:
            raise SilenceError(close=True) from err
        self.requests.append(
            Request(
                at=self.plant.now,
                command=frame.command,
                message=message,
                values=values,
                sequence=frame.sequence,
                stick_serial=frame.stick_serial,
                target=frame.target,
            )
        )
        if handler is None or not self._addressed(frame):
            raise SilenceError(close=True)
        if frame.command >> 8 == _STORAGE and self._storage_is_silent():
            raise SilenceError(close=False)
        return handler(self.answers, values)

    def _addressed(self, frame: Frame) -> bool:
        """Tell whether the long header names this stick and somebody behind it."""
        if not frame.extended:
            return True
        serial_fits = frame.stick_serial == self.stick_serial or (
            frame.command == _FIRST_QUESTION and not frame.stick_serial
        )
        inverter = 1 <= frame.target <= self.config.inverters or self.answers.recording is not None
        return serial_fits and (inverter or (frame.target == STICK_TARGET and frame.command >> 8 != _STORAGE))

    def _storage_is_silent(self) -> bool:
        hidden = self.config.encrypted and not self.config.storage_when_encrypted
        return hidden or "storage_silent" in self.faults

    # Time and faults.

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    def _tick(self) -> None:
        now = time.monotonic()
        seconds, self._last = (now - self._last) * self.config.speed, now
        self._move_on(seconds)

    def _move_on(self, seconds: float) -> None:
        self.answers.elapsed_s += seconds
        self.device.run(seconds)

    def _new_key(self) -> None:
        self.answers.enc_random = self._random.randbytes(_KEY_BYTES)

    def _restart_soon(self) -> None:
        """Restart as a client asked for, once it has its answer."""
        if self._server is not None:
            self._server.keep(self._restart_later())

    async def _restart_later(self) -> None:
        await asyncio.sleep(_ANSWERED_S)
        self.faults.add("restart", self.config.restart_s)

    def _fault_changed(self, name: str, on: bool) -> None:
        match name:
            case "port_closed" | "restart" if self._server is not None:
                if on:
                    self._server.close()
                elif not {"port_closed", "restart"} & set(self.faults):
                    self._server.open()
            case "moved" if on and self._server is not None:
                self._server.move()
            case "frozen_clock":
                self.device.freeze(on=on)
            case "today_restarts" if on:
                self.device.restart_today()
            case "grid_loss":
                self.plant.grid_available = not on
                self.device.run(0)
            case "app_changes_mode" if fault := self.faults.get(name):
                self.change_mode(int(fault.value))
        if name == "restart" and on:
            self._new_key()
            self.device.forget()
