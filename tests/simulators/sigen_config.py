"""Which Sigen plant is simulated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .plant import PlantConfig
from .sigen_map import Model, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class SigenConfig:
    """Which plant is simulated and how it behaves where devices differ."""

    plant: PlantConfig = field(default_factory=PlantConfig)
    """The physics; without `backup_supply` there is no gateway."""
    firmware: str | None = None
    """`SPC112` or a whole firmware string; else what fits the version."""
    version: str | None = None
    """Protocol version V1.8 … V2.9; else what fits the firmware; else V2.8."""
    inverters: tuple[int, ...] = (1,)
    """Unit ids; they share the plant's powers evenly."""
    ac_chargers: tuple[int, ...] = ()
    """Unit ids; the plant's vehicle is at the first."""
    dc_charger: int | None = None
    """Unit id of the inverter that hosts it."""
    hybrid: bool = True
    series: Series = "residential"
    no_30281: bool = False
    missing_unit_code: int | None = None
    """Exception code for a unit id that nobody has (gateways give 0x0B); None is silence."""
    write_only_reads: int | None = None
    """What a write-only register reads (0xFFFE was seen); None refuses."""
    idle_dc_registers: bool = False
    """Inverters without a DC charger answer its registers with 0."""
    local_time_base: bool = False
    """30000 counts local wall-clock seconds; else UTC."""
    app_mode: int = 0
    """30003 at the start, as chosen in the app."""
    enter_s: float = 3.0
    """Seconds from 40029 = 1 to 30003 = 7."""
    obey_s: float = 0.0
    """Seconds from any write to its effect."""
    cutoff_bug: bool = True
    """40048 above the SOC charges from the grid up to it."""
    start: datetime | None = None
    """Simulated time at the start; None is now."""
    speed: float = 1.0
    """Simulated seconds per second; 0 stands still until `advance`."""
    recorded: Mapping[int, Mapping[int, int]] = field(default_factory=dict[int, Mapping[int, int]])
    """Unit id → address → word: served instead of the physics."""

    def model(self) -> Model:
        """Say what decides which registers exist."""
        return Model.of(
            self.version,
            self.firmware,
            hybrid=self.hybrid,
            series=self.series,
            no_30281=self.no_30281,
        )
