"""What is written to a Sigen plant for each command: the rows of the command table, and every refusal."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind
from custom_components.energy_storage.vendors.sigen.abilities import PlantFacts, Seen
from custom_components.energy_storage.vendors.sigen.held import Held, Installation, Reading
from custom_components.energy_storage.vendors.sigen.plan import plan, release_plan
from custom_components.energy_storage.vendors.sigen.sequence import Deferred, Situation
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.write import CommandRefusedError, Expected, RegisterWrite

POWERS = {40032: "ess_max_charge_limit", 40034: "ess_max_discharge_limit", 40036: "pv_max_power_limit"}
GRID = {40038: "grid_export_limit", 40040: "grid_import_limit"}
SOCS = {40046: "ess_backup_soc", 40047: "ess_charge_cutoff_soc", 40048: "ess_discharge_cutoff_soc"}
NAMES = POWERS | GRID | SOCS
RATED = 8_000.0
USUAL: Mapping[int, float] = {
    40032: RATED,
    40034: RATED,
    40036: 24_000,
    40038: 10_000,
    40040: 50_000,
    40046: 0,
    40047: 100,
    40048: 5,
}
V2_5 = POWERS | GRID


def holding(
    *,
    remote: bool = True,
    mode: str = "self_consumption",
    work: str | None = None,
    names: Mapping[int, str] = NAMES,
    changed: Mapping[int, float | None] | None = None,
) -> Held:
    """Build what a plant holds; None is a limit that was never set."""
    usual: dict[int, float | None] = {**USUAL, **(changed or {})}
    values = {name: usual[address] for address, name in names.items()}
    return Held(
        remote=remote,
        control_mode=mode,
        work_mode=work or ("remote_ems" if remote else "self_consumption"),
        limits={name: value for name, value in values.items() if value is not None},
        unset=frozenset(name for name, value in values.items() if value is None),
    )


FOUND = holding(remote=False)
FACTS = PlantFacts(
    version=Version.V2_9,
    offered=frozenset(NAMES.values()),
    grid_sensor=True,
    rated_charge_w=RATED,
    rated_discharge_w=RATED,
    discharge_cutoff_pct=5,
)
UNPROVEN = replace(FACTS, version=Version.V2_8)
GATEWAY = replace(UNPROVEN, seen=frozenset({Seen.GATEWAY}))
OLD = replace(FACTS, version=Version.V2_5, offered=frozenset(V2_5.values()))
FRESH = Reading(soc_pct=60.0, soc_age_s=1.0, net_load_peak_w=5_000)


def at(
    held: Held | None = None,
    *,
    facts: PlantFacts = FACTS,
    reading: Reading = FRESH,
    snapshot: Held | None = FOUND,
    installation: Installation | None = None,
) -> Situation:
    """Build a situation: a plant under our control in self-consumption, all of it known."""
    return Situation(
        held=held or holding(),
        facts=facts,
        reading=reading,
        snapshot=snapshot,
        installation=installation or Installation(),
    )


def shown(writes: tuple[RegisterWrite, ...]) -> list[tuple[int, float | str]]:
    """Give address and value of each write."""
    return [(write.address, write.value) for write in writes]


def writes(
    kind: CommandKind, now: Situation | None = None, **numbers: float
) -> list[tuple[int, float | str]]:
    """Plan a command; give address and value of each write."""
    return shown(plan(BatteryCommand(kind=kind, **numbers), now or at()))


def refusal(kind: CommandKind, now: Situation, **numbers: float) -> str:
    """Plan a command that is refused; give the code."""
    with pytest.raises(CommandRefusedError) as caught:
        plan(BatteryCommand(kind=kind, **numbers), now)
    return caught.value.code


SELF_CONSUME, HOLD, IDLE = CommandKind.SELF_CONSUME, CommandKind.HOLD, CommandKind.IDLE
CHARGE, DISCHARGE = CommandKind.CHARGE, CommandKind.DISCHARGE
SHAVE, FEED_IN, RELEASE = CommandKind.SHAVE, CommandKind.FEED_IN, CommandKind.RELEASE


# The rows of the table.


def test_self_consumption_without_limits_is_the_plants_own() -> None:
    """Nothing to limit: remote EMS goes off."""
    assert writes(SELF_CONSUME) == [(40029, "off")]
    assert writes(SELF_CONSUME, at(FOUND)) == []


def test_ceilings_are_rounded_down_and_bounded_by_the_rating() -> None:
    """Limits round to the safe side, with limits that act everywhere."""
    assert writes(SELF_CONSUME, max_charge_w=2_000.9, max_discharge_w=9_000) == [(40032, 2_000)]
    assert writes(SELF_CONSUME, max_charge_w=9_000, max_discharge_w=1_500.9) == [(40034, 1_500)]


def test_self_consumption_replaces_another_own_mode_by_remote_control() -> None:
    """Remote EMS off would leave the plant in AI mode."""
    found = holding(remote=False, work="ai")
    assert writes(SELF_CONSUME, at(found, snapshot=found)) == [(40029, "on")]
    assert writes(SELF_CONSUME, at(snapshot=found)) == []


def test_hold_without_gateway_stops_discharging_everywhere() -> None:
    """By the discharge limit that acts in every mode."""
    assert writes(HOLD, max_charge_w=3_000) == [(40032, 3_000), (40034, 0)]


def test_hold_with_gateway_keeps_the_battery_for_an_outage() -> None:
    """By a backup reserve just below the SOC."""
    now = at(facts=GATEWAY, reading=replace(FRESH, soc_pct=60.05))
    assert writes(HOLD, now) == [(40046, 59.7)]
    assert plan(BatteryCommand(kind=HOLD), now)[0].below_soc


@pytest.mark.parametrize(
    ("held_pct", "written"),
    [(60.0, []), (59.7, []), (57.8, []), (57.7, [59.7]), (60.1, [59.7]), (80.0, [59.7])],
)
def test_hold_follows_the_soc_in_coarse_steps(held_pct: float, written: list[float]) -> None:
    """A reserve that is near enough stays, also where the battery has reached it; one above goes down."""
    now = at(holding(changed={40046: held_pct}), facts=GATEWAY)
    assert [value for _, value in writes(HOLD, now)] == written


def test_idle_stops_both_ways() -> None:
    """With limits that act everywhere."""
    assert writes(IDLE) == [(40032, 0), (40034, 0)]


def test_charge_sets_target_power_and_then_mode() -> None:
    """Setpoints round to nearest; the target rounds down."""
    assert writes(CHARGE, power_w=2_999.6, target_soc_pct=80.06) == [
        (40032, 3_000),
        (40047, 80.0),
        (40031, "charge_pv_first"),
    ]


def test_charge_without_numbers_is_as_much_as_the_plant_bears() -> None:
    """The rating, to the cut-off that the owner has."""
    assert writes(CHARGE) == [(40031, "charge_pv_first")]
    now = at(installation=Installation(charge_cutoff_pct=90))
    assert writes(CHARGE, now, target_soc_pct=95) == [(40047, 90), (40031, "charge_pv_first")]


def test_a_power_above_the_rating_is_cut() -> None:
    """No register is told more than the plant bears."""
    low = at(holding(changed={40032: 1, 40034: 1}))
    assert (40032, RATED) in writes(CHARGE, low, power_w=9_000)
    assert (40034, RATED) in writes(DISCHARGE, low, power_w=9_000, floor_soc_pct=30)


def test_charge_of_old_firmware_has_no_target() -> None:
    """Before V2.6 it ends at the plant's own cut-off."""
    held = holding(names=V2_5)
    now = at(held, facts=OLD, snapshot=holding(remote=False, names=V2_5))
    assert writes(CHARGE, now, power_w=3_000, target_soc_pct=80) == [
        (40032, 3_000),
        (40031, "charge_pv_first"),
    ]


