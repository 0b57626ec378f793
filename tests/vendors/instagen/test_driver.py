"""What a plant says comes out with our names, units and signs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from types import SimpleNamespace

import pytest

from custom_components.energy_storage.engine.plant import Counter, DeviceKind, GridState, RunningState
from custom_components.energy_storage.vendors.driver import DriverConnectionError, LinkFault, PointRole
from custom_components.energy_storage.vendors.instagen import VENDOR
from custom_components.energy_storage.vendors.instagen.messages import Registry
from custom_components.energy_storage.vendors.instagen.payload import decode, encode
from tests.simulators import instagen_answers, instagen_values
from tests.simulators.instagen import InstagenConfig
from tests.simulators.instagen_config import single_phase_home
from tests.simulators.instagen_frame import Frame
from tests.simulators.instagen_wire import SilenceError

from .bench import ALL, NIGHT, bench

pytestmark = pytest.mark.usefixtures("socket_enabled")

THREE_PHASES = InstagenConfig(
    plant=replace(single_phase_home(), three_phase=True, inverter_ac_w=10_000.0), pages=2
)
EVENING = datetime(2026, 6, 21, 21, 40, tzinfo=UTC)
"""20 min before the device's midnight in summer time."""
SHOWN = {
    "battery.soc": 55,
    "battery.state": 1,
    "battery.power": -1200,
    "battery.current": -22.4,
    "battery.voltage": 53.5,
    "grid.phases.0.active_power": -1300,
}


async def test_start_up_order() -> None:
    """The stick without a serial number, its inverters, then the data of each at its own address."""
    async with bench(InstagenConfig(inverters=2)) as plant:
        await plant.connect()
        asked = [(request.command, request.stick_serial, request.target) for request in plant.sim.requests]
        serial = plant.sim.stick_serial
        assert asked == [(0xDB01, 0, 255), (0xC302, serial, 1), (0xC303, serial, 1), (0xC303, serial, 2)]


async def test_powers_have_our_signs_and_balance() -> None:
    """At noon with a load: load = PV + battery + grid."""
    async with bench() as plant:
        await plant.connect()
        state = await plant.after(60)
        assert state.pv_power_w is not None
        assert state.pv_power_w > 500
        assert state.battery_power_w is not None
        assert state.battery_power_w < 0, "charging is negative"
        assert state.load_power_w is not None
        assert state.grid_power_w is not None
        given = state.pv_power_w + state.battery_power_w + state.grid_power_w
        assert given == pytest.approx(state.load_power_w, rel=0.1, abs=150)


async def test_values_of_the_vector() -> None:
    """SOC, power and import of section 11, through simulator, link and driver."""
    async with bench() as plant:
        plant.show(SHOWN)
        state = await plant.connect()
        assert (state.soc_pct, state.battery_power_w, state.grid_power_w) == (55, -1200, 1300)
        assert list(state.grid_phase_power_w) == [1300, None, None]
        assert plant.value("battery_1", "battery_current") == -22.4
        assert plant.value("battery_1", "battery_state") == "charging"


async def test_identity_and_rated_values() -> None:
    """Rated power stands only in the model's name; serial numbers are twelve hexadecimal digits."""
    async with bench() as plant:
        state = await plant.connect()
        assert plant.driver.identity.serial == "200322460001"
        assert plant.driver.identity.model == "HYS-4.6LV-EUG1"
        assert (state.rated_power_w, state.rated_energy_wh) == (4600, 10_000)


async def test_devices_and_their_ids() -> None:
    """Ids are made of the inverters' serial numbers, so that another stick changes none of them."""
    async with bench(InstagenConfig(inverters=2), third_party_pv_peak_w=3_000.0) as plant:
        await plant.connect()
        devices = {device.key: device for device in plant.driver.devices}
        assert list(devices) == [
            "plant",
            "gateway",
            "inverter_1",
            "battery_1",
            "inverter_2",
            "battery_2",
            "meter_1",
            "pv_inverter_1",
        ]
        assert all(device.uid.startswith("20032246000") for device in devices.values())
        assert len({device.uid for device in devices.values()}) == len(devices)
        assert devices["gateway"].identity.serial == "430122480001"
        assert devices["gateway"].identity.firmware == "01.00.09"
        assert devices["meter_1"].identity.serial == "10C0B0012345"
        assert {device.parent for device in devices.values()} <= {None, *devices}


