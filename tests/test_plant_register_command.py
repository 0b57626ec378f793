"""`script/plant` for single registers: ranges, search, scans, candidates, and the few writes."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any

import pytest

from script import plant
from script.plant_options import parser
from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenConfig, SigenSimulator
from tests.terminal import Terminal

PLANT = SigenConfig(speed=0, version="V2.9", ac_chargers=(3,), dc_charger=1, enter_s=0.0)


@pytest.fixture
async def sim(sigen: SigenFactory) -> SigenSimulator:
    """Start a plant with a charger of each kind."""
    return await sigen(PLANT)


@pytest.fixture
def shell(sim: SigenSimulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Sit before it."""
    return Terminal(sim, tmp_path / "plant.json", capsys, ("--ac-charger", "3"))


class Screen:
    """Where somebody types the verbs that remember nothing."""

    def __init__(self, sim: SigenSimulator, read: Callable[[], tuple[str, str]]) -> None:
        """Sit before a plant."""
        self._to = ["sigen", "--host", sim.host, "--port", str(sim.port), "--spacing", "0"]
        self._read = read
        self.out = self.err = ""

    async def call(self, *command: str) -> int:
        """Run a command, inside this test's loop; give its exit status."""
        options = parser().parse_args([*self._to, "--ac-charger", "3", *command])
        try:
            return await plant.run(options)
        finally:
            self.out, self.err = self._read()

    @property
    def lines(self) -> list[str]:
        """Give what was printed, line by line."""
        return self.out.splitlines()


@pytest.fixture
def screen(sim: SigenSimulator, capsys: pytest.CaptureFixture[str]) -> Screen:
    """Sit before the plant."""
    return Screen(sim, capsys.readouterr)


async def test_a_range_is_read(screen: Screen, sim: SigenSimulator) -> None:
    """With address in both ways, as a number in its unit."""
    assert await screen.call("read-range", "0x753E", "1", "--scale", "0.1") == 0
    assert screen.lines == [f"30014 0x753e  {sim.get('ess_soc')}"]
    assert not sim.writes


async def test_a_range_is_read_as_any_type(screen: Screen, sim: SigenSimulator) -> None:
    """Of any device, in any space and order."""
    assert await screen.call("read-range", "30515", "10", "--device", "inverter_1", "--type", "string") == 0
    assert screen.lines == [f"30515 0x7733  {sim.get('serial_number', 1)}"]
    watts = 1000 * float(sim.get("max_active_power"))
    await screen.call("read-range", "30010", "2", "--type", "u32", "--order", "little")
    assert screen.lines == [f"30010 0x753a  {int(watts) << 16}"]
    await screen.call("read-range", "40029", "1", "--space", "holding")
    assert sim.requests[-1].function == 3


async def test_what_the_device_does_not_know_is_told(screen: Screen) -> None:
    """On stderr; what was read is there."""
    assert await screen.call("read-range", "30286", "3") == 0
    assert len(screen.lines) == 1
    assert screen.err == "unknown to the device: 30287..30288\n"


async def test_an_unknown_range_fails(screen: Screen) -> None:
    """Nothing was read."""
    assert await screen.call("read-range", "10000", "4") == 1
    assert screen.lines == []


async def test_a_reading_is_bounded(screen: Screen) -> None:
    """It says where it stopped."""
    assert await screen.call("read-range", "30000", "288", "--requests", "1") == 1
    assert "out_of_requests: not read from 30088 on" in screen.err


async def test_silence_is_told(screen: Screen, sim: SigenSimulator) -> None:
    """A charger that answers at first and then no more."""
    sim.faults.add("silence", 600, unit=3)
    assert await screen.call("read-range", "32000", "15", "--device", "ac_charger_3") == 1
    assert "silent: not read from 32000 on" in screen.err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("read-range", "30000", "1", "--device", "pump"), "pump: no such device; known: plant, inverter_1"),
        (("read-range", "65535", "2"), "There are no registers from 65536 on."),
        (("scan", "65535", "2", "--save", "x.json"), "There are no registers from 65536 on."),
    ],
)
async def test_impossible_ranges_are_refused(
    screen: Screen, sim: SigenSimulator, command: tuple[str, ...], told: str
) -> None:
    """In one sentence."""
    assert await screen.call(*command) == 1
    assert screen.err.startswith(told)
    assert not [request for request in sim.requests if request.address >= 65535]


