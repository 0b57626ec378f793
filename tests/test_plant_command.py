"""`script/plant`: a plant on the command line."""

import asyncio
import csv
from dataclasses import fields
from itertools import product
import json
from pathlib import Path

import pytest

from custom_components.energy_storage.engine.command import BatteryCommand, CommandKind, Limit
from custom_components.energy_storage.engine.plant import PlantState
from custom_components.energy_storage.vendors.chint.refusals import Refusal as ChintRefusal
from custom_components.energy_storage.vendors.raw_access import Lock
from custom_components.energy_storage.vendors.register_tools.writable import CONTROL_ON, code_of
from custom_components.energy_storage.vendors.sigen.abilities import PlantFacts, abilities
from custom_components.energy_storage.vendors.sigen.held import Installation
from custom_components.energy_storage.vendors.sigen.version import Version
from custom_components.energy_storage.vendors.sigen.write_guards import Refusal
from script import battery_command, plant, plant_words
from script.plant_options import parser
from tests.conftest import SigenFactory
from tests.simulators.sigen import SigenConfig, SigenSimulator

PLANT = SigenConfig(speed=0, version="V2.9", inverters=(1, 2), ac_chargers=(5,), dc_charger=1)
REASONS = {
    able.reason
    for version, battery in product(Version, (True, False))
    for able in abilities(
        PlantFacts(version=version, offered=frozenset(), has_battery=battery), Installation()
    ).values()
    if able.reason
}
"""Why a plant may not offer a command."""
LOCKS = {CONTROL_ON, "write_budget", *(code_of(lock) for lock in Lock)}
"""Why a register is not written."""
DEVICES = ("--inverter", "1,2", "--ac-charger", "5")


@pytest.fixture(autouse=True)
def no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Know nothing of any plant that this machine has seen."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def run(sim: SigenSimulator, *command: str) -> int:
    """Ask a plant as the command line does, inside this test's loop."""
    options = parser().parse_args(
        ["sigen", "--host", sim.host, "--port", str(sim.port), "--spacing", "0", *DEVICES, *command]
    )
    return await plant.run(options)


