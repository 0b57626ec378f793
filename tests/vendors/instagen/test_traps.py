"""Every trap of an Instagen plant has an id, a simulator that sets it, and a test that falls into it."""

import ast
import csv
from dataclasses import fields
from pathlib import Path

import pytest

from tests.simulators.instagen import InstagenConfig
from tests.simulators.instagen_faults import INSTAGEN_FAULTS
from tests.simulators.plant import PlantConfig

TESTS = Path(__file__).parents[2]
with (Path(__file__).parent / "traps.csv").open(encoding="utf-8", newline="") as file:
    TRAPS = tuple(csv.DictReader(file))
LAST_SECTION = 12
ABOUT_READING = {"2", "3", "4", "7", "10"}
ABOUT_WRITING = {"5", "6", "8"}


def test_ids_are_unique() -> None:
    """One id a trap, short enough to be said."""
    ids = [trap["id"] for trap in TRAPS]
    assert len(ids) == len(set(ids))
    assert all(name == name.lower() and " " not in name for name in ids)


def test_every_section_has_traps() -> None:
    """Of the fact file, as far as it is about reading or writing."""
    assert {trap["section"] for trap in TRAPS} >= ABOUT_READING | ABOUT_WRITING
    assert all(1 <= int(trap["section"]) <= LAST_SECTION for trap in TRAPS)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: str(trap["id"]))
def test_a_trap_has_its_test(trap: dict[str, str]) -> None:
    """In the file that the row names, under that name."""
    path, _, name = trap["test"].partition("::")
    body = ast.parse((TESTS / path).read_text(encoding="utf-8")).body
    assert name in {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: str(trap["id"]))
def test_a_trap_has_its_simulator(trap: dict[str, str]) -> None:
    """A fault, a setting of the stick or of the plant, or what it always does."""
    kind, _, name = trap["simulator"].partition(":")
    match kind:
        case "fault":
            assert name in INSTAGEN_FAULTS
        case "config":
            assert name in {field.name for field in fields(InstagenConfig)}
        case "plant":
            assert name in {field.name for field in fields(PlantConfig)}
        case _:
            assert (kind, name) == ("always", "")
