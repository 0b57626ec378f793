"""The registers of a Sigen plant one by one, over the wire, and what of them may be written by hand."""

from collections.abc import AsyncIterator
import csv
from pathlib import Path

import pytest

from custom_components.energy_storage.vendors.control import Outcome
from custom_components.energy_storage.vendors.driver import (
    DriverConnectionError,
    DriverError,
    DriverRejectedError,
)
from custom_components.energy_storage.vendors.raw_access import DeclaredRow, Lock, RawAccess, Space
from custom_components.energy_storage.vendors.register_tools.layout import Layout, Span
from custom_components.energy_storage.vendors.register_tools.sweep import Ended, Sweep, run
from custom_components.energy_storage.vendors.register_tools.writable import refuse_locked, row_named
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenConfig
from tests.vendors.sigen.plants import Rig, on

FULL = SigenConfig(speed=0, version="V2.9", ac_chargers=(3,), dc_charger=1)
PLANT, INVERTER, CHARGER = 247, 1, 3


@pytest.fixture
async def rig(sigen: SigenFactory) -> AsyncIterator[Rig]:
    """Build a plant with a charger of each kind, read completely."""
    async with on(await sigen(FULL), timeout_s=2.0) as rig:
        await rig.read()
        await rig.read()
        yield rig


def raw(rig: Rig) -> RawAccess:
    """Give the plant's registers."""
    found = rig.driver.raw_access
    assert found is not None
    return found


def row_of(rig: Rig, device: str, name: str) -> DeclaredRow:
    """Give one declared register."""
    return row_named(raw(rig).rows(), device, name)


async def sweep(rig: Rig, unit_id: int, space: Space, span: Span) -> tuple[Sweep, Ended]:
    """Read a range as a scan does."""
    access = raw(rig)
    layout = Layout.of(access.rows(), unit_id, space)
    sweep = Sweep(span, layout, access.most_registers)

    async def ask(span: Span) -> tuple[int, ...]:
        return await access.read(unit_id, space, span.address, span.size)

    return sweep, await run(sweep, ask, most_requests=1_000)


async def test_every_declared_register_is_a_row(rig: Rig) -> None:
    """Of every device, with unit id and group."""
    rows = list(raw(rig).rows())
    assert {(row.device, row.name) for row in rows} == {
        (reading.device, reading.name) for reading in rig.driver.registers()
    }
    soc = row_of(rig, "plant", "ess_soc")
    assert (soc.unit_id, soc.group, soc.space) == (PLANT, "plant now", Space.INPUT)
    assert (soc.address, soc.count, soc.kind, soc.scale, soc.unit) == (30014, 1, "u16", 0.1, "%")
    assert row_of(rig, "dc_charger_1", "output_power").unit_id == INVERTER


async def test_only_what_chargers_may_take_is_unlocked(rig: Rig) -> None:
    """Everything else is locked, by a list that was written down here once more."""
    assert {(row.device, row.name) for row in raw(rig).rows() if row.locked is None} == {
        ("ac_charger_3", "output_current_limit"),
        ("dc_charger_1", "max_charge_power_limit"),
    }


async def test_what_the_maker_lets_write_says_why_it_is_locked(rig: Rig) -> None:
    """And what cannot be written says that: by the maker's own table."""
    with (Path(__file__).parent / "protocol.csv").open(encoding="utf-8", newline="") as file:
        access = {line["name"]: line["access"] for line in csv.DictReader(file)}
    for row in raw(rig).rows():
        assert (row.locked is Lock.READ_ONLY) is (access[row.name] == "RO"), row.name
        assert row.readable is (access[row.name] != "WO"), row.name


@pytest.mark.parametrize(
    ("device", "name", "lock"),
    [
        ("plant", "remote_ems_enable", Lock.OWNED),
        ("plant", "remote_ems_control_mode", Lock.OWNED),
        ("plant", "grid_export_limit", Lock.OWNED),
        ("plant", "ess_discharge_cutoff_soc", Lock.OWNED),
        ("plant", "active_power_setpoint", Lock.OWNED),
        ("inverter_1", "active_power_setpoint", Lock.OWNED),
        ("plant", "grid_code_overfreq_cutoff", Lock.GRID_CODE),
        ("plant", "active_power_gradient", Lock.GRID_CODE),
        ("plant", "pcc_power_factor_export", Lock.GRID_CODE),
        ("plant", "plant_start_stop", Lock.POWER_SWITCH),
        ("inverter_1", "inverter_start_stop", Lock.POWER_SWITCH),
        ("plant", "grid_loss_lockout_alarm_clear", Lock.NO_READ_BACK),
        ("ac_charger_3", "charging_start_stop", Lock.NO_READ_BACK),
        ("plant", "ess_preheat_enable", Lock.UNPROVEN),
        ("dc_charger_1", "max_discharge_power_limit", Lock.UNPROVEN),
        ("plant", "ess_soc", Lock.READ_ONLY),
        ("inverter_1", "serial_number", Lock.READ_ONLY),
    ],
)
async def test_each_lock_has_its_reason(rig: Rig, device: str, name: str, lock: Lock) -> None:
    """Limits, modes, remote control, grid protection, power switches, and what nobody has proved."""
    assert row_of(rig, device, name).locked is lock


async def test_the_range_is_what_charger_and_breaker_bear(rig: Rig) -> None:
    """As the device says; and control may come to set it."""
    limit = row_of(rig, "ac_charger_3", "output_current_limit")
    bearable = min(
        float(rig.sim.get("rated_current", CHARGER)),
        float(rig.sim.get("input_breaker_rated_current", CHARGER)),
    )
    assert (limit.low, limit.high, limit.of_control) == (6, bearable, True)
    power = row_of(rig, "dc_charger_1", "max_charge_power_limit")
    rated_w = 1000 * float(rig.sim.get("rated_charge_power", INVERTER))
    assert (power.low, power.high, power.of_control) == (1000, rated_w, True)


