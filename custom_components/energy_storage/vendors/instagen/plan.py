"""The program that carries out a battery command on an Instagen plant, and the one it is left with; no I/O.

One message says all of it, so there is no sequence that could be cut off in its middle.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
import math

from ...engine.command import BatteryCommand, CommandKind, OutageSafe
from ..control import DeviceLimits
from ..write import CommandRefusedError
from .abilities import PlantFacts, abilities
from .user_set import FULL_POWER, BatteryMode, UserSet
from .write_guards import (
    MOST_METER_W,
    RATCHET_PCT,
    RATCHET_S,
    WRITE_SPACING_S,
    Reading,
    Refusal,
    commanded,
    exempt,
    floor_of,
    known_soc,
    least_reserve,
    owners,
    refuse_at_floor,
    refuse_reached,
    reserve_that_holds,
    share_of,
    target_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the plant was told last, as far as anybody knows."""

    program: UserSet | None = None
    """None: nothing yet, or it may run something else by now."""
    kind: CommandKind | None = None
    """Of the command that it stands for."""
    at: datetime | None = None
    """When any message was sent last, UTC."""
    writes_left: int
    """Of today's budget."""
    again_at: datetime | None = None
    """A message that was not carried out is not sent again before; None: all is well."""
    certain: bool = True
    """The device took it, nothing came in between, and nothing speaks against it."""
    may_run: tuple[UserSet, ...] = ()
    """All that it may be running, where that is not certain; else this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan is made from."""

    now: datetime
    facts: PlantFacts
    reading: Reading
    told: Told
    limits: DeviceLimits
    """What the device is to hold: of this, its reserve can hold the owner's floors."""


def plan(command: BatteryCommand, now: Situation) -> UserSet | None:
    """Give what to tell the plant; None where it was told so already.

    Raises:
        CommandRefusedError: with the code of what is missing; nothing is to be sent.

    """
    able = abilities(now.facts, now.limits)[command.kind]
    if not able.offered:
        raise CommandRefusedError(able.reason or Refusal.NOT_SUPPORTED)
    if now.reading.off_grid and able.outage_safe is not OutageSafe.YES:
        raise CommandRefusedError(Refusal.GRID_LOST)
    if command.max_charge_w is not None or command.max_discharge_w is not None:
        raise CommandRefusedError(Refusal.NO_CEILINGS)
    program = commanded(_PLANS[command.kind](command, now))
    if not differs(program, now):
        return None
    _refuse_too_often(program, now)
    return program


def release_program(named: UserSet | None, now: Situation) -> UserSet:
    """Give the program that the plant is left with: the owner's, else self-consumption with his reserve."""
    plain = UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=least_reserve(now.limits))
    return plain if named is None else owners(named)


def differs(program: UserSet, now: Situation) -> bool:
    """Tell whether a plant has to be told: it was told something else, or does not do what it was told."""
    told = now.told
    if told.program != program:
        return True
    return not told.certain and (told.again_at is None or now.now >= told.again_at)


def _refuse_too_often(program: UserSet, now: Situation) -> None:
    """Refuse what wears the device out; what narrows or ends a forced mode is never refused for that."""
    told = now.told
    if exempt(program, told.may_run, now.reading.soc_pct):
        return
    if told.writes_left <= 0:
        raise CommandRefusedError(Refusal.WRITE_BUDGET)
    if (since_s := _since_s(now)) < WRITE_SPACING_S:
        raise CommandRefusedError(Refusal.WRITE_SPACING, seconds=WRITE_SPACING_S - since_s)


def _self_consume(_: BatteryCommand, now: Situation) -> UserSet:
    return UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=least_reserve(now.limits))


def _hold(_: BatteryCommand, now: Situation) -> UserSet:
    """Keep a reserve at the SOC; it follows upwards, in steps that are worth a message."""
    floor, told = least_reserve(now.limits), now.told.program
    if told is not None and told.mode == BatteryMode.SELF_CONSUMPTION and _still_holds(told, floor, now):
        return told
    reserve = reserve_that_holds(now.reading, floor)
    return UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=reserve)


