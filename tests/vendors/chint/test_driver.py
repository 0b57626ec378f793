"""The Chint driver on simulated plants: what it reads, how often, and what it believes."""

from dataclasses import replace
from datetime import UTC, datetime
import json

import pytest

from custom_components.energy_storage.engine.plant import Counter, DeviceKind, GridState, RunningState
from custom_components.energy_storage.vendors.chint.shipped import NAMES, TEXTS
from custom_components.energy_storage.vendors.driver import Due, PointRole, Tier
from tests.simulators.plant import PlantConfig

from .plants import ALL, FAST, Hands, on, plant

GRID = [("ech_th", "grid_power"), ("ech_s", "grid_power")]


async def test_powers_of_a_three_phase_plant() -> None:
    """The battery's is voltage times current; what is left over is the house's."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        state = await rig.read()
        flows = sim.plant.flows
        assert state.soc_pct == round(sim.plant.soc_pct)
        assert state.pv_power_w == pytest.approx(flows.pv_w, abs=1)
        assert state.battery_power_w == pytest.approx(flows.battery_w, abs=25)
        assert state.grid_power_w == pytest.approx(flows.grid_w, abs=1)
        known = (state.pv_power_w, state.battery_power_w, state.grid_power_w)
        assert state.load_power_w == sum(power for power in known if power is not None)
        assert (state.grid_state, state.running_state) == (GridState.UNKNOWN, RunningState.UNKNOWN)


async def test_powers_of_a_plant_with_low_voltage() -> None:
    """One phase; discharging, importing and generating are positive."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        state = await rig.read()
        flows = sim.plant.flows
        assert state.battery_power_w == pytest.approx(flows.battery_w, abs=0.1)
        assert state.pv_power_w == pytest.approx(flows.pv_w, abs=0.1)
        assert state.grid_power_w == pytest.approx(flows.grid_w, abs=0.1)
        assert state.grid_phase_power_w[1:] == (None, None)
        assert (state.vendor_mode, state.rated_power_w) == ("self_use", 6000)
        assert state.grid_state is GridState.ON_GRID


async def test_what_is_due_can_be_read_one_by_one() -> None:
    """What did not fit waits, and nothing comes due by asking for it."""
    go_on = Due(tiers=frozenset(), most_requests=1)
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        await rig.read(replace(ALL, most_requests=0))
        done = len(rig.asked())
        for number in range(1, 3):
            await rig.read(go_on, after_s=0)
            assert len(rig.asked(done)) == number
        await rig.read()
        done = len(rig.asked())
        await rig.read(go_on, after_s=0)
        assert rig.asked(done) == []


async def test_a_string_inverter_has_no_battery() -> None:
    """It tells what it generates; nobody knows what the house takes."""
    async with plant("cps_403x").serving() as sim, on(sim) as rig:
        state = await rig.read()
        assert state.pv_power_w == pytest.approx(sim.plant.flows.inverter_ac_w, abs=100)
        assert (state.soc_pct, state.battery_power_w, state.grid_power_w, state.load_power_w) == (None,) * 4
        assert state.running_state is RunningState.RUNNING
        assert [device.kind for device in rig.driver.devices] == [DeviceKind.PLANT, DeviceKind.INVERTER]


async def test_a_sign_that_nobody_knows_makes_no_power() -> None:
    """The single-phase document does not say which way the current counts: no power, no load."""
    async with plant("ech_s").serving() as sim, on(sim) as rig:
        state = await rig.read()
        assert rig.value("batt_current") is not None
        assert (state.battery_power_w, state.load_power_w) == (None, None)
        assert state.soc_pct is not None


async def test_the_owner_can_say_what_the_sign_is() -> None:
    """By a copy of our profile, in which it is the owner's own evidence."""
    document = json.loads(TEXTS["ech_s"])
    current = next(row for row in document["rows"] if row["name"] == "batt_current")
    current |= {"sign": 1, "evidence": "owner"}
    mine = {"ech_s.json": json.dumps(document)}
    async with plant("ech_s").serving() as sim, on(sim, profiles=mine) as rig:
        state = await rig.read()
        assert state.battery_power_w == pytest.approx(sim.plant.flows.battery_w, abs=10)


@pytest.mark.parametrize("turned", [1, -1])
async def test_a_turned_sign_is_turned_once(turned: int) -> None:
    """Where the profile says that the device counts the other way."""
    document = json.loads(TEXTS["ech_th"])
    next(row for row in document["rows"] if row["name"] == "grid_power")["sign"] = turned
    async with (
        plant("ech_th").serving() as sim,
        on(sim, profiles={"ech_th.json": json.dumps(document)}) as rig,
    ):
        sim.set("grid_power", 1234)
        assert (await rig.read()).grid_power_w == 1234 * turned


@pytest.mark.parametrize("import_w", [0, 31_000, -31_000, -1])
@pytest.mark.parametrize(("profile", "row"), GRID)
async def test_export_is_negative(profile: str, row: str, import_w: int) -> None:
    """Over 32 bits, the most significant word first."""
    async with plant(profile).serving() as sim, on(sim) as rig:
        sim.set(row if profile == "ech_th" else "Grid_Power", import_w)
        assert (await rig.read()).grid_power_w == import_w


