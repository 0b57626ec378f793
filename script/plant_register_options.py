"""What may stand on the command line of `script/plant` for single registers."""

import argparse
import math
from pathlib import Path

from custom_components.energy_storage.vendors.raw_access import Space
from custom_components.energy_storage.vendors.register_tools.words import Kind, WordOrder
from script.plant_numbers import magnitude, positive, whole

REGISTER_TOOLS = ("read-range", "search", "scan")
"""The verbs that look at registers of a plant; they write nothing."""
_LAST_ADDRESS = 0xFFFF


def add_register_tools(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Say what each verb takes."""
    _add_reading(commands)
    _add_finding(commands)
    write = commands.add_parser("write-register", help="write a register that is not locked; read it back")
    write.add_argument("device", metavar="DEVICE", help="for example ac_charger_3")
    write.add_argument("name", metavar="NAME", help="as search shows it")
    write.add_argument("value", metavar="VALUE")
    write.add_argument("--yes", action="store_true", help="write it; without, say what would be written")
    write.add_argument(
        "--state", type=Path, metavar="FILE", help="where to remember what was found and written"
    )


def _add_reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    read = commands.add_parser("read-range", help="read any registers now, as any type")
    scan = commands.add_parser("scan", help="read a range once and keep it in a file; goes on where it ended")
    for command in (read, scan):
        command.add_argument("address", type=_address, metavar="ADDRESS", help="30000 or 0x0700")
        command.add_argument("count", type=_count, metavar="COUNT")
        command.add_argument("--device", help="for example inverter_1; the plant as a whole when left out")
        command.add_argument(
            "--space", type=Space, choices=list(Space), default=Space.INPUT, help="function 04 or 03"
        )
        command.add_argument("--requests", type=_count, default=500, help="stop after so many")
    read.add_argument("--type", type=Kind, choices=list(Kind), default=Kind.U16)
    read.add_argument("--order", type=WordOrder, choices=list(WordOrder), help="as the maker does it")
    read.add_argument("--scale", type=positive, default=1.0)
    scan.add_argument("--save", type=Path, required=True, metavar="FILE", help="where to keep the pass")
    scan.add_argument("--label", help="what to call it; the name of the file when left out")
    scan.add_argument("--compare", type=Path, metavar="FILE", help="print what differs from this pass")


def _add_finding(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    search = commands.add_parser("search", help="declared registers by keyword, group and device")
    search.add_argument("keyword", nargs="*", help="all of them in name, unit, group or address")
    search.add_argument("--group", default="")
    search.add_argument("--device")
    search.add_argument("--groups", action="store_true", help="print the groups instead")
    find = commands.add_parser("candidates", help="where a displayed value may stand; asks no plant")
    find.add_argument(
        "seen",
        nargs="+",
        type=_sighting,
        metavar="FILE=VALUE",
        help="a kept pass and what the display showed during it; two tell much more than one",
    )
    find.add_argument("--unit", help="on the display, for example %% or kWh")
    find.add_argument("--tolerance", type=magnitude, help="half a step of the last digit shown when left out")
    find.add_argument("--name", default="found", help="of the register in the row")
    find.add_argument("--most", type=_count, default=10, help="how many to print")
    find.add_argument("--rows", action="store_true", help="print rows for a register map, as JSON")


def _sighting(text: str) -> tuple[Path, float]:
    file, _, value = text.rpartition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not file or not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is no FILE=VALUE")
    return Path(file), number


def _address(text: str) -> int:
    return whole(text, 0, _LAST_ADDRESS)


def _count(text: str) -> int:
    return whole(text, 1, _LAST_ADDRESS + 1)
