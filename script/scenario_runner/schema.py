"""Checks a document against the part of JSON Schema that scenarios need; names what is wrong."""

from collections.abc import Mapping
import json
from pathlib import Path
import re
from typing import Any

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "scenario.schema.json"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


class ScenarioError(ValueError):
    """A scenario that makes no sense; names the field, the value and what is allowed there."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        """Keep what is needed to tell whoever wrote it."""
        super().__init__(f"{field or 'the document'}: {value!r} is not allowed; allowed is {allowed}")
        self.field, self.value, self.allowed = field, value, allowed


def load_schema() -> dict[str, Any]:
    """Read the schema."""
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def check(value: Any, rule: Mapping[str, Any], whole: Mapping[str, Any], where: str = "") -> None:
    """Check a value against a rule of the schema.

    Raises:
        ScenarioError: with the first field that is wrong.

    """
    rule = _resolved(rule, whole)
    if "anyOf" in rule:
        rules = [_resolved(each, whole) for each in rule["anyOf"]]
        fitting = next((each for each in rules if _is(value, each.get("type"))), None)
        if fitting is None:
            raise ScenarioError(where, value, " or ".join(str(each.get("type")) for each in rules))
        return check(value, fitting, whole, where)
    if not _is(value, rule.get("type")):
        raise ScenarioError(where, value, f"of type {rule['type']}")
    _check_value(value, rule, where)
    if isinstance(value, dict):
        _check_fields(value, rule, whole, where)
    if isinstance(value, list):
        if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
            raise ScenarioError(where, value, f"{rule.get('minItems', 0)} to {rule.get('maxItems')} items")
        for number, item in enumerate(value):
            check(item, rule.get("items", {}), whole, f"{where}[{number}]")
    return None


def _check_value(value: Any, rule: Mapping[str, Any], where: str) -> None:
    if "enum" in rule and value not in rule["enum"]:
        raise ScenarioError(where, value, ", ".join(map(str, rule["enum"])))
    if "pattern" in rule and not re.fullmatch(rule["pattern"], value):
        raise ScenarioError(where, value, rule.get("description", rule["pattern"]))
    low, high = rule.get("minimum"), rule.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ScenarioError(where, value, f"{'' if low is None else low} to {'' if high is None else high}")


def _check_fields(
    value: dict[str, Any], rule: Mapping[str, Any], whole: Mapping[str, Any], where: str
) -> None:
    known: Mapping[str, Any] = rule.get("properties", {})
    dot = f"{where}." if where else ""
    for name in rule.get("required", ()):
        if name not in value:
            raise ScenarioError(f"{dot}{name}", None, "required")
    for name, field in value.items():
        if name in known:
            check(field, known[name], whole, f"{dot}{name}")
        elif rule.get("additionalProperties") is False:
            raise ScenarioError(f"{dot}{name}", field, f"no such field; fields: {', '.join(known)}")


def _resolved(rule: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in rule:
        rule = whole["$defs"][rule["$ref"].removeprefix("#/$defs/")]
    return rule


def _is(value: object, kind: str | list[str] | None) -> bool:
    if kind is None:
        return True
    kinds = [kind] if isinstance(kind, str) else kind
    if isinstance(value, bool):
        return "boolean" in kinds
    return any(isinstance(value, _TYPES[each]) for each in kinds)
