"""What may stand on the command line of `script/plant`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from custom_components.energy_storage.vendors import VENDORS
from custom_components.energy_storage.vendors.driver import OptionValue
from script.battery_command import CommandSyntaxError, parse, parse_limits
from script.plant_numbers import magnitude, whole
from script.plant_register_options import add_register_tools

CONTROLS = ("plan", "apply", "release", "charger", "write-register")
"""The verbs that are about commands; all but the first may write."""


def parser() -> argparse.ArgumentParser:
    """Say what the command line may hold."""
    parser = argparse.ArgumentParser(
        prog="script/plant", description="Read and command a plant without Home Assistant."
    )
    parser.add_argument("vendor", choices=[vendor.key for vendor in VENDORS])
    parser.add_argument("--host", help="address or name of an inverter")
    parser.add_argument("--port", type=_port, help="TCP port; the vendor's own when left out")
    parser.add_argument("--unit", type=_unit_id, help="unit id of the plant as a whole")
    parser.add_argument("--inverter", type=_unit_ids, help="unit ids of the inverters: 1 or 1,2")
    parser.add_argument("--ac-charger", type=_unit_ids, default=(), help="unit ids of AC chargers")
    parser.add_argument("--spacing", type=magnitude, help="seconds between two requests; the vendor's own")
    parser.add_argument("--rtu", action="store_true", help="Modbus RTU over TCP, through an adapter")
    parser.add_argument("--serial", metavar="PORT", help="Modbus RTU on this serial port, instead of --host")
    parser.add_argument("--baudrate", type=int, default=9600)
    parser.add_argument("--parity", choices=["N", "E", "O"], default="N")
    parser.add_argument("--stop-bits", type=int, choices=[1, 2], default=1)
    parser.add_argument(
        "--option",
        type=_option,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="what the vendor's options in Home Assistant would be, for example profile=sce",
    )
    parser.add_argument(
        "--profile", type=Path, action="append", default=[], metavar="FILE", help="a register map of your own"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help="read everything once")
    read.add_argument("--json", action="store_true", help="one JSON object with the state of the plant")
    watch = commands.add_parser("watch", help="print powers and SOC until Ctrl-C")
    watch.add_argument("--every", type=magnitude, metavar="SECONDS", help="the vendor's own when left out")
    registers = commands.add_parser("registers", help="every register with its raw words")
    registers.add_argument("--csv", action="store_true", help="every declared register; asks no plant")
    _add_controls(commands)
    add_register_tools(commands)
    return parser


def _add_controls(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    planned = commands.add_parser("plan", help="print the writes of a battery command; write nothing")
    applied = commands.add_parser("apply", help="carry out a battery command and read it back")
    applied.add_argument(
        "--yes", action="store_true", help="also what is not known to be safe once this program has ended"
    )
    applied.add_argument(
        "--every",
        type=magnitude,
        metavar="SECONDS",
        help="between looks at a battery that alone shows whether it obeys; the vendor's own when left out",
    )
    released = commands.add_parser("release", help="hand the plant back as it was found")
    released.add_argument("--short", action="store_true", help="only what needs no fresh SOC; the rest later")
    charger = commands.add_parser("charger", help="start, stop or limit a charger")
    charger.add_argument("device", metavar="DEVICE", help="for example ac_charger_3 or dc_charger_1")
    wanted = charger.add_subparsers(dest="request", required=True)
    wanted.add_parser("start")
    wanted.add_parser("stop")
    wanted.add_parser("current", help="of an AC charger").add_argument(
        "value", type=magnitude, metavar="AMPS"
    )
    wanted.add_parser("power", help="of a DC charger").add_argument("value", type=magnitude, metavar="WATTS")
    for command in (planned, applied):
        command.add_argument(
            "wanted", type=_json(parse), metavar="JSON", help='for example \'{"command": "hold"}\''
        )
    for command in (planned, applied, released):
        command.add_argument(
            "--limits",
            type=_json(parse_limits),
            default={},
            metavar="JSON",
            help="what the device shall hold by itself, for example '{\"export\": 3000}'",
        )
    for command in (applied, released):
        command.add_argument(
            "--take-over", action="store_true", help="also from somebody else who controls the plant"
        )
    for command in (planned, applied, released, charger):
        command.add_argument(
            "--state", type=Path, metavar="FILE", help="where to remember what was found and written"
        )


def _json[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    """Make what argparse calls; what is wrong is said by field."""

    def take(text: str) -> T:
        try:
            return parse(text)
        except CommandSyntaxError as err:
            raise argparse.ArgumentTypeError(str(err)) from err

    return take


def _option(text: str) -> tuple[str, OptionValue]:
    key, sign, value = text.partition("=")
    known = {row.key: row for vendor in VENDORS for row in vendor.options}
    if not sign or key not in known:
        raise argparse.ArgumentTypeError(f"{text}: known are {', '.join(sorted(known)) or 'none'}")
    choices = known[key].choices or ("off", "on")
    if value not in choices and not known[key].of_files:
        raise argparse.ArgumentTypeError(f"{key} is one of {', '.join(choices)}")
    return key, value if known[key].choices else value == "on"


def _port(text: str) -> int:
    return whole(text, 1, 65535)


def _unit_id(text: str) -> int:
    return whole(text, 1, 247)


def _unit_ids(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_unit_id(part) for part in text.split(",")))
