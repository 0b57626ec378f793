"""`script/plant instagen …`: the same verbs, on a plant that tells only by its battery what it holds."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
import json
from pathlib import Path

import pytest

from custom_components.energy_storage.vendors.instagen import VENDOR, watch
from custom_components.energy_storage.vendors.instagen.driver import create
from script import plant
from script.plant_options import parser
from tests.conftest import InstagenFactory
from tests.simulators.instagen import InstagenConfig, InstagenSimulator
from tests.simulators.instagen_windows import number
from tests.simulators.plant import PlantConfig

CHARGE = '{"command": "charge", "power_w": 1500, "target_soc_pct": 80}'
NO_SUN = InstagenConfig(
    plant=PlantConfig(soc_pct=50.0, three_phase=False, inverter_ac_w=4_600.0, pv_peak_w=0.0),
    apply_s=(0.0, 0.0),
    refresh_s=0.2,
    close_s=0.05,
)


@pytest.fixture(autouse=True)
def in_a_hurry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Know nothing of any plant, ask without pauses, and believe at once what is seen."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    hurried = replace(VENDOR, create=partial(create, gap_s=0.0, timeout_s=0.5))
    monkeypatch.setattr(plant, "VENDORS", (hurried,))
    monkeypatch.setattr(watch, "SETTLES", timedelta(0))


async def run(sim: InstagenSimulator, *command: str) -> int:
    """Ask a plant as the command line does, inside this test's loop."""
    to = ["instagen", "--host", sim.host, "--port", str(sim.port), "--spacing", "0"]
    return await plant.run(parser().parse_args([*to, *command]))


def modes(sim: InstagenSimulator) -> list[float]:
    """Give the battery modes that were told."""
    return [number(write.values, "mode") for write in sim.writes]


async def test_read_and_registers(instagen: InstagenFactory, capsys: pytest.CaptureFixture[str]) -> None:
    """Every reading by name; every member with the numbers that lead to it."""
    sim = await instagen(NO_SUN)
    assert await run(sim, "read", "--json") == 0
    assert json.loads(capsys.readouterr().out)["soc_pct"] == 50
    assert await run(sim, "registers") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["battery_1", "904", "ess_soc", "0032", "50", "%"] in lines


async def test_plan_writes_nothing(instagen: InstagenFactory, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows the one message that would be sent."""
    sim = await instagen(NO_SUN)
    assert await run(sim, "plan", CHARGE) == 0
    assert "battery_mode = force_charge" in capsys.readouterr().out
    assert modes(sim) == []


async def test_apply_looks_until_the_battery_obeys(
    instagen: InstagenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then all is done; another process hands it back."""
    sim = await instagen(NO_SUN)
    assert await run(sim, "apply", "--yes", "--every", "0.6", CHARGE) == 0
    told = capsys.readouterr().out
    assert "looking at the battery" in told
    assert "not read back in full" not in told
    assert await run(sim, "release") == 0
    assert modes(sim) == [5, 1]


async def test_apply_says_when_the_battery_does_not_obey(
    instagen: InstagenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taken is not done, and the status says so."""
    sim = await instagen(NO_SUN)
    sim.faults.add("ignored_writes")
    assert await run(sim, "apply", "--yes", "--every", "0.05", CHARGE) == 1
    assert "not read back in full" in capsys.readouterr().out


FAULTS = {
    "port_closed": "accepts no connection",
    "silence": "does not answer",
    "closes_instead": "without an answer",
    "endless_length": "not in the maker's protocol",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_one_sentence(
    instagen: InstagenFactory, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    """Without a word about Modbus."""
    sim = await instagen(NO_SUN)
    sim.faults.add(fault, 60 if fault == "silence" else None)
    assert await run(sim, "read") == 1
    told = capsys.readouterr().err
    assert FAULTS[fault] in told
    assert "Modbus" not in told


async def test_encrypted_firmware_is_named(
    instagen: InstagenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plant is not offline."""
    sim = await instagen(replace(NO_SUN, encrypted=True, storage_when_encrypted=False))
    assert await run(sim, "read") == 1
    assert "encrypted" in capsys.readouterr().err
