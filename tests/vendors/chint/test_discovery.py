"""Which Chint device answers is told by its type, its serial number, its model, or by what it answers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from custom_components.energy_storage.engine.plant import DeviceKind
from custom_components.energy_storage.vendors.chint.discovery import discover
from custom_components.energy_storage.vendors.chint.shipped import NAMES, TEXTS
from custom_components.energy_storage.vendors.driver import (
    Discovery,
    DriverConnectionError,
    LinkFault,
    NotThisVendorError,
    OptionValue,
    Search,
    WrongProfileError,
)
from tests.simulators.chint import ChintSimulator

from .plants import link, on, plant

LINES = ("tcp", "rtu_tcp", "serial")


async def find(
    sim: ChintSimulator,
    options: Mapping[str, OptionValue] | None = None,
    profiles: Mapping[str, str] | None = None,
) -> Discovery:
    """Ask the plant who it is."""
    connection = link(sim)
    search = Search(
        plant_unit_id=sim.config.unit, unit_ids=(1,), options=options or {}, profiles=profiles or {}
    )
    try:
        return await discover(connection.for_unit, search, lambda _asked, _total: None)
    finally:
        await connection.close()


@asynccontextmanager
async def anonymous(profile: str, *, device_type: int = 0x7777) -> AsyncIterator[ChintSimulator]:
    """Serve a plant that tells nothing of use about itself."""
    sim = plant(profile)
    async with sim.serving():
        if profile == "sce":
            sim.set_raw("device_name", (0,) * 16)
            sim.set_raw("serial_number", (0,) * 8)
        else:
            sim.set_raw("device_type", (device_type,))
            sim.set_raw("serial_number", (0xFFFF,) * 4)
            sim.set_raw("model_name", (0xFFFF,) * 10)
        yield sim


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("profile", NAMES)
async def test_a_plant_is_found(profile: str, line: str) -> None:
    """On whatever line it hangs; one device, which is its inverter."""
    async with plant(profile, line=line).serving() as sim:
        found = await find(sim)
        identity = sim.config.identity
        assert (found.plant.serial, found.plant.model) == (identity.serial, identity.model)
        (device,) = found.devices
        assert (device.unit_id, device.kind, device.identity) == (1, DeviceKind.INVERTER, found.plant)


@pytest.mark.parametrize("profile", NAMES)
async def test_the_driver_takes_what_was_found(profile: str) -> None:
    """And keeps it, so that the next start asks for no more than who is there."""
    async with plant(profile).serving() as sim:
        async with on(sim) as rig:
            assert rig.driver.state["profile"] == profile
            state = rig.driver.state
        before = len(sim.requests)
        async with on(sim, state) as rig:
            assert rig.driver.state["profile"] == profile
            spaces = {function for function, _, _ in rig.asked(before)}
            assert spaces == ({3} if profile == "sce" else {4})


@pytest.mark.parametrize("profile", ["ech_th", "ech_s"])
async def test_the_serial_number_tells_where_the_type_does_not(profile: str) -> None:
    """Its first digits name the model."""
    async with plant(profile).serving() as sim:
        sim.set_raw("device_type", (0x7777,))
        sim.set_raw("model_name", (0xFFFF,) * 10)
        async with on(sim) as rig:
            assert rig.driver.state["profile"] == profile


async def test_the_model_tells_where_the_serial_number_does_not() -> None:
    """By how its name begins."""
    async with plant("ech_th").serving() as sim:
        sim.set_raw("device_type", (0x7777,))
        sim.set_raw("serial_number", (0x9999, 0x0801, 0x2401, 0x0001))
        async with on(sim) as rig:
            assert rig.driver.state["profile"] == "ech_th"


@pytest.mark.parametrize("profile", ["ech_th", "ech_s", "sce"])
async def test_what_it_answers_tells_where_it_tells_nothing(profile: str) -> None:
    """The registers that only such a device has; without a serial number its unit id names it."""
    async with anonymous(profile) as sim:
        found = await find(sim)
        assert found.plant.serial == "chint_1"
        async with on(sim) as rig:
            assert (rig.driver.state["profile"], rig.driver.identity.serial) == (profile, "chint_1")


async def test_a_serial_number_that_hides_once_is_kept() -> None:
    """The plant does not become another one because it starts up."""
    async with plant("ech_th").serving() as sim:
        async with on(sim) as rig:
            state = rig.driver.state
        sim.set_raw("serial_number", (0xFFFF,) * 4)
        async with on(sim, state) as rig:
            assert rig.driver.identity.serial == sim.config.identity.serial


async def test_a_plant_that_was_added_without_a_serial_number_keeps_its_name() -> None:
    """Also when it tells its number one day."""
    async with anonymous("ech_th") as sim:
        async with on(sim) as rig:
            state = rig.driver.state
        sim.set_raw("serial_number", None)
        async with on(sim, state) as rig:
            assert rig.driver.identity.serial == "chint_1"


async def test_the_owner_s_word_counts() -> None:
    """A profile that he names is taken, if the device answers its registers."""
    async with anonymous("ech_th", device_type=0x4043) as sim:
        assert (await find(sim, {"profile": "ech_th"})).plant.model is not None
        async with on(sim, options={"profile": "ech_th"}) as rig:
            assert rig.driver.state["profile"] == "ech_th"
        with pytest.raises(NotThisVendorError):
            await find(sim, {"profile": "sce"})


async def test_a_profile_that_was_chosen_anew_is_not_held_to_what_another_found() -> None:
    """What a device lacks by one map says nothing about another."""
    async with plant("ech_th").serving() as sim:
        async with on(sim) as rig:
            state = rig.driver.state | {"missing": {"inverter_1": ["grid_power"]}}
        async with on(
            sim, state, options={"profile": "mine"}, profiles={"mine.json": TEXTS["ech_th"]}
        ) as rig:
            assert rig.driver.state["profile"] == "mine"
            assert (await rig.read()).grid_power_w is not None


async def test_an_unknown_device_is_none_of_ours() -> None:
    """Something that answers nothing that we know."""
    async with anonymous("cps_403x") as sim:
        sim.set_raw("active_power", (0xFFFF,))
        with pytest.raises(NotThisVendorError):
            await find(sim)
        async with on(sim, connect=False) as rig:
            with pytest.raises(NotThisVendorError):
                await rig.driver.connect(None)


async def test_a_silent_device_is_told() -> None:
    """It may be back in a minute."""
    async with plant("sce").serving() as sim:
        sim.faults.add("silence", 60)
        async with on(sim, connect=False, timeout_s=0.2) as rig:
            with pytest.raises(DriverConnectionError) as caught:
                await rig.driver.connect(None)
        assert caught.value.fault is LinkFault.SILENT


async def test_a_wrong_profile_is_told_before_anything_is_asked() -> None:
    """With its line."""
    async with plant("sce").serving() as sim:
        with pytest.raises(WrongProfileError, match=r"sce\.json, line 1"):
            await find(sim, profiles={"sce.json": "{}"})
        async with on(sim, connect=False, profiles={"sce.json": "{}"}) as rig:
            with pytest.raises(WrongProfileError):
                await rig.driver.connect(None)
        assert not sim.requests


async def test_setting_up_takes_few_requests() -> None:
    """When it is known what is there."""
    async with plant("sce").serving() as sim:
        async with on(sim) as rig:
            await rig.read()
            state = rig.driver.state
        before = len(sim.requests)
        async with on(sim, state):
            assert len(sim.requests) - before <= 6
