"""The command lines of the simulated Chint plant and meter, and dumps that the plant serves."""

import asyncio
from datetime import UTC, datetime
import json
from pathlib import Path
import signal
import sys

import pytest

from tests.conftest import ChintFactory
from tests.simulators import chint_command, meter_command
from tests.simulators.__main__ import parser
from tests.simulators.chint import ChintConfig, ChintSimulator
from tests.simulators.chint_command import News
from tests.simulators.dump import load
from tests.simulators.raw_client import connected, connected_rtu

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def test_command_line_describes_the_plant() -> None:
    """Every option reaches it."""
    text = (
        "chint --port 0 --profile ech_s --line serial --unit 7 --layout pv --unlocked --longest-read 60"
        " --clock-offset 120 --seed 7 --speed 60 --start 2026-06-21T10:00:00+00:00 --time-zone Europe/Rome"
    )
    plant = chint_command.config_of(parser().parse_args(text.split()))
    assert (plant.profile, plant.line, plant.unit, plant.layout) == ("ech_s", "serial", 7, "pv")
    assert (plant.unlocked, plant.longest_read, plant.clock_offset_s) == (True, 60, 120.0)
    assert (plant.start, plant.speed) == (NOON, 60.0)
    assert (plant.physics.seed, plant.physics.time_zone) == (7, "Europe/Rome")
    assert plant.physics.inverter_ac_w == 6_000


def test_command_line_describes_the_meter() -> None:
    """Every option reaches it."""
    text = (
        "meter --port 0 --meter dtsu666 --counters 401e --other-counters nan --ct-ratio 40 --pt-ratio 10"
        " --primary-side --word-order CDAB --line tcp --unit 3"
    )
    meter = meter_command.config_of(parser().parse_args(text.split()))
    assert (meter.meter, meter.counters, meter.other_counters) == ("dtsu666", "401e", "nan")
    assert (meter.ct_ratio, meter.pt_ratio, meter.primary_side) == (40, 10.0, True)
    assert (meter.word_order, meter.line, meter.unit) == (1, "tcp", 3)


@pytest.mark.parametrize(
    ("vendor", "fault"), [("chint", "second_master"), ("chint", "bms_loss"), ("meter", "frozen")]
)
def test_help_lists_the_faults(capsys: pytest.CaptureFixture[str], vendor: str, fault: str) -> None:
    """What can be simulated is found without reading code."""
    with pytest.raises(SystemExit):
        parser().parse_args([vendor, "--help"])
    assert fault in capsys.readouterr().out


async def test_plant_runs_as_a_program(socket_enabled: None, tmp_path: Path) -> None:  # noqa: ARG001  lets sockets through
    """It says where it listens and what is assumed, prints writes, and remembers at its end."""
    memory = tmp_path / "memory.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", "chint", "--port", "0", "--profile", "ech_th"),
        *("--unlocked", "--log-writes", "--setting", "FeedbackGridPower=5", "--memory", str(memory)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        assert line.startswith("Chint plant (ech_th, ECH10K-TH-EU) on ")
        assert (await asyncio.wait_for(process.stdout.readline(), 20)).startswith(b"assumed: ")
        host, _, port = line.split()[-1].partition(":")
        async with connected(host, int(port)) as raw:
            assert await raw.read(1, 0x3011, 1, 3) == "0032"
            assert await raw.write(1, 0x3000, 2) == "ok"
        while not (line := (await asyncio.wait_for(process.stdout.readline(), 20)).decode()).startswith("1"):
            assert line.startswith("assumed: ") or " 0x3000 " in line
            if " 0x3000 " in line:
                break
        assert line.rstrip().endswith("0x3000 running_mode = 2.0 (assumed)")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
    assert json.loads(memory.read_text())["settings"]["0x3000"] == 2


async def test_meter_runs_as_a_program(socket_enabled: None) -> None:  # noqa: ARG001  lets sockets through
    """RTU frames over TCP unless told otherwise."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", "meter", "--port", "0", "--meter", "ddsu666"),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        host, _, port = line.split()[-1].partition(":")
        async with connected_rtu(host, int(port)) as raw:
            assert await raw.read(1, 0x0006, 1, 3) == "0001"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()


def test_what_is_assumed_is_marked() -> None:
    """Each register without a source, and each habit."""
    sim = ChintSimulator(ChintConfig(profile="ech_th", speed=0, start=NOON))
    options = parser().parse_args(["chint", "--port", "0", "--registers"])
    lines = News(sim, options).lines()
    marked = {line.split()[2]: line.endswith("assumed") for line in lines if " 0x" in line}
    assert (marked["batt_soc"], marked["batt_soh"], marked["running_mode"]) == (False, True, True)
    assert sum("assumed: " in line for line in lines) == 4


def test_alarms_are_printed_with_their_times() -> None:
    """Once when they come, once when they go."""
    sim = ChintSimulator(ChintConfig(profile="ech_th", speed=0, start=NOON))
    news = News(sim, parser().parse_args(["chint", "--port", "0"]))
    news.lines()
    sim.faults.add("bms_loss")
    assert news.lines() == ["10:00:00 important Fault0201: Occurring"]
    assert news.lines() == []
    sim.advance(90)
    sim.faults.remove("bms_loss")
    assert news.lines() == ["10:01:30 important Fault0201: Recovered"]
    sim.faults.add("unknown_alarm", 3)
    assert news.lines() == ["10:01:30 prompt fault4_bits bit 3: Occurring"]


async def test_dump_is_served_as_recorded(chint: ChintFactory, tmp_path: Path) -> None:
    """Its words, its gaps as not implemented, other addresses refused; a write holds."""
    file = tmp_path / "dump.json"
    words = {"8192": 77, "8193": 21, "8448": 0, "12345": 7}
    file.write_text(json.dumps({"data": {"raw_registers": {"3": words}}}), encoding="utf-8")
    sim = await chint(ChintConfig(profile="sce", speed=0, start=NOON, recorded=load(file)))
    async with connected(sim.host, sim.port) as raw:
        assert await raw.read(3, 0x2000, 3, 3) == "004D0015FFFF"
        assert await raw.read(3, 12345, 1, 3) == "0007"
        assert await raw.read(3, 12346, 1, 3) == "exception 02"
        assert await raw.write(3, 0x2100, 3) == "ok"
        assert await raw.read(3, 0x2100, 1, 3) == "0003"
        assert await raw.quiet("01 03 20 00 00 01", 0.05)
    assert sim.get("batt_soc") == 77
