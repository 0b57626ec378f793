"""Adding a simulated Chint plant over each of its links: what is found, and what each fault is called."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest

from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.vendors.chint import discovery
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from tests.simulators.chint import ChintConfig, ChintSimulator, Line
from tests.simulators.chint_map import PROFILES, Profile

from .conftest import ChintFactory, entry_for_chint
from .flow_texts import flow_texts_checked

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

WAYS: dict[Line, str] = {"tcp": "chint_tcp", "rtu_tcp": "chint_rtu_over_tcp", "serial": "chint_serial"}


@pytest.fixture(autouse=True)
def _in_a_hurry() -> Iterator[None]:
    """Ask without pauses, give up soon, look for every text, and do not set up what was added."""
    with (
        patch.object(discovery, "SPACING_S", 0.0),
        patch.object(discovery, "TIMEOUT_S", 0.4),
        flow_texts_checked(),
        patch("custom_components.energy_storage.async_setup_entry", return_value=True),
        patch("custom_components.energy_storage.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture(name="folder")
def _folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Where the owner puts register maps."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / DOMAIN / "profiles"
    folder.mkdir(parents=True)
    return folder


def _address(sim: ChintSimulator, **typed: Any) -> dict[str, Any]:
    """Type how a simulated plant is reached."""
    address: dict[str, Any] = {"host": sim.host, "port": sim.port}
    if sim.config.line == "serial":
        address = {"serial_port": sim.device}
    return {**address, "advanced": {"plant_unit_id": sim.config.unit}} | typed


async def _open(hass: HomeAssistant, line: Line) -> ConfigFlowResult:
    """Go through both menus to a form."""
    menu = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    ways = await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": "chint"})
    assert ways["menu_options"] == list(WAYS.values())
    return await hass.config_entries.flow.async_configure(menu["flow_id"], {"next_step_id": WAYS[line]})


async def _search(hass: HomeAssistant, flow: ConfigFlowResult, address: dict[str, Any]) -> ConfigFlowResult:
    """Submit the form and wait for the end of the search."""
    shown = await hass.config_entries.flow.async_configure(flow["flow_id"], address)
    if shown["type"] is not FlowResultType.SHOW_PROGRESS:
        return shown
    await hass.async_block_till_done()
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def _add(hass: HomeAssistant, found: ConfigFlowResult) -> ConfigFlowResult:
    assert found["step_id"] == "found"
    return await hass.config_entries.flow.async_configure(found["flow_id"], {"next_step_id": "create"})


@pytest.mark.parametrize("line", WAYS)
async def test_plant_is_added_over_each_link(hass: HomeAssistant, chint: ChintFactory, line: Line) -> None:
    """By its address alone; nothing is written to it."""
    sim = await chint(ChintConfig(profile="ech_th", line=line))
    found = await _search(hass, await _open(hass, line), _address(sim))
    shown = found["description_placeholders"]
    assert shown is not None
    assert (shown["model"], shown["inverters"]) == ("ECH10K-TH-EU", "1")
    created = await _add(hass, found)
    assert created["data"] == entry_for_chint(sim).data
    assert created["options"] == {"first_control": "off", "profile": "auto"}
    assert created["result"].unique_id == sim.config.identity.serial
    assert created["title"] == "Chint ECH10K-TH-EU"
    assert sim.writes == []


@pytest.mark.parametrize("profile", PROFILES)
async def test_each_kind_of_plant_is_told_apart(
    hass: HomeAssistant, chint: ChintFactory, profile: Profile
) -> None:
    """Without anything chosen."""
    sim = await chint(ChintConfig(profile=profile, unit=7))
    created = await _add(hass, await _search(hass, await _open(hass, "tcp"), _address(sim)))
    assert created["data"]["plant_unit_id"] == 7
    assert created["result"].unique_id == sim.config.identity.serial


type Fault = tuple[Line, str, float | None, dict[str, str]]

FAULTS: list[Fault] = [
    ("tcp", "modbus_off", None, {"port": "refused"}),
    ("tcp", "silence", 60, {"base": "silent"}),
    ("tcp", "garbage", None, {"base": "silent"}),
    ("tcp", "reset_in_reply", None, {"base": "closed"}),
    ("tcp", "exception_storm", 60, {"base": "silent"}),
    ("tcp", "sentinels", 0, {"host": "not_this_vendor"}),
    ("rtu_tcp", "modbus_off", None, {"port": "refused"}),
    ("rtu_tcp", "silence", 60, {"base": "silent"}),
    ("rtu_tcp", "garbage", None, {"base": "silent"}),
    ("serial", "silence", 60, {"base": "serial_silent"}),
    ("serial", "garbage", None, {"base": "serial_silent"}),
    ("serial", "sentinels", 0, {"serial_port": "not_this_vendor"}),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: f"{case[0]} {case[1]}")
async def test_fault_is_named_and_the_next_search_succeeds(
    hass: HomeAssistant, chint: ChintFactory, case: Fault
) -> None:
    """What is wrong on the wire is told apart, and is no obstacle once it is over."""
    line, fault, value, errors = case
    sim = await chint(ChintConfig(line=line))
    sim.faults.add(fault, value)
    form = await _search(hass, await _open(hass, line), _address(sim))
    assert form["errors"] == errors
    assert form["step_id"] == WAYS[line]
    sim.faults.remove(fault)
    created = await _add(hass, await _search(hass, form, _address(sim)))
    assert created["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("line", "error"), [("tcp", "silent"), ("rtu_tcp", "silent"), ("serial", "serial_silent")]
)
async def test_wrong_unit_id_is_silent(
    hass: HomeAssistant, chint: ChintFactory, line: Line, error: str
) -> None:
    """A unit id that nobody has."""
    sim = await chint(ChintConfig(line=line))
    form = await _search(hass, await _open(hass, line), _address(sim, advanced={"plant_unit_id": 9}))
    assert form["errors"] == {"base": error}


async def test_adapter_that_passes_bytes_on_does_not_speak_modbus_tcp(
    hass: HomeAssistant, chint: ChintFactory
) -> None:
    """Nor the other way round: the wrong one of the two is silent, and the text says where to look."""
    passes = await chint(ChintConfig(line="rtu_tcp"))
    form = await _search(hass, await _open(hass, "tcp"), _address(passes))
    assert form["errors"] == {"base": "silent"}
    translates = await chint(ChintConfig(line="tcp"))
    form = await _search(hass, await _open(hass, "rtu_tcp"), _address(translates))
    assert form["errors"] == {"base": "silent"}


async def test_serial_port_that_is_not_there(hass: HomeAssistant) -> None:
    """The adapter is unplugged, or has another name."""
    form = await _search(hass, await _open(hass, "serial"), {"serial_port": "/dev/energy_storage_nowhere"})
    assert form["errors"] == {"serial_port": "serial_port"}


@pytest.mark.parametrize(
    "typed", [{"baudrate": "14400"}, {"parity": "mark"}, {"stopbits": "3"}, {"profile": "ech_x"}]
)
async def test_only_what_can_be_is_taken(hass: HomeAssistant, typed: dict[str, str]) -> None:
    """Speeds, parities, stop bits and register maps that there are."""
    form = await _open(hass, "serial")
    with pytest.raises(InvalidData):
        await hass.config_entries.flow.async_configure(form["flow_id"], {"serial_port": "/dev/ttyX"} | typed)


@pytest.mark.parametrize("baudrate", ["9600", "19200", "38400", "57600", "115200"])
async def test_every_speed_of_a_line_is_kept(hass: HomeAssistant, chint: ChintFactory, baudrate: str) -> None:
    """As numbers, for Home Assistant's own Modbus link."""
    sim = await chint(ChintConfig(line="serial"))
    typed = {"baudrate": baudrate, "stopbits": "2"}
    created = await _add(hass, await _search(hass, await _open(hass, "serial"), _address(sim, **typed)))
    assert (created["data"]["baudrate"], created["data"]["stopbits"]) == (int(baudrate), 2)


