"""The registers of a Chint plant one by one, over the wire."""

import csv
import json
from pathlib import Path

import pytest

from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from custom_components.energy_storage.vendors.driver import DriverConnectionError, DriverError, LinkFault
from custom_components.energy_storage.vendors.raw_access import Lock, RawAccess, Space
from custom_components.energy_storage.vendors.register_tools.candidates import Sighting, candidates
from custom_components.energy_storage.vendors.register_tools.layout import Layout, Span
from custom_components.energy_storage.vendors.register_tools.passes import ScanPass, begun
from custom_components.energy_storage.vendors.register_tools.profile_row import profile_row
from custom_components.energy_storage.vendors.register_tools.sweep import Ended, Sweep, run
from custom_components.energy_storage.vendors.write import CommandRefusedError
from tests.simulators.plant import PlantConfig

from .plants import NOON, Rig, on, plant

PROFILES = ("ech_th", "ech_s", "cps_403x", "sce")
UNIT = 1


def raw(rig: Rig) -> RawAccess:
    """Give the plant's registers."""
    found = rig.driver.raw_access
    assert found is not None
    return found


async def scan(rig: Rig, span: Span, space: Space = Space.INPUT) -> ScanPass:
    """Scan a range."""
    access = raw(rig)
    sweep = Sweep(span, Layout.of(access.rows(), UNIT, space), access.most_registers)

    async def ask(span: Span) -> tuple[int, ...]:
        return await access.read(UNIT, space, span.address, span.size)

    ended = await run(sweep, ask, most_requests=2_000)
    begin = begun("pass", device="plant", unit_id=UNIT, space=space, span=span, started=NOON)
    return begin.with_more(sweep, ended, NOON)


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_row_of_the_profile_is_there(profile: str) -> None:
    """On the device whose reading it is."""
    async with plant(profile).serving() as sim, on(sim) as rig:
        await rig.read()
        rows = {(row.device, row.name, row.address) for row in raw(rig).rows()}
        assert rows >= {(each.device, each.name, each.address) for each in rig.driver.registers()}


@pytest.mark.parametrize("profile", PROFILES)
async def test_nothing_is_unlocked(profile: str) -> None:
    """Nothing is proved; what the public table calls read-only cannot be written at all."""
    with (Path(__file__).parent / "registers.csv").open(encoding="utf-8", newline="") as file:
        public = {
            (line["kind"], int(line["address_hex"], 16)): line["access"]
            for line in csv.DictReader(file)
            if line["profile"] == profile
        }
    async with plant(profile).serving() as sim, on(sim) as rig:
        for row in raw(rig).rows():
            assert row.locked is not None
            if public.get((row.space.value, row.address)) == "R":
                assert row.locked is Lock.READ_ONLY
            with pytest.raises(CommandRefusedError) as caught:
                raw(rig).order(row, 1.0)
            assert caught.value.code == f"locked_{row.locked}"


async def test_an_owners_own_writable_row_is_locked_too() -> None:
    """Nobody has seen yet what writing it does."""
    document = json.loads(TEXTS["ech_th"])
    own = {"name": "buzzer", "address": "0x3FFF", "kind": "holding", "type": "uint16", "group": "mine"}
    document["blocks"].append({"kind": "holding", "first": "0x3FFF", "last": "0x3FFF"})
    document["rows"].append(own | {"access": "RW", "range": [0, 1], "evidence": "owner"})
    profiles = {"ech_th.json": json.dumps(document)}
    async with plant("ech_th").serving() as sim, on(sim, profiles=profiles) as rig:
        (buzzer,) = [row for row in raw(rig).rows() if row.name == "buzzer"]
        assert buzzer.locked is Lock.UNPROVEN
        assert (buzzer.low, buzzer.high) == (0, 1)


async def test_what_commands_are_made_of_says_so() -> None:
    """The work mode and the time control of an sce."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        owned = {row.address for row in raw(rig).rows() if row.locked is Lock.OWNED}
        assert {0x2100, 0x214C} <= owned


async def test_requests_stay_within_a_block() -> None:
    """And within what the device answers at once, by default 60 registers."""
    async with plant("ech_s").serving() as sim, on(sim) as rig:
        before = len(sim.requests)
        found = await scan(rig, Span(0x0000, 0x49))
        asked = rig.asked(before)
        assert found.ended is Ended.COMPLETE
        assert all(count <= 60 for _, _, count in asked)
        assert not [at for _, at, count in asked if at < 0x003C < at + count]


async def test_a_value_on_the_display_is_found_and_read_from_then_on() -> None:
    """Where the public sources have it, SOC at 0x0603; its row takes the place of ours."""
    seen: list[Sighting] = []
    for soc_pct in (41.0, 78.0):
        async with plant("ech_th", plant=PlantConfig(soc_pct=soc_pct)).serving() as sim, on(sim) as rig:
            found = await scan(rig, Span(0x0600, 16))
            rows, low_first = tuple(raw(rig).rows()), raw(rig).low_word_first
        seen.append(Sighting(scan=found, value=soc_pct))
    best = candidates(seen, rows, unit="%", low_word_first=low_first)[0]
    assert (best.address, best.kind, best.scale) == (0x0603, "u16", 1.0)
    assert best.declared == "batt_soc"
    document = json.loads(TEXTS["ech_th"])
    (soc,) = [row for row in document["rows"] if row["name"] == "batt_soc"]
    soc |= profile_row(best, seen, name="batt_soc", unit="%")
    del soc["source"]
    own = {"ech_th.json": json.dumps(document)}
    config = PlantConfig(soc_pct=63.0)
    async with plant("ech_th", plant=config).serving() as sim, on(sim, profiles=own) as rig:
        assert (await rig.read()).soc_pct == 63


async def test_unknown_units_are_not_asked() -> None:
    """The link may be shared with others."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        before = len(sim.requests)
        with pytest.raises(DriverError):
            await raw(rig).read(2, Space.INPUT, 0x0600, 1)
        assert rig.asked(before) == []


async def test_silence_ends_a_scan() -> None:
    """After one request."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        sim.faults.add("silence", 600)
        found = await scan(rig, Span(0x0600, 300))
        assert (found.ended, found.requests) == (Ended.SILENT, 1)
        with pytest.raises(DriverConnectionError) as caught:
            await raw(rig).read(UNIT, Space.INPUT, 0x0600, 1)
        assert caught.value.fault is LinkFault.SILENT


async def test_a_row_has_what_the_profile_says() -> None:
    """Words, type, scale and unit, as the public table has them."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        (power,) = [row for row in raw(rig).rows() if row.name == "grid_power"]
        assert (power.space, power.address, power.count, power.kind) == (Space.INPUT, 0x0700, 2, "s32")
        (voltage,) = [row for row in raw(rig).rows() if row.name == "batt_voltage"]
        assert (voltage.address, voltage.scale, voltage.unit) == (0x0600, 0.1, "V")
