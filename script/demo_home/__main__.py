"""Start the demo, or check it; see script/demo."""

import argparse
import asyncio
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
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
from .control_check import Running, adopt_and_hand_back, left_alone, switch_on_and_charge
from .dashboards import URL_PATH, set_up_dashboards
from .place import Place, sunny_place
from .plant import entity_ids, plant_device_id
from .plants import PLANTS, KeptPlants
from .processes import HOST, ROOT, DemoError, free_port, home_assistant, simulated_plant, write_configuration

_DATA = ROOT / ".cache" / "demo"
_CHECK_DATA = ROOT / ".cache" / "demo-check"
_PICTURES = ROOT / "docs" / "images"
_STARTED = time.monotonic()


def _tell(text: str) -> None:
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", flush=True)


async def _started(stack: AsyncExitStack, folder: Path) -> Running:
    """Bring everything up to plants with dashboards; what was started stops with the stack."""
    place = sunny_place(datetime.now(UTC))
    plants = KeptPlants(folder / "plants.json")
    plants.check_ports()
    processes = [
        await stack.enter_async_context(
            simulated_plant(plants.port_of(plant), place, folder / f"{plant.name}.log", plant.simulator)
        )
        for plant in PLANTS
    ]
    for plant in PLANTS:
        _tell(f"Started a simulated {plant.title} plant on {HOST}:{plants.port_of(plant)}")
    first = not (folder / "config" / ".storage" / "onboarding").exists()
    _tell("Starting Home Assistant" + (" for the first time" if first else ""))
    api, home = await _home(stack, folder, free_port(8123), place)
    _tell("Signed in; adding the plants through the config flow")
    added = [plant.title for plant in PLANTS if await plants.add(api, plant)]
    entry_id = plants.entry_of(PLANTS[0])
    ids = await entity_ids(api, entry_id)
    if PLANTS[0].title in added:
        _tell(f"{PLANTS[0].title} has {len(ids)} entities of its own; setting up the dashboards")
        await set_up_dashboards(api, ids)
    _tell(f"Added: {', '.join(added)}" if added else "The plants are there already")
    return Running(
        api=api,
        ids=ids,
        entry_id=entry_id,
        neighbours=tuple(plants.entry_of(plant) for plant in PLANTS[1:]),
        plant=processes[0],
        plant_port=plants.port_of(PLANTS[0]),
        home=home,
    )


async def _home(
    stack: AsyncExitStack, folder: Path, port: int, place: Place
) -> tuple[HomeAssistantApi, Process]:
    """Start Home Assistant and sign in."""
    write_configuration(folder / "config", port)
    home = await stack.enter_async_context(
        home_assistant(folder / "config", port, folder / "home-assistant.log")
    )
    api = await stack.enter_async_context(connected(f"http://{HOST}:{port}"))
    await api.sign_in(place)
    return api, home


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
            running = await starting
            _tell("Ready")
            print(f"\n    {running.api.url}/{URL_PATH}\n    login: {USER} / {PASSWORD}\n")
            print("Ctrl-C stops it.", flush=True)
            await interrupted
        print("\nStopping", flush=True)


async def _check() -> None:
    shutil.rmtree(_CHECK_DATA, ignore_errors=True)
    async with AsyncExitStack() as stack:
        running = await _started(stack, _CHECK_DATA)
        _tell("Waiting for live values")
        await wait_for_live_values(running.api, running.entry_id, *running.neighbours)
        target_pct = await switch_on_and_charge(running, _tell)
        if shutil.which("chromium") is None:
            _tell("No chromium on the PATH: no pictures taken")
        else:
            _tell("Taking pictures")
            await take_pictures(running.api, await plant_device_id(running.api, running.entry_id), _PICTURES)
        await left_alone(running, target_pct, _tell)
        place = sunny_place(datetime.now(UTC))
        api, home = await _home(stack, _CHECK_DATA, free_port(8123), place)
        await adopt_and_hand_back(replace(running, api=api, home=home), _tell)
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
