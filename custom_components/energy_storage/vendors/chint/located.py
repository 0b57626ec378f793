"""Reads JSON, and finds the line of a value: for people who have to mend what they wrote."""

import json
from typing import Any

import yaml

from .schema import Path


class NotJsonError(ValueError):
    """A text is not JSON."""

    def __init__(self, line: int, column: int, message: str) -> None:
        """Keep where, counted from 1."""
        super().__init__(message)
        self.line, self.column = line, column


class _TwiceError(ValueError):
    """A field stands twice in one object."""


def read_json(text: str) -> Any:
    """Read a document; numbers are finite and no field stands twice.

    Raises:
        NotJsonError: it is none.

    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as err:
        raise NotJsonError(err.lineno, err.colno, err.msg) from err
    except _TwiceError as err:
        raise NotJsonError(*_place_of_second(text, str(err)), f"the field {err} stands twice") from err
    except RecursionError as err:
        raise NotJsonError(1, 1, "nested too deeply") from err
    except ValueError as err:
        raise NotJsonError(1, 1, str(err)) from err


def place_of(text: str, path: Path) -> tuple[int, int]:
    """Give line and column of a value in JSON text, counted from 1; the nearest there is above it."""
    node = _compose(text)
    for part in path:
        if node is None or (inner := _inner(node, part)) is None:
            break
        node = inner
    return (1, 1) if node is None else _start(node)


def _compose(text: str) -> yaml.Node | None:
    """Read JSON as YAML, which it is but for tabs between its parts; None where even that fails."""
    try:
        return yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader)
    except yaml.YAMLError, RecursionError:
        return None


def _start(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _inner(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    return None


def _place_of_second(text: str, name: str) -> tuple[int, int]:
    waiting = [node for node in (_compose(text),) if node is not None]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key for key, _ in node.value if key.value == name]
            if len(keys) > 1:
                return _start(keys[1])
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return 1, 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