async def test_the_same_address_is_another_thing_on_another_model() -> None:
    """0x0708: half of PV power on three phases, of an energy on one."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        assert (await rig.read()).pv_power_w == pytest.approx(sim.plant.flows.pv_w, abs=1)
    # The single-phase map never takes it for power, nor the energy for a counter before it was confirmed.
    async with plant("ech_s", layout="th").serving() as sim, on(sim) as rig:
        state = await rig.read()
        assert state.pv_power_w is None
        assert not state.counters_kwh
        assert not {0x706, 0x708} & {address for _, address, _ in rig.asked()}


async def test_counters_are_the_device_s() -> None:
    """Those that it has, in kWh; whole kilowatt-hours and the rest of them are added up."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        await rig.read()
        rig.pass_time(7200)
        state = await rig.read()
        assert set(state.counters_kwh) == {
            Counter.GRID_IMPORT,
            Counter.GRID_EXPORT,
            Counter.BATTERY_CHARGE,
            Counter.BATTERY_DISCHARGE,
            Counter.PV,
            Counter.LOAD,
        }
        whole, rest = sim.get("pv_energy_total"), sim.get("pv_energy_total_fraction")
        assert state.counters_kwh[Counter.PV] == pytest.approx(float(whole) + float(rest))
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        assert not (await rig.read()).counters_kwh


async def test_energies_of_the_day_begin_anew_at_midnight() -> None:
    """Of the house, not of London: a fall at another time is not believed."""
    start = datetime(2026, 6, 21, 21, 50, tzinfo=UTC)
    sim = plant("sce", start=start)
    async with sim.serving(), on(sim, hands=Hands(start=start)) as rig:
        sim.set("load_energy_today", 9.5)
        await rig.read()
        sim.set("load_energy_today", 0.1)
        await rig.read(after_s=60)
        assert rig.value("load_energy_today") == 9.5
        await rig.read(after_s=600)
        assert rig.value("load_energy_today") == 0.1


async def test_a_soc_that_leaps_waits_for_confirmation() -> None:
    """One reading may be wrong."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        sim.set("batt_soc", 50)
        await rig.read()
        await rig.read()
        sim.set("batt_soc", 90)
        assert (await rig.read()).soc_pct is None
        assert (await rig.read()).soc_pct == 90


async def test_what_was_not_confirmed_is_not_read() -> None:
    """Guessed rows are asked only of who the device is; no requests cross into guessed blocks."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        for _ in range(3):
            await rig.read(after_s=400)
        words = {at for _, address, count in rig.asked() for at in range(address, address + count)}
        proven = {*range(0x600, 0x604), *range(0x700, 0x70A), *range(0x82F, 0x832)}
        told = set(range(0x14)) | set(range(0x1A00, 0x1A1F))
        assert words <= proven | told


async def test_what_the_owner_switches_on_is_read_and_called_unconfirmed() -> None:
    """It shows what it says, and has no part in what the plant is taken to do."""
    async with plant("ech_s").serving() as sim, on(sim, options={"assumed_grid": True}) as rig:
        state = await rig.read()
        points = {point.key: point for point in rig.driver.points}
        assert not points["pv_power"].confirmed
        assert points["batt_voltage"].confirmed
        assert rig.value("pv_power") == pytest.approx(sim.plant.flows.pv_w, abs=1)
        assert (state.pv_power_w, state.load_power_w, state.counters_kwh) == (None, None, {})


@pytest.mark.parametrize("profile", NAMES)
async def test_everything_can_be_read(profile: str) -> None:
    """With all guesses on, every row of the profile that the simulated device has says something."""
    groups = (
        "alarms",
        "battery",
        "clock",
        "common",
        "energy",
        "grid",
        "inverter",
        "meter",
        "mode",
        "smart_load",
    )
    options = dict.fromkeys((f"assumed_{group}" for group in groups), True)
    sim = plant(profile, extended=True)
    async with sim.serving(), on(sim, options=options) as rig:
        await rig.read()
        await rig.read(after_s=400)
        registers = rig.driver.registers()
        silent = {register.name for register in registers if register.raw is None}
        assert silent <= {"grid_power_low_word"}
        assert rig.driver.settled


@pytest.mark.parametrize("profile", NAMES)
async def test_requests_are_short_and_keep_to_their_blocks(profile: str) -> None:
    """At most 60 registers, and none across the border of a block that the maker names."""
    options = dict.fromkeys(("assumed_grid", "assumed_meter", "assumed_inverter", "assumed_energy"), True)
    async with plant(profile).serving() as sim, on(sim, options=options) as rig:
        await rig.read()
        borders = (0x3C, 0x600, 0x610, 0x652, 0x700, 0x750, 0x770, 0x7D0, 0x800, 0x890, 0x8C0)
        for function, address, count in rig.asked():
            assert count <= 60
            if function == 4:
                assert not [border for border in borders if address < border < address + count]


