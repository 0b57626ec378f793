"""A profile of the owner is read, or refused with the line, the field, the value and what is allowed."""

import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.vendors.chint.loader import check_own, load, profiles, shipped
from custom_components.energy_storage.vendors.chint.profile import Evidence, Step
from custom_components.energy_storage.vendors.chint.shipped import NAMES, TEXTS
from custom_components.energy_storage.vendors.driver import WrongProfileError


def text(**changes: Any) -> str:
    """Write a small profile, one value a line, with these changes."""
    document: dict[str, Any] = {
        "format": 1,
        "title": "Mine",
        "device_type": ["0x4043"],
        "kind": "hybrid",
        "sources": {"label": "what stands on it"},
        "blocks": [
            {"kind": "input", "first": "0x0600", "last": "0x060F"},
            {"kind": "holding", "first": 12288, "last": 12300},
        ],
        "rows": [
            row("soc", means="soc", unit="%"),
            row("watts", address="0x0602", type="int32", unit="W", means="grid_power"),
            row("word", address="0x0603", type="int16", unit="W"),
            row("alarms", address="0x0604", type="bits"),
            row("mode", address="0x3000", kind="holding", access="RW", enum={"0": "idle", "0x0003": "run"}),
            row("power", address="0x3001", kind="holding", access="RW", unit="W", range=[0, 5000]),
            row("until", address="0x3002", kind="holding", access="RW", type="time"),
        ],
    }
    return json.dumps(document | changes, indent=1)


def row(name: str, **more: Any) -> dict[str, Any]:
    """Write a row."""
    base = {"address": "0x0600", "kind": "input", "type": "uint16", "group": "battery", "evidence": "owner"}
    return {"name": name} | base | more


