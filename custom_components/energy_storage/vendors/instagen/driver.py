"""An Instagen plant: what is asked when, and what comes of it."""

import asyncio
from collections.abc import Callable, Iterator
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
from .alarms import AlarmLog, FaultWord
from .control import InstagenControl
from .counters import Counters
from .crew import Crew
from .link import GAP_S, TIMEOUT_S, Link, Sleep
from .made_up import Alias, told
from .meeting import meet, told_apart
from .messages import Command, serial_text
from .options import chosen
from .readings import BY_KEY, ROWS, Row, address_of, raw_of
from .roster import Inverter, Roster
from .settle import Settled
from .state import Plant, plant_state
from .stick import Stick
from .user_set import UserSet
from .wishes import NO_WISHES, Wishes

_AT_CONNECT = 4
"""So many inverters are read at once; the others follow with the next reading."""
_MEET_AGAIN_S = 86_400.0
_SHOWN_BY = {
    DeviceKind.METER: "grid_import_energy_today",
    DeviceKind.GENERATOR: "active_power",
    DeviceKind.PV_INVERTER: "active_power",
}


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
        Stick(link, now=now),
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
        wishes: Wishes = NO_WISHES,
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
        self._counters = Counters()
        self._crew = Crew(stick, self._counters, now=now, monotonic=monotonic)
        self._alarms = AlarmLog()
        self._alias = Alias()
        self._wishes = wishes
        self._control = InstagenControl(
            tell=self._tell, read=self._read_now, facts=self._facts, now=now, named=wishes.program
        )

    @property
    def identity(self) -> Identity:
        """Who the plant is: its master inverter."""
        return self._who.identity

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant and what belongs to it; meter and sources join when they first show themselves."""
        seen = self._crew.of(self._who.inverters[0]).seen
        return self._who.devices(
            seen=frozenset(kind for kind, key in _SHOWN_BY.items() if BY_KEY[kind, key].path in seen)
        )

    @property
    def points(self) -> tuple[Point, ...]:
        """Every reading that this plant has ever given since it was connected."""
        return tuple(
            row.point(device.key)
            for device in self.devices
            for row in ROWS
            if row.kind is device.kind and self._is_given(row, device)
        )

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
        self._show(self._plant_state())

    async def read(self, due: Due) -> PlantState:
        """Read what is due; an inverter that does not answer costs its own readings alone."""
        if Tier.FAST in due.tiers:
            await self._read_fast()
        if Tier.STATIC in due.tiers and self._monotonic() - self._roster_at_s >= _MEET_AGAIN_S:
            with suppress(DriverConnectionError):
                self._adopt(await meet(self._stick))
        state = self._plant_state()
        if Tier.FAST in due.tiers:
            self._show(state)
        return state

    def value(self, point: Point) -> Value:
        """Give what this point says now; None while unknown, also when its device is silent."""
        device = next((one for one in self.devices if one.key == point.device), None)
        row = None if device is None else BY_KEY.get((device.kind, point.key))
        return None if device is None or row is None else self._value(row, device)

    def registers(self) -> tuple[RegisterReading, ...]:
        """Give every member of every device; its address is made of the numbers along its path."""
        return tuple(
            RegisterReading(
                device=device.key,
                name=row.key,
                address=address_of(row),
                raw=None if (raw := self._raw(row, device)) is None else (raw,),
                value=self._value(row, device),
                unit=row.unit,
            )
            for device in self.devices
            for row in ROWS
            if row.kind is device.kind
        )

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
        self._show(self._plant_state())

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

    def _giver(self, device: Device) -> Inverter:
        """Tell which inverter speaks for a device: the master for the plant, its meters and its sources."""
        inverters = self._who.inverters
        return next((one for one in inverters if device.key in (one.key, one.battery_key)), inverters[0])

    async def _read_fast(self) -> None:
        """Ask every inverter; after a failure ask first who is there, since address and stick may be new.

        Raises:
            DriverConnectionError: the master does not answer, or is another one.

        """
        try:
            if self._look_anew:
                self._adopt(await meet(self._stick))
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
            self._signs.hear(self._plant().all_data)

    def _plant(self) -> Plant:
        return Plant(
            roster=self._who,
            data={inverter.number: self._crew.of(inverter).data for inverter in self._who.inverters},
            settled=self._signs,
        )

    def _plant_state(self) -> PlantState:
        now, master = self._now(), self._crew.of(self._who.inverters[0])
        return plant_state(
            self._plant(),
            read_at=master.clock.measured_at or now,
            device_clock=master.clock.device_time,
            clock_frozen=master.clock.frozen(self._monotonic()),
            counters_kwh=self._counters.lifetime(
                serial_text(one.serial) or "" for one in self._who.inverters
            ),
            alarms=self._alarms.update(self._fault_words(), now),
            reachable={device.key: self._crew.of(self._giver(device)).answers for device in self.devices},
        )

    def _fault_words(self) -> Iterator[FaultWord]:
        for inverter in self._who.inverters:
            data = self._crew.of(inverter).data
            common = None if data is None or data.inverter is None else data.inverter.common
            battery = None if data is None else data.battery
            if common is not None:
                yield FaultWord(device=inverter.key, word="power_stage", bits=common.power_stage_faults)
                yield FaultWord(device=inverter.key, word="safety", bits=common.safety_faults)
            if battery is not None and inverter.has_battery:
                yield FaultWord(device=inverter.battery_key, word="battery", bits=battery.fault_bits)

    def _raw(self, row: Row, device: Device) -> int | None:
        return raw_of(row, self._crew.of(self._giver(device)).data, self._who.registry)

    def _is_given(self, row: Row, device: Device) -> bool:
        if row.of_registry:
            return self._raw(row, device) is not None
        return row.path in self._crew.of(self._giver(device)).seen

    def _value(self, row: Row, device: Device) -> Value:
        raw, giver = self._raw(row, device), self._giver(device)
        if row.total and raw is not None:
            return self._counters.today(serial_text(giver.serial) or "", row)
        return row.value(raw, self._signs)


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
