"""Peak shaving over any mode: the manual's two examples, windows, and energy kept for them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.decision import Decision
from custom_components.energy_storage.engine.documents import Documents, shaving_of
from custom_components.energy_storage.engine.plant import GridState
from tests.engine.house import House, codes

EVENING = [{"start": "17:00", "end": "21:00"}]


def house(*, at: int = 18, windows: list[dict[str, Any]] | None = None, **settings: Any) -> House:
    """Build a house that shaves at 2 kW, at an hour of the day."""
    chosen = {"peak_shaving": True, "peak_shaving_soc_pct": 60, "peak_shaving_max_import_w": 2000} | settings
    built = House().set(**chosen)
    documents = Documents(shaving=shaving_of(EVENING if windows is None else windows))
    return built.see(now=datetime(2026, 6, 1, at, tzinfo=UTC), documents=documents)


def kind(decision: Decision) -> CommandKind | None:
    """Give what the battery is told."""
    return None if decision.command is None else decision.command.kind


def test_at_a_low_soc_the_battery_gives_only_the_excess() -> None:
    """The manual's example: the house takes 5 kW, 2 kW come from the grid, 3 kW from the battery."""
    decision = house().cycle(load_power_w=5000, pv_power_w=0, soc_pct=50)
    assert decision.command == BatteryCommand(kind=CommandKind.SHAVE, max_import_w=2000, floor_soc_pct=10)
    assert "peak_shaving" in codes(decision)


def test_no_more_is_left_to_the_grid_than_may_be_imported() -> None:
    """An import limit below the maximum: the battery gives what exceeds the limit."""
    decision = house(import_limit_w=500).cycle(load_power_w=5000, pv_power_w=0, soc_pct=50)
    assert decision.command is not None
    assert (decision.command.kind, decision.command.max_import_w) == (CommandKind.SHAVE, 500)


def test_above_the_shaving_soc_the_mode_acts() -> None:
    """Self-consumption serves the house anyway."""
    decision = house(peak_shaving_soc_pct=40).cycle(load_power_w=5000, pv_power_w=0)
    assert kind(decision) is CommandKind.SELF_CONSUME


@pytest.mark.parametrize("mode", ["standby", "pv_only"])
def test_a_mode_that_gives_nothing_gives_the_excess(mode: str) -> None:
    """Else the import could not be kept under its maximum."""
    decision = house(peak_shaving_soc_pct=40, mode=mode).cycle(load_power_w=5000, pv_power_w=0)
    assert kind(decision) is CommandKind.SHAVE
    assert (
        kind(house(peak_shaving_soc_pct=40, mode=mode).cycle(load_power_w=1500, pv_power_w=0))
        is CommandKind.IDLE
    )


def test_a_forced_charge_is_capped_in_a_window() -> None:
    """The house takes 1.5 kW of the 2 kW: 500 W are left for the battery."""
    shaving = house(peak_shaving_soc_pct=40).override("force_charge", from_grid=True, power_w=3000)
    decision = shaving.cycle(load_power_w=1500, pv_power_w=0, grid_power_w=1500, battery_power_w=0)
    assert decision.command is not None
    assert decision.command.kind is CommandKind.CHARGE
    assert decision.command.power_w is not None
    assert 0 < decision.command.power_w <= 500


def test_between_windows_energy_is_kept_for_the_next() -> None:
    """Filled up by the sun; from the grid where that is allowed, at most what the maximum leaves."""
    quiet = house(at=12)
    assert kind(quiet.cycle(load_power_w=500, pv_power_w=0)) is CommandKind.HOLD
    assert "peak_shaving_reserve" in codes(quiet.cycle())
    filling = house(at=12, grid_charging=True)
    decision = filling.cycle(load_power_w=500, pv_power_w=0, grid_power_w=500, battery_power_w=0)
    assert decision.command is not None
    assert (decision.command.kind, decision.command.target_soc_pct) == (CommandKind.CHARGE, 60)
    assert decision.command.power_w is not None
    assert decision.command.power_w <= 1500


def test_between_windows_a_full_reserve_lets_the_mode_act() -> None:
    """Above the shaving SOC nothing is kept."""
    assert kind(house(at=12, peak_shaving_soc_pct=50).cycle()) is CommandKind.SELF_CONSUME


