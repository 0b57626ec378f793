"""A third party that dispatches, and its silence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.energy_storage.engine import Settings
from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.engine.dispatch import Dispatch, DispatchRefusedError, check_dispatch
from custom_components.energy_storage.engine.memory import Lasting, dispatched
from tests.engine.house import NOON, RATED_W, House, codes

DISCHARGE = Dispatch(
    id="1",
    sender="grid",
    command=BatteryCommand(kind=CommandKind.DISCHARGE, power_w=3000, floor_soc_pct=30),
    valid_from=NOON,
    valid_until=NOON + timedelta(hours=1),
)


def house() -> House:
    """Build a house that listens to others."""
    return House().set(mode="remote_ems", remote_ems_fallback="standby")


def test_a_dispatch_is_obeyed_until_it_ends() -> None:
    """Then the fallback mode acts."""
    listening = house()
    listening.memory = dispatched(listening.memory, DISCHARGE)
    decision = listening.cycle()
    assert decision.command == DISCHARGE.command
    assert codes(decision)[:2] == ["remote_ems", "dispatch"]
    decision = listening.cycle(after_s=3600)
    assert decision.command == BatteryCommand(kind=CommandKind.IDLE)
    assert codes(decision)[:3] == ["remote_ems", "no_dispatch", "standby"]


def test_nobody_who_dispatches_is_the_fallback() -> None:
    """As chosen by the owner."""
    assert house().cycle().command == BatteryCommand(kind=CommandKind.IDLE)


def test_a_dispatch_is_held_to_the_owners_limits() -> None:
    """Whatever it asks for."""
    listening = house().set(backup_reserve_soc_pct=60)
    listening.memory = dispatched(listening.memory, DISCHARGE)
    decision = listening.cycle()
    assert decision.command is not None
    assert decision.command.kind is CommandKind.HOLD
    assert "backup_reserve" in codes(decision)


def test_other_modes_do_not_listen() -> None:
    """A dispatch counts only where the owner chose that."""
    deaf = House()
    deaf.memory = dispatched(deaf.memory, DISCHARGE)
    assert deaf.cycle().command == BatteryCommand(kind=CommandKind.SELF_CONSUME)


def test_a_dispatch_survives_a_restart() -> None:
    """With its end."""
    kept = Lasting.from_json(Lasting(dispatch=DISCHARGE).to_json())
    assert kept.dispatch == DISCHARGE
    assert Lasting.from_json({"dispatch": {"id": "1", "command": {"kind": "hold"}}}).dispatch is None


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (replace(DISCHARGE, valid_until=NOON), "dispatch_expired"),
        (replace(DISCHARGE, valid_until=NOON + timedelta(hours=25)), "dispatch_too_long"),
        (replace(DISCHARGE, sender="other"), "dispatch_taken"),
        (replace(DISCHARGE, command=BatteryCommand(kind=CommandKind.ISLAND)), "dispatch_not_allowed"),
        (
            replace(DISCHARGE, command=BatteryCommand(kind=CommandKind.CHARGE, power_w=RATED_W + 1)),
            "dispatch_power",
        ),
        (
            replace(DISCHARGE, command=BatteryCommand(kind=CommandKind.CHARGE, target_soc_pct=95)),
            "target_above_cutoff",
        ),
        (
            replace(DISCHARGE, command=BatteryCommand(kind=CommandKind.DISCHARGE, floor_soc_pct=5)),
            "floor_below_reserve",
        ),
    ],
)
def test_what_cannot_be_is_refused(new: Dispatch, code: str) -> None:
    """Expired, too long, another sender's turn, outside the limits."""
    settings = Settings(charge_cutoff_soc_pct=90)
    with pytest.raises(DispatchRefusedError) as caught:
        check_dispatch(new, DISCHARGE, settings, NOON, RATED_W)
    assert caught.value.reason.code == code


def test_the_same_sender_may_change_his_mind() -> None:
    """And another one has his turn when the first is over."""
    check_dispatch(replace(DISCHARGE, id="2"), DISCHARGE, Settings(), NOON, RATED_W)
    later = NOON + timedelta(hours=2)
    other = replace(DISCHARGE, sender="other", valid_from=later, valid_until=later + timedelta(hours=1))
    check_dispatch(other, DISCHARGE, Settings(), later, None)
