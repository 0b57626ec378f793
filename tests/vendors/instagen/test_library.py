"""The public client library for these sticks (`hoymiles-wifi`) talks to our simulator.

Its generated messages are a third reading of the protocol, made by other people; it is used in tests only.
"""

from dataclasses import replace
from typing import Any, override

from hoymiles_wifi.dtu import DTU  # type: ignore[import-untyped]  # the library has no types
from hoymiles_wifi.hoymiles import (  # type: ignore[import-untyped]  # as above
    BMSWorkingMode,
    DateBean,
    DurationBean,
    TariffType,
    TimeBean,
    TimePeriodBean,
    get_dtu_model_name,
)
import pytest

from tests.conftest import InstagenFactory
from tests.simulators.instagen import InstagenSimulator
from tests.simulators.test_instagen import STILL


class Library(DTU):  # type: ignore[misc]  # the library has no types
    """The library's client at the port of a simulator, without its pause of two seconds."""

    def __init__(self, sim: InstagenSimulator) -> None:
        """Point it at a simulator."""
        super().__init__(sim.host, timeout=5)
        self.sim = sim

    @override
    async def async_send_request(self, *args: Any, **kwargs: Any) -> Any:
        self.last_request_time = 0
        return await super().async_send_request(*args, dtu_port=self.sim.port, **kwargs)

    async def set_mode(self, mode: BMSWorkingMode, **parameters: Any) -> Any:
        """Write a mode and return the answer once the device acts by it."""
        answer = await self.async_set_energy_storage_working_mode(
            dtu_serial_number=self.sim.stick_serial,
            inverter_serial_number=self.sim.config.serials[0],
            bms_working_mode=mode,
            **parameters,
        )
        self.sim.advance(9)
        return answer


async def test_gateway_info(instagen: InstagenFactory) -> None:
    """Serial number, version and child arrive; the library knows the stick's model by its prefix."""
    sim = await instagen(STILL)
    info = await Library(sim).async_get_gateway_info()
    assert get_dtu_model_name(f"{info.serial_number:x}") == "DTS-WIFI-G1"
    assert (info.time, info.mgwinfo[0].sw) == (sim.device.clock_s, 4105)
    child = info.mdevinfo[0]
    assert (child.serial_number, child.type, child.addr) == (sim.config.serials[0], 6, 1)


async def test_network_info(instagen: InstagenFactory) -> None:
    """The way to the network."""
    sim = await instagen(STILL)
    info = await Library(sim).async_get_gateway_network_info(sim.stick_serial)
    assert info.serial_number == sim.stick_serial


async def test_registry(instagen: InstagenFactory) -> None:
    """Model, address, meter and battery."""
    sim = await instagen(STILL)
    registry = await Library(sim).async_get_energy_storage_registry(sim.stick_serial)
    inverter = registry.inverters[0]
    assert (inverter.model_name, inverter.addr, inverter.pv_num) == ("HYS-10.0LV-EUG1", 1, 2)
    assert inverter.bms_cap == 160
    assert registry.meter.serial_number.startswith("10C0")


async def test_data(instagen: InstagenFactory) -> None:
    """Powers, state and counters, by the library's names; some of these are wrong, the numbers are not."""
    sim = await instagen(STILL)
    sim.plant.pv_override_w, sim.plant.load_override_w = 4_000.0, 1_000.0
    sim.advance(3600)
    data = await Library(sim).async_get_energy_storage_data(sim.stick_serial, sim.config.serials[0])
    assert (data.serial_number, data.timestamp) == (sim.config.serials[0], sim.device.clock_s)
    assert data.active_power == 1, "the page count"
    assert [panel.solar_irradiance for panel in data.pv_panels] == [1, 2], "the numbers of the inputs"
    assert sum(panel.power for panel in data.pv_panels) == pytest.approx(4_000, abs=2)
    battery = data.battery_management
    assert battery.power == pytest.approx(sim.plant.flows.battery_w, abs=1)
    assert battery.power < -2_500
    assert (battery.status, battery.state_of_charge) == (1, round(sim.plant.soc_pct))
    assert battery.energy_charged == pytest.approx(28, abs=2)
    assert data.grid.phases[0].voltage == 2329
    assert data.load.phases[0].active_power == 1_000
    assert data.inverter.param.status == 3
    assert data.power_flow.pv_to_load == 1_000


async def test_self_consumption(instagen: InstagenFactory) -> None:
    """Mode 1 with its reserve."""
    sim = await instagen(replace(STILL, mode=3))
    answer = await Library(sim).set_mode(BMSWorkingMode.SELF_USE, rev_soc=40)
    assert (answer.err_code, answer.serial_number) == (0, sim.config.serials[0])
    assert (sim.mode, sim.plant.posture.backup_soc_pct) == (1, 40)


