"""Which Instagen system is simulated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .plant import PlantConfig

STICK_SERIAL = 0x430122480001
_SINGLE_PHASE, _THREE_PHASE = 0x200322460001, 0x214422460001
GRID_METERS = {False: "10C0B0012345", True: "37FFB0012345"}
"""Single-phase or three-phase meter."""
WIRED_PV_METER = "10C0B0054321"


def single_phase_home() -> PlantConfig:
    """Build the usual system: one small hybrid inverter with a 48 V battery."""
    return PlantConfig(
        pv_peak_w=6_000.0,
        battery_capacity_wh=10_000.0,
        max_charge_w=4_600.0,
        max_discharge_w=4_600.0,
        inverter_ac_w=4_600.0,
        three_phase=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstagenConfig:
    """Which system is simulated and how it behaves where devices differ or nobody knows."""

    plant: PlantConfig = field(default_factory=single_phase_home)
    """The physics; `three_phase` decides model and meter."""
    inverters: int = 1
    """Up to ten; they share the plant's powers evenly, the first is the master and has the meters."""
    model_name: str | None = None
    """As the registry shows it; else what fits the rated power."""
    mode: int = 1
    """Battery mode at the start, as chosen in the app."""
    refused_modes: frozenset[int] = frozenset()
    """Modes that the firmware does not know, as 7 and 8."""
    refresh_s: float = 10.0
    """New values so often; 30 on other sticks."""
    pages: Literal[1, 2] = 1
    """With two, battery and power flow are on the second."""
    apply_s: tuple[float, float] = (3.0, 8.0)
    """A write acts after so many seconds."""
    close_s: float = 3.0
    """A connection that sent nonsense is closed after so many real seconds."""
    restart_s: float = 30.0
    """Real seconds that a restart takes which a client asked for."""
    second_client: Literal["dropped", "stalled"] = "dropped"
    cloud_gap_s: float = 32.0
    """Least gap between polls that the cloud upload stands; 120 on newer firmware."""
    encrypted: bool = False
    """Standard frames are encrypted, and bit 25 of the feature bits says so."""
    storage_when_encrypted: bool = True
    """Without it, an encrypting stick answers no storage request, as nobody knows how to ask."""
    wrong_key: Literal["silence", "empty", "close"] = "silence"
    """What follows a frame that was sealed with another key."""
    app_info: bool = True
    """Whether A3 01 is answered; unknown for these sticks."""
    battery_current_step: float = 0.1
    """Amperes in one step of the battery's current: 0.1 or 0.01."""
    charging_is_positive: bool = False
    importing_is_positive: bool = False
    grid_charge_is_negative: bool = False
    """Charging from the grid shows as a negative flow from battery to grid."""
    shows_mode: bool = False
    """The registry's field 9 holds the battery mode."""
    contact_load_w: float = 0.0
    """What the load behind DO1 takes."""
    start: datetime | None = None
    """Simulated time at the start; None is now."""
    speed: float = 1.0
    """Simulated seconds per second; 0 stands still until `advance`."""
    recorded: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name of a message → its payload in hexadecimal, served instead of the physics: `gateway`,
    `registry`, perhaps `app_info`, and for each inverter and page a name that begins with `data`."""

    @property
    def serials(self) -> tuple[int, ...]:
        """Serial numbers of the inverters, the master first."""
        first = _THREE_PHASE if self.plant.three_phase else _SINGLE_PHASE
        return tuple(range(first, first + self.inverters))

    @property
    def model(self) -> str:
        """Model name, which tells the rated power of one inverter."""
        if self.model_name is not None:
            return self.model_name
        rated_kw = self.plant.inverter_ac_w / self.inverters / 1000
        return f"HYT-{rated_kw:.1f}HV-EUG1" if self.plant.three_phase else f"HYS-{rated_kw:.1f}LV-EUG1"
