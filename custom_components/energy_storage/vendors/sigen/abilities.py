"""What one Sigen plant can do with battery commands, by what is proven about it and nothing else."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ...engine.command import (
    Ability,
    BatteryCommand,
    CommandKind,
    Ends,
    Guard,
    Limit,
    OutageSafe,
    Parameter,
    Unattended,
)
from ...engine.plant import Value
from ..driver import RegisterReading
from .fleet import PLANT
from .held import CHARGE_CUTOFF, DISCHARGE_CUTOFF, EXPORT, IMPORT, RESERVE, Installation
from .version import Version

_GATEWAY_BITS = 0xFF
_SERVES_ISLAND_W = 100.0
_CEILINGS = frozenset({Parameter.MAX_CHARGE, Parameter.MAX_DISCHARGE})
SHAVE_STEP = 0.1
"""Of the rated discharge power: a ceiling follows the excess in steps of this size."""


class Seen(StrEnum):
    """What was seen on this plant and is kept."""

    LIMITS_GLOBAL = "limits_global"
    """Charge and discharge limits acted outside the modes that they were made for."""
    GATEWAY = "gateway"
    HOLD_BY_RESERVE = "hold_by_reserve"
    """The backup reserve kept the battery from discharging."""
    MODE_ONLY_IN_REMOTE = "mode_only_in_remote"
    """The control mode is refused while remote EMS is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFacts:
    """What is known about a plant that decides what may be commanded."""

    version: Version
    offered: frozenset[str]
    """Registers that the plant has answered for."""
    grid_sensor: bool = False
    has_battery: bool = True
    rated_charge_w: float | None = None
    rated_discharge_w: float | None = None
    charge_cutoff_pct: float | None = None
    discharge_cutoff_pct: float | None = None
    """What the plant says of its own cut-offs, also where they cannot be written."""
    seen: frozenset[Seen] = frozenset()

    @property
    def limits_global(self) -> bool:
        """Whether charge and discharge limits act in every mode."""
        return self.version >= Version.V2_9 or Seen.LIMITS_GLOBAL in self.seen

    @property
    def holds_by_reserve(self) -> bool:
        """Whether the backup reserve can keep the battery from discharging: it needs a gateway."""
        return Seen.GATEWAY in self.seen and RESERVE in self.offered


def facts_of(
    readings: Iterable[RegisterReading], version: Version, seen: Collection[Seen] = ()
) -> PlantFacts:
    """Gather the facts from a plant's registers and from what was seen before."""
    readings = tuple(readings)
    plant = {reading.name: reading.value for reading in readings if reading.device == PLANT}
    packs = [reading.value for reading in readings if reading.name == "pack_count"]
    return PlantFacts(
        version=version,
        offered=frozenset(r.name for r in readings if r.device == PLANT and r.raw is not None),
        grid_sensor=plant.get("grid_sensor_status") == "connected",
        has_battery=any(count != 0 for count in packs) or not packs,
        rated_charge_w=_number(plant.get("ess_rated_charge_power")) or None,
        rated_discharge_w=_number(plant.get("ess_rated_discharge_power")) or None,
        charge_cutoff_pct=_number(plant.get("ess_charge_cutoff_soc_readback")),
        discharge_cutoff_pct=_number(plant.get("ess_discharge_cutoff_soc_readback")),
        seen=frozenset(seen) | ({Seen.GATEWAY} if shows_gateway(plant) else frozenset()),
    )


def shows_gateway(plant: Mapping[str, Value]) -> bool:
    """Tell whether these readings prove a gateway: its alarms, its ports, or a house served off the grid."""
    alarms = plant.get("plant_alarm_4")
    if isinstance(alarms, int) and alarms & _GATEWAY_BITS:
        return True
    if any(name.startswith("smart_load_") and value for name, value in plant.items()):
        return True
    state = plant.get("grid_connection_state")
    power_w = _number(plant.get("plant_active_power")) or 0.0
    return state == "off_grid_by_hand" or (state == "off_grid" and power_w > _SERVES_ISLAND_W)


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) else None


def abilities(facts: PlantFacts, installation: Installation) -> dict[CommandKind, Ability]:
    """Say for every kind of command whether it is offered, and what becomes of it when left alone."""
    return {kind: _ABILITIES[kind](facts, installation) for kind in CommandKind}


def ability(command: BatteryCommand, facts: PlantFacts, installation: Installation) -> Ability:
    """Say the same of one command: a ceiling on discharging may bind in an outage too."""
    general = _ABILITIES[command.kind](facts, installation)
    return replace(general, outage_safe=general.outage(command))


