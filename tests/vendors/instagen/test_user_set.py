"""Settings are sent whole, in range, or not at all."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.energy_storage.vendors.instagen.user_set import (
    PARAMETERS,
    BatteryMode,
    HeatPumpSettings,
    MidSettings,
    RelaySettings,
    TouPeriod,
    UserSet,
    check,
)

from .test_vectors import ECONOMY, PERIOD

EXAMPLES: dict[str, Any] = {
    "reserve_soc": 10,
    "max_power": 0,
    "tariff_dates": (ECONOMY,),
    "peak_max_soc": 70,
    "peak_meter_power": 0,
    "tou_periods": (PERIOD,),
}
ABSENT: dict[str, Any] = {"tariff_dates": (), "tou_periods": ()}


def whole(mode: BatteryMode) -> UserSet:
    """Give a mode with all its parameters."""
    return UserSet(mode=mode, **{name: EXAMPLES[name] for name in PARAMETERS[mode]})


@pytest.mark.parametrize("mode", BatteryMode)
def test_whole_mode_may_be_sent(mode: BatteryMode) -> None:
    """All parameters of the mode, a power of zero too, and no other."""
    check(whole(mode))


@pytest.mark.parametrize(("mode", "name"), [(mode, name) for mode in BatteryMode for name in EXAMPLES])
def test_parameter_too_few_or_too_many_is_refused(mode: BatteryMode, name: str) -> None:
    """What belongs to the mode must be there, and nothing else."""
    belongs = name in PARAMETERS[mode]
    without: Any = ABSENT.get(name)
    changed = replace(whole(mode), **{name: without if belongs else EXAMPLES[name]})
    with pytest.raises(ValueError, match=name):
        check(changed)


@pytest.mark.parametrize(
    ("mode", "name", "value"),
    [
        (BatteryMode.SELF_CONSUMPTION, "reserve_soc", 9),
        (BatteryMode.SELF_CONSUMPTION, "reserve_soc", 101),
        (BatteryMode.FORCE_CHARGE, "max_power", -1),
        (BatteryMode.FORCE_CHARGE, "max_power", 1001),
        (BatteryMode.PEAK_SHAVING, "peak_max_soc", 101),
        (BatteryMode.PEAK_SHAVING, "peak_meter_power", -1),
        (BatteryMode.ECONOMY, "tariff_dates", (ECONOMY,) * 5),
        (BatteryMode.ECONOMY, "tariff_dates", (replace(ECONOMY, week_group_2=None),)),
        (BatteryMode.TIME_OF_USE, "tou_periods", (PERIOD,) * 5),
        (BatteryMode.TIME_OF_USE, "tou_periods", (replace(PERIOD, charge_power=101),)),
        (BatteryMode.TIME_OF_USE, "tou_periods", (TouPeriod(charge_window=0),)),
    ],
)
def test_parameter_out_of_range_is_refused(mode: BatteryMode, name: str, value: object) -> None:
    """Nothing wraps, nothing is cut to fit: it is a mistake."""
    with pytest.raises(ValueError, match=r"not within|more than|missing|out of range"):
        check(replace(whole(mode), **{name: value}))  # type: ignore[arg-type]  # the name is data


def test_tariff_group_misses_nothing() -> None:
    """A group of weekdays without a price would leave the old one standing."""
    assert ECONOMY.week_group_1 is not None
    group = replace(ECONOMY.week_group_1, rest_sell=None)
    with pytest.raises(ValueError, match="rest_sell"):
        check(replace(whole(BatteryMode.ECONOMY), tariff_dates=(replace(ECONOMY, week_group_1=group),)))


@pytest.mark.parametrize("mode", [None, 0, 9])
def test_settings_without_a_known_mode_are_refused(mode: int | None) -> None:
    """The cloud's test mode 9 too."""
    with pytest.raises(ValueError, match="no battery mode"):
        check(UserSet(mode=mode))


@pytest.mark.parametrize(
    "other",
    [
        {"relays": (RelaySettings(function=2, manual_switch=0),)},
        {"mid_settings": (MidSettings(function=0),)},
        {"heat_pump": (HeatPumpSettings(mode=0),)},
    ],
)
def test_dry_contact_is_never_sent(other: dict[str, Any]) -> None:
    """Contact, generator and heat pump are understood, and nobody has tried to write them."""
    with pytest.raises(ValueError, match="does not belong"):
        check(replace(whole(BatteryMode.SELF_CONSUMPTION), **other))
