"""Texts that Home Assistant's frontend cannot fetch by itself."""

import ast
import json
from pathlib import Path
import re

from homeassistant.core import HomeAssistant
import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.reasons import REASONS
from custom_components.energy_storage.texts import Texts, describe, load_texts, name_of, why
from custom_components.energy_storage.trials import Verdict
from custom_components.energy_storage.vendors.register_tools.sweep import Ended
from custom_components.energy_storage.vendors.sigen.abilities import Seen

from .flow_texts import EN
from .vendor_codes import ALL_REFUSALS

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

PACKAGE = EN.parents[1]
COMMON = json.loads(EN.read_text())["common"]
CODED = ("attempt.py", "commissioning.py", "trials.py")
"""Where the check says why it did not try something."""


@pytest.fixture
async def texts(hass: HomeAssistant) -> Texts:
    """All of them, in English."""
    return await load_texts(hass)


def codes_of_the_check() -> set[str]:
    """Every code that its files give as a reason: returned, raised, or one of two."""
    found: list[ast.expr | None] = []
    for name in CODED:
        for node in ast.walk(ast.parse((PACKAGE / name).read_text())):
            match node:
                case ast.Call() if re.search(r"NotNow|Ended|not_now", ast.unparse(node.func)):
                    found += node.args
                case ast.Return() if node.value is not None:
                    found += [node.value]
                case ast.IfExp():
                    found += [node.body, node.orelse]
                case _:
                    pass
    constants = {each.value for each in found if isinstance(each, ast.Constant)}
    return {each for each in constants if isinstance(each, str)}


def test_every_code_of_the_check_is_found() -> None:
    """The search that the next test relies on finds something."""
    assert {"no_load", "something_else_asked", "soc_too_low_to_try", "control_not_on"} <= codes_of_the_check()


async def test_every_reason_of_the_check_is_explained(texts: Texts) -> None:
    """Whatever kept a command from being tried has words of its own."""
    refused_at_the_start = set(json.loads(EN.read_text())["options"]["error"])
    for code in codes_of_the_check() | set(REASONS) | ALL_REFUSALS:
        assert code in refused_at_the_start or code not in why(texts, code).split(), code


async def test_every_command_and_proof_has_a_name(texts: Texts) -> None:
    """In a table of results nothing stands as a code."""
    provable = {Seen.LIMITS_GLOBAL, Seen.HOLD_BY_RESERVE}
    for what in {*CommandKind, *provable}:
        assert name_of(texts, what) != what
    assert all(f"common.check_{verdict}" in texts for verdict in Verdict)


async def test_unknown_code_is_shown_as_it_is(texts: Texts) -> None:
    """What another driver invents is still told."""
    assert why(texts, "made_up") == "reason made_up"


async def test_command_is_described_with_its_numbers(texts: Texts) -> None:
    """Only those that are set."""
    charge = BatteryCommand(kind=CommandKind.CHARGE, power_w=3000, target_soc_pct=80)
    assert describe(texts, charge) == "Charge (3000 W, up to 80 %)"
    serve = BatteryCommand(kind=CommandKind.SELF_CONSUME, max_charge_w=0, max_discharge_w=500)
    assert describe(texts, serve) == "Self-consumption (charging at most 0 W, discharging at most 500 W)"
    discharge = BatteryCommand(kind=CommandKind.DISCHARGE, floor_soc_pct=20.5)
    assert describe(texts, discharge) == "Discharge (down to 20.5 %)"
    shave = BatteryCommand(kind=CommandKind.SHAVE, max_import_w=4000)
    assert describe(texts, shave) == "Peak shaving (importing at most 4000 W)"
    feed = BatteryCommand(kind=CommandKind.FEED_IN, export_limit_w=5000)
    assert describe(texts, feed) == "Feed in (exporting at most 5000 W)"
    assert describe(texts, BatteryCommand(kind=CommandKind.HOLD)) == "Hold"


async def test_texts_are_in_the_language_of_home_assistant(hass: HomeAssistant) -> None:
    """What a language lacks is English."""
    hass.config.language = "xx"
    assert name_of(await load_texts(hass), "hold") == "Hold"


def test_no_common_text_is_left_of_something_that_is_gone() -> None:
    """Each is asked for somewhere, by its whole key or by what a code is put to."""
    asked = " ".join(path.read_text() for path in sorted(Path(PACKAGE).glob("*.py")))
    by_code = {"why": codes_of_the_check() | {"other", "cancelled"}, "scan": {*Ended, "runs"}}
    for key in COMMON:
        prefix, _, code = key.partition("_")
        known = key in asked or code in by_code.get(prefix, ()) or (prefix == "proof" and code in Seen)
        assert known or (prefix == "check" and code in Verdict), key
