"""Commands fitted into limits, and what comes next where a plant cannot do them."""

import math

import pytest

from custom_components.energy_storage.engine import Settings
from custom_components.energy_storage.engine.bounds import Bound, Bounds, Limits
from custom_components.energy_storage.engine.command import (
    Ability,
    BatteryCommand,
    CommandKind,
    OutageSafe,
    Parameter,
    Unattended,
)
from custom_components.energy_storage.engine.decision import Reason
from custom_components.energy_storage.engine.fit import Fitted, fit, flows, narrower
from tests.engine.house import GOOD, RATED_W, House, abilities, codes, command

SERVE = command(CommandKind.SELF_CONSUME)
BARE = Ability(offered=True, outage_safe=OutageSafe.YES)


def fitted(
    wish: BatteryCommand,
    bounds: Bounds | None = None,
    able: dict[CommandKind, Ability] | None = None,
    *,
    export_limit_w: float | None = None,
) -> Fitted:
    """Fit a wish into bounds."""
    limits = Limits(
        bounds=bounds or Bounds(),
        floor_soc_pct=20,
        support_floor_soc_pct=10,
        ceiling_soc_pct=95,
        support_import_w=5000,
        export_limit_w=export_limit_w,
        off_grid=False,
        guards={},
        device={},
    )
    inputs = House().see(abilities=able or abilities()).inputs
    return fit(wish, limits, inputs, Settings())


def bound(watts: float) -> Bound:
    """Give a bound that says its name."""
    return Bound(watts, "it", Reason("it"))


NOTHING_OUT = Bounds(discharge=bound(0), feed=bound(0))


@pytest.mark.parametrize("kind", list(CommandKind))
def test_without_limits_a_wish_is_what_it_is(kind: CommandKind) -> None:
    """Only floors, targets and ratings are filled in."""
    assert fitted(command(kind)).command.kind is kind


@pytest.mark.parametrize(
    ("wish", "missing", "expected"),
    [
        ("hold", ["hold"], command(CommandKind.SELF_CONSUME, max_discharge_w=0)),
        ("hold", ["hold", "self_consume"], command(CommandKind.IDLE)),
        ("idle", ["idle"], command(CommandKind.HOLD, max_charge_w=0)),
        ("idle", ["idle", "hold"], command(CommandKind.SELF_CONSUME, max_charge_w=0, max_discharge_w=0)),
        ("charge", ["charge"], command(CommandKind.HOLD)),
        ("discharge", ["discharge"], SERVE),
        ("shave", ["shave"], command(CommandKind.HOLD)),
        ("feed_in", ["feed_in"], command(CommandKind.DISCHARGE, power_w=RATED_W, floor_soc_pct=20)),
        ("feed_in", ["feed_in", "discharge"], SERVE),
        ("island", ["island"], SERVE),
        ("self_consume", ["self_consume"], command(CommandKind.HOLD)),
        ("self_consume", list(CommandKind), command(CommandKind.RELEASE)),
    ],
)
def test_what_is_not_offered_is_replaced(wish: str, missing: list[str], expected: BatteryCommand) -> None:
    """The next best that lets no more flow than the wish did, and the reason why."""
    able = abilities(*(CommandKind(kind) for kind in missing))
    result = fitted(command(CommandKind(wish)), able=able)
    assert result.command == expected
    assert Reason("not_offered", command=wish, why="firmware") in result.reasons


def test_a_command_that_was_never_declared_is_not_offered() -> None:
    """What a driver does not know cannot be asked."""
    able = {CommandKind.SELF_CONSUME: GOOD}
    assert (
        Reason("not_offered", command="island", why=None)
        in fitted(command(CommandKind.ISLAND), able=able).reasons
    )


def test_what_is_unsafe_alone_needs_consent() -> None:
    """Once a plant, the owner has to agree."""
    unsafe = Ability(offered=True, unattended=Unattended.UNSAFE, outage_safe=OutageSafe.YES, obeys=GOOD.obeys)
    house = House().see(abilities=abilities(charge=unsafe)).override("force_charge", from_grid=True)
    assert "needs_unattended_consent" in codes(house.cycle())
    decision = house.set(unattended_consent=True).cycle()
    assert decision.command is not None
    assert decision.command.kind is CommandKind.CHARGE


