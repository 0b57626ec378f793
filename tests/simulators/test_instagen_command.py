"""The command line of the simulated Instagen stick, and dumps that it serves."""

import asyncio
from datetime import UTC, datetime
import json
from pathlib import Path

import pytest

from tests.conftest import InstagenFactory
from tests.simulators.__main__ import parser
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_client import connected
from tests.simulators.instagen_command import config_of, load, run
from tests.simulators.test_instagen import STILL

NOON = datetime(2026, 6, 21, 10, 0, tzinfo=UTC)


def config(*arguments: str) -> InstagenConfig:
    """Parse a command line."""
    return config_of(parser().parse_args(["instagen", "--port", "0", *arguments]))


def test_command_line_describes_the_system() -> None:
    """Every option reaches the system."""
    system = config(
        *("--inverters", "2", "--three-phase", "--pages", "2", "--refresh", "30", "--mode", "3"),
        *("--refuses-mode", "7", "--refuses-mode", "8", "--encrypted", "all", "--second-client", "stalled"),
        *("--cloud-gap", "120", "--seed", "7", "--speed", "60", "--start", "2026-06-21T10:00:00+00:00"),
        *("--latitude", "-33.9", "--longitude", "18.4", "--time-zone", "Africa/Johannesburg"),
    )
    assert (system.inverters, system.plant.three_phase, system.pages, system.refresh_s) == (2, True, 2, 30)
    assert (system.mode, system.refused_modes) == (3, frozenset({7, 8}))
    assert (system.encrypted, system.storage_when_encrypted) == (True, False)
    assert (system.second_client, system.cloud_gap_s) == ("stalled", 120)
    assert (system.plant.seed, system.speed, system.start) == (7, 60, NOON)
    home = system.plant
    assert (home.latitude, home.longitude, home.time_zone) == (-33.9, 18.4, "Africa/Johannesburg")


def test_usual_system_is_small() -> None:
    """Without options: one single-phase inverter, in the clear."""
    system = config()
    assert (system.model, system.encrypted, system.recorded) == ("HYS-4.6LV-EUG1", False, {})


def test_help_lists_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be simulated is found without reading code."""
    with pytest.raises(SystemExit):
        parser().parse_args(["instagen", "--help"])
    assert "garbage_before" in capsys.readouterr().out


async def test_run_says_what_happens(
    socket_enabled: None,  # noqa: ARG001  lets sockets through
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line when it listens, one for each write, one when polling was too much."""
    options = parser().parse_args(["instagen", "--port", "0", "--log-writes", "--fault", "fragmented=30"])
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

    host, _, port = (await line_with("HYS-4.6LV-EUG1")).split()[-1].partition(":")
    there = InstagenSimulator(STILL)
    there.host = host
    async with connected(there, int(port)) as client:
        assert await client.set(mode=3, reserve_soc=80) == 0
        await client.data()
        await client.data()
    assert "'mode': 3, 'reserve_soc': 80" in await line_with("'mode'")
    assert "too_often" in await line_with("cloud upload blocked")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("wrapped", [False, True])
async def test_dump_is_served_as_it_was(instagen: InstagenFactory, tmp_path: Path, wrapped: bool) -> None:
    """Diagnostics load straight back."""
    origin = await instagen(STILL)
    dump: dict[str, str] = {}
    async with connected(origin) as client:
        for name, command in (("gateway", 0xDB01), ("registry", 0xC302)):
            dump[name] = (await client.exchange(client.frame(command))).payload.hex()
        asked = client.frame(0xC303, {"inverter_serial": origin.config.serials[0]})
        dump["data 1"] = (await client.exchange(asked)).payload.hex()
        expected = await client.data()
    file = tmp_path / "dump.json"
    file.write_text(json.dumps({"data": {"raw_registers": dump}} if wrapped else dump), encoding="utf-8")
    copy = await instagen(InstagenConfig(speed=0, recorded=load(file)))
    async with connected(copy) as client:
        assert await client.data() == expected


def test_other_json_is_refused(tmp_path: Path) -> None:
    """A file that holds no messages is named as such."""
    file = tmp_path / "other.json"
    file.write_text('{"home_assistant": {}}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.json holds no messages"):
        load(file)
