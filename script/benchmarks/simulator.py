"""Simulated plants in processes of their own, on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import sys

from .figures import BenchmarkError

HOST = "127.0.0.1"
_START_S = 30.0


@asynccontextmanager
async def simulated_plant(*arguments: str) -> AsyncIterator[int]:
    """Serve a Sigen plant with these further arguments; gives the port that the system chose."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", "sigen", "--host", HOST, "--port", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield await _port(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


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
