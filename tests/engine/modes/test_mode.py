"""Each mode: what it wishes, and when a plant offers it."""

import pytest

from custom_components.energy_storage.engine import Inputs, Memory, Settings
from custom_components.energy_storage.engine.command import Ability, CommandKind, Ends, OutageSafe
from custom_components.energy_storage.engine.decision import Reason
from custom_components.energy_storage.engine.limits import latches_now
from custom_components.energy_storage.engine.memory import Latches
from custom_components.energy_storage.engine.modes import MODES
from custom_components.energy_storage.engine.modes.mode import Mode, Wish, why_not
from tests.engine.house import GOOD, House, abilities, codes, command


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("self_consumption", CommandKind.SELF_CONSUME),
        ("standby", CommandKind.IDLE),
        ("device", CommandKind.RELEASE),
        ("pv_only", CommandKind.IDLE),
        ("full_feed_in", CommandKind.FEED_IN),
    ],
)
def test_a_base_mode_is_its_command(mode: str, kind: CommandKind) -> None:
    """And its reason is its name."""
    decision = House().set(mode=mode).cycle()
    assert (decision.command, codes(decision)) == (command(kind), [mode])


@pytest.mark.parametrize("key", list(MODES))
def test_a_mode_is_found_by_its_own_key(key: str) -> None:
    """The registry is a dictionary of what the files say."""
    assert MODES[key].key == key


@pytest.mark.parametrize("key", [key for key in MODES if key != "device"])
def test_a_mode_without_its_command_is_not_offered(key: str) -> None:
    """With the reason of the driver."""
    mode = MODES[key]
    assert why_not(mode, abilities()) is None
    assert why_not(mode, abilities(mode.needs)) == Reason(
        "not_offered", command=mode.needs.value, why="firmware"
    )
    assert why_not(mode, {}) == Reason("not_offered", command=mode.needs.value, why=None)


def test_the_plants_own_program_is_always_offered() -> None:
    """Nothing has to be written for it."""
    assert why_not(MODES["device"], {}) is None


def test_force_charge_takes_its_numbers_from_the_override() -> None:
    """What was asked counts before what the entities say."""
    house = House().set(force_charge_power_w=1000)
    decision = house.override("force_charge", power_w=2000, target_soc_pct=80, from_grid=True).cycle()
    assert decision.command == command(CommandKind.CHARGE, power_w=2000, target_soc_pct=80)


def test_force_charge_takes_the_rest_from_its_entities() -> None:
    """Picked in the select, it starts with the values of its numbers."""
    house = House().set(force_charge_power_w=1000, force_charge_target_soc_pct=70)
    decision = house.override("force_charge", from_grid=True).cycle()
    assert decision.command == command(CommandKind.CHARGE, power_w=1000, target_soc_pct=70)


def endless() -> House:
    """Give a house whose charge does not end by itself."""
    never = Ability(offered=True, ends=Ends.NONE, outage_safe=OutageSafe.YES, obeys=GOOD.obeys)
    return House().see(abilities=abilities(charge=never))


def test_force_charge_holds_at_its_target() -> None:
    """What was charged is kept until the end."""
    house = endless().override("force_charge", target_soc_pct=60, from_grid=True)
    decision = house.cycle(soc_pct=60.0)
    assert decision.command == command(CommandKind.HOLD)
    assert codes(decision) == ["force_charge", "target_reached"]


def test_force_charge_resumes_two_percent_below_its_target() -> None:
    """No swinging at the target."""
    house = endless().override("force_charge", target_soc_pct=60, from_grid=True)
    house.cycle(soc_pct=60.0)
    assert house.cycle(soc_pct=58.1).command == command(CommandKind.HOLD)
    decision = house.cycle(soc_pct=58.0, after_s=60)
    assert decision.command is not None
    assert decision.command.kind is CommandKind.CHARGE


def test_a_new_force_charge_starts_anew() -> None:
    """That the last one had reached its target is no business of this one."""
    house = endless().override("force_charge", target_soc_pct=60, from_grid=True)
    house.cycle(soc_pct=60.0)
    decision = house.override("force_charge", target_soc_pct=60, from_grid=True).cycle(soc_pct=59.0)
    assert "target_reached" not in codes(decision)


