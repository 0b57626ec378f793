"""What a driver promises that commands a plant, besides reading it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ..engine.command import Ability, BatteryCommand, CommandKind, Guard, Limit
from ..engine.plant import Ownership
from .schedule import Schedule, SchedulePeriod
from .write import Write

type DeviceLimits = Mapping[Limit, float]
"""What the device is to hold by itself, in watts and percent; what is missing keeps what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What can be commanded of a plant, by what is proven about it."""

    abilities: Mapping[CommandKind, Ability]
    guards: Mapping[Limit, Guard]
    """The best that can be done for each limit."""
    writable: bool = True
    """False: nothing may be written; commands are decided and shown alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the plant holds, as far as we have to do with it."""

    ownership: Ownership = Ownership.FREE
    command: BatteryCommand | None = None
    """Ours; None when it holds none of us."""
    confirmed: bool = True
    """Every register of it was read back; else a sequence was cut off and part of it may hold."""
    read_at: datetime | None = None
    """When the device was last asked for it, UTC."""
    deferred: tuple[str, ...] = ()
    """Registers that could not be given back yet."""
    obstacles: tuple[str, ...] = ()
    """Codes of what stands in the way of commands and only the owner can remove."""
    misfit: str | None = None
    """Code of why a release cannot leave the plant with the schedule that its owner wants it to run alone."""
    writes_today: int = 0
    writes_left: int | None = None
    """Of today's budget, of the register that has least; None: unlimited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Something to be done, and the writes that carry it out on the plant as it is now."""

    command: BatteryCommand | None
    """None: it concerns a single device of the plant."""
    writes: tuple[Write, ...] = ()
    limits: DeviceLimits = field(default_factory=dict[Limit, float])
    deferred: tuple[str, ...] = ()
    """Registers that a release has to leave for later."""


class Outcome(StrEnum):
    """What became of an order."""

    CONFIRMED = "confirmed"
    """Everything was written and read back, or had nothing to be written."""
    UNCONFIRMED = "unconfirmed"
    """The device took a write and does not hold it."""
    REFUSED = "refused"
    """The device refused a write, or one of our own rules did; what came before it holds."""
    INTERRUPTED = "interrupted"
    """The link was lost in the middle; what holds is unknown until it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How an order went."""

    order: Order
    outcome: Outcome
    done: tuple[Write, ...] = ()
    """Writes that the device has taken."""
    skipped: tuple[Write, ...] = ()
    """Limits that it does not take back in a release; that is no reason to keep it."""
    failed: Write | None = None
    """The one at which it ended."""
    code: str | None = None
    """Why it ended."""
    again: bool = False
    """Something was learnt by it: ordered again at once, it goes another way."""


class Request(StrEnum):
    """What can be asked of a single device of the plant, beside its battery."""

    START = "start"
    STOP = "stop"
    LIMIT_CURRENT = "limit_current"
    """In A."""
    LIMIT_POWER = "limit_power"
    """In W."""
    LIFT_PV_LIMIT = "lift_pv_limit"
    POWER_ON = "power_on"
    POWER_OFF = "power_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The numbers that a request takes, and the one that the device has now."""

    low: float
    high: float
    now: float


class PlantControl(Protocol):
    """Commands one plant. The caller saves `Driver.state` after `begin` and after `execute`.

    `order`, `release` and `request` raise CommandRefusedError and do no I/O; what does I/O raises
    DriverError alone, and `execute` not even that: it tells by its outcome.
    """

    def capabilities(self, limits: DeviceLimits) -> Capabilities:
        """Say what can be commanded while the device is to hold these limits."""

    def holding(self) -> Holding:
        """Say what the plant holds, as read last."""

    async def refresh(self) -> None:
        """Read what the plant holds and measures just now: what an order is made from."""

    def order(self, command: BatteryCommand, limits: DeviceLimits) -> Order:
        """Plan what to write for a command: nothing where it is held already."""

    def release(self, limits: DeviceLimits, *, short: bool = False) -> Order:
        """Plan how to hand the plant back; `short` needs no fresh reading."""

    def request(self, device: str, request: Request, value: float | None = None) -> Order:
        """Plan what to write to one device of the plant."""

    def requests(self, device: str) -> Mapping[Request, Span | None]:
        """Give what can be asked of one device of the plant; None where it takes no number."""

    def begin(self, order: Order) -> None:
        """Note in the state what is about to be written, and what it replaces."""

    async def execute(self, order: Order) -> Applied:
        """Write, in the order given, and read back; ends at the first write that does not hold."""

    def halt(self) -> None:
        """End the sequence that runs with the write that is under way: any prefix of it is safe."""

    def let_go(self) -> None:
        """Give up the claim on what somebody else has switched off: we have yielded."""

    def provable(self) -> Mapping[str, CommandKind]:
        """Give what could still be proved about this plant, and the command that would show it."""

    def assume(self, proof: str | None) -> None:
        """Take something for proved while it is tried; None ends that."""

    def prove(self, proof: str) -> None:
        """Keep that something was seen on this plant."""

    def note_effect(self, kind: CommandKind, *, seen: bool | None) -> None:
        """Keep whether a command was seen to have its effect on this plant; None forgets it."""

    def effects(self) -> Mapping[CommandKind, bool]:
        """Give the commands that were tried on this plant, and whether they had their effect."""

    def name_schedule[P: SchedulePeriod](self, schedule: Schedule[P] | None) -> None:
        """Take the owner's schedule, for a plant that is to run it alone from its next release on.

        Nothing is written for it; `Holding.misfit` says why it cannot be done.
        """
