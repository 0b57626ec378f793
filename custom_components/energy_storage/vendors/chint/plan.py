"""The writes that carry out a battery command by the recipe of a profile; no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...engine.command import BatteryCommand, CommandKind, OutageSafe, Parameter
from ...engine.plant import Value
from ..write import CommandRefusedError, RegisterWrite
from .abilities import PlantFacts, abilities
from .profile import PARAMETERS, Profile, Recipe, Row
from .refusals import Refusal
from .rows import RowNumber, field_of, minutes_of

WINDOW_MIN, RENEW_MIN = 30, 15
"""How far ahead the end of a window is set, and how near it may come before it is moved on."""
_WINDOW_END = "window_end"
_LAST_MINUTE = 24 * 60 - 1

type Held = Mapping[str, Value]
"""What the rows of the recipes read; a row that was never read is missing, or None."""
type Values = Mapping[str, float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan is made from, besides the command."""

    facts: PlantFacts
    held: Held
    device: str
    """Key of the device that takes the writes."""
    local: datetime | None
    """What the clock on the device should show; None: nobody knows."""
    soc_pct: float | None = None
    off_grid: bool = False


def plan(command: BatteryCommand, now: Situation) -> tuple[RegisterWrite, ...]:
    """Give the writes that carry out a command: only what differs from what is held.

    Raises:
        CommandRefusedError: with the code of what is missing; nothing is to be written.

    """
    able = abilities(now.facts)[command.kind]
    if not able.offered or command.kind not in now.facts.profile.commands:
        raise CommandRefusedError(able.reason or Refusal.READ_ONLY)
    if now.off_grid and able.outage(command) is not OutageSafe.YES:
        raise CommandRefusedError(Refusal.GRID_LOST)
    for parameter in Parameter:
        if getattr(command, parameter.value) is not None and parameter not in able.obeys:
            raise CommandRefusedError(Refusal.NOT_SUPPORTED)
    recipe = now.facts.profile.commands[command.kind]
    if any(now.held.get(step.row) is None for step in recipe):
        raise CommandRefusedError(Refusal.NOT_READ)
    _refuse_at_its_end(command, now)
    wanted = _resolved(recipe, command, now)
    return tuple(_writes(recipe, wanted, now, command.kind))


def release_plan(now: Situation, ours: Iterable[str]) -> tuple[RegisterWrite, ...]:
    """Give the writes that hand the plant back: of the rows that are ours, what is not read is written."""
    touched = frozenset(ours)
    recipe = tuple(step for step in now.facts.profile.commands[CommandKind.RELEASE] if step.row in touched)
    wanted = _resolved(recipe, BatteryCommand(kind=CommandKind.RELEASE), now)
    return tuple(_writes(recipe, wanted, now, CommandKind.RELEASE))


def request_plan(profile: Profile, name: str, device: str) -> tuple[RegisterWrite, ...]:
    """Give the writes of a request to the inverter itself.

    Raises:
        CommandRefusedError: the profile has no such request.

    """
    if name not in profile.requests:
        raise CommandRefusedError(Refusal.NOT_SUPPORTED)
    return tuple(
        make_write(profile.rows[step.row], device, step.value, name) for step in profile.requests[name]
    )


def in_force(command: BatteryCommand, profile: Profile, held: Held, local: datetime | None) -> bool:
    """Tell whether the plant holds what a command came to: fixed values, and a window that is not over."""
    recipe = profile.commands.get(command.kind, ())
    final = {step.row: step.value for step in recipe}
    for row, value in final.items():
        now = held.get(row)
        if value == _WINDOW_END:
            end = minutes_of(now)
            if end is None or local is None or end < _minutes(local):
                return False
        elif value not in PARAMETERS and now is not None and now != value:
            return False
    return bool(recipe)


def make_write(row: Row, device: str, value: float | str, why: str) -> RegisterWrite:
    """Make one write, within the bounds of its row.

    Raises:
        ValueError: the value is not for this row.

    """
    words = _encoded(row, value)
    return RegisterWrite(
        device=device,
        name=row.name,
        address=row.address,
        words=words,
        value=value,
        unit=row.unit,
        why=why,
    )


def _encoded(row: Row, value: float | str) -> tuple[int, ...]:
    field = field_of(row)
    if isinstance(field, RowNumber) and row.writable:
        if isinstance(value, str):
            return tuple(field.encode(value if row.type == "time" else field.number_of(value)))
        if row.low is not None and row.high is not None and row.low <= value <= row.high:
            return tuple(field.encode(value))
    raise ValueError(f"{row.name} does not take {value}")


def _refuse_at_its_end(command: BatteryCommand, now: Situation) -> None:
    """Refuse what would be over at once."""
    soc_pct = now.soc_pct
    if command.kind not in (CommandKind.CHARGE, CommandKind.DISCHARGE):
        return
    if soc_pct is None:
        raise CommandRefusedError(Refusal.SOC_UNKNOWN)
    target, floor = command.target_soc_pct, command.floor_soc_pct
    if target is not None and soc_pct >= target:
        raise CommandRefusedError(Refusal.TARGET_REACHED, soc_pct=soc_pct, target_pct=target)
    if floor is not None and soc_pct <= floor:
        raise CommandRefusedError(Refusal.SOC_AT_FLOOR, soc_pct=soc_pct, floor_pct=floor)


def _resolved(recipe: Recipe, command: BatteryCommand, now: Situation) -> list[tuple[str, float | str]]:
    """Put in what the command and the clock say."""
    return [(step.row, _value(step.row, step.value, command, now)) for step in recipe]


def _value(row: str, value: float | str, command: BatteryCommand, now: Situation) -> float | str:
    if value == _WINDOW_END:
        if now.local is None:
            raise CommandRefusedError(Refusal.CLOCK_UNKNOWN)
        return window_end(now.local, now.held.get(row))
    if value not in PARAMETERS:
        return value
    said = getattr(command, str(value))
    if said is None:
        # No number means no limit: the most that the row takes.
        most = now.facts.profile.rows[row].high
        if most is None:
            raise CommandRefusedError(Refusal.NOT_SUPPORTED)
        return most
    return float(said)


def window_end(local: datetime, held: Value) -> str:
    """Give the end of a window for a command that goes on: half an hour ahead, kept while it is far enough.

    A window does not reach over midnight: nobody knows what a device makes of that.
    """
    now = _minutes(local)
    furthest = min(now + WINDOW_MIN, _LAST_MINUTE)
    end = minutes_of(held)
    if end is not None and min(now + RENEW_MIN, _LAST_MINUTE) <= end <= furthest:
        return f"{end // 60:02}:{end % 60:02}"
    return f"{furthest // 60:02}:{furthest % 60:02}"


def _minutes(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _writes(
    recipe: Recipe, wanted: list[tuple[str, float | str]], now: Situation, kind: CommandKind
) -> Iterator[RegisterWrite]:
    """Walk through a recipe and write what is not held by then; what only moves on is written alone."""
    held: dict[str, Value] = dict(now.held)
    final = dict(wanted)
    moving = {step.row for step in recipe if step.value in PARAMETERS}
    differing = {row for row, value in final.items() if held.get(row) != value}
    rows = now.facts.profile.rows
    if differing <= moving:
        wanted = [(row, value) for row, value in wanted if row in differing]
    for row, value in wanted:
        if held.get(row) != value:
            held[row] = value
            yield make_write(rows[row], now.device, value, kind.value)
