"""The words that drivers, engine and Home Assistant share about one plant."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

type Value = float | int | str | bool | datetime | None
"""What one reading can be; None means unknown, never 0."""


class DeviceKind(StrEnum):
    """What a device of the plant is."""

    PLANT = "plant"
    INVERTER = "inverter"
    AC_CHARGER = "ac_charger"
    DC_CHARGER = "dc_charger"
    GATEWAY = "gateway"
    """What connects the plant to the network, where it is a device of its own."""
    BATTERY = "battery"
    METER = "meter"
    """Of the plant, or the owner's own at the grid connection."""
    GENERATOR = "generator"
    PV_INVERTER = "pv_inverter"
    """A third-party inverter that the plant measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a device says it is."""

    serial: str | None = None
    model: str | None = None
    firmware: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device of the plant; the plant as a whole is the first of them."""

    key: str
    """Names it inside this plant: `plant`, `inverter_1`, `ac_charger_2`, `dc_charger_1`, `battery_1`."""
    uid: str
    """Names it for ever and everywhere: made from serial numbers, never from an address."""
    kind: DeviceKind
    unit_id: int
    """Its address behind the link: a Modbus unit id, or what the vendor's protocol has instead."""
    identity: Identity
    parent: str | None = None
    """Key of the device through which it is reached; None for the plant."""


class AlarmLevel(StrEnum):
    """How bad an alarm is, in the words of its maker."""

    GENERAL = "general"
    CRITICAL = "critical"
    URGENT = "urgent"
    """The device has stopped."""
    IMPORTANT = "important"
    """It works less well."""
    COMMON = "common"
    """It works as before."""
    PROMPT = "prompt"
    """For information."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm that a device reports now."""

    device: str
    """Key of the device that reports it."""
    code: str
    """The maker's code, as its app shows it; `<word>_bit_<n>` for a bit nobody has described."""
    text: str
    """What it means, in English."""
    level: AlarmLevel
    since: datetime
    """When we saw it first, UTC: the devices keep no history."""


class RunningState(StrEnum):
    """What a plant or an inverter says it is doing."""

    STANDBY = "standby"
    RUNNING = "running"
    FAULT = "fault"
    SHUT_DOWN = "shut_down"
    ENVIRONMENT_ABNORMAL = "environment_abnormal"
    UNKNOWN = "unknown"


class GridState(StrEnum):
    """How the plant stands to the grid."""

    ON_GRID = "on_grid"
    OFF_GRID = "off_grid"
    OFF_GRID_BY_HAND = "off_grid_by_hand"
    UNKNOWN = "unknown"


class Counter(StrEnum):
    """Lifetime energy counters that every plant should have, in kWh.

    A driver gives those its device counts; the others are integrated from power.
    """

    GRID_IMPORT = "grid_import_energy"
    GRID_EXPORT = "grid_export_energy"
    BATTERY_CHARGE = "battery_charge_energy"
    BATTERY_DISCHARGE = "battery_discharge_energy"
    PV = "pv_energy"
    THIRD_PARTY_PV = "third_party_pv_energy"
    LOAD = "load_energy"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantState:
    """One reading of the plant. Powers are positive when they feed the house; None is unknown.

    `load_power_w = pv + third-party PV + battery + grid + generator`; a DC charger counts as load.
    """

    read_at: datetime
    """When the newest fast reading arrived that was not frozen, UTC."""
    soc_pct: float | None = None
    soh_pct: float | None = None
    grid_power_w: float | None = None
    """Import is positive, export negative."""
    grid_phase_power_w: tuple[float | None, float | None, float | None] = (None, None, None)
    battery_power_w: float | None = None
    """Discharging is positive, charging negative."""
    pv_power_w: float | None = None
    third_party_pv_power_w: float | None = None
    load_power_w: float | None = None
    """Everything the house takes, chargers included."""
    ev_power_w: float | None = None
    """AC and DC chargers together, ≥ 0 while they charge; part of the load."""
    grid_state: GridState = GridState.UNKNOWN
    running_state: RunningState = RunningState.UNKNOWN
    vendor_mode: str | None = None
    """The vendor's own operating mode as a code, for example `self_consumption`."""
    rated_power_w: float | None = None
    """What the inverters together can put out at the AC side."""
    rated_energy_wh: float | None = None
    """Usable energy of the full battery."""
    available_charge_power_w: float | None = None
    available_discharge_power_w: float | None = None
    charge_cutoff_soc_pct: float | None = None
    discharge_cutoff_soc_pct: float | None = None
    backup_reserve_soc_pct: float | None = None
    """What the plant keeps for an outage by itself."""
    counters_kwh: Mapping[Counter, float | None] = field(default_factory=dict[Counter, float | None])
    """A key is present when the firmware has the counter; its value is None while it is unknown."""
    alarms: tuple[Alarm, ...] = ()
    device_clock: datetime | None = None
    """The plant's own clock, UTC."""
    clock_frozen: bool = False
    """The device answers, but its clock stands still: what it says is not a reading."""
    reachable: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Device key → whether it answered when it was last asked."""
    clashes: tuple[int, ...] = ()
    """Unit ids on which two devices answer, so that neither can be read for certain."""


type PerPhase = tuple[float | None, float | None, float | None]
"""One number for each of L1, L2 and L3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """What a meter at the grid connection says. Import is positive; None is unknown."""

    read_at: datetime
    """When it arrived, UTC."""
    power_w: float | None
    phase_power_w: PerPhase = (None, None, None)
    """All None where a single phase, or their sum alone, is measured."""
    voltage_v: PerPhase = (None, None, None)
    current_a: PerPhase = (None, None, None)
    import_kwh: float | None = None
    export_kwh: float | None = None

    def turned(self) -> MeterReading:
        """Give the same from a meter that is built in the other way round."""
        l1, l2, l3 = self.phase_power_w
        return replace(
            self,
            power_w=_negated(self.power_w),
            phase_power_w=(_negated(l1), _negated(l2), _negated(l3)),
            import_kwh=self.export_kwh,
            export_kwh=self.import_kwh,
        )


def _negated(power_w: float | None) -> float | None:
    return None if power_w is None else -power_w


class Ownership(StrEnum):
    """Who holds the plant's remote control."""

    FREE = "free"
    """Nobody: it runs its own program."""
    OURS = "ours"
    """We, at the values that were confirmed."""
    FOREIGN = "foreign"
    """It is in remote control at values that are not ours."""
    OTHER_MASTER = "other_master"
    """It says itself that somebody else commands it."""


class Stage(StrEnum):
    """How far a reading can be trusted."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"


def reading_stage(age: timedelta, poll: timedelta, lag: timedelta = timedelta(0)) -> Stage:
    """Tell how far a reading of this age can be trusted; `lag` is the source's own delay."""
    if age <= 3 * poll + lag:
        return Stage.FRESH
    if age > timedelta(seconds=60) and age > 5 * poll + lag:
        return Stage.LOST
    return Stage.STALE