async def test_same_plant_is_not_added_twice(hass: HomeAssistant, chint: ChintFactory) -> None:
    """Not even by another of its ways."""
    sim = await chint(ChintConfig())
    entry_for_chint(sim, link="serial", serial_port="/dev/ttyUSB0").add_to_hass(hass)
    result = await _search(hass, await _open(hass, "tcp"), _address(sim))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


# Register maps.


async def test_a_map_can_be_chosen_against_what_the_device_says(
    hass: HomeAssistant, chint: ChintFactory
) -> None:
    """It is kept as an option; one that the device does not answer to is refused."""
    sim = await chint(ChintConfig(profile="ech_th"))
    form = await _search(hass, await _open(hass, "tcp"), _address(sim, profile="sce"))
    assert form["errors"] == {"host": "not_this_vendor"}
    found = await _search(hass, form, _address(sim, profile="ech_th"))
    assert (await _add(hass, found))["options"]["profile"] == "ech_th"


async def test_own_map_is_chosen_by_its_file(hass: HomeAssistant, chint: ChintFactory, folder: Path) -> None:
    """And is what the device is read by."""
    (folder / "balcony.json").write_text(TEXTS["sce"])
    sim = await chint(ChintConfig())
    created = await _add(
        hass, await _search(hass, await _open(hass, "tcp"), _address(sim, profile="balcony"))
    )
    assert created["options"]["profile"] == "balcony"


