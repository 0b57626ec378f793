"""What a driver is: the promise that every vendor keeps towards the rest of the program."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from modbus_connection import ModbusUnit

from ..engine.plant import Device, DeviceKind, Identity, PlantState, Value

if TYPE_CHECKING:  # commands are made of writes, whose refusals are driver errors
    from .control import PlantControl
    from .fields import Table
    from .raw_access import RawAccess


class DriverError(Exception):
    """A driver could not do what it was asked."""


class LinkFault(StrEnum):
    """Why a device could not be reached, as far as the network tells."""

    NAME_UNKNOWN = "name_unknown"
    """The host name has no address."""
    REFUSED = "refused"
    """The host is there, nothing listens on the port."""
    UNREACHABLE = "unreachable"
    """No way to the host, or it does not answer a connection attempt."""
    CLOSED = "closed"
    """The connection was accepted, then closed before an answer came."""
    SILENT = "silent"
    """Connected, but no answer within the time-out."""
    GARBLED = "garbled"
    """Something answered, but not in the protocol."""
    ENCRYPTED = "encrypted"
    """The device is there, and answers only who speaks encrypted to it."""


class DriverConnectionError(DriverError):
    """The device does not answer; trying again later is right."""

    def __init__(self, message: str, fault: LinkFault) -> None:
        """Keep what the network told."""
        super().__init__(message)
        self.fault = fault


class DriverRejectedError(DriverError):
    """The device answered with a refusal."""


class NotThisVendorError(DriverError):
    """Something answers, but it is not a plant of this vendor."""


class OwnProfileError(DriverError):
    """A register map of the owner's own cannot be used."""


class WrongProfileError(OwnProfileError):
    """Something in a file of the owner's is not as it has to be."""

    def __init__(self, name: str, line: int, column: int, field: str, problem: str) -> None:
        """Keep where, counted from 1, and what is the matter with it."""
        super().__init__(f"{name}.json, line {line}, column {column}: {field}: {problem}")
        self.name, self.line, self.column, self.field, self.problem = name, line, column, field, problem


class NoSuchProfileError(OwnProfileError):
    """The owner has chosen a profile that is not there."""


class UnitIdClashError(DriverError):
    """Two devices of the plant answer on one unit id, so neither can be read for certain."""

    def __init__(self, unit_id: int) -> None:
        """Keep the id that is taken twice."""
        super().__init__(f"an inverter and a charger share unit id {unit_id}")
        self.unit_id = unit_id


class Tier(StrEnum):
    """How often a reading is asked for."""

    FAST = "fast"
    COUNTERS = "counters"
    SETTINGS = "settings"
    STATIC = "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one call of `Driver.read` may ask for."""

    tiers: frozenset[Tier]
    """What has come due since the last call. What does not fit stays due and comes first next time."""
    most_requests: int | None = None
    """How many requests beyond the fast ones; None: all that are due, however long they take."""


