"""How many entities are counted beside the further readings."""

from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.energy_storage.elsewhere import elsewhere
from custom_components.energy_storage.vendors.driver import PointRole
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.mark.parametrize(
    "config",
    [
        SigenConfig(),
        SigenConfig(version="V2.5"),
        SigenConfig(firmware="SPC114", inverters=(1, 2), ac_chargers=(3,), dc_charger=1),
    ],
    ids=["one inverter", "older", "two inverters, both chargers"],
)
async def test_what_is_counted_is_there(add_home: AddHome, config: SigenConfig) -> None:
    """Else a plant would pass its limits, or leave room unused; what firmware may bring is counted too."""
    home = await add_home(config)
    uids = {device.key: device.uid for device in home.runtime.driver.devices}
    points = {
        ("sensor", f"{uids[point.device]}_{point.key}")
        for point in home.runtime.driver.points
        if point.role is not PointRole.REGISTER
    }
    others = [
        entry
        for entry in er.async_entries_for_config_entry(er.async_get(home.hass), home.entry.entry_id)
        if (entry.domain, entry.unique_id) not in points
    ]
    enabled, registered = elsewhere(home.runtime)
    assert enabled == sum(entry.disabled_by is None for entry in others)
    assert len(others) <= registered <= len(others) + 10


async def test_entities_that_come_late_wait_where_there_is_no_room(add_home: AddHome) -> None:
    """An owner has enabled many; then a DC charger shows itself."""
    home = await add_home(SigenConfig(ac_chargers=(3,), dc_charger=1))
    registry = er.async_get(home.hass)
    for entry in er.async_entries_for_config_entry(registry, home.entry.entry_id):
        registry.async_update_entity(entry.entity_id, disabled_by=None)
    assert home.sim.plant.dc_ev is not None
    home.sim.plant.dc_ev.connected = True
    await home.tick(900, count=5)
    button = home.entity_id("button", "start_charging", "dc_charger_1")
    assert button is not None
    found = registry.async_get(button)
    assert found is not None
    assert found.disabled_by is er.RegistryEntryDisabler.INTEGRATION
