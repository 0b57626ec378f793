"""A Chint plant: what is asked when, and what comes of it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
import time

from ...engine.plant import Device, Identity, PlantState, Value
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
from ..line import Clock, Line
from ..modbus import Block
from ..raw_access import RawAccess
from .alarms import AlarmLog, WordReading, no_grid
from .beliefs import Beliefs
from .choice import choice_of
from .control import ChintControl
from .device import ChintDevice
from .discovery import TIMEOUT_S
from .points import points_of
from .profile import Row
from .raw_access import ChintRawAccess
from .rows import field_of
from .state import phases, plant_state

_CONNECT_REQUESTS = 6
_REFUSALS = 3
_RETRIES = 2
"""In one fast reading: others may speak on the bus."""
_SPOILT = (LinkFault.SILENT, LinkFault.GARBLED)
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
    timeout_s: float = TIMEOUT_S,
) -> Driver:
    """Make the driver of one plant; nothing is asked before `connect`."""
    return ChintDriver(units, setup, now=now, monotonic=monotonic, timeout_s=timeout_s)


class ChintDriver:
    """One Chint plant."""

    _beliefs: Beliefs

    def __init__(
        self,
        units: Units,
        setup: LinkSetup,
        *,
        now: Callable[[], datetime],
        monotonic: Clock,
        timeout_s: float,
    ) -> None:
        """Take the plant as the owner described it; a profile that is wrong is told by `connect`."""
        self._setup = setup
        self._now = now
        self._monotonic = monotonic
        unit_id = setup.plant_unit_id
        self._line = Line(
            units(unit_id), timeout_s=timeout_s, spacing_s=setup.request_spacing_s, clock=monotonic
        )
        self._device: ChintDevice | None = None
        self._alarms = AlarmLog()
        self._refusals = 0
        self._settled = False
        self._control = ChintControl(zone=setup.zone, now=now, read_fast=self._read_fast_now)

    @property
    def identity(self) -> Identity:
        """Who the plant is."""
        return self._known.identity

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant, its inverter, and what is reached through that."""
        return self._known.devices

    @property
    def points(self) -> tuple[Point, ...]:
        """Every reading that the profile has and the device answers."""
        return points_of(self._known, phases(self._beliefs))

    @property
    def settled(self) -> bool:
        """Whether everything was asked at least once since `connect`."""
        return self._settled

    @property
    def state(self) -> DriverState:
        """What to hand to `connect` after a restart."""
        known = {} if self._device is None else self._device.saved()
        return known | {"control": self._control.record.to_json()}

    @property
    def control(self) -> PlantControl | None:
        """How the plant is commanded, or what would be commanded if anything could be written."""
        return self._control

    @property
    def raw_access(self) -> RawAccess:
        """How its registers are explored by hand."""
        return ChintRawAccess(self._known)

    async def connect(self, saved: DriverState | None) -> None:
        """Learn who is there and what it has, and take a first fast reading."""
        choice = choice_of(self._setup.options, self._setup.profiles)
        device = ChintDevice(self._line, self._setup.plant_unit_id, choice, self._monotonic)
        device.restore(saved or {})
        most, self._settled = self._line.requests + _CONNECT_REQUESTS, False
        await device.identify(self._now())
        self._device, self._beliefs = device, Beliefs(device, self._setup.zone)
        try:
            await self._read_fast()
        except DriverRejectedError as err:
            raise NotThisVendorError(str(err)) from err
        if not any(block.values for block in device.poller.blocks if block.tier is Tier.FAST):
            raise NotThisVendorError(f"nothing of {device.profile.title} is there")
        self._control.restore((saved or {}).get("control"), device, self._beliefs)
        if self._control.wants_first_look:
            await self._control.first_look()
        await device.poller.read_others(max(0, most - self._line.requests))
        self._take_in()
        self._plant_state(fast=True)

    async def read(self, due: Due) -> PlantState:
        """Read what is due; a block that does not answer costs its own readings alone."""
        if due.tiers or due.most_requests:
            await self._ask(due)
        return self._plant_state(fast=Tier.FAST in due.tiers)

    def value(self, point: Point) -> Value:
        """Give what this point says now; None while unknown."""
        return self._beliefs.value(point.key)

    def registers(self) -> tuple[RegisterReading, ...]:
        """Give every row of the profile with its last raw words; those that are not read have none."""
        keys = {device.key for device in self.devices}
        return tuple(
            self._register(row)
            for row in self._known.profile.rows.values()
            if self._known.key_of(row.device) in keys
        )

    def raw(self, device: Device | None = None) -> Raw:
        """Give everything read so far by unit id and address; the serial number is made up."""
        known = self._known
        hidden = {
            row.address + place: word
            for row in known.profile.rows.values()
            if row.means == "serial_number"
            for place, word in enumerate(_made_up(row, known.unit_id))
        }
        if device is not None and device.unit_id != known.unit_id:
            return {}
        words = {str(at): hidden.get(at, word) for at, word in sorted(known.words().items())}
        return {str(known.unit_id): words}

    async def close(self) -> None:
        """Leave the link to who owns it."""

    @property
    def _known(self) -> ChintDevice:
        if self._device is None:
            raise DriverConnectionError("not connected yet", LinkFault.SILENT)
        return self._device

    async def _ask(self, due: Due) -> None:
        known = self._known
        if Tier.FAST in due.tiers:
            await self._read_fast_or_look_anew()
            known = self._known
        if Tier.STATIC in due.tiers:
            known.ask_again_if_old(self._now())
        known.poller.due(known.due(due.tiers))
        everything = due.most_requests is None and due.tiers == _EVERYTHING
        await known.poller.read_others(due.most_requests, forced=everything)
        self._take_in()

    async def _read_fast(self) -> None:
        live_at, out = self._beliefs.read_at, not self._beliefs.answers
        self._beliefs.answers = False
        left = 0 if out else _RETRIES
        for block in [block for block in self._known.poller.blocks if block.tier is Tier.FAST]:
            left = await self._read_patiently(block, left)
        self._refusals = 0
        now = self._now()
        self._beliefs.take_fast(now)
        if out and live_at is not None:
            self._known.poller.wake({self._line})
            if now - live_at > _LONG_OUTAGE:
                self._known.poller.lapse()

    async def _read_patiently(self, block: Block, retries: int) -> int:
        """Read a block, once more where an answer was lost or spoilt; give how many further tries are left.

        Raises:
            DriverError: it failed.

        """
        try:
            await self._known.poller.read(block)
        except DriverConnectionError as err:
            if not retries or err.fault not in _SPOILT:
                raise
            await self._known.poller.read(block)
            return retries - 1
        return retries

    async def _read_fast_or_look_anew(self) -> None:
        """Read the fast blocks; after some refusals look anew what the device has.

        Raises:
            DriverConnectionError: there is no fast reading.

        """
        try:
            if self._refusals < _REFUSALS:
                await self._read_fast()
            else:
                self._refusals = 0
                await self.connect(self.state | {"missing": {}})
        except DriverConnectionError:
            raise
        except DriverError as err:
            self._refusals += 1
            raise DriverConnectionError(str(err), LinkFault.SILENT) from err

    def _take_in(self) -> None:
        self._beliefs.take_counters(self._now())
        self._settled = self._settled or self._known.settled()

    async def _read_fast_now(self) -> None:
        await self._read_fast()
        self._plant_state(fast=True)

    def _plant_state(self, *, fast: bool) -> PlantState:
        known, beliefs, now = self._known, self._beliefs, self._now()
        words = tuple(self._alarm_words())
        state = plant_state(
            beliefs,
            read_at=beliefs.read_at or now,
            has_battery=known.profile.has_battery,
            off_grid=no_grid(known.profile, words),
            alarms=self._alarms.update(known.profile, words, now),
            reachable=self._reachable(),
        )
        if fast:
            self._control.take_reading(state)
        return state

    def _reachable(self) -> Mapping[str, bool]:
        return {device.key: self._beliefs.answers for device in self.devices}

    def _alarm_words(self) -> Iterator[WordReading]:
        known = self._known
        for row in known.profile.rows.values():
            if row.type == "bits" and row.name in known.offered():
                bits = self._beliefs.value(row.name)
                device = known.key_of(row.device)
                yield WordReading(device=device, row=row.name, bits=bits if isinstance(bits, int) else None)

    def _register(self, row: Row) -> RegisterReading:
        known = self._known
        return RegisterReading(
            device=known.key_of(row.device),
            name=row.name,
            address=row.address,
            raw=known.words_of(row.name, field_of(row)),
            value=self._beliefs.value(row.name),
            unit=row.unit,
        )


def _made_up(row: Row, unit_id: int) -> tuple[int, ...]:
    """Give the words of a serial number that tells nothing but which unit it belongs to."""
    if row.type == "bcd":
        digits = f"{unit_id:0{4 * row.count}}"
        return tuple(int(digits[4 * place : 4 * place + 4], 16) for place in range(row.count))
    text = f"REDACTED{unit_id:03}".encode().ljust(2 * row.count, b"\0")
    return tuple(int.from_bytes(text[2 * place : 2 * place + 2]) for place in range(row.count))
