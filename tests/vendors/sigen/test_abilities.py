"""What a Sigen plant can do, by what is proven about it."""

from dataclasses import replace

import pytest

from custom_components.energy_storage.engine.command import (
    Ability,
    BatteryCommand,
    CommandKind,
    Ends,
    Guard,
    Limit,
    OutageSafe,
    Parameter,
    Unattended,
)
from custom_components.energy_storage.engine.plant import Value
from custom_components.energy_storage.vendors.driver import RegisterReading
from custom_components.energy_storage.vendors.sigen.abilities import (
    PlantFacts,
    Seen,
    abilities,
    ability,
    facts_of,
    limit_guards,
    shows_gateway,
)
from custom_components.energy_storage.vendors.sigen.held import Held, Installation, held_of
from custom_components.energy_storage.vendors.sigen.version import Version
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig
from tests.vendors.sigen.bench import Bench

GRID = Installation(export_limit_w=3_000, import_limit_w=9_000)
NEW = PlantFacts(
    version=Version.V2_9,
    offered=frozenset(
        {
            "grid_export_limit",
            "grid_import_limit",
            "ess_backup_soc",
            "ess_charge_cutoff_soc",
            "ess_discharge_cutoff_soc",
        }
    ),
    grid_sensor=True,
    rated_charge_w=8_000,
    rated_discharge_w=8_000,
)
UNPROVEN = replace(NEW, version=Version.V2_8)
GATEWAY = frozenset({Seen.GATEWAY})


def offered(facts: PlantFacts) -> set[str]:
    """Give the kinds of commands that are offered."""
    return {kind.value for kind, able in abilities(facts, GRID).items() if able.offered}


def test_what_is_offered_follows_what_is_proven() -> None:
    """By firmware, by an effect seen, by a gateway."""
    always = {"self_consume", "release"}
    to_soc = {"charge", "discharge", "feed_in"}
    everything = always | to_soc | {"hold", "idle", "shave"}
    assert offered(NEW) == everything
    assert offered(UNPROVEN) == always | to_soc
    assert offered(replace(UNPROVEN, seen=frozenset({Seen.LIMITS_GLOBAL}))) == everything
    assert offered(replace(UNPROVEN, seen=GATEWAY)) == always | to_soc | {"hold"}
    assert offered(replace(UNPROVEN, seen=GATEWAY, offered=frozenset())) == always | to_soc
    assert offered(replace(NEW, version=Version.V2_4)) == always
    assert offered(replace(NEW, has_battery=False)) == always


def test_every_kind_that_is_not_offered_says_why() -> None:
    """A mode is shown with the reason."""
    for facts in (UNPROVEN, replace(NEW, version=Version.V1_8), replace(NEW, has_battery=False)):
        for able in abilities(facts, GRID).values():
            assert able.offered is (able.reason is None)


def test_a_charge_left_alone_costs_where_the_plant_holds_the_import() -> None:
    """Without a grid sensor it would pass the limit; without a limit there is none to pass."""
    command = BatteryCommand(kind=CommandKind.CHARGE)
    blind = replace(NEW, grid_sensor=False)
    assert ability(command, NEW, GRID).unattended is Unattended.COSTLY
    assert ability(command, blind, GRID).unattended is Unattended.UNSAFE
    assert ability(command, blind, Installation()).unattended is Unattended.COSTLY
    by_soc = replace(NEW, offered=NEW.offered | {"ess_charge_cutoff_soc"})
    assert ability(command, by_soc, GRID).ends is Ends.SOC


def test_a_charge_without_a_cut_off_does_not_end_at_its_target() -> None:
    """V2.5 charges until the battery is full: whoever wants less has to end it."""
    bare = replace(NEW, offered=NEW.offered - {"ess_charge_cutoff_soc", "ess_discharge_cutoff_soc"})
    for kind in (CommandKind.CHARGE, CommandKind.DISCHARGE):
        assert ability(BatteryCommand(kind=kind), bare, GRID).ends is Ends.NONE


