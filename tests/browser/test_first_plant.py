"""An owner's first hour: the plant is added, looked at, and read and reached in another way."""

from contextlib import suppress
import json
from pathlib import Path
import re
import shutil

from playwright.async_api import Error, Locator, Page, expect
import pytest

from script.demo_home.plant import DOMAIN
from script.demo_home.processes import CHARGER_UNIT_ID, HOST, free_port

from .conftest import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        shutil.which("chromium") is None,
        reason="there is no chromium on the PATH; as root, script/setup --browser installs it",
    ),
]

UNIT_IDS = f"1, {CHARGER_UNIT_ID}"
WATTS = re.compile(r"[\d,]+\sW")
_CLICKS = 5
SERIAL = re.compile(r"Serial number: (\w+)")


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def _row(page: Page, name: str) -> Locator:
    """Find a sensor on a device page."""
    return page.locator("hui-sensor-entity-row").filter(has=page.get_by_text(name, exact=True))


async def _open_unit_ids(page: Page) -> Locator:
    await page.get_by_text("Unit IDs", exact=True).click()
    return page.locator("input[name=unit_ids]")


async def test_owner_adds_the_plant_by_clicking(house: House, page: Page) -> None:
    """A wrong port is named at its field with nothing typed lost; the right one leads to the plant."""
    host, port = page.locator("input[name=host]"), page.get_by_role("spinbutton").first
    wrong_port = free_port(0)
    await page.goto(f"{house.api.url}/config/integrations/dashboard/add?domain={DOMAIN}")
    await _button(page, "OK").click()
    await page.get_by_text("Sigen (Sigenergy)").click()
    await host.fill(HOST)
    await port.fill(str(wrong_port))
    await (await _open_unit_ids(page)).fill(UNIT_IDS)
    await _button(page, "Next").click()

    await page.get_by_text("The device is there, but nothing listens on this port.").wait_for()
    await expect(host).to_have_value(HOST)
    await expect(port).to_have_value(str(wrong_port))
    await expect(await _open_unit_ids(page)).to_have_value(UNIT_IDS)

    await port.fill(str(house.plant_port))
    await _button(page, "Next").click()
    await page.get_by_text(f"asking unit ID {CHARGER_UNIT_ID} (2 of 2)").wait_for()
    await page.get_by_text("Is this your plant?").wait_for()
    await expect(page.get_by_text("Inverters at unit ID: 1")).to_be_visible()
    await expect(page.get_by_text(f"AC chargers at unit ID: {CHARGER_UNIT_ID}")).to_be_visible()
    await page.get_by_text("Add it, only read").click()
    await _button(page, "Skip and finish").click()

    await expect(_button(page, "Skip and finish")).to_be_hidden()
    assert (await house.loaded())["data"]["port"] == house.plant_port


async def test_device_page_shows_live_values(known_plant: House, page: Page) -> None:
    """The powers have values in watts, and they move."""
    await page.goto(known_plant.integration_url)
    await page.get_by_text("Sigen plant", exact=True).click()
    value = _row(page, "PV power").get_by_text(WATTS).last
    shown = await value.inner_text()
    await expect(value).not_to_have_text(shown, timeout=30_000)
    await expect(value).to_have_text(WATTS)


async def test_owner_chooses_how_often_the_plant_is_read(known_plant: House, page: Page) -> None:
    """What is typed in the options is kept, and the plant is read on."""
    await page.goto(known_plant.integration_url)
    await _button(page, "Configure").click()
    await page.get_by_text("How the plant is read").click()
    await page.get_by_role("spinbutton").first.fill("10")
    await _button(page, "Submit").click()
    await page.get_by_text("Options successfully saved").wait_for()
    options = (await known_plant.loaded())["options"]
    assert (options["fast_poll_s"], options["request_spacing_s"]) == (10, 1)


async def test_owner_reconfigures_the_plant(known_plant: House, page: Page) -> None:
    """The form offers what holds, and submitting it keeps the plant."""
    before = (await known_plant.loaded())["data"]
    await page.goto(known_plant.integration_url)
    await page.locator("ha-config-entry-row").get_by_role("button", name="Menu").first.click()
    await page.get_by_text("Reconfigure", exact=True).first.click()
    await expect(page.locator("input[name=host]")).to_have_value(HOST)
    await expect(page.get_by_role("spinbutton").first).to_have_value(str(known_plant.plant_port))
    await expect(await _open_unit_ids(page)).to_have_value(UNIT_IDS)
    await _button(page, "Next").click()
    await page.get_by_text("Reconfiguration was successful").wait_for()
    assert (await known_plant.loaded())["data"] == before


async def test_owner_downloads_diagnostics(known_plant: House, page: Page, tmp_path: Path) -> None:
    """The file of the plant's device holds its registers, and not the serial number that the page shows."""
    await page.goto(await known_plant.plant_url())
    serial = SERIAL.search(await page.get_by_text(SERIAL).inner_text())
    assert serial is not None
    async with page.expect_download() as downloading:
        await page.get_by_text("Download diagnostics").click()
    await (await downloading.value).save_as(tmp_path / "diagnostics.json")
    told = (tmp_path / "diagnostics.json").read_text()
    assert set(json.loads(told)["data"]["raw_registers"]) == {"247"}
    assert serial[1] not in told


async def test_owner_switches_control_on(known_plant: House, page: Page) -> None:
    """One click; then the plant's page says what it is told, and that it was confirmed."""
    await known_plant.loaded()
    await page.goto(await known_plant.plant_url())
    row = page.locator("hui-toggle-entity-row").filter(has=page.get_by_text("Control", exact=True))
    await _switch_on(row.get_by_role("switch"))
    await expect(_row(page, "Command")).to_contain_text("Self-consumption", timeout=60_000)
    await expect(_row(page, "Command state")).to_contain_text("Confirmed", timeout=60_000)


async def _switch_on(switch: Locator) -> None:
    """Click once the page has come to rest: what moves meanwhile takes the click away."""
    await expect(switch).to_be_enabled()
    for _ in range(_CLICKS):
        with suppress(Error):
            await switch.check(force=True)
            break
    await expect(switch).to_be_checked()
