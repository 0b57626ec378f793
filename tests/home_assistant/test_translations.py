"""Every text and icon that the program asks for is there, and no other."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.energy_storage import PLATFORMS
from custom_components.energy_storage.binary_sensor import PLANT_BINARY_SENSORS
from custom_components.energy_storage.button import REQUESTS
from custom_components.energy_storage.calendar import CALENDAR
from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.control_sensors import CONTROL_SENSORS
from custom_components.energy_storage.engine.inputs import MeterUse
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.plant import Counter, DeviceKind
from custom_components.energy_storage.engine.reasons import NOT_DISPATCHED
from custom_components.energy_storage.engine.settings import BASE_MODES, CONTROL_STATES
from custom_components.energy_storage.measures import BY_UNIT, NUMBER
from custom_components.energy_storage.meter_probe import SensorProblem
from custom_components.energy_storage.meter_sensors import BY_PHASE, DETAILS, METER_USE, TOTAL, WAYS
from custom_components.energy_storage.meter_source import DEFECT, SENSOR_UNAVAILABLE
from custom_components.energy_storage.number import CHARGER_NUMBERS, NUMBERS
from custom_components.energy_storage.plant_sensors import PLANT_SENSORS
from custom_components.energy_storage.probe import LINK_PROBLEMS, Problem
from custom_components.energy_storage.select import CHOICE_SELECTS, CHOICES, SELECTS
from custom_components.energy_storage.switch import SWITCHES
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import LinkFault, Point, PointRole
from custom_components.energy_storage.vendors.meters.meter import MapFault
from custom_components.energy_storage.vendors.raw_access import Lock
from custom_components.energy_storage.vendors.register_tools.sweep import Ended
from custom_components.energy_storage.vendors.register_tools.writable import CONTROL_ON, code_of

from .vendor_codes import ALL_REFUSALS

PACKAGE = Path(__file__).parents[2] / "custom_components" / DOMAIN
EN: dict[str, Any] = json.loads((PACKAGE / "translations" / "en.json").read_text(encoding="utf-8"))
ICONS: dict[str, Any] = json.loads((PACKAGE / "icons.json").read_text(encoding="utf-8"))


def points() -> Iterator[Point]:
    """The drivers' readings that become sensors."""
    for vendor in VENDORS:
        for readings in vendor.readings.values():
            yield from (point for point in readings if point.role is not PointRole.REGISTER)


def sensor_keys() -> set[str]:
    """Every translation key of a sensor."""
    return (
        {row.key for row in (*PLANT_SENSORS, *CONTROL_SENSORS)}
        | {counter.value for counter in Counter}
        | {f"{counter}_integrated" for counter in Counter}
        | {point.key for point in points()}
        | {f"meter_{row.key}" for row in (TOTAL, *BY_PHASE, *DETAILS)}
        | {f"meter_{way}{kind}" for way in WAYS.values() for kind in ("", "_integrated")}
        | {METER_USE}
    )


def test_every_sensor_has_a_name() -> None:
    """And no text is left of a sensor that is gone."""
    assert set(EN["entity"]["sensor"]) == sensor_keys()


def test_every_other_entity_has_a_name() -> None:
    """What is no sensor."""
    assert set(EN["entity"]) == {platform.value for platform in PLATFORMS}
    assert set(EN["entity"]["binary_sensor"]) == {row.key for row in PLANT_BINARY_SENSORS} | {"connected"}
    assert set(EN["entity"]["event"]) == {"alarm", "control"}
    assert set(EN["entity"]["calendar"]) == {CALENDAR}
    assert set(EN["entity"]["button"]) == set(REQUESTS)
    assert set(EN["entity"]["number"]) == {row.key for row in (*NUMBERS, *CHARGER_NUMBERS)}
    assert set(EN["entity"]["select"]) == {row.key for row in SELECTS}
    assert set(EN["entity"]["switch"]) == {row.key for row in SWITCHES}


def test_every_mode_and_control_state_has_a_text() -> None:
    """Each that can be chosen or shown, and no other."""
    states = {key: set(text["state"]) for key, text in EN["entity"]["select"].items()}
    others = {row.key: set(row.options or ()) for row in CHOICE_SELECTS}
    assert states == {"mode": set(MODES), "control_state": set(CONTROL_STATES)} | others
    assert set(CHOICES) == set(MODES) - {"off_grid"}
    assert set(EN["selector"]["mode"]["options"]) == set(BASE_MODES)


