"""Whatever happens to stick or link: a reading, or an error of ours, and readings again afterwards."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from custom_components.energy_storage.vendors.driver import DriverConnectionError, LinkFault
from tests.simulators.instagen import InstagenConfig
from tests.simulators.instagen_faults import INSTAGEN_FAULTS
from tests.simulators.instagen_frame import Frame
from tests.simulators.instagen_wire import SilenceError

from .bench import FAST, bench

pytestmark = pytest.mark.usefixtures("socket_enabled")

BORNE = {"fragmented": (9, 30, 1000), "merged": (None,), "merged_behind": (None,), "garbage_before": (7, 500)}
"""Faults of the wire that cost nothing, with their values."""
TOLD = {
    "silence": LinkFault.SILENT,
    "half_open": LinkFault.SILENT,
    "dropped_answers": LinkFault.SILENT,
    "late_answers": LinkFault.SILENT,
    "storage_silent": LinkFault.SILENT,
    "empty_answers": LinkFault.SILENT,
    "wrong_checksum": LinkFault.GARBLED,
    "wrong_sequence": LinkFault.GARBLED,
    "wrong_serial": LinkFault.GARBLED,
    "endless_length": LinkFault.GARBLED,
    "closes_instead": LinkFault.CLOSED,
    "port_closed": LinkFault.REFUSED,
    "moved": LinkFault.REFUSED,
    "restart": LinkFault.REFUSED,
}
"""Faults that cost a reading, and how that is told."""
LASTING = {"silence": 30, "restart": 30, "late_answers": 0.8}
OF_THE_PLANT = {
    "frozen_clock",
    "clock_wrong",
    "counters_zero",
    "today_restarts",
    "grid_loss",
    "earth_fault",
    "generator_does_not_start",
    "ignored_writes",
    "refused_writes",
    "relay_needs_mode",
    "app_changes_mode",
}
"""No faults of the wire: their tests are with readings and control."""
OTHERS = {"reset_in_answer", "closes_after_answer"}
"""Tested below by themselves."""


def test_every_fault_has_a_test() -> None:
    """Of those that the simulator knows."""
    assert {*BORNE, *TOLD, *OF_THE_PLANT, *OTHERS} == set(INSTAGEN_FAULTS)


@pytest.mark.parametrize(
    ("fault", "value"), [(fault, value) for fault, values in BORNE.items() for value in values]
)
async def test_fault_is_borne(fault: str, value: float | None) -> None:
    """Every answer is found and whole, from the first one on."""
    async with bench(InstagenConfig(pages=2)) as plant:
        plant.timeout_s = 5.0
        plant.sim.faults.add(fault, value)
        state = await plant.connect()
        assert (state.soc_pct, state.grid_power_w is not None) == (50, True)


@pytest.mark.parametrize(("fault", "told"), TOLD.items())
async def test_fault_is_told_and_overcome(fault: str, told: LinkFault) -> None:
    """In the words of the driver, within the time; afterwards all is as before."""
    async with bench() as plant:
        await plant.connect()
        plant.sim.faults.add(fault, LASTING.get(fault))
        with pytest.raises(DriverConnectionError) as caught:
            await plant.after(35)
        assert caught.value.fault is told
        plant.sim.faults.clear()
        if fault == "moved":
            plant.driver = plant.new_driver()
            await plant.driver.connect(None)
        assert (await plant.recovered()).soc_pct is not None


async def test_reset_in_the_middle_of_an_answer() -> None:
    """The connection is gone, part of the answer is not."""
    async with bench() as plant:
        await plant.connect()
        plant.sim.faults.add("reset_in_answer")
        with pytest.raises(DriverConnectionError) as caught:
            await plant.after(35)
        assert caught.value.fault in (LinkFault.CLOSED, LinkFault.GARBLED)
        plant.sim.faults.clear()
        assert (await plant.after(35)).soc_pct is not None


async def test_connection_closed_behind_every_answer() -> None:
    """Costs nothing: each request has a connection of its own anyway."""
    async with bench() as plant:
        plant.sim.faults.add("closes_after_answer")
        await plant.connect()
        assert (await plant.after(35)).soc_pct is not None


async def test_late_answers_are_not_taken_for_others() -> None:
    """After a time-out the answer comes to a connection that nobody reads; the next one gets its own."""
    async with bench(InstagenConfig(inverters=2)) as plant:
        await plant.connect()
        plant.sim.faults.add("late_answers", 0.6)
        with pytest.raises(DriverConnectionError):
            await plant.after(35)
        plant.sim.faults.clear()
        state = await plant.recovered()
        assert state.reachable["inverter_2"]
        assert state.battery_power_w is not None


async def test_restart_of_the_stick_ends_by_itself() -> None:
    """Gone for a while, with a new key afterwards, which nobody needs for storage."""
    async with bench() as plant:
        await plant.connect()
        before = plant.sim.answers.enc_random
        plant.sim.faults.add("restart", 0.2)
        with pytest.raises(DriverConnectionError):
            await plant.after(35)
        assert plant.sim.answers.enc_random != before
        assert (await plant.recovered()).soc_pct is not None


@pytest.mark.parametrize("second_client", ["dropped", "stalled"])
async def test_second_client_has_the_stick(second_client: str) -> None:
    """It is told as silence or a closed connection; when it has gone, readings go on."""
    config = replace(InstagenConfig(), second_client=second_client)  # type: ignore[arg-type]  # data of the test
    async with bench(config) as plant:
        await plant.connect()
        _, other = await asyncio.open_connection(plant.sim.host, plant.sim.port)
        async with asyncio.timeout(5):
            while not plant.sim._listening.turn.locked():  # noqa: ASYNC110  the simulator has no event for it
                await asyncio.sleep(0.01)
        with pytest.raises(DriverConnectionError) as caught:
            await plant.after(35)
        assert caught.value.fault in (LinkFault.SILENT, LinkFault.CLOSED)
        other.close()
        await other.wait_closed()
        assert (await plant.recovered()).soc_pct is not None


async def test_others_find_the_stick_free_between_requests() -> None:
    """The maker's app gets its turn: no connection is kept."""
    async with bench() as plant:
        await plant.connect()
        await plant.driver.read(FAST)
        async with asyncio.timeout(5):
            while plant.sim._listening.connections:  # noqa: ASYNC110  the simulator has no event for it
                await asyncio.sleep(0.01)