def limit_guards(facts: PlantFacts) -> dict[Limit, Guard]:
    """Say who holds each limit. A total over three phases protects no fuse, so that one is ours to trim."""

    def device(*conditions: bool) -> Guard:
        return Guard.DEVICE if all(conditions) else Guard.NONE

    return {
        Limit.MAIN_FUSE: Guard.TRIM if facts.grid_sensor else Guard.NONE,
        Limit.EXPORT: device(facts.grid_sensor, EXPORT in facts.offered),
        Limit.IMPORT: device(facts.grid_sensor, IMPORT in facts.offered),
        Limit.CHARGE_CUTOFF: device(CHARGE_CUTOFF in facts.offered),
        Limit.DISCHARGE_CUTOFF: device(DISCHARGE_CUTOFF in facts.offered),
        Limit.BACKUP_RESERVE: device(facts.holds_by_reserve),
    }


def _no(reason: str) -> Ability:
    return Ability(offered=False, reason=reason)


def _self_consume(facts: PlantFacts, _: Installation) -> Ability:
    return Ability(
        offered=True,
        obeys=_CEILINGS if facts.has_battery and facts.limits_global else frozenset(),
        proven=True,
        unattended=Unattended.SAFE,
        outage_safe=OutageSafe.YES,
        bound_outage_safe=OutageSafe.UNKNOWN,
    )


def _hold(facts: PlantFacts, _: Installation) -> Ability:
    if not facts.has_battery:
        return _no("no_battery")
    if not (facts.holds_by_reserve or facts.limits_global):
        return _no("hold_unproven")
    by_reserve = facts.holds_by_reserve
    return Ability(
        offered=True,
        obeys=_CEILINGS if facts.limits_global else frozenset(),
        proven=not by_reserve or Seen.HOLD_BY_RESERVE in facts.seen,
        unattended=Unattended.COSTLY,
        outage_safe=OutageSafe.YES if by_reserve else OutageSafe.UNKNOWN,
    )


def _by_limits(facts: PlantFacts, _: Installation) -> Ability:
    if not facts.has_battery:
        return _no("no_battery")
    if not facts.limits_global:
        return _no("limits_not_global")
    return Ability(offered=True, proven=True, unattended=Unattended.COSTLY)


def _shave(facts: PlantFacts, installation: Installation) -> Ability:
    able = _by_limits(facts, installation)
    if not able.offered:
        return able
    if facts.rated_discharge_w is None:
        return _no("ratings_unknown")
    return replace(able, step_w=SHAVE_STEP * facts.rated_discharge_w, obeys=frozenset({Parameter.MAX_IMPORT}))


def _to_soc(limit: str, cutoff: str, named: Callable[[Installation], float | None]) -> _Rule:
    """Make the rule of a command that a SOC ends; safe alone only if the plant holds the grid limit."""

    def rule(facts: PlantFacts, installation: Installation) -> Ability:
        if not facts.has_battery:
            return _no("no_battery")
        if facts.version < Version.V2_5:
            return _no("firmware_too_old")
        held = named(installation) is None or (facts.grid_sensor and limit in facts.offered)
        return Ability(
            offered=True,
            proven=True,
            # Without its own cut-off it runs on past the SOC that was asked for.
            ends=Ends.SOC if cutoff in facts.offered else Ends.NONE,
            unattended=Unattended.COSTLY if held else Unattended.UNSAFE,
            obeys=frozenset({Parameter.POWER}),
        )

    return rule


type _Rule = Callable[[PlantFacts, Installation], Ability]
_charge = _to_soc(IMPORT, CHARGE_CUTOFF, lambda installation: installation.import_limit_w)
_discharge = _to_soc(EXPORT, DISCHARGE_CUTOFF, lambda installation: installation.export_limit_w)


def _feed_in(facts: PlantFacts, installation: Installation) -> Ability:
    able = _discharge(facts, installation)
    capped = able.offered and facts.grid_sensor and EXPORT in facts.offered
    return replace(able, obeys=frozenset({Parameter.EXPORT_LIMIT}) if capped else frozenset())


_ABILITIES: Mapping[CommandKind, _Rule] = {
    CommandKind.SELF_CONSUME: _self_consume,
    CommandKind.HOLD: _hold,
    CommandKind.IDLE: _by_limits,
    CommandKind.CHARGE: _charge,
    CommandKind.DISCHARGE: _discharge,
    CommandKind.SHAVE: _shave,
    CommandKind.FEED_IN: _feed_in,
    CommandKind.ISLAND: lambda _, __: _no("no_command"),
    CommandKind.RELEASE: _self_consume,
}