def rows(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the rows of the small profile, and these."""
    return [*json.loads(text())["rows"], *more]


def test_our_own_profiles_are_good() -> None:
    """All four, under their names."""
    assert tuple(shipped()) == NAMES
    assert {profile.key for profile in shipped().values()} == set(NAMES)
    assert not any(profile.of_owner for profile in shipped().values())


def test_a_profile_says_what_it_says() -> None:
    """Numbers may be hexadecimal; what is not said has its default."""
    profile = load("mine", text(word_order="little", sentinels={"uint16": [0]}), of_owner=True)
    assert profile.device_types == {0x4043}
    assert (profile.spans[1].first, profile.spans[1].last) == (12288, 12300)
    soc, watts, mode = (profile.rows[name] for name in ("soc", "watts", "mode"))
    assert (soc.address, soc.count, soc.scale, soc.sign) == (0x600, 1, 1.0, 1)
    assert (soc.order, soc.writable, sorted(soc.sentinels)) == ("little", False, [0])
    assert (watts.count, sorted(watts.sentinels)) == (2, [0x80000000])
    assert (mode.options, mode.writable) == ({0: "idle", 3: "run"}, True)
    assert soc.evidence is Evidence.OWNER
    assert profile.of_owner


def test_a_recipe_names_rows_and_values() -> None:
    """In the order of the writes."""
    recipe = [{"row": "mode", "value": "run"}, {"row": "power", "value": "power_w"}]
    commands = {"charge": recipe, "release": [{"row": "mode", "value": "idle"}]}
    profile = load("mine", text(commands=commands), of_owner=True)
    assert profile.commands[CommandKind.CHARGE] == (
        Step(row="mode", value="run"),
        Step(row="power", value="power_w"),
    )


RELEASE = {"release": [{"row": "mode", "value": "idle"}]}


def recipe(kind: str, name: str, value: float | str) -> dict[str, Any]:
    """Write commands with one step in question."""
    return {"commands": RELEASE | {kind: [{"row": name, "value": value}]}}


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown field": ({"colour": "red"}, "colour", "one of $schema, format"),
    "address out of a word": ({"rows": rows(row("x", address=70000))}, "rows[7].address", "0 to 65535"),
    "unknown type": ({"rows": rows(row("x", type="float"))}, "rows[7].type", "uint16"),
    "scale of nothing": ({"rows": rows(row("x", address=0x605, scale=0))}, "rows[7].scale", "0.0001 to"),
    "unknown unit": ({"rows": rows(row("x", address=0x605, unit="kW"))}, "rows[7].unit", '"W"'),
    "name twice": ({"rows": rows(row("soc", address=0x605))}, "rows[7].name", "no other row has"),
    "meaning twice": (
        {"rows": rows(row("x", address=0x605, unit="%", means="soc"))},
        "rows[7].means",
        "no other row means",
    ),
    "meaning in another unit": (
        {"rows": rows(row("x", address=0x605, unit="W", means="soh"))},
        "rows[7].means",
        "a number in %",
    ),
    "state without codes": (
        {"rows": rows(row("x", address=0x605, means="running_state"))},
        "rows[7].means",
        "a row with an enum",
    ),
    "outside of the blocks": ({"rows": rows(row("x", address="0x0700"))}, "rows[7].address", "input blocks"),
    "over a block's border": (
        {"rows": rows(row("x", address="0x060F", type="uint32"))},
        "rows[7].address",
        "wholly inside",
    ),
    "on another row": ({"rows": rows(row("x", address="0x0600"))}, "rows[7].address", "clear of soc"),
    "half over another row": (
        {"rows": rows(row("x", address="0x0601", type="uint32"))},
        "rows[7].address",
        "clear of watts",
    ),
    "text without a length": (
        {"rows": rows(row("x", address=0x605, type="string"))},
        "rows[7].words",
        "string",
    ),
    "number with a length": ({"rows": rows(row("x", address=0x605, words=2))}, "rows[7].words", "`string`"),
    "text with a scale": (
        {"rows": rows(row("x", address=0x605, type="string", words=2, scale=2))},
        "rows[7].scale",
        "for numbers",
    ),
    "range upside down": (
        {"rows": rows(row("x", address=0x605, range=[5, 1]))},
        "rows[7].range",
        "in this order",
    ),
    "codes of a signed number": (
        {"rows": rows(row("x", address=0x605, type="int16", enum={"0": "off"}))},
        "rows[7].enum",
        "uint16",
    ),
    "code that is no number": (
        {"rows": rows(row("x", address=0x605, enum={"off": "off"}))},
        "rows[7].enum",
        "each number once",
    ),
    "one number for two codes": (
        {"rows": rows(row("x", address=0x605, enum={"1": "off", "0x1": "on"}))},
        "rows[7].enum",
        "each number once",
    ),
    "one code for two numbers": (
        {"rows": rows(row("x", address=0x605, enum={"0": "off", "1": "off"}))},
        "rows[7].enum",
        "each code once",
    ),
    "writable input": (
        {"rows": rows(row("x", address=0x605, access="RW", range=[0, 1]))},
        "rows[7].access",
        "cannot be written",
    ),
    "writable without bounds": (
        {"rows": rows(row("x", address=0x3003, kind="holding", access="RW"))},
        "rows[7].access",
        "has bounds",
    ),
    "unknown source": (
        {"rows": rows(row("x", address=0x605, source="dream"))},
        "rows[7].source",
        "one of label",
    ),
    "block upside down": (
        {"blocks": [{"kind": "input", "first": 9, "last": 3}]},
        "blocks[0].last",
        "9 or more",
    ),
    "blocks that overlap": (
        {"blocks": [*json.loads(text())["blocks"], {"kind": "input", "first": "0x060F", "last": "0x0610"}]},
        "blocks[2].first",
        "every other block",
    ),
    "probe of nothing": ({"probe": ["nothing"]}, "probe[0]", "name of a row"),
    "fault of no alarm word": (
        {"faults": [{"row": "soc", "bit": 0, "code": "F1", "text": "t", "level": "urgent"}]},
        "faults[0].row",
        "type bits",
    ),
    "fault of an unknown level": (
        {"faults": [{"row": "alarms", "bit": 0, "code": "F1", "text": "t", "level": "loud"}]},
        "faults[0].level",
        '"urgent"',
    ),
    "fault of a 17th bit": (
        {"faults": [{"row": "alarms", "bit": 16, "code": "F1", "text": "t", "level": "urgent"}]},
        "faults[0].bit",
        "0 to 15",
    ),
    "bit twice": (
        {
            "faults": [
                {"row": "alarms", "bit": 0, "code": "F1", "text": "t", "level": "urgent"},
                {"row": "alarms", "bit": 0, "code": "F2", "text": "t", "level": "urgent"},
            ]
        },
        "faults[1].bit",
        "once",
    ),
    "fault code twice": (
        {
            "faults": [
                {"row": "alarms", "bit": 0, "code": "F1", "text": "t", "level": "urgent"},
                {"row": "alarms", "bit": 1, "code": "F1", "text": "t", "level": "urgent"},
            ]
        },
        "faults[1].code",
        "once",
    ),
    "no way back": (
        {"commands": {"hold": [{"row": "mode", "value": "run"}]}},
        "commands",
        "a recipe for release",
    ),
    "write to nothing": (recipe("hold", "nothing", 1), "commands.hold[0].row", "access RW"),
    "write to what is read only": (recipe("hold", "soc", 1), "commands.hold[0].row", "access RW"),
    "write beyond the range": (recipe("hold", "power", 5001), "commands.hold[0].value", "from 0 to 5000"),
    "write of an unknown code": (recipe("hold", "mode", "walk"), "commands.hold[0].value", "idle, run"),
    "write of a number for a code": (recipe("hold", "mode", 3), "commands.hold[0].value", "idle, run"),
    "write of no time": (recipe("hold", "until", "24:00"), "commands.hold[0].value", "00:00 to 23:59"),
    "write of a text": (recipe("hold", "power", "much"), "commands.hold[0].value", "a number"),
    "power where there is none": (
        recipe("hold", "power", "power_w"),
        "commands.hold[0].value",
        "a fixed value",
    ),
    "floor of a charge": (
        recipe("charge", "power", "floor_soc_pct"),
        "commands.charge[0].value",
        "power_w, target_soc_pct",
    ),
    "time for a power": (recipe("charge", "power", "window_end"), "commands.charge[0].value", "for power"),
    "power for a time": (recipe("charge", "until", "power_w"), "commands.charge[0].value", "for until"),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_what_is_wrong_is_named(case: str) -> None:
    """With file, field and what is allowed."""
    changes, field, allowed = BAD[case]
    with pytest.raises(WrongProfileError) as caught:
        load("mine", text(**changes), of_owner=True)
    assert caught.value.field == field
    assert allowed in caught.value.problem
    assert str(caught.value).startswith(f"mine.json, line {caught.value.line}, column ")


def test_the_line_is_the_one_to_mend() -> None:
    """Counted as an editor does."""
    bad = text(rows=rows(row("x", address=0x605, scale=-1)))
    with pytest.raises(WrongProfileError) as caught:
        load("mine", bad)
    assert bad.splitlines()[caught.value.line - 1].strip() == '"scale": -1'
    assert caught.value.column == bad.splitlines()[caught.value.line - 1].index("-1") + 1


def test_no_json_at_all_is_told_with_its_line() -> None:
    """The first comma that is missing."""
    with pytest.raises(WrongProfileError) as caught:
        load("mine", text().replace(",", "", 1))
    assert (caught.value.line, caught.value.field) == (3, "the file")


def test_a_guessed_row_is_never_written() -> None:
    """A recipe may not name it, in the owner's profile either."""
    guessed = [{**one, "evidence": "assumed"} if one["name"] == "mode" else one for one in rows()]
    with pytest.raises(WrongProfileError, match="guesses are never written"):
        load("mine", text(rows=guessed, commands=RELEASE), of_owner=True)


def test_we_ship_no_recipe_for_a_guess() -> None:
    """Every row that our recipes write has a public source."""
    for profile in shipped().values():
        steps = [
            step for recipe in (*profile.commands.values(), *profile.requests.values()) for step in recipe
        ]
        assert all(profile.rows[step.row].evidence is not Evidence.ASSUMED for step in steps)
        assert all(profile.rows[step.row].source in profile.sources for step in steps)


def test_the_owner_s_profile_wins_over_ours() -> None:
    """Under the same name; a new name stands beside."""
    good, wrong = profiles({"sce": text(), "mine": text(title="Another")})
    assert not wrong
    assert (good["sce"].title, good["sce"].of_owner) == ("Mine", True)
    assert good["mine"].title == "Another"
    assert not good["ech_th"].of_owner


def test_a_wrong_profile_of_the_owner_is_not_replaced_by_ours() -> None:
    """Nobody knows which of the two he wants read; the others are not touched."""
    good, wrong = profiles({"sce": "{}"})
    assert "sce" not in good
    assert wrong["sce"].line == 1
    assert set(good) == set(NAMES) - {"sce"}


def test_a_profile_may_be_no_longer_than_a_megabyte() -> None:
    """What is longer is no profile."""
    with pytest.raises(WrongProfileError, match="longer than"):
        check_own("mine", text() + " " * 1_000_000)


@pytest.mark.parametrize("name", NAMES)
def test_an_owner_can_start_from_ours(name: str) -> None:
    """A copy of ours is good under his name."""
    assert load("mine", TEXTS[name], of_owner=True).rows.keys() == shipped()[name].rows.keys()


def test_the_example_in_the_docs_is_good() -> None:
    """Who begins with it has a register map that is read."""
    page = (Path(__file__).parents[3] / "docs/profiles.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    rows = load("mine", example, of_owner=True).rows
    assert {row.means for row in rows.values()} == {"soc", "grid_power"}