def test_a_discharge_left_alone_costs_where_the_plant_holds_the_export() -> None:
    """As above, with the other limit."""
    export_only = replace(NEW, offered=frozenset({"grid_import_limit"}))
    for kind in (CommandKind.DISCHARGE, CommandKind.FEED_IN):
        assert ability(BatteryCommand(kind=kind), NEW, GRID).unattended is Unattended.COSTLY
        assert ability(BatteryCommand(kind=kind), export_only, GRID).unattended is Unattended.UNSAFE


def test_the_reserve_serves_an_outage_and_the_limit_may_not() -> None:
    """So a gateway decides how hold is done."""
    by_reserve = replace(NEW, seen=GATEWAY)
    hold = BatteryCommand(kind=CommandKind.HOLD)
    assert ability(hold, by_reserve, GRID).outage_safe is OutageSafe.YES
    assert not ability(hold, by_reserve, GRID).proven
    proven = replace(by_reserve, seen=GATEWAY | {Seen.HOLD_BY_RESERVE})
    assert ability(hold, proven, GRID).proven
    assert ability(hold, NEW, GRID).outage_safe is OutageSafe.UNKNOWN


def test_a_ceiling_on_discharging_may_bind_in_an_outage() -> None:
    """Self-consumption is safe, as long as it has none."""
    plain = BatteryCommand(kind=CommandKind.SELF_CONSUME, max_charge_w=1_000)
    assert ability(plain, NEW, GRID).outage_safe is OutageSafe.YES
    limited = replace(plain, max_discharge_w=1_000)
    assert ability(limited, NEW, GRID).outage_safe is OutageSafe.UNKNOWN


def test_shaving_has_coarse_steps() -> None:
    """A tenth of the rated power."""
    able: Ability = abilities(NEW, GRID)[CommandKind.SHAVE]
    assert able.step_w == 800
    assert able.obeys == {Parameter.MAX_IMPORT}


@pytest.mark.parametrize(
    ("kind", "facts", "obeyed"),
    [
        (CommandKind.SELF_CONSUME, NEW, {Parameter.MAX_CHARGE, Parameter.MAX_DISCHARGE}),
        (CommandKind.SELF_CONSUME, replace(NEW, version=Version.V2_8), set()),
        (CommandKind.CHARGE, NEW, {Parameter.POWER}),
        (CommandKind.DISCHARGE, NEW, {Parameter.POWER}),
        (CommandKind.FEED_IN, NEW, {Parameter.EXPORT_LIMIT}),
        (CommandKind.FEED_IN, replace(NEW, grid_sensor=False), set()),
        (CommandKind.FEED_IN, replace(NEW, offered=frozenset()), set()),
    ],
)
def test_only_watts_that_the_plant_keeps_to_are_promised(
    kind: CommandKind, facts: PlantFacts, obeyed: set[Parameter]
) -> None:
    """Nobody relies on a number that this firmware would not hold."""
    assert abilities(facts, GRID)[kind].obeys == obeyed


def test_who_holds_the_limits() -> None:
    """A total protects no fuse; grid limits need the sensor, the reserve a gateway."""
    assert limit_guards(NEW) == {
        Limit.MAIN_FUSE: Guard.TRIM,
        Limit.EXPORT: Guard.DEVICE,
        Limit.IMPORT: Guard.DEVICE,
        Limit.CHARGE_CUTOFF: Guard.DEVICE,
        Limit.DISCHARGE_CUTOFF: Guard.DEVICE,
        Limit.BACKUP_RESERVE: Guard.NONE,
    }
    assert limit_guards(replace(NEW, seen=GATEWAY))[Limit.BACKUP_RESERVE] is Guard.DEVICE
    assert set(limit_guards(replace(NEW, grid_sensor=False, offered=frozenset())).values()) == {Guard.NONE}


def test_without_a_grid_sensor_nobody_holds_a_grid_limit() -> None:
    """The registers are there, and act on a power that nobody measures."""
    guards = limit_guards(replace(NEW, grid_sensor=False))
    assert {guards[limit] for limit in (Limit.MAIN_FUSE, Limit.EXPORT, Limit.IMPORT)} == {Guard.NONE}