def test_discharge_sets_floor_and_power_and_then_mode() -> None:
    """The floor rounds up."""
    found = plan(BatteryCommand(kind=DISCHARGE, power_w=4_000, floor_soc_pct=29.93), at())
    assert shown(found) == [(40034, 4_000), (40048, 30.0), (40031, "discharge_pv_first")]
    assert [write.below_soc for write in found] == [False, True, False]


def test_discharge_of_old_firmware_ends_at_the_plants_own_cutoff() -> None:
    """Before V2.6 there is no floor to write."""
    now = at(holding(names=V2_5), facts=OLD, snapshot=holding(remote=False, names=V2_5))
    assert writes(DISCHARGE, now, power_w=4_000, floor_soc_pct=30) == [
        (40034, 4_000),
        (40031, "discharge_pv_first"),
    ]
    low = replace(now, reading=replace(FRESH, soc_pct=5.4))
    assert refusal(DISCHARGE, low, power_w=4_000) == "soc_at_floor"


def test_discharge_at_its_floor_is_left_and_the_floor_lowered() -> None:
    """Before the floor lies above the SOC, which would charge from the grid."""
    held = holding(mode="discharge_pv_first", changed={40034: 4_000, 40048: 30})
    now = at(held, reading=replace(FRESH, soc_pct=30.4))
    assert writes(DISCHARGE, now, power_w=4_000, floor_soc_pct=30) == [
        (40034, 0),
        (40031, "self_consumption"),
        (40048, 5),
    ]
    assert writes(DISCHARGE, replace(now, facts=UNPROVEN), power_w=4_000, floor_soc_pct=30) == [
        (40031, "self_consumption"),
        (40034, RATED),
        (40048, 5),
    ]


