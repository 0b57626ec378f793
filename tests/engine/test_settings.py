"""Settings: one line each, checked, with defaults that are safe."""

import pytest

from custom_components.energy_storage.engine import SETTINGS, ControlState, Settings
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.settings import Setting, SettingError

ROWS = {row.key: row for row in SETTINGS}


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.key)
def test_every_default_is_allowed(row: Setting) -> None:
    """A plant that was just added is set up with values that its own rows accept."""
    row.check(row.default)


def test_defaults_write_nothing_and_take_nothing_from_the_grid() -> None:
    """Nothing that costs money happens before the owner wants it."""
    settings = Settings.of({})
    assert settings.control is ControlState.OFF
    assert (settings.grid_charging, settings.refill_reserve_from_grid) == (False, False)
    assert (settings.unattended_consent, settings.outage_consent) == (False, False)


def test_stored_values_are_taken() -> None:
    """What was saved holds, in the engine's own words."""
    settings = Settings.of({"control": "shadow", "export_limit_w": 5000, "gone": 1})
    assert (settings.control, settings.export_limit_w) == (ControlState.SHADOW, 5000)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("charge_cutoff_soc_pct", 49),
        ("charge_cutoff_soc_pct", 101),
        ("charge_cutoff_soc_pct", float("nan")),
        ("charge_cutoff_soc_pct", True),
        ("charge_cutoff_soc_pct", None),
        ("export_limit_w", -1),
        ("grid_charging", 1),
        ("control", "yielded"),
        ("mode", "force_charge"),
    ],
)
def test_a_bad_value_is_refused_by_name(key: str, value: object) -> None:
    """The error names the setting, the value and the range."""
    with pytest.raises(SettingError) as refused:
        Settings.of({key: value})
    assert refused.value.key == key
    assert str(refused.value.allowed) in str(refused.value)


def test_an_optional_limit_may_be_taken_away() -> None:
    """None is no limit."""
    assert Settings.of({"export_limit_w": None}).export_limit_w is None


def test_cutoffs_that_leave_nothing_are_refused() -> None:
    """A battery has to be left a window."""
    with pytest.raises(SettingError, match="discharge_cutoff_soc_pct"):
        Settings.of({"discharge_cutoff_soc_pct": 60, "charge_cutoff_soc_pct": 60})


def test_the_choice_of_modes_is_the_registry_of_base_modes() -> None:
    """A mode that is added can be chosen."""
    assert set(ROWS["mode"].options) == {key for key, mode in MODES.items() if not mode.override}
