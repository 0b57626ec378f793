"""`script/plant` commands a plant, and hands it back from another process."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SigenFactory
from tests.simulators.plant import PlantConfig
from tests.terminal import CHARGE, CUTOFF, DISCHARGE, MODE, PLANT, REMOTE, Terminal

YES = ("apply", "--yes")


@pytest.fixture
async def shell(sigen: SigenFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Sit before a plant whose owner ends charging at 95 %."""
    sim = await sigen(PLANT)
    sim.change(CUTOFF, 95.0)
    return Terminal(sim, tmp_path / "states" / "plant.json", capsys)


async def test_a_release_gives_back_what_another_process_found(shell: Terminal) -> None:
    """Each write is told with its result, then what the plant holds and what becomes of it alone."""
    assert await shell.call(*YES, CHARGE) == 0
    assert shell.lines[:-1] == [
        "plant 40029 remote_ems_enable = on: read back",
        "plant 40032 ess_max_charge_limit = 3000 W: read back",
        "plant 40047 ess_charge_cutoff_soc = 80 %: read back",
        "plant 40031 remote_ems_control_mode = charge_pv_first: read back",
        "the plant is under our control: charge, power_w 3000, target_soc_pct 80",
    ]
    assert shell.lines[-1].startswith("left alone, costly: it ends by itself at a battery level; money may")
    assert await shell.call(*YES, DISCHARGE) == 0
    assert await shell.call("release") == 0
    assert shell.lines[-1] == "the plant is running its own program: nothing is held"
    assert shell.err == ""
    sim = shell.sim
    assert (sim.get(CUTOFF), sim.get("ess_discharge_cutoff_soc"), sim.get(REMOTE)) == (95.0, 5.0, 0)


async def test_what_is_held_already_is_not_written_again(shell: Terminal) -> None:
    """The next process knows that it is there."""
    assert await shell.call(*YES, CHARGE) == 0
    shell.sim.writes.clear()
    assert await shell.call(*YES, CHARGE) == 0
    assert shell.lines[:2] == [
        "nothing to write",
        "the plant is under our control: charge, power_w 3000, target_soc_pct 80",
    ]
    assert shell.written == []


async def test_what_is_not_known_to_be_safe_alone_needs_a_yes(shell: Terminal) -> None:
    """The program ends, so the plant is left alone; without consent nothing is written or remembered."""
    assert await shell.call("apply", CHARGE) == 1
    assert shell.out == ""
    assert shell.err.startswith("charge is left alone once this program has ended: costly: it ends by")
    assert "nobody knows whether an outage is still served. Say --yes" in shell.err
    assert (shell.written, shell.remembered) == ([], None)


async def test_a_ceiling_on_discharging_needs_a_yes_too(shell: Terminal) -> None:
    """In an outage it would bind as well; self-consumption without one needs none."""
    assert await shell.call("apply", '{"command": "self_consume", "max_discharge_w": 1000}') == 1
    assert await shell.call("apply", '{"command": "self_consume"}') == 0
    assert (shell.written, shell.remembered) == ([], None)


async def test_a_limit_that_nobody_holds_makes_a_command_unsafe(sigen: SigenFactory, shell: Terminal) -> None:
    """A plant without grid sensor cannot keep the export limit that the owner named."""
    shell.sim = await sigen(replace(PLANT, plant=replace(PLANT.plant, grid_sensor=False)))
    assert await shell.call("apply", "--limits", '{"export": 3000}', DISCHARGE) == 1
    assert "unsafe: it ends by itself at a battery level; a limit of the installation" in shell.err


async def test_a_firmware_that_wants_another_order_gets_it(shell: Terminal) -> None:
    """What the first try taught is used at once, and kept for the next process."""
    shell.sim.change(MODE, 4)
    shell.sim.faults.add("mode_only_in_remote")
    assert await shell.call(*YES, CHARGE) == 0
    assert await shell.call("release") == 0
    shell.sim.change(MODE, 4)
    shell.sim.writes.clear()
    assert await shell.call(*YES, CHARGE) == 0
    assert shell.written[:2] == [REMOTE, MODE]


async def test_an_operator_who_controls_the_plant_keeps_it(shell: Terminal) -> None:
    """Nobody takes over from a power plant operator, not even on demand."""
    shell.sim.faults.add("vpp")
    for call in ((*YES, "--take-over", CHARGE), ("release", "--take-over")):
        assert await shell.call(*call) == 1
        assert shell.err.startswith("refused: A power plant operator runs the plant")
    assert shell.written == []


