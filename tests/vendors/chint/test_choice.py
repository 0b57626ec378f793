"""What the owner of a Chint plant chooses: a profile, the guesses to read, what may be written."""

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.chint.choice import (
    OPTIONS,
    NoOwnProfileError,
    choice_of,
    declared,
)
from custom_components.energy_storage.vendors.chint.loader import ProfileError, shipped
from custom_components.energy_storage.vendors.chint.shipped import NAMES, TEXTS


def test_nothing_is_chosen_by_itself() -> None:
    """The device tells what it is, no guess is read, nothing is written."""
    choice = choice_of({}, {})
    assert (choice.chosen, choice.guesses, choice.documented_writes) == (None, False, False)
    assert tuple(choice.profiles) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_can_be_named(name: str) -> None:
    """Whatever the device says of itself."""
    assert choice_of({"chint_profile": name}, {}).chosen is shipped()[name]


def test_guesses_are_switched_on() -> None:
    """All of them, behind the expert section."""
    (row,) = (row for row in OPTIONS if row.key == "chint_assumed")
    assert (row.expert, row.default) == (True, False)
    assert choice_of({"chint_assumed": True}, {}).guesses
    assert not choice_of({"chint_assumed": False}, {}).guesses


def test_the_owner_s_file_wins() -> None:
    """By its name, with or without being chosen."""
    text = TEXTS["sce"].replace("CPS SCE4.6", "My SCE4.6")
    for options in ({}, {"chint_profile": "sce"}):
        choice = choice_of(options, {"sce.json": text})
        assert choice.profiles["sce"].title.startswith("My SCE4.6")
    assert choice_of({"chint_profile": "sce"}, {"sce.json": text}).chosen is choice.profiles["sce"]


def test_a_profile_of_the_owner_s_own_can_be_chosen() -> None:
    """If it is the only one beside ours."""
    choice = choice_of({"chint_profile": "own"}, {"mine.json": TEXTS["ech_th"], "sce.json": TEXTS["sce"]})
    assert choice.chosen is not None
    assert (choice.chosen.key, choice.chosen.of_owner) == ("mine", True)


@pytest.mark.parametrize("files", [{}, {"a.json": TEXTS["sce"], "b.json": TEXTS["sce"]}], ids=len)
def test_which_profile_is_meant_must_be_plain(files: dict[str, str]) -> None:
    """None of his own, or two, is told by name."""
    with pytest.raises(NoOwnProfileError, match="none" if not files else "a, b"):
        choice_of({"chint_profile": "own"}, files)


def test_a_wrong_file_is_told_whatever_is_chosen() -> None:
    """The owner meant it to count."""
    with pytest.raises(ProfileError, match=r"mine\.json, line 1"):
        choice_of({"chint_profile": "sce"}, {"mine.json": "{}"})


def test_registers_are_declared_by_profile() -> None:
    """Of the chosen one, or of all; guesses included."""
    one = declared(choice_of({"chint_profile": "sce"}, {}))
    assert set(one) == {DeviceKind.INVERTER, DeviceKind.BATTERY}
    everything = declared(choice_of({}, {}))
    assert DeviceKind.METER in everything
    assert len(everything[DeviceKind.INVERTER]) > len(one[DeviceKind.INVERTER])
