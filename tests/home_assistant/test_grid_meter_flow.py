"""Adding a meter at the grid connection: what is asked, what is looked for, and how failures are told."""

from collections.abc import Iterator
from typing import Any

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from modbus_connection import ModbusSerialParams
import pytest

from tests.conftest import MeterFactory
from tests.simulators.meter import MeterConfig, MeterSimulator

from .conftest import NOON, AddHome, Home
from .flow_texts import flow_texts_checked

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

COMMON: dict[str, Any] = {"unit_id": 1, "side": "secondary", "direction": "import_positive"}


@pytest.fixture(autouse=True)
def _all_texts_exist() -> Iterator[None]:
    """Let no step, field or abort pass that has no text."""
    with flow_texts_checked():
        yield


@pytest.fixture
async def home(add_home: AddHome) -> Home:
    """A plant that was just added."""
    return await add_home(settled=False)


def meter_config(**changed: Any) -> MeterConfig:
    """Describe a meter whose time stands."""
    chosen: dict[str, Any] = {"line": "tcp", "start": NOON, "speed": 0.0} | changed
    return MeterConfig(**chosen)


async def choose(home: Home, source: str) -> SubentryFlowResult:
    """Begin as an owner does from the plant's page, and say what the meter is read from."""
    flows = home.hass.config_entries.subentries
    menu = await flows.async_init((home.entry.entry_id, "grid_meter"), context={"source": SOURCE_USER})
    assert menu["type"] is FlowResultType.MENU
    return await flows.async_configure(menu["flow_id"], {"next_step_id": source})


async def enter(home: Home, form: SubentryFlowResult, typed: dict[str, Any]) -> SubentryFlowResult:
    """Fill a form in."""
    assert form["type"] is FlowResultType.FORM
    done = await home.hass.config_entries.subentries.async_configure(form["flow_id"], typed)
    await home.hass.async_block_till_done()
    return done


def kept(home: Home) -> ConfigSubentry:
    """Give the one meter that the plant has."""
    [subentry] = home.entry.get_subentries_of_type("grid_meter")
    return subentry


def address(sim: MeterSimulator) -> dict[str, Any]:
    """Give what is typed for a meter in the network."""
    return {"host": sim.host, "port": sim.port} | COMMON


