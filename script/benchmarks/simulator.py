"""Simulated plants in processes of their own, on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import sys

from tests.simulators.sigen import SigenConfig

from .figures import BenchmarkError

HOST = "127.0.0.1"
_START_S = 30.0


ONE_INVERTER = SigenConfig()
LARGE = SigenConfig(inverters=(1, 2), ac_chargers=(3,), dc_charger=1)
PLANTS = {"one inverter": ONE_INVERTER, "two inverters, AC and DC charger": LARGE}


@asynccontextmanager
async def simulated_plant(config: SigenConfig, *, speed: float = 1) -> AsyncIterator[int]:
    """Serve the devices of this plant; gives the port that the system chose.

    `speed` is simulated seconds per second.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", "sigen", "--host", HOST, "--port", "0"),
        *("--speed", str(speed), "--inverters", _ids(config.inverters)),
        *(("--ac-charger", _ids(config.ac_chargers)) if config.ac_chargers else ()),
        *(("--dc-charger",) if config.dc_charger else ()),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield await _port(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _ids(unit_ids: tuple[int, ...]) -> str:
    return ",".join(map(str, unit_ids))


async def _port(process: asyncio.subprocess.Process) -> int:
    """Read it from the line that says that the plant listens."""
    assert process.stdout is not None  # noqa: S101  a pipe was asked for
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_S)
    except TimeoutError as err:
        raise BenchmarkError(f"the simulated plant did not start within {_START_S:.0f} s") from err
    _, _, port = line.decode().strip().rpartition(":")
    if not port.isdigit():
        raise BenchmarkError("the simulated plant did not start")
    return int(port)