async def test_several_inverters_are_one_plant() -> None:
    """Batteries and PV add up; meters are the master's."""
    async with bench(InstagenConfig(inverters=3)) as several, bench() as one:
        both = [await plant.connect() for plant in (several, one)]
        for name in ("pv_power_w", "battery_power_w", "load_power_w", "grid_power_w"):
            expected = getattr(both[1], name)
            assert getattr(both[0], name) == pytest.approx(expected, abs=5), name
        assert both[0].soc_pct == both[1].soc_pct
        assert several.value("battery_3", "ess_soc") == 50


async def test_silent_inverter_costs_its_own_readings_alone() -> None:
    """The others are read on; sums of which it is a part are unknown, not too low."""
    async with bench(InstagenConfig(inverters=2)) as plant:
        state = await plant.connect()
        assert state.soc_pct is not None
        plant.sim.answers.config = replace(plant.sim.config, inverters=1)
        plant.sim.config = replace(plant.sim.config, inverters=1)
        for _ in range(2):
            state = await plant.after(35)
        assert state.reachable["inverter_1"]
        assert not state.reachable["battery_2"]
        assert state.battery_power_w is None
        assert state.soc_pct is None
        assert plant.value("battery_2", "ess_soc") is None
        assert plant.value("battery_1", "ess_soc") is not None


async def test_two_silent_inverters_do_not_hide_a_third() -> None:
    """The stick answers, so what it is asked next does not wait as after failures of its own."""
    async with bench(InstagenConfig(inverters=4)) as plant:
        await plant.connect()
        answer = plant.sim.respond

        def respond(frame: Frame) -> bytes:
            if frame.command == 0xC303 and frame.target in (2, 3):
                raise SilenceError(close=False)
            return answer(frame)

        plant.sim._listening.responder = SimpleNamespace(respond=respond, key=None)
        for _ in range(3):
            state = await plant.after(35)
        answers = {key: there for key, there in state.reachable.items() if key.startswith("inverter")}
        assert answers == {"inverter_1": True, "inverter_2": False, "inverter_3": False, "inverter_4": True}


async def test_stick_that_loses_its_list_is_asked_again() -> None:
    """After a restart it may name no inverter for a while: no reading, and no other plant."""
    async with bench() as plant:
        await plant.connect()
        plant.sim.faults.add("silence", 60)
        with pytest.raises(DriverConnectionError):
            await plant.after(35)
        plant.sim.faults.clear()
        answer = plant.sim.respond

        def respond(frame: Frame) -> bytes:
            return encode(Registry(type=1)) if frame.command == 0xC302 else answer(frame)

        plant.sim._listening.responder = SimpleNamespace(respond=respond, key=None)
        with pytest.raises(DriverConnectionError, match="no inverter"):
            await plant.after(65)
        plant.sim._listening.responder = plant.sim
        assert (await plant.after(65)).soc_pct is not None


async def test_inverter_that_is_not_named_any_more_has_not_gone_away() -> None:
    """A list that is shorter than before changes nothing; it is asked for further on."""
    async with bench(InstagenConfig(inverters=2)) as plant:
        await plant.connect()
        before = plant.driver.devices
        answer = plant.sim.respond

        def respond(frame: Frame) -> bytes:
            payload = answer(frame)
            if frame.command == 0xC302:
                registry = decode(Registry, payload)
                return encode(replace(registry, inverters=registry.inverters[:1]))
            return payload

        plant.sim._listening.responder = SimpleNamespace(respond=respond, key=None)
        plant.sim.advance(86_400)
        state = await plant.after(60, ALL)
        assert plant.driver.devices == before
        assert state.reachable["inverter_2"]


