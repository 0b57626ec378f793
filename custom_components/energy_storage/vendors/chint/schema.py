"""Checks JSON against the part of JSON Schema that profiles need; tells where it is wrong."""

from collections.abc import Iterable, Iterator, Mapping
import json
import re
from typing import Any

type Path = tuple[str | int, ...]
"""The way to a value: keys, and places in lists."""
type Rule = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "null": (type(None),),
}


class NotAllowedError(ValueError):
    """A value that may not stand where it does."""

    def __init__(self, path: Path, value: object, allowed: str) -> None:
        """Keep where it is, what it is, and what would be allowed."""
        super().__init__(f"{shown(path)}: {value!r} is not allowed; allowed is {allowed}")
        self.path, self.value, self.allowed = path, value, allowed


def shown(path: Path) -> str:
    """Write a way as people do: `rows[3].scale`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "the file"


def check(value: object, schema: Rule) -> None:
    """Check a whole document.

    Raises:
        NotAllowedError: with the first value that is wrong.

    """
    _check(value, schema, schema, ())


def _check(value: object, rule: Rule, whole: Rule, path: Path) -> None:
    rule = _resolved(rule, whole)
    if "anyOf" in rule:
        rules = [_resolved(each, whole) for each in rule["anyOf"]]
        fitting = next((each for each in rules if _is(value, each["type"])), None)
        if fitting is None:
            raise NotAllowedError(path, value, " or ".join(str(each["type"]) for each in rules))
        _check(value, fitting, whole, path)
        return
    if "type" in rule and not _is(value, rule["type"]):
        raise NotAllowedError(path, value, f"of type {rule['type']}")
    for allowed in _missed(value, rule):
        raise NotAllowedError(path, value, allowed)
    if isinstance(value, dict):
        for key, inner in _fields(value, rule, path):
            _check(value[key], inner, whole, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _check(item, rule.get("items", {}), whole, (*path, place))


def _resolved(rule: Rule, whole: Rule) -> Rule:
    if (name := rule.get("$ref")) is None:
        return rule
    resolved: Rule = whole["$defs"][str(name).rpartition("/")[2]]
    return resolved


def _is(value: object, kind: str) -> bool:
    # To Python, true is a number.
    return isinstance(value, _TYPES[kind]) and not isinstance(value, bool)


def _missed(value: object, rule: Rule) -> Iterator[str]:
    """Say what of a rule a single value misses."""
    if "enum" in rule and value not in rule["enum"]:
        yield "one of " + ", ".join(json.dumps(each, ensure_ascii=False) for each in rule["enum"])
    if isinstance(value, int | float):
        if not rule.get("minimum", value) <= value <= rule.get("maximum", value):
            yield f"{rule.get('minimum', 'less')} to {rule.get('maximum', 'more')}"
    elif isinstance(value, str):
        if not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value)):
            yield f"{rule.get('minLength', 0)} to {rule.get('maxLength', 'more')} characters"
        if "pattern" in rule and not re.fullmatch(rule["pattern"], value):
            yield f"a text like {rule['pattern']}"
    elif isinstance(value, list):
        least, most = rule.get("minItems", 0), rule.get("maxItems", "more")
        if not least <= len(value) <= rule.get("maxItems", len(value)):
            yield f"{least} items" if least == most else f"{least} to {most} items"


def _fields(value: Mapping[str, object], rule: Rule, path: Path) -> Iterable[tuple[str, Rule]]:
    """Give the rule of each field.

    Raises:
        NotAllowedError: one is missing, or is none of those that are known.

    """
    known, other = rule.get("properties", {}), rule.get("additionalProperties", {})
    for key in rule.get("required", ()):
        if key not in value:
            raise NotAllowedError(path, sorted(value), f"with the field {key}")
    for key in value:
        if key in known:
            yield key, known[key]
        elif other is False:
            raise NotAllowedError((*path, key), key, "one of " + ", ".join(known))
        else:
            yield key, other