class PointRole(StrEnum):
    """What a reading is worth in a user interface."""

    MAIN = "main"
    """An entity, enabled."""
    DIAGNOSTIC = "diagnostic"
    """A diagnostic entity, enabled."""
    DISABLED = "disabled"
    """A diagnostic entity that the owner may enable."""
    REGISTER = "register"
    """No entity: in `read_registers` and diagnostics alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One reading that a driver offers."""

    device: str
    """Key of its device."""
    key: str
    """Names it inside its device; also its translation key."""
    unit: str | None
    """`W`, `var`, `VA`, `kWh`, `%`, `V`, `A`, `Hz`, `°C`, `s`, `min`, `kΩ` …; None without one."""
    role: PointRole
    tier: Tier
    total: bool = False
    """Counts up, for example an energy counter."""
    options: tuple[str, ...] = ()
    """All codes that are known, where it is a choice; a number without one reads `unknown_<n>`."""
    timestamp: bool = False
    """Its value is an aware datetime in UTC."""
    step: float | None = None
    """The smallest difference it can show, for example 0.001; None: what is usual for its unit."""
    confirmed: bool = True
    """False: nobody has seen on a device that this is what it is taken for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReading:
    """One declared register with what it said last."""

    device: str
    name: str
    address: int
    raw: tuple[int, ...] | None
    """The words as they came; None while it was not read or is not supported."""
    value: Value
    unit: str | None


type DriverState = dict[str, Any]
"""What a driver wants to find again after a restart: JSON, kept by the caller."""


class Driver(Protocol):
    """One plant, whatever it speaks. All methods raise only DriverError."""

    @property
    def identity(self) -> Identity:
        """Who the plant is; known after `connect`."""

    @property
    def devices(self) -> tuple[Device, ...]:
        """The plant and what belongs to it; known after `connect`."""

    @property
    def points(self) -> tuple[Point, ...]:
        """Every reading that this plant's firmware offers, entities or not."""

    @property
    def settled(self) -> bool:
        """Whether everything was asked at least once since `connect`.

        Until then a counter may be missing only because nobody has asked for it, and an alarm too.
        """

    @property
    def state(self) -> DriverState:
        """What to hand to `connect` after a restart."""

    @property
    def control(self) -> PlantControl | None:
        """How the plant is commanded; None: nothing is known that may be written to it."""

    @property
    def raw_access(self) -> RawAccess | None:
        """How its registers are explored by hand; None: it speaks no Modbus."""

    async def connect(self, saved: DriverState | None) -> None:
        """Learn who is there, what the firmware offers, and take a first fast reading.

        Few requests and a few seconds: everything else follows in later readings.

        Raises:
            DriverConnectionError: nothing answers.
            NotThisVendorError: something else answers.

        """

    async def read(self, due: Due) -> PlantState:
        """Read what is due. A device or block that does not answer costs its own readings alone.

        With no tier due it goes on with what is still due from before, as far as `most_requests` says so;
        else it sends nothing. It tells what is known, which after `connect` is a reading.

        Raises:
            DriverConnectionError: the fast reading failed.

        """

    def value(self, point: Point) -> Value:
        """What this point says now; None while unknown, also when its device is silent."""

    def registers(self) -> tuple[RegisterReading, ...]:
        """Every declared register of every device, with its last raw words."""

    def raw(self, device: Device | None = None) -> Raw:
        """Give everything read so far, or of this device alone.

        Serial numbers are replaced by made-up ones, different for each device, so that a simulator
        can load it as it is and be set up like the plant.
        """

    async def close(self) -> None:
        """End what the driver itself has opened; a link that was handed to it is left alone."""


type Raw = Mapping[str, Mapping[str, int] | str]
"""What a device said, as JSON: unit id → address → word, or message → payload in hexadecimal."""

type Units = Callable[[int], ModbusUnit]
"""Hands out the device with this unit id on the shared link; the caller owns the link."""

type Progress = Callable[[int, int], None]
"""Told (devices asked, devices to ask) while they are looked for."""

