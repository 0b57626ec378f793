"""Full before a known outage, serving the house in it."""

from datetime import timedelta
from typing import Any

from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.engine.decision import Decision
from custom_components.energy_storage.engine.documents import Documents, Outage
from tests.engine.house import NOON, House, codes


def house(starts_in_h: float, lasts_h: float = 2, **plant: Any) -> House:
    """Build a house at noon with an outage to come."""
    start = NOON + timedelta(hours=starts_in_h)
    outage = Outage(start=start, end=start + timedelta(hours=lasts_h))
    built = House().set(mode="load_shedding", grid_charging=True)
    built.see(documents=Documents(outages=(outage,)))
    built.cycle(rated_energy_wh=10_000.0, **plant)
    return built


def kind(decision: Decision) -> CommandKind | None:
    """Give what the battery is told."""
    return None if decision.command is None else decision.command.kind


def test_without_an_outage_the_base_mode_acts() -> None:
    """And after the last one."""
    decision = House().set(mode="load_shedding", load_shedding_base="pv_only").cycle()
    assert (kind(decision), codes(decision)[1]) == (CommandKind.IDLE, "no_outage_known")


def test_the_charge_begins_when_there_is_just_time_enough() -> None:
    """5 kWh at 10 kW take half an hour and a bit; a quarter of an hour is kept in hand."""
    early = house(starts_in_h=1.2)
    assert kind(early.cycle()) is CommandKind.SELF_CONSUME
    assert "outage_known" in codes(early.cycle())
    decision = early.cycle(after_s=25 * 60)
    assert kind(decision) is CommandKind.CHARGE
    assert decision.command is not None
    assert decision.command.target_soc_pct == 100


def test_a_battery_that_takes_less_than_the_inverter_begins_earlier() -> None:
    """5 kWh at 2.5 kW take more than two hours, whatever the inverter is rated for."""
    early = house(starts_in_h=2.6, available_charge_power_w=2_500.0)
    assert kind(early.cycle()) is CommandKind.SELF_CONSUME
    assert kind(early.cycle(after_s=15 * 60)) is CommandKind.CHARGE


def test_a_full_battery_is_kept_full() -> None:
    """Until the outage begins; then the house is served, even if the grid stays."""
    shed = house(starts_in_h=0.5)
    for soc in range(50, 101, 5):
        decision = shed.cycle(after_s=90, soc_pct=float(soc))
    assert kind(decision) is CommandKind.HOLD
    assert kind(shed.cycle(after_s=70, soc_pct=98.5)) is CommandKind.HOLD
    decision = shed.cycle(after_s=20 * 60, soc_pct=98.5)
    assert kind(decision) is CommandKind.SELF_CONSUME
    assert "outage_window" in codes(decision)
    assert "no_outage_known" in codes(shed.cycle(after_s=3 * 3600))


def test_an_outage_that_comes_too_soon_is_told() -> None:
    """With the SOC that can be reached."""
    decision = house(starts_in_h=0.25).cycle()
    assert kind(decision) is CommandKind.CHARGE
    reason = next(reason for reason in decision.reasons if reason.code == "outage_not_full")
    assert 60 < float(dict(reason.values)["soc_pct"] or 0) < 80


def test_what_is_not_known_of_the_battery_begins_the_charge_early() -> None:
    """Hours before."""
    shed = house(starts_in_h=7)
    assert kind(shed.cycle(rated_energy_wh=None)) is CommandKind.CHARGE


def test_the_power_that_was_seen_counts() -> None:
    """A battery that takes less than it is rated for is given more time."""
    shed = house(starts_in_h=0.5)
    shed.cycle(after_s=70)
    shed.cycle(after_s=70, battery_power_w=-2_000.0)
    assert shed.memory.lasting.notes["load_shedding"]["seen_w"] == 2_000


def test_the_grid_is_not_used_where_it_is_forbidden() -> None:
    """It is automatic."""
    shed = house(starts_in_h=0.5).set(grid_charging=False)
    assert kind(shed.cycle(after_s=70)) is CommandKind.HOLD
