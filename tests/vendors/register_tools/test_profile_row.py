"""A finding becomes a row of a profile."""

from custom_components.energy_storage.vendors.register_tools.candidates import Sighting, candidates
from custom_components.energy_storage.vendors.register_tools.profile_row import profile_row

from .builders import scan


def test_a_finding_can_be_written_down() -> None:
    """With everything that reads it again, read-only, and who says so."""
    seen = [
        Sighting(scan=scan({1537: 0xFFFF - 123}, "sun"), value=12.4),
        Sighting(scan=scan({1537: 55}, "night"), value=-5.5),
    ]
    best = candidates(seen, unit="A")[0]
    assert profile_row(best, seen, name="batt_current", unit="A") == {
        "kind": "input",
        "address": 1537,
        "count": 1,
        "type": "int16",
        "word_order": "big",
        "scale": 0.1,
        "sign": -1,
        "unit": "A",
        "access": "R",
        "name": "batt_current",
        "group": "Found by owner",
        "evidence": "owner",
        "source": "the display showed 12.4 A in the pass sun (2026-06-01 12:00 UTC);"
        " the display showed -5.5 A in the pass night (2026-06-01 12:00 UTC)",
    }
