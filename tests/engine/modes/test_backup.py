"""Full backup: charged, kept, given to the house in an outage, charged again."""

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.decision import Decision
from custom_components.energy_storage.engine.plant import GridState
from tests.engine.house import House, codes


def kind(decision: Decision) -> CommandKind | None:
    """Give what the battery is told."""
    return None if decision.command is None else decision.command.kind


def test_backup_charges_to_its_target_and_keeps_it() -> None:
    """A person who starts it brings the permission for the grid along."""
    house = House().override("backup", target_soc_pct=80, power_w=4000, from_grid=True)
    assert house.cycle().command == BatteryCommand(kind=CommandKind.CHARGE, power_w=4000, target_soc_pct=80)
    decision = house.cycle(after_s=70, soc_pct=54)
    for soc in (58, 62, 66, 70, 74, 78, 80):
        decision = house.cycle(after_s=70, soc_pct=soc)
    assert kind(decision) is CommandKind.HOLD
    assert codes(decision)[:2] == ["backup", "target_reached"]
    assert kind(house.cycle(after_s=70, soc_pct=78.5)) is CommandKind.HOLD
    assert kind(house.cycle(after_s=70, soc_pct=78)) is CommandKind.CHARGE


def test_backup_gives_all_of_it_in_an_outage_and_charges_again_after_it() -> None:
    """Off the grid the floor is the cut-off alone, though there is a reserve."""
    house = House().set(backup_reserve_soc_pct=40).override("backup", target_soc_pct=50, from_grid=True)
    assert kind(house.cycle()) is CommandKind.HOLD
    decision = house.cycle(after_s=70, grid_state=GridState.OFF_GRID)
    assert kind(decision) is CommandKind.SELF_CONSUME
    assert decision.floor_soc_pct == 10
    for soc in (46, 42, 38):
        house.cycle(after_s=70, soc_pct=soc)
    assert kind(house.cycle(after_s=70, grid_state=GridState.ON_GRID)) is CommandKind.CHARGE


def test_backup_lasts_until_it_is_ended() -> None:
    """It may run longer than a day."""
    house = House().override("backup", minutes=3 * 24 * 60, target_soc_pct=50, from_grid=True)
    house.cycle(after_s=2 * 24 * 3600)
    assert house.cycle().mode == "backup"


def test_backup_without_the_grid_waits_for_the_sun() -> None:
    """Neither the person nor the switch allows it."""
    decision = House().override("backup", target_soc_pct=80).cycle()
    assert kind(decision) is CommandKind.HOLD
    assert "grid_charging_off" in codes(decision)
