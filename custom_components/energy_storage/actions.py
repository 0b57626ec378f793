"""What can be asked of a plant by an entity or an action, and what is told about what came of it."""

from collections.abc import Iterable
from datetime import timedelta

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.dt import utcnow
from homeassistant.util.json import JsonObjectType, JsonValueType

from .const import DOMAIN
from .control_sensors import as_attributes, command_state
from .controller import Confidence, Controller
from .coordinator import PlantRuntime
from .cycle import Reading
from .engine import ControlState, Reason
from .engine.command import CommandKind
from .engine.dispatch import Dispatch, DispatchRefusedError, check_dispatch
from .engine.modes import MODES
from .engine.modes.mode import why_not
from .engine.override import (
    UNBOUNDED,
    UNTIL_ENDED,
    Override,
    OverrideRefusedError,
    Parameter,
    Source,
    check_target,
)
from .engine.settings import Settings
from .errors import not_allowed, not_dispatched, refused
from .vendors.control import Outcome, Request
from .vendors.write import CommandRefusedError

REMOTE_EMS = "remote_ems"
_SOMEONE_ELSE = "someone_else_controls"
_NOT_SUPPORTED = "not_supported"
_NOT_HELD = "not_held"
_READ_ONLY = "read_only"
_LONGEST = "00:00:01 … 24:00:00"


def controller_of(runtime: PlantRuntime) -> Controller:
    """Give what controls a plant.

    Raises:
        HomeAssistantError: nothing can be commanded there.

    """
    if runtime.controller is None:
        raise refused(_NOT_SUPPORTED)
    return runtime.controller


def is_yielded(controller: Controller) -> bool:
    """Tell whether somebody else controls the plant, so that we keep still."""
    return controller.view is not None and controller.view.decision.control is ControlState.YIELDED


def not_offered(runtime: PlantRuntime, modes: Iterable[str]) -> dict[str, str]:
    """Give those of the modes that the plant does not offer now, each with the code of why."""
    able = controller_of(runtime).control.capabilities(runtime.settings.settings.limits).abilities
    reasons = {mode: why_not(MODES[mode], able) for mode in modes}
    return {mode: _why(reason) for mode, reason in reasons.items() if reason is not None}


def refuse_read_only(runtime: PlantRuntime) -> None:
    """Refuse to control a plant to which nothing may be written: it can be watched in shadow.

    Raises:
        HomeAssistantError: it is one.

    """
    if not controller_of(runtime).writable:
        raise refused(_READ_ONLY)


async def async_choose_mode(runtime: PlantRuntime, mode: str) -> None:
    """Choose a base mode, which ends the override that runs.

    Raises:
        HomeAssistantError: the plant does not offer it.

    """
    controller = controller_of(runtime)
    _refuse_not_offered(runtime, mode)
    await runtime.settings.async_set(mode=mode)
    await controller.choose_mode(mode)


async def async_start_override(
    runtime: PlantRuntime,
    kind: str,
    *,
    source: Source,
    duration: timedelta | None = None,
    parameters: dict[str, Parameter] | None = None,
) -> None:
    """Start an override, which replaces the one that runs; what is not given its numbers say.

    Raises:
        HomeAssistantError: control is off, somebody else has it, or the plant does not offer it.
        ServiceValidationError: a parameter is not allowed.

    """
    controller, settings = controller_of(runtime), runtime.settings.settings
    _refuse_without_control(controller, settings)
    _refuse_not_offered(runtime, kind)
    given = parameters or {}
    if duration is None:
        duration = UNTIL_ENDED if kind in UNBOUNDED else timedelta(minutes=settings.override_duration_min)
    try:
        if isinstance(target := given.get("target_soc_pct"), int | float):
            check_target(settings, target)
        now = utcnow()
        override = Override(kind=kind, parameters=given, source=source, started=now, ends_at=now + duration)
    except OverrideRefusedError as err:
        raise _no_such_override(err.reason, duration) from err
    await controller.start_override(override)