@pytest.mark.parametrize(
    ("backup", "consent", "kind"),
    [
        (True, False, CommandKind.IDLE),
        (None, False, CommandKind.IDLE),
        (True, True, CommandKind.HOLD),
        (False, False, CommandKind.HOLD),
    ],
)
def test_what_may_fail_in_an_outage_needs_consent_with_backup_supply(
    backup: bool | None, consent: bool, kind: CommandKind
) -> None:
    """Where nobody knows of a backup supply, there may be one."""
    unknown = Ability(offered=True, obeys=GOOD.obeys)
    house = House().see(abilities=abilities(CommandKind.SELF_CONSUME, hold=unknown)).override("hold")
    decision = house.connect(backup_supply=backup).set(outage_consent=consent).cycle()
    assert decision.command is not None
    assert decision.command.kind is kind


def test_a_ceiling_that_a_plant_does_not_obey_is_not_relied_upon() -> None:
    """Rather no discharge at all than one that nobody bounds."""
    result = fitted(SERVE, Bounds(discharge=bound(2000)), abilities(self_consume=BARE))
    assert result.command == command(CommandKind.HOLD)
    assert Reason("not_obeyed", command="self_consume", parameter="max_discharge_w") in result.reasons


def test_a_wished_ceiling_that_a_plant_does_not_obey_is_left_out() -> None:
    """A wish is not a limit: better plain than not at all."""
    wish = command(CommandKind.SELF_CONSUME, max_charge_w=0)
    assert fitted(wish, able=abilities(self_consume=BARE)).command == SERVE


@pytest.mark.parametrize("kind", [CommandKind.CHARGE, CommandKind.DISCHARGE])
def test_a_wished_power_that_a_plant_does_not_obey_is_left_out(kind: CommandKind) -> None:
    """It charges with what it has."""
    result = fitted(command(kind, power_w=2000), able=abilities(**{kind.value: BARE}))
    assert (result.command.kind, result.command.power_w) == (kind, None)


@pytest.mark.parametrize("kind", [CommandKind.CHARGE, CommandKind.DISCHARGE])
def test_a_power_that_a_limit_needs_must_be_obeyed(kind: CommandKind) -> None:
    """Otherwise the command is not used."""
    bounds = Bounds(grid_charge=bound(2000), feed=bound(2000))
    assert fitted(command(kind), bounds, abilities(**{kind.value: BARE})).command.kind is not kind


def test_where_nothing_keeps_a_limit_the_plant_serves_its_house() -> None:
    """And the limit is named, once."""
    able = abilities(CommandKind.HOLD, CommandKind.IDLE, self_consume=BARE)
    result = fitted(SERVE, NOTHING_OUT, able)
    assert (result.command, result.cannot_hold) == (SERVE, ("it",))


def test_at_the_floor_feeding_in_leaves_the_sun_to_the_grid() -> None:
    """Charging what was just sold would swing."""
    assert fitted(command(CommandKind.FEED_IN), NOTHING_OUT).command == command(CommandKind.IDLE)


@pytest.mark.parametrize(
    ("wish_w", "limit_w", "told_w"),
    [(9000, 5000, 5000), (None, 5000, 5000), (2000, 5000, 2000), (2000, None, 2000)],
)
def test_feeding_in_is_told_the_export_limit(
    wish_w: float | None, limit_w: float | None, told_w: float
) -> None:
    """Where the device does not hold it by itself; a smaller wish stays."""
    result = fitted(command(CommandKind.FEED_IN, export_limit_w=wish_w), export_limit_w=limit_w)
    assert result.command == command(CommandKind.FEED_IN, export_limit_w=told_w)