@pytest.mark.parametrize(
    ("peak_w", "ceiling_w"), [(1_500, 0), (2_001, 800), (3_000, 1_600), (5_000, 3_200), (50_000, RATED)]
)
def test_shaving_follows_the_excess_in_steps_of_a_tenth(peak_w: float, ceiling_w: float) -> None:
    """Rounded up, or the import would pass the maximum."""
    now = at(holding(changed={40034: 1}), reading=replace(FRESH, net_load_peak_w=peak_w))
    assert writes(SHAVE, now, max_import_w=2_000) == [(40034, ceiling_w)]


def test_feed_in_discharges_at_the_rating() -> None:
    """Under an export limit of its own, which never passes the owner's."""
    assert writes(FEED_IN, floor_soc_pct=20, export_limit_w=5_000.7) == [
        (40038, 5_000),
        (40048, 20),
        (40031, "discharge_pv_first"),
    ]
    now = at(installation=Installation(export_limit_w=3_000))
    assert writes(FEED_IN, now, export_limit_w=5_000)[0] == (40038, 3_000)


# Entering, changing, leaving.


def test_entering_goes_through_the_harmless_mode() -> None:
    """Mode first, then remote EMS, and nothing more before it is in force."""
    found = holding(remote=False, mode="discharge_pv_first")
    entered = plan(BatteryCommand(kind=CHARGE, power_w=3_000), at(found, snapshot=found))
    assert shown(entered) == [
        (40031, "self_consumption"),
        (40029, "on"),
        (40032, 3_000),
        (40031, "charge_pv_first"),
    ]
    assert [write.wait_for for write in entered] == [
        None,
        Expected(name="ems_work_mode", value="remote_ems"),
        None,
        None,
    ]


def test_a_mode_that_is_refused_before_entering_is_written_right_after() -> None:
    """Remembered from a refusal."""
    found = holding(remote=False, mode="discharge_pv_first")
    facts = replace(FACTS, seen=frozenset({Seen.MODE_ONLY_IN_REMOTE}))
    assert writes(IDLE, at(found, facts=facts, snapshot=found)) == [
        (40029, "on"),
        (40031, "self_consumption"),
        (40032, 0),
        (40034, 0),
    ]


def test_grid_limits_narrow_before_anything_else() -> None:
    """They act in every mode, also before remote EMS."""
    now = at(FOUND, installation=Installation(export_limit_w=3_000.9, import_limit_w=9_000.9))
    assert writes(CHARGE, now)[:3] == [(40038, 3_000), (40040, 9_000), (40029, "on")]