def test_between_windows_a_filled_reserve_is_kept() -> None:
    """Charged up to the shaving SOC it neither serves the house nor charges for what it loses by itself."""
    filling = house(at=12, grid_charging=True)
    seen: dict[str, Any] = {"load_power_w": 500, "pv_power_w": 0, "grid_power_w": 500, "battery_power_w": 0}
    assert kind(filling.cycle(soc_pct=58, **seen)) is CommandKind.CHARGE
    assert kind(filling.cycle(after_s=70, soc_pct=59.9, **seen)) is CommandKind.CHARGE
    assert kind(filling.cycle(after_s=70, soc_pct=60, **seen)) is CommandKind.HOLD
    assert kind(filling.cycle(after_s=70, soc_pct=58.1, **seen)) is CommandKind.HOLD
    assert kind(filling.cycle(after_s=70, soc_pct=58, **seen)) is CommandKind.CHARGE
    assert kind(filling.cycle(after_s=70, soc_pct=61.9, **seen)) is CommandKind.HOLD
    assert kind(filling.cycle(after_s=70, soc_pct=62, **seen)) is CommandKind.SELF_CONSUME


def test_the_shaving_soc_has_a_hysteresis() -> None:
    """From it up to 2 % above, what held goes on."""
    shaving = house()
    assert kind(shaving.cycle(soc_pct=59, load_power_w=5000, pv_power_w=0)) is CommandKind.SHAVE
    assert kind(shaving.cycle(after_s=70, soc_pct=61)) is CommandKind.SHAVE
    assert kind(shaving.cycle(after_s=70, soc_pct=62)) is CommandKind.SELF_CONSUME


def test_a_window_may_have_a_maximum_of_its_own() -> None:
    """It counts instead of the setting's."""
    windows: list[dict[str, Any]] = [
        {"start": "17:00", "end": "19:00", "max_import_w": 3000},
        {"start": "19:00", "end": "21:00"},
    ]
    shaving = house(windows=windows)
    decision = shaving.cycle(load_power_w=5000, pv_power_w=0)
    assert decision.command is not None
    assert decision.command.max_import_w == 3000
    decision = shaving.cycle(after_s=3600)
    assert decision.command is not None
    assert decision.command.max_import_w == 2000


def test_no_window_means_always() -> None:
    """Day and night."""
    assert kind(house(at=3, windows=[]).cycle(load_power_w=5000, pv_power_w=0)) is CommandKind.SHAVE


def test_shaving_stops_at_the_reserve() -> None:
    """The battery gives down to the on-grid floor and no further."""
    decision = house(backup_reserve_soc_pct=50).cycle(load_power_w=5000, pv_power_w=0)
    assert kind(decision) is CommandKind.HOLD
    assert "backup_reserve" in codes(decision)


@pytest.mark.parametrize(
    "settings", [{"peak_shaving": False}, {"peak_shaving_max_import_w": None}, {"mode": "device"}]
)
def test_nothing_is_shaved_where_nobody_wants_it(settings: dict[str, Any]) -> None:
    """Switched off, without a maximum, or with the plant on its own program."""
    decision = house(**settings).cycle(load_power_w=5000, pv_power_w=0)
    assert kind(decision) in (CommandKind.SELF_CONSUME, CommandKind.RELEASE)


def test_nothing_is_shaved_off_the_grid() -> None:
    """There is no import."""
    decision = house().cycle(load_power_w=5000, pv_power_w=0, grid_state=GridState.OFF_GRID)
    assert kind(decision) is CommandKind.SELF_CONSUME


def test_the_lowest_maximum_is_told() -> None:
    """Of the owner's import limit and that of the window; none of them without a grid."""
    assert house(peak_shaving_soc_pct=40).cycle().max_import_w == 2000
    assert house(peak_shaving_soc_pct=40, import_limit_w=1500).cycle().max_import_w == 1500
    assert house(peak_shaving=False).cycle().max_import_w is None
    dark = house(import_limit_w=1500).cycle(grid_state=GridState.OFF_GRID)
    assert dark.max_import_w is None
