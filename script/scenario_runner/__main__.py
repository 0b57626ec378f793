"""The command line; see `script/scenario`."""

import argparse
import json
from pathlib import Path
import sys

from . import plot, report
from .loop import run
from .scenario import read
from .schema import ScenarioError


def main(arguments: list[str] | None = None) -> int:
    """Run scenarios; 0 only when each went as expected."""
    parser = argparse.ArgumentParser(prog="script/scenario", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.json")
    parser.add_argument("--plot", type=Path, metavar="OUT.png", help="draw powers and SOC of the last file")
    parser.add_argument("--json", action="store_true", help="print everything, for programs")
    parser.add_argument("--quiet", action="store_true", help="one line a file, and what failed")
    options = parser.parse_args(arguments)
    good = [_one(path, options) for path in options.files]
    return 0 if all(good) else 1


def _one(path: Path, options: argparse.Namespace) -> bool:
    try:
        scenario = read(path)
        trace = run(scenario, report.registers_wanted(scenario))
        verdicts = report.judge(scenario, trace)
    except ScenarioError as err:
        print(f"{path}: {err}", file=sys.stderr)
        return False
    failed = [(verdict, text) for verdict in verdicts for text in verdict.failures]
    if options.json:
        print(json.dumps(report.as_json(scenario, trace, verdicts)))
    else:
        if not options.quiet:
            print(scenario.story)
            for line in report.lines(scenario, trace):
                print(line)
            for line in report.totals(scenario, trace):
                print(line)
        print(f"{path.stem}: {len(verdicts)} expectations, {len(failed)} not met")
        for verdict, text in failed:
            print(f"  NOT MET {text}  in {json.dumps(dict(verdict.expected))}")
    if options.plot is not None:
        options.plot.write_bytes(plot.png(scenario, trace))
    return not failed


if __name__ == "__main__":
    sys.exit(main())