def test_cutoffs_of_the_installation_round_to_the_safe_side() -> None:
    """A ceiling down, a floor up."""
    now = at(installation=Installation(charge_cutoff_pct=89.96, discharge_cutoff_pct=10.04))
    assert {(40047, 89.9), (40048, 10.1)} <= set(writes(IDLE, now))


def test_a_limit_that_the_firmware_lacks_is_not_written() -> None:
    """Before V2.6 the owner's cut-off has no register."""
    found = holding(remote=False, names=V2_5)
    now = at(holding(names=V2_5), facts=OLD, snapshot=found, installation=Installation(charge_cutoff_pct=90))
    assert writes(CHARGE, now) == [(40031, "charge_pv_first")]


def test_what_narrows_comes_before_the_mode_and_what_widens_after() -> None:
    """From discharging to charging."""
    held = holding(mode="discharge_pv_first", changed={40034: 4_000, 40048: 30})
    assert writes(CHARGE, at(held), power_w=3_000, target_soc_pct=80) == [
        (40032, 3_000),
        (40047, 80),
        (40031, "charge_pv_first"),
        (40034, RATED),
        (40048, 5),
    ]


def test_nothing_is_written_twice() -> None:
    """A plant that holds a command already needs nothing for it."""
    held = holding(mode="charge_pv_first", changed={40032: 3_000, 40047: 80})
    assert writes(CHARGE, at(held), power_w=3_000, target_soc_pct=80) == []


def test_unset_limits_are_never_written_back() -> None:
    """All ones mean no limit; what we changed goes back to the rating."""
    found = holding(remote=False, changed={40032: None, 40034: None})
    assert writes(HOLD, at(holding(changed={40032: None, 40034: None}), snapshot=found)) == [(40034, 0)]
    held = holding(changed={40032: None, 40034: 0})
    assert writes(RELEASE, at(held, snapshot=found)) == [(40034, RATED), (40029, "off")]


def test_leaving_puts_everything_back_in_order() -> None:
    """Mode, powers, SOC limits, grid limits, remote EMS."""
    held = holding(
        mode="discharge_pv_first",
        changed={
            40032: 1_000,
            40034: 2_000,
            40036: 3_000,
            40038: 500,
            40040: 600,
            40046: 59,
            40047: 80,
            40048: 30,
        },
    )
    now = at(held, installation=Installation(export_limit_w=4_000))
    assert shown(release_plan(now).writes) == [
        (40031, "self_consumption"),
        (40032, RATED),
        (40034, RATED),
        (40047, 100),
        (40048, 5),
        (40046, 0),
        (40038, 4_000),
        (40040, 50_000),
        (40029, "off"),
    ]
    assert writes(RELEASE, now) == shown(release_plan(now).writes)


def test_a_release_gives_the_owner_the_cutoffs_that_were_found() -> None:
    """Our own numbers hold only while we control; those of the installation stay."""
    now = at(holding(changed={40047: 90}), installation=Installation(charge_cutoff_pct=90))
    assert writes(RELEASE, now) == [(40047, 100), (40029, "off")]
    assert writes(SELF_CONSUME, now) == [(40029, "off")]


def test_a_short_release_needs_no_soc() -> None:
    """Mode, powers and remote EMS; the rest waits and is told."""
    held = holding(mode="discharge_pv_first", changed={40034: 2_000, 40038: 500, 40048: 30})
    released = release_plan(at(held, reading=Reading()), short=True)
    assert shown(released.writes) == [(40031, "self_consumption"), (40034, RATED), (40029, "off")]
    assert released.deferred == (
        Deferred(name="ess_discharge_cutoff_soc", value=5, code="later"),
        Deferred(name="grid_export_limit", value=10_000, code="later"),
    )


def test_a_short_release_works_blind() -> None:
    """What is held but unknown is written."""
    released = release_plan(at(Held()), short=True)
    assert shown(released.writes) == [
        (40031, "self_consumption"),
        (40032, RATED),
        (40034, RATED),
        (40029, "off"),
    ]


