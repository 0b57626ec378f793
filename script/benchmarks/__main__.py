"""The command line of the benchmarks; see `script/bench`."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
import json
import subprocess
import sys

from .figures import BenchmarkError, Figure, Measure, Options, table

PARTS = ("link", "loop", "engine", "control", "memory", "rows", "entities")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line names; 0 when figures came out, whatever they are."""
    asked = parser().parse_args(arguments)
    options = Options(hours=asked.hours, delays_ms=asked.delays, spacings_s=asked.spacings)
    parts = asked.parts or PARTS
    if len(parts) > 1:
        return _each_in_a_process(parts, asked)
    try:
        figures = asyncio.run(_measure(parts[0], options))
    except BenchmarkError as err:
        print(f"{parts[0]}: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if asked.json:
        print(json.dumps({parts[0]: [asdict(figure) for figure in figures]}, indent=2))
    else:
        print(table(parts[0], figures))
    return 0


def parser() -> argparse.ArgumentParser:
    """Say what the command line may hold."""
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Measure what the integration costs; figures only, no judgement."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", type=_part, help=f"{', '.join(PARTS)}; else all")
    parser.add_argument("--json", action="store_true", help="one JSON object: part → figures")
    parser.add_argument("--hours", type=int, default=24, help="rows: how much of the day (default 24)")
    parser.add_argument(
        "--delays", type=_whole_numbers, default=(0, 20, 200), metavar="0,20,200", help="link: milliseconds"
    )
    parser.add_argument(
        "--spacings", type=_numbers, default=(1.0, 0.1), metavar="1,0.1", help="link: s between requests"
    )
    return parser


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(PARTS)}")
    return text


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _whole_numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


async def _measure(part: str, options: Options) -> Sequence[Figure]:
    # Imported only now: what one part loads would falsify the cold figures of another.
    measure: Measure = import_module(f".{part}", __package__).measure
    return await measure(options)


def _each_in_a_process(parts: Sequence[str], asked: argparse.Namespace) -> int:
    """Measure one part after another, none disturbed by what the one before has left in memory."""
    status = 0
    found: dict[str, object] = {}
    for part in parts:
        command = [
            *(sys.executable, "-m", __package__ or "", part, "--hours", str(asked.hours)),
            *("--delays", ",".join(map(str, asked.delays)), "--spacings", ",".join(map(str, asked.spacings))),
        ]
        if asked.json:
            done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, check=False)  # noqa: S603  ourselves
            found |= json.loads(done.stdout or "{}")
        else:
            done = subprocess.run(command, check=False)  # noqa: S603  ourselves
        status = status or done.returncode
    if asked.json:
        print(json.dumps(found, indent=2))
    return status


if __name__ == "__main__":
    sys.exit(main())
