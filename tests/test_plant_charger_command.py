"""`script/plant … charger`: chargers on the command line."""

from pathlib import Path

import pytest

from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenConfig
from tests.terminal import Terminal

PLANT = SigenConfig(speed=0, version="V2.9", ac_chargers=(3,), dc_charger=1)


@pytest.fixture
async def shell(sigen: SigenFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Sit before a plant with a charger of each kind."""
    return Terminal(await sigen(PLANT), tmp_path / "plant.json", capsys, ("--ac-charger", "3"))


@pytest.mark.parametrize(
    ("device", "request_", "told"),
    [
        (
            "ac_charger_3",
            ("start",),
            "ac_charger_3 42000 charging_start_stop = start: taken; it cannot be read back",
        ),
        (
            "dc_charger_1",
            ("stop",),
            "dc_charger_1 41000 charging_start_stop = stop: taken; it cannot be read back",
        ),
        (
            "ac_charger_3",
            ("current", "10.5"),
            "ac_charger_3 42001 output_current_limit = 10.5 A: read back",
        ),
        (
            "dc_charger_1",
            ("power", "5000"),
            "dc_charger_1 41002 max_charge_power_limit = 5000 W: read back",
        ),
    ],
)
async def test_what_is_asked_of_a_charger_is_told(
    shell: Terminal, device: str, request_: tuple[str, ...], told: str
) -> None:
    """With address, value and result; the plant itself is not touched."""
    assert await shell.call("charger", device, *request_) == 0
    assert (shell.lines, shell.err) == ([told], "")
    assert len(shell.written) == 1


async def test_a_charger_that_refuses_fails(shell: Terminal) -> None:
    """The car does not charge, and the status says so."""
    shell.sim.faults.add("charger_refuses")
    assert await shell.call("charger", "ac_charger_3", "start") == 1
    assert shell.lines == ["ac_charger_3 42000 charging_start_stop = start: refused"]
    assert shell.err == "refused: The plant refused it. (refused_by_device)\n"


async def test_a_limit_that_is_not_held_fails(shell: Terminal) -> None:
    """The charger answers, and goes on as before."""
    shell.sim.faults.add("ignored_writes", 42001)
    assert await shell.call("charger", "ac_charger_3", "current", "10") == 1
    assert shell.lines == ["ac_charger_3 42001 output_current_limit = 10 A: taken, and not held"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("ac_charger_3", "current", "5"), "refused: That is less than the charger can be limited to"),
        (("ac_charger_3", "power", "5000"), "refused: The plant or this device has no such thing."),
        (("ac_charger_4", "start"), "ac_charger_4: no such charger; known: ac_charger_3, dc_charger_1"),
        (("plant", "stop"), "plant: no such charger; known: "),
    ],
)
async def test_what_a_charger_cannot_do_is_refused(shell: Terminal, call: tuple[str, ...], told: str) -> None:
    """Nothing is written, and the plant as a whole is never started or stopped here."""
    assert await shell.call("charger", *call) == 1
    assert shell.err.startswith(told)
    assert shell.written == []