def _still_holds(told: UserSet, floor: int, now: Situation) -> bool:
    """Tell whether the reserve that the plant has will do.

    The battery stops where it reaches its reserve: lowered then, it would never stop.
    """
    soc_pct, reserve = now.reading.soc_pct, told.reserve_soc or 0
    if now.told.kind is not CommandKind.HOLD:
        return reserve_that_holds(now.reading, floor) <= reserve <= max(known_soc(now.reading), floor)
    if reserve < floor:
        return False
    if soc_pct is None or reserve == floor >= soc_pct:
        return True
    if soc_pct < reserve - RATCHET_PCT:
        return False
    return soc_pct - reserve < RATCHET_PCT or _since_s(now) < RATCHET_S


def _charge(command: BatteryCommand, now: Situation) -> UserSet:
    """Charge to a SOC; at one that it was told before it stays, and need not be told anything."""
    share = share_of(command.power_w, now.facts.rated_w)
    target = target_of(command.target_soc_pct)
    if not _told_the_end(BatteryMode.FORCE_CHARGE, target, now):
        refuse_reached(target, known_soc(now.reading))
    return UserSet(mode=BatteryMode.FORCE_CHARGE, reserve_soc=target, max_power=share)


def _discharge(command: BatteryCommand, now: Situation) -> UserSet:
    """Discharge to a floor; to feed in is the same with all there is."""
    feeds_in = command.kind is CommandKind.FEED_IN
    share = FULL_POWER if feeds_in else share_of(command.power_w, now.facts.rated_w)
    floor = _floor(command, now, BatteryMode.FORCE_DISCHARGE)
    return UserSet(mode=BatteryMode.FORCE_DISCHARGE, reserve_soc=floor, max_power=share)


def _shave(command: BatteryCommand, now: Situation) -> UserSet:
    """Give what the import exceeds a maximum by.

    Filled up to its peak SOC it would be from the grid too, so that lies as low as the floor.
    """
    if command.max_import_w is None:
        raise CommandRefusedError(Refusal.LOAD_UNKNOWN)
    floor = _floor(command, now, BatteryMode.PEAK_SHAVING)
    return UserSet(
        mode=BatteryMode.PEAK_SHAVING,
        reserve_soc=floor,
        peak_max_soc=floor,
        peak_meter_power=min(MOST_METER_W, max(0, math.floor(command.max_import_w))),
    )


def _island(_: BatteryCommand, __: Situation) -> UserSet:
    return UserSet(mode=BatteryMode.OFF_GRID)


def _floor(command: BatteryCommand, now: Situation, mode: BatteryMode) -> int:
    floor = floor_of(command.floor_soc_pct, least_reserve(now.limits))
    if not _told_the_end(mode, floor, now):
        refuse_at_floor(floor, known_soc(now.reading))
    return floor


def _told_the_end(mode: BatteryMode, end: int, now: Situation) -> bool:
    program = now.told.program
    return program is not None and program.mode == mode and program.reserve_soc == end


def _since_s(now: Situation) -> float:
    """Give how long ago the last message was sent; a clock that was set back makes that long."""
    since_s = math.inf if now.told.at is None else (now.now - now.told.at).total_seconds()
    return since_s if since_s >= 0 else math.inf


_PLANS: Mapping[CommandKind, Callable[[BatteryCommand, Situation], UserSet]] = {
    CommandKind.SELF_CONSUME: _self_consume,
    CommandKind.HOLD: _hold,
    CommandKind.CHARGE: _charge,
    CommandKind.DISCHARGE: _discharge,
    CommandKind.FEED_IN: _discharge,
    CommandKind.SHAVE: _shave,
    CommandKind.ISLAND: _island,
}
