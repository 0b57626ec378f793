"""The writes that start, stop and limit the chargers of a Sigen plant; no I/O."""

from collections.abc import Callable, Mapping
import math

from ...engine.plant import DeviceKind
from ..control import Request, Span
from ..write import CommandRefusedError, RegisterWrite
from .write_guards import (
    LEAST_CHARGER_A,
    LEAST_DC_CHARGER_W,
    Refusal,
    at_least,
    make_write,
    within_rating,
)

_STEPS_PER_A = 100
_TOLERANCE = 1e-6


def charger_requests(
    kind: DeviceKind, number: Callable[[str], float | None]
) -> Mapping[Request, Span | None]:
    """Give what can be asked of a charger, whose registers `number` reads; nothing of anything else."""
    match kind:
        case DeviceKind.AC_CHARGER:
            held, high = number("output_current_limit"), _bearable_a(number)
            return _requests(Request.LIMIT_CURRENT, LEAST_CHARGER_A, high, held)
        case DeviceKind.DC_CHARGER:
            held, high = number("max_charge_power_limit"), number("rated_charge_power")
            return _requests(Request.LIMIT_POWER, LEAST_DC_CHARGER_W, high, held)
    return {}


def _requests(
    limit: Request, low: float, high: float | None, held: float | None
) -> Mapping[Request, Span | None]:
    """Leave the limit out while it, or what the charger bears, is unknown."""
    switched: dict[Request, Span | None] = {Request.START: None, Request.STOP: None}
    if held is None or high is None or high < low:
        return switched
    return switched | {limit: Span(low=low, high=high, now=held)}


def _bearable_a(number: Callable[[str], float | None]) -> float | None:
    """Give what charger and breaker bear; None while one of the two is unknown."""
    rated_a, breaker_a = number("rated_current"), number("input_breaker_rated_current")
    return None if rated_a is None or breaker_a is None else min(rated_a, breaker_a)


def start_plan(kind: DeviceKind, device: str) -> tuple[RegisterWrite, ...]:
    """Start a charger. After a stop at the car or in the app it takes a new start."""
    return (make_write(kind, device, "charging_start_stop", "start", "start"),)


def stop_plan(kind: DeviceKind, device: str) -> tuple[RegisterWrite, ...]:
    """Stop a charger."""
    return (make_write(kind, device, "charging_start_stop", "stop", "stop"),)


def current_plan(
    device: str, current_a: float, held_a: float | None, rated_a: float | None, breaker_a: float | None
) -> tuple[RegisterWrite, ...]:
    """Limit an AC charger: from 6 A up to what charger and breaker bear, rounded down.

    Raises:
        CommandRefusedError: it is less than 6 A, for which there is stopping, or nobody knows what they bear.

    """
    bearable_a = min(within_rating(math.inf, rated_a), within_rating(math.inf, breaker_a))
    amps = at_least(min(current_a, bearable_a), LEAST_CHARGER_A)
    steps = math.floor(amps * _STEPS_PER_A + _TOLERANCE)
    if held_a is not None and steps == round(held_a * _STEPS_PER_A):
        return ()
    value = steps / _STEPS_PER_A
    return (make_write(DeviceKind.AC_CHARGER, device, "output_current_limit", value, "charger_limit"),)


def dc_power_plan(
    device: str, power_w: float, held_w: float | None, rated_w: float | None
) -> tuple[RegisterWrite, ...]:
    """Limit a DC charger: from 1 kW up to its rating, rounded down; never 0, at which a car latches a fault.

    Raises:
        CommandRefusedError: it is less, for which there is stopping, or the firmware has no such limit.

    """
    if not rated_w:
        raise CommandRefusedError(Refusal.NOT_SUPPORTED)
    watts = float(math.floor(at_least(min(power_w, rated_w), LEAST_DC_CHARGER_W)))
    if watts == held_w:
        return ()
    return (make_write(DeviceKind.DC_CHARGER, device, "max_charge_power_limit", watts, "charger_limit"),)