@pytest.mark.parametrize(
    "command",
    [
        ("read-range", "-1", "1"),
        ("read-range", "0x10000", "1"),
        ("read-range", "soc", "1"),
        ("read-range", "1", "0"),
        ("read-range", "1", "1", "--type", "u17"),
        ("read-range", "1", "1", "--space", "coils"),
        ("scan", "1", "1"),
        ("candidates", "pass.json"),
        ("candidates", "=5"),
        ("candidates", "pass.json=much"),
        ("candidates", "pass.json=nan"),
        ("candidates", "pass.json=5", "--tolerance", "nan"),
        ("candidates", "pass.json=5", "--tolerance", "-1"),
        ("read-range", "1", "1", "--scale", "inf"),
        ("read-range", "1", "1", "--scale", "0"),
    ],
)
def test_nonsense_is_refused(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is asked."""
    with pytest.raises(SystemExit):
        parser().parse_args(["sigen", "--host", "plant.example", *command])
    assert "usage" in capsys.readouterr().err


async def test_registers_are_searched(screen: Screen, sim: SigenSimulator) -> None:
    """With what they say and whether they can be written."""
    assert await screen.call("search", "backup", "soc", "--group", "ems") == 0
    value = float(sim.get("ess_backup_soc"))
    assert screen.lines == [f"plant 40046 holding u16  ess_backup_soc  {value} %  [owned]"]
    await screen.call("search", "current limit")
    assert screen.lines[0].endswith("[writable, 6 to 16]")
    await screen.call("search", "--groups")
    assert "grid code" in screen.lines
    assert await screen.call("search", "flux capacitor") == 1


async def test_passes_are_kept_and_compared(screen: Screen, sim: SigenSimulator, tmp_path: Path) -> None:
    """What has changed is printed with its name."""
    night, sun = tmp_path / "night.json", tmp_path / "sun.json"
    assert await screen.call("scan", "30000", "88", "--save", str(night)) == 0
    assert screen.lines == ["night: complete, 88 of 88 registers read"]
    old = round(10 * float(sim.get("ess_soc")))
    sim.plant.soc_pct = 77.0
    sim.advance(1)
    assert await screen.call("scan", "30000", "88", "--save", str(sun), "--compare", str(night)) == 0
    assert f"30014 0x753e  {old:5} ->   770  ess_soc" in screen.lines
    assert not [line for line in screen.lines if line.startswith("30010 ")]
    assert not sim.writes


async def test_a_scan_that_was_cut_short_goes_on(screen: Screen, tmp_path: Path) -> None:
    """With the same range and file."""
    kept = tmp_path / "sun.json"
    again = ("scan", "30000", "288", "--save", str(kept), "--requests", "2")
    assert await screen.call(*again) == 1
    assert "goes on at" in screen.out
    half = json.loads(kept.read_text())
    assert half["next_address"] is not None
    assert await screen.call(*again[:-1], "100") == 0
    whole = json.loads(kept.read_text())
    assert (whole["next_address"], whole["started"]) == (None, half["started"])
    assert whole["requests"] > half["requests"]


@pytest.mark.parametrize("text", ["", "[]", '{"label": 5}', "no json"])
async def test_another_file_is_left_alone(
    screen: Screen, sim: SigenSimulator, tmp_path: Path, text: str
) -> None:
    """It holds no pass, and stays as it is."""
    other = tmp_path / "diary.txt"
    other.write_text(text)
    assert await screen.call("scan", "30014", "1", "--save", str(other)) == 1
    assert "holds no pass" in screen.err
    assert other.read_text() == text
    assert (1, 30014, 1) not in [(each.function, each.address, each.count) for each in sim.requests]


async def test_a_pass_of_another_device_is_not_compared(screen: Screen, tmp_path: Path) -> None:
    """Their registers have nothing to do with each other."""
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    await screen.call("scan", "30000", "10", "--save", str(one))
    wanted = ("scan", "30500", "40", "--device", "inverter_1", "--save", str(other), "--compare", str(one))
    assert await screen.call(*wanted) == 1
    assert "different devices" in screen.err
    assert screen.lines == []


async def test_a_displayed_value_is_found(
    screen: Screen, sim: SigenSimulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a plant, from what was kept; also as a row for a register map."""
    seen: list[str] = []
    for soc_pct in (53.1, 77.8):
        sim.plant.soc_pct = soc_pct
        sim.advance(0.001)
        kept = tmp_path / f"at_{soc_pct:.0f}.json"
        await screen.call("scan", "30000", "88", "--save", str(kept))
        seen.append(f"{kept}={soc_pct}")
    assert plant.main(["sigen", "candidates", *seen, "--unit", "%"]) == 0
    best = capsys.readouterr().out.splitlines()[0]
    assert best == "100  30014 0x753e  u16 big x 0.1  = 53.1, 77.8"
    assert plant.main(["sigen", "candidates", *seen, "--unit", "%", "--name", "soc", "--rows"]) == 0
    row: dict[str, Any] = json.loads(capsys.readouterr().out)[0]
    assert (row["name"], row["address"], row["evidence"]) == ("soc", "0x753E", "owner")


async def test_few_of_many_candidates_are_printed(
    screen: Screen, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the rest is counted."""
    kept = tmp_path / "sun.json"
    await screen.call("scan", "30000", "88", "--save", str(kept))
    assert plant.main(["sigen", "candidates", f"{kept}=0", "--most", "3"]) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3
    assert told.err.endswith("more\n")


async def test_no_candidate_is_a_failure(
    screen: Screen, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The value is not there, or there is no pass, or the passes are of two devices."""
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    await screen.call("scan", "30000", "4", "--save", str(one))
    await screen.call("scan", "30500", "40", "--device", "inverter_1", "--save", str(other))
    assert plant.main(["sigen", "candidates", f"{one}=123456.789"]) == 1
    assert plant.main(["sigen", "candidates", f"{tmp_path / 'none'}=5"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert plant.main(["sigen", "candidates", f"{one}=5", f"{other}=5"]) == 1
    assert "different devices" in capsys.readouterr().err


async def test_a_register_is_written_and_read_back(shell: Terminal) -> None:
    """Only with --yes; without, it is told what would be written."""
    assert await shell.call("write-register", "ac_charger_3", "output_current_limit", "10.5") == 1
    assert shell.lines == [
        "ac_charger_3 42001 output_current_limit = 10.5 A  (0x10 0000 041a; charger_limit)"
    ]
    assert "Say --yes" in shell.err
    assert shell.written == []
    assert await shell.call("write-register", "ac_charger_3", "output_current_limit", "10.5", "--yes") == 0
    assert shell.lines == ["ac_charger_3 42001 output_current_limit = 10.5 A: read back"]
    assert shell.written == ["output_current_limit"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("plant", "remote_ems_enable", "on"), "refused: It is locked: limits, modes and remote control"),
        (("plant", "plant_start_stop", "stop"), "refused: It is locked: it switches a whole device off"),
        (("plant", "ess_soc", "50"), "refused: This register cannot be written."),
        (
            ("ac_charger_3", "output_current_limit", "5"),
            "output_current_limit: 5 is not allowed; allowed: 6 … ",
        ),
        (("pump", "speed", "1"), "device: pump is unknown; known: plant, "),
        (("ac_charger_3", "speed", "1"), "name: speed is unknown; known: output_current_limit"),
    ],
)
async def test_locked_and_impossible_writes_are_refused(
    shell: Terminal, row: tuple[str, ...], told: str
) -> None:
    """With a sentence; nothing is written."""
    assert await shell.call("write-register", *row, "--yes") == 1
    assert shell.err.startswith(told)
    assert shell.written == []


async def test_registers_of_control_are_locked_while_a_command_is_held(shell: Terminal) -> None:
    """Release comes first."""
    hold = '{"command": "charge", "power_w": 3000, "grid_allowed": true, "target_soc_pct": 80}'
    assert await shell.call("apply", "--yes", hold) == 0
    written = len(shell.written)
    assert await shell.call("write-register", "ac_charger_3", "output_current_limit", "10", "--yes") == 1
    assert shell.err.startswith("refused: The plant holds a command")
    assert len(shell.written) == written
