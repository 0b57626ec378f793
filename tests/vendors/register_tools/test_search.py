"""Registers are found by what is known of them."""

import pytest

from custom_components.energy_storage.vendors.register_tools.search import groups_of, search

from .builders import row

ROWS = (
    row(0x0600, name="batt_voltage", group="BMS Info", unit="V"),
    row(0x0603, name="batt_soc", group="BMS Info", unit="%"),
    row(0x0700, 2, name="Grid_Power", group="ABF Info", unit="W"),
    row(0x0706, 2, name="Grid_TotalBuyEnergy", group="ABF Info", unit="kWh"),
)


@pytest.mark.parametrize(
    ("keyword", "group", "names"),
    [
        ("", "", ["batt_voltage", "batt_soc", "Grid_Power", "Grid_TotalBuyEnergy"]),
        ("SOC", "", ["batt_soc"]),
        ("batt soc", "", ["batt_soc"]),
        ("grid", "", ["Grid_Power", "Grid_TotalBuyEnergy"]),
        ("grid kwh", "", ["Grid_TotalBuyEnergy"]),
        ("0x0700", "", ["Grid_Power"]),
        ("1792", "", ["Grid_Power"]),
        ("", "bms", ["batt_voltage", "batt_soc"]),
        ("", "abf_info", ["Grid_Power", "Grid_TotalBuyEnergy"]),
        ("soc", "abf", []),
    ],
)
def test_registers_are_found_by_keyword_and_group(keyword: str, group: str, names: list[str]) -> None:
    """Every word of the keyword has to be there, in any case."""
    assert [each.name for each in search(ROWS, keyword=keyword, group=group)] == names


def test_registers_are_found_by_device() -> None:
    """Of one device of the plant."""
    assert search(ROWS, device="inverter_1") == ROWS
    assert search(ROWS, device="plant") == ()


def test_groups_are_listed() -> None:
    """In the order of the table."""
    assert groups_of(ROWS) == ("BMS Info", "ABF Info")
