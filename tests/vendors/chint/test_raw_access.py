"""The registers of a Chint plant, explored one by one."""

import pytest

from custom_components.energy_storage.vendors.chint.shipped import NAMES
from custom_components.energy_storage.vendors.driver import DriverError, DriverRejectedError
from custom_components.energy_storage.vendors.raw_access import Lock, Space

from .plants import on, plant


async def test_any_register_can_be_read() -> None:
    """As it stands there."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        access = rig.driver.raw_access
        assert access is not None
        sim.plant.soc_pct = 42
        sim.advance(1)
        assert await access.read(1, Space.INPUT, 0x0603, 1) == (42,)


async def test_what_the_device_lacks_is_refused() -> None:
    """Outside of every block, and of every unit."""
    async with plant("ech_th").serving() as sim, on(sim) as rig:
        access = rig.driver.raw_access
        assert access is not None
        with pytest.raises(DriverRejectedError):
            await access.read(1, Space.INPUT, 0x9000, 1)
        with pytest.raises(DriverError, match="unit 2"):
            await access.read(2, Space.INPUT, 0x0603, 1)


@pytest.mark.parametrize("profile", NAMES)
async def test_every_row_is_told_and_none_is_free(profile: str) -> None:
    """Assumed rows too; a way to write is proved by a recipe, not by hand."""
    async with plant(profile).serving() as sim, on(sim) as rig:
        access = rig.driver.raw_access
        assert access is not None
        rows = tuple(access.rows())
        assert {row.device for row in rows} <= {device.key for device in rig.driver.devices}
        assert all(row.locked is not None for row in rows)
        assert len({(row.space, row.address, row.name) for row in rows}) == len(rows) > 20


async def test_what_control_writes_is_its_own() -> None:
    """The time control of an SCE, and its mode."""
    async with plant("sce").serving() as sim, on(sim) as rig:
        access = rig.driver.raw_access
        assert access is not None
        locks = {row.address: (row.locked, row.of_control) for row in access.rows()}
        assert locks[0x214C] == locks[0x2100] == (Lock.OWNED, True)
