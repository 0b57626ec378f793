"""The benchmarks give figures; how large they are is for people to judge."""

import json
from pathlib import Path
import subprocess
import sys

import pytest

from script.benchmarks.__main__ import main
from script.benchmarks.figures import Figure, table

ROOT = Path(__file__).parents[1]


def test_cheap_parts_give_figures_in_json() -> None:
    """Counting entities, reading over a fast link and deciding print what was measured, part by part."""
    command = [
        *(sys.executable, "-m", "script.benchmarks", "entities", "link", "engine", "control"),
        *("--delays", "0", "--spacings", "0.01", "--json"),
    ]
    done = subprocess.run(  # noqa: S603  our own command
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found) == ["entities", "link", "engine", "control"]
    entities = {figure["name"]: figure["value"] for figure in found["entities"]}
    assert 0 < entities["one inverter: enabled"] <= entities["one inverter: registered"]
    large = "two inverters, AC and DC charger: registered"
    assert entities["one inverter: registered"] < entities[large]
    link = {(figure["name"].rpartition(": ")[2], figure["unit"]): figure["value"] for figure in found["link"]}
    assert 0 < link["set-up", "requests"] < link["first full read", "requests"]
    assert link["fast poll", "requests"] > 0
    assert 0 < link["fast poll", "s"] < link["first full read", "s"]
    step_us, cycle_ms = (figure["value"] for part in ("engine", "control") for figure in found[part][:1])
    assert 0 < step_us / 1000 < cycle_ms


def test_goal_stands_beside_its_figure() -> None:
    """A table for people shows number, unit, goal and note, and passes no verdict."""
    figures = [
        Figure(name="rows", value=1600, unit="rows", goal=1500, note="from 9:00"),
        Figure(name="read", value=0.25, unit="s"),
    ]
    assert [line.split() for line in table("rows", figures).splitlines()] == [
        ["rows:"],
        ["rows", "1600", "rows", "(goal:", "at", "most", "1500)", "from", "9:00"],
        ["read", "0.25", "s"],
    ]


def test_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing mistake names the parts that there are."""
    with pytest.raises(SystemExit):
        main(["lnik"])
    assert "'lnik' is none of link, loop, engine, control, memory, rows, entities" in capsys.readouterr().err
