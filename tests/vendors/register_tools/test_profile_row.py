"""A finding becomes a row of a profile."""

import re

import pytest

from custom_components.energy_storage.vendors.register_tools.candidates import Sighting, candidates
from custom_components.energy_storage.vendors.register_tools.profile_row import key_of, profile_row

from .builders import scan


def test_a_finding_can_be_written_down() -> None:
    """With everything that reads it again, read-only, and who says so."""
    seen = [
        Sighting(scan=scan({0x0601: 0xFFFF - 123}, "sun"), value=12.4),
        Sighting(scan=scan({0x0601: 55}, "night"), value=-5.5),
    ]
    best = candidates(seen, unit="A")[0]
    assert profile_row(best, seen, name="Batt current", unit="A") == {
        "name": "batt_current",
        "address": "0x0601",
        "kind": "input",
        "type": "int16",
        "word_order": "big",
        "scale": 0.1,
        "sign": -1,
        "unit": "A",
        "access": "R",
        "group": "found_by_owner",
        "evidence": "owner",
        "note": "the display showed 12.4 A in the pass sun (2026-06-01 12:00 UTC);"
        " the display showed -5.5 A in the pass night (2026-06-01 12:00 UTC)",
    }


@pytest.mark.parametrize(
    ("shown", "unit", "raw", "kept", "scale"),
    [
        (4.213, "kW", 4213, "W", 1.0),
        (42.13, "kW", 4213, "W", 10.0),
        (12.5, "MWh", 1250, "kWh", 10.0),
        (53.1, "%", 531, "%", 0.1),
        (2301, None, 2301, None, 1.0),
    ],
)
def test_rows_are_kept_in_our_units(
    shown: float, unit: str | None, raw: int, kept: str | None, scale: float
) -> None:
    """A display may show thousands; what has no unit has none."""
    seen = [Sighting(scan=scan({7: raw}), value=shown)]
    row = profile_row(candidates(seen, unit=unit)[0], seen, name="x", unit=unit)
    assert (row.get("unit"), row["scale"]) == (kept, scale)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Battery SOC", "battery_soc"),
        ("°C innen", "c_innen"),
        ("2nd meter", "found_2nd_meter"),
        ("", "found"),
    ],
)
def test_names_become_keys(name: str, key: str) -> None:
    """As a profile wants them."""
    assert key_of(name) == key
    assert re.fullmatch("[a-z][a-z0-9_]*", key)