@pytest.mark.parametrize(
    ("readings", "proof"),
    [
        ({}, False),
        ({"plant_alarm_4": 0}, False),
        ({"plant_alarm_4": 0x0004}, True),
        ({"plant_alarm_4": 0x0100}, False),
        ({"smart_load_01_power": 0}, False),
        ({"smart_load_01_power": 120}, True),
        ({"grid_connection_state": "off_grid"}, False),
        ({"grid_connection_state": "off_grid", "plant_active_power": 50}, False),
        ({"grid_connection_state": "off_grid", "plant_active_power": 600}, True),
        ({"grid_connection_state": "on_grid", "plant_active_power": 600}, False),
        ({"grid_connection_state": "off_grid_by_hand"}, True),
    ],
)
def test_a_gateway_is_proven_by_what_only_it_can_do(readings: dict[str, Value], *, proof: bool) -> None:
    """An outage alone proves none: the house must be served."""
    assert shows_gateway(readings) is proof


async def test_facts_come_from_the_registers() -> None:
    """What a simulated plant shows; a register that it refuses is not offered."""
    bench = Bench(SigenConfig(firmware="SPC107", plant=PlantConfig(grid_sensor=False)), Version.V2_6)
    facts = await bench.facts()
    assert (facts.rated_charge_w, facts.rated_discharge_w) == (8_000, 8_000)
    assert (facts.charge_cutoff_pct, facts.discharge_cutoff_pct) == (100, 5)
    assert not facts.grid_sensor
    assert "ess_backup_soc" in facts.offered
    assert "total_load_power" not in facts.offered
    old = await Bench(SigenConfig(firmware="SPC104"), Version.V2_5).facts()
    assert old.grid_sensor
    assert "ess_backup_soc" not in old.offered


async def test_an_outage_that_the_house_survives_proves_the_gateway() -> None:
    """And what was seen before stays."""
    bench = Bench(SigenConfig(), Version.V2_8, {Seen.HOLD_BY_RESERVE})
    assert (await bench.facts()).seen == {Seen.HOLD_BY_RESERVE}
    bench.sim.plant.grid_available = False
    bench.sim.advance(1)
    assert (await bench.facts()).seen == {Seen.HOLD_BY_RESERVE, Seen.GATEWAY}


@pytest.mark.parametrize(("packs", "battery"), [((), True), ((0, 0), False), ((0, 2), True), ((None,), True)])
def test_a_battery_is_there_until_every_inverter_denies_it(
    packs: tuple[int | None, ...], *, battery: bool
) -> None:
    """By the number of packs."""
    readings = [
        RegisterReading(
            device=f"inverter_{n}", name="pack_count", address=31024, raw=None, value=count, unit=None
        )
        for n, count in enumerate(packs)
    ]
    assert facts_of(readings, Version.V2_8).has_battery is battery


def test_registers_of_an_inverter_say_nothing_about_the_plant() -> None:
    """Whatever their names are."""
    readings = [
        RegisterReading(device="inverter_1", name=name, address=1, raw=(1,), value=value, unit=None)
        for name, value in (("remote_ems_enable", "on"), ("grid_export_limit", 3_000))
    ]
    assert held_of(readings) == Held()
    assert facts_of(readings, Version.V2_8).offered == frozenset()


async def test_what_is_held_comes_from_the_registers() -> None:
    """Limits that were never set are known to be so; what is refused is unknown."""
    bench = Bench(SigenConfig(app_mode=1), Version.V2_8)
    bench.sim.change("ess_max_charge_limit", 3.0)
    held = await bench.held()
    assert (held.remote, held.work_mode, held.control_mode) == (False, "ai", "self_consumption")
    assert held.limits["ess_max_charge_limit"] == 3_000
    assert held.unset == {"ess_max_discharge_limit"}
    assert held.read("ess_max_discharge_limit")
    old = await Bench(SigenConfig(firmware="SPC104"), Version.V2_5).held()
    assert not old.read("ess_backup_soc")
    assert held_of([]).remote is None