async def test_a_block_that_is_not_there_is_split_once() -> None:
    """On refusal by halves; what is left out is remembered, and asked again after a day."""
    async with plant("cps_403x").serving() as sim, on(sim) as rig:
        await rig.read()
        missing = rig.driver.state["missing"]["inverter_1"]
        assert "phase_a_voltage" in missing
        before = len(rig.asked())
        for _ in range(4):
            await rig.read(after_s=400)
        refused = {0x8000, 0x8106, 0x8201, 0x8302}
        assert not {address for _, address, _ in rig.asked(before)} & refused
        state = rig.driver.state
    sim = plant("cps_403x", extended=True)
    async with sim.serving(), on(sim, state) as rig:
        await rig.read()
        assert "phase_a_voltage" not in {point.key for point in rig.driver.points}
        rig.pass_time(86_500)
        await rig.read()
        await rig.read()
        assert "phase_a_voltage" in {point.key for point in rig.driver.points}


async def test_each_tier_has_its_pace() -> None:
    """Powers each poll, energies each minute, settings each five minutes."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        await rig.read()
        before = len(rig.asked())
        for second in range(10, 610, 10):
            tiers = {Tier.FAST} | ({Tier.COUNTERS, Tier.SETTINGS} if second % 60 == 0 else set())
            await rig.read(Due(tiers=frozenset(tiers)))
        asked = [address for _, address, _ in rig.asked(before)]
        assert asked.count(0x1300) == 60
        assert asked.count(0x1306) == 10
        assert asked.count(0x2100) == 2


async def test_a_fast_poll_is_short() -> None:
    """What it takes to know powers and SOC."""
    for profile, most in (("ech_s", 2), ("ech_th", 2), ("cps_403x", 1), ("sce", 4)):
        async with plant(profile).serving() as sim, on(sim) as rig:
            before = len(rig.asked())
            await rig.read(FAST)
            assert len(rig.asked(before)) <= most


async def test_phases_that_are_not_there_have_no_readings() -> None:
    """A single-phase inverter reads 0 for the other two."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        await rig.read()
        keys = {point.key for point in rig.driver.points}
        assert {"phase_a_voltage", "grid_l1_voltage"} <= keys
        assert not {key for key in keys if "phase_b" in key or "_l2_" in key or "_l3_" in key}
        sim.set("phase_count", 3)
        await rig.read(Due(tiers=frozenset(Tier)), after_s=4000)
        assert "grid_l3_voltage" in {point.key for point in rig.driver.points}


async def test_a_row_of_the_owner_s_own_is_no_entity() -> None:
    """Nobody has written a name for it: it is read, and shown among the registers."""
    document = json.loads(TEXTS["ech_th"])
    document["rows"].append(
        {
            "name": "something_else",
            "address": "0x0608",
            "kind": "input",
            "type": "uint16",
            "role": "main",
            "group": "mine",
            "evidence": "owner",
        }
    )
    mine = {"ech_th.json": json.dumps(document)}
    async with plant("ech_th").serving() as sim, on(sim, profiles=mine) as rig:
        await rig.read()
        point = next(point for point in rig.driver.points if point.key == "something_else")
        assert (point.role, point.confirmed) == (PointRole.REGISTER, True)
        register = next(row for row in rig.driver.registers() if row.name == "something_else")
        assert register.raw is not None


@pytest.mark.parametrize("profile", ["ech_th", "sce"])
async def test_what_is_read_can_be_told_without_the_serial_number(profile: str) -> None:
    """As words that a simulator can serve: the driver meets the same plant, with another number."""
    async with plant(profile).serving() as sim, on(sim) as rig:
        await rig.read()
        raw = rig.driver.raw()
        serial = sim.config.identity.serial
        told = json.dumps(raw)
    assert serial not in told
    words = {
        int(unit): {int(at): word for at, word in known.items()}
        for unit, known in raw.items()
        if not isinstance(known, str)
    }
    async with plant(profile, recorded=words).serving() as again, on(again) as rig:
        assert rig.driver.state["profile"] == profile
        assert rig.driver.identity.serial not in (serial, None, "chint_1")


async def test_the_state_is_json() -> None:
    """And nonsense in it does no harm."""
    async with plant("sce").serving() as sim:
        async with on(sim) as rig:
            await rig.read()
            saved = json.loads(json.dumps(rig.driver.state))
        for nonsense in (
            {"profile": 7, "missing": []},
            {"profile": "dream"},
            saved | {"identity": [1], "asked_at": "noon", "missing": {"inverter_1": 4, "x": [1]}},
            saved | {"asked_at": "2026-06-21T10:00:00"},
        ):
            async with on(sim, nonsense) as rig:
                assert (await rig.read(ALL)).soc_pct is not None


async def test_a_plant_of_no_known_capacity_says_so() -> None:
    """Unknown is not 0."""
    sim = plant("sce", plant=PlantConfig(three_phase=False))
    async with sim.serving(), on(sim) as rig:
        state = await rig.read()
        assert (state.rated_energy_wh, state.soh_pct, state.device_clock) == (None, None, None)
