"""What README and docs promise: links, pictures, commands, vendors, messages and entities."""

from collections.abc import Iterator
import json
import os
from pathlib import Path
import re
from typing import Any

from homeassistant.util import slugify
import pytest

from custom_components.energy_storage.binary_sensor import PLANT_BINARY_SENSORS
from custom_components.energy_storage.control_sensors import CONTROL_SENSORS
from custom_components.energy_storage.engine.plant import Counter
from custom_components.energy_storage.number import NUMBERS
from custom_components.energy_storage.plant_sensors import PLANT_SENSORS
from custom_components.energy_storage.select import SELECTS
from custom_components.energy_storage.switch import SWITCHES
from custom_components.energy_storage.vendors import VENDORS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS: dict[str, Any] = json.loads(
    (ROOT / "custom_components/energy_storage/translations/en.json").read_text()
)

LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]*\ssrc=\"([^\"]+)\"")
COMMAND = re.compile(r"\bscript/[a-z_]+\b(?!\.)")
PLACEHOLDER = re.compile(r"\{\w+\}")


def section(heading: str) -> str:
    """Give the part of the README below a heading, down to the next one of its rank or above."""
    rank = heading.partition(" ")[0]
    _, _, rest = README.partition(f"\n{heading}\n")
    assert rest, f"the README has no heading {heading!r}"
    return re.split(rf"^#{{1,{len(rank)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def missing_targets(page: Path) -> Iterator[str]:
    """Name the relative links and pictures of a page that lead nowhere."""
    for match in LINK.finditer(page.read_text()):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    """Every page, picture and heading that a page points to exists."""
    assert list(missing_targets(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_can_be_run(page: Path) -> None:
    """Every command that a page names is there and executable."""
    commands = set(COMMAND.findall(page.read_text()))
    assert [each for each in sorted(commands) if not os.access(ROOT / each, os.X_OK)] == []


def test_the_two_commands_stand_near_the_top() -> None:
    """A newcomer finds demo and tests without scrolling far."""
    top = "\n".join(README.splitlines()[:40])
    assert {"script/demo", "script/test"} <= set(COMMAND.findall(top))


def test_every_vendor_is_in_the_table_of_devices() -> None:
    """A vendor that can be chosen is one whose devices are listed as read."""
    rows = [row.split("|") for row in section("## Supported devices").splitlines() if row.startswith("|")]
    read = [row[1].strip() for row in rows if row[4].strip() == "yes"]
    assert len(read) == len(VENDORS)
    for vendor in VENDORS:
        assert any(vendor.name in name for name in read)


def first_sentence(text: str) -> str:
    """Give what a reader of the README would look for, with an ellipsis for what varies."""
    sentence = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
    return PLACEHOLDER.sub("…", sentence)


@pytest.mark.parametrize("key", sorted(TEXTS["config"]["error"]))
def test_every_message_of_the_flow_is_explained(key: str) -> None:
    """An owner can find the sentence that stands on the screen."""
    assert f"**{first_sentence(TEXTS['config']['error'][key])}**" in section("## Troubleshooting")


@pytest.mark.parametrize("key", sorted(TEXTS["issues"]))
def test_every_repair_is_explained(key: str) -> None:
    """An owner can find the title of a repair."""
    title = PLACEHOLDER.sub("…", TEXTS["issues"][key]["title"])
    assert f"**{title}**" in section("## Troubleshooting")


def test_every_action_is_explained() -> None:
    """Each action stands there with all of its fields, those of modes and schedule where these are told."""
    text = section("## What you get") + section("## Control")
    for name, action in TEXTS["services"].items():
        assert f"`energy_storage.{name}`" in text
        for field in action["fields"]:
            assert f"`{field}`" in text


def options() -> Iterator[str]:
    """Give the names of all options, those in sections too, and the fields of the grid connection."""
    for step in (
        *(TEXTS["options"]["step"][f"reading_{vendor.key}"] for vendor in VENDORS),
        TEXTS["config_subentries"]["grid_connection"]["step"]["user"],
    ):
        yield from step["data"].values()
        for each in step.get("sections", {}).values():
            yield from each["data"].values()


def test_every_option_is_explained() -> None:
    """Each option stands in the table by its name on the screen."""
    for name in options():
        assert f"| {name} |" in section("### Options")


def entities() -> Iterator[tuple[str, str]]:
    """Give platform and key of every entity that the plant itself can have."""
    for row in (*PLANT_SENSORS, *CONTROL_SENSORS):
        yield "sensor", row.key
    for counter in Counter:
        yield "sensor", counter.value
    for description in PLANT_BINARY_SENSORS:
        yield "binary_sensor", description.key
    yield "binary_sensor", "connected"
    yield "event", "alarm"
    yield "event", "control"
    yield "calendar", "plan"
    for platform, rows in (("number", NUMBERS), ("select", SELECTS), ("switch", SWITCHES)):
        for each in rows:
            yield platform, each.key


@pytest.mark.parametrize(("platform", "key"), entities())
def test_every_entity_of_the_plant_is_listed(platform: str, key: str) -> None:
    """The table of entities names each as it is called on the screen."""
    name: str = TEXTS["entity"][platform][key]["name"]
    # Three phases share one place in the table.
    assert re.sub(r" [BC]$", " A", name) in section("## What you get")


def test_examples_name_entities_that_exist() -> None:
    """Who copies an example has a plant whose entities are called like that."""
    known = {f"{platform}.{slugify(f'Sigen plant {name}')}" for platform, name in names_on_the_screen()}
    assert known > set(re.findall(r"\b\w+\.sigen_plant_\w+", README)) > set()


def names_on_the_screen() -> Iterator[tuple[str, str]]:
    """Give platform and name of every entity that the plant itself can have."""
    for platform, key in entities():
        yield platform, TEXTS["entity"][platform][key]["name"]