async def test_all_pages_are_read() -> None:
    """Battery and flows are on the second page; three phases, high-voltage battery."""
    async with bench(THREE_PHASES) as plant:
        state = await plant.connect()
        assert state.soc_pct == 50
        assert None not in state.grid_phase_power_w
        assert plant.value("plant", "pv_to_load_power") is not None
        pages = [request.values.get("page") for request in plant.sim.requests if request.command == 0xC303]
        assert pages[-1] == 1
        assert len(pages) == 2


async def test_reading_is_dated_by_the_device() -> None:
    """Old values asked for again are as old as they were, and are not counted twice."""
    async with bench(InstagenConfig(refresh_s=30.0)) as plant:
        await plant.connect()
        first = await plant.after(30)
        again = await plant.after(10)
        later = await plant.after(20)
        assert again.read_at == first.read_at
        assert later.read_at - first.read_at == timedelta(seconds=30)


@pytest.mark.parametrize("hours", [-7.0, 5.0])
async def test_clock_that_is_wrong_by_hours_does_not_age_readings(hours: float) -> None:
    """It is shown how wrong it is; readings are as young as they are."""
    async with bench() as plant:
        plant.sim.faults.add("clock_wrong", hours)
        plant.sim.advance(60)
        await plant.connect()
        state = await plant.after(60)
        assert plant.sim.plant.now - state.read_at <= timedelta(seconds=30)
        assert state.device_clock is not None
        assert (state.device_clock - state.read_at) / timedelta(hours=1) == pytest.approx(hours, abs=0.02)


async def test_clock_that_stands_still_is_noticed() -> None:
    """Answers go on, but they are no readings any more."""
    async with bench() as plant:
        await plant.connect()
        before = await plant.after(35)
        plant.sim.faults.add("frozen_clock")
        states = [await plant.after(35) for _ in range(6)]
        assert [state.clock_frozen for state in states][-1]
        assert not states[0].clock_frozen
        assert states[-1].read_at - before.read_at < timedelta(seconds=36)
        plant.sim.faults.remove("frozen_clock")
        assert not (await plant.after(35)).clock_frozen


@pytest.mark.parametrize("start", [NIGHT, None], ids=["discharging", "charging"])
async def test_battery_that_counts_the_other_way_is_found_out(start: datetime | None) -> None:
    """By its state and the flows: within a few readings its power has our sign."""
    config = InstagenConfig(charging_is_positive=True, start=start)
    async with bench(config) as plant:
        await plant.connect()
        for _ in range(4):
            state = await plant.after(35)
        assert state.battery_power_w is not None
        assert (state.battery_power_w > 0) is (start is not None)
        current = plant.value("battery_1", "battery_current")
        assert isinstance(current, float)
        assert (current > 0) is (start is not None)


async def test_meter_that_counts_the_other_way_is_found_out() -> None:
    """By the flows and by the balance; kept over a restart."""
    async with bench(InstagenConfig(importing_is_positive=True, start=NIGHT, mode=3)) as plant:
        await plant.connect()
        for _ in range(4):
            state = await plant.after(35)
        assert state.grid_power_w is not None
        assert state.grid_power_w > 300
        state = await plant.connect(json.loads(json.dumps(plant.driver.state)))
        assert state.grid_power_w is not None
        assert state.grid_power_w > 300, "known from the first reading on"


async def test_current_in_hundredths_is_found_out() -> None:
    """Volts times amperes must be watts."""
    async with bench(InstagenConfig(battery_current_step=0.01, start=NIGHT)) as plant:
        plant.load(3_000)
        await plant.connect()
        for _ in range(4):
            state = await plant.after(35)
        amps, volts = plant.value("battery_1", "battery_current"), plant.value("battery_1", "battery_voltage")
        assert isinstance(amps, float)
        assert isinstance(volts, float)
        assert amps * volts == pytest.approx(state.battery_power_w, rel=0.05)


