"""Profiles are checked against their schema: what is wrong is named, where it is, and what is allowed."""

from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.energy_storage.vendors.chint.schema import NotAllowedError, Path, check, shown
from custom_components.energy_storage.vendors.chint.shipped import SCHEMA

RULE: Mapping[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "[a-z]+", "minLength": 2, "maxLength": 4},
        "size": {"type": "number", "minimum": 1, "maximum": 5},
        "kind": {"type": "string", "enum": ["one", "two"]},
        "words": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"$ref": "#/$defs/word"}},
        "sign": {"anyOf": [{"type": "integer", "enum": [1, -1]}, {"type": "null"}]},
        "codes": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "$defs": {"word": {"type": "integer"}},
}


@pytest.mark.parametrize(
    "good",
    [
        {"name": "ab"},
        {"name": "abcd", "size": 1, "kind": "two", "words": [7, 0], "codes": {"anything": "x"}},
        {"name": "ab", "size": 4.5, "sign": None},
        {"name": "ab", "sign": -1},
    ],
)
def test_what_is_allowed_passes(good: object) -> None:
    """Without a word."""
    check(good, RULE)


@pytest.mark.parametrize(
    ("bad", "path", "allowed"),
    [
        ([], (), "of type object"),
        ({}, (), "with the field name"),
        ({"name": "ab", "nmae": 1}, ("nmae",), "one of name, size"),
        ({"name": 7}, ("name",), "of type string"),
        ({"name": "a"}, ("name",), "2 to 4 characters"),
        ({"name": "AB"}, ("name",), "[a-z]+"),
        ({"name": "ab", "size": 0}, ("size",), "1 to 5"),
        ({"name": "ab", "size": 5.01}, ("size",), "1 to 5"),
        ({"name": "ab", "size": True}, ("size",), "of type number"),
        ({"name": "ab", "kind": "three"}, ("kind",), 'one of "one", "two"'),
        ({"name": "ab", "words": []}, ("words",), "1 to 2 items"),
        ({"name": "ab", "words": [1, 2, 3]}, ("words",), "1 to 2 items"),
        ({"name": "ab", "words": [1, 2.5]}, ("words", 1), "of type integer"),
        ({"name": "ab", "sign": 2}, ("sign",), "one of 1, -1"),
        ({"name": "ab", "sign": "up"}, ("sign",), "integer or null"),
        ({"name": "ab", "codes": {"x": 1}}, ("codes", "x"), "of type string"),
    ],
)
def test_what_is_not_allowed_is_named(bad: object, path: Path, allowed: str) -> None:
    """With the way to it and what may stand there."""
    with pytest.raises(NotAllowedError) as caught:
        check(bad, RULE)
    assert caught.value.path == path
    assert allowed in caught.value.allowed


def test_a_way_is_shown_as_people_write_it() -> None:
    """A list's place in brackets, fields by dots."""
    assert shown(("rows", 3, "scale")) == "rows[3].scale"
    assert shown(()) == "the file"


def rules(rule: object) -> list[Mapping[str, Any]]:
    """Give every rule in a schema."""
    if isinstance(rule, list):
        return [inner for each in rule for inner in rules(each)]
    if not isinstance(rule, Mapping):
        return []
    return [rule, *(inner for each in rule.values() for inner in rules(each))]


def test_the_schema_says_nothing_that_is_not_checked() -> None:
    """A keyword that the checker does not know would promise editors what nobody holds."""
    known = {
        "$schema",
        "$ref",
        "$defs",
        "title",
        "description",
        "type",
        "enum",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "minItems",
        "maxItems",
        "anyOf",
    }
    maps = {id(rule[key]) for rule in rules(SCHEMA) for key in ("properties", "$defs") if key in rule}
    assert {key for rule in rules(SCHEMA) if id(rule) not in maps for key in rule} <= known
