"""A battery command as JSON on the command line; what is wrong with it is said field by field."""

from collections.abc import Mapping
import json
import math

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.vendors.control import DeviceLimits

_MOST_PERCENT = 100.0
_MOST_W = 100_000.0
_FIELDS: Mapping[CommandKind, tuple[str, ...]] = {
    CommandKind.SELF_CONSUME: ("max_charge_w", "max_discharge_w"),
    CommandKind.HOLD: ("max_charge_w",),
    CommandKind.IDLE: (),
    CommandKind.CHARGE: ("power_w", "target_soc_pct", "grid_allowed"),
    CommandKind.DISCHARGE: ("power_w", "floor_soc_pct"),
    CommandKind.SHAVE: ("max_import_w", "floor_soc_pct"),
    CommandKind.FEED_IN: ("export_limit_w", "floor_soc_pct"),
    CommandKind.ISLAND: (),
    CommandKind.RELEASE: (),
}
_NEEDED: Mapping[CommandKind, tuple[str, ...]] = {CommandKind.SHAVE: ("max_import_w",)}
_LIMITS: Mapping[str, Limit] = {limit.value: limit for limit in Limit if limit is not Limit.MAIN_FUSE}
"""The main fuse is missing: no device holds it by itself."""


class CommandSyntaxError(Exception):
    """The text is no command."""


def parse(text: str) -> BatteryCommand:
    """Read a command. Charging without the grid is `hold`, for only the sun is left.

    Raises:
        CommandSyntaxError: with a sentence that names the field.

    """
    found = _object(text, '{"command": …}')
    kind = _kind(found.pop("command", None))
    known = _FIELDS[kind]
    for name in found:
        if name not in known:
            has = ", ".join(known) or "none"
            raise CommandSyntaxError(f"{name}: {kind} has no such field; its fields: {has}")
    for name in _NEEDED.get(kind, ()):
        if found.get(name) is None:
            raise CommandSyntaxError(f"{name}: {kind} needs it")
    grid_allowed = found.pop("grid_allowed", True)
    if not isinstance(grid_allowed, bool):
        raise CommandSyntaxError("grid_allowed: expected true or false")
    numbers = {name: _number(name, value) for name, value in found.items()}
    if not grid_allowed:
        return BatteryCommand(kind=CommandKind.HOLD, max_charge_w=numbers.get("power_w"))
    return BatteryCommand(
        kind=kind,
        max_charge_w=numbers.get("max_charge_w"),
        max_discharge_w=numbers.get("max_discharge_w"),
        power_w=numbers.get("power_w"),
        target_soc_pct=numbers.get("target_soc_pct"),
        floor_soc_pct=numbers.get("floor_soc_pct"),
        max_import_w=numbers.get("max_import_w"),
        export_limit_w=numbers.get("export_limit_w"),
    )


def parse_limits(text: str) -> DeviceLimits:
    """Read limits that the device shall hold by itself.

    Raises:
        CommandSyntaxError: with a sentence that names the field.

    """
    found = _object(text, '{"export": …}')
    for name in found:
        if name not in _LIMITS:
            raise CommandSyntaxError(f"{name}: no such limit; one of: {', '.join(_LIMITS)}")
    numbers = {limit: _number(name, found[name]) for name, limit in _LIMITS.items() if name in found}
    named = {limit: value for limit, value in numbers.items() if value is not None}
    for limit, value in named.items():
        most = _MOST_W if limit in (Limit.EXPORT, Limit.IMPORT) else _MOST_PERCENT
        if value > most:
            raise CommandSyntaxError(f"{limit}: {value:g} is more than {most:g}")
    return named


def shown(command: BatteryCommand) -> str:
    """Say a command in one line, in the words that `parse` takes."""
    numbers = {name: value for name, value in command.to_json().items() if name != "kind"}
    return ", ".join([command.kind, *(f"{name} {value:g}" for name, value in numbers.items())])


def _object(text: str, example: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as err:
        raise CommandSyntaxError(f"not JSON: {err.msg} at character {err.pos + 1}") from err
    if not isinstance(found, dict):
        raise CommandSyntaxError(f"not a JSON object: expected {example}")
    return found


def _kind(name: object) -> CommandKind:
    if isinstance(name, str) and name in {kind.value for kind in CommandKind}:
        return CommandKind(name)
    shown = "missing" if name is None else f"{json.dumps(name)} is unknown"
    raise CommandSyntaxError(f"command: {shown}; one of: {', '.join(CommandKind)}")


def _number(name: str, value: object) -> float | None:
    """Take watts or percent, or null for no limit."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CommandSyntaxError(f"{name}: expected a number, not {json.dumps(value)}")
    if value < 0:
        raise CommandSyntaxError(f"{name}: {value} is less than 0")
    if name.endswith("_pct") and value > _MOST_PERCENT:
        raise CommandSyntaxError(f"{name}: {value} is more than 100")
    return value