async def test_owner_has_the_last_word() -> None:
    """What the owner has said is not doubted, whatever the plant shows."""
    async with bench(InstagenConfig(start=NIGHT)) as plant:
        await plant.connect(
            instagen_battery_sign="charge_positive",
            instagen_grid_sign="import_positive",
            instagen_battery_current="hundredths",
            instagen_temperature="tenths",
        )
        for _ in range(5):
            state = await plant.after(35)
        assert state.battery_power_w is not None
        assert state.battery_power_w < 0
        assert plant.value("inverter_1", "pcs_internal_temperature") == 3.8


async def test_counters_of_today_begin_anew_at_midnight() -> None:
    """Today's fall to nothing once, the lifetime sums go on."""
    async with bench(InstagenConfig(start=EVENING), soc_pct=10.0) as plant:
        plant.load(3_000)
        await plant.connect()
        shown, totals = [], []
        for _ in range(70):
            state = await plant.after(35)
            shown.append(plant.value("meter_1", "grid_import_energy_today"))
            totals.append(state.counters_kwh[Counter.GRID_IMPORT])
        numbers = [value for value in shown if isinstance(value, float)]
        falls = [index for index in range(1, len(numbers)) if numbers[index] < numbers[index - 1]]
        assert len(numbers) == 70
        assert len(falls) == 1
        sums = [total for total in totals if total is not None]
        assert sums == sorted(sums)
        assert sums[-1] - sums[0] == pytest.approx(numbers[falls[0] - 1] - numbers[0] + numbers[-1], abs=0.15)


async def test_counter_that_slips_to_zero_for_a_sample_is_held() -> None:
    """Neither the day nor the lifetime sum shows it."""
    async with bench() as plant:
        plant.load(3_000)
        plant.sim.advance(7200)
        await plant.connect()
        before = await plant.after(35)
        plant.sim.faults.add("counters_zero")
        during = await plant.after(10)
        assert plant.sim.device.shown[0]["load"]["phases"][0]["energy_today"] == 0  # type: ignore[index,call-overload]  # nested data
        after = await plant.after(10)
        loads = [state.counters_kwh[Counter.LOAD] for state in (before, during, after)]
        assert loads[0] is not None
        assert loads[0] > 1
        assert loads[0] == loads[1]
        assert loads[2] is not None
        assert loads[2] - loads[0] < 0.2


async def test_sums_go_on_over_a_restart() -> None:
    """Also over a midnight that nobody saw."""
    async with bench(InstagenConfig(start=EVENING)) as plant:
        plant.sim.set("load.phases.0.energy_today", 20.0)
        await plant.connect()
        kept = json.loads(json.dumps(plant.driver.state))
        plant.sim.advance(12 * 3600)
        plant.sim.set("load.phases.0.energy_today", 25.0)
        state = await plant.connect(kept)
        assert state.counters_kwh[Counter.LOAD] == 45


async def test_plant_without_a_meter() -> None:
    """Its grid power is unknown, not zero."""
    async with bench(grid_sensor=False) as plant:
        state = await plant.connect()
        assert state.grid_power_w is None
        assert state.grid_phase_power_w == (None, None, None)
        assert plant.value("meter_1", "grid_sensor_status") == "not_connected"


async def test_plant_without_a_battery() -> None:
    """Nothing about a battery is a number."""
    async with bench(battery_capacity_wh=0.0) as plant:
        state = await plant.connect()
        assert state.soc_pct is None
        assert state.battery_power_w is None
        assert state.rated_energy_wh is None
        assert DeviceKind.BATTERY not in {device.kind for device in plant.driver.devices}