async def test_somebody_else_is_asked_for(shell: Terminal) -> None:
    """Remote control that no file knows of is taken over on demand alone."""
    shell.sim.change(REMOTE, 1)
    shell.sim.change(MODE, 5)
    for call in ((*YES, CHARGE), ("release",)):
        assert await shell.call(*call) == 1
        assert shell.err.startswith("refused: Somebody else controls the plant")
    assert (shell.written, shell.remembered) == ([], None)
    assert await shell.call(*YES, "--take-over", CHARGE) == 1
    assert shell.err.startswith("refused: Nobody knows what the plant held before")
    assert await shell.call(*YES, "--take-over", "--limits", '{"charge_cutoff": 95}', CHARGE) == 0
    assert await shell.call("release") == 0
    assert (shell.sim.get(REMOTE), shell.sim.get(MODE)) == (0, 2)


async def test_somebody_who_changed_a_limit_is_noticed(shell: Terminal) -> None:
    """The plant is not ours any more, and is handed back on demand."""
    assert await shell.call(*YES, CHARGE) == 0
    shell.sim.faults.add("app_changes_limit")
    assert await shell.call("release") == 1
    assert shell.sim.get(REMOTE) == 1
    assert await shell.call("release", "--take-over") == 0
    assert shell.sim.get(REMOTE) == 0


async def test_nothing_held_is_nothing_to_release(shell: Terminal) -> None:
    """It is said, and leaves no trace."""
    assert await shell.call("release") == 0
    assert shell.lines == ["nothing to write", "the plant is running its own program: nothing is held"]
    assert (shell.written, shell.remembered) == ([], None)


async def test_a_short_release_leaves_the_rest_for_later(shell: Terminal) -> None:
    """Its status says that something is left, and what."""
    assert await shell.call(*YES, CHARGE) == 0
    assert await shell.call("release", "--short") == 1
    assert shell.err == f"not given back yet: {CUTOFF}. Release again later.\n"
    assert (shell.sim.get(REMOTE), shell.sim.get(CUTOFF)) == (0, 80.0)
    assert await shell.call("release") == 0
    assert shell.sim.get(CUTOFF) == 95.0


async def test_a_reserve_above_the_soc_waits(sigen: SigenFactory, shell: Terminal) -> None:
    """It would charge the battery from the grid; a later release gives it back."""
    sim = shell.sim = await sigen(replace(PLANT, plant=PlantConfig(soc_pct=40.0)))
    sim.change("ess_backup_soc", 50.0)
    sim.set("smart_load_01_power", 0.5)  # there is a gateway, so holding is safe in an outage
    assert await shell.call("apply", '{"command": "hold"}') == 0
    assert await shell.call("release") == 1
    assert "not given back yet: ess_backup_soc" in shell.err
    sim.set("ess_soc", 52.0)
    assert await shell.call("release") == 0
    assert sim.get("ess_backup_soc") == 50.0


async def test_a_named_limit_stays_when_the_release_names_it_too(shell: Terminal) -> None:
    """It belongs to the installation; else the plant gets back the one that it had."""
    limits = ("--limits", '{"export": 3000}')
    assert await shell.call(*YES, *limits, CHARGE) == 0
    assert shell.sim.get("grid_export_limit") == 3.0
    assert await shell.call("release") == 0
    assert shell.sim.get("grid_export_limit") == 10.0
    assert await shell.call(*YES, *limits, CHARGE) == 0
    assert await shell.call("release", *limits) == 0
    assert shell.sim.get("grid_export_limit") == 3.0


async def test_a_plan_writes_nothing_and_says_what_apply_needs(shell: Terminal) -> None:
    """The plan of a release is made from what the file remembers."""
    assert await shell.call("plan", CHARGE) == 0
    assert shell.err.startswith("apply would refuse it: charge is left alone")
    assert (shell.written, shell.remembered) == ([], None)
    assert await shell.call(*YES, CHARGE) == 0
    shell.sim.writes.clear()
    assert await shell.call("plan", '{"command": "release"}') == 0
    assert shell.lines == [
        "plant 40031 remote_ems_control_mode = self_consumption  (0x06 0002; leave)",
        "plant 40032 ess_max_charge_limit = 8000 W  (0x10 0000 1f40; leave)",
        "plant 40047 ess_charge_cutoff_soc = 95 %  (0x06 03b6; leave)",
        "plant 40029 remote_ems_enable = off  (0x06 0000; leave)",
    ]
    assert shell.written == []
