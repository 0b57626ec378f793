"""Reasons compare and read well."""

from custom_components.energy_storage.engine import Reason


def test_a_reason_keeps_its_numbers_by_name() -> None:
    """The code is the translation key, the numbers fill its gaps."""
    assert dict(Reason("soc_floor", soc_pct=9.8).values) == {"soc_pct": 9.8}


def test_reasons_with_other_numbers_differ() -> None:
    """A test that asserts a number means it."""
    assert Reason("soc_floor", soc_pct=9.8) != Reason("soc_floor", soc_pct=9.9)
