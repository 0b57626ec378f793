"""The command line on a simulated plant: each call is a process of its own, and a file is all they share."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from script import plant
from script.plant_options import parser
from tests.simulators.plant import PlantConfig
from tests.simulators.sigen import SigenConfig, SigenSimulator

PLANT = SigenConfig(
    speed=0, firmware="SPC114", enter_s=0.0, plant=PlantConfig(soc_pct=60.0, backup_supply=False)
)
CHARGE = '{"command": "charge", "power_w": 3000, "grid_allowed": true, "target_soc_pct": 80}'
DISCHARGE = '{"command": "discharge", "power_w": 2000, "floor_soc_pct": 30}'
REMOTE, MODE, CUTOFF = "remote_ems_enable", "remote_ems_control_mode", "ess_charge_cutoff_soc"


@dataclass
class Terminal:
    """Where somebody types `script/plant`, and what it printed last."""

    sim: SigenSimulator
    file: Path
    capsys: pytest.CaptureFixture[str]
    options: tuple[str, ...] = ()
    out: str = ""
    err: str = ""

    async def call(self, verb: str, *arguments: str) -> int:
        """Run a command with a driver of its own, inside this test's loop; give its exit status."""
        to = ["sigen", "--host", self.sim.host, "--port", str(self.sim.port), "--spacing", "0"]
        try:
            return await plant.run(
                parser().parse_args([*to, *self.options, verb, "--state", str(self.file), *arguments])
            )
        finally:
            self.out, self.err = self.capsys.readouterr()

    @property
    def lines(self) -> list[str]:
        """Give what was printed, line by line."""
        return self.out.splitlines()

    @property
    def remembered(self) -> str | None:
        """Give what the file holds; None where there is none."""
        return self.file.read_text() if self.file.exists() else None

    def remember(self, text: str) -> None:
        """Put a text into the file."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text)

    @property
    def written(self) -> list[str]:
        """Name the registers that were changed."""
        return [write.name for write in self.sim.writes]

    async def after_writes(self, count: int) -> None:
        """Wait until so many registers were changed: looks between any two steps of the plant."""
        for _ in range(200_000):
            if len(self.sim.writes) >= count:
                return
            await asyncio.sleep(0)
        pytest.fail(f"only {self.written} were written")
