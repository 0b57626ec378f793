"""What Home Assistant's own validator and the stores demand of a custom integration."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
import string
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.helpers.translation import async_get_translations
from homeassistant.loader import async_get_dhcp, async_get_integration
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors import VENDORS

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components/energy_storage"
MANIFEST: dict[str, Any] = json.loads((PACKAGE / "manifest.json").read_text())
LANGUAGES = sorted((PACKAGE / "translations").glob("*.json"))
EN: dict[str, Any] = json.loads((PACKAGE / "translations/en.json").read_text())

MANIFEST_KEYS = {
    "after_dependencies",
    "bluetooth",
    "categories",
    "codeowners",
    "config_flow",
    "connectivity",
    "dependencies",
    "dhcp",
    "disabled",
    "documentation",
    "domain",
    "homekit",
    "import_executor",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "loggers",
    "mqtt",
    "name",
    "preview_features",
    "quality_scale",
    "requirements",
    "single_config_entry",
    "ssdp",
    "usb",
    "version",
    "zeroconf",
}
IOT_CLASSES = {"assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push"}
INTEGRATION_TYPES = {"device", "entity", "hardware", "helper", "hub", "service", "system", "virtual"}
VERSION_STRATEGIES = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
TRANSLATION_KEYS = {
    "common",
    "conditions",
    "config",
    "config_panel",
    "config_subentries",
    "device",
    "device_automation",
    "entity",
    "entity_component",
    "exceptions",
    "issues",
    "options",
    "preview_features",
    "selector",
    "services",
    "system_health",
    "title",
    "triggers",
}
HACS_KEYS = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "render_readme",
    "zip_release",
}
ALWAYS_THERE = {str(platform) for platform in Platform} | {
    "conversation",
    "diagnostics",
    "frontend",
    "hassio",
    "homeassistant",
    "panel_custom",
    "persistent_notification",
    "websocket_api",
}
KEY = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")


def _texts(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give every text with the keys that lead to it."""
    if isinstance(tree, str):
        yield path, tree
        return
    for key, below in tree.items():
        yield from _texts(below, (*path, key))


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in PACKAGE.rglob("*.py"):
        yield path, ast.parse(path.read_text())


# The manifest.


def test_manifest_keys_are_known_and_sorted() -> None:
    """Domain and name come first, the rest by the alphabet."""
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert set(keys) <= MANIFEST_KEYS


def test_manifest_says_who_and_where() -> None:
    """The domain is the folder's name; links and owners are what the stores ask for."""
    assert MANIFEST["domain"] == PACKAGE.name == DOMAIN
    assert MANIFEST["documentation"].startswith("https://")
    assert MANIFEST["issue_tracker"].startswith("https://")
    assert MANIFEST["codeowners"]
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])


def test_manifest_says_what_it_is() -> None:
    """Kind, traffic and version are words that Home Assistant knows."""
    assert MANIFEST["iot_class"] in IOT_CLASSES
    assert MANIFEST["integration_type"] in INTEGRATION_TYPES
    assert AwesomeVersion(MANIFEST["version"], ensure_strategy=VERSION_STRATEGIES).valid


def test_version_is_the_same_everywhere() -> None:
    """Manifest and project speak of one release."""
    assert f'version = "{MANIFEST["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_what_is_installed_is_not_pinned() -> None:
    """So that what other integrations pin, and Home Assistant's own constraints, decide."""
    assert all(re.fullmatch(r"[a-z0-9_-]+(>=[0-9.]+)?", name) for name in MANIFEST["requirements"])


async def test_home_assistant_loads_the_manifest(hass: HomeAssistant) -> None:
    """The loader accepts it, version included."""
    integration = await async_get_integration(hass, DOMAIN)
    assert not integration.is_built_in
    assert integration.version == MANIFEST["version"]
    assert integration.config_flow
    assert integration.all_dependencies_resolved or await integration.resolve_dependencies()


async def test_dhcp_looks_for_the_devices_of_every_vendor(hass: HomeAssistant) -> None:
    """The MAC prefixes in the manifest are those of the vendors, in the form that the matcher needs."""
    matchers = [matcher for matcher in await async_get_dhcp(hass) if matcher["domain"] == DOMAIN]
    wanted = {f"{prefix}*" for vendor in VENDORS for prefix in vendor.mac_prefixes}
    assert {matcher["macaddress"] for matcher in matchers} == wanted
    assert all(re.fullmatch(r"[0-9A-F]{6}\*", mac) for mac in wanted)


def test_imported_components_are_dependencies() -> None:
    """A component that is imported must be set up before us, unless it is always there."""
    declared = {*MANIFEST["dependencies"], *MANIFEST.get("after_dependencies", ())} | ALWAYS_THERE
    for path, module in _modules():
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "homeassistant.components."
            ):
                component = str(node.module).split(".")[2]
                assert component in declared or component == path.stem, f"{path.name} imports {component}"


