"""What a Sigen plant holds, and what else must be known before anything may be written to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...engine.plant import Value
from ..driver import RegisterReading
from .fleet import PLANT
from .registers.codes import UNSET

REMOTE = "remote_ems_enable"
MODE = "remote_ems_control_mode"
CHARGE = "ess_max_charge_limit"
DISCHARGE = "ess_max_discharge_limit"
PV = "pv_max_power_limit"
EXPORT = "grid_export_limit"
IMPORT = "grid_import_limit"
RESERVE = "ess_backup_soc"
CHARGE_CUTOFF = "ess_charge_cutoff_soc"
DISCHARGE_CUTOFF = "ess_discharge_cutoff_soc"
LIMITS = (CHARGE, DISCHARGE, PV, CHARGE_CUTOFF, DISCHARGE_CUTOFF, RESERVE, EXPORT, IMPORT)
"""The limits that we may change, in the order in which leaving puts them back."""
_WORK_MODE = "ems_work_mode"
NAMES = frozenset({*LIMITS, REMOTE, MODE, _WORK_MODE})
"""Everything that tells what a plant holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the plant holds now, or held before we came; what is not known is None."""

    remote: bool | None = None
    """Remote EMS is switched on; it is in force only once `work_mode` says so."""
    work_mode: str | None = None
    """Who runs the plant: `remote_ems`, `vpp`, or one of its own modes."""
    control_mode: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict[str, float])
    """Watts and percent by register; those that were never read or never set are missing."""
    unset: frozenset[str] = frozenset()
    """Limits that were read and are not set."""

    def read(self, name: str) -> bool:
        """Tell whether a limit was ever read."""
        return name in self.limits or name in self.unset


def held_of(readings: Iterable[RegisterReading]) -> Held:
    """Take what the plant holds from its registers."""
    plant = {reading.name: reading for reading in readings if reading.device == PLANT}
    codes = {name: _code(plant[name].value) for name in (REMOTE, MODE, _WORK_MODE) if name in plant}
    numbers = {name: plant[name].value for name in LIMITS if name in plant}
    all_ones = (UNSET >> 16, UNSET & 0xFFFF)
    return Held(
        remote={"on": True, "off": False}.get(codes.get(REMOTE) or ""),
        work_mode=codes.get(_WORK_MODE),
        control_mode=codes.get(MODE),
        limits={name: value for name, value in numbers.items() if isinstance(value, int | float)},
        unset=frozenset(name for name in numbers if plant[name].raw == all_ones),
    )


def _code(value: Value) -> str | None:
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the plant measures, as far as the writes depend on it."""

    soc_pct: float | None = None
    soc_age_s: float = float("inf")
    off_grid: bool = False
    net_load_peak_w: float | None = None
    """The highest load less PV of the last five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The limits that the owner named for the installation; None leaves what the plant has."""

    export_limit_w: float | None = None
    import_limit_w: float | None = None
    charge_cutoff_pct: float | None = None
    discharge_cutoff_pct: float | None = None
    backup_reserve_pct: float | None = None

    @property
    def limits(self) -> dict[str, float]:
        """The registers that hold them, with what was named."""
        named = {
            EXPORT: self.export_limit_w,
            IMPORT: self.import_limit_w,
            CHARGE_CUTOFF: self.charge_cutoff_pct,
            DISCHARGE_CUTOFF: self.discharge_cutoff_pct,
            RESERVE: self.backup_reserve_pct,
        }
        return {name: value for name, value in named.items() if value is not None}
