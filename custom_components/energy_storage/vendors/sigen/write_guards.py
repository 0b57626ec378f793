"""What may never be written to a Sigen plant: each rule is one small function, and plans are made of them."""

from enum import StrEnum
import math

from ...engine.plant import DeviceKind
from ..fields import Field, Number, Table, fields_of
from ..write import CommandRefusedError, Expected, RegisterWrite
from .abilities import PlantFacts
from .fleet import PLANT
from .held import PV, Held, Reading
from .registers import TABLES

CUTOFF_MARGIN_PCT = 0.3
"""A discharge cut-off or backup reserve above the SOC charges from the grid, so it stays this far below."""
FLOOR_MARGIN_PCT = 0.5
"""Nearer to its floor than this, a discharge is over."""
SOC_AGE_S = 2.0
LEAST_CHARGER_A = 6.0
LEAST_DC_CHARGER_W = 1_000.0
"""A car latched a fault at 0 W; this is the lowest that was proven."""
_MODES = frozenset({"self_consumption", "charge_pv_first", "discharge_pv_first"})
_NEVER = frozenset({"plant_start_stop", "inverter_start_stop"})
_HARMLESS_FOR_SECONDS = _MODES | {"standby", "charge_grid_first", "discharge_battery_first"}
_STEPS_PER_PCT = 10
_TOLERANCE = 1e-6


class Refusal(StrEnum):
    """Why a command is not carried out, or a value not written."""

    BELOW_MINIMUM = "below_minimum"
    BY_DEVICE = "refused_by_device"
    GRID_LOST = "grid_lost"
    HALTED = "halted"
    """Home Assistant stops."""
    LATER = "later"
    """Left out of a short release."""
    LINK_LOST = "link_lost"
    LIMITS_NOT_GLOBAL = "limits_not_global"
    LOAD_UNKNOWN = "load_unknown"
    NEEDS_FRESH_SOC = "needs_fresh_soc"
    NO_EFFECT = "no_effect"
    """It was tried on this plant, and nothing came of it."""
    NOT_HELD = "not_held"
    """The device took the write, and reads as before."""
    NOT_READ = "not_read"
    NOT_SUPPORTED = "not_supported"
    NO_SNAPSHOT = "no_snapshot"
    OTHER_MASTER = "other_master"
    PV_LIMIT_ZERO = "pv_limit_zero"
    RATINGS_UNKNOWN = "ratings_unknown"
    REMOTE_NOT_IN_FORCE = "remote_not_in_force"
    SOC_AT_FLOOR = "soc_at_floor"
    SOC_TOO_LOW = "soc_too_low"
    SOC_UNKNOWN = "soc_unknown"
    STORED_MODE_UNSAFE = "stored_mode_unsafe"
    TARGET_REACHED = "target_reached"
    VALUE_UNKNOWN = "value_unknown"


def highest_cutoff(reading: Reading) -> float:
    """Give the highest discharge cut-off or backup reserve that may be written now, rounded down.

    Raises:
        CommandRefusedError: the SOC is unknown or older than 2 s, or too low for any.

    """
    if reading.soc_pct is None:
        raise CommandRefusedError(Refusal.SOC_UNKNOWN)
    if not 0 <= reading.soc_age_s <= SOC_AGE_S:
        raise CommandRefusedError(Refusal.NEEDS_FRESH_SOC, age_s=reading.soc_age_s)
    highest = down_to_step(reading.soc_pct - CUTOFF_MARGIN_PCT)
    if highest < 0:
        raise CommandRefusedError(Refusal.SOC_TOO_LOW, soc_pct=reading.soc_pct)
    return highest


def refuse_stored_pv_zero(held: Held) -> None:
    """Refuse a mode in which a PV limit acts while the plant holds one of 0, which would stop PV."""
    if not held.read(PV):
        raise CommandRefusedError(Refusal.NOT_READ)
    if held.limits.get(PV) == 0:
        raise CommandRefusedError(Refusal.PV_LIMIT_ZERO)


