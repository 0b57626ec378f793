"""A Sigen plant: what is asked when, and what comes of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
import time

from ...engine.plant import Device, DeviceKind, Identity, PlantState, Value
from ..control import PlantControl
from ..driver import (
    Driver,
    DriverConnectionError,
    DriverError,
    DriverRejectedError,
    DriverState,
    Due,
    LinkFault,
    LinkSetup,
    NotThisVendorError,
    Point,
    Raw,
    RegisterReading,
    Tier,
    Units,
)
from ..fields import fields_of
from ..line import Clock
from ..raw_access import RawAccess
from .alarms import MERGED_WORDS, AlarmLog, WordReading
from .beliefs import Beliefs
from .catalogue import Catalogue
from .clash import ClashWatch
from .control import SigenControl
from .fleet import PLANT, Fleet
from .points import points_of
from .raw_access import SigenRawAccess
from .registers import TABLES
from .registers.inverter import InverterIdentity
from .state import Readings, plant_state

_CONNECT_REQUESTS = 6
_REFUSALS = 3
_EVERYTHING = frozenset(Tier)
_LONG_OUTAGE = timedelta(minutes=1)


def utc_now() -> datetime:
    """Give the time now."""
    return datetime.now(UTC)


def create(
    units: Units,
    setup: LinkSetup,
    *,
    now: Callable[[], datetime] = utc_now,
    monotonic: Clock = time.monotonic,
    timeout_s: float = 8.0,
    charger_timeout_s: float = 2.0,
) -> Driver:
    """Make the driver of one plant; nothing is asked before `connect`."""
    fleet = Fleet(units, setup, clock=monotonic, timeout_s=timeout_s, charger_timeout_s=charger_timeout_s)
    return SigenDriver(Catalogue(fleet, monotonic), now=now, monotonic=monotonic)


class SigenDriver:
    """One Sigen plant."""

    def __init__(self, catalogue: Catalogue, *, now: Callable[[], datetime], monotonic: Clock) -> None:
        """Take the devices as the owner named them."""
        self._catalogue = catalogue
        self._fleet = catalogue.fleet
        self._poller = catalogue.poller
        self._beliefs = Beliefs(catalogue)
        self._alarms = AlarmLog()
        self._now = now
        self._monotonic = monotonic
        self._clashes = ClashWatch(catalogue.fleet.inverter_lines, catalogue.poller, monotonic)
        self._refusals = 0
        self._settled = False
        self._control = SigenControl(
            catalogue, self._beliefs, now=now, monotonic=monotonic, read_fast=self._read_fast_now
        )

    @property
    def identity(self) -> Identity:
        """Who the plant is: its lowest-numbered inverter."""
        return self._fleet.identity

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant and what belongs to it; a DC charger joins when it first shows itself."""
        return self._fleet.devices

    @property
    def points(self) -> tuple[Point, ...]:
        """Every reading that firmware and fittings offer; more may follow after the first full reading."""
        return points_of(self.devices, self._poller.blocks, self._fleet.facts)

    @property
    def settled(self) -> bool:
        """Whether everything was asked at least once since `connect`."""
        return self._settled

    @property
    def state(self) -> DriverState:
        """What to hand to `connect` after a restart."""
        return self._catalogue.saved() | {"control": self._control.record.to_json()}

    @property
    def control(self) -> PlantControl:
        """How the plant is commanded."""
        return self._control

    @property
    def raw_access(self) -> RawAccess:
        """How its registers are explored by hand."""
        return SigenRawAccess(self._catalogue, self._control)

    async def connect(self, saved: DriverState | None) -> None:
        """Learn who is there, what the firmware offers, and take a first fast reading."""
        most, self._settled = self._fleet.requests + _CONNECT_REQUESTS, False
        self._catalogue.restore(saved or {})
        self._control.restore((saved or {}).get("control"))
        await self._catalogue.identify()
        await self._catalogue.find_version(self._now())
        try:
            await self._read_fast(lambda: self._fleet.requests < most)
        except DriverRejectedError as err:
            raise NotThisVendorError(str(err)) from err
        if self._control.wants_first_look:
            await self._control.first_look()
        await self._poller.read_others(max(0, most - self._fleet.requests))
        self._take_in()
        self._plant_state(fast=True)

    async def read(self, due: Due) -> PlantState:
        """Read what is due; a device or block that does not answer costs its own readings alone."""
        if due.tiers or due.most_requests:
            await self._ask(due)
        return self._plant_state(fast=Tier.FAST in due.tiers)

    def value(self, point: Point) -> Value:
        """Give what this point says now; None while unknown, also when its device is silent."""
        return self._beliefs.value(point.device, point.key)

    def registers(self) -> tuple[RegisterReading, ...]:
        """Give every declared register of every device, with its last raw words."""
        return tuple(
            RegisterReading(
                device=device.key,
                name=name,
                address=field.address,
                raw=self._catalogue.words_of(device.key, name, field),
                value=self._beliefs.value(device.key, name),
                unit=None if field.timestamp else field.unit,
            )
            for device in self.devices
            for table in TABLES[device.kind]
            for name, field in fields_of(table).items()
        )

    def raw(self, device: Device | None = None) -> Raw:
        """Give everything read so far by unit id and address; serial numbers are made up."""
        serial = fields_of(InverterIdentity)["serial_number"]
        return {
            str(unit_id): {
                str(address): _made_up(unit_id, address - serial.address)
                if serial.address <= address < serial.address + serial.count
                else word
                for address, word in sorted(words.items())
            }
            for unit_id, words in sorted(self._catalogue.words_by_unit().items())
            if device is None or device.unit_id == unit_id
        }

    async def close(self) -> None:
        """Leave the link to who owns it."""

    async def _ask(self, due: Due) -> None:
        if Tier.FAST in due.tiers:
            await self._read_fast_or_look_anew()
        if Tier.STATIC in due.tiers:
            self._catalogue.ask_again_if_old(self._now())
        self._poller.due(due.tiers)
        room = due.most_requests
        try:
            used = await self._catalogue.ask_again(room)
            used += await self._clashes.look(None if room is None else room - used)
        except DriverConnectionError:
            used = room or 0
        everything = room is None and due.tiers == _EVERYTHING
        await self._poller.read_others(None if room is None else room - used, forced=everything)
        self._take_in()

    async def _read_fast(self, room: Callable[[], bool] = lambda: True) -> None:
        live_at = self._beliefs.read_at
        out = self._beliefs.frozen or not self._fleet.plant_answers
        self._fleet.plant_answers = False
        await self._poller.read_fast(room)
        self._fleet.plant_answers = True
        self._refusals = 0
        self._beliefs.take_fast(self._now(), self._monotonic())
        if out and live_at is not None and not self._beliefs.frozen:
            self._end_outage(self._now() - live_at)

    def _end_outage(self, lasted: timedelta) -> None:
        """Ask the inverters at once, and do not show what was read before a long outage as if it were new.

        Chargers rest on: they may have been its reason.
        """
        self._poller.wake(set(self._fleet.inverter_lines.values()))
        if lasted > _LONG_OUTAGE:
            self._poller.lapse()

    async def _read_fast_or_look_anew(self) -> None:
        """Read the fast blocks; after some refusals look anew what this firmware has.

        Raises:
            DriverConnectionError: there is no fast reading.

        """
        try:
            if self._refusals < _REFUSALS:
                await self._read_fast()
            else:
                self._poller.blocks = []
                await self.connect({"control": self._control.record.to_json()})
        except DriverConnectionError:
            raise
        except DriverError as err:
            self._refusals += 1
            raise DriverConnectionError(str(err), LinkFault.SILENT) from err

    def _take_in(self) -> None:
        now = self._now()
        self._catalogue.take_in(now)
        self._beliefs.take_counters(now)
        self._settled = self._settled or self._catalogue.settled()

    async def _read_fast_now(self) -> None:
        await self._read_fast()
        self._plant_state(fast=True)

    def _plant_state(self, *, fast: bool) -> PlantState:
        beliefs, now = self._beliefs, self._now()
        state = plant_state(
            self._readings(),
            read_at=beliefs.read_at or now,
            device_clock=beliefs.device_clock,
            clock_frozen=beliefs.frozen,
            alarms=self._alarms.update(self._alarm_words(), now),
            reachable=self._fleet.reachable(),
            clashes=tuple(sorted(self._clashes.unit_ids)),
        )
        if fast:
            load_w, pv_w = state.load_power_w, state.pv_power_w
            self._control.take_reading(None if load_w is None or pv_w is None else load_w - pv_w)
        return state

    def _readings(self) -> Readings:
        keys = {kind: tuple(d.key for d in self.devices if d.kind is kind) for kind in DeviceKind}
        return Readings(
            get=self._beliefs.value,
            offered=self._catalogue.offered(),
            fast=self._catalogue.offered(Tier.FAST),
            inverters=keys[DeviceKind.INVERTER],
            ac_chargers=keys[DeviceKind.AC_CHARGER],
            dc_chargers=keys[DeviceKind.DC_CHARGER],
            phases=self._fleet.phases,
            has_battery=self._fleet.has_battery,
        )

    def _alarm_words(self) -> Iterator[WordReading]:
        for block in self._poller.blocks:
            for name, field in fields_of(block.table).items():
                bits = self._beliefs.value(block.device, name) if field.word else None
                if field.word and isinstance(bits, int) and block.read_at is not None:
                    yield WordReading(
                        device=block.device,
                        word=field.word,
                        bits=bits,
                        read_at=block.read_at,
                        merged=block.device == PLANT and field.word in MERGED_WORDS,
                    )


def _made_up(unit_id: int, index: int) -> int:
    """Give one word of a serial number that tells nothing but which unit it belongs to."""
    text = f"REDACTED{unit_id:03}\0".encode()
    return int.from_bytes(text[2 * index : 2 * index + 2])
