"""What is fitted, and which registers mean something for that."""

import pytest

from custom_components.energy_storage.vendors.sigen.facts import Facts, phases_of, plant_has


@pytest.mark.parametrize(("output", "phases"), [("l_n", 1), ("l1_l2_n", 2), ("l1_l2_l3", 3), (None, None)])
def test_phases_follow_the_output(output: str | None, phases: int | None) -> None:
    """Unknown stays unknown."""
    assert phases_of(output) == phases


def test_a_single_phase_inverter_has_one_phase() -> None:
    """The registers of the others answer, but mean nothing."""
    facts = Facts(output_type="l_n")
    assert facts.has("phase_a_voltage")
    assert not facts.has("phase_b_current")
    assert not facts.has("line_voltage_ab")
    assert not plant_has("grid_phase_b_active_power", [facts])
    assert plant_has("grid_phase_a_active_power", [facts])


def test_a_split_phase_plant_has_no_third_phase() -> None:
    """Two live wires and neutral."""
    facts = Facts(output_type="l1_l2_n")
    assert plant_has("plant_phase_b_active_power", [facts])
    assert not plant_has("plant_phase_c_active_power", [facts])
    assert facts.has("phase_b_voltage")
    assert facts.has("line_voltage_ab")
    assert not facts.has("phase_c_voltage")
    assert not facts.has("line_voltage_bc")


def test_an_undescribed_output_hides_nothing() -> None:
    """A number that the maker adds later says nothing about phases."""
    assert Facts(output_type="unknown_4").has("phase_c_voltage")


def test_strings_are_those_that_are_fitted() -> None:
    """Until the inverter has said how many, there are none."""
    assert Facts(pv_string_count=2).has("pv02_voltage")
    assert not Facts(pv_string_count=2).has("pv03_voltage")
    assert not Facts().has("pv01_current")


def test_a_battery_may_be_there_until_denied() -> None:
    """One inverter with packs is enough for the plant."""
    assert Facts().has("ess_soc")
    assert not Facts(pack_count=0).has("rated_battery_energy")
    assert plant_has("ess_soc", [Facts(pack_count=0), Facts(pack_count=2)])
    assert not plant_has("ess_soc", [Facts(pack_count=0)])
