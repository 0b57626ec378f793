"""What the command lines of devices on a line share: options, faults, and serving until cancelled."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
import signal
from typing import Any

from .faults import FaultKind
from .line_device import Line, LineDevice

LINES: tuple[Line, ...] = ("tcp", "rtu_tcp", "serial")
_LOOK_EVERY_S = 0.2


def add_line(parser: argparse.ArgumentParser, faults: Mapping[str, FaultKind], *, line: Line) -> None:
    """Add unit id, line and faults."""
    parser.add_argument("--unit", type=int, default=1, help="unit id (default 1)")
    parser.add_argument(
        "--line",
        choices=LINES,
        default=line,
        help=f"Modbus TCP, RTU frames over TCP, or a pseudo terminal, which needs no port (default {line})",
    )
    known = "; ".join(f"{name}: {kind.text}" for name, kind in faults.items()).replace("%", "%%")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[=VALUE]", help=f"repeatable. {known}"
    )


async def serve(
    sim: LineDevice[Any], options: argparse.Namespace, title: str, news: Callable[[], list[str]]
) -> None:
    """Say where it listens, then print its news until cancelled; each SIGUSR1 moves it an hour on."""
    for text in options.fault:
        name, _, value = text.partition("=")
        sim.faults.add(name, float(value) if value else None)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, sim.advance, 3600.0)
    async with sim.serving(options.host, options.port):
        where = sim.device if options.line == "serial" else f"{sim.host}:{sim.port}"
        print(f"{title} on {where}", flush=True)  # noqa: T201  the one line that says it listens
        while True:
            for line in news():
                print(line, flush=True)  # noqa: T201  asked for
            await asyncio.sleep(_LOOK_EVERY_S)