def test_a_release_without_snapshot_falls_back_on_the_ratings() -> None:
    """A plant that was taken over from somebody; what nobody knows is told."""
    held = holding(changed={40034: 0, 40048: 30})
    assert writes(RELEASE, at(held, snapshot=None)) == [(40034, RATED), (40029, "off")]
    unrated = replace(FACTS, rated_charge_w=None, rated_discharge_w=None)
    released = release_plan(at(held, snapshot=None, facts=unrated))
    assert shown(released.writes) == [(40029, "off")]
    assert [(left.name, left.code) for left in released.deferred] == [
        ("ess_max_charge_limit", "value_unknown"),
        ("ess_max_discharge_limit", "value_unknown"),
    ]


def test_a_plant_that_nobody_took_over_keeps_its_limits() -> None:
    """Off remote EMS and without a snapshot, a limit is its owner's."""
    assert writes(RELEASE, at(holding(remote=False, changed={40032: 2_000}), snapshot=None)) == []


def test_a_found_limit_above_the_rating_goes_back_to_the_rating() -> None:
    """The plant would refuse it."""
    found = holding(remote=False, changed={40032: 9_000})
    assert writes(RELEASE, at(holding(changed={40032: 0}), snapshot=found))[0] == (40032, RATED)


def test_a_found_limit_below_the_rating_goes_back_to_itself() -> None:
    """It is the owner's, who wanted no more."""
    found = holding(remote=False, changed={40032: 2_000})
    assert writes(RELEASE, at(holding(changed={40032: 0}), snapshot=found))[0] == (40032, 2_000)


def test_a_stored_mode_of_a_plant_on_its_own_is_not_changed() -> None:
    """It does not act there."""
    assert writes(RELEASE, at(holding(remote=False, mode="discharge_pv_first"))) == []


def test_no_command_changes_a_pv_limit() -> None:
    """Whoever did had a reason."""
    held = holding(remote=False, changed={40036: 6_000})
    assert writes(RELEASE, at(held)) == []
    assert writes(IDLE, at(replace(held, remote=True, work_mode="remote_ems"))) == [(40032, 0), (40034, 0)]


def test_powers_may_be_refused_outside_remote_ems_on_old_firmware() -> None:
    """Left over from before; the writes after them remain right."""
    held = holding(remote=False, changed={40034: 0})
    for facts, may in ((UNPROVEN, True), (FACTS, False)):
        (write,) = release_plan(at(held, facts=facts)).writes
        assert (write.value, write.may_be_refused) == (RATED, may)
    (write,) = release_plan(at(holding(remote=False, changed={40038: 500}), facts=UNPROVEN)).writes
    assert not write.may_be_refused


def test_a_limit_that_a_command_needs_may_not_be_refused() -> None:
    """Nor one that is put back under remote EMS: there it has to be taken."""
    charge = plan(BatteryCommand(kind=CHARGE, power_w=3_000), at(FOUND, facts=UNPROVEN))
    release = release_plan(at(holding(changed={40034: 0}), facts=UNPROVEN)).writes
    assert {write.address for write in (*charge, *release)} >= {40032, 40034}
    assert not any(write.may_be_refused for write in (*charge, *release))


@pytest.mark.parametrize(
    ("soc_pct", "age_s", "held_pct", "written", "code"),
    [
        (50.0, 1.0, 45.0, [], "soc_too_low"),
        (50.0, 1.0, 55.0, [49.7], "soc_too_low"),
        (60.4, 1.0, 55.0, [60.0], None),
        (60.4, 2.1, 55.0, [], "needs_fresh_soc"),
        (None, 1.0, 55.0, [], "soc_unknown"),
    ],
)
def test_leaving_never_puts_a_reserve_above_the_soc(
    soc_pct: float | None, age_s: float, held_pct: float, written: list[float], code: str | None
) -> None:
    """It is deferred and told; one that lies above is lowered meanwhile."""
    now = at(
        holding(changed={40046: held_pct}),
        reading=Reading(soc_pct=soc_pct, soc_age_s=age_s),
        snapshot=holding(remote=False, changed={40046: 60}),
    )
    released = release_plan(now)
    assert [write.value for write in released.writes if write.address == 40046] == written
    assert [left.code for left in released.deferred] == ([code] if code else [])


