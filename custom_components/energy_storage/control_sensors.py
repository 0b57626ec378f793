"""The sensors that tell what control decided, and what the plant made of it: one row each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfPower

from .controller import Confidence, ControlView
from .cycle import Reading
from .engine import ControlState, Decision, Ownership, Reason
from .engine.command import CommandKind
from .engine.modes import MODES
from .engine.plant import Value
from .engine.reasons import OF_MODES, REASONS
from .engine.schedule import Action
from .plant_sensors import PlantSensorDescription
from .publish import Pace

NONE = "none"
SHADOW = "shadow"
OWN_PROGRAM = "own_program"
SOMEONE_ELSE = "other"
_ALL_NEWS = Pace(every_s=0, dead_band=1)
_REASONS_EVERY_S = 30.0


def command_state(view: ControlView) -> str:
    """Say how sure it is that the plant does what was decided."""
    if view.decision.command is not None and view.decision.control is ControlState.SHADOW:
        return SHADOW
    return NONE if view.confidence is None else view.confidence.value


def limiting_reason(decision: Decision) -> str:
    """Give the first reason that changed what the mode wished, else the mode's own."""
    codes = [reason.code for reason in decision.reasons]
    own = (*OF_MODES, decision.mode)
    return next((code for code in codes if code not in own), codes[0] if codes else NONE)


def as_attributes(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Write reasons as Home Assistant can show them, in the order in which they acted."""
    return [{"code": reason.code, "values": dict(reason.values)} for reason in reasons]


def _period(decision: Decision) -> Mapping[str, Any]:
    """Give window and action of the period that acts; nothing where none does."""
    return next((dict(reason.values) for reason in decision.reasons if reason.code == "period"), {})


def _left_alone(view: ControlView) -> str:
    """Say what the device would go on doing if nobody told it anything any more."""
    if view.holding.ownership in (Ownership.FOREIGN, Ownership.OTHER_MASTER):
        return SOMEONE_ELSE
    return OWN_PROGRAM if view.holding.command is None else view.holding.command.kind.value


def _about_left_alone(view: ControlView) -> Mapping[str, Any]:
    """Say how that ends."""
    state, command = _left_alone(view), view.holding.command
    if state == SOMEONE_ELSE:
        return {}
    kind = CommandKind.RELEASE if command is None else command.kind
    if (ability := view.abilities.get(kind)) is None:
        return {}
    return {
        "unattended": ability.unattended.value,
        "ends": ability.ends.value,
        "outage_safe": ability.outage_safe.value,
        "target_soc_pct": None if command is None else command.target_soc_pct,
        "floor_soc_pct": None if command is None else command.floor_soc_pct,
    }


def _about_command(view: ControlView) -> Mapping[str, Any]:
    command = view.decision.command
    numbers = {} if command is None else command.to_json()
    numbers.pop("kind", None)
    return numbers | {"confidence": None if view.confidence is None else view.confidence.value}


def _control(
    key: str,
    value: Callable[[ControlView], Value],
    about: Callable[[ControlView], Mapping[str, Any]] | None = None,
    **more: Any,
) -> PlantSensorDescription:
    """Make a row; before anything was decided it knows nothing, and silence takes nothing from it."""
    return PlantSensorDescription(
        key=key,
        value_fn=lambda reading: _of(reading, value, None),
        attributes_fn=None if about is None else lambda reading: _of(reading, about, {}),
        always_available=True,
        **more,
    )


def _of[T](reading: Reading, told: Callable[[ControlView], T], otherwise: T) -> T:
    return otherwise if reading.control is None else told(reading.control)


def _choice(
    key: str,
    options: Iterable[str],
    value: Callable[[ControlView], str],
    about: Callable[[ControlView], Mapping[str, Any]] | None = None,
    **more: Any,
) -> PlantSensorDescription:
    more |= {"device_class": SensorDeviceClass.ENUM, "options": [str(option) for option in options]}
    return _control(key, value, about, **more)


CONTROL_SENSORS: tuple[PlantSensorDescription, ...] = (
    _choice(
        "command",
        [*CommandKind, NONE],
        lambda view: NONE if view.decision.command is None else view.decision.command.kind.value,
        _about_command,
    ),
    _choice(
        "command_state",
        [*Confidence, SHADOW, NONE],
        command_state,
        lambda view: {"code": view.code},
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _choice(
        "limiting_reason",
        [*REASONS, NONE],
        lambda view: limiting_reason(view.decision),
        lambda view: {"reasons": as_attributes(view.decision.reasons)},
        attributes_every_s=_REASONS_EVERY_S,
    ),
    _choice(
        "without_home_assistant",
        [*(kind for kind in CommandKind if kind is not CommandKind.RELEASE), OWN_PROGRAM, SOMEONE_ELSE],
        _left_alone,
        _about_left_alone,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _control(
        "override_end",
        lambda view: None if view.override is None else view.override.end,
        device_class=SensorDeviceClass.TIMESTAMP,
    ),
    _control(
        "next_change",
        lambda view: view.next_change,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_registry_enabled_default=False,
    ),
    _choice(
        "active_period",
        [*Action, NONE],
        lambda view: str(_period(view.decision).get("action", NONE)),
        lambda view: {"window": _period(view.decision).get("window")},
        entity_registry_enabled_default=False,
    ),
    _control(
        "import_cap",
        lambda view: view.decision.max_import_w,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=False,
        pace=_ALL_NEWS,
        digits=0,
    ),
    _choice(
        "active_mode",
        MODES,
        lambda view: view.decision.mode,
        lambda view: {"base_mode": view.decision.base_mode},
        entity_registry_enabled_default=False,
    ),
    _choice(
        "control_state",
        ControlState,
        lambda view: view.decision.control.value,
        entity_registry_enabled_default=False,
    ),
    _control(
        "writes_today",
        lambda view: view.holding.writes_today,
        lambda view: {"left": view.holding.writes_left},
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        pace=_ALL_NEWS,
        digits=0,
    ),
)
