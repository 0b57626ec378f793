"""What a write does to the simulated Sigen plant."""

from datetime import UTC, datetime

import pytest

from tests.conftest import SigenFactory
from tests.simulators.plant import PlantConfig
from tests.simulators.raw_client import RawClient, connected
from tests.simulators.sigen import SigenConfig, SigenSimulator

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
REMOTE_EMS, CONTROL_MODE = 40029, 40031
CHARGE_LIMIT, DISCHARGE_LIMIT, PV_LIMIT = 40032, 40034, 40036
EXPORT_LIMIT, DISCHARGE_CUTOFF, POWER = 40038, 40048, 40000


def old(firmware: str = "SPC112") -> SigenConfig:
    """Build a plant on firmware whose limits are bound to modes."""
    return SigenConfig(speed=0, start=NOON, firmware=firmware)


async def enter(client: RawClient, sim: SigenSimulator, mode: int) -> None:
    """Bring the plant into remote EMS with a control mode."""
    assert await client.write(247, REMOTE_EMS, 1) == "ok"
    sim.advance(4)
    assert await client.write(247, CONTROL_MODE, mode) == "ok"


async def test_remote_ems_begins_some_seconds_after_the_write(sigen: SigenFactory) -> None:
    """30003 turns 7 only later, and 0 at once on leaving, whatever the app had chosen."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, app_mode=2))
    async with connected(sim.host, sim.port) as client:
        assert await client.read(247, 30003) == "0002"
        assert await client.write(247, REMOTE_EMS, 1) == "ok"
        assert await client.read(247, 30003) == "0002"
        sim.advance(4)
        assert await client.read(247, 30003) == "0007"
        assert await client.write(247, REMOTE_EMS, 0) == "ok"
        assert await client.read(247, 30003) == "0000"


@pytest.mark.parametrize("address", [CHARGE_LIMIT, DISCHARGE_LIMIT, PV_LIMIT])
async def test_old_firmware_refuses_limits_outside_remote_ems(sigen: SigenFactory, address: int) -> None:
    """Before SPC113 the three limits are taken in remote EMS only, and then they persist."""
    sim = await sigen(old())
    async with connected(sim.host, sim.port) as client:
        assert await client.write(247, address, 0, 3000) == "exception 02"
        await enter(client, sim, 4)
        assert await client.write(247, address, 0, 3000) == "ok"
        assert await client.write(247, REMOTE_EMS, 0) == "ok"
        assert await client.read(247, address, 2) == "00000BB8"


@pytest.mark.parametrize(("firmware", "charge_w"), [("SPC112", 4000), ("SPC113", 1000)])
async def test_charge_limit_in_self_consumption(sigen: SigenFactory, firmware: str, charge_w: float) -> None:
    """The charge limit acts in every mode since SPC113, before only while charging by order."""
    sim = await sigen(old(firmware))
    sim.plant.pv_override_w, sim.plant.load_override_w = 6000.0, 1500.0
    async with connected(sim.host, sim.port) as client:
        await enter(client, sim, 2)
        assert await client.write(247, CHARGE_LIMIT, 0, 1000) == "ok"
        sim.advance(10)
        assert -sim.plant.flows.battery_w == pytest.approx(charge_w, abs=500)
        assert await client.write(247, CONTROL_MODE, 4) == "ok"
        sim.advance(10)
        assert -sim.plant.flows.battery_w == pytest.approx(1000)


async def test_unset_limits_read_all_ones(sigen: SigenFactory) -> None:
    """Limits that nobody set read 0xFFFFFFFF, and that is no value to write where it means nothing."""
    sim = await sigen(SigenConfig(speed=0, start=NOON))
    async with connected(sim.host, sim.port) as client:
        for address in (CHARGE_LIMIT, DISCHARGE_LIMIT, 40042, 40044):
            assert await client.read(247, address, 2) == "FFFFFFFF"
        assert await client.write(247, CHARGE_LIMIT, 0xFFFF, 0xFFFF) == "exception 03"
        assert await client.write(247, 40042, 0xFFFF, 0xFFFF) == "ok"


@pytest.mark.parametrize(
    ("mode", "low_w", "high_w"),
    [(1, -1, 1), (2, -600, -300), (3, -8001, -7000), (4, -8001, -7000), (5, 7000, 8001), (6, 7000, 8001)],
)
async def test_control_modes_move_the_battery(
    sigen: SigenFactory, mode: int, low_w: float, high_w: float
) -> None:
    """Each control mode has its own battery power for the same PV and house; + discharges."""
    sim = await sigen(SigenConfig(speed=0, start=NOON))
    sim.plant.pv_override_w, sim.plant.load_override_w = 1000.0, 500.0
    async with connected(sim.host, sim.port) as client:
        await enter(client, sim, mode)
        sim.advance(10)
        assert low_w <= sim.plant.flows.battery_w <= high_w
        assert sim.get("ess_power") == pytest.approx(-sim.plant.flows.battery_w / 1000, abs=0.001)


async def test_dispatch_sets_the_power_of_the_inverter(sigen: SigenFactory) -> None:
    """PCS remote control follows a fixed power, else a percentage."""
    sim = await sigen(SigenConfig(speed=0, start=NOON))
    async with connected(sim.host, sim.port) as client:
        await enter(client, sim, 0)
        assert await client.write(247, 40005, 2000) == "ok"
        sim.advance(10)
        assert sim.get("plant_active_power") == pytest.approx(2.0, abs=0.01)
        assert await client.write(247, 40001, 0, 3500) == "ok"
        sim.advance(10)
        assert sim.get("plant_active_power") == pytest.approx(3.5, abs=0.01)


async def test_export_limit_acts_in_every_mode(sigen: SigenFactory) -> None:
    """40038 holds the feed-in without remote EMS."""
    config = PlantConfig(soc_pct=100.0)
    sim = await sigen(SigenConfig(speed=0, start=NOON, plant=config))
    sim.plant.pv_override_w, sim.plant.load_override_w = 6000.0, 500.0
    async with connected(sim.host, sim.port) as client:
        assert await client.write(247, EXPORT_LIMIT, 0, 1000) == "ok"
        assert await client.read(247, 30005, 2) == "FFFFFC18"


@pytest.mark.parametrize(("bug", "charges"), [(True, True), (False, False)])
async def test_discharge_cutoff_above_soc_charges(sigen: SigenFactory, *, bug: bool, charges: bool) -> None:
    """With the maker's bug a cut-off above the SOC charges the battery from the grid."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, cutoff_bug=bug))
    sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 500.0
    async with connected(sim.host, sim.port) as client:
        assert await client.write(247, DISCHARGE_CUTOFF, 600) == "ok"
        sim.advance(10)
        assert (sim.plant.flows.battery_w < -1000) is charges
        assert await client.read(247, 30086) == "0258"


