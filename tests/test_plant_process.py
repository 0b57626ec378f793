"""`script/plant` as a real process: exit statuses, signals, and where it remembers a plant by default."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import signal
import sys

import pytest

from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenSimulator
from tests.terminal import CHARGE, CUTOFF, PLANT, REMOTE

ROOT = Path(__file__).parents[1]


class Processes:
    """Starts the command line with a folder of its own for what it remembers."""

    def __init__(self, sim: SigenSimulator, home: Path) -> None:
        """Command this plant."""
        self.sim = sim
        self.home = home

    @asynccontextmanager
    async def started(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start one, and end it with the block."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "script.plant", "sigen", "--host", self.sim.host),
            *("--port", str(self.sim.port), "--spacing", "0.05", *arguments),
            cwd=ROOT,
            env=os.environ | {"XDG_STATE_HOME": str(self.home)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def status(self, *arguments: str) -> int | None:
        """Run one to its end."""
        async with self.started(*arguments) as process:
            await process.communicate()
            return process.returncode

    @property
    def files(self) -> list[str]:
        """Name what is remembered."""
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*.json"))


@pytest.fixture
async def processes(sigen: SigenFactory, tmp_path: Path) -> Processes:
    """Sit before a plant whose owner ends charging at 95 %."""
    sim = await sigen(PLANT)
    sim.change(CUTOFF, 95.0)
    return Processes(sim, tmp_path)


async def test_the_exit_status_says_whether_it_was_done(processes: Processes) -> None:
    """0 when done and read back, 1 when not; what is remembered bears the plant's serial number."""
    assert await processes.status("apply", CHARGE) == 1
    assert processes.files == []
    assert await processes.status("apply", "--yes", CHARGE) == 0
    assert processes.files == [f"energy-storage/{processes.sim.get('serial_number')}.json"]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
async def test_another_process_hands_back_what_one_was_stopped_at(
    processes: Processes, number: signal.Signals, status: int
) -> None:
    """Interrupted or killed in the middle: what was there before is on the disk."""
    sim = processes.sim
    async with processes.started("apply", "--yes", CHARGE) as process:
        while len(sim.writes) < 2:
            await asyncio.sleep(0.01)
            assert process.returncode is None
        sim.faults.add("late_replies", 1.0)  # so that it is in the middle when the signal arrives
        process.send_signal(number)
        assert await process.wait() == status
    sim.faults.clear()
    assert sim.get(REMOTE) == 1
    assert await processes.status("release") == 0
    assert (sim.get(CUTOFF), sim.get(REMOTE)) == (95.0, 0)