async def test_polling_every_35_s_keeps_the_cloud_alive() -> None:
    """With two inverters and two pages; asked after 10 s it does not."""
    async with bench(InstagenConfig(inverters=2, pages=2)) as plant:
        await plant.connect()
        for _ in range(12):
            await plant.after(35)
        assert not plant.sim.cloud.blocked
        await plant.after(10)
        assert plant.sim.cloud.blocked


async def test_encrypted_stick_that_answers_storage_is_read() -> None:
    """The bit alone means nothing for storage frames, which have been seen plain on every stick so far."""
    async with bench(InstagenConfig(encrypted=True)) as plant:
        assert (await plant.connect()).soc_pct == 50


async def test_stick_that_speaks_only_encrypted_is_told_apart() -> None:
    """It is not away: its firmware is not supported, and that is what is said."""
    async with bench(InstagenConfig(encrypted=True, storage_when_encrypted=False)) as plant:
        with pytest.raises(DriverConnectionError, match="encrypted") as caught:
            await plant.connect()
        assert caught.value.fault is LinkFault.ENCRYPTED


async def test_stick_that_keeps_only_its_data_encrypted_is_told_apart() -> None:
    """It names its inverters, and gives nothing of them."""
    async with bench(InstagenConfig(encrypted=True)) as plant:
        answer = plant.sim.respond

        def respond(frame: Frame) -> bytes:
            if frame.command == 0xC303:
                raise SilenceError(close=False)
            return answer(frame)

        plant.sim._listening.responder = SimpleNamespace(respond=respond, key=None)
        with pytest.raises(DriverConnectionError) as caught:
            await plant.connect()
        assert caught.value.fault is LinkFault.ENCRYPTED


async def test_known_stick_that_is_silent_for_once_is_silent() -> None:
    """It has answered before; only when the stick itself goes on answering is it the encryption."""
    async with bench(InstagenConfig(encrypted=True)) as plant:
        await plant.connect()
        plant.sim.faults.add("storage_silent")
        faults = []
        for _ in range(4):
            with pytest.raises(DriverConnectionError) as caught:
                await plant.after(65)
            faults.append(caught.value.fault)
        assert faults == [LinkFault.SILENT, LinkFault.SILENT, LinkFault.ENCRYPTED, LinkFault.ENCRYPTED]
        plant.sim.faults.clear()
        await plant.after(65)
        plant.sim.faults.add("storage_silent")
        with pytest.raises(DriverConnectionError) as caught:
            await plant.after(65)
        assert caught.value.fault is LinkFault.SILENT


async def test_silent_stick_without_encryption_is_silent() -> None:
    """Only the bit makes silence the encryption's."""
    async with bench() as plant:
        plant.sim.faults.add("storage_silent")
        with pytest.raises(DriverConnectionError) as caught:
            await plant.connect()
        assert caught.value.fault is LinkFault.SILENT


async def test_closed_driver_asks_nobody() -> None:
    """After it was unloaded."""
    async with bench() as plant:
        await plant.connect()
        await plant.driver.close()
        asked = len(plant.sim.requests)
        with pytest.raises(DriverConnectionError):
            await plant.driver.read(FAST)
        assert len(plant.sim.requests) == asked
