"""What may be written by hand, and what is refused with its reason."""

from dataclasses import replace
import math

import pytest

from custom_components.energy_storage.vendors.raw_access import DeclaredRow, Lock, Space
from custom_components.energy_storage.vendors.register_tools.writable import (
    CONTROL_ON,
    NotDeclaredError,
    ValueNotAllowedError,
    checked,
    refuse_locked,
    row_named,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError

from .builders import row

FREE = DeclaredRow(
    device="inverter_1",
    unit_id=1,
    name="buzzer_volume",
    group="Hold Register Map",
    space=Space.HOLDING,
    address=7,
    count=1,
    kind="u16",
    unit="%",
    locked=None,
    low=5,
    high=100,
)
CHOICE = replace(FREE, low=None, high=None, options=("off", "on"))


@pytest.mark.parametrize(
    ("locked", "code"),
    [({"locked": lock}, f"locked_{lock}") for lock in Lock if lock is not Lock.MISSING]
    + [
        ({"missing": True}, "locked_missing"),
        ({"readable": False}, "locked_no_read_back"),
        ({"high": None}, "locked_range_unknown"),
        ({"low": None}, "locked_range_unknown"),
    ],
)
def test_locked_rows_are_refused(locked: dict[str, object], code: str) -> None:
    """With the reason."""
    with pytest.raises(CommandRefusedError) as caught:
        refuse_locked(replace(FREE, **locked), control_on=False)  # type: ignore[arg-type]  # of the table above
    assert caught.value.code == code


def test_rows_are_locked_unless_a_driver_says_otherwise() -> None:
    """Nothing unproven is written."""
    assert DeclaredRow.__dataclass_fields__["locked"].default is Lock.UNPROVEN


def test_a_row_of_control_is_locked_while_control_is_on() -> None:
    """Two who write it would undo each other's work."""
    refuse_locked(replace(FREE, of_control=True), control_on=False)
    refuse_locked(FREE, control_on=True)
    with pytest.raises(CommandRefusedError) as caught:
        refuse_locked(replace(FREE, of_control=True), control_on=True)
    assert caught.value.code == CONTROL_ON


def test_a_choice_needs_no_range() -> None:
    """It has its options."""
    refuse_locked(CHOICE, control_on=False)
    assert checked(CHOICE, "on") == "on"


@pytest.mark.parametrize(("given", "written"), [(5, 5), (100.0, 100), ("42.5", 42.5)])
def test_values_in_the_range_are_taken(given: object, written: float) -> None:
    """Both ends included; a command line gives texts."""
    assert checked(FREE, given) == written


@pytest.mark.parametrize("value", [4.99, 101, -5, 65541, "much", None, True, float("nan"), "inf", [50]])
def test_values_out_of_the_range_are_refused(value: object) -> None:
    """They are not clamped and do not wrap; the error names register, value and range."""
    with pytest.raises(ValueNotAllowedError) as caught:
        checked(FREE, value)
    assert (caught.value.name, caught.value.value, caught.value.allowed) == (
        "buzzer_volume",
        value,
        "5 … 100 %",
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "-inf", "nan"])
def test_nonsense_is_no_number_in_any_range(value: object) -> None:
    """Also where the range is without end."""
    with pytest.raises(ValueNotAllowedError):
        checked(replace(FREE, low=-math.inf, high=math.inf), value)


@pytest.mark.parametrize("value", ["maybe", 1, None])
def test_unknown_options_are_refused(value: object) -> None:
    """The error names those that there are."""
    with pytest.raises(ValueNotAllowedError) as caught:
        checked(CHOICE, value)
    assert caught.value.allowed == "off, on"


def test_rows_are_found_by_device_and_name() -> None:
    """The same name may stand on several devices."""
    other = replace(FREE, device="inverter_2", unit_id=2)
    assert row_named([FREE, other], "inverter_2", "buzzer_volume") == other


@pytest.mark.parametrize(
    ("device", "name", "field", "known"),
    [
        ("inverter_9", "buzzer_volume", "device", ("inverter_1",)),
        ("inverter_1", "siren", "name", ("buzzer_volume",)),
    ],
)
def test_unknown_rows_are_refused(device: str, name: str, field: str, known: tuple[str, ...]) -> None:
    """The error names what there is; of registers, those that may be written."""
    with pytest.raises(NotDeclaredError) as caught:
        row_named([FREE, row(5, name="soc")], device, name)
    assert (caught.value.field, caught.value.known) == (field, known)
