"""The list of everything that a decision can give as its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

from custom_components.energy_storage import engine
from custom_components.energy_storage.engine.command import Limit
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.reasons import REASONS, REFUSALS

_TAKES_A_NAME = ("charge", "discharge")
"""What of `Narrowing` names the limit that may stay unheld."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the engine, with the name of what is called."""
    for path in Path(engine.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node


def constants(*nodes: ast.expr) -> set[str]:
    """Give those that are plain texts."""
    return {str(node.value) for node in nodes if isinstance(node, ast.Constant)}


def given() -> set[str]:
    """Every code that is written out somewhere in the engine."""
    codes: set[str] = set()
    for name, call in calls():
        if name == "Reason":
            codes |= constants(call.args[0])
        elif name == "FuseRoom":
            codes |= constants(*(word.value for word in call.keywords if word.arg == "code"))
    return codes


def unheld() -> set[str]:
    """Every limit that an earlier one may leave unheld."""
    named = (
        constants(call.args[1])
        for name, call in calls()
        if name in {f"narrow.{flow}" for flow in _TAKES_A_NAME}
    )
    return {*Limit, *set[str]().union(*named)}


def test_every_reason_is_listed() -> None:
    """And no code is left of a reason that nobody gives any more."""
    assert "discharge_cutoff" in given()
    put_together = {f"cannot_hold_{limit}" for limit in unheld()}
    assert given() | put_together == {*REASONS, *REFUSALS}


def test_every_code_is_listed_once() -> None:
    """It stands for one thing."""
    assert len({*REASONS, *REFUSALS}) == len(REASONS) + len(REFUSALS)


def test_every_mode_gives_its_own_name_as_its_reason() -> None:
    """So that a reason which is no mode has changed something."""
    assert set(MODES) <= set(REASONS)
