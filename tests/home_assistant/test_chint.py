"""Chint plants in Home Assistant: read by their profiles, watched in shadow, controlled once allowed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
import json
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components import energy_storage
from custom_components.energy_storage.const import DOMAIN
from custom_components.energy_storage.cycle import Cycle
from custom_components.energy_storage.engine.command import CommandKind
from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.chint import VENDOR as CHINT
from custom_components.energy_storage.vendors.chint.driver import create
from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from custom_components.energy_storage.vendors.driver import Driver, LinkSetup, Units
from tests.simulators.chint import ChintConfig, ChintSimulator

from .conftest import HandClock, Home
from .control_home import held_kind, override

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "socket_enabled")

type AddChint = Callable[..., Awaitable[Home[ChintSimulator]]]


@pytest.fixture
def clock(hand_clock: HandClock) -> Iterator[HandClock]:
    """Let Chint drivers follow the clock that is moved by hand, too."""

    def create_by_hand(units: Units, setup: LinkSetup) -> Driver:
        return create(units, setup, now=hand_clock.utc, monotonic=hand_clock.monotonic, timeout_s=1.0)

    vendors = (replace(CHINT, create=create_by_hand), *(each for each in VENDORS if each is not CHINT))
    with patch.object(energy_storage, "VENDORS", vendors), patch.object(Cycle, "start"):
        yield hand_clock


@pytest.fixture
async def add_chint(hass: HomeAssistant, clock: HandClock) -> AsyncIterator[AddChint]:
    """Set up simulated Chint plants."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    async with AsyncExitStack() as stack:

        async def add(profile: str = "sce", *, loaded: bool = True, **options: Any) -> Home[ChintSimulator]:
            config = ChintConfig(profile=profile, start=clock.now, speed=0)  # type: ignore[arg-type]  # one of four
            sim = await stack.enter_async_context(ChintSimulator(config).serving())
            sim.plant.soc_pct = 50
            sim.plant.load_override_w = lambda _now: 4_000.0
            entry = MockConfigEntry(
                domain=DOMAIN,
                title="My plant",
                unique_id=config.identity.serial,
                data={
                    "vendor": "chint",
                    "host": sim.host,
                    "port": sim.port,
                    "plant_unit_id": 1,
                    "inverter_unit_ids": [1],
                    "ac_charger_unit_ids": [],
                },
                options={"request_spacing_s": 0.0001, **options},
            )
            entry.add_to_hass(hass)
            assert await hass.config_entries.async_setup(entry.entry_id) is loaded
            await hass.async_block_till_done()
            home = Home(hass, sim, entry, clock)
            if loaded:
                await home.settle()
            return home

        yield add