def test_every_refusal_has_a_text() -> None:
    """Whatever a driver or the controller gives as the code of why something was not done."""
    assert {key for key in EN["exceptions"] if key.startswith("refused_")} == {
        f"refused_{code}" for code in refusals()
    }


def test_every_choice_has_a_text() -> None:
    """Each value that a choice can have, and no other."""
    rows = (*PLANT_SENSORS, *CONTROL_SENSORS)
    options: dict[str, set[str]] = {row.key: set(row.options or ()) for row in rows}
    options["vendor_mode"] = {mode for vendor in VENDORS for mode in vendor.modes}
    options[METER_USE] = {use.value for use in MeterUse}
    for point in points():
        options.setdefault(point.key, set()).update(point.options)
    for key, wanted in options.items():
        assert set(EN["entity"]["sensor"][key].get("state", {})) == wanted, key


def test_every_problem_of_a_meter_has_a_text() -> None:
    """In the flow that adds one, and later at its sensor."""
    link = {problem.value for problem in LINK_PROBLEMS.values()} - {Problem.ENCRYPTED}
    modbus = {*link, *MapFault, Problem.IN_USE, Problem.SERIAL_PORT, Problem.SERIAL_SILENT}
    assert set(EN["config_subentries"]["grid_meter"]["error"]) == modbus | set(SensorProblem)
    shown = EN["entity"]["sensor"][METER_USE]["state_attributes"]["problem"]["state"]
    assert set(shown) == modbus | {SENSOR_UNAVAILABLE, DEFECT}


def test_names_differ_within_a_device() -> None:
    """Two entities of one device are told apart by their names."""
    rows = (*PLANT_SENSORS, *CONTROL_SENSORS)
    of_plant = {row.key for row in rows} | {counter.value for counter in Counter}
    for kind, readings in [pair for vendor in VENDORS for pair in vendor.readings.items()]:
        keys = {point.key for point in readings if point.role is not PointRole.REGISTER}
        if kind is DeviceKind.PLANT:
            assert not keys & of_plant
            keys |= of_plant
        names = [EN["entity"]["sensor"][key]["name"] for key in sorted(keys)]
        assert sorted(names) == sorted(set(names))


def test_every_device_has_a_name() -> None:
    """What a plant has one of without a number, those of which there can be several with one."""
    assert set(EN["device"]) == {kind.value for kind in DeviceKind} | {"grid_meter"}
    for kind, text in EN["device"].items():
        if kind == "grid_meter":
            continue  # the owner's, of no vendor
        assert "{vendor}" in text["name"]
        assert ("{number}" in text["name"]) is (kind not in ("plant", "gateway"))


def differences(english: dict[str, Any], other: dict[str, Any], path: str = "") -> Iterator[str]:
    """Name the texts that one language has and the other lacks, and those with other placeholders."""
    for key in english.keys() | other.keys():
        here = f"{path}.{key}".lstrip(".")
        first, second = english.get(key), other.get(key)
        if isinstance(first, dict) and isinstance(second, dict):
            yield from differences(first, second, here)
        elif _placeholders(first) != _placeholders(second):
            yield here


def _placeholders(text: Any) -> set[str] | None:
    return set(re.findall(r"{\w+}", text)) if isinstance(text, str) else None


def test_incomplete_language_is_noticed() -> None:
    """A missing text, one too many, and a lost placeholder."""
    english = {"a": {"b": "{x} W", "c": "C"}, "d": "D"}
    german = {"a": {"b": "W", "e": "E"}, "d": "D"}
    assert set(differences(english, german)) == {"a.b", "a.c", "a.e"}


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "translations").glob("*.json")), ids=lambda path: path.stem
)
def test_every_language_is_complete(path: Path) -> None:
    """Whatever English says, each language says, with the same placeholders."""
    assert list(differences(EN, json.loads(path.read_text(encoding="utf-8")))) == []


def refusals() -> set[str]:
    """Every code of why something is not done: of the write guards, of an ability, of the controller."""
    assert {"hold_unproven", "parallel_unproven"} <= ALL_REFUSALS
    consents = {"needs_outage_consent", "needs_unattended_consent"}
    others = {"someone_else_controls", "write_budget", *NOT_DISPATCHED}
    locks = {CONTROL_ON, *(code_of(lock) for lock in Lock)}
    return {str(code) for code in ALL_REFUSALS} | consents | others | locks