@pytest.mark.parametrize("found", [0, 3_000, 24_000])
def test_leaving_never_changes_a_pv_limit(found: float) -> None:
    """A 0 was harmless before an upgrade made it a limit; any other is somebody's wish by now."""
    released = release_plan(at(snapshot=holding(remote=False, changed={40036: found})))
    assert shown(released.writes) == [(40029, "off")]
    assert released.deferred == ()


def test_leaving_does_not_fight_a_power_plant_operator() -> None:
    """The plant is his; what we left is told."""
    released = release_plan(at(holding(work="vpp", mode="discharge_pv_first", changed={40034: 0})))
    assert released.writes == ()
    assert [left.code for left in released.deferred] == ["other_master"]


# Guards and refusals.


@pytest.mark.parametrize("kind", [HOLD, IDLE, SHAVE])
def test_unproven_limits_offer_no_command_that_needs_them(kind: CommandKind) -> None:
    """Before V2.9 and without an effect seen, no gateway either."""
    code = {HOLD: "hold_unproven"}.get(kind, "limits_not_global")
    assert refusal(kind, at(facts=UNPROVEN), max_import_w=2_000) == code
    seen = replace(UNPROVEN, seen=frozenset({Seen.LIMITS_GLOBAL}))
    assert writes(kind, at(facts=seen), max_import_w=2_000) != []


@pytest.mark.parametrize(
    ("kind", "facts", "code"),
    [
        (CommandKind.ISLAND, FACTS, "no_command"),
        (CHARGE, replace(FACTS, has_battery=False), "no_battery"),
        (DISCHARGE, replace(FACTS, version=Version.V2_4), "firmware_too_old"),
        (SHAVE, replace(FACTS, rated_discharge_w=None), "ratings_unknown"),
    ],
)
def test_what_is_not_offered_says_why(kind: CommandKind, facts: PlantFacts, code: str) -> None:
    """The ability's reason is the code."""
    assert refusal(kind, at(facts=facts), max_import_w=1) == code


@pytest.mark.parametrize("facts", [UNPROVEN, GATEWAY])
def test_ceilings_need_limits_that_act_everywhere(facts: PlantFacts) -> None:
    """A limit that nobody would hold is refused, not dropped."""
    assert refusal(SELF_CONSUME, at(facts=facts), max_discharge_w=1_000) == "limits_not_global"
    assert refusal(HOLD, at(facts=GATEWAY), max_charge_w=1_000) == "limits_not_global"


@pytest.mark.parametrize("kind", [CHARGE, DISCHARGE, FEED_IN])
def test_a_stored_pv_limit_of_zero_is_refused(kind: CommandKind) -> None:
    """It would stop PV; one that was never set would not."""
    assert refusal(kind, at(holding(changed={40036: 0}))) == "pv_limit_zero"
    assert writes(kind, at(holding(changed={40036: None}))) != []


@pytest.mark.parametrize("kind", [SELF_CONSUME, HOLD, IDLE, CHARGE, DISCHARGE, SHAVE, FEED_IN])
def test_a_power_plant_operator_is_not_fought(kind: CommandKind) -> None:
    """30003 says that somebody else runs the plant."""
    assert refusal(kind, at(holding(work="vpp")), max_import_w=1) == "other_master"


@pytest.mark.parametrize("age_s", [2.1, float("inf"), -1.0])
def test_the_discharge_cutoff_needs_a_fresh_soc(age_s: float) -> None:
    """Read two seconds ago at most."""
    now = at(reading=replace(FRESH, soc_age_s=age_s))
    assert refusal(DISCHARGE, now, floor_soc_pct=30) == "needs_fresh_soc"
    assert refusal(HOLD, replace(now, facts=GATEWAY)) == "needs_fresh_soc"