def refuse_off_grid(reading: Reading, *, outage_safe: bool) -> None:
    """Refuse what might leave the house dark while the grid is gone."""
    if reading.off_grid and not outage_safe:
        raise CommandRefusedError(Refusal.GRID_LOST)


def refuse_other_master(held: Held) -> None:
    """Refuse while a power plant operator runs the plant: we follow, we do not fight."""
    if held.work_mode == "vpp":
        raise CommandRefusedError(Refusal.OTHER_MASTER)


def refuse_stored_mode(held: Held) -> None:
    """Refuse to switch remote EMS on over a stored mode that is not bounded by SOC and grid limits."""
    if held.control_mode not in _HARMLESS_FOR_SECONDS:
        raise CommandRefusedError(Refusal.STORED_MODE_UNSAFE)


def within_rating(value: float, rating: float | None) -> float:
    """Give the value, at most the rating.

    Raises:
        CommandRefusedError: nobody knows the rating.

    """
    if not rating:
        raise CommandRefusedError(Refusal.RATINGS_UNKNOWN)
    return max(0.0, min(value, rating))


def charge_rating(facts: PlantFacts) -> float:
    """Give what the battery may be charged with."""
    return within_rating(math.inf, facts.rated_charge_w)


def discharge_rating(facts: PlantFacts) -> float:
    """Give what the battery may be discharged with."""
    return within_rating(math.inf, facts.rated_discharge_w)


def at_least(value: float, minimum: float) -> float:
    """Give the value; below the minimum it is not rounded up but refused: stopping is another command."""
    if value < minimum:
        raise CommandRefusedError(Refusal.BELOW_MINIMUM, value=value, minimum=minimum)
    return value


def down_to_step(percent: float) -> float:
    """Round a percentage down to what a register can hold."""
    return math.floor(percent * _STEPS_PER_PCT + _TOLERANCE) / _STEPS_PER_PCT


def up_to_step(percent: float) -> float:
    """Round a percentage up to what a register can hold."""
    return math.ceil(percent * _STEPS_PER_PCT - _TOLERANCE) / _STEPS_PER_PCT


def same(one: float, other: float) -> bool:
    """Tell whether two values are one to a register."""
    return abs(one - other) < _TOLERANCE


def power_write(*, on: bool) -> RegisterWrite:
    """Make the write that switches the whole plant; off, it stays off until somebody switches it on.

    Only for a person who was asked twice: no plan, no release and no start-up comes here.
    """
    field = _declared(DeviceKind.PLANT, "plant_start_stop")
    value = "start" if on else "stop"
    return RegisterWrite(
        device=PLANT,
        name="plant_start_stop",
        address=field.address,
        words=(field.number_of(value),),
        value=value,
        unit=None,
        why="plant_power",
    )


def make_write(
    kind: DeviceKind,
    device: str,
    name: str,
    value: float | str,
    why: str,
    *,
    below_soc: bool = False,
    may_be_refused: bool = False,
    wait_for: Expected | None = None,
) -> RegisterWrite:
    """Make the write of a declared register; its declaration gives address, words and bounds.

    Raises:
        ValueError: the register is not for writing, or never by a plan, or the value is not for it.

    """
    field = _declared(kind, name)
    number = field.number_of(value) if isinstance(value, str) else value
    if name in _NEVER or not callable(field.writable):
        raise ValueError(f"{name} is never written")
    if name == "remote_ems_control_mode" and value not in _MODES:
        raise ValueError(f"control mode {value} is never written")
    field.writable(number)
    return RegisterWrite(
        device=device,
        name=name,
        address=field.address,
        words=tuple(field.encode(round(number / field.scale) * field.scale)),
        value=value,
        unit=field.unit,
        why=why,
        below_soc=below_soc,
        may_be_refused=may_be_refused,
        wait_for=wait_for,
    )


def _declared(kind: DeviceKind, name: str) -> Number:
    tables: tuple[type[Table], ...] = TABLES[kind]
    field: Field = next(fields_of(table)[name] for table in tables if name in fields_of(table))
    if not isinstance(field, Number):
        raise TypeError(f"{name} holds a text")
    return field
