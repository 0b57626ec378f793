"""The actions of a plant."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.energy_storage.const import DOMAIN
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


async def read(home: Home, **fields: Any) -> dict[str, Any]:
    """Call the action as an automation does."""
    response = await home.hass.services.async_call(
        DOMAIN,
        "read_registers",
        {"config_entry": home.entry.entry_id} | fields,
        blocking=True,
        return_response=True,
    )
    assert response is not None
    devices: Any = response["devices"]
    return dict(devices)


async def test_all_registers_are_returned(add_home: AddHome) -> None:
    """Also those that are no entities, with unit, address and the words as they came."""
    home = await add_home(SigenConfig(ac_chargers=(3,)))
    devices = await read(home)
    assert {"plant", "inverter_1", "ac_charger_3"} <= set(devices)
    assert devices["plant"]["ess_rated_charge_power"] == {
        "value": 8000,
        "unit": "W",
        "address": 30068,
        "raw": [0, 8000],
    }
    assert devices["plant"]["system_time"]["value"].startswith("2026-06-01T11:")
    assert sum(len(registers) for registers in devices.values()) > 200


async def test_unread_register_has_no_value(add_home: AddHome) -> None:
    """What a firmware lacks is listed, as unknown."""
    home = await add_home(SigenConfig(version="V2.5"))
    devices = await read(home, names=["total_load_power"])
    assert devices == {
        "plant": {"total_load_power": {"value": None, "unit": "W", "address": 30284, "raw": None}}
    }


async def test_registers_can_be_chosen(home: Home) -> None:
    """By device, by name, or both; one alone needs no list."""
    devices = await read(home, devices="inverter_1", names=["ess_soc", "pv_power"])
    assert {device: set(registers) for device, registers in devices.items()} == {
        "inverter_1": {"ess_soc", "pv_power"}
    }


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"devices": ["inverter_9"]}, ("inverter_9", "devices", "inverter_1, plant")),
        ({"devices": ["plant"], "names": ["nothing"]}, ("nothing", "names", "ess_soc")),
    ],
)
async def test_unknown_names_are_refused(home: Home, fields: dict[str, Any], parts: tuple[str, ...]) -> None:
    """The error names the field, the value, and what is allowed."""
    with pytest.raises(ServiceValidationError) as caught:
        await read(home, **fields)
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key == "not_allowed"
    for part in parts:
        assert part in str(caught.value)


async def test_action_is_there_without_a_plant(hass: HomeAssistant) -> None:
    """An automation that uses it is valid before the plant answers; calling it says what is wrong."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.has_service(DOMAIN, "read_registers")
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            DOMAIN, "read_registers", {"config_entry": "none"}, blocking=True, return_response=True
        )
    assert caught.value.translation_key == "service_config_entry_not_found"