type OptionValue = str | bool | float
"""What an owner can choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """A device that answered during discovery; a DC charger is part of its inverter."""

    unit_id: int
    kind: DeviceKind
    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What answered behind one address."""

    plant: Identity
    """Of the lowest-numbered inverter, which stands for the plant."""
    devices: tuple[FoundDevice, ...]
    clashes: tuple[int, ...] = ()
    """Unit ids on which an inverter and a charger both answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpAddress:
    """Where a protocol of the vendor's own is spoken."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for on a link."""

    plant_unit_id: int = 0
    unit_ids: tuple[int, ...] = ()
    """The devices to ask for, beside the plant as a whole."""
    options: Mapping[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    """What the owner chose of `Vendor.options`; one that is missing has its default."""
    profiles: Mapping[str, str] = field(default_factory=dict[str, str])
    """File name → text of the owner's own profiles, for a vendor that takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSetup:
    """How the owner's plant is reached, beyond the address of its link."""

    plant_unit_id: int = 0
    inverter_unit_ids: tuple[int, ...] = ()
    ac_charger_unit_ids: tuple[int, ...] = ()
    request_spacing_s: float = 1.0
    options: Mapping[str, OptionValue] = field(default_factory=dict[str, OptionValue])
    """What the owner chose of `Vendor.options`; one that is missing has its default."""
    profiles: Mapping[str, str] = field(default_factory=dict[str, str])
    """File name → text of the owner's own profiles, for a vendor that takes them."""
    zone: tzinfo | None = None
    """Where the house is: what the clock on the wall of a device shows; None: nobody has said."""


class LinkKind(StrEnum):
    """A way to a plant."""

    TCP = "tcp"
    """Modbus TCP, or the vendor's own protocol."""
    RTU_OVER_TCP = "rtu_over_tcp"
    """Modbus RTU through an adapter that passes bytes on."""
    SERIAL = "serial"
    """Modbus RTU on a serial port of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often plants of a vendor are read; the cycle decides at least every 5 s all the same."""

    default_s: float = 5
    low_s: float = 3
    high_s: float = 60
    choices_s: tuple[int, ...] = ()
    """The only sensible ones, where not every number is."""
    lag_s: float = 0.0
    """How old a reading may be already when it arrives."""
    spacing_s: float = 1.0
    """Between two requests, as the vendor wants it."""
    least_spacing_s: float = 0.1
    cloud_s: float = 0.0
    """Who asks more often stops the upload to the maker's cloud, and so the maker's app; 0: nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorOption:
    """Something that the owner of such a plant may have to say; its texts go by `key`."""

    key: str
    default: OptionValue
    choices: tuple[str, ...] = ()
    """Codes to choose from; empty: on or off, as the default."""
    of_files: bool = False
    """The owner's own profiles can be chosen too, by the names of their files without suffix."""
    at_setup: bool = False
    """Asked when the plant is added, too: how it is read depends on it."""
    expert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A maker whose plants we speak to."""

    key: str
    name: str
    default_port: int
    modes: tuple[str, ...]
    """Every known code of `PlantState.vendor_mode`; a number without one reads `unknown_<n>`."""
    readings: Mapping[DeviceKind, tuple[Point, ...]]
    """Every reading that any of its plants may offer; `Point.device` is the kind of device."""
    mac_prefixes: tuple[str, ...] = ()
    """How the MAC addresses of its devices begin: six hexadecimal digits in capitals."""
    pace: Pace = field(default_factory=Pace)
    options: tuple[VendorOption, ...] = ()
    check_profile: Callable[[str, str], None] | None = None
    """Look at a register map of the owner's, by its name and text; None: its maps are not for owners.

    Raises WrongProfileError.
    """

    def chosen(self, kept: Mapping[str, Any]) -> dict[str, OptionValue]:
        """Pick from all that is kept what the owner chose of `options`."""
        return {row.key: kept[row.key] for row in self.options if row.key in kept}


class ModbusDiscover(Protocol):
    """Find out what answers on a Modbus link."""

    def __call__(self, units: Units, search: Search, progress: Progress) -> Awaitable[Discovery]:
        """Ask the plant first, then these unit ids one after another.

        Raises:
            DriverConnectionError: nothing answers for the plant.
            NotThisVendorError: something else answers.

        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusVendor(Vendor):
    """A maker whose plants speak Modbus, over a link that many may share."""

    plant_unit_id: int
    scanned_unit_ids: tuple[int, ...] = ()
    """The ids that discovery asks for when the owner names none; empty: the plant is one device."""
    links: tuple[LinkKind, ...] = (LinkKind.TCP,)
    tables: Callable[[LinkSetup], Mapping[DeviceKind, tuple[type[Table], ...]]]
    """The registers of a plant that is set up like this."""
    discover: ModbusDiscover
    create: Callable[[Units, LinkSetup], Driver]


class StreamDiscover(Protocol):
    """Find out what answers at an address in the vendor's own protocol."""

    def __call__(self, address: TcpAddress, search: Search, progress: Progress) -> Awaitable[Discovery]:
        """Connect, ask, and hang up.

        Raises:
            DriverConnectionError: nothing answers.
            NotThisVendorError: something else answers.

        """


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamVendor(Vendor):
    """A maker whose plants speak a protocol of their own over TCP; the driver opens the connection."""

    integrations: frozenset[str] = frozenset()
    """Domains of other integrations for these plants: the port serves one client at a time."""
    discover: StreamDiscover
    create: Callable[[TcpAddress, LinkSetup], Driver]


type AnyVendor = ModbusVendor | StreamVendor