def test_a_cutoff_that_is_not_needed_waits_for_a_fresh_soc() -> None:
    """Charging begins; the floor of the discharge before is lowered with the next plan."""
    held = holding(changed={40048: 30})
    now = at(held, reading=replace(FRESH, soc_age_s=5))
    assert writes(CHARGE, now) == [(40031, "charge_pv_first")]


@pytest.mark.parametrize(
    ("soc_pct", "written"), [(15.0, []), (5.2, []), (5.0, []), (4.9, [(40048, 4.6)]), (20.3, [(40048, 20.0)])]
)
def test_a_cutoff_that_cannot_be_raised_yet_is_not_followed_down(
    soc_pct: float, written: list[tuple[int, float]]
) -> None:
    """Lowered step by step below the SOC it would let the battery run empty, and be stored each time."""
    now = at(
        FOUND,
        reading=replace(FRESH, soc_pct=soc_pct),
        installation=Installation(discharge_cutoff_pct=20),
    )
    assert writes(SELF_CONSUME, now) == written


def test_a_discharge_needs_half_a_percent_above_its_floor() -> None:
    """And above the owner's cut-off, whatever the command says."""
    assert (40048, 59.5) in writes(DISCHARGE, at(), floor_soc_pct=59.5)
    assert refusal(DISCHARGE, at(), floor_soc_pct=59.6) == "soc_at_floor"
    named = at(installation=Installation(discharge_cutoff_pct=59.6))
    assert refusal(DISCHARGE, named, floor_soc_pct=10) == "soc_at_floor"


def test_a_reserve_of_an_empty_battery_cannot_hold() -> None:
    """There is nothing below the SOC."""
    now = at(holding(changed={40046: 50}), facts=GATEWAY, reading=replace(FRESH, soc_pct=0.2))
    assert refusal(HOLD, now) == "soc_too_low"


@pytest.mark.parametrize("kind", [HOLD, CHARGE, DISCHARGE, SHAVE])
def test_an_unknown_soc_is_refused(kind: CommandKind) -> None:
    """None is not 0."""
    now = at(facts=replace(FACTS, seen=GATEWAY.seen), reading=replace(FRESH, soc_pct=None))
    assert refusal(kind, now, max_import_w=1) == "soc_unknown"


def test_a_target_at_the_soc_is_refused() -> None:
    """What a cut-off below the SOC does is not documented; a charge that is over stays as it is."""
    assert refusal(CHARGE, at(), target_soc_pct=60) == "target_reached"
    held = holding(mode="charge_pv_first", changed={40047: 60})
    assert writes(CHARGE, at(held), target_soc_pct=60) == []


@pytest.mark.parametrize("kind", [HOLD, CHARGE, DISCHARGE, SHAVE, FEED_IN, IDLE])
def test_without_the_grid_only_what_serves_the_house_is_commanded(kind: CommandKind) -> None:
    """The rest may leave it dark; self-consumption and the reserve do not."""
    now = at(reading=replace(FRESH, off_grid=True))
    assert refusal(kind, now, max_import_w=1) == "grid_lost"
    assert refusal(SELF_CONSUME, now, max_discharge_w=1_000) == "grid_lost"
    assert writes(SELF_CONSUME, now) == [(40029, "off")]
    assert writes(HOLD, replace(now, facts=GATEWAY)) == [(40046, 59.7)]


@pytest.mark.parametrize(
    "held",
    [
        Held(),
        replace(holding(), remote=None),
        replace(holding(), control_mode=None),
        replace(holding(), work_mode=None),
        replace(holding(), limits={}),
    ],
)
def test_what_was_never_read_is_not_changed(held: Held) -> None:
    """Nobody could put it back."""
    assert refusal(IDLE, at(held)) == "not_read"


def test_a_plant_whose_own_mode_is_unknown_is_not_left() -> None:
    """Nobody knows whether it would serve itself."""
    assert refusal(SELF_CONSUME, at(snapshot=replace(FOUND, work_mode=None))) == "not_read"


