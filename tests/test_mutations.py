"""`script/mutate` can take every guard away that it lists, and it lists one for every trap about control."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

from script.mutate_guards import CODE, ROOT, Mutation, main, mutations

TESTS = Path(__file__).parent
MUTATIONS = mutations()
CONTROL: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "sigen": (
        frozenset({"11", "13", "15", "16"}),
        ("abilities", "charger_plan", "plan", "plan_on_plant", "prefix", "write_guards"),
    ),
    "instagen": (
        frozenset({"5", "6"}),
        ("behaviour", "control", "control_wire", "plan", "prefix", "record", "schedule", "watch"),
    ),
    "chint": (frozenset({"3", "6"}), ("control", "plan", "prefix", "record")),
}
"""Vendor → the sections of its facts that are about control, and its tests about what is written."""


def traps(vendor: str) -> list[dict[str, str]]:
    """Give the traps of a vendor that are about what we write."""
    sections, names = CONTROL[vendor]
    writing = {f"vendors/{vendor}/test_{name}.py" for name in names}
    with (TESTS / "vendors" / vendor / "traps.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["section"] in sections or row["test"].partition("::")[0] in writing]


@cache
def source(file: str) -> str:
    """Give a file of the integration."""
    return (ROOT / CODE / file).read_text(encoding="utf-8")


@cache
def functions_of(path: str) -> set[str]:
    """Give the names of the functions in a test file."""
    body = ast.parse((TESTS / path).read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def fault_of(mutation: Mutation) -> str | None:
    """Tell why a mutation cannot be tried; None when it can."""
    path, _, name = mutation.test.partition("::")
    try:
        ast.parse(mutation.applied_to(source(mutation.file)))
    except (ValueError, SyntaxError) as err:
        return f"{mutation.id}: {err}"
    if mutation.old == mutation.new:
        return f"{mutation.id}: nothing changes"
    if name.partition("[")[0] not in functions_of(path):
        return f"{mutation.id}: there is no {mutation.test}"
    return None


def test_every_mutation_can_be_tried() -> None:
    """Its guard is there once, what stands without it is other code that parses, and its test exists."""
    assert [fault for mutation in MUTATIONS if (fault := fault_of(mutation))] == []


def test_ids_are_unique() -> None:
    """One id a mutation, short enough to be typed."""
    ids = [mutation.id for mutation in MUTATIONS]
    assert sorted(ids) == sorted(set(ids))
    assert all(name == name.lower() and " " not in name for name in ids)


@pytest.mark.parametrize("vendor", sorted(CONTROL))
def test_every_trap_about_control_has_its_guard_removed(vendor: str) -> None:
    """By at least one mutation that is named after it."""
    named = {mutation.id.partition("/")[0] for mutation in MUTATIONS}
    assert traps(vendor)
    assert [trap["id"] for trap in traps(vendor) if trap["id"] not in named] == []


def test_the_list_shows_what_would_run(capsys: pytest.CaptureFixture[str]) -> None:
    """A name stands for all ids that begin with it."""
    assert main(["--list", "battery-first", "charger-starts"]) == 0
    shown = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert "battery-first-stops-pv" in shown
    assert all(name.startswith(("battery-first", "charger-starts")) for name in shown)


def test_a_name_that_names_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error is not taken for success."""
    assert main(["no-such-guard"]) == 2
    assert "no-such-guard" in capsys.readouterr().err