def test_entries_are_made_by_the_flow_alone() -> None:
    """An integration with `async_setup` says that it takes nothing from YAML."""
    source = (PACKAGE / "__init__.py").read_text()
    assert "async def async_setup(" in source
    assert "CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)" in source


# Texts.


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_texts_are_plain(path: Path) -> None:
    """No HTML, no addresses of web pages, no blanks around, no placeholder in quotes."""
    for keys, text in _texts(json.loads(path.read_text())):
        where = ".".join(keys)
        assert text == text.strip() != "", where
        assert not re.search(r"<[a-z/!]", text, re.IGNORECASE), where
        assert not re.search(r"https?://", text), where
        assert not re.search(r"'[^'\s]*\{[^}]*\}[^'\s]*'", text), where
        assert all(name.isidentifier() for name in _placeholders(text)), where


def test_translation_keys_are_well_formed() -> None:
    """Keys are lower case words; only those at the top are from a fixed list."""
    assert EN.keys() <= TRANSLATION_KEYS
    for keys, _ in _texts(EN):
        assert all(KEY.fullmatch(key) for key in keys), keys


def test_states_have_no_placeholders() -> None:
    """Nothing can be filled into the text of a state."""
    for keys, text in _texts(EN.get("entity", {})):
        if "state" in keys:
            assert not _placeholders(text), keys


def test_help_belongs_to_a_field() -> None:
    """No help text is left of a field that is gone."""
    for flow in ("config", "options"):
        for step in EN[flow]["step"].values():
            for group in (step, *step.get("sections", {}).values()):
                assert group.get("data_description", {}).keys() <= group.get("data", {}).keys()


def test_issues_have_a_title_and_one_body() -> None:
    """An issue is described, or has a flow that fixes it; never both."""
    for key, issue in EN["issues"].items():
        assert issue["title"], key
        assert ("description" in issue) != ("fix_flow" in issue), key


async def test_home_assistant_finds_the_texts(hass: HomeAssistant) -> None:
    """The texts come out of Home Assistant under the names that its frontend asks for."""
    for category in ("config", "options", "issues", "entity", "exceptions", "services"):
        found = await async_get_translations(hass, "en", category, [DOMAIN])
        prefix = f"component.{DOMAIN}.{category}."
        ours = {f"{prefix}{'.'.join(keys)}": text for keys, text in _texts(EN[category])}
        assert ours.items() <= found.items(), category


# Actions and icons.


def test_actions_are_described() -> None:
    """Each action, each of its fields and sections has a name and a description, and nothing else has."""
    actions = load_yaml_dict(str(PACKAGE / "services.yaml"))
    assert actions.keys() == EN["services"].keys()
    for name, action in actions.items():
        texts = EN["services"][name]
        assert {"name", "description"} <= texts.keys()
        assert action.get("fields", {}).keys() == texts.get("fields", {}).keys()
        assert all({"name", "description"} <= field.keys() for field in texts.get("fields", {}).values())


async def test_home_assistant_takes_the_description_of_actions(hass: HomeAssistant) -> None:
    """Its own schema accepts the fields and selectors of every action."""
    assert await async_setup_component(hass, DOMAIN, {})
    described = (await async_get_all_descriptions(hass))[DOMAIN]
    for name, action in load_yaml_dict(str(PACKAGE / "services.yaml")).items():
        assert described[name]["fields"].keys() == action["fields"].keys()


async def test_icons_are_accepted(hass: HomeAssistant) -> None:
    """Icons are Material Design ones, belong to something that has a text, and differ by state."""
    icons = await async_get_icons(hass, "entity", [DOMAIN])
    assert icons[DOMAIN]
    for platform, entities in icons[DOMAIN].items():
        for key, icon in entities.items():
            assert key in EN["entity"][platform], key
            assert icon["default"] not in icon.get("state", {}).values(), key
    for _, text in _texts(json.loads((PACKAGE / "icons.json").read_text())):
        assert text.startswith("mdi:")


# The stores.


def test_hacs_file_is_accepted() -> None:
    """HACS and Marketplace know every key, and the release is the one that the README names."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs.keys() <= HACS_KEYS
    assert hacs["name"] == MANIFEST["name"]
    year, month, _ = hacs["homeassistant"].split(".")
    assert f"Home Assistant {year}.{month}" in (ROOT / "README.md").read_text()


def test_repository_holds_one_integration() -> None:
    """Stores install the one folder below `custom_components`."""
    folders = [path for path in (ROOT / "custom_components").iterdir() if (path / "manifest.json").exists()]
    assert folders == [PACKAGE]
    assert (PACKAGE / "brand/icon.png").exists()
