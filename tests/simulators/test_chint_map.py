"""The transcribed tables as the simulators read them."""

from collections import Counter
import csv

import pytest

from tests.simulators.chint_map import PROFILES, TABLE, Profile, bounds, is_time, listed, spaces
from tests.simulators.line_device import Kind
from tests.simulators.meter_map import ROWS
from tests.simulators.register_map import Row
from tests.simulators.word_space import Space, unset


def rows(profile: Profile, kind: Kind = "input") -> dict[str, Row]:
    """Give the rows of a profile by name."""
    return dict(spaces(profile)[kind].rows)


def test_proven_registers_of_an_ech_th() -> None:
    """What was read on a real one, with its scale and sign."""
    table = rows("ech_th")
    proven = {
        "batt_voltage": (0x0600, 1, "U16", 10),
        "batt_current": (0x0601, 1, "S16", 10),
        "batt_soc": (0x0603, 1, "U16", 1),
        "grid_power": (0x0700, 2, "S32", 1),
        "grid_power_low_word": (0x0701, 1, "S16", 1),
        "pv_power_low_word": (0x0709, 1, "U16", 1),
        "ac_current_l1": (0x082F, 1, "S16", 100),
        "ac_current_l2": (0x0830, 1, "S16", 100),
        "ac_current_l3": (0x0831, 1, "S16", 100),
    }
    for name, expected in proven.items():
        row = table[name]
        assert (row.address, row.count, row.data_type, round(row.gain)) == expected


def test_quoted_registers_of_an_ech_s() -> None:
    """What the vendor's document says of the single-phase one; its energies are where the manual has them."""
    table = rows("ech_s")
    assert [
        (table[name].address, round(table[name].gain)) for name in ("Batt_SOC", "Batt_Volt", "Batt_Curr")
    ] == [
        (0x0610, 1),
        (0x0614, 100),
        (0x0615, 10),
    ]
    assert (table["Grid_TotalBuyEnergy"].address, table["Grid_TotalSellEnergy"].address) == (0x0706, 0x0708)
    assert table["Grid_Power"].data_type == "S32"
    assert not any(name.startswith(("battery value", "BLOCK")) for name in table)


def test_control_of_an_sce() -> None:
    """The five words of the public recipes."""
    table = rows("sce", "holding")
    assert {row.name: row.address for row in table.values() if row.access == "RW"} == {
        "hybrid_work_mode": 0x2100,
        "time_slot1_repeat": 0x2101,
        "time_slot1_charge_start": 0x2102,
        "time_slot1_charge_end": 0x2103,
        "time_control_enable": 0x214C,
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_no_row_is_lost(profile: Profile) -> None:
    """Every place that the table prints is there, once."""
    owners = (profile, "ech_any") if profile.startswith("ech") else (profile,)
    with TABLE.open(encoding="utf-8", newline="") as file:
        printed = {
            (line["kind"], int(line["address_hex"], 16), int(line["count"]))
            for line in csv.DictReader(file)
            if line["profile"] in owners and line["address_hex"] and line["type"] != "block"
        }
    found = [
        (kind, row.address, row.count)
        for kind, space in spaces(profile, extended=True).items()
        for row in space.rows.values()
    ]
    assert sorted(found) == sorted(printed)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_word_belongs_to_a_row_or_a_gap(profile: Profile) -> None:
    """Each row is reached at its address, but for halves of a longer one."""
    for space in spaces(profile).values():
        for row in space.rows.values():
            owner = space.at(row.address)
            assert owner is not None
            assert owner is row or (owner.count > row.count and row.name.endswith("_low_word"))
            assert space.covers(row.address, row.count)


def test_ranges_and_codes_are_read_from_the_table() -> None:
    """In the unit of the row, and with hexadecimal codes."""
    ech, string = rows("ech_th", "holding"), rows("cps_403x", "holding")
    assert bounds(ech["FeedbackGridPower"]) == (0, 12)
    assert bounds(string["active_power_set"]) == (0, 100)
    assert is_time(ech["BatFromGridStartTime"])
    assert not is_time(ech["running_mode"])
    assert listed(ech["power_on_off"]) == (0xAAAA, 0x5555)
    assert listed(ech["running_mode"]) == (0, 1, 2, 3, 4, 5)
    assert listed(ech["autotest_agreement"]) == (0, 1)
    assert listed(rows("ech_th")["running_mode_feedback"]) == ()


def test_blocks_of_an_sce() -> None:
    """Rows with small gaps are one block; the switch of the time control stands alone."""
    space = spaces("sce")["holding"]
    assert space.covers(0x2000, 0x14)
    assert space.covers(0x2100, 4)
    assert not space.covers(0x2103, 2)
    assert space.covers(0x214C, 1)
    assert not space.covers(0x2013, 0x100)


def test_value_that_is_not_implemented() -> None:
    """By type, as the family has it."""
    table = rows("ech_th")
    assert unset(table["batt_voltage"]) == (0xFFFF,)
    assert unset(table["batt_current"]) == (0x8000,)
    assert unset(table["grid_power"]) == (0x8000, 0)
    assert unset(table["pv_power"]) == (0xFFFF, 0xFFFF)
    assert unset(table["serial_number"]) == (0, 0, 0, 0)


def test_meters_are_read_whole() -> None:
    """All ninety rows, by variant, with kilowatts turned into watts."""
    assert Counter(row.columns["variant"] for row in ROWS) == {
        "dtsu666": 53,
        "dtsu666_2016": 6,
        "dtsu666_other": 2,
        "ddsu666": 16,
        "dtsu666_20_sungrow": 13,
    }
    power = Space(row for row in ROWS if row.columns["variant"] == "ddsu666").rows["active_power"]
    assert power.encode(3_000.0) == (0x4040, 0)
    assert power.decode((0x4040, 0)) == pytest.approx(3_000.0)
