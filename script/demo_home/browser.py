"""Looks at Home Assistant's pages in Debian's Chromium and keeps pictures of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil

from playwright.async_api import Page, async_playwright

from .api import HomeAssistantApi
from .dashboards import URL_PATH
from .plant import DOMAIN

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@asynccontextmanager
async def page_of(api: HomeAssistantApi) -> AsyncIterator[Page]:
    """Open a page that is signed in as the user of `api`."""
    tokens = {
        **api.tokens,
        "hassUrl": api.url,
        "clientId": api.client_id,
        "expires": 4_000_000_000_000,
        "token_type": "Bearer",
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        try:
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await page.add_init_script(f"localStorage.hassTokens = {json.dumps(json.dumps(tokens))};")
            yield page
        finally:
            await browser.close()


async def take_pictures(api: HomeAssistantApi, device_id: str, folder: Path) -> None:
    """Keep a picture of each page that an owner meets first."""
    async with page_of(api) as page:
        await _picture(page, f"{api.url}/{URL_PATH}/0", "Battery level", folder / "dashboard.png")
        await _picture(
            page, f"{api.url}/config/devices/device/{device_id}", "Battery power", folder / "device.png"
        )
        await _picture(page, f"{api.url}/energy/now", "Now", folder / "energy.png")
        await page.goto(f"{api.url}/config/integrations/dashboard/add?domain={DOMAIN}")
        await page.get_by_role("button", name="OK").click()
        await page.get_by_text("Sigen (Sigenergy)").click()
        await page.get_by_text("Host").first.wait_for()
        await _settle_and_keep(page, folder / "config-flow.png")


async def _picture(page: Page, url: str, landmark: str, path: Path) -> None:
    """Open a page, wait for the text that says it is there, and keep a picture of it."""
    await page.goto(url)
    await page.get_by_text(landmark).first.wait_for()
    await _settle_and_keep(page, path)


async def _settle_and_keep(page: Page, path: Path) -> None:
    """Wait for the animations to end, then take the picture."""
    await page.wait_for_timeout(2_500)
    await page.screenshot(path=path)
