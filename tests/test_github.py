"""What GitHub reads: the forms for reports and the workflows."""

import os
from pathlib import Path
import re
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parent.parent
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
INPUTS = {"input", "textarea", "dropdown", "checkboxes"}


def questions(form: Path) -> list[dict[str, Any]]:
    """Give everything on a form that is filled in."""
    body: list[dict[str, Any]] = load_yaml_dict(str(form))["body"]
    return [each for each in body if each["type"] != "markdown"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_forms_are_built_as_github_reads_them(form: Path) -> None:
    """A form has a name, a description, and questions of known types with labels and ids of their own."""
    assert {"name", "description", "body"} <= load_yaml_dict(str(form)).keys()
    asked = questions(form)
    assert {each["type"] for each in asked} <= INPUTS
    assert all(each["attributes"]["label"] for each in asked)
    assert len({each["id"] for each in asked}) == len(asked)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_every_form_asks_for_diagnostics(form: Path) -> None:
    """A report can always become a test."""
    assert "diagnostics" in {each["id"] for each in questions(form)}


def test_a_bug_comes_with_diagnostics() -> None:
    """A bug report cannot be sent without the file."""
    asked = {each["id"]: each for each in questions(ROOT / ".github/ISSUE_TEMPLATE/1-bug.yml")}
    assert asked["diagnostics"]["validations"] == {"required": True}


def test_reports_use_a_form() -> None:
    """An empty page to write on is not offered."""
    config = load_yaml_dict(str(ROOT / ".github/ISSUE_TEMPLATE/config.yml"))
    assert config["blank_issues_enabled"] is False


def test_workflows_run_commands_that_exist() -> None:
    """Whatever a workflow runs of ours is there and executable."""
    commands = {
        command
        for workflow in WORKFLOWS
        for command in re.findall(r"^ +command: (script/\w+)", workflow.read_text(), flags=re.MULTILINE)
    }
    assert {"script/test", "script/demo"} <= commands
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)


def test_both_validators_look_at_every_push() -> None:
    """What Home Assistant and HACS demand is checked by their own actions."""
    workflow = load_yaml_dict(str(ROOT / ".github/workflows/validate.yml"))
    used = {step["uses"].partition("@")[0] for job in workflow["jobs"].values() for step in job["steps"]}
    assert {"home-assistant/actions/hassfest", "hacs/action"} <= used