@pytest.mark.parametrize(("source", "line"), [("tcp", "tcp"), ("rtu_over_tcp", "rtu_tcp")])
@pytest.mark.parametrize("model", ["dtsu666", "ddsu666"])
async def test_meter_in_the_network_is_added(
    home: Home, meters: MeterFactory, source: str, line: str, model: str
) -> None:
    """Which one it is, is found out."""
    sim = await meters(meter_config(line=line, meter=model))
    form = await choose(home, source)
    done = await enter(home, form, address(sim) | {"direction": "export_positive"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    subentry = kept(home)
    assert subentry.title == model.upper()
    expected = address(sim) | {"meter_source": source, "model": model, "direction": "export_positive"}
    assert dict(subentry.data) == expected | ({} if source == "tcp" else {"link": source})


async def test_meter_at_a_serial_port_is_added(home: Home, meters: MeterFactory) -> None:
    """With the settings of its line."""
    sim = await meters(meter_config(line="serial"))
    form = await choose(home, "serial")
    line = {"serial_port": sim.device, "baudrate": "9600", "parity": "none", "stopbits": "1"}
    done = await enter(home, form, line | COMMON)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    data = kept(home).data
    assert (data["serial_port"], data["baudrate"], data["stopbits"]) == (sim.device, 9600, 1)


@pytest.mark.parametrize(
    ("changed", "typed", "errors"),
    [
        ({"meter": "sungrow"}, {}, {"base": "oem_sungrow"}),
        ({"meter": "huawei"}, {}, {"base": "unknown_map"}),
        ({"word_order": 1}, {}, {"base": "word_order"}),
        ({}, {"unit_id": 7}, {"base": "silent"}),
    ],
)
async def test_meter_that_cannot_be_read_is_refused_with_its_reason(
    home: Home, meters: MeterFactory, changed: dict[str, Any], typed: dict[str, Any], errors: dict[str, str]
) -> None:
    """And what was typed is still there."""
    sim = await meters(meter_config(**changed))
    refused = await enter(home, await choose(home, "tcp"), address(sim) | typed)
    assert (refused["type"], refused["errors"]) == (FlowResultType.FORM, errors)
    schema = refused["data_schema"]
    assert schema is not None
    suggested = {str(key): (key.description or {}).get("suggested_value") for key in schema.schema}
    assert suggested["port"] == sim.port


async def test_ratio_that_makes_no_sense_is_named(home: Home, meters: MeterFactory) -> None:
    """With the field to look at; a meter that speaks of the line itself needs none."""
    sim = await meters(meter_config())
    sim.set("ct_ratio_IrAt", 0)
    refused = await enter(home, await choose(home, "tcp"), address(sim))
    assert refused["errors"] == {"side": "ratio"}
    done = await enter(home, refused, address(sim) | {"side": "primary"})
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_flow_goes_on_after_an_error(home: Home, meters: MeterFactory) -> None:
    """The same form, filled in better."""
    sim = await meters(meter_config())
    refused = await enter(home, await choose(home, "tcp"), address(sim) | {"unit_id": 7})
    assert refused["errors"] == {"base": "silent"}
    assert (await enter(home, refused, address(sim)))["type"] is FlowResultType.CREATE_ENTRY


async def test_closed_port_is_named(home: Home, meters: MeterFactory) -> None:
    """With the field to look at."""
    sim = await meters(meter_config())
    sim.faults.add("modbus_off")
    refused = await enter(home, await choose(home, "tcp"), address(sim))
    assert refused["errors"] == {"port": "refused"}


async def test_serial_port_that_does_not_exist_is_named(home: Home) -> None:
    """With the field to look at."""
    line = {"serial_port": "/dev/ttyNOWHERE", "baudrate": "9600", "parity": "none", "stopbits": "1"}
    refused = await enter(home, await choose(home, "serial"), line | COMMON)
    assert refused["errors"] == {"serial_port": "serial_port"}


async def test_serial_port_that_is_in_use_otherwise_is_named(home: Home, meters: MeterFactory) -> None:
    """Two speeds on one line cannot both be right."""
    sim = await meters(meter_config(line="serial"))
    async_get_unit(home.hass, home.entry, ModbusSerialParams(device=sim.device, baudrate=19200), 1)
    line = {"serial_port": sim.device, "baudrate": "9600", "parity": "none", "stopbits": "1"}
    refused = await enter(home, await choose(home, "serial"), line | COMMON)
    assert refused["errors"] == {"base": "in_use"}


def power_sensor(hass: HomeAssistant, name: str, state: str, unit: str | None = "W") -> str:
    """Have a power sensor."""
    entity_id = f"sensor.{name}"
    attributes = {"device_class": "power"} | ({} if unit is None else {"unit_of_measurement": unit})
    hass.states.async_set(entity_id, state, attributes)
    return entity_id


async def test_one_power_sensor_is_added(home: Home) -> None:
    """As it is, whatever its unit."""
    entity_id = power_sensor(home.hass, "grid", "-1.2", "kW")
    typed = {"power_entity": entity_id, "direction": "import_positive"}
    done = await enter(home, await choose(home, "sensor"), typed)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert kept(home).title == "Grid meter"
    assert dict(kept(home).data) == {
        "meter_source": "sensor",
        "entities": [entity_id],
        "direction": "import_positive",
    }


async def test_three_power_sensors_are_added(home: Home) -> None:
    """One of each phase, in their order."""
    entity_ids = [power_sensor(home.hass, f"l{phase}", "100") for phase in (1, 2, 3)]
    typed = {f"power_entity_l{phase}": entity_id for phase, entity_id in enumerate(entity_ids, 1)}
    done = await enter(home, await choose(home, "sensors"), typed | {"direction": "import_positive"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert kept(home).data["entities"] == entity_ids


@pytest.mark.parametrize(
    ("state", "unit", "error"),
    [
        ("unavailable", "W", "sensor_unavailable"),
        ("unknown", "W", "sensor_unavailable"),
        ("high", "W", "sensor_unavailable"),
        ("nan", "W", "sensor_unavailable"),
        ("230", "V", "sensor_no_power"),
        ("230", None, "sensor_no_power"),
    ],
)
async def test_sensor_that_says_no_power_is_refused(
    home: Home, state: str, unit: str | None, error: str
) -> None:
    """With the field to look at."""
    entity_id = power_sensor(home.hass, "grid", state, unit)
    typed = {"power_entity": entity_id, "direction": "import_positive"}
    assert (await enter(home, await choose(home, "sensor"), typed))["errors"] == {"power_entity": error}


async def test_sensor_that_is_gone_is_refused(home: Home) -> None:
    """It may have been renamed meanwhile."""
    typed = {"power_entity": "sensor.gone", "direction": "import_positive"}
    refused = await enter(home, await choose(home, "sensor"), typed)
    assert refused["errors"] == {"power_entity": "sensor_unavailable"}


async def test_the_plants_own_sensor_is_refused(home: Home) -> None:
    """It would only say later what is known."""
    typed = {"power_entity": home.entity_id("sensor", "grid_power"), "direction": "import_positive"}
    refused = await enter(home, await choose(home, "sensor"), typed)
    assert refused["errors"] == {"power_entity": "sensor_own"}


async def test_one_sensor_is_no_two_phases(home: Home) -> None:
    """A slip of the hand would count a phase twice."""
    one, other = (power_sensor(home.hass, name, "100") for name in ("one", "other"))
    typed = {"power_entity_l1": one, "power_entity_l2": other, "power_entity_l3": one}
    refused = await enter(home, await choose(home, "sensors"), typed | {"direction": "import_positive"})
    assert refused["errors"] == {"power_entity_l3": "sensor_twice"}


async def add_sensor(home: Home) -> str:
    """Add one power sensor as a meter."""
    entity_id = power_sensor(home.hass, "grid", "500")
    typed = {"power_entity": entity_id, "direction": "import_positive"}
    await enter(home, await choose(home, "sensor"), typed)
    return entity_id


async def test_plant_has_one_meter(home: Home) -> None:
    """A second one is refused."""
    await add_sensor(home)
    refused = await home.hass.config_entries.subentries.async_init(
        (home.entry.entry_id, "grid_meter"), context={"source": SOURCE_USER}
    )
    assert (refused["type"], refused["reason"]) == (FlowResultType.ABORT, "already_configured")


async def reconfigure(home: Home, source: str) -> SubentryFlowResult:
    """Begin to change the meter."""
    menu = await home.entry.start_subentry_reconfigure_flow(home.hass, kept(home).subentry_id)
    assert menu["type"] is FlowResultType.MENU
    return await home.hass.config_entries.subentries.async_configure(
        menu["flow_id"], {"next_step_id": source}
    )


def suggested_by(form: SubentryFlowResult) -> dict[str, Any]:
    """Give what a form offers."""
    schema = form["data_schema"]
    assert schema is not None
    return {str(key): (key.description or {}).get("suggested_value") for key in schema.schema}


async def test_meter_is_changed(home: Home, meters: MeterFactory) -> None:
    """The form offers what holds."""
    sim = await meters(meter_config(line="rtu_tcp"))
    await enter(home, await choose(home, "rtu_over_tcp"), address(sim))
    form = await reconfigure(home, "rtu_over_tcp")
    assert suggested_by(form) == address(sim)
    done = await enter(home, form, address(sim) | {"direction": "export_positive", "side": "primary"})
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert (kept(home).data["direction"], kept(home).data["side"]) == ("export_positive", "primary")


async def test_serial_line_is_offered_as_it_was_typed(home: Home, meters: MeterFactory) -> None:
    """Selectors take text."""
    sim = await meters(meter_config(line="serial"))
    line = {"serial_port": sim.device, "baudrate": "9600", "parity": "none", "stopbits": "1"}
    await enter(home, await choose(home, "serial"), line | COMMON)
    assert suggested_by(await reconfigure(home, "serial")) == line | COMMON


async def test_sensor_gives_way_to_a_meter(home: Home, meters: MeterFactory) -> None:
    """Nothing of the one is left in the form of the other."""
    entity_id = await add_sensor(home)
    assert suggested_by(await reconfigure(home, "sensor"))["power_entity"] == entity_id
    sim = await meters(meter_config())
    form = await reconfigure(home, "tcp")
    assert suggested_by(form)["host"] is None
    await enter(home, form, address(sim))
    assert kept(home).title == "DTSU666"
    assert "entities" not in kept(home).data


async def test_meter_is_removed(home: Home) -> None:
    """With its device and all that belongs to it."""
    await add_sensor(home)
    assert home.runtime.meter is not None
    assert home.hass.config_entries.async_remove_subentry(home.entry, kept(home).subentry_id)
    await home.hass.async_block_till_done()
    assert home.runtime.meter is None