async def test_an_unknown_range_locks(sigen: SigenFactory) -> None:
    """Before the charger has said what it bears nothing is written to it."""
    async with on(await sigen(FULL), timeout_s=2.0) as rig:
        rig.sim.faults.add("charger_silent")
        await rig.read()
        with pytest.raises(CommandRefusedError) as caught:
            refuse_locked(row_of(rig, "ac_charger_3", "output_current_limit"), control_on=False)
    assert caught.value.code == "locked_range_unknown"


async def test_what_the_firmware_lacks_is_missing(sigen: SigenFactory) -> None:
    """It is asked by itself, and never written."""
    async with on(await sigen(SigenConfig(speed=0, version="V2.5")), timeout_s=2.0) as rig:
        await rig.read()
        assert row_of(rig, "plant", "total_load_power").missing
        assert not row_of(rig, "plant", "ess_soc").missing
        assert not row_of(rig, "plant", "plant_start_stop").missing


@pytest.mark.parametrize(
    ("unit_id", "space", "span"),
    [
        (PLANT, Space.INPUT, Span(30000, 288)),
        (PLANT, Space.HOLDING, Span(40029, 22)),
        (INVERTER, Space.INPUT, Span(30500, 106)),
        (CHARGER, Space.INPUT, Span(32000, 15)),
    ],
)
async def test_declared_ranges_are_read_without_a_refusal(
    rig: Rig, unit_id: int, space: Space, span: Span
) -> None:
    """Requests stay within the maker's most, cut no value and cross no border between tables."""
    before = len(rig.sim.requests)
    swept, ended = await sweep(rig, unit_id, space, span)
    assert ended is Ended.COMPLETE
    asked = rig.asked(before)
    assert all(count <= 124 for _, _, count in asked)
    for row in raw(rig).rows():
        if (row.unit_id, row.space) != (unit_id, space) or row.address not in range(span.address, span.end):
            continue
        assert set(row.addresses) <= swept.words.keys(), row.name
        assert len([at for _, at, count in asked if at <= row.address < at + count]) == 1, row.name


async def test_raw_words_are_what_the_device_holds(rig: Rig) -> None:
    """The same as it shows by the maker's table."""
    (word,) = await raw(rig).read(PLANT, Space.INPUT, 30014, 1)
    assert word == round(10 * float(rig.sim.get("ess_soc")))
    assert await raw(rig).read(PLANT, Space.HOLDING, 40038, 2) == await raw(rig).read(
        PLANT, Space.INPUT, 40038, 2
    )


@pytest.mark.parametrize(("address", "count"), [(20000, 1), (30005, 1), (65535, 1), (30000, 125)])
async def test_refusals_are_told(rig: Rig, address: int, count: int) -> None:
    """Unknown addresses, half a value, more than a request may ask for."""
    with pytest.raises(DriverError):
        await raw(rig).read(PLANT, Space.INPUT, address, count)


async def test_an_unknown_range_is_refused_whole(rig: Rig) -> None:
    """No register is invented."""
    swept, ended = await sweep(rig, PLANT, Space.INPUT, Span(20000, 16))
    assert (ended, swept.words, len(swept.refused)) == (Ended.COMPLETE, {}, 16)


async def test_a_silent_charger_ends_a_scan_and_is_left_alone(rig: Rig) -> None:
    """It may hold up the whole server while it does not answer."""
    rig.sim.faults.add("silence", 600, unit=CHARGER)
    swept, ended = await sweep(rig, CHARGER, Space.INPUT, Span(32000, 15))
    assert (ended, swept.words) == (Ended.SILENT, {})
    rig.sim.faults.remove("silence")
    before = len(rig.sim.requests)
    with pytest.raises(DriverConnectionError):
        await raw(rig).read(CHARGER, Space.INPUT, 32000, 1)
    assert rig.asked(before) == []


@pytest.mark.parametrize("unit_id", [0, 2, 246])
async def test_other_units_are_not_asked(rig: Rig, unit_id: int) -> None:
    """Not the broadcast, and nobody that the owner did not name."""
    before = len(rig.sim.requests)
    with pytest.raises(DriverError) as caught:
        await raw(rig).read(unit_id, Space.INPUT, 30014, 1)
    assert not isinstance(caught.value, DriverRejectedError)
    assert rig.asked(before) == []


async def test_a_limit_is_written_and_read_back(rig: Rig) -> None:
    """By the same way as its entity, and counted."""
    control = rig.driver.control
    assert control is not None
    before = control.holding().writes_today
    order = raw(rig).order(row_of(rig, "ac_charger_3", "output_current_limit"), 10.5)
    control.begin(order)
    applied = await control.execute(order)
    assert applied.outcome is Outcome.CONFIRMED
    assert rig.sim.get("output_current_limit", CHARGER) == 10.5
    assert control.holding().writes_today == before + 1


@pytest.mark.parametrize(
    ("device", "name", "value"),
    [("plant", "remote_ems_enable", "on"), ("plant", "plant_start_stop", 1.0), ("plant", "ess_soc", 50.0)],
)
async def test_no_order_is_made_for_a_locked_row(
    rig: Rig, device: str, name: str, value: float | str
) -> None:
    """Also by who forgets to look at the lock."""
    with pytest.raises(CommandRefusedError):
        raw(rig).order(row_of(rig, device, name), value)
