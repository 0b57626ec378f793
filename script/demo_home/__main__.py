"""Start the demo, or check it; see script/demo."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
import json
from pathlib import Path
import shutil
import signal
import sys
import time

import aiohttp
import playwright.async_api

from .api import PASSWORD, USER, HomeAssistantApi, connected
from .browser import take_pictures
from .check import wait_for_live_values
from .dashboards import URL_PATH, set_up_dashboards
from .place import sunny_place
from .plant import add_plant, entity_ids, plant_device_id
from .processes import HOST, ROOT, DemoError, free_port, home_assistant, simulated_plant, write_configuration

_DATA = ROOT / ".cache" / "demo"
_CHECK_DATA = ROOT / ".cache" / "demo-check"
_PICTURES = ROOT / "docs" / "images"
_STARTED = time.monotonic()


def _tell(text: str) -> None:
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", flush=True)


def _ports(folder: Path) -> tuple[int, int]:
    """Ports of the plant and of Home Assistant; the plant's is kept, as its config entry names it."""
    kept = folder / "ports.json"
    plant_port = json.loads(kept.read_text())["plant"] if kept.exists() else free_port(5020)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"plant": plant_port}))
    if free_port(plant_port) != plant_port:
        raise DemoError(f"port {plant_port} is taken; does another demo run?")
    return plant_port, free_port(8123)


async def _started(stack: AsyncExitStack, folder: Path) -> tuple[HomeAssistantApi, dict[str, str]]:
    """Bring everything up to a plant with dashboards; what was started stops with the stack."""
    place = sunny_place(datetime.now(UTC))
    plant_port, port = _ports(folder)
    _tell(f"Starting the simulated Sigen plant on {HOST}:{plant_port}")
    await stack.enter_async_context(simulated_plant(plant_port, place, folder / "plant.log"))
    first = not (folder / "config" / ".storage" / "onboarding").exists()
    _tell("Starting Home Assistant" + (" for the first time" if first else ""))
    write_configuration(folder / "config", port)
    await stack.enter_async_context(home_assistant(folder / "config", port, folder / "home-assistant.log"))
    api = await stack.enter_async_context(connected(f"http://{HOST}:{port}"))
    await api.sign_in(place)
    _tell("Signed in; adding the plant through the config flow")
    added = await add_plant(api, plant_port)
    ids = await entity_ids(api)
    if added:
        _tell(f"Plant added with {len(ids)} entities of its own; setting up the dashboards")
        await set_up_dashboards(api, ids)
    else:
        _tell("The plant is there already")
    return api, ids


async def _demo() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        starting = asyncio.ensure_future(_started(stack, _DATA))
        interrupted = asyncio.ensure_future(stop.wait())
        await asyncio.wait({starting, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        else:
            api, _ = await starting
            _tell("Ready")
            print(f"\n    {api.url}/{URL_PATH}\n    login: {USER} / {PASSWORD}\n")
            print("Ctrl-C stops it.", flush=True)
            await interrupted
        print("\nStopping", flush=True)


async def _check() -> None:
    shutil.rmtree(_CHECK_DATA, ignore_errors=True)
    async with AsyncExitStack() as stack:
        api, ids = await _started(stack, _CHECK_DATA)
        _tell("Waiting for live values")
        await wait_for_live_values(api, ids)
        if shutil.which("chromium") is None:
            _tell("No chromium on the PATH: no pictures taken")
        else:
            _tell("Taking pictures")
            await take_pictures(api, await plant_device_id(api), _PICTURES)
        _tell("Stopping")
    _tell("The demo works")


def main() -> int:
    """Run what the command line asks for; 0 when it went well."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="run unattended, take screenshots, stop")
    arguments = parser.parse_args()
    folder = _CHECK_DATA if arguments.check else _DATA
    try:
        asyncio.run(_check() if arguments.check else _demo())
    except (DemoError, aiohttp.ClientError, playwright.async_api.Error) as err:
        print(f"The demo failed: {err}\nThe logs are in {folder.relative_to(ROOT)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
