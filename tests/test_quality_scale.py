"""Holds our own audit to account: every rule is listed, and what is done has its evidence."""

import ast
from collections.abc import Callable, Iterator
import json
from pathlib import Path
import re

from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components/energy_storage"
README = (ROOT / "README.md").read_text()
PLATFORMS = ("binary_sensor", "button", "calendar", "event", "number", "select", "sensor", "switch")

BRONZE = """
    action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage
    dependency-transparency docs-actions docs-conditions docs-high-level-description
    docs-installation-instructions docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
    has-entity-name runtime-data test-before-configure test-before-setup unique-config-entry
"""
SILVER = """
    action-exceptions config-entry-unloading docs-configuration-parameters docs-installation-parameters
    entity-unavailable integration-owner log-when-unavailable parallel-updates reauthentication-flow
    test-coverage
"""
GOLD = """
    devices diagnostics discovery discovery-update-info docs-data-update docs-examples docs-known-limitations
    docs-supported-devices docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
    entity-category entity-device-class entity-disabled-by-default entity-translations exception-translations
    icon-translations reconfiguration-flow repair-issues stale-devices
"""
PLATINUM = "async-dependency inject-websession strict-typing"
RULES = f"{BRONZE} {SILVER} {GOLD} {PLATINUM}".split()

AUDIT: dict[str, str | dict[str, str]] = load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))["rules"]


def _status(rule: str) -> str:
    entry = AUDIT[rule]
    return entry if isinstance(entry, str) else entry["status"]


def _tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module}.py").read_text())


def _modules() -> Iterator[ast.Module]:
    for path in PACKAGE.rglob("*.py"):
        yield ast.parse(path.read_text())


def _functions(module: str) -> dict[str, ast.AsyncFunctionDef | ast.FunctionDef]:
    nodes = ast.walk(_tree(module))
    return {node.name: node for node in nodes if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}


def _calls(tree: ast.AST) -> set[str]:
    """Names of everything called in a piece of code."""
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }


