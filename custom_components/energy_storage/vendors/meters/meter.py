"""What a meter is: the promise of its driver, and what a model of meter consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ...engine.plant import MeterReading, PerPhase, Value
from ..driver import DriverError
from ..fields import Table

type Values = Mapping[str, Value]
"""What the registers of a meter say, by name; None or absent is unknown."""


class Side(StrEnum):
    """Which side of its transformers a meter speaks of."""

    SECONDARY = "secondary"
    """Its values are multiplied by the ratios that it keeps."""
    PRIMARY = "primary"
    """Its values are those of the line already."""


class MapFault(StrEnum):
    """Why what answers is no meter that we can read."""

    OEM_SUNGROW = "oem_sungrow"
    """A meter as it is sold with Sungrow inverters, which has a map of its own."""
    WORD_ORDER = "word_order"
    """The right meter, but set to send its numbers in another order."""
    UNKNOWN_MAP = "unknown_map"
    """What it says can be measured at no grid connection: another device, or an inverter maker's map."""
    RATIO = "ratio"
    """The ratios of its transformers cannot be read, or make no sense."""


class NotThisMeterError(DriverError):
    """Something answers, but not as a meter that we can read."""

    def __init__(self, fault: MapFault) -> None:
        """Keep what is wrong."""
        super().__init__(fault.value)
        self.fault = fault


class MeterDriver(Protocol):
    """One meter. All methods raise only DriverError."""

    @property
    def model(self) -> MeterModel:
        """Which meter it is."""

    @property
    def counters(self) -> str | None:
        """Where it keeps its energy; None while no counter has counted anything."""

    async def connect(self) -> None:
        """Make sure that it is this meter, and find out where it keeps its energy.

        Raises:
            DriverConnectionError: nothing answers.
            NotThisMeterError: something else answers, or it cannot be read rightly.

        """

    async def read(self) -> MeterReading:
        """Read what it measures now; energy and ratios are asked for once a minute.

        Raises:
            DriverError: no usable answer.

        """

    def raw(self) -> Mapping[int, int]:
        """Address → word: everything read so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a meter measures at one moment, import positive."""

    power_w: float | None
    phase_power_w: PerPhase = (None, None, None)
    voltage_v: PerPhase
    current_a: PerPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterModel:
    """A model of meter: its registers, and what they mean."""

    key: str
    maker: str
    name: str
    phases: int
    measured: type[Table]
    """Read each time."""
    proof: type[Table]
    """Read besides while it is made sure which meter this is."""
    plausible: Callable[[Values], bool]
    """Tells whether `measured` and `proof` can come from such a meter."""
    reading: Callable[[Values, float, float], Measured]
    """Makes of `measured` a reading, with the ratios of voltage and current."""
    ratios: type[Table] | None = None
    """`voltage_ratio` and `current_ratio`; None: it has no transformers."""
    counters: tuple[type[Table], ...]
    """`import_energy` and `export_energy`, wherever a firmware may keep them."""


def number(values: Values, name: str) -> float | None:
    """Give one of the values as a number, None while it is unknown."""
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else None


def times(value: float | None, factor: float) -> float | None:
    """Multiply what is known."""
    return None if value is None else value * factor


def within(value: float | None, low: float, high: float) -> bool:
    """Tell whether a value is known and in a range."""
    return value is not None and low <= value <= high