async def test_power_off_keeps_answering(sigen: SigenFactory) -> None:
    """40000 = 0 shuts the plant down: state 3, no power, answers go on until it is started."""
    sim = await sigen(SigenConfig(speed=0, start=NOON))
    async with connected(sim.host, sim.port) as client:
        assert await client.write(247, POWER, 0) == "ok"
        assert await client.read(247, 30051) == "0003"
        assert await client.read(1, 30578) == "0003"
        assert await client.read(247, 30035, 4) == "0000" * 4
        assert await client.write(247, POWER, 1) == "ok"
        assert await client.read(247, 30051) == "0001"


async def test_one_inverter_off_leaves_the_other_running(sigen: SigenFactory) -> None:
    """40500 = 0 stops one inverter only; the other carries the plant."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, inverters=(1, 2)))
    async with connected(sim.host, sim.port) as client:
        assert await client.write(1, 40500, 0) == "ok"
        assert await client.read(1, 30578) == "0003"
        assert await client.read(2, 30578) == "0001"
        assert await client.read(1, 31035, 2) == "00000000"
        assert sim.get("pv_power", unit=2) == sim.get("pv_power")


async def test_inverters_add_up_to_the_plant(sigen: SigenFactory) -> None:
    """The powers and ratings of the inverters sum to those of the plant."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, inverters=(1, 2)))
    for plant_name, name in (("pv_power", "pv_power"), ("plant_active_power", "active_power")):
        total = sum(float(sim.get(name, unit=unit)) for unit in (1, 2))
        assert total == pytest.approx(float(sim.get(plant_name)), abs=0.002)
    assert sim.get("serial_number", unit=1) != sim.get("serial_number", unit=2)


async def test_powers_balance_as_the_fact_file_says(sigen: SigenFactory) -> None:
    """Total load = plant AC power + grid + third-party PV."""
    config = PlantConfig(third_party_pv_peak_w=3000.0)
    sim = await sigen(SigenConfig(speed=0, start=NOON, plant=config, ac_chargers=(3,)))
    parts = ("plant_active_power", "grid_active_power", "third_party_pv_power")
    assert sum(float(sim.get(name)) for name in parts) == pytest.approx(
        float(sim.get("total_load_power")), abs=0.004
    )


async def test_third_party_pv_is_inside_pv_on_old_firmware(sigen: SigenFactory) -> None:
    """Before SPC108 register 30035 contains third-party PV."""
    config = PlantConfig(third_party_pv_peak_w=3000.0)
    new = await sigen(SigenConfig(speed=0, start=NOON, plant=config))
    before = await sigen(SigenConfig(speed=0, start=NOON, plant=config, firmware="SPC107"))
    third_party = float(new.get("third_party_pv_power"))
    assert third_party > 0
    assert float(before.get("pv_power")) == pytest.approx(float(new.get("pv_power")) + third_party, abs=0.002)


