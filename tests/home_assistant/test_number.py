"""The numbers of a plant and its chargers."""

from dataclasses import replace

from homeassistant.components.number import NumberDeviceClass
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.energy_storage.engine.settings import SETTINGS, Setting, SettingKind
from custom_components.energy_storage.number import NUMBERS
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig

from .conftest import AddHome, Home
from .control_home import PLANT, override

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "every_entity")

WITH_CHARGERS = replace(PLANT, ac_chargers=(3,), dc_charger=1)
HIGHEST_W = 100_000


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant on the newest firmware, read completely."""
    return await add_home(PLANT)


async def set_to(home: Home, key: str, value: float, device: str = "plant") -> None:
    """Type a value in."""
    await home.act("number.set_value", key, device, value=value)


def shown(home: Home, key: str, device: str = "plant") -> str:
    """Give what a number shows."""
    return home.state("number", key, device).state


@pytest.mark.parametrize("row", [r for r in SETTINGS if r.kind is SettingKind.NUMBER], ids=lambda r: r.key)
async def test_every_number_is_a_setting(home: Home, hass: HomeAssistant, row: Setting) -> None:
    """With its range and unit; kept over a restart, and shown while the plant is silent."""
    key = row.key
    attributes = home.state("number", key).attributes
    assert (attributes["min"], attributes["max"], attributes["step"]) == (row.low, row.high, row.step)
    assert (attributes["mode"], attributes["unit_of_measurement"]) == ("box", row.unit)
    assert attributes.get("device_class") == {
        "W": NumberDeviceClass.POWER,
        "min": NumberDeviceClass.DURATION,
    }.get(row.unit or "")
    value = row.high - row.step
    await set_to(home, key, value)
    assert getattr(home.runtime.settings.settings, key) == value
    home.sim.faults.add("modbus_off")
    await home.tick(30, count=3)
    assert float(shown(home, key)) == value
    home.sim.faults.clear()
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert float(shown(home, key)) == value


async def test_the_highest_power_means_no_limit(home: Home) -> None:
    """Where a limit can be left out it is unknown, and is unknown again after its highest value."""
    for key in ("max_charge_w", "max_discharge_w", "export_limit_w", "import_limit_w"):
        assert shown(home, key) == STATE_UNKNOWN
        await set_to(home, key, 5000)
        assert shown(home, key) == "5000"
        await set_to(home, key, HIGHEST_W)
        assert shown(home, key) == STATE_UNKNOWN
        assert getattr(home.runtime.settings.settings, key) is None


async def test_a_value_out_of_its_range_is_refused(home: Home) -> None:
    """By Home Assistant itself, as of every number."""
    with pytest.raises(ServiceValidationError) as caught:
        await set_to(home, "charge_cutoff_soc_pct", 49)
    assert caught.value.translation_key == "out_of_range"
    assert shown(home, "charge_cutoff_soc_pct") == "100"


async def test_cutoffs_that_leave_nothing_are_refused(home: Home) -> None:
    """The error names the field, the value, and what is allowed; nothing changes."""
    await set_to(home, "charge_cutoff_soc_pct", 60)
    with pytest.raises(ServiceValidationError) as caught:
        await set_to(home, "discharge_cutoff_soc_pct", 70)
    assert caught.value.translation_key == "not_allowed"
    for part in ("discharge_cutoff_soc_pct", "70", "0 … 60"):
        assert part in str(caught.value)
    assert shown(home, "discharge_cutoff_soc_pct") == "5"


async def test_a_limit_reaches_the_plant(home: Home) -> None:
    """And what runs keeps to it at once."""
    await home.set(control="on", outage_consent=True, grid_charging=True)
    await override(home, "force_charge")
    await home.tick()
    await set_to(home, "export_limit_w", 4000)
    await set_to(home, "max_charge_w", 1000)
    assert home.sim.get("ess_max_charge_limit") == 1.0
    assert home.sim.get("grid_export_limit") == 4.0


async def test_numbers_say_who_holds_a_limit(home: Home) -> None:
    """While control is off they say who would; a limit that is not set needs nobody."""

    def guard(key: str) -> object:
        return home.state("number", key).attributes["guarded_by"]

    assert guard("discharge_cutoff_soc_pct") == guard("charge_cutoff_soc_pct") == "device"
    assert guard("export_limit_w") is guard("backup_reserve_soc_pct") is None
    await set_to(home, "export_limit_w", 4000)
    await set_to(home, "backup_reserve_soc_pct", 20)
    assert guard("export_limit_w") == "device"
    assert guard("backup_reserve_soc_pct") == "none"
    await home.set(control="on")
    assert guard("export_limit_w") == "device"
    assert guard("backup_reserve_soc_pct") == "none"
    assert "guarded_by" not in home.state("number", "max_charge_w").attributes


async def test_a_limit_that_nobody_holds_is_never_silent(add_home: AddHome) -> None:
    """Without its grid sensor a plant keeps no export limit."""
    blind = PlantConfig(soc_pct=60.0, backup_supply=False, grid_sensor=False)
    home = await add_home(replace(PLANT, plant=blind))
    await set_to(home, "export_limit_w", 4000)
    assert home.state("number", "export_limit_w").attributes["guarded_by"] == "none"
    await home.set(control="on")
    assert home.state("number", "export_limit_w").attributes["guarded_by"] == "none"


async def test_few_numbers_are_for_every_day() -> None:
    """The others wait disabled, among the settings of the device."""
    everyday = {row.key for row in NUMBERS if row.entity_registry_enabled_default}
    assert everyday == {
        "backup_reserve_soc_pct",
        "force_charge_power_w",
        "force_charge_target_soc_pct",
        "force_discharge_power_w",
        "force_discharge_floor_soc_pct",
    }
    assert everyday == {row.key for row in NUMBERS if row.entity_category is None}


async def test_chargers_are_limited(add_home: AddHome) -> None:
    """Within what they bear; what is shown is what the charger says."""
    home = await add_home(WITH_CHARGERS)
    await home.set(control="on")
    current = home.state("number", "charging_current", "ac_charger_3")
    assert (current.state, current.attributes["min"], current.attributes["max"]) == ("16", 6.0, 16.0)
    await set_to(home, "charging_current", 10, "ac_charger_3")
    assert home.sim.get("output_current_limit", 3) == 10
    assert shown(home, "charging_current", "ac_charger_3") == "10"
    power = home.state("number", "charging_power", "dc_charger_1")
    assert power.attributes["min"] == 1000
    await set_to(home, "charging_power", 5000, "dc_charger_1")
    assert home.sim.get("max_charge_power_limit", 1) == 5
    assert float(shown(home, "charging_power", "dc_charger_1")) == 5000
    with pytest.raises(ServiceValidationError):
        await set_to(home, "charging_power", 0, "dc_charger_1")


async def test_a_charger_is_not_limited_while_control_is_off(add_home: AddHome) -> None:
    """Nothing is written then, and it says so."""
    home = await add_home(WITH_CHARGERS)
    with pytest.raises(HomeAssistantError) as caught:
        await set_to(home, "charging_current", 10, "ac_charger_3")
    assert caught.value.translation_key == "control_not_on"
    assert home.sim.writes == []


async def test_older_firmware_has_no_limit_for_a_dc_charger(add_home: AddHome) -> None:
    """What cannot be set is not there."""
    home = await add_home(SigenConfig(version="V2.8", ac_chargers=(3,), dc_charger=1))
    assert home.entity_id("number", "charging_power", "plant") is None
    keys = {device.key for device in home.runtime.driver.devices}
    assert "dc_charger_1" not in keys or home.entity_id("number", "charging_power", "dc_charger_1") is None


async def test_a_limit_follows_what_the_charger_says(add_home: AddHome) -> None:
    """Also when somebody else sets it; while the charger is silent it is unavailable."""
    home = await add_home(WITH_CHARGERS)
    home.sim.change("output_current_limit", 8, 3)
    await home.tick(60, count=3)
    assert shown(home, "charging_current", "ac_charger_3") == "8"
    home.sim.faults.add("charger_silent")
    await home.tick(count=30)
    assert shown(home, "charging_current", "ac_charger_3") == STATE_UNAVAILABLE
