"""What the owner of a Chint plant chooses: a profile, the guesses to read, what may be written."""

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.chint.choice import (
    OPTIONS,
    choice_of,
    declared,
)
from custom_components.energy_storage.vendors.chint.loader import shipped
from custom_components.energy_storage.vendors.chint.shipped import NAMES, TEXTS
from custom_components.energy_storage.vendors.driver import NoSuchProfileError, WrongProfileError


def test_nothing_is_chosen_by_itself() -> None:
    """The device tells what it is, no guess is read, nothing is written."""
    choice = choice_of({}, {})
    assert (choice.chosen, choice.groups, choice.documented_writes) == (None, frozenset(), False)
    assert tuple(choice.profiles) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_can_be_named(name: str) -> None:
    """Whatever the device says of itself."""
    assert choice_of({"profile": name}, {}).chosen is shipped()[name]


def test_guesses_are_switched_on_by_group() -> None:
    """One option for each group that has any, behind the expert section."""
    rows = {row.key: row for row in OPTIONS if row.key.startswith("assumed_")}
    groups = {group for profile in shipped().values() for group in profile.assumed_groups}
    assert set(rows) == {f"assumed_{group}" for group in groups - {"identity"}}
    assert all(row.expert and row.default is False for row in rows.values())
    assert choice_of({"assumed_meter": True, "assumed_mode": False}, {}).groups == {"meter"}


def test_the_owner_s_file_wins() -> None:
    """By its name, with or without being chosen."""
    text = TEXTS["sce"].replace("CPS SCE4.6", "My SCE4.6")
    for options in ({}, {"profile": "sce"}):
        choice = choice_of(options, {"sce.json": text})
        assert choice.profiles["sce"].title.startswith("My SCE4.6")
    assert choice_of({"profile": "sce"}, {"sce.json": text}).chosen is choice.profiles["sce"]


def test_a_profile_of_the_owner_s_own_can_be_chosen() -> None:
    """By the name of its file."""
    choice = choice_of({"profile": "mine"}, {"mine.json": TEXTS["ech_th"], "sce.json": TEXTS["sce"]})
    assert choice.chosen is not None
    assert (choice.chosen.key, choice.chosen.of_owner) == ("mine", True)


def test_a_profile_that_is_not_there_is_not_left_to_chance() -> None:
    """The device is not read by another instead."""
    with pytest.raises(NoSuchProfileError, match=r"mine\.json"):
        choice_of({"profile": "mine"}, {"other.json": TEXTS["sce"]})


def test_what_the_owner_changes_makes_another_edition() -> None:
    """What was seen with the one before may not hold; ours has none."""
    one, other = (choice_of({"profile": "sce"}, {"sce.json": TEXTS["sce"] + end}) for end in ("", "\n"))
    assert one.chosen is not None
    assert other.chosen is not None
    assert len({one.chosen.edition, other.chosen.edition, shipped()["sce"].edition}) == 3
    assert shipped()["sce"].edition == "sce"


def test_a_wrong_file_is_told_whatever_is_chosen() -> None:
    """The owner meant it to count."""
    with pytest.raises(WrongProfileError, match=r"mine\.json, line 1"):
        choice_of({"profile": "sce"}, {"mine.json": "{}"})


def test_registers_are_declared_by_profile() -> None:
    """Of the chosen one, or of all; guesses included."""
    one = declared(choice_of({"profile": "sce"}, {}))
    assert set(one) == {DeviceKind.INVERTER, DeviceKind.BATTERY}
    everything = declared(choice_of({}, {}))
    assert DeviceKind.METER in everything
    assert len(everything[DeviceKind.INVERTER]) > len(one[DeviceKind.INVERTER])
