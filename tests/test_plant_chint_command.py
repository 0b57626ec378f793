"""`script/plant chint`: each link, register maps of one's own, and commands of an SCE."""

import json
from pathlib import Path

import pytest

from custom_components.energy_storage.vendors.chint.shipped import TEXTS
from script import plant
from script.plant_options import parser
from tests.conftest import ChintFactory
from tests.simulators.chint import ChintConfig, ChintSimulator, Line
from tests.simulators.chint_map import PROFILES, Profile

HOLD = '{"command": "hold"}'
WRITES = ("--option", "documented_writes=on")


def way(sim: ChintSimulator) -> list[str]:
    """Say how a simulated plant is reached."""
    if sim.config.line == "serial":
        return ["chint", "--serial", sim.device, "--spacing", "0"]
    rtu = ["--rtu"] if sim.config.line == "rtu_tcp" else []
    return ["chint", "--host", sim.host, "--port", str(sim.port), "--spacing", "0", *rtu]


async def call(sim: ChintSimulator, *words: str) -> int:
    """Run a command inside this test's loop; give its exit status."""
    return await plant.run(parser().parse_args([*way(sim), *words]))


@pytest.mark.parametrize("line", ["tcp", "rtu_tcp", "serial"])
async def test_plant_is_read_over_each_link(
    chint: ChintFactory, line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in Home Assistant, by the same code."""
    sim = await chint(ChintConfig(profile="ech_th", line=line, speed=0))
    assert await call(sim, "read", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["soc_pct"] == sim.get("batt_soc")
    assert sim.writes == []


@pytest.mark.parametrize("profile", PROFILES)
async def test_each_kind_is_recognized(
    chint: ChintFactory, profile: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of its registers are listed with their words."""
    sim = await chint(ChintConfig(profile=profile, speed=0))
    assert await call(sim, "registers") == 0
    assert len(capsys.readouterr().out.splitlines()) > 20


async def test_a_map_of_ones_own_is_tried_without_home_assistant(
    chint: ChintFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong one is told by its line, and nothing is asked."""
    sim = await chint(ChintConfig(profile="ech_th", speed=0))
    path = tmp_path / "mine.json"
    path.write_text(TEXTS["ech_th"].replace('"scale": 0.1, "unit": "V"', '"scale": 0.2, "unit": "V"'))
    chosen = ("--profile", str(path), "--option", "profile=mine")
    assert await call(sim, *chosen, "read", "--json") == 0
    capsys.readouterr()
    assert await call(sim, "--option", "profile=another", "read") == 1
    assert "there is no profile another.json" in capsys.readouterr().err
    path.write_text(TEXTS["ech_th"].replace('"uint16"', '"uint17"', 1))
    before = len(sim.requests)
    assert await call(sim, *chosen, "read") == 1
    assert "mine.json, line " in capsys.readouterr().err
    assert len(sim.requests) == before


async def test_sce_is_held_and_released(
    chint: ChintFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once the documented writes are allowed, and read back."""
    sim = await chint(ChintConfig(speed=0))
    state = ("--state", str(tmp_path / "plant.json"))
    assert await call(sim, "apply", "--yes", *state, HOLD) == 1
    assert "refused" in capsys.readouterr().err
    assert sim.writes == []
    assert await call(sim, *WRITES, "apply", "--yes", *state, HOLD) == 0
    assert sim.get("hybrid_work_mode") == 3
    assert await call(sim, *WRITES, "release", *state) == 0
    assert sim.get("hybrid_work_mode") == 0


async def test_nothing_is_written_to_an_ech(
    chint: ChintFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is allowed: nobody knows a write that works."""
    sim = await chint(ChintConfig(profile="ech_th", unlocked=True, speed=0))
    state = ("--state", str(tmp_path / "plant.json"))
    assert await call(sim, *WRITES, "apply", "--yes", *state, HOLD) == 1
    assert "refused" in capsys.readouterr().err
    assert sim.writes == []