async def test_wrong_map_is_told_before_anything_is_asked(
    hass: HomeAssistant, chint: ChintFactory, folder: Path
) -> None:
    """With file, line, field and what is allowed there."""
    path = folder / "sce.json"
    lines = TEXTS["sce"].splitlines()
    number = next(n for n, line in enumerate(lines) if '"name": "' in line and '"rows"' not in line)
    lines[number] = lines[number].replace('"kind": "holding"', '"kind": "coil"')
    path.write_text("\n".join(lines))
    sim = await chint(ChintConfig())
    form = await _search(hass, await _open(hass, "tcp"), _address(sim))
    assert form["errors"] == {"base": "profile_wrong"}
    told = (form["description_placeholders"] or {})["problem"]
    assert told.startswith(f"sce.json, line {number + 1}, column ")
    assert '\'coil\' is not allowed; allowed is one of "input", "holding"' in told
    assert sim.requests == []
    path.write_text(TEXTS["sce"])
    found = await _search(hass, form, _address(sim))
    assert found["step_id"] == "found"


# Reconfiguring.


async def test_plant_gets_another_address(hass: HomeAssistant, chint: ChintFactory) -> None:
    """The map that was chosen is the one it is asked by; options stay."""
    sim = await chint(ChintConfig(profile="ech_th"))
    entry = entry_for_chint(sim, {"profile": "ech_th"}, host="192.0.2.7", port=502)
    entry.add_to_hass(hass)
    form = await entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure_chint_tcp"
    assert form["data_schema"] is not None
    assert "profile" not in [str(key) for key in form["data_schema"].schema]
    done = await _search(hass, form, _address(sim))
    assert done["reason"] == "reconfigure_successful"
    assert entry.data == entry_for_chint(sim).data
    assert entry.options["profile"] == "ech_th"


async def test_another_plant_is_refused(hass: HomeAssistant, chint: ChintFactory) -> None:
    """At a serial port, whose other end may be anything."""
    sim = await chint(ChintConfig(profile="ech_th", line="serial"))
    entry = entry_for_chint(sim)
    other = await chint(ChintConfig(profile="sce", line="serial"))
    entry.add_to_hass(hass)
    form = await entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure_chint_serial"
    again = await _search(hass, form, _address(other))
    assert again["errors"] == {"serial_port": "wrong_plant"}
    assert entry.data["serial_port"] == sim.device


# Options.


async def test_options_of_a_chint_plant(hass: HomeAssistant, chint: ChintFactory, folder: Path) -> None:
    """Map, documented writes and each group of guesses, all with texts."""
    (folder / "mine.json").write_text(TEXTS["ech_th"])
    sim = await chint(ChintConfig(profile="ech_th"))
    entry = entry_for_chint(sim)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    menu = await hass.config_entries.options.async_init(entry.entry_id)
    form = await hass.config_entries.options.async_configure(menu["flow_id"], {"next_step_id": "reading"})
    assert form["step_id"] == "reading_chint"
    typed = {"fast_poll_s": 10, "profile": "mine", "documented_writes": True}
    typed |= {"expert": {"request_spacing_s": 0.1, "assumed_meter": True}}
    done = await hass.config_entries.options.async_configure(form["flow_id"], typed)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["profile"] == "mine"
    assert entry.options["assumed_meter"] is True
    assert entry.options["assumed_mode"] is False