def _assigned(tree: ast.AST) -> set[str]:
    """Names of everything that is given a value, by `=` or as a keyword."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            names.add(node.arg)
    return names


def _raised(tree: ast.AST) -> set[str]:
    raised = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None)
    return set().union(*(_calls(exc) for exc in raised))


def _steps_form_fields_have_help() -> bool:
    """Each field of each step of both flows has a label and a help text."""
    texts = json.loads((PACKAGE / "translations/en.json").read_text())
    steps = [*texts["config"]["step"].values(), *texts["options"]["step"].values()]
    groups = [group for step in steps for group in (step, *step.get("sections", {}).values())]
    return all(group.get("data", {}).keys() == group.get("data_description", {}).keys() for group in groups)


def _raises_translated() -> bool:
    """Every Home Assistant error that is raised names its text."""
    kinds = {
        "ConfigEntryError",
        "ConfigEntryNotReady",
        "HomeAssistantError",
        "ServiceValidationError",
        "UpdateFailed",
    }
    raised = [
        node
        for module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds
    ]
    named = [{"translation_domain", "translation_key"} <= _assigned(call) for call in raised]
    return bool(named) and all(named)


def _no_import(*modules: str) -> bool:
    """None of these is imported anywhere, as a module or out of one."""
    imported: set[str] = set()
    for module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                imported |= {node.module, *(alias.name for alias in node.names)}
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    return imported.isdisjoint(modules)


def _heading(*words: str) -> Callable[[], bool]:
    """Build evidence: the README has such a heading with something below it."""
    pattern = r"^#+ .*" + ".*".join(words) + r".*\n+(?=[^#\s])"
    return lambda: re.search(pattern, README, re.IGNORECASE | re.MULTILINE) is not None


def _tests(path: str, *names: str) -> Callable[[], bool]:
    """Build evidence: this test file has tests whose names say so."""
    return lambda: all(
        re.search(rf"def test_\w*{name}", (ROOT / "tests" / path).read_text()) is not None for name in names
    )


EVIDENCE: dict[str, Callable[[], bool]] = {
    "action-setup": lambda: "async_setup_services" in _calls(_functions("__init__")["async_setup"]),
    "appropriate-polling": lambda: {"INTERVALS_S"} <= _assigned(_tree("cycle")),
    "brands": lambda: all(
        (PACKAGE / "brand" / f"{name}.png").exists() for name in ("icon", "icon@2x", "logo")
    ),
    "common-modules": lambda: all((PACKAGE / f"{name}.py").exists() for name in ("coordinator", "entity")),
    "config-flow": _steps_form_fields_have_help,
    "config-flow-test-coverage": _tests("home_assistant/test_config_flow.py", "plant_is_added", "problem"),
    "dependency-transparency": lambda: (
        json.loads((PACKAGE / "manifest.json").read_text())["requirements"] == ["holidays", "protobuf>=6.31"]
        and (ROOT / "LICENSE").exists()
    ),
    "docs-actions": lambda: all(
        action in README for action in load_yaml_dict(str(PACKAGE / "services.yaml"))
    ),
    "docs-high-level-description": _heading("Energy Storage"),
    "docs-installation-instructions": _heading("Install"),
    "docs-removal-instructions": _heading("Remove"),
    "entity-event-setup": lambda: "async_on_remove" in _calls(_functions("event")["async_added_to_hass"]),
    "entity-unique-id": lambda: "_attr_unique_id" in (PACKAGE / "entity.py").read_text(),
    "has-entity-name": lambda: "_attr_has_entity_name" in _assigned(_tree("entity")),
    "runtime-data": lambda: "entry.runtime_data =" in (PACKAGE / "__init__.py").read_text(),
    "test-before-configure": lambda: "async_probe" in _calls(_tree("config_flow")),
    "test-before-setup": lambda: (
        "connect" in _calls(_functions("__init__")["async_setup_entry"])
        and {"ConfigEntryNotReady", "ConfigEntryError"} <= _raised(_tree("connect"))
    ),
    "unique-config-entry": lambda: (
        {"async_set_unique_id", "_abort_if_unique_id_configured", "_async_abort_entries_match"}
        <= _calls(_tree("config_flow"))
    ),
    "action-exceptions": lambda: (
        {"HomeAssistantError", "not_allowed"} <= _raised(_tree("services"))
        and "ServiceValidationError" in _calls(_functions("errors")["not_allowed"])
    ),
    "config-entry-unloading": lambda: (
        "async_unload_platforms" in _calls(_functions("__init__")["async_unload_entry"])
    ),
    "docs-configuration-parameters": _heading("Options"),
    "docs-installation-parameters": _heading("Add it"),
    "entity-unavailable": lambda: "available" in _functions("entity"),
    "integration-owner": lambda: json.loads((PACKAGE / "manifest.json").read_text())["codeowners"] != [],
    "log-when-unavailable": lambda: {"warning", "info"} <= _calls(_functions("cycle")["_tell_outage"]),
    "parallel-updates": lambda: all("PARALLEL_UPDATES" in _assigned(_tree(name)) for name in PLATFORMS),
    "test-coverage": lambda: "--cov-fail-under=95" in (ROOT / "script/test").read_text(),
    "devices": lambda: "async_get_or_create" in _calls(_functions("devices")["register_devices"]),
    "diagnostics": lambda: "async_get_config_entry_diagnostics" in _functions("diagnostics"),
    "discovery": lambda: "async_step_dhcp" in _functions("config_flow"),
    "discovery-update-info": _tests("home_assistant/test_config_flow.py", "moved_plant_is_followed"),
    "docs-data-update": _heading("data is updated"),
    "docs-examples": _heading("Example"),
    "docs-known-limitations": _heading("Known limits"),
    "docs-supported-devices": _heading("Supported devices"),
    "docs-supported-functions": _heading("What you get"),
    "docs-troubleshooting": _heading("Messages of the set-up"),
    "docs-use-cases": _heading("What it does"),
    "dynamic-devices": lambda: "register_devices" in _calls(_functions("coordinator")["async_publish"]),
    "entity-category": lambda: "entity_category" in _assigned(_tree("plant_sensors")),
    "entity-device-class": lambda: "device_class" in _assigned(_tree("measures")),
    "entity-disabled-by-default": lambda: (
        "entity_registry_enabled_default" in _assigned(_tree("plant_sensors"))
    ),
    "entity-translations": lambda: (
        json.loads((PACKAGE / "translations/en.json").read_text())["entity"].keys() == set(PLATFORMS)
    ),
    "exception-translations": _raises_translated,
    "icon-translations": lambda: "entity" in json.loads((PACKAGE / "icons.json").read_text()),
    "reconfiguration-flow": lambda: "async_step_reconfigure" in _functions("config_flow"),
    "repair-issues": lambda: "async_create_issue" in _calls(_tree("issues")),
    "stale-devices": lambda: "async_remove_config_entry_device" in _functions("__init__"),
    "async-dependency": lambda: _no_import("pymodbus", "requests", "urllib", "time.sleep"),
    "strict-typing": lambda: "strict = true" in (ROOT / "pyproject.toml").read_text(),
}


def test_every_rule_is_listed_in_its_order() -> None:
    """The audit has exactly the rules there are, tier by tier, none twice."""
    assert list(AUDIT) == RULES
    assert len(set(RULES)) == 54


def test_every_status_is_one_that_home_assistant_knows() -> None:
    """A rule is done, exempt or to be done."""
    assert {_status(rule) for rule in RULES} <= {"done", "exempt", "todo"}


@pytest.mark.parametrize("rule", [rule for rule in RULES if _status(rule) != "done"])
def test_what_is_not_done_says_why(rule: str) -> None:
    """Exempt and open rules carry a comment."""
    entry = AUDIT[rule]
    assert isinstance(entry, dict)
    assert entry["comment"].strip()


@pytest.mark.parametrize("rule", [rule for rule in RULES if _status(rule) == "done"])
def test_what_is_done_has_evidence(rule: str) -> None:
    """No rule is called done on trust."""
    assert EVIDENCE[rule]()


@pytest.mark.parametrize("rule", [rule for rule in RULES if _status(rule) == "exempt"])
def test_what_is_exempt_has_become_no_duty(rule: str) -> None:
    """An exemption ends with the reason for it."""
    reasons = {
        "docs-conditions": not (PACKAGE / "conditions.yaml").exists(),
        "docs-triggers": not (PACKAGE / "triggers.yaml").exists(),
        "reauthentication-flow": _no_import("ConfigEntryAuthFailed"),
        "inject-websession": _no_import("aiohttp", "httpx", "async_get_clientsession"),
    }
    assert reasons[rule]
