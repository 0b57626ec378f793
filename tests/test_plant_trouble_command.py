"""`script/plant` while something goes wrong: nothing is done by halves without being told and remembered."""

import asyncio
from dataclasses import replace
import json
from pathlib import Path

import pytest

from script.plant_state import StateFile
from tests.conftest import SigenFactory
from tests.terminal import CHARGE, CUTOFF, MODE, PLANT, REMOTE, Terminal

YES = ("apply", "--yes")
SLOW = replace(PLANT, enter_s=60.0)
"""Remote control comes into force so late that somebody loses patience."""


@pytest.fixture
async def shell(sigen: SigenFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Sit before a plant whose owner ends charging at 95 %."""
    sim = await sigen(PLANT)
    sim.change(CUTOFF, 95.0)
    return Terminal(sim, tmp_path / "states" / "plant.json", capsys)


async def test_the_state_is_on_the_disk_before_the_first_write(sigen: SigenFactory, shell: Terminal) -> None:
    """With what was found and what is wanted; whoever is killed now has lost nothing."""
    shell.sim = await sigen(SLOW)
    applying = asyncio.create_task(shell.call(*YES, CHARGE))
    await shell.after_writes(1)
    kept = json.loads(shell.remembered or "")["state"]["control"]
    assert kept["pending"] == {"kind": "charge", "power_w": 3000, "target_soc_pct": 80}
    assert kept["snapshot"]["limits"][CUTOFF] == 100.0
    assert kept["own"][REMOTE] == ["off", "on"]
    applying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await applying


async def test_an_interruption_lets_the_running_write_end(sigen: SigenFactory, shell: Terminal) -> None:
    """What was written is told, and another process hands it back."""
    shell.sim = await sigen(SLOW)
    applying = asyncio.create_task(shell.call(*YES, CHARGE))
    await shell.after_writes(1)
    applying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await applying
    assert shell.lines[:2] == [
        "plant 40029 remote_ems_enable = on: taken",
        "plant 40032 ess_max_charge_limit = 3000 W: not sent",
    ]
    assert "release hands it back" in shell.err
    assert shell.written == [REMOTE]
    assert await shell.call("release") == 0
    assert shell.sim.get(REMOTE) == 0


@pytest.mark.parametrize("fault", ["modbus_off", "exception"])
async def test_a_sequence_that_was_cut_off_can_be_released(shell: Terminal, fault: str) -> None:
    """The plant is out of reach after the third write; the next process knows what it left behind."""
    applying = asyncio.create_task(shell.call(*YES, CHARGE))
    await shell.after_writes(3)
    shell.sim.faults.add(fault)
    assert await applying == 1
    assert shell.err.startswith("interrupted: The plant stopped answering")
    assert await shell.call("release") == 1
    shell.sim.faults.clear()
    assert [shell.sim.get(name) for name in (REMOTE, CUTOFF, MODE)] == [1, 80.0, 2]
    assert await shell.call("release") == 0
    assert [shell.sim.get(name) for name in (REMOTE, CUTOFF)] == [0, 95.0]


async def test_a_refusal_of_the_plant_is_told(shell: Terminal) -> None:
    """What comes after it is not sent; once the plant agrees, the same command succeeds."""
    shell.sim.faults.add("refused_writes", 2)
    assert await shell.call(*YES, CHARGE) == 1
    assert shell.lines[:2] == [
        "plant 40029 remote_ems_enable = on: refused",
        "plant 40032 ess_max_charge_limit = 3000 W: not sent",
    ]
    assert shell.err == "refused: The plant refused it. (refused_by_device)\n"
    shell.sim.faults.clear()
    assert await shell.call(*YES, CHARGE) == 0


async def test_a_write_that_is_not_held_fails(shell: Terminal) -> None:
    """Answered and not executed is not done: the status says so, and a release still hands back."""
    shell.sim.faults.add("ignored_writes", 40047)
    assert await shell.call(*YES, CHARGE) == 1
    assert "plant 40047 ess_charge_cutoff_soc = 80 %: taken, and not held" in shell.lines
    assert "not read back in full" in shell.out
    assert shell.err.startswith("unconfirmed: The plant answered and did not keep what was written.")
    assert shell.sim.get(MODE) == 2
    assert await shell.call("release") == 0


async def test_a_release_that_is_not_held_fails(shell: Terminal) -> None:
    """The plant is not handed back before it says so itself."""
    assert await shell.call(*YES, CHARGE) == 0
    shell.sim.faults.add("ignored_writes", 40029)
    assert await shell.call("release") == 1
    assert shell.sim.get(REMOTE) == 1
    shell.sim.faults.clear()
    assert await shell.call("release") == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"plant": "', "cannot be read, and is left as it is"),
        ("[]", "holds no state of a plant"),
        ('{"plant": "X", "state": {"control": null}}', "holds no state of a plant"),
        ('{"plant": "X", "state": {"control": {}}}', "belongs to another plant: X, not "),
    ],
)
async def test_a_file_that_makes_no_sense_is_left_alone(shell: Terminal, text: str, told: str) -> None:
    """What it remembered may be all that is known of the plant: nothing is written, there or here."""
    shell.remember(text)
    for call in ((*YES, CHARGE), ("release",), ("plan", CHARGE)):
        assert await shell.call(*call) == 1
        assert shell.err.startswith(f"{shell.file} {told}")
        assert shell.err.count("\n") == 1
    assert (shell.remembered, shell.written) == (text, [])


async def test_a_state_that_cannot_be_saved_stops_before_the_first_write(shell: Terminal) -> None:
    """Nobody could hand back what nobody remembers."""
    shell.file.with_name(f"{shell.file.name}.new").mkdir(parents=True)
    assert await shell.call(*YES, CHARGE) == 1
    assert shell.err.startswith(f"{shell.file} cannot be written: ")
    assert shell.written == []


async def test_two_processes_never_command_at_once(shell: Terminal) -> None:
    """The second one is sent away; their writes would mix."""
    with StateFile(shell.file, "anybody").locked():
        assert await shell.call("release") == 1
    assert "another script/plant is at work" in shell.err
    assert await shell.call("release") == 0
    assert shell.written == []
