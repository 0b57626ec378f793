"""What may never be written to a Sigen plant."""

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.sigen.held import Reading
from custom_components.energy_storage.vendors.sigen.registers.codes import CONTROL_MODE
from custom_components.energy_storage.vendors.sigen.write_guards import (
    down_to_step,
    highest_cutoff,
    make_write,
    up_to_step,
    within_rating,
)
from custom_components.energy_storage.vendors.write import CommandRefusedError

MODE = "remote_ems_control_mode"


@pytest.mark.parametrize(
    ("soc_pct", "highest"), [(60.0, 59.7), (60.05, 59.7), (60.1, 59.8), (0.3, 0.0), (100.0, 99.7)]
)
def test_cutoffs_stay_below_the_soc(soc_pct: float, highest: float) -> None:
    """By 0.3 %, rounded down."""
    assert highest_cutoff(Reading(soc_pct=soc_pct, soc_age_s=2.0)) == highest


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        (Reading(soc_pct=None, soc_age_s=0), "soc_unknown"),
        (Reading(soc_pct=60.0, soc_age_s=2.01), "needs_fresh_soc"),
        (Reading(soc_pct=60.0), "needs_fresh_soc"),
        (Reading(soc_pct=0.29, soc_age_s=0), "soc_too_low"),
    ],
)
def test_cutoffs_need_a_fresh_soc(reading: Reading, code: str) -> None:
    """Known, young, and high enough for any."""
    with pytest.raises(CommandRefusedError) as caught:
        highest_cutoff(reading)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("percent", "down", "up"),
    [(80.06, 80.0, 80.1), (80.04, 80.0, 80.1), (80.1, 80.1, 80.1), (59.7, 59.7, 59.7)],
)
def test_percent_rounds_to_the_side_that_is_asked(percent: float, down: float, up: float) -> None:
    """What a register can hold stays as it is, whatever floating point makes of it."""
    assert (down_to_step(percent), up_to_step(percent)) == (down, up)


@pytest.mark.parametrize(("watts", "given"), [(-1.0, 0.0), (3_000.0, 3_000.0), (8_000.1, 8_000.0)])
def test_a_power_stays_between_nothing_and_the_rating(watts: float, given: float) -> None:
    """A register would take a negative one for four gigawatts."""
    assert within_rating(watts, 8_000.0) == given


@pytest.mark.parametrize(
    ("kind", "device", "name"),
    [
        (DeviceKind.PLANT, "plant", "plant_start_stop"),
        (DeviceKind.INVERTER, "inverter_1", "inverter_start_stop"),
    ],
)
@pytest.mark.parametrize("code", ["stop", "start"])
def test_power_switches_are_never_written(kind: DeviceKind, device: str, name: str, code: str) -> None:
    """40000 and 40500 switch off for good."""
    with pytest.raises(ValueError, match="never written"):
        make_write(kind, device, name, code, "test")


def test_only_three_control_modes_are_written() -> None:
    """Neither dispatch, grid first, battery first nor V2G, nor a number without a name."""
    allowed = set()
    for number, code in CONTROL_MODE.items():
        try:
            allowed.add((number, make_write(DeviceKind.PLANT, "plant", MODE, code, "test").words))
        except ValueError:
            continue
    assert allowed == {(2, (2,)), (4, (4,)), (5, (5,))}
    for value in ("unknown_7", 7.0, 2.0):
        with pytest.raises(ValueError, match=r"is no value of|is never written"):
            make_write(DeviceKind.PLANT, "plant", MODE, value, "test")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ess_max_charge_limit", -1.0), ("ess_max_charge_limit", float(0xFFFFFFFF)), ("ess_backup_soc", 100.1)],
)
def test_a_value_outside_its_register_is_never_wrapped(name: str, value: float) -> None:
    """The declaration bounds it: nothing negative, not all ones."""
    with pytest.raises(ValueError, match="is not in"):
        make_write(DeviceKind.PLANT, "plant", name, value, "test")


def test_readings_are_never_written() -> None:
    """Also not by a name that exists."""
    with pytest.raises(ValueError, match="never written"):
        make_write(DeviceKind.PLANT, "plant", "ess_soc", 50.0, "test")
    with pytest.raises(TypeError, match="text"):
        make_write(DeviceKind.INVERTER, "inverter_1", "model", 1.0, "test")


def test_values_round_to_what_a_register_holds() -> None:
    """Watts and tenths of a percent, without the noise of floating point."""
    written = make_write(DeviceKind.PLANT, "plant", "ess_backup_soc", 59.7, "test")
    assert (written.words, written.unit, written.device) == ((597,), "%", "plant")
    assert make_write(DeviceKind.PLANT, "plant", "grid_export_limit", 70_000.0, "test").words == (1, 4_464)
