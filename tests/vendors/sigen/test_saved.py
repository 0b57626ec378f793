"""What an earlier session saved."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.energy_storage.engine.plant import Identity
from custom_components.energy_storage.vendors.sigen.facts import Facts
from custom_components.energy_storage.vendors.sigen.saved import (
    facts_from,
    identity_from,
    names_from,
    time_from,
    version_from,
)
from custom_components.energy_storage.vendors.sigen.version import Version

TEXTS = st.sampled_from(["", "V2_8", "V9_9", "1", "inverter_1", "serial", "pack_count", "2026-06-21", "é"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["version", "asked_at", "identities", "facts", "missing", "other"])


def test_what_was_saved_is_found_again() -> None:
    """A restart costs no probes."""
    saved = {
        "version": "V2_8",
        "asked_at": "2026-06-21T10:00:00+00:00",
        "identities": {"1": {"serial": "110A1", "model": None, "firmware": "SPC113"}},
        "facts": {"inverter_1": {"pv_string_count": 4, "pack_count": 0, "dc_charger": True}},
        "missing": {"plant": ["plant_alarm_7"]},
    }
    assert version_from(saved) is Version.V2_8
    assert time_from(saved) == datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
    assert identity_from(saved, 1) == Identity(serial="110A1", firmware="SPC113")
    assert identity_from(saved, 2) is None
    assert facts_from(saved, "inverter_1") == Facts(pv_string_count=4, pack_count=0, dc_charger=True)
    assert names_from(saved) == {"plant": {"plant_alarm_7"}}


@pytest.mark.parametrize("text", ["yesterday", "2026-06-21T10:00:00", None, 7])
def test_a_time_that_makes_no_sense_is_unknown(text: object) -> None:
    """A time without its zone is none."""
    assert time_from({"asked_at": text}) is None


@given(st.dictionaries(KEYS, JSON))
def test_any_rubbish_counts_as_nothing_known(saved: dict[str, object]) -> None:
    """A damaged store costs a few probes, never a stack trace."""
    assert version_from(saved) in (None, *Version)
    time_from(saved)
    identity_from(saved, 1)
    assert facts_from(saved, "inverter_1").dc_charger in (True, False)
    assert all(isinstance(names, set) for names in names_from(saved).values())