async def test_loss_of_the_grid_is_seen() -> None:
    """The inverter says that it runs alone."""
    async with bench(backup_supply=True) as plant:
        state = await plant.connect()
        assert (state.grid_state, state.running_state) == (GridState.ON_GRID, RunningState.RUNNING)
        plant.sim.faults.add("grid_loss")
        state = await plant.after(35)
        assert (state.grid_state, state.running_state) == (GridState.OFF_GRID, RunningState.RUNNING)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (0, RunningState.STANDBY),
        (1, RunningState.STANDBY),
        (3, RunningState.RUNNING),
        (4, RunningState.FAULT),
        (6, RunningState.RUNNING),
        (9, RunningState.UNKNOWN),
    ],
)
async def test_states_of_the_inverter(code: int, state: RunningState) -> None:
    """A number that nobody has described is no state."""
    async with bench() as plant:
        plant.sim.set("inverter.common.state", code)
        assert (await plant.connect()).running_state is state
        shown = plant.value("inverter_1", "inverter_state")
        assert shown == ("unknown_9" if code == 9 else shown)


async def test_standby_with_grid_voltage_is_on_grid() -> None:
    """One that stands by sees the grid; without voltage nobody knows."""
    async with bench() as plant:
        plant.sim.set("inverter.common.state", 1)
        assert (await plant.connect()).grid_state is GridState.ON_GRID
        plant.sim.set("grid.phases.0.voltage", 0)
        assert (await plant.after(35)).grid_state is GridState.UNKNOWN


async def test_fault_bits_are_alarms() -> None:
    """With code, text, level, and since when; unknown bits too; gone when the bit is."""
    async with bench() as plant:
        await plant.connect()
        plant.sim.faults.add("earth_fault")
        plant.show({"battery.fault_bits": 1 << 30})
        first = await plant.after(35)
        told = {(alarm.device, alarm.code): alarm for alarm in first.alarms}
        assert set(told) == {("inverter_1", "safety_bit_15"), ("battery_1", "battery_bit_30")}
        assert "Insulation" in told["inverter_1", "safety_bit_15"].text
        assert "Unknown bit 30" in told["battery_1", "battery_bit_30"].text
        assert [alarm.since for alarm in (await plant.after(35)).alarms] == [
            alarm.since for alarm in first.alarms
        ]
        plant.sim.faults.remove("earth_fault")
        plant.show({"battery.fault_bits": 0})
        assert (await plant.after(35)).alarms == ()


async def test_registry_field_9_is_shown_and_nothing_more() -> None:
    """It may be the battery mode; nobody has verified that, so it is a number of diagnostics."""
    async with bench(InstagenConfig(shows_mode=True, mode=5)) as plant:
        state = await plant.connect()
        assert plant.value("plant", "registry_field_9") == 5
        assert state.vendor_mode is None
        point = next(point for point in plant.driver.points if point.key == "registry_field_9")
        assert point.role is PointRole.DIAGNOSTIC
    async with bench() as plant:
        await plant.connect()
        assert "registry_field_9" not in {point.key for point in plant.driver.points}


async def test_moved_stick_is_asked_anew_who_it_is() -> None:
    """After a failure the first questions come again: address and key may have changed."""
    async with bench() as plant:
        await plant.connect()
        plant.sim.faults.add("silence", 60)
        with pytest.raises(DriverConnectionError):
            await plant.after(35)
        plant.sim.faults.remove("silence")
        asked = len(plant.sim.requests)
        await plant.after(35)
        assert [request.command for request in plant.sim.requests[asked:]] == [0xDB01, 0xC302, 0xC303]


async def test_replaced_stick_keeps_all_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Same inverters behind another stick: the same devices, whose gateway has another serial number."""
    async with bench() as plant:
        await plant.connect()
        before = {device.uid for device in plant.driver.devices}
        plant.sim.faults.add("silence", 60)
        with pytest.raises(DriverConnectionError):
            await plant.after(35)
        plant.sim.faults.remove("silence")
        for module in (instagen_answers, instagen_values):
            monkeypatch.setattr(module, "STICK_SERIAL", 0x430122480777)
        await plant.after(35)
        assert {device.uid for device in plant.driver.devices} == before
        assert plant.driver.devices[1].identity.serial == "430122480777"


async def test_another_plant_at_the_address_is_not_read_as_this_one() -> None:
    """A router has given the address to somebody else's stick."""
    async with bench() as plant, bench(THREE_PHASES) as other:
        await plant.connect()
        plant.sim.faults.add("silence", 60)
        with pytest.raises(DriverConnectionError):
            await plant.after(35)
        plant.driver._stick.link._address = (other.sim.host, other.sim.port)  # type: ignore[attr-defined]  # the driver's own
        with pytest.raises(DriverConnectionError, match="another plant") as caught:
            await plant.after(65)
        assert caught.value.fault is LinkFault.GARBLED


