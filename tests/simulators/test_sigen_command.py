"""The command line of the simulated devices, and dumps that it serves."""

import asyncio
from datetime import UTC, datetime
import json
from pathlib import Path
import signal
import sys

import pytest

from tests.conftest import SigenFactory
from tests.simulators.__main__ import parser
from tests.simulators.dump import load
from tests.simulators.raw_client import connected
from tests.simulators.sigen import SigenConfig
from tests.simulators.sigen_command import config_of, run
from tests.simulators.sigen_map import ROWS

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def config(*arguments: str) -> SigenConfig:
    """Parse a command line."""
    return config_of(parser().parse_args(["sigen", "--port", "0", *arguments]))


def test_command_line_describes_the_plant() -> None:
    """Every option reaches the plant."""
    plant = config(
        *("--firmware", "SPC112", "--version", "V2.6", "--inverters", "1,2", "--ac-charger", "3"),
        *(
            "--dc-charger",
            "--seed",
            "7",
            "--speed",
            "60",
            "--start",
            "2026-06-21T10:00:00+00:00",
            "--local-time",
        ),
    )
    assert (plant.firmware, plant.version) == ("SPC112", "V2.6")
    assert (plant.inverters, plant.ac_chargers, plant.dc_charger) == ((1, 2), (3,), 1)
    assert (plant.plant.seed, plant.speed, plant.start) == (7, 60.0, NOON)
    assert plant.local_time_base


def test_plant_stands_where_the_command_line_says() -> None:
    """The sun shines on it there, and its days begin at midnight there."""
    home = config("--latitude", "-33.9", "--longitude", "18.4", "--time-zone", "Africa/Johannesburg").plant
    assert (home.latitude, home.longitude, home.time_zone) == (-33.9, 18.4, "Africa/Johannesburg")


def test_help_lists_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be simulated is found without reading code."""
    with pytest.raises(SystemExit):
        parser().parse_args(["sigen", "--help"])
    assert "frozen_clock" in capsys.readouterr().out


async def test_program_says_when_it_listens_and_stops_on_sigterm(socket_enabled: None) -> None:  # noqa: ARG001  lets sockets through
    """One line on stdout, then answers; SIGTERM ends it with code 0."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", "sigen", "--port", "0", "--fault", "exception=6"),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        host, _, port = line.split()[-1].partition(":")
        async with connected(host, int(port)) as client:
            assert await client.read(247, 30051) == "exception 06"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()


async def test_writes_are_printed_when_asked_for(
    socket_enabled: None,  # noqa: ARG001  lets sockets through
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line for each register that a client changes, by its name."""
    options = parser().parse_args(["sigen", "--port", "0", "--log-writes"])
    running = asyncio.create_task(run(options))
    printed = ""

    async def line_with(text: str) -> str:
        nonlocal printed
        for _ in range(500):
            printed += capsys.readouterr().out
            if found := next((line for line in printed.splitlines() if text in line), None):
                return found
            await asyncio.sleep(0.01)
        return pytest.fail(f"{text} is not in {printed!r}")

    host, _, port = (await line_with("127.0.0.1:")).split()[-1].partition(":")
    async with connected(host, int(port)) as client:
        assert await client.write(247, 40047, 800) == "ok"
    assert (await line_with("unit")).endswith(" unit 247 ess_charge_cutoff_soc = 80.0")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("wrap", [lambda dump: dump, lambda dump: {"data": {"raw_registers": dump}}])
async def test_dump_is_served_as_it_was(
    sigen: SigenFactory, tmp_path: Path, wrap: type[dict[str, object]]
) -> None:
    """Diagnostics load straight back: same words, same gaps, hidden words as XX, a clock that goes on."""
    origin = await sigen(SigenConfig(speed=0, start=NOON, firmware="SPC112"))
    dump: dict[str, dict[str, int | str]] = {"247": {}, "1": {}}
    async with connected(origin.host, origin.port) as client:
        for unit in (247, 1):
            for row in ROWS:
                if row.columns["unit_id"].startswith(("247", "inverter")):
                    answer = await client.read(unit, row.address, row.count)
                    if not answer.startswith("exception"):
                        for index in range(row.count):
                            word = int(answer[4 * index : 4 * index + 4], 16)
                            dump[str(unit)][str(row.address + index)] = word
        for address in range(30515, 30525):
            dump["1"][str(address)] = "**REDACTED**"
        file = tmp_path / "dump.json"
        file.write_text(json.dumps(wrap(dump)), encoding="utf-8")
        copy = await sigen(SigenConfig(speed=0, recorded=load(file)))
        async with connected(copy.host, copy.port) as other:
            for unit, address, count in ((247, 30000, 88), (247, 40029, 20), (1, 31000, 42), (1, 30566, 56)):
                assert await other.read(unit, address, count) == await client.read(unit, address, count)
            assert await other.read(1, 30566, 58) == "exception 02"
            assert await other.read(247, 40049, 2) == "exception 02"
            assert await other.quiet("02 04 77 72 00 01")
    assert copy.get("serial_number") == "X" * 20
    copy.advance(60)
    assert copy.get("system_time") == NOON.timestamp() + 60


async def test_blanked_serial_number_is_replaced(sigen: SigenFactory) -> None:
    """A plant made from a dump has a serial number to be known by, though the dump hides it."""
    words = dict.fromkeys(range(30515, 30525), 0)
    sim = await sigen(SigenConfig(speed=0, recorded={1: words, 2: words}))
    assert [sim.get("serial_number", unit=unit) for unit in (1, 2)] == ["DUMP001", "DUMP002"]


def test_other_json_is_refused(tmp_path: Path) -> None:
    """A file that holds no registers is named as such."""
    file = tmp_path / "other.json"
    file.write_text('{"home_assistant": {}}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.json holds no registers"):
        load(file)