async def test_ac_charger_starts_with_zero(sigen: SigenFactory) -> None:
    """42000: 0 starts, 1 stops; 42001 bounds the current from 6 A up to the rating."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, ac_chargers=(3,)))
    assert sim.plant.ac_ev is not None
    async with connected(sim.host, sim.port) as client:
        assert await client.read(3, 32000) == "0001"
        sim.plant.ac_ev.connected, sim.plant.ac_ev.energy_needed_wh = True, 20_000.0
        assert await client.read(3, 32000) == "0004"
        assert await client.write(3, 42000, 0) == "ok"
        assert await client.read(3, 32000) == "0005"
        assert await client.write(3, 42001, 0, 1000) == "ok"
        assert sim.get("charging_power") == pytest.approx(6.9, abs=0.01)
        for amps in (599, 1601):
            assert await client.write(3, 42001, 0, amps) == "exception 03"
        assert await client.write(3, 42000, 1) == "ok"
        assert await client.read(3, 32000) == "0004"


async def test_stop_at_the_car_needs_a_new_start(sigen: SigenFactory) -> None:
    """A DC session stopped by hand stays so until the next start command."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, version="V2.9", dc_charger=1))
    ev = sim.plant.dc_ev
    assert ev is not None
    ev.connected, ev.energy_needed_wh = True, 20_000.0
    async with connected(sim.host, sim.port) as client:
        assert await client.write(1, 41000, 0) == "ok"
        sim.advance(60)
        assert await client.read(1, 31513) == "0003"
        assert float(sim.get("session_charge_energy")) > 0
        sim.device.stop_at_car()
        sim.advance(60)
        assert await client.read(1, 31513) == "0006"
        assert await client.write(1, 41000, 0) == "ok"
        assert await client.read(1, 31513) == "0003"


async def test_zero_charge_limit_latches_a_fault(sigen: SigenFactory) -> None:
    """41002 = 0 in a session faults the vehicle until it is plugged in again."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, version="V2.9", dc_charger=1))
    ev = sim.plant.dc_ev
    assert ev is not None
    ev.connected, ev.energy_needed_wh = True, 20_000.0
    async with connected(sim.host, sim.port) as client:
        assert await client.write(1, 41000, 0) == "ok"
        assert await client.write(1, 41002, 0, 1000) == "ok"
        assert sim.get("output_power") == 1.0
        assert await client.write(1, 41002, 0, 0) == "ok"
        assert await client.write(1, 41000, 0) == "ok"
        assert await client.read(1, 31513) == "0004"
        ev.connected = False
        sim.advance(1)
        ev.connected = True
        assert await client.write(1, 41002, 0, 1000) == "ok"
        assert await client.write(1, 41000, 0) == "ok"
        assert await client.read(1, 31513) == "0003"


async def test_day_counters_reset_at_local_midnight(sigen: SigenFactory) -> None:
    """Midnight in Berlin is 22:00 UTC in summer; yesterday keeps what the day counted."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, version="V2.9"))
    sim.advance(12 * 3600 - 60)
    today, total = sim.get("pv_energy_today"), float(sim.get("pv_energy_total"))
    assert float(today) > 1
    sim.advance(120)
    assert sim.get("pv_energy_today") == 0
    assert sim.get("pv_energy_yesterday") == today
    assert float(sim.get("pv_energy_total")) == pytest.approx(total, abs=0.02)


@pytest.mark.parametrize(("local", "offset_s"), [(False, 0), (True, 7200)])
async def test_clock_counts_in_its_time_base(sigen: SigenFactory, *, local: bool, offset_s: int) -> None:
    """30000 counts UTC or local wall-clock seconds; 30002 is the time zone either way."""
    sim = await sigen(SigenConfig(speed=0, start=NOON, local_time_base=local))
    assert sim.get("system_time") == NOON.timestamp() + offset_s
    assert sim.get("system_timezone_offset") == 120
    sim.advance(30)
    assert sim.get("system_time") == NOON.timestamp() + offset_s + 30


async def test_grid_loss_is_shown(sigen: SigenFactory) -> None:
    """Off the grid 30009 is 1 and the outage alarm is set."""
    sim = await sigen(SigenConfig(speed=0, start=NOON))
    sim.plant.grid_available = False
    sim.advance(1)
    assert sim.get("grid_connection_state") == 1
    assert sim.get("plant_alarm_1") == 1 << 9
    assert sim.get("grid_active_power") == 0


async def test_backup_reserve_needs_a_gateway(sigen: SigenFactory) -> None:
    """40046 holds the battery only where there is a gateway."""
    for gateway in (True, False):
        sim = await sigen(SigenConfig(speed=0, start=NOON, plant=PlantConfig(backup_supply=gateway)))
        sim.plant.pv_override_w, sim.plant.load_override_w = 0.0, 2000.0
        async with connected(sim.host, sim.port) as client:
            assert await client.write(247, 40046, 600) == "ok"
        sim.advance(10)
        assert (sim.plant.flows.battery_w < 1) is gateway