def profiles_of(hass: HomeAssistant) -> Path:
    """Give the folder of the owner's own profiles."""
    folder = Path(hass.config.path(DOMAIN, "profiles"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def own(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give an empty folder for profiles, of a configuration of its own."""
    hass.config.config_dir = str(tmp_path)
    return profiles_of(hass)


async def test_a_plant_is_read(add_chint: AddChint) -> None:
    """With the signs of Home Assistant, and what the plant says of itself."""
    home = await add_chint()
    flows = home.sim.plant.flows
    assert home.number("battery_power") == pytest.approx(flows.battery_w, abs=60)
    assert home.number("grid_power") == pytest.approx(flows.grid_w, abs=60)
    assert home.sensor("vendor_mode") == "self_use"
    assert home.entity_id("sensor", "batt_temperature", "battery_1") is not None


@pytest.mark.parametrize("profile", ["ech_s", "ech_th"])
async def test_an_ech_is_watched_in_shadow(add_chint: AddChint, profile: str) -> None:
    """Control cannot be switched on; what would be commanded is shown."""
    home = await add_chint(profile, chint_documented_writes=True)
    with pytest.raises(HomeAssistantError) as caught:
        await home.act("select.select_option", "control_state", option="on")
    assert caught.value.translation_key == "refused_read_only"
    await home.act("select.select_option", "control_state", option="shadow")
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    assert home.view.decision.command is not None
    assert home.view.decision.command.kind is CommandKind.CHARGE
    await home.tick(seconds=10, count=3)
    assert not home.sim.writes


async def test_an_sce_waits_for_its_owner(add_chint: AddChint) -> None:
    """Its recipe is documented, not proven here: without his word nothing is written."""
    home = await add_chint()
    with pytest.raises(HomeAssistantError) as caught:
        await home.act("switch.turn_on", "control")
    assert caught.value.translation_key == "refused_read_only"
    await home.set(control="on", outage_consent=True)
    await override(home, "force_charge", from_grid=True, power_w=3000, target_soc_pct=80)
    await home.tick(seconds=10, count=3)
    assert home.view.decision.control.value == "shadow"
    assert not home.sim.writes


async def test_an_sce_is_charged_to_its_target(add_chint: AddChint) -> None:
    """With all it can, since it takes no power; at the target it is held, after the end released."""
    home = await add_chint(chint_documented_writes=True)
    await home.set(control="on", outage_consent=True)
    await home.tick(seconds=10, count=2)
    await override(home, "force_charge", minutes=240, from_grid=True, power_w=3000, target_soc_pct=60)
    await home.tick(seconds=10, count=3)
    assert held_kind(home) is CommandKind.CHARGE
    assert home.sim.plant.flows.battery_w < -1000
    for _ in range(60):
        await home.tick(seconds=60)
        if held_kind(home) is not CommandKind.CHARGE:
            break
    assert held_kind(home) is CommandKind.HOLD
    assert home.sim.plant.soc_pct == pytest.approx(60, abs=2)
    await home.tick(seconds=10, count=3)
    assert home.sim.plant.flows.battery_w <= 0
    await home.act("select.select_option", "control_state", option="off")
    await home.tick(seconds=10, count=2)
    assert home.sim.get("time_control_enable") == 0
    assert home.sim.get("hybrid_work_mode") == 0


async def test_a_charge_without_effect_is_given_up(add_chint: AddChint) -> None:
    """After three minutes; the plant is not asked for it again, and says why."""
    home = await add_chint(chint_documented_writes=True)
    await home.set(control="on", outage_consent=True)
    home.sim.faults.add("not_obeyed")
    await override(home, "force_charge", minutes=240, from_grid=True, target_soc_pct=90)
    await home.tick(seconds=10, count=3)
    assert held_kind(home) is CommandKind.CHARGE
    await home.tick(seconds=10, count=24)
    assert held_kind(home) is not CommandKind.CHARGE
    reasons = [dict(reason.values) for reason in home.view.decision.reasons if reason.code == "not_offered"]
    assert {"command": "charge", "why": "no_effect"} in reasons


async def test_a_string_inverter_is_switched_off_and_on(add_chint: AddChint, hass: HomeAssistant) -> None:
    """By the action that its owner has asked for."""
    home = await add_chint("cps_403x", plant_power=True)
    await home.act("select.select_option", "control_state", option="on")
    for power, word in ((False, 0x5555), (True, 0xAAAA)):
        data = {"config_entry": home.entry.entry_id, "power": power, "confirm": True}
        await hass.services.async_call(DOMAIN, "set_plant_power", data, blocking=True, return_response=True)
        assert home.sim.get("power_on_off") == word


async def test_the_owner_s_profile_counts(add_chint: AddChint, own: Path) -> None:
    """It is read from the configuration folder, in place of ours."""
    document = json.loads(TEXTS["ech_s"])
    next(row for row in document["rows"] if row["name"] == "batt_current").update(sign=1, evidence="owner")
    (own / "ech_s.json").write_text(json.dumps(document))
    home = await add_chint("ech_s")
    assert home.number("battery_power") == pytest.approx(home.sim.plant.flows.battery_w, abs=60)


async def test_a_wrong_profile_is_told_with_its_line(
    add_chint: AddChint, own: Path, hass: HomeAssistant
) -> None:
    """The plant waits until it is mended."""
    (own / "sce.json").write_text(TEXTS["sce"].replace('"scale": 0.1', '"scale": 0', 1))
    home = await add_chint(loaded=False)
    assert home.entry.state is ConfigEntryState.SETUP_RETRY
    assert home.entry.error_reason_translation_key == "profile_wrong"
    told = home.entry.error_reason_translation_placeholders
    assert told is not None
    assert "sce.json, line " in told["error"]
    (own / "sce.json").unlink()
    assert await hass.config_entries.async_reload(home.entry.entry_id)


async def test_a_changed_profile_is_taken_without_a_restart(
    add_chint: AddChint, own: Path, hass: HomeAssistant
) -> None:
    """Within a minute, and the plant keeps its command meanwhile."""
    home = await add_chint(chint_documented_writes=True)
    await home.set(control="on", outage_consent=True)
    await override(home, "hold")
    await home.tick(seconds=10, count=2)
    assert held_kind(home) is CommandKind.HOLD
    since = len(home.sim.writes)
    file = own / "mine.json"
    file.write_text(TEXTS["sce"])
    before = home.runtime
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert home.runtime is not before
    assert len(home.sim.writes) == since
    assert home.sim.get("hybrid_work_mode") == 3
    same = home.runtime
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=62))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert home.runtime is same
    os.utime(file, (1, 1))
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=93))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert home.runtime is not same


async def test_a_profile_that_is_being_written_changes_nothing(
    add_chint: AddChint, own: Path, hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a file is a wrong one: the plant goes on as before, and the line is in the log."""
    home = await add_chint()
    before = home.runtime
    (own / "sce.json").write_text(TEXTS["sce"][:500])
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert home.runtime is before
    assert "sce.json, line " in caplog.text
    (own / "sce.json").write_text(TEXTS["sce"])
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=62))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert home.runtime is not before
