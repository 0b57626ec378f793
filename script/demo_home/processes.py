"""The two processes of the demo: the simulated plant and Home Assistant."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import signal
import socket
import sys

from .place import Place

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
CHARGER_UNIT_ID = 3

_CONFIGURATION = """\
# Written by script/demo at each start.
homeassistant:
  name: Demo home
  unit_system: metric
config:
energy:
frontend:
history:
logbook:
sun:
system_health:
logger:
  default: warning
  logs:
    custom_components.energy_storage: info
"""


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def free_port(wanted: int) -> int:
    """The wanted port on loopback, or, where that is taken, one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    msg = "no free port on 127.0.0.1"
    raise DemoError(msg)


def write_configuration(folder: Path, port: int) -> None:
    """Lay out Home Assistant's configuration folder around our own integration.

    The address is put where Home Assistant keeps it itself: given in YAML it would ask for a
    confirmation in the frontend and fall back to all interfaces.
    """
    from homeassistant.components.http import config as http_config  # noqa: PLC0415  seconds to import

    (folder / "custom_components").mkdir(parents=True, exist_ok=True)
    (folder / ".storage").mkdir(exist_ok=True)
    (folder / "configuration.yaml").write_text(_CONFIGURATION)
    link = folder / "custom_components" / "energy_storage"
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT / "custom_components" / "energy_storage")
    settings = http_config.HTTP_STORAGE_SCHEMA({"server_host": [HOST], "server_port": port})
    stored = {
        "version": http_config.STORAGE_VERSION,
        "minor_version": http_config.STORAGE_MINOR_VERSION,
        "key": http_config.STORAGE_KEY,
        "data": {
            "stable": {
                **settings,
                "created_at": "2026-11-01T00:00:00+00:00",
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    }
    (folder / ".storage" / "http").write_text(json.dumps(stored))


SIGEN = ("sigen", "--ac-charger", str(CHARGER_UNIT_ID), "--firmware", "SPC114")
"""What `tests.simulators` is told of the demo's main plant; each SIGUSR1 moves that an hour on."""


@asynccontextmanager
async def simulated_plant(
    port: int, place: Place, log: Path, kind: tuple[str, ...] = SIGEN
) -> AsyncIterator[Process]:
    """Serve a simulated plant on loopback."""
    command = [
        *(sys.executable, "-m", "tests.simulators", *kind),
        *("--host", HOST, "--port", str(port)),
        *("--latitude", str(place.latitude), "--longitude", str(place.longitude)),
        *("--time-zone", place.time_zone),
    ]
    async with _running("the simulated plant", command, log) as process:
        await _until_listening(process, port, "the simulated plant", seconds=20)
        yield process


@asynccontextmanager
async def home_assistant(folder: Path, port: int, log: Path) -> AsyncIterator[Process]:
    """Run Home Assistant on this configuration folder."""
    command = [sys.executable, "-m", "homeassistant", "--config", str(folder), "--skip-pip"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent / "stand_ins")}
    async with _running("Home Assistant", command, log, environment) as process:
        await _until_listening(process, port, "Home Assistant", seconds=120)
        yield process


@asynccontextmanager
async def _running(
    name: str, command: list[str], log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches us alone, and we stop things in their order.
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 30)
            except TimeoutError:
                print(f"{name} did not stop in 30 s and was ended")
                process.kill()
                await process.wait()


async def _until_listening(process: Process, port: int, name: str, *, seconds: float) -> None:
    for _ in range(int(seconds / 0.2)):
        if process.returncode is not None:
            msg = f"{name} ended at once with status {process.returncode}"
            raise DemoError(msg)
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.2)
            continue
        writer.close()
        return
    msg = f"{name} did not listen on port {port} within {seconds:.0f} s"
    raise DemoError(msg)