async def test_registry_is_asked_again_once_a_day() -> None:
    """Firmware and fittings change; not with each reading."""
    async with bench() as plant:
        await plant.connect()
        await plant.after(60, ALL)
        assert [request.command for request in plant.sim.requests].count(0xC302) == 1
        plant.sim.advance(86_400)
        await plant.after(60, ALL)
        assert [request.command for request in plant.sim.requests].count(0xC302) == 2


async def test_raw_answers_make_the_same_plant_with_other_serial_numbers() -> None:
    """What diagnostics give away loads into a simulator, and tells nobody's serial number."""
    async with bench(replace(THREE_PHASES, inverters=2, encrypted=True)) as plant:
        state = await plant.connect()
        raw = {name: str(payload) for name, payload in plant.driver.raw().items()}
        told = json.dumps(raw)
        serials = [*plant.sim.config.serials, plant.sim.stick_serial]
        assert not [serial for serial in serials if _varint(serial).hex() in told]
        assert plant.sim.answers.enc_random.hex() not in told
    async with bench(InstagenConfig(recorded=raw)) as copy:
        again = await copy.connect()
        for name in ("soc_pct", "battery_power_w", "grid_power_w", "load_power_w", "rated_power_w"):
            assert getattr(again, name) == getattr(state, name), name
        kinds = [device.kind for device in plant.driver.devices]
        assert [device.kind for device in copy.driver.devices] == kinds
        assert copy.driver.identity.serial != plant.driver.identity.serial


async def test_raw_answers_of_one_device() -> None:
    """Each with what it has said itself."""
    async with bench(InstagenConfig(inverters=2)) as plant:
        await plant.connect()
        names = {device.key: set(plant.driver.raw(device)) for device in plant.driver.devices}
        assert names["gateway"] == {"gateway"}
        assert names["plant"] == {"registry"}
        assert names["battery_2"] == names["inverter_2"] == {"data_2"}


async def test_every_reading_is_declared() -> None:
    """What a plant offers is in the vendor's list, and registers tell the number as it came."""
    async with bench(replace(THREE_PHASES, inverters=2), third_party_pv_peak_w=3_000.0) as plant:
        await plant.connect()
        kinds = {device.key: device.kind for device in plant.driver.devices}
        declared = {(kind, point.key) for kind, points in VENDOR.readings.items() for point in points}
        assert {(kinds[point.device], point.key) for point in plant.driver.points} <= declared
        registers = {(one.device, one.name): one for one in plant.driver.registers()}
        soc = registers["battery_1", "ess_soc"]
        assert (soc.address, soc.raw, soc.value, soc.unit) == (904, (50,), 50, "%")
        assert registers["inverter_1", "fan1"].raw is None
        assert {(point.device, point.key) for point in plant.driver.points} <= set(registers)


async def test_enabled_entities_are_few() -> None:
    """Three inverters still leave room for what matters."""
    async with bench(replace(THREE_PHASES, inverters=3)) as plant:
        await plant.connect()
        roles = [point.role for point in plant.driver.points]
        assert roles.count(PointRole.MAIN) + roles.count(PointRole.DIAGNOSTIC) <= 25


async def test_state_changes_rarely() -> None:
    """It is written to the disk whenever it differs, so it must not follow every reading."""
    async with bench() as plant:
        await plant.connect()
        for _ in range(3):
            await plant.after(35)
        before = plant.driver.state
        for _ in range(20):
            await plant.after(35)
        assert plant.driver.state == before


def _varint(number: int) -> bytes:
    """Give a number as protobuf writes it."""
    octets = bytearray()
    while number >= 0x80:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])