CODES: dict[str, set[str]] = {
    "no_answer_": {*LinkFault} - {LinkFault.ENCRYPTED} | {f"stream_{fault}" for fault in LinkFault},
    "range_": {Ended.SILENT, Ended.OUT_OF_REQUESTS},
    "refused_": refusals(),
}
"""How a key begins that is put together → how it can end."""


def raised_keys() -> Iterator[str]:
    """Every translation key in a call that also names our domain."""
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            if "translation_domain" not in given:
                continue
            key = given["translation_key"]
            if isinstance(key, ast.Constant):
                yield str(key.value)
            else:
                prefix = ast.unparse(key).removeprefix("f'").partition("{")[0]
                yield from (f"{prefix}{code}" for code in CODES[prefix])


def test_every_error_has_a_text() -> None:
    """What is raised towards the owner is explained, and nothing else is."""
    assert set(EN["exceptions"]) == set(raised_keys())


def test_every_action_has_its_texts() -> None:
    """Each action and each of its fields."""
    yaml = (PACKAGE / "services.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+):", yaml, re.MULTILINE)) == set(EN["services"]) == set(ICONS["services"])
    for name, action in load_yaml_dict(str(PACKAGE / "services.yaml")).items():
        assert set(EN["services"][name]["fields"]) == set(action["fields"]), name


def test_every_icon_belongs_to_an_entity() -> None:
    """Icons are for what has no device class to choose one, and for choices."""
    rows = (*PLANT_SENSORS, *CONTROL_SENSORS)
    without_class = {row.key for row in rows if row.device_class in (None, "enum")} | {
        point.key
        for point in points()
        if not point.total and not point.timestamp and BY_UNIT.get(point.unit, NUMBER).device_class is None
    }
    assert set(ICONS["entity"]["sensor"]) == without_class | {METER_USE}
    assert set(ICONS["entity"]["binary_sensor"]) == {
        row.key for row in PLANT_BINARY_SENSORS if row.device_class is None
    }
    for platform in ("button", "calendar", "event", "select", "switch"):
        assert set(ICONS["entity"][platform]) == set(EN["entity"][platform])
    assert set(ICONS["entity"]["number"]) == {row.key for row in NUMBERS if row.device_class is None}


def texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text with where it stands."""
    if isinstance(tree, str):
        yield path, tree
    else:
        for key, branch in tree.items():
            yield from texts(branch, f"{path}.{key}")


@pytest.mark.parametrize("section", ["entity", "device", "services", "exceptions", "system_health"])
def test_texts_are_well_formed(section: str) -> None:
    """No stray blanks, markup or addresses; keys as Home Assistant wants them."""
    for path, text in texts(EN[section]):
        assert text == text.strip(), path
        assert not re.search(r"<|>|https?://|  ", text), path
        assert re.fullmatch(r"(\.[a-z0-9]+(?:_[a-z0-9]+)*)+", path), path


def test_icons_are_well_formed() -> None:
    """Material Design icons, and a state has its own only where it differs."""
    for path, icon in texts(ICONS):
        assert re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", icon), path
    for platform, entities in ICONS["entity"].items():
        for key, icons in entities.items():
            assert icons["default"] not in icons.get("state", {}).values(), key
            assert set(icons.get("state", {})) <= {"on", *EN["entity"][platform][key].get("state", {})}, key


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_home_assistant_reads_it_all(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Its own helpers find our texts, icons and actions and have nothing to say against them."""
    assert await async_setup_component(hass, DOMAIN, {})
    names = await async_get_translations(hass, "en", "entity", {DOMAIN})
    assert names[f"component.{DOMAIN}.entity.sensor.battery_soc.name"] == "Battery SOC"
    errors = await async_get_translations(hass, "en", "exceptions", {DOMAIN})
    assert len(errors) == len(EN["exceptions"])
    icons = await async_get_icons(hass, "entity", {DOMAIN})
    assert icons[DOMAIN] == ICONS["entity"]
    actions = (await async_get_all_descriptions(hass))[DOMAIN]
    assert set(actions["read_registers"]["fields"]) == set(EN["services"]["read_registers"]["fields"])
    assert actions["read_registers"]["response"] == {"optional": False}
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