async def test_json_has_the_names_of_the_state(
    sigen: SigenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object, nothing in it that JSON does not know."""
    await run(await sigen(PLANT), "read", "--json")
    state = json.loads(capsys.readouterr().out)
    assert state.keys() == {field.name for field in fields(PlantState)}
    assert state["soc_pct"] == pytest.approx(50, abs=1)
    assert state["counters_kwh"]["pv_energy"] > 0
    assert state["reachable"]["ac_charger_5"] is True
    assert state["read_at"].endswith("+00:00")


async def test_an_alarm_of_the_plant_alone_is_in_the_first_reading(
    sigen: SigenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its word is asked once more after those of the inverters, which could have been its reason."""
    sim = await sigen(PLANT)
    sim.set_raw("plant_alarm_1", (1 << 3,))
    await run(sim, "read", "--json")
    alarms = json.loads(capsys.readouterr().out)["alarms"]
    assert [(alarm["device"], alarm["code"]) for alarm in alarms] == [("plant", "1004")]


async def test_read_prints_every_point(sigen: SigenFactory, capsys: pytest.CaptureFixture[str]) -> None:
    """With its device and its unit."""
    sim = await sigen(PLANT)
    sim.set("pcs_internal_temperature", 41.5, unit=2)
    await run(sim, "read")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["inverter_2", "pcs_internal_temperature", "41.5", "°C"] in lines
    assert any(line[:2] == ["plant", "load_power_w"] for line in lines)


async def test_registers_prints_raw_words(sigen: SigenFactory, capsys: pytest.CaptureFixture[str]) -> None:
    """Next to what they mean; a dash for what cannot be read."""
    sim = await sigen(PLANT)
    sim.set("ess_backup_soc", 25.5)
    await run(sim, "registers")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["plant", "40046", "ess_backup_soc", "00ff", "25.5", "%"] in lines
    assert ["plant", "40000", "plant_start_stop", "-", "-"] in lines
    assert lines[0][-1].endswith("+00:00")


async def test_watch_prints_a_line_a_poll(sigen: SigenFactory, capsys: pytest.CaptureFixture[str]) -> None:
    """Until somebody stops it."""
    watching = asyncio.create_task(run(await sigen(PLANT), "watch", "--every", "0.01"))
    lines: list[str] = []
    while len(lines) < 3 and not watching.done():
        await asyncio.sleep(0.01)
        lines += capsys.readouterr().out.splitlines()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    assert lines[0].split()[1:3] == ["SOC", "%"]
    assert len(lines[1].split()) == len(lines[2].split()) == 6


def test_declared_registers_need_no_plant(capsys: pytest.CaptureFixture[str]) -> None:
    """One row a register, with the value of one raw step."""
    assert plant.main(["sigen", "registers", "--csv"]) == 0
    rows = {
        (row["area"], row["address"]): row for row in csv.DictReader(capsys.readouterr().out.splitlines())
    }
    assert len(rows) == 274 + 146 + 17 + 12
    assert rows["plant", "30014"] == {
        "area": "plant",
        "kind": "input",
        "address": "30014",
        "count": "1",
        "type": "u16",
        "scale": "0.1",
        "unit": "%",
        "access": "RO",
        "name": "ess_soc",
    }
    assert rows["plant", "40032"]["access"] == "RW"
    assert rows["inverter", "40500"]["access"] == "WO"
    assert rows["ac_charger", "32012"]["type"] == "bits"
    assert rows["inverter", "30500"]["type"] == "string"
    assert {row["kind"] for row in rows.values()} == {"input", "holding"}


@pytest.mark.usefixtures("socket_enabled")
def test_a_closed_port_is_one_plain_sentence(
    unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """No stack trace, and the exit says that it failed."""
    assert plant.main(["sigen", "--host", "127.0.0.1", "--port", str(unused_tcp_port), "read"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"127.0.0.1 accepts no connection on port {unused_tcp_port}")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_without_a_host_there_is_nothing_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence says what is missing."""
    assert plant.main(["sigen", "read"]) == 2
    assert "--host" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "99999"), ("--port", "0"), ("--spacing", "-1"), ("--unit", "999"), ("--inverter", "1,x")],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    """With the option's name, and without a stack trace."""
    with pytest.raises(SystemExit):
        plant.main(["sigen", "--host", "127.0.0.1", option, value, "read"])
    assert f"argument {option}: " in capsys.readouterr().err


def test_a_unit_id_named_twice_is_one_device() -> None:
    """The list of ids is a set in the order of the owner."""
    options = parser().parse_args(["sigen", "--inverter", "2,1,2", "read"])
    assert options.inverter == (2, 1)


async def test_watch_outlives_an_outage(sigen: SigenFactory, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is wrong, and goes on when the plant is back."""
    sim = await sigen(PLANT)
    watching = asyncio.create_task(run(sim, "watch", "--every", "0.01"))

    async def seen(lines: int = 0, fault: str = "") -> None:
        out, err = "", ""
        while out.count("\n") < lines or fault not in err:
            assert not watching.done()
            await asyncio.sleep(0.01)
            captured = capsys.readouterr()
            out, err = out + captured.out, err + captured.err

    await seen(lines=2)
    sim.faults.add("modbus_off")
    await seen(fault=f"accepts no connection on port {sim.port}")
    sim.faults.clear()
    await seen(lines=2)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def test_plan_prints_the_writes_in_their_order(
    sigen: SigenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """With address, value, words, purpose and what to wait for; nothing reaches the plant."""
    sim = await sigen(PLANT)
    text = '{"command": "charge", "power_w": 3000, "grid_allowed": true, "target_soc_pct": 80}'
    await run(sim, "plan", text)
    assert capsys.readouterr().out.splitlines() == [
        "plant 40029 remote_ems_enable = on  (0x06 0001; enter, then wait for ems_work_mode = remote_ems)",
        "plant 40032 ess_max_charge_limit = 3000 W  (0x10 0000 0bb8; charge)",
        "plant 40047 ess_charge_cutoff_soc = 80 %  (0x06 0320; charge)",
        "plant 40031 remote_ems_control_mode = charge_pv_first  (0x06 0004; charge)",
    ]
    assert sim.writes == []


async def test_plan_says_when_there_is_nothing_to_write(
    sigen: SigenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plant in its own self-consumption needs nothing for it."""
    await run(await sigen(PLANT), "plan", '{"command": "self_consume"}')
    assert capsys.readouterr().out == "nothing to write\n"


async def test_plan_prints_a_refusal_with_its_code(
    sigen: SigenFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit says that it failed."""
    sim = await sigen(PLANT)
    sim.change("pv_max_power_limit", 0)
    assert await run(sim, "plan", '{"command": "charge"}') == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("refused: The plant stores a PV limit of 0, ")
    assert captured.err.endswith(" (pv_limit_zero)\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("3", 'not a JSON object: expected {"command": …}'),
        ("{}", "command: missing; one of: self_consume, hold, idle, charge, discharge"),
        ('{"command": "chrge"}', 'command: "chrge" is unknown; one of: self_consume'),
        ('{"command": ["hold"]}', 'command: ["hold"] is unknown; one of: self_consume'),
        (
            '{"command": "charge", "powr_w": 3000}',
            "powr_w: charge has no such field; its fields: power_w, target_soc_pct, grid_allowed",
        ),
        ('{"command": "idle", "power_w": 1}', "power_w: idle has no such field; its fields: none"),
        ('{"command": "charge", "power_w": "3000"}', 'power_w: expected a number, not "3000"'),
        ('{"command": "charge", "power_w": true}', "power_w: expected a number, not true"),
        ('{"command": "charge", "power_w": NaN}', "power_w: expected a number, not NaN"),
        ('{"command": "charge", "power_w": -1}', "power_w: -1 is less than 0"),
        ('{"command": "charge", "target_soc_pct": 101}', "target_soc_pct: 101 is more than 100"),
        ('{"command": "charge", "grid_allowed": "no"}', "grid_allowed: expected true or false"),
        ('{"command": "shave"}', "max_import_w: shave needs it"),
    ],
)
def test_a_command_that_is_none_is_refused_by_field(
    capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """Before any plant is asked."""
    with pytest.raises(SystemExit):
        plant.main(["sigen", "--host", "127.0.0.1", "plan", text])
    assert f"argument JSON: {message}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["apply", "--limits", '{"exprt": 1}', "{}"],
            "--limits: exprt: no such limit; one of: export, import",
        ),
        (["apply", "--limits", '{"main_fuse": 1}', "{}"], "--limits: main_fuse: no such limit"),
        (["release", "--limits", '{"export": -1}'], "--limits: export: -1 is less than 0"),
        (["release", "--limits", '{"export": 1e9}'], "--limits: export: 1e+09 is more than 100000"),
        (["plan", "--limits", '{"charge_cutoff": 101}', "{}"], "charge_cutoff: 101 is more than 100"),
        (["plan", "--limits", "[]", "{}"], 'not a JSON object: expected {"export": …}'),
        (["charger", "ac_charger_3", "current", "-1"], "AMPS: -1 is no number from 0 up"),
        (["charger", "dc_charger_1", "power", "nan"], "WATTS: nan is no number from 0 up"),
        (["charger", "dc_charger_1"], "the following arguments are required: request"),
        (["release", "now"], "unrecognized arguments: now"),
    ],
)
def test_a_call_that_makes_no_sense_ends_before_any_plant_is_asked(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """With the exit status of a wrong call."""
    with pytest.raises(SystemExit) as end:
        plant.main(["sigen", "--host", "127.0.0.1", *arguments])
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_limits_are_watts_and_percent() -> None:
    """Null names none."""
    assert battery_command.parse_limits('{"export": 3000, "import": null, "backup_reserve": 20.5}') == {
        Limit.EXPORT: 3000,
        Limit.BACKUP_RESERVE: 20.5,
    }


@pytest.mark.parametrize("code", sorted({*Refusal, *ChintRefusal, *REASONS, *LOCKS}))
def test_every_code_has_a_sentence(code: str) -> None:
    """Nobody has to look up what a refusal means."""
    assert plant_words.sentence(code) != plant_words.sentence(None)


def test_charging_without_the_grid_is_hold() -> None:
    """Only the sun is left to charge from."""
    command = battery_command.parse('{"command": "charge", "power_w": 3000, "grid_allowed": false}')
    assert command == BatteryCommand(kind=CommandKind.HOLD, max_charge_w=3000)


def test_null_is_no_limit() -> None:
    """As leaving it out."""
    assert battery_command.parse('{"command": "charge", "power_w": null}') == BatteryCommand(
        kind=CommandKind.CHARGE
    )
