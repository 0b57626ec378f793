"""Whole days in closed loop: every file of `tests/scenarios/` goes as it says; the format is documented."""

from copy import deepcopy
import json
from pathlib import Path
import re
import struct
from typing import Any
import zlib

import pytest

from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.reasons import REASONS
from script.scenario_runner import plot, report
from script.scenario_runner.__main__ import main
from script.scenario_runner.link import PRESETS, Link
from script.scenario_runner.loop import run
from script.scenario_runner.scenario import EVENTS, read, scenario_of
from script.scenario_runner.schema import ScenarioError, load_schema
from script.scenario_runner.vendors import VENDORS

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tests" / "scenarios").glob("*.json"))
SCHEMA = load_schema()
DOC = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
SMALL: dict[str, Any] = {
    "story": "A quarter of an hour.",
    "start": "2026-03-02T12:00",
    "hours": 0.25,
    "load": 500,
    "events": [{"at": "12:05", "settings": {"mode": "standby"}}],
    "plant": {"backup_supply": False},
    "expect": [{"between": ["12:06", "12:15"], "command": "idle"}],
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_goes_as_it_says(path: Path) -> None:
    """Each expectation of the story is met."""
    scenario = read(path)
    trace = run(scenario, report.registers_wanted(scenario))
    failures = [text for verdict in report.judge(scenario, trace) for text in verdict.failures]
    assert not failures, "\n".join(failures)


def test_there_are_many_stories() -> None:
    """Those of the manuals and those of the field, each told once, in a sentence."""
    stories = [json.loads(path.read_text(encoding="utf-8"))["story"] for path in FILES]
    assert len(FILES) >= 50
    assert len(set(stories)) == len(stories)
    assert all(story.endswith(".") for story in stories)


def test_every_mode_has_its_story() -> None:
    """But for the one that no plant offers yet."""
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert [mode for mode in MODES if f'"{mode}"' not in text] == ["off_grid"]


def test_stories_expect_reasons_that_exist() -> None:
    """A slip of the pen in what must never be seen would go unnoticed."""
    for path in FILES:
        for row in json.loads(path.read_text(encoding="utf-8"))["expect"]:
            named = {*row.get("reasons_seen", ()), *row.get("reasons_never", ())}
            assert named <= set(REASONS), path.name


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hours": "x"}, "hours"),
        ({"hours": 0}, "hours"),
        ({"hour": 1}, "hour"),
        ({"start": "noon"}, "start"),
        ({"start": "2026-13-01T00:00"}, "start"),
        ({"zone": "Europe/Nowhere"}, "start"),
        ({"plant": {"soc_pct": 101}}, "plant.soc_pct"),
        ({"plant": {"vendor": "acme"}}, "plant.vendor"),
        ({"plant": {"vendor": "instagen", "app_mode": 1}}, "plant.app_mode"),
        ({"plant": {"battery_mode": 2}}, "plant.battery_mode"),
        (
            {
                "plant": {"vendor": "instagen"},
                "events": [{"at": "12:05", "fault": {"kind": "vpp", "for_min": 5}}],
            },
            "events[0].fault.kind",
        ),
        ({"link": "string"}, "link"),
        ({"link": True}, "link"),
        ({"link": {"poll_s": 0}}, "link.poll_s"),
        ({"settings": {"mode": "party"}}, "settings.mode"),
        ({"settings": {"colour": 1}}, "settings.colour"),
        ({"load": [{"constant": -1}]}, "load[0].constant"),
        (
            {"documents": {"shaving": [{"start": "25:00", "end": "26:00"}]}},
            "documents.shaving.windows[0].start",
        ),
        ({"events": [{"at": "12:05"}]}, "events[0]"),
        ({"events": [{"at": "13:05", "grid": "lost"}]}, "events[0].at"),
        ({"events": [{"at": "12:05", "grid": "gone"}]}, "events[0].grid"),
        ({"expect": []}, "expect"),
        ({"expect": [{"soc_pct": [1]}]}, "expect[0].soc_pct"),
        ({"expect": [{"socs": [1, 2]}]}, "expect[0].socs"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    """With its value and what is allowed there."""
    with pytest.raises(ScenarioError) as caught:
        scenario_of(deepcopy(SMALL) | change)
    assert caught.value.field == field


def test_an_expectation_that_is_not_met_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status tells it, and the line says what came instead."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(SMALL), encoding="utf-8")
    wrong = [
        {"command": "charge"},
        {"soc_pct": [0, 10]},
        {"import_wh": [5000, 6000]},
        {"reasons_seen": ["off_grid"]},
        {"reasons_never": ["standby"]},
        {"writes": [0, 0]},
        {"never_written": ["remote_ems_enable"]},
        {"refused": ["dispatch_taken"]},
        {"dark_s": [1, 2]},
        {"fuse_over_s": [1, 2]},
        {"at": "12:14", "registers": {"remote_ems_enable": 0}},
    ]
    bad.write_text(json.dumps(SMALL | {"expect": wrong}), encoding="utf-8")
    assert main([str(good)]) == 0
    assert main(["--quiet", str(good), str(bad)]) == 1
    told = capsys.readouterr().out
    assert told.count("NOT MET") == len(wrong)
    assert "standby: idle because standby" in told


def test_json_holds_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL), encoding="utf-8")
    assert main(["--json", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["turns"][-1]["command"] == {"kind": "idle"}
    assert len(told["samples"]["grid_w"]) == len(told["samples"]["at_s"]) >= 180
    assert told["writes"][0]["name"] == "ess_discharge_cutoff_soc"
    assert told["expectations"][0]["failures"] == []


def test_the_same_file_gives_the_same_story() -> None:
    """All chance is seeded."""
    document = SMALL | {"link": "sigen_lossy", "load": [{"household": {"seed": 3}}]}
    one, other = (run(scenario_of(document)) for _ in range(2))
    assert (one.samples, one.turns, one.writes) == (other.samples, other.turns, other.writes)


def test_a_plot_is_a_picture() -> None:
    """A PNG with as many dots as its head says, and not only white ones."""
    scenario = scenario_of(SMALL)
    image = plot.png(scenario, run(scenario))
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", image[16:24])
    length = struct.unpack(">I", image[33:37])[0]
    dots = zlib.decompress(image[41 : 41 + length])
    assert len(dots) == height * (1 + 3 * width)
    assert len(set(dots)) > 5


def test_schema_and_runner_know_the_same() -> None:
    """Vendors, presets, numbers of a link, and events."""
    definitions = SCHEMA["$defs"]
    assert SCHEMA["properties"]["plant"]["properties"]["vendor"]["enum"] == list(VENDORS)
    assert definitions["preset"]["enum"] == list(PRESETS)
    assert set(definitions["link"]["properties"]) == {"preset", *Link.__dataclass_fields__}
    assert set(definitions["event"]["properties"]) == {"at", *EVENTS}


def test_the_document_names_every_field() -> None:
    """Whoever writes a scenario finds all of it."""
    definitions = SCHEMA["$defs"]
    wanted = [SCHEMA, SCHEMA["properties"]["plant"], SCHEMA["properties"]["connection"]]
    wanted += [definitions[name] for name in ("link", "documents", "event", "expectation")]
    wanted.append(definitions["series"]["items"])
    names = {name for rule in wanted for name in rule["properties"]} | set(PRESETS)
    assert sorted(name for name in names if f"`{name}`" not in DOC) == []


def test_the_example_of_the_document_runs() -> None:
    """It is a whole scenario, and goes as it says."""
    found = re.search(r"```json\n(.+?)```", DOC, re.DOTALL)
    assert found
    scenario = scenario_of(json.loads(found[1]))
    verdicts = report.judge(scenario, run(scenario, report.registers_wanted(scenario)))
    assert not [verdict for verdict in verdicts if verdict.failures]
