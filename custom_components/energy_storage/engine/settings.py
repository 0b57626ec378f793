"""What the owner can set: one line a setting, and the values that hold now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from .command import Limit


class ControlState(StrEnum):
    """Who runs the plant, as far as we are concerned."""

    OFF = "off"
    """Nothing is written."""
    SHADOW = "shadow"
    """Decided and shown, never written."""
    ON = "on"
    YIELDED = "yielded"
    """Somebody else controls the plant; cannot be chosen."""


class SettingKind(StrEnum):
    """What a setting looks like to its owner."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"


type SettingValue = float | str | bool | None
"""None where a setting is optional: no limit."""

CONTROL_STATES = (ControlState.OFF, ControlState.SHADOW, ControlState.ON)
BASE_MODES = (
    "self_consumption",
    "time_of_use",
    "load_shedding",
    "full_feed_in",
    "pv_only",
    "standby",
    "remote_ems",
    "device",
)
_FALLBACKS = ("self_consumption", "time_of_use", "full_feed_in", "pv_only", "standby", "device")
"""Modes that another mode may leave the choice to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of `SETTINGS`."""

    key: str
    kind: SettingKind
    default: SettingValue
    low: float = 0
    high: float = 0
    step: float = 1
    unit: str | None = None
    options: tuple[str, ...] = ()
    optional: bool = False

    def check(self, value: object) -> None:
        """Refuse what this setting cannot be.

        Raises:
            SettingError: names the key, the value and the range.

        """
        if value is None and self.optional:
            return
        allowed: object = self.options or (self.low, self.high)
        if self.kind is SettingKind.NUMBER:
            good = (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and self.low <= value <= self.high
            )
        elif self.kind is SettingKind.SWITCH:
            good, allowed = isinstance(value, bool), (False, True)
        else:
            good = value in self.options
        if not good:
            raise SettingError(self.key, value, allowed)


class SettingError(ValueError):
    """A value that a setting cannot have."""

    def __init__(self, key: str, value: object, allowed: object) -> None:
        """Keep what is needed to tell the owner."""
        super().__init__(f"{key}: {value!r} is not within {allowed}")
        self.key, self.value, self.allowed = key, value, allowed


def _number(default: float, *, low: float, high: float, step: float = 1, unit: str) -> float:
    row = {"kind": SettingKind.NUMBER, "low": low, "high": high, "step": step, "unit": unit}
    return field(default=default, metadata=row)


def _watts(*, high: float = 100_000) -> float | None:
    row = {"kind": SettingKind.NUMBER, "high": high, "step": 50, "unit": "W", "optional": True}
    return field(default=None, metadata=row)


def _switch(*, default: bool) -> bool:
    return field(default=default, metadata={"kind": SettingKind.SWITCH})


def _choice(default: str, options: tuple[str, ...]) -> str:
    return field(default=default, metadata={"kind": SettingKind.CHOICE, "options": options})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values that hold now. Powers are battery watts at the AC side, limits are of the grid."""

    control: ControlState = field(
        default=ControlState.OFF, metadata={"kind": SettingKind.CHOICE, "options": CONTROL_STATES}
    )
    mode: str = _choice("self_consumption", BASE_MODES)

    charge_cutoff_soc_pct: float = _number(100, low=50, high=100, unit="%")
    discharge_cutoff_soc_pct: float = _number(10, low=0, high=95, unit="%")
    backup_reserve_soc_pct: float = _number(0, low=0, high=100, unit="%")
    max_charge_w: float | None = _watts()
    max_discharge_w: float | None = _watts()
    export_limit_w: float | None = _watts()
    import_limit_w: float | None = _watts()
    grid_charging: bool = _switch(default=False)
    refill_reserve_from_grid: bool = _switch(default=False)

    force_charge_power_w: float = _number(3000, low=0, high=100_000, step=50, unit="W")
    force_charge_target_soc_pct: float = _number(100, low=1, high=100, unit="%")
    force_discharge_power_w: float = _number(3000, low=0, high=100_000, step=50, unit="W")
    force_discharge_floor_soc_pct: float = _number(20, low=0, high=99, unit="%")
    backup_target_soc_pct: float = _number(100, low=1, high=100, unit="%")
    override_duration_min: float = _number(120, low=1, high=1440, unit="min")

    peak_shaving: bool = _switch(default=False)
    peak_shaving_soc_pct: float = _number(50, low=0, high=100, unit="%")
    """Below it the battery gives only what keeps the import down, and is filled up to it."""
    peak_shaving_max_import_w: float | None = _watts()

    load_shedding_base: str = _choice("self_consumption", _FALLBACKS)
    """The mode that acts while no outage is near."""
    remote_ems_fallback: str = _choice("self_consumption", _FALLBACKS)
    """The mode that acts while nobody dispatches."""

    resume_by_itself: bool = _switch(default=False)
    unattended_consent: bool = _switch(default=False)
    """The owner agreed to commands that are unsafe when left alone."""
    outage_consent: bool = _switch(default=False)
    """The owner agreed to commands that may leave the house dark when the grid is lost."""

    @property
    def limits(self) -> dict[Limit, float]:
        """Every limit that is named, in watts and percent."""
        named = {
            Limit.EXPORT: self.export_limit_w,
            Limit.IMPORT: self.import_limit_w,
            Limit.CHARGE_CUTOFF: self.charge_cutoff_soc_pct,
            Limit.DISCHARGE_CUTOFF: self.discharge_cutoff_soc_pct,
            Limit.BACKUP_RESERVE: self.backup_reserve_soc_pct or None,
        }
        return {limit: value for limit, value in named.items() if value is not None}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Build from what was stored; what is missing has its default, what is unknown is left out.

        Raises:
            SettingError: a value is out of its range, or the cut-offs leave the battery nothing.

        """
        chosen = {row.key: values[row.key] for row in SETTINGS if row.key in values}
        for row in SETTINGS:
            if row.key in chosen:
                row.check(chosen[row.key])
        if "control" in chosen:
            chosen["control"] = ControlState(chosen["control"])
        settings = replace(cls(), **chosen)
        if settings.discharge_cutoff_soc_pct >= settings.charge_cutoff_soc_pct:
            raise SettingError(
                "discharge_cutoff_soc_pct",
                settings.discharge_cutoff_soc_pct,
                (0, settings.charge_cutoff_soc_pct),
            )
        return settings


SETTINGS = tuple(
    Setting(key=row.name, default=getattr(Settings(), row.name), **row.metadata) for row in fields(Settings)
)
"""Every setting, in the order in which an owner should meet them."""