def test_that_a_target_was_reached_survives_a_restart() -> None:
    """It is in the part of the memory that is saved."""
    house = endless().override("force_charge", target_soc_pct=60, from_grid=True)
    house.cycle(soc_pct=60.0)
    house.memory = Memory(lasting=house.memory.lasting)
    assert "target_reached" in codes(house.cycle(soc_pct=59.0))


def test_force_discharge_holds_at_its_floor() -> None:
    """A plant at its floor may not leave `discharge` by itself."""
    house = House().override("force_discharge", floor_soc_pct=40)
    decision = house.cycle(soc_pct=40.0)
    assert decision.command == command(CommandKind.HOLD)
    assert codes(decision) == ["force_discharge", "floor_reached"]


def test_force_discharge_resumes_two_percent_above_its_floor() -> None:
    """What the sun brings is sold again."""
    house = House().override("force_discharge", floor_soc_pct=40)
    house.cycle(soc_pct=40.0)
    assert house.cycle(soc_pct=41.9).command == command(CommandKind.HOLD)
    decision = house.cycle(soc_pct=42.0, after_s=60)
    assert decision.command == command(CommandKind.DISCHARGE, power_w=3000, floor_soc_pct=40)


@pytest.mark.parametrize("key", ["force_charge", "force_discharge"])
def test_an_unknown_soc_reaches_no_end(key: str) -> None:
    """Unknown is neither full nor empty."""
    inputs = House().inputs
    unknown = Inputs(now=inputs.now, plant=type(inputs.plant)(read_at=inputs.now), abilities=inputs.abilities)
    wish = MODES[key].decide(unknown, Settings(), Memory())
    assert isinstance(wish, Wish)
    assert wish.notes == {}


def wishing(monkeypatch: pytest.MonkeyPatch, wish: Wish) -> House:
    """Give a house with a mode that wishes this."""

    def decide(inputs: Inputs, settings: Settings, memory: Memory) -> Wish:  # noqa: ARG001  asked alike
        return wish

    monkeypatch.setitem(MODES, "new", Mode(key="new", needs=CommandKind.SELF_CONSUME, decide=decide))
    return House().set(mode="new")


def test_a_mode_may_have_a_floor_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedule's gap keeps what the battery had when it began."""
    house = wishing(monkeypatch, Wish(command=command(CommandKind.SELF_CONSUME), floor_soc_pct=50.0))
    assert house.cycle(soc_pct=51.0).command == command(CommandKind.SELF_CONSUME)
    decision = house.cycle(soc_pct=50.0)
    assert (decision.command, codes(decision)) == (command(CommandKind.HOLD), ["mode_floor"])
    assert decision.floor_soc_pct == 50


def test_a_modes_floor_is_nothing_when_it_wishes_none() -> None:
    """No floor, no latch."""
    assert not latches_now(
        Settings(), Latches(at_mode_floor=True), Wish(command=command(CommandKind.IDLE)), 1.0
    ).at_mode_floor


def test_a_mode_may_have_a_maximum_import_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A period's own maximum is kept as an owner's."""
    wish = Wish(command=command(CommandKind.CHARGE), max_import_w=3000)
    decision = wishing(monkeypatch, wish).set(grid_charging=True, import_limit_w=9000).cycle()
    assert decision.command == command(CommandKind.CHARGE, power_w=3000, target_soc_pct=100)


def test_a_mode_may_have_a_maximum_export_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the owner has none."""
    wish = Wish(command=command(CommandKind.DISCHARGE), max_export_w=3000)
    decision = wishing(monkeypatch, wish).cycle()
    assert decision.command == command(CommandKind.DISCHARGE, power_w=3000, floor_soc_pct=10)


def test_a_base_mode_cannot_allow_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a person's override carries a permission."""
    house = wishing(monkeypatch, Wish(command=command(CommandKind.CHARGE), from_grid=True))
    assert house.cycle().command == command(CommandKind.HOLD)


def test_a_mode_finds_its_notes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are saved under its name."""
    house = wishing(monkeypatch, Wish(command=command(CommandKind.IDLE), notes={"anchor": 40.0}))
    house.cycle()
    assert house.memory.lasting.notes == {"new": {"anchor": 40.0}}
