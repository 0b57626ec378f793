"""Every trap of a Sigen plant has an id, a simulator that sets it, and a test that falls into it."""

import ast
import csv
from dataclasses import fields
from pathlib import Path

import pytest

from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig
from tests.simulators.sigen_faults import SIGEN_FAULTS
from tests.simulators.sigen_map import spc_number

TESTS = Path(__file__).parents[2]
with (Path(__file__).parent / "traps.csv").open(encoding="utf-8", newline="") as file:
    TRAPS = tuple(csv.DictReader(file))
LAST_SECTION = 21
CONTROL = {"11", "13", "15", "16"}


def test_ids_are_unique() -> None:
    """One id a trap, short enough to be said."""
    ids = [trap["id"] for trap in TRAPS]
    assert len(ids) == len(set(ids))
    assert all(name == name.lower() and " " not in name for name in ids)


def test_every_section_about_writing_has_traps() -> None:
    """Of the fact file."""
    assert {trap["section"] for trap in TRAPS} >= CONTROL
    assert all(1 <= int(trap["section"]) <= LAST_SECTION for trap in TRAPS)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: str(trap["id"]))
def test_a_trap_has_its_test(trap: dict[str, str]) -> None:
    """In the file that the row names, under that name."""
    path, _, name = trap["test"].partition("::")
    body = ast.parse((TESTS / path).read_text(encoding="utf-8")).body
    assert name in {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: str(trap["id"]))
def test_a_trap_has_its_simulator(trap: dict[str, str]) -> None:
    """A fault, a setting of the plant, a firmware, or what it always does."""
    kind, _, name = trap["simulator"].partition(":")
    match kind:
        case "fault":
            assert name in SIGEN_FAULTS
        case "config":
            assert name in {field.name for field in fields(SigenConfig)}
        case "plant":
            assert name in {field.name for field in fields(PlantConfig)}
        case "firmware":
            assert spc_number(name)
        case _:
            assert (kind, name) == ("always", "")
