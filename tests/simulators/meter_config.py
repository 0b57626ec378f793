"""Which meter is simulated."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .line_device import Line
from .meter_map import Counters, Meter
from .plant import PlantConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterConfig:
    """Which meter stands at the grid, and how it differs from others of its kind."""

    meter: Meter = "dtsu666"
    unit: int = 1
    line: Line = "rtu_tcp"
    counters: Counters = "101e"
    other_counters: Literal["zero", "refused", "nan"] = "zero"
    """What the places read at which other variants count."""
    ct_ratio: int = 1
    """IrAt, of the current transformers."""
    pt_ratio: float = 1.0
    """UrAt as a ratio; the register holds ten times that."""
    primary_side: bool = False
    """Values are those of the mains in spite of the ratios, as the DTSU666-CT says of itself."""
    word_order: int = 0
    """Register 0x000C: 0 ABCD, 1 CDAB, 2 BADC, 3 DCBA."""
    functions: tuple[int, ...] = (3, 4)
    """Read functions that the meter answers; a Sungrow one has its own map under 4."""
    plant: PlantConfig = field(default_factory=PlantConfig)
    """The physics, unless the meter is given somebody else's plant."""
    start: datetime | None = None
    speed: float = 1.0
    """Simulated seconds per second of its own plant; 0 stands still until `advance`."""
