"""Run a simulated device: `python -m tests.simulators sigen --port 5020`, `… instagen --port 10081`."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
import signal
import sys

from . import chint_command, instagen_command, meter_command, sigen_command
from .plant import PlantConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a vendor adds to the command line, and what runs until it is cancelled."""

    text: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Coroutine[None, None, None]]


COMMANDS: Mapping[str, Command] = {
    "chint": Command(text=chint_command.TEXT, arguments=chint_command.arguments, run=chint_command.run),
    "instagen": Command(
        text=instagen_command.TEXT, arguments=instagen_command.arguments, run=instagen_command.run
    ),
    "meter": Command(text=meter_command.TEXT, arguments=meter_command.arguments, run=meter_command.run),
    "sigen": Command(text=sigen_command.TEXT, arguments=sigen_command.arguments, run=sigen_command.run),
}


def parser() -> argparse.ArgumentParser:
    """Build the command line: one sub-command a vendor, with the same first options."""
    top = argparse.ArgumentParser(prog="python -m tests.simulators", description=__doc__)
    vendors = top.add_subparsers(dest="vendor", required=True)
    for name, command in COMMANDS.items():
        sub = vendors.add_parser(name, help=command.text, description=command.text)
        sub.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
        sub.add_argument(
            "--port", type=int, required=True, help="port to listen on; 0 lets the system choose"
        )
        sub.add_argument(
            "--seed", type=int, default=1, help="weather and household: the same seed, the same day"
        )
        sub.add_argument("--speed", type=float, default=1.0, help="simulated seconds per second (default 1)")
        sub.add_argument("--start", metavar="ISO", help="simulated time at the start (default: now)")
        _place(sub)
        command.arguments(sub)
    return top


def _place(sub: argparse.ArgumentParser) -> None:
    home = PlantConfig()
    sub.add_argument("--latitude", type=float, default=home.latitude, help="degrees north")
    sub.add_argument("--longitude", type=float, default=home.longitude, help="degrees east")
    sub.add_argument("--time-zone", default=home.time_zone, metavar="NAME", help="as Europe/Berlin")


async def main(arguments: Sequence[str] | None = None) -> None:
    """Run one device until Ctrl-C or SIGTERM."""
    options = parser().parse_args(arguments)
    task = asyncio.create_task(COMMANDS[options.vendor].run(options))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
