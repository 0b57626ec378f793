"""An Instagen plant: what is asked when, and what comes of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
import time

from ...engine.plant import Device, DeviceKind, Identity, PlantState, Value
from ..control import PlantControl
from ..driver import (
    Driver,
    DriverConnectionError,
    DriverState,
    Due,
    LinkFault,
    LinkSetup,
    Point,
    Raw,
    RegisterReading,
    TcpAddress,
    Tier,
)
from ..line import Clock
from .abilities import PlantFacts
from .control import InstagenControl
from .counters import Counters
from .crew import Crew
from .left_with import LeftWith
from .link import GAP_S, TIMEOUT_S, Link, Sleep
from .made_up import Alias, told
from .meeting import Reunion, meet, told_apart
from .messages import Command
from .options import chosen
from .roster import Inverter, Roster
from .settle import Settled
from .stick import Stick
from .user_set import UserSet
from .view import View
from .wishes import Wishes

_AT_CONNECT = 4
"""So many inverters are read at once; the others follow with the next reading."""
_MEET_AGAIN_S = 86_400.0


def utc_now() -> datetime:
    """Give the time now."""
    return datetime.now(UTC)


def create(
    address: TcpAddress,
    setup: LinkSetup,
    *,
    now: Callable[[], datetime] = utc_now,
    monotonic: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
    gap_s: float = GAP_S,
    timeout_s: float = TIMEOUT_S,
) -> Driver:
    """Make the driver of one plant; nothing is asked before `connect`."""
    link = Link(
        address.host,
        address.port,
        gap_s=max(gap_s, setup.request_spacing_s),
        timeout_s=timeout_s,
        clock=monotonic,
        sleep=sleep,
    )
    return InstagenDriver(
        Stick(link, now=now, zone=setup.zone),
        Settled(chosen(setup.options)),
        Wishes.of(setup.options),
        now=now,
        monotonic=monotonic,
    )


class InstagenDriver:
    """One Instagen plant."""

    def __init__(
        self,
        stick: Stick,
        settled: Settled,
        wishes: Wishes,
        *,
        now: Callable[[], datetime],
        monotonic: Clock,
    ) -> None:
        """Take the way to the stick, and what its owner wishes; nothing is known yet."""
        self._stick = stick
        self._signs = settled
        self._now = now
        self._monotonic = monotonic
        self._roster: Roster | None = None
        self._roster_at_s = 0.0
        self._look_anew = False
        self._reunion = Reunion()
        self._counters = Counters()
        self._crew = Crew(stick, self._counters, now=now, monotonic=monotonic)
        self._view = View(
            self._crew, settled, self._counters, who=lambda: self._who, now=now, monotonic=monotonic
        )
        self._alias = Alias()
        self._wishes = wishes
        self._control = InstagenControl(
            tell=self._tell,
            read=self._read_now,
            facts=self._facts,
            now=now,
            left_with=LeftWith(wanted=wishes.by_schedule),
        )

    @property
    def identity(self) -> Identity:
        """Who the plant is: its master inverter."""
        return self._who.identity

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant and what belongs to it."""
        return self._view.devices()

    @property
    def points(self) -> tuple[Point, ...]:
        """Every reading that this plant has ever given since it was connected."""
        return self._view.points()

    @property
    def settled(self) -> bool:
        """Whether every inverter was asked at least once since `connect`."""
        return all(self._crew.of(inverter).asked for inverter in self._who.inverters)

    @property
    def state(self) -> DriverState:
        """What to hand to `connect` after a restart."""
        return {
            "signs": self._signs.to_json(),
            "counters": self._counters.to_json(self._now()),
            "control": self._control.record.to_json(),
        }

    @property
    def control(self) -> PlantControl:
        """How the plant is commanded."""
        return self._control

    @property
    def raw_access(self) -> None:
        """Say that it has no registers: it speaks in messages."""

    async def connect(self, saved: DriverState | None) -> None:
        """Learn who is there, and take a first reading of the first inverters."""
        if saved is not None:
            self._signs.restore(saved.get("signs"))
            self._counters.restore(saved.get("counters"))
            self._control.restore(saved.get("control"))
        self._crew.forget()
        self._stick.link.wake()
        self._roster, self._roster_at_s = await meet(self._stick), self._monotonic()
        try:
            await self._read_all(self._who.inverters[:_AT_CONNECT])
        except DriverConnectionError as err:
            raise told_apart(err, encrypted=self._who.encrypted) from err
        self._show(self._view.state())

    async def read(self, due: Due) -> PlantState:
        """Read what is due; an inverter that does not answer costs its own readings alone."""
        if Tier.FAST in due.tiers:
            await self._read_fast()
        if Tier.STATIC in due.tiers and self._monotonic() - self._roster_at_s >= _MEET_AGAIN_S:
            with suppress(DriverConnectionError):
                self._adopt(await self._reunion.meet(self._stick))
        state = self._view.state()
        if Tier.FAST in due.tiers:
            self._show(state)
        return state

    def value(self, point: Point) -> Value:
        """Give what this point says now; None while unknown, also when its device is silent."""
        return self._view.value(point)

    def registers(self) -> tuple[RegisterReading, ...]:
        """Give every member of every device, with the number as it came."""
        return self._view.registers()

    def raw(self, device: Device | None = None) -> Raw:
        """Give the last answers by name, as hexadecimal payloads; serial numbers are made up."""
        answers = self._stick.payloads.items()
        return told(
            [(key, payload) for key, payload in answers if _is_about(key[0], key[1], device)], self._alias
        )

    async def close(self) -> None:
        """Let the request that is under way end, and make no other."""
        await self._stick.link.close()

    async def _tell(self, program: UserSet) -> int:
        """Send a program to the one inverter; what may be urgent does not wait for a stick to recover."""
        self._stick.link.wake()
        master = self._who.inverters[0]
        return await self._stick.set_user(program, master.serial, master.target)

    async def _read_now(self) -> None:
        await self._read_fast()
        self._show(self._view.state())

    def _show(self, state: PlantState) -> None:
        """Let the control look at a reading."""
        self._control.take_reading(state, self.identity.firmware)

    def _facts(self) -> PlantFacts:
        return PlantFacts(
            rated_w=self._who.rated_w,
            has_battery=any(inverter.has_battery for inverter in self._who.inverters),
            inverters=len(self._who.inverters),
            island_allowed=self._wishes.island,
        )

    @property
    def _who(self) -> Roster:
        if self._roster is None:
            raise DriverConnectionError("the plant was not met yet", LinkFault.SILENT)
        return self._roster

    async def _read_fast(self) -> None:
        """Ask every inverter; after a failure ask first who is there, since address and stick may be new.

        Raises:
            DriverConnectionError: the master does not answer, or is another one.

        """
        try:
            if self._look_anew:
                self._adopt(await self._reunion.meet(self._stick))
                self._look_anew = False
            await self._read_all(self._who.inverters)
        except DriverConnectionError:
            self._look_anew = True
            raise

    def _adopt(self, roster: Roster) -> None:
        """Take over who is there now; an inverter that is not named has not gone away.

        Raises:
            DriverConnectionError: another plant answers.

        """
        known = self._who.inverters
        if roster.inverters[0].serial != known[0].serial:
            raise DriverConnectionError("another plant answers at this address", LinkFault.GARBLED)
        if len(roster.inverters) >= len(known):
            self._roster = roster
        self._roster_at_s = self._monotonic()

    async def _read_all(self, inverters: tuple[Inverter, ...]) -> None:
        await self._crew.read(inverters)
        if not self._crew.of(self._who.inverters[0]).clock.repeated:
            self._signs.hear(self._view.plant().all_data)


def _is_about(command: Command, target: int, device: Device | None) -> bool:
    """Tell whether an answer says something about a device."""
    if device is None:
        return True
    match device.kind:
        case DeviceKind.GATEWAY:
            return command in (Command.GATEWAY_INFO, Command.APP_INFO)
        case DeviceKind.PLANT:
            return command is Command.REGISTRY
        case _:
            return command is Command.DATA and target == device.unit_id
