"""The narrow waist: whatever a mode, a plan or a third party wants ends as one of these commands."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class CommandKind(StrEnum):
    """What the battery is told to do; design: every mode ends as one of these."""

    SELF_CONSUME = "self_consume"
    """The inverter holds the grid near zero; the battery serves loads only."""
    HOLD = "hold"
    """As above, but the battery is not discharged; surplus PV may charge it."""
    IDLE = "idle"
    """Neither charged nor discharged; PV goes to loads and grid."""
    CHARGE = "charge"
    """Charge; the grid may be used."""
    DISCHARGE = "discharge"
    """Discharge; what the loads do not take goes to the grid."""
    SHAVE = "shave"
    """The battery gives only what keeps the import under a maximum."""
    FEED_IN = "feed_in"
    """AC output as high as it can be: PV, then battery."""
    ISLAND = "island"
    """Disconnect from the grid and run alone."""
    RELEASE = "release"
    """No command: the device runs the program that the owner named for the time without us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryCommand:
    """One command. Powers are battery watts at the AC side, house loads included, magnitudes ≥ 0.

    0 means none, None means no limit.
    """

    kind: CommandKind
    max_charge_w: float | None = None
    """Of `self_consume` and `hold`."""
    max_discharge_w: float | None = None
    """Of `self_consume`."""
    power_w: float | None = None
    """Of `charge` and `discharge`."""
    target_soc_pct: float | None = None
    """Where `charge` ends."""
    floor_soc_pct: float | None = None
    """Where `discharge` and `shave` end."""
    max_import_w: float | None = None
    """Of `shave`."""
    export_limit_w: float | None = None
    """Of `feed_in`."""

    def to_json(self) -> dict[str, object]:
        """Give what `from_json` takes: the kind, and the numbers that are set."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return {"kind": self.kind.value} | {n: v for n, v in numbers.items() if v is not None}

    @classmethod
    def from_json(cls, saved: object) -> BatteryCommand | None:
        """Read what was saved; None when it makes no sense."""
        if not isinstance(saved, Mapping):
            return None
        kind = saved.get("kind")
        if not isinstance(kind, str) or kind not in CommandKind:
            return None
        numbers = {name: saved[name] for name in _NUMBERS if name in saved}
        if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers.values()):
            return None
        return cls(kind=CommandKind(kind), **numbers)


_NUMBERS = tuple(row.name for row in fields(BatteryCommand) if row.name != "kind")


class Parameter(StrEnum):
    """Numbers of a command that a plant may obey or not; named as the fields of `BatteryCommand`."""

    MAX_CHARGE = "max_charge_w"
    MAX_DISCHARGE = "max_discharge_w"
    POWER = "power_w"
    MAX_IMPORT = "max_import_w"
    EXPORT_LIMIT = "export_limit_w"


class Ends(StrEnum):
    """What stops a command by itself when nobody is there any more."""

    SOC = "soc"
    TIME = "time"
    NONE = "none"


class Unattended(StrEnum):
    """What may happen when a command is left alone for a day."""

    SAFE = "safe"
    COSTLY = "costly"
    UNSAFE = "unsafe"


class OutageSafe(StrEnum):
    """Whether the house is still served when the grid is lost under this command."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Guard(StrEnum):
    """Who holds a limit."""

    DEVICE = "device"
    """The inverter, by itself."""
    TRIM = "trim"
    """We correct it each cycle."""
    NONE = "none"
    """Nobody: shown as not guarded."""


class Limit(StrEnum):
    """Limits that a plant can be held to."""

    MAIN_FUSE = "main_fuse"
    EXPORT = "export"
    IMPORT = "import"
    CHARGE_CUTOFF = "charge_cutoff"
    DISCHARGE_CUTOFF = "discharge_cutoff"
    BACKUP_RESERVE = "backup_reserve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What one plant can do with one kind of command."""

    offered: bool
    reason: str | None = None
    """Why it is not offered, as a code."""
    step_w: float = 1.0
    """How finely power can be said."""
    proven: bool = False
    """Documented, or its effect was seen on this plant."""
    ends: Ends = Ends.NONE
    unattended: Unattended = Unattended.SAFE
    outage_safe: OutageSafe = OutageSafe.UNKNOWN
    bound_outage_safe: OutageSafe | None = None
    """The same with a maximum of discharging, which may bind in an outage too; None: no different."""
    obeys: frozenset[Parameter] = frozenset()
    """The watts that the plant really keeps to; a command that needs others is not given."""

    def outage(self, command: BatteryCommand) -> OutageSafe:
        """Tell whether the house is still served when the grid is lost under this very command."""
        bound = self.bound_outage_safe if command.max_discharge_w is not None else None
        return bound or self.outage_safe