def group(week: list[int]) -> TimeBean:
    """Build the day group of the published example."""
    return TimeBean(
        week=week,
        durations=[
            DurationBean("04:31", "00:29", 0.28, 0.15, TariffType.PEAK),
            DurationBean("00:30", "04:30", 0.15, 0.15, TariffType.OFF_PEAK),
            DurationBean(None, None, 0.20, 0.10, TariffType.PARTIAL_PEAK),
        ],
    )


async def test_economy(instagen: InstagenFactory) -> None:
    """Mode 2 with the published schedule, member by member."""
    sim = await instagen(STILL)
    dates = [DateBean(start_date="01.01", end_date="28.02", time=[group([1, 2, 3, 4, 5]), group([6, 7])])]
    answer = await Library(sim).set_mode(BMSWorkingMode.ECONOMIC, rev_soc=10, time_settings=dates)
    assert answer.err_code == 0
    prices = {"peak_buy": 0.28, "peak_sell": 0.15, "offpeak_buy": 0.15, "offpeak_sell": 0.15}
    week = {
        **prices,
        "rest_buy": 0.2,
        "rest_sell": 0.1,
        "peak_window": 0x041F001D,
        "offpeak_window": 0x001E041E,
    }
    assert sim.device.modes.stored[2]["tariff_dates"] == [
        {
            "date_range": 0x01011C02,
            "week_group_1": {**week, "weekday_mask": 31},
            "week_group_2": {**week, "weekday_mask": 96},
        }
    ]


@pytest.mark.parametrize(
    ("mode", "number", "sign"),
    [(BMSWorkingMode.FORCED_CHARGING, 5, -1), (BMSWorkingMode.FORCED_DISCHARGE, 6, 1)],
)
async def test_forced_modes(instagen: InstagenFactory, mode: BMSWorkingMode, number: int, sign: int) -> None:
    """Modes 5 and 6 with a percentage of the rated power."""
    sim = await instagen(STILL)
    target = {5: 90, 6: 20}[number]
    assert (await Library(sim).set_mode(mode, rev_soc=target, max_power=30)).err_code == 0
    assert sim.mode == number
    assert sim.plant.flows.battery_w == pytest.approx(sign * 3_000)


async def test_peak_shaving(instagen: InstagenFactory) -> None:
    """Mode 7 with its three parameters, refused by a firmware that lacks it."""
    parameters = {"rev_soc": 30, "peak_soc": 70, "peak_meter_power": 3_000}
    sim = await instagen(STILL)
    assert (await Library(sim).set_mode(BMSWorkingMode.PEAK_SHAVING, **parameters)).err_code == 0
    assert (sim.mode, sim.plant.posture.import_limit_w) == (7, 3_000)
    older = await instagen(replace(STILL, refused_modes=frozenset({7, 8})))
    assert (await Library(older).set_mode(BMSWorkingMode.PEAK_SHAVING, **parameters)).err_code != 0
    assert older.mode == 1


async def test_time_of_use(instagen: InstagenFactory) -> None:
    """Mode 8 with the maker's default windows."""
    sim = await instagen(STILL)
    periods = [
        TimePeriodBean(
            charge_time_from="03:00",
            charge_time_to="05:00",
            discharge_time_from="05:00",
            discharge_time_to="03:00",
            charge_power=100,
            discharge_power=100,
            max_soc=90,
            min_soc=10,
        )
    ]
    answer = await Library(sim).set_mode(BMSWorkingMode.TIME_OF_USE, rev_soc=10, time_periods=periods)
    assert answer.err_code == 0
    assert sim.device.modes.stored[8] == {
        "reserve_soc": 10,
        "tou_periods": [
            {
                "charge_window": 0x03000500,
                "charge_power": 100,
                "discharge_window": 0x05000300,
                "discharge_power": 100,
                "min_soc": 10,
                "max_soc": 90,
            }
        ],
    }


async def test_heartbeat_and_app_information(instagen: InstagenFactory) -> None:
    """Standard frames in the clear."""
    sim = await instagen(STILL)
    library = Library(sim)
    assert (await library.async_heartbeat()).time == sim.device.clock_s
    info = await library.async_app_information_data()
    assert info.dtu_info.dtu_sw_version == 4105


async def test_sealed_frames(instagen: InstagenFactory) -> None:
    """The library's own encryption is understood, and its key is found where it looks."""
    sim = await instagen(replace(STILL, encrypted=True))
    library = Library(sim)
    info = await library.async_app_information_data()
    assert info.dtu_info.dfs >> 25 & 1
    library.is_encrypted, library.enc_rand = True, info.dtu_info.enc_rand
    assert await library.async_restart_dtu() is not None
    assert sim.actions == [1]


async def test_fragmented_answer_defeats_the_library(instagen: InstagenFactory) -> None:
    """It reads once; our driver must not."""
    sim = await instagen(STILL)
    sim.faults.add("fragmented", 30)
    assert await Library(sim).async_get_gateway_info() is None
    sim.faults.clear()
    assert await Library(sim).async_get_gateway_info() is not None