async def async_dispatch(runtime: PlantRuntime, dispatch: Dispatch) -> None:
    """Take what a third party wants; it counts while the base mode listens to it.

    Raises:
        HomeAssistantError: control is off, somebody else has it, or the plant cannot do it.
        ServiceValidationError: it is not taken; says why.

    """
    controller, settings = controller_of(runtime), runtime.settings.settings
    _refuse_without_control(controller, settings)
    if settings.mode != REMOTE_EMS:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_remote_ems")
    ability = controller.control.capabilities(settings.limits).abilities.get(dispatch.command.kind)
    rated_w = runtime.cycle.reading().state.rated_power_w
    try:
        check_dispatch(dispatch, controller.memory.lasting.dispatch, settings, utcnow(), rated_w)
    except DispatchRefusedError as err:
        raise not_dispatched(err.reason.code, dict(err.reason.values)) from err
    if ability is None or not ability.offered:
        raise refused((None if ability is None else ability.reason) or _NOT_SUPPORTED)
    if (code := controller.consent_missing(dispatch.command.kind)) is not None:
        raise refused(code)
    await controller.dispatch(dispatch)


async def async_cancel_dispatch(runtime: PlantRuntime, sender: str | None) -> None:
    """Take back what a third party wants; with a sender only what is theirs.

    Raises:
        ServiceValidationError: somebody else has dispatched.

    """
    controller = controller_of(runtime)
    running = controller.memory.lasting.dispatch
    if running is not None and sender is not None and running.sender != sender:
        raise not_dispatched("dispatch_taken", {"sender": running.sender})
    await controller.dispatch(None)


async def async_request(
    runtime: PlantRuntime, device: str, request: Request, value: float | None = None
) -> None:
    """Ask something of one device, and return once it was done.

    Raises:
        HomeAssistantError: we do not control the plant, or the device does not do it; says why.

    """
    controller = controller_of(runtime)
    if runtime.settings.settings.control is not ControlState.ON:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="control_not_on")
    if is_yielded(controller):
        raise refused(_SOMEONE_ELSE)
    try:
        applied = await controller.request(device, request, value)
    except CommandRefusedError as err:
        raise refused(err.code) from err
    if applied.outcome is not Outcome.CONFIRMED:
        raise refused(applied.code or _NOT_HELD)


def answer(runtime: PlantRuntime, reading: Reading, *, told: bool) -> JsonObjectType:
    """Tell what was decided, why, until when, and what the plant made of it.

    Raises:
        HomeAssistantError: nothing was decided; or the plant refused it, and nobody will be `told`.

    """
    if (view := reading.control) is None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="not_decided")
    if view.confidence is Confidence.REFUSED and not told:
        raise refused(view.code or _NOT_HELD)
    decision, override = view.decision, controller_of(runtime).memory.lasting.override
    command: dict[str, JsonValueType] | None = None
    if decision.command is not None:
        command = {name: _json(value) for name, value in decision.command.to_json().items()}
    return {
        "control": decision.control.value,
        "mode": decision.mode,
        "base_mode": decision.base_mode,
        "command": command,
        "state": command_state(view),
        "code": view.code,
        "reasons": [*as_attributes(decision.reasons)],
        "until": None if override is None or override.end is None else override.end.isoformat(),
    }


def _refuse_without_control(controller: Controller, settings: Settings) -> None:
    """Refuse what would have no effect: control is off, or somebody else has it."""
    if settings.control is ControlState.OFF:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="control_off")
    if is_yielded(controller):
        raise refused(_SOMEONE_ELSE)


def _refuse_not_offered(runtime: PlantRuntime, mode: str) -> None:
    """Refuse what would not be done: the plant cannot, or the owner has not agreed to what it risks."""
    needs = MODES[mode].needs
    code = not_offered(runtime, (mode,)).get(mode)
    if code is None and needs is not CommandKind.RELEASE:
        code = controller_of(runtime).consent_missing(needs)
    if code is not None:
        raise refused(code)


def _why(reason: Reason) -> str:
    return str(dict(reason.values).get("why") or _NOT_SUPPORTED)


def _no_such_override(reason: Reason, duration: timedelta) -> HomeAssistantError:
    """Name the field, the value and what is allowed."""
    values = dict(reason.values)
    if "target_pct" in values:
        return not_allowed("target_soc_pct", f"{values['target_pct']:g}", f"1 … {values['cutoff_pct']:g}")
    return not_allowed("duration", duration, _LONGEST)


def _json(value: object) -> str | float | None:
    return value if isinstance(value, str | int | float) else None