def test_a_plant_without_a_pv_limit_to_read_is_not_commanded() -> None:
    """It may hold one of 0."""
    names = {address: name for address, name in NAMES.items() if address != 40036}
    now = at(holding(names=names), facts=replace(FACTS, offered=frozenset(names.values())))
    assert refusal(CHARGE, now) == "not_read"


def test_old_firmware_without_a_cutoff_reading_cannot_discharge() -> None:
    """Nobody knows where it would end."""
    names = holding(names=V2_5)
    now = at(names, facts=replace(OLD, discharge_cutoff_pct=None), snapshot=names)
    assert refusal(DISCHARGE, now) == "not_read"


def test_entering_needs_a_snapshot() -> None:
    """One from before remote EMS; under it, what the owner had is gone."""
    assert refusal(IDLE, at(FOUND, snapshot=None)) == "no_snapshot"
    assert refusal(IDLE, at(FOUND, snapshot=holding())) == "no_snapshot"
    now = at(FOUND, snapshot=None, installation=Installation(export_limit_w=3_000))
    assert refusal(SELF_CONSUME, now) == "no_snapshot"


def test_what_cannot_be_put_back_is_not_changed() -> None:
    """A plant taken over from somebody: its cut-offs are known only where the owner names them."""
    taken = at(snapshot=None)
    assert refusal(CHARGE, taken, target_soc_pct=80) == "no_snapshot"
    named = replace(taken, installation=Installation(charge_cutoff_pct=100))
    assert writes(CHARGE, named, target_soc_pct=80)[0] == (40047, 80)
    exporting = replace(taken, installation=Installation(discharge_cutoff_pct=5))
    assert refusal(FEED_IN, exporting, export_limit_w=1_000) == "no_snapshot"


def test_remote_ems_that_is_not_in_force_is_waited_for() -> None:
    """Limits would be refused, or act on the plant's own mode."""
    assert refusal(IDLE, at(holding(work="self_consumption"))) == "remote_not_in_force"


@pytest.mark.parametrize("mode", ["pcs_remote_control", "v2g", "unknown_7"])
def test_a_stored_mode_that_knows_no_bounds_is_not_entered(mode: str) -> None:
    """Where the mode is refused before, remote EMS would begin in it."""
    found = holding(remote=False, mode=mode)
    facts = replace(FACTS, seen=frozenset({Seen.MODE_ONLY_IN_REMOTE}))
    assert refusal(IDLE, at(found, facts=facts, snapshot=found)) == "stored_mode_unsafe"


def test_powers_need_a_rating() -> None:
    """Nothing is written that nobody can bound."""
    unrated = at(facts=replace(FACTS, rated_charge_w=None, rated_discharge_w=None))
    assert refusal(CHARGE, unrated, power_w=3_000) == "ratings_unknown"
    assert refusal(DISCHARGE, unrated, power_w=3_000) == "ratings_unknown"
    assert refusal(SELF_CONSUME, unrated, max_charge_w=3_000) == "ratings_unknown"


def test_shaving_needs_a_load_and_a_floor_below_the_soc() -> None:
    """An unknown excess is not 0."""
    now = at(reading=replace(FRESH, net_load_peak_w=None))
    assert refusal(SHAVE, now, max_import_w=2_000) == "load_unknown"
    assert refusal(SHAVE, at(), max_import_w=2_000, floor_soc_pct=60) == "soc_at_floor"


def test_a_refusal_tells_its_numbers() -> None:
    """For the person who reads the log."""
    with pytest.raises(CommandRefusedError, match=r"soc_at_floor: soc_pct 60, floor_pct 80"):
        plan(BatteryCommand(kind=DISCHARGE, floor_soc_pct=80), at())


def test_long_values_go_out_whole() -> None:
    """32 bits by one 0x10, 16 bits by 0x06."""
    found = plan(BatteryCommand(kind=CHARGE, power_w=3_000, target_soc_pct=80), at())
    assert [(write.function, write.words) for write in found] == [
        (0x10, (0, 3_000)),
        (0x06, (800,)),
        (0x06, (4,)),
    ]