@pytest.mark.parametrize("bounds", [Bounds(feed=bound(2000)), Bounds(discharge=bound(2000))])
def test_feeding_in_within_a_bound_is_a_discharge(bounds: Bounds) -> None:
    """As high as it may be."""
    result = fitted(command(CommandKind.FEED_IN), bounds)
    assert result.command == command(CommandKind.DISCHARGE, power_w=2000, floor_soc_pct=20)


def test_shaving_stops_at_the_floor() -> None:
    """With nothing to give it is `hold`."""
    assert fitted(command(CommandKind.SHAVE, max_import_w=2000), NOTHING_OUT).command == command(
        CommandKind.HOLD
    )


def test_shaving_is_bound_to_the_floor() -> None:
    """Its own floor cannot be below the owner's."""
    result = fitted(command(CommandKind.SHAVE, max_import_w=2000, floor_soc_pct=5))
    assert result.command == command(CommandKind.SHAVE, max_import_w=2000, floor_soc_pct=20)


def test_shaving_for_the_fuse_goes_below_the_reserve() -> None:
    """The lower of both maxima, down to the cut-off."""
    for wish_w, given_w in ((9000, 5000), (3000, 3000)):
        result = fitted(command(CommandKind.SHAVE, max_import_w=wish_w), Bounds(support=bound(900)))
        assert result.command == command(CommandKind.SHAVE, max_import_w=given_w, floor_soc_pct=10)


def test_a_discharge_is_raised_to_what_the_fuse_needs() -> None:
    """A small wish does not leave the fuse alone."""
    result = fitted(command(CommandKind.DISCHARGE, power_w=100), Bounds(support=bound(900)))
    assert result.command.power_w == 900


def test_a_discharge_at_its_floor_only_supports_the_fuse() -> None:
    """Told to discharge, the plant would stop at the floor."""
    bounds = Bounds(discharge=bound(900), feed=bound(0), support=bound(900))
    result = fitted(command(CommandKind.DISCHARGE), bounds)
    assert result.command == command(CommandKind.SELF_CONSUME, max_discharge_w=900)


def test_what_the_fuse_needs_is_not_held_back() -> None:
    """Where serving the house is not offered, the plant's own program does it, and not `hold`."""
    result = fitted(SERVE, Bounds(support=bound(900)), abilities(CommandKind.SELF_CONSUME))
    assert result.command == command(CommandKind.RELEASE)


def test_a_ceiling_of_charge_is_raised_to_what_may_not_be_exported() -> None:
    """A limit comes before a wish."""
    wish = command(CommandKind.SELF_CONSUME, max_charge_w=0)
    assert fitted(wish, Bounds(absorb=bound(1500))).command.max_charge_w == 1500


def test_a_floor_above_the_owners_is_kept() -> None:
    """A wish may be narrower than the limits."""
    result = fitted(command(CommandKind.DISCHARGE, floor_soc_pct=50))
    assert result.command.floor_soc_pct == 50


@pytest.mark.parametrize("kind", list(CommandKind))
def test_nothing_narrows_itself(kind: CommandKind) -> None:
    """The same command lets the same flow."""
    assert narrower(command(kind), command(kind))


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (CommandKind.CHARGE, "power_w"),
        (CommandKind.DISCHARGE, "power_w"),
        (CommandKind.SELF_CONSUME, "max_discharge_w"),
    ],
)
def test_a_smaller_power_is_narrower(kind: CommandKind, number: str) -> None:
    """And a larger one is not."""
    small, large = (command(kind, **{number: watts}) for watts in (100, 200))
    assert (narrower(small, large), narrower(large, small)) == (True, False)


def test_serving_the_house_is_not_narrower_than_holding() -> None:
    """It takes from the battery."""
    assert not narrower(SERVE, command(CommandKind.HOLD))
    assert flows(SERVE) == (0, math.inf, 0)


@pytest.mark.parametrize("parameter", list(Parameter))
def test_a_parameter_is_named_as_its_field(parameter: Parameter) -> None:
    """The check of what a plant obeys reads the command by these names."""
    assert parameter.value in BatteryCommand.__slots__
